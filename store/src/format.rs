//! The bytes on disk: keys and records of every column. The page that explains them is in the crate's documentation.

use std::ops::Bound;

use crate::tree::{Hash, NodeKey, Root};
use crate::Error;

/// The layout this program reads and writes.
pub const FORMAT: u32 = 1;
/// The number of the top-level tree among the trees in the nodes column; stores have 0 to 254.
pub const TOP_TREE: u8 = 255;
/// The most entries of one chunk of a per-height list, so that pruning can stop between chunks.
pub const CHUNK_ENTRIES: usize = 512;

/// What the meta column holds under each key.
pub mod meta {
    /// [`super::Head`]: the last committed height.
    pub const HEAD: &[u8] = b"head";
    /// The number of the layout, four bytes big-endian.
    pub const FORMAT: &[u8] = b"format";
    /// The names of the stores, in the order of their numbers.
    pub const STORES: &[u8] = b"stores";

    /// There while a state is restored that is not complete.
    pub const RESTORING: &[u8] = b"restoring";

    /// The key of an entry of the application's own.
    pub fn application(key: &str) -> Vec<u8> {
        [b"app/", key.as_bytes()].concat()
    }
}

/// Which per-height record a key of the heights column names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The keys a height changed: a chunk of [`Change`]s.
    Changes = b'c',
    /// The roots of the trees at a height: [`Roots`].
    Roots = b'r',
    /// The tree nodes that a height replaced: a chunk of stored node keys.
    Stale = b's',
}

/// The key of the current value of `key`.
pub fn state_key(store: u8, key: &[u8]) -> Vec<u8> {
    [&[store], key].concat()
}

/// What all history records of `key` begin with: the store, the key with each 0x00 written 0x00 0xff, and 0x00 0x01.
/// No such prefix is a prefix of another, and they sort as the keys do.
pub fn history_prefix(store: u8, key: &[u8]) -> Vec<u8> {
    let mut prefix = Vec::with_capacity(key.len() + 11);
    prefix.push(store);
    for &byte in key {
        prefix.push(byte);
        if byte == 0 {
            prefix.push(0xff);
        }
    }
    prefix.extend_from_slice(&[0, 1]);
    prefix
}

/// The key of the history record that `height` made under `prefix`.
pub fn history_key(prefix: &[u8], height: u64) -> Vec<u8> {
    [prefix, &height.to_be_bytes()].concat()
}

/// The prefix and the height in the key of a history record.
pub fn split_history_key(bytes: &[u8]) -> Result<(&[u8], u64), Error> {
    let (prefix, height) = bytes.split_last_chunk::<8>().ok_or_else(|| corrupt("a history key", bytes))?;
    Ok((prefix, u64::from_be_bytes(*height)))
}

/// The raw key that a history prefix stands for.
pub fn unescape(prefix: &[u8]) -> Result<Vec<u8>, Error> {
    let malformed = || corrupt("a history key", prefix);
    let [_store, body @ .., 0, 1] = prefix else { return Err(malformed()) };
    let mut key = Vec::with_capacity(body.len());
    let mut bytes = body.iter();
    while let Some(&byte) = bytes.next() {
        key.push(byte);
        if byte == 0 && bytes.next() != Some(&0xff) {
            return Err(malformed());
        }
    }
    Ok(key)
}

/// A history record: what the key held before, or that it held nothing.
pub fn encode_previous(value: Option<&[u8]>) -> Vec<u8> {
    match value {
        None => vec![0],
        Some(value) => [&[1], value].concat(),
    }
}

/// Reads what [`encode_previous`] wrote.
pub fn decode_previous(bytes: &[u8]) -> Result<Option<&[u8]>, Error> {
    match bytes {
        [0] => Ok(None),
        [1, value @ ..] => Ok(Some(value)),
        _ => Err(corrupt("a history record", bytes)),
    }
}

/// The lower (inclusive) and upper (exclusive) keys, in the state column, of the raw keys between `start` and `end`.
pub fn state_bounds(store: u8, start: Bound<&[u8]>, end: Bound<&[u8]>) -> (Vec<u8>, Vec<u8>) {
    let after = |key: &[u8]| [&[store], key, &[0]].concat();
    let lower = match start {
        Bound::Unbounded => vec![store],
        Bound::Included(key) => state_key(store, key),
        Bound::Excluded(key) => after(key),
    };
    let upper = match end {
        Bound::Unbounded => vec![store.saturating_add(1)],
        Bound::Included(key) => after(key),
        Bound::Excluded(key) => state_key(store, key),
    };
    (lower, upper)
}

/// The same as [`state_bounds`] for the history column.
pub fn history_bounds(store: u8, start: Bound<&[u8]>, end: Bound<&[u8]>) -> (Vec<u8>, Vec<u8>) {
    let after = |key: &[u8]| history_key(&history_prefix(store, key), u64::MAX);
    let lower = match start {
        Bound::Unbounded => vec![store],
        Bound::Included(key) => history_prefix(store, key),
        Bound::Excluded(key) => after(key),
    };
    let upper = match end {
        Bound::Unbounded => vec![store.saturating_add(1)],
        Bound::Included(key) => after(key),
        Bound::Excluded(key) => history_prefix(store, key),
    };
    (lower, upper)
}

/// Which record of a kind in the heights column. They sort as their keys do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The height that recorded it.
    pub height: u64,
    /// Its number among those of the height.
    pub chunk: u32,
}

impl Place {
    /// The first record of `height`.
    pub fn first(height: u64) -> Self {
        Self { height, chunk: 0 }
    }

    /// The record's key.
    pub fn key(&self, kind: Kind) -> Vec<u8> {
        [&[kind as u8][..], &self.height.to_be_bytes(), &self.chunk.to_be_bytes()].concat()
    }

    /// The place in a key of the heights column.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let parts = || {
            let (height, chunk) = bytes.get(1..)?.split_first_chunk()?;
            Some((u64::from_be_bytes(*height), u32::from_be_bytes(chunk.try_into().ok()?)))
        };
        let (height, chunk) = parts().ok_or_else(|| corrupt("a height key", bytes))?;
        Ok(Self { height, chunk })
    }
}

/// The key of chunk `chunk` of what `height` recorded of `kind`.
pub fn height_key(kind: Kind, height: u64, chunk: u32) -> Vec<u8> {
    Place { height, chunk }.key(kind)
}

/// The key of a node of the tree with number `tree`.
pub fn node_key(tree: u8, node: &NodeKey) -> Vec<u8> {
    [&[tree], node.encode().as_slice()].concat()
}

/// What the keys of the nodes that `version` of a tree wrote begin with.
pub fn node_version(tree: u8, version: u64) -> Vec<u8> {
    [&[tree], version.to_be_bytes().as_slice()].concat()
}

/// The key under which the raw key behind `hash` is found.
pub fn preimage_key(store: u8, hash: &Hash) -> Vec<u8> {
    [&[store], hash.as_slice()].concat()
}

/// One key that a height changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    pub store: u8,
    pub key: &'a [u8],
    pub effect: Effect,
}

/// What became of a changed key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Effect {
    /// It was there before and has another value now.
    Replaced = 0,
    /// It was not there before.
    Created = 1,
    /// It is gone.
    Deleted = 2,
}

/// A chunk of changed keys: for each its effect, its store, its length (four bytes, big-endian) and the key.
pub fn encode_changes(changes: &[Change]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for change in changes {
        bytes.extend_from_slice(&[change.effect as u8, change.store]);
        push_bytes(&mut bytes, change.key);
    }
    bytes
}

/// Reads what [`encode_changes`] wrote.
pub fn decode_changes(bytes: &[u8]) -> Result<Vec<Change<'_>>, Error> {
    let mut rest = bytes;
    let mut changes = Vec::new();
    let malformed = || corrupt("a list of changed keys", bytes);
    while let [effect, store, tail @ ..] = rest {
        let effect = match effect {
            0 => Effect::Replaced,
            1 => Effect::Created,
            2 => Effect::Deleted,
            _ => return Err(malformed()),
        };
        let (key, tail) = split_bytes(tail).ok_or_else(malformed)?;
        changes.push(Change { store: *store, key, effect });
        rest = tail;
    }
    if rest.is_empty() {
        Ok(changes)
    } else {
        Err(malformed())
    }
}

/// A list of byte strings, each behind its length (four bytes, big-endian).
pub fn encode_list(items: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    items.iter().for_each(|item| push_bytes(&mut bytes, item.as_ref()));
    bytes
}

/// Reads what [`encode_list`] wrote.
pub fn decode_list(bytes: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let mut rest = bytes;
    let mut items = Vec::new();
    while !rest.is_empty() {
        let (item, tail) = split_bytes(rest).ok_or_else(|| corrupt("a list", bytes))?;
        items.push(item);
        rest = tail;
    }
    Ok(items)
}

fn push_bytes(bytes: &mut Vec<u8>, item: &[u8]) {
    // RocksDB itself takes no key or value of 4 GiB, so no length is ever cut.
    bytes.extend_from_slice(&u32::try_from(item.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(item);
}

fn split_bytes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// The last committed height, with what it hashes to and how far back reads go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub height: u64,
    pub earliest: u64,
    pub app_hash: Hash,
}

impl Head {
    /// Height, earliest height (eight bytes each, big-endian), app hash.
    pub fn encode(&self) -> Vec<u8> {
        [&self.height.to_be_bytes()[..], &self.earliest.to_be_bytes(), &self.app_hash].concat()
    }

    /// Reads what [`Head::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let parts = bytes.split_first_chunk::<8>().and_then(|(height, rest)| {
            let (earliest, app_hash) = rest.split_first_chunk::<8>()?;
            Some((*height, *earliest, app_hash.try_into().ok()?))
        });
        let (height, earliest, app_hash) = parts.ok_or_else(|| corrupt("the head record", bytes))?;
        Ok(Self { height: u64::from_be_bytes(height), earliest: u64::from_be_bytes(earliest), app_hash })
    }
}

/// The roots of all trees at one height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// The root of the tree of store names; its hash is the app hash.
    pub top: Root,
    /// The root of each store that exists at this height, by number.
    pub stores: Vec<Root>,
}

impl Roots {
    /// Before the first commit: no stores, an empty tree of them.
    pub const NONE: Self = Self { top: Root::EMPTY, stores: Vec::new() };

    /// A list: the top root, then those of the stores in the order of their numbers.
    pub fn encode(&self) -> Vec<u8> {
        let roots = std::iter::once(&self.top).chain(&self.stores);
        encode_list(&roots.map(Root::encode).collect::<Vec<_>>())
    }

    /// Reads what [`Roots::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let malformed = || corrupt("a record of roots", bytes);
        let roots: Option<Vec<Root>> = decode_list(bytes)?.into_iter().map(Root::decode).collect();
        let mut roots = roots.ok_or_else(malformed)?.into_iter();
        Ok(Self { top: roots.next().ok_or_else(malformed)?, stores: roots.collect() })
    }
}

fn corrupt(what: &str, bytes: &[u8]) -> Error {
    let shown: String = bytes.iter().take(48).map(|byte| format!("{byte:02x}")).collect();
    let cut = if bytes.len() > 48 { "…" } else { "" };
    Error::Corrupt(format!("{what} reads {shown}{cut}, which this program never writes"))
}
