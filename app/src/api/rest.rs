//! REST: the calls of the catalog as JSON over HTTP/1.1, with the paths of their `google.api.http` options, and in the
//! answers' form what clients of Cosmos chains know from the gRPC gateway.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use http::{header, HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use jmes_modules::kernel::{QueryCode, QueryError};
use jmes_proto::json;

use super::{
    catalog::{Endpoint, Target},
    desk::Desk,
    fields::{decode, Field},
    openapi,
    routes::Path,
    status::{error_body, http_status},
};
use crate::chain::Answer;

/// In requests, the height to answer at; in answers, the height answered at.
pub const HEIGHT_KEY: &str = "x-cosmos-block-height";

const HEIGHT: HeaderName = HeaderName::from_static(HEIGHT_KEY);

/// The same as the gRPC gateway passes it on.
const GATEWAY_HEIGHT: HeaderName = HeaderName::from_static("grpc-metadata-x-cosmos-block-height");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const DOCS: &str = include_str!("docs.html");
const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'",
);

type HttpResponse = Response<Full<Bytes>>;

/// The REST door.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    desk: Arc<Desk>,
    cors: bool,
    openapi: OnceLock<Bytes>,
}

/// A refusal with its HTTP status.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    error: QueryError,
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        Self { status: http_status(error.code), error }
    }
}

impl Refusal {
    fn http(status: StatusCode, code: QueryCode, message: impl Into<String>) -> Self {
        Self { status, error: QueryError::new(code, message) }
    }
}

impl hyper::service::Service<Request<Incoming>> for Service {
    type Response = HttpResponse;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.answer(request).await) })
    }
}

impl Service {
    /// The door to `desk`; with `cors`, pages of any site may read the answers.
    pub fn new(desk: Arc<Desk>, cors: bool) -> Self {
        Self(Arc::new(Inner { desk, cors, openapi: OnceLock::new() }))
    }

    /// Answers any request.
    pub async fn answer<B>(&self, request: Request<B>) -> HttpResponse
    where
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let mut response = match (request.method(), request.uri().path()) {
            (&Method::OPTIONS, _) if self.0.cors => preflight(),
            (&Method::GET | &Method::HEAD, "/" | "/docs" | "/swagger/") => docs(),
            (&Method::GET | &Method::HEAD, "/openapi.json") => self.openapi(),
            (&Method::GET | &Method::HEAD, "/health") => self.health(),
            _ => self.call(request).await.unwrap_or_else(|refusal| {
                let body = error_body(refusal.error.code as u32, &refusal.error.message);
                let mut response = json_response(body);
                *response.status_mut() = refusal.status;
                response
            }),
        };
        if self.0.cors {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        response
    }

    async fn call<B>(&self, request: Request<B>) -> Result<HttpResponse, Refusal>
    where
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let (head, body) = request.into_parts();
        let desk = &self.0.desk;
        let unknown = || Refusal::from(QueryError::new(QueryCode::Unimplemented, "Not Implemented"));
        let path = Path::split(head.uri.path()).ok_or_else(unknown)?;
        let targets = desk.catalog.routes().find(&path).ok_or_else(unknown)?;
        let method = if head.method == Method::HEAD { Method::GET } else { head.method };
        let Some(target) = targets.iter().find(|target| target.method == method) else {
            let (status, code) = (StatusCode::METHOD_NOT_ALLOWED, QueryCode::Unimplemented);
            return Err(Refusal::http(status, code, "Method Not Allowed"));
        };
        let endpoint = desk.catalog.endpoint(target);
        let height = height(&head.headers)?;
        let _place = if target.has_body { Some(desk.place().await?) } else { None };
        let mut message = if target.has_body {
            self.read_body(body, endpoint).await?
        } else {
            self.read_query(head.uri.query().unwrap_or_default(), endpoint)?
        };
        read_path(&path, target, &mut message)?;
        // As long as it may wait for its turn with the engine, and as long again for the answer.
        let time = desk.limits.time * 2;
        let answer = tokio::time::timeout(time, desk.answer(endpoint, message, height)).await;
        let answer = answer.map_err(|_| {
            let message = format!("there was no answer within {time:?}");
            Refusal::http(StatusCode::GATEWAY_TIMEOUT, QueryCode::Unavailable, message)
        })?;
        to_response(endpoint, &answer?)
    }

    /// The request message out of a JSON body.
    async fn read_body<B>(&self, body: B, endpoint: &Endpoint) -> Result<Vec<u8>, Refusal>
    where
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let limits = self.0.desk.limits;
        let too_large = || {
            let message = format!("the body has more than {} bytes", limits.body_bytes);
            Refusal::http(StatusCode::PAYLOAD_TOO_LARGE, QueryCode::InvalidArgument, message)
        };
        if body.size_hint().lower() > limits.body_bytes as u64 {
            return Err(too_large());
        }
        let read = Limited::new(body, limits.body_bytes).collect();
        let body = match tokio::time::timeout(limits.time, Box::pin(read)).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(e)) if e.is::<http_body_util::LengthLimitError>() => return Err(too_large()),
            Ok(Err(e)) => return Err(QueryError::invalid(format!("the body can't be read: {e}")).into()),
            Err(_) => {
                let message = format!("the body did not arrive within {:?}", limits.time);
                let (status, code) = (StatusCode::REQUEST_TIMEOUT, QueryCode::InvalidArgument);
                return Err(Refusal::http(status, code, message));
            }
        };
        if body.trim_ascii().is_empty() {
            return Ok(Vec::new());
        }
        json::from_json(&endpoint.input, &body).map_err(|e| QueryError::invalid(e.to_string()).into())
    }

    /// The request message out of query parameters; those that name no field are left out, as clients expect.
    fn read_query(&self, query: &str, endpoint: &Endpoint) -> Result<Vec<u8>, Refusal> {
        let limit = self.0.desk.limits.query_bytes;
        if query.len() > limit {
            let message = format!("the query string has {} bytes, more than {limit}", query.len());
            return Err(Refusal::http(StatusCode::URI_TOO_LONG, QueryCode::InvalidArgument, message));
        }
        let mut message = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, true).ok_or_else(broken_escape)?;
            if let Some(field) = Field::find(&endpoint.input, &name) {
                let value = decode(value, true).ok_or_else(broken_escape)?;
                field.write(&value, &mut message).map_err(|why| wrong_parameter(&name, &why))?;
            }
        }
        Ok(message)
    }

    fn openapi(&self) -> HttpResponse {
        let document = self.0.openapi.get_or_init(|| {
            let document = openapi::document(&self.0.desk.catalog);
            Bytes::from(document.to_string())
        });
        json_response(document.clone())
    }

    fn health(&self) -> HttpResponse {
        let chain = self.0.desk.chain();
        let height = chain.height();
        let status = if height == 0 { "starting" } else { "ok" };
        let body = serde_json::json!({
            "status": status,
            "chain_id": chain.chain_id(),
            "height": height.to_string(),
        });
        let mut response = json_response(body.to_string());
        if height == 0 {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        response
    }
}

/// Adds the fields that the path has.
fn read_path(path: &Path<'_>, target: &Target, message: &mut Vec<u8>) -> Result<(), Refusal> {
    let segments = path.segments();
    for variable in &target.variables {
        let to = variable.to.unwrap_or(segments.len());
        let covered = segments.get(variable.from..to).unwrap_or_default();
        let written = match covered {
            [one] => variable.field.write(&decode(one, false).ok_or_else(broken_escape)?, message),
            more => {
                let text = more.join("/");
                variable.field.write(&decode(&text, false).ok_or_else(broken_escape)?, message)
            }
        };
        written.map_err(|why| wrong_parameter(&variable.name, &why))?;
    }
    Ok(())
}

fn broken_escape() -> Refusal {
    QueryError::invalid("the URL has a broken percent-encoding").into()
}

fn wrong_parameter(name: &str, why: &str) -> Refusal {
    QueryError::invalid(format!("type mismatch, parameter: {name}, error: {why}")).into()
}

/// The height a request asks for; 0, the latest, if it doesn't say.
pub fn height(headers: &HeaderMap) -> Result<u64, QueryError> {
    let Some(value) = headers.get(HEIGHT).or_else(|| headers.get(GATEWAY_HEIGHT)) else { return Ok(0) };
    let text = value.to_str().unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(32).collect();
        QueryError::invalid(format!("the header {HEIGHT} must be a height (0 for the latest), got {shown:?}"))
    })
}

fn to_response(endpoint: &Endpoint, answer: &Answer) -> Result<HttpResponse, Refusal> {
    let mut body = Vec::with_capacity(answer.value.len() * 2 + 128);
    json::to_json(&endpoint.output, &answer.value, &mut body)
        .map_err(|e| QueryError::new(QueryCode::Internal, format!("the answer has no JSON form: {e}")))?;
    let mut response = json_response(body);
    let headers = response.headers_mut();
    headers.insert(GATEWAY_HEIGHT, answer.height.into());
    headers.insert(HEIGHT, answer.height.into());
    Ok(response)
}

fn json_response(body: impl Into<Bytes>) -> HttpResponse {
    let mut response = Response::new(Full::new(body.into()));
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

fn docs() -> HttpResponse {
    let mut response = Response::new(Full::new(Bytes::from_static(DOCS.as_bytes())));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, DOCS_POLICY);
    response
}

fn preflight() -> HttpResponse {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, OPTIONS");
    let allowed =
        HeaderValue::from_static("content-type, x-cosmos-block-height, grpc-metadata-x-cosmos-block-height");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}
