//! Core slots and features: official roles that governance gives DAOs for a period (§13).
//!
//! Whatever a DAO holds is a term, from the block that concluded its proposal to the one in which it expired or was ended;
//! terms are kept for ever, so that it can be told who held what at any height.

mod error;
mod genesis;
mod invariants;
mod queries;
pub mod state;
mod terms;
#[cfg(test)]
mod tests;
mod types;

pub use error::*;
pub use terms::{end_terms, held_at, was_granted};
pub use types::{Claim, Feature, Role, Slot};

use crate::kernel::{Address, Ctx, Error, Event, Module, QueryRoutes, Result, View};
use crate::{dao, funding};
use state::Best;

/// The module.
pub struct Slots;

impl Module for Slots {
    fn name(&self) -> &'static str {
        "slots"
    }
    fn queries(&self, routes: &mut QueryRoutes) {
        queries::add(routes);
    }
    fn import(&self, ctx: &mut Ctx, genesis: &serde_json::Value) -> Result<()> {
        genesis::import(ctx, genesis)
    }
    fn export(&self, view: &View) -> Result<serde_json::Value> {
        genesis::export(view)
    }
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// The slot that the DAO sits in.
pub fn slot_of(view: &View, dao: &Address) -> Result<Option<Slot>> {
    Ok(match state::SEATED.load(view, dao)? {
        Some(Role::Slot(slot)) => Some(slot),
        _ => None,
    })
}

/// Refused unless the DAO could sit in `slot`: what §10 asks of a core DAO, and no seat in another slot (§13). Checked at raising
/// and at conclusion.
pub fn check_seat(view: &View, dao: &Address, slot: Slot) -> Result<()> {
    match slot_of(view, dao)? {
        Some(other) if other != slot => {
            let (other, wanted) = (other.name(), slot.name());
            let why = format!(
                "{dao} sits in the {other} slot; it must resign that before it can take the {wanted} slot"
            );
            Err(Error::new(SLOTS, IN_OTHER_SLOT, why))
        }
        _ => dao::check_core(view, &dao::require(view, dao)?),
    }
}

/// Seats a DAO, replacing who sits there; false, and nothing happens, when a better claim was concluded before (§13).
pub fn seat(ctx: &mut Ctx, claim: &Claim) -> Result<bool> {
    let Claim { dao, slot, proposal_id, cycle, net_yes, blocks } = claim;
    let best = Best { cycle: *cycle, net_yes: *net_yes };
    let revoked = state::REVOKED.load(ctx, &(*slot, *dao))?;
    let beaten = state::BEST.load(ctx, slot)?.is_some_and(|before| before >= best);
    let voted_out = revoked.is_some_and(|revoked| revoked >= *cycle);
    if beaten || (voted_out && slot_of(ctx, dao)? != Some(*slot)) {
        let why = if beaten { "beaten" } else { "revoked" };
        let event = Event::new("slot_claim_lapsed").with("dao", dao).with("slot", slot.name());
        ctx.emit(event.with("proposal_id", proposal_id).with("why", why));
        return Ok(false);
    }
    check_seat(ctx, dao, *slot)?;
    if let Some(incumbent) = state::SEATS.load(ctx, slot)? {
        terms::end(ctx, incumbent, "replaced")?;
    }
    state::BEST.save(ctx, slot, &best)?;
    terms::begin(ctx, dao, Role::Slot(*slot), *proposal_id, *blocks)?;
    dao::raise_version(ctx, dao)?;
    funding::refresh(ctx)?;
    Ok(true)
}

/// Refused unless the DAO sits in `slot`.
pub fn check_revoke(view: &View, slot: Slot, dao: &Address) -> Result<()> {
    if slot_of(view, dao)? == Some(slot) {
        return Ok(());
    }
    Err(Error::new(SLOTS, NOT_SEATED, format!("{dao} does not sit in the {} slot", slot.name())))
}

/// Notes that a proposal of `cycle` to take the slot from the DAO has passed. What the DAO claims by a proposal of that cycle or an
/// earlier one seats it no more once it has left, by the conclusion of that proposal or before it.
pub fn vote_out(ctx: &mut Ctx, slot: Slot, dao: &Address, cycle: u64) -> Result<()> {
    let latest = state::REVOKED.load(ctx, &(slot, *dao))?.unwrap_or(0).max(cycle);
    state::REVOKED.save(ctx, &(slot, *dao), &latest)
}

/// Takes the slot from the DAO.
pub fn revoke(ctx: &mut Ctx, slot: Slot, dao: &Address) -> Result<()> {
    check_revoke(ctx, slot, dao)?;
    vacate(ctx, slot, "revoked")
}

/// The DAO gives up its slot; refused when it has none.
pub fn resign(ctx: &mut Ctx, dao: &Address) -> Result<()> {
    match slot_of(ctx, dao)? {
        Some(slot) => vacate(ctx, slot, "resigned"),
        None => Err(Error::new(SLOTS, NOT_SEATED, format!("{dao} sits in no core slot"))),
    }
}

fn vacate(ctx: &mut Ctx, slot: Slot, why: &'static str) -> Result<()> {
    match state::SEATS.load(ctx, &slot)? {
        Some(term) => terms::end(ctx, term, why),
        None => Ok(()),
    }
}

/// Gives the DAO a feature for `blocks` issuance heights after this one. A feature that it has already is not prolonged: each
/// grant ends by itself.
pub fn grant(ctx: &mut Ctx, dao: &Address, feature: Feature, proposal_id: u64, blocks: u64) -> Result<()> {
    terms::begin(ctx, dao, Role::Feature(feature), proposal_id, blocks).map(|_| ())
}

/// By which role, and which proposal, the DAO may mint artworks now: as an art dealer, or from a core slot.
pub fn minting_right(view: &View, dao: &Address) -> Result<Option<(Role, u64)>> {
    let now = view.block().height;
    let dealer = Role::Feature(Feature::ArtDealer);
    if let Some(term) = terms::latest(view, dao, dealer, now)? {
        return Ok(Some((dealer, term.proposal_id)));
    }
    let Some(slot) = slot_of(view, dao)? else { return Ok(None) };
    let seat = state::SEATS.load(view, &slot)?;
    let term = seat.map(|id| terms::require(view, id)).transpose()?;
    Ok(term.map(|term| (term.role, term.proposal_id)))
}
