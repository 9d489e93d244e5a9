//! The doors on real sockets: opening, requests, and the end.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use tonic::Code;

use super::{
    grpc::{call, frame},
    *,
};
use crate::api::{grpc::Service as Grpc, serve};

const SYNCING: &str = "/cosmos/base/tendermint/v1beta1/syncing";
const GRPC_SYNCING: &str = "/cosmos.base.tendermint.v1beta1.Service/GetSyncing";

fn connect(address: Option<std::net::SocketAddr>) -> TcpStream {
    let stream = TcpStream::connect(address.unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Reads one HTTP/1.1 answer: its status line and its body.
fn read_answer(stream: &TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status).unwrap();
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
    (status, String::from_utf8(body).unwrap())
}

#[test]
fn one_connection_serves_many_requests() {
    let test = TestChain::new(1);
    let doors = serve(test.chain.clone(), test.options()).unwrap();
    let stream = connect(doors.rest);
    for _ in 0..3 {
        (&stream).write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let (status, body) = read_answer(&stream);
        assert!(status.contains("200") && body.contains("jmes-test-1"), "{status}{body}");
    }
    doors.stop();
}

#[test]
fn grpc_speaks_http2_at_once() {
    let test = TestChain::new(1);
    let doors = serve(test.chain.clone(), test.options()).unwrap();
    let mut stream = connect(doors.grpc);
    // The client's preface and its empty SETTINGS frame.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head[3], 4, "the server's first frame is SETTINGS");
    doors.stop();
}

#[test]
fn a_port_in_use_is_named_with_its_setting() {
    let test = TestChain::new(1);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for (options, setting) in [
        (ApiOptions { rest: Some(address), ..test.options() }, "api.address"),
        (ApiOptions { grpc: Some(address), ..test.options() }, "grpc.address"),
    ] {
        let error = serve(test.chain.clone(), options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        let text = error.to_string();
        assert!(text.contains(&address.port().to_string()) && text.contains(setting), "{text}");
    }
}

#[test]
fn stopping_waits_for_nobody_for_long() {
    let test = TestChain::new(1);
    let doors = serve(test.chain.clone(), test.options()).unwrap();
    let (rest, grpc) = (doors.rest, doors.grpc);
    let idle = connect(rest);
    let half = connect(rest);
    (&half)
        .write_all(b"POST /cosmos/tx/v1beta1/simulate HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        .unwrap();
    let silent = connect(grpc);
    let start = Instant::now();
    doors.stop();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(TcpStream::connect(rest.unwrap()).is_err(), "the port is free again");
    drop((idle, half, silent));
}

#[test]
fn a_client_that_does_not_finish_its_request_is_let_go() {
    let test = TestChain::new(1);
    let mut options = test.options();
    options.limits.time = Duration::from_millis(200);
    let doors = serve(test.chain.clone(), options).unwrap();
    let stream = connect(doors.rest);
    (&stream)
        .write_all(b"POST /cosmos/tx/v1beta1/simulate HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        .unwrap();
    let (status, body) = read_answer(&stream);
    assert!(status.contains("408") && body.contains("did not arrive"), "{status}{body}");
    doors.stop();
}

#[test]
fn connections_beyond_the_limit_wait_for_a_place() {
    let test = TestChain::new(1);
    let mut options = test.options();
    options.limits.connections = 1;
    let doors = serve(test.chain.clone(), options).unwrap();
    let ask = |stream: &TcpStream| {
        let mut stream = stream;
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    };
    let first = connect(doors.rest);
    ask(&first);
    assert!(read_answer(&first).0.contains("200"));
    let mut second = connect(doors.rest);
    ask(&second);
    second.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let nothing = second.read(&mut [0]).unwrap_err().kind();
    assert!(matches!(nothing, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{nothing}");
    drop(first);
    second.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert!(read_answer(&second).0.contains("200"));
    drop(second);
    doors.stop();
}

#[test]
fn a_client_that_does_not_take_its_answers_is_let_go() {
    let test = TestChain::new(1);
    let mut options = test.options();
    options.limits.connections = 1;
    options.limits.time = Duration::from_millis(200);
    let doors = serve(test.chain.clone(), options).unwrap();
    let stuck = connect(doors.rest);
    // More than what the system keeps for the two of them.
    let requests = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1_000);
    (&stuck).write_all(&requests).unwrap();
    // There is one place, and it has it.
    let waiting = connect(doors.rest);
    (&waiting).write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(read_answer(&waiting).0.contains("200"));
    drop((stuck, waiting));
    doors.stop();
}

/// A desk whose calls may take 300 ms, with one at a time for an engine that never answers.
fn impatient_desk(test: &TestChain, engine: &SilentEngine) -> Arc<Desk> {
    let client = rpc::Client::with_timeout(&engine.url, Duration::from_secs(60)).unwrap();
    let limits = Limits { time: Duration::from_millis(300), engine_calls: 1, ..Limits::default() };
    Arc::new(Desk::new(test.chain.clone(), client, limits))
}

#[test]
fn calls_beyond_those_that_may_wait_for_the_engine_are_refused() {
    let test = TestChain::new(1);
    let engine = SilentEngine::start();
    let desk = impatient_desk(&test, &engine);
    let (rest, grpc) = (Service::new(desk.clone(), false), Grpc::new(desk));
    let first = {
        let rest = rest.clone();
        thread::spawn(move || get(&rest, SYNCING))
    };
    let asked = engine.asked.recv_timeout(Duration::from_secs(10)).unwrap();
    let second = get(&rest, SYNCING);
    assert_eq!(second.refusal(), (503, 14));
    assert!(second.message().contains("too many requests wait for the consensus engine"));
    let third = run(call(&grpc, GRPC_SYNCING, frame(b""), None));
    assert!(matches!(third.code, Code::Unavailable | Code::DeadlineExceeded), "{}", third.text);
    assert_eq!(get(&rest, "/cosmos/bank/v1beta1/params").status, 200, "what needs no engine goes on");
    assert!(engine.asked.try_recv().is_err(), "the engine was asked once");
    drop((engine, asked));
    let (status, code) = first.join().unwrap().refusal();
    assert!([503, 504].contains(&status) && code == 14, "the engine is gone, or took too long: {status}");
}

#[test]
fn a_grpc_call_that_the_engine_does_not_answer_ends() {
    let test = TestChain::new(1);
    let engine = SilentEngine::start();
    let grpc = Grpc::new(impatient_desk(&test, &engine));
    let reply = run(async {
        let call = call(&grpc, GRPC_SYNCING, frame(b""), None);
        let reply = tokio::time::timeout(Duration::from_secs(10), call).await;
        // Else the thread that waits for it would keep the runtime from ending.
        drop(engine);
        reply
    });
    let reply = reply.unwrap();
    assert_eq!(reply.code, Code::DeadlineExceeded, "{}", reply.text);
}

#[test]
fn a_rest_call_that_the_engine_does_not_answer_ends() {
    let test = TestChain::new(1);
    let engine = SilentEngine::start();
    let rest = Service::new(impatient_desk(&test, &engine), false);
    let call = {
        let rest = rest.clone();
        thread::spawn(move || get(&rest, SYNCING))
    };
    let held = engine.asked.recv_timeout(Duration::from_secs(10)).unwrap();
    thread::sleep(Duration::from_secs(2));
    // Else the thread that waits for it would keep the runtime from ending.
    drop((held, engine));
    let answer = call.join().unwrap();
    assert_eq!(answer.refusal(), (504, 14));
    assert!(answer.message().contains("no answer within 600ms"), "{}", answer.message());
}
