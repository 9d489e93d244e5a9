//! The client against a tiny HTTP server that says what each test needs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    thread,
};

use super::*;

/// Serves each of `answers` (status and body) to one request on a fresh connection, and returns the bodies received.
fn server(answers: Vec<(u16, String)>) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let thread = thread::spawn(move || {
        let mut bodies = Vec::new();
        for (status, answer) in answers {
            let (stream, _) = listener.accept().expect("a client");
            let mut reader = BufReader::new(&stream);
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a header");
                let line = line.trim().to_ascii_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                if line.is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            bodies.push(String::from_utf8(body).expect("UTF-8"));
            write!(
                &stream,
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                answer.len()
            )
            .expect("an answer sent");
        }
        bodies
    });
    (url, thread)
}

fn result(json: &str) -> (u16, String) {
    (200, format!(r#"{{"jsonrpc":"2.0","id":"1","result":{json}}}"#))
}

fn refusal(status: u16, data: &str) -> (u16, String) {
    (
        status,
        format!(
            r#"{{"jsonrpc":"2.0","id":"1","error":{{"code":-32603,"message":"Internal error","data":"{data}"}}}}"#
        ),
    )
}

#[test]
fn an_absent_node_is_named_with_its_address() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let error = Client::new(&format!("tcp://127.0.0.1:{port}")).unwrap().health().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the node at http://127.0.0.1:{port} can't be reached: connection refused; is it running?")
    );
}

#[test]
fn a_silent_node_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().unwrap());
    let error = Client::with_timeout(&url, Duration::from_millis(100)).unwrap().status().unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}

#[test]
fn addresses_that_are_no_urls_are_refused() {
    for url in ["", "localhost:26657", "ftp://x", "http://", "tcp://:1", "http://a b"] {
        let error = Client::new(url).unwrap_err();
        assert!(matches!(error, Error::Url { .. }), "{url}: {error:?}");
    }
    assert_eq!(Client::new("tcp://localhost:26657").unwrap().url(), "http://localhost:26657");
    assert_eq!(Client::new("https://rpc.example.org").unwrap().url(), "https://rpc.example.org");
}

#[test]
fn the_engines_refusal_keeps_its_words_whatever_the_http_status() {
    let (url, server) =
        server(vec![refusal(200, "tx already exists in cache"), refusal(500, "mempool is full")]);
    let client = Client::new(&url).unwrap();
    for words in ["tx already exists in cache", "mempool is full"] {
        assert_eq!(
            client.broadcast_tx_sync(vec![1]).unwrap_err(),
            Error::Refused { code: -32603, message: words.to_owned() }
        );
    }
    let requests = server.join().unwrap();
    assert!(requests[0].contains("broadcast_tx_sync") && requests[0].contains("AQ=="), "{requests:?}");
}

#[test]
fn a_missing_transaction_is_none() {
    let (url, server) = server(vec![refusal(200, "tx (00FF) not found")]);
    assert!(Client::new(&url).unwrap().tx([7; 32], false).unwrap().is_none());
    server.join().unwrap();
}

#[test]
fn what_is_no_engine_is_said_so() {
    let (url, server) = server(vec![(404, "<html>".to_owned()), (200, "<html>".to_owned())]);
    let client = Client::new(&url).unwrap();
    for _ in 0..2 {
        let error = client.health().unwrap_err();
        assert!(matches!(error, Error::Answer { .. }), "{error:?}");
    }
    server.join().unwrap();
}

#[test]
fn genesis_is_put_together_from_its_chunks() {
    let chunk = |n, data| result(&format!(r#"{{"chunk":"{n}","total":"2","data":"{data}"}}"#));
    let (url, server) = server(vec![chunk(0, "eyJhIjo="), chunk(1, "MX0=")]);
    assert_eq!(Client::new(&url).unwrap().genesis().unwrap(), serde_json::json!({"a": 1}));
    assert!(server.join().unwrap()[1].contains(r#""chunk": "1""#));
}

#[test]
fn heights_the_engine_does_not_have_are_not_asked_for() {
    let client = Client::new("http://127.0.0.1:1").unwrap();
    assert_eq!(client.block(Some(u64::MAX)).unwrap_err(), Error::Height(u64::MAX));
}

#[test]
fn result_data_are_bytes_and_not_their_base64() {
    let tx = r#"{"hash":"0000000000000000000000000000000000000000000000000000000000000000","height":"7","index":0,
        "tx_result":{"code":0,"data":"EgA=","log":"","info":"","gas_wanted":"1","gas_used":"1","events":[],"codespace":""},
        "tx":"AA=="}"#;
    let page = format!(r#"{{"txs":[{tx}],"total_count":"1"}}"#);
    let (url, server) = server(vec![result(tx), result(&page)]);
    let client = Client::new(&url).unwrap();
    assert_eq!(&client.tx([0; 32], false).unwrap().unwrap().tx_result.data[..], [0x12, 0]);
    let page = Page { number: 1, size: 10, order: Order::Ascending };
    assert_eq!(&client.tx_search("tx.height>0", page).unwrap().txs[0].tx_result.data[..], [0x12, 0]);
    server.join().unwrap();
}
