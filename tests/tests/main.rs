//! The integration tests: one binary, so that everything is linked once.

mod bad_input;
mod business;
mod clients;
mod determinism;
mod economy;
mod fuzz;
mod genesis;
mod network;
mod proofs;
mod properties;
mod readme;
mod transactions;
mod wrong;
