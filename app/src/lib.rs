//! `jmesd`, the node of JMES: the application that a CometBFT engine drives, its doors and its command line.

pub mod abci;
pub mod api;
pub mod chain;
pub mod cli;
pub mod engine;
pub mod keys;
pub mod node;
pub mod rpc;
