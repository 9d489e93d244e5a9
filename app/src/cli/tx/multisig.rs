//! `jmesd tx multi-sign`: the signatures of a k-of-n key's members become one.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{bail, ensure, Context, Result};
use cosmos_sdk_proto::cosmos::crypto::multisig::v1beta1::{CompactBitArray, MultiSignature};
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::signature_descriptor::data;
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::{SignatureDescriptor, SignatureDescriptors};
use cosmos_sdk_proto::cosmos::tx::v1beta1::{mode_info, ModeInfo};
use jmes_modules::auth::{MultisigKey, PublicKey};
use prost::Message;
use secp256k1::ecdsa;
use sha2::{Digest, Sha256};

use super::files::{read, write};
use super::options::SignMode;
use super::signing::{check_signer, sign_bytes, signer_info, single};
use super::MultiSignArgs;
use crate::cli::protobuf::bytes_from_json;
use crate::cli::Session;

const DESCRIPTORS: &str = "cosmos.tx.signing.v1beta1.SignatureDescriptors";

/// Signatures by their member's place in the key.
type Signatures = BTreeMap<usize, Vec<u8>>;

pub(super) fn multi_sign(session: &mut Session, args: &MultiSignArgs) -> Result<()> {
    let mut tx = args.file.transaction(session)?;
    let record = session.keyring(&args.keyring).find(&args.key)?;
    let PublicKey::Multisig(key) = &record.public_key else {
        bail!("\"{}\" is not a multisig key: sign with `tx sign`", record.name);
    };
    check_signer(&tx.signers()?, &record.address())?;
    let state = args.state.resolve(session, &args.node, &record.address())?;
    let signed = sign_bytes(&tx, SignMode::AminoJson, &state)?;
    let mut signatures = Signatures::new();
    for file in &args.signatures {
        for descriptor in descriptors(session, file)? {
            let added = add(&mut signatures, key, &signed, state.sequence, descriptor);
            added.with_context(|| format!("{} can't be used", file.display()))?;
        }
    }
    let (count, threshold) = (signatures.len(), key.threshold);
    ensure!(
        count >= usize::from(threshold),
        "\"{}\" needs {threshold} signatures, there are {count}",
        record.name
    );
    let info = signer_info(&record.public_key, mode(key, &signatures), state.sequence);
    let signature = MultiSignature { signatures: signatures.into_values().collect() };
    tx.put(info, signature.encode_to_vec())?;
    write(session, args.output_document.as_deref(), &tx.to_json()?)
}

fn descriptors(session: &mut Session, file: &Path) -> Result<Vec<SignatureDescriptor>> {
    let bytes = bytes_from_json(DESCRIPTORS, read(session, file)?.trim());
    let bytes =
        bytes.with_context(|| format!("{} is not what `tx sign --multisig` writes", file.display()))?;
    Ok(SignatureDescriptors::decode(bytes.as_slice())?.signatures)
}

/// Checks a member's signature and files it under its place.
fn add(
    signatures: &mut Signatures,
    key: &MultisigKey,
    signed: &[u8],
    sequence: u64,
    descriptor: SignatureDescriptor,
) -> Result<()> {
    let any = descriptor.public_key.context("the signer's public key is missing")?;
    let PublicKey::Secp256k1(member) = PublicKey::from_any(&any)? else {
        bail!("its signer is not a single key");
    };
    let signer = PublicKey::Secp256k1(member).address();
    let place = key.keys.iter().position(|key| *key == member);
    let place = place.with_context(|| format!("its signer {signer} is no member of the multisig key"))?;
    let Some(data::Sum::Single(single)) = descriptor.data.and_then(|data| data.sum) else {
        bail!("it is not the signature of one key");
    };
    ensure!(single.mode == SignMode::AminoJson.number(), "{signer} did not sign in amino-json mode");
    ensure!(
        descriptor.sequence == sequence,
        "{signer} signed for sequence {}, the account's is {sequence}: sign again",
        descriptor.sequence
    );
    ensure!(
        verifies(&member, signed, &single.signature),
        "the signature of {signer} does not fit: it was made for another transaction, chain id, account number or sequence"
    );
    signatures.insert(place, single.signature);
    Ok(())
}

fn verifies(key: &[u8; 33], message: &[u8], signature: &[u8]) -> bool {
    let digest = secp256k1::Message::from_digest(Sha256::digest(message).into());
    let key = secp256k1::PublicKey::from_slice(key);
    let signature = ecdsa::Signature::from_compact(signature);
    matches!((key, signature), (Ok(key), Ok(signature)) if signature.verify(digest, &key).is_ok())
}

/// Who signed, one bit for each member from the highest bit on, and how.
fn mode(key: &MultisigKey, signatures: &Signatures) -> ModeInfo {
    let members = key.keys.len();
    let mut elems = vec![0; members.div_ceil(8)];
    for place in signatures.keys() {
        elems[place / 8] |= 1 << (7 - place % 8);
    }
    // Below 8.
    let extra_bits_stored = (members % 8) as u32;
    let multi = mode_info::Multi {
        bitarray: Some(CompactBitArray { extra_bits_stored, elems }),
        mode_infos: vec![single(SignMode::AminoJson); signatures.len()],
    };
    ModeInfo { sum: Some(mode_info::Sum::Multi(multi)) }
}
