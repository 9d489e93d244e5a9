//! State sync: making snapshots while blocks go on, giving them to peers, and becoming the state of one.

use super::{lock, Chain, State, StoreBase};
use crate::snapshots::{Description, Folder, FORMAT};
use jmes_store::{Manifest, Restore, RestoreError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use tendermint_proto::v0_38::abci::response_apply_snapshot_chunk::Result as Applied;
use tendermint_proto::v0_38::abci::response_offer_snapshot::Result as Offered;
use tendermint_proto::v0_38::abci::{
    RequestApplySnapshotChunk, RequestLoadSnapshotChunk, RequestOfferSnapshot, ResponseApplySnapshotChunk,
    Snapshot,
};

/// The most snapshots that peers are told of, as the engine takes no more of one peer.
const MOST_TOLD: usize = 10;
/// How willing the thread that makes snapshots is to let others run, from 0 to 19.
const NICENESS: i32 = 10;

/// What the operator decides about snapshots.
#[derive(Clone, Debug)]
pub struct SnapshotSettings {
    /// Where they are.
    pub folder: Folder,
    /// One is made after each height that is a multiple of this; 0 for none.
    pub interval: u64,
    /// How many of the latest are kept; 0 for all.
    pub keep_recent: u32,
}

/// Snapshots as the chain deals with them.
#[derive(Default)]
pub struct Sync {
    /// The thread that makes one, or has made the last.
    maker: Mutex<Option<JoinHandle<()>>>,
    /// The one that this node is becoming.
    restoring: Mutex<Option<Restoring>>,
}

struct Restoring {
    restore: Restore,
    parts: u32,
}

impl Chain {
    /// Begins to make a snapshot of the committed state in the background if it is time for one, and the last is done.
    pub(super) fn make_snapshot_when_due(&self, height: u64) {
        let Some(settings) = &self.0.settings.snapshots else { return };
        if settings.interval == 0 || !height.is_multiple_of(settings.interval) {
            return;
        }
        let mut maker = lock(&self.0.sync.maker);
        if maker.as_ref().is_some_and(|maker| !maker.is_finished()) {
            tracing::warn!(height, "no snapshot of this height: the last one is still being made");
            return;
        }
        let (chain, snapshot, settings) = (self.clone(), self.0.store.snapshot(), settings.clone());
        let make = move || {
            // SAFETY: the call takes numbers only; 0 stands for the calling thread.
            unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS) };
            let goes_on = || !chain.0.shutdown.is_triggered();
            let made = settings.folder.make(&snapshot, goes_on);
            match made.and_then(|made| settings.folder.tidy(settings.keep_recent as usize).map(|()| made)) {
                Ok(made) => tracing::info!(height, chunks = made.chunks, bytes = made.bytes, "snapshot made"),
                Err(error) => tracing::warn!(height, "no snapshot of this height: {error:#}"),
            }
        };
        match thread::Builder::new().name("snapshot".into()).spawn(make) {
            Ok(thread) => *maker = Some(thread),
            Err(error) => tracing::warn!(height, "no snapshot of this height: {error}"),
        }
    }

    /// Waits for the end of the snapshot that is being made, which a node that stops gives up at its next part: the database
    /// must not be read any more when the process ends.
    pub fn await_snapshot(&self) {
        let maker = lock(&self.0.sync.maker).take();
        if maker.is_some_and(|maker| maker.join().is_err()) {
            tracing::warn!("the thread that made a snapshot panicked");
        }
    }

    /// How many of the last blocks the engine must keep for nodes that join by this node's snapshots.
    pub(super) fn blocks_for_snapshots(&self) -> u64 {
        let settings = self.0.settings.snapshots.as_ref();
        settings
            .map_or(0, |settings| settings.interval.saturating_mul(u64::from(settings.keep_recent.max(1))))
    }

    /// What peers are told of.
    pub(super) fn offered_snapshots(&self) -> Vec<Snapshot> {
        let list =
            self.0.settings.snapshots.as_ref().map_or_else(Vec::new, |settings| settings.folder.list());
        let told = list.into_iter().filter(|found| found.format == FORMAT).take(MOST_TOLD);
        told.filter_map(|found| to_engine(&found)).collect()
    }

    /// A part for a peer; nothing if this node does not have it.
    pub(super) fn load_part(&self, request: &RequestLoadSnapshotChunk) -> Vec<u8> {
        let settings = self.0.settings.snapshots.as_ref().filter(|_| request.format == FORMAT);
        let part = settings.and_then(|settings| settings.folder.part(request.height, request.chunk).ok());
        part.unwrap_or_default()
    }

    /// Whether this node begins to become the snapshot that a peer has; its app hash is known from the light client.
    pub(super) fn take_offer(&self, request: &RequestOfferSnapshot) -> Offered {
        let Some(offer) = &request.snapshot else { return Offered::Reject };
        if offer.format != FORMAT {
            return Offered::RejectFormat;
        }
        let refuse = |why: &str| tracing::warn!(height = offer.height, "refused a snapshot: {why}");
        let Some(manifest) = Manifest::decode(&offer.metadata).filter(|found| found.height == offer.height)
        else {
            refuse("it does not say what it consists of");
            return Offered::RejectSender;
        };
        if manifest.app_hash()[..] != request.app_hash[..] {
            refuse("it has another app hash than the chain");
            return Offered::RejectSender;
        }
        match self.0.store.restore(manifest) {
            Ok(restore) => {
                *self.restoring() = Some(Restoring { restore, parts: offer.chunks });
                tracing::info!(
                    height = offer.height,
                    chunks = offer.chunks,
                    "becoming the state of a snapshot"
                );
                Offered::Accept
            }
            Err(error @ (jmes_store::Error::NotEmpty { .. } | jmes_store::Error::ForeignStore { .. })) => {
                refuse(&error.to_string());
                Offered::Abort
            }
            Err(error) => jmes_store::fatal("a state can't be restored", error),
        }
    }

    /// Takes the next part of the snapshot that this node is becoming, which `request.sender` gave. A false one is asked for
    /// again, from others.
    pub(super) fn take_part(&self, request: &RequestApplySnapshotChunk) -> ResponseApplySnapshotChunk {
        let answer =
            |result: Applied| ResponseApplySnapshotChunk { result: result as i32, ..Default::default() };
        let mut restoring = self.restoring();
        let Some(Restoring { restore, parts }) = restoring.as_mut() else { return answer(Applied::Abort) };
        let (index, parts) = (request.index, *parts);
        match restore.apply(&request.chunk) {
            Ok(()) => {}
            Err(RestoreError::WrongPart(why)) => {
                tracing::warn!(index, sender = request.sender, "refused a part of the snapshot: {why}");
                return ResponseApplySnapshotChunk {
                    refetch_chunks: vec![index],
                    reject_senders: vec![request.sender.clone()],
                    ..answer(Applied::Retry)
                };
            }
            Err(error) => jmes_store::fatal("a state can't be restored", error),
        }
        let is_last = index.checked_add(1) == Some(parts);
        if restore.is_complete() != is_last {
            tracing::warn!(
                index,
                parts,
                "refused the snapshot: it does not have the number of parts that it says"
            );
            *restoring = None;
            return answer(Applied::RejectSnapshot);
        }
        if is_last {
            let restored = restoring.take().map(|restoring| restoring.restore.finish());
            match restored.transpose() {
                Ok(committed) => self.begin_at_restored(committed.map_or(0, |committed| committed.height)),
                Err(error) => jmes_store::fatal("the restored state can't be used", error),
            }
        }
        answer(Applied::Accept)
    }

    /// Lets everything begin with what was restored.
    fn begin_at_restored(&self, height: u64) {
        let state = State::new(StoreBase::remembering(self.0.store.snapshot()));
        *lock(&self.0.working) = Default::default();
        lock(&self.0.mempool).renew(&state);
        *self.0.latest.write().unwrap_or_else(PoisonError::into_inner) = state;
        tracing::info!(height, "the state of the snapshot is restored");
    }

    fn restoring(&self) -> MutexGuard<'_, Option<Restoring>> {
        lock(&self.0.sync.restoring)
    }
}

fn to_engine(found: &Description) -> Option<Snapshot> {
    Some(Snapshot {
        height: found.height,
        format: found.format,
        chunks: found.chunks,
        hash: hex::decode(&found.hash).ok()?.into(),
        metadata: hex::decode(&found.manifest).ok()?.into(),
    })
}
