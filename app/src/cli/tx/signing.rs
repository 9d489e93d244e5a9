//! Signatures of transactions: what is signed in each mode (§4), and putting signatures in their places.

use anyhow::{bail, ensure, Context, Result};
use cosmos_sdk_proto::cosmos::tx::v1beta1::{mode_info, ModeInfo, SignDoc, SignerInfo};
use jmes_modules::auth::PublicKey;
use jmes_modules::kernel::Address;
use jmes_proto::amino;
use prost::Message;

use super::options::{SignMode, SignerState};
use super::transaction::Transaction;
use crate::keys::SecretKey;

/// The bytes that a signer signs. In direct mode the signers' keys and modes must be in the transaction already.
pub(super) fn sign_bytes(tx: &Transaction, mode: SignMode, state: &SignerState) -> Result<Vec<u8>> {
    let SignerState { chain_id, account_number, sequence } = state;
    match mode {
        SignMode::Direct => Ok(SignDoc {
            body_bytes: tx.body_bytes().to_vec(),
            auth_info_bytes: tx.auth_info_bytes(),
            chain_id: chain_id.clone(),
            account_number: *account_number,
        }
        .encode_to_vec()),
        SignMode::AminoJson => {
            let signer = amino::Signer { chain_id, account_number: *account_number, sequence: *sequence };
            amino::sign_doc(signer, tx.body(), &tx.fee())
                .context("the transaction can't be shown as amino JSON")
        }
    }
}

/// Signs with `secret` and puts the signature in its place.
pub(super) fn sign(
    tx: &mut Transaction,
    secret: &SecretKey,
    mode: Option<SignMode>,
    state: &SignerState,
) -> Result<()> {
    let key = PublicKey::Secp256k1(secret.public_key());
    let signers = tx.signers()?;
    check_signer(&signers, &key.address())?;
    let alone = signers.len() == 1;
    let mode = mode.unwrap_or(if alone { SignMode::Direct } else { SignMode::AminoJson });
    ensure!(
        alone || mode == SignMode::AminoJson,
        "a transaction of several signers can't be signed here in direct mode: use --sign-mode amino-json"
    );
    let info = signer_info(&key, single(mode), state.sequence);
    tx.put(info.clone(), Vec::new())?;
    let signature = secret.sign(&sign_bytes(tx, mode, state)?);
    tx.put(info, signature.to_vec())
}

/// Refuses a signer whom the transaction does not ask for.
pub(super) fn check_signer(signers: &[Address], signer: &Address) -> Result<()> {
    if signers.contains(signer) {
        return Ok(());
    }
    let needed: Vec<String> = signers.iter().map(ToString::to_string).collect();
    bail!("{signer} does not sign this transaction: it needs the signature of {}", needed.join(", "))
}

/// A signer's entry in the transaction.
pub(super) fn signer_info(key: &PublicKey, mode: ModeInfo, sequence: u64) -> SignerInfo {
    SignerInfo { public_key: Some(key.to_any()), mode_info: Some(mode), sequence }
}

/// The mode of one key.
pub(super) fn single(mode: SignMode) -> ModeInfo {
    ModeInfo { sum: Some(mode_info::Sum::Single(mode_info::Single { mode: mode.number() })) }
}
