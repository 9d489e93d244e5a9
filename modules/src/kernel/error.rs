//! Errors of the state machine: a codespace, a code that never changes, and a sentence for people.

use std::fmt;

/// Result of anything in the state machine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal. Codespace and code are part of the chain's public interface and of the block results;
/// they are never renumbered. The message is for people and is not part of consensus.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// `sdk` for the codes wallets know from the Cosmos SDK, else the module's name.
    pub codespace: &'static str,
    /// The code within the codespace, from 2 up.
    pub code: u32,
    /// What is wrong, with its values.
    pub message: String,
}

impl Error {
    /// An error with one of the Cosmos SDK's codes ([`codes`]).
    pub fn sdk(code: u32, message: impl Into<String>) -> Self {
        Self { codespace: codes::SDK, code, message: message.into() }
    }

    /// An error of a module's own.
    pub fn new(codespace: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self { codespace, code, message: message.into() }
    }

    /// The same error with `context` put in front of its message.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The Cosmos SDK's error codes (codespace `sdk`), as its `types/errors` package lists them.
pub mod codes {
    /// The codespace of all codes here.
    pub const SDK: &str = "sdk";
    /// The transaction's bytes can't be decoded.
    pub const TX_DECODE: u32 = 2;
    /// Signature or signer is wrong.
    pub const UNAUTHORIZED: u32 = 4;
    /// Too little money.
    pub const INSUFFICIENT_FUNDS: u32 = 5;
    /// No such message or path.
    pub const UNKNOWN_REQUEST: u32 = 6;
    /// An address can't be read.
    pub const INVALID_ADDRESS: u32 = 7;
    /// A public key can't be read or does not belong to its address.
    pub const INVALID_PUBKEY: u32 = 8;
    /// No account at that address.
    pub const UNKNOWN_ADDRESS: u32 = 9;
    /// A coin, denomination or amount can't be read.
    pub const INVALID_COINS: u32 = 10;
    /// The gas limit is used up.
    pub const OUT_OF_GAS: u32 = 11;
    /// The memo is too long.
    pub const MEMO_TOO_LARGE: u32 = 12;
    /// The fee is below the node's minimum gas price.
    pub const INSUFFICIENT_FEE: u32 = 13;
    /// More signatures than allowed.
    pub const TOO_MANY_SIGNATURES: u32 = 14;
    /// No signatures.
    pub const NO_SIGNATURES: u32 = 15;
    /// A field of a request is wrong.
    pub const INVALID_REQUEST: u32 = 18;
    /// The mempool is full.
    pub const MEMPOOL_FULL: u32 = 20;
    /// The transaction is too large.
    pub const TX_TOO_LARGE: u32 = 21;
    /// The chain id is another one.
    pub const INVALID_CHAIN_ID: u32 = 28;
    /// The timeout height has passed.
    pub const TX_TIMEOUT_HEIGHT: u32 = 30;
    /// An extension option is not known.
    pub const UNKNOWN_EXTENSION: u32 = 31;
    /// The account's sequence is another one.
    pub const WRONG_SEQUENCE: u32 = 32;
    /// A rule that holds by construction was about to break.
    pub const LOGIC: u32 = 35;
    /// The feature is not supported.
    pub const NOT_SUPPORTED: u32 = 37;
    /// Nothing of that name.
    pub const NOT_FOUND: u32 = 38;
    /// The gas limit itself is out of range.
    pub const INVALID_GAS_LIMIT: u32 = 41;
}
