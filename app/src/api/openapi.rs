//! The OpenAPI document of the REST paths, generated from the same catalog that serves them.

use std::collections::BTreeMap;

use jmes_proto::prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{json, Map, Value};

use super::{
    catalog::{Binding, Catalog, Endpoint},
    fields::parameters,
    template::{Segment, Template},
};

/// The document, in version 3.0 of the format.
pub fn document(catalog: &Catalog) -> Value {
    let mut schemas = Schemas::default();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for endpoint in catalog.endpoints() {
        for (index, binding) in endpoint.bindings.iter().enumerate() {
            let operation = operation(endpoint, binding, index, &mut schemas);
            let method = binding.method.as_str().to_ascii_lowercase();
            paths.entry(plain_path(&binding.template)).or_default().insert(method, operation);
        }
    }
    schemas.known.insert("Error".to_owned(), error_schema());
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "JMES REST API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Amounts are integers of Nils (ujmes) in strings, as are all 64-bit numbers. \
                The request header x-cosmos-block-height asks for the state at an earlier height.",
        },
        "paths": paths,
        "components": { "schemas": schemas.known },
    })
}

/// The template with its variables' names as the format wants them: `/a/{b}/{c}`.
fn plain_path(template: &Template) -> String {
    let mut path = String::new();
    let mut at = 0;
    while let Some(segment) = template.segments.get(at) {
        path.push('/');
        match template.variables.iter().find(|variable| variable.segments.start == at) {
            Some(variable) => {
                path.push_str(&format!("{{{}}}", variable.field));
                at = variable.segments.end;
            }
            None => {
                path.push_str(match segment {
                    Segment::Literal(text) => text,
                    Segment::One => "*",
                    Segment::Rest => "**",
                });
                at += 1;
            }
        }
    }
    path
}

fn operation(endpoint: &Endpoint, binding: &Binding, index: usize, schemas: &mut Schemas) -> Value {
    let (service, method) = endpoint.path.trim_start_matches('/').split_once('/').unwrap_or_default();
    let in_path = |name: &str| binding.template.variables.iter().any(|variable| variable.field == name);
    let mut listed = Vec::new();
    for (name, field) in parameters(&endpoint.input) {
        let is_path = in_path(&name);
        if is_path || !binding.has_body {
            listed.push(json!({
                "name": name,
                "in": if is_path { "path" } else { "query" },
                "required": is_path,
                "schema": schemas.field(&field),
            }));
        }
    }
    let suffix = if index == 0 { String::new() } else { format!("_{index}") };
    let mut operation = json!({
        "operationId": format!("{}{suffix}", endpoint.path.trim_start_matches('/').replace(['.', '/'], "_")),
        "summary": method,
        "tags": [service],
        "parameters": listed,
        "responses": {
            "200": { "description": "The answer.", "content": content(schemas.message(&endpoint.output)) },
            "default": {
                "description": "A refusal.",
                "content": content(json!({ "$ref": "#/components/schemas/Error" })),
            },
        },
    });
    if binding.has_body {
        operation["requestBody"] =
            json!({ "required": true, "content": content(schemas.message(&endpoint.input)) });
    }
    operation
}

fn content(schema: Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "type": "integer", "description": "A gRPC status code." },
            "message": { "type": "string" },
            "details": { "type": "array", "items": {} },
        },
    })
}

/// The message types used, by full name.
#[derive(Default)]
struct Schemas {
    known: Map<String, Value>,
}

impl Schemas {
    /// A reference to the message's schema, which is added if it is new. Well-known types stand for themselves.
    fn message(&mut self, message: &MessageDescriptor) -> Value {
        let name = message.full_name();
        match name {
            "google.protobuf.Any" => {
                return json!({
                    "type": "object",
                    "properties": { "@type": { "type": "string" } },
                    "additionalProperties": true,
                })
            }
            "google.protobuf.Timestamp" => return json!({ "type": "string", "format": "date-time" }),
            "google.protobuf.Duration" => return json!({ "type": "string", "example": "3600s" }),
            _ => {}
        }
        if !self.known.contains_key(name) {
            // The place is taken first: a type can contain itself.
            self.known.insert(name.to_owned(), Value::Null);
            let mut properties = Map::new();
            for field in message.fields() {
                properties.insert(field.name().to_owned(), self.field(&field));
            }
            self.known.insert(name.to_owned(), json!({ "type": "object", "properties": properties }));
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        let kind = field.kind();
        if let (true, Kind::Message(entry)) = (field.is_map(), &kind) {
            let value = self.value(&entry.map_entry_value_field().kind());
            return json!({ "type": "object", "additionalProperties": value });
        }
        let value = self.value(&kind);
        if field.is_list() {
            return json!({ "type": "array", "items": value });
        }
        value
    }

    fn value(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Message(message) => self.message(message),
            Kind::Enum(kind) => json!({ "type": "string", "enum": names(kind) }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::String => json!({ "type": "string" }),
            Kind::Bytes => json!({ "type": "string", "format": "byte" }),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({ "type": "string", "format": "int64" }),
            Kind::Uint64 | Kind::Fixed64 => json!({ "type": "string", "format": "uint64" }),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Uint32 | Kind::Fixed32 => {
                json!({ "type": "integer" })
            }
            Kind::Double | Kind::Float => json!({ "type": "number" }),
        }
    }
}

fn names(kind: &EnumDescriptor) -> Vec<String> {
    kind.values().map(|value| value.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        let queries = ["/cosmos.bank.v1beta1.Query/Balance", "/cosmos.bank.v1beta1.Query/DenomMetadata"];
        Catalog::new(jmes_proto::pool(), &queries)
    }

    #[test]
    fn every_reference_is_to_a_schema_that_is_there() {
        fn check(value: &Value, schemas: &Map<String, Value>) {
            match value {
                Value::Object(map) => {
                    if let Some(Value::String(target)) = map.get("$ref") {
                        let name = target.trim_start_matches("#/components/schemas/");
                        assert!(schemas.get(name).is_some_and(Value::is_object), "{target}");
                    }
                    map.values().for_each(|value| check(value, schemas));
                }
                Value::Array(list) => list.iter().for_each(|value| check(value, schemas)),
                _ => {}
            }
        }
        let document = document(&catalog());
        let schemas = document["components"]["schemas"].as_object().unwrap();
        check(&document["paths"], schemas);
        check(&document["components"], schemas);
    }

    #[test]
    fn only_what_is_served_is_described() {
        let document = document(&catalog());
        let paths = document["paths"].as_object().unwrap();
        let balance = &paths["/cosmos/bank/v1beta1/balances/{address}/by_denom"]["get"];
        assert_eq!(balance["parameters"][0]["in"], "path");
        assert_eq!(balance["parameters"][1]["in"], "query");
        assert!(paths.contains_key("/cosmos/bank/v1beta1/denoms_metadata/{denom}"));
        assert!(paths["/cosmos/tx/v1beta1/simulate"]["post"]["requestBody"].is_object());
        assert!(!paths.contains_key("/cosmos/bank/v1beta1/supply"));
    }
}
