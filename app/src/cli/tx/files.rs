//! `jmesd tx broadcast`, `encode`, `decode` and `simulate`, and reading transactions from files.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde::Serialize;

use super::answer;
use super::transaction::Transaction;
use super::{BroadcastArgs, DecodeArgs, FileArgs, SimulateArgs};
use crate::cli::console::read_text;
use crate::cli::Session;

/// The text of a file, or of standard input for `-`.
pub(super) fn read(session: &mut Session, path: &Path) -> Result<String> {
    if path == Path::new("-") {
        return session.console.read_input();
    }
    let file = fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    read_text(file, &path.display().to_string())
}

/// Writes to `document`, or as a result when none is named.
pub(super) fn write(session: &mut Session, document: Option<&Path>, text: &str) -> Result<()> {
    match document {
        None => session.console.print(text),
        Some(path) => {
            fs::write(path, format!("{text}\n")).with_context(|| format!("cannot write {}", path.display()))
        }
    }
}

impl FileArgs {
    /// The transaction in the file.
    pub(super) fn transaction(&self, session: &mut Session) -> Result<Transaction> {
        transaction(session, &self.file)
    }
}

/// The transaction in a file, or in standard input for `-`.
pub(super) fn transaction(session: &mut Session, path: &Path) -> Result<Transaction> {
    let text = read(session, path)?;
    Transaction::from_json(text.trim()).with_context(|| format!("{} is wrong", path.display()))
}

pub(super) fn broadcast(session: &mut Session, args: &BroadcastArgs) -> Result<()> {
    let tx = args.file.transaction(session)?;
    anyhow::ensure!(
        tx.is_signed(),
        "the transaction in {} is not signed: use `tx sign` first",
        args.file.file.display()
    );
    answer::broadcast(session, &args.node, args.broadcast_mode, tx.to_bytes())
}

pub(super) fn encode(session: &mut Session, args: &FileArgs) -> Result<()> {
    let bytes = args.transaction(session)?.to_bytes();
    session.console.print(&BASE64_STANDARD.encode(bytes))
}

pub(super) fn decode(session: &mut Session, args: &DecodeArgs) -> Result<()> {
    let text = args.bytes.trim();
    let bytes = if args.hex {
        hex::decode(text).context("the bytes are not in hex: leave --hex out for base64")?
    } else {
        BASE64_STANDARD.decode(text).context("the bytes are not in base64: use --hex for hex")?
    };
    session.console.emit(&Transaction::from_bytes(&bytes)?.to_json()?)
}

/// Gas as Cosmos tools print it.
#[derive(Serialize)]
struct GasInfo {
    gas_wanted: String,
    gas_used: String,
}

pub(super) fn simulate(session: &mut Session, args: &SimulateArgs) -> Result<()> {
    let tx = args.file.transaction(session)?;
    let remote = session.remote(&args.node)?;
    let bytes = if tx.is_signed() {
        tx.to_bytes()
    } else {
        let keyring = session.keyring(&args.keyring);
        let own = args.from.as_ref().map(|from| keyring.find(from)).transpose()?;
        let mut signers = Vec::new();
        for address in tx.signers()? {
            let record = own.clone().filter(|record| record.address() == address);
            let sequence = remote.account(&address)?.map_or(0, |account| account.sequence);
            signers.push((record.map(|record| record.public_key), sequence));
        }
        tx.to_simulated_bytes(&signers)
    };
    let gas = remote.simulate(bytes)?;
    session
        .console
        .emit_value(&GasInfo { gas_wanted: gas.gas_wanted.to_string(), gas_used: gas.gas_used.to_string() })
}
