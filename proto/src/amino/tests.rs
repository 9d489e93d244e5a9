//! Rules of the amino sign document. The vectors in `testdata/amino.json` were written by the Cosmos SDK 0.53.8.

use cosmos_sdk_proto::cosmos::{
    crypto::{multisig::LegacyAminoPubKey, secp256k1::PubKey},
    staking::v1beta1::{MsgCreateValidator, MsgDelegate},
};
use proptest::prelude::*;
use prost::{Message as _, Name};
use serde::Deserialize;

use super::*;
use crate::cosmos::nft::v1beta1::MsgSend;
use crate::jmes::dao::v1::MsgSubmitProposal;
use crate::jmes::governance::v1::{msg_raise_proposal::Content, Improvement, MsgRaiseProposal};
use crate::jmes::upgrade::v1::{action::Action as Kind, Action, ChangeParameter, OpenImprovements};
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
fn a_message_without_an_amino_name_goes_by_its_type_url() {
    let (class_id, id) = ("artwork-a".to_owned(), "b".to_owned());
    let send = MsgSend { class_id, id, sender: String::new(), receiver: String::new() };
    assert_eq!(
        messages(&sign(pack(&send)).unwrap()),
        r#"[{"type":"/cosmos.nft.v1beta1.MsgSend","value":{"class_id":"artwork-a","id":"b"}}]"#
    );
}

#[test]
fn what_a_dao_raises_is_shown_whole() {
    let change = |parameter: &str| ChangeParameter {
        module: "dao".to_owned(),
        parameter: parameter.to_owned(),
        value: "9".to_owned(),
    };
    let actions = [Kind::ChangeParameter(change("max_members")), Kind::OpenImprovements(OpenImprovements {})];
    let actions = actions.into_iter().map(|action| Action { action: Some(action) }).collect();
    let raise = MsgRaiseProposal {
        dao: "jmes1dao".to_owned(),
        title: "More".to_owned(),
        description: "Members".to_owned(),
        content: Some(Content::Improvement(Improvement { actions })),
        funding: None,
    };
    let submit =
        MsgSubmitProposal { messages: vec![pack(&raise)], execute: true, ..MsgSubmitProposal::default() };
    assert_eq!(
        messages(&sign(pack(&submit)).unwrap()),
        concat!(
            r#"[{"type":"jmes/MsgSubmitDaoProposal","value":{"execute":true,"messages":["#,
            r#"{"type":"jmes/MsgRaiseProposal","value":{"Content":{"type":"jmes/Improvement","value":{"improvement":{"#,
            r#""actions":[{"Action":{"type":"jmes/ChangeParameter","value":{"change_parameter":"#,
            r#"{"module":"dao","parameter":"max_members","value":"9"}}}},"#,
            r#"{"Action":{"type":"jmes/OpenImprovements","value":{"open_improvements":{}}}}]}}},"#,
            r#""dao":"jmes1dao","description":"Members","title":"More"}}]}}]"#,
        )
    );
}

/// The messages of a document.
fn messages(document: &str) -> &str {
    let start = document.find(r#""msgs":"#).unwrap() + 7;
    &document[start..document.find(r#","sequence""#).unwrap()]
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
