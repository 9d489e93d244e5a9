//! The parameters of DAOs (§1, §10) and their hard bounds.

use super::state;
use crate::kernel::{codes, duration, from_duration, Error, Result, View, SECOND};
use jmes_proto::jmes::dao::v1::Params;
use jmes_proto::Duration;

const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// No period is longer than this: 365 days.
const YEAR: u64 = 365 * DAY;
/// What a DAO can have at most whatever the parameters are: its members are one record and vote in one message each.
pub const MOST_MEMBERS: u32 = 100;
/// What the members' power can sum to at most whatever the parameters are.
pub const MOST_POWER: u64 = 1_000_000_000_000;

/// Mainnet's parameters.
pub fn defaults() -> Params {
    Params {
        max_members: 9,
        min_core_members: 3,
        max_total_power: 1_000_000,
        min_voting_period: Some(duration(HOUR)),
        max_voting_period: Some(duration(60 * DAY)),
        default_voting_period: Some(duration(28 * DAY)),
        execution_period: Some(duration(30 * DAY)),
        max_open_proposals: 10,
    }
}

/// The parameters in force.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or_else(defaults))
}

/// Checks the hard bounds (§1); the error names the parameter. `sdk/18`.
pub fn check_params(params: &Params) -> Result<()> {
    let members = u64::from(params.max_members);
    let core = u64::from(params.min_core_members);
    let shortest = period("min_voting_period", params.min_voting_period.as_ref())?;
    let longest = period("max_voting_period", params.max_voting_period.as_ref())?;
    let usual = period("default_voting_period", params.default_voting_period.as_ref())?;
    let execution = period("execution_period", params.execution_period.as_ref())?;
    let bounds = [
        ("max_members", members, 3..=u64::from(MOST_MEMBERS), ""),
        ("min_core_members", core, 2..=members, ""),
        ("max_total_power", params.max_total_power, members..=MOST_POWER, ""),
        ("min_voting_period", shortest, SECOND..=YEAR, " ns"),
        ("max_voting_period", longest, shortest..=YEAR, " ns"),
        ("default_voting_period", usual, shortest..=longest, " ns"),
        ("execution_period", execution, SECOND..=YEAR, " ns"),
        ("max_open_proposals", params.max_open_proposals.into(), 1..=100, ""),
    ];
    for (name, value, range, unit) in bounds {
        if !range.contains(&value) {
            let (low, high) = (range.start(), range.end());
            return Err(invalid(format!("{name} is {value}{unit}; it must be from {low} to {high}{unit}")));
        }
    }
    Ok(())
}

/// The period of that name in nanoseconds.
pub(super) fn period(name: &str, given: Option<&Duration>) -> Result<u64> {
    let given = given.ok_or_else(|| invalid(format!("{name} is missing")))?;
    from_duration(given).map_err(|error| error.context(format!("dao: {name}")))
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("dao: {why}"))
}
