//! Tests of the ABCI server: of one connection over a scripted stream, and of the server over real sockets.

mod connection;
mod socket;

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use prost::Message;
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::{
    request, response, Request, RequestApplySnapshotChunk, RequestCheckTx, RequestCommit, RequestEcho,
    RequestExtendVote, RequestFinalizeBlock, RequestFlush, RequestInfo, RequestInitChain,
    RequestListSnapshots, RequestLoadSnapshotChunk, RequestOfferSnapshot, RequestPrepareProposal,
    RequestProcessProposal, RequestQuery, RequestVerifyVoteExtension, Response, ResponseCheckTx,
    ResponseEcho, ResponseFinalizeBlock,
};

use super::Node;

/// Longest that a test waits for something that should happen at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// An application that records what it is asked; its answers depend on the request alone.
#[derive(Clone, Default)]
struct TestApp(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// The transactions of each look-ahead.
    looked_ahead: Mutex<Vec<Vec<Bytes>>>,
    /// The transactions checked, in order.
    checked: Mutex<Vec<Bytes>>,
    /// Number of "meet" echoes under way.
    meeting: Mutex<usize>,
    arrived: Condvar,
}

impl TestApp {
    fn looked_ahead(&self) -> Vec<Vec<Bytes>> {
        self.0.looked_ahead.lock().unwrap().clone()
    }

    fn checked(&self) -> Vec<Bytes> {
        self.0.checked.lock().unwrap().clone()
    }

    /// Waits until `number` calls of this are under way at the same time; whether that happened.
    fn meet(&self, number: usize) -> bool {
        let mut present = self.0.meeting.lock().unwrap();
        *present += 1;
        self.0.arrived.notify_all();
        let (present, _) =
            self.0.arrived.wait_timeout_while(present, PATIENCE, |present| *present < number).unwrap();
        *present >= number
    }
}

impl Application for TestApp {
    /// `meet N` waits for N - 1 others, `panic` panics, all else is echoed.
    fn echo(&self, request: RequestEcho) -> ResponseEcho {
        if let Some(number) = request.message.strip_prefix("meet ") {
            let met = self.meet(number.parse().unwrap());
            return ResponseEcho { message: met.to_string() };
        }
        assert_ne!(request.message, "panic", "asked to panic");
        ResponseEcho { message: request.message }
    }

    fn check_tx(&self, request: RequestCheckTx) -> ResponseCheckTx {
        self.0.checked.lock().unwrap().push(request.tx.clone());
        ResponseCheckTx { data: request.tx, ..Default::default() }
    }

    /// The hash of a block is here its number of transactions and of their bytes.
    fn finalize_block(&self, request: RequestFinalizeBlock) -> ResponseFinalizeBlock {
        let bytes: usize = request.txs.iter().map(Bytes::len).sum();
        let app_hash = format!("{} {bytes}", request.txs.len()).into();
        ResponseFinalizeBlock { app_hash, ..Default::default() }
    }
}

impl Node for TestApp {
    fn look_ahead(&self, requests: &[RequestCheckTx]) {
        let transactions = requests.iter().map(|request| request.tx.clone()).collect();
        self.0.looked_ahead.lock().unwrap().push(transactions);
    }
}

fn check(tx: impl Into<Bytes>) -> request::Value {
    request::Value::CheckTx(RequestCheckTx { tx: tx.into(), r#type: 0 })
}

fn echo(message: &str) -> request::Value {
    request::Value::Echo(RequestEcho { message: message.into() })
}

fn flush() -> request::Value {
    request::Value::Flush(RequestFlush {})
}

fn block(transactions: usize, bytes: usize) -> request::Value {
    let txs = vec![Bytes::from(vec![7; bytes]); transactions];
    request::Value::FinalizeBlock(RequestFinalizeBlock { txs, ..Default::default() })
}

/// One request of each kind, in the order of their tags.
fn all_kinds() -> Vec<request::Value> {
    use request::Value;
    vec![
        echo("hello"),
        flush(),
        Value::Info(RequestInfo::default()),
        Value::InitChain(RequestInitChain::default()),
        Value::Query(RequestQuery::default()),
        check("tx"),
        Value::Commit(RequestCommit {}),
        Value::ListSnapshots(RequestListSnapshots {}),
        Value::OfferSnapshot(RequestOfferSnapshot::default()),
        Value::LoadSnapshotChunk(RequestLoadSnapshotChunk::default()),
        Value::ApplySnapshotChunk(RequestApplySnapshotChunk::default()),
        Value::PrepareProposal(RequestPrepareProposal::default()),
        Value::ProcessProposal(RequestProcessProposal::default()),
        Value::ExtendVote(RequestExtendVote::default()),
        Value::VerifyVoteExtension(RequestVerifyVoteExtension::default()),
        Value::FinalizeBlock(RequestFinalizeBlock::default()),
    ]
}

/// The bytes of requests as the engine sends them.
fn encode(requests: impl IntoIterator<Item = request::Value>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in requests {
        Request { value: Some(value) }.encode_length_delimited(&mut bytes).unwrap();
    }
    bytes
}

/// The answers in `bytes`, which must end where an answer does.
fn decode(mut bytes: &[u8]) -> Vec<response::Value> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        answers.push(Response::decode_length_delimited(&mut bytes).unwrap().value.unwrap());
    }
    answers
}

/// What the answer to a CheckTx holds: the transaction.
fn checked_tx(answer: &response::Value) -> Bytes {
    match answer {
        response::Value::CheckTx(answer) => answer.data.clone(),
        other => panic!("not an answer to CheckTx: {other:?}"),
    }
}

/// A new seed at each run, printed for a failing one; `JMES_TEST_SEED` repeats it.
fn seed() -> u64 {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
    let seed = std::env::var("JMES_TEST_SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
    println!("JMES_TEST_SEED={seed}");
    seed
}

/// A small generator of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number less than `bound`.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn bytes(&mut self, number: usize) -> Vec<u8> {
        (0..number).map(|_| self.next() as u8).collect()
    }
}
