//! The queries of `jmes.dao.v1`.

use super::{address, chain, founded, later, spend, submit, trio, vote, vote_and_execute, DAY};
use crate::dao::types::VoteOption::{Abstain, No};
use crate::dao::{address_of, defaults, raise_version, DaoModule};
use crate::kernel::{duration, timestamp, Address, Ctx, QueryCode, QueryError};
use crate::test_support::ask;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use jmes_proto::jmes::dao::v1 as proto;
use proto::proposal::Status;

fn query<Q: prost::Message, A: prost::Message + Default>(
    ctx: &Ctx,
    name: &str,
    request: &Q,
) -> Result<A, QueryError> {
    ask(&DaoModule, ctx, &format!("/jmes.dao.v1.Query/{name}"), request)
}

#[test]
fn a_dao_is_shown_with_its_members() {
    let (ctx, dao) = trio();
    let request = proto::QueryDaoRequest { dao: dao.to_string() };
    let answer: proto::QueryDaoResponse = query(&ctx, "Dao", &request).unwrap();
    let expected = proto::Dao {
        address: dao.to_string(),
        id: 1,
        name: "artbasel".into(),
        members: super::members(&[(1, 1), (2, 1), (3, 1)]),
        threshold: 2,
        voting_period: Some(duration(DAY)),
        version: 1,
        height: 7,
    };
    assert_eq!(answer.dao, Some(expected));
    let answer: proto::QueryParamsResponse = query(&ctx, "Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(defaults()));
}

#[test]
fn what_is_not_there_is_not_found() {
    let (ctx, _) = trio();
    let none = address_of(2).to_string();
    let asked: Result<proto::QueryDaoResponse, _> =
        query(&ctx, "Dao", &proto::QueryDaoRequest { dao: none.clone() });
    assert_eq!(asked.unwrap_err().code, QueryCode::NotFound);
    let asked: Result<proto::QueryDaoResponse, _> =
        query(&ctx, "Dao", &proto::QueryDaoRequest { dao: "artbasel".into() });
    assert_eq!(asked.unwrap_err().code, QueryCode::InvalidArgument);
    let asked: Result<proto::QueryProposalResponse, _> =
        query(&ctx, "Proposal", &proto::QueryProposalRequest { proposal_id: 9 });
    assert_eq!(asked.unwrap_err().code, QueryCode::NotFound);
    let request = proto::QueryProposalsRequest { dao: none, pagination: None };
    let asked: Result<proto::QueryProposalsResponse, _> = query(&ctx, "Proposals", &request);
    assert_eq!(asked.unwrap_err().code, QueryCode::NotFound);
    let request = proto::QueryVotesRequest { proposal_id: 9, pagination: None };
    let asked: Result<proto::QueryVotesResponse, _> = query(&ctx, "Votes", &request);
    assert_eq!(asked.unwrap_err().code, QueryCode::NotFound);
}

#[test]
fn daos_are_listed_in_order_of_creation_ten_at_a_time() {
    let mut ctx = chain();
    let daos: Vec<Address> =
        (1..=12).map(|id| founded(&mut ctx, &format!("dao{id}"), &[(1 + id % 2, 1), (9, 1)], 2)).collect();
    let page = |pagination| -> Vec<u64> {
        let request = proto::QueryDaosRequest { pagination: Some(pagination) };
        let answer: proto::QueryDaosResponse = query(&ctx, "Daos", &request).unwrap();
        answer.daos.iter().map(|dao| dao.id).collect()
    };
    assert_eq!(page(PageRequest::default()), (1..=10).collect::<Vec<_>>());
    assert_eq!(page(PageRequest { offset: 10, ..PageRequest::default() }), [11, 12]);
    let request = proto::QueryDaosOfRequest { address: address(1).to_string(), pagination: None };
    let of: proto::QueryDaosOfResponse = query(&ctx, "DaosOf", &request).unwrap();
    let ids: Vec<u64> = of.daos.iter().map(|dao| dao.id).collect();
    assert_eq!(ids, [2, 4, 6, 8, 10, 12]);
    assert_eq!(of.daos[0].address, daos[1].to_string());
    let request = proto::QueryDaosOfRequest { address: address(20).to_string(), pagination: None };
    let of: proto::QueryDaosOfResponse = query(&ctx, "DaosOf", &request).unwrap();
    assert_eq!(of.daos, []);
}

fn statuses(ctx: &Ctx, dao: &Address, pagination: PageRequest) -> Vec<(u64, Status)> {
    let request = proto::QueryProposalsRequest { dao: dao.to_string(), pagination: Some(pagination) };
    let answer: proto::QueryProposalsResponse = query(ctx, "Proposals", &request).unwrap();
    answer.proposals.iter().map(|proposal| (proposal.id, proposal.status())).collect()
}

#[test]
fn proposals_are_listed_newest_first_with_the_status_of_the_block_that_is_asked() {
    let (mut ctx, dao) = trio();
    let id = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    vote_and_execute(&mut ctx, 2, id).unwrap();
    for _ in 0..2 {
        submit(&mut ctx, &dao, 1, vec![]).unwrap();
    }
    vote(&mut ctx, 2, 3, No).unwrap();
    vote(&mut ctx, 3, 3, Abstain).unwrap();
    let other = founded(&mut ctx, "second", &[(1, 1)], 1);
    submit(&mut ctx, &other, 1, vec![]).unwrap();
    let expected = [(3, Status::Failed), (2, Status::Open), (1, Status::Executed)];
    assert_eq!(statuses(&ctx, &dao, PageRequest::default()), expected);
    let oldest = PageRequest { reverse: true, limit: 1, ..PageRequest::default() };
    assert_eq!(statuses(&ctx, &dao, oldest), [(1, Status::Executed)]);
    later(&mut ctx, DAY);
    assert_eq!(statuses(&ctx, &dao, PageRequest::default())[1], (2, Status::Expired));
    raise_version(&mut ctx, &dao).unwrap();
    assert_eq!(statuses(&ctx, &dao, PageRequest::default())[1], (2, Status::Superseded));
}

#[test]
fn the_list_goes_on_where_its_page_ended() {
    let (mut ctx, dao) = trio();
    for byte in [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3] {
        submit(&mut ctx, &dao, byte, vec![]).unwrap();
    }
    let request = proto::QueryProposalsRequest { dao: dao.to_string(), pagination: None };
    let first: proto::QueryProposalsResponse = query(&ctx, "Proposals", &request).unwrap();
    let ids: Vec<u64> = first.proposals.iter().map(|proposal| proposal.id).collect();
    assert_eq!(ids, (6..=15).rev().collect::<Vec<_>>());
    let key = first.pagination.unwrap().next_key;
    let rest = statuses(&ctx, &dao, PageRequest { key, ..PageRequest::default() });
    assert_eq!(rest.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
}

#[test]
fn a_proposal_is_shown_with_everything_and_its_votes() {
    let (mut ctx, dao) = trio();
    let message = spend(&dao, 9, 10_000_001);
    let id = submit(&mut ctx, &dao, 1, vec![message.clone()]).unwrap();
    let time = ctx.block().time;
    vote(&mut ctx, 3, id, Abstain).unwrap();
    vote_and_execute(&mut ctx, 2, id).unwrap();
    let answer: proto::QueryProposalResponse =
        query(&ctx, "Proposal", &proto::QueryProposalRequest { proposal_id: id }).unwrap();
    let expected = proto::Proposal {
        id,
        dao: dao.to_string(),
        proposer: address(1).to_string(),
        title: "A title".into(),
        summary: "What it is about".into(),
        messages: vec![message],
        version: 1,
        status: Status::Passed.into(),
        yes: 2,
        no: 0,
        abstain: 1,
        submitted_height: 7,
        deadline: Some(timestamp(time + DAY)),
        execute_until: Some(timestamp(time + 30 * DAY)),
        failure: "sdk/5".into(),
    };
    assert_eq!(answer.proposal, Some(expected));
    let request = proto::QueryVotesRequest { proposal_id: id, pagination: None };
    let votes: proto::QueryVotesResponse = query(&ctx, "Votes", &request).unwrap();
    let shown: Vec<_> = votes
        .votes
        .iter()
        .map(|vote| (vote.voter.clone(), vote.option().as_str_name(), vote.power))
        .collect();
    let vote = |byte, option| (address(byte).to_string(), option, 1);
    assert_eq!(shown, [vote(1, "YES"), vote(2, "YES"), vote(3, "ABSTAIN")]);
}
