//! Every call that the doors answer, and the REST routes to it, both read from the descriptor set at startup: what the
//! route table or [`node`](super::node) answers is served, with no list of endpoints besides.

use std::collections::HashMap;

use http::Method;
use jmes_proto::prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, MessageDescriptor, MethodDescriptor,
};

use super::{
    fields::Field,
    node::NodeMethod,
    routes::Routes,
    template::{self, Segment, Template},
};

/// Who answers a call.
#[derive(Clone, Copy, Debug)]
pub enum Answerer {
    /// The chain's route table, out of committed state.
    State(&'static str),
    /// This node, with the engine's help.
    Node(NodeMethod),
}

/// A unary call.
#[derive(Debug)]
pub struct Endpoint {
    /// As gRPC names it: `/cosmos.bank.v1beta1.Query/Balance`.
    pub path: String,
    /// The request's type.
    pub input: MessageDescriptor,
    /// The answer's type.
    pub output: MessageDescriptor,
    /// Who answers it.
    pub answerer: Answerer,
    /// Its REST routes.
    pub bindings: Vec<Binding>,
}

/// A REST route to an endpoint, from its `google.api.http` option.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The HTTP method.
    pub method: Method,
    /// The path.
    pub template: Template,
    /// Whether the HTTP body is the request; if not, query parameters are.
    pub has_body: bool,
}

/// Where a REST route leads: an endpoint, and which segments of the path are which fields of its request.
#[derive(Debug)]
pub struct Target {
    /// The HTTP method.
    pub method: Method,
    /// Index of the endpoint.
    pub endpoint: usize,
    /// Whether the HTTP body is the request.
    pub has_body: bool,
    /// The path's variables.
    pub variables: Vec<PathField>,
}

/// A request field in the path.
#[derive(Debug)]
pub struct PathField {
    /// Its name.
    pub name: String,
    /// The field.
    pub field: Field,
    /// The first segment.
    pub from: usize,
    /// After the last segment; `None` for all that follow.
    pub to: Option<usize>,
}

/// All endpoints, by gRPC path and by REST route.
#[derive(Debug)]
pub struct Catalog {
    endpoints: Vec<Endpoint>,
    by_path: HashMap<String, usize>,
    routes: Routes<Vec<Target>>,
    services: Vec<String>,
}

impl Catalog {
    /// The catalog of what `queries` (paths of the route table) and the node's own methods answer. What has no descriptor
    /// is left out, as are routes that can't be served; the tests exclude both.
    pub fn new(pool: &DescriptorPool, queries: &[&'static str]) -> Self {
        let http = pool.get_extension_by_name("google.api.http");
        let queries: HashMap<&str, &'static str> = queries.iter().map(|path| (*path, *path)).collect();
        let mut catalog = Self {
            endpoints: Vec::new(),
            by_path: HashMap::new(),
            routes: Routes::new(),
            services: Vec::new(),
        };
        for service in pool.services() {
            let before = catalog.endpoints.len();
            for method in service.methods() {
                let path = format!("/{}/{}", service.full_name(), method.name());
                let answerer = match queries.get(path.as_str()) {
                    Some(path) => Answerer::State(path),
                    None => match NodeMethod::of(&path) {
                        Some(method) => Answerer::Node(method),
                        None => continue,
                    },
                };
                let bindings = http.as_ref().map_or_else(Vec::new, |http| bindings(&method, http));
                catalog.add(Endpoint {
                    path,
                    input: method.input(),
                    output: method.output(),
                    answerer,
                    bindings,
                });
            }
            if catalog.endpoints.len() > before {
                catalog.services.push(service.full_name().to_owned());
            }
        }
        catalog
    }

    /// All endpoints, services and their methods in the descriptor set's order.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Full names of the services with at least one endpoint.
    pub fn services(&self) -> &[String] {
        &self.services
    }

    /// The endpoint of a gRPC path.
    pub fn by_path(&self, path: &str) -> Option<&Endpoint> {
        self.by_path.get(path).map(|index| &self.endpoints[*index])
    }

    /// The REST routes.
    pub fn routes(&self) -> &Routes<Vec<Target>> {
        &self.routes
    }

    /// The endpoint a route leads to.
    pub fn endpoint(&self, target: &Target) -> &Endpoint {
        &self.endpoints[target.endpoint]
    }

    fn add(&mut self, endpoint: Endpoint) {
        let index = self.endpoints.len();
        for binding in &endpoint.bindings {
            let variables = path_fields(&endpoint.input, &binding.template);
            let Some(variables) = variables else { continue };
            let targets = self.routes.entry(&binding.template).get_or_insert_with(Vec::new);
            // The Cosmos SDK itself defines `bech32/{…}` twice; as in the gateway, the later one has the route.
            targets.retain(|target| target.method != binding.method);
            let (method, has_body) = (binding.method.clone(), binding.has_body);
            targets.push(Target { method, endpoint: index, has_body, variables });
        }
        self.by_path.insert(endpoint.path.clone(), index);
        self.endpoints.push(endpoint);
    }
}

fn path_fields(input: &MessageDescriptor, template: &Template) -> Option<Vec<PathField>> {
    let ends_open = template.segments.last() == Some(&Segment::Rest);
    let field = |variable: &template::Variable| {
        let reaches_end = variable.segments.end == template.segments.len();
        Some(PathField {
            name: variable.field.clone(),
            field: Field::find(input, &variable.field)?,
            from: variable.segments.start,
            to: (!(reaches_end && ends_open)).then_some(variable.segments.end),
        })
    };
    template.variables.iter().map(field).collect()
}

fn bindings(method: &MethodDescriptor, http: &ExtensionDescriptor) -> Vec<Binding> {
    let options = method.options();
    if !options.has_extension(http) {
        return Vec::new();
    }
    let rule = options.get_extension(http);
    let Some(rule) = rule.as_message() else { return Vec::new() };
    let more = rule.get_field_by_name("additional_bindings");
    let more = more.as_ref().and_then(|list| list.as_list()).unwrap_or_default();
    let rules = std::iter::once(rule).chain(more.iter().filter_map(|rule| rule.as_message()));
    rules.filter_map(binding).collect()
}

/// Bodies that are but one field of the request (`body: "name"`) occur in no Cosmos API and are not served.
fn binding(rule: &DynamicMessage) -> Option<Binding> {
    let text = |name: &str| match rule.get_field_by_name(name) {
        Some(value) => value.as_str().filter(|text| !text.is_empty()).map(str::to_owned),
        None => None,
    };
    let methods = [
        ("get", Method::GET),
        ("post", Method::POST),
        ("put", Method::PUT),
        ("delete", Method::DELETE),
        ("patch", Method::PATCH),
    ];
    let (path, method) = methods.into_iter().find_map(|(name, method)| Some((text(name)?, method)))?;
    let has_body = match text("body").as_deref() {
        None => false,
        Some("*") => true,
        Some(_) => return None,
    };
    Some(Binding { method, template: template::parse(&path)?, has_body })
}
