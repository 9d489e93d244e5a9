//! Every key of the store `rewards`.

use super::fixed::Fixed;
use crate::kernel::{proto_value, Address, Amount, Item, Map, Value};
use crate::REWARDS;
use cosmos_sdk_proto::cosmos::distribution::v1beta1::Params;

/// `01` → parameters.
pub const PARAMS: Item<Params> = Item::new(REWARDS, 1);
/// `02` → the sum of all entitlements, in Nils: with what roundings left over.
pub const UNREDEEMED: Item<Amount> = Item::new(REWARDS, 2);
/// `03` → fees of the block being made, in Nils; gone when the block ends.
pub const BLOCK_FEES: Item<Amount> = Item::new(REWARDS, 3);
/// `04` → what one unit of power has earned since the chain began.
pub const ACCUMULATOR: Item<Fixed> = Item::new(REWARDS, 4);
/// `05` → the sum of all powers.
pub const TOTAL_POWER: Item<u64> = Item::new(REWARDS, 5);
/// `06 ‖ operator` → the power by which the validator earns; no zeros.
pub const POWERS: Map<Address, u64> = Map::new(REWARDS, 6);
/// `07 ‖ operator` → the validator's income.
pub const INCOMES: Map<Address, Income> = Map::new(REWARDS, 7);
/// `08 ‖ operator ‖ delegator` → what one share of the validator had earned when the bond was last redeemed.
pub const BONDS: Map<(Address, Address), Fixed> = Map::new(REWARDS, 8);
/// `09 ‖ delegator` → where its redemptions go; nothing when to itself.
pub const WITHDRAW_ADDRESSES: Map<Address, Address> = Map::new(REWARDS, 9);

proto_value!(Params);

/// What a validator has earned, as of its last settlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Income {
    /// [`ACCUMULATOR`] at the last settlement with power.
    pub accumulator: Fixed,
    /// Fees of its blocks since the last settlement, in Nils.
    pub fees: Amount,
    /// What is its operator's and not redeemed.
    pub commission: Fixed,
    /// What is its bonds' and not redeemed, with what roundings left over.
    pub bonds: Fixed,
    /// What one share has earned since the validator was created.
    pub per_share: Fixed,
}

/// The fields in their order, 144 bytes.
impl Value for Income {
    fn encode(&self) -> Vec<u8> {
        [
            self.accumulator.encode(),
            self.fees.encode(),
            self.commission.encode(),
            self.bonds.encode(),
            self.per_share.encode(),
        ]
        .concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (accumulator, bytes) = bytes.split_at_checked(32)?;
        let (fees, bytes) = bytes.split_at_checked(16)?;
        let (commission, bytes) = bytes.split_at_checked(32)?;
        let (bonds, per_share) = bytes.split_at_checked(32)?;
        Some(Self {
            accumulator: Value::decode(accumulator)?,
            fees: Value::decode(fees)?,
            commission: Value::decode(commission)?,
            bonds: Value::decode(bonds)?,
            per_share: Value::decode(per_share)?,
        })
    }
}
