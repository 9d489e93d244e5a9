//! `jmesd keys delete`, `export`, `import` and `rename`.

use std::fs;

use anyhow::{Context, Result};
use zeroize::Zeroizing;

use super::add::warn_of_test_keyring;
use super::show::Shown;
use super::{DeleteArgs, ExportArgs, ImportArgs, RenameArgs};
use crate::cli::Session;
use crate::keys::{read_armor, write_armor, SecretKey};

/// Hex digits of a secret key.
const HEX_DIGITS: usize = 64;

pub(super) fn delete(session: &mut Session, args: &DeleteArgs) -> Result<()> {
    let keyring = session.keyring(&args.keyring);
    for name in &args.names {
        let record = keyring.find(name)?;
        if !args.yes {
            let question = format!(
                "Delete the key \"{}\" ({})? Without its mnemonic its coins are lost.",
                record.name,
                record.address()
            );
            session.console.confirm(&question)?;
        }
        keyring.delete(&record.name)?;
        session.console.note(&format!("Deleted \"{}\" ({}).", record.name, record.address()));
    }
    Ok(())
}

pub(super) fn export(session: &mut Session, args: &ExportArgs) -> Result<()> {
    let mut keyring = session.keyring(&args.keyring);
    let record = keyring.find(&args.name)?;
    if args.unarmored_hex {
        if !args.yes {
            let question = format!(
                "Print the secret key of \"{}\" in the clear? Whoever sees it has the coins.",
                record.name
            );
            session.console.confirm(&question)?;
        }
        let secret = keyring.unlock(&record.name, &mut session.console)?;
        return session.console.print(&Zeroizing::new(hex::encode(secret.expose())));
    }
    let secret = keyring.unlock(&record.name, &mut session.console)?;
    let passphrase = session.console.ask_new_passphrase("Passphrase for the exported key: ")?;
    session.console.print(&write_armor(&secret, &passphrase)?)
}

pub(super) fn import(session: &mut Session, args: &ImportArgs) -> Result<()> {
    let text =
        fs::read_to_string(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let text = Zeroizing::new(text);
    let secret = match hex_secret(&text) {
        Some(secret) => secret?,
        None => {
            let passphrase = session.console.ask_secret("Passphrase of the exported key: ")?;
            let passphrase = passphrase.context("the passphrase is missing: give it as a line of input")?;
            read_armor(&text, &passphrase)?
        }
    };
    warn_of_test_keyring(session, &args.keyring);
    let record = session.keyring(&args.keyring).add_secret(&args.name, &secret, &mut session.console)?;
    session.console.emit_value(&Shown::of(&record, record.address().to_string()))
}

/// A key that was exported in the clear.
fn hex_secret(text: &str) -> Option<Result<SecretKey>> {
    let text = text.trim();
    if text.len() != HEX_DIGITS {
        return None;
    }
    let bytes = Zeroizing::new(hex::decode(text).ok()?);
    Some(SecretKey::from_bytes(&bytes))
}

pub(super) fn rename(session: &mut Session, args: &RenameArgs) -> Result<()> {
    let keyring = session.keyring(&args.keyring);
    let record = keyring.find(&args.from)?;
    keyring.rename(&record.name, &args.to)?;
    session.console.note(&format!("The key \"{}\" is now named \"{}\".", record.name, args.to));
    Ok(())
}
