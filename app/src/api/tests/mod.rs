//! The doors over a real chain in a temporary directory and a stand-in for the engine.

mod grpc;
mod network;
mod random;
mod rest;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        mpsc::{channel, Receiver},
        Arc,
    },
    thread,
};

use bytes::Bytes;
use cosmos_sdk_proto::cosmos::staking::v1beta1::Description;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use jmes_modules::kernel::{Address, Amount, Block};
use serde_json::{json, Value};
use tempfile::TempDir;

use super::{desk::Desk, rest::Service, ApiOptions, Limits};
use crate::{
    abci::Shutdown,
    chain::{Chain, Origin, Settings},
    keys::SecretKey,
    node::gentx::{self, GenesisValidator},
    rpc,
};

/// Coins of the one funded account, in Nils.
pub const FUNDS: &str = "5000000";

/// A chain of `blocks` blocks at 5 s, with one funded account, and the directory it lives in.
pub struct TestChain {
    pub chain: Chain,
    pub funded: String,
    // Last, so that the store is closed before its files go.
    _directory: TempDir,
}

impl TestChain {
    pub fn new(blocks: u64) -> Self {
        Self::funding(&[Address::of_twenty([7; 20])], blocks, |_| ())
    }

    /// A chain in which each of these has the funds; `funded` is the first, and `change` changes the genesis.
    pub fn funding(owners: &[Address], blocks: u64, change: impl FnOnce(&mut Value)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = jmes_store::Options { keep_recent: Some(2), ..Default::default() };
        let store = jmes_store::Store::open(directory.path(), &jmes_modules::STORES, options).unwrap();
        let chain = Chain::new(store, Settings::default(), Shutdown::new());
        let funded = owners[0].to_string();
        let mut genesis: Value =
            serde_json::from_str(include_str!("../../../../genesis/devnet.json")).unwrap();
        let coins = json!([{ "denom": "ujmes", "amount": FUNDS }]);
        let balance = |owner: &Address| json!({ "address": owner.to_string(), "coins": coins });
        genesis["app_state"]["bank"]["balances"] = owners.iter().map(balance).collect();
        change(&mut genesis);
        let origin = Origin {
            chain_id: "jmes-test-1".to_owned(),
            time: 1_800_000_000_000_000_000,
            initial_height: 1,
            params: Default::default(),
            validators: Vec::new(),
        };
        gentx::set(&mut genesis, vec![gen_tx(&origin.chain_id)]);
        chain.init_chain(&origin, &genesis["app_state"]).unwrap();
        for height in 1..=blocks {
            let time = origin.time + height * 5_000_000_000;
            let block = Block { height, time, ..Block::default() };
            chain.finalize_block(block, &[] as &[Vec<u8>]).unwrap();
            chain.commit().unwrap();
        }
        Self { chain, funded, _directory: directory }
    }

    /// A desk over the chain, with the engine at `engine`.
    pub fn desk(&self, engine: &str) -> Arc<Desk> {
        let engine = rpc::Client::with_timeout(engine, Limits::default().time).unwrap();
        Arc::new(Desk::new(self.chain.clone(), engine, Limits::default()))
    }

    /// The REST door, with no engine behind it.
    pub fn rest(&self) -> Service {
        Service::new(self.desk(&absent_engine()), false)
    }

    /// Options that listen on free ports.
    pub fn options(&self) -> ApiOptions {
        let any = Some(([127, 0, 0, 1], 0).into());
        ApiOptions { rest: any, grpc: any, ..ApiOptions::new(absent_engine()) }
    }
}

/// An engine that takes requests and never answers: each that has come is a connection in `asked`, and ends with it.
pub struct SilentEngine {
    pub url: String,
    pub asked: Receiver<TcpStream>,
}

impl SilentEngine {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, asked) = channel();
        thread::spawn(move || listener.incoming().try_for_each(|stream| sender.send(stream.unwrap())));
        Self { url, asked }
    }
}

/// An address where no engine listens.
pub fn absent_engine() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Runs a future on one thread.
pub fn run<F: std::future::Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// An answer of REST.
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The status and the code in the body, for refusals.
    pub fn refusal(&self) -> (u16, u64) {
        (self.status.as_u16(), self.body["code"].as_u64().unwrap_or(u64::MAX))
    }

    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

pub fn request(service: &Service, request: Request<Full<Bytes>>) -> Answer {
    run(async {
        let (head, body) = service.answer(request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answer { status: head.status, headers: head.headers, body }
    })
}

pub fn get(service: &Service, path: &str) -> Answer {
    request(service, Request::get(path).body(Full::default()).unwrap())
}

pub fn get_at(service: &Service, path: &str, height: &str) -> Answer {
    request(
        service,
        Request::get(path).header("x-cosmos-block-height", height).body(Full::default()).unwrap(),
    )
}

pub fn post(service: &Service, path: &str, body: impl Into<Bytes>) -> Answer {
    let body = Full::new(body.into());
    request(service, Request::builder().method(Method::POST).uri(path).body(body).unwrap())
}

/// An engine that answers each JSON-RPC request with what `answer` makes of method and parameters, and a URL to it. It
/// serves until the test's process ends.
pub fn engine(answer: impl Fn(&str, &Value) -> Result<Value, String> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer_one(stream.unwrap(), &answer);
        }
    });
    url
}

fn answer_one(stream: TcpStream, answer: &impl Fn(&str, &Value) -> Result<Value, String>) {
    let mut reader = BufReader::new(&stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let request: Value = serde_json::from_slice(&body).unwrap();
    let mut reply = json!({ "jsonrpc": "2.0", "id": request["id"] });
    match answer(request["method"].as_str().unwrap(), &request["params"]) {
        Ok(result) => reply["result"] = result,
        Err(data) => reply["error"] = json!({ "code": -32603, "message": "Internal error", "data": data }),
    }
    let reply = reply.to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", reply.len());
    (&stream).write_all((head + &reply).as_bytes()).unwrap();
}

/// The genesis transaction of a validator without a bond.
fn gen_tx(chain_id: &str) -> Value {
    // The public key of RFC 8032's first test.
    let key = serde_json::from_value(json!({
        "type": "tendermint/PubKeyEd25519",
        "value": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    }));
    let validator = GenesisValidator {
        chain_id,
        consensus_key: &key.unwrap(),
        description: Description { moniker: "validator".into(), ..Description::default() },
        commission: gentx::default_commission(),
        min_self_delegation: Amount::ZERO,
        bond: Amount::ZERO,
        peer: "",
    };
    validator.sign(&SecretKey::from_bytes(&[1; 32]).unwrap()).unwrap()
}
