//! The cost of a block and of a slash does not depend on the number of delegations: counted in accesses to state.

use super::{at, chain, state};
use crate::kernel::{Address, Amount, Ctx, Decimal, GasMeter, Overlay};
use crate::staking::state::{Keyed, Shares};
use crate::staking::{mature, record_history, require, save, slash, UnbondingEntry, Validator};
use crate::test_support::{address, block, Counting, Memory};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// A chain in which `count` wallets have bonds of 1 JMES to one validator, and unbond as much from it.
fn crowd(count: u64) -> Ctx {
    let mut ctx = chain(1);
    let operator = address(101);
    let completion = ctx.block().time + 1_000_000_000;
    for id in 1..=count {
        let mut raw = [7; 20];
        raw[..8].copy_from_slice(&id.to_be_bytes());
        let pair = (Address::of_twenty(raw), operator);
        let amount = Amount(1_000_000);
        let entry =
            UnbondingEntry { id, height: 7, completion, initial: amount, balance: amount, slashes: 0 };
        state::BONDS.save(&mut ctx, &pair, &Shares(amount.0)).unwrap();
        state::BONDS_TO.save(&mut ctx, &(pair.1, pair.0), &()).unwrap();
        state::UNBONDING.save(&mut ctx, &pair, &vec![entry]).unwrap();
        state::UNBONDING_FROM.save(&mut ctx, &(pair.1, pair.0), &()).unwrap();
        state::UNBONDING_QUEUE.save(&mut ctx, &(completion, id), &Keyed(pair)).unwrap();
    }
    let all = u128::from(count) * 1_000_000;
    let validator = require(&ctx, &operator).unwrap();
    save(&mut ctx, &Validator { tokens: Amount(all), shares: all, ..validator }).unwrap();
    state::TOTAL_UNBONDING.save(&mut ctx, &Amount(all)).unwrap();
    crate::bank::state::SUPPLY.save(&mut ctx, &"ujmes".into(), &Amount(3 * all)).unwrap();
    ctx
}

/// Reads of committed state, and writes, of `work` on the committed state of `ctx`.
fn cost(ctx: &Ctx, work: impl FnOnce(&mut Ctx)) -> (usize, usize) {
    let state = ctx.overlay().scan(&[], &[0xff], false, usize::MAX);
    let reads = Arc::new(AtomicUsize::new(0));
    let base = Counting { state: Memory(state.into_iter().collect()), reads: reads.clone() };
    let mut ctx = Ctx::new(Overlay::new(Arc::new(base)), Arc::new(block()), GasMeter::unlimited());
    work(&mut ctx);
    (reads.load(Ordering::Relaxed), ctx.overlay().changes().len())
}

#[test]
fn a_slash_costs_the_same_at_100_and_at_10_000_delegations() {
    let slash = |ctx: &mut Ctx| {
        let burnt = slash(ctx, &address(101), Decimal::percent(5), 7).unwrap();
        assert!(burnt > Amount::ZERO);
    };
    let few = cost(&crowd(100), slash);
    assert_eq!(few, cost(&crowd(10_000), slash));
    assert!(few.0 + few.1 < 30, "{few:?}");
}

#[test]
fn a_block_in_which_nothing_matures_costs_the_same_at_100_and_at_10_000_delegations() {
    let begin = |ctx: &mut Ctx| {
        at(ctx, 8, ctx.block().time + 5);
        record_history(ctx).unwrap();
        mature(ctx).unwrap();
    };
    let few = cost(&crowd(100), begin);
    assert_eq!(few, cost(&crowd(10_000), begin));
    assert!(few.0 + few.1 < 20, "{few:?}");
}
