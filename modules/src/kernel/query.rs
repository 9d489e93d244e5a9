//! Answers to queries, and refusals with the gRPC status codes that clients tell apart.

use super::error::{codes, Error};
use std::fmt;

/// Result of a query.
pub type QueryResult<T> = Result<T, QueryError>;

/// The gRPC status codes that queries use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum QueryCode {
    /// The request is wrong.
    InvalidArgument = 3,
    /// There is nothing of that name.
    NotFound = 5,
    /// The query needs more work than allowed.
    ResourceExhausted = 8,
    /// The height is not kept.
    OutOfRange = 11,
    /// There is no such query.
    Unimplemented = 12,
    /// The node itself failed to answer.
    Internal = 13,
    /// The node can't answer now.
    Unavailable = 14,
}

impl QueryCode {
    /// The code's name as gRPC in Go writes it; clients look for it in the log of `abci_query`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "InvalidArgument",
            Self::NotFound => "NotFound",
            Self::ResourceExhausted => "ResourceExhausted",
            Self::OutOfRange => "OutOfRange",
            Self::Unimplemented => "Unimplemented",
            Self::Internal => "Internal",
            Self::Unavailable => "Unavailable",
        }
    }
}

/// A refused query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct QueryError {
    /// Status code.
    pub code: QueryCode,
    /// What is wrong, with its values.
    pub message: String,
}

impl QueryError {
    /// A refusal with a code.
    pub fn new(code: QueryCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The request is wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(QueryCode::InvalidArgument, message)
    }

    /// There is nothing of that name.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(QueryCode::NotFound, message)
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rpc error: code = {} desc = {}", self.code.name(), self.message)
    }
}

impl From<Error> for QueryError {
    fn from(error: Error) -> Self {
        let code = match (error.codespace, error.code) {
            (codes::SDK, codes::OUT_OF_GAS) => QueryCode::ResourceExhausted,
            (codes::SDK, codes::NOT_FOUND | codes::UNKNOWN_ADDRESS) => QueryCode::NotFound,
            (codes::SDK, codes::LOGIC) => QueryCode::Internal,
            _ => QueryCode::InvalidArgument,
        };
        Self::new(code, error.message)
    }
}
