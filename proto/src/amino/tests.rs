//! Rules of the amino sign document. The vectors in `testdata/amino.json` were written by the Cosmos SDK 0.53.8.

use cosmos_sdk_proto::cosmos::{
    crypto::{multisig::LegacyAminoPubKey, secp256k1::PubKey},
    staking::v1beta1::{MsgCreateValidator, MsgDelegate},
};
use proptest::prelude::*;
use prost::{Message as _, Name};
use serde::Deserialize;

use super::*;
use crate::{testing::Random, Any};

const SIGNER: Signer<'static> = Signer { chain_id: "jmes-1", account_number: 1, sequence: 2 };

#[derive(Deserialize)]
struct Vector {
    name: String,
    body: String,
    fee: String,
    chain_id: String,
    account_number: u64,
    sequence: u64,
    sign_doc: String,
}

fn pack<M: Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

fn sign(message: Any) -> Result<String, Error> {
    let body = TxBody { messages: vec![message], ..TxBody::default() };
    sign_doc(SIGNER, &body, &Fee::default()).map(|doc| String::from_utf8(doc).unwrap())
}

#[test]
fn documents_are_those_of_the_cosmos_sdk() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../../testdata/amino.json")).unwrap();
    assert!(vectors.len() > 30);
    for vector in vectors {
        let body = TxBody::decode(&hex::decode(&vector.body).unwrap()[..]).unwrap();
        let fee = Fee::decode(&hex::decode(&vector.fee).unwrap()[..]).unwrap();
        let signer = Signer {
            chain_id: &vector.chain_id,
            account_number: vector.account_number,
            sequence: vector.sequence,
        };
        let document = sign_doc(signer, &body, &fee).map(|document| String::from_utf8(document).unwrap());
        assert_eq!(document.as_ref(), Ok(&vector.sign_doc), "{}", vector.name);
    }
}

#[test]
fn keys_are_sorted() {
    let document = sign_doc(SIGNER, &TxBody { timeout_height: 9, ..TxBody::default() }, &Fee::default());
    assert_eq!(
        String::from_utf8(document.unwrap()).unwrap(),
        r#"{"account_number":"1","chain_id":"jmes-1","fee":{"amount":[],"gas":"0"},"memo":"","msgs":null,"sequence":"2","timeout_height":"9"}"#
    );
}

#[test]
fn a_message_without_an_amino_name_is_refused() {
    let error = sign(pack(&Coin::default())).unwrap_err();
    assert_eq!(error, Error::NoAminoName("cosmos.base.v1beta1.Coin".to_owned()));
    assert_eq!(error.to_string(), "cosmos.base.v1beta1.Coin has no amino name: sign with SIGN_MODE_DIRECT");
}

#[test]
fn an_unknown_message_is_refused() {
    let message = Any { type_url: "/a.B".to_owned(), value: Vec::new() };
    assert_eq!(sign(message), Err(Error::UnknownType("/a.B".to_owned())));
}

#[test]
fn a_message_with_unknown_fields_is_refused() {
    let mut message = pack(&MsgDelegate { amount: Some(Coin::default()), ..MsgDelegate::default() });
    message.value.extend([0xa0, 0x06, 1]);
    assert!(matches!(sign(message), Err(Error::Scan(ScanError::UnknownField { number: 100, .. }))));
}

#[test]
fn extension_options_are_refused() {
    let body = TxBody { extension_options: vec![pack(&Coin::default())], ..TxBody::default() };
    assert_eq!(sign_doc(SIGNER, &body, &Fee::default()), Err(Error::ExtensionOptions));
}

#[test]
fn a_message_field_that_must_be_shown_must_be_set() {
    let error = sign(pack(&MsgDelegate::default())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cosmos.staking.v1beta1.MsgDelegate.amount has no amino form: it is not set"
    );
}

#[test]
fn keys_are_shown_in_their_amino_form() {
    let key = pack(&PubKey { key: vec![1, 2, 3] });
    let multisig =
        LegacyAminoPubKey { threshold: 1, public_keys: vec![key.clone(), pack(&PubKey::default())] };
    let create = MsgCreateValidator {
        description: Some(Default::default()),
        commission: Some(Default::default()),
        value: Some(Default::default()),
        pubkey: Some(pack(&multisig)),
        ..Default::default()
    };
    let document = sign(pack(&create)).unwrap();
    let shown = concat!(
        r#""pubkey":{"type":"tendermint/PubKeyMultisigThreshold","value":{"pubkeys":["#,
        r#"{"type":"tendermint/PubKeySecp256k1","value":"AQID"},"#,
        r#"{"type":"tendermint/PubKeySecp256k1","value":null}],"threshold":"1"}}"#
    );
    assert!(document.contains(shown), "{document}");
}

proptest! {
    #[test]
    fn documents_are_json_whatever_the_message(seed: u64) {
        let mut random = Random(seed);
        let descriptor = random.descriptor();
        let value = random.message(&descriptor, 4).encode_to_vec();
        let type_url = format!("/{}", descriptor.full_name());
        if let Ok(document) = sign(Any { type_url, value }) {
            serde_json::from_str::<serde_json::Value>(&document).unwrap();
        }
    }

    #[test]
    fn random_bytes_never_panic(seed: u64, value: Vec<u8>) {
        let _ = sign(Any { type_url: format!("/{}", Random(seed).descriptor().full_name()), value });
    }
}
