//! Amounts, denominations and coins as wallets write them.

use crate::kernel::{codes, validate_denom, Amount, Coin, Coins};
use crate::test_support::{assert_refused, cases, coins};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;

const MOST: &str = "340282366920938463463374607431768211455";

#[test]
fn amounts_are_whole_numbers_below_two_to_the_128() {
    for (text, amount) in [("0", 0), ("1", 1), ("18446744073709551616", 1 << 64), (MOST, u128::MAX)] {
        assert_eq!(Amount::parse(text), Ok(Amount(amount)));
        assert_eq!(Amount(amount).to_string(), text);
    }
}

#[test]
fn anything_else_is_no_amount() {
    let too_large = "340282366920938463463374607431768211456";
    for text in
        ["", " 1", "1 ", "+1", "-1", "01", "00", "1.0", "1e3", "0x1", "١", "1_000", "1,000", too_large]
    {
        let why = format!("invalid amount \"{text}\": expected a whole number from 0 to 2^128 - 1");
        assert_refused(Amount::parse(text), "sdk", codes::INVALID_COINS, &why);
    }
}

#[test]
fn a_long_text_is_not_repeated_whole() {
    let error = Amount::parse(&"9".repeat(100_000)).unwrap_err();
    assert!(error.message.len() < 150, "{}", error.message);
    let error = validate_denom(&"x".repeat(100_000)).unwrap_err();
    assert!(error.message.len() < 150, "{}", error.message);
}

#[test]
fn sums_and_differences_are_checked() {
    assert_eq!(Amount(2).plus(Amount(3)), Ok(Amount(5)));
    assert_refused(
        Amount(u128::MAX).plus(Amount(1)),
        "sdk",
        codes::INVALID_COINS,
        &format!("the sum of {MOST} and 1 is too large"),
    );
    assert_eq!(Amount(5).minus(Amount(5)), Some(Amount::ZERO));
    assert_eq!(Amount(5).minus(Amount(6)), None);
}

#[test]
fn denominations_are_three_to_128_characters_and_begin_with_a_letter() {
    for denom in [
        "abc",
        "ujmes",
        "Ab1",
        "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2",
        "a/:._-9",
    ] {
        assert_eq!(validate_denom(denom), Ok(()));
    }
    assert_eq!(validate_denom(&"a".repeat(128)), Ok(()));
    for denom in ["", "ab", "1abc", "/abc", "abc ", "ab c", "abc,def", "abcé", "ab\0c", "ab\nc"] {
        assert_refused(
            validate_denom(denom),
            "sdk",
            codes::INVALID_COINS,
            &format!("invalid denom: {denom}"),
        );
    }
    assert!(validate_denom(&"a".repeat(129)).is_err());
}

fn proto(coins: &[(&str, &str)]) -> Vec<ProtoCoin> {
    let coin =
        |(denom, amount): &(&str, &str)| ProtoCoin { denom: (*denom).into(), amount: (*amount).into() };
    coins.iter().map(coin).collect()
}

#[test]
fn coins_of_a_wallet_are_sorted_positive_and_each_once() {
    let given = proto(&[("atom", "1"), ("ujmes", MOST)]);
    let read = Coins::from_proto(&given).unwrap();
    assert_eq!(read.to_string(), format!("1atom,{MOST}ujmes"));
    assert_eq!(read.to_proto(), given);
    assert_eq!(read.amount("ujmes"), Amount(u128::MAX));
    assert_eq!(read.amount("else"), Amount::ZERO);
    assert!(!read.is_empty());
    assert!(Coins::from_proto(&[]).unwrap().is_empty());
}

#[test]
fn coins_of_a_wallet_are_refused_with_the_one_that_is_wrong() {
    let refused: [(&[(&str, &str)], &str); 6] = [
        (&[("ujmes", "1"), ("atom", "1")], "denomination atom is not sorted"),
        (&[("ujmes", "1"), ("ujmes", "1")], "duplicate denomination ujmes"),
        (&[("ujmes", "0")], "coin 0ujmes amount is not positive"),
        (&[("ujmes", "-1")], "invalid amount \"-1\": expected a whole number from 0 to 2^128 - 1"),
        (&[("u", "1")], "invalid denom: u"),
        (&[("", "1")], "invalid denom: "),
    ];
    for (given, why) in refused {
        assert_refused(Coins::from_proto(&proto(given)), "sdk", codes::INVALID_COINS, why);
    }
}

#[test]
fn added_coins_are_a_sorted_sum_without_zeros() {
    let denoms = || prop_oneof![Just("aaa"), Just("bbb"), Just("ccc"), Just("ujmes")];
    proptest!(cases(200), |(added in vec((denoms(), 0..1_000u128), 0..12))| {
        let mut coins = Coins::default();
        let mut model: BTreeMap<&str, u128> = BTreeMap::new();
        for (denom, amount) in added {
            coins.add(Coin::new(denom, Amount(amount))).unwrap();
            if amount > 0 {
                *model.entry(denom).or_default() += amount;
            }
        }
        let sums: Vec<(&str, u128)> = coins.iter().map(|coin| (coin.denom.as_str(), coin.amount.0)).collect();
        prop_assert_eq!(sums, model.into_iter().collect::<Vec<_>>());
    });
}

#[test]
fn coins_come_back_from_what_wallets_send() {
    let some = btree_map("[a-zA-Z][a-zA-Z0-9/:._-]{2,20}", 1..=u128::MAX, 0..6);
    proptest!(cases(200), |(some in some)| {
        let mut coins = Coins::default();
        for (denom, amount) in some {
            coins.add(Coin::new(denom, Amount(amount))).unwrap();
        }
        prop_assert_eq!(Coins::from_proto(&coins.to_proto()), Ok(coins));
    });
}

#[test]
fn a_sum_of_coins_that_is_too_large_is_refused_and_changes_nothing() {
    let mut sum = coins("340282366920938463463374607431768211455ujmes");
    let before = sum.clone();
    assert!(sum.add(Coin::new("ujmes", Amount(1))).is_err());
    assert_eq!(sum, before);
}
