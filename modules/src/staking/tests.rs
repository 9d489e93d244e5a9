//! Tests of validators and bonds, each named after its rule.

mod bonds;
mod cost;
mod genesis;
mod history;
mod messages;
mod property;
mod queries;
mod redelegation;
mod unbonding;
mod validators;

use super::{bond, create, require, save, state, Commission, Module, NewValidator, Staking, Validator};
use crate::kernel::{Address, Amount, Block, Ctx, Decimal};
use crate::test_support::{address, funded};
use crate::JMES;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{Description, Params};
use std::sync::Arc;

/// What it takes to create the validator of `address(byte)` with the key of that byte.
fn candidate(byte: u8) -> NewValidator {
    NewValidator {
        operator: address(byte),
        key: [byte; 32],
        description: Description { moniker: format!("validator {byte}"), ..Description::default() },
        commission: Commission {
            rate: Decimal::percent(5),
            max_rate: Decimal::percent(20),
            max_change_rate: Decimal::percent(1),
            updated: 0,
        },
        min_self_delegation: Amount::ZERO,
        possession: false,
        work: [0; 32],
    }
}

/// The validators of `address(101)` on, and the wallets `address(1)` to `address(9)` and those of the operators with
/// 1,000 JMES each.
fn chain(validators: u8) -> Ctx {
    let wallets: Vec<_> =
        (1..=9).chain(101..=100 + validators).map(|byte| (address(byte), "1000000000ujmes")).collect();
    let mut ctx = funded(&wallets);
    Staking.import(&mut ctx, &serde_json::Value::Null).unwrap();
    for byte in 101..=100 + validators {
        create(&mut ctx, candidate(byte)).unwrap();
    }
    ctx.take_events();
    ctx
}

fn jmes(whole: u128) -> Amount {
    Amount(whole * JMES)
}

fn of(ctx: &Ctx, operator: Address) -> Validator {
    require(ctx, &operator).unwrap()
}

/// Gives a validator tokens and shares without bonds, to test what does not look at them.
fn set_tokens(ctx: &mut Ctx, operator: Address, tokens: u128, shares: u128) {
    let validator = Validator { tokens: Amount(tokens), shares, ..of(ctx, operator) };
    save(ctx, &validator).unwrap();
}

/// Goes to another block.
fn at(ctx: &mut Ctx, height: u64, time: u64) {
    let block = Block { height, time, ..ctx.block().clone() };
    ctx.set_block(Arc::new(block));
}

/// A day in nanoseconds.
const DAY: u64 = 86_400_000_000_000;

/// Goes to the next block, `time` nanoseconds later; with less than a day, `time` blocks.
fn later(ctx: &mut Ctx, time: u64) {
    let (height, now) = (ctx.block().height, ctx.block().time);
    let blocks = if time < DAY { time } else { 1 };
    at(ctx, height + blocks, now + time);
}

/// The module's own part of the state.
fn store(ctx: &Ctx) -> Vec<(Vec<u8>, Vec<u8>)> {
    ctx.overlay().scan(&[crate::STAKING.0], &[crate::STAKING.0 + 1], false, usize::MAX)
}
