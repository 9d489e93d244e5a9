//! `jmesd keys add`.

use std::fs;

use anyhow::{bail, Context, Result};
use jmes_modules::auth::{MultisigKey, PublicKey};
use zeroize::Zeroizing;

use super::show::Shown;
use super::{AddArgs, KeyringArgs};
use crate::cli::Session;
use crate::keys::{key_from_json, Backend, HdPath, Keyring, Kind, Mnemonic, Record, SecretKey};

pub(super) fn run(session: &mut Session, args: &AddArgs) -> Result<()> {
    let mut keyring = session.keyring(&args.keyring);
    if let Some(json) = &args.pubkey {
        let key = key_from_json(json)?;
        return add_public(session, args, &keyring, key);
    }
    if !args.multisig.is_empty() {
        let key = multisig_key(args, &keyring)?;
        return add_public(session, args, &keyring, PublicKey::Multisig(key));
    }
    if keyring.contains(&args.name) {
        bail!("there is a key named \"{}\" already: delete it first, or choose another name", args.name);
    }
    let path = match &args.hd_path {
        Some(path) => path.clone(),
        None => HdPath::bip44(args.coin_type, args.account, args.index)?,
    };
    let given = given_mnemonic(session, args)?;
    let is_new = given.is_none();
    let mnemonic = match given {
        Some(mnemonic) => mnemonic,
        None => Mnemonic::generate()?,
    };
    let secret = SecretKey::derive(&mnemonic, &path)?;
    let record = if args.dry_run {
        let public_key = PublicKey::Secp256k1(secret.public_key());
        Record { name: args.name.clone(), kind: Kind::Local, public_key }
    } else {
        warn_of_test_keyring(session, &args.keyring);
        keyring.add_secret(&args.name, &secret, &mut session.console)?
    };
    show_added(session, &record, (is_new && !args.no_backup).then(|| mnemonic.words()))
}

/// Tells that the `test` keyring protects nothing, before a secret goes into it.
pub(super) fn warn_of_test_keyring(session: &mut Session, args: &KeyringArgs) {
    if session.keyring(args).backend() == Backend::Test {
        session
            .console
            .note("Warning: the keyring backend test stores keys unencrypted; use it for test coins alone.");
    }
}

fn given_mnemonic(session: &mut Session, args: &AddArgs) -> Result<Option<Mnemonic>> {
    let text = if let Some(file) = &args.source {
        Zeroizing::new(fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?)
    } else if args.recover {
        let line = session.console.ask_secret("Mnemonic (it will not be shown): ")?;
        line.context("--recover needs the mnemonic as a line of standard input")?
    } else {
        return Ok(None);
    };
    Mnemonic::parse(&text).map(Some)
}

fn multisig_key(args: &AddArgs, keyring: &Keyring) -> Result<MultisigKey> {
    let mut members = Vec::with_capacity(args.multisig.len());
    for name in &args.multisig {
        let record = keyring.find(name.trim())?;
        let PublicKey::Secp256k1(key) = record.public_key else {
            bail!("\"{}\" is itself a multisig key: name single keys", record.name);
        };
        if members.contains(&key) {
            bail!("\"{}\" is named twice among the members", record.name);
        }
        members.push(key);
    }
    if !args.nosort {
        // The order is part of the address; wallets sort by the members' addresses so that all find the same.
        members.sort_by_key(|key| PublicKey::Secp256k1(*key).address());
    }
    Ok(MultisigKey::new(args.multisig_threshold, members)?)
}

fn add_public(session: &mut Session, args: &AddArgs, keyring: &Keyring, key: PublicKey) -> Result<()> {
    let record = if args.dry_run {
        let kind = if matches!(key, PublicKey::Multisig(_)) { Kind::Multi } else { Kind::Offline };
        Record { name: args.name.clone(), kind, public_key: key }
    } else {
        keyring.add_public(&args.name, key)?
    };
    show_added(session, &record, None)
}

fn show_added(session: &mut Session, record: &Record, backup: Option<Zeroizing<String>>) -> Result<()> {
    let has_backup = backup.is_some();
    let shown = Shown::of(record, record.address().to_string());
    if has_backup && session.console.format() == crate::cli::Format::Text {
        session.console.note(
            "Write the mnemonic down and keep it safe: it is the only way back to this key if the keyring is lost,\n\
             and whoever has it has the coins.",
        );
    }
    session.console.emit_value(&Added { shown, mnemonic: backup.as_deref().map(String::as_str) })
}

#[derive(serde::Serialize)]
struct Added<'a> {
    #[serde(flatten)]
    shown: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    mnemonic: Option<&'a str>,
}
