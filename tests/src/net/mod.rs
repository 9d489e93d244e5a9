//! Networks of real nodes on this machine for the end-to-end suites: `jmesd` and its engine as their users start them.
//!
//! Each network has a directory and loopback ports of its own. When it is dropped its nodes are stopped, and if the
//! test has failed the ends of their logs are printed.

mod node;
mod script;
mod system;

pub use node::{End, Endpoints, Node};
pub use script::Script;
pub use system::{
    end_with_this_thread, free_port_base, jmesd, next_jmesd, processes_naming, repository, run, send_signal,
    until, PATIENCE,
};

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::Key;

/// Nils of the funded key.
const FUNDS: u64 = 1_000_000_000_000;

/// A wallet that the network's genesis funds.
#[derive(Clone, Debug, Deserialize)]
pub struct TestKey {
    /// Its name in the first node's test keyring.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The words it derives from.
    pub mnemonic: String,
}

/// Several nodes of one chain.
pub struct Network {
    /// The nodes, all of them validators.
    pub nodes: Vec<Node>,
    /// The chain's id.
    pub chain_id: String,
    /// The funded wallets.
    pub keys: Vec<TestKey>,
    home: PathBuf,
    _dir: TempDir,
    _turn: Turn,
}

/// What `jmesd testnet` says of the network it made.
#[derive(Deserialize)]
struct Summary {
    chain_id: String,
    nodes: Vec<Endpoints>,
    keys: Vec<TestKey>,
}

/// Tests that measure time run while no other network does.
enum Turn {
    Shared { _guard: RwLockReadGuard<'static, ()> },
    Alone { _guard: RwLockWriteGuard<'static, ()> },
}

static TURNS: RwLock<()> = RwLock::new(());

fn shared_turn() -> Turn {
    Turn::Shared { _guard: TURNS.read().unwrap_or_else(PoisonError::into_inner) }
}

impl Network {
    /// Makes the files of a network and starts nothing. `block_time` is as `--block-time` takes it.
    pub fn make(validators: u16, block_time: &str) -> Self {
        Self::make_in(None, validators, block_time, shared_turn())
    }

    /// As [`make`](Self::make) in a directory of the caller's; logs are elsewhere.
    pub fn make_at(home: &Path, validators: u16, block_time: &str) -> Self {
        Self::make_in(Some(home), validators, block_time, shared_turn())
    }

    /// As [`make`](Self::make), waiting until no other network of this process exists, and letting none begin.
    pub fn make_alone(validators: u16, block_time: &str) -> Self {
        let guard = TURNS.write().unwrap_or_else(PoisonError::into_inner);
        Self::make_in(None, validators, block_time, Turn::Alone { _guard: guard })
    }

    /// Makes a network, starts its nodes and waits until each has a block.
    pub fn start(validators: u16, block_time: &str) -> Self {
        let mut network = Self::make(validators, block_time);
        network.start_all();
        network
    }

    fn make_in(home: Option<&Path>, validators: u16, block_time: &str, turn: Turn) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let home = home.map_or_else(|| dir.path().join("home"), Path::to_owned);
        let base = free_port_base(validators);
        run(Command::new(jmesd())
            .args(["testnet", "--home"])
            .arg(&home)
            .args(["--validators", &validators.to_string(), "--block-time", block_time])
            .args([
                "--port-base",
                &base.to_string(),
                "--fund",
                &format!("{}={FUNDS}ujmes", funded().address()),
            ]));
        let text = fs::read(home.join("testnet.json")).expect("the network's description");
        let Summary { chain_id, nodes, keys } = serde_json::from_slice(&text).expect("its fields");
        let node = |(index, endpoints)| {
            let name = format!("node{index}");
            Node::new(home.join(&name), endpoints, dir.path().join(name).with_extension("log"))
        };
        let nodes = nodes.into_iter().enumerate().map(node).collect();
        Self { nodes, chain_id, keys, home, _dir: dir, _turn: turn }
    }

    /// Changes the application's part of the genesis of all nodes, which must not have started.
    pub fn change_genesis(&self, change: impl Fn(&mut Value)) {
        for node in &self.nodes {
            change_genesis(&node.home, &change);
        }
    }

    /// Starts all nodes and waits until each has a block.
    pub fn start_all(&mut self) {
        for node in &mut self.nodes {
            node.start(&[]);
        }
        for node in &mut self.nodes {
            node.wait_for_height(1);
        }
    }

    /// A key that this network's genesis funds, besides the test keys.
    pub fn funded(&self) -> Key {
        funded()
    }

    /// The file that describes the network to clients, as `endpoints.json` of `scripts/run` does.
    pub fn description(&self) -> PathBuf {
        self.home.join("testnet.json")
    }

    /// Runs `jmesd` with `arguments` as a user of the first node would, for results in JSON.
    pub fn cli(&self, arguments: &[&str]) -> Value {
        let node = &self.nodes[0];
        let output = run(Command::new(jmesd())
            .args(arguments)
            .arg("--home")
            .arg(&node.home)
            .args(["--output", "json"])
            .envs([("JMES_NODE", node.endpoints.rpc.as_str()), ("JMES_KEYRING_BACKEND", "test")]));
        serde_json::from_str(&output).unwrap_or_else(|error| panic!("{arguments:?} gave {error}: {output}"))
    }
}

/// Changes the application's part of the genesis in a node's home.
pub fn change_genesis(home: &Path, change: impl Fn(&mut Value)) {
    let path = home.join("config/genesis.json");
    let text = fs::read(&path).expect("the genesis file");
    let mut genesis: Value = serde_json::from_slice(&text).expect("it is JSON");
    change(&mut genesis["app_state"]);
    fs::write(&path, genesis.to_string()).expect("the genesis file");
}

fn funded() -> Key {
    Key::new(0)
}
