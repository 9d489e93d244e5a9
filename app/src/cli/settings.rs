//! The command line's own settings: `config/client.toml` under the home, as Cosmos daemons have it. Flags and environment
//! variables win over it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;
use toml_edit::DocumentMut;

use super::output::Format;
use crate::keys::Backend;

/// Where a node listens when nothing else is said.
pub const DEFAULT_NODE: &str = "tcp://localhost:26657";

/// When to come back from offering a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BroadcastMode {
    /// After the node has checked it
    Sync,
    /// At once
    Async,
}

/// What `client.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The chain to sign for; empty to ask the node.
    pub chain_id: String,
    /// What protects the keys.
    pub keyring_backend: Backend,
    /// How results are written.
    pub output: Format,
    /// The engine's RPC address.
    pub node: String,
    /// When to come back from offering a transaction.
    pub broadcast_mode: BroadcastMode,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            chain_id: String::new(),
            keyring_backend: Backend::File,
            output: Format::Text,
            node: DEFAULT_NODE.into(),
            broadcast_mode: BroadcastMode::Sync,
        }
    }
}

impl Settings {
    /// Reads `client.toml` of this home; what is missing in it, or all if it does not exist, is as by default.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or a setting has an unknown value.
    pub fn load(home: &Path) -> Result<Self> {
        let path = crate::engine::settings::File::Client.path(home);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let document: DocumentMut =
            text.parse().with_context(|| format!("{} is not valid TOML", path.display()))?;
        let read = || -> Result<Self> {
            let standard = Self::default();
            Ok(Self {
                chain_id: text_of(&document, "chain-id")?.unwrap_or_default(),
                keyring_backend: choice(&document, "keyring-backend", standard.keyring_backend)?,
                output: choice(&document, "output", standard.output)?,
                node: text_of(&document, "node")?.unwrap_or(standard.node),
                broadcast_mode: choice(&document, "broadcast-mode", standard.broadcast_mode)?,
            })
        };
        read().with_context(|| format!("{} is wrong", path.display()))
    }

    /// Writes `client.toml` of this home, unless there is one: a file that is there is its owner's.
    ///
    /// # Errors
    /// The file or its directory cannot be written.
    pub fn write_new(&self, home: &Path) -> Result<()> {
        let path = crate::engine::settings::File::Client.path(home);
        if path.exists() {
            return Ok(());
        }
        let failed = || format!("cannot write {}", path.display());
        fs::create_dir_all(path.parent().unwrap_or(home)).with_context(failed)?;
        fs::write(&path, self.to_toml()).with_context(failed)
    }

    fn to_toml(&self) -> String {
        let value = |text: &str| toml_edit::Value::from(text).to_string();
        format!(
            "# Defaults of the command line. Flags and the environment variables JMES_* win over them.\n\n\
             # The chain that transactions are signed for; empty: ask the node.\nchain-id = {}\n\n\
             # What protects the keys: file, os or test.\nkeyring-backend = {}\n\n\
             # How results are written: text or json.\noutput = {}\n\n\
             # The RPC address of the node to talk to.\nnode = {}\n\n\
             # When `tx` comes back: sync (after the node has checked the transaction) or async (at once).\n\
             broadcast-mode = {}\n",
            value(&self.chain_id),
            value(&self.keyring_backend.to_string()),
            value(&name(self.output)),
            value(&self.node),
            value(&name(self.broadcast_mode)),
        )
    }
}

fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn text_of(document: &DocumentMut, key: &str) -> Result<Option<String>> {
    let Some(item) = document.get(key) else { return Ok(None) };
    item.as_str().map(|text| Some(text.to_owned())).with_context(|| format!("{key} must be a text in quotes"))
}

fn choice<T: ValueEnum>(document: &DocumentMut, key: &str, standard: T) -> Result<T> {
    let Some(text) = text_of(document, key)? else { return Ok(standard) };
    let names: Vec<String> = T::value_variants().iter().map(|value| name(value.clone())).collect();
    let chosen = T::from_str(&text, false).ok();
    chosen.with_context(|| format!("{key} is \"{text}\", but must be one of {}", names.join(", ")))
}
