//! The queries of `jmes.governance.v1`.

use super::content::shown;
use super::cycle::{cycle, Cycle, Phase};
use super::msgs::option;
use super::params::{min_vote_stake, params};
use super::tally::{possible, result, Premint};
use super::types::{Ballot, Choice, Proposal, Sides, Tally};
use super::{body, require, state, status, sums, voting_weight};
use crate::kernel::{
    page_where, timestamp, Address, Amount, Key, Map, PageLimits, QueryError, QueryResult, QueryRoutes,
    Result, View,
};
use crate::premint;
use jmes_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use jmes_proto::jmes::governance::v1 as proto;
use proto::proposal::Status;
use std::collections::BTreeMap;

/// §16.
const PAGE: PageLimits = PageLimits { default: 10, most: 100 };

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.governance.v1.Query/Params", query_params);
    routes.add("/jmes.governance.v1.Query/Cycle", query_cycle);
    routes.add("/jmes.governance.v1.Query/Proposal", query_proposal);
    routes.add("/jmes.governance.v1.Query/Proposals", query_proposals);
    routes.add("/jmes.governance.v1.Query/Vote", query_vote);
    routes.add("/jmes.governance.v1.Query/VotesOf", query_votes_of);
    routes.add("/jmes.governance.v1.Query/VotingPower", query_voting_power);
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

fn query_cycle(view: &View, _: proto::QueryCycleRequest) -> QueryResult<proto::QueryCycleResponse> {
    let Cycle { index, phase, start, voting_start, end } = cycle(view)?;
    let phase = match phase {
        Phase::Raising => proto::query_cycle_response::Phase::Raising,
        Phase::Voting => proto::query_cycle_response::Phase::Voting,
    };
    Ok(proto::QueryCycleResponse {
        index,
        phase: phase.into(),
        start: Some(timestamp(start)),
        voting_start: Some(timestamp(voting_start)),
        end: Some(timestamp(end)),
        block_time: Some(timestamp(view.block().time)),
    })
}

/// What the tallies of open proposals would be now: the same for all of them but the running totals.
struct Present {
    now: Cycle,
    sums: BTreeMap<u64, Sides>,
    possible: Amount,
}

impl Present {
    fn of(view: &View) -> Result<Self> {
        let now = cycle(view)?;
        if now.phase == Phase::Raising {
            return Ok(Self { now, sums: BTreeMap::new(), possible: Amount::ZERO });
        }
        let premint = Premint::of(view, now.index)?;
        Ok(Self { now, sums: premint.sums()?, possible: possible(view, &premint)? })
    }

    fn show(&self, view: &View, id: u64, proposal: &Proposal) -> Result<proto::Proposal> {
        let status = status(proposal, &self.now);
        let tally = match status {
            Status::Voting => {
                Some(result(view, id, self.sums.get(&id).copied().unwrap_or_default(), self.possible)?)
            }
            _ => (proposal.tallied_height > 0).then_some(proposal.tally),
        };
        show(view, id, proposal, status, tally)
    }
}

/// A proposal with what it says, as answers and exports have it.
pub(super) fn show(
    view: &View,
    id: u64,
    proposal: &Proposal,
    status: Status,
    tally: Option<Tally>,
) -> Result<proto::Proposal> {
    let body = body(view, id)?;
    let funding = proposal
        .funding
        .map(|asked| proto::Funding { amount: asked.amount.to_string(), months: asked.months });
    let tally = tally.map(|Tally { yes, no, possible }| proto::Tally {
        yes: yes.to_string(),
        no: no.to_string(),
        possible: possible.to_string(),
    });
    Ok(proto::Proposal {
        id,
        dao: proposal.dao.to_string(),
        title: body.title,
        description: body.description,
        content: Some(shown(body.content)),
        funding,
        cycle: proposal.cycle,
        status: status.into(),
        tally,
        raised_height: proposal.raised_height,
        concluded_height: proposal.concluded_height,
        tallied_height: proposal.tallied_height,
    })
}

fn query_proposal(
    view: &View,
    request: proto::QueryProposalRequest,
) -> QueryResult<proto::QueryProposalResponse> {
    let id = request.proposal_id;
    let proposal = require(view, id)?;
    Ok(proto::QueryProposalResponse { proposal: Some(Present::of(view)?.show(view, id, &proposal)?) })
}

/// Who asks for a DAO or a cycle reads only their proposals; status and kind are looked for among them.
fn query_proposals(
    view: &View,
    request: proto::QueryProposalsRequest,
) -> QueryResult<proto::QueryProposalsResponse> {
    let present = Present::of(view)?;
    let wanted = Wanted::of(&request, present.now)?;
    let dao = if request.dao.is_empty() { None } else { Some(Address::parse(&request.dao)?) };
    let pages = request.pagination.as_ref();
    let (ids, pagination) = match (dao, request.cycle) {
        (Some(dao), None) => list(view, &state::BY_DAO, &dao.encoded(), pages, &wanted)?,
        (Some(dao), Some(cycle)) => list(view, &state::BY_DAO, &(dao, cycle).encoded(), pages, &wanted)?,
        (None, Some(cycle)) => list(view, &state::BY_CYCLE, &cycle.encoded(), pages, &wanted)?,
        (None, None) => list(view, &state::BY_CYCLE, &[], pages, &wanted)?,
    };
    let show = |id| present.show(view, id, &require(view, id)?);
    Ok(proto::QueryProposalsResponse {
        proposals: ids.into_iter().map(show).collect::<Result<_>>()?,
        pagination: Some(pagination),
    })
}

/// The filters that no index serves.
struct Wanted {
    now: Cycle,
    status: Status,
    kind: proto::Kind,
}

impl Wanted {
    fn of(request: &proto::QueryProposalsRequest, now: Cycle) -> QueryResult<Self> {
        let invalid = |field: &str, value: i32| QueryError::invalid(format!("there is no {field} {value}"));
        let status = Status::try_from(request.status).map_err(|_| invalid("status", request.status))?;
        let kind = proto::Kind::try_from(request.kind).map_err(|_| invalid("kind", request.kind))?;
        Ok(Self { now, status, kind })
    }

    fn has(&self, proposal: &Proposal) -> bool {
        let status = self.status == Status::Unspecified || self.status == status(proposal, &self.now);
        status && (self.kind == proto::Kind::Unspecified || self.kind == proposal.kind)
    }
}

/// The key of an index of proposals.
trait Listed: Key {
    /// The proposal's id.
    fn id(&self) -> u64;
}

impl Listed for (u64, u64) {
    fn id(&self) -> u64 {
        self.1
    }
}

impl Listed for (Address, (u64, u64)) {
    fn id(&self) -> u64 {
        self.1.id()
    }
}

/// A page of ids, newest first unless reversed.
fn list<K: Listed>(
    view: &View,
    index: &Map<K, ()>,
    group: &[u8],
    request: Option<&PageRequest>,
    wanted: &Wanted,
) -> QueryResult<(Vec<u64>, PageResponse)> {
    let mut request = request.cloned().unwrap_or_default();
    request.reverse = !request.reverse;
    let keep = |key: &K, (): &()| Ok(wanted.has(&require(view, key.id())?));
    let page = page_where(view, index, group, Some(&request), PAGE, keep)?;
    Ok((page.entries.iter().map(|(key, ())| key.id()).collect(), page.response))
}

fn query_vote(view: &View, request: proto::QueryVoteRequest) -> QueryResult<proto::QueryVoteResponse> {
    let (id, voter) = (request.proposal_id, Address::parse(&request.voter)?);
    let proposal = require(view, id)?;
    let ballot = state::BALLOTS.load(view, &(proposal.cycle, voter))?.unwrap_or_default();
    let choice = ballot.votes.get(&id).copied();
    let choice =
        choice.ok_or_else(|| QueryError::not_found(format!("{voter} has not voted on proposal {id}")))?;
    let counted = counted(view, proposal.cycle, &voter, &ballot)?;
    Ok(proto::QueryVoteResponse { vote: Some(show_vote(&voter, id, choice, counted)) })
}

fn query_votes_of(
    view: &View,
    request: proto::QueryVotesOfRequest,
) -> QueryResult<proto::QueryVotesOfResponse> {
    let (voter, cycle) = (Address::parse(&request.voter)?, cycle(view)?.index);
    let ballot = state::BALLOTS.load(view, &(cycle, voter))?.unwrap_or_default();
    let counted = counted(view, cycle, &voter, &ballot)?;
    let votes = ballot.votes.iter().map(|(id, choice)| show_vote(&voter, *id, *choice, counted)).collect();
    Ok(proto::QueryVotesOfResponse { votes })
}

/// Premint wallets are counted at the tally; until then it is told whether they would be.
fn counted(view: &View, cycle: u64, voter: &Address, ballot: &Ballot) -> Result<bool> {
    if cycle < sums::clock(view)?.cycle || !premint::is_wallet(view, voter)? {
        return Ok(ballot.counted);
    }
    Ok(voting_weight(view, voter)? >= min_vote_stake(view)?)
}

fn show_vote(voter: &Address, proposal_id: u64, choice: Choice, counted: bool) -> proto::Vote {
    proto::Vote { voter: voter.to_string(), proposal_id, option: option(choice).into(), counted }
}

fn query_voting_power(
    view: &View,
    request: proto::QueryVotingPowerRequest,
) -> QueryResult<proto::QueryVotingPowerResponse> {
    let weight = voting_weight(view, &Address::parse(&request.address)?)?;
    let eligible = weight >= min_vote_stake(view)?;
    Ok(proto::QueryVotingPowerResponse { weight: weight.to_string(), eligible })
}
