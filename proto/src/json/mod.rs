//! Protobuf to JSON and back, in the form of the Cosmos SDK's REST gateway: proto field names, nothing left out, 64-bit integers
//! and amounts as strings, bytes in base64, enum values by name, `Any` as an object with `@type`, 18-decimal numbers as
//! `0.100000000000000000`. Field names can also be read in camelCase.

mod read;
mod write;

use prost_reflect::MessageDescriptor;

use crate::{
    scan::ScanError,
    schema::{schema, Message},
};

/// The most bytes [`from_json`] reads.
pub const MAX_INPUT: usize = 4 << 20;

/// The most bytes [`to_json`] writes for one message.
pub const MAX_OUTPUT: usize = 64 << 20;

/// Why a message can't be converted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The type is not in the descriptor set, or a type URL does not begin with a slash.
    #[error("unable to resolve type URL {0}")]
    UnknownType(String),
    /// The bytes are not a message of the type.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// A time or duration has no textual form.
    #[error("{message} with {seconds} seconds and {nanos} nanoseconds is out of range")]
    TimeRange {
        /// `google.protobuf.Timestamp` or `google.protobuf.Duration`.
        message: String,
        /// Its seconds.
        seconds: i64,
        /// Its nanoseconds.
        nanos: i64,
    },
    /// Messages stand inside one another too deeply.
    #[error("messages are nested more than {} deep", crate::scan::MAX_DEPTH)]
    TooDeep,
    /// The input or the output would be too long.
    #[error("the message needs more than {0} bytes")]
    TooLong(usize),
    /// The JSON text does not fit the type.
    #[error("{path}: {reason}")]
    Json {
        /// The field, as `body.messages[0].amount`, or the message type.
        path: String,
        /// What is wrong and where in the text.
        reason: String,
    },
}

/// Appends a message as JSON, without white space, to `out`. Unknown fields are left out. `desc` is of [`crate::pool`].
///
/// # Errors
/// If `bytes` is not a message of this type, an `Any` in it can't be resolved, a time has no textual form, or a bound is passed;
/// then `out` ends with an incomplete text.
pub fn to_json(desc: &MessageDescriptor, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    let limit = out.len().saturating_add(MAX_OUTPUT);
    write::Writer::new(out, limit).message(find(desc)?, bytes, None)
}

/// [`to_json`] without a bound, for what is no stranger's: a module's part of genesis, as large as its state.
///
/// # Errors
/// As [`to_json`], but for the bound.
pub fn genesis_to_json(desc: &MessageDescriptor, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    write::Writer::new(out, usize::MAX).message(find(desc)?, bytes, None)
}

/// Reads a message of the given type, which is of [`crate::pool`], and returns its bytes in canonical form: fields by ascending
/// number, defaults left out. Absent and null fields keep their defaults; unknown and repeated names are refused.
///
/// # Errors
/// If the text is not JSON, does not fit the type, or is longer than [`MAX_INPUT`].
pub fn from_json(desc: &MessageDescriptor, text: &[u8]) -> Result<Vec<u8>, Error> {
    if text.len() > MAX_INPUT {
        return Err(Error::TooLong(MAX_INPUT));
    }
    read::read(find(desc)?, text)
}

/// [`from_json`] without a bound, see [`genesis_to_json`].
///
/// # Errors
/// As [`from_json`], but for the bound.
pub fn genesis_from_json(desc: &MessageDescriptor, text: &[u8]) -> Result<Vec<u8>, Error> {
    read::read(find(desc)?, text)
}

fn find(desc: &MessageDescriptor) -> Result<&'static Message, Error> {
    schema().find(desc.full_name()).ok_or_else(|| Error::UnknownType(desc.full_name().to_owned()))
}

#[cfg(test)]
mod tests;
