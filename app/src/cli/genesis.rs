//! `jmesd genesis`: editing and checking the genesis file.

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use clap::Subcommand;
use jmes_modules::kernel::Coin;
use jmes_modules::BASE_DENOM;

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
    let address = match parse_address(account) {
        Ok(address) => address,
        Err(_) if account.starts_with("jmes1") => {
            bail!("\"{account}\" is not an address: a character is wrong")
        }
        Err(_) => session.keyring(keyring).find(account)?.address(),
    };
    ensure!(
        amount.denom == BASE_DENOM,
        "a new chain's coins are JMES, not {}: write the amount like 5JMES or 5000000ujmes",
        amount.denom
    );
    ensure!(!amount.amount.is_zero(), "the amount must be positive");
    let path = genesis_file(&session.home);
    let mut document = genesis::load(&path)?;
    genesis::add_account(&mut document, &address.to_string(), amount.amount.0)?;
    genesis::save(&path, &document)?;
    session.console.note(&format!("{address} has {} at genesis.", describe(amount.amount, &amount.denom)));
    Ok(())
}
