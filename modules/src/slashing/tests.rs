//! Tests of liveness and evidence.

mod cost;
mod evidence;
mod genesis;
mod liveness;
mod properties;
mod queries;
mod unjail;

use super::params::Rules;
use super::{liveness as rules_of_liveness, start_window, state, Slashing};
use crate::bank;
use crate::kernel::{
    Address, Amount, Block, CommitVote, ConsensusAddress, Ctx, Decimal, Event, Misbehavior, Module, Offence,
};
use crate::staking::{self, Commission, Validator};
use crate::test_support::{address, block, ctx, table};
use crate::{consensus, seats, BASE_DENOM};
use cosmos_sdk_proto::cosmos::slashing::v1beta1::Params;
use cosmos_sdk_proto::cosmos::staking::v1beta1::Description;
use std::sync::Arc;

const SECOND: u64 = 1_000_000_000;
const TOKENS: u128 = 1_000_000_000;

/// The consensus address of the validator that address `byte` runs.
fn key(byte: u8) -> ConsensusAddress {
    staking::consensus_address(&[byte; 32])
}

/// A validator with 1,000 JMES bonded and no seat.
fn create(ctx: &mut Ctx, byte: u8) -> Address {
    let operator = address(byte);
    let validator = Validator {
        id: u64::from(byte),
        operator,
        key: Some([byte; 32]),
        possession: true,
        description: Description { moniker: format!("validator {byte}"), ..Description::default() },
        commission: Commission::default(),
        min_self_delegation: Amount::ZERO,
        tokens: Amount(TOKENS),
        shares: TOKENS,
        jailed: false,
        jailed_until: 0,
        tombstoned: false,
        created_height: 0,
        ever_seated: false,
        work: [0; 32],
        slashes: 0,
    };
    staking::state::BY_CONSENSUS.save(ctx, &key(byte), &operator).unwrap();
    staking::save(ctx, &validator).unwrap();
    let supply = bank::supply(ctx, BASE_DENOM).unwrap().plus(Amount(TOKENS)).unwrap();
    bank::state::SUPPLY.save(ctx, &BASE_DENOM.to_owned(), &supply).unwrap();
    operator
}

/// State after genesis: validators 1 to `count` have the seats.
fn chain(count: u8) -> Ctx {
    let mut ctx = ctx();
    ctx.set_block(Arc::new(Block { height: 0, ..block() }));
    for byte in 1..=count {
        let operator = create(&mut ctx, byte);
        seats::seat_at_genesis(&mut ctx, &operator).unwrap();
    }
    ctx
}

/// The same with the parameters of liveness changed.
fn chain_with(count: u8, window: i64, min_signed_percent: u32) -> Ctx {
    let mut ctx = chain(count);
    let min_signed_per_window = Decimal::percent(min_signed_percent).to_proto().into_bytes();
    let params =
        Params { signed_blocks_window: window, min_signed_per_window, ..super::params(&ctx).unwrap() };
    state::PARAMS.save(&mut ctx, &params).unwrap();
    ctx
}

/// The next block, which carries the commit of the height before: the validators and whether they signed.
fn next_block(ctx: &mut Ctx, votes: &[(u8, bool)]) {
    let vote = |&(byte, signed): &(u8, bool)| CommitVote { address: key(byte), power: 7, signed };
    let block = ctx.block().clone();
    ctx.set_block(Arc::new(Block {
        height: block.height + 1,
        time: block.time + 5 * SECOND,
        commit: votes.iter().map(vote).collect(),
        misbehavior: Vec::new(),
        ..block
    }));
}

/// The liveness of the next block by the rules in or after the Initial Distribution Period.
fn judge(ctx: &mut Ctx, idp: bool, votes: &[(u8, bool)]) {
    next_block(ctx, votes);
    let rules = Rules::of(ctx, idp).unwrap();
    rules_of_liveness::judge_commit(ctx, &rules).unwrap();
}

/// `count` blocks after the Initial Distribution Period in which validator 1 signed, or did not.
fn blocks(ctx: &mut Ctx, count: u64, signed: bool) {
    for _ in 0..count {
        judge(ctx, false, &[(1, signed)]);
    }
}

fn validator(ctx: &Ctx, byte: u8) -> Validator {
    staking::require(ctx, &address(byte)).unwrap()
}

/// Changes a validator's record.
fn change(ctx: &mut Ctx, byte: u8, change: impl FnOnce(&mut Validator)) {
    let mut record = validator(ctx, byte);
    change(&mut record);
    staking::save(ctx, &record).unwrap();
}

fn is_jailed(ctx: &Ctx, byte: u8) -> bool {
    validator(ctx, byte).jailed
}

fn missed(ctx: &Ctx, byte: u8) -> u64 {
    state::SIGNING_INFOS.load(ctx, &key(byte)).unwrap().unwrap().missed
}

fn double_sign(byte: u8, height: u64, time: u64) -> Misbehavior {
    Misbehavior { offence: Offence::DoubleSign, address: key(byte), power: 7, height, time }
}

/// The next block, which brings evidence.
fn accuse(ctx: &mut Ctx, misbehavior: &[Misbehavior]) {
    next_block(ctx, &[]);
    ctx.set_block(Arc::new(Block { misbehavior: misbehavior.to_vec(), ..ctx.block().clone() }));
    super::evidence::judge_misbehavior(ctx).unwrap();
}

/// The events of one kind since the last question.
fn events(ctx: &mut Ctx, kind: &str) -> Vec<Event> {
    ctx.take_events().into_iter().filter(|event| event.kind == kind).collect()
}

#[track_caller]
fn assert_sound(ctx: &Ctx) {
    assert_eq!(Slashing.check_invariants(ctx), Ok(()));
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = chain_with(3, 2_000, 5);
    for _ in 0..3 {
        judge(&mut ctx, false, &[(1, true), (2, false), (3, true)]);
    }
    accuse(&mut ctx, &[double_sign(3, 2, 1_600_000_000 * SECOND)]);
    let slashing: String = table(&ctx)
        .lines()
        .filter(|line| line.starts_with("08 "))
        .fold(String::new(), |text, line| text + line + "\n");
    insta::assert_snapshot!(slashing);
}

#[test]
fn a_block_brings_evidence_and_a_commit() {
    let mut ctx = chain(2);
    next_block(&mut ctx, &[]);
    super::begin_block(&mut ctx).unwrap();
    next_block(&mut ctx, &[(1, false), (2, true)]);
    let time = ctx.block().time;
    ctx.set_block(Arc::new(Block { misbehavior: vec![double_sign(2, 1, time)], ..ctx.block().clone() }));
    super::begin_block(&mut ctx).unwrap();
    assert_eq!((missed(&ctx, 1), missed(&ctx, 2)), (1, 0));
    assert!(validator(&ctx, 2).tombstoned);
    assert_sound(&ctx);
}

#[test]
fn the_first_height_of_a_chain_may_be_another() {
    let mut ctx = ctx();
    ctx.set_block(Arc::new(Block { height: 0, ..block() }));
    let params = consensus::params(&ctx).unwrap();
    consensus::start(&mut ctx, &params, 0, 500).unwrap();
    let operator = create(&mut ctx, 1);
    start_window(&mut ctx, &operator).unwrap();
    assert_eq!(state::SIGNING_INFOS.load(&ctx, &key(1)).unwrap().unwrap().start_height, 500);
}
