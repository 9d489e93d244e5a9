//! The chain: the protocol's modules over the store, driven by the consensus engine.
//!
//! - `tx`, `ante`, `execute`: the one path of a transaction. `free`: those that carry no fee.
//! - `genesis`, `genutil`: how a chain begins, and with which validators.
//! - `signatures`: checking each signature once. `decoded`: decoding each transaction once.
//! - `blocks`, `mempool`, `proposals`: the same path over the overlays of a block, of the mempool and
//!   of a proposal.
//! - `base`: committed state as overlays read it. `known`: what is remembered of it.
//! - `sync`: snapshots for nodes that join, and becoming one.
//! - `abci`, `header`: the engine's door. `queries`: the route table's.

pub mod abci;
mod ante;
mod base;
mod blocks;
mod decoded;
mod execute;
mod free;
mod gas_price;
mod genesis;
mod genutil;
mod header;
mod known;
mod mempool;
mod proposals;
mod queries;
mod signatures;
mod sync;
#[cfg(test)]
mod tests;
mod tx;

pub use base::EmptyBase;
pub use blocks::{Begun, Finalized};
pub use execute::TxOutcome;
pub use free::{Free, Kind as FreeKind};
pub use gas_price::GasPrice;
pub use genesis::{import_genesis, Imported, Origin};
pub use genutil::NAME as GENUTIL;
pub use jmes_modules::order;
pub use queries::Answer;
pub use signatures::Signatures;
pub use sync::SnapshotSettings;
pub use tx::Tx;

use crate::abci::Shutdown;
use base::StoreBase;
use blocks::Working;
use decoded::Decoded;
use jmes_modules::kernel::{Block, Change, Error, GasMeter, Overlay, QueryRoutes, Routes, View};
use jmes_modules::{consensus, upgrade};
use jmes_store::Store;
use mempool::Mempool;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

/// What the operator decides about this node's part in the chain.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The least gas price for a transaction to enter this node's mempool (§4).
    pub minimum_gas_price: GasPrice,
    /// Stop after committing this height; 0 for never.
    pub halt_height: u64,
    /// How many heights of blocks the engine must keep; 0 for all.
    pub min_retain_blocks: u64,
    /// Where to say for which upgrade the node has stopped (§14); nowhere when `None`.
    pub upgrade_info: Option<PathBuf>,
    /// Snapshots for nodes that join by state sync; none when `None`.
    pub snapshots: Option<SnapshotSettings>,
}

/// A handle on the chain; clones share it.
#[derive(Clone)]
pub struct Chain(Arc<Inner>);

struct Inner {
    store: Store,
    routes: &'static Routes,
    queries: QueryRoutes,
    signatures: Signatures,
    decoded: Decoded,
    settings: Settings,
    shutdown: Shutdown,
    working: Mutex<Working>,
    mempool: Mutex<Mempool>,
    /// The last proposal that was made or accepted here.
    checked: Mutex<Option<[u8; 32]>>,
    latest: RwLock<State>,
    /// Why the node makes no more blocks.
    stopped: OnceLock<Error>,
    sync: sync::Sync,
}

/// Committed state of one height, and the block that it is the result of.
#[derive(Clone)]
struct State {
    base: Arc<StoreBase>,
    block: Arc<Block>,
}

impl State {
    fn new(base: StoreBase) -> Self {
        let base = Arc::new(base);
        let view = View::new(Overlay::new(base.clone()), Arc::default(), GasMeter::unlimited());
        let block = Arc::new(consensus::last_block(&view).unwrap_or_default());
        Self { base, block }
    }

    fn view(&self, gas: GasMeter) -> View {
        View::new(Overlay::new(self.base.clone()), self.block.clone(), gas)
    }
}

impl Chain {
    /// The chain over an open store. `shutdown` is triggered when the halt height is reached or the disk
    /// fails.
    pub fn new(store: Store, settings: Settings, shutdown: Shutdown) -> Self {
        let state = State::new(StoreBase::remembering(store.snapshot()));
        Self(Arc::new(Inner {
            store,
            routes: order::routes(),
            queries: order::queries(),
            signatures: Signatures::default(),
            decoded: Decoded::default(),
            settings,
            shutdown,
            working: Mutex::default(),
            checked: Mutex::default(),
            mempool: Mutex::new(Mempool::new(&state)),
            latest: RwLock::new(state),
            stopped: OnceLock::new(),
            sync: sync::Sync::default(),
        }))
    }

    /// The last committed height, 0 before the first block.
    pub fn height(&self) -> u64 {
        self.0.store.committed().map_or(0, |committed| committed.height)
    }

    /// The app hash after the last committed block.
    pub fn app_hash(&self) -> Option<[u8; 32]> {
        self.0.store.committed().map(|committed| committed.app_hash)
    }

    /// The lowest height that queries can still be asked at.
    pub fn earliest_height(&self) -> u64 {
        self.0.store.earliest()
    }

    /// How many of the last heights queries can be asked at; `None` for all.
    pub fn keep_recent(&self) -> Option<u64> {
        self.0.store.keep_recent()
    }

    /// The chain's id; empty before genesis is imported.
    pub fn chain_id(&self) -> String {
        self.latest().block.chain_id.clone()
    }

    /// The settings this node runs with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Why the node makes no more blocks: an upgrade (§14) that another binary is made for, or this one before its time.
    pub fn stopped(&self) -> Option<&Error> {
        self.0.stopped.get()
    }

    /// Stops the node before a block that another binary must make, and leaves behind for which upgrade.
    fn stop(&self, error: Error) {
        let view = self.latest().view(GasMeter::unlimited());
        let plan = upgrade::plan(&view).ok().flatten();
        if let (Some(path), Some(plan)) = (&self.0.settings.upgrade_info, plan) {
            if error.code == upgrade::upgrade_codes::UPGRADE_NEEDED {
                let draft = path.with_extension("json.new");
                let written = std::fs::write(&draft, upgrade::info_file(&plan).to_string());
                if let Err(error) = written.and_then(|()| std::fs::rename(&draft, path)) {
                    tracing::error!("can't write {}: {error}", path.display());
                }
            }
        }
        tracing::error!("{error}");
        self.0.stopped.get_or_init(|| error);
        self.0.shutdown.trigger();
    }

    /// The table of messages.
    pub fn routes(&self) -> &Routes {
        self.0.routes
    }

    fn latest(&self) -> State {
        self.0.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets queries and the mempool see what was committed; the engine rechecks what is pending.
    fn publish(&self, changes: Vec<Change>) {
        let base = self.latest().base.follow(self.0.store.snapshot(), changes);
        let state = State::new(base);
        lock(&self.0.mempool).renew(&state);
        *self.0.latest.write().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
