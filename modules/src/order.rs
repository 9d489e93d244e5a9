//! The one order of modules, and the steps of a block (§15).

use crate::kernel::{Ctx, Module, QueryRoutes, Result, Routes};
use crate::{
    artwork, auth, bank, consensus, dao, emission, funding, governance, identity, premint, rewards, seats,
    slashing, slots, staking, upgrade,
};
use std::sync::LazyLock;

/// All modules, in the order in which genesis is imported. The clock stands before anything asks for it; accounts get
/// their numbers before balances make accounts of their own; what is bonded is known before the supply is summed;
/// supply stands before entitlements are counted against it; seats are taken by validators that exist;
/// names stand before the DAOs that have them, votes and roles come after who has them.
pub const MODULES: [&dyn Module; 16] = [
    &consensus::Consensus,
    &emission::Emission,
    &staking::Staking,
    &auth::Auth,
    &bank::Bank,
    &premint::Premint,
    &seats::Seats,
    &slashing::Slashing,
    &rewards::Rewards,
    &identity::IdentityModule,
    &dao::DaoModule,
    &governance::Governance,
    &funding::Funding,
    &slots::Slots,
    &artwork::ArtworkModule,
    &upgrade::Upgrade,
];

type Step = fn(&mut Ctx) -> Result<()>;

/// Before the transactions. The header comes first: everything later in the block reads it. Then the steps 1 to 6 of §15:
/// a scheduled upgrade; evidence and liveness, after history has recorded the set as it was before this block's slashes, then what redelegations owe for them;
/// matured unbonding; the clock of issuance heights and the tally; terms that ended, slots before the funding that ends with
/// them; payments.
pub const BEGIN_BLOCK: [Step; 11] = [
    consensus::begin_block,
    upgrade::begin_block,
    staking::record_history,
    slashing::begin_block,
    staking::settle_slashed,
    staking::mature,
    emission::begin_block,
    governance::begin_block,
    slots::end_terms,
    funding::end_streams,
    funding::pay,
];

/// After the transactions. Steps 8 and 9 of §15: reward and fees are credited by the powers of the block before; then
/// proofs, seats and powers are decided.
pub const END_BLOCK: [Step; 2] = [rewards::end_block, seats::end_block];

/// The messages of all modules. DAOs send them, too (§10).
pub fn routes() -> &'static Routes {
    static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
        let mut routes = Routes::default();
        MODULES.iter().for_each(|module| module.messages(&mut routes));
        routes
    });
    &ROUTES
}

/// The queries of all modules.
pub fn queries() -> QueryRoutes {
    let mut queries = QueryRoutes::default();
    MODULES.iter().for_each(|module| module.queries(&mut queries));
    queries
}
