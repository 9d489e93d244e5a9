//! Committed state as overlays read it.

use super::lock;
use jmes_modules::kernel::{Base, Change};
use jmes_store::{Changes, Snapshot, StoreId};
use std::collections::HashMap;
use std::ops::Bound;
use std::sync::Mutex;

/// A snapshot of the store. The first byte of an overlay's key is the store.
pub struct StoreBase {
    snapshot: Snapshot,
    /// Values read before. The accounts of a transaction are read on one state when its signature is verified in
    /// advance, when it is checked, in the proposal and in the block, each time by another overlay.
    known: Mutex<HashMap<Vec<u8>, Option<Vec<u8>>>>,
}

/// How many values are kept; those of the largest blocks have room.
const KNOWN: usize = 1 << 16;
/// The longest value in bytes that is kept: any account's of one key. All together take some 20 MB at most.
const KNOWN_BYTES: usize = 128;

impl StoreBase {
    /// The state of `snapshot`.
    pub fn new(snapshot: Snapshot) -> Self {
        Self { snapshot, known: Mutex::default() }
    }
}

impl Base for StoreBase {
    fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        if let Some(value) = lock(&self.known).get(key) {
            return value.clone();
        }
        let (store, rest) = key.split_first()?;
        let value = self.snapshot.value(StoreId(*store), rest);
        let is_short = value.as_ref().map_or(0, Vec::len) <= KNOWN_BYTES && key.len() <= KNOWN_BYTES;
        let mut known = lock(&self.known);
        if is_short && known.len() < KNOWN {
            known.insert(key.to_vec(), value.clone());
        }
        value
    }

    fn range<'a>(
        &'a self,
        start: &[u8],
        end: &[u8],
        reverse: bool,
    ) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a> {
        let Some((&store, low)) = start.split_first() else { return Box::new(std::iter::empty()) };
        let high = match end.split_first() {
            Some((&last, high)) if last == store => Bound::Excluded(high),
            _ => Bound::Unbounded,
        };
        let entries = self.snapshot.range(StoreId(store), Bound::Included(low), high, reverse);
        Box::new(entries.map(move |(mut key, value)| {
            key.insert(0, store);
            (key, value)
        }))
    }
}

/// An overlay's writes as the store takes them.
pub fn to_changes(changes: Vec<Change>) -> Changes {
    let split =
        |(key, value): Change| key.split_first().map(|(store, key)| (StoreId(*store), key.to_vec(), value));
    changes.into_iter().filter_map(split).collect()
}

/// State before anything is committed.
pub struct EmptyBase;

impl Base for EmptyBase {
    fn value(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn range<'a>(&'a self, _: &[u8], _: &[u8], _: bool) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a> {
        Box::new(std::iter::empty())
    }
}
