//! Deleting what no kept height needs, a bounded part at a time, and going back one height.

use std::ops::Range;

use rocksdb::WriteBatch;

use crate::format::{self, meta, Change, Effect, Head, Kind, Place, CHUNK_ENTRIES, TOP_TREE};
use crate::rocks::{Column, Rocks};
use crate::tree::key_hash;
use crate::{Error, Snapshot};

/// How many records each commit may delete at least, so that a backlog goes away also while blocks are empty.
const LEAST_WORK: usize = 1000;

/// Up to where per-height records are known to be deleted, by kind: saves looking for the first one.
#[derive(Default)]
pub struct Pruning {
    changes: Option<Place>,
    stale: Option<Place>,
    roots: Option<Place>,
}

/// Deletes records that only heights below `head.earliest` need: at most some more than twice the `added` ones, so
/// that it keeps up with any load and never takes much longer than the commit itself. It need not be synced: what
/// is lost is deleted again.
pub fn prune(rocks: &Rocks, head: &Head, done: &mut Pruning, added: usize) -> Result<(), Error> {
    let mut work = Work { rocks, batch: WriteBatch::default(), left: LEAST_WORK.saturating_add(2 * added) };
    // A change at height h says what heights below h read; so do the nodes that h replaced. Roots are those of h.
    let beyond = head.earliest.saturating_add(1);
    done.changes = work.delete(Kind::Changes, done.changes, beyond)?;
    done.stale = work.delete(Kind::Stale, done.stale, beyond)?;
    done.roots = work.delete(Kind::Roots, done.roots, head.earliest)?;
    if work.batch.is_empty() {
        return Ok(());
    }
    rocks.write(work.batch, false)
}

struct Work<'a> {
    rocks: &'a Rocks,
    batch: WriteBatch,
    /// How many more records may be deleted.
    left: usize,
}

impl Work<'_> {
    /// Deletes the records of `kind` from `from` on, or from the first one, up to those of height `end`, with all that they
    /// list; gives the place it came to.
    fn delete(&mut self, kind: Kind, from: Option<Place>, end: u64) -> Result<Option<Place>, Error> {
        let mut place = match from {
            Some(place) => place,
            None => self.first(kind, end)?,
        };
        while place.height < end && self.left > 0 {
            let key = place.key(kind);
            let listed = match self.rocks.value(Column::Heights, &key)? {
                None => 0,
                Some(value) => {
                    self.batch.delete_cf(self.rocks.column(Column::Heights), key);
                    match kind {
                        Kind::Changes => {
                            self.delete_changes(place.height, &format::decode_changes(&value)?)?
                        }
                        Kind::Stale => self.delete_nodes(&format::decode_list(&value)?),
                        Kind::Roots => 0,
                    }
                }
            };
            self.left = self.left.saturating_sub(listed + 1);
            // A chunk that is not full is the height's last.
            place = match listed {
                CHUNK_ENTRIES => Place { chunk: place.chunk + 1, ..place },
                _ => Place::first(place.height + 1),
            };
        }
        Ok(Some(place))
    }

    /// The first record of `kind`, or the first place of `end`.
    fn first(&self, kind: Kind, end: u64) -> Result<Place, Error> {
        let mut records = self.rocks.iterator(Column::Heights, key_of(kind, 0), key_of(kind, end));
        records.seek_to_first();
        records.status().map_err(|source| self.rocks.failed("pruning", source))?;
        records.key().map_or(Ok(Place::first(end)), Place::decode)
    }

    fn delete_changes(&mut self, height: u64, changes: &[Change]) -> Result<usize, Error> {
        for change in changes {
            let prefix = format::history_prefix(change.store, change.key);
            self.batch.delete_cf(self.rocks.column(Column::History), format::history_key(&prefix, height));
            // A deleted key's hash is needed for as long as a kept height has the key.
            let gone = change.effect == Effect::Deleted
                && self.rocks.value(Column::State, &format::state_key(change.store, change.key))?.is_none()
                && !has_history(self.rocks, &prefix, height.saturating_add(1)..u64::MAX)?;
            if gone {
                let preimage = format::preimage_key(change.store, &key_hash(change.key));
                self.batch.delete_cf(self.rocks.column(Column::Preimages), preimage);
            }
        }
        Ok(changes.len())
    }

    fn delete_nodes(&mut self, nodes: &[&[u8]]) -> usize {
        nodes.iter().for_each(|node| self.batch.delete_cf(self.rocks.column(Column::Nodes), node));
        nodes.len()
    }
}

/// Writes the state of the height before the one that `latest` is of.
pub fn rollback(rocks: &Rocks, latest: &Snapshot) -> Result<(), Error> {
    let head = latest.head().ok_or(Error::Empty)?;
    let before = head.height.saturating_sub(1);
    let roots = latest.at(before)?.roots()?;
    let mut batch = WriteBatch::default();
    undo_changes(rocks, &mut batch, head.height)?;

    let height = head.height;
    let in_heights = rocks.column(Column::Heights);
    for kind in [Kind::Changes, Kind::Stale, Kind::Roots] {
        batch.delete_range_cf(in_heights, key_of(kind, height), key_of(kind, height.saturating_add(1)));
    }
    for tree in (0..=TOP_TREE).take(latest.layout().names.len()).chain([TOP_TREE]) {
        let (from, to) =
            (format::node_version(tree, height), format::node_version(tree, height.saturating_add(1)));
        batch.delete_range_cf(rocks.column(Column::Nodes), from, to);
    }
    let in_meta = rocks.column(Column::Meta);
    let head = Head { height: before, earliest: head.earliest, app_hash: roots.top.hash() };
    batch.put_cf(in_meta, meta::HEAD, head.encode());
    batch.put_cf(in_meta, meta::STORES, format::encode_list(&latest.layout().names[..roots.stores.len()]));
    rocks.write(batch, true)
}

/// Puts back what the keys changed at `height` held before.
fn undo_changes(rocks: &Rocks, batch: &mut WriteBatch, height: u64) -> Result<(), Error> {
    let end = key_of(Kind::Changes, height.saturating_add(1));
    let mut chunks = rocks.iterator(Column::Heights, key_of(Kind::Changes, height), end);
    chunks.seek_to_first();
    while let Some((_, chunk)) = chunks.item() {
        for Change { store, key, effect } in format::decode_changes(chunk)? {
            let prefix = format::history_prefix(store, key);
            let record = format::history_key(&prefix, height);
            let previous = rocks.value(Column::History, &record)?;
            let lost =
                || Error::Corrupt(format!("height {height} has no history record of a key it changed"));
            let previous = previous.ok_or_else(lost)?;
            let state_key = format::state_key(store, key);
            match format::decode_previous(&previous)? {
                Some(value) => batch.put_cf(rocks.column(Column::State), state_key, value),
                None => batch.delete_cf(rocks.column(Column::State), state_key),
            }
            batch.delete_cf(rocks.column(Column::History), record);
            let unknown_before = effect == Effect::Created && !has_history(rocks, &prefix, 0..height)?;
            if unknown_before {
                let preimage = format::preimage_key(store, &key_hash(key));
                batch.delete_cf(rocks.column(Column::Preimages), preimage);
            }
        }
        chunks.next();
    }
    chunks.status().map_err(|source| rocks.failed("rolling back", source))
}

/// Whether the key with history prefix `prefix` changed at any of `heights`.
fn has_history(rocks: &Rocks, prefix: &[u8], heights: Range<u64>) -> Result<bool, Error> {
    let (from, to) = (format::history_key(prefix, heights.start), format::history_key(prefix, heights.end));
    let mut records = rocks.iterator(Column::History, from, to);
    records.seek_to_first();
    records.status().map_err(|source| rocks.failed("reading history", source))?;
    Ok(records.valid())
}

/// Where the records of `kind` of `height` begin.
fn key_of(kind: Kind, height: u64) -> Vec<u8> {
    format::height_key(kind, height, 0)
}
