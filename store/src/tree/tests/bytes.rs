//! The stored bytes: their format, and what happens when they are damaged.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A tree of 400 leaves in versions 0 and 1.
fn tree() -> History {
    let mut history = History::default();
    history.update(&(0..390u16).map(|n| (key_hash(&n.to_be_bytes()), Some(vec![1]))).collect());
    history.update(&(300..400u16).map(|n| (key_hash(&n.to_be_bytes()), Some(vec![2]))).collect());
    history
}

/// Everything that reads nodes, over the whole tree.
fn read_all(memory: &Memory, root: &Root) -> Result<(), Corrupt> {
    leaves(memory, root, &[0; 32]).try_for_each(|leaf| leaf.map(drop))?;
    for n in 0..500u16 {
        prove(memory, root, &key_hash(&n.to_be_bytes()))?;
    }
    let changes =
        (0..500u16).step_by(2).map(|n| (key_hash(&n.to_be_bytes()), (n % 4 == 0).then_some([9; 32])));
    update(memory, root, 9, changes.collect()).map(drop)
}

proptest! {
    #![proptest_config(seeded(64))]

    #[test]
    fn node_keys_and_their_bytes_have_one_order(
        keys in vec((any::<u64>(), any::<Hash>(), 0..=64usize), 1..20),
    ) {
        let mut keys: Vec<_> = keys
            .iter()
            .flat_map(|(version, hash, len)| [*version, 1].map(|v| NodeKey::new(v, NodePath::prefix(hash, *len))))
            .collect();
        keys.sort();
        prop_assert!(keys.iter().map(NodeKey::encode).is_sorted());
        for key in keys {
            prop_assert_eq!(NodeKey::decode(&key.encode()), Some(key));
        }
    }

    #[test]
    fn node_keys_have_one_encoding(bytes in vec(prop_oneof![0..4u8, any::<u8>()], 0..44)) {
        if let Some(key) = NodeKey::decode(&bytes) {
            prop_assert_eq!(key.encode(), bytes);
        }
    }

    #[test]
    fn damaged_bytes_are_reported_or_harmless_but_never_panic(
        node in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        change in prop_oneof![(1..=255u8).prop_map(Some), Just(None)],
    ) {
        let mut history = tree();
        let key = *node.get(&reachable(&history.memory, &history.root()).into_iter().collect::<Vec<_>>());
        let mut bytes = history.memory.0[&key].to_vec();
        let at = at.index(bytes.len());
        match change {
            Some(change) => bytes[at] ^= change,
            None => bytes.truncate(at),
        }
        history.memory.0.insert(key, bytes.into());
        let read = read_all(&history.memory, &history.root());
        prop_assert!(change.is_some() || read.is_err(), "node {} cut at {}", key, at);
    }
}

#[test]
fn a_missing_node_is_named() {
    let history = tree();
    assert_eq!(read_all(&history.memory, &history.root()), Ok(()));
    for key in reachable(&history.memory, &history.root()) {
        let mut memory = history.memory.clone();
        memory.0.remove(&key);
        assert_eq!(read_all(&memory, &history.root()), Err(Corrupt::Missing(key)));
    }
}

#[test]
fn a_bucket_must_be_where_its_leaves_belong() {
    let history = tree();
    let root = history.root();
    let bucket = reachable(&history.memory, &root).into_iter().filter(|key| key.path().len() == 2);
    let keys: Vec<_> = bucket.collect();
    let mut memory = history.memory.clone();
    let moved = memory.0[&keys[0]].clone();
    let twin = keys[1..].iter().find(|key| memory.0[*key].len() == moved.len()).unwrap();
    memory.0.insert(*twin, moved);
    let error = read_all(&memory, &root).unwrap_err();
    assert_eq!(error, Corrupt::Malformed { key: *twin, reason: "a leaf that belongs elsewhere" });
}

#[test]
fn the_formats_are_pinned() {
    let leaf = |n: u8| (crafted(256, n), Some([n; 32]));
    let one = update(&Memory::default(), &Root::EMPTY, 0x0102, vec![leaf(1)]).unwrap();
    let (key, bytes) = &one.nodes[0];
    assert_eq!(hex::encode(key.encode()), "000000000000010200");
    let (key_hash, leaf_hash) = (crafted(256, 1), leaf_hash(&crafted(256, 1), &[1; 32]));
    assert_eq!(**bytes, [&[1][..], &key_hash, &leaf_hash].concat());
    assert_eq!(one.root.encode(), [&[1, 0, 0, 0, 0, 0, 0, 1, 2][..], &leaf_hash].concat());
    assert_eq!(Root::EMPTY.encode(), [0]);

    // 25 leaves with the first 62 nibbles in common: 62 branches with one child, one with two, two buckets.
    let many = update(&Memory::default(), &Root::EMPTY, 7, (0..25).map(leaf).collect()).unwrap();
    let top = many.nodes.iter().find(|(key, _)| key.path().len() == 0).unwrap();
    let below = many.nodes.iter().find(|(key, _)| key.path().len() == 63).unwrap();
    assert_eq!(many.nodes.len(), 65);
    assert_eq!(hex::encode(below.0.encode()), format!("00000000000000073f{}a0", "aa".repeat(31)));
    assert_eq!(top.1.len(), 3 + 41);
    assert_eq!(top.1[..12], [2, 0b100, 0, 255, 0, 0, 0, 0, 0, 0, 0, 7]);
    assert_eq!(many.root.encode()[..9], [255, 0, 0, 0, 0, 0, 0, 0, 7]);
}

#[test]
fn root_records_survive_encoding_and_nothing_else_decodes() {
    let roots = [Root::EMPTY, tree().versions[0].root, tree().root()];
    for root in roots {
        let bytes = root.encode();
        assert_eq!(Root::decode(&bytes), Some(root));
        assert_eq!(Root::decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Root::decode(&[&bytes[..], &[0]].concat()), None);
    }
    assert_eq!(Root::decode(&[&[BUCKET_LEAVES as u8 + 1][..], &[0; 40]].concat()), None);
}
