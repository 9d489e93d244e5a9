//! The result of a vote (§11), with premint wallets (§3).

use super::{
    begin, bond, cast, chain, election, raised, raising, result, slash, totals, voting, JMES, MINIMUM,
};
use crate::bank;
use crate::governance::types::Choice::{No, Yes};
use crate::governance::types::Tally;
use crate::governance::{raise, state, sums, voting_weight};
use crate::kernel::{Amount, Ctx};
use crate::test_support::{address, assert_refused, at_issuance, coins};
use jmes_proto::jmes::governance::v1::proposal::Status::{Failed, Passed, Withdrawn};

/// Weight of a premint wallet at issuance height 100,000: 18,000 Nils a block.
const UNLOCKED: u128 = 1_800 * JMES;

/// An election at issuance height 100,000.
fn with_premint() -> Ctx {
    let mut ctx = election(1);
    at_issuance(&mut ctx, 100_000);
    ctx
}

fn weight(ctx: &Ctx, byte: u8) -> u128 {
    voting_weight(ctx, &address(byte)).unwrap().0
}

#[test]
fn passing_takes_more_yes_than_no_and_a_tenth_of_all_possible_votes() {
    let passed = |yes: u128, no: u128, possible: u128, percent| {
        let tally = Tally { yes: Amount(yes), no: Amount(no), possible: Amount(possible) };
        tally.has_passed(percent)
    };
    assert!(passed(10, 0, 100, 10));
    assert!(!passed(9, 0, 99, 10));
    assert!(passed(9, 0, 90, 10));
    assert!(!passed(30, 21, 91, 10));
    assert!(passed(30, 21, 90, 10));
    assert!(!passed(5, 5, 10, 0), "as many yes as no");
    assert!(!passed(0, 0, 0, 10), "nobody could vote");
    assert!(passed(1, 0, 1_000_000, 0));
    assert!(!passed(0, 1, 1, 0));
    let all = 1_000_000_000_000_000;
    assert!(passed(all, 0, all, 20));
}

#[test]
fn possible_votes_are_all_bonds_whoever_votes() {
    let mut ctx = election(2);
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    bond(&mut ctx, 2, 102, 9 * MINIMUM).unwrap();
    bond(&mut ctx, 3, 103, 1).unwrap();
    cast(&mut ctx, 1, 1, Yes).unwrap();
    cast(&mut ctx, 1, 2, Yes).unwrap();
    cast(&mut ctx, 2, 2, Yes).unwrap();
    begin(&mut ctx, raising(1));
    assert_eq!(result(&ctx, 1), (Failed, MINIMUM, 0, 10 * MINIMUM + 1), "a Nil short of a tenth");
    assert_eq!(result(&ctx, 2), (Passed, 10 * MINIMUM, 0, 10 * MINIMUM + 1));
}

#[test]
fn premint_votes_with_what_is_unlocked_at_the_tally() {
    let mut ctx = with_premint();
    assert_eq!(weight(&ctx, 21), UNLOCKED);
    cast(&mut ctx, 21, 1, Yes).unwrap();
    assert_eq!(totals(&ctx, 1), (0, 0), "not before the tally");
    at_issuance(&mut ctx, 200_000);
    begin(&mut ctx, raising(1));
    // The other wallet's weight is possible, though it has not voted.
    assert_eq!(result(&ctx, 1), (Passed, 2 * UNLOCKED, 0, 4 * UNLOCKED));
}

#[test]
fn premint_votes_with_the_same_minimum() {
    let mut ctx = with_premint();
    at_issuance(&mut ctx, 55_555);
    let why = format!(
        "{} has a weight of 999990000ujmes, less than 1000000000ujmes that it takes to vote; bond more",
        address(21)
    );
    assert_refused(cast(&mut ctx, 21, 1, Yes), "governance", 5, &why);
    at_issuance(&mut ctx, 55_556);
    cast(&mut ctx, 21, 1, Yes).unwrap();
}

#[test]
fn premint_counts_at_the_tally_with_the_minimum_and_not_with_a_nil_less() {
    for (left, counts) in [(MINIMUM, MINIMUM), (MINIMUM - 1, 0)] {
        let mut ctx = with_premint();
        cast(&mut ctx, 21, 1, Yes).unwrap();
        let sold = coins(&format!("{}ujmes", UNLOCKED - left));
        bank::transfer(&mut ctx, &address(21), &address(1), &sold).unwrap();
        assert_eq!(weight(&ctx, 21), left);
        begin(&mut ctx, raising(1));
        let status = if counts > 0 { Passed } else { Failed };
        assert_eq!(
            result(&ctx, 1),
            (status, counts, 0, left + UNLOCKED),
            "both wallets' weights are possible"
        );
        let ballot = state::BALLOTS.load(&ctx, &(0, address(21))).unwrap().unwrap();
        assert_eq!(ballot.counted, counts > 0);
    }
}

#[test]
fn premint_that_was_sold_before_the_tally_does_not_vote_and_refilling_does_not_help() {
    let mut ctx = with_premint();
    cast(&mut ctx, 21, 1, Yes).unwrap();
    cast(&mut ctx, 22, 1, No).unwrap();
    let all = coins(&format!("{UNLOCKED}ujmes"));
    bank::transfer(&mut ctx, &address(21), &address(1), &all).unwrap();
    bank::transfer(&mut ctx, &address(1), &address(21), &all).unwrap();
    assert_eq!(weight(&ctx, 21), 0);
    begin(&mut ctx, raising(1));
    assert_eq!(result(&ctx, 1), (Failed, 0, UNLOCKED, UNLOCKED));
    let counted = |byte| state::BALLOTS.load(&ctx, &(0, address(byte))).unwrap().unwrap().counted;
    assert!(!counted(21) && counted(22));
}

#[test]
fn a_premint_wallet_changes_its_vote_as_anyone() {
    let mut ctx = with_premint();
    cast(&mut ctx, 21, 1, Yes).unwrap();
    cast(&mut ctx, 21, 1, No).unwrap();
    begin(&mut ctx, raising(1));
    assert_eq!(result(&ctx, 1), (Failed, 0, UNLOCKED, 2 * UNLOCKED));
}

#[test]
fn withdrawn_proposals_are_not_tallied() {
    let mut ctx = chain();
    let id = raised(&mut ctx);
    let height = ctx.block().height;
    raise::withdraw(&mut ctx, &super::dao(), id).unwrap();
    begin(&mut ctx, raising(1));
    assert_eq!(result(&ctx, id), (Withdrawn, 0, 0, 0));
    let proposal = super::proposal(&ctx, id).unwrap().unwrap();
    assert_eq!((proposal.raised_height, proposal.tallied_height), (height, 0));
}

#[test]
fn a_result_is_final() {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    cast(&mut ctx, 1, 1, Yes).unwrap();
    begin(&mut ctx, raising(1));
    slash(&mut ctx, 101, 500);
    super::unbond(&mut ctx, 1, 101, MINIMUM / 2).unwrap();
    begin(&mut ctx, raising(2));
    assert_eq!(result(&ctx, 1), (Passed, MINIMUM, 0, MINIMUM));
    assert_eq!(totals(&ctx, 1), (0, 0));
}

#[test]
fn rows_of_past_cycles_are_removed_a_hundred_in_a_block() {
    let mut ctx = election(83);
    for operator in 101..=103 {
        bond(&mut ctx, 1, operator, MINIMUM).unwrap();
    }
    for id in 1..=83 {
        cast(&mut ctx, 1, id, Yes).unwrap();
    }
    let rows = |ctx: &Ctx| state::ROWS.scan(ctx, &[], None, false, usize::MAX).unwrap().len();
    assert_eq!(rows(&ctx), 249);
    let mut left = Vec::new();
    for block in 0..4 {
        begin(&mut ctx, raising(1) + block);
        left.push((rows(&ctx), sums::clock(&ctx).unwrap().old_rows));
    }
    assert_eq!(left, [(149, true), (49, true), (0, false), (0, false)]);
}

#[test]
fn rows_that_are_still_to_be_removed_are_not_those_of_the_next_vote() {
    let mut ctx = election(40);
    for operator in 101..=103 {
        bond(&mut ctx, 1, operator, MINIMUM).unwrap();
    }
    for id in 1..=40 {
        cast(&mut ctx, 1, id, Yes).unwrap();
    }
    begin(&mut ctx, raising(1));
    let id = raised(&mut ctx);
    // 20 rows are left; the next block is already in the voting phase.
    super::at(&mut ctx, voting(1));
    cast(&mut ctx, 1, id, No).unwrap();
    slash(&mut ctx, 101, 500);
    assert_eq!(totals(&ctx, id), (0, MINIMUM / 2 + 2 * MINIMUM));
    begin(&mut ctx, voting(1) + 1);
    assert!(!sums::clock(&ctx).unwrap().old_rows);
    assert_eq!(totals(&ctx, id), (0, MINIMUM / 2 + 2 * MINIMUM));
}
