//! The queries of `cosmos.bank.v1beta1`.

use super::{balance, params, spendable, state, supply};
use crate::auth;
use crate::kernel::{
    page, validate_denom, Address, Amount, Coin, Key, PageLimits, QueryCode, QueryError, QueryResult,
    QueryRoutes, Result, View, COSMOS_PAGE,
};
use crate::{BASE_DENOM, BONDED_DENOM};
use cosmos_sdk_proto::cosmos::bank::v1beta1 as proto;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin as ProtoCoin;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/cosmos.bank.v1beta1.Query/Balance", query_balance);
    routes.add("/cosmos.bank.v1beta1.Query/AllBalances", all_balances);
    routes.add("/cosmos.bank.v1beta1.Query/SpendableBalances", spendable_balances);
    routes.add("/cosmos.bank.v1beta1.Query/SpendableBalanceByDenom", spendable_balance);
    routes.add("/cosmos.bank.v1beta1.Query/TotalSupply", total_supply);
    routes.add("/cosmos.bank.v1beta1.Query/SupplyOf", supply_of);
    routes.add("/cosmos.bank.v1beta1.Query/Params", query_params);
    routes.add("/cosmos.bank.v1beta1.Query/DenomMetadata", denom_metadata);
    routes.add("/cosmos.bank.v1beta1.Query/DenomMetadataByQueryString", denom_metadata_by_query);
    routes.add("/cosmos.bank.v1beta1.Query/DenomsMetadata", denoms_metadata);
    routes.add("/cosmos.bank.v1beta1.Query/DenomOwners", denom_owners);
    routes.add("/cosmos.bank.v1beta1.Query/DenomOwnersByQuery", denom_owners_by_query);
    routes.add("/cosmos.bank.v1beta1.Query/SendEnabled", send_enabled);
}

const EVERYTHING: PageLimits = PageLimits { default: u64::MAX, most: u64::MAX };

fn coin(denom: &str, amount: Amount) -> ProtoCoin {
    Coin::new(denom, amount).to_proto()
}

fn query_balance(
    view: &View,
    request: proto::QueryBalanceRequest,
) -> QueryResult<proto::QueryBalanceResponse> {
    let address = Address::parse(&request.address)?;
    validate_denom(&request.denom)?;
    let amount = balance(view, &address, &request.denom)?;
    Ok(proto::QueryBalanceResponse { balance: Some(coin(&request.denom, amount)) })
}

fn spendable_balance(
    view: &View,
    request: proto::QuerySpendableBalanceByDenomRequest,
) -> QueryResult<proto::QuerySpendableBalanceByDenomResponse> {
    let address = Address::parse(&request.address)?;
    validate_denom(&request.denom)?;
    let amount = spendable(view, &address, &request.denom)?;
    Ok(proto::QuerySpendableBalanceByDenomResponse { balance: Some(coin(&request.denom, amount)) })
}

/// A page of what an address has of all denominations; `amount` says how much of those that have no entry of their own.
fn balances(
    view: &View,
    address: &str,
    amount: fn(&View, &Address, &str) -> Result<Amount>,
    request: Option<&PageRequest>,
) -> QueryResult<(Vec<ProtoCoin>, PageResponse)> {
    let address = Address::parse(address)?;
    let others = page(view, &state::BALANCES, &address.encoded(), None, EVERYTHING)?;
    let mut coins: Vec<ProtoCoin> =
        others.entries.into_iter().map(|((_, denom), amount)| coin(&denom, amount)).collect();
    for denom in [BASE_DENOM, BONDED_DENOM] {
        insert(&mut coins, denom, amount(view, &address, denom)?);
    }
    slice_page(coins, request)
}

/// Puts a coin in its alphabetical place, if there is any of it.
fn insert(coins: &mut Vec<ProtoCoin>, denom: &str, amount: Amount) {
    if !amount.is_zero() {
        let place = coins.partition_point(|coin| coin.denom.as_str() < denom);
        coins.insert(place, coin(denom, amount));
    }
}

/// Pages a short list in memory; keys are denominations.
fn slice_page(
    mut coins: Vec<ProtoCoin>,
    request: Option<&PageRequest>,
) -> QueryResult<(Vec<ProtoCoin>, PageResponse)> {
    let default = PageRequest::default();
    let request = request.unwrap_or(&default);
    if request.offset > 0 && !request.key.is_empty() {
        return Err(QueryError::invalid("invalid request, either offset or key is expected, got both"));
    }
    let total = coins.len() as u64;
    if request.reverse {
        coins.reverse();
    }
    let start = if request.key.is_empty() {
        usize::try_from(request.offset).unwrap_or(usize::MAX)
    } else {
        let found = coins.iter().position(|coin| coin.denom.as_bytes() == request.key);
        found.ok_or_else(|| QueryError::invalid("invalid pagination key"))?
    };
    let limit = if request.limit == 0 { COSMOS_PAGE.default } else { request.limit.min(COSMOS_PAGE.most) };
    let mut rest = coins.into_iter().skip(start);
    let page: Vec<ProtoCoin> = rest.by_ref().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    let next_key = rest.next().map(|coin| coin.denom.into_bytes()).unwrap_or_default();
    let total = if request.count_total || request.key.is_empty() { total } else { 0 };
    Ok((page, PageResponse { next_key, total }))
}

fn all_balances(
    view: &View,
    request: proto::QueryAllBalancesRequest,
) -> QueryResult<proto::QueryAllBalancesResponse> {
    let (balances, pagination) = balances(view, &request.address, balance, request.pagination.as_ref())?;
    Ok(proto::QueryAllBalancesResponse { balances, pagination: Some(pagination) })
}

fn spendable_balances(
    view: &View,
    request: proto::QuerySpendableBalancesRequest,
) -> QueryResult<proto::QuerySpendableBalancesResponse> {
    let (balances, pagination) = balances(view, &request.address, spendable, request.pagination.as_ref())?;
    Ok(proto::QuerySpendableBalancesResponse { balances, pagination: Some(pagination) })
}

/// `bujmes` is in the list, too: an overlap with `ujmes`, not to be added (§5).
fn total_supply(
    view: &View,
    request: proto::QueryTotalSupplyRequest,
) -> QueryResult<proto::QueryTotalSupplyResponse> {
    let stored = page(view, &state::SUPPLY, &[], None, EVERYTHING)?;
    let mut coins = stored.entries.iter().map(|(denom, amount)| coin(denom, *amount)).collect();
    insert(&mut coins, BONDED_DENOM, supply(view, BONDED_DENOM)?);
    let (supply, pagination) = slice_page(coins, request.pagination.as_ref())?;
    Ok(proto::QueryTotalSupplyResponse { supply, pagination: Some(pagination) })
}

fn supply_of(view: &View, request: proto::QuerySupplyOfRequest) -> QueryResult<proto::QuerySupplyOfResponse> {
    validate_denom(&request.denom)?;
    let amount = supply(view, &request.denom)?;
    Ok(proto::QuerySupplyOfResponse { amount: Some(coin(&request.denom, amount)) })
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

fn metadata(view: &View, denom: &str) -> QueryResult<proto::Metadata> {
    validate_denom(denom)?;
    state::METADATA
        .load(view, &denom.to_owned())?
        .ok_or_else(|| QueryError::not_found(format!("client metadata for denom {denom}")))
}

fn denom_metadata(
    view: &View,
    request: proto::QueryDenomMetadataRequest,
) -> QueryResult<proto::QueryDenomMetadataResponse> {
    Ok(proto::QueryDenomMetadataResponse { metadata: Some(metadata(view, &request.denom)?) })
}

fn denom_metadata_by_query(
    view: &View,
    request: proto::QueryDenomMetadataByQueryStringRequest,
) -> QueryResult<proto::QueryDenomMetadataByQueryStringResponse> {
    Ok(proto::QueryDenomMetadataByQueryStringResponse { metadata: Some(metadata(view, &request.denom)?) })
}

fn denoms_metadata(
    view: &View,
    request: proto::QueryDenomsMetadataRequest,
) -> QueryResult<proto::QueryDenomsMetadataResponse> {
    let page = page(view, &state::METADATA, &[], request.pagination.as_ref(), COSMOS_PAGE)?;
    let metadatas = page.entries.into_iter().map(|(_, metadata)| metadata).collect();
    Ok(proto::QueryDenomsMetadataResponse { metadatas, pagination: Some(page.response) })
}

/// Holders of `ujmes` are the accounts: a page of them leaves out those with a balance of zero, so it
/// may be shorter than asked for. Bonds are listed by validator, not by owner.
fn owners(
    view: &View,
    denom: &str,
    request: Option<&PageRequest>,
) -> QueryResult<(Vec<proto::DenomOwner>, PageResponse)> {
    validate_denom(denom)?;
    let owner = |address: Address, amount: Amount| proto::DenomOwner {
        address: address.to_string(),
        balance: Some(coin(denom, amount)),
    };
    if denom == BONDED_DENOM {
        let why =
            "owners of bujmes are not listed; ask cosmos.staking.v1beta1 for the delegations of a validator";
        return Err(QueryError::new(QueryCode::Unimplemented, why));
    }
    if denom == BASE_DENOM {
        let page = page(view, &auth::state::ACCOUNTS, &[], request, COSMOS_PAGE)?;
        let holders = page.entries.into_iter().filter(|(_, account)| !account.balance.is_zero());
        let owners = holders.map(|(address, account)| owner(address, account.balance)).collect();
        return Ok((owners, page.response));
    }
    let page = page(view, &state::OWNERS, &denom.to_owned().encoded(), request, COSMOS_PAGE)?;
    let mut owners = Vec::with_capacity(page.entries.len());
    for ((_, address), ()) in page.entries {
        owners.push(owner(address, balance(view, &address, denom)?));
    }
    Ok((owners, page.response))
}

fn denom_owners(
    view: &View,
    request: proto::QueryDenomOwnersRequest,
) -> QueryResult<proto::QueryDenomOwnersResponse> {
    let (denom_owners, pagination) = owners(view, &request.denom, request.pagination.as_ref())?;
    Ok(proto::QueryDenomOwnersResponse { denom_owners, pagination: Some(pagination) })
}

fn denom_owners_by_query(
    view: &View,
    request: proto::QueryDenomOwnersByQueryRequest,
) -> QueryResult<proto::QueryDenomOwnersByQueryResponse> {
    let (denom_owners, pagination) = owners(view, &request.denom, request.pagination.as_ref())?;
    Ok(proto::QueryDenomOwnersByQueryResponse { denom_owners, pagination: Some(pagination) })
}

/// There are no switches per denomination, only the general one in the parameters.
fn send_enabled(_: &View, _: proto::QuerySendEnabledRequest) -> QueryResult<proto::QuerySendEnabledResponse> {
    Ok(proto::QuerySendEnabledResponse { send_enabled: Vec::new(), pagination: None })
}
