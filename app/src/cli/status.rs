//! `jmesd status`: who a node is and how far it has got.

use anyhow::Result;
use serde::Serialize;

use super::options::NodeArgs;
use super::{Format, Session};

/// The part of a status that people want; `-o json` gives the whole.
#[derive(Serialize)]
struct Summary {
    moniker: String,
    node_id: String,
    chain_id: String,
    engine: String,
    height: u64,
    block_time: String,
    catching_up: bool,
    peers: usize,
    voting_power: u64,
}

pub(super) fn run(session: &mut Session, node: &NodeArgs) -> Result<()> {
    let engine = session.remote(node)?.engine().clone();
    let status = engine.status()?;
    if session.console.format() == Format::Json {
        return session.console.emit_value(&status);
    }
    let summary = Summary {
        moniker: status.node_info.moniker.to_string(),
        node_id: status.node_info.id.to_string(),
        chain_id: status.node_info.network.to_string(),
        engine: format!("CometBFT {}", status.node_info.version),
        height: status.sync_info.latest_block_height.value(),
        block_time: status.sync_info.latest_block_time.to_rfc3339(),
        catching_up: status.sync_info.catching_up,
        peers: engine.net_info()?.peers.len(),
        voting_power: status.validator_info.power.value(),
    };
    session.console.emit_value(&summary)
}
