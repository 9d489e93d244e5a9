//! `jmesd export`: the state as a genesis document that a new chain can start from.

use super::genesis;
use super::settings::NodeSettings;
use super::{genesis_file, open_store};
use crate::abci::Shutdown;
use crate::chain::{order, Chain, Settings};
use anyhow::{bail, Result};
use serde_json::{json, Map, Value};
use std::path::Path;

/// The state after `height` (0 for the latest kept) as a genesis document: chain id, time and parameters of this
/// home's genesis, the state of every module, the next height as the first.
pub fn run(home: &Path, height: u64) -> Result<Value> {
    let store = open_store(home, &NodeSettings::load(home)?)?;
    if store.committed().is_none() {
        bail!("there is no state to export: the node in {} has no block yet", home.display());
    }
    let chain = Chain::new(store, Settings::default(), Shutdown::new());
    let view = chain.view_at(height).map_err(|error| anyhow::anyhow!(error.message))?;
    let mut document = genesis::load(&genesis_file(home))?;
    let mut app_state = Map::new();
    for module in order::MODULES {
        let state = module.export(&view)?;
        if !state.is_null() {
            app_state.insert(module.name().to_owned(), state);
        }
    }
    document["app_state"] = Value::Object(app_state);
    document["initial_height"] = json!((view.block().height + 1).to_string());
    document["app_hash"] = json!("");
    // The application's list holds: who is seated is part of its state.
    document["validators"] = json!([]);
    Ok(document)
}
