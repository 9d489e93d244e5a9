//! What a block costs: the payments, whatever was granted before.

use super::{block, blocks, chain_with, fund};
use crate::kernel::{Ctx, GasMeter, GasTable};
use crate::order;
use serde_json::json;

/// Each store operation costs 1 gas.
const COUNTING: GasTable = GasTable {
    read_flat: 1,
    read_per_byte: 0,
    write_flat: 1,
    write_per_byte: 0,
    delete_flat: 1,
    iterate_flat: 1,
    has_flat: 1,
};

/// Store operations of the steps 5 and 6 of a block on pace, and how many keys they write that nothing wrote before.
fn cost(ctx: &mut Ctx) -> (u64, usize) {
    let before = ctx.block().clone();
    let (height, time) = (before.height + 1, before.time + 1_000_000_000);
    ctx.set_block(crate::kernel::Block { height, time, ..before }.into());
    let (others, own) = order::BEGIN_BLOCK.split_last_chunk::<3>().unwrap();
    others.iter().for_each(|step| step(ctx).unwrap());
    let keys = ctx.overlay().changes().len();
    ctx.swap_gas(GasMeter::new(u64::MAX, COUNTING));
    own.iter().for_each(|step| step(ctx).unwrap());
    (ctx.swap_gas(GasMeter::unlimited()).used(), ctx.overlay().changes().len() - keys)
}

/// A chain on which so many streams have ended; `due` more are paid, and as many are not.
fn crowded(ended: u64, due: u64) -> Ctx {
    let mut ctx = chain_with(json!({"seconds_per_month": "1000"}));
    (1..=ended).for_each(|id| fund(&mut ctx, id, (id % 200) as u8, 1, 1, 5));
    blocks(&mut ctx, 3);
    (1..=due).for_each(|id| fund(&mut ctx, 50_000 + id, id as u8, 3, 100, 7));
    fund(&mut ctx, 60_000, 200, 9_000_001, 100, 6);
    (1..=due).for_each(|id| fund(&mut ctx, 70_000 + id, id as u8, 3, 100, 1));
    block(&mut ctx, 1);
    ctx
}

#[test]
fn a_block_costs_its_payments_and_not_what_was_ever_granted() {
    for due in [0, 1, 20] {
        let few = cost(&mut crowded(0, due));
        assert_eq!(few, cost(&mut crowded(5_000, due)), "{due} are paid");
    }
    let [none, some] = [0, 20].map(|due| cost(&mut crowded(0, due)).0);
    assert_eq!((some - none) % 20, 0, "each payment costs the same");
    assert!((some - none) / 20 <= 6, "supply and account are read and written: {none} {some}");
}

#[test]
fn a_block_in_which_nothing_is_due_costs_four_reads() {
    let mut ctx = chain_with(json!({}));
    (1..=2_000).for_each(|id| fund(&mut ctx, id, 3, 1, 1, 5));
    blocks(&mut ctx, 3);
    let (operations, written) = cost(&mut ctx);
    assert!(operations <= 4 && written == 0, "{operations} {written}");
}
