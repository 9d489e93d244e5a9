//! gRPC: any unary call of the catalog, its messages passed on as bytes.

use std::{convert::Infallible, future::Future, pin::Pin, sync::Arc};

use bytes::{Buf, BufMut, Bytes};
use http::{header, Request, Response, StatusCode};
use hyper::body::{Body, Incoming};
use tokio::time::timeout;
use tonic::{
    body::{empty_body, BoxBody},
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::MetadataValue,
    server::Grpc,
    Status,
};

use super::{
    desk::Desk,
    reflection::{self, Reflection},
    rest::{height, HEIGHT_KEY},
    status::grpc_status,
};

/// The gRPC door.
#[derive(Clone)]
pub struct Service {
    desk: Arc<Desk>,
    reflection: Arc<Reflection>,
}

impl hyper::service::Service<Request<Incoming>> for Service {
    type Response = Response<BoxBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<BoxBody>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.answer(request).await) })
    }
}

impl Service {
    /// The door to `desk`.
    pub fn new(desk: Arc<Desk>) -> Self {
        let reflection = Arc::new(Reflection::new(desk.catalog.services()));
        Self { desk, reflection }
    }

    /// Answers any request.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<BoxBody>
    where
        B: Body<Data: Send, Error: Into<tonic::codegen::StdError> + Send> + Send + 'static,
    {
        let kind = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
        if !kind.starts_with(b"application/grpc") {
            let mut response = Response::new(empty_body());
            *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return response;
        }
        let path = request.uri().path();
        if reflection::PATHS.contains(&path) {
            return self.reflection.serve(request).await;
        }
        if self.desk.catalog.by_path(path).is_none() {
            let shown: String = path.chars().take(200).collect();
            return Status::unimplemented(format!("unknown method {shown}")).into_http();
        }
        match timeout(self.desk.limits.time, self.call(request)).await {
            Ok(response) => response,
            Err(_) => Status::deadline_exceeded("the call took too long").into_http(),
        }
    }

    async fn call<B>(&self, request: Request<B>) -> Response<BoxBody>
    where
        B: Body<Error: Into<tonic::codegen::StdError> + Send> + Send + 'static,
    {
        let _place = match self.desk.place().await {
            Ok(place) => place,
            Err(error) => return grpc_status(error).into_http(),
        };
        let path = request.uri().path().to_owned();
        let desk = self.desk.clone();
        let unary = tower::service_fn(move |request: tonic::Request<Bytes>| {
            let (desk, path) = (desk.clone(), path.clone());
            async move { unary(&desk, &path, request).await }
        });
        Grpc::new(RawCodec)
            .max_decoding_message_size(self.desk.limits.message_bytes)
            .unary(unary, request)
            .await
    }
}

async fn unary(
    desk: &Desk,
    path: &str,
    request: tonic::Request<Bytes>,
) -> Result<tonic::Response<Vec<u8>>, Status> {
    let (metadata, _, message) = request.into_parts();
    let Some(endpoint) = desk.catalog.by_path(path) else {
        return Err(Status::unimplemented("unknown method"));
    };
    let height = height(&metadata.into_headers()).map_err(grpc_status)?;
    let answer = desk.answer(endpoint, message.into(), height).await.map_err(grpc_status)?;
    let mut response = tonic::Response::new(answer.value);
    response.metadata_mut().insert(HEIGHT_KEY, MetadataValue::from(answer.height));
    Ok(response)
}

/// Messages as the bytes they are.
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Vec<u8>;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for RawCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.reserve(item.len());
        out.put_slice(&item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
