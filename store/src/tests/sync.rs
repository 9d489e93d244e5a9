//! A whole state in parts: another store becomes it and goes on alike, and takes nothing that is not part of it.

use super::*;
use crate::{Error, Manifest, Restore, RestoreError};

/// A store after some heights.
fn lived(path: &Path, heights: u64) -> Store {
    let store = open(path, Some(5));
    for height in 1..=heights {
        commit(&store, changes_of(height));
    }
    store
}

fn parts(store: &Store, bytes: usize) -> Vec<Vec<u8>> {
    store.snapshot().parts(bytes).map(Result::unwrap).collect()
}

fn restore(store: &Store, manifest: &Manifest, parts: &[Vec<u8>]) -> Restore {
    let mut restore = store.restore(manifest.clone()).unwrap();
    parts.iter().for_each(|part| restore.apply(part).unwrap());
    restore
}

#[test]
fn a_restored_store_is_the_other_one_and_goes_on_as_it_does() {
    for (heights, bytes) in [(1, 1), (7, 50), (30, 3_000), (30, 1 << 20)] {
        let directory = tempfile::tempdir().unwrap();
        let first = lived(&directory.path().join("first"), heights);
        let states = states(heights + 3);
        let manifest = first.snapshot().manifest().unwrap();
        assert_eq!(Manifest::decode(&manifest.encode()).as_ref(), Some(&manifest));
        assert_eq!((manifest.height, manifest.app_hash()), (heights, first.committed().unwrap().app_hash));
        let parts = parts(&first, bytes);
        assert_eq!(parts.len() == 1, bytes == 1 << 20, "{} parts of {bytes} bytes", parts.len());

        // The order of the stores in the program is its own.
        let path = directory.path().join("second");
        let second = Store::open(&path, &["staking", "auth", "bank"], Options::default()).unwrap();
        let restore = restore(&second, &manifest, &parts);
        assert!(restore.is_complete() && second.committed().is_none(), "nothing is committed before the end");
        assert_eq!(restore.finish().unwrap(), first.committed().unwrap());
        drop(second);
        let second = open(&path, Some(5));
        assert_eq!((second.committed(), second.earliest()), (first.committed(), heights));
        assert_content(&second.snapshot(), &states[heights as usize]);
        for (number, content) in states[heights as usize].iter().enumerate() {
            for key in content.keys().map(Vec::as_slice).chain([&b"nobody"[..]]) {
                let prove = |store: &Store| store.snapshot().prove(STORES[number], key).unwrap();
                assert_eq!(prove(&second), prove(&first));
            }
        }
        for height in heights + 1..=heights + 3 {
            assert_eq!(
                commit(&second, changes_of(height)),
                commit(&first, changes_of(height)),
                "height {height}"
            );
            assert_content(&second.snapshot(), &states[height as usize]);
        }
        assert_content(&second.snapshot_at(heights).unwrap(), &states[heights as usize]);
        second.rollback().unwrap();
        assert_content(&second.snapshot(), &states[heights as usize + 2]);
    }
}

#[test]
fn parts_are_of_one_height_whatever_is_committed_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let first = lived(&directory.path().join("first"), 10);
    let snapshot = first.snapshot();
    let expected = parts(&first, 500);
    let mut found = Vec::new();
    for (height, part) in (11..).zip(snapshot.parts(500)) {
        found.push(part.unwrap());
        commit(&first, changes_of(height));
    }
    assert_eq!(found, expected);
    let again = lived(&directory.path().join("again"), 10);
    assert_eq!(parts(&again, 500), expected, "every node makes the same parts");
}

#[test]
fn a_part_that_is_damaged_or_not_the_next_is_refused_and_the_right_one_is_taken_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let first = lived(&directory.path().join("first"), 12);
    let manifest = first.snapshot().manifest().unwrap();
    let parts = parts(&first, 2_000);
    let second = open(&directory.path().join("second"), None);
    let mut restore = second.restore(manifest).unwrap();
    let mut random = Random(3);
    let refuse = |restore: &mut Restore, part: &[u8], what: &str| {
        let error = restore.apply(part).expect_err(what);
        assert!(matches!(&error, RestoreError::WrongPart(_)), "{what}: {error}");
    };
    for (number, part) in parts.iter().enumerate() {
        for _ in 0..200 {
            let mut damaged = part.clone();
            let place = random.below(part.len() as u64) as usize;
            damaged[place] ^= 1 << random.below(8);
            refuse(&mut restore, &damaged, &format!("part {number} with byte {place} changed"));
            refuse(&mut restore, &part[..place], &format!("part {number} cut at {place}"));
        }
        refuse(&mut restore, &[], "an empty part");
        refuse(&mut restore, &[part.as_slice(), &[0, 0, 0, 0]].concat(), "a part with more");
        for (other, part) in parts.iter().enumerate().filter(|(other, _)| *other != number) {
            refuse(&mut restore, part, &format!("part {other} instead of {number}"));
        }
        assert!(!restore.is_complete());
        restore.apply(part).unwrap();
    }
    refuse(&mut restore, &parts[0], "a part after the last");
    assert_eq!(restore.finish().unwrap(), first.committed().unwrap());
}

#[test]
fn a_state_that_is_not_complete_is_never_the_committed_one() {
    let directory = tempfile::tempdir().unwrap();
    let first = lived(&directory.path().join("first"), 12);
    let manifest = first.snapshot().manifest().unwrap();
    let parts = parts(&first, 2_000);
    let path = directory.path().join("second");
    let second = open(&path, None);
    let error = restore(&second, &manifest, &parts[..parts.len() - 1]).finish().unwrap_err();
    assert!(matches!(error, RestoreError::Incomplete(_)), "{error}");
    assert!(second.committed().is_none());
    // Another attempt begins anew.
    let half = restore(&second, &manifest, &parts[..2]);
    drop((half, second));
    // So does the chain itself, in the next process or in this one.
    let second = open(&path, None);
    let half = restore(&second, &manifest, &parts[..2]);
    drop(half);
    let hash = commit(&second, changes_of(1));
    let states = states(1);
    assert_eq!(hash, app_hash(&states[1]));
    assert_content(&second.snapshot(), &states[1]);
    drop(second);
    assert_content(&open(&path, None).snapshot(), &states[1]);
}

#[test]
fn only_an_empty_store_that_knows_all_of_its_stores_becomes_a_state() {
    let directory = tempfile::tempdir().unwrap();
    let first = lived(&directory.path().join("first"), 2);
    let manifest = first.snapshot().manifest().unwrap();
    let error = first.restore(manifest.clone()).err().unwrap();
    assert!(matches!(error, Error::NotEmpty { height: 2 }), "{error}");
    let path = directory.path().join("second");
    let second = Store::open(&path, &STORES[..2], Options::default()).unwrap();
    let error = second.restore(manifest.clone()).err().unwrap();
    assert!(matches!(&error, Error::ForeignStore { name, .. } if name == "staking"), "{error}");
    for wrong in [Vec::new(), vec![0; 7], [&manifest.encode()[..], &[1]].concat()] {
        assert_eq!(Manifest::decode(&wrong), None);
    }
    let twice = Manifest { stores: [&manifest.stores[..], &manifest.stores[..1]].concat(), ..manifest };
    assert_eq!(Manifest::decode(&twice.encode()), None, "one store twice");
    // A peer may say what it likes: what is too long is refused in no time.
    let many = (0..100_000).map(|number| (number.to_string(), [0; 32])).collect();
    assert_eq!(Manifest::decode(&Manifest { height: 1, stores: many }.encode()), None, "too many stores");
}
