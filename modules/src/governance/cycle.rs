//! The clock of cycles (§11): raising, then voting, in fixed lengths of time since genesis.

use super::params::{params, phases};
use crate::consensus;
use crate::kernel::{timestamp, Result, View};

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

/// The cycle that the view's block is in: floor((block time − genesis time) / (raising + voting)).
pub fn cycle(view: &View) -> Result<Cycle> {
    let (raising, voting) = phases(&params(view)?)?;
    let genesis = consensus::origin(view)?.map_or(0, |origin| origin.genesis_time);
    let (now, length) = (view.block().time, raising.saturating_add(voting));
    let index = now.saturating_sub(genesis).checked_div(length).unwrap_or(0);
    let start = genesis.saturating_add(index.saturating_mul(length));
    let voting_start = start.saturating_add(raising);
    let phase = if now < voting_start { Phase::Raising } else { Phase::Voting };
    Ok(Cycle { index, phase, start, voting_start, end: start.saturating_add(length) })
}

/// `time` in nanoseconds since 1970 for people.
pub(super) fn moment(time: u64) -> String {
    jmes_proto::rfc3339(&timestamp(time)).unwrap_or_else(|| format!("{time} ns"))
}
