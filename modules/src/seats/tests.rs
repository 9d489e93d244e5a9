//! Tests of seats, each named after the rule of §6 that it checks.

mod after;
mod attacks;
mod chain;
mod cost;
mod draw;
mod genesis;
mod idp;
mod join;
mod model;
mod params;
mod powers;
mod proving;
mod rank;
mod removal;
mod waiting;

use super::members::{Facts, Member};
use crate::kernel::{Address, Amount, ConsensusAddress};
use crate::staking::consensus_address;
use crate::test_support::address;
use crate::JMES;

/// The consensus key of the validator number `byte`.
fn key(byte: u8) -> [u8; 32] {
    let mut key = [byte; 32];
    key[0] = 0xed;
    key
}

/// Its consensus address.
fn consensus(byte: u8) -> ConsensusAddress {
    consensus_address(&key(byte))
}

/// A proven member with `jmes` JMES bonded, no incumbent; the number is the order of creation.
fn proven(byte: u8, jmes: u128) -> (Member, Facts) {
    let (member, facts) = unproven(byte, jmes);
    (Member { proven: true, ..member }, facts)
}

/// The same, unproven.
fn unproven(byte: u8, jmes: u128) -> (Member, Facts) {
    let facts = Facts { bond: Amount(jmes * JMES), id: byte.into(), jailed: false };
    (Member::new(address(byte), key(byte), 5), facts)
}

fn incumbent((member, facts): (Member, Facts)) -> (Member, Facts) {
    (Member { incumbent: true, ..member }, facts)
}

fn jailed((member, facts): (Member, Facts)) -> (Member, Facts) {
    (member, Facts { jailed: true, ..facts })
}

fn operators<'a>(members: impl IntoIterator<Item = &'a (Member, Facts)>) -> Vec<Address> {
    members.into_iter().map(|(member, _)| member.operator).collect()
}

fn addresses(bytes: &[u8]) -> Vec<Address> {
    bytes.iter().map(|byte| address(*byte)).collect()
}
