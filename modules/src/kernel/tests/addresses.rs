//! Addresses in bech32: published vectors and everything that is not an address.

use crate::kernel::{codes, Address, ConsensusAddress};
use crate::test_support::{assert_refused, cases};
use proptest::prelude::*;

/// The address of the generator point of secp256k1, the first vector of BIP-173.
const GENERATOR: &str = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const ADDRESS: &str = "jmes1w508d6qejxtdg4y5r3zarvary0c5xw7kq2gc20";
const OPERATOR: &str = "jmesvaloper1w508d6qejxtdg4y5r3zarvary0c5xw7k4wkjxs";
const CONSENSUS: &str = "jmesvalcons1w508d6qejxtdg4y5r3zarvary0c5xw7kpa9w23";
/// The bytes 0 to 31.
const DAO: &str = "jmes1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sr8mp86";

fn raw() -> [u8; 20] {
    hex::decode("751e76e8199196d454941c45d1b3a323f1433bd6").unwrap().try_into().unwrap()
}

#[test]
fn the_address_of_a_key_is_the_published_hash() {
    let key: [u8; 33] = hex::decode(GENERATOR).unwrap().try_into().unwrap();
    assert_eq!(Address::of_secp256k1(&key).as_bytes(), raw());
    assert_eq!(Address::of_secp256k1(&key).to_string(), ADDRESS);
}

#[test]
fn the_three_forms_have_their_prefixes() {
    let address = Address::of_twenty(raw());
    assert_eq!(Address::parse(ADDRESS), Ok(address));
    assert_eq!(address.operator(), OPERATOR);
    assert_eq!(Address::parse_operator(OPERATOR), Ok(address));
    assert_eq!(ConsensusAddress::parse(CONSENSUS), Ok(ConsensusAddress(raw())));
    assert_eq!(ConsensusAddress(raw()).to_string(), CONSENSUS);
    assert_eq!(format!("{address:?} {:?}", ConsensusAddress(raw())), format!("{ADDRESS} {CONSENSUS}"));
}

#[test]
fn a_dao_address_has_32_bytes() {
    let bytes: Vec<u8> = (0..32).collect();
    let address = Address::new(&bytes).unwrap();
    assert_eq!(address.to_string(), DAO);
    assert_eq!(Address::parse(DAO), Ok(address));
    assert_eq!(address.as_bytes(), bytes);
}

#[test]
fn the_same_bytes_and_zeros_behind_them_are_another_address() {
    let mut bytes = raw().to_vec();
    bytes.extend([0; 12]);
    assert_ne!(Address::new(&bytes).unwrap(), Address::of_twenty(raw()));
}

#[test]
fn capitals_are_read_but_not_mixed() {
    assert_eq!(Address::parse(&ADDRESS.to_uppercase()), Ok(Address::of_twenty(raw())));
    assert!(Address::parse(&ADDRESS.replace('w', "W")).is_err());
}

#[test]
fn another_prefix_is_refused_by_name() {
    let cosmos = "cosmos1w508d6qejxtdg4y5r3zarvary0c5xw7k6ah60c";
    let refused = [(cosmos, "cosmos"), (OPERATOR, "jmesvaloper"), (CONSENSUS, "jmesvalcons")];
    for (text, found) in refused {
        let why = format!("invalid address \"{text}\": invalid Bech32 prefix; expected jmes, got {found}");
        assert_refused(Address::parse(text), "sdk", codes::INVALID_ADDRESS, &why);
    }
    let why = format!("invalid address \"{ADDRESS}\": invalid Bech32 prefix; expected jmesvaloper, got jmes");
    assert_refused(Address::parse_operator(ADDRESS), "sdk", codes::INVALID_ADDRESS, &why);
    let why = format!("invalid address \"{ADDRESS}\": invalid Bech32 prefix; expected jmesvalcons, got jmes");
    assert_refused(ConsensusAddress::parse(ADDRESS), "sdk", codes::INVALID_ADDRESS, &why);
}

#[test]
fn other_lengths_are_refused() {
    for length in [0, 1, 19, 21, 31, 33, 64] {
        let why = format!("an address has 20 or 32 bytes, got {length}");
        assert_refused(Address::new(&vec![1; length]), "sdk", codes::INVALID_ADDRESS, &why);
    }
    let of_21 = "jmes1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqf4yqmh";
    assert_refused(
        Address::parse(of_21),
        "sdk",
        codes::INVALID_ADDRESS,
        "an address has 20 or 32 bytes, got 21",
    );
    assert!(Address::parse("jmes1yjep4u").is_err(), "no bytes at all");
    for length in [0, 19, 21, 32] {
        let why = format!("a consensus address has 20 bytes, got {length}");
        assert_refused(ConsensusAddress::new(&vec![1; length]), "sdk", codes::INVALID_ADDRESS, &why);
    }
}

#[test]
fn no_text_and_endless_text_are_refused() {
    let empty = "empty address string is not allowed";
    assert_refused(Address::parse(""), "sdk", codes::INVALID_ADDRESS, empty);
    let long = "an address of 100000 characters is too long";
    assert_refused(Address::parse(&"q".repeat(100_000)), "sdk", codes::INVALID_ADDRESS, long);
}

#[test]
fn one_address_has_one_text() {
    // Right checksums over a superfluous group of five bits, and over padding that is not zero.
    for text in [
        "jmes1w508d6qejxtdg4y5r3zarvary0c5xw7kq2gc2wp",
        "jmes1w508d6qejxtdg4y5r3zarvary0c5xw7klqyrwy2",
        "jmes1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0373056g",
    ] {
        let why = format!("invalid address \"{text}\": decoding bech32 failed: its bits are not whole bytes");
        assert_refused(Address::parse(text), "sdk", codes::INVALID_ADDRESS, &why);
    }
}

#[test]
fn the_newer_checksum_of_bech32m_is_refused() {
    assert!(Address::parse("jmes1w508d6qejxtdg4y5r3zarvary0c5xw7k4kc50d").is_err());
}

#[test]
fn a_changed_character_never_passes_the_checksum() {
    proptest!(cases(300), |(at in 0..ADDRESS.len(), to in "[ -~é]")| {
        let mut text: Vec<char> = ADDRESS.chars().collect();
        prop_assume!(text[at].to_string() != to);
        text[at] = to.chars().next().unwrap();
        let changed: String = text.into_iter().collect();
        let error = Address::parse(&changed).unwrap_err();
        prop_assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_ADDRESS));
    });
}

#[test]
fn every_address_comes_back_from_its_text() {
    proptest!(cases(300), |(long in any::<[u8; 32]>(), is_long in any::<bool>())| {
        let address = Address::new(if is_long { &long } else { &long[..20] }).unwrap();
        prop_assert_eq!(Address::parse(&address.to_string()), Ok(address));
        prop_assert_eq!(Address::parse_operator(&address.operator()), Ok(address));
    });
}

#[test]
fn the_text_is_the_one_of_the_bech32_library() {
    proptest!(cases(500), |(long in any::<[u8; 32]>(), is_short: bool)| {
        let raw = if is_short { &long[..20] } else { &long[..] };
        let address = Address::new(raw).unwrap();
        let encode = |prefix| bech32::encode::<bech32::Bech32>(bech32::Hrp::parse(prefix).unwrap(), raw).unwrap();
        prop_assert_eq!(address.to_string(), encode("jmes"));
        prop_assert_eq!(address.operator(), encode("jmesvaloper"));
        prop_assert_eq!(Address::parse(&address.to_string()), Ok(address));
    });
}
