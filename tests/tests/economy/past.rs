//! What lies behind a chain that has been lived on: DAOs with their proposals, governance proposals with votes, terms, streams
//! and artworks, as many as a test likes, all of it over. Made by the messages and functions that make it on a chain.

use super::JMES;
use jmes_modules::artwork::{self, Mint};
use jmes_modules::funding::{self, Grant, Request};
use jmes_modules::kernel::{Address, Amount, Coin, Coins, Ctx, Msg};
use jmes_modules::slots::{self, Feature};
use jmes_modules::{bank, dao, staking};
use jmes_proto::jmes::dao::v1::{Member, MsgRegisterDao, MsgSubmitProposal};
use jmes_proto::jmes::governance::v1::msg_raise_proposal::Content;
use jmes_proto::jmes::governance::v1::{MsgRaiseProposal, MsgVote, Text};
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_tests::{Genesis, Key, Validator};

/// Two weeks of the governance clock: raising, and as long voting. In nanoseconds.
pub const PHASE: u64 = 1_214_252_307_600_000;

/// How many vote.
const VOTERS: u64 = 100;

/// Who founds all DAOs.
fn founder() -> Address {
    Key::new(8_000).address()
}

fn voter(number: u64) -> Address {
    Key::new(8_001 + number).address()
}

/// `genesis` with the coins of all this.
pub fn wealth(genesis: Genesis) -> Genesis {
    let genesis = genesis.with(founder(), "1000000000000ujmes");
    (0..VOTERS).fold(genesis, |genesis, number| genesis.with(voter(number), "2000000000ujmes"))
}

/// Voters bond and are registered, whatever there is to vote on. DAOs are founded, of each a member proposes something to the
/// others, and each raises a proposal.
pub fn found(ctx: &mut Ctx, count: u64) {
    for number in 0..VOTERS {
        let operator = Validator::new(number % 5).address();
        staking::bond(ctx, &voter(number), &operator, Amount(1_000 * JMES)).expect("it has the coins");
    }
    let founder = founder();
    let people = [founder, voter(1), voter(2)];
    for (person, name) in people.iter().zip(["founder", "secretary", "treasurer"]) {
        let msg = MsgRegisterUser { creator: person.to_string(), name: name.into() };
        msg.execute(ctx).expect("the name is free");
    }
    let member = |person: &Address| Member { address: person.to_string(), power: 1 };
    for number in 1..=count {
        let msg = MsgRegisterDao {
            creator: founder.to_string(),
            name: format!("dao{number}"),
            members: people.iter().map(member).collect(),
            threshold: 2,
            voting_period: None,
        };
        let dao = msg.execute(ctx).expect("the founder can pay").dao;
        propose(ctx, &founder, dao);
        ctx.take_events();
    }
}

fn propose(ctx: &mut Ctx, founder: &Address, dao: String) {
    let mut price = Coins::default();
    price.add(Coin::new("ujmes", Amount(10 * JMES))).expect("one denomination");
    let address = Address::parse(&dao).expect("the chain wrote it");
    bank::transfer(ctx, founder, &address, &price).expect("the founder can pay");
    let poll = MsgSubmitProposal {
        proposer: founder.to_string(),
        dao: dao.clone(),
        title: "Which colour".into(),
        ..MsgSubmitProposal::default()
    };
    poll.execute(ctx).expect("a member proposes");
    let mural = MsgRaiseProposal {
        dao,
        title: "A mural".into(),
        description: "On the north wall.".into(),
        content: Some(Content::Text(Text {})),
        funding: None,
    };
    mural.execute(ctx).expect("the DAO can pay");
}

/// Every proposal gets a vote, every other one no.
pub fn vote(ctx: &mut Ctx, count: u64) {
    let voters: Vec<String> = (0..VOTERS).map(|number| voter(number).to_string()).collect();
    for (proposal_id, voter) in (1..=count).zip(voters.iter().cycle()) {
        let option = if proposal_id % 2 == 0 { 1 } else { 2 };
        let msg = MsgVote { voter: voter.clone(), proposal_id, option };
        msg.execute(ctx).expect("it has bonded enough");
        ctx.take_events();
    }
}

/// Every DAO becomes an art dealer for a block and mints, and is paid a Nil.
pub fn grant(ctx: &mut Ctx, count: u64) {
    let owner = founder();
    for proposal_id in 1..=count {
        let dao = dao::address_of(proposal_id);
        slots::grant(ctx, &dao, Feature::ArtDealer, proposal_id, 1).expect("it is a DAO");
        let request = Request { rate: Amount(1), blocks: 1 };
        funding::start(ctx, &Grant { proposal_id, dao, request, net_yes: Amount(1) })
            .expect("it is the first");
        let work = Mint {
            dao,
            id: "blue".into(),
            owner,
            uri: "ipfs://blue".into(),
            uri_hash: String::new(),
            title: "Blue".into(),
            artist: "A. Painter".into(),
            royalty_bps: 500,
            data: String::new(),
        };
        artwork::mint(ctx, &work).expect("it is a dealer");
        ctx.take_events();
    }
}
