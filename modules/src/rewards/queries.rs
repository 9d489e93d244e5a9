//! The queries of `jmes.rewards.v1`.

use super::{income, unredeemed};
use crate::kernel::{ConsensusAddress, QueryResult, QueryRoutes, View};
use jmes_proto::jmes::rewards::v1 as proto;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.rewards.v1.Query/Income", query_income);
    routes.add("/jmes.rewards.v1.Query/Unredeemed", query_unredeemed);
}

fn query_income(view: &View, request: proto::QueryIncomeRequest) -> QueryResult<proto::QueryIncomeResponse> {
    let income = income(view, &ConsensusAddress::parse(&request.address)?)?.to_string();
    Ok(proto::QueryIncomeResponse { income })
}

fn query_unredeemed(
    view: &View,
    _: proto::QueryUnredeemedRequest,
) -> QueryResult<proto::QueryUnredeemedResponse> {
    Ok(proto::QueryUnredeemedResponse { amount: unredeemed(view)?.to_string() })
}
