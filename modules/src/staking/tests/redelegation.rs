//! Redelegation and the slashes of what was redelegated (§8).

use super::bonds::liquid;
use super::genesis::reimported;
use super::unbonding::begin as undelegate;
use super::{at, bond, chain, later, of, state, store, DAY};
use crate::bank::burnt;
use crate::kernel::{Address, Amount, Ctx, Decimal, Event, Result};
use crate::staking::{
    mature, redelegation, settle_slashed, shares_of, total_bonded, unbonding, Module, Staking,
};
use crate::test_support::{address, assert_refused};

fn begin(ctx: &mut Ctx, from: u8, to: u8, amount: u128) -> Result<u64> {
    redelegation::begin(ctx, &address(1), &address(from), &address(to), Amount(amount))
}

/// `address(1)` has bonded 1,000 Nils to `address(101)`; there are 4 validators.
fn bonded() -> Ctx {
    let mut ctx = chain(4);
    bond(&mut ctx, &address(1), &address(101), Amount(1_000)).unwrap();
    ctx
}

/// The step of a block that slashes and then settles; gives what it burnt.
fn slash(ctx: &mut Ctx, operator: &Address, fraction: Decimal, offence_height: u64) -> Result<Amount> {
    let before = burnt(ctx)?;
    crate::staking::slash(ctx, operator, fraction, offence_height)?;
    settle_slashed(ctx)?;
    Ok(burnt(ctx)?.minus(before).unwrap())
}

fn tokens(ctx: &Ctx, byte: u8) -> u128 {
    of(ctx, address(byte)).tokens.0
}

#[test]
fn redelegation_is_instant() {
    let mut ctx = bonded();
    let start = ctx.block().time;
    assert_eq!(begin(&mut ctx, 101, 102, 400), Ok(start + 21 * DAY));
    assert_eq!((tokens(&ctx, 101), tokens(&ctx, 102)), (600, 400));
    assert_eq!(shares_of(&ctx, &address(1), &address(102)), Ok(400));
    assert_eq!((liquid(&ctx, 1), total_bonded(&ctx)), (Amount(999_999_000), Ok(Amount(1_000))));
}

#[test]
fn a_redelegation_is_not_chainable_within_21_days() {
    let mut ctx = bonded();
    bond(&mut ctx, &address(1), &address(102), Amount(50)).unwrap();
    begin(&mut ctx, 101, 102, 400).unwrap();
    let why = format!("{}: redelegation to this validator already in progress; first redelegation to this validator must complete before next redelegation", address(102).operator());
    assert_refused(begin(&mut ctx, 102, 103, 1), "staking", 32, &why);
    begin(&mut ctx, 101, 103, 1).unwrap();
    let start = ctx.block().time;
    at(&mut ctx, 8, start + 21 * DAY - 1);
    mature(&mut ctx).unwrap();
    assert_refused(begin(&mut ctx, 102, 103, 1), "staking", 32, &why);
    at(&mut ctx, 9, start + 21 * DAY);
    ctx.take_events();
    mature(&mut ctx).unwrap();
    let completed = Event::new("complete_redelegation")
        .with("amount", "400ujmes")
        .with("delegator", address(1))
        .with("source_validator", address(101).operator())
        .with("destination_validator", address(102).operator());
    assert_eq!(ctx.take_events()[0], completed);
    begin(&mut ctx, 102, 103, 450).unwrap();
}

#[test]
fn redelegations_that_make_no_sense_are_refused() {
    let mut ctx = bonded();
    let operator = |byte| address(byte).operator();
    let why = format!("{}: cannot redelegate to the same validator", operator(101));
    assert_refused(begin(&mut ctx, 101, 101, 1), "staking", 29, &why);
    let why = format!("{}: redelegation destination validator not found", operator(9));
    assert_refused(begin(&mut ctx, 101, 9, 1), "staking", 31, &why);
    let why = format!("validator {} does not exist: validator does not exist", operator(9));
    assert_refused(begin(&mut ctx, 9, 101, 1), "staking", 3, &why);
    let why = "invalid shares amount: the bond is worth 1000ujmes, less than 1001ujmes: invalid request";
    assert_refused(begin(&mut ctx, 101, 102, 1_001), "sdk", 18, why);
    for _ in 0..7 {
        begin(&mut ctx, 101, 102, 1).unwrap();
    }
    let why = "7 are the most there can be: too many redelegation entries for (delegator, src-validator, dst-validator) tuple";
    assert_refused(begin(&mut ctx, 101, 102, 1), "staking", 33, why);
}

#[test]
fn a_slash_of_the_source_shrinks_the_destination_bond_of_liable_redelegations() {
    for (offence, left) in [(9, 400), (8, 380), (7, 380)] {
        let mut ctx = bonded();
        bond(&mut ctx, &address(2), &address(102), Amount(100)).unwrap();
        begin(&mut ctx, 101, 102, 400).unwrap();
        later(&mut ctx, 5);
        let at_once = 30 + 400 - left;
        assert_eq!(slash(&mut ctx, &address(101), Decimal::percent(5), offence), Ok(Amount(at_once)));
        assert_eq!((tokens(&ctx, 101), tokens(&ctx, 102)), (570, left + 100), "offence at {offence}");
        assert_eq!(shares_of(&ctx, &address(1), &address(102)), Ok(left));
        assert_eq!(shares_of(&ctx, &address(2), &address(102)), Ok(100));
        assert_eq!(burnt(&ctx), Ok(Amount(at_once)));
    }
}

#[test]
fn a_redelegation_that_has_aged_owes_nothing() {
    let mut ctx = bonded();
    begin(&mut ctx, 101, 102, 400).unwrap();
    later(&mut ctx, 21 * DAY);
    mature(&mut ctx).unwrap();
    assert_eq!(slash(&mut ctx, &address(101), Decimal::percent(5), 7), Ok(Amount(30)));
    assert_eq!(tokens(&ctx, 102), 400);
}

#[test]
fn slashes_of_the_source_shrink_one_after_the_other() {
    let mut ctx = bonded();
    begin(&mut ctx, 101, 102, 400).unwrap();
    later(&mut ctx, 1);
    slash(&mut ctx, &address(101), Decimal::percent(50), 7).unwrap();
    slash(&mut ctx, &address(101), Decimal::percent(50), 7).unwrap();
    assert_eq!((tokens(&ctx, 101), tokens(&ctx, 102)), (150, 100));
    let route = (address(1), (address(101), address(102)));
    let entry = state::REDELEGATIONS.load(&ctx, &route).unwrap().unwrap().remove(0);
    assert_eq!((entry.initial, entry.balance, entry.shares), (Amount(400), Amount(100), 100));
}

#[test]
fn who_redelegates_and_unbonds_around_an_offence_pays_from_what_is_unbonding() {
    let mut ctx = bonded();
    begin(&mut ctx, 101, 102, 1_000).unwrap();
    undelegate(&mut ctx, 1, 102, 700).unwrap();
    later(&mut ctx, 1);
    assert_eq!(slash(&mut ctx, &address(101), Decimal::percent(5), 8), Ok(Amount(50)));
    assert_eq!((tokens(&ctx, 102), unbonding(&ctx, &address(1))), (250, Ok(Amount(700))), "the bond first");
    undelegate(&mut ctx, 1, 102, 240).unwrap();
    assert_eq!(slash(&mut ctx, &address(101), Decimal::percent(10), 8), Ok(Amount(95)));
    assert_eq!((tokens(&ctx, 102), unbonding(&ctx, &address(1))), (0, Ok(Amount(855))));
    later(&mut ctx, 30 * DAY);
    mature(&mut ctx).unwrap();
    assert_eq!(liquid(&ctx, 1), Amount(999_999_855));
    assert_eq!(burnt(&ctx), Ok(Amount(145)));
}

#[test]
fn what_was_unbonding_before_the_redelegation_does_not_pay_for_it() {
    let mut ctx = bonded();
    bond(&mut ctx, &address(1), &address(102), Amount(500)).unwrap();
    undelegate(&mut ctx, 1, 102, 500).unwrap();
    later(&mut ctx, 1);
    begin(&mut ctx, 101, 102, 1_000).unwrap();
    undelegate(&mut ctx, 1, 102, 1_000).unwrap();
    later(&mut ctx, 1);
    assert_eq!(slash(&mut ctx, &address(101), Decimal::ONE, 8), Ok(Amount(1_000)));
    assert_eq!(unbonding(&ctx, &address(1)), Ok(Amount(500)));
}

#[test]
fn a_slash_of_the_destination_takes_its_part_of_what_was_redelegated() {
    let mut ctx = bonded();
    begin(&mut ctx, 101, 102, 400).unwrap();
    later(&mut ctx, 1);
    assert_eq!(slash(&mut ctx, &address(102), Decimal::percent(50), 7), Ok(Amount(200)));
    assert_eq!(slash(&mut ctx, &address(101), Decimal::percent(50), 7), Ok(Amount(400)));
    assert_eq!((tokens(&ctx, 101), tokens(&ctx, 102)), (300, 100), "half of 600, half of half of 400");
}

/// A crowd has redelegated, the source is slashed: every block settles its part, and later slashes find the rest.
#[test]
fn the_work_of_a_slash_is_spread_over_blocks() {
    const CROWD: usize = 2_500;
    let mut ctx = chain(4);
    let crowd: Vec<Address> = (0..CROWD as u64)
        .map(|index| Address::new(&[[7; 12].as_slice(), &index.to_be_bytes()].concat()).unwrap())
        .collect();
    for wallet in &crowd {
        crate::bank::mint(&mut ctx, wallet, Amount(100)).unwrap();
        bond(&mut ctx, wallet, &address(101), Amount(100)).unwrap();
        redelegation::begin(&mut ctx, wallet, &address(101), &address(102), Amount(100)).unwrap();
    }
    let next_block = |ctx: &mut Ctx| {
        let before = burnt(ctx).unwrap();
        later(ctx, 1);
        settle_slashed(ctx).unwrap();
        mature(ctx).unwrap();
        assert_eq!(Staking.check_invariants(ctx), Ok(()));
        burnt(ctx).unwrap().minus(before).unwrap().0
    };
    let offence = ctx.block().height;
    crate::staking::slash(&mut ctx, &address(101), Decimal::percent(10), offence).unwrap();
    assert_eq!(next_block(&mut ctx), 10_000, "1,000 of 2,500 a block");
    assert_eq!(next_block(&mut ctx), 10_000);
    assert_eq!(store(&reimported(&ctx)), store(&ctx));
    assert_eq!(next_block(&mut ctx), 5_000);
    assert_eq!(next_block(&mut ctx), 0);
    assert_eq!(tokens(&ctx, 102), 90 * CROWD as u128);

    // The second slash comes while the first is being worked off; who unbonds in between pays as the others do.
    crate::staking::slash(&mut ctx, &address(101), Decimal::percent(10), offence).unwrap();
    assert_eq!(next_block(&mut ctx), 9_000);
    let last = crowd.last().unwrap();
    unbonding::begin(&mut ctx, last, &address(102), Amount(90)).unwrap();
    crate::staking::slash(&mut ctx, &address(101), Decimal::percent(50), offence).unwrap();
    let settled: u128 = (0..3).map(|_| next_block(&mut ctx)).sum();
    let owed: u128 = CROWD as u128 * 90 - CROWD as u128 * 41;
    assert_eq!(settled + 9_000, owed, "90 less 9, then half of 81, rounded down as each slash is");
    assert_eq!(unbonding(&ctx, last), Ok(Amount(41)));
}

#[test]
fn a_redelegation_that_ages_before_its_turn_pays_first() {
    let mut ctx = bonded();
    begin(&mut ctx, 101, 102, 400).unwrap();
    undelegate(&mut ctx, 1, 102, 400).unwrap();
    let offence = ctx.block().height;
    crate::staking::slash(&mut ctx, &address(101), Decimal::percent(10), offence).unwrap();
    state::SETTLING.remove(&mut ctx, &address(101)).unwrap();
    later(&mut ctx, 21 * DAY);
    mature(&mut ctx).unwrap();
    assert_eq!(liquid(&ctx, 1), Amount(999_999_000 + 360));
}
