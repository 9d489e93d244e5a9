//! The queries of `jmes.staking.v1`.

use super::{params, seats, state, waiting, Seat};
use crate::emission;
use crate::kernel::{QueryResult, QueryRoutes, View};
use jmes_proto::jmes::staking::v1 as proto;

/// How many of those who wait are shown, the oldest first: the order in which they are seated.
const SHOWN: usize = 100;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.staking.v1.Query/Params", query_params);
    routes.add("/jmes.staking.v1.Query/Seats", query_seats);
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

fn query_seats(view: &View, _: proto::QuerySeatsRequest) -> QueryResult<proto::QuerySeatsResponse> {
    let idp = !emission::idp_ended(view)?;
    let seat = |seat: Seat| proto::Seat {
        operator_address: seat.operator.operator(),
        power: seat.power,
        proven: seat.proven,
        seated_height: seat.seated_height,
        incumbent: seat.incumbent,
    };
    let candidate = |candidate: state::Candidate| proto::Candidate {
        operator_address: candidate.operator.operator(),
        since: candidate.since,
    };
    let shown = if idp { waiting::oldest(view, SHOWN)? } else { Vec::new() };
    Ok(proto::QuerySeatsResponse {
        seats: seats(view)?.into_iter().map(seat).collect(),
        waiting: shown.into_iter().map(candidate).collect(),
        idp,
        idp_last: emission::idp_blocks(view)?,
        waiting_total: if idp { waiting::count(view)? } else { 0 },
    })
}
