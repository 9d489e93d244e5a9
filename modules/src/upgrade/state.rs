//! Every key of the store `upgrade`.

use crate::kernel::{proto_value, Item, Map, Value};
use crate::UPGRADE;
use jmes_proto::jmes::upgrade::v1::{Change, ScheduleUpgrade};

/// `01 ‖ module` → its active version, of those that are not at version 1.
pub const VERSIONS: Map<String, u64> = Map::new(UPGRADE, 1);
/// `02` → the scheduled upgrade.
pub const PLAN: Item<ScheduleUpgrade> = Item::new(UPGRADE, 2);
/// `03` → 1 when every DAO can raise improvements.
pub const IMPROVEMENTS_OPEN: Item<()> = Item::new(UPGRADE, 3);
/// `04 ‖ number from 1` → a change of a parameter, in the order in which they were made.
pub const CHANGES: Map<u64, Change> = Map::new(UPGRADE, 4);
/// `05 ‖ module ‖ parameter` → when it was changed.
pub const MARKS: Map<(String, String), Marks> = Map::new(UPGRADE, 5);
/// `06 ‖ name` → the height at which the upgrade of that name was made.
pub const DONE: Map<String, u64> = Map::new(UPGRADE, 6);

proto_value!(ScheduleUpgrade, Change);

/// When a parameter was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The number of its first change, which says what it was at genesis.
    pub first: u64,
    /// The height of its last change.
    pub last_height: u64,
}

/// Both numbers, 8 bytes each.
impl Value for Marks {
    fn encode(&self) -> Vec<u8> {
        [self.first.to_be_bytes(), self.last_height.to_be_bytes()].concat()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (first, last_height) = bytes.split_at_checked(8)?;
        Some(Self { first: Value::decode(first)?, last_height: Value::decode(last_height)? })
    }
}
