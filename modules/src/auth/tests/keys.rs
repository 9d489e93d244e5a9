//! Public keys: what wallets send, what is stored, and which address belongs to them.

use super::{key, two_of_three};
use crate::auth::{MultisigKey, PublicKey, MULTISIG_TYPE, SECP256K1_TYPE};
use crate::kernel::codes;
use crate::test_support::assert_refused;
use cosmos_sdk_proto::cosmos::crypto::multisig::LegacyAminoPubKey;
use cosmos_sdk_proto::cosmos::crypto::secp256k1::PubKey;
use prost::Message;
use tendermint_proto::google::protobuf::Any;

/// Three keys, their addresses, and the address of any two of them, as wasmd's command line printed them for
/// the tests of CosmJS.
const KEYS: [&str; 3] = [
    "038cb598ee54130d34f8e0818e7787aa06139a0e2d0026cadb662b55cf16859a67",
    "02906f1bd9516c8cd3b52639322c801bf8724c1fa5e878c0e32b9bd6c0bb8b0f68",
    "03cc93519d61b686da6f0e8cff9431e356b45f91063ed6f81f79ddd898858800f3",
];
const ADDRESSES: [&str; 3] = [
    "9028577891aee00d15157444c069b4bc60bc764d",
    "aeb3454b420dcce3ef5ec08e7d3fada725c39558",
    "eeb861aa9b71c0838851fabac83650666f5220b0",
];
const TWO_OF_THREE: &str = "0892a77fab2fa7e192c3b7b2741e6682f3abb72f";

fn published(index: usize) -> [u8; 33] {
    hex::decode(KEYS[index]).unwrap().try_into().unwrap()
}

fn address_of(key: &PublicKey) -> String {
    hex::encode(key.address().as_bytes())
}

#[test]
fn addresses_are_those_of_every_cosmos_wallet() {
    for (index, address) in ADDRESSES.iter().enumerate() {
        assert_eq!(address_of(&PublicKey::Secp256k1(published(index))), *address);
    }
    let keys: Vec<[u8; 33]> = (0..3).map(published).collect();
    let group = PublicKey::Multisig(MultisigKey::new(2, keys.clone()).unwrap());
    assert_eq!(address_of(&group), TWO_OF_THREE);
    assert_eq!(group.address().to_string(), "jmes1pzf2wlat97n7rykrk7e8g8nxste6hde0nvuhuc");

    let other_order = MultisigKey::new(2, vec![keys[2], keys[1], keys[0]]).unwrap();
    assert_ne!(address_of(&PublicKey::Multisig(other_order)), TWO_OF_THREE);
    let other_threshold = MultisigKey::new(1, keys).unwrap();
    assert_ne!(address_of(&PublicKey::Multisig(other_threshold)), TWO_OF_THREE);
}

#[test]
fn a_key_comes_back_from_what_wallets_send_and_from_what_is_stored() {
    let large = MultisigKey::new(255, vec![key(5); 255]).unwrap();
    for key in [PublicKey::Secp256k1(key(9)), two_of_three(), PublicKey::Multisig(large)] {
        assert_eq!(PublicKey::from_any(&key.to_any()), Ok(key.clone()));
        let mut stored = Vec::new();
        key.write(&mut stored);
        assert_eq!(PublicKey::read(&stored), Some(key));
    }
}

#[test]
fn the_types_of_keys_are_those_of_the_sdk() {
    assert_eq!(PublicKey::Secp256k1(key(1)).to_any().type_url, SECP256K1_TYPE);
    assert_eq!(two_of_three().to_any().type_url, MULTISIG_TYPE);
}

#[test]
fn what_is_stored_torn_or_with_an_unknown_tag_is_no_key() {
    let mut stored = Vec::new();
    two_of_three().write(&mut stored);
    for bytes in [&[][..], &[3], &[1], &[1; 33], &[1; 35], &[2], &stored[..stored.len() - 1]] {
        assert_eq!(PublicKey::read(bytes), None, "{bytes:02x?}");
    }
}

#[track_caller]
fn refuse(type_url: &str, value: Vec<u8>, why: &str) {
    let any = Any { type_url: type_url.into(), value };
    assert_refused(PublicKey::from_any(&any), "sdk", codes::INVALID_PUBKEY, why);
}

#[test]
fn keys_of_other_types_are_refused_by_name() {
    let ed25519 = "/cosmos.crypto.ed25519.PubKey";
    let why = format!("public keys of type \"{ed25519}\" are not supported; use secp256k1 or multisig");
    refuse(ed25519, vec![], &why);
    refuse("", vec![], "public keys of type \"\" are not supported; use secp256k1 or multisig");
}

#[test]
fn a_secp256k1_key_has_33_bytes_and_begins_with_2_or_3() {
    let proto = |key: &[u8]| PubKey { key: key.to_vec() }.encode_to_vec();
    for (bytes, length) in
        [(vec![], 0), (vec![2; 32], 32), (vec![4; 33], 33), (vec![0; 33], 33), (vec![4; 65], 65)]
    {
        let why = format!("a secp256k1 key has 33 bytes in compressed form, got {length} bytes");
        refuse(SECP256K1_TYPE, proto(&bytes), &why);
    }
    for first in [2, 3] {
        let mut bytes = key(1);
        bytes[0] = first;
        let any = Any { type_url: SECP256K1_TYPE.into(), value: proto(&bytes) };
        assert_eq!(PublicKey::from_any(&any), Ok(PublicKey::Secp256k1(bytes)));
    }
}

#[test]
fn a_multisig_key_needs_a_threshold_within_its_keys() {
    for (threshold, count) in [(0, 1), (0, 0), (2, 1), (4, 3), (1, 256), (256, 256), (u32::MAX, 3)] {
        let why = format!("a multisig key needs 1 <= threshold <= keys <= 255, got {threshold} of {count}");
        assert_refused(MultisigKey::new(threshold, vec![key(1); count]), "sdk", codes::INVALID_PUBKEY, &why);
    }
}

#[test]
fn members_of_a_multisig_key_are_single_keys() {
    let nested = LegacyAminoPubKey { threshold: 1, public_keys: vec![two_of_three().to_any()] };
    let why = "the members of a multisig key must be secp256k1 keys";
    refuse(MULTISIG_TYPE, nested.encode_to_vec(), why);
}

#[test]
fn bytes_that_are_no_key_are_refused() {
    for type_url in [SECP256K1_TYPE, MULTISIG_TYPE] {
        let any = Any { type_url: type_url.into(), value: vec![0xff, 0xff] };
        let error = PublicKey::from_any(&any).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_PUBKEY));
    }
}
