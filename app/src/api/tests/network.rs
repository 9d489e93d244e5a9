//! The doors on real sockets: opening, requests, and the end.

use std::time::{Duration, Instant};

use super::*;
use crate::api::serve;

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
        assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
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
