//! Every key of the store `staking`.

use super::Validator;
use crate::kernel::{proto_value, Address, Amount, ConsensusAddress, Item, Map};
use crate::STAKING;
use cosmos_sdk_proto::cosmos::staking::v1beta1::Params;

/// `01` → the parameters.
pub const PARAMS: Item<Params> = Item::new(STAKING, 1);
/// `02 ‖ operator` → the validator. Never deleted (§6).
pub const VALIDATORS: Map<Address, Validator> = Map::new(STAKING, 2);
/// `03 ‖ consensus address` → the validator that has, or had, this key; never reused (§6).
pub const BY_CONSENSUS: Map<ConsensusAddress, Address> = Map::new(STAKING, 3);
/// `04` → the number of validators ever created: the id of the last one.
pub const LAST_ID: Item<u64> = Item::new(STAKING, 4);
/// `05 ‖ (2^64 − 1 − whole JMES… see [`super::rank_key`])` → operator, of every validator that is not jailed and has at
/// least 1 JMES bonded: by bond, then earlier creation (§6).
pub const RANKED: Map<(u64, (u64, u64)), Address> = Map::new(STAKING, 5);
/// `06` → the sum of all validators' tokens, in Nils.
pub const TOTAL_BONDED: Item<Amount> = Item::new(STAKING, 6);
/// `07` → the sum of all unbonding entries as they were begun, in Nils.
pub const TOTAL_UNBONDING: Item<Amount> = Item::new(STAKING, 7);

proto_value!(Params);
