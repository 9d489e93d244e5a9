//! The queries of `jmes.identity.v1`.

use super::{by_name, names, of, params, state, Identity, Kind};
use crate::kernel::{
    codes, page, Address, Error, QueryError, QueryResult, QueryRoutes, Result, View, BUSINESS_PAGE,
};
use jmes_proto::jmes::identity::v1 as proto;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.identity.v1.Query/Params", query_params);
    routes.add("/jmes.identity.v1.Query/ByName", query_by_name);
    routes.add("/jmes.identity.v1.Query/ByAddress", query_by_address);
    routes.add("/jmes.identity.v1.Query/Identities", query_identities);
}

/// An identity as messages carry it.
pub(super) fn show(identity: Identity) -> proto::Identity {
    let Identity { name, address, kind, height } = identity;
    let kind = match kind {
        Kind::User => proto::Kind::User,
        Kind::Dao => proto::Kind::Dao,
    };
    proto::Identity { name, address: address.to_string(), kind: kind.into(), height }
}

/// The identities of names and addresses as they stand in state.
pub(super) fn identities(view: &View, entries: Vec<(String, Address)>) -> Result<Vec<Identity>> {
    let identity = |(name, address): (String, Address)| {
        of(view, &address)?.ok_or_else(|| {
            Error::sdk(codes::LOGIC, format!("{address} does not know that its name is \"{name}\""))
        })
    };
    entries.into_iter().map(identity).collect()
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

fn query_by_name(view: &View, request: proto::QueryByNameRequest) -> QueryResult<proto::QueryByNameResponse> {
    let shown: String = request.name.chars().take(48).collect();
    // The key of a text ends at its first zero byte.
    let found = if request.name.bytes().all(names::is_letter) { by_name(view, &request.name)? } else { None };
    let found = found.ok_or_else(|| QueryError::not_found(format!("nobody has the name \"{shown}\"")))?;
    Ok(proto::QueryByNameResponse { identity: Some(show(found)) })
}

fn query_by_address(
    view: &View,
    request: proto::QueryByAddressRequest,
) -> QueryResult<proto::QueryByAddressResponse> {
    let address = Address::parse(&request.address)?;
    let found = of(view, &address)?;
    let found = found.ok_or_else(|| QueryError::not_found(format!("{address} has no name")))?;
    Ok(proto::QueryByAddressResponse { identity: Some(show(found)) })
}

fn query_identities(
    view: &View,
    request: proto::QueryIdentitiesRequest,
) -> QueryResult<proto::QueryIdentitiesResponse> {
    let prefix = request.prefix.as_bytes();
    if !prefix.iter().copied().all(names::is_letter) {
        let shown: String = request.prefix.chars().take(48).collect();
        let why = format!("no name begins with \"{shown}\": names consist of a-z and 0-9");
        return Err(QueryError::invalid(why));
    }
    let page = page(view, &state::NAMES, prefix, request.pagination.as_ref(), BUSINESS_PAGE)?;
    Ok(proto::QueryIdentitiesResponse {
        identities: identities(view, page.entries)?.into_iter().map(show).collect(),
        pagination: Some(page.response),
    })
}
