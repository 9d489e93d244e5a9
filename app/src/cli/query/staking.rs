//! `jmesd query staking`: validators, bonds and seats (§5, §6, §8).

mod views;

pub(in crate::cli) use views::{monikers, unbonding_total};

use anyhow::{ensure, Result};
use clap::{Args, Subcommand, ValueEnum};
use cosmos_sdk_proto::cosmos::staking::v1beta1 as staking;
use jmes_modules::kernel::Address;
use jmes_proto::jmes::staking::v1 as seats;
use prost::{Message, Name};

use super::{ask, show, PairArgs, QueryArgs, Shown, ValidatorArgs};
use crate::cli::names::{parse_account, Account};
use crate::cli::options::{KeyringArgs, PageArgs};
use crate::cli::remote::{is_not_found, Remote};
use crate::cli::{validators, Session};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StakingQuery {
    /// Show all validators
    Validators(ValidatorsArgs),
    /// Show a validator
    Validator(ValidatorArgs),
    /// Show who has a seat, with what power, and who waits for one
    Seats(QueryArgs),
    /// Show what an account has bonded to a validator
    Delegation(PairArgs),
    /// Show all that an account has bonded
    Delegations(AccountPageArgs),
    /// Show all that is bonded to a validator
    DelegationsTo(ValidatorPageArgs),
    /// Show what an account is unbonding from a validator
    UnbondingDelegation(PairArgs),
    /// Show all that an account is unbonding
    UnbondingDelegations(AccountPageArgs),
    /// Show all that is unbonding from a validator
    UnbondingDelegationsFrom(ValidatorPageArgs),
    /// Show what an account has moved from one validator to another lately
    Redelegation(RedelegationArgs),
    /// Show all that an account has moved between validators lately
    Redelegations(AccountPageArgs),
    /// Show how much is bonded and unbonding
    Pool(QueryArgs),
    /// Show the parameters of bonding
    Params(QueryArgs),
    /// Show the parameters of seats and of free transactions
    SeatParams(QueryArgs),
    /// Show a past block's header and validators
    HistoricalInfo(HistoricalInfoArgs),
}

/// Validators to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Status {
    /// With a seat
    Bonded,
    /// Leaving their seat
    Unbonding,
    /// Without a seat
    Unbonded,
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Self::Bonded => "BOND_STATUS_BONDED",
            Self::Unbonding => "BOND_STATUS_UNBONDING",
            Self::Unbonded => "BOND_STATUS_UNBONDED",
        }
    }
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ValidatorsArgs {
    /// Only validators of this status
    #[arg(long, value_name = "STATUS")]
    status: Option<Status>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ValidatorPageArgs {
    /// Validator, by jmesvaloper1…, its operator's account or registered name
    validator: String,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct AccountPageArgs {
    /// The account: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    account: Account,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct RedelegationArgs {
    /// The account: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    account: Account,
    /// Validator that it moved from
    #[arg(value_name = "FROM")]
    source: String,
    /// Validator that it moved to
    #[arg(value_name = "TO")]
    destination: String,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct HistoricalInfoArgs {
    /// Height of the block
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    block: i64,
    #[command(flatten)]
    query: QueryArgs,
}

impl StakingQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Validators(args) => all(session, args),
            Self::Validator(args) => one(session, args),
            Self::Seats(args) => {
                let request = seats::QuerySeatsRequest {};
                show(session, args, "/jmes.staking.v1.Query/Seats", &request, views::seats)
            }
            Self::Delegation(args) => delegation(session, args),
            Self::Delegations(args) => delegations(session, args),
            Self::DelegationsTo(args) => delegations_to(session, args),
            Self::UnbondingDelegation(args) => unbonding(session, args),
            Self::UnbondingDelegations(args) => unbondings(session, args),
            Self::UnbondingDelegationsFrom(args) => unbondings_from(session, args),
            Self::Redelegation(args) => redelegation(session, args),
            Self::Redelegations(args) => redelegations(session, args),
            Self::Pool(args) => {
                let request = staking::QueryPoolRequest {};
                show(session, args, &path("Pool"), &request, |answer, _| views::pool(answer))
            }
            Self::Params(args) => {
                let request = staking::QueryParamsRequest {};
                show(session, args, &path("Params"), &request, |answer, _| views::params(answer))
            }
            Self::SeatParams(args) => {
                let request = seats::QueryParamsRequest {};
                let path = "/jmes.staking.v1.Query/Params";
                show(session, args, path, &request, |answer, _| views::seat_params(answer))
            }
            Self::HistoricalInfo(args) => {
                let request = staking::QueryHistoricalInfoRequest { height: args.block };
                let path = path("HistoricalInfo");
                ask::<staking::QueryHistoricalInfoResponse>(session, &args.query, &path, &request)
            }
        }
    }
}

fn path(method: &str) -> String {
    format!("/cosmos.staking.v1beta1.Query/{method}")
}

fn all(session: &mut Session, args: &ValidatorsArgs) -> Result<()> {
    let status = args.status.map(Status::name).unwrap_or_default().to_owned();
    let request = staking::QueryValidatorsRequest { status, pagination: Some(args.page.to_request()) };
    show(session, &args.query, &path("Validators"), &request, |answer, _| views::validators(answer))
}

fn one(session: &mut Session, args: &ValidatorArgs) -> Result<()> {
    let remote = session.remote(&args.query.node)?;
    let operator = validators::find(Some(&remote), &args.validator)?;
    let request = staking::QueryValidatorRequest { validator_addr: operator.operator() };
    show_of(session, &args.query, &remote, &operator, "Validator", &request, views::validator)
}

fn delegation(session: &mut Session, args: &PairArgs) -> Result<()> {
    let remote = session.remote(&args.query.node)?;
    let account = args.query.resolve(session, &args.account, &args.keyring)?;
    let operator = validators::find(Some(&remote), &args.validator)?;
    let request = staking::QueryDelegationRequest {
        delegator_addr: account.to_string(),
        validator_addr: operator.operator(),
    };
    let shown = |answer: &staking::QueryDelegationResponse, _: &Remote| views::delegation(answer);
    show(session, &args.query, &path("Delegation"), &request, shown)
        .or_else(|error| no_pair(error, &account, &operator, "has nothing bonded to"))
}

fn delegations(session: &mut Session, args: &AccountPageArgs) -> Result<()> {
    let account = args.query.resolve(session, &args.account, &args.keyring)?;
    let request = staking::QueryDelegatorDelegationsRequest {
        delegator_addr: account.to_string(),
        pagination: Some(args.page.to_request()),
    };
    show(session, &args.query, &path("DelegatorDelegations"), &request, views::delegations)
}

fn delegations_to(session: &mut Session, args: &ValidatorPageArgs) -> Result<()> {
    let remote = session.remote(&args.query.node)?;
    let operator = validators::find(Some(&remote), &args.validator)?;
    let request = staking::QueryValidatorDelegationsRequest {
        validator_addr: operator.operator(),
        pagination: Some(args.page.to_request()),
    };
    let shown =
        |answer: &staking::QueryValidatorDelegationsResponse, _: &Remote| views::delegations_to(answer);
    show_of(session, &args.query, &remote, &operator, "ValidatorDelegations", &request, shown)
}

fn unbonding(session: &mut Session, args: &PairArgs) -> Result<()> {
    let remote = session.remote(&args.query.node)?;
    let account = args.query.resolve(session, &args.account, &args.keyring)?;
    let operator = validators::find(Some(&remote), &args.validator)?;
    let request = staking::QueryUnbondingDelegationRequest {
        delegator_addr: account.to_string(),
        validator_addr: operator.operator(),
    };
    let shown = |answer: &staking::QueryUnbondingDelegationResponse, remote: &Remote| {
        views::unbondings(answer.unbond.as_slice(), None, remote)
    };
    show(session, &args.query, &path("UnbondingDelegation"), &request, shown)
        .or_else(|error| no_pair(error, &account, &operator, "is unbonding nothing from"))
}

fn unbondings(session: &mut Session, args: &AccountPageArgs) -> Result<()> {
    let account = args.query.resolve(session, &args.account, &args.keyring)?;
    let request = staking::QueryDelegatorUnbondingDelegationsRequest {
        delegator_addr: account.to_string(),
        pagination: Some(args.page.to_request()),
    };
    let shown = |answer: &staking::QueryDelegatorUnbondingDelegationsResponse, remote: &Remote| {
        views::unbondings(&answer.unbonding_responses, answer.pagination.as_ref(), remote)
    };
    show(session, &args.query, &path("DelegatorUnbondingDelegations"), &request, shown)
}

fn unbondings_from(session: &mut Session, args: &ValidatorPageArgs) -> Result<()> {
    let remote = session.remote(&args.query.node)?;
    let operator = validators::find(Some(&remote), &args.validator)?;
    let request = staking::QueryValidatorUnbondingDelegationsRequest {
        validator_addr: operator.operator(),
        pagination: Some(args.page.to_request()),
    };
    let shown = |answer: &staking::QueryValidatorUnbondingDelegationsResponse, remote: &Remote| {
        views::unbondings(&answer.unbonding_responses, answer.pagination.as_ref(), remote)
    };
    show_of(session, &args.query, &remote, &operator, "ValidatorUnbondingDelegations", &request, shown)
}

fn redelegation(session: &mut Session, args: &RedelegationArgs) -> Result<()> {
    let remote = session.remote(&args.query.node)?;
    let account = args.query.resolve(session, &args.account, &args.keyring)?;
    let source = validators::find(Some(&remote), &args.source)?;
    let destination = validators::find(Some(&remote), &args.destination)?;
    let request = staking::QueryRedelegationsRequest {
        delegator_addr: account.to_string(),
        src_validator_addr: source.operator(),
        dst_validator_addr: destination.operator(),
        pagination: None,
    };
    show(session, &args.query, &path("Redelegations"), &request, views::redelegations)
        .or_else(|error| no_pair(error, &account, &source, "has moved nothing lately from"))
}

fn redelegations(session: &mut Session, args: &AccountPageArgs) -> Result<()> {
    let account = args.query.resolve(session, &args.account, &args.keyring)?;
    let request = staking::QueryRedelegationsRequest {
        delegator_addr: account.to_string(),
        pagination: Some(args.page.to_request()),
        ..Default::default()
    };
    show(session, &args.query, &path("Redelegations"), &request, views::redelegations)
}

/// Shows what concerns one validator; when it is not found, says who else may be meant.
fn show_of<A: Message + Name + Default>(
    session: &mut Session,
    args: &QueryArgs,
    remote: &Remote,
    operator: &Address,
    method: &str,
    request: &impl Message,
    view: impl FnOnce(&A, &Remote) -> Result<Shown>,
) -> Result<()> {
    show(session, args, &path(method), request, view).map_err(|error| {
        if is_not_found(&error) {
            validators::unknown(remote, operator)
        } else {
            error
        }
    })
}

/// Says that there is nothing between an account and a validator.
fn no_pair(error: anyhow::Error, account: &Address, operator: &Address, what: &str) -> Result<()> {
    ensure!(!is_not_found(&error), "{account} {what} {}", operator.operator());
    Err(error)
}
