//! The life of a stream: when it is due, what it is paid, how it ends.

use super::{balance, block, blocks, chain, chain_with, fund, plan, sit, so_far, BUDGET};
use crate::funding::{end, params, start, state, Funding, Grant, Request};
use crate::kernel::{codes, Amount, Ctx, Module};
use crate::slots::Slot;
use crate::test_support::{address, assert_refused};
use serde_json::json;

#[test]
fn it_is_due_from_the_height_after_its_conclusion_for_n_heights() {
    let mut ctx = chain();
    fund(&mut ctx, 1, 5, 100, 3, 1);
    let life: Vec<u128> = (0..5).map(|_| (block(&mut ctx, 1), balance(&ctx, &address(5))).1).collect();
    assert_eq!(life, [100, 200, 300, 300, 300]);
    assert_eq!(so_far(&ctx, 1), (300, 0));
    assert!(!ctx.take_events().is_empty());
}

#[test]
fn unpaced_blocks_pay_nothing_and_count_nothing() {
    let mut ctx = chain();
    fund(&mut ctx, 1, 5, 100, 4, 1);
    // 3 s of credit let three blocks pass without time; then n stands still.
    let heights: Vec<_> = (0..5).map(|_| (block(&mut ctx, 0), balance(&ctx, &address(5)))).collect();
    assert_eq!(heights, [(2, 100), (3, 200), (3, 200), (3, 200), (3, 200)]);
    assert_eq!(so_far(&ctx, 1), (200, 0));
    blocks(&mut ctx, 5);
    assert_eq!(balance(&ctx, &address(5)), 400);
}

#[test]
fn what_a_block_does_not_pay_is_lost() {
    let mut ctx = chain();
    fund(&mut ctx, 1, 1, BUDGET, 2, 9);
    fund(&mut ctx, 2, 2, 1, 5, 3);
    blocks(&mut ctx, 5);
    assert_eq!((so_far(&ctx, 1), so_far(&ctx, 2)), ((2 * BUDGET, 0), (3, 2)));
    assert_eq!(balance(&ctx, &address(2)), 3);
}

#[test]
fn equal_votes_are_paid_in_the_order_of_conclusion() {
    let mut ctx = chain();
    fund(&mut ctx, 8, 1, 5_000_000, 9, 7);
    fund(&mut ctx, 3, 2, 5_000_000, 9, 7);
    block(&mut ctx, 1);
    fund(&mut ctx, 1, 3, 5_000_000, 9, 7);
    block(&mut ctx, 1);
    let order: Vec<_> = plan(&ctx).entries.iter().map(|entry| (entry.proposal_id, entry.paid)).collect();
    assert_eq!(order, [(8, true), (3, false), (1, false)]);
}

#[test]
fn an_end_takes_effect_in_the_next_block() {
    let mut ctx = chain();
    fund(&mut ctx, 1, 5, 100, 9, 1);
    blocks(&mut ctx, 2);
    end(&mut ctx, 1).unwrap();
    let stream = state::STREAMS.load(&ctx, &1).unwrap().unwrap();
    assert_eq!((stream.first, stream.last), (2, 3));
    assert_eq!(plan(&ctx).entries.len(), 1, "what this block was paid by");
    blocks(&mut ctx, 2);
    assert_eq!(so_far(&ctx, 1), (200, 0));
    assert!(plan(&ctx).entries.is_empty());
    end(&mut ctx, 1).unwrap();
    end(&mut ctx, 77).unwrap();
    assert_eq!(so_far(&ctx, 1), (200, 0), "ended once");
}

#[test]
fn one_that_ends_in_the_block_of_its_conclusion_is_never_due() {
    let mut ctx = chain();
    fund(&mut ctx, 1, 5, 100, 9, 1);
    end(&mut ctx, 1).unwrap();
    blocks(&mut ctx, 3);
    assert_eq!((so_far(&ctx, 1), balance(&ctx, &address(5))), ((0, 0), 0));
    Funding.check_invariants(&ctx).unwrap();
}

#[test]
fn a_request_of_nothing_has_no_stream_and_none_begins_twice() {
    let mut ctx = chain();
    fund(&mut ctx, 1, 5, 0, 9, 1);
    assert_eq!(state::STREAMS.load(&ctx, &1).unwrap(), None);
    fund(&mut ctx, 2, 5, 1, 9, 1);
    let request = Request { rate: Amount(1), blocks: 9 };
    let again = Grant { proposal_id: 2, dao: address(5), request, net_yes: Amount(1) };
    assert_refused(start(&mut ctx, &again), "sdk", codes::LOGIC, "proposal 2 was to be funded twice");
}

#[test]
fn a_budget_that_falls_makes_a_new_plan() {
    let mut ctx = chain();
    fund(&mut ctx, 1, 1, 3_600_000, 40, 9);
    fund(&mut ctx, 2, 2, 1, 40, 3);
    blocks(&mut ctx, 11);
    assert_eq!((so_far(&ctx, 1), so_far(&ctx, 2)), ((11 * 3_600_000, 0), (11, 0)));
    blocks(&mut ctx, 12);
    assert_eq!(
        (so_far(&ctx, 1), so_far(&ctx, 2)),
        ((23 * 3_600_000, 0), (11, 12)),
        "all of the second period's"
    );
    blocks(&mut ctx, 3);
    assert_eq!((so_far(&ctx, 1), so_far(&ctx, 2)), ((23 * 3_600_000, 3), (11, 15)), "more than the third's");
    Funding.check_invariants(&ctx).unwrap();
}

#[test]
fn after_the_last_reward_nothing_is_paid() {
    let mut ctx = chain_with(json!({"reduction": "1"}));
    fund(&mut ctx, 1, 1, 100, 40, 9);
    blocks(&mut ctx, 20);
    assert_eq!(so_far(&ctx, 1), (1_100, 9));
    assert_eq!(plan(&ctx).budget, "0");
    Funding.check_invariants(&ctx).unwrap();
}

#[test]
fn a_seat_changes_what_all_streams_of_its_dao_are() {
    let mut ctx = chain();
    fund(&mut ctx, 1, 1, 2_000_000, 40, 9);
    block(&mut ctx, 1);
    sit(&mut ctx, 1, Some(Slot::Brand));
    assert_eq!(so_far(&ctx, 1), (2_000_000, 0), "this block was paid already");
    block(&mut ctx, 1);
    assert_eq!(so_far(&ctx, 1), (2_000_000, 1), "more than the brand slot's share");
    sit(&mut ctx, 1, Some(Slot::Engineering));
    block(&mut ctx, 1);
    sit(&mut ctx, 1, None);
    block(&mut ctx, 1);
    assert_eq!(so_far(&ctx, 1), (6_000_000, 1));
}

#[test]
fn the_order_of_changes_within_a_block_does_not_matter() {
    let life = |first_seat: bool| {
        let mut ctx = chain();
        let seat = |ctx: &mut Ctx| sit(ctx, 1, Some(Slot::Brand));
        if first_seat {
            seat(&mut ctx);
        }
        fund(&mut ctx, 1, 1, 1_125_000, 4, 9);
        if !first_seat {
            seat(&mut ctx);
        }
        blocks(&mut ctx, 3);
        so_far(&ctx, 1)
    };
    assert_eq!(life(true), life(false));
}

#[test]
fn new_parameters_hold_from_the_next_payment_on() {
    let mut ctx = chain();
    fund(&mut ctx, 1, 1, 5_000_000, 40, 9);
    block(&mut ctx, 1);
    let mut changed = Funding.params(&ctx).unwrap();
    changed["non_core_cap_percent"] = json!(50);
    Funding.set_params(&mut ctx, &changed).unwrap();
    assert_eq!(params(&ctx).unwrap().non_core_cap_percent, 50);
    block(&mut ctx, 1);
    assert_eq!(so_far(&ctx, 1), (5_000_000, 1));
    changed["non_core_cap_percent"] = json!(101);
    let why = "funding: non_core_cap_percent is 101; it must be from 0 to 100";
    assert_refused(Funding.set_params(&mut ctx, &changed), "sdk", codes::INVALID_REQUEST, why);
}

#[test]
fn the_invariants_find_what_is_broken() {
    let broken = |change: &dyn Fn(&mut Ctx), why: &str| {
        let mut ctx = chain();
        fund(&mut ctx, 1, 1, 1_000, 40, 9);
        blocks(&mut ctx, 2);
        Funding.check_invariants(&ctx).unwrap();
        change(&mut ctx);
        let error = Funding.check_invariants(&ctx).unwrap_err().message;
        assert!(error.contains(why), "{error}");
    };
    let altered = |ctx: &mut Ctx, change: &dyn Fn(&mut state::Stream)| {
        let mut stream = state::STREAMS.load(ctx, &1).unwrap().unwrap();
        change(&mut stream);
        state::STREAMS.save(ctx, &1, &stream).unwrap();
    };
    broken(&|ctx| altered(ctx, &|stream| stream.paid_blocks = 1), "was due in 2 blocks and paid in 3");
    broken(&|ctx| state::ORDER.remove(ctx, &1).unwrap(), "is not listed");
    broken(&|ctx| state::DUE.remove(ctx, &(41, 1)).unwrap(), "has ended and is being paid");
    broken(&|ctx| state::ORDER.save(ctx, &9, &1).unwrap(), "their lists have 2, 1 and 1");
    broken(
        &|ctx| altered(ctx, &|stream| stream.rate = Amount(1 << 90)),
        "all DAO budgets so far are at most",
    );
    broken(&|ctx| altered(ctx, &|stream| stream.rate = Amount(2)), "is not what the rules give");
    let other_budget = |ctx: &mut Ctx| {
        let mut plan = state::PLAN.load(ctx).unwrap().unwrap();
        plan.limits.budget = Amount(1_000);
        state::PLAN.save(ctx, &plan).unwrap();
    };
    broken(&other_budget, "the plan has");
}
