//! Items and maps against a BTreeMap; the encodings of keys.

use crate::kernel::{Address, Amount, ConsensusAddress, Ctx, GasMeter, Item, Key, Map, StoreId, Value};
use crate::test_support::{cases, committed, ctx, ctx_over, Memory};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Debug;

const STORE: StoreId = StoreId(3);
const PAIRS: Map<(String, u64), Amount> = Map::new(STORE, 5);
/// The neighbours on both sides, whose entries must never show.
const BELOW: Map<u64, u64> = Map::new(STORE, 4);
const ABOVE: Map<u64, u64> = Map::new(STORE, 6);
const NEXT_STORE: Map<u64, u64> = Map::new(StoreId(4), 0);
const ITEM: Item<u64> = Item::new(STORE, 9);

#[derive(Clone, Debug)]
enum Step {
    Save((String, u64), u128),
    Remove((String, u64)),
    Load((String, u64)),
    Scan { group: Option<String>, from: Option<(String, u64)>, reverse: bool, limit: usize },
    Commit,
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(""), Just("a"), Just("a\u{1}"), Just("ab"), Just("b"), Just("\u{7f}"), Just("é")]
        .prop_map(str::to_owned)
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..3u64, Just(255), Just(256), Just(u64::MAX - 1), Just(u64::MAX)]
}

fn step() -> impl Strategy<Value = Step> {
    let pair = || (text(), number());
    let limit = prop_oneof![0..4usize, Just(usize::MAX)];
    let scan = (proptest::option::of(text()), proptest::option::of(pair()), any::<bool>(), limit);
    prop_oneof![
        6 => (pair(), any::<u128>()).prop_map(|(key, value)| Step::Save(key, value)),
        2 => pair().prop_map(Step::Remove),
        2 => pair().prop_map(Step::Load),
        4 => scan.prop_map(|(group, from, reverse, limit)| Step::Scan { group, from, reverse, limit }),
        1 => Just(Step::Commit),
    ]
}

fn neighbours(ctx: &mut Ctx) {
    for number in [0, u64::MAX] {
        BELOW.save(ctx, &number, &1).unwrap();
        ABOVE.save(ctx, &number, &1).unwrap();
        NEXT_STORE.save(ctx, &number, &1).unwrap();
    }
}

type Model = BTreeMap<(String, u64), Amount>;

/// What a scan of the model gives. With a group, `from` is a number in it.
fn scan_model(
    model: &Model,
    group: Option<&String>,
    from: Option<&(String, u64)>,
    reverse: bool,
    limit: usize,
) -> Vec<((String, u64), Amount)> {
    let is_in = |key: &(String, u64)| group.is_none_or(|group| key.0 == *group);
    let is_after = |key: &(String, u64)| match (from, group) {
        (None, _) => true,
        (Some(from), None) if reverse => key <= from,
        (Some(from), None) => key >= from,
        (Some(from), Some(_)) if reverse => key.1 <= from.1,
        (Some(from), Some(_)) => key.1 >= from.1,
    };
    let mut found: Vec<_> = model
        .iter()
        .filter(|(key, _)| is_in(key) && is_after(key))
        .map(|(key, value)| (key.clone(), *value))
        .collect();
    if reverse {
        found.reverse();
    }
    found.truncate(limit);
    found
}

#[test]
fn a_map_reads_as_a_btree_map() {
    proptest!(cases(300), |(steps in vec(step(), 1..60))| {
        let mut ctx = ctx();
        neighbours(&mut ctx);
        let mut model = Model::new();
        for step in steps {
            match step {
                Step::Save(key, value) => {
                    PAIRS.save(&mut ctx, &key, &Amount(value)).unwrap();
                    model.insert(key, Amount(value));
                }
                Step::Remove(key) => {
                    PAIRS.remove(&mut ctx, &key).unwrap();
                    model.remove(&key);
                }
                Step::Load(key) => {
                    prop_assert_eq!(PAIRS.load(&ctx, &key).unwrap(), model.get(&key).copied());
                    prop_assert_eq!(PAIRS.has(&ctx, &key).unwrap(), model.contains_key(&key));
                }
                Step::Scan { group, from, reverse, limit } => {
                    let prefix = group.as_ref().map(Key::encoded).unwrap_or_default();
                    let bound = from.as_ref().map(|from| match group {
                        Some(_) => from.1.encoded(),
                        None => from.encoded(),
                    });
                    let found = PAIRS.scan(&ctx, &prefix, bound.as_deref(), reverse, limit).unwrap();
                    prop_assert_eq!(found, scan_model(&model, group.as_ref(), from.as_ref(), reverse, limit));
                }
                Step::Commit => ctx = committed(ctx),
            }
        }
    });
}

#[test]
fn a_map_with_the_highest_prefix_of_the_highest_store_can_be_scanned() {
    let last: Map<u64, u64> = Map::new(StoreId(254), 255);
    let mut ctx = ctx();
    last.save(&mut ctx, &u64::MAX, &1).unwrap();
    for reverse in [false, true] {
        assert_eq!(last.scan(&ctx, &[], None, reverse, 9).unwrap(), [(u64::MAX, 1)]);
        assert_eq!(last.scan(&ctx, &[0xff; 8], None, reverse, 9).unwrap(), [(u64::MAX, 1)]);
    }
}

#[test]
fn an_item_is_there_from_its_save_to_its_removal() {
    let mut ctx = ctx();
    assert_eq!(ITEM.load(&ctx).unwrap(), None);
    ITEM.save(&mut ctx, &0).unwrap();
    assert_eq!(ITEM.load(&ctx).unwrap(), Some(0));
    ITEM.save(&mut ctx, &7).unwrap();
    assert_eq!(ITEM.load(&ctx).unwrap(), Some(7));
    ITEM.remove(&mut ctx).unwrap();
    assert_eq!(ITEM.load(&ctx).unwrap(), None);
}

#[test]
#[should_panic(expected = "state is corrupt: the value at [03, 09] can't be decoded")]
fn a_value_that_cannot_be_decoded_stops_the_node() {
    let base = Memory([(vec![3, 9], vec![1, 2, 3])].into());
    let _ = ITEM.load(&ctx_over(base, GasMeter::unlimited()));
}

#[test]
#[should_panic(expected = "state is corrupt: the key at [03, 04, 01] can't be decoded")]
fn a_key_that_cannot_be_decoded_stops_the_node() {
    let base = Memory([(vec![3, 4, 1], vec![0; 8])].into());
    let _ = BELOW.scan(&ctx_over(base, GasMeter::unlimited()), &[], None, false, 9);
}

#[track_caller]
fn check_pair<K: Key + Debug + PartialEq>(left: &K, right: &K, order: std::cmp::Ordering) {
    assert_eq!(left.encoded().cmp(&right.encoded()), order, "{left:?} and {right:?}");
    for key in [left, right] {
        let mut bytes = key.encoded();
        bytes.extend(b"more");
        let mut rest = bytes.as_slice();
        assert_eq!(K::read(&mut rest).as_ref(), Some(key));
        assert_eq!(rest, b"more", "a key says itself where it ends");
    }
}

fn any_text() -> impl Strategy<Value = String> {
    vec(any::<char>().prop_filter("no zero", |letter| *letter != '\0'), 0..6)
        .prop_map(|text| text.into_iter().collect())
}

/// 20 or 32 bytes, with shared beginnings.
fn any_address() -> impl Strategy<Value = Address> {
    let byte = prop_oneof![Just(0u8), Just(1), Just(255)];
    (any::<bool>(), byte, any::<[u8; 3]>()).prop_map(|(is_long, fill, tail)| {
        let mut raw = vec![fill; if is_long { 29 } else { 17 }];
        raw.extend(tail);
        Address::new(&raw).unwrap()
    })
}

#[test]
fn encoded_keys_keep_the_order_of_the_keys_and_come_back() {
    proptest!(cases(500), |(
        numbers in (number(), any::<u64>()),
        texts in (any_text(), any_text()),
        consensus in (any::<[u8; 20]>(), any::<[u8; 20]>()),
        addresses in (any_address(), any_address()),
    )| {
        check_pair(&numbers.0, &numbers.1, numbers.0.cmp(&numbers.1));
        check_pair(&texts.0, &texts.1, texts.0.as_bytes().cmp(texts.1.as_bytes()));
        let consensus = (ConsensusAddress(consensus.0), ConsensusAddress(consensus.1));
        check_pair(&consensus.0, &consensus.1, consensus.0.cmp(&consensus.1));
        // Addresses of keys come before those of DAOs.
        let rank = |address: &Address| (address.as_bytes().len(), address.as_bytes().to_vec());
        check_pair(&addresses.0, &addresses.1, rank(&addresses.0).cmp(&rank(&addresses.1)));
        let (left, right) = ((texts.0, numbers.0), (texts.1, numbers.1));
        check_pair(&left, &right, left.cmp(&right));
        let (left, right) = ((addresses.0, left.0), (addresses.1, right.0));
        let by_parts = rank(&left.0).cmp(&rank(&right.0)).then(left.1.cmp(&right.1));
        check_pair(&left, &right, by_parts);
    });
}

#[test]
fn nothing_shorter_or_wrong_is_read_as_a_key() {
    fn cannot_read<K: Key + Debug>(bytes: &[u8]) {
        let mut rest = bytes;
        assert!(K::read(&mut rest).is_none(), "{bytes:02x?}");
    }
    cannot_read::<u64>(&[0; 7]);
    cannot_read::<ConsensusAddress>(&[0; 19]);
    cannot_read::<Address>(&[]);
    cannot_read::<Address>(&[20; 20]);
    cannot_read::<Address>(&[21; 40]);
    cannot_read::<String>(b"no end");
    cannot_read::<String>(b"\xff\0");
    cannot_read::<(String, u64)>(b"a\0\x01");
}

#[test]
fn a_text_in_a_key_ends_at_its_first_zero_byte() {
    assert_eq!("ab\0c".to_owned().encoded(), b"ab\0");
}

#[test]
fn values_come_back_and_other_lengths_do_not() {
    fn check<V: Value + PartialEq + Debug>(value: V) {
        let bytes = value.encode();
        assert_eq!(V::decode(&bytes), Some(value));
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(V::decode(&longer), None);
        if let Some((_, shorter)) = bytes.split_last() {
            assert_eq!(V::decode(shorter), None);
        }
    }
    check(());
    check(0x0102_0304_0506_0708_u64);
    check(Amount(u128::MAX));
    check(Address::of_twenty([7; 20]));
    check(Address::new(&[7; 32]).unwrap());
    assert_eq!(0x0102_u64.encode(), [0, 0, 0, 0, 0, 0, 1, 2]);
}
