//! What readers and the committer see of each other, and what calls refuse.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::Error;

#[test]
fn a_reader_sees_one_height_while_blocks_are_committed() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), Some(3));
    let blocks = 150u64;
    let changes = |height: u64| -> Changes {
        let keys = (0..20u8).map(|key| (StoreId(key % 3), vec![key], Some(height.to_be_bytes().to_vec())));
        keys.collect()
    };
    commit(&store, changes(1));
    let done = AtomicBool::new(false);
    let check = |snapshot: &crate::Snapshot| {
        let expected = snapshot.height().to_be_bytes();
        for id in [AUTH, BANK, StoreId(2)] {
            assert!(entries(snapshot, id).values().all(|value| value[..] == expected));
        }
        assert_eq!(snapshot.value(AUTH, &[0]).as_deref(), Some(&expected[..]));
        snapshot.prove("bank", &[1]).unwrap();
    };
    std::thread::scope(|threads| {
        for back in 0..2 {
            let (store, done) = (store.clone(), &done);
            threads.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let latest = store.snapshot();
                    check(&latest);
                    // It may be pruned in between, which is an error and not a wrong answer.
                    if let Ok(older) = store.snapshot_at(latest.height().saturating_sub(back)) {
                        check(&older);
                    }
                }
            });
        }
        for height in 2..=blocks {
            commit(&store, changes(height));
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!((store.snapshot().height(), store.earliest()), (blocks, blocks - 2));
}

#[test]
fn preparing_writes_nothing_and_only_the_next_height_can_be_committed() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), None);
    let wrong = |height| matches!(store.prepare(height, Changes::new()), Err(Error::WrongHeight { .. }));
    assert!(wrong(0) && wrong(u64::MAX));
    let [one, other] =
        [1, 2].map(|value| store.prepare(7, [(AUTH, vec![1], Some(vec![value]))].into_iter().collect()));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!(one.app_hash(), other.app_hash());
    assert_eq!((store.committed(), store.snapshot().value(AUTH, &[1])), (None, None));
    store.commit(one, &[]).unwrap();
    assert_eq!((store.snapshot().height(), store.earliest()), (7, 7));
    assert!(matches!(store.commit(other, &[]), Err(Error::WrongHeight { height: 7, latest: 7 })));
    assert!(wrong(7) && wrong(9) && !wrong(8));
    assert_eq!(store.snapshot().value(AUTH, &[1]), Some(vec![1]));
}

#[test]
fn changes_that_change_nothing_leave_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), None);
    let same =
        || -> Changes { [(AUTH, vec![1], Some(vec![1])), (BANK, vec![9], None)].into_iter().collect() };
    let before = commit(&store, same());
    let prepared = store.prepare(2, same()).unwrap();
    assert_eq!((prepared.app_hash(), prepared.height()), (before, 2));
    assert_eq!(prepared.batch.len(), store.prepare(2, Changes::new()).unwrap().batch.len());
}

#[test]
fn calls_name_what_is_wrong_and_never_panic() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), Some(2));
    assert!(matches!(store.snapshot_at(0), Err(Error::Empty)));
    assert!(matches!(store.rollback(), Err(Error::Empty)));
    assert!(matches!(store.snapshot().prove("bank", b"key"), Err(Error::UnknownStore { .. })));
    let strange = StoreId(3);
    let unknown = store.prepare(1, [(strange, vec![], None)].into_iter().collect());
    assert!(matches!(unknown, Err(Error::UnknownStoreId(3))));
    for _ in 0..4 {
        commit(&store, Changes::new());
    }
    let snapshot = store.snapshot();
    assert_eq!(snapshot.value(strange, b"key"), None);
    assert_eq!(snapshot.range(strange, Bound::Unbounded, Bound::Unbounded, true).count(), 0);
    for height in [0, 2, 5, u64::MAX] {
        let error = store.snapshot_at(height).err().unwrap().to_string();
        assert_eq!(error, format!("height {height} is not available: this node keeps heights 3 to 4"));
    }
    store.rollback().unwrap();
    assert!(matches!(store.rollback(), Err(Error::HeightNotKept { height: 2, earliest: 3, latest: 3 })));
}

#[test]
fn entries_of_the_application_are_kept_and_not_hashed() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), None);
    let prepared = store.prepare(1, Changes::new()).unwrap();
    let app_hash = prepared.app_hash();
    store.commit(prepared, &[("genesis", b"checksum")]).unwrap();
    store.set_meta(&[("version", b"1"), ("head", b"not the head record")]).unwrap();
    drop(store);
    let store = open(directory.path(), None);
    let read = ["genesis", "version", "head", "none"].map(|key| store.meta(key));
    let expected = [&b"checksum"[..], b"1", b"not the head record"].map(|value| Some(value.to_vec()));
    assert_eq!(read[..3], expected);
    assert_eq!(read[3], None);
    assert_eq!(store.committed().unwrap().app_hash, app_hash);
}
