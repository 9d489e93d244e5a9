//! Writes held in memory over committed state, with checkpoints that can be taken back.
//!
//! One overlay serves a block; a transaction and each attempt within it are checkpoints. Reads of
//! committed state are remembered, because a transaction reads the same account several times.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Which store a key belongs to: an index into [`crate::STORES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoreId(pub u8);

/// Committed state as an overlay reads it. The first byte of a key is its [`StoreId`]. An
/// implementation aborts the process when the disk fails, so reading is infallible.
pub trait Base: Send + Sync {
    /// The value at `key`.
    fn value(&self, key: &[u8]) -> Option<Vec<u8>>;
    /// Keys and values from `start` (inclusive) to `end` (exclusive), ascending or descending.
    fn range<'a>(
        &'a self,
        start: &[u8],
        end: &[u8],
        reverse: bool,
    ) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a>;
}

/// A change of one key: its new value, or `None` when it is removed.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// A point that an overlay can go back to.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Checkpoint(usize);

#[derive(Clone, Debug)]
struct Slot {
    value: Option<Vec<u8>>,
    written: bool,
}

/// Writes over committed state.
pub struct Overlay {
    base: Arc<dyn Base>,
    slots: RefCell<BTreeMap<Vec<u8>, Slot>>,
    journal: Vec<(Vec<u8>, Option<Slot>)>,
}

impl Overlay {
    /// An overlay without writes.
    pub fn new(base: Arc<dyn Base>) -> Self {
        Self { base, slots: RefCell::default(), journal: Vec::new() }
    }

    /// The value at `key`, the newest write first.
    pub fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.inspect(key, |value| value.map(<[u8]>::to_vec))
    }

    /// What `look` makes of the value at `key`, without a copy of it. `look` must not use the overlay.
    pub fn inspect<R>(&self, key: &[u8], look: impl FnOnce(Option<&[u8]>) -> R) -> R {
        if let Some(slot) = self.slots.borrow().get(key) {
            return look(slot.value.as_deref());
        }
        let value = self.base.value(key);
        let seen = look(value.as_deref());
        self.slots.borrow_mut().insert(key.to_vec(), Slot { value, written: false });
        seen
    }

    /// Writes a value, or removes it with `None`.
    pub fn write(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        let slot = Slot { value, written: true };
        let before = self.slots.get_mut().insert(key.clone(), slot);
        self.journal.push((key, before));
    }

    /// Marks the present state, to keep or to go back to.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.journal.len())
    }

    /// Takes back every write since `checkpoint`.
    pub fn revert(&mut self, checkpoint: Checkpoint) {
        let slots = self.slots.get_mut();
        while self.journal.len() > checkpoint.0 {
            match self.journal.pop() {
                Some((key, Some(slot))) => slots.insert(key, slot),
                Some((key, None)) => slots.remove(&key),
                None => None,
            };
        }
    }

    /// Forgets how to go back: everything written so far stays.
    pub fn seal(&mut self) {
        self.journal.clear();
    }

    /// At most `limit` entries from `start` (inclusive) to `end` (exclusive).
    pub fn scan(&self, start: &[u8], end: &[u8], reverse: bool, limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        if start >= end {
            return Vec::new();
        }
        let slots = self.slots.borrow();
        let bounds = (Bound::Included(start), Bound::Excluded(end));
        let written = slots.range::<[u8], _>(bounds).filter(|(_, slot)| slot.written);
        let written: Box<dyn Iterator<Item = (&Vec<u8>, &Slot)>> =
            if reverse { Box::new(written.rev()) } else { Box::new(written) };
        let mut written = written.peekable();
        let mut base = self.base.range(start, end, reverse).peekable();
        let mut found = Vec::new();
        while found.len() < limit {
            let order = match (base.peek(), written.peek()) {
                (None, None) => break,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((left, _)), Some((right, _))) if reverse => right.as_slice().cmp(left),
                (Some((left, _)), Some((right, _))) => left.as_slice().cmp(right),
            };
            if order != std::cmp::Ordering::Greater {
                let entry = base.next();
                if order == std::cmp::Ordering::Less {
                    found.extend(entry);
                    continue;
                }
            }
            if let Some((key, Slot { value: Some(value), .. })) = written.next() {
                found.push((key.clone(), value.clone()));
            }
        }
        found
    }

    /// All writes in order of key, for the commit.
    pub fn into_changes(self) -> Vec<Change> {
        let slots = self.slots.into_inner();
        slots.into_iter().filter(|(_, slot)| slot.written).map(|(key, slot)| (key, slot.value)).collect()
    }

    /// All writes so far in order of key, leaving them in place.
    pub fn changes(&self) -> Vec<Change> {
        let slots = self.slots.borrow();
        let written = slots.iter().filter(|(_, slot)| slot.written);
        written.map(|(key, slot)| (key.clone(), slot.value.clone())).collect()
    }
}
