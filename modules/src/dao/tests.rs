//! Tests of DAOs: who can register which, what they decide and send, what ends a proposal, genesis, queries, and random lives
//! against a slow model.

mod cost;
mod execution;
mod genesis;
mod model;
mod params;
mod proposals;
mod queries;
mod registry;

use super::types::{Ballot, Content, Dao, Member, Proposal, Status, VoteOption};
use super::{address_of, dao, defaults, state, DaoModule};
use crate::bank::{self, Bank};
use crate::emission::Emission;
use crate::identity::{self, IdentityModule, Kind};
use crate::kernel::{duration, Address, Block, Ctx, Module, Msg, Result, SECOND};
use crate::test_support::{address, at_issuance, bank_genesis, ctx, table};
use cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use jmes_proto::jmes::dao::v1 as proto;
use jmes_proto::Any;
use serde_json::Value;
use std::sync::Arc;

const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// A chain after the Initial Distribution Period. Wallets 1 to 19 have some 100 JMES each, 20 has 1,000; 1 to 15 have users' names.
fn chain() -> Ctx {
    let mut ctx = ctx();
    Emission.import(&mut ctx, &Value::Null).unwrap();
    let balances: Vec<_> = (1..20)
        .map(|byte| (address(byte), "101000000ujmes"))
        .chain([(address(20), "1000000000ujmes")])
        .collect();
    Bank.import(&mut ctx, &bank_genesis(&balances)).unwrap();
    IdentityModule.import(&mut ctx, &Value::Null).unwrap();
    DaoModule.import(&mut ctx, &Value::Null).unwrap();
    for byte in 1..=15 {
        let user = address(byte);
        identity::register(&mut ctx, &user, &user, &format!("user{byte}"), Kind::User).unwrap();
    }
    at_issuance(&mut ctx, 483_841);
    ctx.take_events();
    ctx
}

/// Runs a message as a transaction does: all or nothing.
fn deliver<M: Msg>(ctx: &mut Ctx, msg: &M) -> Result<M::Response> {
    let (mark, before) = (ctx.checkpoint(), ctx.take_events());
    let done = msg.execute(ctx);
    let events = ctx.take_events();
    before.into_iter().for_each(|event| ctx.emit(event));
    match done {
        Ok(_) => events.into_iter().for_each(|event| ctx.emit(event)),
        Err(_) => ctx.revert(mark),
    }
    done
}

fn later(ctx: &mut Ctx, nanoseconds: u64) {
    let before = ctx.block().clone();
    let (height, time) = (before.height + 1, before.time + nanoseconds);
    ctx.set_block(Arc::new(Block { height, time, ..before }));
}

/// Members of the wallets with these numbers and powers.
fn members(powers: &[(u8, u64)]) -> Vec<proto::Member> {
    let member =
        |(byte, power): &(u8, u64)| proto::Member { address: address(*byte).to_string(), power: *power };
    powers.iter().map(member).collect()
}

fn registration(name: &str, powers: &[(u8, u64)], threshold: u64) -> proto::MsgRegisterDao {
    proto::MsgRegisterDao {
        creator: address(1).to_string(),
        name: name.into(),
        members: members(powers),
        threshold,
        voting_period: None,
    }
}

/// A DAO of these members whose proposals are open for a day; gives its address.
fn founded(ctx: &mut Ctx, name: &str, powers: &[(u8, u64)], threshold: u64) -> Address {
    let msg =
        proto::MsgRegisterDao { voting_period: Some(duration(DAY)), ..registration(name, powers, threshold) };
    let dao = Address::parse(&deliver(ctx, &msg).unwrap().dao).unwrap();
    bank::transfer(ctx, &address(20), &dao, &crate::test_support::coins("10000000ujmes")).unwrap();
    ctx.take_events();
    dao
}

/// A DAO of wallets 1, 2 and 3 with a power of 1 each and a threshold of 2. It has 10 JMES.
fn trio() -> (Ctx, Address) {
    let mut ctx = chain();
    let dao = founded(&mut ctx, "artbasel", &[(1, 1), (2, 1), (3, 1)], 2);
    (ctx, dao)
}

fn any<M: prost::Message + prost::Name>(msg: &M) -> Any {
    Any { type_url: format!("/{}", M::full_name()), value: msg.encode_to_vec() }
}

/// So many Nils from `from` to wallet `to`.
fn spend(from: &Address, to: u8, nils: u128) -> Any {
    any(&MsgSend {
        from_address: from.to_string(),
        to_address: address(to).to_string(),
        amount: vec![Coin { denom: "ujmes".into(), amount: nils.to_string() }],
    })
}

fn update(dao: &Address, powers: &[(u8, u64)], threshold: u64) -> Any {
    any(&proto::MsgUpdateDao {
        dao: dao.to_string(),
        members: members(powers),
        threshold,
        voting_period: Some(duration(DAY)),
    })
}

fn submission(dao: &Address, proposer: u8, messages: Vec<Any>) -> proto::MsgSubmitProposal {
    proto::MsgSubmitProposal {
        proposer: address(proposer).to_string(),
        dao: dao.to_string(),
        title: "A title".into(),
        summary: "What it is about".into(),
        messages,
        execute: false,
    }
}

fn submit(ctx: &mut Ctx, dao: &Address, proposer: u8, messages: Vec<Any>) -> Result<u64> {
    deliver(ctx, &submission(dao, proposer, messages)).map(|response| response.proposal_id)
}

fn vote(ctx: &mut Ctx, voter: u8, proposal_id: u64, option: VoteOption) -> Result<()> {
    let voter = address(voter).to_string();
    deliver(ctx, &proto::MsgVote { voter, proposal_id, option: option.into(), execute: false }).map(|_| ())
}

/// A vote that executes at once if it decides.
fn vote_and_execute(ctx: &mut Ctx, voter: u8, proposal_id: u64) -> Result<()> {
    let (voter, option) = (address(voter).to_string(), VoteOption::Yes.into());
    deliver(ctx, &proto::MsgVote { voter, proposal_id, option, execute: true }).map(|_| ())
}

fn execute(ctx: &mut Ctx, executor: u8, proposal_id: u64) -> Result<()> {
    deliver(ctx, &proto::MsgExecute { executor: address(executor).to_string(), proposal_id }).map(|_| ())
}

fn proposal(ctx: &Ctx, id: u64) -> Proposal {
    state::PROPOSALS.load(ctx, &id).unwrap().unwrap()
}

/// The proposal's status as anyone sees it.
fn status(ctx: &Ctx, id: u64) -> Status {
    let proposal = proposal(ctx, id);
    let dao = dao(ctx, &proposal.dao).unwrap().unwrap();
    proposal.status_at(dao.version, ctx.block().time)
}

fn balance(ctx: &Ctx, owner: &Address) -> u128 {
    bank::balance(ctx, owner, "ujmes").unwrap().0
}

#[track_caller]
fn assert_sound(ctx: &Ctx) {
    for module in [&Bank as &dyn Module, &IdentityModule, &DaoModule] {
        assert_eq!(module.check_invariants(ctx), Ok(()), "{}", module.name());
    }
}

/// The table of what a DAO in its full life writes into its store.
fn own_table(ctx: &Ctx) -> String {
    table(ctx).lines().filter(|line| line.starts_with("0a ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = ctx();
    let members = vec![Member { address: address(1), power: 2 }, Member { address: address(2), power: 1 }];
    let (id, address_of_it, name) = (1, address_of(1), "artbasel".to_owned());
    let dao = Dao {
        id,
        address: address_of_it,
        name,
        members,
        threshold: 2,
        voting_period: DAY,
        version: 3,
        height: 7,
    };
    state::PARAMS.save(&mut ctx, &defaults()).unwrap();
    super::registry::add(&mut ctx, &dao).unwrap();
    let proposal = Proposal {
        dao: address_of_it,
        proposer: address(1),
        version: 3,
        status: Status::Passed,
        poll: false,
        yes: 2,
        no: 1,
        abstain: 0,
        height: 9,
        deadline: 1_700_000_000_000_000_000,
        execute_until: Some(1_700_000_000_000_000_001),
        failure: "sdk/5".into(),
    };
    state::PROPOSAL_COUNT.save(&mut ctx, &4).unwrap();
    state::PROPOSALS.save(&mut ctx, &4, &proposal).unwrap();
    let messages = vec![Any { type_url: "/a.B".into(), value: vec![1, 2] }];
    let content = Content { title: "Title".into(), summary: "Summary".into(), messages };
    state::CONTENTS.save(&mut ctx, &4, &content).unwrap();
    state::PROPOSALS_OF.save(&mut ctx, &(1, 4), &()).unwrap();
    state::OPEN.save(&mut ctx, &(1, (address(1), 4)), &()).unwrap();
    let ballot = Ballot { option: VoteOption::Abstain, power: 5 };
    state::BALLOTS.save(&mut ctx, &(4, address(2)), &ballot).unwrap();
    insta::assert_snapshot!(table(&ctx));
    assert_eq!(state::PROPOSALS.load(&ctx, &4), Ok(Some(proposal)));
    assert_eq!(state::DAOS.load(&ctx, &address_of_it), Ok(Some(dao)));
    assert_eq!(state::BALLOTS.load(&ctx, &(4, address(2))), Ok(Some(ballot)));
}
