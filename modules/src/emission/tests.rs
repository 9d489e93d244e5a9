//! Tests of emission: the schedule, the clock, the Initial Distribution Period, genesis, queries.

mod genesis;
mod pace;
mod queries;
mod schedule;

use super::{begin_block, clock, Clock, Emission, Settings};
use crate::kernel::{Block, Ctx, Module};
use crate::test_support::{at_issuance, ctx, table};
use serde_json::{json, Value};
use std::sync::Arc;

const SECOND: u64 = 1_000_000_000;

/// A chain with these parameters instead of the mainnet's, before its first block.
fn chain(params: Value) -> Ctx {
    let mut ctx = ctx();
    Emission.import(&mut ctx, &json!({ "params": params })).unwrap();
    ctx
}

/// Lets a block begin, `after` nanoseconds after the block before.
fn next_block(ctx: &mut Ctx, after: u64) -> Clock {
    let before = ctx.block().clone();
    let (height, time) = (before.height + 1, before.time + after);
    ctx.set_block(Arc::new(Block { height, time, ..before }));
    begin_block(ctx).unwrap();
    clock(ctx).unwrap()
}

/// A chain on pace whose last block was `n`, some heights later.
fn jump(ctx: &mut Ctx, n: u64) {
    let block = Block { height: n + 40, ..ctx.block().clone() };
    ctx.set_block(Arc::new(block));
    at_issuance(ctx, n);
}

fn mainnet() -> Settings {
    Settings::new(&super::default_params()).unwrap()
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = chain(json!({}));
    jump(&mut ctx, 6_311_391);
    insta::assert_snapshot!(table(&ctx));
}
