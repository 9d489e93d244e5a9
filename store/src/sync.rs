//! A whole state in parts, for nodes that join by it: what it consists of ([`Manifest`]), its parts ([`Snapshot::parts`]), and
//! an empty store that becomes it ([`Restore`]). Each part is checked against the app hash before anything of it is kept.
//!
//! A part is a list of *segments*; a segment is a list: the number of its store in the manifest (one byte), what lies beyond
//! its last key, and then keys and values in turns, in ascending order of the keys' hashes. What lies beyond is 0 for nothing,
//! so that the store ends here, or 1 and, for each level from the root down to the last key, the hash of the sibling on the
//! right behind a 1, or a 0 where the sibling is on the left. Stores and keys come in one order, without gaps, so the parts of
//! a state are the same on every node.

use rocksdb::WriteBatch;

use crate::format::{self, meta, Head, Kind, Roots, TOP_TREE};
use crate::manifest::Manifest;
use crate::rocks::{Column, Rocks};
use crate::store::Store;
use crate::tree::{
    self, build, leaf_hash, leaves, value_hash, Beyond, Hash, Leaf, NodeBytes, NodeKey, NotNext, Root, Run,
};
use crate::{Committed, Error, Snapshot};

/// How many bytes of nodes are written at once.
const BATCH_BYTES: usize = 4 << 20;

impl Snapshot {
    /// What this state consists of.
    ///
    /// # Errors
    /// The database fails, or contradicts itself.
    pub fn manifest(&self) -> Result<Manifest, Error> {
        let roots = self.roots()?;
        let names = self.layout().names.iter().cloned();
        Ok(Manifest {
            height: self.height(),
            stores: names.zip(roots.stores.iter().map(Root::hash)).collect(),
        })
    }

    /// The parts of this state, each of about `bytes` bytes: one entry more than fits.
    pub fn parts(&self, bytes: usize) -> Parts {
        Parts { snapshot: self.clone(), bytes, store: 0, from: Some([0; 32]) }
    }
}

/// The iterator that [`Snapshot::parts`] gives. After an error it ends.
pub struct Parts {
    snapshot: Snapshot,
    bytes: usize,
    store: u8,
    /// The least key hash that is still to come in the store.
    from: Option<Hash>,
}

impl Parts {
    fn next_part(&mut self) -> Result<Vec<u8>, Error> {
        let roots = self.snapshot.roots()?;
        let (mut segments, mut room) = (Vec::new(), self.bytes);
        while let Some(root) = roots.stores.get(usize::from(self.store)) {
            if room == 0 {
                break;
            }
            let from = self.from.unwrap_or_default();
            let (segment, next) = self.segment(root, &from, &mut room)?;
            segments.extend(segment);
            self.from = next;
            if next.is_none() {
                (self.store, self.from) = (self.store + 1, Some([0; 32]));
            }
        }
        Ok(if segments.is_empty() { Vec::new() } else { format::encode_list(&segments) })
    }

    /// The entries of the store from key hash `from` on, until there is no `room`; `None` if there are none. And where the
    /// next segment begins, if the store goes on.
    fn segment(
        &self,
        root: &Root,
        from: &Hash,
        room: &mut usize,
    ) -> Result<(Option<Vec<u8>>, Option<Hash>), Error> {
        let nodes = self.snapshot.nodes(self.store);
        let corrupt = |error: tree::Corrupt| Error::Corrupt(error.to_string());
        let lost = || Error::Corrupt(format!("a tree's leaf of store {} has no entry", self.store));
        let mut items = vec![vec![self.store], vec![0]];
        let mut last = None;
        for leaf in leaves(&nodes, root, from) {
            let key_hash = leaf.map_err(corrupt)?.key_hash;
            if let Some(last) = last.filter(|_| *room == 0) {
                let beyond = tree::beyond(&nodes, root, &last).map_err(corrupt)?;
                items[1] = encode_beyond(&beyond.ok_or_else(lost)?);
                return Ok((Some(format::encode_list(&items)), Some(key_hash)));
            }
            let (key, value) = self.snapshot.preimage(self.store, &key_hash).ok_or_else(lost)?;
            *room = room.saturating_sub(key.len() + value.len() + 8);
            items.extend([key, value]);
            last = Some(key_hash);
        }
        Ok((last.map(|_| format::encode_list(&items)), None))
    }
}

impl Iterator for Parts {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_part() {
            Ok(part) => (!part.is_empty()).then_some(Ok(part)),
            Err(error) => {
                self.store = TOP_TREE;
                Some(Err(error))
            }
        }
    }
}

fn encode_beyond(beyond: &Beyond) -> Vec<u8> {
    let mut bytes = vec![1];
    for sibling in beyond {
        match sibling {
            None => bytes.push(0),
            Some(hash) => {
                bytes.push(1);
                bytes.extend_from_slice(hash);
            }
        }
    }
    bytes
}

/// Reads what [`encode_beyond`] wrote, or the 0 of a store's end; `None` if it is neither.
fn decode_beyond(bytes: &[u8]) -> Option<Option<Beyond>> {
    let mut rest = match bytes {
        [0] => return Some(None),
        [1, rest @ ..] => rest,
        _ => return None,
    };
    let mut beyond = Beyond::new();
    while let Some((tag, tail)) = rest.split_first() {
        let (sibling, tail) = match tag {
            0 => (None, tail),
            1 => tail.split_first_chunk::<32>().map(|(hash, tail)| (Some(*hash), tail))?,
            _ => return None,
        };
        beyond.push(sibling);
        rest = tail;
    }
    Some(Some(beyond))
}

/// Why a part or a whole state was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The part is not the next one of the state: whoever sent it is mistaken or lies. Nothing was kept of it.
    #[error("not the next part of the state: {0}")]
    WrongPart(String),
    /// The state is not complete.
    #[error("the state is not complete: entries of store {0:?} are missing")]
    Incomplete(String),
    /// The database failed, or is of no use for this state.
    #[error(transparent)]
    Store(#[from] Error),
}

/// An empty store that is becoming a state, part by part. Nobody sees anything of it before [`Restore::finish`]; a store that
/// never comes so far is emptied when it is opened again.
pub struct Restore {
    store: Store,
    manifest: Manifest,
    /// The store whose entries come next, and those that have come.
    number: usize,
    run: Run,
}

impl Restore {
    /// Begins to make `store` the state of `manifest`, whose app hash the caller has checked.
    ///
    /// # Errors
    /// Something is committed in `store`, the state has a store that this one does not know, or the disk fails.
    pub(crate) fn new(store: Store, manifest: Manifest) -> Result<Self, Error> {
        if let Some(Committed { height, .. }) = store.committed() {
            return Err(Error::NotEmpty { height });
        }
        store.layout_for(manifest.names())?;
        store.rocks().clear()?;
        store.mark_restoring()?;
        let mut restore = Self { store, manifest, number: 0, run: Run::empty() };
        restore.begin_store();
        Ok(restore)
    }

    /// Whether all entries are there.
    pub fn is_complete(&self) -> bool {
        self.number >= self.manifest.stores.len()
    }

    /// Goes to the first store from `number` on that has entries.
    fn begin_store(&mut self) {
        while let Some((_, root)) = self.manifest.stores.get(self.number) {
            if *root != Root::EMPTY.hash() {
                self.run = Run::new(*root);
                return;
            }
            self.number += 1;
        }
    }

    /// Takes the next part.
    ///
    /// # Errors
    /// [`RestoreError::WrongPart`] if it is not that: another one may be tried. The disk fails.
    pub fn apply(&mut self, part: &[u8]) -> Result<(), RestoreError> {
        let wrong = |why: &str| RestoreError::WrongPart(why.to_owned());
        let mut batch = WriteBatch::default();
        let (run, number) = (self.run.clone(), self.number);
        let taken =
            format::decode_list(part).map_err(|_| wrong("it is no list")).and_then(|segments| match segments
                .is_empty()
            {
                true => Err(wrong("it is empty")),
                false => segments.into_iter().try_for_each(|segment| self.take(segment, &mut batch)),
            });
        if taken.is_err() {
            (self.run, self.number) = (run, number);
            return taken;
        }
        Ok(self.store.rocks().write(batch, false)?)
    }

    fn take(&mut self, segment: &[u8], batch: &mut WriteBatch) -> Result<(), RestoreError> {
        let wrong = |why: &str| RestoreError::WrongPart(why.to_owned());
        let items = format::decode_list(segment).map_err(|_| wrong("a segment is no list"))?;
        let [[number], beyond, entries @ ..] = items.as_slice() else {
            return Err(wrong("a segment has no store"));
        };
        if usize::from(*number) != self.number || self.is_complete() {
            return Err(wrong("it is of another store"));
        }
        let beyond = decode_beyond(beyond).ok_or_else(|| wrong("what lies beyond it can't be read"))?;
        let (entries, []) = entries.as_chunks::<2>() else { return Err(wrong("a key has no value")) };
        let leaves: Vec<Leaf> = entries.iter().map(|[key, value]| Leaf::of(key, value)).collect();
        self.run.extend(&leaves, beyond.as_ref()).map_err(|error: NotNext| wrong(&error.to_string()))?;
        let rocks = self.store.rocks();
        let (state, preimages) = (rocks.column(Column::State), rocks.column(Column::Preimages));
        for ([key, value], leaf) in entries.iter().zip(&leaves) {
            batch.put_cf(state, format::state_key(*number, key), value);
            batch.put_cf(preimages, format::preimage_key(*number, &leaf.key_hash), key);
        }
        if beyond.is_none() {
            self.number += 1;
            self.begin_store();
        }
        Ok(())
    }

    /// Makes the restored state the committed one: builds the trees from what is on disk, which must have the root hashes of
    /// the manifest, and syncs it all.
    ///
    /// # Errors
    /// Entries are missing, the disk fails, or it does not give back what was written.
    pub fn finish(self) -> Result<Committed, RestoreError> {
        if let Some((name, _)) = self.manifest.stores.get(self.number) {
            return Err(RestoreError::Incomplete(name.clone()));
        }
        let height = self.manifest.height;
        let mut roots = Vec::new();
        for (number, (name, expected)) in (0..).zip(&self.manifest.stores) {
            let root = build_store(self.store.rocks(), number, height)?;
            if root.hash() != *expected {
                let what = format!("what was restored of store {name:?} does not read back");
                return Err(Error::Corrupt(what).into());
            }
            roots.push(root);
        }
        let mut nodes = Nodes::new(self.store.rocks(), TOP_TREE);
        let leaves = self.manifest.top_leaves().into_iter().map(Ok);
        let top = build(height, leaves, |key, bytes| nodes.put(key, bytes))?;
        nodes.write()?;
        let app_hash = top.hash();
        let roots = Roots { top, stores: roots };
        self.store.finish_restore(
            Head { height, earliest: height, app_hash },
            &roots,
            self.manifest.names(),
        )?;
        Ok(Committed { height, app_hash })
    }
}

/// Builds the tree of a restored store from its entries.
fn build_store(rocks: &Rocks, number: u8, height: u64) -> Result<Root, Error> {
    let mut hashes = rocks.iterator(Column::Preimages, vec![number], vec![number + 1]);
    hashes.seek_to_first();
    let leaves = std::iter::from_fn(|| {
        let (hash, key) = hashes.item()?;
        let leaf = restored_leaf(rocks, number, &hash[1..], key);
        hashes.next();
        Some(leaf)
    });
    let mut nodes = Nodes::new(rocks, number);
    let root = build(height, leaves, |key, bytes| nodes.put(key, bytes))?;
    nodes.write()?;
    hashes.status().map_err(|source| rocks.failed("building a tree", source))?;
    Ok(root)
}

fn restored_leaf(rocks: &Rocks, number: u8, hash: &[u8], key: &[u8]) -> Result<Leaf, Error> {
    let value = rocks.value(Column::State, &format::state_key(number, key))?;
    let lost = || Error::Corrupt(format!("a restored key of store {number} has no value"));
    let value = value.ok_or_else(lost)?;
    let key_hash = Hash::try_from(hash).map_err(|_| Error::Corrupt("a key hash is too short".to_owned()))?;
    Ok(Leaf { key_hash, leaf_hash: leaf_hash(&key_hash, &value_hash(&value)) })
}

/// Nodes on their way to disk.
struct Nodes<'a> {
    rocks: &'a Rocks,
    tree: u8,
    batch: WriteBatch,
}

impl<'a> Nodes<'a> {
    fn new(rocks: &'a Rocks, tree: u8) -> Self {
        Self { rocks, tree, batch: WriteBatch::default() }
    }

    fn put(&mut self, key: NodeKey, bytes: NodeBytes) -> Result<(), Error> {
        self.batch.put_cf(self.rocks.column(Column::Nodes), format::node_key(self.tree, &key), bytes);
        if self.batch.size_in_bytes() >= BATCH_BYTES {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), Error> {
        self.rocks.write(std::mem::take(&mut self.batch), false)
    }
}

/// Writes what makes a restored state the committed one; the last step.
pub(crate) fn seal(rocks: &Rocks, head: &Head, roots: &Roots, names: &[String]) -> Result<(), Error> {
    let mut batch = WriteBatch::default();
    let in_meta = rocks.column(Column::Meta);
    batch.put_cf(in_meta, meta::HEAD, head.encode());
    batch.put_cf(in_meta, meta::FORMAT, format::FORMAT.to_be_bytes());
    batch.put_cf(in_meta, meta::STORES, format::encode_list(names));
    batch.delete_cf(in_meta, meta::RESTORING);
    batch.put_cf(
        rocks.column(Column::Heights),
        format::height_key(Kind::Roots, head.height, 0),
        roots.encode(),
    );
    rocks.write(batch, true)
}
