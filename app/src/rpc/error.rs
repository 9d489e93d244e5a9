//! What can go wrong between the node's client and the engine, in sentences for people.

use std::io;

use tendermint_rpc::response_error::ResponseError;

/// Result of a request to the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A request to the engine that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL can't be used.
    #[error("the node address {url:?} can't be used: {reason}; write it like http://127.0.0.1:26657")]
    Url {
        /// The address as given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no connection.
    #[error("the node at {url} can't be reached: {reason}; is it running?")]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// What the network said.
        reason: String,
    },
    /// The answer did not come in time.
    #[error("the node at {url} did not answer in time ({reason})")]
    Timeout {
        /// Who did not answer.
        url: String,
        /// Which time limit passed.
        reason: String,
    },
    /// The engine answered with an error.
    #[error("{message}")]
    Refused {
        /// JSON-RPC code, such as -32602 for bad parameters and -32603 for everything that failed inside.
        code: i32,
        /// The engine's words.
        message: String,
    },
    /// What came back is no answer of an engine.
    #[error("the node at {url} gave an answer that can't be read: {reason}")]
    Answer {
        /// Who answered.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine has no such heights.
    #[error("height {0} is out of range: heights go from 1 to 9223372036854775807")]
    Height(u64),
}

impl Error {
    /// Whether the engine says that what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { message, .. } if message.contains("not found"))
    }

    /// From what the HTTP client says.
    pub(super) fn from_transport(url: &str, error: ureq::Error) -> Self {
        let url = url.to_owned();
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                Self::Unreachable { url, reason: "no answer to the connection attempt".to_owned() }
            }
            ureq::Error::Timeout(limit) => Self::Timeout { url, reason: limit.to_string() },
            ureq::Error::Io(e) if e.kind() == io::ErrorKind::ConnectionRefused => {
                Self::Unreachable { url, reason: "connection refused".to_owned() }
            }
            ureq::Error::Io(e) => Self::Unreachable { url, reason: e.to_string() },
            ureq::Error::HostNotFound => Self::Unreachable { url, reason: "no such host".to_owned() },
            e @ (ureq::Error::ConnectionFailed | ureq::Error::Tls(_) | ureq::Error::Rustls(_)) => {
                Self::Unreachable { url, reason: e.to_string() }
            }
            e => Self::Answer { url, reason: e.to_string() },
        }
    }

    /// From the engine's own words.
    pub(super) fn from_refusal(refusal: &ResponseError) -> Self {
        let message = match refusal.data() {
            Some(data) if !data.is_empty() => data,
            _ => refusal.message(),
        };
        Self::Refused { code: refusal.code().value(), message: message.to_owned() }
    }
}
