//! `jmesd genesis`: editing and checking the genesis file.

mod gentx;

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use clap::Subcommand;
use jmes_modules::kernel::{Address, Coin};
use jmes_modules::BASE_DENOM;
use serde_json::Value;

use super::amount::{describe, parse_coin};
use super::options::{parse_address, KeyringArgs};
use super::Session;
use crate::node::{genesis, genesis_file};

#[derive(Debug, Subcommand)]
pub(super) enum GenesisCommand {
    /// Add an account with coins
    AddAccount {
        /// Address, or name of a key of the keyring
        account: String,
        /// Its coins at genesis, as in 5JMES or 5000000ujmes
        #[arg(value_parser = parse_coin, allow_hyphen_values = true)]
        amount: Coin,
        #[command(flatten)]
        keyring: KeyringArgs,
    },
    /// Add a premint wallet, whose coins unlock with the emission
    AddPremint {
        /// Address, or name of a key of the keyring
        account: String,
        /// Its coins when all are unlocked, as in 5JMES or 5000000ujmes
        #[arg(value_parser = parse_coin, allow_hyphen_values = true)]
        amount: Coin,
        #[command(flatten)]
        keyring: KeyringArgs,
    },
    /// Make a validator for the new chain: a genesis transaction of this node
    Gentx(Box<gentx::GentxArgs>),
    /// Put the genesis transactions into the genesis file
    #[command(visible_alias = "collect-gentx")]
    CollectGentxs(gentx::CollectArgs),
    /// Check that a node could start the chain from the genesis file
    Validate {
        /// File to check [default: config/genesis.json of the home]
        file: Option<PathBuf>,
    },
}

impl GenesisCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::AddAccount { account, amount, keyring } => add_account(session, account, amount, keyring),
            Self::AddPremint { account, amount, keyring } => add_premint(session, account, amount, keyring),
            Self::Gentx(args) => gentx::make(session, args),
            Self::CollectGentxs(args) => gentx::collect(session, args),
            Self::Validate { file } => {
                let path = file.clone().unwrap_or_else(|| genesis_file(&session.home));
                let document = genesis::load(&path)?;
                genesis::validate(&document).with_context(|| format!("{} is not valid", path.display()))?;
                session.console.note(&format!("{} is valid.", path.display()));
                Ok(())
            }
        }
    }
}

fn add_account(session: &mut Session, account: &str, amount: &Coin, keyring: &KeyringArgs) -> Result<()> {
    let address = find(session, account, keyring)?;
    check(amount)?;
    edit(session, |document| genesis::add_account(document, &address.to_string(), amount.amount.0))?;
    session.console.note(&format!("{address} has {} at genesis.", describe(amount.amount, &amount.denom)));
    Ok(())
}

fn add_premint(session: &mut Session, account: &str, amount: &Coin, keyring: &KeyringArgs) -> Result<()> {
    let address = find(session, account, keyring)?;
    check(amount)?;
    edit(session, |document| genesis::add_premint(document, &address, amount.amount))?;
    let amount = describe(amount.amount, &amount.denom);
    session.console.note(&format!("{address} has a premint of {amount}, which unlocks with the emission."));
    Ok(())
}

fn edit(session: &Session, change: impl FnOnce(&mut Value) -> Result<()>) -> Result<()> {
    let path = genesis_file(&session.home);
    let mut document = genesis::load(&path)?;
    change(&mut document)?;
    genesis::save(&path, &document)
}

/// An address, or that of a key.
fn find(session: &Session, account: &str, keyring: &KeyringArgs) -> Result<Address> {
    match parse_address(account) {
        Ok(address) => Ok(address),
        Err(_) if account.starts_with("jmes1") => {
            bail!("\"{account}\" is not an address: a character is wrong")
        }
        Err(_) => Ok(session.keyring(keyring).find(account)?.address()),
    }
}

fn check(amount: &Coin) -> Result<()> {
    ensure!(
        amount.denom == BASE_DENOM,
        "a new chain's coins are JMES, not {}: write the amount like 5JMES or 5000000ujmes",
        amount.denom
    );
    ensure!(!amount.amount.is_zero(), "the amount must be positive");
    Ok(())
}
