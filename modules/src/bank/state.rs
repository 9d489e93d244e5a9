//! Every key of the store `bank`. Balances of `ujmes` are in the accounts of the store `auth`.

use crate::kernel::{proto_value, Address, Amount, Item, Map};
use crate::BANK;
use cosmos_sdk_proto::cosmos::bank::v1beta1::{Metadata, Params};

/// `01 ‖ address ‖ denom` → balance of a denomination other than `ujmes`; no zeros.
pub const BALANCES: Map<(Address, String), Amount> = Map::new(BANK, 1);
/// `02 ‖ denom ‖ address` → 1: who holds a denomination other than `ujmes`.
pub const OWNERS: Map<(String, Address), ()> = Map::new(BANK, 2);
/// `03 ‖ denom` → supply.
pub const SUPPLY: Map<String, Amount> = Map::new(BANK, 3);
/// `04 ‖ denom` → how wallets show the denomination.
pub const METADATA: Map<String, Metadata> = Map::new(BANK, 4);
/// `05` → parameters.
pub const PARAMS: Item<Params> = Item::new(BANK, 5);
/// `06` → Nils burnt since genesis.
pub const BURNT: Item<Amount> = Item::new(BANK, 6);

proto_value!(Metadata, Params);
