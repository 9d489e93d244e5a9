//! Any sequence of commits, rollbacks, restarts and flushes against a plain map for each height.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, RangeBounds};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};

use super::*;
use crate::rocks::{Column, Rocks};
use crate::tree::key_hash;
use crate::{Error, Snapshot};

/// The seed if `PROPTEST_RNG_SEED` sets no other.
const SEED: u64 = 20_260_101;

#[derive(Clone, Debug)]
enum Step {
    Commit(Vec<(u8, Vec<u8>, Option<Vec<u8>>)>),
    Rollback,
    Restart,
    Flush,
}

/// Short keys of few bytes, so that many are prefixes of others, with the bytes that escaping must get right.
fn key() -> impl Strategy<Value = Vec<u8>> {
    vec(select(vec![0x00, 0x01, 0xfe, 0xff]), 0..5)
}

fn step() -> impl Strategy<Value = Step> {
    let change = || (0..STORES.len() as u8, key(), prop::option::weighted(0.7, vec(any::<u8>(), 0..9)));
    prop_oneof![
        10 => vec(change(), 0..12).prop_map(Step::Commit),
        2 => vec(change(), 100..200).prop_map(Step::Commit),
        2 => Just(Step::Rollback),
        1 => Just(Step::Restart),
        1 => Just(Step::Flush),
    ]
}

/// The bounds of a range to look at.
type Probe = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// Bounds of ranges and keys to look at, wherever they fall.
fn probes() -> impl Strategy<Value = Vec<Probe>> {
    let bound = || {
        prop_oneof![Just(Bound::Unbounded), key().prop_map(Bound::Included), key().prop_map(Bound::Excluded)]
    };
    vec((bound(), bound()), 8)
}

/// What the store must be.
struct Model {
    keep_recent: Option<u64>,
    heights: BTreeMap<u64, State>,
    latest: u64,
    earliest: u64,
}

impl Model {
    fn state(&self) -> State {
        self.heights.get(&self.latest).cloned().unwrap_or_default()
    }

    fn commit(&mut self, changes: &Changes) {
        let mut state = self.state();
        apply(&mut state, changes);
        self.latest += 1;
        self.heights.insert(self.latest, state);
        let kept = self.keep_recent.map_or(1, |keep| (self.latest + 1).saturating_sub(keep));
        self.earliest = self.earliest.max(kept).max(1);
        self.heights.retain(|height, _| *height >= self.earliest);
    }

    fn check(&self, store: &Store, probes: &[Probe]) {
        let Some(committed) = store.committed() else {
            assert_eq!((self.latest, store.earliest()), (0, 0));
            return;
        };
        assert_eq!((committed.height, store.earliest()), (self.latest, self.earliest));
        assert_eq!(committed.app_hash, app_hash(&self.state()));
        for (height, state) in &self.heights {
            let snapshot = store.snapshot_at(*height).unwrap();
            assert_content(&snapshot, state);
            check_probes(&snapshot, state, probes);
        }
        for height in [self.earliest - 1, self.latest + 1] {
            assert!(matches!(store.snapshot_at(height), Err(Error::HeightNotKept { .. })), "{height}");
        }
    }
}

fn check_probes(snapshot: &Snapshot, state: &State, probes: &[Probe]) {
    for (id, content) in (0..).map(StoreId).zip(state) {
        for (start, end) in probes {
            let (start, end) = (as_slice(start), as_slice(end));
            let mut expected: Vec<_> = content
                .iter()
                .filter(|(key, _)| RangeBounds::<[u8]>::contains(&(start, end), key.as_slice()))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            assert_eq!(
                snapshot.range(id, start, end, false).collect::<Vec<_>>(),
                expected,
                "{start:?} {end:?}"
            );
            expected.reverse();
            assert_eq!(
                snapshot.range(id, start, end, true).collect::<Vec<_>>(),
                expected,
                "{start:?} {end:?}"
            );
            if let Bound::Included(key) | Bound::Excluded(key) = start {
                assert_eq!(snapshot.value(id, key), content.get(key).cloned(), "{key:?}");
            }
        }
    }
}

fn as_slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Included(key) => Bound::Included(key),
        Bound::Excluded(key) => Bound::Excluded(key),
        Bound::Unbounded => Bound::Unbounded,
    }
}

/// The keys of all records in a column.
fn keys(rocks: &Rocks, column: Column) -> BTreeSet<Vec<u8>> {
    let mut records = rocks.iterator(column, vec![0], vec![0xff; 64]);
    records.seek_to_first();
    let mut keys = BTreeSet::new();
    while let Some(key) = records.key() {
        keys.insert(key.to_vec());
        records.next();
    }
    keys
}

/// Once every change is older than what is kept, nothing but the latest state may be left on disk.
fn check_nothing_left(store: &Store, model: &mut Model, keep: u64) {
    for _ in 0..=keep {
        commit(store, Changes::new());
        model.commit(&Changes::new());
    }
    let rocks = store.rocks();
    assert!(keys(rocks, Column::History).is_empty(), "history of what is no longer readable");
    assert_eq!(keys(rocks, Column::Heights).len() as u64, keep, "the roots of the kept heights");
    let mut preimages = BTreeSet::new();
    let fresh = tempfile::tempdir().unwrap();
    let fresh = open(fresh.path(), None);
    let mut all = Changes::new();
    for (store, content) in (0..).zip(model.state()) {
        for (key, value) in content {
            preimages.insert([&[store], key_hash(&key).as_slice()].concat());
            all.set(StoreId(store), key, value);
        }
    }
    assert_eq!(keys(rocks, Column::Preimages), preimages, "the raw keys of the present keys");
    commit(&fresh, all);
    let paths = |rocks| -> BTreeSet<Vec<u8>> {
        // All but the version.
        keys(rocks, Column::Nodes).into_iter().map(|key| [&key[..1], &key[9..]].concat()).collect()
    };
    assert_eq!(keys(rocks, Column::Nodes).len(), paths(rocks).len(), "one version of each node");
    assert_eq!(paths(rocks), paths(fresh.rocks()), "the nodes of the latest trees");
}

#[test]
fn any_history_reads_as_a_map_for_each_height() {
    let mut config = Config::with_cases(24);
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    println!("PROPTEST_RNG_SEED={}", config.rng_seed);
    config.failure_persistence = Some(Box::new(FileFailurePersistence::Off));
    config.max_shrink_iters = 300;
    let keep_recent = prop_oneof![Just(None), (1..6u64).prop_map(Some)];
    proptest!(config, |(keep_recent in keep_recent, steps in vec(step(), 1..40), probes in probes())| {
        let directory = tempfile::tempdir().unwrap();
        let mut store = open(directory.path(), keep_recent);
        let mut model = Model { keep_recent, heights: BTreeMap::new(), latest: 0, earliest: 0 };
        let mut held = vec![(store.snapshot(), State::default())];
        for step in steps {
            match step {
                Step::Commit(changes) => {
                    let changes = changes.into_iter().map(|(id, key, value)| (StoreId(id), key, value)).collect();
                    model.commit(&changes);
                    commit(&store, changes);
                }
                Step::Rollback if model.latest > model.earliest => {
                    store.rollback().unwrap();
                    model.heights.remove(&model.latest);
                    model.latest -= 1;
                }
                Step::Rollback => assert!(store.rollback().is_err(), "there is no height to go back to"),
                Step::Restart => {
                    held.clear();
                    drop(store);
                    store = open(directory.path(), keep_recent);
                }
                Step::Flush => store.rocks().flush().unwrap(),
            }
            model.check(&store, &probes);
            held.push((store.snapshot(), model.state()));
        }
        for (snapshot, state) in &held {
            assert_content(snapshot, state);
        }
        if let (Some(keep), true) = (keep_recent, model.latest > 0) {
            check_nothing_left(&store, &mut model, keep);
            model.check(&store, &probes);
        }
    });
}
