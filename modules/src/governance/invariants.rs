//! What always holds of proposals and votes. Reads everything.

use super::error::broken;
use super::types::{Choice, Clock, Proposal, Sides};
use super::{body, state, sums};
use crate::kernel::{Address, Key, Map, Result, Value, View};
use crate::{premint, staking};
use jmes_proto::jmes::governance::v1::proposal::Status;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(view: &View) -> Result<()> {
    let clock = sums::clock(view)?;
    let proposals: BTreeMap<u64, Proposal> = all(view, &state::PROPOSALS)?.into_iter().collect();
    check_proposals(view, clock, &proposals)?;
    check_sums(view, clock)?;
    for (operator, rate) in all(view, &state::RATES)? {
        let bonded = staking::require(view, &operator)?.shares > 0;
        require(bonded && rate.shares > 0 && rate.tokens <= rate.shares, || {
            format!("the rate of {} is {rate:?}", operator.operator())
        })?;
    }
    Ok(())
}

/// Ids are 1 to their number, all lists are complete, and only proposals of the stored cycle are open.
fn check_proposals(view: &View, clock: Clock, proposals: &BTreeMap<u64, Proposal>) -> Result<()> {
    let last = state::LAST_ID.load(view)?.unwrap_or(0);
    require(proposals.keys().copied().eq(1..=last), || format!("proposals 1 to {last} are not all there"))?;
    let by_cycle: BTreeSet<_> = proposals.iter().map(|(id, proposal)| (proposal.cycle, *id)).collect();
    let by_dao: BTreeSet<_> =
        proposals.iter().map(|(id, proposal)| (proposal.dao, (proposal.cycle, *id))).collect();
    let listed = keys(view, &state::BY_CYCLE)? == by_cycle && keys(view, &state::BY_DAO)? == by_dao;
    require(listed, || "the lists of proposals are not all of them".into())?;
    for (id, proposal) in proposals {
        let body = body(view, *id)?;
        let tallied = match proposal.status {
            Status::Raised => (proposal.cycle == clock.cycle).then_some(false),
            Status::Withdrawn => Some(false),
            Status::Passed | Status::Failed | Status::Concluded | Status::Lapsed => {
                (proposal.cycle < clock.cycle).then_some(true)
            }
            Status::Voting | Status::Unspecified => None,
        };
        let sound = tallied == Some(proposal.tallied_height > 0) && body.content.kind() == proposal.kind;
        require(sound, || format!("in cycle {} proposal {id} is {proposal:?}", clock.cycle))?;
    }
    Ok(())
}

/// Rows and totals are what a recount of the present cycle's ballots and bonds gives.
fn check_sums(view: &View, clock: Clock) -> Result<()> {
    let mut rows: BTreeMap<(Address, u64), Sides> = BTreeMap::new();
    let mut voted = false;
    for ((cycle, voter), ballot) in all(view, &state::BALLOTS)? {
        let known = ballot.votes.keys().all(|id| matches!(cycle_of(view, *id), Ok(Some(of)) if of == cycle));
        require(known && !ballot.votes.is_empty(), || format!("in cycle {cycle} {voter} has {ballot:?}"))?;
        if cycle != clock.cycle {
            continue;
        }
        voted = true;
        if !ballot.counted || premint::is_wallet(view, &voter)? {
            continue;
        }
        for (operator, shares) in staking::bonds_of(view, &voter)? {
            for (id, choice) in &ballot.votes {
                let row = rows.entry((operator, *id)).or_default();
                *row = row.with(*choice, row.of(*choice).saturating_add(shares));
            }
        }
    }
    let (old, stored): (Vec<_>, Vec<_>) =
        all(view, &state::ROWS)?.into_iter().partition(|((cycle, _), _)| *cycle < clock.cycle);
    let flags = Clock { voted, old_rows: !old.is_empty(), ..clock };
    require(clock == flags, || format!("the clock is {clock:?}, it should be {flags:?}"))?;
    let expected = rows.iter().map(|(key, row)| ((clock.cycle, *key), *row));
    require(stored.iter().copied().eq(expected), || "rows are not what a recount gives".into())?;
    let mut totals: BTreeMap<u64, Sides> = BTreeMap::new();
    for ((operator, id), row) in &rows {
        let (rate, sum) = (sums::rate(view, operator)?, totals.entry(*id).or_default());
        for choice in [Choice::Yes, Choice::No] {
            *sum = sum.with(choice, sum.of(choice).saturating_add(rate.value_of(row.of(choice))?));
        }
    }
    totals.retain(|_, sum| *sum != Sides::default());
    let stored: BTreeMap<_, _> = all(view, &state::TOTALS)?.into_iter().collect();
    require(stored == totals, || format!("the totals are {stored:?}, a recount gives {totals:?}"))
}

fn cycle_of(view: &View, id: u64) -> Result<Option<u64>> {
    Ok(super::proposal(view, id)?.map(|proposal| proposal.cycle))
}

fn all<K: Key, V: Value>(view: &View, map: &Map<K, V>) -> Result<Vec<(K, V)>> {
    map.scan(view, &[], None, false, usize::MAX)
}

fn keys<K: Key + Ord>(view: &View, map: &Map<K, ()>) -> Result<BTreeSet<K>> {
    Ok(all(view, map)?.into_iter().map(|(key, ())| key).collect())
}

fn require(holds: bool, why: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(broken(why()))
    }
}
