//! `jmesd init`: a home for one node.

use super::genesis::{self, Network};
use super::genesis_file;
use super::settings::NodeSettings;
use crate::cli;
use crate::engine::{self, Ports, Preset};
use anyhow::{bail, Context, Result};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::SystemTime;

/// What a home is made from.
#[derive(Clone, Debug)]
pub struct InitOptions<'a> {
    /// The home directory.
    pub home: &'a Path,
    /// The name that peers see.
    pub moniker: &'a str,
    /// The chain's id; the network's own when `None`.
    pub chain_id: Option<&'a str>,
    /// Whose parameters the genesis gets.
    pub network: Network,
    /// Whether an existing genesis file is replaced.
    pub overwrite: bool,
    /// The engine's binary, if it is not found by itself.
    pub engine_binary: Option<&'a Path>,
}

/// Makes keys, settings and a genesis without accounts and validators.
pub fn run(options: &InitOptions<'_>) -> Result<serde_json::Value> {
    let home = options.home;
    let path = genesis_file(home);
    if path.exists() && !options.overwrite {
        bail!("{} exists already; --overwrite makes a new one", path.display());
    }
    let binary = engine::find_binary(options.engine_binary)?;
    let preset = match options.network {
        Network::Mainnet => Preset::Mainnet,
        Network::Devnet => Preset::Devnet,
    };
    engine::config::init(&engine::config::Init {
        binary: &binary,
        home,
        moniker: options.moniker,
        preset,
        alone: options.network == Network::Devnet,
        ports: Ports::USUAL,
    })?;
    let mut document = options.network.template();
    if let Some(chain_id) = options.chain_id {
        document["chain_id"] = json!(chain_id);
    }
    document["genesis_time"] = json!(now());
    genesis::save(&path, &document)?;
    let chain_id = document["chain_id"].as_str().unwrap_or_default().to_owned();
    write_settings(home, Ports::USUAL, &cli::Settings { chain_id: chain_id.clone(), ..Default::default() })?;
    Ok(json!({
        "moniker": options.moniker,
        "chain_id": chain_id,
        "node_id": engine::keys::node_id(home)?,
        "home": home.display().to_string(),
    }))
}

/// Writes `app.toml` and `client.toml` where they do not exist yet.
pub(super) fn write_settings(home: &Path, ports: Ports, client: &cli::Settings) -> Result<()> {
    let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let path = home.join("config/app.toml");
    if !path.exists() {
        let text = NodeSettings::template(local(ports.rest), local(ports.grpc));
        std::fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?;
    }
    client.write_new(home)
}

/// The time as a genesis document writes it.
pub(super) fn now() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(0);
    tendermint::Time::from_unix_timestamp(seconds, 0).map(|time| time.to_rfc3339()).unwrap_or_default()
}
