//! What must always hold in the store `slashing`.

use super::types::{Chunk, EvidenceHash};
use super::{check_evidence_age, params, state, validate_params, window};
use crate::kernel::{codes, ConsensusAddress, Error, Result, View};
use crate::{seats, staking};
use std::collections::BTreeSet;

pub(super) fn check(view: &View) -> Result<()> {
    validate_params(&params(view)?).map_err(|error| broken(error.message))?;
    check_evidence_age(view).map_err(|error| broken(error.message))?;
    check_windows(view)?;
    check_seats(view)?;
    check_evidence(view)
}

fn check_windows(view: &View) -> Result<()> {
    let windows = state::WINDOWS.load(view)?;
    let mut known = BTreeSet::new();
    for (address, info) in state::SIGNING_INFOS.scan(view, &[], None, false, usize::MAX)? {
        known.insert(address);
        let places = window::missed_places(view, &address)?;
        if places.len() as u64 != info.missed {
            let (count, missed) = (places.len(), info.missed);
            return Err(broken(format!("{address} missed {count} commits, its counter says {missed}")));
        }
        // What a restart of all windows left behind is cleared when the validator votes next.
        let current = windows.filter(|windows| windows.since <= info.start_height);
        let beyond = current.and_then(|windows| places.last().filter(|place| **place >= windows.length));
        if let Some(place) = beyond {
            return Err(broken(format!("{address} missed a commit at place {place}, beyond its window")));
        }
        if staking::by_consensus(view, &address)?.is_none() {
            return Err(broken(format!("{address} has a window, but no validator has its key")));
        }
    }
    for ((address, number), chunk) in state::MISSED.scan(view, &[], None, false, usize::MAX)? {
        check_chunk(&known, address, number, &chunk)?;
    }
    Ok(())
}

/// Whoever has a seat has a window: without one it would never be judged.
fn check_seats(view: &View) -> Result<()> {
    for seat in seats::seats(view)? {
        let Some(address) = staking::require(view, &seat.operator)?.consensus_address() else { continue };
        if !state::SIGNING_INFOS.has(view, &address)? {
            let operator = seat.operator.operator();
            return Err(broken(format!("{operator} has a seat, but {address} has no signing info")));
        }
    }
    Ok(())
}

fn check_chunk(
    known: &BTreeSet<ConsensusAddress>,
    address: ConsensusAddress,
    number: u64,
    chunk: &Chunk,
) -> Result<()> {
    if !known.contains(&address) {
        return Err(broken(format!("{address} has missed commits, but no signing info")));
    }
    if chunk.is_empty() {
        return Err(broken(format!("chunk {number} of {address} has no missed commit")));
    }
    Ok(())
}

fn check_evidence(view: &View) -> Result<()> {
    for (hash, evidence) in state::EVIDENCE.scan(view, &[], None, false, usize::MAX)? {
        let found = EvidenceHash::of(&evidence);
        if found != hash {
            return Err(broken(format!("evidence {found} stands under {hash}")));
        }
        let address = ConsensusAddress::parse(&evidence.consensus_address)?;
        let validator = match staking::by_consensus(view, &address)? {
            Some(operator) => staking::validator(view, &operator)?,
            None => None,
        };
        if !validator.is_some_and(|validator| validator.tombstoned) {
            return Err(broken(format!(
                "there is evidence {hash} against {address}, which is not tombstoned"
            )));
        }
    }
    Ok(())
}

fn broken(why: String) -> Error {
    Error::sdk(codes::LOGIC, format!("slashing: {why}"))
}
