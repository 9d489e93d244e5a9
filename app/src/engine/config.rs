//! Making the engine's files: keys and `config/config.toml`, with this chain's block pace, limits and addresses.
//!
//! The engine writes its own documented defaults, and only the values that this chain needs otherwise are edited, so
//! that comments and every other setting stay as the engine's manual describes them. A file that is already there is
//! the operator's and is left alone.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{bail, Context, Result};
use sha2::{Digest, Sha256};
use toml_edit::{DocumentMut, Value};

use super::settings;

/// What a round takes beyond `timeout_commit` between validators that gossip with the engine's default pauses:
/// measured with four nodes on one machine of two cores, a little less than the least (310 ms), so that the pace of a
/// busier machine is still right.
const ROUND: Duration = Duration::from_millis(290);
/// The same for a chain's only validator, which waits for nobody: its own disk and the application.
const ROUND_ALONE: Duration = Duration::from_millis(10);
/// The shortest block time accepted.
const SHORTEST_BLOCK: Duration = Duration::from_millis(100);
/// The longest path of a unix socket, in bytes: the kernel's 108 less the closing zero.
const SOCKET_PATH_MAX: usize = 107;

/// The block pace and the timeouts that go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// 5 s on average between validators in different places.
    Mainnet,
    /// 1 s on a development network on one machine.
    Devnet,
    /// Any block time from 100 ms up, as `--block-time` gives it.
    BlockTime(Duration),
}

impl Preset {
    /// The average time between blocks that the preset aims at.
    pub fn block_time(self) -> Duration {
        match self {
            Self::Mainnet => Duration::from_secs(5),
            Self::Devnet => Duration::from_secs(1),
            Self::BlockTime(time) => time,
        }
    }

    /// The engine's pause after a commit: the block time less the time of a round, and never less than half of the
    /// block time, so that late votes still arrive when blocks are fast.
    fn timeout_commit(self, alone: bool) -> Duration {
        let block_time = self.block_time();
        let round = if alone { ROUND_ALONE } else { ROUND };
        block_time.saturating_sub(round).max(block_time / 2)
    }
}

/// The ports a node listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Engine: connections from peers.
    pub p2p: u16,
    /// Engine: JSON-RPC and websocket.
    pub rpc: u16,
    /// Application: REST.
    pub rest: u16,
    /// Application: gRPC.
    pub grpc: u16,
    /// Engine: Prometheus metrics `cometbft_*`.
    pub engine_metrics: u16,
    /// Application: Prometheus metrics.
    pub app_metrics: u16,
}

impl Ports {
    /// Ports from one node to the next on the same machine.
    const STEP: u16 = 100;

    /// The usual ports of a single node.
    pub const USUAL: Self =
        Self { p2p: 26656, rpc: 26657, rest: 1317, grpc: 9090, engine_metrics: 26660, app_metrics: 26661 };

    /// The ports of node `index` on a machine with several: `base + 100·index + 0 … 5`, in the order of the fields,
    /// or the usual ports + `100·index` without a base.
    ///
    /// # Errors
    /// A port would be over 65,535.
    pub fn of_node(base: Option<u16>, index: u16) -> Result<Self> {
        let first = match base {
            Some(p2p) => Self {
                p2p,
                rpc: p2p.saturating_add(1),
                rest: p2p.saturating_add(2),
                grpc: p2p.saturating_add(3),
                engine_metrics: p2p.saturating_add(4),
                app_metrics: p2p.saturating_add(5),
            },
            None => Self::USUAL,
        };
        let highest = u32::from(first.p2p.max(first.app_metrics)) + u32::from(index) * u32::from(Self::STEP);
        if highest > u32::from(u16::MAX) || base.is_some_and(|base| base > u16::MAX - 5) {
            bail!("node {index} would listen on port {highest}: choose a lower --port-base or fewer nodes");
        }
        let shift = index * Self::STEP;
        Ok(Self {
            p2p: first.p2p + shift,
            rpc: first.rpc + shift,
            rest: first.rest + shift,
            grpc: first.grpc + shift,
            engine_metrics: first.engine_metrics + shift,
            app_metrics: first.app_metrics + shift,
        })
    }
}

/// What a node's engine files are made from.
#[derive(Clone, Debug)]
pub struct Init<'a> {
    /// The engine's binary, see [`find_binary`](super::find_binary).
    pub binary: &'a Path,
    /// The node's home directory; created if missing.
    pub home: &'a Path,
    /// The name that peers see.
    pub moniker: &'a str,
    /// The block pace.
    pub preset: Preset,
    /// Whether this is the chain's only validator, whose rounds take no time worth waiting less for.
    pub alone: bool,
    /// The ports; those of the application are not used here.
    pub ports: Ports,
}

/// Makes the engine's keys, `config/config.toml` and data directory where they do not exist yet. The genesis file is
/// not made here.
///
/// # Errors
/// The home cannot be written, the engine's own `init` fails, or the block time is shorter than 100 ms.
pub fn init(init: &Init<'_>) -> Result<()> {
    if init.preset.block_time() < SHORTEST_BLOCK {
        bail!("a block time of {:?} is too short: the least is {SHORTEST_BLOCK:?}", init.preset.block_time());
    }
    fs::create_dir_all(init.home).with_context(|| format!("cannot create {}", init.home.display()))?;
    let path = init.home.join("config/config.toml");
    let genesis = init.home.join("config/genesis.json");
    let (fresh, genesis_kept) = (!path.exists(), genesis.exists());
    run_init(init.binary, init.home)?;
    if !genesis_kept {
        // The engine's init makes a genesis of its own; this chain's is another.
        fs::remove_file(&genesis).with_context(|| format!("cannot remove {}", genesis.display()))?;
    }
    if fresh {
        edit(init.home, &values(init)?)?;
    }
    Ok(())
}

/// Changes settings of `config/config.toml`, keeping comments and order.
///
/// # Errors
/// The file cannot be read or written, or has no such key.
pub fn edit(home: &Path, values: &[(&str, Value)]) -> Result<()> {
    let path = home.join("config/config.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut document: DocumentMut =
        text.parse().with_context(|| format!("{} is not valid TOML", path.display()))?;
    for (key, value) in values {
        settings::replace(&mut document, key, value.clone())
            .with_context(|| format!("cannot edit {}", path.display()))?;
    }
    settings::write(&path, &document)
}

/// The ABCI socket between the application and the engine of this home: `data/abci.sock` under the home, or, where
/// that path is longer than a unix socket's may be, a path under `/tmp` that depends on user and home alone, in a
/// directory that only this user can enter.
///
/// # Errors
/// The directory cannot be made, or another user made it first.
pub fn app_socket(home: &Path) -> Result<PathBuf> {
    fs::create_dir_all(home.join("data"))
        .with_context(|| format!("cannot create {}/data", home.display()))?;
    let home = home.canonicalize().with_context(|| format!("cannot resolve {}", home.display()))?;
    let socket = home.join("data/abci.sock");
    if socket.as_os_str().len() <= SOCKET_PATH_MAX {
        return Ok(socket);
    }
    // SAFETY: geteuid has no preconditions and cannot fail.
    let user = unsafe { libc::geteuid() };
    let digest = Sha256::digest(home.as_os_str().as_encoded_bytes());
    let dir = PathBuf::from(format!("/tmp/jmes-{user}-{}", hex::encode(&digest[..8])));
    if let Err(error) = fs::DirBuilder::new().mode(0o700).create(&dir) {
        if error.kind() != std::io::ErrorKind::AlreadyExists {
            return Err(error).with_context(|| format!("cannot create {}", dir.display()));
        }
    }
    let found = fs::symlink_metadata(&dir).with_context(|| format!("cannot look at {}", dir.display()))?;
    if !found.is_dir() || found.uid() != user || found.mode() & 0o077 != 0 {
        bail!("{} is not a directory of this user alone: remove it, or use a shorter --home", dir.display());
    }
    Ok(dir.join("abci.sock"))
}

/// The URL of the engine's RPC for programs on this machine, as `http://127.0.0.1:26657`.
///
/// # Errors
/// `config.toml` cannot be read, or its `rpc.laddr` is not a TCP address.
pub fn rpc_url(home: &Path) -> Result<String> {
    let document = settings::load(&settings::File::Config.path(home))?;
    let addresses = settings::text(&document, "rpc.laddr").unwrap_or_default();
    let first = addresses.split(',').next().unwrap_or_default().trim();
    let (host, port) = first
        .strip_prefix("tcp://")
        .and_then(|address| address.rsplit_once(':'))
        .with_context(|| format!("rpc.laddr = `{first}` in config.toml is not like tcp://127.0.0.1:26657"))?;
    // An address that means every interface is not one to connect to.
    let host = match host {
        "" | "0.0.0.0" => "127.0.0.1",
        "[::]" => "[::1]",
        host => host,
    };
    Ok(format!("http://{host}:{port}"))
}

fn run_init(binary: &Path, home: &Path) -> Result<()> {
    let output = super::supervisor::command(binary, home)
        .arg("init")
        .output()
        .with_context(|| format!("cannot run the consensus engine {}", binary.display()))?;
    if !output.status.success() {
        bail!(
            "the consensus engine could not make its files in {} ({}): {}{}",
            home.display(),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
    }
    Ok(())
}

/// The settings of this chain that differ from the engine's defaults, or must not change should those change.
fn values(init: &Init<'_>) -> Result<Vec<(&'static str, Value)>> {
    const MIB: i64 = 1 << 20;
    let Init { preset, alone, ports, .. } = init;
    let socket = app_socket(init.home)?;
    // A round that fails costs about its timeouts; for a chain slower than the default they need not grow.
    let propose = preset.block_time().clamp(Duration::from_millis(500), Duration::from_secs(3));
    Ok(vec![
        ("proxy_app", format!("unix://{}", socket.display()).into()),
        ("moniker", init.moniker.into()),
        ("db_backend", "goleveldb".into()),
        ("rpc.laddr", format!("tcp://127.0.0.1:{}", ports.rpc).into()),
        ("rpc.cors_allowed_origins", Value::Array(toml_edit::Array::new())),
        // The largest transaction as base64, and the rest of the request.
        ("rpc.max_body_bytes", (2 * MIB).into()),
        ("p2p.laddr", format!("tcp://0.0.0.0:{}", ports.p2p).into()),
        // The application's CheckTx is quick and blocks hold thousands of transfers, so the pool can hold several
        // blocks; 128 MiB bound its memory when transactions are large. Rechecks drop what a block made invalid.
        ("mempool.type", "flood".into()),
        ("mempool.recheck", true.into()),
        ("mempool.size", 50_000.into()),
        ("mempool.max_txs_bytes", (128 * MIB).into()),
        ("mempool.cache_size", 100_000.into()),
        ("mempool.max_tx_bytes", MIB.into()),
        ("consensus.timeout_propose", duration(propose).into()),
        ("consensus.timeout_commit", duration(preset.timeout_commit(*alone)).into()),
        // With it, blocks would follow each other as fast as votes arrive.
        ("consensus.skip_timeout_commit", false.into()),
        ("consensus.create_empty_blocks", true.into()),
        ("tx_index.indexer", "kv".into()),
        ("instrumentation.prometheus", true.into()),
        ("instrumentation.prometheus_listen_addr", format!("127.0.0.1:{}", ports.engine_metrics).into()),
    ])
}

/// A duration as the engine's configuration writes it.
fn duration(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}
