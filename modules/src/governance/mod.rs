//! Governance: the cycle, proposals, votes and tally (§11), conclusions (§11–§14).

use crate::kernel::{codes, Address, Amount, Ctx, Error, Module, Result, View};

/// The module.
pub struct Governance;

impl Module for Governance {
    fn name(&self) -> &'static str {
        "governance"
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

/// A phase of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Proposals are raised.
    Raising,
    /// Proposals are voted on.
    Voting,
}

/// Where in the cycle a block is. Times are in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Counts from 0 at genesis.
    pub index: u64,
    /// The phase at the block's time.
    pub phase: Phase,
    /// When the cycle began.
    pub start: u64,
    /// When voting begins.
    pub voting_start: u64,
    /// When the next cycle begins.
    pub end: u64,
}

/// The cycle that the view's block is in.
pub fn cycle(_view: &View) -> Result<Cycle> {
    unbuilt()
}

/// Tallies the stored cycle once when the cycle has turned (§11, §15 step 4).
pub fn begin_block(_: &mut Ctx) -> Result<()> {
    Ok(())
}

/// A bond went from `before` to `after` shares, already stored: the owner's votes follow. Called by `staking` after each change,
/// the slash of what was redelegated included, never for a slash of the validator (§11).
pub fn bond_changed(
    _: &mut Ctx,
    _owner: &Address,
    _operator: &Address,
    _before: u128,
    _after: u128,
) -> Result<()> {
    Ok(())
}

/// The validator was slashed, its record is already stored: the votes of its bonds are worth less (§11).
pub fn validator_slashed(_: &mut Ctx, _operator: &Address) -> Result<()> {
    Ok(())
}

/// The validator's last share is gone: a share will be worth 1 Nil again (§11).
pub fn validator_emptied(_: &mut Ctx, _operator: &Address) -> Result<()> {
    Ok(())
}

/// With what weight `address` could vote now, in Nils: its bonds', or its unlocked premint (§3, §11).
pub fn voting_weight(_view: &View, _address: &Address) -> Result<Amount> {
    unbuilt()
}
