//! Prices of gas as operators write them.

use super::cases;
use crate::chain::GasPrice;
use proptest::prelude::*;

fn price(text: &str) -> GasPrice {
    text.parse().unwrap()
}

#[test]
fn a_price_is_a_decimal_and_the_denomination() {
    assert_eq!(price("0.0025ujmes"), GasPrice(2_500_000_000_000_000));
    assert_eq!(price("0ujmes"), GasPrice(0));
    assert_eq!(price("0.000000000000000001ujmes"), GasPrice(1));
    assert_eq!(price(" 12ujmes "), GasPrice(12_000_000_000_000_000_000));
}

#[test]
fn anything_else_is_no_price() {
    let too_large = "340282366920938463464ujmes";
    let too_fine = "0.0000000000000000001ujmes";
    for text in [
        "",
        "ujmes",
        "0.0025",
        ".5ujmes",
        "-1ujmes",
        "+1ujmes",
        "1e3ujmes",
        "1,5ujmes",
        "1.2.3ujmes",
        "1jmes",
        too_large,
        too_fine,
    ] {
        let error = text.parse::<GasPrice>().unwrap_err();
        let why = format!("invalid gas price \"{text}\": expected a decimal and ujmes, such as 0.0025ujmes");
        assert_eq!(error, why);
    }
}

#[test]
fn a_fee_is_rounded_up() {
    let usual = price("0.0025ujmes");
    assert_eq!([0, 1, 400, 401, 200_000].map(|gas| usual.fee(gas)), [0, 1, 1, 2, 500]);
    assert_eq!(price("0ujmes").fee(u64::MAX), 0);
    assert_eq!(GasPrice(1).fee(1), 1);
}

#[test]
fn a_fee_that_no_number_holds_is_more_than_anyone_has() {
    assert!(GasPrice(u128::MAX).fee(u64::MAX) > 10_u128.pow(15), "the most Nils that will ever be");
}

#[test]
fn a_price_comes_back_from_its_text() {
    proptest!(cases(300), |(units in any::<u128>())| {
        prop_assert_eq!(GasPrice(units).to_string().parse(), Ok(GasPrice(units)));
    });
}
