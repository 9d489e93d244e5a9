//! From the changes of a block to the one write that commits it.

use rayon::prelude::*;
use rocksdb::{ColumnFamily, WriteBatch};

use crate::changes::StoreChanges;
use crate::format::{self, meta, Change, Effect, Head, Kind, Roots, CHUNK_ENTRIES, TOP_TREE};
use crate::rocks::{Column, Rocks};
use crate::tree::{self, key_hash, value_hash, Hash, Root, Update};
use crate::{Changes, Error, Snapshot, StoreId};

/// How many keys are worth a thread.
const THREAD_KEYS: usize = 256;

/// A block's changes, worked out and ready to be committed. Dropping it has no effect on the store.
pub struct Prepared {
    /// What it is to be committed on.
    pub(crate) base: Option<Head>,
    pub(crate) head: Head,
    pub(crate) batch: WriteBatch,
    /// What is in the batch of the trees, by tree number.
    pub(crate) updates: Vec<(u8, Update)>,
    /// How many records this adds that pruning will have to delete one day.
    pub(crate) records: usize,
}

impl Prepared {
    /// The height this becomes.
    pub fn height(&self) -> u64 {
        self.head.height
    }

    /// The app hash of this height.
    pub fn app_hash(&self) -> [u8; 32] {
        self.head.app_hash
    }

    /// See [`crate::Store::prepare`].
    pub(crate) fn new(
        latest: &Snapshot,
        height: u64,
        changes: Changes,
        keep_recent: Option<u64>,
    ) -> Result<Self, Error> {
        let base = latest.head();
        let follows = match base {
            None => (1..=i64::MAX as u64).contains(&height),
            Some(head) => Some(height) == head.height.checked_add(1),
        };
        if !follows {
            return Err(Error::WrongHeight { height, latest: latest.height() });
        }
        let entries = read_entries(latest, changes)?;
        let first = base.is_none();
        let trees = Trees::update(latest, &entries, height)?;
        let rocks = latest.pinned().rocks();
        // A batch of tens of megabytes had better not grow by copying.
        let bytes = entries.iter().map(Entry::bytes).sum::<usize>() + trees.bytes();
        let mut batch = WriteBatch::with_capacity_bytes(bytes);
        write_entries(rocks, &mut batch, &entries);
        if !first {
            write_history(rocks, &mut batch, &entries, height);
        }
        let stale = trees.write(rocks, &mut batch, height);

        let oldest_wanted = keep_recent.map_or(0, |keep| height.saturating_sub(keep.max(1) - 1));
        let earliest = base.map_or(height, |head| head.earliest.max(oldest_wanted));
        let head = Head { height, earliest, app_hash: trees.roots.top.hash() };
        let in_meta = rocks.column(Column::Meta);
        batch.put_cf(in_meta, meta::HEAD, head.encode());
        if latest.roots()?.stores.len() < trees.roots.stores.len() || first {
            batch.put_cf(in_meta, meta::FORMAT, format::FORMAT.to_be_bytes());
            batch.put_cf(in_meta, meta::STORES, format::encode_list(&latest.layout().names));
        }
        let records = if first { 0 } else { entries.len() } + stale + 1;
        Ok(Self { base, head, batch, updates: trees.updates, records })
    }
}

/// One key that really changes, with what it held before and the hashes that the trees want.
struct Entry {
    store: u8,
    /// The store's number and the raw key.
    state_key: Vec<u8>,
    value: Option<Vec<u8>>,
    previous: Option<Vec<u8>>,
    key_hash: Hash,
    value_hash: Option<Hash>,
}

impl Entry {
    fn key(&self) -> &[u8] {
        &self.state_key[1..]
    }

    /// About how many bytes of the batch it takes: the key four times, the values, and the hash of a new key.
    fn bytes(&self) -> usize {
        let values = [&self.value, &self.previous].into_iter().flatten().map(Vec::len).sum::<usize>();
        4 * self.state_key.len() + values + 100
    }

    fn effect(&self) -> Effect {
        match (&self.previous, &self.value) {
            (_, None) => Effect::Deleted,
            (None, Some(_)) => Effect::Created,
            (Some(_), Some(_)) => Effect::Replaced,
        }
    }
}

/// Reads what the changed keys hold now and leaves out those that keep it. Sorted by store number and key.
fn read_entries(latest: &Snapshot, changes: Changes) -> Result<Vec<Entry>, Error> {
    let mut stores: Vec<(u8, StoreChanges)> = Vec::new();
    for (StoreId(id), changes) in changes.into_stores() {
        let number = latest.layout().number(StoreId(id)).ok_or(Error::UnknownStoreId(id))?;
        stores.push((number, changes));
    }
    stores.sort_by_key(|(number, _)| *number);
    let (keys, values): (Vec<_>, Vec<_>) = stores
        .into_iter()
        .flat_map(|(store, changes)| {
            changes.into_iter().map(move |(key, value)| (format::state_key(store, &key), value))
        })
        .unzip();
    let chunks: Result<Vec<Vec<Entry>>, Error> = keys
        .par_chunks(THREAD_KEYS)
        .zip(values.par_chunks(THREAD_KEYS))
        .map(|(keys, values)| read_chunk(latest, keys, values))
        .collect();
    Ok(chunks?.into_iter().flatten().collect())
}

fn read_chunk(latest: &Snapshot, keys: &[Vec<u8>], values: &[Option<Vec<u8>>]) -> Result<Vec<Entry>, Error> {
    let previous = latest.pinned().values(Column::State, keys)?;
    let changed = keys
        .iter()
        .zip(values)
        .zip(previous)
        .filter(|((_, value), previous)| value.as_deref() != previous.as_deref());
    Ok(changed
        .map(|((state_key, value), previous)| Entry {
            store: state_key[0],
            key_hash: key_hash(&state_key[1..]),
            value_hash: value.as_deref().map(value_hash),
            state_key: state_key.clone(),
            value: value.clone(),
            previous: previous.map(|previous| previous.to_vec()),
        })
        .collect())
}

/// Adds the state itself and the raw keys of new key hashes to `batch`.
fn write_entries(rocks: &Rocks, batch: &mut WriteBatch, entries: &[Entry]) {
    let state = rocks.column(Column::State);
    let preimages = rocks.column(Column::Preimages);
    for entry in entries {
        match &entry.value {
            Some(value) => batch.put_cf(state, &entry.state_key, value),
            None => batch.delete_cf(state, &entry.state_key),
        }
        if entry.effect() == Effect::Created {
            batch.put_cf(preimages, format::preimage_key(entry.store, &entry.key_hash), entry.key());
        }
    }
}

/// Adds what the keys held before, and the list of changed keys. The first height has neither: nothing before it can
/// be read.
fn write_history(rocks: &Rocks, batch: &mut WriteBatch, entries: &[Entry], height: u64) {
    let history = rocks.column(Column::History);
    let heights = rocks.column(Column::Heights);
    for entry in entries {
        let key = format::history_key(&format::history_prefix(entry.store, entry.key()), height);
        batch.put_cf(history, key, format::encode_previous(entry.previous.as_deref()));
    }
    for (number, chunk) in (0..).zip(entries.chunks(CHUNK_ENTRIES)) {
        let change = |entry| {
            let entry: &Entry = entry;
            Change { store: entry.store, key: entry.key(), effect: entry.effect() }
        };
        let list: Vec<Change> = chunk.iter().map(change).collect();
        batch.put_cf(
            heights,
            format::height_key(Kind::Changes, height, number),
            format::encode_changes(&list),
        );
    }
}

/// What a height makes of the trees.
struct Trees {
    roots: Roots,
    /// By tree number; the top-level tree is one of them.
    updates: Vec<(u8, Update)>,
}

impl Trees {
    /// Updates the trees of the changed stores, and then the tree of stores. All open stores are in it from now on,
    /// also empty ones.
    fn update(latest: &Snapshot, entries: &[Entry], height: u64) -> Result<Self, Error> {
        let before = latest.roots()?;
        let root = |tree: u8| before.stores.get(usize::from(tree)).copied().unwrap_or(Root::EMPTY);
        let update = |entries: &[Entry]| {
            let store = entries[0].store;
            let changes = entries.iter().map(|entry| (entry.key_hash, entry.value_hash)).collect();
            Ok((store, update_tree(latest, store, &root(store), height, changes)?))
        };
        let by_store = entries.chunk_by(|a, b| a.store == b.store);
        let updates: Result<Vec<_>, Error> = if entries.len() < THREAD_KEYS {
            // Waking another thread would take longer.
            by_store.map(update).collect()
        } else {
            by_store.collect::<Vec<_>>().into_par_iter().map(update).collect()
        };
        let mut updates = updates?;

        let mut stores: Vec<Root> = (0..latest.layout().names.len()).map(|store| root(store as u8)).collect();
        for (store, update) in &updates {
            stores[usize::from(*store)] = update.root;
        }
        let in_top = latest.layout().names.iter().zip(&stores).enumerate();
        let changes = in_top
            .filter(|(store, (_, root))| before.stores.get(*store) != Some(root))
            .map(|(_, (name, root))| (key_hash(name.as_bytes()), Some(value_hash(&root.hash()))))
            .collect();
        let top = update_tree(latest, TOP_TREE, &before.top, height, changes)?;
        let roots = Roots { top: top.root, stores };
        updates.push((TOP_TREE, top));
        Ok(Self { roots, updates })
    }

    /// About how many bytes of the batch they take.
    fn bytes(&self) -> usize {
        let nodes = |update: &Update| update.nodes.iter().map(|(_, bytes)| bytes.len() + 50).sum::<usize>();
        self.updates.iter().map(|(_, update)| nodes(update) + 20 * update.stale.len() + 100).sum()
    }

    /// Adds nodes, stale nodes and roots to `batch`; gives the number of stale nodes.
    fn write(&self, rocks: &Rocks, batch: &mut WriteBatch, height: u64) -> usize {
        let heights: &ColumnFamily = rocks.column(Column::Heights);
        let in_nodes = rocks.column(Column::Nodes);
        let mut stale = Vec::new();
        for (tree, update) in &self.updates {
            for (key, bytes) in &update.nodes {
                batch.put_cf(in_nodes, format::node_key(*tree, key), bytes);
            }
            stale.extend(update.stale.iter().map(|key| format::node_key(*tree, key)));
        }
        for (number, chunk) in (0..).zip(stale.chunks(CHUNK_ENTRIES)) {
            batch.put_cf(
                heights,
                format::height_key(Kind::Stale, height, number),
                format::encode_list(chunk),
            );
        }
        batch.put_cf(heights, format::height_key(Kind::Roots, height, 0), self.roots.encode());
        stale.len()
    }
}

fn update_tree(
    latest: &Snapshot,
    tree: u8,
    root: &Root,
    height: u64,
    changes: Vec<(Hash, Option<Hash>)>,
) -> Result<Update, Error> {
    tree::update(&latest.nodes(tree), root, height, changes).map_err(|err| Error::Corrupt(err.to_string()))
}
