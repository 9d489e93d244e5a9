//! What a DAO is registered and updated with: members, threshold, voting period (§10).

use super::dao_codes::{
    DAO, INVALID_MEMBERS, INVALID_THRESHOLD, INVALID_VOTING_PERIOD, NOT_CORE, NO_IDENTITY,
};
use super::params::{params, period};
use super::types::{Dao, Member};
use crate::identity;
use crate::kernel::{from_duration, Address, Error, Result, View};
use jmes_proto::jmes::dao::v1 as proto;
use jmes_proto::Duration;

/// Members, threshold and voting period that the rules of §10 allow.
pub(super) struct Rules {
    /// In order of their addresses.
    pub(super) members: Vec<Member>,
    /// The power that passes a proposal.
    pub(super) threshold: u64,
    /// In nanoseconds.
    pub(super) voting_period: u64,
}

impl Rules {
    /// Reads what a message asks for; refused with the rule that it breaks.
    pub(super) fn read(
        view: &View,
        members: &[proto::Member],
        threshold: u64,
        voting_period: Option<&Duration>,
    ) -> Result<Self> {
        let params = params(view)?;
        let (count, most) = (members.len(), usize::try_from(params.max_members).unwrap_or(usize::MAX));
        if !(1..=most).contains(&count) {
            return Err(refused(INVALID_MEMBERS, format!("a DAO has 1 to {most} members, not {count}")));
        }
        let members = read_members(view, members)?;
        let total = members.iter().map(|member| u128::from(member.power)).sum::<u128>();
        if total > u128::from(params.max_total_power) {
            let most = params.max_total_power;
            let why = format!("the members' power sums to {total}, more than {most}");
            return Err(refused(INVALID_MEMBERS, why));
        }
        if threshold == 0 || u128::from(threshold) > total {
            let why = format!("the threshold is {threshold}; it must be from 1 to {total}, the power of all");
            return Err(refused(INVALID_THRESHOLD, why));
        }
        let voting_period = match voting_period {
            Some(given) => {
                from_duration(given).map_err(|error| refused(INVALID_VOTING_PERIOD, error.message))?
            }
            None => period("default_voting_period", params.default_voting_period.as_ref())?,
        };
        let shortest = period("min_voting_period", params.min_voting_period.as_ref())?;
        let longest = period("max_voting_period", params.max_voting_period.as_ref())?;
        if !(shortest..=longest).contains(&voting_period) {
            let why = format!(
                "the voting period is {voting_period} ns; it must be from {shortest} to {longest} ns"
            );
            return Err(refused(INVALID_VOTING_PERIOD, why));
        }
        Ok(Self { members, threshold, voting_period })
    }
}

fn read_members(view: &View, given: &[proto::Member]) -> Result<Vec<Member>> {
    let mut members = Vec::with_capacity(given.len());
    for proto::Member { address, power } in given {
        let address = Address::parse(address).map_err(|error| error.context("invalid member"))?;
        if *power == 0 {
            return Err(refused(INVALID_MEMBERS, format!("member {address} has power 0; 1 is the least")));
        }
        if !identity::is_user(view, &address)? {
            let why = format!("member {address} has no user identity; it must register a name first");
            return Err(refused(NO_IDENTITY, why));
        }
        members.push(Member { address, power: *power });
    }
    members.sort_unstable_by_key(|member| member.address);
    if let Some(twice) = members.windows(2).find_map(|pair| match pair {
        [one, other] if one.address == other.address => Some(one.address),
        _ => None,
    }) {
        return Err(refused(INVALID_MEMBERS, format!("member {twice} is listed twice")));
    }
    Ok(members)
}

/// Refused unless the DAO meets what a sitting core DAO must: 3–9 members, no member whose power alone reaches the threshold
/// (§10).
pub fn check_core(view: &View, dao: &Dao) -> Result<()> {
    let Dao { name, members, threshold, .. } = dao;
    let params = params(view)?;
    let bounds = params.min_core_members..=params.max_members;
    let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
    if !bounds.contains(&count) {
        let (least, most) = (bounds.start(), bounds.end());
        let why = format!("a core DAO has {least} to {most} members, \"{name}\" has {count}");
        return Err(refused(NOT_CORE, why));
    }
    match members.iter().find(|member| member.power >= *threshold) {
        Some(Member { address, power }) => {
            let why = format!(
                "no member of a core DAO decides alone: the power of {address} in \"{name}\" is {power}, the threshold {threshold}"
            );
            Err(refused(NOT_CORE, why))
        }
        None => Ok(()),
    }
}

fn refused(code: u32, why: String) -> Error {
    Error::new(DAO, code, why)
}
