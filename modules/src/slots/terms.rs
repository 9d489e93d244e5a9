//! Terms: their beginning and end, and who held what when (§13).

use super::error::{FUTURE_HEIGHT, SLOTS};
use super::state::{self, Term};
use super::types::{Feature, Role, Slot};
use crate::kernel::{codes, Address, Ctx, Error, Event, Key, Result, View};
use crate::{emission, funding};

/// How many terms of a role are looked at together; a DAO rarely has more.
const CHUNK: usize = 16;

/// Begins a term of `blocks` issuance heights after this one; gives its id.
pub(super) fn begin(ctx: &mut Ctx, dao: &Address, role: Role, proposal_id: u64, blocks: u64) -> Result<u64> {
    let latest = state::TERMS.scan(ctx, &[], None, true, 1)?;
    let id = latest.first().map_or(0, |(id, _)| *id).saturating_add(1);
    let until = emission::issuance_height(ctx)?.saturating_add(blocks);
    let term = Term { dao: *dao, role, proposal_id, since: ctx.block().height, until, ended: None };
    insert(ctx, id, &term)?;
    let event = Event::new("term_started").with("dao", dao).with("feature", role.name());
    ctx.emit(event.with("proposal_id", proposal_id).with("until", until));
    Ok(id)
}

/// Stores a term with its indexes; one that has not ended and is a slot's seats its DAO.
pub(super) fn insert(ctx: &mut Ctx, id: u64, term: &Term) -> Result<()> {
    state::TERMS.save(ctx, &id, term)?;
    state::OF_DAO.save(ctx, &(term.dao, id), &())?;
    state::IN_ROLE.save(ctx, &(term.dao, (term.role, id)), &())?;
    if term.ended.is_some() {
        return Ok(());
    }
    state::OPEN.save(ctx, &(term.until, id), &())?;
    if let Role::Slot(slot) = term.role {
        state::SEATS.save(ctx, &slot, &id)?;
        state::SEATED.save(ctx, &term.dao, &term.role)?;
    }
    Ok(())
}

/// Ends a term in this block. A slot's becomes vacant, its proposal's funding ends, and the DAO's other funding counts as that of
/// a DAO which is not core.
pub(super) fn end(ctx: &mut Ctx, id: u64, why: &'static str) -> Result<()> {
    let term = require(ctx, id)?;
    state::OPEN.remove(ctx, &(term.until, id))?;
    let height = ctx.block().height;
    state::TERMS.save(ctx, &id, &Term { ended: Some(height), ..term.clone() })?;
    let event = Event::new("term_ended").with("dao", term.dao).with("feature", term.role.name());
    ctx.emit(event.with("proposal_id", term.proposal_id).with("why", why));
    if let Role::Slot(slot) = term.role {
        state::SEATS.remove(ctx, &slot)?;
        state::SEATED.remove(ctx, &term.dao)?;
        funding::end(ctx, term.proposal_id)?;
        funding::refresh(ctx)?;
    }
    Ok(())
}

/// Ends the terms whose last issuance height was n - 1 (§15 step 5).
pub fn end_terms(ctx: &mut Ctx) -> Result<()> {
    while let Some(((until, id), ())) = state::OPEN.scan(ctx, &[], None, false, 1)?.pop() {
        if until >= emission::issuance_height(ctx)? {
            break;
        }
        end(ctx, id, "expired")?;
    }
    Ok(())
}

/// By which proposal the DAO held the role at an engine's height, past or present; a core DAO has Official status. The block
/// in which a term ends is the first without it, whatever came before in that block. Of several that held, the latest begun
/// answers. Heights to come are refused.
pub fn held_at(view: &View, dao: &Address, role: Role, height: u64) -> Result<Option<u64>> {
    let now = view.block().height;
    if height > now {
        let why = format!("height {height} is still to come; the latest is {now}");
        return Err(Error::new(SLOTS, FUTURE_HEIGHT, why));
    }
    let own = latest(view, dao, role, height)?;
    if own.is_some() || role != Role::Feature(Feature::OfficialStatus) {
        return Ok(own.map(|term| term.proposal_id));
    }
    for slot in Slot::ALL {
        if let Some(term) = latest(view, dao, Role::Slot(slot), height)? {
            return Ok(Some(term.proposal_id));
        }
    }
    Ok(None)
}

/// Whether `proposal_id` gave the DAO the role by a transaction of `height` or before, and it was not taken away before that
/// height: unlike [`held_at`] it counts the block in which the term ends, whose earlier transactions were in the term.
pub fn was_granted(view: &View, dao: &Address, role: Role, proposal_id: u64, height: u64) -> Result<bool> {
    let held = |term: &Term| {
        let ended = term.ended.unwrap_or(u64::MAX);
        term.proposal_id == proposal_id && term.since <= height && height <= ended
    };
    Ok(find(view, dao, role, held)?.is_some())
}

/// The DAO's latest term in that role that held at `height`.
pub(super) fn latest(view: &View, dao: &Address, role: Role, height: u64) -> Result<Option<Term>> {
    find(view, dao, role, |term| term.held_at(height))
}

/// The DAO's latest term in that role for which `fits` is true.
fn find(view: &View, dao: &Address, role: Role, fits: impl Fn(&Term) -> bool) -> Result<Option<Term>> {
    let group = (*dao, role).encoded();
    let mut from: Option<Vec<u8>> = None;
    loop {
        let found = state::IN_ROLE.scan(view, &group, from.as_deref(), true, CHUNK)?;
        for ((_, (_, id)), ()) in &found {
            let term = require(view, *id)?;
            if fits(&term) {
                return Ok(Some(term));
            }
        }
        match found.last() {
            Some(((_, (_, id)), ())) if found.len() == CHUNK && *id > 1 => {
                from = Some(id.saturating_sub(1).to_be_bytes().to_vec());
            }
            _ => return Ok(None),
        }
    }
}

pub(super) fn require(view: &View, id: u64) -> Result<Term> {
    let none = || Error::sdk(codes::LOGIC, format!("term {id} is missing"));
    state::TERMS.load(view, &id)?.ok_or_else(none)
}
