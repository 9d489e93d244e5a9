//! The queries of `jmes.dao.v1`.

use super::types::{Ballot, Content, Dao, Member, Proposal};
use super::{dao, params, proposals, require, state};
use crate::kernel::{
    duration, newest_first, page, timestamp, Address, Key, QueryError, QueryResult, QueryRoutes, Result,
    View, BUSINESS_PAGE,
};
use jmes_proto::jmes::dao::v1 as proto;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.dao.v1.Query/Params", query_params);
    routes.add("/jmes.dao.v1.Query/Dao", query_dao);
    routes.add("/jmes.dao.v1.Query/Daos", query_daos);
    routes.add("/jmes.dao.v1.Query/DaosOf", query_daos_of);
    routes.add("/jmes.dao.v1.Query/Proposal", query_proposal);
    routes.add("/jmes.dao.v1.Query/Proposals", query_proposals);
    routes.add("/jmes.dao.v1.Query/Votes", query_votes);
}

/// A DAO as messages carry it.
pub(super) fn show_dao(dao: &Dao) -> proto::Dao {
    let member = |member: &Member| proto::Member { address: member.address.to_string(), power: member.power };
    proto::Dao {
        address: dao.address.to_string(),
        id: dao.id,
        name: dao.name.clone(),
        members: dao.members.iter().map(member).collect(),
        threshold: dao.threshold,
        voting_period: Some(duration(dao.voting_period)),
        version: dao.version,
        height: dao.height,
    }
}

/// A proposal as messages carry it.
pub(super) fn show_proposal(id: u64, proposal: &Proposal, content: Content) -> proto::Proposal {
    let Content { title, summary, messages } = content;
    proto::Proposal {
        id,
        dao: proposal.dao.to_string(),
        proposer: proposal.proposer.to_string(),
        title,
        summary,
        messages,
        version: proposal.version,
        status: proposal.status.into(),
        yes: proposal.yes,
        no: proposal.no,
        abstain: proposal.abstain,
        submitted_height: proposal.height,
        deadline: Some(timestamp(proposal.deadline)),
        execute_until: proposal.execute_until.map(timestamp),
        failure: proposal.failure.clone(),
    }
}

/// A vote as messages carry it.
pub(super) fn show_vote(voter: &Address, ballot: &Ballot) -> proto::Vote {
    proto::Vote { voter: voter.to_string(), option: ballot.option.into(), power: ballot.power }
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

fn query_dao(view: &View, request: proto::QueryDaoRequest) -> QueryResult<proto::QueryDaoResponse> {
    let dao = require(view, &Address::parse(&request.dao)?)?;
    Ok(proto::QueryDaoResponse { dao: Some(show_dao(&dao)) })
}

fn query_daos(view: &View, request: proto::QueryDaosRequest) -> QueryResult<proto::QueryDaosResponse> {
    let page = page(view, &state::BY_ID, &[], request.pagination.as_ref(), BUSINESS_PAGE)?;
    let daos = page.entries.iter().map(|(_, address)| Ok(show_dao(&require(view, address)?)));
    Ok(proto::QueryDaosResponse { daos: daos.collect::<Result<_>>()?, pagination: Some(page.response) })
}

fn query_daos_of(view: &View, request: proto::QueryDaosOfRequest) -> QueryResult<proto::QueryDaosOfResponse> {
    let group = Address::parse(&request.address)?.encoded();
    let page = page(view, &state::MEMBERSHIPS, &group, request.pagination.as_ref(), BUSINESS_PAGE)?;
    let mut daos = Vec::with_capacity(page.entries.len());
    for ((_, id), ()) in page.entries {
        let address = state::BY_ID.load(view, &id)?;
        let found = address.map_or(Ok(None), |address| dao(view, &address))?;
        daos.extend(found.as_ref().map(show_dao));
    }
    Ok(proto::QueryDaosOfResponse { daos, pagination: Some(page.response) })
}

fn query_proposal(
    view: &View,
    request: proto::QueryProposalRequest,
) -> QueryResult<proto::QueryProposalResponse> {
    let proposal = proposals::require_proposal(view, request.proposal_id)?;
    let dao = require(view, &proposal.dao)?;
    let shown = present(view, request.proposal_id, proposal, &dao)?;
    Ok(proto::QueryProposalResponse { proposal: Some(shown) })
}

fn query_proposals(
    view: &View,
    request: proto::QueryProposalsRequest,
) -> QueryResult<proto::QueryProposalsResponse> {
    let dao = require(view, &Address::parse(&request.dao)?)?;
    let (group, order) = (dao.id.encoded(), newest_first(request.pagination.as_ref()));
    let page = page(view, &state::PROPOSALS_OF, &group, Some(&order), BUSINESS_PAGE)?;
    let show =
        |((_, id), ()): ((u64, u64), ())| present(view, id, proposals::require_proposal(view, id)?, &dao);
    Ok(proto::QueryProposalsResponse {
        proposals: page.entries.into_iter().map(show).collect::<Result<_>>()?,
        pagination: Some(page.response),
    })
}

fn query_votes(view: &View, request: proto::QueryVotesRequest) -> QueryResult<proto::QueryVotesResponse> {
    let id = request.proposal_id;
    if !state::PROPOSALS.has(view, &id)? {
        return Err(QueryError::not_found(format!("there is no proposal {id} of a DAO")));
    }
    let page = page(view, &state::BALLOTS, &id.encoded(), request.pagination.as_ref(), BUSINESS_PAGE)?;
    Ok(proto::QueryVotesResponse {
        votes: page.entries.iter().map(|((_, voter), ballot)| show_vote(voter, ballot)).collect(),
        pagination: Some(page.response),
    })
}

/// The proposal with its status as of the view's block.
fn present(view: &View, id: u64, mut proposal: Proposal, dao: &Dao) -> Result<proto::Proposal> {
    proposal.status = proposal.status_at(dao.version, view.block().time);
    let content = state::CONTENTS.load(view, &id)?.unwrap_or_default();
    Ok(show_proposal(id, &proposal, content))
}
