//! Committed state as overlays read it: the byte in front of a key is the store.

use super::cases;
use crate::chain::base::{to_changes, EmptyBase, StoreBase};
use jmes_modules::kernel::{Base, Overlay};
use jmes_modules::STORES;
use jmes_store::{Options, Store};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::TestRunner;
use proptest::{option, prop_assert_eq};
use std::collections::BTreeMap;
use std::sync::Arc;

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Entries in the first two stores, at the edges of the key space too.
fn entries() -> Entries {
    let keys: [&[u8]; 6] = [&[0, 1], &[0, 1, 0], &[0, 0xff, 0xff], &[1, 0], &[1, 1, 7], &[1, 0xff]];
    keys.into_iter().zip(1..).map(|(key, value)| (key.to_vec(), vec![value])).collect()
}

fn committed(directory: &tempfile::TempDir) -> StoreBase {
    let store = Store::open(directory.path(), &STORES, Options::default()).unwrap();
    let changes = entries().into_iter().map(|(key, value)| (key, Some(value))).collect();
    let prepared = store.prepare(1, to_changes(changes)).unwrap();
    store.commit(prepared, &[]).unwrap();
    StoreBase::new(store.snapshot())
}

#[test]
fn a_range_is_that_of_a_map_within_one_store() {
    let directory = tempfile::tempdir().unwrap();
    let base = committed(&directory);
    let model: BTreeMap<Vec<u8>, Vec<u8>> = entries().into_iter().collect();
    let bounds: [(&[u8], &[u8]); 7] = [
        (&[0], &[1]),
        (&[0, 1], &[0, 2]),
        (&[0, 1, 0], &[0, 0xff]),
        (&[0, 0xff], &[1]),
        (&[1], &[2]),
        (&[1, 1], &[1, 0xff]),
        (&[3], &[4]),
    ];
    for (start, end) in bounds {
        for reverse in [false, true] {
            let mut expected: Entries = model
                .range(start.to_vec()..end.to_vec())
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            if reverse {
                expected.reverse();
            }
            assert_eq!(
                base.range(start, end, reverse).collect::<Entries>(),
                expected,
                "{start:?} to {end:?}"
            );
        }
    }
}

#[test]
fn values_are_found_in_their_store_only() {
    let directory = tempfile::tempdir().unwrap();
    let base = committed(&directory);
    for (key, value) in entries() {
        assert_eq!(base.value(&key), Some(value));
    }
    for key in [&[][..], &[0], &[1, 1], &[2, 1], &[0, 1, 7]] {
        assert_eq!(base.value(key), None, "{key:?}");
    }
}

#[test]
fn an_overlay_over_the_store_merges_both() {
    let directory = tempfile::tempdir().unwrap();
    let mut overlay = Overlay::new(Arc::new(committed(&directory)));
    overlay.write(vec![0, 1], None);
    overlay.write(vec![0, 2], Some(vec![9]));
    let found = overlay.scan(&[0], &[1], false, 9);
    let expected: Entries =
        vec![(vec![0, 1, 0], vec![2]), (vec![0, 2], vec![9]), (vec![0, 0xff, 0xff], vec![3])];
    assert_eq!(found, expected);
}

#[test]
fn before_the_first_block_there_is_nothing() {
    assert_eq!(EmptyBase.value(&[0, 1]), None);
    assert_eq!(EmptyBase.range(&[0], &[9], false).count(), 0);
}

/// Whatever is read before, whatever a block changes: what is remembered is what the store has.
#[test]
fn what_is_remembered_is_what_the_store_has() {
    let key = |number: u8| vec![number / 64, number % 64];
    let block = vec((any::<u8>(), option::of(any::<u8>())), 0..6);
    let reads = vec((any::<u8>(), any::<u8>(), any::<bool>(), 0..5_usize), 0..12);
    let mut runner = TestRunner::new(cases(60));
    let blocks = vec((block, reads), 1..12);
    let result = runner.run(&blocks, |blocks| {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), &STORES, Options::default()).unwrap();
        let mut base = StoreBase::remembering(store.snapshot());
        for (height, (writes, reads)) in (1..).zip(blocks) {
            let writes: BTreeMap<_, _> =
                writes.into_iter().map(|(at, value)| (key(at), value.map(|value| vec![value]))).collect();
            let changes: Vec<_> = writes.into_iter().collect();
            store.commit(store.prepare(height, to_changes(changes.clone())).unwrap(), &[]).unwrap();
            let next = base.follow(store.snapshot(), changes);
            let before = std::mem::replace(&mut base, next);
            let fresh = StoreBase::new(store.snapshot());
            for (from, to, reverse, limit) in reads {
                let (start, end) = (key(from), key(to));
                prop_assert_eq!(base.value(&start), fresh.value(&start));
                let range = |base: &StoreBase| -> Entries {
                    if start >= end {
                        return Vec::new();
                    }
                    base.range(&start, &end, reverse).take(limit).collect()
                };
                prop_assert_eq!(range(&base), range(&fresh));
                // The state of the block before can still be read, and tells the later one nothing.
                before.value(&end);
                range(&before);
            }
        }
        Ok(())
    });
    result.unwrap();
}
