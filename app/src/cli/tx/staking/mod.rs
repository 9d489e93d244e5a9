//! `jmesd tx staking`: running a validator and bonding coins (§6, §8).

mod bonds;
mod description;
mod join;
mod validator;
mod work;

use anyhow::Result;
use clap::Subcommand;

use crate::cli::Session;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StakingCommand {
    /// Make a validator without stake or fee, in the Initial Distribution Period: the chain's first 28 days
    Join(join::JoinArgs),
    /// Make a validator with a bond of its own
    CreateValidator(validator::CreateArgs),
    /// Change what people see of a validator, and its commission
    EditValidator(validator::EditArgs),
    /// Bond coins to a validator
    Delegate(bonds::DelegateArgs),
    /// Move bonded coins to another validator, at once
    Redelegate(bonds::RedelegateArgs),
    /// Take coins from a validator; they are free when the unbonding time is over
    Unbond(bonds::UnbondArgs),
    /// Bond coins again that are unbonding
    CancelUnbond(bonds::CancelArgs),
}

impl StakingCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Join(args) => join::join(session, args),
            Self::CreateValidator(args) => validator::create(session, args),
            Self::EditValidator(args) => validator::edit(session, args),
            Self::Delegate(args) => bonds::delegate(session, args),
            Self::Redelegate(args) => bonds::redelegate(session, args),
            Self::Unbond(args) => bonds::unbond(session, args),
            Self::CancelUnbond(args) => bonds::cancel(session, args),
        }
    }
}
