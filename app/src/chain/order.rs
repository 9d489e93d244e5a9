//! The one order of modules, and the steps of a block (§15).

use jmes_modules::kernel::{Ctx, Module, QueryRoutes, Result, Routes};
use jmes_modules::{auth, bank, consensus, emission, premint, rewards, seats, slashing, staking};

/// All modules, in the order in which genesis is imported. The clock stands before anything asks for it; accounts get
/// their numbers before balances make accounts of their own; what is bonded is known before the supply is summed;
/// supply stands before entitlements are counted against it; seats are taken by validators that exist.
pub const MODULES: [&dyn Module; 9] = [
    &consensus::Consensus,
    &emission::Emission,
    &staking::Staking,
    &auth::Auth,
    &bank::Bank,
    &premint::Premint,
    &seats::Seats,
    &slashing::Slashing,
    &rewards::Rewards,
];

type Step = fn(&mut Ctx) -> Result<()>;

/// Before the transactions. The header comes first: everything later in the block reads it. History records the set as it
/// was before this block's slashes. Then the steps 2 to 4 of §15: evidence and liveness, matured unbonding, the clock of
/// issuance heights.
pub const BEGIN_BLOCK: [Step; 5] = [
    consensus::begin_block,
    staking::record_history,
    slashing::begin_block,
    staking::mature,
    emission::begin_block,
];

/// After the transactions. Steps 8 and 9 of §15: reward and fees are credited by the powers of the block before; then
/// proofs, seats and powers are decided.
pub const END_BLOCK: [Step; 2] = [rewards::end_block, seats::end_block];

/// The messages of all modules.
pub fn routes() -> Routes {
    let mut routes = Routes::default();
    MODULES.iter().for_each(|module| module.messages(&mut routes));
    routes
}

/// The queries of all modules.
pub fn queries() -> QueryRoutes {
    let mut queries = QueryRoutes::default();
    MODULES.iter().for_each(|module| module.queries(&mut queries));
    queries
}
