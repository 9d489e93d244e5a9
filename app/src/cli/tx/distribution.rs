//! `jmesd tx distribution`: redeeming income by the messages that wallets use (§7); `tx rewards redeem` is the shorter form.

use anyhow::{ensure, Result};
use clap::{Args, Subcommand};
use cosmos_sdk_proto::cosmos::distribution::v1beta1 as distribution;
use jmes_modules::kernel::{Address, Amount};
use jmes_proto::Any;

use super::checks;
use super::options::TxOptions;
use super::submit::{sender_address, submit};
use crate::cli::names::{parse_account, Account};
use crate::cli::protobuf::to_any;
use crate::cli::query::{pending, Pending};
use crate::cli::{validators, Session};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DistributionCommand {
    /// Redeem what the bond with one validator has earned
    WithdrawRewards(WithdrawArgs),
    /// Redeem what all bonds have earned
    WithdrawAllRewards(AllArgs),
    /// Let another account get what is redeemed from now on
    SetWithdrawAddr(AddressArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct WithdrawArgs {
    /// Validator, by jmesvaloper1…, its operator's account or registered name
    validator: String,
    /// Redeem the commission too; the signer must be the validator's operator
    #[arg(long)]
    commission: bool,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct AllArgs {
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct AddressArgs {
    /// Who gets it: an address, a key or a registered name
    #[arg(value_name = "ACCOUNT", value_parser = parse_account)]
    to: Account,
    #[command(flatten)]
    options: TxOptions,
}

impl DistributionCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::WithdrawRewards(args) => {
                let choice = Choice::Bond { validator: &args.validator, commission: args.commission };
                withdraw(session, &args.options, choice)
            }
            Self::WithdrawAllRewards(args) => withdraw(session, &args.options, Choice::AllBonds),
            Self::SetWithdrawAddr(args) => {
                let to = args.options.resolve(session, &args.to)?;
                submit(session, &args.options, args.options.sender()?, |account| {
                    Ok(vec![to_any(&distribution::MsgSetWithdrawAddress {
                        delegator_address: account.to_string(),
                        withdraw_address: to.to_string(),
                    })])
                })
            }
        }
    }
}

/// What to redeem.
#[derive(Clone, Copy, Debug)]
pub(super) enum Choice<'a> {
    /// What the bond with a validator has earned, and if asked for the commission.
    Bond { validator: &'a str, commission: bool },
    /// What all bonds have earned.
    AllBonds,
    /// What the signer has earned as an operator.
    Commission,
    /// All of it.
    Everything,
}

/// Redeems what is chosen, without a fee where that is allowed (§4).
pub(super) fn withdraw(session: &mut Session, options: &TxOptions, choice: Choice<'_>) -> Result<()> {
    let account = sender_address(session, options)?;
    let offline = options.signer.state.offline;
    let remote = (!offline).then(|| session.remote(&options.node)).transpose()?;
    let by_name = matches!(choice, Choice::Bond { .. } | Choice::Commission);
    // A transaction that is only printed needs no node unless the node must say what there is.
    let known = match &remote {
        Some(remote) if options.asks_node() || !by_name => Some(pending(remote, &account, 0)?),
        _ => None,
    };
    let (messages, least) = match choice {
        Choice::Bond { validator, commission } => {
            let operator = validators::find(remote.as_ref(), validator)?;
            ensure!(
                !commission || operator == account,
                "only the operator of {} redeems its commission, and {account} is not: leave --commission out",
                operator.operator()
            );
            if let Some(remote) = remote.as_ref().filter(|_| options.asks_node()) {
                validators::require(remote, &operator)?;
            }
            let mut messages = vec![reward(&account, &operator.operator())];
            messages.extend(commission.then(|| commission_of(&account)));
            let earned = known.as_ref().map_or(Amount::ZERO, |known| known.from(&operator.operator()));
            (messages, earned)
        }
        Choice::Commission => {
            let earned = known.as_ref().map_or(Amount::ZERO, |known| known.commission);
            (vec![commission_of(&account)], earned)
        }
        Choice::AllBonds | Choice::Everything => {
            let known = known.as_ref().ok_or_else(|| {
                anyhow::anyhow!(
                    "the node must say what there is to redeem, which --offline forbids: name a validator"
                )
            })?;
            all(known, &account, matches!(choice, Choice::Everything))?
        }
    };
    let free = messages.len() == 1
        && options.asks_node()
        && remote.as_ref().is_some_and(|remote| checks::is_free_withdrawal(remote, options, least));
    let options = if free { options.without_fee() } else { options.clone() };
    submit(session, &options, options.sender()?, |_| Ok(messages))
}

/// The messages that redeem all that is pending, and the sum, in Nils.
fn all(known: &Pending, account: &Address, with_commission: bool) -> Result<(Vec<Any>, Amount)> {
    let earned = known.rewards.iter().filter(|reward| !reward.amount.is_zero());
    let mut messages: Vec<Any> = earned.map(|earned| reward(account, &earned.validator)).collect();
    if with_commission && !known.commission.is_zero() {
        messages.push(commission_of(account));
    }
    ensure!(
        !messages.is_empty(),
        "{account} has nothing to redeem yet: `jmesd query rewards pending {account}` shows what its bonds have earned"
    );
    Ok((messages, known.total))
}

fn reward(account: &Address, operator: &str) -> Any {
    to_any(&distribution::MsgWithdrawDelegatorReward {
        delegator_address: account.to_string(),
        validator_address: operator.to_owned(),
    })
}

fn commission_of(operator: &Address) -> Any {
    to_any(&distribution::MsgWithdrawValidatorCommission { validator_address: operator.operator() })
}
