//! Every key of the store `premint`.

use super::Wallet;
use crate::kernel::{Address, Map};
use crate::PREMINT;

/// `01 ‖ address` → what genesis gave the wallet, and how much of it the wallet still holds; from version 2 on, when
/// it last sold some. At most 1,000, none is ever removed.
pub const WALLETS: Map<Address, Wallet> = Map::new(PREMINT, 1);
