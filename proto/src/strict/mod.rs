//! What a transaction's bytes must be before anyone looks at their meaning (PROTOCOL.md §4): a canonical `TxRaw` (ADR-027)
//! without unknown fields, save non-critical ones in the body (ADR-020), so that nobody signs what the chain does not see.
//!
//! A field is non-critical if bit 11 of its number is set. Stricter than the Cosmos SDK, whose wallets never do this: a field
//! that is not repeated may be given only once, in any message. Otherwise protobuf would merge what was checked one by one.

use std::sync::LazyLock;

use prost_reflect::MessageDescriptor;

use crate::{
    schema::{schema, Field, Kind, Message, Schema, Special},
    wire::{Cursor, Value, WireError, WireType},
};

/// How many messages may stand inside one another, `Any` values included.
pub const MAX_DEPTH: u32 = 100;

/// How many `Any` values may stand inside one another.
pub const MAX_ANY_DEPTH: u32 = 16;

/// Why bytes are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not protobuf.
    #[error("{message}: {error}")]
    Wire {
        /// The message type.
        message: String,
        /// What is wrong.
        error: WireError,
    },
    /// A field has the encoding of another type.
    #[error("{message}.{field} has the wire type of another field type")]
    WireType {
        /// The message type.
        message: String,
        /// The field's name.
        field: String,
    },
    /// A field that is not repeated is given twice.
    #[error("{message}.{field} is given twice")]
    Duplicate {
        /// The message type.
        message: String,
        /// The field's name.
        field: String,
    },
    /// A field that the type does not have and that must not be ignored.
    #[error("{message} has the unknown field {number}")]
    UnknownField {
        /// The message type.
        message: String,
        /// The number found.
        number: u32,
    },
    /// The type of an `Any` is not known to the chain.
    #[error("unable to resolve type URL {0}")]
    UnknownType(String),
    /// Messages stand inside one another too deeply.
    #[error("messages are nested too deeply: at most {MAX_DEPTH}, of these {MAX_ANY_DEPTH} in Any")]
    TooDeep,
    /// `TxRaw` is not in canonical form.
    #[error("the transaction is not encoded canonically: {0}")]
    NotCanonical(&'static str),
    /// The body uses a feature of the Cosmos SDK that the chain does not have.
    #[error("the transaction body sets {0}, which this chain does not support")]
    Unsupported(&'static str),
}

/// Whether unknown non-critical fields pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonCritical {
    /// They are ignored, as in a transaction's body.
    Allow,
    /// They are refused, as everywhere else.
    Refuse,
}

/// The parts of a canonical `TxRaw`, as they were signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawTx<'a> {
    /// The bytes of the `TxBody`.
    pub body: &'a [u8],
    /// The bytes of the `AuthInfo`.
    pub auth_info: &'a [u8],
    /// How many signatures follow.
    pub signatures: usize,
}

/// Checks a transaction as a whole: [`check_tx_raw`], then [`check_unknown`] on its body and its `AuthInfo`. Returns whether the
/// body has unknown non-critical fields; SIGN_MODE_LEGACY_AMINO_JSON, which does not show them, must then be refused.
///
/// # Errors
/// The first rule broken.
pub fn check_tx(bytes: &[u8]) -> Result<bool, Error> {
    static TYPES: LazyLock<(&Message, &Message)> = LazyLock::new(|| {
        let find = |name| schema().find(name).expect("the descriptor set has the transaction types");
        (find("cosmos.tx.v1beta1.TxBody"), find("cosmos.tx.v1beta1.AuthInfo"))
    });
    let raw = check_tx_raw(bytes)?;
    let has_non_critical = Checker::new(NonCritical::Allow).check(TYPES.0, raw.body)?;
    Checker::new(NonCritical::Refuse).check(TYPES.1, raw.auth_info)?;
    check_supported(TYPES.0, raw.body)?;
    Ok(has_non_critical)
}

/// Checks that the bytes are a `TxRaw` in the one form ADR-027 allows: body, `AuthInfo` and signatures in this order, the first
/// two exactly once, lengths in their shortest form, nothing else.
///
/// # Errors
/// [`Error::NotCanonical`], or [`Error::Wire`] if the bytes end too early.
pub fn check_tx_raw(bytes: &[u8]) -> Result<RawTx<'_>, Error> {
    let mut rest = bytes;
    let mut next = |tag: u8| match rest.split_first() {
        Some((first, after)) if *first == tag => {
            let (value, after) = take_delimited(after)?;
            rest = after;
            Ok(Some(value))
        }
        _ => Ok(None),
    };
    let body = next(0x0a)?.ok_or(Error::NotCanonical("it does not begin with a body"))?;
    let auth_info = next(0x12)?.ok_or(Error::NotCanonical("the body is not followed by one AuthInfo"))?;
    let mut signatures = 0;
    while next(0x1a)?.is_some() {
        signatures += 1;
    }
    if !rest.is_empty() {
        return Err(Error::NotCanonical("something other than signatures follows the AuthInfo"));
    }
    Ok(RawTx { body, auth_info, signatures })
}

/// Checks that a message, and every message in it, has only fields its type knows, each with the wire type of its kind and, if
/// not repeated, once, and that the type URL of every `Any` is known. `desc` is of [`crate::pool`]. Returns whether there were
/// unknown non-critical fields.
///
/// # Errors
/// The first rule broken.
pub fn check_unknown(
    desc: &MessageDescriptor,
    bytes: &[u8],
    non_critical: NonCritical,
) -> Result<bool, Error> {
    let message = schema().find(desc.full_name());
    let message = message.ok_or_else(|| Error::UnknownType(desc.full_name().to_owned()))?;
    Checker::new(non_critical).check(message, bytes)
}

/// Walks through messages.
struct Checker {
    schema: &'static Schema,
    non_critical: NonCritical,
    has_non_critical: bool,
    depth: u32,
    any_depth: u32,
}

impl Checker {
    fn new(non_critical: NonCritical) -> Self {
        Checker { schema: schema(), non_critical, has_non_critical: false, depth: 0, any_depth: 0 }
    }

    fn check(mut self, message: &Message, bytes: &[u8]) -> Result<bool, Error> {
        self.message(message, bytes)?;
        Ok(self.has_non_critical)
    }

    fn message(&mut self, message: &Message, bytes: &[u8]) -> Result<(), Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.depth += 1;
        let mut seen = 0u128;
        let mut packed = [&[][..]; 2];
        let mut cursor = Cursor::new(bytes);
        while !cursor.is_at_end() {
            let (number, value) = cursor.record().map_err(|error| wire(message, error))?;
            let Some(index) = message.field_index(number) else {
                self.unknown(message, number)?;
                continue;
            };
            let field = &message.fields[index];
            check_wire_type(message, field, value)?;
            if !field.is_repeated {
                let bit = 1u128.checked_shl(index as u32).unwrap_or_default();
                if seen & bit != 0 {
                    let (message, field) = (message.name.clone(), field.name.clone());
                    return Err(Error::Duplicate { message, field });
                }
                seen |= bit;
            }
            match field.kind {
                Kind::Message(inner) => self.message(self.schema.message(inner), value.payload())?,
                _ if message.special == Special::Any => packed[index] = value.payload(),
                _ => {}
            }
        }
        if message.special == Special::Any {
            self.any(packed[0], packed[1])?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn any(&mut self, type_url: &[u8], value: &[u8]) -> Result<(), Error> {
        if self.any_depth == MAX_ANY_DEPTH {
            return Err(Error::TooDeep);
        }
        let message = std::str::from_utf8(type_url).ok().and_then(|name| self.schema.resolve(name));
        let message =
            message.ok_or_else(|| Error::UnknownType(String::from_utf8_lossy(type_url).into_owned()))?;
        self.any_depth += 1;
        self.message(message, value)?;
        self.any_depth -= 1;
        Ok(())
    }

    fn unknown(&mut self, message: &Message, number: u32) -> Result<(), Error> {
        let is_critical = number >> 10 & 1 == 0;
        if is_critical || self.non_critical == NonCritical::Refuse {
            return Err(Error::UnknownField { message: message.name.clone(), number });
        }
        self.has_non_critical = true;
        Ok(())
    }
}

fn check_wire_type(message: &Message, field: &Field, value: Value<'_>) -> Result<(), Error> {
    let expected = field.kind.wire_type();
    if value.wire_type() == expected {
        return Ok(());
    }
    if !field.is_repeated || value.wire_type() != WireType::Bytes {
        return Err(Error::WireType { message: message.name.clone(), field: field.name.clone() });
    }
    let mut elements = Cursor::new(value.payload());
    while !elements.is_at_end() {
        elements.element(expected).map_err(|error| wire(message, error))?;
    }
    Ok(())
}

/// Refuses the fields of `TxBody` that are known, and thus not refused as unknown, but have no meaning here.
fn check_supported(body: &Message, bytes: &[u8]) -> Result<(), Error> {
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_at_end() {
        match cursor.record().map_err(|error| wire(body, error))?.0 {
            4 => return Err(Error::Unsupported("unordered")),
            5 => return Err(Error::Unsupported("timeout_timestamp")),
            _ => {}
        }
    }
    Ok(())
}

/// A length in its shortest form and as many bytes; then what follows.
fn take_delimited(bytes: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let wire = |error| Error::Wire { message: "cosmos.tx.v1beta1.TxRaw".to_owned(), error };
    let mut cursor = Cursor::new(bytes);
    let length = cursor.varint().map_err(wire)?;
    let (prefix, rest) = bytes.split_at(cursor.position());
    if prefix.len() > 1 && prefix.last() == Some(&0) {
        return Err(Error::NotCanonical("a length is not in its shortest form"));
    }
    let length = usize::try_from(length).map_err(|_| wire(WireError::Truncated))?;
    rest.split_at_checked(length).ok_or_else(|| wire(WireError::Truncated))
}

fn wire(message: &Message, error: WireError) -> Error {
    Error::Wire { message: message.name.clone(), error }
}

#[cfg(test)]
mod tests;
