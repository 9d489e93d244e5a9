//! Beginning, and blocks: FinalizeBlock works in memory only; Commit is one synced write (the crash rules).

use super::base::to_changes;
use super::execute::{self, Mode};
use super::genesis::{import_genesis, Imported, Origin};
use super::mempool::Mempool;
use super::{lock, order, Chain, Tx, TxOutcome};
use jmes_modules::kernel::{Block, Change, Ctx, Error, GasMeter, Overlay, Result, ValidatorUpdate};
use jmes_modules::{consensus, upgrade};
use jmes_store::Prepared;
use rayon::prelude::*;
use std::sync::Arc;
use tendermint_proto::v0_38::types::ConsensusParams;

/// What lies between two commits.
#[derive(Default)]
pub struct Working {
    /// Genesis, imported but not committed: it becomes part of the first block.
    genesis: Vec<Change>,
    /// The app hash of genesis, which the first block's header has.
    genesis_hash: [u8; 32],
    /// The finalized block that waits for its commit, and what it changes.
    finalized: Option<(Prepared, Vec<Change>)>,
}

/// The outcome of a block.
pub struct Finalized {
    /// The outcome of each transaction, in order.
    pub txs: Vec<TxOutcome>,
    /// Events of the block's own steps.
    pub events: Vec<jmes_modules::kernel::Event>,
    /// The app hash after the block.
    pub app_hash: [u8; 32],
    /// Changes of the engine's validator set, which bind two blocks later.
    pub validator_updates: Vec<ValidatorUpdate>,
    /// The engine's parameters, if the block changed them (§14); they bind from the next block on.
    pub consensus_params: Option<ConsensusParams>,
}

/// What the engine is told when the chain begins.
pub struct Begun {
    /// The app hash of the state that genesis describes.
    pub app_hash: [u8; 32],
    /// The first validator set, in the order of seating.
    pub validators: Vec<ValidatorUpdate>,
}

impl Chain {
    /// Imports genesis. Nothing is written to disk; asking again starts over.
    pub fn init_chain(&self, origin: &Origin, app_state: &serde_json::Value) -> Result<Begun> {
        let base = self.latest().base;
        let Imported { ctx, validators } =
            import_genesis(base, origin, app_state, self.0.routes, &self.0.signatures)?;
        let genesis = ctx.into_overlay().into_changes();
        let app_hash = self.prepare(origin.initial_height, genesis.clone()).app_hash();
        *lock(&self.0.working) = Working { genesis, genesis_hash: app_hash, finalized: None };
        // Until the first block is committed, transactions are checked on genesis.
        let first = Block { height: origin.initial_height, time: origin.time, ..Block::default() };
        *lock(&self.0.mempool) = Mempool::over(self.context(first));
        Ok(Begun { app_hash, validators })
    }

    /// Runs a block in memory (§15) and keeps it for [`Self::commit`]. Refused only when another binary must make the block
    /// ([`upgrade::stops_node`]).
    pub fn finalize_block(&self, block: Block, txs: &[impl AsRef<[u8]> + Sync]) -> Result<Finalized> {
        let height = block.height;
        let decoded = self.decode_block(&block, txs);
        let mut ctx = self.context(block);
        let params = must(consensus::params(&ctx));
        for step in order::BEGIN_BLOCK {
            match step(&mut ctx) {
                Err(error) if upgrade::stops_node(&error) => return Err(error),
                done => must(done),
            }
        }
        let mut outcomes = Vec::with_capacity(txs.len());
        let mut events = ctx.take_events();
        for tx in decoded {
            outcomes.push(match tx {
                Ok(tx) => execute::run(self, &mut ctx, &tx, Mode::Deliver),
                Err(error) => TxOutcome::refused(error),
            });
            ctx.seal();
        }
        for step in order::END_BLOCK {
            must(step(&mut ctx));
        }
        events.extend(ctx.take_events());
        let validator_updates = ctx.take_validator_updates();
        let consensus_params = Some(must(consensus::params(&ctx))).filter(|after| *after != params);
        let changes = ctx.into_overlay().into_changes();
        let prepared = self.prepare(height, changes.clone());
        let app_hash = prepared.app_hash();
        lock(&self.0.working).finalized = Some((prepared, changes));
        Ok(Finalized { txs: outcomes, events, app_hash, validator_updates, consensus_params })
    }

    /// Writes the finalized block to disk; gives its height. Without one it does nothing.
    pub fn commit(&self) -> Result<u64, jmes_store::Error> {
        let finalized = lock(&self.0.working).finalized.take();
        if let Some((prepared, changes)) = finalized {
            self.0.store.commit(prepared, &[])?;
            lock(&self.0.working).genesis = Vec::new();
            self.publish(changes);
        }
        Ok(self.height())
    }

    /// A context over the state that the next block builds on: committed state, or genesis before it is.
    pub fn context(&self, mut block: Block) -> Ctx {
        let latest = self.latest();
        let mut overlay = Overlay::new(latest.base);
        {
            let working = lock(&self.0.working);
            for (key, value) in &working.genesis {
                overlay.write(key.clone(), value.clone());
            }
            block.app_hash = self.app_hash().unwrap_or(working.genesis_hash);
        }
        overlay.seal();
        let mut ctx = Ctx::new(overlay, Arc::default(), GasMeter::unlimited());
        block.chain_id = must(consensus::origin(&ctx)).unwrap_or_default().chain_id;
        ctx.set_block(Arc::new(block));
        ctx
    }

    /// Decodes in parallel; the signatures of a block that this node did not check before are verified first.
    fn decode_block(&self, block: &Block, txs: &[impl AsRef<[u8]> + Sync]) -> Vec<Result<Arc<Tx>>> {
        if !self.has_checked(block, txs) {
            self.look_ahead(txs.iter().map(AsRef::as_ref));
        }
        txs.par_iter().with_min_len(16).map(|bytes| self.decode_last(bytes.as_ref())).collect()
    }

    fn prepare(&self, height: u64, changes: Vec<Change>) -> Prepared {
        match self.0.store.prepare(height, to_changes(changes)) {
            Ok(prepared) => prepared,
            Err(error) => jmes_store::fatal(format!("block {height} can't be prepared"), error),
        }
    }
}

/// A step of a block never fails: if one does, the state is not what the protocol allows and the node
/// stops, as every other node does at the same height.
fn must<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| jmes_store::fatal("a step of the block failed", error))
}
