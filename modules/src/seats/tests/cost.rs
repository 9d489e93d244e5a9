//! Tests of what a block's end costs: work in what happens, not in what exists.

use super::chain::{create_with_bond, jail, join, small, Chain};
use crate::kernel::GasMeter;
use crate::seats;
use std::sync::Arc;

/// The gas that the end of the next block uses, a measure of every access to state, and how many keys it writes.
fn end_of_next_block(chain: &mut Chain) -> (u64, usize) {
    let before = chain.ctx.overlay().changes();
    let block = chain.ctx.block().clone();
    let height = block.height + 1;
    chain.ctx.set_block(Arc::new(crate::kernel::Block { height, ..block }));
    chain.ctx.swap_gas(GasMeter::unlimited());
    seats::end_block(&mut chain.ctx).unwrap();
    let gas = chain.ctx.swap_gas(GasMeter::unlimited()).used();
    let after = chain.ctx.overlay().changes();
    (gas, after.iter().filter(|change| !before.contains(change)).count())
}

/// A chain on which so many wait, and so many others are validators, during the period.
fn crowded(candidates: u16) -> Chain {
    let mut chain = Chain::new(4, 1_000, small());
    chain.checked = false;
    chain.block(|ctx| (100..100 + candidates).for_each(|number| join(ctx, number)));
    chain.blocks(40);
    chain
}

#[test]
fn a_block_in_which_nothing_happens_writes_nothing_and_costs_the_same_with_10_or_2000_candidates() {
    let costs = [10, 2_000].map(|candidates| end_of_next_block(&mut crowded(candidates)));
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0].1, 0);
}

#[test]
fn a_block_after_the_period_costs_the_same_with_10_or_2000_validators() {
    let costs = [10, 2_000].map(|validators| {
        let mut chain = Chain::new(4, 1, small());
        chain.checked = false;
        chain.block(|ctx| (100..100 + validators).for_each(|number| create_with_bond(ctx, number, 1)));
        chain.to(40);
        end_of_next_block(&mut chain)
    });
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0].1, 0);
}

#[test]
fn an_unproven_validator_costs_one_write_a_block() {
    let mut chain = Chain::new(3, 1_000, small());
    chain.checked = false;
    chain.block(|ctx| join(ctx, 9));
    chain.blocks(3);
    let commit = chain.ctx.block().commit.clone();
    assert_eq!(commit.len(), 4);
    assert_eq!(end_of_next_block(&mut chain).1, 1);
}

#[test]
fn a_draw_reads_a_bounded_part_of_the_list() {
    let costs = [300, 5_000].map(|candidates| {
        let mut chain = Chain::new(4, 1_000, small());
        chain.checked = false;
        chain.block(|ctx| (100..100 + candidates).for_each(|number| join(ctx, number)));
        chain.to(30);
        chain.block(|ctx| jail(ctx, 1));
        chain.to(31 + 64);
        let cost = end_of_next_block(&mut chain);
        assert_eq!(chain.seats().len(), 4, "the draw was in that block");
        cost
    });
    // At most 256 entries of the list and of each of its counts are read, some 100 gas each, and twice.
    assert!(costs[1].0 < costs[0].0 + 250_000, "{costs:?}");
    assert!(costs[1].1 <= costs[0].1 + 1, "{costs:?}");
}
