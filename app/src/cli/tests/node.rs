//! A stand-in for a node: an RPC server on loopback with two accounts, which takes transactions and remembers them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use cosmos_sdk_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmos_sdk_proto::cosmos::bank::v1beta1 as bank;
use cosmos_sdk_proto::cosmos::base::abci::v1beta1::GasInfo;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use jmes_proto::jmes::identity::v1 as identity;
use jmes_proto::jmes::rewards::v1::QueryUnredeemedResponse;
use prost::Message;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use super::super::protobuf::to_any;
use super::{ABANDON_ADDRESS, SPECIAL_ADDRESS};

pub(super) const CHAIN_ID: &str = "jmes-test-1";
/// Account number and sequence of the key `one`.
pub(super) const ONE: (u64, u64) = (7, 3);
/// Account number and sequence of the key `two`.
pub(super) const TWO: (u64, u64) = (8, 0);
const GAS_USED: u64 = 70_000;
const HASH: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What the stand-in knows and has been told.
#[derive(Default)]
pub(super) struct Chain {
    /// An account besides the two, with its number and sequence.
    pub third: Option<(String, u64, u64)>,
    /// The code with which transactions are refused; 0 to accept them.
    pub check_code: u32,
    /// The code that transactions have in their block.
    pub deliver_code: u32,
    /// How often a transaction is not found before a block has it.
    pub polls: u32,
    /// Transactions that were offered.
    pub sent: Vec<Vec<u8>>,
    /// Transactions that were simulated.
    pub simulated: Vec<Vec<u8>>,
    /// Heights that were asked about.
    pub heights: Vec<String>,
    /// Identities: names, addresses and whether they are DAOs.
    pub names: Vec<(&'static str, String, bool)>,
    /// Answers by the paths of their queries: bytes, or the words of a refusal.
    pub answers: BTreeMap<&'static str, Result<Vec<u8>, &'static str>>,
}

impl Chain {
    /// Answers a query so.
    pub fn with(mut self, path: &'static str, answer: &impl Message) -> Self {
        self.answers.insert(path, Ok(answer.encode_to_vec()));
        self
    }

    /// Says that what a query asks for does not exist.
    pub fn without(mut self, path: &'static str) -> Self {
        self.answers.insert(path, Err("rpc error: code = NotFound desc = it does not exist: key not found"));
        self
    }
}

impl Chain {
    /// Knows an identity.
    pub fn named(mut self, name: &'static str, address: &str, is_dao: bool) -> Self {
        self.names.push((name, address.to_owned(), is_dao));
        self
    }

    fn identity(&self, is_it: impl Fn(&str, &str) -> bool) -> Result<Option<identity::Identity>, String> {
        let found = self.names.iter().find(|(name, address, _)| is_it(name, address));
        let (name, address, is_dao) =
            found.ok_or("rpc error: code = NotFound desc = there is no such identity: key not found")?;
        let kind = if *is_dao { identity::Kind::Dao } else { identity::Kind::User };
        let (name, address) = ((*name).to_owned(), address.clone());
        Ok(Some(identity::Identity { name, address, kind: kind as i32, height: 4 }))
    }

    fn by_name(&self, data: &[u8]) -> Result<Vec<u8>, String> {
        let asked = identity::QueryByNameRequest::decode(data).unwrap().name;
        let identity = self.identity(|name, _| name == asked)?;
        Ok(identity::QueryByNameResponse { identity }.encode_to_vec())
    }

    fn by_address(&self, data: &[u8]) -> Result<Vec<u8>, String> {
        let asked = identity::QueryByAddressRequest::decode(data).unwrap().address;
        let identity = self.identity(|_, address| address == asked)?;
        Ok(identity::QueryByAddressResponse { identity }.encode_to_vec())
    }
}

/// A running stand-in.
pub(super) struct Node {
    pub url: String,
    chain: Arc<Mutex<Chain>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Node {
    pub fn start(chain: Chain) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (chain, stop) = (Arc::new(Mutex::new(chain)), Arc::new(AtomicBool::new(false)));
        let (answering, stopped) = (chain.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                // A client that goes away early is the tested program's business.
                let _ = serve(&stream.unwrap(), &mut answering.lock().unwrap());
            }
        });
        Self { url, chain, stop, thread: Some(thread) }
    }

    pub fn sent(&self) -> Vec<Vec<u8>> {
        self.chain.lock().unwrap().sent.clone()
    }

    pub fn simulated(&self) -> Vec<Vec<u8>> {
        self.chain.lock().unwrap().simulated.clone()
    }

    pub fn heights(&self) -> Vec<String> {
        self.chain.lock().unwrap().heights.clone()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let address = self.url.trim_start_matches("http://").to_owned();
        if TcpStream::connect(address).is_ok() {
            let _ = self.thread.take().unwrap().join();
        }
    }
}

fn serve(stream: &TcpStream, chain: &mut Chain) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request: Value = serde_json::from_slice(&body).unwrap();
    let mut answer = json!({"jsonrpc": "2.0", "id": request["id"]});
    match chain.answer(request["method"].as_str().unwrap(), &request["params"]) {
        Ok(result) => answer["result"] = result,
        Err(data) => answer["error"] = json!({"code": -32603, "message": "Internal error", "data": data}),
    }
    let (answer, mut stream) = (answer.to_string(), stream);
    let length = answer.len();
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}")
}

impl Chain {
    fn answer(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        match method {
            "status" => Ok(status()),
            "net_info" => Ok(json!({"listening": true, "listeners": [], "n_peers": "0", "peers": []})),
            "block" => Ok(block()),
            "abci_query" => Ok(self.query(params)),
            "broadcast_tx_sync" | "broadcast_tx_async" => {
                let tx = BASE64_STANDARD.decode(params["tx"].as_str().unwrap()).unwrap();
                let hash = hex::encode_upper(Sha256::digest(&tx));
                self.sent.push(tx);
                let log =
                    if self.check_code == 0 { "" } else { "account sequence mismatch, expected 4, got 3" };
                let codespace = if self.check_code == 0 { "" } else { "sdk" };
                Ok(
                    json!({"code": self.check_code, "data": "", "log": log, "codespace": codespace, "hash": hash}),
                )
            }
            "tx" if self.polls > 0 => {
                self.polls -= 1;
                Err(format!("tx ({HASH}) not found"))
            }
            "tx" => Ok(self.committed()),
            "tx_search" => Ok(json!({"txs": [self.committed()], "total_count": "1"})),
            other => Err(format!("no method {other}")),
        }
    }

    fn committed(&self) -> Value {
        let log = if self.deliver_code == 0 { "" } else { "spendable balance 0ujmes is smaller than 5ujmes" };
        let attributes = [json!({"key": "sender", "value": ABANDON_ADDRESS, "index": true})];
        json!({
            "hash": HASH,
            "height": "5",
            "index": 0,
            "tx_result": {
                "code": self.deliver_code, "data": null, "log": log, "info": "", "gas_wanted": "200000",
                "gas_used": "70000", "events": [{"type": "transfer", "attributes": attributes}], "codespace": "sdk",
            },
            "tx": BASE64_STANDARD.encode(self.sent.last().cloned().unwrap_or_default()),
        })
    }

    fn query(&mut self, params: &Value) -> Value {
        let data = hex::decode(params["data"].as_str().unwrap()).unwrap();
        self.heights.push(params["height"].as_str().unwrap_or_default().to_owned());
        let answer = match params["path"].as_str().unwrap() {
            path if self.answers.contains_key(path) => self.answers[path].clone().map_err(str::to_owned),
            "/cosmos.auth.v1beta1.Query/Account" => self.account(&data),
            "/jmes.identity.v1.Query/ByName" => self.by_name(&data),
            "/jmes.identity.v1.Query/ByAddress" => self.by_address(&data),
            "/cosmos.bank.v1beta1.Query/AllBalances" => Ok(bank::QueryAllBalancesResponse {
                balances: vec![
                    Coin { denom: "bujmes".into(), amount: "1500000".into() },
                    Coin { denom: "ujmes".into(), amount: "5000000".into() },
                ],
                pagination: None,
            }
            .encode_to_vec()),
            "/cosmos.bank.v1beta1.Query/Balance" => Ok(bank::QueryBalanceResponse {
                balance: Some(Coin { denom: "ujmes".into(), amount: "1".into() }),
            }
            .encode_to_vec()),
            "/cosmos.tx.v1beta1.Service/Simulate" => {
                self.simulated.push(SimulateRequest::decode(data.as_slice()).unwrap().tx_bytes);
                let gas_info = Some(GasInfo { gas_wanted: 0, gas_used: GAS_USED });
                Ok(SimulateResponse { gas_info, result: None }.encode_to_vec())
            }
            "/jmes.rewards.v1.Query/Unredeemed" => {
                Ok(QueryUnredeemedResponse { amount: "2583".into() }.encode_to_vec())
            }
            path => Err(format!("rpc error: code = Unimplemented desc = unknown query path: {path}")),
        };
        let (code, log, value) = match answer {
            Ok(value) => (0, String::new(), value),
            Err(log) => (22, log, Vec::new()),
        };
        json!({"response": {
            "code": code, "log": log, "info": "", "index": "0", "key": null, "value": BASE64_STANDARD.encode(value),
            "proofOps": null, "height": "5", "codespace": "sdk",
        }})
    }

    fn account(&self, data: &[u8]) -> Result<Vec<u8>, String> {
        let address = QueryAccountRequest::decode(data).unwrap().address;
        let known = match &self.third {
            Some((third, number, sequence)) if *third == address => Some((*number, *sequence)),
            _ => [(ABANDON_ADDRESS, ONE), (SPECIAL_ADDRESS, TWO)]
                .into_iter()
                .find_map(|(known, numbers)| (known == address).then_some(numbers)),
        };
        let (account_number, sequence) = known.ok_or_else(|| {
            format!("rpc error: code = NotFound desc = account {address} not found: key not found")
        })?;
        let account = BaseAccount { address, pub_key: None, account_number, sequence };
        Ok(QueryAccountResponse { account: Some(to_any(&account)) }.encode_to_vec())
    }
}

fn status() -> Value {
    json!({
        "node_info": {
            "protocol_version": {"p2p": "8", "block": "11", "app": "0"},
            "id": "0123456789012345678901234567890123456789", "listen_addr": "tcp://0.0.0.0:26656",
            "network": CHAIN_ID, "version": "0.38.26", "channels": "40202122233038606100", "moniker": "node0",
            "other": {"tx_index": "on", "rpc_address": "tcp://127.0.0.1:26657"},
        },
        "sync_info": {
            "latest_block_hash": HASH, "latest_app_hash": HASH, "latest_block_height": "5",
            "latest_block_time": "2027-01-01T00:00:05Z", "earliest_block_hash": HASH, "earliest_app_hash": HASH,
            "earliest_block_height": "1", "earliest_block_time": "2027-01-01T00:00:01Z", "catching_up": false,
        },
        "validator_info": {
            "address": "0123456789012345678901234567890123456789",
            "pub_key": {"type": "tendermint/PubKeyEd25519", "value": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
            "voting_power": "1000",
        },
    })
}

fn block() -> Value {
    json!({
        "block_id": {"hash": HASH, "parts": {"total": 1, "hash": HASH}},
        "block": {
            "header": {
                "version": {"block": "11", "app": "1"}, "chain_id": CHAIN_ID, "height": "5",
                "time": "2027-01-01T00:00:05Z", "last_block_id": {"hash": HASH, "parts": {"total": 1, "hash": HASH}},
                "last_commit_hash": HASH, "data_hash": HASH, "validators_hash": HASH, "next_validators_hash": HASH,
                "consensus_hash": HASH, "app_hash": HASH, "last_results_hash": HASH, "evidence_hash": HASH,
                "proposer_address": "0123456789012345678901234567890123456789",
            },
            "data": {"txs": ["AQID"]},
            "evidence": {"evidence": []},
            "last_commit": {"height": "4", "round": 0, "block_id": {"hash": HASH, "parts": {"total": 1, "hash": HASH}},
                            "signatures": []},
        },
    })
}
