//! Tests of slots and features: seats and claims, terms and their ends, who held what when, queries, genesis, and random lives
//! against a model.

mod claims;
mod genesis;
mod model;
mod queries;
mod terms;

use super::{grant, held_at, seat, slot_of, Claim, Feature, Role, Slot, Slots};
use crate::dao::{self, Dao, Member};
use crate::emission::{self, Emission};
use crate::funding::{self, Funding, Grant, Request};
use crate::kernel::{Amount, Block, Ctx, Module, Result};
use crate::order;
use crate::test_support::{address, ctx};
use serde_json::{json, Value};

const SECOND: u64 = 1_000_000_000;

/// A chain after the Initial Distribution Period, with blocks of 1 s and the DAOs `address(1)` to `address(5)`, which could all be
/// core DAOs. Its first block has height 8 and n = 1.
fn chain() -> Ctx {
    let mut ctx = ctx();
    let params = json!({"target_block_time": "1s", "pace_credit": "3s", "seconds_per_month": "1000", "idp_blocks": "0"});
    Emission.import(&mut ctx, &json!({ "params": params })).unwrap();
    Funding.import(&mut ctx, &Value::Null).unwrap();
    Slots.import(&mut ctx, &Value::Null).unwrap();
    (1..=5).for_each(|byte| found(&mut ctx, byte, 3));
    block(&mut ctx, 1);
    ctx
}

/// Registers a DAO at `address(byte)` with so many members of power 1 and threshold 2.
fn found(ctx: &mut Ctx, byte: u8, members: u8) {
    let dao = Dao {
        id: byte.into(),
        address: address(byte),
        name: format!("dao{byte}"),
        members: (1..=members).map(|member| Member { address: address(100 + member), power: 1 }).collect(),
        threshold: 2,
        voting_period: SECOND,
        version: 1,
        height: 1,
    };
    dao::state::DAOS.save(ctx, &dao.address, &dao).unwrap();
}

/// Lets a block begin, so many seconds after the one before. Gives n.
fn block(ctx: &mut Ctx, seconds: u64) -> u64 {
    let before = ctx.block().clone();
    let (height, time) = (before.height + 1, before.time + seconds * SECOND);
    ctx.set_block(Block { height, time, ..before }.into());
    order::BEGIN_BLOCK.into_iter().for_each(|step| step(ctx).unwrap());
    emission::issuance_height(ctx).unwrap()
}

fn blocks(ctx: &mut Ctx, count: u64) {
    for _ in 0..count {
        block(ctx, 1);
    }
}

/// A claim for the brand slot for 10 issuance heights.
fn brand(dao: u8, proposal_id: u64, cycle: u64, net_yes: u128) -> Claim {
    Claim { dao: address(dao), slot: Slot::Brand, proposal_id, cycle, net_yes: Amount(net_yes), blocks: 10 }
}

/// Concludes a claim with funding of 1 Nil a block, as governance does.
fn conclude(ctx: &mut Ctx, claim: &Claim) -> Result<bool> {
    let seated = seat(ctx, claim)?;
    if seated {
        let request = Request { rate: Amount(1), blocks: claim.blocks };
        let Claim { proposal_id, dao, net_yes, .. } = *claim;
        funding::start(ctx, &Grant { proposal_id, dao, request, net_yes })?;
    }
    Ok(seated)
}

fn in_brand(ctx: &Ctx, dao: u8) -> bool {
    slot_of(ctx, &address(dao)).unwrap() == Some(Slot::Brand)
}

/// The last issuance height of a proposal's funding, and whether anything is due any more.
fn funded(ctx: &Ctx, proposal: u64) -> (u64, bool) {
    let stream = funding::state::STREAMS.load(ctx, &proposal).unwrap().unwrap();
    (stream.last, funding::state::is_due(ctx, &stream).unwrap())
}

fn own_state(ctx: &Ctx) -> Vec<(Vec<u8>, Vec<u8>)> {
    ctx.overlay().scan(&[crate::SLOTS.0], &[crate::SLOTS.0 + 1], false, usize::MAX)
}

/// By which proposal `address(dao)` held a role at a height.
fn held(ctx: &Ctx, dao: u8, role: Role, height: u64) -> Option<u64> {
    held_at(ctx, &address(dao), role, height).unwrap()
}

const DEALER: Role = Role::Feature(Feature::ArtDealer);
const OFFICIAL: Role = Role::Feature(Feature::OfficialStatus);
const BRAND: Role = Role::Slot(Slot::Brand);

/// Grants a feature to `address(dao)`.
fn give(ctx: &mut Ctx, dao: u8, feature: Feature, proposal_id: u64, blocks: u64) {
    grant(ctx, &address(dao), feature, proposal_id, blocks).unwrap();
}
