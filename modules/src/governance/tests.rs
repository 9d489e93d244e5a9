//! Tests of governance, each named after its rule.

mod conclusions;
mod cost;
mod cycles;
mod genesis;
mod model;
mod params;
mod proposals;
mod queries;
mod redelegated;
mod tally;
mod votes;
mod whole;

use super::types::{Body, Choice, Content};
use super::{begin_block, cycle, proposal, raise, sums, vote, Governance, Phase};
use crate::bank::{self, Bank};
use crate::consensus;
use crate::emission::Emission;
use crate::kernel::{Address, Amount, Block, Ctx, Decimal, Module, Msg, Result};
use crate::premint::Premint;
use crate::staking::{self, Staking};
use crate::test_support::{address, bank_genesis, coins, ctx};
use crate::JMES;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    Description, MsgBeginRedelegate, MsgDelegate, MsgUndelegate,
};
use jmes_proto::jmes::governance::v1::proposal::Status;
use serde_json::{json, Value};
use std::sync::Arc;

/// When the test chain began.
const GENESIS: u64 = 1_600_000_000_000_000_000;
/// Two weeks of a mainnet's cycle: raising, and as long voting.
const PHASE: u64 = 1_214_252_307_600_000;
/// What voting takes: 1,000 JMES.
const MINIMUM: u128 = 1_000 * JMES;
/// A premint of 900,000 JMES; one block of the first year unlocks 18,000 Nils of it.
const PREMINT: u128 = 900_000 * JMES;

/// A voter: `address(byte)`, but for 6, which has 32 bytes as a DAO has.
fn voter(byte: u8) -> Address {
    if byte == 6 {
        Address::new(&[6; 32]).unwrap()
    } else {
        address(byte)
    }
}

/// The DAO that raises the test's proposals.
fn dao() -> Address {
    Address::new(&[0xda; 32]).unwrap()
}

/// A chain at genesis with the validators 101 to 103, voters 1 to 6 with 100,000 JMES each and the premint wallets 21 and 22.
fn chain() -> Ctx {
    let mut wallets: Vec<(Address, String)> =
        (1..=6).map(|byte| (voter(byte), format!("{}ujmes", 100_000 * JMES))).collect();
    wallets.extend([21, 22].map(|byte| (address(byte), format!("{PREMINT}ujmes"))));
    let wallets: Vec<(Address, &str)> =
        wallets.iter().map(|(owner, coins)| (*owner, coins.as_str())).collect();
    let premint =
        [21, 22].map(|byte: u8| json!({"address": address(byte).to_string(), "amount": PREMINT.to_string()}));
    let mut ctx = ctx();
    at(&mut ctx, GENESIS);
    consensus::start(&mut ctx, &Default::default(), GENESIS, 1).unwrap();
    Emission.import(&mut ctx, &Value::Null).unwrap();
    Staking.import(&mut ctx, &Value::Null).unwrap();
    Bank.import(&mut ctx, &bank_genesis(&wallets)).unwrap();
    Premint.import(&mut ctx, &json!({"wallets": premint})).unwrap();
    Governance.import(&mut ctx, &Value::Null).unwrap();
    for byte in 101..=103 {
        candidate(&mut ctx, byte);
    }
    ctx.take_events();
    ctx
}

/// Another DAO.
fn other_dao() -> Address {
    Address::new(&[0xdb; 32]).unwrap()
}

/// A chain with two DAOs that have 10,000 JMES each and could sit in a core slot.
fn found() -> Ctx {
    let mut ctx = chain();
    for (id, address) in [(1, dao()), (2, other_dao())] {
        let member = |byte| crate::dao::Member { address: voter(byte), power: 1 };
        let founded = crate::dao::Dao {
            id,
            address,
            name: format!("dao{id}"),
            members: (1..=3).map(member).collect(),
            threshold: 2,
            voting_period: 3_600_000_000_000,
            version: 1,
            height: 1,
        };
        crate::dao::state::DAOS.save(&mut ctx, &address, &founded).unwrap();
        bank::transfer(&mut ctx, &voter(5), &address, &coins(&format!("{}ujmes", 10_000 * JMES))).unwrap();
    }
    ctx.take_events();
    ctx
}

/// Creates the validator of `address(byte)`.
fn candidate(ctx: &mut Ctx, byte: u8) {
    let new = staking::NewValidator {
        operator: address(byte),
        key: [byte; 32],
        description: Description { moniker: format!("validator {byte}"), ..Description::default() },
        commission: staking::Commission::default(),
        min_self_delegation: Amount::ZERO,
        possession: false,
        work: [0; 32],
    };
    staking::create(ctx, new).unwrap();
}

/// Goes to the next block, which is made at `time`.
fn at(ctx: &mut Ctx, time: u64) {
    let block = ctx.block().clone();
    ctx.set_block(Arc::new(Block { height: block.height + 1, time, ..block }));
}

/// Makes the beginning of a block at `time`, as far as governance is concerned.
fn begin(ctx: &mut Ctx, time: u64) {
    at(ctx, time);
    staking::mature(ctx).unwrap();
    begin_block(ctx).unwrap();
    assert_eq!(Governance.check_invariants(ctx), Ok(()));
}

/// The first instant of the voting phase of a cycle.
const fn voting(cycle: u64) -> u64 {
    GENESIS + cycle * 2 * PHASE + PHASE
}

/// The first instant of a cycle.
const fn raising(cycle: u64) -> u64 {
    GENESIS + cycle * 2 * PHASE
}

/// Raises a proposal that asks for nothing, without what it takes of a DAO.
fn raised(ctx: &mut Ctx) -> u64 {
    let now = cycle(ctx).unwrap();
    assert_eq!(now.phase, Phase::Raising);
    raise::add(ctx, &dao(), now.index, &text(), None).unwrap()
}

fn text() -> Body {
    Body { title: "A mural".into(), description: "On the wall.".into(), content: Content::Text }
}

/// A chain in the voting phase of cycle 0 with that many proposals.
fn election(proposals: u64) -> Ctx {
    let mut ctx = chain();
    for _ in 0..proposals {
        raised(&mut ctx);
    }
    begin(&mut ctx, voting(0));
    ctx
}

/// Runs what a message does: all of it or nothing.
fn run<M: Msg>(ctx: &mut Ctx, msg: &M) -> Result<M::Response> {
    attempt(ctx, |ctx| msg.execute(ctx))
}

fn attempt<T>(ctx: &mut Ctx, act: impl FnOnce(&mut Ctx) -> Result<T>) -> Result<T> {
    let mark = ctx.checkpoint();
    let result = act(ctx);
    if result.is_err() {
        ctx.revert(mark);
    }
    assert_eq!(Governance.check_invariants(ctx), Ok(()));
    result
}

fn nils(amount: u128) -> Option<Coin> {
    Some(Coin { denom: "ujmes".into(), amount: amount.to_string() })
}

fn bond(ctx: &mut Ctx, owner: u8, operator: u8, amount: u128) -> Result<()> {
    let msg = MsgDelegate {
        delegator_address: voter(owner).to_string(),
        validator_address: address(operator).operator(),
        amount: nils(amount),
    };
    run(ctx, &msg).map(drop)
}

fn unbond(ctx: &mut Ctx, owner: u8, operator: u8, amount: u128) -> Result<()> {
    let msg = MsgUndelegate {
        delegator_address: voter(owner).to_string(),
        validator_address: address(operator).operator(),
        amount: nils(amount),
    };
    run(ctx, &msg).map(drop)
}

fn redelegate(ctx: &mut Ctx, owner: u8, from: u8, to: u8, amount: u128) -> Result<()> {
    let msg = MsgBeginRedelegate {
        delegator_address: voter(owner).to_string(),
        validator_src_address: address(from).operator(),
        validator_dst_address: address(to).operator(),
        amount: nils(amount),
    };
    run(ctx, &msg).map(drop)
}

fn slash(ctx: &mut Ctx, operator: u8, thousandths: u128) {
    let height = ctx.block().height;
    let fraction = Decimal(thousandths * 1_000_000_000_000_000);
    attempt(ctx, |ctx| {
        staking::slash(ctx, &address(operator), fraction, height)?;
        staking::settle_slashed(ctx)
    })
    .unwrap();
}

fn cast(ctx: &mut Ctx, owner: u8, id: u64, choice: Choice) -> Result<()> {
    attempt(ctx, |ctx| vote::vote(ctx, &voter(owner), id, choice))
}

/// The running totals of a proposal, in Nils: yes, no.
fn totals(ctx: &Ctx, id: u64) -> (u128, u128) {
    let totals = sums::totals(ctx, id).unwrap();
    (totals.yes, totals.no)
}

/// Status, yes, no and possible votes of a tallied proposal.
fn result(ctx: &Ctx, id: u64) -> (Status, u128, u128, u128) {
    let proposal = proposal(ctx, id).unwrap().unwrap();
    let tally = proposal.tally;
    (proposal.status, tally.yes.0, tally.no.0, tally.possible.0)
}

/// The module's own part of the state.
fn store(ctx: &Ctx) -> Vec<(Vec<u8>, Vec<u8>)> {
    let own = crate::GOVERNANCE.0;
    ctx.overlay().scan(&[own], &[own + 1], false, usize::MAX)
}
