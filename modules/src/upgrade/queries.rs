//! The queries of `jmes.upgrade.v1`, and what tools of Cosmos chains ask at `cosmos.upgrade.v1beta1`.

use super::{active_version, improvements_open, info, plan, state};
use crate::kernel::{page, Module, PageLimits, QueryError, QueryResult, QueryRoutes, View};
use crate::order;
use cosmos_sdk_proto::cosmos::upgrade::v1beta1 as cosmos;
use jmes_proto::jmes::upgrade::v1 as proto;

/// §16.
const PAGE: PageLimits = PageLimits { default: 10, most: 100 };

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.upgrade.v1.Query/Params", query_params);
    routes.add("/jmes.upgrade.v1.Query/Versions", query_versions);
    routes.add("/jmes.upgrade.v1.Query/Plan", query_plan);
    routes.add("/jmes.upgrade.v1.Query/Changes", query_changes);
    routes.add("/cosmos.upgrade.v1beta1.Query/CurrentPlan", query_current_plan);
    routes.add("/cosmos.upgrade.v1beta1.Query/AppliedPlan", query_applied_plan);
    routes.add("/cosmos.upgrade.v1beta1.Query/ModuleVersions", query_module_versions);
}

fn query_params(_: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(proto::Params {}) })
}

fn modules_by_name() -> Vec<&'static dyn Module> {
    let mut modules = order::MODULES.to_vec();
    modules.sort_by_key(|module| module.name());
    modules
}

fn query_versions(view: &View, _: proto::QueryVersionsRequest) -> QueryResult<proto::QueryVersionsResponse> {
    let mut versions = Vec::new();
    for module in modules_by_name() {
        let (name, latest) = (module.name(), module.latest_version());
        versions.push(proto::Version { module: name.into(), active: active_version(view, name)?, latest });
    }
    Ok(proto::QueryVersionsResponse { versions, improvements_open: improvements_open(view)? })
}

fn query_plan(view: &View, _: proto::QueryPlanRequest) -> QueryResult<proto::QueryPlanResponse> {
    let plan = plan(view)?;
    let info = plan.as_ref().map(info).unwrap_or_default();
    Ok(proto::QueryPlanResponse { plan, info })
}

/// Newest first unless reversed.
fn query_changes(
    view: &View,
    request: proto::QueryChangesRequest,
) -> QueryResult<proto::QueryChangesResponse> {
    let mut pagination = request.pagination.unwrap_or_default();
    pagination.reverse = !pagination.reverse;
    let page = page(view, &state::CHANGES, &[], Some(&pagination), PAGE)?;
    let changes = page.entries.into_iter().map(|(_, change)| change).collect();
    Ok(proto::QueryChangesResponse { changes, pagination: Some(page.response) })
}

#[allow(deprecated, reason = "the message still carries the fields that the SDK has retired")]
fn query_current_plan(
    view: &View,
    _: cosmos::QueryCurrentPlanRequest,
) -> QueryResult<cosmos::QueryCurrentPlanResponse> {
    let shown = |plan: proto::ScheduleUpgrade| cosmos::Plan {
        info: info(&plan),
        height: i64::try_from(plan.height).unwrap_or(i64::MAX),
        name: plan.name,
        time: None,
        upgraded_client_state: None,
    };
    Ok(cosmos::QueryCurrentPlanResponse { plan: plan(view)?.map(shown) })
}

/// Height 0 when no upgrade of that name was made, as in the Cosmos SDK.
fn query_applied_plan(
    view: &View,
    request: cosmos::QueryAppliedPlanRequest,
) -> QueryResult<cosmos::QueryAppliedPlanResponse> {
    let height = state::DONE.load(view, &request.name)?.unwrap_or(0);
    Ok(cosmos::QueryAppliedPlanResponse { height: i64::try_from(height).unwrap_or(i64::MAX) })
}

fn query_module_versions(
    view: &View,
    request: cosmos::QueryModuleVersionsRequest,
) -> QueryResult<cosmos::QueryModuleVersionsResponse> {
    let mut module_versions = Vec::new();
    for module in modules_by_name() {
        let name = module.name();
        if request.module_name.is_empty() || request.module_name == name {
            let version = active_version(view, name)?;
            module_versions.push(cosmos::ModuleVersion { name: name.into(), version });
        }
    }
    if module_versions.is_empty() {
        let name: String = request.module_name.chars().take(64).collect();
        return Err(QueryError::not_found(format!("there is no module {name}")));
    }
    Ok(cosmos::QueryModuleVersionsResponse { module_versions })
}
