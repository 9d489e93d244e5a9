//! Committed state as overlays read it.

use super::known::{Beginning, Bounds, Entry, Known, ENTRIES};
use super::lock;
use jmes_modules::kernel::{Base, Change};
use jmes_store::{Changes, Snapshot, StoreId};
use std::ops::Bound;
use std::sync::{Arc, Mutex};

/// A snapshot of the store. The first byte of an overlay's key is the store.
pub struct StoreBase {
    snapshot: Snapshot,
    /// `None` where nobody reads twice, and after [`Self::follow`].
    known: Mutex<Option<Known>>,
}

impl StoreBase {
    /// The state of `snapshot`, for a few reads.
    pub fn new(snapshot: Snapshot) -> Self {
        Self { snapshot, known: Mutex::new(None) }
    }

    /// The state of `snapshot`, of which is remembered what is read.
    pub fn remembering(snapshot: Snapshot) -> Self {
        Self { snapshot, known: Mutex::new(Some(Known::new())) }
    }

    /// The state of `snapshot`, which is this one with `changes`, in order. It takes over what is known; from now on this one
    /// reads from the store.
    pub fn follow(&self, snapshot: Snapshot, changes: Vec<Change>) -> Self {
        let mut known = lock(&self.known).take();
        if let Some(known) = &mut known {
            known.change(changes);
        }
        Self { snapshot, known: Mutex::new(known) }
    }

    /// A range as the store has it.
    fn stored_range(&self, bounds: &Bounds) -> Box<dyn Iterator<Item = Entry> + '_> {
        let Some((&store, low)) = bounds.start.split_first() else { return Box::new(std::iter::empty()) };
        let high = match bounds.end.split_first() {
            Some((&last, high)) if last == store => Bound::Excluded(high),
            _ => Bound::Unbounded,
        };
        let entries = self.snapshot.range(StoreId(store), Bound::Included(low), high, bounds.reverse);
        Box::new(entries.map(move |(mut key, value)| {
            key.insert(0, store);
            (key, value)
        }))
    }
}

impl Base for StoreBase {
    fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        if let Some(value) = lock(&self.known).as_mut().and_then(|known| known.value(key)) {
            return value;
        }
        let (store, rest) = key.split_first()?;
        let value = self.snapshot.value(StoreId(*store), rest);
        if let Some(known) = lock(&self.known).as_mut() {
            known.learn_value(key.to_vec(), value.clone());
        }
        value
    }

    fn range<'a>(
        &'a self,
        start: &[u8],
        end: &[u8],
        reverse: bool,
    ) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a> {
        let bounds = Bounds { start: start.to_vec(), end: end.to_vec(), reverse };
        let known = match lock(&self.known).as_mut() {
            None => return self.stored_range(&bounds),
            Some(known) => known.beginning(&bounds).unwrap_or_default(),
        };
        Box::new(Range { base: self, bounds, known, given: 0, stored: None, read: Beginning::default() })
    }
}

/// A range whose beginning may be known. What is read of it from the store is remembered when it is dropped, if it is not too
/// long.
struct Range<'a> {
    base: &'a StoreBase,
    bounds: Bounds,
    known: Arc<Beginning>,
    /// How many of the known entries have been given.
    given: usize,
    /// The entries after the known ones, once they are wanted.
    stored: Option<Box<dyn Iterator<Item = Entry> + 'a>>,
    /// What has been read of them.
    read: Beginning,
}

impl Range<'_> {
    /// What lies behind the known entries.
    fn rest(&self) -> Bounds {
        let mut rest = self.bounds.clone();
        match self.known.entries.last() {
            Some((last, _)) if rest.reverse => rest.end.clone_from(last),
            Some((last, _)) => rest.start = [last, &[0][..]].concat(),
            None => {}
        }
        rest
    }
}

impl Iterator for Range<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if let Some(entry) = self.known.entries.get(self.given) {
            self.given += 1;
            return Some(entry.clone());
        }
        if self.known.is_all || self.read.is_all {
            return None;
        }
        let stored = match self.stored.take() {
            Some(stored) => stored,
            None => self.base.stored_range(&self.rest()),
        };
        let entry = self.stored.insert(stored).next();
        match &entry {
            None => self.read.is_all = true,
            Some(entry) if self.read.entries.len() <= ENTRIES => self.read.entries.push(entry.clone()),
            Some(_) => {}
        }
        entry
    }
}

impl Drop for Range<'_> {
    fn drop(&mut self) {
        let read = std::mem::take(&mut self.read);
        if read.entries.is_empty() && !read.is_all {
            return;
        }
        let beginning =
            Beginning { entries: [&self.known.entries[..], &read.entries].concat(), is_all: read.is_all };
        if let Some(known) = lock(&self.base.known).as_mut().filter(|_| beginning.is_short()) {
            known.learn_beginning(self.bounds.clone(), beginning);
        }
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
