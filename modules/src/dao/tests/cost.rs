//! What a message costs does not depend on how many proposals and DAOs there are, in gas: every access to state is paid by gas.

use super::{
    address, assert_sound, chain, deliver, founded, later, submission, submit, update, vote,
    vote_and_execute, DAY,
};
use crate::dao::dao_codes::{NOT_OPEN, TOO_MANY_OPEN};
use crate::dao::types::{Ballot, Content, Proposal, Status, VoteOption};
use crate::dao::{require, state};
use crate::kernel::{Address, Ctx, GasMeter};
use jmes_proto::jmes::dao::v1 as proto;

/// The gas that `act` uses.
fn gas(ctx: &mut Ctx, act: impl FnOnce(&mut Ctx)) -> u64 {
    let outer = ctx.swap_gas(GasMeter::unlimited());
    act(ctx);
    ctx.swap_gas(outer).used()
}

/// Three of the five members, who submit without end.
const FLOODERS: [u8; 3] = [3, 4, 5];

/// Writes `count` open polls of [`FLOODERS`] into state with all that belongs to them, as if they had been submitted without
/// any limit.
fn flood(ctx: &mut Ctx, dao: &Address, count: u64) {
    let found = require(ctx, dao).unwrap();
    let last = state::PROPOSAL_COUNT.load(ctx).unwrap().unwrap_or(0);
    let content = Content { title: "Again".into(), summary: "and again".into(), messages: Vec::new() };
    for (id, flooder) in (last + 1..=last + count).zip(FLOODERS.into_iter().cycle()) {
        let proposer = address(flooder);
        let one = Proposal {
            dao: *dao,
            proposer,
            version: found.version,
            status: Status::Open,
            poll: true,
            yes: 1,
            no: 0,
            abstain: 0,
            height: 7,
            deadline: ctx.block().time + DAY,
            execute_until: None,
            failure: String::new(),
        };
        state::PROPOSALS.save(ctx, &id, &one).unwrap();
        state::CONTENTS.save(ctx, &id, &content).unwrap();
        state::PROPOSALS_OF.save(ctx, &(found.id, id), &()).unwrap();
        state::OPEN.save(ctx, &(found.id, (proposer, id)), &()).unwrap();
        let ballot = Ballot { option: VoteOption::Yes, power: 1 };
        state::BALLOTS.save(ctx, &(id, proposer), &ballot).unwrap();
    }
    state::PROPOSAL_COUNT.save(ctx, &(last + count)).unwrap();
    assert_sound(ctx);
}

/// Submitting, passing and executing the expulsion of the flooders.
fn expel(ctx: &mut Ctx, dao: &Address) -> u64 {
    gas(ctx, |ctx| {
        let id = submit(ctx, dao, 1, vec![update(dao, &[(1, 1), (2, 1)], 2)]).unwrap();
        vote_and_execute(ctx, 2, id).unwrap();
        assert_eq!(require(ctx, dao).unwrap().version, 2);
    })
}

#[test]
fn an_expulsion_costs_the_same_with_50000_open_proposals() {
    let costs = [3, 50_000].map(|count| {
        let mut ctx = chain();
        let dao = founded(&mut ctx, "artbasel", &[(1, 1), (2, 1), (3, 1), (4, 1), (5, 1)], 2);
        flood(&mut ctx, &dao, count);
        let cost = expel(&mut ctx, &dao);
        for (voter, id) in [(1, 1), (2, count / 2), (1, count)] {
            let refused = vote(&mut ctx, voter, id, VoteOption::Yes).unwrap_err();
            assert_eq!(refused.code, NOT_OPEN, "all of them are superseded at once");
        }
        assert_sound(&ctx);
        cost
    });
    assert_eq!(costs[0], costs[1]);
}

#[test]
fn a_vote_costs_the_same_whatever_the_proposal_says() {
    let costs = ["x".to_owned(), "x".repeat(10_000)].map(|summary| {
        let mut ctx = chain();
        let dao = founded(&mut ctx, "artbasel", &[(1, 1), (2, 1), (3, 1)], 2);
        let msg = proto::MsgSubmitProposal { summary, ..submission(&dao, 1, vec![]) };
        let id = deliver(&mut ctx, &msg).unwrap().proposal_id;
        gas(&mut ctx, |ctx| vote(ctx, 2, id, VoteOption::No).unwrap())
    });
    assert_eq!(costs[0], costs[1]);
}

#[test]
fn counting_open_proposals_reads_no_more_than_a_member_can_have() {
    let mut ctx = chain();
    let dao = founded(&mut ctx, "artbasel", &[(1, 1), (2, 1)], 2);
    let mut costs = Vec::new();
    for _ in 0..10 {
        for _ in 0..10 {
            costs.push(gas(&mut ctx, |ctx| {
                submit(ctx, &dao, 1, vec![]).unwrap();
            }));
        }
        let eleventh = submit(&mut ctx, &dao, 1, vec![]).unwrap_err();
        assert_eq!(eleventh.code, TOO_MANY_OPEN);
        later(&mut ctx, DAY);
    }
    // The first after a day stores that ten have expired; it never pays for more than ten.
    let most = costs.iter().max().unwrap();
    assert_eq!(
        costs[10..].chunks(10).map(|days| days[0]).collect::<std::collections::BTreeSet<_>>().len(),
        1
    );
    assert!(*most < 400_000, "{most}");
    assert_sound(&ctx);
}

#[test]
fn registering_a_dao_costs_the_same_with_a_thousand_others() {
    let mut ctx = chain();
    let burn = jmes_proto::jmes::identity::v1::Params { registration_burn: "1000".into() };
    crate::identity::state::PARAMS.save(&mut ctx, &burn).unwrap();
    let register = |ctx: &mut Ctx, number: u64| {
        let msg = super::registration(&format!("dao{number:04}"), &[(1, 1), (2, 1)], 2);
        gas(ctx, |ctx| drop(deliver(ctx, &msg).unwrap()))
    };
    register(&mut ctx, 0);
    let second = register(&mut ctx, 1);
    for number in 2..1_000 {
        register(&mut ctx, number);
    }
    assert_eq!(register(&mut ctx, 1_000), second);
}
