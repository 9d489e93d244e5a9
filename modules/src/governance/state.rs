//! Every key of the store `governance`.

use super::types::{Ballot, Body, Clock, Proposal, Rate, Sides};
use crate::kernel::{proto_value, Address, Item, Map};
use crate::GOVERNANCE;
use jmes_proto::jmes::governance::v1::Params;

/// `01` → the parameters.
pub const PARAMS: Item<Params> = Item::new(GOVERNANCE, 1);
/// `02` → the stored cycle.
pub const CLOCK: Item<Clock> = Item::new(GOVERNANCE, 2);
/// `03` → the number of proposals ever raised: the id of the last one.
pub const LAST_ID: Item<u64> = Item::new(GOVERNANCE, 3);
/// `04 ‖ proposal id` → the proposal without its text. Never removed (§16).
pub const PROPOSALS: Map<u64, Proposal> = Map::new(GOVERNANCE, 4);
/// `05 ‖ proposal id` → its text and content, which votes and tallies need not read. Never removed.
pub const BODIES: Map<u64, Body> = Map::new(GOVERNANCE, 5);
/// `06 ‖ cycle ‖ proposal id` → 1: the proposals by cycle.
pub const BY_CYCLE: Map<(u64, u64), ()> = Map::new(GOVERNANCE, 6);
/// `07 ‖ DAO ‖ cycle ‖ proposal id` → 1: the proposals by DAO.
pub const BY_DAO: Map<(Address, (u64, u64)), ()> = Map::new(GOVERNANCE, 7);
/// `08 ‖ cycle ‖ voter` → the voter's votes of that cycle. Never removed.
pub const BALLOTS: Map<(u64, Address), Ballot> = Map::new(GOVERNANCE, 8);
/// `09 ‖ cycle ‖ operator ‖ proposal id` → the shares of that validator whose owners' votes are in the sums; no zeros. Those
/// of past cycles are removed, some in each block.
pub const ROWS: Map<(u64, (Address, u64)), Sides> = Map::new(GOVERNANCE, 9);
/// `0a ‖ proposal id` → the running totals of a proposal that is not tallied yet, in Nils, without premint; no zeros.
pub const TOTALS: Map<u64, Sides> = Map::new(GOVERNANCE, 10);
/// `0b ‖ operator` → what the validator's shares count, as just after its last slash; 1 Nil a share when there is none.
pub const RATES: Map<Address, Rate> = Map::new(GOVERNANCE, 11);

proto_value!(Params);
