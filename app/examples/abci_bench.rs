//! What the ABCI socket costs: times requests through it to an application that does nothing.
//!
//! `cargo run --release -p jmesd --example abci_bench`

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use jmesd::abci::{Limits, Node, Server, Shutdown};
use prost::Message;
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::{
    request::Value, response, Request, RequestCheckTx, RequestFinalizeBlock, Response,
};

/// Transactions sent in one go; their size is 300 bytes.
const CHECKS: usize = 500_000;

/// The engine collects requests into writes of this many bytes.
const ENGINE_WRITE: usize = 4096;

#[derive(Clone)]
struct Idle;

impl Application for Idle {}
impl Node for Idle {}

fn encode(value: Value) -> Vec<u8> {
    Request { value: Some(value) }.encode_length_delimited_to_vec()
}

/// Time from the first byte sent to the last received.
fn round_trip(stream: &UnixStream, sent: &[u8], write: usize, received: usize) -> Duration {
    let mut buffer = vec![0; 1 << 16];
    thread::scope(|scope| {
        let start = Instant::now();
        scope.spawn(move || {
            for piece in sent.chunks(write) {
                (&mut &*stream).write_all(piece).expect("the server reads");
            }
        });
        let mut missing = received;
        while missing > 0 {
            let read = (&mut &*stream).read(&mut buffer).expect("the server answers");
            assert_ne!(read, 0, "the server closed the connection");
            missing -= read;
        }
        start.elapsed()
    })
}

fn main() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("abci.sock");
    let server = Server::bind(&path, Idle, Limits::default()).expect("a socket");
    let shutdown = Shutdown::new();
    let token = shutdown.clone();
    let running = thread::spawn(move || server.run(&token));
    let stream = UnixStream::connect(&path).expect("the server listens");

    let check = encode(Value::CheckTx(RequestCheckTx { tx: vec![7; 300].into(), r#type: 0 }));
    let answer = response::Value::CheckTx(Idle.check_tx(RequestCheckTx::default()));
    let answer = Response { value: Some(answer) }.encode_length_delimited_to_vec().len();
    let (checks, answers) = (check.repeat(CHECKS), answer * CHECKS);
    for (label, write) in [("in the engine's writes", ENGINE_WRITE), ("in writes of 64 KiB", 1 << 16)] {
        let time = round_trip(&stream, &checks, write, answers);
        println!("CheckTx, pipelined {label}: {:.2} µs each", time.as_secs_f64() * 1e6 / CHECKS as f64);
    }
    let alone: Duration = (0..10_000).map(|_| round_trip_alone(&stream, &check, answer)).sum();
    println!("CheckTx, one at a time: {:.1} µs each", alone.as_secs_f64() * 1e6 / 10_000.0);

    let finalize = response::Value::FinalizeBlock(Idle.finalize_block(RequestFinalizeBlock::default()));
    let finalized = Response { value: Some(finalize) }.encode_length_delimited_to_vec().len();
    let txs = vec![vec![7; 300].into(); 20_000_000 / 300];
    let block = encode(Value::FinalizeBlock(RequestFinalizeBlock { txs, ..Default::default() }));
    let best = (0..10).map(|_| round_trip(&stream, &block, block.len(), finalized)).min();
    println!("FinalizeBlock of 20 MB: {:.1} ms", best.unwrap_or_default().as_secs_f64() * 1e3);

    shutdown.trigger();
    running.join().expect("no panic").expect("an orderly end");
}

/// Time of one request sent when nothing else is under way.
fn round_trip_alone(mut stream: &UnixStream, request: &[u8], answer: usize) -> Duration {
    let mut buffer = vec![0; answer];
    let start = Instant::now();
    stream.write_all(request).expect("the server reads");
    stream.read_exact(&mut buffer).expect("the server answers");
    start.elapsed()
}
