//! The whitepaper's worked examples, to the Nil.

use super::{balance, block, fund, plan, so_far};
use crate::emission::Emission;
use crate::funding::plan::Limits;
use crate::funding::{defaults, pay, request};
use crate::kernel::{Amount, Ctx, Module};
use crate::slots::Slot;
use crate::staking;
use crate::test_support::{address, at_issuance, ctx};
use cosmos_sdk_proto::cosmos::staking::v1beta1::Params;
use serde_json::json;

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

/// Concludes a request at issuance height `n` and makes every block of it; gives what the DAO has in its wallet after each of
/// the heights `at`, counted from the conclusion, and a block later.
fn wallet_after(ctx: &mut Ctx, n: u64, amount: u128, at: &[u64]) -> Vec<u128> {
    // Otherwise every block is remembered here for ever.
    let forgetful = Params { historical_entries: 0, ..staking::default_params() };
    staking::state::PARAMS.save(ctx, &forgetful).unwrap();
    at_issuance(ctx, n);
    let asked = request(ctx, Amount(amount), 3).unwrap();
    fund(ctx, 1, 5, asked.rate.0, asked.blocks, 1);
    let mut balances = Vec::new();
    for passed in 1..=asked.blocks + 1 {
        assert_eq!(block(ctx, 5), n + passed);
        ctx.take_events();
        ctx.seal();
        if at.contains(&passed) || passed > asked.blocks {
            balances.push(balance(ctx, &address(5)));
        }
    }
    balances
}

/// A thousandth of the request over a thousandth of the blocks, over the end of a period.
#[test]
fn a_thousandth_of_that_arrives_in_the_wallet_to_the_nil() {
    let mut ctx = ctx();
    let params = json!({"idp_blocks": "0", "seconds_per_month": "2630"});
    Emission.import(&mut ctx, &json!({ "params": params })).unwrap();
    let asked = request(&ctx, Amount(100_000_000), 3).unwrap();
    assert_eq!((asked.rate, asked.blocks), (Amount(63_371), 1_578));
    // A period has 6,312 blocks.
    let balances = wallet_after(&mut ctx, 50_000, 100_000_000, &[1, 496, 497, 789, 1_577, 1_578]);
    let paid = [1, 496, 497, 789, 1_577, 1_578, 1_578].map(|blocks| blocks * 63_371);
    assert_eq!(balances, paid);
    assert_eq!(balances[5], 99_999_438, "what rounding leaves is never created");
}

#[test]
fn the_whole_of_that_arrives_in_the_wallet_to_the_nil() {
    if std::env::var_os("JMES_TEST_LONG").is_none() {
        return;
    }
    let mut ctx = ctx();
    let balances = wallet_after(&mut ctx, 50_000_000, 100_000_000_000, &[1, 788_923, 1_577_847]);
    assert_eq!(balances, [63_377, 49_999_572_971, 99_999_209_319, 99_999_209_319]);
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
