//! `jmesd`, the node of JMES: the application that a CometBFT engine drives, its doors and its command line.

pub mod abci;
pub mod api;
pub mod chain;
pub mod cli;
pub mod engine;
pub mod keys;
pub mod node;
pub mod rpc;

/// The commit that the program was built from: `JMES_COMMIT` in the environment of the build.
pub const COMMIT: &str = match option_env!("JMES_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// A transaction takes some hundred small pieces of memory, many of them given back by another thread than the one that
/// took them, which this allocator does more cheaply than the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
