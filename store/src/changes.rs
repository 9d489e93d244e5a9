//! The changes one block makes: per store a sorted map from key to new value, or to nothing for a deletion.

use std::collections::BTreeMap;

/// A store, as its position in the list passed to [`crate::Store::open`]. On disk a store is known by its name, so
/// the order of that list may change from one version of a program to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(pub u8);

/// The changes between two heights. `None` deletes the key; later entries for a key replace earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    stores: BTreeMap<StoreId, StoreChanges>,
}

/// The changes of one store, in key order.
pub(crate) type StoreChanges = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

impl Changes {
    /// No changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key` of `store` to `value`. Both may be empty, but ICS-23 can't express proofs of an empty key or value,
    /// nor proofs of absence of its neighbours: give sets and markers a value of one byte.
    pub fn set(&mut self, store: StoreId, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.insert(store, key.into(), Some(value.into()));
    }

    /// Deletes `key` of `store`; deleting what is not there is no change.
    pub fn delete(&mut self, store: StoreId, key: impl Into<Vec<u8>>) {
        self.insert(store, key.into(), None);
    }

    /// Sets (`Some`) or deletes (`None`) `key` of `store`.
    pub fn insert(&mut self, store: StoreId, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.stores.entry(store).or_default().insert(key, value);
    }

    /// How many keys are set or deleted, in all stores.
    pub fn len(&self) -> usize {
        self.stores.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every change, by store and then by key.
    pub fn iter(&self) -> impl Iterator<Item = (StoreId, &[u8], Option<&[u8]>)> {
        self.stores.iter().flat_map(|(&id, keys)| {
            keys.iter().map(move |(key, value)| (id, key.as_slice(), value.as_deref()))
        })
    }

    pub(crate) fn into_stores(self) -> BTreeMap<StoreId, StoreChanges> {
        self.stores
    }
}

impl Extend<(StoreId, Vec<u8>, Option<Vec<u8>>)> for Changes {
    fn extend<I: IntoIterator<Item = (StoreId, Vec<u8>, Option<Vec<u8>>)>>(&mut self, changes: I) {
        for (store, key, value) in changes {
            self.insert(store, key, value);
        }
    }
}

impl FromIterator<(StoreId, Vec<u8>, Option<Vec<u8>>)> for Changes {
    fn from_iter<I: IntoIterator<Item = (StoreId, Vec<u8>, Option<Vec<u8>>)>>(changes: I) -> Self {
        let mut all = Changes::new();
        all.extend(changes);
        all
    }
}
