//! placeholder
pub mod abci;
pub mod engine;
