//! Old versions stay readable until they are pruned, and pruning leaves nothing behind.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(seeded(64))]

    #[test]
    fn kept_versions_stay_whole_and_pruning_leaks_nothing(
        batches in vec(vec((0..150u8, prop_oneof![2 => (0..3u8).prop_map(Some), 1 => Just(None)]), 0..60), 2..14),
        forks in vec(0..256usize, 0..3),
        keep in any::<prop::sample::Index>(),
    ) {
        // A third of the keys share long prefixes with others, the rest are anywhere.
        let hash = |key: u8| match forks.get(usize::from(key % 9)) {
            Some(fork) => crafted(*fork, key),
            None => key_hash(&[key]),
        };
        let mut history = History::default();
        for batch in &batches {
            history.update(&batch.iter().map(|(key, value)| (hash(*key), value.map(|value| vec![value]))).collect());
        }
        let last = batches.len() - 1;
        (0..=last).for_each(|version| history.check_readable(version));

        let keep = keep.index(batches.len());
        history.prune(keep);
        (keep..=last).for_each(|version| history.check_readable(version));
        history.prune(last);
        history.check_readable(last);
        let stored: BTreeSet<_> = history.memory.0.keys().copied().collect();
        prop_assert_eq!(stored, reachable(&history.memory, &history.root()));
    }

    #[test]
    fn a_walk_starts_at_the_given_key_hash(
        keys in vec((0..=256usize, any::<u8>()), 0..100),
        from in (0..=256usize, any::<u8>()),
    ) {
        let mut history = History::default();
        history.update(&keys.iter().map(|(fork, last)| (crafted(*fork, *last), Some(vec![1]))).collect());
        let from = crafted(from.0, from.1);
        let expected: Vec<_> = history.values().range(from..).map(|(key, value)| leaf(key, value)).collect();
        let found: Vec<_> = leaves(&history.memory, &history.root(), &from).map(Result::unwrap).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_version_that_changes_nothing_keeps_the_root_record() {
    let mut history = History::default();
    history.update(&vec![([1; 32], Some(vec![1]))]);
    history.update(&vec![([1; 32], Some(vec![1])), ([2; 32], None)]);
    history.update(&vec![([3; 32], Some(vec![1]))]);
    assert_eq!(history.versions[1].root, history.versions[0].root);
    assert_eq!(history.versions[1].root.version(), Some(0));
    assert_eq!(history.root().version(), Some(2));
}

#[test]
#[should_panic(expected = "version 3 of a tree after Some(3)")]
fn a_version_can_not_be_written_twice() {
    let first = update(&Memory::default(), &Root::EMPTY, 3, vec![([1; 32], Some([1; 32]))]).unwrap();
    let memory = Memory(first.nodes.into_iter().collect());
    let _ = update(&memory, &first.root, 3, vec![([2; 32], Some([1; 32]))]);
}
