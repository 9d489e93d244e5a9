//! Roots and proofs equal to those of the oracle.

use ics23::{verify_membership, verify_non_membership, HostFunctionsManager};
use proptest::collection::vec;
use proptest::prelude::*;

use super::oracle::Oracle;
use super::*;

/// A batch of changes of the keys with these numbers; `None` deletes.
type Batch = Vec<(u16, Option<u8>)>;

/// Batches that add, overwrite and delete some of `keys` keys, and now and then most of them.
fn batches(keys: u16) -> impl Strategy<Value = Vec<Batch>> {
    let change = (0..keys, prop_oneof![3 => (0..4u8).prop_map(Some), 2 => Just(None)]);
    let all = prop_oneof![Just(None), (0..2u8).prop_map(Some)].prop_map(move |value| vec_of(keys, value));
    vec(prop_oneof![3 => vec(change.clone(), 0..6), 3 => vec(change, 0..usize::from(keys)), 1 => all], 1..12)
}

fn vec_of(keys: u16, value: Option<u8>) -> Batch {
    (0..keys).map(|key| (key, value)).collect()
}

fn changes(batch: &Batch, hash: impl Fn(u16) -> Hash) -> Changes {
    batch.iter().map(|(key, value)| (hash(*key), value.map(|value| vec![b'v', value]))).collect()
}

/// Follows the batches with the oracle. Returns both after the last.
fn follow(batches: &[Batch], hash: impl Fn(u16) -> Hash) -> (History, Oracle) {
    let (mut history, mut oracle) = (History::default(), Oracle::default());
    for batch in batches {
        let changes = changes(batch, &hash);
        history.update(&changes);
        assert_eq!(hex::encode(history.root().hash()), hex::encode(oracle.update(&changes)));
    }
    (history, oracle)
}

/// Checks that the ICS-23 proof about `key` is the oracle's and that it verifies.
fn check_ics23(
    history: &History,
    oracle: &Oracle,
    keys: &BTreeMap<Hash, Vec<u8>>,
    version: usize,
    key: &[u8],
) {
    let Version { root, values, .. } = &history.versions[version];
    let preimage = |hash: &Hash| Some((keys.get(hash)?.clone(), values.get(hash)?.clone()));
    let proof = prove(&history.memory, root, &key_hash(key)).unwrap().to_ics23(key, preimage);
    let Some(expected) = oracle.prove(key, version) else {
        assert!(values.is_empty());
        assert_eq!(proof, Err(ProofError::EmptyTree));
        return;
    };
    let proof = proof.unwrap();
    assert_eq!(proof, expected, "the proof about {}", String::from_utf8_lossy(key));
    let (spec, root) = (proof_spec(), root.hash().to_vec());
    match values.get(&key_hash(key)) {
        Some(value) => assert!(verify_membership::<HostFunctionsManager>(&proof, &spec, &root, key, value)),
        None => assert!(verify_non_membership::<HostFunctionsManager>(&proof, &spec, &root, key)),
    }
}

proptest! {
    #![proptest_config(seeded(96))]

    #[test]
    fn roots_and_ics23_proofs_of_every_version_are_the_oracles(batches in batches(120)) {
        let keys: Vec<Vec<u8>> = (0..140).map(|key| format!("key {key}").into_bytes()).collect();
        let by_hash = keys.iter().map(|key| (key_hash(key), key.clone())).collect();
        let (history, mut oracle) = follow(&batches, |key| key_hash(&keys[usize::from(key)]));
        keys.iter().for_each(|key| oracle.learn(key));
        for version in 0..history.versions.len() {
            for key in keys.iter().skip(version % 5).step_by(5) {
                check_ics23(&history, &oracle, &by_hash, version, key);
            }
        }
    }

    #[test]
    fn roots_are_the_oracles_with_long_shared_prefixes(
        forks in vec(prop_oneof![0..256usize, 230..256usize, Just(256)], 1..4),
        batches in batches(90),
    ) {
        let hash = |key: u16| crafted(forks[usize::from(key) % forks.len()], (key * 3 % 256) as u8);
        let (history, _) = follow(&batches, hash);
        history.check_readable(history.versions.len() - 1);
    }

    #[test]
    fn absence_is_proven_by_the_two_nearest_leaves(
        present in vec((0..=256usize, any::<u8>()), 0..80),
        absent in vec((0..=256usize, any::<u8>()), 1..20),
    ) {
        let mut history = History::default();
        history.update(&present.iter().map(|(fork, last)| (crafted(*fork, *last), Some(vec![*last]))).collect());
        let values = history.values();
        for key in absent.iter().map(|(fork, last)| crafted(*fork, *last)).filter(|key| !values.contains_key(key)) {
            let Proof::Absence { key_hash, left, right } = prove(&history.memory, &history.root(), &key).unwrap() else {
                panic!("{} is absent", hex::encode(key));
            };
            prop_assert_eq!(key_hash, key);
            let before = values.range(..key).next_back();
            let after = values.range(key..).next();
            for (proof, neighbour) in [(left, before), (right, after)] {
                prop_assert_eq!(proof.as_ref().map(|proof| &proof.key_hash), neighbour.map(|(key, _)| key));
                if let (Some(proof), Some((_, value))) = (proof, neighbour) {
                    check_leaf_proof(&proof, value, &history.root().hash());
                }
            }
        }
    }
}

#[test]
fn ics23_proofs_are_the_oracles_where_hashes_of_real_keys_share_many_bits() {
    let mut keys: Vec<_> = (0..200_000).map(|key| format!("account {key}").into_bytes()).collect();
    keys.sort_by_cached_key(|key| key_hash(key));
    let shared = |pair: &[Vec<u8>]| {
        let (a, b) = (key_hash(&pair[0]), key_hash(&pair[1]));
        u64::from_be_bytes(std::array::from_fn(|i| a[i] ^ b[i])).leading_zeros()
    };
    let mut close: Vec<&[Vec<u8>]> = keys.windows(2).collect();
    close.sort_by_key(|pair| std::cmp::Reverse(shared(pair)));
    assert!(shared(close[0]) >= 30 && shared(close[9]) >= 28);

    // The first of each close pair is stored, the second is not, then the other way round.
    let by_hash = keys.iter().map(|key| (key_hash(key), key.clone())).collect();
    let (mut history, mut oracle) = (History::default(), Oracle::default());
    keys.iter().for_each(|key| oracle.learn(key));
    for stored in 0..2 {
        let set = |index: usize, value: &[u8]| {
            close[..40].iter().map(|pair| (key_hash(&pair[index]), Some(value.to_vec()))).collect::<Changes>()
        };
        let mut changes: Changes = set(1 - stored, b"").into_iter().map(|(key, _)| (key, None)).collect();
        changes.extend(set(stored, b"value"));
        history.update(&changes);
        assert_eq!(history.root().hash(), oracle.update(&changes));
        for key in close[..40].iter().flat_map(|pair| pair.iter()) {
            check_ics23(&history, &oracle, &by_hash, stored, key);
        }
    }
}

#[test]
fn large_batches_in_parallel_have_the_oracles_roots() {
    let key = |n: u16| key_hash(&n.to_be_bytes());
    let (insert, overwrite): (Batch, Batch) = (vec_of(4_000, Some(1)), vec_of(1_500, Some(2)));
    let mixed = (1_000..5_000).map(|n| (n, (n % 3 != 0).then_some(3))).collect();
    let small = vec![(17, None), (18, Some(9)), (4_999, Some(9))];
    let shrink = (30..5_000).map(|n| (n, None)).collect();
    let (history, _) = follow(&[insert, overwrite, mixed, small, shrink, vec_of(5_000, None)], key);
    assert_eq!(history.root(), Root::EMPTY);
    history.check_readable(3);
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads_or_on_the_order_of_changes() {
    let with_threads = |threads: usize, reverse: bool| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut changes: Vec<_> =
            (0..3_000u16).map(|n| (key_hash(&n.to_be_bytes()), Some([7; 32]))).collect();
        if reverse {
            changes.reverse();
        }
        pool.install(|| update(&Memory::default(), &Root::EMPTY, 0, changes).unwrap())
    };
    let sequential = with_threads(1, false);
    assert_eq!(sequential, with_threads(4, false));
    assert_eq!(sequential, with_threads(3, true));
}

#[test]
fn the_empty_tree_has_the_placeholder_for_its_root_and_no_proofs() {
    let mut history = History::default();
    history.update(&vec![([1; 32], None)]);
    assert_eq!(history.root(), Root::EMPTY);
    assert_eq!(history.root().hash(), *b"SPARSE_MERKLE_PLACEHOLDER_HASH__");
    assert_eq!(leaves(&history.memory, &Root::EMPTY, &[0; 32]).count(), 0);
    let proof = prove(&history.memory, &Root::EMPTY, &key_hash(b"key")).unwrap();
    assert_eq!(proof.to_ics23(b"key", |_| None), Err(ProofError::EmptyTree));
}

#[test]
fn the_root_of_one_leaf_is_its_hash_and_proves_both_sides_of_it() {
    let mut history = History::default();
    let hash = key_hash(b"key");
    history.update(&vec![(hash, Some(b"value".to_vec()))]);
    let root = history.root().hash();
    assert_eq!(root, leaf_hash(&hash, &value_hash(b"value")));
    let ics23 = |key: &[u8]| {
        let proof = prove(&history.memory, &history.root(), &key_hash(key)).unwrap();
        proof.to_ics23(key, |found| (*found == hash).then(|| (b"key".to_vec(), b"value".to_vec()))).unwrap()
    };
    let spec = proof_spec();
    assert!(verify_membership::<HostFunctionsManager>(
        &ics23(b"key"),
        &spec,
        &root.to_vec(),
        b"key",
        b"value"
    ));
    let others: Vec<String> = (0..64).map(|n| n.to_string()).collect();
    assert!(others.iter().any(|key| key_hash(key.as_bytes()) < hash));
    assert!(others.iter().any(|key| key_hash(key.as_bytes()) > hash));
    for key in others.iter().map(String::as_bytes) {
        assert!(verify_non_membership::<HostFunctionsManager>(&ics23(key), &spec, &root.to_vec(), key));
    }
}

#[test]
fn the_last_of_several_changes_of_one_key_counts() {
    let change = |value: Option<u8>| ([5; 32], value.map(|value| [value; 32]));
    let root = |changes| update(&Memory::default(), &Root::EMPTY, 1, changes).unwrap().root;
    assert_eq!(root(vec![change(Some(1)), change(None), change(Some(2))]), root(vec![change(Some(2))]));
    assert_eq!(root(vec![change(Some(1)), change(None)]), Root::EMPTY);
}

#[test]
fn the_proof_specification_is_the_oracles() {
    assert_eq!(proof_spec(), jmt::ics23_spec());
}

#[test]
fn an_ics23_proof_needs_its_own_key_and_the_preimages_of_its_leaves() {
    let mut history = History::default();
    let hash = key_hash(b"key");
    history.update(&vec![(hash, Some(b"value".to_vec()))]);
    let proof = prove(&history.memory, &history.root(), &hash).unwrap();
    assert_eq!(proof.to_ics23(b"other", |_| None), Err(ProofError::OtherKey(b"other".to_vec())));
    assert_eq!(proof.to_ics23(b"key", |_| None), Err(ProofError::UnknownPreimage(hash)));
}
