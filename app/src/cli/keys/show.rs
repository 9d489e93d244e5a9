//! `jmesd keys list`, `show` and `parse`.

use anyhow::{Context, Result};
use jmes_modules::kernel::{Address, ConsensusAddress};

use super::{AddressForm, ListArgs, ParseArgs, ShowArgs};
use crate::cli::{Format, Session};
use crate::keys::{key_to_json, Record};

/// A key as `keys` commands print it. The public key is JSON inside a text, as Cosmos tools have it.
#[derive(serde::Serialize)]
pub(super) struct Shown {
    name: String,
    r#type: String,
    address: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pubkey: String,
}

impl Shown {
    pub(super) fn of(record: &Record, address: String) -> Self {
        Self {
            name: record.name.clone(),
            r#type: record.kind.to_string(),
            address,
            pubkey: key_to_json(&record.public_key).to_string(),
        }
    }
}

pub(super) fn list(session: &mut Session, args: &ListArgs) -> Result<()> {
    let keyring = session.keyring(&args.keyring);
    let records = keyring.records()?;
    if args.list_names {
        return records.iter().try_for_each(|record| session.console.print(&record.name));
    }
    if records.is_empty() {
        session.console.note(&format!(
            "The keyring {} (backend {}) is empty; `jmesd keys add NAME` makes a key.",
            keyring.dir().display(),
            keyring.backend()
        ));
    }
    let mut shown: Vec<Shown> =
        records.iter().map(|record| Shown::of(record, record.address().to_string())).collect();
    if session.console.format() == Format::Text {
        // A table stays on the screen without them; `show` has them.
        shown.iter_mut().for_each(|key| key.pubkey.clear());
    }
    session.console.emit_value(&shown)
}

pub(super) fn show(session: &mut Session, args: &ShowArgs) -> Result<()> {
    let keyring = session.keyring(&args.keyring);
    for name in &args.names {
        let record = keyring.find(name)?;
        let address = in_form(&record.address(), args.bech)?;
        if args.address {
            session.console.print(&address)?;
        } else if args.pubkey {
            session.console.print(&key_to_json(&record.public_key).to_string())?;
        } else {
            session.console.emit_value(&Shown::of(&record, address))?;
        }
    }
    Ok(())
}

fn in_form(address: &Address, form: AddressForm) -> Result<String> {
    Ok(match form {
        AddressForm::Acc => address.to_string(),
        AddressForm::Val => address.operator(),
        AddressForm::Cons => ConsensusAddress::new(address.as_bytes())?.to_string(),
    })
}

pub(super) fn parse(session: &mut Session, args: &ParseArgs) -> Result<()> {
    let text = args.address.trim();
    let bytes = bytes_of(text).with_context(|| {
        format!("\"{text}\" is not an address: give 20 or 32 bytes in hex, or one that begins with jmes1, jmesvaloper1 or jmesvalcons1")
    })?;
    let address = Address::new(&bytes)?;
    let consensus = ConsensusAddress::new(&bytes).map(|consensus| consensus.to_string());
    session.console.emit_value(&Forms {
        hex: hex::encode_upper(&bytes),
        account: address.to_string(),
        operator: address.operator(),
        consensus: consensus.unwrap_or_default(),
    })
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let account = Address::parse(text).or_else(|_| Address::parse_operator(text));
    let account = account.map(|address| address.as_bytes().to_vec()).ok();
    let consensus = || ConsensusAddress::parse(text).map(|address| address.0.to_vec()).ok();
    account.or_else(consensus).or_else(|| hex::decode(text).ok())
}

#[derive(serde::Serialize)]
struct Forms {
    hex: String,
    account: String,
    operator: String,
    consensus: String,
}
