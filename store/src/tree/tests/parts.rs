//! Trees from parts: built from leaves alone they have the nodes that updates give them, and each part is known to be the
//! next one before the rest has come.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

/// Keys of which a third share long prefixes with others.
fn key_hashes() -> impl Strategy<Value = BTreeMap<Hash, Vec<u8>>> {
    let key = prop_oneof![
        2 => any::<[u8; 4]>().prop_map(|key| key_hash(&key)),
        1 => (0..=256usize, any::<u8>()).prop_map(|(fork, last)| crafted(fork, last)),
    ];
    btree_map(key, vec(any::<u8>(), 1..3), 0..200)
}

fn tree(values: &Values) -> History {
    let mut history = History::default();
    history.update(&values.iter().map(|(key, value)| (*key, Some(value.clone()))).collect());
    history
}

/// Cuts leaves into parts after each of `cuts`.
fn parts(leaves: &[Leaf], cuts: &[prop::sample::Index]) -> Vec<Vec<Leaf>> {
    let mut ends: BTreeSet<usize> = cuts.iter().map(|cut| 1 + cut.index(leaves.len())).collect();
    ends.insert(leaves.len());
    let mut start = 0;
    ends.into_iter().map(|end| leaves[std::mem::replace(&mut start, end)..end].to_vec()).collect()
}

proptest! {
    #![proptest_config(seeded(128))]

    #[test]
    fn a_tree_built_from_its_leaves_has_the_nodes_that_an_update_writes(values in key_hashes()) {
        let history = tree(&values);
        let leaves = values.iter().map(|(key, value)| Ok::<_, ()>(leaf(key, value)));
        let mut nodes = HashMap::new();
        let root = build(0, leaves, |key, bytes| {
            assert!(nodes.insert(key, bytes).is_none(), "{key} is written once");
            Ok(())
        });
        prop_assert_eq!(root, Ok(history.root()));
        prop_assert_eq!(nodes, history.memory.0);
    }

    #[test]
    fn parts_are_taken_in_order_and_nothing_else_is(
        values in key_hashes().prop_filter("leaves", |values| !values.is_empty()),
        cuts in vec(any::<prop::sample::Index>(), 0..6),
        victim in any::<prop::sample::Index>(),
        lie in 0..8u8,
    ) {
        let history = tree(&values);
        let root = history.root();
        let leaves: Vec<Leaf> = values.iter().map(|(key, value)| leaf(key, value)).collect();
        let parts = parts(&leaves, &cuts);
        let beyond = |part: &[Leaf]| {
            let last = part.last().unwrap().key_hash;
            let proven = beyond(&history.memory, &root, &last).unwrap().unwrap();
            (Some(&last) != leaves.last().map(|leaf| &leaf.key_hash)).then_some(proven)
        };
        let mut run = Run::new(root.hash());
        for (number, part) in parts.iter().enumerate() {
            let end = beyond(part);
            let (mut false_part, mut false_end) = (part.clone(), end.clone());
            let victim = victim.index(part.len());
            match lie {
                0 => false_part[victim].leaf_hash[7] ^= 1,
                1 => drop(false_part.remove(victim)),
                2 => {
                    let mut other = false_part[victim].key_hash;
                    other[31] ^= 1;
                    false_part[victim] = leaf(&other, &values[&part[victim].key_hash]);
                }
                3 => false_part.push(Leaf { key_hash: [0xff; 32], leaf_hash: [1; 32] }),
                4 => false_end = match end { None => Some(Vec::new()), Some(_) => None },
                5 => match &mut false_end {
                    Some(levels) => levels.push(None),
                    None => false_end = Some(vec![Some([0; 32]); 256]),
                },
                6 => false_part = parts.get(number + 1).cloned().unwrap_or_default(),
                _ => match false_end.iter_mut().flatten().flatten().next() {
                    Some(sibling) => sibling[0] ^= 1,
                    None => false_part.clear(),
                },
            }
            let before = run.clone();
            prop_assert!(run.extend(&false_part, false_end.as_ref()).is_err(), "lie {} of part {}", lie, number);
            prop_assert_eq!(format!("{run:?}"), format!("{before:?}"), "nothing was taken of it");
            prop_assert_eq!(run.extend(part, end.as_ref()), Ok(()));
        }
        prop_assert!(run.extend(&leaves[..1], None).is_err(), "the tree is complete");
    }
}
