//! What is remembered of committed state: values, and the beginnings of ranges, that were read before or written by the last
//! blocks. Parameters and counters are read in every block, as are the first entries of queues; an account in the check, the
//! proposal and the block of its transaction.

use jmes_modules::kernel::Change;
use quick_cache::unsync::Cache;
use quick_cache::Weighter;
use std::sync::Arc;

/// About how many values are remembered, and what they may take with their keys, in bytes: those of the largest blocks have
/// room.
const VALUES: usize = 1 << 16;
const VALUES_BYTES: u64 = 24 << 20;
/// How many ranges are remembered.
const RANGES: usize = 256;
/// The most entries that are remembered of a range, and what they may take, in bytes.
pub const ENTRIES: usize = 256;
const ENTRIES_BYTES: usize = 32 << 10;

/// A key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// A range of keys: from, up to before, and whether from the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bounds {
    pub start: Vec<u8>,
    pub end: Vec<u8>,
    pub reverse: bool,
}

/// The first entries of a range, and whether they are all.
#[derive(Debug, Default)]
pub struct Beginning {
    pub entries: Vec<Entry>,
    pub is_all: bool,
}

impl Beginning {
    /// Whether it is short enough to be remembered.
    pub fn is_short(&self) -> bool {
        let bytes = |(key, value): &Entry| key.len() + value.len();
        self.entries.len() <= ENTRIES && self.entries.iter().map(bytes).sum::<usize>() <= ENTRIES_BYTES
    }

    /// Whether one of `changes`, which are in order, may make it another one.
    fn is_touched(&self, bounds: &Bounds, changes: &[Change]) -> bool {
        let last = self.entries.last().filter(|_| !self.is_all).map(|(key, _)| key);
        let low = last.filter(|_| bounds.reverse).unwrap_or(&bounds.start);
        let next = changes.partition_point(|(key, _)| key < low);
        changes.get(next).is_some_and(|(key, _)| match last {
            Some(last) if !bounds.reverse => key <= last,
            _ => key < &bounds.end,
        })
    }
}

/// What is remembered of one state.
pub struct Known {
    values: Cache<Vec<u8>, Option<Vec<u8>>, Bytes>,
    ranges: Cache<Bounds, Arc<Beginning>>,
}

/// Keys and values by their size in memory.
#[derive(Clone)]
struct Bytes;

impl Weighter<Vec<u8>, Option<Vec<u8>>> for Bytes {
    fn weight(&self, key: &Vec<u8>, value: &Option<Vec<u8>>) -> u64 {
        let value = value.as_ref().map_or(0, Vec::len);
        (size_of::<(Vec<u8>, Option<Vec<u8>>)>() + key.len() + value) as u64
    }
}

impl Known {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { values: Cache::with_weighter(VALUES, VALUES_BYTES, Bytes), ranges: Cache::new(RANGES) }
    }

    /// The value of a key, if it is known; `Some(None)` if it is known that there is none.
    pub fn value(&mut self, key: &[u8]) -> Option<Option<Vec<u8>>> {
        self.values.get(key).cloned()
    }

    /// Remembers a value.
    pub fn learn_value(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.values.insert(key, value);
    }

    /// What is known of a range.
    pub fn beginning(&mut self, bounds: &Bounds) -> Option<Arc<Beginning>> {
        self.ranges.get(bounds).cloned()
    }

    /// Remembers how a range begins.
    pub fn learn_beginning(&mut self, bounds: Bounds, beginning: Beginning) {
        self.ranges.insert(bounds, Arc::new(beginning));
    }

    /// Makes it what is known of the state with `changes`, which are in order.
    pub fn change(&mut self, changes: Vec<Change>) {
        self.ranges.retain(|bounds, beginning| !beginning.is_touched(bounds, &changes));
        for (key, value) in changes {
            self.values.insert(key, value);
        }
    }
}
