//! Genesis and blocks: FinalizeBlock works in memory only; Commit is one synced write (the crash rules).

use super::base::to_changes;
use super::execute::{self, Mode};
use super::mempool::Mempool;
use super::{lock, order, Chain, Tx, TxOutcome};
use jmes_modules::consensus;
use jmes_modules::kernel::{Block, Change, Ctx, Error, GasMeter, Overlay, Result};
use jmes_store::Prepared;
use rayon::prelude::*;
use std::sync::Arc;
use tendermint_proto::v0_38::types::ConsensusParams;

/// What lies between two commits.
#[derive(Default)]
pub struct Working {
    /// Genesis, imported but not committed: it becomes part of the first block.
    genesis: Vec<Change>,
    /// The finalized block that waits for its commit.
    finalized: Option<Prepared>,
}

/// What genesis says besides `app_state`.
pub struct Origin {
    /// The chain's id.
    pub chain_id: String,
    /// Genesis time in nanoseconds since 1970.
    pub time: u64,
    /// The height of the first block, at least 1.
    pub initial_height: u64,
    /// The engine's parameters.
    pub params: ConsensusParams,
}

/// The outcome of a block.
pub struct Finalized {
    /// The outcome of each transaction, in order.
    pub txs: Vec<TxOutcome>,
    /// Events of the block's own steps.
    pub events: Vec<jmes_modules::kernel::Event>,
    /// The app hash after the block.
    pub app_hash: [u8; 32],
}

impl Chain {
    /// Imports genesis: the app hash of the state it describes. Nothing is written to disk; asking again
    /// starts over.
    pub fn init_chain(&self, origin: &Origin, app_state: &serde_json::Value) -> Result<[u8; 32]> {
        let block = Block { chain_id: origin.chain_id.clone(), time: origin.time, ..Block::default() };
        let mut ctx = Ctx::new(Overlay::new(self.latest().base), Arc::new(block), GasMeter::unlimited());
        consensus::start(&mut ctx, &origin.params, origin.time, origin.initial_height)?;
        import_genesis(&mut ctx, app_state)?;
        let genesis = ctx.into_overlay().into_changes();
        let prepared = self.prepare(origin.initial_height, genesis.clone());
        *lock(&self.0.working) = Working { genesis, finalized: None };
        // Until the first block is committed, transactions are checked on genesis.
        let first = Block { height: origin.initial_height, time: origin.time, ..Block::default() };
        *lock(&self.0.mempool) = Mempool::over(self.context(first));
        Ok(prepared.app_hash())
    }

    /// Runs a block in memory (§15) and keeps it for [`Self::commit`].
    pub fn finalize_block(&self, block: Block, txs: &[impl AsRef<[u8]> + Sync]) -> Finalized {
        let height = block.height;
        let decoded = self.decode_block(&block, txs);
        let mut ctx = self.context(block);
        for step in order::BEGIN_BLOCK {
            must(step(&mut ctx));
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
        let prepared = self.prepare(height, ctx.into_overlay().into_changes());
        let app_hash = prepared.app_hash();
        lock(&self.0.working).finalized = Some(prepared);
        Finalized { txs: outcomes, events, app_hash }
    }

    /// Writes the finalized block to disk; gives its height. Without one it does nothing.
    pub fn commit(&self) -> Result<u64, jmes_store::Error> {
        let finalized = lock(&self.0.working).finalized.take();
        if let Some(prepared) = finalized {
            self.0.store.commit(prepared, &[])?;
            lock(&self.0.working).genesis = Vec::new();
            self.publish();
        }
        Ok(self.height())
    }

    /// A context over the state that the next block builds on: committed state, or genesis before it is.
    pub(super) fn context(&self, mut block: Block) -> Ctx {
        let latest = self.latest();
        let mut overlay = Overlay::new(latest.base);
        for (key, value) in &lock(&self.0.working).genesis {
            overlay.write(key.clone(), value.clone());
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

/// Imports every module's part of genesis, then checks what must always hold.
pub fn import_genesis(ctx: &mut Ctx, app_state: &serde_json::Value) -> Result<()> {
    for module in order::MODULES {
        let genesis = app_state.get(module.name()).unwrap_or(&serde_json::Value::Null);
        module.import(ctx, genesis)?;
    }
    order::MODULES.iter().try_for_each(|module| module.check_invariants(ctx))
}

/// A step of a block never fails: if one does, the state is not what the protocol allows and the node
/// stops, as every other node does at the same height.
fn must<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| jmes_store::fatal("a step of the block failed", error))
}
