//! The protocol of JMES as a deterministic state machine: no I/O, no clock, no randomness.
//!
//! [`kernel`] holds what every module is made of; each other folder is one module. A module owns one
//! store and calls its neighbours' functions directly. [`order`] is the one table of them all.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "tests fail by panicking"
    )
)]

pub mod artwork;
pub mod auth;
pub mod bank;
pub mod consensus;
pub mod dao;
pub mod emission;
pub mod funding;
pub mod governance;
pub mod identity;
pub mod kernel;
pub mod order;
pub mod premint;
pub mod rewards;
pub mod seats;
pub mod slashing;
pub mod slots;
pub mod staking;
pub mod upgrade;

#[cfg(test)]
mod test_support;

use kernel::StoreId;

/// Names of the stores, as light clients see them in proofs (API.md, "Stores"). A [`StoreId`] is an
/// index into this list. Append only: the index is part of no proof, but of every key in memory.
pub const STORES: [&str; 16] = [
    "auth",
    "bank",
    "consensus",
    "rewards",
    "emission",
    "premint",
    "staking",
    "seats",
    "slashing",
    "identity",
    "dao",
    "governance",
    "funding",
    "slots",
    "artwork",
    "upgrade",
];

/// Base denomination: 1 `ujmes` is 1 Nil, 10^-6 JMES (§1).
pub const BASE_DENOM: &str = "ujmes";

/// The view of bonded `ujmes`; never a coin (§1, §5).
pub const BONDED_DENOM: &str = "bujmes";

const AUTH: StoreId = StoreId(0);
const BANK: StoreId = StoreId(1);
const CONSENSUS: StoreId = StoreId(2);
const REWARDS: StoreId = StoreId(3);
const EMISSION: StoreId = StoreId(4);
const PREMINT: StoreId = StoreId(5);
const STAKING: StoreId = StoreId(6);
const SEATS: StoreId = StoreId(7);
const SLASHING: StoreId = StoreId(8);
const IDENTITY: StoreId = StoreId(9);
const DAO: StoreId = StoreId(10);
const GOVERNANCE: StoreId = StoreId(11);
const FUNDING: StoreId = StoreId(12);
const SLOTS: StoreId = StoreId(13);
const ARTWORK: StoreId = StoreId(14);
const UPGRADE: StoreId = StoreId(15);

/// Nils in a JMES (§1).
pub const JMES: u128 = 1_000_000;
