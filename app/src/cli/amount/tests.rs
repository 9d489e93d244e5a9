//! Amounts: what is accepted, what is refused and how, and that printing and parsing are inverse.

use super::*;
use proptest::prelude::*;

fn nils(text: &str) -> u128 {
    let coin = parse_coin(text).unwrap();
    assert_eq!(coin.denom, BASE_DENOM, "{text}");
    coin.amount.0
}

fn refusal(text: &str) -> String {
    format!("{:#}", parse_coins(text).unwrap_err())
}

#[test]
fn units_are_nils_ujmes_and_jmes_in_any_case() {
    for text in
        ["5JMES", "5jmes", "5.0Jmes", "5.000000000JMES", "5 JMES", "5000000ujmes", "5000000nils", "05JMES"]
    {
        assert_eq!(nils(text), 5_000_000, "{text}");
    }
    assert_eq!(nils("0.5jmes"), 500_000);
    assert_eq!(nils("0.000001JMES"), 1);
    assert_eq!(nils("1nil"), 1);
    assert_eq!(nils("1Nil"), 1);
}

#[test]
fn the_largest_amount_is_2_to_the_128_less_1_nils() {
    assert_eq!(nils("340282366920938463463374607431768211455ujmes"), u128::MAX);
    assert_eq!(nils("340282366920938463463374607431768.211455JMES"), u128::MAX);
    assert!(parse_coin("340282366920938463463374607431768211456ujmes").is_err());
    assert!(parse_coin("340282366920938463463374607431768.211456JMES").is_err());
}

#[test]
fn other_denominations_are_whole_numbers() {
    let coin = parse_coin("7ibc/27394FB092D2ECCD56123C74F36E4C1F").unwrap();
    assert_eq!((coin.amount.0, coin.denom.as_str()), (7, "ibc/27394FB092D2ECCD56123C74F36E4C1F"));
    assert!(parse_coin("0.5ibc/27394FB092D2ECCD56123C74F36E4C1F").is_err());
}

#[test]
fn coins_are_sorted_and_each_denomination_is_there_once() {
    let coins = parse_coins("1ujmes, 2ibc/AA").unwrap();
    assert_eq!(coins.to_string(), "2ibc/AA,1ujmes");
    insta::assert_snapshot!("doubled", refusal("1ujmes,2JMES"));
}

#[test]
fn refusals_say_what_is_wrong_and_how_to_write_it() {
    let texts = [
        "5",
        "JMES",
        "",
        "-5JMES",
        "1.5ujmes",
        "0.0000001JMES",
        "1.2.3JMES",
        ".5JMES",
        "5.JMES",
        "0JMES",
        "1e6ujmes",
        "5u",
        "+5ujmes",
        "5JMES,",
        "١ujmes",
    ];
    let list: Vec<String> = texts.iter().map(|text| format!("{text:?}: {}", refusal(text))).collect();
    insta::assert_snapshot!("refusals", list.join("\n"));
}

#[test]
fn amounts_are_shown_in_jmes_and_nils() {
    assert_eq!(describe(Amount(5_000_000), "ujmes"), "5 JMES (5000000 Nils)");
    assert_eq!(describe(Amount(1), "ujmes"), "0.000001 JMES (1 Nils)");
    assert_eq!(describe(Amount(1_500_000), "bujmes"), "1.5 bJMES (1500000 Nils bonded)");
    assert_eq!(describe(Amount(3), "ibc/AA"), "3 ibc/AA");
    assert_eq!(describe_coins(&[]), "nothing");
}

#[test]
fn fees_are_the_gas_price_times_gas_rounded_up() {
    let price: GasPrice = "0.0025ujmes".parse().unwrap();
    assert_eq!(price.fee(200_000).unwrap().amount.0, 500);
    assert_eq!(price.fee(1).unwrap().amount.0, 1);
    assert_eq!(price.fee(0).unwrap().amount.0, 0);
    assert_eq!(price.to_string(), "0.0025ujmes");
    assert_eq!("1nils".parse::<GasPrice>().unwrap().to_string(), "1ujmes");
    assert!("0.1JMES".parse::<GasPrice>().unwrap_err().to_string().contains("write it in ujmes"));
    assert!("ujmes".parse::<GasPrice>().is_err());
    let huge: GasPrice = "340282366920938463463ujmes".parse().unwrap();
    assert!(huge.fee(u64::MAX).is_err());
}

#[test]
fn decimals_have_at_most_18_places() {
    assert!("1.0000000000000000001".parse::<Decimal>().is_err());
    assert_eq!("1.300".parse::<Decimal>().unwrap().to_string(), "1.3");
    assert_eq!("1.3".parse::<Decimal>().unwrap().times_up(100_000), Some(130_000));
    for text in ["", ".", "1.", ".1", "-1", "1,5", "1e3"] {
        assert!(text.parse::<Decimal>().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_shown_in_jmes_is_read_back_exactly(amount: u128) {
        prop_assert_eq!(parse_coin(&format!("{}JMES", jmes(Amount(amount)))).unwrap().amount.0, amount);
        prop_assert_eq!(parse_coin(&format!("{amount}ujmes")).unwrap().amount.0, amount);
    }

    #[test]
    fn decimals_are_read_back_exactly(atto: u128) {
        prop_assert_eq!(Decimal(atto).to_string().parse::<Decimal>().unwrap(), Decimal(atto));
    }

    #[test]
    fn products_are_rounded_up_by_less_than_one(atto in 0..ONE * 1000, factor: u64) {
        let product = Decimal(atto).times_up(factor).unwrap();
        // product · 10^18 lies in [exact, exact + 10^18), checked by dividing exactly with the parts apart.
        let (whole, rest) = (atto / ONE * u128::from(factor), (atto % ONE) * u128::from(factor));
        let expected = whole + rest / ONE + u128::from(rest % ONE != 0);
        prop_assert_eq!(product, expected);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,40}") {
        let _ = parse_coins(&text);
        let _ = text.parse::<GasPrice>();
        let _ = text.parse::<Decimal>();
    }
}
