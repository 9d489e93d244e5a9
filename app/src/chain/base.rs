//! Committed state as overlays read it.

use jmes_modules::kernel::{Base, Change};
use jmes_store::{Changes, Snapshot, StoreId};
use std::ops::Bound;

/// A snapshot of the store. The first byte of an overlay's key is the store.
pub struct StoreBase(pub Snapshot);

impl Base for StoreBase {
    fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        let (store, key) = key.split_first()?;
        self.0.value(StoreId(*store), key)
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
        let entries = self.0.range(StoreId(store), Bound::Included(low), high, reverse);
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
