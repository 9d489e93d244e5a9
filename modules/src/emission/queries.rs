//! The queries of `jmes.emission.v1`, and of `cosmos.mint.v1beta1` for explorers.

use super::params::MAX_PERIODS;
use super::{clock, params, settings, split, BlockReward, Period, Settings};
use crate::bank::{self, MAX_GENESIS_SUPPLY};
use crate::kernel::{
    codes, mul_div, Amount, Decimal, Error, QueryError, QueryResult, QueryRoutes, Result, View,
};
use crate::{consensus, premint, rewards, staking, BASE_DENOM};
use cosmos_sdk_proto::cosmos::mint::v1beta1 as mint;
use jmes_proto::jmes::emission::v1 as proto;
use tendermint_proto::google::protobuf::{Duration, Timestamp};

const NANOS: u64 = 1_000_000_000;

/// Months in a period.
const YEAR: u64 = 12;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.emission.v1.Query/Params", query_params);
    routes.add("/jmes.emission.v1.Query/Reward", query_reward);
    routes.add("/jmes.emission.v1.Query/Schedule", query_schedule);
    routes.add("/jmes.emission.v1.Query/Clock", query_clock);
    routes.add("/jmes.emission.v1.Query/Supply", query_supply);
    routes.add("/cosmos.mint.v1beta1.Query/Params", mint_params);
    routes.add("/cosmos.mint.v1beta1.Query/Inflation", inflation);
    routes.add("/cosmos.mint.v1beta1.Query/AnnualProvisions", annual_provisions);
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

fn query_reward(view: &View, request: proto::QueryRewardRequest) -> QueryResult<proto::QueryRewardResponse> {
    let n = request.n;
    if n == 0 {
        return Err(QueryError::invalid("n is 0; the first issuance height is 1"));
    }
    let settings = settings(view)?;
    let point = settings.schedule.at(n)?;
    let BlockReward { validators, dao_budget } = split(&settings, n, point.reward)?;
    Ok(proto::QueryRewardResponse {
        n,
        period: point.period,
        reward: point.reward.to_string(),
        validator_share: validators.to_string(),
        dao_budget: dao_budget.to_string(),
        issued: point.issued.to_string(),
        premint_unlocked: premint_unlocked(&settings, point.issued)?,
    })
}

fn query_schedule(view: &View, _: proto::QueryScheduleRequest) -> QueryResult<proto::QueryScheduleResponse> {
    let settings = settings(view)?;
    let show = |Period { number, first, last, reward, issued }| {
        Ok(proto::Period {
            period: number,
            first_height: first,
            last_height: last,
            reward: reward.to_string(),
            issued_at_end: issued.to_string(),
            premint_unlocked_at_end: premint_unlocked(&settings, issued)?,
        })
    };
    let periods = settings.schedule.periods(MAX_PERIODS)?;
    Ok(proto::QueryScheduleResponse { periods: periods.into_iter().map(show).collect::<Result<_>>()? })
}

/// How much of a premint of 100,000,000 JMES is unlocked.
fn premint_unlocked(settings: &Settings, issued: Amount) -> Result<String> {
    Ok(settings.schedule.unlocked(MAX_GENESIS_SUPPLY, issued)?.to_string())
}

fn query_clock(view: &View, _: proto::QueryClockRequest) -> QueryResult<proto::QueryClockResponse> {
    let (clock, settings) = (clock(view)?, settings(view)?);
    let genesis_time = consensus::origin(view)?.unwrap_or_default().genesis_time;
    let block_time = if clock.height == 0 { genesis_time } else { clock.time };
    Ok(proto::QueryClockResponse {
        height: clock.height,
        n: clock.n,
        ahead: Some(ahead(&settings, clock.n, block_time.saturating_sub(genesis_time))?),
        block_time: Some(timestamp(block_time)),
        genesis_time: Some(timestamp(genesis_time)),
    })
}

/// By how much the time that `n` blocks take on pace is more than what has passed; less after halts.
fn ahead(settings: &Settings, n: u64, passed: u64) -> Result<Duration> {
    let too_long = || Error::sdk(codes::LOGIC, format!("{n} blocks on pace take too long to be told"));
    let on_pace = i128::from(n).checked_mul(settings.block_time.into()).ok_or_else(too_long)?;
    let nanos = on_pace.checked_sub(passed.into()).ok_or_else(too_long)?;
    let split = nanos.checked_div(NANOS.into()).zip(nanos.checked_rem(NANOS.into()));
    let parts = split.and_then(|(seconds, nanos)| Some((seconds.try_into().ok()?, nanos.try_into().ok()?)));
    let (seconds, nanos) = parts.ok_or_else(too_long)?;
    Ok(Duration { seconds, nanos })
}

fn timestamp(nanos: u64) -> Timestamp {
    let part = |number: Option<u64>| number.unwrap_or(0);
    Timestamp {
        seconds: i64::try_from(part(nanos.checked_div(NANOS))).unwrap_or(i64::MAX),
        nanos: i32::try_from(part(nanos.checked_rem(NANOS))).unwrap_or(0),
    }
}

fn query_supply(view: &View, _: proto::QuerySupplyRequest) -> QueryResult<proto::QuerySupplyResponse> {
    let settings = settings(view)?;
    let total = bank::supply(view, BASE_DENOM)?;
    let (bonded, unbonding) = (staking::total_bonded(view)?, staking::total_unbonding(view)?);
    let locked = premint::total_locked(view)?;
    let issued = clock(view)?.point.issued;
    let less = |from: Amount, by: Amount| from.minus(by).unwrap_or_default();
    Ok(proto::QuerySupplyResponse {
        total: total.to_string(),
        liquid: less(less(total, bonded), unbonding).to_string(),
        bonded: bonded.to_string(),
        unbonding: unbonding.to_string(),
        premint_locked: locked.to_string(),
        circulating: less(total, locked).to_string(),
        unredeemed: rewards::unredeemed(view)?.to_string(),
        burnt: bank::burnt(view)?.to_string(),
        remaining: less(settings.schedule.limit, issued).to_string(),
        max: settings.max_supply.to_string(),
    })
}

/// Nothing here is a policy of minting: what the SDK's module would decide by is 0.
fn mint_params(view: &View, _: mint::QueryParamsRequest) -> QueryResult<mint::QueryParamsResponse> {
    let none = Decimal::ZERO.to_proto();
    let params = mint::Params {
        mint_denom: BASE_DENOM.into(),
        inflation_rate_change: none.clone(),
        inflation_max: none.clone(),
        inflation_min: none.clone(),
        goal_bonded: none,
        blocks_per_year: settings(view)?.blocks_in_months(YEAR)?,
    };
    Ok(mint::QueryParamsResponse { params: Some(params) })
}

/// What a year of blocks would create at the reward of the present block, or of the first one before it.
fn year_of_rewards(view: &View) -> Result<Amount> {
    let settings = settings(view)?;
    let reward = settings.schedule.at(clock(view)?.n.max(1))?.reward;
    reward.times(settings.blocks_in_months(YEAR)?.into(), 1)
}

/// As the SDK's gRPC carries decimals in `bytes`: the digits of the number of units of 10^-18.
fn digits(amount: Amount, total: Amount) -> Result<Vec<u8>> {
    Ok(mul_div(amount.0, Decimal::ONE.0, total.0)?.to_string().into_bytes())
}

fn inflation(view: &View, _: mint::QueryInflationRequest) -> QueryResult<mint::QueryInflationResponse> {
    let supply = bank::supply(view, BASE_DENOM)?;
    let inflation = if supply.is_zero() { b"0".to_vec() } else { digits(year_of_rewards(view)?, supply)? };
    Ok(mint::QueryInflationResponse { inflation })
}

fn annual_provisions(
    view: &View,
    _: mint::QueryAnnualProvisionsRequest,
) -> QueryResult<mint::QueryAnnualProvisionsResponse> {
    Ok(mint::QueryAnnualProvisionsResponse { annual_provisions: digits(year_of_rewards(view)?, Amount(1))? })
}
