//! The one order of modules, and the steps of a block (§15).

use jmes_modules::kernel::{Ctx, Module, Result};
use jmes_modules::{auth, bank, consensus, rewards};

/// All modules, in the order in which genesis is imported: accounts get their numbers before balances
/// make accounts of their own, and supply stands before entitlements are counted against it.
pub const MODULES: [&dyn Module; 4] = [&consensus::Consensus, &auth::Auth, &bank::Bank, &rewards::Rewards];

type Step = fn(&mut Ctx) -> Result<()>;

/// Before the transactions. The header comes first: everything later in the block reads it.
pub const BEGIN_BLOCK: [Step; 1] = [consensus::begin_block];

/// After the transactions. Step 8 of §15: reward and fees are credited.
pub const END_BLOCK: [Step; 1] = [rewards::end_block];
