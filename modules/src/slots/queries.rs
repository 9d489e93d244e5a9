//! The queries of `jmes.slots.v1`.

use super::state::{self, Term};
use super::terms::{held_at, require};
use super::types::{Role, Slot};
use crate::kernel::{
    newest_first, page, Address, Key, QueryError, QueryResult, QueryRoutes, Result, View, BUSINESS_PAGE,
};
use jmes_proto::jmes::slots::v1 as proto;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.slots.v1.Query/Params", query_params);
    routes.add("/jmes.slots.v1.Query/Slots", query_slots);
    routes.add("/jmes.slots.v1.Query/Features", query_features);
    routes.add("/jmes.slots.v1.Query/FeatureAt", query_feature_at);
}

pub(super) fn show(term: &Term) -> proto::Term {
    proto::Term {
        dao: term.dao.to_string(),
        feature: term.role.name().into(),
        proposal_id: term.proposal_id,
        since: term.since,
        until: term.until,
        ended_height: term.ended.unwrap_or(0),
    }
}

fn query_params(_: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(proto::Params {}) })
}

fn query_slots(view: &View, _: proto::QuerySlotsRequest) -> QueryResult<proto::QuerySlotsResponse> {
    let seat = |slot: Slot| {
        let vacant = proto::Seat { slot: slot.to_proto(), ..proto::Seat::default() };
        let Some(id) = state::SEATS.load(view, &slot)? else { return Ok(vacant) };
        let Term { dao, proposal_id, since, until, .. } = require(view, id)?;
        Ok(proto::Seat { slot: slot.to_proto(), dao: dao.to_string(), proposal_id, since, until })
    };
    Ok(proto::QuerySlotsResponse { slots: Slot::ALL.into_iter().map(seat).collect::<Result<_>>()? })
}

fn query_features(
    view: &View,
    request: proto::QueryFeaturesRequest,
) -> QueryResult<proto::QueryFeaturesResponse> {
    let group = Address::parse(&request.dao)?.encoded();
    let newest_first = newest_first(request.pagination.as_ref());
    let page = page(view, &state::OF_DAO, &group, Some(&newest_first), BUSINESS_PAGE)?;
    let terms = page.entries.into_iter().map(|((_, id), ())| Ok(show(&require(view, id)?)));
    Ok(proto::QueryFeaturesResponse {
        features: terms.collect::<Result<_>>()?,
        pagination: Some(page.response),
    })
}

fn query_feature_at(
    view: &View,
    request: proto::QueryFeatureAtRequest,
) -> QueryResult<proto::QueryFeatureAtResponse> {
    let dao = Address::parse(&request.dao)?;
    let role = Role::parse(&request.feature).ok_or_else(|| {
        let shown: String = request.feature.chars().take(48).collect();
        QueryError::invalid(format!(
            "\"{shown}\" is no feature; there are art_dealer, official_status, brand, community, engineering"
        ))
    })?;
    let height = if request.height == 0 { view.block().height } else { request.height };
    let proposal = held_at(view, &dao, role, height)?;
    Ok(proto::QueryFeatureAtResponse { held: proposal.is_some(), proposal_id: proposal.unwrap_or(0) })
}
