//! `jmesd query rewards`: income that has not been redeemed (§7).

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use cosmos_sdk_proto::cosmos::base::v1beta1::DecCoin;
use cosmos_sdk_proto::cosmos::distribution::v1beta1 as distribution;
use jmes_modules::kernel::{Address, Amount, ConsensusAddress, Decimal};
use jmes_modules::BASE_DENOM;
use jmes_proto::jmes::rewards::v1 as rewards;

use super::staking::monikers;
use super::{show, AccountArgs, QueryArgs, ValidatorArgs};
use crate::cli::amount::describe;
use crate::cli::people::{cell, nils, View};
use crate::cli::remote::{is_not_found, Remote};
use crate::cli::{validators, Format, Session};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RewardsQuery {
    /// Show what an account can redeem: from all of its bonds, and as an operator
    Pending(AccountArgs),
    /// Show what a validator's operator can redeem
    Commission(ValidatorArgs),
    /// Show what a validator has earned and not redeemed
    Income(IncomeArgs),
    /// Show the sum of all that is not redeemed
    Unredeemed(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct IncomeArgs {
    /// Consensus address of the validator: jmesvalcons1…
    #[arg(value_parser = parse_consensus_address)]
    address: ConsensusAddress,
    #[command(flatten)]
    query: QueryArgs,
}

/// What an account can redeem.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Pending {
    /// By validator, in the node's order.
    pub rewards: Vec<Reward>,
    /// What it can redeem as an operator, in Nils.
    pub commission: Amount,
    /// The sum, in Nils.
    pub total: Amount,
}

/// What a bond has earned.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Reward {
    /// The validator.
    pub validator: String,
    /// In Nils.
    pub amount: Amount,
}

impl Pending {
    /// What the bond with a validator has earned, in Nils.
    pub fn from(&self, validator: &str) -> Amount {
        let found = self.rewards.iter().find(|reward| reward.validator == validator);
        found.map_or(Amount::ZERO, |reward| reward.amount)
    }
}

impl RewardsQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Pending(args) => show_pending(session, args),
            Self::Commission(args) => show_commission(session, args),
            Self::Income(args) => {
                let request = rewards::QueryIncomeRequest { address: args.address.to_string() };
                let shown = |answer: &rewards::QueryIncomeResponse, _: &Remote| {
                    Ok(View::new()
                        .with("validator", answer.operator_address.as_str())
                        .with("income", nils(&answer.income)?)
                        .with("of the operator", nils(&answer.commission)?)
                        .with("of the bonds", nils(&answer.bonds)?)
                        .into())
                };
                show(session, &args.query, "/jmes.rewards.v1.Query/Income", &request, shown)
            }
            Self::Unredeemed(args) => {
                let request = rewards::QueryUnredeemedRequest {};
                let shown =
                    |answer: &rewards::QueryUnredeemedResponse, _: &Remote| Ok(nils(&answer.amount)?.into());
                show(session, args, "/jmes.rewards.v1.Query/Unredeemed", &request, shown)
            }
        }
    }
}

/// What `account` can redeem at `height`, of which 0 is the latest.
///
/// # Errors
/// The node can't be reached, or refuses.
pub(in crate::cli) fn pending(remote: &Remote, account: &Address, height: u64) -> Result<Pending> {
    let request = distribution::QueryDelegationTotalRewardsRequest { delegator_address: account.to_string() };
    let path = "/cosmos.distribution.v1beta1.Query/DelegationTotalRewards";
    let asked = remote.query(path, &request, height);
    let answer: distribution::QueryDelegationTotalRewardsResponse = match asked {
        // An account without bonds.
        Err(error) if is_not_found(&error) => Default::default(),
        other => other?,
    };
    let rewards = answer
        .rewards
        .into_iter()
        .map(|reward| Ok(Reward { validator: reward.validator_address, amount: nils_of(&reward.reward)? }));
    let rewards: Vec<Reward> = rewards.collect::<Result<_>>()?;
    let commission = commission(remote, account, height)?;
    let sum = rewards.iter().fold(commission.0, |sum, reward| sum.saturating_add(reward.amount.0));
    Ok(Pending { rewards, commission, total: Amount(sum) })
}

/// What `operator` can redeem as its validator's; nothing when it runs none.
fn commission(remote: &Remote, operator: &Address, height: u64) -> Result<Amount> {
    let request = distribution::QueryValidatorCommissionRequest { validator_address: operator.operator() };
    let asked = remote.query("/cosmos.distribution.v1beta1.Query/ValidatorCommission", &request, height);
    let answer: distribution::QueryValidatorCommissionResponse = match asked {
        Err(error) if is_not_validator(&error) => return Ok(Amount::ZERO),
        other => other?,
    };
    nils_of(&answer.commission.unwrap_or_default().commission)
}

/// Whether a node refused because nobody runs such a validator.
fn is_not_validator(error: &anyhow::Error) -> bool {
    is_not_found(error) || error.to_string().contains("does not exist")
}

/// The whole Nils of decimal coins.
fn nils_of(coins: &[DecCoin]) -> Result<Amount> {
    let Some(coin) = coins.iter().find(|coin| coin.denom == BASE_DENOM) else { return Ok(Amount::ZERO) };
    let units = Decimal::from_proto(&coin.amount).context("the node's answer has no amount")?;
    Ok(Amount(units.0 / Decimal::ONE.0))
}

fn show_pending(session: &mut Session, args: &AccountArgs) -> Result<()> {
    let remote = session.remote(&args.query.node)?;
    let account = args.query.resolve(session, &args.account, &args.keyring)?;
    let pending = pending(&remote, &account, args.query.height)?;
    if session.console.format() == Format::Json {
        let rows = pending.rewards.iter().map(|reward| {
            View::new()
                .with("validator_address", reward.validator.as_str())
                .with("amount", reward.amount.to_string())
        });
        let view = View::new()
            .with("rewards", rows.collect::<Vec<_>>())
            .with("commission", pending.commission.to_string())
            .with("total", pending.total.to_string());
        return session.console.emit_value(&view);
    }
    let names = monikers(&remote)?;
    let rows = pending.rewards.iter().map(|reward| {
        Ok(View::new()
            .with("moniker", names.get(&reward.validator).cloned().unwrap_or_default())
            .with("validator", reward.validator.as_str())
            .with("reward", cell(&reward.amount.to_string())?))
    });
    let view = View::new()
        .with("to redeem", describe(pending.total, BASE_DENOM))
        .with("as an operator", describe(pending.commission, BASE_DENOM))
        .with("from bonds", rows.collect::<Result<Vec<_>>>()?);
    session.console.emit_value(&view)
}

fn show_commission(session: &mut Session, args: &ValidatorArgs) -> Result<()> {
    let remote = session.remote(&args.query.node)?;
    let operator = validators::find(Some(&remote), &args.validator)?;
    let request = distribution::QueryValidatorCommissionRequest { validator_address: operator.operator() };
    let shown = |answer: &distribution::QueryValidatorCommissionResponse, _: &Remote| {
        let commission = answer.commission.clone().unwrap_or_default();
        Ok(describe(nils_of(&commission.commission)?, BASE_DENOM).into())
    };
    show(session, &args.query, "/cosmos.distribution.v1beta1.Query/ValidatorCommission", &request, shown)
        .map_err(
            |error| {
                if is_not_validator(&error) {
                    validators::unknown(&remote, &operator)
                } else {
                    error
                }
            },
        )
}

fn parse_consensus_address(text: &str) -> Result<ConsensusAddress> {
    ConsensusAddress::parse(text)
        .map_err(|error| anyhow::anyhow!("{error}; `jmesd comet show-address` shows a validator's"))
}
