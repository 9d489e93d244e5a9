//! Recent headers and validator sets, for `HistoricalInfo`.

use super::state::{read_u128, Record};
use super::{params, require, state};
use crate::kernel::{proto_value, Address, Amount, Ctx, Key, Result};
use crate::seats;

/// What the state machine knows of a block's header.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct StoredHeader {
    /// Block time in nanoseconds since 1970.
    #[prost(uint64, tag = "1")]
    pub time: u64,
    /// The proposer's consensus address.
    #[prost(bytes = "vec", tag = "2")]
    pub proposer: Vec<u8>,
    /// The app hash in the header: after the block before.
    #[prost(bytes = "vec", tag = "3")]
    pub app_hash: Vec<u8>,
    /// The hash of the next block's validator set.
    #[prost(bytes = "vec", tag = "4")]
    pub next_validators_hash: Vec<u8>,
    /// The number of the set of validators that were seated when the block began.
    #[prost(uint64, tag = "5")]
    pub set: u64,
}

/// Which history is kept: headers from `first` to `last`, if any.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct HistorySpan {
    /// The oldest height.
    #[prost(uint64, tag = "1")]
    pub first: u64,
    /// The newest height.
    #[prost(uint64, tag = "2")]
    pub last: u64,
}

/// A member of a recorded set, with what was bonded to it when the set last changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The validator.
    pub operator: Address,
    /// Nils bonded.
    pub tokens: Amount,
    /// The shares of that.
    pub shares: u128,
}

proto_value!(StoredHeader, HistorySpan);

impl Record for Member {
    fn write(&self, out: &mut Vec<u8>) {
        self.operator.write(out);
        [self.tokens.0, self.shares].iter().for_each(|number| out.extend(number.to_be_bytes()));
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            operator: Key::read(bytes)?,
            tokens: Amount(read_u128(bytes)?),
            shares: read_u128(bytes)?,
        })
    }
}

/// Records the block's header, and the seated validators when the engine's set has changed, as the header's hash of the next
/// set tells; forgets what is older than the parameters keep, at most two blocks at a time.
pub fn record_history(ctx: &mut Ctx) -> Result<()> {
    let block = ctx.block().clone();
    let keep = u64::from(params(ctx)?.historical_entries);
    let mut span = state::HISTORY_SPAN.load(ctx)?;
    if keep > 0 {
        let last = span.as_ref().map(|span| state::HISTORY.load(ctx, &span.last)).transpose()?.flatten();
        let set = match last {
            Some(last) if last.next_validators_hash == block.next_validators_hash => last.set,
            last => {
                let number = last.map_or(1, |last| last.set.saturating_add(1));
                let members = seated(ctx)?;
                state::HISTORY_SETS.save(ctx, &number, &members)?;
                number
            }
        };
        let header = StoredHeader {
            time: block.time,
            proposer: block.proposer.0.to_vec(),
            app_hash: block.app_hash.to_vec(),
            next_validators_hash: block.next_validators_hash,
            set,
        };
        state::HISTORY.save(ctx, &block.height, &header)?;
        span = Some(HistorySpan { first: span.map_or(block.height, |span| span.first), last: block.height });
    }
    let Some(mut span) = span else { return Ok(()) };
    for _ in 0..2 {
        if span.first <= span.last && span.first.saturating_add(keep) <= block.height {
            forget(ctx, &mut span)?;
        }
    }
    if span.first > span.last {
        return state::HISTORY_SPAN.remove(ctx);
    }
    state::HISTORY_SPAN.save(ctx, &span)
}

fn seated(ctx: &Ctx) -> Result<Vec<Member>> {
    let member = |seat: seats::Seat| {
        let validator = require(ctx, &seat.operator)?;
        Ok(Member { operator: seat.operator, tokens: validator.tokens, shares: validator.shares })
    };
    seats::seats(ctx)?.into_iter().map(member).collect()
}

/// Forgets the oldest block, and its set when no later block has it.
fn forget(ctx: &mut Ctx, span: &mut HistorySpan) -> Result<()> {
    let set = |header: Option<StoredHeader>| header.map_or(0, |header| header.set);
    let oldest = set(state::HISTORY.load(ctx, &span.first)?);
    state::HISTORY.remove(ctx, &span.first)?;
    span.first = span.first.saturating_add(1);
    if set(state::HISTORY.load(ctx, &span.first)?) != oldest {
        state::HISTORY_SETS.remove(ctx, &oldest)?;
    }
    Ok(())
}
