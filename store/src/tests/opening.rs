//! What opening accepts, and what it says of what it doesn't.

use super::*;
use crate::format::{self, meta};
use crate::rocks::Column;
use crate::Error;

fn try_open(path: &Path, stores: &[&'static str]) -> Result<Store, Error> {
    Store::open(path, stores, Options::default())
}

#[test]
fn a_directory_is_open_once() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), None);
    let error = try_open(directory.path(), &STORES).err().unwrap();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    assert!(error.to_string().contains("is in use by another process: stop that process first"), "{error}");
    drop(store);
    open(directory.path(), None);
}

#[test]
fn stores_are_known_by_name_so_that_their_order_may_change() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), None);
    let content = |id: u8| -> Changes { [(StoreId(id), vec![1], Some(vec![1]))].into_iter().collect() };
    commit(&store, content(0));
    drop(store);
    let store = try_open(directory.path(), &["staking", "bank", "auth"]).unwrap();
    assert_eq!(store.snapshot().value(StoreId(2), &[1]), Some(vec![1]));
    assert_eq!(store.snapshot().value(StoreId(0), &[1]), None);
    let hash = commit(&store, content(0));
    let mut state = State::default();
    apply(&mut state, &content(0));
    apply(&mut state, &content(2));
    assert_eq!(hash, app_hash(&state));
}

#[test]
fn a_new_store_starts_empty_and_a_missing_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = try_open(directory.path(), &STORES[..2]).unwrap();
    let before =
        commit(&store, changes_of(1).iter().filter(|change| change.0 != StoreId(2)).map(owned).collect());
    drop(store);
    // Opening alone commits to nothing.
    drop(try_open(directory.path(), &["auth", "bank", "mistake"]).unwrap());
    let store = open(directory.path(), None);
    assert_eq!(store.committed().unwrap().app_hash, before);
    assert!(entries(&store.snapshot(), StoreId(2)).is_empty());
    let after = commit(&store, Changes::new());
    assert_ne!(after, before, "an empty store is part of the app hash");
    drop(store);
    let error = try_open(directory.path(), &STORES[..2]).err().unwrap();
    assert!(
        error.to_string().contains(r#"has a store named "staking" that this program does not know"#),
        "{error}"
    );
    // Back before the store was there, it is no longer on disk.
    assert_eq!(open(directory.path(), None).rollback().unwrap().app_hash, before);
    try_open(directory.path(), &STORES[..2]).unwrap();
}

fn owned((store, key, value): (StoreId, &[u8], Option<&[u8]>)) -> (StoreId, Vec<u8>, Option<Vec<u8>>) {
    (store, key.to_vec(), value.map(<[u8]>::to_vec))
}

#[test]
fn an_unusable_list_of_stores_is_refused_before_files_are_made() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("state");
    let many: Vec<&'static str> = (0..256).map(|number| &*format!("store{number}").leak()).collect();
    for stores in [&["auth", ""][..], &["auth", "bank", "auth"], &many] {
        let error = try_open(&path, stores).err().unwrap();
        assert!(matches!(error, Error::StoreList(_)), "{error}");
    }
    assert!(!path.exists());
    let store = try_open(&path, &many[..255]).unwrap();
    commit(&store, [(StoreId(254), vec![], Some(vec![1]))].into_iter().collect());
    assert_eq!(entries(&store.snapshot(), StoreId(254)).len(), 1);
}

#[test]
fn another_format_is_refused_with_both_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), None);
    commit(&store, Changes::new());
    let mut batch = rocksdb::WriteBatch::default();
    batch.put_cf(store.rocks().column(Column::Meta), meta::FORMAT, 77u32.to_be_bytes());
    store.rocks().write(batch, true).unwrap();
    drop(store);
    let error = try_open(directory.path(), &STORES).err().unwrap();
    assert!(error
        .to_string()
        .ends_with(&format!("has format 77, this program reads format {}", format::FORMAT)));
}

#[test]
fn a_path_that_cannot_be_a_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let error = try_open(&file, &STORES).err().unwrap();
    assert!(matches!(error, Error::Open { .. }), "{error}");
    assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
}

#[test]
fn a_database_without_its_files_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), None);
    for height in 1..5 {
        commit(&store, changes_of(height));
    }
    store.rocks().flush().unwrap();
    drop(store);
    let table = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path());
    let table =
        table.filter(|path| path.extension().is_some_and(|extension| extension == "sst")).min().unwrap();
    std::fs::remove_file(table).unwrap();
    let error = try_open(directory.path(), &STORES).err().unwrap();
    assert!(matches!(error, Error::Open { .. }), "{error}");
}
