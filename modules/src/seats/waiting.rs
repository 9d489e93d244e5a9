//! The list of those who wait for a seat during the Initial Distribution Period (§6).
//!
//! Everyone who begins to wait gets the next position. Counts of ranges of positions make it possible to find the n-th of the
//! list, and the place of a position in it, without reading the list.

use super::state::{self, Candidate};
use crate::kernel::{codes, Address, Ctx, Error, Key, Result, View};
use crate::staking::Validator;

/// The work hash of a join, a big-endian number: the lower, the more work went into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Work(pub [u8; 32]);

impl Work {
    /// Of a validator that was seated: the lowest, for nobody replaces it.
    pub const SEATED: Self = Self([0; 32]);
    /// Of a validator that did not join: the highest, which is below no target.
    pub const NONE: Self = Self([0xff; 32]);

    /// By which `validator` waits.
    pub fn of(validator: &Validator) -> Self {
        match validator.work {
            _ if validator.ever_seated => Self::SEATED,
            work if work == [0; 32] => Self::NONE,
            work => Self(work),
        }
    }
}

impl Key for Work {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.0);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (work, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        Some(Self(*work))
    }
}

/// The sizes of ranges that are counted, as powers of two; each range holds `FAN` of the next smaller ones.
const LEVELS: [u64; 3] = [24, 16, 8];
/// 2^8: how many ranges, or positions, a range holds.
const FAN: usize = 256;

/// How many wait.
pub fn count(view: &View) -> Result<u64> {
    Ok(state::LIST.load(view)?.unwrap_or_default().count)
}

/// Whether `operator` waits.
pub fn has(view: &View, operator: &Address) -> Result<bool> {
    state::POSITIONS.has(view, operator)
}

/// Puts a validator that does not wait at the end of the list.
pub fn push(ctx: &mut Ctx, candidate: Candidate) -> Result<()> {
    let position = state::LIST.load(ctx)?.unwrap_or_default().next;
    insert(ctx, position, candidate)
}

/// Puts a candidate at a position that nobody had, above all others.
pub fn insert(ctx: &mut Ctx, position: u64, candidate: Candidate) -> Result<()> {
    state::WAITING.save(ctx, &position, &candidate)?;
    state::POSITIONS.save(ctx, &candidate.operator, &position)?;
    if candidate.work != Work::SEATED {
        state::BY_WORK.save(ctx, &(candidate.work, position), &())?;
    }
    for level in LEVELS {
        let key = (level, range(position, level));
        let count = state::COUNTS.load(ctx, &key)?.unwrap_or(0);
        state::COUNTS.save(ctx, &key, &count.saturating_add(1))?;
    }
    let mut list = state::LIST.load(ctx)?.unwrap_or_default();
    list.count = list.count.saturating_add(1);
    list.next = position.saturating_add(1);
    state::LIST.save(ctx, &list)
}

/// Takes `operator` off the list, if it waits.
pub fn remove(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    let Some(position) = state::POSITIONS.load(ctx, operator)? else { return Ok(()) };
    let candidate = state::WAITING.load(ctx, &position)?.ok_or_else(broken)?;
    state::POSITIONS.remove(ctx, operator)?;
    state::WAITING.remove(ctx, &position)?;
    if candidate.work != Work::SEATED {
        state::BY_WORK.remove(ctx, &(candidate.work, position))?;
    }
    for level in LEVELS {
        let key = (level, range(position, level));
        match state::COUNTS.load(ctx, &key)?.unwrap_or(0).saturating_sub(1) {
            0 => state::COUNTS.remove(ctx, &key)?,
            count => state::COUNTS.save(ctx, &key, &count)?,
        }
    }
    let mut list = state::LIST.load(ctx)?.unwrap_or_default();
    list.count = list.count.saturating_sub(1);
    state::LIST.save(ctx, &list)
}

/// At most `limit` of the list, the oldest first.
pub fn oldest(view: &View, limit: usize) -> Result<Vec<Candidate>> {
    let found = state::WAITING.scan(view, &[], None, false, limit)?;
    Ok(found.into_iter().map(|(_, candidate)| candidate).collect())
}

/// The one with the highest work hash, the latest of several with the same. `None` when everybody who waits was seated before.
pub fn highest_work(view: &View) -> Result<Option<Candidate>> {
    let found = state::BY_WORK.scan(view, &[], None, true, 1)?;
    let Some(((_, position), ())) = found.into_iter().next() else { return Ok(None) };
    state::WAITING.load(view, &position)?.map(Some).ok_or_else(broken)
}

/// How many have waited since before `height`: they are the first of the list.
pub fn count_since_before(view: &View, height: u64) -> Result<u64> {
    let (mut low, mut high) = (0, state::LIST.load(view)?.unwrap_or_default().next);
    while low < high {
        let middle = low.midpoint(high);
        let found = state::WAITING.scan(view, &[], Some(&middle.to_be_bytes()), false, 1)?;
        match found.first() {
            Some((position, candidate)) if candidate.since < height => low = position.saturating_add(1),
            _ => high = middle,
        }
    }
    count_below(view, low)
}

/// The `index`-th of the list, from 0.
pub fn nth(view: &View, index: u64) -> Result<Option<Candidate>> {
    let mut rest = index;
    let mut parent = None;
    for level in LEVELS {
        let mut found = None;
        for (range, count) in ranges(view, level, parent)? {
            if rest < count {
                found = Some(range);
                break;
            }
            rest = rest.saturating_sub(count);
        }
        if found.is_none() {
            return Ok(None);
        }
        parent = found;
    }
    let skip = usize::try_from(rest).unwrap_or(usize::MAX);
    let mut positions = positions(view, parent.unwrap_or(0))?.into_iter().skip(skip);
    Ok(positions.next().map(|(_, candidate)| candidate))
}

/// How many wait at positions below `position`.
fn count_below(view: &View, position: u64) -> Result<u64> {
    let mut below: u64 = 0;
    let mut parent = None;
    for level in LEVELS {
        let own = range(position, level);
        let smaller = ranges(view, level, parent)?.into_iter().filter(|(range, _)| *range < own);
        below = smaller.fold(below, |sum, (_, count)| sum.saturating_add(count));
        parent = Some(own);
    }
    let own = positions(view, parent.unwrap_or(0))?;
    let smaller = own.into_iter().filter(|(other, _)| *other < position).count();
    Ok(below.saturating_add(u64::try_from(smaller).unwrap_or(u64::MAX)))
}

/// The counted ranges of size 2^`level` within a range of the next larger size; all of the largest.
fn ranges(view: &View, level: u64, parent: Option<u64>) -> Result<Vec<(u64, u64)>> {
    let first = parent.map_or(0, |parent| parent.wrapping_shl(8));
    let limit = if parent.is_some() { FAN } else { usize::MAX };
    let found = state::COUNTS.scan(view, &level.to_be_bytes(), Some(&first.to_be_bytes()), false, limit)?;
    let within = found.into_iter().map(|((_, range), count)| (range, count));
    Ok(within.filter(|(range, _)| parent.is_none_or(|parent| range.wrapping_shr(8) == parent)).collect())
}

/// Who waits at the positions of a range of the smallest size.
fn positions(view: &View, parent: u64) -> Result<Vec<(u64, Candidate)>> {
    let first = parent.wrapping_shl(8).to_be_bytes();
    let found = state::WAITING.scan(view, &[], Some(&first), false, FAN)?;
    Ok(found.into_iter().filter(|(position, _)| position.wrapping_shr(8) == parent).collect())
}

/// The range of size 2^`level` that holds `position`.
fn range(position: u64, level: u64) -> u64 {
    position.checked_shr(u32::try_from(level).unwrap_or(u32::MAX)).unwrap_or(0)
}

fn broken() -> Error {
    Error::sdk(codes::LOGIC, "the list of those who wait and its indexes differ")
}
