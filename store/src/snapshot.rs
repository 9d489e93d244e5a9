//! Reading the state of one height: single values, ranges, and the roots of the trees.

use std::ops::Bound;
use std::sync::Arc;

use rocksdb::DBRawIterator;

use crate::cache::NodeCache;
use crate::format::{self, Head, Kind, Roots};
use crate::range::Range;
use crate::rocks::{Column, Pinned};
use crate::store::Layout;
use crate::tree::{NodeBytes, NodeKey, Nodes};
use crate::{fatal, Error, StoreId};

/// The state after one block, unmoved by later commits and pruning for as long as it is held. Clones are cheap.
/// Held for long it keeps replaced values on disk.
///
/// Reads don't fail: a disk that can't be read ends the process, see [`fatal`].
#[derive(Clone)]
pub struct Snapshot {
    moment: Arc<Moment>,
    height: u64,
}

/// What was committed at one moment, and the database of that moment.
pub(crate) struct Moment {
    pub pinned: Pinned,
    pub nodes: Arc<NodeCache>,
    pub head: Option<Head>,
    pub roots: Roots,
    pub layout: Arc<Layout>,
}

impl Moment {
    /// The roots at `height`.
    pub fn read_roots(pinned: &Pinned, height: u64) -> Result<Roots, Error> {
        let bytes = pinned.value(Column::Heights, &format::height_key(Kind::Roots, height, 0))?;
        let missing = || Error::Corrupt(format!("the roots of height {height} are missing"));
        Roots::decode(&bytes.ok_or_else(missing)?)
    }
}

impl Snapshot {
    /// The height of this state; 0 before the first commit.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// The value of `key` in `store`. A store that isn't open is empty.
    pub fn value(&self, store: StoreId, key: &[u8]) -> Option<Vec<u8>> {
        let number = self.moment.layout.number(store)?;
        self.try_value(number, key).unwrap_or_else(|err| fatal("reading the state", err))
    }

    /// The entries of `store` with keys from `start` to `end`, in key order, or in the reverse order; read as the
    /// iterator goes. Bounds that cross give nothing.
    pub fn range(
        &self,
        store: StoreId,
        start: Bound<&[u8]>,
        end: Bound<&[u8]>,
        reverse: bool,
    ) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + '_> {
        let Some(number) = self.moment.layout.number(store) else { return Box::new(std::iter::empty()) };
        let (lower, upper) = format::state_bounds(number, start, end);
        if lower >= upper {
            return Box::new(std::iter::empty());
        }
        let current = self.moment.pinned.iterator(Column::State, lower, upper);
        let history = (!self.is_latest()).then(|| {
            let (lower, upper) = format::history_bounds(number, start, end);
            self.moment.pinned.iterator(Column::History, lower, upper)
        });
        Box::new(Range::new(current, history, self.height, reverse))
    }

    /// The latest state of `moment`.
    pub(crate) fn latest(moment: Moment) -> Self {
        let height = moment.head.map_or(0, |head| head.height);
        Self { moment: Arc::new(moment), height }
    }

    /// The state at another height.
    pub(crate) fn at(&self, height: u64) -> Result<Self, Error> {
        let head = self.moment.head.ok_or(Error::Empty)?;
        if height < head.earliest || height > head.height {
            return Err(Error::HeightNotKept { height, earliest: head.earliest, latest: head.height });
        }
        Ok(Self { moment: self.moment.clone(), height })
    }

    pub(crate) fn head(&self) -> Option<Head> {
        self.moment.head
    }

    pub(crate) fn layout(&self) -> &Arc<Layout> {
        &self.moment.layout
    }

    pub(crate) fn pinned(&self) -> &Pinned {
        &self.moment.pinned
    }

    /// The roots of the trees at this height.
    pub(crate) fn roots(&self) -> Result<Roots, Error> {
        if self.is_latest() {
            return Ok(self.moment.roots.clone());
        }
        Moment::read_roots(&self.moment.pinned, self.height)
    }

    /// The stored nodes of the tree with number `tree`.
    pub(crate) fn nodes(&self, tree: u8) -> TreeNodes<'_> {
        TreeNodes { pinned: &self.moment.pinned, cache: &self.moment.nodes, tree }
    }

    /// The value of `key` in the store with number `store`.
    pub(crate) fn try_value(&self, store: u8, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let pinned = &self.moment.pinned;
        if !self.is_latest() {
            if let Some(value) = self.value_before_change(store, key)? {
                return Ok(value);
            }
        }
        Ok(pinned.value(Column::State, &format::state_key(store, key))?.map(|value| value.to_vec()))
    }

    /// What `key` held before the first change above this height; `None` if there was no such change.
    fn value_before_change(&self, store: u8, key: &[u8]) -> Result<Option<Option<Vec<u8>>>, Error> {
        let prefix = format::history_prefix(store, key);
        let lower = format::history_key(&prefix, self.height.saturating_add(1));
        let upper = format::history_key(&prefix, u64::MAX);
        let mut records = self.moment.pinned.iterator(Column::History, lower, upper);
        records.seek_to_first();
        let value =
            records.value().map(format::decode_previous).transpose()?.map(|value| value.map(<[u8]>::to_vec));
        self.finished(&records)?;
        Ok(value)
    }

    /// Tells the end of an iterator from a failed read.
    fn finished(&self, iterator: &DBRawIterator<'_>) -> Result<(), Error> {
        iterator.status().map_err(|source| self.moment.pinned.rocks().failed("reading history", source))
    }

    fn is_latest(&self) -> bool {
        self.moment.head.is_none_or(|head| head.height == self.height)
    }
}

/// The stored nodes of one tree.
pub(crate) struct TreeNodes<'a> {
    pinned: &'a Pinned,
    cache: &'a NodeCache,
    tree: u8,
}

impl Nodes for TreeNodes<'_> {
    fn node(&self, key: &NodeKey) -> Option<NodeBytes> {
        if let Some(bytes) = self.cache.get(self.tree, key) {
            return Some(bytes);
        }
        let bytes = self.pinned.value(Column::Nodes, &format::node_key(self.tree, key));
        let bytes = NodeBytes::from(&bytes.unwrap_or_else(|err| fatal("reading a tree node", err))?[..]);
        self.cache.insert(self.tree, *key, bytes.clone());
        Some(bytes)
    }
}
