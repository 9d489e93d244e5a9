//! What the engine and the state machine agree on: consensus parameters (§1, §4), the chain's origin, and
//! the header of the block that the state is the result of.

mod params;
pub mod state;
#[cfg(test)]
mod tests;

use crate::kernel::{
    Block, ConsensusAddress, Ctx, Module, QueryError, QueryResult, QueryRoutes, Result, View,
};
use jmes_proto::cosmos::consensus::v1::{QueryParamsRequest, QueryParamsResponse};
use serde_json::Value;
use state::{StoredBlock, StoredOrigin};
use tendermint_proto::v0_38::types::ConsensusParams;

/// The module.
pub struct Consensus;

impl Module for Consensus {
    fn name(&self) -> &'static str {
        "consensus"
    }
    fn queries(&self, routes: &mut QueryRoutes) {
        routes.add("/cosmos.consensus.v1.Query/Params", query_params);
    }
    /// The parameters stand in the engine's part of the genesis file; see [`start`].
    fn import(&self, _: &mut Ctx, _: &Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<Value> {
        Ok(Value::Null)
    }
    fn params(&self, view: &View) -> Result<Value> {
        params::to_json(params(view)?)
    }
    /// The engine is told at the end of the block.
    fn set_params(&self, ctx: &mut Ctx, params: &Value) -> Result<()> {
        let params = params::from_json(params)?;
        params::check(ctx, &params)?;
        state::PARAMS.save(ctx, &params)
    }
    /// What the application does not do: other keys than ed25519, another version of itself, vote extensions.
    fn immutable_params(&self) -> &'static [&'static str] {
        &["validator", "version", "abci"]
    }
}

/// For how long evidence is accepted, in nanoseconds; `None` on a chain whose genesis does not say.
pub fn evidence_age(view: &View) -> Result<Option<u64>> {
    let evidence = params(view)?.evidence;
    Ok(evidence.and_then(|evidence| evidence.max_age_duration).map(|age| params::nanoseconds(&age)))
}

/// The parameters in force.
pub fn params(view: &View) -> Result<ConsensusParams> {
    Ok(state::PARAMS.load(view)?.unwrap_or_default())
}

/// Starts the chain: the engine's parameters, and what genesis fixes for ever. `genesis_time` is in
/// nanoseconds since 1970.
pub fn start(ctx: &mut Ctx, params: &ConsensusParams, genesis_time: u64, initial_height: u64) -> Result<()> {
    state::PARAMS.save(ctx, params)?;
    let chain_id = ctx.block().chain_id.clone();
    state::ORIGIN.save(ctx, &StoredOrigin { chain_id, genesis_time, initial_height })
}

/// Remembers the header of the block being made.
pub fn begin_block(ctx: &mut Ctx) -> Result<()> {
    let Block { height, time, proposer, .. } = ctx.block().clone();
    state::LAST_BLOCK.save(ctx, &StoredBlock { height, time, proposer: proposer.0.to_vec() })
}

/// What genesis fixed for ever; `None` before genesis is imported.
pub fn origin(view: &View) -> Result<Option<StoredOrigin>> {
    state::ORIGIN.load(view)
}

/// The block that the state is the result of; the origin with height 0 before the first.
pub fn last_block(view: &View) -> Result<Block> {
    let origin = origin(view)?.unwrap_or_default();
    let chain_id = origin.chain_id;
    Ok(match state::LAST_BLOCK.load(view)? {
        Some(StoredBlock { height, time, proposer }) => Block {
            chain_id,
            height,
            time,
            proposer: ConsensusAddress::new(&proposer).unwrap_or_default(),
            ..Block::default()
        },
        None => Block { chain_id, time: origin.genesis_time, ..Block::default() },
    })
}

/// The most gas that the transactions of a block may want together; `None` when there is no limit.
pub fn block_gas_limit(view: &View) -> Result<Option<u64>> {
    Ok(params(view)?.block.and_then(|block| u64::try_from(block.max_gas).ok()))
}

fn query_params(view: &View, _: QueryParamsRequest) -> QueryResult<QueryParamsResponse> {
    let params = params(view).map_err(QueryError::from)?;
    Ok(QueryParamsResponse { params: Some(params) })
}
