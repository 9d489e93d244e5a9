//! What people see of a validator, its commission and its consensus key: flags, files and defaults.

use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use clap::Args;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{CommissionRates, Description};
use jmes_modules::kernel::{Amount, Decimal};
use serde::Deserialize;

use crate::cli::amount::parse_nils_or_zero;
use crate::cli::people::percentage;
use crate::cli::protobuf::parse_consensus_key;
use crate::engine::{keys, settings};

/// What people see of a validator.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct DescriptionArgs {
    /// Name of the validator [default: the node's, in config.toml]
    #[arg(long, value_name = "NAME")]
    pub moniker: Option<String>,
    /// Identity of its operator, as a Keybase id
    #[arg(long, value_name = "ID")]
    pub identity: Option<String>,
    /// Its website
    #[arg(long, value_name = "URL")]
    pub website: Option<String>,
    /// Whom to tell of a security problem
    #[arg(long, value_name = "CONTACT")]
    pub security_contact: Option<String>,
    /// Other details
    #[arg(long, value_name = "TEXT")]
    pub details: Option<String>,
}

/// The operator's part of what bonds earn.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(in crate::cli) struct CommissionArgs {
    /// Commission: the operator's part of what bonds earn, as in 0.1 or 10% [default: 10%]
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub commission_rate: Option<Decimal>,
    /// The highest commission there can ever be [default: 20%]
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub commission_max_rate: Option<Decimal>,
    /// The most the commission can change in 24 hours [default: 1%]
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub commission_max_change_rate: Option<Decimal>,
}

/// A validator as a file describes it, with the names of Cosmos SDK 0.50; all of them may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct ValidatorFile {
    pub pubkey: Option<serde_json::Value>,
    pub amount: Option<String>,
    moniker: Option<String>,
    identity: Option<String>,
    website: Option<String>,
    #[serde(alias = "security-contact")]
    security: Option<String>,
    details: Option<String>,
    commission_rate: Option<String>,
    commission_max_rate: Option<String>,
    commission_max_change_rate: Option<String>,
    pub min_self_delegation: Option<String>,
}

impl DescriptionArgs {
    /// With what a file says where the flags say nothing.
    pub fn or(self, file: &ValidatorFile) -> Self {
        Self {
            moniker: self.moniker.or_else(|| file.moniker.clone()),
            identity: self.identity.or_else(|| file.identity.clone()),
            website: self.website.or_else(|| file.website.clone()),
            security_contact: self.security_contact.or_else(|| file.security.clone()),
            details: self.details.or_else(|| file.details.clone()),
        }
    }

    /// The description of a new validator, whose name is the node's unless another is given.
    pub fn complete(self, home: &Path) -> Result<Description> {
        let moniker = match self.moniker {
            Some(moniker) => moniker,
            None => settings::read(home, settings::File::Config, "moniker").context(
                "name the validator with --moniker: this home has no node whose name it could have",
            )?,
        };
        ensure!(!moniker.trim().is_empty(), "the validator needs a name: give it with --moniker");
        Ok(Description {
            moniker,
            identity: self.identity.unwrap_or_default(),
            website: self.website.unwrap_or_default(),
            security_contact: self.security_contact.unwrap_or_default(),
            details: self.details.unwrap_or_default(),
        })
    }
}

impl CommissionArgs {
    /// With what a file says where the flags say nothing.
    pub fn or(self, file: &ValidatorFile) -> Result<Self> {
        let read = |text: &Option<String>| text.as_deref().map(parse_rate).transpose();
        Ok(Self {
            commission_rate: self.commission_rate.or(read(&file.commission_rate)?),
            commission_max_rate: self.commission_max_rate.or(read(&file.commission_max_rate)?),
            commission_max_change_rate: self
                .commission_max_change_rate
                .or(read(&file.commission_max_change_rate)?),
        })
    }

    /// The rates of a new validator; those that are not given fit the others.
    pub fn complete(self) -> Result<CommissionRates> {
        let max_rate = self
            .commission_max_rate
            .unwrap_or_else(|| Decimal::percent(20).max(self.commission_rate.unwrap_or_default()));
        let rate = self.commission_rate.unwrap_or_else(|| Decimal::percent(10).min(max_rate));
        let change = self.commission_max_change_rate.unwrap_or_else(|| Decimal::percent(1).min(max_rate));
        ensure!(
            rate <= max_rate,
            "the commission of {} is above its highest, {}",
            percentage(rate),
            percentage(max_rate)
        );
        ensure!(
            change <= max_rate,
            "the commission can't change by {} a day when its highest is {}",
            percentage(change),
            percentage(max_rate)
        );
        Ok(CommissionRates {
            rate: rate.to_proto(),
            max_rate: max_rate.to_proto(),
            max_change_rate: change.to_proto(),
        })
    }
}

/// The description and commission of a new validator as flags, for commands that take no file.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct NewValidatorArgs {
    #[command(flatten)]
    pub description: DescriptionArgs,
    #[command(flatten)]
    pub commission: CommissionArgs,
}

/// Reads a file that describes a validator.
pub(super) fn read_file(path: &Path) -> Result<ValidatorFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} does not describe a validator", path.display()))
}

/// The consensus key of the node whose home this is.
pub(super) fn key_of_node(home: &Path) -> Result<[u8; 32]> {
    let key = keys::validator_pubkey(home)
        .context("name the consensus key with --pubkey: this home has no node's")?;
    let bytes = BASE64_STANDARD.decode(key.value).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.context("the node's consensus key is damaged")
}

/// Reads a consensus key for a flag.
pub(super) fn parse_pubkey(text: &str) -> Result<ConsensusKey> {
    parse_consensus_key(text).map(ConsensusKey)
}

/// An ed25519 public key.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct ConsensusKey(pub [u8; 32]);

/// Reads a rate: `0.1` or `10%`, from 0 to 1.
pub(super) fn parse_rate(text: &str) -> Result<Decimal> {
    let malformed = || format!("\"{text}\" is not a rate: write it like 0.1 or 10%");
    let rate = match text.strip_suffix('%') {
        Some(percent) => Decimal(Decimal::parse(percent).with_context(malformed)?.0 / 100),
        None => Decimal::parse(text).with_context(malformed)?,
    };
    ensure!(rate <= Decimal::ONE, "\"{text}\" is above the whole, 1 or 100%");
    Ok(rate)
}

/// Reads a smallest own bond: a number of Nils, or an amount with a unit.
pub(super) fn parse_least_bond(text: &str) -> Result<Amount> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Amount::parse(text)?);
    }
    parse_nils_or_zero(text)
}

/// Where a node's consensus key is, in its home.
pub(super) fn key_file(home: &Path) -> PathBuf {
    home.join("config/priv_validator_key.json")
}
