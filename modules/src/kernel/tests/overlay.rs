//! The overlay against two maps: what state is, and what was written.

use crate::kernel::{Checkpoint, Overlay};
use crate::test_support::{cases, Memory};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

type Bytes = Vec<u8>;

#[derive(Clone, Debug)]
enum Step {
    Read(Bytes),
    Write(Bytes, Bytes),
    Remove(Bytes),
    Scan {
        start: Bytes,
        end: Bytes,
        reverse: bool,
        limit: usize,
    },
    Checkpoint,
    /// Back to the nth newest checkpoint that is left.
    Revert(usize),
    Seal,
}

/// Few different keys, so that they meet, of the bytes at which ranges and successors go wrong.
fn key() -> impl Strategy<Value = Bytes> {
    vec(prop_oneof![Just(0x00), Just(0x01), Just(0x7f), Just(0xfe), Just(0xff)], 0..4)
}

fn value() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..3)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => key().prop_map(Step::Read),
        6 => (key(), value()).prop_map(|(key, value)| Step::Write(key, value)),
        3 => key().prop_map(Step::Remove),
        4 => (key(), key(), any::<bool>(), prop_oneof![0..5usize, Just(usize::MAX)])
            .prop_map(|(start, end, reverse, limit)| Step::Scan { start, end, reverse, limit }),
        2 => Just(Step::Checkpoint),
        2 => (0..3usize).prop_map(Step::Revert),
        1 => Just(Step::Seal),
    ]
}

#[derive(Clone, Default)]
struct Model {
    state: BTreeMap<Bytes, Bytes>,
    written: BTreeMap<Bytes, Option<Bytes>>,
}

impl Model {
    fn write(&mut self, key: Bytes, value: Option<Bytes>) {
        match &value {
            Some(value) => self.state.insert(key.clone(), value.clone()),
            None => self.state.remove(&key),
        };
        self.written.insert(key, value);
    }

    fn scan(&self, start: &Bytes, end: &Bytes, reverse: bool, limit: usize) -> Vec<(Bytes, Bytes)> {
        let inside = |(key, _): &(&Bytes, &Bytes)| *key >= start && *key < end;
        let mut found: Vec<_> =
            self.state.iter().filter(inside).map(|(key, value)| (key.clone(), value.clone())).collect();
        if reverse {
            found.reverse();
        }
        found.truncate(limit);
        found
    }
}

#[test]
fn an_overlay_reads_as_a_map_whatever_is_written_and_taken_back() {
    let base = btree_map(key(), value(), 0..20);
    proptest!(cases(400), |(base in base, steps in vec(step(), 1..60))| {
        let mut overlay = Overlay::new(Arc::new(Memory(base.clone())));
        let mut model = Model { state: base, written: BTreeMap::new() };
        let mut marks: Vec<(Checkpoint, Model)> = Vec::new();
        for step in steps {
            match step {
                Step::Read(key) => prop_assert_eq!(overlay.value(&key), model.state.get(&key).cloned()),
                Step::Write(key, value) => {
                    overlay.write(key.clone(), Some(value.clone()));
                    model.write(key, Some(value));
                }
                Step::Remove(key) => {
                    overlay.write(key.clone(), None);
                    model.write(key, None);
                }
                Step::Scan { start, end, reverse, limit } => {
                    let found = overlay.scan(&start, &end, reverse, limit);
                    prop_assert_eq!(found, model.scan(&start, &end, reverse, limit));
                }
                Step::Checkpoint => marks.push((overlay.checkpoint(), model.clone())),
                Step::Revert(newest) => {
                    let kept = marks.len().saturating_sub(newest + 1);
                    if let Some((mark, then)) = marks.drain(kept..).next() {
                        overlay.revert(mark);
                        model = then;
                    }
                }
                Step::Seal => {
                    overlay.seal();
                    marks.clear();
                }
            }
        }
        let written: Vec<_> = model.written.clone().into_iter().collect();
        prop_assert_eq!(overlay.changes(), written.clone());
        let all = overlay.scan(&[], &[0xff; 5], false, usize::MAX);
        prop_assert_eq!(all, model.state.into_iter().collect::<Vec<_>>());
        prop_assert_eq!(overlay.into_changes(), written);
    });
}

#[test]
fn reads_alone_are_no_changes() {
    let base = Memory([(b"a".to_vec(), b"1".to_vec())].into());
    let overlay = Overlay::new(Arc::new(base));
    assert_eq!(overlay.value(b"a"), Some(b"1".to_vec()));
    assert_eq!(overlay.value(b"b"), None);
    assert_eq!(overlay.scan(b"a", b"c", false, 9).len(), 1);
    assert_eq!(overlay.into_changes(), []);
}

#[test]
fn a_removal_of_what_was_never_there_is_still_reported() {
    let mut overlay = Overlay::new(Arc::new(Memory::default()));
    overlay.write(b"a".to_vec(), None);
    assert_eq!(overlay.into_changes(), [(b"a".to_vec(), None)]);
}
