//! The verification library against `k256`: both must agree on every signature, save that only the lower s is valid.

use super::cases;
use crate::api::tests::TestChain;
use crate::chain::Signatures;
use crate::keys::SecretKey;
use bytes::Bytes;
use cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmos_sdk_proto::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use cosmos_sdk_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw};
use jmes_modules::auth::{self, PublicKey};
use jmes_modules::kernel::{Address, Block};
use k256::ecdsa::signature::{Signer, Verifier};
use k256::ecdsa::{Signature, SigningKey, VerifyingKey};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::{Message, Name};
use std::sync::atomic::Ordering;
use tendermint_proto::v0_38::abci::RequestCheckTx;

fn key(seed: [u8; 32]) -> Option<(SigningKey, [u8; 33])> {
    let secret = SigningKey::from_slice(&seed).ok()?;
    let public = secret.verifying_key().to_encoded_point(true).as_bytes().try_into().unwrap();
    Some((secret, public))
}

/// What k256 says, with the rule of the lower s.
fn oracle(key: &[u8; 33], bytes: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(key), Signature::from_slice(signature))
    else {
        return false;
    };
    signature.normalize_s().is_none() && key.verify(bytes, &signature).is_ok()
}

fn higher(signature: &[u8]) -> Vec<u8> {
    let (r, s) = Signature::from_slice(signature).unwrap().split_scalars();
    Signature::from_scalars(r, -s).unwrap().to_vec()
}

/// A change of one of the three inputs.
#[derive(Clone, Debug)]
enum Change {
    None,
    FlipSignature(usize),
    FlipKey(usize),
    FlipBytes(usize),
    Higher,
    Truncate(usize),
    Extend(u8),
    Replace(Vec<u8>),
    /// r or s becomes 0, 1, the order of the group, or the highest number.
    Edge {
        is_s: bool,
        which: usize,
    },
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => Just(Change::None),
        2 => (0..512usize).prop_map(Change::FlipSignature),
        2 => (0..264usize).prop_map(Change::FlipKey),
        1 => any::<usize>().prop_map(Change::FlipBytes),
        2 => Just(Change::Higher),
        1 => (0..64usize).prop_map(Change::Truncate),
        1 => any::<u8>().prop_map(Change::Extend),
        1 => vec(any::<u8>(), 64).prop_map(Change::Replace),
        2 => (any::<bool>(), 0..5usize).prop_map(|(is_s, which)| Change::Edge { is_s, which }),
    ]
}

fn edges() -> [[u8; 32]; 5] {
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let half = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
    let number = |text: &str| <[u8; 32]>::try_from(hex::decode(text).unwrap()).unwrap();
    let mut one = [0; 32];
    one[31] = 1;
    [[0; 32], one, number(order), number(half), [0xff; 32]]
}

#[test]
fn the_library_agrees_with_another_on_every_signature() {
    let signatures = Signatures::default();
    proptest!(cases(2_000), |(seed in any::<[u8; 32]>(), mut bytes in vec(any::<u8>(), 0..80), change in change())| {
        let Some((secret, mut public)) = key(seed) else { return Ok(()) };
        let signed: Signature = secret.sign(&bytes);
        let mut signature = signed.to_vec();
        prop_assert!(oracle(&public, &bytes, &signature));
        match change.clone() {
            Change::None => prop_assert!(signatures.verify(&public, &bytes, &signature)),
            Change::FlipSignature(bit) => signature[bit / 8] ^= 1 << (bit % 8),
            Change::FlipKey(bit) => public[bit / 8] ^= 1 << (bit % 8),
            Change::FlipBytes(at) if bytes.is_empty() => bytes.push(at as u8),
            Change::FlipBytes(at) => {
                let at = at % bytes.len();
                bytes[at] ^= 0x10;
            }
            Change::Higher => {
                signature = higher(&signature);
                prop_assert!(!signatures.verify(&public, &bytes, &signature));
            }
            Change::Truncate(length) => signature.truncate(length),
            Change::Extend(byte) => signature.push(byte),
            Change::Replace(other) => signature = other,
            Change::Edge { is_s, which } => {
                let start = if is_s { 32 } else { 0 };
                signature[start..start + 32].copy_from_slice(&edges()[which]);
            }
        }
        for _ in 0..2 {
            prop_assert_eq!(signatures.verify(&public, &bytes, &signature), oracle(&public, &bytes, &signature));
        }
    });
}

#[test]
fn a_valid_signature_is_remembered_with_its_key_and_content_only() {
    let signatures = Signatures::default();
    let (secret, public) = key([1; 32]).unwrap();
    let (_, other) = key([2; 32]).unwrap();
    let signed: Signature = secret.sign(b"content");
    let signature = signed.to_vec();
    assert!(signatures.verify(&public, b"content", &signature));
    assert!(signatures.verify(&public, b"content", &signature), "the second time from memory");
    assert!(!signatures.verify(&other, b"content", &signature));
    assert!(!signatures.verify(&public, b"other", &signature));
    assert!(!signatures.verify(&public, b"content", &higher(&signature)));
    assert_eq!(signatures.verified.load(Ordering::Relaxed), 4);
    assert!(!signatures.verify(&public, b"other", &signature));
    assert_eq!(signatures.verified.load(Ordering::Relaxed), 5, "what is wrong is verified each time");
}

#[test]
fn keys_that_are_no_points_verify_nothing() {
    let signatures = Signatures::default();
    let (secret, public) = key([1; 32]).unwrap();
    let signed: Signature = secret.sign(b"content");
    let mut off_curve = [0xff; 33];
    off_curve[0] = 2;
    let mut uncompressed = public;
    uncompressed[0] = 4;
    for wrong in [[0; 33], off_curve, uncompressed] {
        assert!(!signatures.verify(&wrong, b"content", &signed.to_vec()));
    }
}

/// A transfer by the account of `key`, which has sent nothing yet.
fn transfer(test: &TestChain, key: &SecretKey) -> Bytes {
    let public = PublicKey::Secp256k1(key.public_key());
    let from = public.address();
    let account = auth::account(&test.chain.view_at(0).unwrap(), &from).unwrap().unwrap();
    let amount = vec![Coin { denom: "ujmes".into(), amount: "1".into() }];
    let to_address = Address::of_twenty([9; 20]).to_string();
    let send = MsgSend { from_address: from.to_string(), to_address, amount };
    let message = jmes_proto::Any { type_url: MsgSend::type_url(), value: send.encode_to_vec() };
    let body_bytes = TxBody { messages: vec![message], ..TxBody::default() }.encode_to_vec();
    let mode_info = Some(ModeInfo { sum: Some(Sum::Single(Single { mode: SignMode::Direct.into() })) });
    let signer = SignerInfo { public_key: Some(public.to_any()), mode_info, sequence: 0 };
    let fee = Some(Fee { gas_limit: 200_000, ..Fee::default() });
    let auth_info_bytes = AuthInfo { signer_infos: vec![signer], fee, ..AuthInfo::default() }.encode_to_vec();
    let document = SignDoc {
        body_bytes: body_bytes.clone(),
        auth_info_bytes: auth_info_bytes.clone(),
        chain_id: test.chain.chain_id(),
        account_number: account.number,
    };
    let signatures = vec![key.sign(&document.encode_to_vec()).to_vec()];
    TxRaw { body_bytes, auth_info_bytes, signatures }.encode_to_vec().into()
}

#[test]
fn a_signature_is_verified_once_from_the_mempool_to_the_block() {
    let keys = [[21; 32], [22; 32]].map(|secret| SecretKey::from_bytes(&secret).unwrap());
    let owners = keys.clone().map(|key| PublicKey::Secp256k1(key.public_key()).address());
    let test = TestChain::funding(&owners, 1, |_| ());
    let chain = &test.chain;
    let txs: Vec<Bytes> = keys.iter().map(|key| transfer(&test, key)).collect();
    let verified = || chain.0.signatures.verified.load(Ordering::Relaxed);
    let of_genesis = verified();

    chain.look_ahead(txs.iter().map(AsRef::as_ref));
    assert_eq!(verified() - of_genesis, 2);
    for tx in &txs {
        let checked = chain.check_tx(&RequestCheckTx { tx: tx.clone(), ..RequestCheckTx::default() });
        assert_eq!(checked.code, 0, "{}", checked.log);
    }
    // Different times, so that no step takes the word of the one before.
    let block =
        |second: u64| Block { height: 2, time: 1_800_000_010_000_000_000 + second, ..Block::default() };
    assert_eq!(chain.prepare_proposal(block(1), txs.clone(), u64::MAX), txs);
    assert!(chain.process_proposal(block(2), &txs));
    let finalized = chain.finalize_block(block(3), &txs).unwrap();
    assert!(finalized.txs.iter().all(|outcome| outcome.error.is_none()));
    assert_eq!(verified() - of_genesis, 2);
}
