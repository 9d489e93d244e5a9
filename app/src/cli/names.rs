//! Accounts as people name them (§9): by an address, by the name of a key, or by the name of an identity. Keys come first: they
//! are what the person at the command line has named, and need no node.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use anyhow::{bail, ensure, Context, Result};
use jmes_modules::kernel::Address;
use jmes_proto::jmes::identity::v1 as identity;

use super::options::{parse_address, KeyringArgs, NodeArgs};
use super::output::printable;
use super::remote::{is_not_found, Remote};
use super::Session;

/// Lengths of the names of identities (§9).
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=20;
/// The least length of an address after its prefix: 20 bytes and a checksum.
const ADDRESS_DATA: usize = 38;
/// The longest name of a key.
const KEY_NAME: usize = 64;

/// An account as the command line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// By its address.
    Address(Address),
    /// By the name of a key or of an identity.
    Name(String),
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Reads an account's address or name; which account has the name is not asked yet.
///
/// # Errors
/// It looks like an address and is not one, or has characters that no name has.
pub fn parse_account(text: &str) -> Result<Account> {
    let error = match parse_address(text) {
        Ok(address) => return Ok(Account::Address(address)),
        Err(error) => error,
    };
    let data =
        text.rsplit_once('1').filter(|(prefix, data)| !prefix.is_empty() && data.len() >= ADDRESS_DATA);
    if data.is_some() || text.starts_with("jmes1") {
        return Err(error);
    }
    let named = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    ensure!(
        named && !text.is_empty() && text.len() <= KEY_NAME,
        "\"{}\" is neither an address nor a name: an account's address begins with jmes1, a registered name has 3 to 20 \
         characters a-z and 0-9",
        printable(text)
    );
    Ok(Account::Name(text.into()))
}

/// Whether an identity could have this name (§9).
pub fn is_identity_name(text: &str) -> bool {
    LENGTHS.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// The identity of that name, if there is one.
///
/// # Errors
/// The node can't be reached, or refuses.
pub fn registered(remote: &Remote, name: &str) -> Result<Option<identity::Identity>> {
    if !is_identity_name(name) {
        return Ok(None);
    }
    let request = identity::QueryByNameRequest { name: name.into() };
    let asked = remote.query("/jmes.identity.v1.Query/ByName", &request, 0);
    let answer: identity::QueryByNameResponse = match asked {
        Err(error) if is_not_found(&error) => return Ok(None),
        other => other?,
    };
    Ok(answer.identity)
}

/// What is behind an identity, in a word or two.
pub fn kind(identity: &identity::Identity) -> &'static str {
    match identity::Kind::try_from(identity.kind) {
        Ok(identity::Kind::User) => "user",
        Ok(identity::Kind::Dao) => "DAO",
        _ => "unknown",
    }
}

impl Session {
    /// The address of `account`. How a name was understood is said on standard error, where it is seen before anything is
    /// signed. Without a node only addresses and names of keys are known.
    ///
    /// # Errors
    /// Nobody has the name, or the node can't be reached.
    pub fn resolve(
        &mut self,
        account: &Account,
        keyring: &KeyringArgs,
        node: Option<&NodeArgs>,
    ) -> Result<Address> {
        let name = match account {
            Account::Address(address) => return Ok(*address),
            Account::Name(name) => name,
        };
        let keyring = self.keyring(keyring);
        let remote = node.map(|node| self.remote(node)).transpose()?;
        if keyring.contains(name) {
            let address = keyring.find(name)?.address();
            let mut said = format!("{name} is {address}, a key of this keyring");
            // The transaction does not depend on this answer.
            let other = remote.and_then(|remote| registered(&remote, name).ok().flatten());
            if let Some(other) = other.filter(|other| other.address != address.to_string()) {
                said.push_str(&format!("; on the chain the name {name} is {}", printable(&other.address)));
            }
            self.console.note(&said);
            return Ok(address);
        }
        let Some(remote) = remote else {
            bail!(
                "no key is named \"{name}\", and --offline forbids to ask whose registered name it is: write the address"
            );
        };
        let asked = registered(&remote, name).with_context(|| {
            format!("no key is named \"{name}\", and the node does not say whose name it is")
        })?;
        let found = asked.with_context(|| nobody(name))?;
        let address = parse_address(&found.address).context("the node's answer has a wrong address")?;
        self.console.note(&format!("{name} is {address}, the registered name of a {}", kind(&found)));
        Ok(address)
    }
}

/// That nobody has a name, and how to find who may be meant.
fn nobody(name: &str) -> String {
    if !is_identity_name(name) {
        return format!(
            "no key is named \"{name}\", and nobody can have registered it: registered names have 3 to 20 characters a-z \
             and 0-9"
        );
    }
    let beginning: String = name.chars().take(3).collect();
    format!(
        "nobody is named \"{name}\": no key here, no identity on the chain. `jmesd query identity list --prefix \
         {beginning}` shows the names that begin like it"
    )
}

/// The names of addresses, each asked for once.
pub struct Names<'a> {
    remote: &'a Remote,
    known: RefCell<BTreeMap<String, Option<String>>>,
}

impl<'a> Names<'a> {
    /// Names that `remote` knows.
    pub const fn of(remote: &'a Remote) -> Self {
        Self { remote, known: RefCell::new(BTreeMap::new()) }
    }

    /// The registered name of `address`; the address itself when it has none or the node does not say.
    pub fn name(&self, address: &str) -> String {
        self.registered(address).unwrap_or_else(|| address.to_owned())
    }

    /// The address behind its name, if it has one: `artbasel (jmes1…)`.
    pub fn full(&self, address: &str) -> String {
        match self.registered(address) {
            Some(name) => format!("{name} ({address})"),
            None => address.to_owned(),
        }
    }

    fn registered(&self, address: &str) -> Option<String> {
        if address.is_empty() {
            return None;
        }
        let known = self.known.borrow().get(address).cloned();
        known.unwrap_or_else(|| {
            let request = identity::QueryByAddressRequest { address: address.into() };
            let asked = self.remote.query("/jmes.identity.v1.Query/ByAddress", &request, 0);
            let answer: Option<identity::QueryByAddressResponse> = asked.ok();
            let name = answer.and_then(|answer| answer.identity).map(|identity| identity.name);
            self.known.borrow_mut().insert(address.into(), name.clone());
            name
        })
    }
}
