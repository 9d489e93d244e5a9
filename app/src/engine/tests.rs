//! The engine's life and settings, with the real engine and its built-in key-value application.

mod life;
mod settings;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use super::config::{self, Init};
use super::testnet::{self, Layout, Node};
use super::{find_binary, Engine, Options, Ports, Preset};

/// The longest that anything here may take.
const LIMIT: Duration = Duration::from_secs(60);

fn binary() -> PathBuf {
    find_binary(None).expect("the tests need the engine: run scripts/setup")
}

/// Ports of a single node that are free and given to no other test.
fn free_ports() -> Ports {
    Ports::of_node(Some(free_port_base(1)), 0).unwrap()
}

/// A base for [`Ports::of_node`] with the ports of `nodes` nodes free, given to no other test of this process. They
/// are below those that the system gives to outgoing connections.
fn free_port_base(nodes: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let free = |base: u16| {
        let mut ports = (0..nodes).flat_map(|node| (0..6).map(move |port| base + 100 * node + port));
        ports.all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
    };
    // Processes of the same suite start at different places.
    let start = u16::try_from(std::process::id() % 16).unwrap() * 500;
    loop {
        let next = NEXT.fetch_add(100 * nodes, Ordering::Relaxed);
        assert!(next < 4_000, "no ports are free");
        let base = 20_000 + start + next;
        if free(base) {
            return base;
        }
    }
}

/// A single node's files with short blocks and a genesis that names its validator.
fn single_node(home: &Path, ports: Ports) {
    let init = Init {
        binary: &binary(),
        home,
        moniker: "alone",
        preset: Preset::BlockTime(Duration::from_millis(200)),
        alone: true,
        ports,
    };
    config::init(&init).unwrap();
    write_genesis(home, "engine-test", &[super::keys::validator_pubkey(home).unwrap()]);
}

fn write_genesis(home: &Path, chain_id: &str, validators: &[super::keys::PublicKey]) {
    let validators: Vec<_> =
        validators.iter().map(|key| serde_json::json!({"pub_key": key, "power": "10", "name": ""})).collect();
    let genesis = serde_json::json!({
        "genesis_time": "2026-01-01T00:00:00Z",
        "chain_id": chain_id,
        "initial_height": "0",
        "validators": validators,
        "app_hash": "",
    });
    fs::write(home.join("config/genesis.json"), genesis.to_string()).unwrap();
}

fn options(home: &Path) -> Options {
    Options { binary: binary(), home: home.to_owned(), application: "kvstore".into(), log_level: None }
}

fn local_network(dir: &Path, nodes: u16, preset: Preset, port_base: u16) -> Vec<Node> {
    let binary = binary();
    let layout = Layout { binary: &binary, dir, nodes, preset, port_base: Some(port_base) };
    let nodes = testnet::lay_out(&layout).unwrap();
    let validators: Vec<_> = nodes.iter().map(|node| node.validator.clone()).collect();
    for node in &nodes {
        write_genesis(&node.home, "engine-network", &validators);
    }
    nodes
}

/// The engine's answer to a GET on its RPC; `None` while it does not answer.
fn ask(rpc: u16, path: &str) -> Option<serde_json::Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", rpc)).ok()?;
    stream.set_read_timeout(Some(LIMIT)).ok()?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let body = answer.split_once("\r\n\r\n")?.1;
    serde_json::from_str::<serde_json::Value>(body).ok()?.get("result").cloned()
}

fn height(rpc: u16) -> u64 {
    ask(rpc, "status")
        .and_then(|status| status["sync_info"]["latest_block_height"].as_str()?.parse().ok())
        .unwrap_or(0)
}

fn wait_for_height(rpc: u16, wanted: u64, limit: Duration) {
    until(limit, &format!("block {wanted}"), || height(rpc) >= wanted);
}

/// Asks again every few milliseconds until `done`, and fails after `limit`.
fn until(limit: Duration, what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < limit, "{what} did not come within {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Stops an engine when a test ends, also when it fails.
struct Stopped(Engine);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.stop(Duration::from_secs(10));
    }
}
