//! Nodes to measure: `jmesd` with its engine on a network of its own, and the engine with its built-in kvstore.

use crate::process;
use anyhow::{bail, Context, Result};
use jmes_modules::kernel::Address;
use jmesd::engine::config::{self, Init};
use jmesd::engine::{self, Ports, Preset};
use jmesd::rpc::endpoint::abci_info;
use jmesd::rpc::Client;
use serde_json::{json, Value};
use std::fmt::Write;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a node may take to its first block, and to its end.
const PATIENCE: Duration = Duration::from_secs(60);
/// Block time of all nodes here.
const BLOCK_TIME: Duration = Duration::from_secs(1);

/// The programs that are measured.
pub struct Programs {
    /// `jmesd`.
    pub jmesd: PathBuf,
    /// The consensus engine.
    pub engine: PathBuf,
}

impl Programs {
    /// Finds `jmesd` beside this program unless it is named, and the engine as `jmesd` does.
    pub fn find(jmesd: Option<PathBuf>) -> Result<Self> {
        let jmesd = match jmesd {
            Some(path) => path,
            None => std::env::current_exe()?.with_file_name("jmesd"),
        };
        if !jmesd.is_file() {
            bail!("there is no jmesd at {}: build it, or name it with --jmesd", jmesd.display());
        }
        Ok(Self { jmesd, engine: engine::find_binary(None)? })
    }
}

/// A node's home, ready to be started.
pub struct Home {
    /// The directory.
    path: PathBuf,
    ports: Ports,
    /// What starts the node in it.
    command: Command,
    chain_id: String,
}

impl Home {
    /// A devnet of one validator in `path`, with these wallets funded.
    pub fn of_jmes(programs: &Programs, path: &Path, wallets: &[(Address, u128)]) -> Result<Self> {
        let base = free_ports()?;
        let _ = fs::remove_dir_all(path);
        fs::create_dir_all(path)?;
        let mut funds = String::new();
        for (address, amount) in wallets {
            writeln!(funds, "{address} {amount}")?;
        }
        let fund_file = path.join("funds");
        fs::write(&fund_file, funds)?;
        let mut testnet = Command::new(&programs.jmesd);
        testnet.arg("testnet").arg("--home").arg(path).args(["--validators", "1", "--block-time", "1s"]);
        testnet.arg("--port-base").arg(base.to_string()).arg("--fund-file").arg(&fund_file);
        let output = testnet.env("JMES_ENGINE", &programs.engine).stdin(Stdio::null()).output()?;
        if !output.status.success() {
            bail!("jmesd testnet failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        let summary: Value = serde_json::from_slice(&fs::read(path.join("testnet.json"))?)?;
        let home = path.join("node0");
        let mut command = Command::new(&programs.jmesd);
        command.arg("start").arg("--home").arg(&home).env("JMES_ENGINE", &programs.engine);
        let chain_id = summary["chain_id"].as_str().context("testnet.json has no chain_id")?.to_owned();
        Ok(Self { path: home, ports: Ports::of_node(Some(base), 0)?, command, chain_id })
    }

    /// The engine with its kvstore in `path`, all else as in a devnet of one validator.
    pub fn of_kvstore(programs: &Programs, path: &Path) -> Result<Self> {
        let ports = Ports::of_node(Some(free_ports()?), 0)?;
        let _ = fs::remove_dir_all(path);
        config::init(&Init {
            binary: &programs.engine,
            home: path,
            moniker: "kvstore",
            preset: Preset::BlockTime(BLOCK_TIME),
            alone: true,
            ports,
        })?;
        let mut document = jmesd::node::genesis::Network::Devnet.template();
        let key = serde_json::to_value(engine::keys::validator_pubkey(path)?)?;
        document["validators"] = json!([{ "pub_key": key, "power": "1000", "name": "kvstore" }]);
        document["genesis_time"] = json!("2025-01-01T00:00:00Z");
        document["app_state"] = json!({});
        let chain_id = document["chain_id"].as_str().unwrap_or_default().to_owned();
        jmesd::node::genesis::save(&path.join("config/genesis.json"), &document)?;
        let mut command = Command::new(&programs.engine);
        command.arg("start").arg("--home").arg(path).arg("--proxy_app=kvstore");
        Ok(Self { path: path.to_path_buf(), ports, command, chain_id })
    }

    /// Sets how many transactions the engine's mempool holds.
    pub fn set_mempool(&self, size: i64) -> Result<()> {
        config::edit(&self.path, &[("mempool.size", size.into())])
    }

    /// Starts the node and waits for its first block.
    pub fn start(mut self) -> Result<Node> {
        let log = self.path.join("node.log");
        let output = File::create(&log).with_context(|| format!("can't write {}", log.display()))?;
        let started = Instant::now();
        let process = self
            .command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("can't run {}", self.command.get_program().display()))?;
        let client = Client::new(&format!("http://127.0.0.1:{}", self.ports.rpc))?;
        let mut node = Node {
            process,
            client,
            ports: self.ports,
            chain_id: self.chain_id,
            log,
            first_block: Duration::ZERO,
        };
        node.first_block = node.wait_for_block(started)?;
        Ok(node)
    }
}

/// A node that runs; it is stopped when this is dropped.
pub struct Node {
    process: Child,
    /// The engine's RPC.
    pub client: Client,
    /// Where it listens.
    pub ports: Ports,
    /// The chain's id.
    pub chain_id: String,
    /// From the start of the process to the first block that the application had committed.
    pub first_block: Duration,
    log: PathBuf,
}

impl Node {
    /// The id of the process that was started.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The height that the application has committed; the engine's own is ahead of it within a block.
    fn height(&self) -> Result<u64> {
        Ok(self.client.call(abci_info::Request)?.response.last_block_height.value())
    }

    fn wait_for_block(&mut self, started: Instant) -> Result<Duration> {
        loop {
            if self.height().is_ok_and(|height| height > 0) {
                return Ok(started.elapsed());
            }
            let ended = self.process.try_wait()?;
            if ended.is_some() || started.elapsed() > PATIENCE {
                let text = fs::read_to_string(&self.log).unwrap_or_default();
                let lines: Vec<_> = text.lines().collect();
                let end = lines[lines.len().saturating_sub(20)..].join("\n");
                bail!("the node made no block; the end of {}:\n{end}", self.log.display());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        process::terminate(self.process.id());
        let asked = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) {
            if asked.elapsed() > PATIENCE {
                // What can't be stopped is killed; whether that works changes nothing here.
                let _ = self.process.kill();
                let _ = self.process.wait();
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The first of six ports in a row that nothing listens on now.
fn free_ports() -> Result<u16> {
    // Below the range from which the kernel takes ports for outgoing connections.
    let start = 20_000 + u16::try_from(std::process::id() % 1_000).unwrap_or(0) * 10;
    let is_free = |base: &u16| (*base..base + 6).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok());
    (start..32_000).step_by(10).find(is_free).context("there are no free ports from 20,000 to 32,000")
}
