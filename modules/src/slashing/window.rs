//! A validator's window: the latest commits, of which those it missed are kept as bits in chunks (§8).
//!
//! The place of a commit follows from its height, so nothing moves on while everybody signs: a missed commit leaves the window
//! when the commit of its place one window later is put there.

use super::state;
use super::types::Chunk;
use crate::kernel::{ConsensusAddress, Ctx, Key, Result, View};

/// Puts a commit at `place` of the window; gives whether the one that was there before had been missed. Writes only
/// when the two differ.
pub(super) fn put(ctx: &mut Ctx, address: &ConsensusAddress, place: u64, missed: bool) -> Result<bool> {
    let (number, place) = (place / Chunk::PLACES, place % Chunk::PLACES);
    let key = (*address, number);
    let mut chunk = state::MISSED.load(ctx, &key)?.unwrap_or(Chunk::EMPTY);
    let before = chunk.is_missed(place);
    if before != missed {
        chunk.set(place, missed);
        if chunk.is_empty() {
            state::MISSED.remove(ctx, &key)?;
        } else {
            state::MISSED.save(ctx, &key, &chunk)?;
        }
    }
    Ok(before)
}

/// Forgets every missed commit.
pub(super) fn clear(ctx: &mut Ctx, address: &ConsensusAddress) -> Result<()> {
    for (key, _) in chunks(ctx, address)? {
        state::MISSED.remove(ctx, &key)?;
    }
    Ok(())
}

/// The places of missed commits, ascending.
pub(super) fn missed_places(view: &View, address: &ConsensusAddress) -> Result<Vec<u64>> {
    let mut places = Vec::new();
    for ((_, number), chunk) in chunks(view, address)? {
        let first = number.saturating_mul(Chunk::PLACES);
        places.extend(chunk.places().map(|place| first.saturating_add(place)));
    }
    Ok(places)
}

fn chunks(view: &View, address: &ConsensusAddress) -> Result<Vec<((ConsensusAddress, u64), Chunk)>> {
    state::MISSED.scan(view, &address.encoded(), None, false, usize::MAX)
}
