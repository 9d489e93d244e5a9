//! Every key of the store `funding`.

use super::plan::Plan;
use crate::kernel::{proto_value, Address, Amount, Item, Map, Result, Value, View};
use crate::FUNDING;
use jmes_proto::jmes::funding::v1::Params;

/// `01` → the parameters.
pub const PARAMS: Item<Params> = Item::new(FUNDING, 1);
/// `02 ‖ proposal` → its stream, for ever.
pub const STREAMS: Map<u64, Stream> = Map::new(FUNDING, 2);
/// `03 ‖ position` → the proposal, in the order of conclusions.
pub const ORDER: Map<u64, u64> = Map::new(FUNDING, 3);
/// `04 ‖ DAO ‖ position` → the proposal.
pub const OF_DAO: Map<(Address, u64), u64> = Map::new(FUNDING, 4);
/// `05 ‖ last issuance height ‖ position` → the proposal, of those that are or will be due.
pub const DUE: Map<(u64, u64), u64> = Map::new(FUNDING, 5);
/// `06` → by what the latest paid block was paid; absent when nothing was due.
pub const PLAN: Item<Plan> = Item::new(FUNDING, 6);
/// `07` → there when the plan must be made anew before the next payment.
pub const STALE: Item<()> = Item::new(FUNDING, 7);

/// `08` → the plan without what is not paid, there while the plan is: what each block reads (§12).
pub const PAYMENTS: Item<Plan> = Item::new(FUNDING, 8);

proto_value!(Params);

/// What a proposal is paid. Heights are issuance heights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Who is paid.
    pub dao: Address,
    /// What is due in a block, in Nils; at least 1.
    pub rate: Amount,
    /// The first height at which it is due.
    pub first: u64,
    /// The last one; below `first` when it ended in the block in which it was concluded.
    pub last: u64,
    /// Yes minus no at the proposal's tally, in Nils.
    pub net_yes: Amount,
    /// Its place in the order of conclusions, from 1.
    pub position: u64,
    /// In how many blocks it was paid, but for those from `paid_since` on.
    pub paid_blocks: u64,
    /// The first height of those in a row that were all paid, up to now or to `last`; 0 when the latest was not.
    pub paid_since: u64,
}

impl Stream {
    /// In how many blocks it was paid up to issuance height `now`.
    pub const fn paid_until(&self, now: u64) -> u64 {
        let last = if now < self.last { now } else { self.last };
        let running = if self.paid_since == 0 { 0 } else { blocks(self.paid_since, last) };
        self.paid_blocks.saturating_add(running)
    }

    /// What it was paid up to issuance height `now`, in Nils.
    pub fn total_paid(&self, now: u64) -> Result<Amount> {
        self.rate.times(self.paid_until(now).into(), 1)
    }

    /// In how many blocks up to issuance height `now` it was due and not paid.
    pub const fn missed(&self, now: u64) -> u64 {
        let last = if now < self.last { now } else { self.last };
        blocks(self.first, last).saturating_sub(self.paid_until(now))
    }

    /// Notes that from issuance height `n` on it is paid, or not; whether that is new.
    pub(super) const fn note(&mut self, paid: bool, n: u64) -> bool {
        let changes = paid != (self.paid_since != 0);
        if changes {
            self.paid_blocks = self.paid_until(n.saturating_sub(1));
            self.paid_since = if paid { n } else { 0 };
        }
        changes
    }
}

/// How many heights there are from `first` to `last`, both included.
const fn blocks(first: u64, last: u64) -> u64 {
    last.saturating_add(1).saturating_sub(first)
}

/// Whether the stream is or will be due.
pub fn is_due(view: &View, stream: &Stream) -> Result<bool> {
    DUE.has(view, &(stream.last, stream.position))
}

/// first ‖ last ‖ position ‖ paid blocks ‖ paid since (8 bytes each) ‖ rate ‖ net yes (16 each) ‖ DAO, big-endian.
impl Value for Stream {
    fn encode(&self) -> Vec<u8> {
        let Self { dao, rate, first, last, net_yes, position, paid_blocks, paid_since } = self;
        let mut bytes = Vec::with_capacity(104);
        for number in [first, last, position, paid_blocks, paid_since] {
            bytes.extend(number.to_be_bytes());
        }
        for amount in [rate, net_yes] {
            bytes.extend(amount.0.to_be_bytes());
        }
        bytes.extend(dao.as_bytes());
        bytes
    }

    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut numbers = [0; 5];
        for number in &mut numbers {
            let (head, rest) = bytes.split_first_chunk()?;
            *number = u64::from_be_bytes(*head);
            bytes = rest;
        }
        let (rate, rest) = bytes.split_first_chunk()?;
        let (net_yes, dao) = rest.split_first_chunk()?;
        let [first, last, position, paid_blocks, paid_since] = numbers;
        Some(Self {
            dao: Address::new(dao).ok()?,
            rate: Amount(u128::from_be_bytes(*rate)),
            first,
            last,
            net_yes: Amount(u128::from_be_bytes(*net_yes)),
            position,
            paid_blocks,
            paid_since,
        })
    }
}
