//! Proofs verify against the app hash with the `ics23` crate alone.

use ics23::HostFunctionsManager as Host;

use super::*;
use crate::tree::proof_spec;
use crate::{Error, Snapshot};

/// Checks what `snapshot` proves of `key` against `app_hash`, as a light client does.
fn verify(snapshot: &Snapshot, app_hash: &[u8; 32], name: &str, key: &[u8], expected: Option<&Vec<u8>>) {
    let (value, [proof, in_top]) = snapshot.prove(name, key).unwrap();
    assert_eq!(value.as_ref(), expected, "{name} {key:?} at {}", snapshot.height());
    let root = ics23::calculate_existence_root::<Host>(match &proof.proof {
        Some(ics23::commitment_proof::Proof::Exist(leaf)) => leaf,
        Some(ics23::commitment_proof::Proof::Nonexist(absence)) => {
            absence.left.as_ref().or(absence.right.as_ref()).unwrap()
        }
        other => panic!("{other:?}"),
    })
    .unwrap();
    let spec = proof_spec();
    let in_store = match expected {
        Some(value) => ics23::verify_membership::<Host>(&proof, &spec, &root, key, value),
        None => ics23::verify_non_membership::<Host>(&proof, &spec, &root, key),
    };
    assert!(in_store, "{name} {key:?} at {}", snapshot.height());
    let in_top = ics23::verify_membership::<Host>(&in_top, &spec, &app_hash.to_vec(), name.as_bytes(), &root);
    assert!(in_top, "{name} at {}", snapshot.height());
}

#[test]
fn every_kept_height_proves_what_is_there_and_what_is_not_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let states = states(12);
    let store = open(directory.path(), Some(6));
    for height in 1..=12 {
        commit(&store, changes_of(height));
    }
    drop(store);
    let store = open(directory.path(), Some(6));
    for height in store.earliest()..=12 {
        let snapshot = store.snapshot_at(height).unwrap();
        let state = &states[height as usize];
        let app_hash = app_hash(state);
        for (name, content) in STORES.iter().zip(state) {
            for key in 0..310u64 {
                let key = &key.to_be_bytes()[6..];
                verify(&snapshot, &app_hash, name, key, content.get(key));
            }
        }
    }
    assert_eq!(store.earliest(), 7);
}

#[test]
fn a_key_deleted_within_the_kept_heights_still_proves_before_its_deletion() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), Some(2));
    let one = |value: Option<&[u8]>| -> Changes {
        [(BANK, b"gone".to_vec(), value.map(<[u8]>::to_vec)), (BANK, b"stays".to_vec(), Some(b"1".to_vec()))]
            .into_iter()
            .collect()
    };
    commit(&store, one(Some(b"here")));
    let before = commit(&store, Changes::new());
    let after = commit(&store, one(None));
    verify(&store.snapshot_at(2).unwrap(), &before, "bank", b"gone", Some(&b"here".to_vec()));
    verify(&store.snapshot(), &after, "bank", b"gone", None);
}

#[test]
fn what_ics23_cannot_express_is_refused_with_the_reason() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), None);
    let mut changes = Changes::new();
    changes.set(AUTH, "", "value of the empty key");
    changes.set(BANK, "marker", "");
    commit(&store, changes);
    let snapshot = store.snapshot();
    for (name, key) in
        [("auth", ""), ("auth", "any"), ("bank", "marker"), ("bank", "any"), ("staking", "any")]
    {
        let refused = snapshot.prove(name, key.as_bytes());
        assert!(matches!(refused, Err(Error::Unprovable { .. })), "{name} {key}: {refused:?}");
    }
    let refused = snapshot.prove("gov", b"any").unwrap_err();
    assert_eq!(refused.to_string(), r#"there is no store named "gov" at height 1"#);
}

#[test]
fn a_store_added_later_proves_from_its_first_height_on() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path(), &["bank", "auth"], Options::default()).unwrap();
    let mut changes = Changes::new();
    changes.set(StoreId(0), "key", "in bank");
    commit(&store, changes);
    drop(store);
    let store = open(directory.path(), Some(100));
    let mut changes = Changes::new();
    changes.set(StoreId(2), "key", "in staking");
    let app_hash = commit(&store, changes);
    verify(&store.snapshot(), &app_hash, "staking", b"key", Some(&b"in staking".to_vec()));
    verify(&store.snapshot(), &app_hash, "bank", b"key", Some(&b"in bank".to_vec()));
    let before = store.snapshot_at(1).unwrap();
    assert!(matches!(before.prove("staking", b"key"), Err(Error::UnknownStore { height: 1, .. })));
    assert_eq!(before.value(StoreId(2), b"key"), None);
}
