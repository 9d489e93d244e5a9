//! Core slots and features: official roles that governance gives DAOs for a period (§13).

use crate::kernel::{codes, Address, Amount, Ctx, Error, Module, Result, View};

/// The module.
pub struct Slots;

impl Module for Slots {
    fn name(&self) -> &'static str {
        "slots"
    }
    fn import(&self, _: &mut Ctx, _: &serde_json::Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<serde_json::Value> {
        Ok(serde_json::Value::Null)
    }
}

fn unbuilt<T>() -> Result<T> {
    Err(Error::sdk(codes::NOT_SUPPORTED, "not built yet"))
}

/// A core slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The brand slot.
    Brand,
    /// The community slot.
    Community,
    /// The engineering slot.
    Engineering,
}

/// A feature that can be requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// May mint artworks.
    ArtDealer,
    /// Is official.
    OfficialStatus,
}

/// What a DAO can hold for a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A feature.
    Feature(Feature),
    /// A core slot.
    Slot(Slot),
}

/// A passed proposal for a core slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who wants it.
    pub dao: Address,
    /// The slot.
    pub slot: Slot,
    /// The governance proposal.
    pub proposal_id: u64,
    /// Its cycle.
    pub cycle: u64,
    /// Yes minus no at its tally, in Nils.
    pub net_yes: Amount,
    /// The length of the term in issuance heights.
    pub blocks: u64,
}

impl Role {
    /// Its name: `art_dealer`, `official_status`, `brand`, `community`, `engineering`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Feature(Feature::ArtDealer) => "art_dealer",
            Self::Feature(Feature::OfficialStatus) => "official_status",
            Self::Slot(Slot::Brand) => "brand",
            Self::Slot(Slot::Community) => "community",
            Self::Slot(Slot::Engineering) => "engineering",
        }
    }
}

/// The slot that the DAO sits in.
pub fn slot_of(_view: &View, _dao: &Address) -> Result<Option<Slot>> {
    Ok(None)
}

/// Refused unless the DAO could sit in `slot`: what §10 asks of a core DAO, and no seat in another slot (§13). Checked at raising
/// and at conclusion.
pub fn check_seat(_view: &View, _dao: &Address, _slot: Slot) -> Result<()> {
    unbuilt()
}

/// Seats a DAO, replacing who sits there; false, and nothing happens, when a better claim was concluded before (§13).
pub fn seat(_ctx: &mut Ctx, _claim: &Claim) -> Result<bool> {
    unbuilt()
}

/// Refused unless the DAO sits in `slot`.
pub fn check_revoke(_view: &View, _slot: Slot, _dao: &Address) -> Result<()> {
    unbuilt()
}

/// Takes the slot from the DAO by a proposal of `cycle`.
pub fn revoke(_ctx: &mut Ctx, _slot: Slot, _dao: &Address, _cycle: u64) -> Result<()> {
    unbuilt()
}

/// The DAO gives up its slot; refused when it has none.
pub fn resign(_ctx: &mut Ctx, _dao: &Address) -> Result<()> {
    unbuilt()
}

/// Gives the DAO a feature for `blocks` issuance heights after this one.
pub fn grant(
    _ctx: &mut Ctx,
    _dao: &Address,
    _feature: Feature,
    _proposal_id: u64,
    _blocks: u64,
) -> Result<()> {
    unbuilt()
}

/// By which role, and which proposal, the DAO may mint artworks now.
pub fn minting_right(_view: &View, _dao: &Address) -> Result<Option<(Role, u64)>> {
    unbuilt()
}

/// By which proposal the DAO held the role at an engine's height, past or present; a core DAO has Official status.
pub fn held_at(_view: &View, _dao: &Address, _role: Role, _height: u64) -> Result<Option<u64>> {
    unbuilt()
}

/// Ends the terms whose last issuance height was n - 1 (§15 step 5).
pub fn end_terms(_: &mut Ctx) -> Result<()> {
    Ok(())
}
