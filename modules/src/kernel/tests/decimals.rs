//! Fractions: their two notations and the parts they make of amounts.

use crate::kernel::{codes, Amount, Decimal};
use crate::test_support::{assert_refused, cases};
use proptest::prelude::*;

const UNIT: u128 = 1_000_000_000_000_000_000;

#[test]
fn decimals_are_read_with_or_without_a_point() {
    let read = |text: &str| Decimal::parse(text).unwrap().0;
    assert_eq!(read("0"), 0);
    assert_eq!(read("1"), UNIT);
    assert_eq!(read("0.05"), UNIT / 20);
    assert_eq!(read("0.050000000000000000"), UNIT / 20);
    assert_eq!(read("0.000000000000000001"), 1);
    assert_eq!(read("007.5"), 7 * UNIT + UNIT / 2);
    assert_eq!(read("99999999999999999999.999999999999999999"), 100_000_000_000_000_000_000 * UNIT - 1);
}

#[test]
fn what_is_no_decimal_is_refused() {
    let long = "1".repeat(21);
    let wrong = [
        "",
        ".",
        "5.",
        ".5",
        "-1",
        "+1",
        "1e3",
        " 1",
        "1 ",
        "0,5",
        "1.2.3",
        "0.-1",
        "0.+1",
        "0x1",
        "NaN",
        "\u{663}",
        "0.0000000000000000001",
        long.as_str(),
    ];
    for text in wrong {
        let why = format!("invalid decimal \"{text}\": expected a number such as 0.05");
        assert_refused(Decimal::parse(text), "sdk", codes::INVALID_REQUEST, &why);
    }
}

#[test]
fn a_refusal_shows_no_more_than_48_characters() {
    let error = Decimal::parse(&"\u{e9}".repeat(1_000)).unwrap_err();
    assert!(error.message.contains(&format!("\"{}\"", "\u{e9}".repeat(48))));
    let error = Decimal::from_proto(&"9".repeat(1_000)).unwrap_err();
    assert!(error.message.contains(&format!("\"{}\"", "9".repeat(48))));
}

#[test]
fn messages_carry_the_number_of_units() {
    assert_eq!(Decimal::from_proto("50000000000000000"), Decimal::parse("0.05"));
    assert_eq!(Decimal::from_proto(""), Ok(Decimal::ZERO), "clients leave zero out");
    assert_eq!(Decimal::from_proto(&u128::MAX.to_string()), Ok(Decimal(u128::MAX)));
    for text in ["0.05", "-1", "01", " 1", "340282366920938463463374607431768211456"] {
        let expected = "a whole number of units of 10^-18 from 0 to 2^128 - 1";
        let why = format!("invalid decimal \"{text}\": expected {expected}");
        assert_refused(Decimal::from_proto(text), "sdk", codes::INVALID_REQUEST, &why);
    }
}

#[test]
fn a_percent_is_a_hundredth() {
    assert_eq!(Decimal::percent(100), Decimal::ONE);
    assert_eq!(Decimal::percent(5).to_string(), "0.050000000000000000");
    assert_eq!(Decimal::percent(0), Decimal::ZERO);
    assert_eq!(Decimal::percent(u32::MAX).0, u128::from(u32::MAX) * UNIT / 100);
}

#[test]
fn a_part_of_an_amount_is_rounded_down() {
    let part = |text: &str, amount| Decimal::parse(text).unwrap().of(Amount(amount)).unwrap().0;
    assert_eq!(part("0.05", 19), 0);
    assert_eq!(part("0.05", 20), 1);
    assert_eq!(part("0.999999999999999999", 1), 0);
    assert_eq!(part("1", u128::MAX), u128::MAX);
    assert_eq!(part("0", u128::MAX), 0);
    let why = format!("{} x {} / {UNIT} passes 2^128 - 1", u128::MAX, 2 * UNIT);
    assert_refused(Decimal(2 * UNIT).of(Amount(u128::MAX)), "sdk", codes::LOGIC, &why);
}

#[test]
fn what_is_shown_is_read_again_and_so_is_what_messages_carry() {
    proptest!(cases(500), |(units in prop_oneof![any::<u128>(), 0..=2 * UNIT])| {
        let decimal = Decimal(units);
        prop_assert_eq!(Decimal::from_proto(&decimal.to_proto()), Ok(decimal));
        let shown = decimal.to_string();
        let (whole, places) = shown.split_once('.').unwrap();
        prop_assert_eq!(places.len(), 18);
        prop_assert_eq!(whole.parse::<u128>().unwrap(), units / UNIT);
        prop_assert_eq!(places.parse::<u128>().unwrap(), units % UNIT);
        // At most 20 digits are read; a number of 128 bits has 21 of them at most.
        prop_assert_eq!(Decimal::parse(&shown).ok(), (whole.len() <= 20).then_some(decimal));
    });
}

#[test]
fn decimals_are_ordered_as_their_texts_of_equal_length() {
    proptest!(cases(300), |(left in 0..UNIT, right in 0..UNIT)| {
        let (left, right) = (Decimal(left), Decimal(right));
        prop_assert_eq!(left.cmp(&right), left.to_string().cmp(&right.to_string()));
    });
}

#[test]
fn parts_that_make_a_whole_never_sum_to_more_than_it() {
    proptest!(cases(500), |(amount in any::<u128>(), part in 0..=UNIT)| {
        let one = Decimal(part).of(Amount(amount)).unwrap();
        let other = Decimal(UNIT - part).of(Amount(amount)).unwrap();
        let rest = amount - one.0 - other.0;
        prop_assert!(rest <= 1, "no more than one unit is lost to rounding");
    });
}
