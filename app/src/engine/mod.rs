//! The consensus engine (CometBFT 0.38) as this node's child process: its files and settings, its ports, its
//! start, its end and what it says. The application itself talks to it over the ABCI socket and never through here.
//!
//! Life of the engine under `jmesd start`:
//! - The application opens its ABCI socket first ([`app_socket`]); then [`Engine::spawn`] checks the genesis file
//!   and the ports and starts the engine in a process group of its own, so that Ctrl-C reaches it through
//!   jmesd alone.
//! - On SIGINT or SIGTERM jmesd calls [`Engine::stop`], and only then closes the socket: the engine treats a lost
//!   connection as a crash of the application.
//! - If the engine ends by itself, jmesd reports [`Exit::explain`] and exits non-zero. It does not start the engine
//!   again: the two are restarted together, by systemd or whoever started jmesd, so there is one restart policy and
//!   not two. If jmesd dies, even by `kill -9`, the kernel kills the engine (parent-death signal).

mod binary;
pub mod config;
pub mod keys;
mod log;
mod preflight;
pub mod settings;
mod supervisor;
pub mod testnet;

pub use binary::find_binary;
pub use config::{app_socket, rpc_url, Ports, Preset};
pub use supervisor::{Engine, Exit, Options};

#[cfg(test)]
mod tests;
