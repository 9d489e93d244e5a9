//! What can end the ABCI server.

use std::io;
use std::path::PathBuf;

/// Why the server could not be started, or why it ended without having been told to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The socket could not be made: a missing directory, no permission, a path too long.
    #[error("cannot listen for the consensus engine on {}: {source}", path.display())]
    Bind {
        /// The socket's path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server answers on the socket.
    #[error(
        "another node is listening for its consensus engine on {}: stop it, or give this node another home",
        .0.display()
    )]
    InUse(PathBuf),
    /// Something else than a socket is in the place of the socket, and is left alone.
    #[error("{} is in the way of the socket for the consensus engine: move it away", .0.display())]
    NotASocket(PathBuf),
    /// No further connection could be accepted or served.
    #[error("cannot accept a connection from the consensus engine: {0}")]
    Accept(#[source] io::Error),
    /// The engine closed a connection it had used, which it does only when it exits.
    #[error(
        "the consensus engine closed ABCI connection {connection} ({unfinished} bytes of an unfinished \
         request dropped): its own log says why"
    )]
    Closed {
        /// Number of the connection, from 1 in the order of their opening.
        connection: usize,
        /// Bytes received of a request that never became whole.
        unfinished: usize,
    },
    /// Reading from or writing to a connection failed, as when the engine was killed.
    #[error("ABCI connection {connection} failed: {source}")]
    Connection {
        /// Number of the connection, from 1 in the order of their opening.
        connection: usize,
        /// What the system said.
        source: io::Error,
    },
    /// A request could not be understood; the engine was told the same in a `ResponseException`.
    #[error("invalid request on ABCI connection {connection}: {reason}")]
    Malformed {
        /// Number of the connection, from 1 in the order of their opening.
        connection: usize,
        /// What is wrong with the request.
        reason: Malformed,
    },
}

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Malformed {
    /// The length prefix is not a 64-bit varint.
    #[error("the length prefix is not a varint of at most 10 bytes")]
    Length,
    /// The request announces more than [`Limits::request_bytes`](super::Limits::request_bytes).
    #[error("{length} bytes announced, at most {limit} accepted: lower block.max_bytes or raise the limit")]
    TooLarge {
        /// Announced length in bytes.
        length: usize,
        /// Largest length accepted, in bytes.
        limit: usize,
    },
    /// The bytes are not a protobuf `Request`.
    #[error("not an ABCI request: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// A `Request` that holds none of the calls of ABCI 2.0.
    #[error("unknown or empty ABCI request: the engine must speak ABCI 2.0 (CometBFT v0.38)")]
    Unknown,
}
