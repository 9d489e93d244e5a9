//! Sign documents of SIGN_MODE_LEGACY_AMINO_JSON: what hardware wallets and older ones sign. The document is JSON with sorted
//! keys; messages are shown by the amino options of their descriptors, as the Cosmos SDK does.

mod write;

use cosmos_sdk_proto::cosmos::{
    base::v1beta1::Coin,
    tx::v1beta1::{Fee, TxBody},
};

use crate::{scan::ScanError, text};

/// Why there is no sign document for a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The transaction has extension options, which the mode can't show.
    #[error("SIGN_MODE_LEGACY_AMINO_JSON does not support extension options")]
    ExtensionOptions,
    /// The type is not in the descriptor set.
    #[error("unable to resolve type URL {0}")]
    UnknownType(String),
    /// The type was not made for the mode: its option `amino.name` is not set.
    #[error("{0} has no amino name: sign with SIGN_MODE_DIRECT")]
    NoAminoName(String),
    /// The type, a field or a value in it has no amino form.
    #[error("{message}.{field} has no amino form: {reason}")]
    NoAminoForm {
        /// The message type.
        message: String,
        /// The field's name.
        field: String,
        /// Why.
        reason: &'static str,
    },
    /// The bytes are not a message of the type, or have fields that the type does not know.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// Messages stand inside one another too deeply.
    #[error("messages are nested more than {} deep", crate::scan::MAX_DEPTH)]
    TooDeep,
}

/// Who signs, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer<'a> {
    /// The chain id.
    pub chain_id: &'a str,
    /// The signer's account number.
    pub account_number: u64,
    /// The signer's sequence.
    pub sequence: u64,
}

/// The bytes to sign. `body` must have no unknown fields, see [`crate::strict::check_tx`].
///
/// # Errors
/// If a message has no amino form or the body has extension options.
pub fn sign_doc(signer: Signer<'_>, body: &TxBody, fee: &Fee) -> Result<Vec<u8>, Error> {
    if !body.extension_options.is_empty() || !body.non_critical_extension_options.is_empty() {
        return Err(Error::ExtensionOptions);
    }
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(b"{\"account_number\":\"");
    text::push_unsigned(&mut out, signer.account_number);
    out.extend_from_slice(b"\",\"chain_id\":");
    text::push_string(&mut out, signer.chain_id.as_bytes());
    out.extend_from_slice(b",\"fee\":");
    push_fee(&mut out, fee);
    out.extend_from_slice(b",\"memo\":");
    text::push_string(&mut out, body.memo.as_bytes());
    out.extend_from_slice(b",\"msgs\":");
    write::Writer::new(&mut out).packed_list(&body.messages)?;
    out.extend_from_slice(b",\"sequence\":\"");
    text::push_unsigned(&mut out, signer.sequence);
    out.push(b'"');
    if body.timeout_height > 0 {
        out.extend_from_slice(b",\"timeout_height\":\"");
        text::push_unsigned(&mut out, body.timeout_height);
        out.push(b'"');
    }
    out.push(b'}');
    Ok(out)
}

fn push_fee(out: &mut Vec<u8>, fee: &Fee) {
    out.extend_from_slice(b"{\"amount\":[");
    for (index, coin) in fee.amount.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_coin(out, coin);
    }
    out.extend_from_slice(b"],\"gas\":\"");
    text::push_unsigned(out, fee.gas_limit);
    out.push(b'"');
    for (name, address) in [("granter", &fee.granter), ("payer", &fee.payer)] {
        if !address.is_empty() {
            out.push(b',');
            text::push_quoted(out, name.as_bytes());
            out.push(b':');
            text::push_string(out, address.as_bytes());
        }
    }
    out.push(b'}');
}

fn push_coin(out: &mut Vec<u8>, coin: &Coin) {
    out.extend_from_slice(b"{\"amount\":");
    text::push_string(out, if coin.amount.is_empty() { b"0" } else { coin.amount.as_bytes() });
    if !coin.denom.is_empty() {
        out.extend_from_slice(b",\"denom\":");
        text::push_string(out, coin.denom.as_bytes());
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests;
