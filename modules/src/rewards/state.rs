//! Every key of the store `rewards`.

use crate::kernel::{Amount, ConsensusAddress, Item, Map};
use crate::REWARDS;

/// `01 ‖ consensus address` → income not yet redeemed, in Nils.
pub const INCOME: Map<ConsensusAddress, Amount> = Map::new(REWARDS, 1);
/// `02` → the sum of all income not yet redeemed, in Nils.
pub const UNREDEEMED: Item<Amount> = Item::new(REWARDS, 2);
/// `03` → fees of the block being made, in Nils; gone when the block ends.
pub const BLOCK_FEES: Item<Amount> = Item::new(REWARDS, 3);
