//! What must always hold of slots and features (§13).

use super::state::{self, Best};
use super::types::{Role, Slot};
use super::{slot_of, terms};
use crate::emission;
use crate::kernel::{codes, Error, Result, View};

/// At most one DAO in a slot and one slot for a DAO, each by a term that has not ended; the lists agree with the terms; no
/// term has outlived its last issuance height.
pub(super) fn check(view: &View) -> Result<()> {
    check_terms(view)?;
    let mut seated = 0_usize;
    for slot in Slot::ALL {
        let name = slot.name();
        let Some(id) = state::SEATS.load(view, &slot)? else { continue };
        let term = terms::require(view, id)?;
        if term.ended.is_some() || term.role != Role::Slot(slot) || slot_of(view, &term.dao)? != Some(slot) {
            return Err(broken(format!("{} is in the {name} slot by a term that is not of it", term.dao)));
        }
        if state::BEST.load(view, &slot)?.unwrap_or(NONE) == NONE {
            return Err(broken(format!("a DAO is in the {name} slot and nothing was concluded for it")));
        }
        seated = seated.saturating_add(1);
    }
    let daos = state::SEATED.scan(view, &[], None, false, usize::MAX)?.len();
    if daos != seated {
        return Err(broken(format!("{seated} slots are taken by {daos} DAOs")));
    }
    Ok(())
}

/// Nothing passes without votes.
const NONE: Best = Best { cycle: 0, net_yes: crate::kernel::Amount::ZERO };

fn check_terms(view: &View) -> Result<()> {
    let n = emission::issuance_height(view)?;
    let list = state::TERMS.scan(view, &[], None, false, usize::MAX)?;
    let mut open = 0_usize;
    for (id, term) in &list {
        let listed = state::OF_DAO.has(view, &(term.dao, *id))?
            && state::IN_ROLE.has(view, &(term.dao, (term.role, *id)))?;
        let queued = state::OPEN.has(view, &(term.until, *id))?;
        if !listed || queued != term.ended.is_none() || (queued && term.until < n) {
            return Err(broken(format!("term {id} of {} is not listed, or has not ended in time", term.dao)));
        }
        if term.ended.is_some_and(|ended| ended < term.since) {
            return Err(broken(format!("term {id} of {} ended before it began", term.dao)));
        }
        if let (true, Role::Slot(slot)) = (queued, term.role) {
            if state::SEATS.load(view, &slot)? != Some(*id) {
                return Err(broken(format!(
                    "term {id} is open, but its DAO is not in the {} slot",
                    slot.name()
                )));
            }
        }
        open = open.saturating_add(usize::from(queued));
    }
    let of_dao = state::OF_DAO.scan(view, &[], None, false, usize::MAX)?.len();
    let in_role = state::IN_ROLE.scan(view, &[], None, false, usize::MAX)?.len();
    let queue = state::OPEN.scan(view, &[], None, false, usize::MAX)?.len();
    if (of_dao, in_role, queue) != (list.len(), list.len(), open) {
        let terms = list.len();
        return Err(broken(format!(
            "{terms} terms, {open} open; their lists have {of_dao}, {in_role} and {queue}"
        )));
    }
    Ok(())
}

fn broken(why: String) -> Error {
    Error::sdk(codes::LOGIC, format!("slots: {why}"))
}
