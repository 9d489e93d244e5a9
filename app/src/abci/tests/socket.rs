//! The server over real unix sockets.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use tempfile::TempDir;

use super::*;
use crate::abci::{Error, Limits, Server, Shutdown};

/// A server running in the background on a socket of its own.
struct Running {
    app: TestApp,
    shutdown: Shutdown,
    outcome: Receiver<thread::Result<Result<(), Error>>>,
    path: PathBuf,
    _directory: TempDir,
}

impl Running {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("abci.sock");
        let (app, shutdown) = (TestApp::default(), Shutdown::new());
        let server = Server::bind(&path, app.clone(), Limits::default()).unwrap();
        let (sender, outcome) = mpsc::channel();
        let token = shutdown.clone();
        thread::spawn(move || {
            let ended = thread::spawn(move || server.run(&token)).join();
            // A test that has failed by now does not listen.
            let _ = sender.send(ended);
        });
        Self { app, shutdown, outcome, path, _directory: directory }
    }

    fn connect(&self) -> Client {
        let stream = UnixStream::connect(&self.path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Client(stream)
    }

    fn ended(&self) -> thread::Result<Result<(), Error>> {
        self.outcome.recv_timeout(PATIENCE).expect("the server should have ended")
    }

    fn stop(self) {
        self.shutdown.trigger();
        self.ended().expect("no panic").expect("an orderly end");
        assert!(!self.path.exists(), "the socket's file is removed");
    }
}

/// The engine's side of a connection.
struct Client(UnixStream);

impl Client {
    fn send(&mut self, requests: impl IntoIterator<Item = request::Value>) {
        self.0.write_all(&encode(requests)).unwrap();
    }

    /// The next answer; `None` at the end of the connection.
    fn receive(&mut self) -> Option<response::Value> {
        let mut prefix = Vec::new();
        while prefix.last().is_none_or(|byte| byte & 0x80 != 0) {
            let mut byte = [0];
            match self.0.read(&mut byte) {
                Ok(1) => prefix.push(byte[0]),
                Ok(_) => return None,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("no answer: {error}"),
            }
        }
        let mut message = vec![0; prost::decode_length_delimiter(&prefix[..]).unwrap()];
        self.0.read_exact(&mut message).unwrap();
        Response::decode(&message[..]).unwrap().value
    }

    fn call(&mut self, request: request::Value) -> response::Value {
        self.send([request]);
        self.receive().expect("the connection should be open")
    }

    fn echo(&mut self, message: &str) -> String {
        match self.call(echo(message)) {
            response::Value::Echo(answer) => answer.message,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Running::start();
    let mut client = server.connect();
    let mut writer = Client(client.0.try_clone().unwrap());
    let txs: Vec<Bytes> = (0..20_000).map(|number| format!("{number:0200}").into()).collect();
    let sent = txs.clone();
    let sending = thread::spawn(move || writer.send(sent.into_iter().map(check).chain([flush()])));
    for tx in &txs {
        assert_eq!(checked_tx(&client.receive().unwrap()), tx);
    }
    assert!(matches!(client.receive(), Some(response::Value::Flush(_))));
    sending.join().unwrap();
    assert_eq!(server.app.looked_ahead().concat(), txs);
    server.stop();
}

#[test]
fn a_request_is_answered_without_waiting_for_a_flush() {
    let server = Running::start();
    assert_eq!(checked_tx(&server.connect().call(check("lonely"))), "lonely");
}

#[test]
fn a_block_of_20_megabytes_arrives_whole() {
    let server = Running::start();
    let mut client = server.connect();
    for (transactions, bytes) in [(1, 20_000_000), (66_000, 300)] {
        match client.call(block(transactions, bytes)) {
            response::Value::FinalizeBlock(answer) => {
                assert_eq!(answer.app_hash, format!("{transactions} {}", transactions * bytes));
            }
            other => panic!("{other:?}"),
        }
    }
    server.stop();
}

#[test]
fn requests_that_arrive_byte_by_byte_are_answered() {
    let server = Running::start();
    let mut client = server.connect();
    for byte in encode(all_kinds()) {
        client.0.write_all(&[byte]).unwrap();
    }
    for _ in all_kinds() {
        client.receive().unwrap();
    }
    server.stop();
}

#[test]
fn four_connections_are_served_at_the_same_time() {
    let server = Running::start();
    let mut clients = [(); 4].map(|()| server.connect());
    // Each request ends only when four are under way.
    clients.iter_mut().for_each(|client| client.send([echo("meet 4")]));
    for client in &mut clients {
        let answer = client.receive();
        assert!(matches!(answer, Some(response::Value::Echo(answer)) if answer.message == "true"));
    }
    server.stop();
}

#[test]
fn shutdown_ends_connections_that_wait_for_requests() {
    let server = Running::start();
    let mut clients = [(); 4].map(|()| server.connect());
    clients.iter_mut().for_each(|client| assert_eq!(client.echo("ready"), "ready"));
    clients[0].0.write_all(&[200, 1, 0]).unwrap();
    server.stop();
    clients.iter_mut().for_each(|client| assert!(client.receive().is_none()));
}

#[test]
fn a_server_told_to_stop_before_it_runs_ends_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("abci.sock");
    let server = Server::bind(&path, TestApp::default(), Limits::default()).unwrap();
    let shutdown = Shutdown::new();
    shutdown.trigger();
    server.run(&shutdown).unwrap();
    assert!(!path.exists());
}

#[test]
fn the_end_of_a_used_connection_ends_the_server() {
    let server = Running::start();
    let (mut staying, mut leaving) = (server.connect(), server.connect());
    staying.echo("1");
    leaving.echo("2");
    drop(leaving);
    match server.ended().unwrap() {
        Err(Error::Closed { connection: 2, unfinished: 0 }) => {}
        other => panic!("{other:?}"),
    }
    assert!(staying.receive().is_none());
    assert!(!server.path.exists());
    assert!(!server.shutdown.is_triggered(), "the token belongs to the caller");
}

#[test]
fn an_invalid_request_gets_an_exception_and_ends_the_server() {
    let server = Running::start();
    let mut client = server.connect();
    client.0.write_all(b"\x05GET /").unwrap();
    match client.receive() {
        Some(response::Value::Exception(exception)) => {
            assert!(exception.error.starts_with("invalid request on ABCI connection 1: "), "{exception:?}");
        }
        other => panic!("{other:?}"),
    }
    assert!(client.receive().is_none());
    assert!(matches!(server.ended().unwrap(), Err(Error::Malformed { connection: 1, .. })));
}

#[test]
fn a_panic_of_the_application_reaches_the_caller_while_other_connections_wait() {
    let server = Running::start();
    let mut waiting = server.connect();
    waiting.echo("ready");
    server.connect().send([echo("panic")]);
    let payload = server.ended().expect_err("the panic goes on");
    assert!(payload.downcast_ref::<String>().unwrap().contains("asked to panic"));
    assert!(waiting.receive().is_none());
}

#[test]
fn the_socket_is_for_its_owner_alone() {
    let server = Running::start();
    assert_eq!(fs::metadata(&server.path).unwrap().permissions().mode() & 0o777, 0o600);
    server.stop();
}

#[test]
fn the_socket_of_a_server_that_is_no_more_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("abci.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    drop(Server::bind(&path, TestApp::default(), Limits::default()).unwrap());
    assert!(!path.exists(), "a server that never ran removes its file too");
}

#[test]
fn a_second_server_on_the_same_socket_is_refused_and_the_first_goes_on() {
    let server = Running::start();
    let mut client = server.connect();
    client.echo("before");
    let second = Server::bind(&server.path, TestApp::default(), Limits::default());
    assert!(matches!(second, Err(Error::InUse(path)) if path == server.path));
    assert_eq!(client.echo("after"), "after");
    assert_eq!(server.connect().echo("new"), "new");
}

#[test]
fn what_is_not_a_socket_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("abci.sock");
    fs::write(&path, "precious").unwrap();
    let refused = Server::bind(&path, TestApp::default(), Limits::default());
    assert!(matches!(refused, Err(Error::NotASocket(refused)) if refused == path));
    assert_eq!(fs::read(&path).unwrap(), b"precious");
}

#[test]
fn a_socket_that_cannot_be_made_is_explained() {
    let path = tempfile::tempdir().unwrap().path().join("gone").join("abci.sock");
    let error = Server::bind(&path, TestApp::default(), Limits::default()).err().unwrap().to_string();
    assert!(error.contains(path.to_str().unwrap()) && error.contains("No such file"), "{error}");
}
