//! Genesis: the state that a chain begins with, and the engine's first validator set (§6).

use super::{genutil, order, Signatures};
use jmes_modules::kernel::{
    codes, Base, Block, Ctx, Error, GasMeter, Overlay, Result, Routes, ValidatorUpdate,
};
use jmes_modules::{consensus, seats};
use serde_json::Value;
use std::sync::Arc;
use tendermint_proto::v0_38::types::ConsensusParams;

/// What the genesis document says besides `app_state`.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The chain's id.
    pub chain_id: String,
    /// Genesis time in nanoseconds since 1970.
    pub time: u64,
    /// The height of the first block, at least 1.
    pub initial_height: u64,
    /// The engine's parameters.
    pub params: ConsensusParams,
    /// The engine's own list of validators. Usually empty: the application's holds.
    pub validators: Vec<ValidatorUpdate>,
}

/// Genesis, imported in memory.
pub struct Imported {
    /// The context that holds the state.
    pub ctx: Ctx,
    /// The engine's first validator set, in the order of seating.
    pub validators: Vec<ValidatorUpdate>,
}

/// Imports genesis over `base`: each module's part, then the genesis transactions, then the seats; checks what must
/// always hold. A refusal says what is wrong with the document.
pub fn import_genesis(
    base: Arc<dyn Base>,
    origin: &Origin,
    app_state: &Value,
    routes: &Routes,
    signatures: &Signatures,
) -> Result<Imported> {
    let block = Block { chain_id: origin.chain_id.clone(), time: origin.time, ..Block::default() };
    let mut ctx = Ctx::new(Overlay::new(base), Arc::new(block), GasMeter::unlimited());
    consensus::start(&mut ctx, &origin.params, origin.time, origin.initial_height)?;
    let part = |name: &str| app_state.get(name).unwrap_or(&Value::Null);
    for module in order::MODULES {
        module.import(&mut ctx, part(module.name()))?;
    }
    genutil::run(&mut ctx, part(genutil::NAME), routes, signatures)?;
    if seats::seats(&ctx)?.is_empty() {
        return Err(invalid(
            "the chain has no validator: make one with `jmesd genesis gentx KEY` and add it with `jmesd genesis collect-gentxs`",
        ));
    }
    let validators = seats::finish_genesis(&mut ctx)?;
    check_engines_list(&origin.validators, &validators)?;
    order::MODULES.iter().try_for_each(|module| module.check_invariants(&ctx))?;
    ctx.take_events();
    ctx.take_validator_updates();
    Ok(Imported { ctx, validators })
}

/// The engine may list none; else it must list the same (§6).
fn check_engines_list(engines: &[ValidatorUpdate], ours: &[ValidatorUpdate]) -> Result<()> {
    let sorted = |list: &[ValidatorUpdate]| {
        let mut list: Vec<([u8; 32], u64)> = list.iter().map(|one| (one.key, one.power)).collect();
        list.sort_unstable();
        list
    };
    if engines.is_empty() || sorted(engines) == sorted(ours) {
        return Ok(());
    }
    let show = |list: &[ValidatorUpdate]| {
        let one = |(key, power): &([u8; 32], u64)| format!("{} with power {power}", hex::encode(key));
        sorted(list).iter().map(one).collect::<Vec<_>>().join(", ")
    };
    Err(invalid(&format!(
        "the validators listed for the engine are not those of app_state: {} instead of {}; leave `validators` empty",
        show(engines),
        show(ours)
    )))
}

pub(super) fn invalid(why: &str) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("genesis: {why}"))
}
