//! `jmesd tx rewards redeem`: income becomes coins (§7).

use anyhow::Result;
use clap::{Args, Subcommand};

use super::distribution::{withdraw, Choice};
use super::options::TxOptions;
use crate::cli::Session;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RewardsCommand {
    /// Redeem what bonds and a validator's operator have earned; one redemption of at least 1 JMES is free in the Initial
    /// Distribution Period
    Redeem(RedeemArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct RedeemArgs {
    /// Redeem from the bond with this validator alone, by jmesvaloper1… or its operator's account
    validator: Option<String>,
    /// Redeem all there is, from bonds and as an operator, as without any of these
    #[arg(long, conflicts_with_all = ["validator", "commission"])]
    all: bool,
    /// Redeem what the signer has earned as the operator of its validator
    #[arg(long)]
    commission: bool,
    #[command(flatten)]
    options: TxOptions,
}

impl RewardsCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        let Self::Redeem(args) = self;
        let choice = match (&args.validator, args.commission) {
            (Some(validator), commission) => Choice::Bond { validator, commission },
            (None, true) => Choice::Commission,
            (None, false) => Choice::Everything,
        };
        withdraw(session, &args.options, choice)
    }
}
