//! The clock of §1 and the Initial Distribution Period.

use super::{chain, jump, next_block, SECOND};
use crate::emission::{
    block_reward, clock, idp_ended, is_idp, is_idp_last, issuance_height, issued, unlocked, BlockReward,
    Clock, Emission,
};
use crate::kernel::{Amount, Ctx, Event, Module, Value};
use crate::test_support::cases;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn a_chain_on_pace_counts_every_block() {
    let mut ctx = chain(json!({}));
    for n in 1..=50 {
        let clock = next_block(&mut ctx, 5 * SECOND);
        assert_eq!((clock.n, clock.paced), (n, true));
        assert_eq!(issuance_height(&ctx), Ok(n));
        assert_eq!(issued(&ctx), Ok(Amount(u128::from(n) * 18_000_000)));
    }
}

#[test]
fn the_first_block_finds_the_whole_credit_and_pays_for_itself() {
    let mut ctx = chain(json!({}));
    let first = next_block(&mut ctx, 90_000 * SECOND);
    assert_eq!((first.n, first.credit), (1, 500 * SECOND), "a late start is no credit");
}

#[test]
fn blocks_without_time_between_them_are_rewarded_101_times() {
    let mut ctx = chain(json!({}));
    let paced: u64 = (0..300).map(|_| u64::from(next_block(&mut ctx, 0).paced)).sum();
    assert_eq!((paced, issuance_height(&ctx)), (101, Ok(101)));
    assert_eq!(clock(&ctx).unwrap().credit, 0);
}

#[test]
fn an_unpaced_block_creates_and_unlocks_nothing() {
    let mut ctx = chain(json!({"pace_credit": "5s", "idp_blocks": "0"}));
    let paced = next_block(&mut ctx, 0);
    let (reward, before) = (block_reward(&ctx).unwrap(), unlocked(&ctx, Amount(1_000_000_000)).unwrap());
    assert_eq!(reward, BlockReward { validators: Amount(9_000_000), dao_budget: Amount(9_000_000) });
    let unpaced = next_block(&mut ctx, 5 * SECOND - 1);
    assert!(!unpaced.paced);
    assert_eq!((unpaced.n, unpaced.point), (paced.n, paced.point));
    assert_eq!(block_reward(&ctx), Ok(BlockReward::default()));
    assert_eq!(unlocked(&ctx, Amount(1_000_000_000)), Ok(before));
    assert!(next_block(&mut ctx, 1).paced, "one nanosecond later the time is saved up");
}

#[test]
fn a_halt_gives_no_more_credit_than_the_most() {
    let mut ctx = chain(json!({}));
    next_block(&mut ctx, 0);
    let clock = next_block(&mut ctx, 1_000_000 * SECOND);
    assert_eq!((clock.n, clock.credit), (2, 500 * SECOND));
}

#[test]
fn a_clock_that_stands_or_goes_back_gives_no_credit() {
    let mut ctx = chain(json!({}));
    let first = next_block(&mut ctx, 0);
    let mut late = ctx.block().clone();
    late.time -= 1_000 * SECOND;
    ctx.set_block(late.into());
    assert_eq!(next_block(&mut ctx, 0).credit, first.credit - 5 * SECOND);
}

fn phase(ctx: &Ctx) -> (bool, bool, bool) {
    (is_idp(ctx).unwrap(), is_idp_last(ctx).unwrap(), idp_ended(ctx).unwrap())
}

/// A block that has begun, before step 4.
fn before_step_4(ctx: &mut Ctx) -> (bool, bool, bool) {
    let mut block = ctx.block().clone();
    block.height += 1;
    let old = ctx.block().clone();
    ctx.set_block(block.into());
    let phase = phase(ctx);
    ctx.set_block(old.into());
    phase
}

#[test]
fn the_initial_distribution_period_ends_with_its_last_block() {
    let mut ctx = chain(json!({"idp_blocks": "3", "pace_credit": "10s"}));
    assert_eq!(phase(&ctx), (true, false, false), "genesis");
    for _ in 1..=2 {
        next_block(&mut ctx, 0);
        assert_eq!(phase(&ctx), (true, false, false));
    }
    next_block(&mut ctx, 0);
    assert_eq!(phase(&ctx), (true, false, false), "an unpaced block before the last one");
    assert_eq!(before_step_4(&mut ctx), (true, false, false), "the last block, before step 4");
    ctx.take_events();
    let last = next_block(&mut ctx, 5 * SECOND);
    assert_eq!((last.n, phase(&ctx)), (3, (true, true, true)), "the last block, from step 4 on");
    assert_eq!(ctx.take_events(), [Event::new("idp_ended").with("n", 3).with("height", last.height)]);
    assert_eq!(block_reward(&ctx).unwrap().dao_budget, Amount::ZERO);
    assert_eq!(before_step_4(&mut ctx), (false, false, true), "the block after, before step 4");
    let unpaced = next_block(&mut ctx, 0);
    assert_eq!((unpaced.n, phase(&ctx)), (3, (false, false, true)), "an unpaced block after it");
    assert_eq!(ctx.take_events(), []);
    let after = next_block(&mut ctx, 5 * SECOND);
    assert_eq!((after.n, phase(&ctx)), (4, (false, false, true)));
    assert_eq!(block_reward(&ctx).unwrap().dao_budget, Amount(9_000_000));
}

#[test]
fn without_an_initial_distribution_period_it_is_over_from_the_start() {
    let mut ctx = chain(json!({"idp_blocks": "0"}));
    assert_eq!(phase(&ctx), (false, false, true));
    for _ in 0..3 {
        next_block(&mut ctx, 5 * SECOND);
        assert_eq!(phase(&ctx), (false, false, true));
    }
}

#[test]
fn validators_get_what_the_daos_budget_leaves_of_an_odd_reward() {
    let mut ctx = chain(json!({}));
    jump(&mut ctx, 13_000_000);
    assert_eq!(clock(&ctx).unwrap().point.reward, Amount(13_743_225));
    let reward = BlockReward { validators: Amount(6_871_613), dao_budget: Amount(6_871_612) };
    assert_eq!(block_reward(&ctx), Ok(reward));
}

#[test]
fn a_period_is_announced_once() {
    let mut ctx = chain(json!({}));
    let started = |period: u64, n: u64, reward: u64| {
        let event = Event::new("emission_period_started").with("period", period).with("n", n);
        vec![event.with("reward", reward)]
    };
    next_block(&mut ctx, 0);
    assert_eq!(ctx.take_events(), started(0, 1, 18_000_000));
    next_block(&mut ctx, 0);
    assert_eq!(ctx.take_events(), []);
    jump(&mut ctx, 6_311_389);
    next_block(&mut ctx, 0);
    assert_eq!(ctx.take_events(), []);
    next_block(&mut ctx, 0);
    assert_eq!(ctx.take_events(), started(1, 6_311_391, 15_728_256));
    next_block(&mut ctx, 0);
    assert_eq!(ctx.take_events(), []);
}

#[test]
fn a_clock_comes_back_and_torn_bytes_do_not() {
    let mut ctx = chain(json!({}));
    let clock = next_block(&mut ctx, 0);
    let bytes = clock.encode();
    assert_eq!(Clock::decode(&bytes), Some(clock));
    for length in 0..bytes.len() {
        assert_eq!(Clock::decode(&bytes[..length]), None, "{length} bytes");
    }
    assert_eq!(Clock::decode(&[bytes.as_slice(), &[0]].concat()), None);
}

proptest! {
    #![proptest_config(cases(64))]

    /// However the engine times its blocks: n ≤ (time since the first block + pace credit) / block time, every block's
    /// reward is the schedule's, and their sum is C.
    #[test]
    fn rewards_never_come_faster_than_the_clock_allows(gaps in vec(0..12_000_000_000_u64, 1..300)) {
        let mut ctx = chain(json!({"idp_blocks": "40", "seconds_per_month": "20"}));
        let (mut passed, mut created) = (0, 0);
        for (index, gap) in gaps.into_iter().enumerate() {
            let clock = next_block(&mut ctx, gap);
            passed += if index == 0 { 0 } else { gap };
            prop_assert!(clock.n * 5 * SECOND <= passed + 505 * SECOND);
            prop_assert!(clock.n <= index as u64 + 1);
            let reward = block_reward(&ctx).unwrap();
            created += reward.validators.0 + reward.dao_budget.0;
            prop_assert_eq!(clock.point.issued.0, created);
            prop_assert_eq!(Emission.check_invariants(&ctx), Ok(()));
        }
    }
}
