//! Decoding a transaction, and everything that can be said of it without state (§4, ADR-020, ADR-027).

use cosmos_sdk_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, SignDoc, SignerInfo, TxBody, TxRaw};
use jmes_modules::kernel::{codes, Address, Amount, AnyMsg, Coins, Error, Result, Routes};
use jmes_modules::BASE_DENOM;
use jmes_proto::{amino, strict};
use prost::Message;
use sha2::{Digest, Sha256};

/// The largest gas limit a transaction can name.
const MAX_GAS_LIMIT: u64 = i64::MAX as u64;

/// A decoded transaction.
pub struct Tx {
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// Its length in bytes.
    pub length: u64,
    /// Its messages, at least one.
    pub msgs: Vec<Box<dyn AnyMsg>>,
    /// Who must sign, in order and without repeats, the fee payer included.
    pub signers: Vec<Address>,
    /// What each signer said of key and sequence, as many as signers.
    pub signer_infos: Vec<SignerInfo>,
    /// The signatures, as many as signers.
    pub signatures: Vec<Vec<u8>>,
    /// Who pays the fee.
    pub fee_payer: Address,
    /// The fee in Nils.
    pub fee: Amount,
    /// The gas limit.
    pub gas_limit: u64,
    /// The body.
    pub body: TxBody,
    /// The fee as it was sent, for the amino sign document.
    pub sent_fee: Fee,
    /// Whether the body has unknown non-critical fields, which the amino sign document can't show.
    has_ignored_fields: bool,
    body_bytes: Vec<u8>,
    auth_info_bytes: Vec<u8>,
}

impl Tx {
    /// Decodes and checks the bytes of a `TxRaw`. Every refusal has a code of the Cosmos SDK.
    pub fn decode(routes: &Routes, bytes: &[u8]) -> Result<Self> {
        Self::decode_hashed(routes, bytes, Sha256::digest(bytes).into())
    }

    /// [`Self::decode`] for who knows the SHA-256 of the bytes.
    pub(super) fn decode_hashed(routes: &Routes, bytes: &[u8], hash: [u8; 32]) -> Result<Self> {
        let undecodable =
            |error: &dyn std::fmt::Display| Error::sdk(codes::TX_DECODE, format!("tx parse error: {error}"));
        let has_ignored_fields = strict::check_tx(bytes).map_err(refuse_strictly)?;
        let raw = TxRaw::decode(bytes).map_err(|error| undecodable(&error))?;
        let body = TxBody::decode(raw.body_bytes.as_slice()).map_err(|error| undecodable(&error))?;
        let auth = AuthInfo::decode(raw.auth_info_bytes.as_slice()).map_err(|error| undecodable(&error))?;
        check_body(&body)?;
        let msgs = body
            .messages
            .iter()
            .map(|any| routes.decode(&any.type_url, &any.value))
            .collect::<Result<Vec<_>>>()?;
        let mut signers = Vec::new();
        for msg in &msgs {
            for signer in msg.signers()? {
                if !signers.contains(&signer) {
                    signers.push(signer);
                }
            }
        }
        let sent_fee =
            auth.fee.clone().ok_or_else(|| Error::sdk(codes::INSUFFICIENT_FEE, "the fee is missing"))?;
        let fee_payer = fee_payer(&sent_fee, &mut signers)?;
        #[allow(deprecated, reason = "tips are deprecated, and refused for that")]
        if auth.tip.is_some() {
            return Err(Error::sdk(codes::NOT_SUPPORTED, "tips are not supported"));
        }
        check_counts(signers.len(), auth.signer_infos.len(), raw.signatures.len())?;
        Ok(Self {
            hash,
            length: bytes.len() as u64,
            msgs,
            signers,
            signer_infos: auth.signer_infos,
            signatures: raw.signatures,
            fee_payer,
            fee: fee_amount(&sent_fee)?,
            gas_limit: sent_fee.gas_limit,
            body,
            sent_fee,
            has_ignored_fields,
            body_bytes: raw.body_bytes,
            auth_info_bytes: raw.auth_info_bytes,
        })
    }

    /// What a signer signs in SIGN_MODE_DIRECT.
    pub fn direct_sign_bytes(&self, chain_id: &str, account_number: u64) -> Vec<u8> {
        let document = SignDoc {
            body_bytes: self.body_bytes.clone(),
            auth_info_bytes: self.auth_info_bytes.clone(),
            chain_id: chain_id.to_owned(),
            account_number,
        };
        document.encode_to_vec()
    }

    /// What a signer signs in SIGN_MODE_LEGACY_AMINO_JSON; `sdk/37` when a message has no amino form.
    pub fn amino_sign_bytes(&self, chain_id: &str, account_number: u64, sequence: u64) -> Result<Vec<u8>> {
        if self.has_ignored_fields {
            let why = "amino JSON signing: the body has fields that the document can't show; sign with SIGN_MODE_DIRECT";
            return Err(Error::sdk(codes::NOT_SUPPORTED, why));
        }
        let signer = amino::Signer { chain_id, account_number, sequence };
        amino::sign_doc(signer, &self.body, &self.sent_fee)
            .map_err(|error| Error::sdk(codes::NOT_SUPPORTED, format!("amino JSON signing: {error}")))
    }
}

fn refuse_strictly(error: strict::Error) -> Error {
    let code = match error {
        strict::Error::UnknownType(_) => codes::UNKNOWN_REQUEST,
        strict::Error::Unsupported(_) => codes::NOT_SUPPORTED,
        _ => codes::TX_DECODE,
    };
    // The text can hold whatever a transaction names, at any length.
    let shown: String = error.to_string().chars().filter(|letter| !letter.is_control()).take(256).collect();
    Error::sdk(code, format!("tx parse error: {shown}"))
}

fn check_body(body: &TxBody) -> Result<()> {
    if body.messages.is_empty() {
        return Err(Error::sdk(codes::INVALID_REQUEST, "must contain at least one message: invalid request"));
    }
    if !body.extension_options.is_empty() {
        return Err(Error::sdk(codes::UNKNOWN_EXTENSION, "unknown extension options"));
    }
    Ok(())
}

/// The explicit payer, who then must sign too, or the first signer.
fn fee_payer(fee: &Fee, signers: &mut Vec<Address>) -> Result<Address> {
    if !fee.granter.is_empty() {
        return Err(Error::sdk(codes::NOT_SUPPORTED, "fee grants are not supported"));
    }
    if fee.gas_limit > MAX_GAS_LIMIT {
        let why = format!("invalid gas supplied; {} > {MAX_GAS_LIMIT}: invalid request", fee.gas_limit);
        return Err(Error::sdk(codes::INVALID_REQUEST, why));
    }
    if fee.payer.is_empty() {
        let first = signers.first().copied();
        return first
            .ok_or_else(|| Error::sdk(codes::NO_SIGNATURES, "no message of the transaction has a signer"));
    }
    let payer = Address::parse(&fee.payer).map_err(|error| error.context("invalid fee payer"))?;
    if !signers.contains(&payer) {
        signers.push(payer);
    }
    Ok(payer)
}

fn fee_amount(fee: &Fee) -> Result<Amount> {
    let coins = Coins::from_proto(&fee.amount).map_err(|error| error.context("invalid fee"))?;
    match coins.iter().find(|coin| coin.denom != BASE_DENOM) {
        Some(other) => Err(Error::sdk(
            codes::INSUFFICIENT_FEE,
            format!("fees are paid in {BASE_DENOM} only, got {other}"),
        )),
        None => Ok(coins.amount(BASE_DENOM)),
    }
}

fn check_counts(signers: usize, infos: usize, signatures: usize) -> Result<()> {
    if signatures == 0 {
        return Err(Error::sdk(codes::NO_SIGNATURES, "no signatures supplied"));
    }
    if signatures != signers || infos != signers {
        let why = format!(
            "wrong number of signers; expected {signers}, got {signatures} signatures and {infos} signer infos: unauthorized"
        );
        return Err(Error::sdk(codes::UNAUTHORIZED, why));
    }
    Ok(())
}
