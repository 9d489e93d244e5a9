//! Requests, and how much a DAO may request (§12).

use super::{block, blocks, chain, fund, BUDGET};
use crate::emission::{self, Clock};
use crate::funding::requests::last_conclusion;
use crate::funding::{self, check_conclude, end, request, Request};
use crate::governance::{Cycle, Phase};
use crate::kernel::Amount;
use crate::slots::Slot;
use crate::test_support::{assert_refused, ctx};

fn rate(rate: u128, blocks: u64) -> Request {
    Request { rate: Amount(rate), blocks }
}

#[test]
fn a_period_is_1_to_120_months_and_a_rate_at_least_a_nil_a_block() {
    let ctx = ctx();
    let months = |months| request(&ctx, Amount(10u128.pow(15)), months).map(|request| request.blocks);
    assert_eq!((months(1), months(120)), (Ok(525_949), Ok(63_113_904)));
    for wrong in [0, 121, u32::MAX] {
        let why = format!("a period of {wrong} months can't be requested; it must be from 1 to 120");
        assert_refused(months(wrong), "funding", 2, &why);
    }
    assert_eq!(request(&ctx, Amount(525_949), 1), Ok(rate(1, 525_949)));
    let why = "525948 Nils over 1 months are less than 1 Nil in each of 525949 blocks; request at least 525949 Nils, or 0";
    assert_refused(request(&ctx, Amount(525_948), 1), "funding", 3, why);
    assert_eq!(request(&ctx, Amount::ZERO, 2), Ok(rate(0, 1_051_898)), "which only carries the period");
}

#[test]
fn one_dao_may_request_a_quarter_of_the_budget_in_a_cycle_however_it_is_split() {
    let mut ctx = chain();
    let quarter = BUDGET / 4;
    check_conclude(&ctx, &[], rate(quarter, 3), None).unwrap();
    let why = "the requests of this DAO in this cycle are 2250001 Nils a block together; it may request 2250000, 25% of the DAO budget of 9000000 Nils at issuance height 4";
    assert_refused(check_conclude(&ctx, &[], rate(quarter + 1, 3), None), "funding", 4, why);
    fund(&mut ctx, 1, 1, 1_000_000, 2, 1);
    fund(&mut ctx, 2, 1, 1_250_000, 3, 1);
    let why = "the requests of this DAO in this cycle are 2250001 Nils a block together; it may request 2250000, 25% of the DAO budget of 9000000 Nils at issuance height 4";
    assert_refused(check_conclude(&ctx, &[1, 2], rate(1, 1), None), "funding", 4, why);
    check_conclude(&ctx, &[2], rate(1_000_000, 1), None).unwrap();
    check_conclude(&ctx, &[1, 2], rate(0, 200), None).unwrap();
    check_conclude(&ctx, &[2, 99], rate(1_000_000, 1), None).unwrap();
}

#[test]
fn the_budget_that_counts_is_the_lowest_until_the_last_due_height() {
    let mut ctx = chain();
    // Due at 2 … 12 the budget is 9,000,000; at 13 it is 3,600,000.
    check_conclude(&ctx, &[], rate(2_250_000, 11), None).unwrap();
    assert_eq!(check_conclude(&ctx, &[], rate(2_250_000, 12), None).unwrap_err().code, 4);
    check_conclude(&ctx, &[], rate(900_000, 12), None).unwrap();
    // Another of the cycle that lasts longer counts with its last height.
    fund(&mut ctx, 1, 1, 1, 12, 1);
    assert_eq!(check_conclude(&ctx, &[1], rate(900_000, 1), None).unwrap_err().code, 4);
    check_conclude(&ctx, &[1], rate(899_999, 1), None).unwrap();
    // One that has ended still counts in the sum, and until when it was due.
    block(&mut ctx, 1);
    end(&mut ctx, 1).unwrap();
    assert_eq!(check_conclude(&ctx, &[1], rate(2_250_000, 1), None).unwrap_err().code, 4);
    check_conclude(&ctx, &[1], rate(2_249_999, 1), None).unwrap();
    blocks(&mut ctx, 400);
    assert_eq!(check_conclude(&ctx, &[], rate(1, 1), None).unwrap_err().code, 4, "no rewards, no funding");
}

#[test]
fn a_request_for_a_slot_fits_its_share() {
    let ctx = chain();
    let fits = |slot, rate_| check_conclude(&ctx, &[], rate(rate_, 1), Some(slot));
    fits(Slot::Engineering, 2_250_000).unwrap();
    for slot in [Slot::Brand, Slot::Community] {
        fits(slot, 1_125_000).unwrap();
        let name = slot.name();
        let why = format!(
            "1125001 Nils a block are more than the share of the {name} slot, 1125000 Nils at issuance height 2"
        );
        assert_refused(fits(slot, 1_125_001), "funding", funding::SLOT_SHARE_EXCEEDED, &why);
    }
}

/// The cycle in nanoseconds from `start` that takes `length`.
fn cycle(start: u64, length: u64) -> Cycle {
    let (voting_start, end) = (start + length / 2, start + length);
    Cycle { index: 1, phase: Phase::Raising, start, voting_start, end }
}

#[test]
fn the_last_conclusion_is_101_blocks_and_the_time_until_the_end_of_the_next_cycle_away() {
    let settings = emission::settings(&ctx()).unwrap();
    let week = 607_126_153_800_000;
    let now = cycle(7_000, 4 * week);
    // Eight weeks are 4,857,009.2304 s: 971,401 blocks.
    assert_eq!(last_conclusion(500_000, 7_000, &now, &settings), 500_000 + 101 + 971_401);
    assert_eq!(last_conclusion(500_000, now.end - 1, &now, &settings), 500_000 + 101 + 485_700);
}

#[test]
fn no_chain_is_faster_than_the_last_conclusion_assumes() {
    let settings = emission::settings(&ctx()).unwrap();
    let now = cycle(0, 2_000_000_000_000);
    for nanos in [100_000_000, 1_000_000_000, 4_999_999_999, 5_000_000_000, 700_000_000_000] {
        let mut clock = Clock::new(&settings).unwrap();
        let (mut height, mut time) = (1, 3_000_000_000);
        clock = clock.advance(&settings, height, time).unwrap();
        let most = last_conclusion(clock.n, time, &now, &settings);
        while time + nanos < 4_000_000_000_000 {
            (height, time) = (height + 1, time + nanos);
            clock = clock.advance(&settings, height, time).unwrap();
        }
        assert!(clock.n <= most, "{nanos}: {} after {most}", clock.n);
        assert!(nanos > 100_000_000 || clock.n + 2 >= most, "the fastest chain comes near: {}", clock.n);
    }
}
