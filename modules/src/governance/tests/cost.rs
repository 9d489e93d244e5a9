//! What a tally, a slash, a bond and a quiet block cost does not depend on the number of voters or of past proposals: counted in
//! accesses to state.

use super::{at, begin, bond, cast, chain, raised, raising, totals, vote, voting, MINIMUM};
use crate::governance::begin_block;
use crate::governance::types::Choice::{No, Yes};
use crate::kernel::{Address, Amount, Ctx, Decimal, GasMeter, Overlay};
use crate::staking::{self, state::Shares, Validator};
use crate::test_support::{address, Counting, Memory};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Reads of committed state, and writes, of `work` on the state of `ctx`, in a block at `time`.
fn cost(ctx: &Ctx, time: u64, work: impl FnOnce(&mut Ctx)) -> (usize, usize) {
    let state = ctx.overlay().scan(&[], &[0xff], false, usize::MAX);
    let reads = Arc::new(AtomicUsize::new(0));
    let base = Counting { state: Memory(state.into_iter().collect()), reads: reads.clone() };
    let block = Arc::new(ctx.block().clone());
    let mut ctx = Ctx::new(Overlay::new(Arc::new(base)), block, GasMeter::unlimited());
    at(&mut ctx, time);
    work(&mut ctx);
    (reads.load(Ordering::Relaxed), ctx.overlay().changes().len())
}

fn one_of_many(number: u64) -> Address {
    let mut raw = [7; 20];
    raw[..8].copy_from_slice(&number.to_be_bytes());
    Address::of_twenty(raw)
}

/// Voters 1 and 2 and as many more, who have bonded to three validators, have voted yes and no on two proposals in the voting
/// phase of cycle 0.
fn crowd(count: u64) -> Ctx {
    let mut ctx = chain();
    raised(&mut ctx);
    raised(&mut ctx);
    begin(&mut ctx, voting(0));
    bond(&mut ctx, 1, 101, 10 * MINIMUM).unwrap();
    bond(&mut ctx, 2, 102, 10 * MINIMUM).unwrap();
    for owner in [1, 2] {
        cast(&mut ctx, owner, 1, Yes).unwrap();
    }
    for number in 0..count {
        let (owner, operator) = (one_of_many(number), address(101 + (number / 2 % 3) as u8));
        let validator = staking::require(&ctx, &operator).unwrap();
        let (tokens, shares) = (Amount(validator.tokens.0 + MINIMUM), validator.shares + MINIMUM);
        staking::save(&mut ctx, &Validator { tokens, shares, ..validator }).unwrap();
        staking::state::BONDS.save(&mut ctx, &(owner, operator), &Shares(MINIMUM)).unwrap();
        staking::state::BONDS_TO.save(&mut ctx, &(operator, owner), &()).unwrap();
        let (first, second) = if number % 2 == 0 { (Yes, No) } else { (No, Yes) };
        vote::vote(&mut ctx, &owner, 1, first).unwrap();
        vote::vote(&mut ctx, &owner, 2, second).unwrap();
    }
    let half = u128::from(count) / 2 * MINIMUM;
    assert_eq!(totals(&ctx, 1), (20 * MINIMUM + half, half));
    assert_eq!(totals(&ctx, 2), (half, half));
    let bonded = staking::total_bonded(&ctx).unwrap();
    crate::bank::state::SUPPLY.save(&mut ctx, &"ujmes".into(), &Amount(10 * bonded.0)).unwrap();
    ctx
}

#[test]
fn a_tally_costs_the_same_with_100_and_with_10_000_voters() {
    let tally = |ctx: &mut Ctx| begin_block(ctx).unwrap();
    let few = cost(&crowd(100), raising(1), tally);
    assert_eq!(few, cost(&crowd(10_000), raising(1), tally));
    assert!(few.0 + few.1 < 60, "{few:?}");
}

#[test]
fn a_slash_costs_the_same_with_100_and_with_10_000_voters() {
    let slash = |ctx: &mut Ctx| {
        staking::slash(ctx, &address(101), Decimal::percent(5), 7).unwrap();
    };
    let few = cost(&crowd(100), voting(0) + 1, slash);
    assert_eq!(few, cost(&crowd(10_000), voting(0) + 1, slash));
    assert!(few.0 + few.1 < 40, "{few:?}");
}

#[test]
fn a_voters_bond_costs_the_same_with_100_and_with_10_000_other_voters() {
    let more = |ctx: &mut Ctx| {
        staking::bond(ctx, &address(1), &address(101), Amount(5)).unwrap();
    };
    let few = cost(&crowd(100), voting(0) + 1, more);
    assert_eq!(few, cost(&crowd(10_000), voting(0) + 1, more));
    assert!(few.0 + few.1 < 60, "{few:?}");
}

#[test]
fn a_vote_costs_the_same_with_100_and_with_10_000_other_voters() {
    let again = |ctx: &mut Ctx| vote::vote(ctx, &address(2), 2, Yes).unwrap();
    let few = cost(&crowd(100), voting(0) + 1, again);
    assert_eq!(few, cost(&crowd(10_000), voting(0) + 1, again));
    assert!(few.0 + few.1 < 40, "{few:?}");
}

#[test]
fn a_quiet_block_costs_the_same_with_10_and_with_10_000_past_proposals() {
    let past = |count: u64| {
        let mut ctx = chain();
        for _ in 0..count {
            raised(&mut ctx);
        }
        begin(&mut ctx, raising(1));
        ctx
    };
    let quiet = |ctx: &mut Ctx| begin_block(ctx).unwrap();
    let few = cost(&past(10), raising(1) + 5, quiet);
    assert_eq!(few, cost(&past(10_000), raising(1) + 5, quiet));
    assert_eq!(few, (3, 0));
}
