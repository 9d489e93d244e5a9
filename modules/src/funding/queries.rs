//! The queries of `jmes.funding.v1`.

use super::plan::{Plan, Walk};
use super::state::{self, is_due, Stream};
use super::{params, require};
use crate::emission;
use crate::kernel::{
    newest_first, page, Address, Amount, Key, QueryError, QueryResult, QueryRoutes, Result, View,
    BUSINESS_PAGE,
};
use jmes_proto::jmes::funding::v1 as proto;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.funding.v1.Query/Params", query_params);
    routes.add("/jmes.funding.v1.Query/Plan", query_plan);
    routes.add("/jmes.funding.v1.Query/Stream", query_stream);
    routes.add("/jmes.funding.v1.Query/Streams", query_streams);
}

/// What everyone sees of a stream at the view's issuance height.
pub(super) fn show(view: &View, proposal_id: u64, stream: &Stream) -> Result<proto::Stream> {
    let n = emission::issuance_height(view)?;
    Ok(proto::Stream {
        proposal_id,
        dao: stream.dao.to_string(),
        rate: stream.rate.to_string(),
        first_height: stream.first,
        last_height: stream.last,
        total_paid: stream.total_paid(n)?.to_string(),
        missed_blocks: stream.missed(n),
        net_yes: stream.net_yes.to_string(),
        active: is_due(view, stream)?,
    })
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

/// An unpaced block leaves the plan of the last paced one in place; so there is one for each issuance height.
fn query_plan(view: &View, _: proto::QueryPlanRequest) -> QueryResult<proto::QueryPlanResponse> {
    let Plan { limits, entries: planned } = state::PLAN.load(view)?.unwrap_or_default();
    let height = emission::issuance_height(view)?;
    let mut walk = Walk::new(&limits);
    let mut spent = Amount::ZERO;
    let mut entries = Vec::with_capacity(planned.len());
    for entry in planned {
        let step = walk.next(entry.rate, entry.slot);
        if entry.paid {
            spent = spent.plus(entry.rate)?;
        }
        entries.push(proto::PlanEntry {
            proposal_id: entry.proposal_id,
            dao: entry.dao.to_string(),
            rate: entry.rate.to_string(),
            net_yes: require(view, entry.proposal_id)?.net_yes.to_string(),
            paid: entry.paid,
            reason: step.reason(),
            outcome: step.outcome.into(),
        });
    }
    let budget = emission::dao_budget_at(view, height)?;
    Ok(proto::QueryPlanResponse { height, budget: budget.to_string(), spent: spent.to_string(), entries })
}

fn query_stream(view: &View, request: proto::QueryStreamRequest) -> QueryResult<proto::QueryStreamResponse> {
    let id = request.proposal_id;
    let stream = state::STREAMS
        .load(view, &id)?
        .ok_or_else(|| QueryError::not_found(format!("proposal {id} has no funding")))?;
    let shown = show(view, id, &stream)?;
    Ok(proto::QueryStreamResponse {
        proposal_id: shown.proposal_id,
        dao: shown.dao,
        rate: shown.rate,
        first_height: shown.first_height,
        last_height: shown.last_height,
        total_paid: shown.total_paid,
        missed_blocks: shown.missed_blocks,
        net_yes: shown.net_yes,
        active: shown.active,
    })
}

fn query_streams(
    view: &View,
    request: proto::QueryStreamsRequest,
) -> QueryResult<proto::QueryStreamsResponse> {
    let newest_first = newest_first(request.pagination.as_ref());
    let (proposals, response): (Vec<u64>, _) = if request.dao.is_empty() {
        let page = page(view, &state::ORDER, &[], Some(&newest_first), BUSINESS_PAGE)?;
        (page.entries.into_iter().map(|(_, proposal)| proposal).collect(), page.response)
    } else {
        let group = Address::parse(&request.dao)?.encoded();
        let page = page(view, &state::OF_DAO, &group, Some(&newest_first), BUSINESS_PAGE)?;
        (page.entries.into_iter().map(|(_, proposal)| proposal).collect(), page.response)
    };
    let shown = proposals.into_iter().map(|id| show(view, id, &require(view, id)?));
    Ok(proto::QueryStreamsResponse { streams: shown.collect::<Result<_>>()?, pagination: Some(response) })
}
