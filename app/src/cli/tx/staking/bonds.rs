//! `jmesd tx staking delegate`, `redelegate`, `unbond` and `cancel-unbond` (§8).

use anyhow::{bail, ensure, Context, Result};
use clap::Args;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as staking;
use jmes_modules::kernel::{Address, Amount};
use jmes_modules::BASE_DENOM;

use super::super::checks;
use super::super::options::TxOptions;
use super::super::submit::{sender_address, submit};
use crate::cli::amount::{describe, parse_nils, parse_nils_or_zero};
use crate::cli::people::amount;
use crate::cli::protobuf::to_any;
use crate::cli::remote::{is_not_found, Remote};
use crate::cli::{validators, Session};

/// The gas limit when nothing is said: twice what moving a bond between two validators that both owe income uses.
const GAS: u64 = 400_000;

#[derive(Args, Debug)]
pub(in crate::cli) struct DelegateArgs {
    /// Validator, by jmesvaloper1…, its operator's account or registered name
    validator: String,
    /// What to bond, as in 5JMES, 0.5JMES, 5000000ujmes or 100nils
    #[arg(value_parser = parse_nils, allow_hyphen_values = true)]
    amount: Amount,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct RedelegateArgs {
    /// Validator that loses the coins
    #[arg(value_name = "FROM_VALIDATOR")]
    source: String,
    /// Validator that gets them
    #[arg(value_name = "TO_VALIDATOR")]
    destination: String,
    /// What to move, as in 5JMES, 0.5JMES, 5000000ujmes or 100nils
    #[arg(value_parser = parse_nils, allow_hyphen_values = true)]
    amount: Amount,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct UnbondArgs {
    /// Validator, by jmesvaloper1…, its operator's account or registered name
    validator: String,
    /// What to unbond, as in 5JMES, 0.5JMES, 5000000ujmes or 100nils; 0JMES ends a bond that is worth nothing any more
    #[arg(value_parser = parse_nils_or_zero, allow_hyphen_values = true)]
    amount: Amount,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct CancelArgs {
    /// Validator, by jmesvaloper1…, its operator's account or registered name
    validator: String,
    /// What to bond again, as in 5JMES, 0.5JMES, 5000000ujmes or 100nils
    #[arg(value_parser = parse_nils, allow_hyphen_values = true)]
    amount: Amount,
    /// Height at which the unbonding began [default: the node's, when there is but one from this validator]
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    creation_height: Option<i64>,
    #[command(flatten)]
    options: TxOptions,
}

pub(super) fn delegate(session: &mut Session, args: &DelegateArgs) -> Result<()> {
    let options = args.options.with_default_gas(GAS);
    let (remote, account) = prepare(session, &options)?;
    let operator = options.operator(session, &args.validator)?;
    if let Some(remote) = &remote {
        validators::require(remote, &operator)?;
        checks::can_bond(remote, &account)?;
        checks::can_spend(remote, &options, &account, args.amount)?;
    }
    submit(session, &options, options.sender()?, |account| {
        Ok(vec![to_any(&staking::MsgDelegate {
            delegator_address: account.to_string(),
            validator_address: operator.operator(),
            amount: coin(args.amount),
        })])
    })
}

pub(super) fn redelegate(session: &mut Session, args: &RedelegateArgs) -> Result<()> {
    let options = args.options.with_default_gas(GAS);
    let (remote, account) = prepare(session, &options)?;
    let source = options.operator(session, &args.source)?;
    let destination = options.operator(session, &args.destination)?;
    ensure!(source != destination, "both validators are {}: nothing would move", source.operator());
    if let Some(remote) = &remote {
        validators::require(remote, &destination)?;
        checks::has_bonded(remote, &account, &source, args.amount, "to move")?;
    }
    submit(session, &options, options.sender()?, |account| {
        Ok(vec![to_any(&staking::MsgBeginRedelegate {
            delegator_address: account.to_string(),
            validator_src_address: source.operator(),
            validator_dst_address: destination.operator(),
            amount: coin(args.amount),
        })])
    })
}

pub(super) fn unbond(session: &mut Session, args: &UnbondArgs) -> Result<()> {
    let options = args.options.with_default_gas(GAS);
    let (remote, account) = prepare(session, &options)?;
    let operator = options.operator(session, &args.validator)?;
    if let Some(remote) = &remote {
        checks::has_bonded(remote, &account, &operator, args.amount, "to unbond")?;
    }
    submit(session, &options, options.sender()?, |account| {
        Ok(vec![to_any(&staking::MsgUndelegate {
            delegator_address: account.to_string(),
            validator_address: operator.operator(),
            amount: coin(args.amount),
        })])
    })
}

pub(super) fn cancel(session: &mut Session, args: &CancelArgs) -> Result<()> {
    let options = args.options.with_default_gas(GAS);
    let (remote, account) = prepare(session, &options)?;
    let operator = options.operator(session, &args.validator)?;
    let creation_height = match (&remote, args.creation_height) {
        (Some(remote), height) => unbonding_to_cancel(remote, &account, &operator, args.amount, height)?,
        (None, Some(height)) => height,
        (None, None) => bail!("say at which height the unbonding began, for no node is asked"),
    };
    submit(session, &options, options.sender()?, |account| {
        Ok(vec![to_any(&staking::MsgCancelUnbondingDelegation {
            delegator_address: account.to_string(),
            validator_address: operator.operator(),
            amount: coin(args.amount),
            creation_height,
        })])
    })
}

/// The node, when it may be asked, and who signs.
fn prepare(session: &Session, options: &TxOptions) -> Result<(Option<Remote>, Address)> {
    let account = sender_address(session, options)?;
    let remote = options.asks_node().then(|| session.remote(&options.node)).transpose()?;
    Ok((remote, account))
}

/// The height of the unbonding that is meant: the one at `height`, or the only one.
fn unbonding_to_cancel(
    remote: &Remote,
    account: &Address,
    operator: &Address,
    wanted: Amount,
    height: Option<i64>,
) -> Result<i64> {
    let request = staking::QueryUnbondingDelegationRequest {
        delegator_addr: account.to_string(),
        validator_addr: operator.operator(),
    };
    let path = "/cosmos.staking.v1beta1.Query/UnbondingDelegation";
    let asked = remote.query(path, &request, 0);
    let answer: staking::QueryUnbondingDelegationResponse = match asked {
        Err(error) if is_not_found(&error) => Default::default(),
        other => other?,
    };
    let entries = answer.unbond.unwrap_or_default().entries;
    let heights: Vec<String> = entries.iter().map(|entry| entry.creation_height.to_string()).collect();
    let begun = heights.join(", ");
    let entry = match (height, entries.as_slice()) {
        (_, []) => bail!("{account} is unbonding nothing from {}", operator.operator()),
        (None, [only]) => only,
        (None, _) => bail!("several unbondings can be meant: name the height of one, among {begun}"),
        (Some(height), entries) => entries
            .iter()
            .find(|entry| entry.creation_height == height)
            .with_context(|| format!("no unbonding began at height {height}, but at {begun}"))?,
    };
    let left = amount(&entry.balance)?;
    ensure!(
        wanted <= left,
        "{} are unbonding since height {}, less than the {} to bond again",
        describe(left, BASE_DENOM),
        entry.creation_height,
        describe(wanted, BASE_DENOM)
    );
    Ok(entry.creation_height)
}

/// Nils as messages carry them.
pub(super) fn coin(nils: Amount) -> Option<Coin> {
    Some(Coin { denom: BASE_DENOM.into(), amount: nils.to_string() })
}
