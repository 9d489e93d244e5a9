//! Entries in key order at one height: the current entries, corrected by the history of what changed since.

use std::cmp::Ordering;

use rocksdb::DBRawIterator;

use crate::{fatal, format, Error};

/// A key and its value.
type Entry = (Vec<u8>, Vec<u8>);

/// The entries of a range at one height; see [`crate::Snapshot::range`].
pub struct Range<'a> {
    /// The current entries within the bounds, by store number and raw key.
    current: DBRawIterator<'a>,
    /// What changed above the height; `None` when the current entries are the ones asked for.
    history: Option<History<'a>>,
    reverse: bool,
}

impl<'a> Range<'a> {
    /// Merges the iterators of the state and of the history columns, each within its bounds, as of `height`.
    pub fn new(
        mut current: DBRawIterator<'a>,
        history: Option<DBRawIterator<'a>>,
        height: u64,
        reverse: bool,
    ) -> Self {
        if reverse {
            current.seek_to_last();
        } else {
            current.seek_to_first();
        }
        Self { current, history: history.map(|records| History::new(records, height, reverse)), reverse }
    }

    fn advance_current(&mut self) {
        if self.reverse {
            self.current.prev();
        } else {
            self.current.next();
        }
    }

    /// The current entry, which no change since the height has touched.
    fn take_current(&mut self) -> Option<Entry> {
        let entry = self.current.item().map(|(key, value)| (key[1..].to_vec(), value.to_vec()))?;
        self.advance_current();
        Some(entry)
    }

    fn try_next(&mut self) -> Result<Option<Entry>, Error> {
        while let Some((changed, _)) = self.history.as_ref().and_then(|history| history.next.as_ref()) {
            let order = match self.current.key() {
                None => Ordering::Greater,
                Some(key) if self.reverse => changed.as_slice().cmp(&key[1..]),
                Some(key) => key[1..].cmp(changed),
            };
            match order {
                Ordering::Less => return Ok(self.take_current()),
                Ordering::Equal => self.advance_current(),
                Ordering::Greater => {}
            }
            if let Some((key, Some(value))) = self.history.as_mut().map(History::take).transpose()?.flatten()
            {
                return Ok(Some((key, value)));
            }
        }
        Ok(self.take_current())
    }
}

impl Iterator for Range<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.try_next().unwrap_or_else(|err| fatal("reading a range of the state", err));
        if entry.is_none() {
            self.current.status().unwrap_or_else(|err| fatal("reading a range of the state", err));
        }
        entry
    }
}

/// A changed key and what it held at the height.
type Earlier = (Vec<u8>, Option<Vec<u8>>);

/// The keys that changed above a height, in order, each with what it held at the height. Keys with many records cost
/// two or three seeks each, however many there are.
struct History<'a> {
    records: DBRawIterator<'a>,
    height: u64,
    reverse: bool,
    next: Option<Earlier>,
}

impl<'a> History<'a> {
    fn new(mut records: DBRawIterator<'a>, height: u64, reverse: bool) -> Self {
        if reverse {
            records.seek_to_last();
        } else {
            records.seek_to_first();
        }
        let mut history = Self { records, height, reverse, next: None };
        history.next = history.find().unwrap_or_else(|err| fatal("reading a range of history", err));
        history
    }

    /// Gives the next key and finds the one after it.
    fn take(&mut self) -> Result<Option<Earlier>, Error> {
        let following = if self.next.is_some() { self.find()? } else { None };
        Ok(std::mem::replace(&mut self.next, following))
    }

    /// Finds the first key, from the iterator's place on, that changed above the height; leaves the iterator behind
    /// all records of that key.
    fn find(&mut self) -> Result<Option<Earlier>, Error> {
        while let Some(bytes) = self.records.key() {
            let (prefix, changed_at) = format::split_history_key(bytes)?;
            let prefix = prefix.to_vec();
            // Going backwards the key's last record comes first, so this says that all of them are too old.
            let unchanged = changed_at <= self.height;
            if unchanged && self.reverse {
                self.records.seek_for_prev(format::history_key(&prefix, 0));
                continue;
            }
            if unchanged || self.reverse {
                self.records.seek(format::history_key(&prefix, self.height.saturating_add(1)));
            }
            let found = self.first_record_of(&prefix)?;
            if self.reverse {
                self.records.seek_for_prev(format::history_key(&prefix, 0));
            } else if found.is_some() {
                self.records.seek(format::history_key(&prefix, u64::MAX));
            }
            if let Some(previous) = found {
                return Ok(Some((format::unescape(&prefix)?, previous)));
            }
        }
        self.records.status().unwrap_or_else(|err| fatal("reading a range of history", err));
        Ok(None)
    }

    /// What the record under the iterator says, if it is one of `prefix`.
    fn first_record_of(&self, prefix: &[u8]) -> Result<Option<Option<Vec<u8>>>, Error> {
        let Some((key, value)) = self.records.item() else { return Ok(None) };
        if format::split_history_key(key)?.0 != prefix {
            return Ok(None);
        }
        Ok(Some(format::decode_previous(value)?.map(<[u8]>::to_vec)))
    }
}
