//! Products of 128 bits against arithmetic of 512, and against plain arithmetic where that suffices.

use crate::kernel::{codes, mul_div, mul_div_ceil, Amount, Value, U256};
use crate::test_support::{assert_refused, cases};
use primitive_types::U512;
use proptest::prelude::*;

const MOST: u128 = u128::MAX;

/// Numbers of every size, with those at the edges often.
fn number() -> impl Strategy<Value = u128> {
    prop_oneof![
        2 => (any::<u128>(), 0..128_u32).prop_map(|(number, shift)| number >> shift),
        1 => (0..128_u32).prop_map(|bit| 1 << bit),
        1 => (0..128_u32).prop_map(|bit| (1_u128 << bit) - 1),
        1 => prop_oneof![Just(0), Just(1), Just(MOST - 1), Just(MOST)],
    ]
}

fn divisor() -> impl Strategy<Value = u128> {
    number().prop_map(|number| number.max(1))
}

fn wide(number: u128) -> U512 {
    U512::from(number)
}

#[test]
fn quotients_are_the_floor_and_the_ceiling_or_do_not_fit() {
    proptest!(cases(3_000), |(a in number(), b in number(), divisor in divisor())| {
        let product = wide(a) * wide(b);
        let (floor, rest) = (product / wide(divisor), product % wide(divisor));
        let ceiling = if rest.is_zero() { floor } else { floor + 1 };
        let fits = |number: U512| (number <= wide(MOST)).then(|| number.as_u128());
        prop_assert_eq!(mul_div(a, b, divisor).ok(), fits(floor));
        prop_assert_eq!(mul_div_ceil(a, b, divisor).ok(), fits(ceiling));
        prop_assert_eq!(Amount(a).times(b, divisor).ok(), fits(floor).map(Amount));
    });
}

#[test]
fn small_quotients_are_those_of_plain_arithmetic() {
    proptest!(cases(1_000), |(a in any::<u64>(), b in any::<u64>(), divisor in 1..=u64::MAX)| {
        let (a, b, divisor) = (u128::from(a), u128::from(b), u128::from(divisor));
        prop_assert_eq!(mul_div(a, b, divisor), Ok(a * b / divisor));
        prop_assert_eq!(mul_div_ceil(a, b, divisor), Ok((a * b).div_ceil(divisor)));
    });
}

#[test]
fn the_order_of_the_factors_does_not_matter() {
    proptest!(cases(500), |(a in number(), b in number(), divisor in divisor())| {
        prop_assert_eq!(mul_div(a, b, divisor).ok(), mul_div(b, a, divisor).ok());
        prop_assert_eq!(mul_div_ceil(a, b, divisor).ok(), mul_div_ceil(b, a, divisor).ok());
    });
}

#[test]
fn the_largest_numbers_are_divided_exactly() {
    assert_eq!(mul_div(MOST, MOST, MOST), Ok(MOST));
    assert_eq!(mul_div_ceil(MOST, MOST, MOST), Ok(MOST));
    assert_eq!(mul_div(MOST, 0, 1), Ok(0));
    assert_eq!(mul_div_ceil(0, MOST, MOST), Ok(0));
    assert_eq!(mul_div(MOST, 1, 2), Ok(MOST / 2));
    assert_eq!(mul_div_ceil(MOST, 1, 2), Ok(MOST / 2 + 1));
}

#[test]
fn a_ceiling_that_is_one_too_large_is_refused() {
    // 2^129 - 1 is a multiple of 7; half of it is 2^128 - 1/2.
    let seventh = ((U256::one() << 129) - 1) / U256::from(7_u8);
    assert_eq!(seventh * U256::from(7_u8), (U256::one() << 129) - 1);
    assert_eq!(mul_div(seventh.as_u128(), 7, 2), Ok(MOST));
    let why = format!("{seventh} x 7 / 2 passes 2^128 - 1");
    assert_refused(mul_div_ceil(seventh.as_u128(), 7, 2), "sdk", codes::LOGIC, &why);
}

#[test]
fn nothing_is_divided_by_zero() {
    for result in [mul_div(3, 5, 0), mul_div_ceil(0, 0, 0)] {
        let error = result.unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", codes::LOGIC));
        assert!(error.message.ends_with("was to be divided by 0"), "{error}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_numbers() {
    let why = format!("{MOST} x 2 / 1 passes 2^128 - 1");
    assert_refused(mul_div(MOST, 2, 1), "sdk", codes::LOGIC, &why);
    assert_refused(mul_div_ceil(MOST, 2, 1), "sdk", codes::LOGIC, &why);
    assert_refused(Amount(MOST).times(2, 1), "sdk", codes::LOGIC, &why);
}

#[test]
fn numbers_of_256_bits_are_stored_in_32_bytes_the_highest_first() {
    proptest!(cases(200), |(bytes in any::<[u8; 32]>())| {
        let number = U256::from_big_endian(&bytes);
        prop_assert_eq!(Value::encode(&number), bytes);
        prop_assert_eq!(<U256 as Value>::decode(&bytes), Some(number));
    });
    assert_eq!(Value::encode(&U256::from(258_u32))[29..], [0, 1, 2]);
    for length in [0, 16, 31, 33, 64] {
        assert_eq!(<U256 as Value>::decode(&vec![0; length]), None);
    }
}
