//! `jmesd query distribution`: income by the queries that wallets use (§7); `query rewards` is the shorter form.

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use cosmos_sdk_proto::cosmos::base::v1beta1::DecCoin;
use cosmos_sdk_proto::cosmos::distribution::v1beta1 as distribution;
use jmes_modules::kernel::{Amount, Decimal};
use prost::{Message, Name};

use super::{show, AccountArgs, PairArgs, QueryArgs, Shown, ValidatorArgs};
use crate::cli::amount::describe;
use crate::cli::options::PageArgs;
use crate::cli::people::{percent, yes, View};
use crate::cli::{validators, Session};

const INCOMPLETE: &str = "the node's answer is incomplete";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DistributionQuery {
    /// Show what an account's bonds have earned
    Rewards(AccountArgs),
    /// Show what an account's bond with one validator has earned
    RewardsByValidator(PairArgs),
    /// Show what a validator's operator can redeem
    Commission(ValidatorArgs),
    /// Show what a validator's operator and its own bond have earned
    ValidatorDistributionInfo(ValidatorArgs),
    /// Show what a validator and all bonds with it have not redeemed
    ValidatorOutstandingRewards(ValidatorArgs),
    /// Show when a validator was slashed
    Slashes(SlashesArgs),
    /// Show the validators an account is bonded to
    DelegatorValidators(AccountArgs),
    /// Show where an account's income goes
    #[command(visible_alias = "delegator-withdraw-addr")]
    DelegatorWithdrawAddress(AccountArgs),
    /// Show the community pool, which JMES does not have: it is always empty
    CommunityPool(QueryArgs),
    /// Show the parameters
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct SlashesArgs {
    /// Validator, by jmesvaloper1…, its operator's account or registered name
    validator: String,
    /// First height
    #[arg(default_value_t = 0)]
    first: u64,
    /// Last height [default: the latest]
    last: Option<u64>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

impl DistributionQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Rewards(args) => rewards(session, args),
            Self::RewardsByValidator(args) => rewards_by_validator(session, args),
            Self::Commission(args) => commission(session, args),
            Self::ValidatorDistributionInfo(args) => info(session, args),
            Self::ValidatorOutstandingRewards(args) => outstanding(session, args),
            Self::Slashes(args) => slashes(session, args),
            Self::DelegatorValidators(args) => {
                let account = args.query.resolve(session, &args.account, &args.keyring)?;
                let request =
                    distribution::QueryDelegatorValidatorsRequest { delegator_address: account.to_string() };
                ask::<distribution::QueryDelegatorValidatorsResponse>(
                    session,
                    &args.query,
                    "DelegatorValidators",
                    &request,
                    |answer| Ok(answer.validators.join("\n").into()),
                )
            }
            Self::DelegatorWithdrawAddress(args) => {
                let account = args.query.resolve(session, &args.account, &args.keyring)?;
                let request = distribution::QueryDelegatorWithdrawAddressRequest {
                    delegator_address: account.to_string(),
                };
                ask::<distribution::QueryDelegatorWithdrawAddressResponse>(
                    session,
                    &args.query,
                    "DelegatorWithdrawAddress",
                    &request,
                    |answer| Ok(answer.withdraw_address.clone().into()),
                )
            }
            Self::CommunityPool(args) => {
                let request = distribution::QueryCommunityPoolRequest {};
                ask::<distribution::QueryCommunityPoolResponse>(
                    session,
                    args,
                    "CommunityPool",
                    &request,
                    |answer| Ok(coins(&answer.pool)?.into()),
                )
            }
            Self::Params(args) => {
                let request = distribution::QueryParamsRequest {};
                ask::<distribution::QueryParamsResponse>(session, args, "Params", &request, params)
            }
        }
    }
}

/// Asks one of the module's queries.
fn ask<A: Message + Name + Default>(
    session: &mut Session,
    args: &QueryArgs,
    method: &str,
    request: &impl Message,
    view: impl FnOnce(&A) -> Result<Shown>,
) -> Result<()> {
    let path = format!("/cosmos.distribution.v1beta1.Query/{method}");
    show(session, args, &path, request, |answer, _| view(answer))
}

/// Decimal coins for people, rounded down to Nils.
fn coins(coins: &[DecCoin]) -> Result<String> {
    let texts = coins.iter().map(|coin| {
        let units = Decimal::from_proto(&coin.amount).context(INCOMPLETE)?;
        Ok(describe(Amount(units.0 / Decimal::ONE.0), &coin.denom))
    });
    let texts: Vec<String> = texts.collect::<Result<_>>()?;
    Ok(if texts.is_empty() { "nothing".into() } else { texts.join(", ") })
}

fn operator(session: &Session, args: &QueryArgs, text: &str) -> Result<String> {
    Ok(validators::find(Some(&session.remote(&args.node)?), text)?.operator())
}

fn rewards(session: &mut Session, args: &AccountArgs) -> Result<()> {
    let account = args.query.resolve(session, &args.account, &args.keyring)?;
    let request = distribution::QueryDelegationTotalRewardsRequest { delegator_address: account.to_string() };
    ask::<distribution::QueryDelegationTotalRewardsResponse>(
        session,
        &args.query,
        "DelegationTotalRewards",
        &request,
        |answer| {
            let rows = answer.rewards.iter().map(|reward| {
                Ok(View::new()
                    .with("validator", reward.validator_address.as_str())
                    .with("reward", coins(&reward.reward)?))
            });
            Ok(View::new()
                .with("total", coins(&answer.total)?)
                .with("rewards", rows.collect::<Result<Vec<_>>>()?)
                .into())
        },
    )
}

fn rewards_by_validator(session: &mut Session, args: &PairArgs) -> Result<()> {
    let account = args.query.resolve(session, &args.account, &args.keyring)?;
    let request = distribution::QueryDelegationRewardsRequest {
        delegator_address: account.to_string(),
        validator_address: operator(session, &args.query, &args.validator)?,
    };
    ask::<distribution::QueryDelegationRewardsResponse>(
        session,
        &args.query,
        "DelegationRewards",
        &request,
        |answer| Ok(coins(&answer.rewards)?.into()),
    )
}

fn commission(session: &mut Session, args: &ValidatorArgs) -> Result<()> {
    let request = distribution::QueryValidatorCommissionRequest {
        validator_address: operator(session, &args.query, &args.validator)?,
    };
    ask::<distribution::QueryValidatorCommissionResponse>(
        session,
        &args.query,
        "ValidatorCommission",
        &request,
        |answer| Ok(coins(&answer.commission.clone().unwrap_or_default().commission)?.into()),
    )
}

fn info(session: &mut Session, args: &ValidatorArgs) -> Result<()> {
    let request = distribution::QueryValidatorDistributionInfoRequest {
        validator_address: operator(session, &args.query, &args.validator)?,
    };
    ask::<distribution::QueryValidatorDistributionInfoResponse>(
        session,
        &args.query,
        "ValidatorDistributionInfo",
        &request,
        |answer| {
            Ok(View::new()
                .with("operator", answer.operator_address.as_str())
                .with("commission", coins(&answer.commission)?)
                .with("reward of its own bond", coins(&answer.self_bond_rewards)?)
                .into())
        },
    )
}

fn outstanding(session: &mut Session, args: &ValidatorArgs) -> Result<()> {
    let request = distribution::QueryValidatorOutstandingRewardsRequest {
        validator_address: operator(session, &args.query, &args.validator)?,
    };
    ask::<distribution::QueryValidatorOutstandingRewardsResponse>(
        session,
        &args.query,
        "ValidatorOutstandingRewards",
        &request,
        |answer| Ok(coins(&answer.rewards.clone().unwrap_or_default().rewards)?.into()),
    )
}

fn slashes(session: &mut Session, args: &SlashesArgs) -> Result<()> {
    let request = distribution::QueryValidatorSlashesRequest {
        validator_address: operator(session, &args.query, &args.validator)?,
        starting_height: args.first,
        // The engine's heights are signed.
        ending_height: args.last.unwrap_or(i64::MAX.unsigned_abs()),
        pagination: Some(args.page.to_request()),
    };
    ask::<distribution::QueryValidatorSlashesResponse>(
        session,
        &args.query,
        "ValidatorSlashes",
        &request,
        |answer| {
            let rows = answer.slashes.iter().map(|slash| {
                Ok(View::new()
                    .with("period", slash.validator_period.to_string())
                    .with("slashed", percent(&slash.fraction)?))
            });
            Ok(Shown::page(rows.collect::<Result<Vec<_>>>()?, answer.pagination.as_ref()))
        },
    )
}

fn params(answer: &distribution::QueryParamsResponse) -> Result<Shown> {
    let params = answer.params.as_ref().context(INCOMPLETE)?;
    Ok(View::new()
        .with("community tax", percent(&params.community_tax)?)
        .with("withdraw address can be set", yes(params.withdraw_addr_enabled))
        .into())
}
