//! Rules of strict decoding.

use cosmos_sdk_proto::cosmos::{
    bank::v1beta1::MsgSend,
    base::v1beta1::Coin,
    tx::v1beta1::{mode_info, AuthInfo, Fee, ModeInfo, SignerInfo, TxBody, TxRaw},
};
use proptest::prelude::*;
use prost::{Message as _, Name};

use super::*;
use crate::{pool, testing::Random, wire, Any};

fn coin() -> Coin {
    Coin { denom: "ujmes".to_owned(), amount: "12345".to_owned() }
}

fn pack<M: Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

fn body() -> TxBody {
    let send = MsgSend { from_address: "a".to_owned(), to_address: "b".to_owned(), amount: vec![coin()] };
    TxBody { messages: vec![pack(&send)], memo: "memo".to_owned(), ..TxBody::default() }
}

fn auth_info() -> AuthInfo {
    let sum = mode_info::Sum::Single(mode_info::Single { mode: 1 });
    let signer = SignerInfo { public_key: None, mode_info: Some(ModeInfo { sum: Some(sum) }), sequence: 7 };
    let fee = Fee { amount: vec![coin()], gas_limit: 200_000, ..Fee::default() };
    AuthInfo { signer_infos: vec![signer], fee: Some(fee), ..AuthInfo::default() }
}

fn tx(body_bytes: Vec<u8>, auth_info_bytes: Vec<u8>) -> Vec<u8> {
    TxRaw { body_bytes, auth_info_bytes, signatures: vec![vec![1; 64]] }.encode_to_vec()
}

/// A record of a field that no message has, non-critical if bit 11 of its number is set.
fn unknown(number: u32) -> Vec<u8> {
    let mut record = Vec::new();
    wire::push_tag(&mut record, number, WireType::Varint);
    record.push(1);
    record
}

fn with(mut bytes: Vec<u8>, more: &[u8]) -> Vec<u8> {
    bytes.extend_from_slice(more);
    bytes
}

fn check<M: Name>(bytes: &[u8]) -> Result<bool, Error> {
    let descriptor = pool().get_message_by_name(&M::full_name()).unwrap();
    check_unknown(&descriptor, bytes, NonCritical::Refuse)
}

fn check_any(bytes: &[u8]) -> Result<bool, Error> {
    let descriptor = pool().get_message_by_name("google.protobuf.Any").unwrap();
    check_unknown(&descriptor, bytes, NonCritical::Refuse)
}

#[test]
fn an_ordinary_transaction_passes() {
    let bytes = tx(body().encode_to_vec(), auth_info().encode_to_vec());
    assert_eq!(check_tx(&bytes), Ok(false));
    let raw = check_tx_raw(&bytes).unwrap();
    assert_eq!(raw.body, body().encode_to_vec());
    assert_eq!(raw.auth_info, auth_info().encode_to_vec());
    assert_eq!(raw.signatures, 1);
}

#[test]
fn tx_raw_is_canonical() {
    for (bytes, reason) in [
        (&b""[..], "it does not begin with a body"),
        (b"\x12\x00\x0a\x00", "it does not begin with a body"),
        (b"\x0a\x00", "the body is not followed by one AuthInfo"),
        (b"\x0a\x00\x0a\x00\x12\x00", "the body is not followed by one AuthInfo"),
        (b"\x0a\x00\x12\x00\x12\x00", "something other than signatures follows the AuthInfo"),
        (b"\x0a\x00\x12\x00\x1a\x00\x12\x00", "something other than signatures follows the AuthInfo"),
        (b"\x0a\x00\x12\x00\x22\x00", "something other than signatures follows the AuthInfo"),
        (b"\x8a\x00\x00\x12\x00", "it does not begin with a body"),
        (b"\x0a\x80\x00\x12\x00", "a length is not in its shortest form"),
        (b"\x0a\x00\x12\x00\x1a\x81\x00\x01", "a length is not in its shortest form"),
    ] {
        assert_eq!(check_tx_raw(bytes), Err(Error::NotCanonical(reason)), "{bytes:x?}");
    }
    assert!(matches!(check_tx_raw(b"\x0a\x05\x00"), Err(Error::Wire { error: WireError::Truncated, .. })));
    assert_eq!(check_tx_raw(b"\x0a\x00\x12\x00\x1a\x00\x1a\x00").map(|raw| raw.signatures), Ok(2));
}

#[test]
fn unknown_critical_fields_are_refused() {
    let critical = |message: &str| Err(Error::UnknownField { message: message.to_owned(), number: 1023 });
    let with_unknown = tx(with(body().encode_to_vec(), &unknown(1023 - 1)), auth_info().encode_to_vec());
    assert!(matches!(check_tx(&with_unknown), Err(Error::UnknownField { number: 1022, .. })));

    let mut nested = body();
    nested.messages[0].value.extend(unknown(1023));
    let nested = tx(nested.encode_to_vec(), auth_info().encode_to_vec());
    assert_eq!(check_tx(&nested), critical("cosmos.bank.v1beta1.MsgSend"));

    let fee = with(auth_info().fee.unwrap().encode_to_vec(), &unknown(1023));
    let mut auth_info = Vec::new();
    auth_info.extend_from_slice(&fee);
    wire::delimit(&mut auth_info, 2, 0);
    assert_eq!(check_tx(&tx(body().encode_to_vec(), auth_info)), critical("cosmos.tx.v1beta1.Fee"));
}

#[test]
fn unknown_non_critical_fields_pass_in_the_body_alone() {
    let mut nested = body();
    nested.messages[0].value.extend(unknown(1 << 10));
    for body in [nested.encode_to_vec(), with(body().encode_to_vec(), &unknown(3 << 10))] {
        assert_eq!(check_tx(&tx(body, auth_info().encode_to_vec())), Ok(true));
    }
    let auth_info = with(auth_info().encode_to_vec(), &unknown(1 << 10));
    assert!(matches!(
        check_tx(&tx(body().encode_to_vec(), auth_info)),
        Err(Error::UnknownField { number: 1024, .. })
    ));
}

#[test]
fn unknown_types_are_told_apart() {
    let mut body = body();
    body.messages[0].type_url = "/a.B".to_owned();
    let error = check_tx(&tx(body.encode_to_vec(), auth_info().encode_to_vec())).unwrap_err();
    assert_eq!(error, Error::UnknownType("/a.B".to_owned()));
    assert_eq!(error.to_string(), "unable to resolve type URL /a.B");
}

#[test]
fn features_this_chain_lacks_are_refused() {
    for (record, field) in [(&[0x20, 1][..], "unordered"), (&[0x2a, 0], "timeout_timestamp")] {
        let body = with(body().encode_to_vec(), record);
        assert_eq!(check_tx(&tx(body, auth_info().encode_to_vec())), Err(Error::Unsupported(field)));
    }
}

#[test]
fn a_field_has_the_wire_type_of_its_kind() {
    let wrong = Error::WireType { message: Coin::full_name(), field: "denom".to_owned() };
    assert_eq!(check::<Coin>(&[0x08, 1]), Err(wrong));
    assert!(matches!(check::<Coin>(&[0x0b, 0x0c]), Err(Error::Wire { error: WireError::WireType(3), .. })));
}

#[test]
fn a_field_that_is_not_repeated_is_given_once() {
    let twice = Error::Duplicate { message: Coin::full_name(), field: "denom".to_owned() };
    assert_eq!(check::<Coin>(&[0x0a, 0, 0x0a, 0]), Err(twice));
    // Otherwise the value of the first Any would be merged with the type of the second.
    let [first, second] = [pack(&coin()), pack(&MsgSend::default())].map(|any| any.encode_to_vec());
    let merged = with(first, &second);
    assert!(matches!(check_any(&merged), Err(Error::Duplicate { .. })));
}

#[test]
fn nesting_is_bounded() {
    let nest = |levels: u32| {
        let mut any = pack(&coin());
        for _ in 1..levels {
            any = Any { type_url: "/google.protobuf.Any".to_owned(), value: any.encode_to_vec() };
        }
        any.encode_to_vec()
    };
    assert_eq!(check_any(&nest(MAX_ANY_DEPTH)), Ok(false));
    assert_eq!(check_any(&nest(MAX_ANY_DEPTH + 1)), Err(Error::TooDeep));
    assert_eq!(check_any(&nest(5_000)), Err(Error::TooDeep));

    // ModeInfo.multi.mode_infos: two messages a level.
    let mut mode = Vec::new();
    for _ in 0..MAX_DEPTH {
        wire::delimit(&mut mode, 2, 0);
        wire::delimit(&mut mode, 2, 0);
    }
    assert_eq!(check::<ModeInfo>(&mode), Err(Error::TooDeep));
}

#[test]
fn every_message_has_fewer_fields_than_the_mask_has_bits() {
    assert!(pool().all_messages().all(|message| message.fields().len() < 128));
}

proptest! {
    #[test]
    fn everything_prost_encodes_passes(seed: u64) {
        let mut random = Random(seed);
        let descriptor = random.descriptor();
        let bytes = random.message(&descriptor, 5).encode_to_vec();
        prop_assert_eq!(check_unknown(&descriptor, &bytes, NonCritical::Refuse), Ok(false));
        // One field more, and it does not.
        let more = with(bytes.clone(), &unknown(500));
        prop_assert!(check_unknown(&descriptor, &more, NonCritical::Allow).is_err());
        let more = with(bytes, &unknown(1 << 10));
        prop_assert_eq!(check_unknown(&descriptor, &more, NonCritical::Allow), Ok(true));
    }

    #[test]
    fn random_bytes_never_panic(seed: u64, bytes: Vec<u8>) {
        let _ = check_tx(&bytes);
        let _ = check_unknown(&Random(seed).descriptor(), &bytes, NonCritical::Allow);
    }

    #[test]
    fn what_passes_decodes(seed: u64) {
        let mut random = Random(seed);
        let mut bytes = tx(body().encode_to_vec(), auth_info().encode_to_vec());
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            bytes[at] = random.next() as u8;
        }
        if let Ok(raw) = check_tx(&bytes).and_then(|_| check_tx_raw(&bytes)) {
            // Strings that are not UTF-8 are left to the decoder.
            if raw.body.is_ascii() && raw.auth_info.is_ascii() {
                prop_assert!(TxBody::decode(raw.body).is_ok());
                prop_assert!(AuthInfo::decode(raw.auth_info).is_ok());
            }
            prop_assert_eq!(TxRaw::decode(&bytes[..]).unwrap().encode_to_vec(), bytes);
        }
    }
}
