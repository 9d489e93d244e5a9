//! `jmesd comet`: the consensus engine's keys, data and version.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use clap::{Args, Subcommand};
use jmes_modules::kernel::ConsensusAddress;
use serde_json::{json, Value};

use super::options::NodeArgs;
use super::Session;
use crate::engine::{self, keys, settings};

/// What a validator has last signed, by the engine's name.
const SIGNING_STATE: &str = "priv_validator_state.json";

#[derive(Debug, Subcommand)]
pub(super) enum CometCommand {
    /// Show the node's id on the peer network
    ShowNodeId,
    /// Show the validator's consensus public key
    ShowValidator(NodeArgs),
    /// Show the validator's consensus address
    ShowAddress(NodeArgs),
    /// Remove the chain's data, but keep the keys, what the validator has signed, and the address book
    ResetState,
    /// Remove the chain's data and forget what the validator has signed; unsafe on a live chain
    UnsafeResetAll(ResetArgs),
    /// Show the engine's version
    Version {
        /// Engine to ask [default: cometbft beside this program or in PATH]
        #[arg(long, value_name = "FILE")]
        engine_binary: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
pub(super) struct ResetArgs {
    /// Keep the address book
    #[arg(long)]
    keep_addr_book: bool,
}

impl CometCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::ShowNodeId => session.console.print(&keys::node_id(&session.home)?),
            Self::ShowValidator(node) => {
                let key = consensus_key(session, node)?;
                let shown = json!({ "@type": "/cosmos.crypto.ed25519.PubKey", "key": key });
                session.console.print(&shown.to_string())
            }
            Self::ShowAddress(node) => {
                let key = BASE64_STANDARD.decode(consensus_key(session, node)?)?;
                session.console.print(&address_of(&key)?.to_string())
            }
            Self::ResetState => reset(session, true, true),
            Self::UnsafeResetAll(args) => reset(session, false, args.keep_addr_book),
            Self::Version { engine_binary } => {
                let binary = engine::find_binary(engine_binary.as_deref())?;
                session.console.emit_value(&version_of(&binary)?)
            }
        }
    }
}

/// The validator's consensus key in base64: from its file or, where a remote signer has it, from the running node.
fn consensus_key(session: &Session, node: &NodeArgs) -> Result<String> {
    let remote_signer = settings::read(&session.home, settings::File::Config, "priv_validator_laddr");
    if remote_signer.unwrap_or_default().is_empty() {
        return Ok(keys::validator_pubkey(&session.home)?.value);
    }
    let status = session.remote(node)?.engine().status();
    let status =
        status.context("a remote signer has the validator's key, so only the running node can tell it")?;
    Ok(BASE64_STANDARD.encode(status.validator_info.pub_key.to_bytes()))
}

fn address_of(key: &[u8]) -> Result<ConsensusAddress> {
    use sha2::{Digest, Sha256};
    Ok(ConsensusAddress::new(&Sha256::digest(key)[..20])?)
}

fn version_of(binary: &Path) -> Result<Value> {
    let output = std::process::Command::new(binary).args(["version", "--verbose"]).output();
    let output = output.with_context(|| format!("cannot run {}", binary.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    // Newer releases answer in JSON, older ones with the bare version.
    Ok(serde_json::from_str(&text).unwrap_or_else(|_| json!({ "cometbft": text.trim() })))
}

fn reset(session: &mut Session, keep_signing_state: bool, keep_addr_book: bool) -> Result<()> {
    let data = session.home.join("data");
    ensure!(data.is_dir(), "{} does not exist: there is nothing to reset", data.display());
    refuse_while_running(&session.home)?;
    for entry in fs::read_dir(&data).with_context(|| format!("cannot read {}", data.display()))? {
        let entry = entry.with_context(|| format!("cannot read {}", data.display()))?;
        if entry.file_name() == SIGNING_STATE {
            continue;
        }
        let path = entry.path();
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let removed = if is_dir { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    session.console.note(&format!("Removed the chain's data in {}.", data.display()));
    if !keep_signing_state {
        let unsigned = json!({ "height": "0", "round": 0, "step": 0 });
        let path = data.join(SIGNING_STATE);
        fs::write(&path, format!("{unsigned:#}"))
            .with_context(|| format!("cannot write {}", path.display()))?;
        session.console.note("Forgot what this validator has signed: never do this on a live chain.");
    }
    if !keep_addr_book {
        match fs::remove_file(session.home.join("config/addrbook.json")) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).context("cannot remove config/addrbook.json");
            }
            _ => session.console.note("Removed the address book."),
        }
    }
    Ok(())
}

/// A running node answers on its ABCI socket.
fn refuse_while_running(home: &Path) -> Result<()> {
    let socket = engine::app_socket(home)?;
    ensure!(
        UnixStream::connect(&socket).is_err(),
        "the node of {} is running (it answers on {}): stop it first",
        home.display(),
        socket.display()
    );
    Ok(())
}
