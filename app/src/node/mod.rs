//! Life of a node: making its home ([`init`], [`testnet`]), running it ([`start`]), taking its state out
//! ([`export`], [`rollback`]).

pub mod export;
pub mod genesis;
pub mod gentx;
pub mod init;
pub mod settings;
pub mod start;
pub mod testnet;
pub mod upgrade;

use anyhow::{Context, Result};
use jmes_store::Store;
use std::path::{Path, PathBuf};

/// The database of a home.
pub fn database(home: &Path) -> PathBuf {
    home.join("data/application.db")
}

/// The genesis file of a home.
pub fn genesis_file(home: &Path) -> PathBuf {
    home.join("config/genesis.json")
}

/// Opens a home's database with the pruning that its settings ask for.
pub fn open_store(home: &Path, settings: &settings::NodeSettings) -> Result<Store> {
    let path = database(home);
    std::fs::create_dir_all(&path).with_context(|| format!("can't create {}", path.display()))?;
    let options =
        jmes_store::Options { keep_recent: settings.keep_recent()?, ..jmes_store::Options::default() };
    Ok(Store::open(&path, &jmes_modules::STORES, options)?)
}

/// Goes back one block: the state before it, to be run again by the engine (`jmesd rollback`). Gives the
/// height that is now the last.
pub fn rollback(home: &Path) -> Result<u64> {
    let store = open_store(home, &settings::NodeSettings::load(home)?)?;
    Ok(store.rollback()?.height)
}
