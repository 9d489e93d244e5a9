//! What can be asked (API.md, §16).

use super::{
    begin, bond, cast, chain, dao, election, raise, raised, raising, slash, text, voter, voting, GENESIS,
    JMES, MINIMUM, PHASE,
};
use crate::governance::types::Choice::{No, Yes};
use crate::governance::types::{Body, Content, FundingRequest};
use crate::governance::{default_params, Governance};
use crate::kernel::{Address, Amount, Ctx, QueryCode, QueryError};
use crate::slots::{Feature, Slot};
use crate::test_support::{address, ask, at_issuance};
use jmes_proto::cosmos::base::query::v1beta1::PageRequest;
use jmes_proto::jmes::governance::v1 as proto;
use jmes_proto::Timestamp;
use proto::proposal::Status;

fn asked<Q: prost::Message, A: prost::Message + Default>(
    ctx: &Ctx,
    name: &str,
    request: &Q,
) -> Result<A, QueryError> {
    ask(&Governance, ctx, &format!("/jmes.governance.v1.Query/{name}"), request)
}

fn shown(ctx: &Ctx, proposal_id: u64) -> proto::Proposal {
    let request = proto::QueryProposalRequest { proposal_id };
    let answer: proto::QueryProposalResponse = asked(ctx, "Proposal", &request).unwrap();
    answer.proposal.unwrap()
}

fn tally(yes: u128, no: u128, possible: u128) -> Option<proto::Tally> {
    Some(proto::Tally { yes: yes.to_string(), no: no.to_string(), possible: possible.to_string() })
}

#[test]
fn params_are_those_in_force() {
    let answer: proto::QueryParamsResponse =
        asked(&chain(), "Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(default_params()));
}

#[test]
fn cycle_tells_phase_and_times() {
    let mut ctx = chain();
    begin(&mut ctx, voting(1) + 7);
    let answer: proto::QueryCycleResponse = asked(&ctx, "Cycle", &proto::QueryCycleRequest {}).unwrap();
    let time = |nanos: u64| {
        Some(Timestamp {
            seconds: i64::try_from(nanos / 1_000_000_000).unwrap(),
            nanos: i32::try_from(nanos % 1_000_000_000).unwrap(),
        })
    };
    let expected = proto::QueryCycleResponse {
        index: 1,
        phase: proto::query_cycle_response::Phase::Voting.into(),
        start: time(GENESIS + 2 * PHASE),
        voting_start: time(GENESIS + 3 * PHASE),
        end: time(GENESIS + 4 * PHASE),
        block_time: time(GENESIS + 3 * PHASE + 7),
    };
    assert_eq!(answer, expected);
}

#[test]
fn a_proposal_is_shown_as_it_stands() {
    let mut ctx = chain();
    let funding = FundingRequest { amount: Amount(7), months: 2 };
    let content = Content::RequestFeature(Feature::ArtDealer);
    raise::add(&mut ctx, &dao(), 0, &Body { content, ..text() }, Some(funding)).unwrap();
    let height = ctx.block().height;
    let feature = proto::RequestFeature { feature: "art_dealer".into() };
    let expected = proto::Proposal {
        id: 1,
        dao: dao().to_string(),
        title: "A mural".into(),
        description: "On the wall.".into(),
        content: Some(proto::Content { content: Some(proto::content::Content::RequestFeature(feature)) }),
        funding: Some(proto::Funding { amount: "7".into(), months: 2 }),
        cycle: 0,
        status: Status::Raised.into(),
        tally: None,
        raised_height: height,
        concluded_height: 0,
        tallied_height: 0,
    };
    assert_eq!(shown(&ctx, 1), expected);
    begin(&mut ctx, voting(0));
    let status = Status::Voting.into();
    assert_eq!(shown(&ctx, 1), proto::Proposal { status, tally: tally(0, 0, 0), ..expected.clone() });
    let request = proto::QueryProposalRequest { proposal_id: 2 };
    let unknown = asked::<_, proto::QueryProposalResponse>(&ctx, "Proposal", &request).unwrap_err();
    assert_eq!(
        (unknown.code, unknown.message.as_str()),
        (QueryCode::NotFound, "there is no governance proposal 2")
    );
}

#[test]
fn the_tally_while_voting_is_what_it_would_be_now() {
    let mut ctx = election(1);
    at_issuance(&mut ctx, 100_000);
    bond(&mut ctx, 1, 101, 2 * MINIMUM).unwrap();
    bond(&mut ctx, 2, 102, MINIMUM).unwrap();
    cast(&mut ctx, 1, 1, Yes).unwrap();
    cast(&mut ctx, 2, 1, No).unwrap();
    cast(&mut ctx, 21, 1, No).unwrap();
    slash(&mut ctx, 101, 500);
    let (premint, possible) = (1_800 * JMES, 2 * MINIMUM + 3_600 * JMES);
    assert_eq!(shown(&ctx, 1).tally, tally(MINIMUM, MINIMUM + premint, possible));
    begin(&mut ctx, raising(1));
    let after = shown(&ctx, 1);
    assert_eq!(after.status(), Status::Failed);
    assert_eq!(after.tally, tally(MINIMUM, MINIMUM + premint, possible));
    assert_eq!(after.tallied_height, ctx.block().height);
}

/// Proposals of two DAOs and three kinds in two cycles; the second cycle votes.
fn listed() -> Ctx {
    let mut ctx = chain();
    let other = Address::new(&[0xdb; 32]).unwrap();
    let add = |ctx: &mut Ctx, dao: &Address, cycle, content| {
        raise::add(ctx, dao, cycle, &Body { content, ..text() }, None).unwrap();
    };
    add(&mut ctx, &dao(), 0, Content::Text);
    add(&mut ctx, &other, 0, Content::Text);
    add(&mut ctx, &dao(), 0, Content::CoreSlot(Slot::Brand));
    begin(&mut ctx, voting(0));
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    cast(&mut ctx, 1, 2, Yes).unwrap();
    begin(&mut ctx, raising(1));
    add(&mut ctx, &other, 1, Content::RevokeCoreSlot(Slot::Brand, dao()));
    add(&mut ctx, &dao(), 1, Content::Text);
    add(&mut ctx, &dao(), 1, Content::Text);
    raise::withdraw(&mut ctx, &dao(), 6).unwrap();
    begin(&mut ctx, voting(1));
    ctx
}

fn list(ctx: &Ctx, request: &proto::QueryProposalsRequest) -> (Vec<u64>, Vec<u8>, u64) {
    let answer: proto::QueryProposalsResponse = asked(ctx, "Proposals", request).unwrap();
    let page = answer.pagination.unwrap();
    (answer.proposals.iter().map(|proposal| proposal.id).collect(), page.next_key, page.total)
}

#[test]
fn proposals_are_listed_newest_first_and_filtered() {
    let ctx = listed();
    let all = proto::QueryProposalsRequest::default();
    let ids = |request: proto::QueryProposalsRequest| list(&ctx, &request).0;
    assert_eq!(ids(all.clone()), [6, 5, 4, 3, 2, 1]);
    let by = |cycle, status: Status, dao: Option<Address>, kind: proto::Kind| {
        ids(proto::QueryProposalsRequest {
            cycle,
            status: status.into(),
            dao: dao.map_or_else(String::new, |dao| dao.to_string()),
            kind: kind.into(),
            pagination: None,
        })
    };
    let (any, any_kind) = (Status::Unspecified, proto::Kind::Unspecified);
    assert_eq!(by(Some(0), any, None, any_kind), [3, 2, 1]);
    assert_eq!(by(Some(1), any, None, any_kind), [6, 5, 4]);
    assert!(by(Some(2), any, None, any_kind).is_empty());
    assert_eq!(by(None, any, Some(dao()), any_kind), [6, 5, 3, 1]);
    assert_eq!(by(Some(0), any, Some(dao()), any_kind), [3, 1]);
    assert_eq!(by(None, Status::Voting, None, any_kind), [5, 4]);
    assert_eq!(by(None, Status::Withdrawn, None, any_kind), [6]);
    assert_eq!(by(None, Status::Failed, None, any_kind), [3, 1]);
    assert_eq!(by(None, Status::Passed, None, any_kind), [2]);
    assert!(by(None, Status::Raised, None, any_kind).is_empty());
    assert_eq!(by(None, any, None, proto::Kind::CoreSlot), [3]);
    assert_eq!(by(None, Status::Voting, Some(dao()), proto::Kind::Text), [5]);
    for (status, kind) in [(99, 0), (0, 99)] {
        let request = proto::QueryProposalsRequest { status, kind, ..all.clone() };
        let refused = asked::<_, proto::QueryProposalsResponse>(&ctx, "Proposals", &request).unwrap_err();
        assert_eq!(refused.code, QueryCode::InvalidArgument);
    }
}

#[test]
fn what_was_not_concluded_is_listed_as_lapsed() {
    let mut ctx = listed();
    begin(&mut ctx, raising(2));
    let request = proto::QueryProposalsRequest { status: Status::Lapsed.into(), ..Default::default() };
    assert_eq!(list(&ctx, &request).0, [2]);
    assert_eq!(shown(&ctx, 2).status(), Status::Lapsed);
}

#[test]
fn lists_have_10_entries_and_at_most_100() {
    let mut ctx = chain();
    for _ in 0..120 {
        raised(&mut ctx);
    }
    let page = |pagination| {
        let pagination = Some(pagination);
        list(&ctx, &proto::QueryProposalsRequest { pagination, ..Default::default() })
    };
    let (first, key, _) = page(PageRequest::default());
    assert_eq!(first, (111..=120).rev().collect::<Vec<_>>());
    let (second, ..) = page(PageRequest { key, limit: 3, ..Default::default() });
    assert_eq!(second, [110, 109, 108]);
    let (most, _, total) = page(PageRequest { limit: 1_000, count_total: true, ..Default::default() });
    assert_eq!((most.len(), total), (100, 120));
    let (oldest, ..) = page(PageRequest { reverse: true, limit: 2, ..Default::default() });
    assert_eq!(oldest, [1, 2]);
}

#[test]
fn votes_can_be_asked_for_ever() {
    let mut ctx = election(3);
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    cast(&mut ctx, 1, 3, No).unwrap();
    cast(&mut ctx, 1, 1, Yes).unwrap();
    let vote = |proposal_id, option: proto::VoteOption, counted| proto::Vote {
        voter: voter(1).to_string(),
        proposal_id,
        option: option.into(),
        counted,
    };
    let one = |ctx: &Ctx, proposal_id| {
        let request = proto::QueryVoteRequest { proposal_id, voter: voter(1).to_string() };
        asked::<_, proto::QueryVoteResponse>(ctx, "Vote", &request).map(|answer| answer.vote.unwrap())
    };
    let all = |ctx: &Ctx| {
        let request = proto::QueryVotesOfRequest { voter: voter(1).to_string() };
        asked::<_, proto::QueryVotesOfResponse>(ctx, "VotesOf", &request).unwrap().votes
    };
    assert_eq!(one(&ctx, 1), Ok(vote(1, proto::VoteOption::Yes, true)));
    let expected = [vote(1, proto::VoteOption::Yes, true), vote(3, proto::VoteOption::No, true)];
    assert_eq!(all(&ctx), expected);
    super::unbond(&mut ctx, 1, 101, 1).unwrap();
    assert_eq!(one(&ctx, 1), Ok(vote(1, proto::VoteOption::Yes, false)));
    let none = one(&ctx, 2).unwrap_err();
    let why = format!("{} has not voted on proposal 2", voter(1));
    assert_eq!((none.code, none.message), (QueryCode::NotFound, why));
    begin(&mut ctx, raising(1));
    assert_eq!(one(&ctx, 3), Ok(vote(3, proto::VoteOption::No, false)));
    assert!(all(&ctx).is_empty(), "votes of the present cycle");
}

#[test]
fn a_premint_wallets_vote_is_told_as_it_would_count_and_then_as_it_counted() {
    let mut ctx = election(1);
    at_issuance(&mut ctx, 100_000);
    cast(&mut ctx, 21, 1, Yes).unwrap();
    let counted = |ctx: &Ctx| {
        let request = proto::QueryVoteRequest { proposal_id: 1, voter: address(21).to_string() };
        asked::<_, proto::QueryVoteResponse>(ctx, "Vote", &request).unwrap().vote.unwrap().counted
    };
    assert!(counted(&ctx));
    crate::bank::burn(&mut ctx, &address(21), Amount(900 * JMES)).unwrap();
    assert!(!counted(&ctx));
    at_issuance(&mut ctx, 200_000);
    assert!(counted(&ctx));
    begin(&mut ctx, raising(1));
    crate::bank::burn(&mut ctx, &address(21), Amount(2_700 * JMES)).unwrap();
    assert!(counted(&ctx));
}

#[test]
fn voting_power_tells_weight_and_whether_it_suffices() {
    let mut ctx = election(1);
    at_issuance(&mut ctx, 100_000);
    bond(&mut ctx, 1, 101, MINIMUM - 1).unwrap();
    bond(&mut ctx, 2, 101, MINIMUM).unwrap();
    let power = |owner: Address| {
        let request = proto::QueryVotingPowerRequest { address: owner.to_string() };
        let answer: proto::QueryVotingPowerResponse = asked(&ctx, "VotingPower", &request).unwrap();
        (answer.weight, answer.eligible)
    };
    assert_eq!(power(voter(1)), ("999999999".into(), false));
    assert_eq!(power(voter(2)), ("1000000000".into(), true));
    assert_eq!(power(voter(3)), ("0".into(), false));
    assert_eq!(power(address(21)), ("1800000000".into(), true));
    let wrong = proto::QueryVotingPowerRequest { address: "nobody".into() };
    assert!(asked::<_, proto::QueryVotingPowerResponse>(&ctx, "VotingPower", &wrong).is_err());
}
