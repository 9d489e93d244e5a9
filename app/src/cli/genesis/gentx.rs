//! `jmesd genesis gentx` and `collect-gentxs`.

use std::path::PathBuf;

use anyhow::{ensure, Context, Result};
use clap::Args;
use cosmos_sdk_proto::cosmos::staking::v1beta1::Description;
use jmes_modules::kernel::{Amount, Coin, Decimal};
use jmes_modules::staking::Commission;
use jmes_modules::BASE_DENOM;

use super::super::amount::parse_coin;
use super::super::options::KeyringArgs;
use super::super::Session;
use crate::engine::{self, keys, settings};
use crate::node::gentx::{self, GenesisValidator};
use crate::node::{genesis, genesis_file};

/// The engine's usual port for other nodes.
const P2P_PORT: u16 = 26656;

#[derive(Args, Debug)]
pub(in crate::cli) struct GentxArgs {
    /// Name or address of the operator's key
    key: String,
    /// What the operator bonds, as in 5JMES; nothing if left out
    #[arg(value_parser = parse_coin, allow_hyphen_values = true)]
    bond: Option<Coin>,
    /// Name of the validator [default: the node's, in config.toml]
    #[arg(long, value_name = "NAME")]
    moniker: Option<String>,
    /// Identity of its operator, as a Keybase id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    identity: String,
    /// Its website
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    website: String,
    /// Whom to tell of a security problem
    #[arg(long, value_name = "CONTACT", default_value = "", hide_default_value = true)]
    security_contact: String,
    /// Other details
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    details: String,
    /// Commission: the operator's part of what bonds earn, after the Initial Distribution Period [default: 0.1]
    #[arg(long, value_name = "RATE", value_parser = Decimal::parse)]
    commission_rate: Option<Decimal>,
    /// The highest commission there can ever be [default: 0.2]
    #[arg(long, value_name = "RATE", value_parser = Decimal::parse)]
    commission_max_rate: Option<Decimal>,
    /// The most the commission can change in 24 hours [default: 0.01]
    #[arg(long, value_name = "RATE", value_parser = Decimal::parse)]
    commission_max_change_rate: Option<Decimal>,
    /// The operator's own bond that keeps the validator out of jail, in ujmes [default: 1 with a bond, else 0]
    #[arg(long, value_name = "AMOUNT", value_parser = Amount::parse)]
    min_self_delegation: Option<Amount>,
    /// Host name or address under which other nodes reach this one
    #[arg(long, value_name = "HOST")]
    ip: Option<String>,
    /// Port under which other nodes reach this one
    #[arg(long, value_name = "PORT", default_value_t = P2P_PORT)]
    p2p_port: u16,
    /// Write to this file [default: config/gentx/gentx-NODE_ID.json of the home]
    #[arg(long, value_name = "FILE")]
    output_document: Option<PathBuf>,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct CollectArgs {
    /// Directory of the genesis transactions [default: config/gentx of the home]
    #[arg(long, value_name = "DIR")]
    gentx_dir: Option<PathBuf>,
}

pub(super) fn make(session: &mut Session, args: &GentxArgs) -> Result<()> {
    let home = session.home.clone();
    let document = genesis::load(&genesis_file(&home))?;
    let chain_id = document["chain_id"].as_str().context("the genesis file has no chain_id")?;
    let node_id = keys::node_id(&home)?;
    let moniker = match &args.moniker {
        Some(moniker) => moniker.clone(),
        None => settings::read(&home, settings::File::Config, "moniker")?,
    };
    let defaults = gentx::default_commission();
    let bond = bond(args.bond.as_ref())?;
    let validator = GenesisValidator {
        chain_id,
        consensus_key: &keys::validator_pubkey(&home)?,
        description: Description {
            moniker,
            identity: args.identity.clone(),
            website: args.website.clone(),
            security_contact: args.security_contact.clone(),
            details: args.details.clone(),
        },
        commission: Commission {
            rate: args.commission_rate.unwrap_or(defaults.rate),
            max_rate: args.commission_max_rate.unwrap_or(defaults.max_rate),
            max_change_rate: args.commission_max_change_rate.unwrap_or(defaults.max_change_rate),
            updated: 0,
        },
        min_self_delegation: args.min_self_delegation.unwrap_or(Amount(bond.0.min(1))),
        bond,
        peer: &args.ip.as_ref().map_or_else(String::new, |ip| format!("{node_id}@{ip}:{}", args.p2p_port)),
    };
    let mut keyring = session.keyring(&args.keyring);
    let operator = keyring.find(&args.key)?;
    let secret = keyring.unlock(&operator.name, &mut session.console)?;
    let path = args
        .output_document
        .clone()
        .unwrap_or_else(|| gentx::directory(&home).join(format!("gentx-{node_id}.json")));
    gentx::save(&path, &validator.sign(&secret)?)?;
    session.console.note(&format!("The genesis transaction is in {}.", path.display()));
    Ok(())
}

fn bond(coin: Option<&Coin>) -> Result<Amount> {
    let Some(coin) = coin else { return Ok(Amount::ZERO) };
    ensure!(
        coin.denom == BASE_DENOM,
        "bonds are in JMES, not {}: write the amount like 5JMES or 5000000ujmes",
        coin.denom
    );
    Ok(coin.amount)
}

pub(super) fn collect(session: &mut Session, args: &CollectArgs) -> Result<()> {
    let home = session.home.clone();
    let directory = args.gentx_dir.clone().unwrap_or_else(|| gentx::directory(&home));
    let txs = gentx::load_all(&directory)?;
    let count = txs.len();
    let peers = gentx::peers(&txs, &keys::node_id(&home)?);
    let path = genesis_file(&home);
    let mut document = genesis::load(&path)?;
    gentx::set(&mut document, txs);
    genesis::validate(&document)
        .with_context(|| format!("with the genesis transactions of {}", directory.display()))?;
    genesis::save(&path, &document)?;
    if !peers.is_empty() {
        engine::config::edit(&home, &[("p2p.persistent_peers", peers.join(",").into())])?;
    }
    let validators = if count == 1 { "1 validator".to_owned() } else { format!("{count} validators") };
    session.console.note(&format!("{} has {validators}.", path.display()));
    Ok(())
}
