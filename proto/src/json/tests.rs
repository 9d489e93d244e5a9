//! Rules of the JSON form. The vectors in `testdata/json.json` were written by the Cosmos SDK 0.53.8.

use cosmos_sdk_proto::cosmos::{
    bank::v1beta1::{MsgSend, QueryAllBalancesResponse},
    base::{query::v1beta1::PageRequest, v1beta1::Coin},
    tx::v1beta1::Tx,
};
use proptest::prelude::*;
use prost::{Message as _, Name};

use super::*;
use crate::{pool, testing::Random, Any};

fn descriptor(name: &str) -> MessageDescriptor {
    pool().get_message_by_name(name).unwrap_or_else(|| panic!("{name} is not in the set"))
}

fn write(name: &str, bytes: &[u8]) -> Result<String, Error> {
    let mut out = Vec::new();
    to_json(&descriptor(name), bytes, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn read<M: Name + Default>(json: &str) -> Result<M, Error> {
    let bytes = from_json(&descriptor(&M::full_name()), json.as_bytes())?;
    Ok(M::decode(&bytes[..]).unwrap())
}

fn refusal<M: Name + Default + std::fmt::Debug>(json: &str) -> String {
    read::<M>(json).unwrap_err().to_string()
}

#[test]
fn messages_are_written_as_the_cosmos_sdk_writes_them() {
    let vectors: Vec<std::collections::BTreeMap<String, String>> =
        serde_json::from_str(include_str!("../../testdata/json.json")).unwrap();
    assert!(vectors.len() > 30);
    for vector in vectors {
        let (name, kind) = (&vector["name"], &vector["type"]);
        let json = write(kind, &hex::decode(&vector["hex"]).unwrap());
        assert_eq!(json.as_ref(), Ok(&vector["json"]), "{name}");
        let read = from_json(&descriptor(kind), vector["json"].as_bytes());
        assert_eq!(
            write(kind, &read.unwrap()).as_ref(),
            Ok(&vector["json"]),
            "{name}, read and written again"
        );
    }
}

#[test]
fn text_is_appended() {
    let mut out = b"x".to_vec();
    to_json(&descriptor("cosmos.base.v1beta1.Coin"), &[], &mut out).unwrap();
    assert_eq!(out, b"x{\"denom\":\"\",\"amount\":\"0\"}");
}

#[test]
fn an_absent_decimal_is_zero() {
    let json = write("cosmos.base.v1beta1.DecCoin", &[]).unwrap();
    assert_eq!(json, r#"{"denom":"","amount":"0.000000000000000000"}"#);
}

#[test]
fn amounts_that_are_no_numbers_are_shown_as_they_are() {
    let coin = Coin { denom: "u".to_owned(), amount: "1<2".to_owned() };
    let json = write("cosmos.base.v1beta1.DecCoin", &coin.encode_to_vec()).unwrap();
    assert_eq!(json, r#"{"denom":"u","amount":"1\u003c2"}"#);
}

#[test]
fn records_of_one_message_field_are_merged() {
    // Balance: field 1 with a denom, then again with an amount.
    let bytes = [0x0a, 3, 0x0a, 1, b'u', 0x0a, 3, 0x12, 1, b'7'];
    let json = write("cosmos.bank.v1beta1.QueryBalanceResponse", &bytes).unwrap();
    assert_eq!(json, r#"{"balance":{"denom":"u","amount":"7"}}"#);
}

#[test]
fn numbers_are_read_packed_and_unpacked() {
    let field = |number: u32| (number << 3) as u8;
    // unbonding_ids is field 13 of Validator: 1 unpacked, 2 and 3 packed.
    let bytes = [field(13), 1, field(13) | 2, 2, 2, 3];
    let json = write("cosmos.staking.v1beta1.Validator", &bytes).unwrap();
    assert!(json.ends_with(r#""unbonding_ids":["1","2","3"]}"#), "{json}");
}

#[test]
fn unknown_fields_are_left_out() {
    let bytes = [0x9a, 0x06, 2, b'h', b'i', 0x0a, 1, b'u'];
    assert_eq!(write("cosmos.base.v1beta1.Coin", &bytes).unwrap(), r#"{"denom":"u","amount":"0"}"#);
}

#[test]
fn of_a_oneof_the_last_member_counts() {
    // ModeInfo: multi (2), then single (1).
    let json = write("cosmos.tx.v1beta1.ModeInfo", &[0x12, 0, 0x0a, 2, 0x08, 1]).unwrap();
    assert_eq!(json, r#"{"single":{"mode":"SIGN_MODE_DIRECT"}}"#);
}

#[test]
fn damaged_bytes_are_refused() {
    let coin = |bytes: &[u8]| write("cosmos.base.v1beta1.Coin", bytes).unwrap_err().to_string();
    assert_eq!(coin(&[0x0a]), "cosmos.base.v1beta1.Coin: the message ends in the middle of a field");
    assert_eq!(coin(&[0x0b]), "cosmos.base.v1beta1.Coin: wire type 3 is not supported");
    assert_eq!(coin(&[0x08, 1]), "cosmos.base.v1beta1.Coin.denom has the wire type of another field type");
}

#[test]
fn an_any_of_an_unknown_type_is_refused() {
    for type_url in ["/a.B", "", "cosmos.base.v1beta1.Coin", "type.googleapis.com/cosmos.base.v1beta1.Coin"] {
        let any = Any { type_url: type_url.to_owned(), value: Vec::new() };
        let error = write("google.protobuf.Any", &any.encode_to_vec()).unwrap_err();
        assert_eq!(error, Error::UnknownType(type_url.to_owned()));
    }
}

#[test]
fn a_special_type_in_an_any_is_its_value() {
    let any = Any { type_url: "/google.protobuf.Duration".to_owned(), value: vec![0x08, 3] };
    let json = write("google.protobuf.Any", &any.encode_to_vec()).unwrap();
    assert_eq!(json, r#"{"@type":"/google.protobuf.Duration","value":"3s"}"#);
    assert_eq!(read::<Any>(&json).unwrap(), any);
    assert_eq!(
        refusal::<Any>(r#"{"@type":"/google.protobuf.Duration"}"#),
        "google.protobuf.Any: google.protobuf.Duration is given as \"value\" at line 1 column 37"
    );
}

#[test]
fn nesting_is_bounded_in_both_directions() {
    let mut any = Any { type_url: "/cosmos.base.v1beta1.Coin".to_owned(), value: Vec::new() };
    let mut json = r#"{"@type":"/cosmos.base.v1beta1.Coin"}"#.to_owned();
    for _ in 0..120 {
        any = Any { type_url: "/google.protobuf.Any".to_owned(), value: any.encode_to_vec() };
        json = format!(r#"{{"@type":"/google.protobuf.Any","value":{json}}}"#);
    }
    assert_eq!(write("google.protobuf.Any", &any.encode_to_vec()), Err(Error::TooDeep));
    assert!(refusal::<Any>(&json).contains("nested more than 100 deep"));
}

#[test]
fn output_is_bounded() {
    // Each empty validator takes two bytes and is written in full.
    let bytes = [0x0a, 0].repeat(200_000);
    let result = write("cosmos.staking.v1beta1.QueryValidatorsResponse", &bytes);
    assert_eq!(result, Err(Error::TooLong(MAX_OUTPUT)));
}

#[test]
fn input_is_bounded() {
    let json = " ".repeat(MAX_INPUT + 1);
    assert_eq!(read::<Coin>(&json), Err(Error::TooLong(MAX_INPUT)));
}

#[test]
fn names_are_read_in_both_spellings() {
    let expected = MsgSend { from_address: "a".to_owned(), to_address: "b".to_owned(), amount: Vec::new() };
    assert_eq!(read(r#"{"from_address":"a","toAddress":"b"}"#), Ok(expected));
}

#[test]
fn integers_are_read_as_numbers_and_as_text() {
    let expected = PageRequest { offset: u64::MAX, limit: 7, ..PageRequest::default() };
    assert_eq!(read(r#"{"offset":"18446744073709551615","limit":7}"#), Ok(expected.clone()));
    assert_eq!(read(r#"{"offset":18446744073709551615,"limit":"7"}"#), Ok(expected));
    for wrong in
        [r#""18446744073709551616""#, "-1", r#""-1""#, "1.5", r#""""#, r#"" 1""#, "true", "1e400", "[]"]
    {
        assert!(refusal::<PageRequest>(&format!(r#"{{"limit":{wrong}}}"#)).starts_with("limit: "), "{wrong}");
    }
}

#[test]
fn bytes_are_read_in_both_alphabets() {
    let expected = PageRequest { key: vec![0xfb, 0xff, 0xbf], ..PageRequest::default() };
    assert_eq!(read(r#"{"key":"+/+/"}"#), Ok(expected.clone()));
    assert_eq!(read(r#"{"key":"-_-_"}"#), Ok(expected));
}

#[test]
fn null_is_the_default() {
    let tx = r#"{"body":null,"auth_info":null,"signatures":null}"#;
    assert_eq!(read::<Tx>(tx), Ok(Tx::default()));
    assert_eq!(
        refusal::<Tx>(r#"{"signatures":[null]}"#),
        "signatures[0]: invalid type: null, expected base64 text at line 1 column 19"
    );
}

#[test]
fn the_type_of_an_any_may_stand_anywhere() {
    let coin = Coin { denom: "u".to_owned(), amount: "5".to_owned() };
    let expected = Any { type_url: "/cosmos.base.v1beta1.Coin".to_owned(), value: coin.encode_to_vec() };
    for json in [
        r#"{"@type":"/cosmos.base.v1beta1.Coin","denom":"u","amount":"5"}"#,
        r#"{"amount":"5","denom":"u","@type":"/cosmos.base.v1beta1.Coin"}"#,
    ] {
        assert_eq!(read::<Any>(json).as_ref(), Ok(&expected));
    }
    for json in ["{}", r#"{"denom":"u"}"#, r#"{"denom":"u","@type":5}"#] {
        assert!(refusal::<Any>(json).contains("@type with the type URL is missing"));
    }
    assert!(refusal::<Any>(r#"{"@type":"/a.B"}"#).contains("unable to resolve type URL /a.B"));
    assert!(
        refusal::<Any>(r#"{"denom":"u","denom":"v","@type":"/cosmos.base.v1beta1.Coin"}"#).contains("twice")
    );
}

#[test]
fn refusals_name_the_field() {
    let amount =
        r#"{"body":{"messages":[{"@type":"/cosmos.bank.v1beta1.MsgSend","amount":[{"amount":5}]}]}}"#;
    assert_eq!(
        refusal::<Tx>(amount),
        "body.messages[0].amount[0].amount: invalid value: integer `5`, expected an integer as text at line 1 column 82"
    );
    assert_eq!(
        refusal::<Tx>(r#"{"body":{"memmo":""}}"#),
        "body: cosmos.tx.v1beta1.TxBody has no field \"memmo\" at line 1 column 16"
    );
    assert_eq!(
        refusal::<Coin>("[]"),
        "cosmos.base.v1beta1.Coin: invalid type: sequence, expected an object at line 1 column 0"
    );
    assert!(refusal::<Coin>("{} x").starts_with("cosmos.base.v1beta1.Coin: trailing characters"));
}

#[test]
fn fields_are_not_given_twice() {
    assert!(refusal::<MsgSend>(r#"{"from_address":"a","fromAddress":"a"}"#)
        .starts_with("from_address: given besides from_address: only one may be"));
    let mode = r#"{"auth_info":{"signer_infos":[{"mode_info":{"single":{},"multi":{}}}]}}"#;
    assert!(refusal::<Tx>(mode)
        .starts_with("auth_info.signer_infos[0].mode_info.multi: given besides single: only one may be"));
}

#[test]
fn fields_are_written_in_canonical_order() {
    let bytes = from_json(&descriptor("cosmos.base.v1beta1.Coin"), br#"{"amount":"5","denom":"u"}"#).unwrap();
    assert_eq!(bytes, Coin { denom: "u".to_owned(), amount: "5".to_owned() }.encode_to_vec());
}

#[test]
fn empty_lists_are_lists() {
    let json = write(&QueryAllBalancesResponse::full_name(), &[]).unwrap();
    assert_eq!(json, r#"{"balances":[],"pagination":null}"#);
}

proptest! {
    #[test]
    fn json_keeps_every_message(seed: u64) {
        let mut random = Random(seed);
        let descriptor = random.descriptor();
        let message = random.message(&descriptor, 4);
        let mut json = Vec::new();
        to_json(&descriptor, &message.encode_to_vec(), &mut json).unwrap();
        serde_json::from_slice::<serde_json::Value>(&json).unwrap();
        let bytes = from_json(&descriptor, &json).unwrap();
        let mut again = Vec::new();
        to_json(&descriptor, &bytes, &mut again).unwrap();
        prop_assert_eq!(String::from_utf8(json).unwrap(), String::from_utf8(again).unwrap());
        // Absent numbers in text form have become zeros; without any, the bytes are those prost writes.
        let original = message.encode_to_vec();
        if original.len() == bytes.len() {
            prop_assert_eq!(original, bytes);
        }
    }

    #[test]
    fn random_bytes_never_panic(seed: u64, bytes: Vec<u8>) {
        let descriptor = Random(seed).descriptor();
        let mut out = Vec::new();
        let _ = to_json(&descriptor, &bytes, &mut out);
        let _ = from_json(&descriptor, &bytes);
    }

    #[test]
    fn damaged_messages_never_panic(seed: u64) {
        let mut random = Random(seed);
        let descriptor = random.descriptor();
        let mut bytes = random.message(&descriptor, 4).encode_to_vec();
        let mut json = Vec::new();
        to_json(&descriptor, &bytes, &mut json).unwrap();
        for text in [&mut bytes, &mut json] {
            if !text.is_empty() {
                let at = random.below(text.len());
                text[at] = random.next() as u8;
            }
        }
        let _ = from_json(&descriptor, &json);
        let _ = to_json(&descriptor, &bytes, &mut json);
    }
}
