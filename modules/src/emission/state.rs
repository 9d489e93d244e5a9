//! Every key of the store `emission`.

use super::Clock;
use crate::kernel::{proto_value, Item};
use crate::EMISSION;
use jmes_proto::jmes::emission::v1::Params;

/// `01` → the parameters.
pub const PARAMS: Item<Params> = Item::new(EMISSION, 1);
/// `02` → the clock and the schedule as of the last block.
pub const CLOCK: Item<Clock> = Item::new(EMISSION, 2);

proto_value!(Params);
