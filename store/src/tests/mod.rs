//! Tests of the store: against a plain map for each height, of proofs, of crashes, of opening, and of bytes on disk.

mod crash;
mod formats;
mod model;
mod opening;
mod proofs;
mod reading;
mod sync;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{Changes, Options, Store, StoreId};

const STORES: [&str; 3] = ["auth", "bank", "staking"];
const AUTH: StoreId = StoreId(0);
const BANK: StoreId = StoreId(1);

/// The content of each of [`STORES`] at one height.
type State = [BTreeMap<Vec<u8>, Vec<u8>>; STORES.len()];

fn open(path: &Path, keep_recent: Option<u64>) -> Store {
    Store::open(path, &STORES, Options { keep_recent, ..Options::default() }).unwrap()
}

/// Prepares and commits `changes` as the next height.
fn commit(store: &Store, changes: Changes) -> [u8; 32] {
    let height = store.snapshot().height() + 1;
    let prepared = store.prepare(height, changes).unwrap();
    let app_hash = prepared.app_hash();
    store.commit(prepared, &[]).unwrap();
    app_hash
}

/// Applies `changes` to a model of the state.
fn apply(state: &mut State, changes: &Changes) {
    for (StoreId(store), key, value) in changes.iter() {
        let content = &mut state[usize::from(store)];
        match value {
            Some(value) => drop(content.insert(key.to_vec(), value.to_vec())),
            None => drop(content.remove(key)),
        }
    }
}

/// The app hash of `state` by definition, without any tree in storage.
fn app_hash(state: &State) -> [u8; 32] {
    let roots = state.iter().map(|content| root(content.iter()));
    let top: BTreeMap<_, _> = STORES.iter().map(|name| name.as_bytes().to_vec()).zip(roots).collect();
    root(top.iter())
}

fn root<K: AsRef<[u8]>, V: AsRef<[u8]>>(content: impl Iterator<Item = (K, V)>) -> [u8; 32] {
    let mut leaves: Vec<[[u8; 32]; 2]> =
        content.map(|(key, value)| [Sha256::digest(key).into(), Sha256::digest(value).into()]).collect();
    leaves.sort();
    subtree(&leaves, 0)
}

fn subtree(leaves: &[[[u8; 32]; 2]], depth: usize) -> [u8; 32] {
    match leaves {
        [] => *b"SPARSE_MERKLE_PLACEHOLDER_HASH__",
        [[key, value]] => Sha256::digest([&b"JMT::LeafNode"[..], key, value].concat()).into(),
        _ => {
            let ones = leaves.partition_point(|[key, _]| key[depth / 8] & (0x80 >> (depth % 8)) == 0);
            let halves = [&leaves[..ones], &leaves[ones..]].map(|half| subtree(half, depth + 1));
            Sha256::digest([&b"JMT::IntrnalNode"[..], &halves.concat()].concat()).into()
        }
    }
}

/// All entries of `store` in `snapshot`, read forwards; checks that backwards gives the same.
fn entries(snapshot: &crate::Snapshot, store: StoreId) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let forwards: Vec<_> = snapshot.range(store, Bound::Unbounded, Bound::Unbounded, false).collect();
    let mut backwards: Vec<_> = snapshot.range(store, Bound::Unbounded, Bound::Unbounded, true).collect();
    backwards.reverse();
    assert_eq!(forwards, backwards, "store {store:?} at height {}", snapshot.height());
    assert!(forwards.is_sorted_by(|a, b| a.0 < b.0), "keys are in order and come once");
    forwards.into_iter().collect()
}

/// Checks that `snapshot` has exactly the content of `state`.
fn assert_content(snapshot: &crate::Snapshot, state: &State) {
    for (id, content) in (0..).map(StoreId).zip(state) {
        assert_eq!(&entries(snapshot, id), content, "store {id:?} at height {}", snapshot.height());
    }
}

/// A small generator (splitmix64) for tests that need the same numbers in two processes.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Changes that depend on `height` alone: some hundred keys are set, and some deleted.
fn changes_of(height: u64) -> Changes {
    let mut random = Random(height << 32);
    let mut changes = Changes::new();
    for _ in 0..20 + random.below(200) {
        let store = StoreId(random.below(STORES.len() as u64) as u8);
        let key = random.below(300).to_be_bytes()[6..].to_vec();
        let value = (random.below(5) > 0).then(|| vec![height as u8; 1 + random.below(300) as usize]);
        changes.insert(store, key, value);
    }
    changes
}

/// The state after each height that [`changes_of`] made, from the empty one at 0.
fn states(heights: u64) -> Vec<State> {
    let mut states = vec![State::default()];
    for height in 1..=heights {
        let mut state = states.last().unwrap().clone();
        apply(&mut state, &changes_of(height));
        states.push(state);
    }
    states
}
