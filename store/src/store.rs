//! An open store: opening, what is committed, snapshots, and the application's own unhashed entries.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rocksdb::WriteBatch;

use crate::cache::NodeCache;
use crate::commit::Prepared;
use crate::format::{self, meta, Head, Roots};
use crate::prune::{self, Pruning};
use crate::rocks::{Column, Pinned, Rocks};
use crate::snapshot::Moment;
use crate::sync;
use crate::{fatal, Changes, Error, Manifest, Restore, Snapshot};

/// Settings of a store. Memory is taken as it is used: with the defaults an idle node on a small chain stays small, and a
/// chain of a million accounts finds its working set in the block cache.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many of the last committed heights stay readable, at least 1; `None` keeps all. A store can be rolled
    /// back to the heights it keeps. Heights pruned under an earlier setting don't come back.
    pub keep_recent: Option<u64>,
    /// The memory for blocks, indexes and filters read from disk, in bytes.
    pub block_cache_bytes: usize,
    /// The memory for writes of one column before they go from the log to a table, in bytes; all columns together
    /// take at most about twice this.
    pub memtable_bytes: usize,
    /// The memory for tree nodes that are used often, in bytes.
    pub node_cache_bytes: usize,
    /// The most table files held open; -1 for no limit.
    pub open_files: i32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keep_recent: Some(100),
            block_cache_bytes: 256 << 20,
            memtable_bytes: 32 << 20,
            node_cache_bytes: 32 << 20,
            open_files: 512,
        }
    }
}

/// The last committed height: all that the engine's Info call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The block height.
    pub height: u64,
    /// The app hash after that block: the root of the tree of stores.
    pub app_hash: [u8; 32],
}

/// The state on disk. Clones are handles to the same store and can be used from several threads.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    rocks: Arc<Rocks>,
    nodes: Arc<NodeCache>,
    latest: RwLock<Snapshot>,
    keep_recent: Option<u64>,
    /// Held by whoever writes.
    writer: Mutex<Pruning>,
}

/// The stores by the caller's index and by their number on disk.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The number on disk of each [`crate::StoreId`].
    numbers: Vec<u8>,
    /// The name of each number.
    pub names: Vec<String>,
}

impl Layout {
    /// The number on disk of a store that is open.
    pub fn number(&self, store: crate::StoreId) -> Option<u8> {
        self.numbers.get(usize::from(store.0)).copied()
    }

    /// Numbers `stores`: those on disk keep theirs, new ones get the next.
    fn new(path: &Path, stores: &[&str], on_disk: Vec<String>) -> Result<Self, Error> {
        if let Some(name) = on_disk.iter().find(|name| !stores.contains(&name.as_str())) {
            return Err(Error::ForeignStore { path: path.to_path_buf(), name: name.clone() });
        }
        if stores.len() > usize::from(format::TOP_TREE) {
            return Err(Error::StoreList(format!(
                "{} stores, at most {} fit",
                stores.len(),
                format::TOP_TREE
            )));
        }
        let mut layout = Self { numbers: Vec::new(), names: on_disk };
        for (index, &store) in stores.iter().enumerate() {
            if store.is_empty() {
                return Err(Error::StoreList(format!("store {index} has no name")));
            }
            if stores[..index].contains(&store) {
                return Err(Error::StoreList(format!("{store:?} is in it twice")));
            }
            let number = layout.names.iter().position(|name| name == store).unwrap_or_else(|| {
                layout.names.push(store.to_owned());
                layout.names.len() - 1
            });
            // At most 255 names, as counted above.
            layout.numbers.push(number as u8);
        }
        Ok(layout)
    }
}

impl Store {
    /// Opens the store in the directory `path`, or makes an empty one there. `stores` names the stores; a
    /// [`crate::StoreId`] is a position in it. Names not yet in the database start as empty stores and become part
    /// of the app hash with the next commit. The names are part of every proof: they can't be changed later.
    ///
    /// # Errors
    /// The directory can't be used or is in use, was written in another format, is damaged, or has a store that
    /// `stores` doesn't name; or `stores` is empty of names, too long, or names a store twice.
    pub fn open(path: impl AsRef<Path>, stores: &[&'static str], options: Options) -> Result<Self, Error> {
        let path = path.as_ref();
        // Refuse an unusable list before making files for it.
        Layout::new(path, stores, Vec::new())?;
        let rocks = Arc::new(Rocks::open(path, &options)?);
        forget_unfinished(&rocks)?;
        let layout = Layout::new(path, stores, read_stores(&rocks)?)?;
        let nodes = Arc::new(NodeCache::new(options.node_cache_bytes));
        let moment = Moment::read(Pinned::new(rocks.clone()), nodes.clone(), Arc::new(layout))?;
        let latest = RwLock::new(Snapshot::latest(moment));
        let writer = Mutex::new(Pruning::default());
        let keep_recent = options.keep_recent;
        Ok(Self { shared: Arc::new(Shared { rocks, nodes, latest, keep_recent, writer }) })
    }

    /// The last committed height and its app hash; `None` before the first commit.
    pub fn committed(&self) -> Option<Committed> {
        self.snapshot().head().map(|head| Committed { height: head.height, app_hash: head.app_hash })
    }

    /// The lowest height that can still be read; 0 before the first commit.
    pub fn earliest(&self) -> u64 {
        self.snapshot().head().map_or(0, |head| head.earliest)
    }

    /// How many of the last heights stay readable; `None` for all.
    pub fn keep_recent(&self) -> Option<u64> {
        self.shared.keep_recent
    }

    /// The state after the last commit, or the empty state of height 0.
    pub fn snapshot(&self) -> Snapshot {
        self.shared.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The state after the block of `height`.
    ///
    /// # Errors
    /// [`Error::HeightNotKept`] with the heights that are, [`Error::Empty`] before the first commit.
    pub fn snapshot_at(&self, height: u64) -> Result<Snapshot, Error> {
        self.snapshot().at(height)
    }

    /// Works out what `changes` make of the last committed state as block `height`: the trees and the app hash. It
    /// writes nothing; any number of them may be prepared, the one that counts is committed.
    ///
    /// # Errors
    /// `height` doesn't follow the last commit (the first may have any height from 1), a store in `changes` is not
    /// open, or the database fails.
    pub fn prepare(&self, height: u64, changes: Changes) -> Result<Prepared, Error> {
        Prepared::new(&self.snapshot(), height, changes, self.shared.keep_recent)
    }

    /// Makes `prepared` the committed state: one write, on disk for good when this returns, with the entries of
    /// `meta` in it. Afterwards it deletes part of what is older than [`Options::keep_recent`], in proportion to what
    /// was written.
    ///
    /// # Errors
    /// `prepared` doesn't follow the last commit (another was committed since), or the disk fails or is full: then
    /// the state after a restart is either that of the height before or that of this one, and the node must stop.
    pub fn commit(&self, prepared: Prepared, meta: &[(&str, &[u8])]) -> Result<(), Error> {
        let mut pruning = self.lock();
        let latest = self.snapshot();
        let Prepared { base, head, mut batch, updates, records } = prepared;
        if latest.head() != base {
            return Err(Error::WrongHeight { height: head.height, latest: latest.height() });
        }
        if base.is_none() {
            forget_unfinished(&self.shared.rocks)?;
        }
        self.put_meta(&mut batch, meta);
        self.shared.rocks.write(batch, true)?;
        for (tree, update) in updates {
            self.shared.nodes.follow(tree, update);
        }
        self.publish(latest.layout().clone())?;
        prune::prune(&self.shared.rocks, &head, &mut pruning, records)
    }

    /// Goes back one height, exactly: state, proofs and app hash are those of before the last commit. Entries made
    /// with `meta` stay as they are.
    ///
    /// # Errors
    /// The height before is not kept, nothing is committed, or the disk fails.
    pub fn rollback(&self) -> Result<Committed, Error> {
        let mut pruning = self.lock();
        let latest = self.snapshot();
        prune::rollback(&self.shared.rocks, &latest)?;
        self.shared.nodes.clear();
        *pruning = Pruning::default();
        self.publish(latest.layout().clone())?;
        self.committed().ok_or(Error::Empty)
    }

    /// Begins to make this store, which must be empty, the state of `manifest`, part by part. The caller knows from elsewhere
    /// that [`Manifest::app_hash`] is that of the chain.
    ///
    /// # Errors
    /// Something is committed here, the state has a store that is not open, or the disk fails.
    pub fn restore(&self, manifest: Manifest) -> Result<Restore, Error> {
        Restore::new(self.clone(), manifest)
    }

    /// The numbers that the stores get when those on disk are `names`.
    pub(crate) fn layout_for(&self, names: Vec<String>) -> Result<Layout, Error> {
        let now = self.snapshot().layout().clone();
        let stores: Vec<&str> =
            now.numbers.iter().map(|&number| now.names[usize::from(number)].as_str()).collect();
        Layout::new(self.shared.rocks.path(), &stores, names)
    }

    /// Notes that what is on disk is not complete.
    pub(crate) fn mark_restoring(&self) -> Result<(), Error> {
        let mut batch = WriteBatch::default();
        batch.put_cf(self.shared.rocks.column(Column::Meta), meta::RESTORING, []);
        self.shared.rocks.write(batch, true)
    }

    /// Makes what has been restored the committed state.
    pub(crate) fn finish_restore(&self, head: Head, roots: &Roots, names: Vec<String>) -> Result<(), Error> {
        let mut pruning = self.lock();
        let layout = self.layout_for(names.clone())?;
        sync::seal(&self.shared.rocks, &head, roots, &names)?;
        self.shared.nodes.clear();
        *pruning = Pruning::default();
        self.publish(Arc::new(layout))
    }

    /// An entry of the application's own, which is not part of the state or of the app hash.
    pub fn meta(&self, key: &str) -> Option<Vec<u8>> {
        let value = self.shared.rocks.value(Column::Meta, &meta::application(key));
        value.unwrap_or_else(|err| fatal("reading an entry", err)).map(|value| value.to_vec())
    }

    /// Sets entries of the application's own, on disk for good when this returns.
    ///
    /// # Errors
    /// The disk fails or is full.
    pub fn set_meta(&self, meta: &[(&str, &[u8])]) -> Result<(), Error> {
        let _writer = self.lock();
        let mut batch = WriteBatch::default();
        self.put_meta(&mut batch, meta);
        self.shared.rocks.write(batch, true)
    }

    fn put_meta(&self, batch: &mut WriteBatch, meta: &[(&str, &[u8])]) {
        for (key, value) in meta {
            batch.put_cf(self.shared.rocks.column(Column::Meta), meta::application(key), value);
        }
    }

    /// Lets new snapshots see what has been written.
    fn publish(&self, layout: Arc<Layout>) -> Result<(), Error> {
        let pinned = Pinned::new(self.shared.rocks.clone());
        let moment = Moment::read(pinned, self.shared.nodes.clone(), layout)?;
        *self.shared.latest.write().unwrap_or_else(PoisonError::into_inner) = Snapshot::latest(moment);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Pruning> {
        self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rocks(&self) -> &Rocks {
        &self.shared.rocks
    }
}

/// Empties a database in which a state was restored that is not complete.
fn forget_unfinished(rocks: &Rocks) -> Result<(), Error> {
    match rocks.value(Column::Meta, meta::RESTORING)? {
        Some(_) => rocks.clear(),
        None => Ok(()),
    }
}

/// The names of the stores on disk by number, after a look at the format.
fn read_stores(rocks: &Rocks) -> Result<Vec<String>, Error> {
    let Some(names) = rocks.value(Column::Meta, meta::STORES)? else { return Ok(Vec::new()) };
    let found = rocks.value(Column::Meta, meta::FORMAT)?.map(|bytes| bytes.to_vec()).unwrap_or_default();
    if found != format::FORMAT.to_be_bytes() {
        let found = match <[u8; 4]>::try_from(found) {
            Ok(number) => u32::from_be_bytes(number).to_string(),
            Err(bytes) => format!("{bytes:?}"),
        };
        return Err(Error::Format { path: rocks.path().to_path_buf(), found, supported: format::FORMAT });
    }
    let names = format::decode_list(&names)?.into_iter().map(|name| String::from_utf8(name.to_vec()));
    names
        .collect::<Result<_, _>>()
        .map_err(|err| Error::Corrupt(format!("a store's name is not text: {err}")))
}

impl Moment {
    /// Reads what is committed at the moment of `pinned`.
    fn read(pinned: Pinned, nodes: Arc<NodeCache>, layout: Arc<Layout>) -> Result<Self, Error> {
        let head = pinned.value(Column::Meta, meta::HEAD)?.map(|bytes| Head::decode(&bytes)).transpose()?;
        let roots = match &head {
            None => Roots::NONE,
            Some(head) => Moment::read_roots(&pinned, head.height)?,
        };
        Ok(Moment { pinned, nodes, head, roots, layout })
    }
}
