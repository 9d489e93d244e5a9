//! The whitepaper's worked examples, to the Nil.

use super::{block, fund, plan, so_far};
use crate::funding::plan::Limits;
use crate::funding::{defaults, pay, request};
use crate::kernel::Amount;
use crate::slots::Slot;
use crate::test_support::{at_issuance, ctx};

#[test]
fn a_hundred_thousand_jmes_over_three_months_are_63_377_nils_in_each_of_1_577_847_blocks() {
    let request = request(&ctx(), Amount(100_000_000_000), 3).unwrap();
    assert_eq!((request.rate, request.blocks), (Amount(63_377), 1_577_847));
}

#[test]
fn concluded_at_50_000_000_it_has_half_at_50_788_923_and_all_but_a_rounding_at_51_577_847() {
    let mut ctx = ctx();
    at_issuance(&mut ctx, 50_000_000);
    fund(&mut ctx, 1, 5, 63_377, 1_577_847, 1);
    let mut at = |n| {
        at_issuance(&mut ctx, n);
        crate::funding::end_streams(&mut ctx).unwrap();
        pay(&mut ctx).unwrap();
        so_far(&ctx, 1)
    };
    assert_eq!(at(50_000_001), (63_377, 0), "due from the next block on");
    // The budget falls at 50,491,121; what is due still fits.
    assert_eq!(at(50_491_120), (491_120 * 63_377, 0));
    assert_eq!(at(50_491_121), (491_121 * 63_377, 0));
    assert_eq!(at(50_788_923), (49_999_572_971, 0), "50,000 JMES but for what rounding left");
    assert_eq!(at(51_577_847), (99_999_209_319, 0), "100,000 JMES but for what rounding left");
    assert_eq!(at(51_577_848), (99_999_209_319, 0), "and no more");
}

#[test]
fn the_distribution_example_splits_9_jmes_by_caps_and_shares() {
    // 18 JMES, half of it the DAO budget; half of that core, 50/25/25; the other half the others' when the cap says so.
    let limits = Limits::of(Amount(9_000_000), &defaults()).unwrap();
    assert_eq!((limits.core, limits.non_core), (Amount(4_500_000), Amount(9_000_000)));
    assert_eq!(limits.slot(Slot::Engineering), Amount(2_250_000));
    assert_eq!(limits.slot(Slot::Brand), Amount(1_125_000));
    assert_eq!(limits.slot(Slot::Community), Amount(1_125_000));
    let even = jmes_proto::jmes::funding::v1::Params { non_core_cap_percent: 50, ..defaults() };
    assert_eq!(Limits::of(Amount(9_000_000), &even).unwrap().non_core, Amount(4_500_000));
}

#[test]
fn the_first_that_passes_the_budget_and_all_less_popular_ones_are_not_paid() {
    let mut ctx = super::chain();
    fund(&mut ctx, 1, 1, 5_000_000, 9, 30);
    fund(&mut ctx, 2, 2, 4_000_001, 9, 20);
    fund(&mut ctx, 3, 3, 1, 9, 10);
    block(&mut ctx, 1);
    let paid: Vec<_> = plan(&ctx).entries.iter().map(|entry| (entry.proposal_id, entry.paid)).collect();
    assert_eq!(paid, [(1, true), (2, false), (3, false)]);
}
