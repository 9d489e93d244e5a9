//! What must always hold in the store `dao`.

use super::types::{Dao, Proposal, Status};
use super::{address_of, check_params, params, state};
use crate::identity::{self, Kind};
use crate::kernel::{codes, Address, Error, Key, Map, Result, Value, View};
use crate::{auth, slots};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(view: &View) -> Result<()> {
    check_params(&params(view)?).map_err(|error| broken(error.message))?;
    let daos = all(view, &state::DAOS)?;
    check_daos(view, &daos)?;
    check_proposals(view, &daos)
}

fn check_daos(view: &View, daos: &BTreeMap<Address, Dao>) -> Result<()> {
    let count = state::DAO_COUNT.load(view)?.unwrap_or(0);
    let ids: BTreeMap<_, _> = daos.values().map(|dao| (dao.id, dao.address)).collect();
    if !ids.keys().copied().eq(1..=count) || ids != all(view, &state::BY_ID)? {
        return Err(broken(format!("the ids of {} DAOs are not those from 1 to {count}", daos.len())));
    }
    let mut memberships = BTreeSet::new();
    for dao in daos.values() {
        let Dao { id, name, address, .. } = dao;
        dao.check_shape().map_err(|why| broken(format!("\"{name}\": {why}")))?;
        let named = identity::by_name(view, name)?;
        let named = named.is_some_and(|named| named.address == *address && named.kind == Kind::Dao);
        if *address != address_of(*id) || !named || auth::account(view, address)?.is_none() {
            return Err(broken(format!("DAO {id} has not the address, name or account of a DAO {id}")));
        }
        for member in &dao.members {
            if !identity::is_user(view, &member.address)? {
                return Err(broken(format!("member {} of \"{name}\" is no user", member.address)));
            }
            memberships.insert((member.address, *id));
        }
        // How many members it needs is a parameter, which may have changed since.
        let alone = dao.members.iter().any(|member| member.power >= dao.threshold);
        if alone && slots::slot_of(view, address)?.is_some() {
            return Err(broken(format!("one member of \"{name}\", a core DAO, decides alone")));
        }
    }
    let holders = identity::state::HOLDERS.scan(view, &[], None, false, usize::MAX)?;
    let named = holders.iter().filter(|(_, holder)| holder.kind == Kind::Dao).count();
    if named != daos.len() {
        return Err(broken(format!("{named} names are of DAOs, there are {}", daos.len())));
    }
    same("memberships", &memberships, &keys(view, &state::MEMBERSHIPS)?)
}

fn check_proposals(view: &View, daos: &BTreeMap<Address, Dao>) -> Result<()> {
    let proposals = all(view, &state::PROPOSALS)?;
    let count = state::PROPOSAL_COUNT.load(view)?.unwrap_or(0);
    let contents = all(view, &state::CONTENTS)?;
    if !proposals.keys().copied().eq(1..=count) || !contents.keys().eq(proposals.keys()) {
        return Err(broken(format!("the ids of {} proposals are not 1 to {count}", proposals.len())));
    }
    let mut sums: BTreeMap<u64, [u64; 3]> = BTreeMap::new();
    for ((id, voter), ballot) in all(view, &state::BALLOTS)? {
        let place = usize::try_from(i32::from(ballot.option)).unwrap_or(0).wrapping_sub(1);
        let sum = sums.entry(id).or_default().get_mut(place);
        let sum = sum.ok_or_else(|| broken(format!("{voter} has no option on proposal {id}")))?;
        *sum = sum.saturating_add(ballot.power);
    }
    let (mut listed, mut open) = (BTreeSet::new(), BTreeSet::new());
    for (id, proposal) in &proposals {
        let dao = daos.get(&proposal.dao);
        let dao = dao.ok_or_else(|| broken(format!("proposal {id} is of no DAO")))?;
        let poll = contents.get(id).is_some_and(|content| content.messages.is_empty());
        if sums.remove(id).unwrap_or_default() != [proposal.yes, proposal.no, proposal.abstain] {
            return Err(broken(format!("the sums of proposal {id} are not those of its votes")));
        }
        check_proposal(*id, proposal, dao, poll)?;
        listed.insert((dao.id, *id));
        if proposal.status == Status::Open {
            open.insert((dao.id, (proposal.proposer, *id)));
        }
    }
    if let Some(id) = sums.keys().next() {
        return Err(broken(format!("there are votes on proposal {id}, which is not there")));
    }
    same("proposals of DAOs", &listed, &keys(view, &state::PROPOSALS_OF)?)?;
    same("open proposals", &open, &keys(view, &state::OPEN)?)
}

fn check_proposal(id: u64, proposal: &Proposal, dao: &Dao, poll: bool) -> Result<()> {
    let Proposal { status, yes, no, abstain, .. } = proposal;
    let executable = matches!(status, Status::Passed | Status::Executed) && !poll;
    let timed = proposal.execute_until.is_some() == executable
        || matches!(status, Status::Expired | Status::Superseded);
    if proposal.poll != poll || proposal.version > dao.version || !timed {
        return Err(broken(format!("proposal {id} is {status:?} with what contradicts that")));
    }
    // The rules of older versions are gone.
    if proposal.version != dao.version {
        return Ok(());
    }
    let reachable = dao.total_power().saturating_sub(no.saturating_add(*abstain)) >= dao.threshold;
    let sound = match status {
        Status::Open => *yes < dao.threshold && reachable,
        Status::Passed | Status::Executed => *yes >= dao.threshold,
        Status::Failed => *yes < dao.threshold && !reachable,
        Status::Expired => *yes < dao.threshold && reachable,
        Status::Superseded | Status::Unspecified => false,
    };
    if !sound {
        return Err(broken(format!(
            "proposal {id} is {status:?} with yes {yes}, no {no}, abstain {abstain}"
        )));
    }
    Ok(())
}

fn all<K: Key + Ord, V: Value>(view: &View, map: &Map<K, V>) -> Result<BTreeMap<K, V>> {
    Ok(map.scan(view, &[], None, false, usize::MAX)?.into_iter().collect())
}

fn keys<K: Key + Ord>(view: &View, map: &Map<K, ()>) -> Result<BTreeSet<K>> {
    Ok(all(view, map)?.into_keys().collect())
}

fn same<K: Ord>(what: &str, expected: &BTreeSet<K>, found: &BTreeSet<K>) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (expected.len(), found.len());
    Err(broken(format!("the index of {what} has {found} entries, not the {expected} it should have")))
}

fn broken(why: String) -> Error {
    Error::sdk(codes::LOGIC, format!("dao: {why}"))
}
