//! The bytes on disk are pinned: a change of these snapshots is a change of [`crate::format::FORMAT`].

use std::fmt::Write;

use super::*;
use crate::format::*;
use crate::rocks::Column;

#[test]
fn the_records_of_a_small_database() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), Some(10));
    let mut changes = Changes::new();
    changes.set(AUTH, [0xaa], "first");
    changes.set(BANK, [0x00, 0x01], "deleted later");
    commit(&store, changes);
    let mut changes = Changes::new();
    changes.set(AUTH, [0xaa], "second");
    changes.delete(BANK, [0x00, 0x01]);
    changes.set(BANK, [0x00], "created");
    let prepared = store.prepare(2, changes).unwrap();
    store.commit(prepared, &[("genesis", b"checksum")]).unwrap();

    let mut dump = String::new();
    for column in
        [Column::Meta, Column::State, Column::History, Column::Heights, Column::Preimages, Column::Nodes]
    {
        writeln!(dump, "{column:?}").unwrap();
        let mut records = store.rocks().iterator(column, vec![0], vec![0xff; 64]);
        records.seek_to_first();
        while let Some((key, value)) = records.item() {
            let key = if column == Column::Meta { key.escape_ascii().to_string() } else { hex::encode(key) };
            writeln!(dump, "  {key} = {}", hex::encode(value)).unwrap();
            records.next();
        }
    }
    insta::assert_snapshot!(dump);
}

#[test]
fn escaped_keys_sort_as_keys_do_and_read_back() {
    let alphabet = [0x00, 0x01, 0xfe, 0xff];
    let mut keys: Vec<Vec<u8>> = vec![vec![]];
    for length in 0..4 {
        let longer = keys.iter().filter(|key| key.len() == length).cloned().collect::<Vec<_>>();
        keys.extend(longer.iter().flat_map(|key| alphabet.map(|byte| [key.as_slice(), &[byte]].concat())));
    }
    keys.sort();
    let records: Vec<_> = keys
        .iter()
        .flat_map(|key| {
            [1, 255, 256, u64::MAX - 1].map(|height| history_key(&history_prefix(7, key), height))
        })
        .collect();
    assert!(records.is_sorted_by(|a, b| a < b), "records sort by key, then by height");
    for (key, record) in keys.iter().flat_map(|key| [key; 4]).zip(&records) {
        let (prefix, height) = split_history_key(record).unwrap();
        assert_eq!((&unescape(prefix).unwrap(), prefix[0]), (key, 7));
        assert!([1, 255, 256, u64::MAX - 1].contains(&height));
    }
}

#[test]
fn records_cut_short_or_with_other_bytes_are_corrupt() {
    let change = Change { store: 1, key: b"key", effect: Effect::Deleted };
    let changes = encode_changes(&[change, change]);
    let list = encode_list(&["one", "two"]);
    let head = Head { height: 1, earliest: 1, app_hash: [7; 32] }.encode();
    for cut in 1..changes.len() {
        assert_eq!(decode_changes(&changes[..cut]).is_ok(), cut == changes.len() / 2, "{cut}");
    }
    for cut in 1..list.len() {
        assert_eq!(decode_list(&list[..cut]).is_ok(), cut == list.len() / 2, "{cut}");
    }
    (0..head.len()).for_each(|cut| assert!(Head::decode(&head[..cut]).is_err(), "{cut}"));
    assert!(Head::decode(&[head, vec![0]].concat()).is_err());
    assert!(decode_changes(&[3, 0, 0, 0, 0, 0]).is_err(), "an effect that is none");
    assert!([&[][..], &[2], &[0, 0]].iter().all(|bytes| decode_previous(bytes).is_err()));
    assert!([&[][..], &[1], &[1, 0], &[1, 0, 0, 1], &[1, 5, 0, 0xff]]
        .iter()
        .all(|bytes| unescape(bytes).is_err()));
    assert!(split_history_key(&[0; 7]).is_err() && Place::decode(&[b'c'; 12]).is_err());
    assert!(Roots::decode(&[]).is_err() && Roots::decode(&encode_list(&[[9u8; 2]])).is_err());
}
