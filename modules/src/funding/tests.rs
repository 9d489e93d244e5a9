//! Tests of funding: the plan, requests, streams over their life, queries, genesis, cost, and random lives against a model.

mod cost;
mod examples;
mod genesis;
mod model;
mod queries;
mod requests;
mod streams;
mod walk;

use super::{refresh, start, state, Funding, Grant, Request};
use crate::emission::{self, Emission};
use crate::kernel::{Address, Amount, Block, Ctx, Module};
use crate::order;
use crate::slots::{self, Role, Slot};
use crate::test_support::{address, ctx};
use jmes_proto::jmes::funding::v1 as proto;
use serde_json::{json, Value};

const SECOND: u64 = 1_000_000_000;

/// The DAO budget of the first period of [`chain`].
const BUDGET: u128 = 9_000_000;

/// A chain after the Initial Distribution Period: blocks of 1 s, months of 1 block, so that the budget falls by 60% after 12
/// blocks, at issuance height 1.
fn chain() -> Ctx {
    chain_with(json!({}))
}

/// The same with other parameters of emission.
fn chain_with(other: Value) -> Ctx {
    let mut params = json!({
        "target_block_time": "1s", "pace_credit": "3s", "seconds_per_month": "1", "idp_blocks": "0",
        "reduction": "0.6",
    });
    params.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    let mut ctx = ctx();
    Emission.import(&mut ctx, &json!({ "params": params })).unwrap();
    Funding.import(&mut ctx, &Value::Null).unwrap();
    block(&mut ctx, 1);
    ctx
}

/// Lets a block begin, so many seconds after the one before. Gives n.
fn block(ctx: &mut Ctx, seconds: u64) -> u64 {
    let before = ctx.block().clone();
    let (height, time) = (before.height + 1, before.time + seconds * SECOND);
    ctx.set_block(Block { height, time, ..before }.into());
    order::BEGIN_BLOCK.into_iter().for_each(|step| step(ctx).unwrap());
    emission::issuance_height(ctx).unwrap()
}

/// So many blocks on pace.
fn blocks(ctx: &mut Ctx, count: u64) {
    for _ in 0..count {
        block(ctx, 1);
    }
}

/// Funds proposal `id` of the DAO `address(dao)`.
fn fund(ctx: &mut Ctx, id: u64, dao: u8, rate: u128, blocks: u64, net_yes: u128) {
    let request = Request { rate: Amount(rate), blocks };
    let grant = Grant { proposal_id: id, dao: address(dao), request, net_yes: Amount(net_yes) };
    start(ctx, &grant).unwrap();
}

/// Puts a DAO into a slot, or out of any.
fn sit(ctx: &mut Ctx, dao: u8, slot: Option<Slot>) {
    match slot {
        Some(slot) => slots::state::SEATED.save(ctx, &address(dao), &Role::Slot(slot)).unwrap(),
        None => slots::state::SEATED.remove(ctx, &address(dao)).unwrap(),
    }
    refresh(ctx).unwrap();
}

fn balance(ctx: &Ctx, dao: &Address) -> u128 {
    crate::bank::balance(ctx, dao, "ujmes").unwrap().0
}

/// What proposal `id` was paid so far, and in how many blocks it was not.
fn so_far(ctx: &Ctx, id: u64) -> (u128, u64) {
    let stream = state::STREAMS.load(ctx, &id).unwrap().unwrap();
    let n = emission::issuance_height(ctx).unwrap();
    (stream.total_paid(n).unwrap().0, stream.missed(n))
}

fn ask<Q: prost::Message, A: prost::Message + Default>(
    ctx: &Ctx,
    name: &str,
    request: &Q,
) -> Result<A, crate::kernel::QueryError> {
    crate::test_support::ask(&Funding, ctx, &format!("/jmes.funding.v1.Query/{name}"), request)
}

fn plan(ctx: &Ctx) -> proto::QueryPlanResponse {
    ask(ctx, "Plan", &proto::QueryPlanRequest {}).unwrap()
}

/// The store of funding.
fn own_state(ctx: &Ctx) -> Vec<(Vec<u8>, Vec<u8>)> {
    ctx.overlay().scan(&[crate::FUNDING.0], &[crate::FUNDING.0 + 1], false, usize::MAX)
}
