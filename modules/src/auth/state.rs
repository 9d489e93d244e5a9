//! Every key of the store `auth`.

use super::Account;
use crate::kernel::{proto_value, Address, Item, Map};
use crate::AUTH;
use cosmos_sdk_proto::cosmos::auth::v1beta1::Params;
use jmes_proto::jmes::auth::v1::Params as GasParams;

/// `01 ‖ address` → the account.
pub const ACCOUNTS: Map<Address, Account> = Map::new(AUTH, 1);
/// `02` → the number of the next account.
pub const NEXT_NUMBER: Item<u64> = Item::new(AUTH, 2);
/// `03` → limits on transactions.
pub const PARAMS: Item<Params> = Item::new(AUTH, 3);
/// `04` → the gas table.
pub const GAS: Item<GasParams> = Item::new(AUTH, 4);

proto_value!(Params, GasParams);
