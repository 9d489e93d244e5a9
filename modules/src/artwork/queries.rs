//! The queries of `jmes.artwork.v1` and `cosmos.nft.v1beta1`.

use super::state::{self, StoredTransfer};
use super::{balance, nft, owner, record, supply};
use crate::kernel::{
    newest_first, page, Address, Key, QueryError, QueryResult, QueryRoutes, Result, View, BUSINESS_PAGE,
};
use crate::slots::{self, Role};
use jmes_proto::cosmos::nft::v1beta1 as standard;
use jmes_proto::jmes::artwork::v1 as proto;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.artwork.v1.Query/Params", query_params);
    routes.add("/jmes.artwork.v1.Query/Provenance", query_provenance);
    routes.add("/cosmos.nft.v1beta1.Query/Balance", query_balance);
    routes.add("/cosmos.nft.v1beta1.Query/Owner", query_owner);
    routes.add("/cosmos.nft.v1beta1.Query/Supply", query_supply);
    routes.add("/cosmos.nft.v1beta1.Query/NFTs", query_nfts);
    routes.add("/cosmos.nft.v1beta1.Query/NFT", query_nft);
    routes.add("/cosmos.nft.v1beta1.Query/Class", query_class);
    routes.add("/cosmos.nft.v1beta1.Query/Classes", query_classes);
}

/// Whether the DAO of a record holds what it says now.
fn held_now(view: &View, artwork: &proto::Artwork) -> Result<bool> {
    let Some(role) = Role::parse(&artwork.feature) else { return Ok(false) };
    Ok(slots::held_at(view, &Address::parse(&artwork.dao)?, role, view.block().height)?.is_some())
}

/// Whether the DAO of a record held what it says, by the proposal it says, when it was minted: perhaps only until a later
/// transaction of the same block.
pub(super) fn held_then(view: &View, artwork: &proto::Artwork) -> Result<bool> {
    let Some(role) = Role::parse(&artwork.feature) else { return Ok(false) };
    let dao = Address::parse(&artwork.dao)?;
    slots::was_granted(view, &dao, role, artwork.proposal_id, artwork.minted_height)
}

pub(super) fn show_transfer(transfer: &StoredTransfer) -> proto::Transfer {
    let text = |bytes: &[u8]| Address::new(bytes).map_or(String::new(), |address| address.to_string());
    proto::Transfer { from: text(&transfer.from), to: text(&transfer.to), height: transfer.height }
}

fn query_params(_: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(proto::Params {}) })
}

fn found(view: &View, class: &str, id: &str) -> QueryResult<standard::Nft> {
    nft(view, class, id)?
        .ok_or_else(|| QueryError::not_found(super::error::no_such_artwork(class, id).message))
}

fn query_provenance(
    view: &View,
    request: proto::QueryProvenanceRequest,
) -> QueryResult<proto::QueryProvenanceResponse> {
    let proto::QueryProvenanceRequest { class_id, id, pagination } = request;
    let artwork = record::artwork(&found(view, &class_id, &id)?);
    let (group, order) = (state::group(&class_id, &id), newest_first(pagination.as_ref()));
    let transfers = page(view, &state::TRANSFERS, &group, Some(&order), BUSINESS_PAGE)?;
    Ok(proto::QueryProvenanceResponse {
        held_then: held_then(view, &artwork)?,
        held_now: held_now(view, &artwork)?,
        dao: artwork.dao,
        feature: artwork.feature,
        proposal_id: artwork.proposal_id,
        minted_height: artwork.minted_height,
        transfers: transfers.entries.iter().map(|(_, transfer)| show_transfer(transfer)).collect(),
        pagination: Some(transfers.response),
    })
}

fn query_balance(
    view: &View,
    request: standard::QueryBalanceRequest,
) -> QueryResult<standard::QueryBalanceResponse> {
    let amount = balance(view, &request.class_id, &Address::parse(&request.owner)?)?;
    Ok(standard::QueryBalanceResponse { amount })
}

/// Nobody's when there is no such artwork, as in the Cosmos SDK.
fn query_owner(
    view: &View,
    request: standard::QueryOwnerRequest,
) -> QueryResult<standard::QueryOwnerResponse> {
    let owner = owner(view, &request.class_id, &request.id)?;
    Ok(standard::QueryOwnerResponse { owner: owner.map_or(String::new(), |owner| owner.to_string()) })
}

fn query_supply(
    view: &View,
    request: standard::QuerySupplyRequest,
) -> QueryResult<standard::QuerySupplyResponse> {
    Ok(standard::QuerySupplyResponse { amount: supply(view, &request.class_id)? })
}

/// Of a class, of an owner, or of both.
fn query_nfts(view: &View, request: standard::QueryNfTsRequest) -> QueryResult<standard::QueryNfTsResponse> {
    let standard::QueryNfTsRequest { class_id, owner, pagination } = request;
    if owner.is_empty() {
        if class_id.is_empty() {
            return Err(QueryError::invalid("must provide at least one of class_id or owner"));
        }
        let page = page(view, &state::NFTS, &class_id.encoded(), pagination.as_ref(), BUSINESS_PAGE)?;
        let nfts = page.entries.into_iter().map(|(_, nft)| nft).collect();
        return Ok(standard::QueryNfTsResponse { nfts, pagination: Some(page.response) });
    }
    let mut group = Address::parse(&owner)?.encoded();
    if !class_id.is_empty() {
        class_id.write(&mut group);
    }
    let page = page(view, &state::BY_OWNER, &group, pagination.as_ref(), BUSINESS_PAGE)?;
    let mut nfts = Vec::new();
    for ((_, key), ()) in page.entries {
        nfts.extend(state::NFTS.load(view, &key)?);
    }
    Ok(standard::QueryNfTsResponse { nfts, pagination: Some(page.response) })
}

fn query_nft(view: &View, request: standard::QueryNftRequest) -> QueryResult<standard::QueryNftResponse> {
    Ok(standard::QueryNftResponse { nft: Some(found(view, &request.class_id, &request.id)?) })
}

fn query_class(
    view: &View,
    request: standard::QueryClassRequest,
) -> QueryResult<standard::QueryClassResponse> {
    match state::CLASSES.load(view, &request.class_id)? {
        Some(class) => Ok(standard::QueryClassResponse { class: Some(class) }),
        None => {
            let class: String = request.class_id.chars().take(101).collect();
            Err(QueryError::not_found(format!("there is no class {class}")))
        }
    }
}

fn query_classes(
    view: &View,
    request: standard::QueryClassesRequest,
) -> QueryResult<standard::QueryClassesResponse> {
    let page = page(view, &state::CLASSES, &[], request.pagination.as_ref(), BUSINESS_PAGE)?;
    let classes = page.entries.into_iter().map(|(_, class)| class).collect();
    Ok(standard::QueryClassesResponse { classes, pagination: Some(page.response) })
}
