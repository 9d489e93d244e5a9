//! The parameters (§1, §11, §14), their mainnet values and their hard bounds.

use super::error::invalid;
use super::{state, Governance};
use crate::kernel::{from_duration, Amount, Result, View, SECOND};
use crate::{upgrade, JMES};
use jmes_proto::jmes::governance::v1::Params;
use jmes_proto::Duration;
use std::ops::RangeInclusive;

/// The longest phase: 366 days, in nanoseconds.
const LONGEST_PHASE: u64 = 31_622_400 * SECOND;
/// Up to 10,000 JMES (§1); at least 1 Nil, so that no vote is without weight.
const VOTE_STAKE: RangeInclusive<u128> = 1..=10_000 * JMES;
/// Up to 1,000 JMES (§1); at least 1 JMES, because a tally is work in the number of proposals.
const BURN: RangeInclusive<u128> = JMES..=1_000 * JMES;
/// In hundredths (§1).
const THRESHOLD: RangeInclusive<u32> = 0..=20;
/// In heights; 1,000,000 are two months.
const NOTICE: RangeInclusive<u64> = 1..=1_000_000;

/// Mainnet's parameters: two weeks of 607,126.1538 s each.
pub fn default_params() -> Params {
    let two_weeks = Duration { seconds: 1_214_252, nanos: 307_600_000 };
    Params {
        raising_period: Some(two_weeks),
        voting_period: Some(two_weeks),
        min_vote_stake: 1_000_000_000_u128.to_string(),
        proposal_burn: 10_000_000_u128.to_string(),
        pass_threshold_percent: 10,
        improvements_open_after: 3_155_695,
        min_upgrade_notice: 17_280,
    }
}

/// The parameters in force.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or_else(default_params))
}

/// Checks the hard bounds (§1); the error names the parameter. `sdk/18`.
pub fn check_params(params: &Params) -> Result<()> {
    phases(params)?;
    amount("min_vote_stake", &params.min_vote_stake, &VOTE_STAKE)?;
    amount("proposal_burn", &params.proposal_burn, &BURN)?;
    check("pass_threshold_percent", &params.pass_threshold_percent, &THRESHOLD)?;
    check("min_upgrade_notice", &params.min_upgrade_notice, &NOTICE)
}

/// Refuses a shorter notice of upgrades than operators can count on: mainnet's, or that of genesis where it is shorter.
pub(super) fn check_notice(view: &View, params: &Params) -> Result<()> {
    let usual = default_params().min_upgrade_notice;
    let first = upgrade::at_genesis(view, &Governance, "min_upgrade_notice")?;
    let least = first.and_then(|first| u64::try_from(first).ok()).map_or(usual, |first| first.min(usual));
    check("min_upgrade_notice", &params.min_upgrade_notice, &(least..=*NOTICE.end()))
}

/// The lengths of raising and of voting, in nanoseconds.
pub(super) fn phases(params: &Params) -> Result<(u64, u64)> {
    Ok((
        phase("raising_period", params.raising_period.as_ref())?,
        phase("voting_period", params.voting_period.as_ref())?,
    ))
}

/// The least weight that votes, in Nils.
pub(super) fn min_vote_stake(view: &View) -> Result<Amount> {
    Amount::parse(&params(view)?.min_vote_stake)
}

fn phase(name: &str, duration: Option<&Duration>) -> Result<u64> {
    let nanos = duration.and_then(|duration| from_duration(duration).ok());
    nanos
        .filter(|nanos| (1..=LONGEST_PHASE).contains(nanos))
        .ok_or_else(|| invalid(format!("governance: {name} must be above 0 and at most 366 days")))
}

fn amount(name: &str, text: &str, range: &RangeInclusive<u128>) -> Result<()> {
    let amount = Amount::parse(text).map_err(|error| error.context(format!("governance: {name}")))?;
    check(name, &amount.0, range)
}

fn check<N: PartialOrd + std::fmt::Display>(name: &str, value: &N, range: &RangeInclusive<N>) -> Result<()> {
    if range.contains(value) {
        return Ok(());
    }
    let (low, high) = (range.start(), range.end());
    Err(invalid(format!("governance: {name} is {value}; it must be from {low} to {high}")))
}
