//! Genesis of slots: `app_state.slots`, the JSON of `jmes.slots.v1.GenesisState`. A new chain has nothing there.

use super::error::SLOTS;
use super::queries::show;
use super::state::{self, Best, Term};
use super::types::{Role, Slot};
use super::{slot_of, terms};
use crate::kernel::{codes, message_from_json, message_to_json, Address, Amount, Ctx, Error, Result, View};
use crate::{dao, emission};
use jmes_proto::jmes::slots::v1::{self as proto, GenesisRevocation, GenesisSlot, GenesisState};
use serde_json::Value;

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let genesis: GenesisState =
        if genesis.is_null() { GenesisState::default() } else { message_from_json(genesis)? };
    for (id, term) in (1..).zip(&genesis.terms) {
        let place = |error: Error| error.context(format!("genesis: {SLOTS}: term {id}"));
        let term = read_term(ctx, term).map_err(place)?;
        terms::insert(ctx, id, &term)?;
    }
    for slot in &genesis.slots {
        import_slot(ctx, slot).map_err(|error| error.context(format!("genesis: {SLOTS}: slots")))?;
    }
    for revocation in &genesis.revocations {
        let place = |error: Error| error.context(format!("genesis: {SLOTS}: revocations"));
        let slot = slot_named(revocation.slot).map_err(place)?;
        let dao = Address::parse(&revocation.dao).map_err(place)?;
        if state::REVOKED.has(ctx, &(slot, dao))? {
            return Err(place(refused(format!("{dao} and the {} slot stand twice", slot.name()))));
        }
        state::REVOKED.save(ctx, &(slot, dao), &revocation.cycle)?;
    }
    let vacant = |slot: &Slot| Ok(state::SEATS.has(ctx, slot)? && !state::BEST.has(ctx, slot)?);
    for slot in Slot::ALL {
        if vacant(&slot)? {
            let why = format!("{} is taken, but nothing was concluded for it", slot.name());
            return Err(refused(why).context(format!("genesis: {SLOTS}: slots")));
        }
    }
    Ok(())
}

pub(super) fn export(view: &View) -> Result<Value> {
    let list = state::TERMS.scan(view, &[], None, false, usize::MAX)?;
    let mut slots = Vec::new();
    for (slot, best) in state::BEST.scan(view, &[], None, false, usize::MAX)? {
        slots.push(GenesisSlot {
            slot: slot.to_proto(),
            cycle: best.cycle,
            net_yes: best.net_yes.to_string(),
            proposal_id: proposal_in(view, slot)?,
        });
    }
    let revocation = |((slot, dao), cycle): ((Slot, Address), u64)| GenesisRevocation {
        slot: slot.to_proto(),
        dao: dao.to_string(),
        cycle,
    };
    let revocations = state::REVOKED.scan(view, &[], None, false, usize::MAX)?;
    message_to_json(&GenesisState {
        terms: list.iter().map(|(_, term)| show(term)).collect(),
        slots,
        revocations: revocations.into_iter().map(revocation).collect(),
    })
}

/// The proposal by which a DAO sits in `slot`; 0 when nobody does.
fn proposal_in(view: &View, slot: Slot) -> Result<u64> {
    let term = state::SEATS.load(view, &slot)?.map(|id| terms::require(view, id)).transpose()?;
    Ok(term.map_or(0, |term| term.proposal_id))
}

fn read_term(view: &View, term: &proto::Term) -> Result<Term> {
    let dao = Address::parse(&term.dao)?;
    dao::require(view, &dao)?;
    let Some(role) = Role::parse(&term.feature) else {
        return Err(refused(format!("\"{}\" is no feature", term.feature)));
    };
    let ended = (term.ended_height > 0).then_some(term.ended_height);
    let read = Term { dao, role, proposal_id: term.proposal_id, since: term.since, until: term.until, ended };
    let (n, now) = (emission::issuance_height(view)?, emission::clock(view)?.height);
    if ended.is_some_and(|ended| ended < read.since || ended > now) || read.since > now {
        let end = term.ended_height;
        return Err(refused(format!("heights {} to {end} don't fit to a chain at height {now}", read.since)));
    }
    if ended.is_none() && read.until < n {
        return Err(refused(format!("it should have ended after issuance height {}", read.until)));
    }
    if let (None, Role::Slot(slot)) = (ended, role) {
        if state::SEATS.has(view, &slot)? || slot_of(view, &dao)?.is_some() {
            return Err(refused(format!("the {} slot is taken, or its DAO sits in another", slot.name())));
        }
    }
    Ok(read)
}

fn import_slot(ctx: &mut Ctx, given: &GenesisSlot) -> Result<()> {
    let slot = slot_named(given.slot)?;
    let name = slot.name();
    let sits = proposal_in(ctx, slot)?;
    if given.proposal_id != sits {
        let why =
            format!("{name}: proposal {} seats nobody there; by the terms it is {sits}", given.proposal_id);
        return Err(refused(why));
    }
    if state::BEST.has(ctx, &slot)? {
        return Err(refused(format!("{name} stands twice")));
    }
    let net_yes = Amount::parse(&given.net_yes).map_err(|error| error.context(format!("{name}: net_yes")))?;
    state::BEST.save(ctx, &slot, &Best { cycle: given.cycle, net_yes })
}

fn slot_named(number: i32) -> Result<Slot> {
    Slot::from_proto(number).ok_or_else(|| refused(format!("{number} is no slot")))
}

fn refused(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}
