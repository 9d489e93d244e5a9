//! A transaction on its way to the chain: as JSON of Cosmos tools, as bytes, with some or all of its signatures.

use anyhow::{ensure, Context, Result};
use cosmos_sdk_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, SignerInfo, TxBody, TxRaw};
use jmes_modules::auth::PublicKey;
use jmes_modules::kernel::Address;
use jmes_proto::{strict, Any};
use prost::Message;

use super::options::SignMode;
use crate::chain::order::routes;
use crate::cli::protobuf::{bytes_from_json, bytes_to_json};

const TX: &str = "cosmos.tx.v1beta1.Tx";
/// Length of a signature in bytes.
const SIGNATURE: usize = 64;

/// A transaction. Its body's bytes are kept as they came, because signatures are made over them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Transaction {
    body_bytes: Vec<u8>,
    body: TxBody,
    auth: AuthInfo,
    signatures: Vec<Vec<u8>>,
}

impl Transaction {
    /// A transaction without signatures.
    pub fn new(messages: Vec<Any>, note: &str, timeout_height: u64, fee: Fee) -> Self {
        let body = TxBody { messages, memo: note.into(), timeout_height, ..Default::default() };
        let auth = AuthInfo { fee: Some(fee), ..Default::default() };
        Self { body_bytes: body.encode_to_vec(), body, auth, signatures: Vec::new() }
    }

    /// Reads the JSON that `--generate-only` writes, here or in other tools.
    pub fn from_json(text: &str) -> Result<Self> {
        // A Tx and a TxRaw are the same on the wire.
        Self::from_bytes(&bytes_from_json(TX, text)?)
    }

    /// Reads the bytes of a transaction.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let malformed = "this is not a transaction";
        strict::check_tx(bytes).context(malformed)?;
        let raw = TxRaw::decode(bytes).context(malformed)?;
        Ok(Self {
            body: TxBody::decode(raw.body_bytes.as_slice()).context(malformed)?,
            auth: AuthInfo::decode(raw.auth_info_bytes.as_slice()).context(malformed)?,
            body_bytes: raw.body_bytes,
            signatures: raw.signatures,
        })
    }

    /// The JSON that other tools read.
    pub fn to_json(&self) -> Result<String> {
        bytes_to_json(TX, &self.to_bytes())
    }

    /// The bytes to broadcast.
    pub fn to_bytes(&self) -> Vec<u8> {
        let raw = TxRaw {
            body_bytes: self.body_bytes.clone(),
            auth_info_bytes: self.auth_info_bytes(),
            signatures: self.signatures.clone(),
        };
        raw.encode_to_vec()
    }

    /// The body as it is signed.
    pub fn body_bytes(&self) -> &[u8] {
        &self.body_bytes
    }

    /// The fee and the signers' data as they are signed.
    pub fn auth_info_bytes(&self) -> Vec<u8> {
        self.auth.encode_to_vec()
    }

    /// Messages, note and timeout.
    pub const fn body(&self) -> &TxBody {
        &self.body
    }

    /// The fee; an empty one when it is missing.
    pub fn fee(&self) -> Fee {
        self.auth.fee.clone().unwrap_or_default()
    }

    /// Whether anyone has signed.
    pub fn is_signed(&self) -> bool {
        !self.signatures.is_empty()
    }

    /// Who must sign, in the order of their signatures (§4): the signers of the messages, then the fee payer.
    pub fn signers(&self) -> Result<Vec<Address>> {
        let mut signers = Vec::new();
        for any in &self.body.messages {
            for signer in routes().decode(&any.type_url, &any.value)?.signers()? {
                if !signers.contains(&signer) {
                    signers.push(signer);
                }
            }
        }
        let payer = self.fee().payer;
        if !payer.is_empty() {
            let payer = Address::parse(&payer).context("the fee payer is wrong")?;
            if !signers.contains(&payer) {
                signers.push(payer);
            }
        }
        ensure!(!signers.is_empty(), "the transaction has no message, so nobody can sign it");
        Ok(signers)
    }

    /// Whether `signer` has signed.
    pub fn has_signature_of(&self, signer: &Address) -> bool {
        self.auth.signer_infos.iter().any(|info| address_of(info).as_ref() == Some(signer))
    }

    /// How `signer` has signed: mode and signature of a single key.
    pub fn signature_of(&self, signer: &Address) -> Option<(SignMode, Vec<u8>)> {
        let place =
            self.auth.signer_infos.iter().position(|info| address_of(info).as_ref() == Some(signer))?;
        let info = self.auth.signer_infos.get(place)?;
        let modes = [SignMode::Direct, SignMode::AminoJson];
        let mode =
            modes.into_iter().find(|mode| info.mode_info.as_ref() == Some(&super::signing::single(*mode)))?;
        Some((mode, self.signatures.get(place)?.clone()))
    }

    /// The bytes to simulate it with: `signers` are the keys, as far as they are known, and sequences in the order of
    /// [`signers`](Self::signers). Zeros stand for the signatures, so that the transaction has its later size.
    pub fn to_simulated_bytes(&self, signers: &[(Option<PublicKey>, u64)]) -> Vec<u8> {
        let info = |(key, sequence): &(Option<PublicKey>, u64)| {
            let mode_info = Some(super::signing::single(SignMode::Direct));
            SignerInfo { public_key: key.as_ref().map(PublicKey::to_any), mode_info, sequence: *sequence }
        };
        let mut simulated = self.clone();
        simulated.auth.signer_infos = signers.iter().map(info).collect();
        simulated.signatures = vec![vec![0; SIGNATURE]; signers.len()];
        simulated.to_bytes()
    }

    /// Puts the signer's key, mode and signature in their place, instead of what the signer had there.
    pub fn put(&mut self, info: SignerInfo, signature: Vec<u8>) -> Result<()> {
        let signers = self.signers()?;
        let owner = address_of(&info).context("the signer's key is missing")?;
        let place = |info: &SignerInfo| {
            let address = address_of(info);
            signers.iter().position(|signer| Some(signer) == address.as_ref())
        };
        let present = std::mem::take(&mut self.auth.signer_infos).into_iter();
        let mut all: Vec<(SignerInfo, Vec<u8>)> = present.zip(std::mem::take(&mut self.signatures)).collect();
        all.retain(|(other, _)| address_of(other) != Some(owner));
        all.push((info, signature));
        all.sort_by_key(|(info, _)| place(info));
        (self.auth.signer_infos, self.signatures) = all.into_iter().unzip();
        Ok(())
    }
}

fn address_of(info: &SignerInfo) -> Option<Address> {
    let key = PublicKey::from_any(info.public_key.as_ref()?).ok()?;
    Some(key.address())
}
