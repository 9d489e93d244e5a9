//! Tests of powers and of what the engine is told.

use super::{key, proven, unproven};
use crate::kernel::{Amount, ValidatorUpdate};
use crate::seats::members::Member;
use crate::seats::powers::{changes, power, PowerChange, Stake};
use crate::seats::{defaults, MAX_POWER};
use crate::test_support::address;
use jmes_proto::jmes::staking::v1::Params;

/// The power of a proven member with `jmes` JMES bonded.
fn with_bond(jmes: u128, stake: Stake) -> u64 {
    let (member, facts) = proven(1, jmes);
    power(&member, &facts, stake, &defaults())
}

#[test]
fn the_unproven_have_power_1_whatever_their_bond() {
    for stake in [Stake::Ignored, Stake::UpTo(64), Stake::Full] {
        let (member, facts) = unproven(1, 1_000_000);
        assert_eq!(power(&member, &facts, stake, &defaults()), 1);
    }
}

#[test]
fn during_the_period_every_proven_one_has_1000_whatever_its_bond() {
    for jmes in [0, 1, 1_000_000] {
        assert_eq!(with_bond(jmes, Stake::Ignored), 1_000);
    }
}

#[test]
fn after_the_period_whole_jmes_count_and_at_least_one() {
    let (member, mut facts) = proven(1, 7);
    facts.bond = Amount(7_999_999);
    assert_eq!(power(&member, &facts, Stake::Full, &defaults()), 7_000);
    assert_eq!([0, 1, 2].map(|jmes| with_bond(jmes, Stake::Full)), [1_000, 1_000, 2_000]);
    assert_eq!([0, 63, 64, 65].map(|jmes| with_bond(jmes, Stake::UpTo(64))), [1_000, 63_000, 64_000, 64_000]);
}

#[test]
fn what_counts_of_a_bond_doubles_every_8640_blocks_for_120960() {
    let after = |blocks| Stake::after(blocks, &defaults());
    assert_eq!([0, 8_639, 8_640, 17_280].map(after), [1, 1, 2, 4].map(Stake::UpTo));
    assert_eq!(
        [120_959, 120_960, 120_961].map(after),
        [Stake::UpTo(8_192), Stake::UpTo(16_384), Stake::Full]
    );
    let endless = Params { bond_ramp_blocks: u64::MAX, bond_doubling_blocks: 1, ..defaults() };
    assert_eq!(Stake::after(127, &endless), Stake::UpTo(1 << 127));
    assert_eq!(Stake::after(128, &endless), Stake::Full);
    assert_eq!(Stake::after(u64::MAX, &endless), Stake::Full);
}

/// CometBFT's MaxTotalVotingPower.
const ENGINE_LIMIT: u64 = (i64::MAX / 8) as u64;

#[test]
fn a_hundred_powers_stay_below_the_engines_limit() {
    let params = Params { proven_power: 1_000_000, ..defaults() };
    let (member, mut facts) = proven(1, 0);
    facts.bond = Amount(u128::MAX);
    let most = power(&member, &facts, Stake::Full, &params);
    assert!(most == MAX_POWER && most * 100 <= ENGINE_LIMIT);
    // All coins there can be, at the highest parameter, need no cut.
    facts.bond = Amount(1_000_000_000_000_000);
    assert_eq!(power(&member, &facts, Stake::Full, &params), 1_000_000_000_000_000);
}

#[test]
fn the_engine_is_told_the_difference_who_left_first() {
    let member = |byte: u8, power| Member { power, ..proven(byte, 0).0 };
    let change = |byte: u8, power| PowerChange {
        operator: address(byte),
        update: ValidatorUpdate { key: key(byte), power },
    };
    let before = [member(1, 1_000), member(2, 1), member(3, 1_000), member(4, 1)];
    let after = [member(2, 1_000), member(4, 1), member(5, 1), member(3, 1)];
    let expected = [change(1, 0), change(2, 1_000), change(5, 1), change(3, 1)];
    assert_eq!(changes(&before, &after), expected);
    assert_eq!(changes(&after, &after), []);
}
