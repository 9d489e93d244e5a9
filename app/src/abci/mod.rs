//! The ABCI socket server: the door through which the consensus engine drives the application.
//!
//! CometBFT v0.38 connects to a unix socket once for each of its four uses of the application
//! (consensus, mempool, query, snapshot) and sends each request as a varint length followed by a
//! protobuf `Request`. Every connection has its own thread and is answered strictly in order; requests
//! of *different* connections run at the same time, so the application does its own locking.
//!
//! - `server`: the socket file, accepting, shutting down.
//! - `connection`: one connection's loop from requests to answers.
//! - `receiver`: cuts the received bytes into requests without copying them.
//! - `shutdown`: the token that stops the node.
//!
//! Invariant: the server never recovers from a failure. The engine gives up when any of its connections
//! drops, so the end of one connection ends them all and is reported to whoever supervises the two.

mod connection;
mod error;
mod receiver;
mod server;
mod shutdown;
#[cfg(test)]
mod tests;

pub use error::{Error, Malformed};
pub use server::Server;
pub use shutdown::Shutdown;

use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::RequestCheckTx;

/// An application that can look ahead at the transactions waiting on a connection.
///
/// The server clones the application once for each connection; the clones share their state. Byte
/// fields of a request are slices of the connection's receive buffer, which lives as long as any of them:
/// what is kept beyond the call should be copied.
///
/// A panic in the application ends the whole server and goes on to the caller of [`Server::run`]; a node
/// installs a panic hook that aborts the process before that.
pub trait Node: Application {
    /// Prepares for `requests`, the consecutive CheckTx requests that have already been received, in the
    /// order in which [`check_tx`](Application::check_tx) is called with each of them right afterwards.
    ///
    /// This is the place to verify their signatures in parallel and remember the results. It must not
    /// change any answer: how requests fall together depends on timing.
    fn look_ahead(&self, requests: &[RequestCheckTx]) {
        let _ = requests;
    }

    /// Whether the node answers nothing more, not even the last request: the connection is closed without an answer.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Limits of the server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest request accepted, in bytes, its length prefix not counted.
    pub request_bytes: usize,
}

impl Default for Limits {
    /// 128 MiB: the engine's largest block (100 MiB) and room for the commit that comes with it.
    ///
    /// InitChain carries the application's whole genesis state and may call for more.
    fn default() -> Self {
        Self { request_bytes: 128 << 20 }
    }
}
