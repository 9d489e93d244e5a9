//! Funding: what governance has granted is paid in every block out of the DAO budget (§12).

use crate::kernel::{codes, Address, Amount, Ctx, Error, Module, Result, View};
use crate::slots::Slot;

/// The module.
pub struct Funding;

impl Module for Funding {
    fn name(&self) -> &'static str {
        "funding"
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

/// What a proposal requests, per block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// What is due in a block, in Nils; 0 when the request only carries the period.
    pub rate: Amount,
    /// For how many issuance heights.
    pub blocks: u64,
}

/// A request that governance granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The governance proposal.
    pub proposal_id: u64,
    /// Who is paid.
    pub dao: Address,
    /// What, and for how long.
    pub request: Request,
    /// Yes minus no at the tally, in Nils: the rank.
    pub net_yes: Amount,
}

/// The request of `amount` Nils over `months`: rate = floor(amount / N) (§12). Refused when months are out of range or the rate
/// of a positive amount is 0.
pub fn request(_view: &View, _amount: Amount, _months: u32) -> Result<Request> {
    unbuilt()
}

/// Refused when `this` and the DAO's `others` of the cycle (open ones) together ask too much, or a request for `slot` more than
/// the slot's share, as if concluded at the last moment (§12).
pub fn check_raise(_view: &View, _others: &[Request], _this: Request, _slot: Option<Slot>) -> Result<()> {
    unbuilt()
}

/// The same when it is concluded now; `others` are the DAO's already concluded proposals of that cycle, by id (§12).
pub fn check_conclude(_view: &View, _others: &[u64], _this: Request, _slot: Option<Slot>) -> Result<()> {
    unbuilt()
}

/// Begins to pay from the next issuance height on. Nothing for a rate of 0.
pub fn start(_ctx: &mut Ctx, _grant: &Grant) -> Result<()> {
    unbuilt()
}

/// Ends a proposal's funding at once: nothing is due any more from this block on if it was not paid yet, else from the next.
/// Nothing if it has none.
pub fn end(_ctx: &mut Ctx, _proposal_id: u64) -> Result<()> {
    unbuilt()
}

/// Has the plan recomputed before the next payment: somebody took or left a slot.
pub fn refresh(_ctx: &mut Ctx) -> Result<()> {
    unbuilt()
}

/// Takes out what was due for the last time at n - 1 (§15 step 5).
pub fn end_streams(_: &mut Ctx) -> Result<()> {
    Ok(())
}

/// Pays what is due in this block (§12, §15 step 6).
pub fn pay(_: &mut Ctx) -> Result<()> {
    Ok(())
}
