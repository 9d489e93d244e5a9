//! gRPC over a real chain, its messages as bytes in frames.

use bytes::{BufMut, BytesMut};
use jmes_proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use prost::Message;
use tonic::Code;

use super::*;
use crate::api::grpc::Service as Grpc;

/// An answer: its code, its message if it has one, and its headers.
pub struct Reply {
    pub code: Code,
    pub text: String,
    pub message: Vec<u8>,
    pub headers: http::HeaderMap,
}

pub fn frame(message: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(message.len() + 5);
    frame.put_u8(0);
    frame.put_u32(message.len() as u32);
    frame.put_slice(message);
    frame.freeze()
}

pub fn ask(service: &Grpc, path: &str, body: Bytes, height: Option<&str>) -> Reply {
    run(call(service, path, body, height))
}

pub async fn call(service: &Grpc, path: &str, body: Bytes, height: Option<&str>) -> Reply {
    let mut request = Request::post(path).header("content-type", "application/grpc");
    if let Some(height) = height {
        request = request.header("x-cosmos-block-height", height);
    }
    let request = request.body(Full::new(body)).unwrap();
    let (head, body) = service.answer(request).await.into_parts();
    let body = body.collect().await.unwrap();
    let trailers = body.trailers().cloned().unwrap_or_default();
    let told = |name: &str| {
        let value = trailers.get(name).or_else(|| head.headers.get(name));
        value.map_or("", |value| value.to_str().unwrap()).to_owned()
    };
    let code = Code::from_bytes(told("grpc-status").as_bytes());
    let message = body.to_bytes().get(5..).unwrap_or_default().to_vec();
    Reply { code, text: told("grpc-message"), message, headers: head.headers }
}

pub fn service(test: &TestChain) -> Grpc {
    Grpc::new(test.desk(&absent_engine()))
}

const BALANCE: &str = "/cosmos.bank.v1beta1.Query/Balance";

fn balance_of(address: &str) -> Bytes {
    let request = QueryBalanceRequest { address: address.to_owned(), denom: "ujmes".to_owned() };
    frame(&request.encode_to_vec())
}

#[test]
fn any_query_is_a_unary_call() {
    let test = TestChain::new(4);
    let grpc = service(&test);
    for (asked, answered) in [(None, "4"), (Some("3"), "3")] {
        let reply = ask(&grpc, BALANCE, balance_of(&test.funded), asked);
        assert_eq!(reply.code, Code::Ok, "{}", reply.text);
        let coin = QueryBalanceResponse::decode(reply.message.as_slice()).unwrap().balance.unwrap();
        assert_eq!((coin.denom.as_str(), coin.amount.as_str()), ("ujmes", FUNDS));
        assert_eq!(reply.headers["x-cosmos-block-height"], answered);
    }
}

#[test]
fn refusals_are_statuses() {
    let test = TestChain::new(1);
    let grpc = service(&test);
    for (path, body, height, code) in [
        ("/cosmos.bank.v1beta1.Query/Nothing", frame(b""), None, Code::Unimplemented),
        ("/x", frame(b""), None, Code::Unimplemented),
        (BALANCE, balance_of("test"), None, Code::InvalidArgument),
        (BALANCE, frame(b"\xff\xff"), None, Code::InvalidArgument),
        (BALANCE, balance_of(&test.funded), Some("9"), Code::InvalidArgument),
        (BALANCE, balance_of(&test.funded), Some("nine"), Code::InvalidArgument),
        (BALANCE, frame(&vec![0; Limits::default().message_bytes + 1]), None, Code::OutOfRange),
        ("/cosmos.tx.v1beta1.Service/Simulate", frame(b""), None, Code::InvalidArgument),
        ("/cosmos.base.tendermint.v1beta1.Service/GetSyncing", frame(b""), None, Code::Unavailable),
    ] {
        let reply = ask(&grpc, path, body, height);
        assert_eq!(reply.code, code, "{path}: {}", reply.text);
        assert!(!reply.text.is_empty());
    }
}

#[test]
fn other_requests_than_grpc_are_refused() {
    let test = TestChain::new(1);
    let request =
        Request::post(BALANCE).header("content-type", "application/json").body(Full::<Bytes>::default());
    let response = run(service(&test).answer(request.unwrap()));
    assert_eq!(response.status(), 415);
}

#[test]
fn reflection_answers_in_both_versions() {
    let test = TestChain::new(1);
    let grpc = service(&test);
    // Field 7, list_services.
    let list = frame(&[0x3a, 0]);
    for version in ["v1", "v1alpha"] {
        let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
        let reply = ask(&grpc, &path, list.clone(), None);
        assert_eq!(reply.code, Code::Ok, "{}", reply.text);
        let names = String::from_utf8_lossy(&reply.message).into_owned();
        assert!(names.contains("cosmos.bank.v1beta1.Query") && names.contains("cosmos.tx.v1beta1.Service"));
    }
}
