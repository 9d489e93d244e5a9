//! The queries of `cosmos.auth.v1beta1`, and the gas table.

use super::{account, gas_table, gas_table_to_proto, params, state, Account};
use crate::kernel::{
    page, Address, QueryCode, QueryError, QueryResult, QueryRoutes, View, ACCOUNT_PREFIX, COSMOS_PAGE,
};
use cosmos_sdk_proto::cosmos::auth::v1beta1 as proto;
use jmes_proto::jmes::auth::v1 as jmes;
use prost::Message;
use tendermint_proto::google::protobuf::Any;

pub(super) const BASE_ACCOUNT_TYPE: &str = "/cosmos.auth.v1beta1.BaseAccount";

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/cosmos.auth.v1beta1.Query/Account", by_address);
    routes.add("/cosmos.auth.v1beta1.Query/AccountInfo", info);
    routes.add("/cosmos.auth.v1beta1.Query/Accounts", all);
    routes.add("/cosmos.auth.v1beta1.Query/AccountAddressByID", by_number);
    routes.add("/cosmos.auth.v1beta1.Query/Params", query_params);
    routes.add("/cosmos.auth.v1beta1.Query/ModuleAccounts", module_accounts);
    routes.add("/cosmos.auth.v1beta1.Query/ModuleAccountByName", module_account);
    routes.add("/cosmos.auth.v1beta1.Query/Bech32Prefix", bech32_prefix);
    routes.add("/cosmos.auth.v1beta1.Query/AddressBytesToString", address_to_string);
    routes.add("/cosmos.auth.v1beta1.Query/AddressStringToBytes", address_to_bytes);
    routes.add("/jmes.auth.v1.Query/Params", gas_params);
}

fn to_any(address: &Address, account: &Account) -> Any {
    Any { type_url: BASE_ACCOUNT_TYPE.into(), value: account.to_proto(address).encode_to_vec() }
}

fn find(view: &View, text: &str) -> QueryResult<(Address, Account)> {
    let address = Address::parse(text)?;
    let found = account(view, &address)?;
    found
        .map(|account| (address, account))
        .ok_or_else(|| QueryError::not_found(format!("account {text} not found")))
}

fn by_address(view: &View, request: proto::QueryAccountRequest) -> QueryResult<proto::QueryAccountResponse> {
    let (address, account) = find(view, &request.address)?;
    Ok(proto::QueryAccountResponse { account: Some(to_any(&address, &account)) })
}

fn info(
    view: &View,
    request: proto::QueryAccountInfoRequest,
) -> QueryResult<proto::QueryAccountInfoResponse> {
    let (address, account) = find(view, &request.address)?;
    Ok(proto::QueryAccountInfoResponse { info: Some(account.to_proto(&address)) })
}

fn all(view: &View, request: proto::QueryAccountsRequest) -> QueryResult<proto::QueryAccountsResponse> {
    let page = page(view, &state::ACCOUNTS, &[], request.pagination.as_ref(), COSMOS_PAGE)?;
    let accounts = page.entries.iter().map(|(address, account)| to_any(address, account)).collect();
    Ok(proto::QueryAccountsResponse { accounts, pagination: Some(page.response) })
}

/// There is no index by number: it would double the tree's size for a deprecated question.
fn by_number(
    _: &View,
    _: proto::QueryAccountAddressByIdRequest,
) -> QueryResult<proto::QueryAccountAddressByIdResponse> {
    Err(QueryError::new(QueryCode::Unimplemented, "accounts are not indexed by number; ask by address"))
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

fn gas_params(view: &View, _: jmes::QueryParamsRequest) -> QueryResult<jmes::QueryParamsResponse> {
    Ok(jmes::QueryParamsResponse { params: Some(gas_table_to_proto(&gas_table(view)?)) })
}

/// There are no module accounts (§4).
fn module_accounts(
    _: &View,
    _: proto::QueryModuleAccountsRequest,
) -> QueryResult<proto::QueryModuleAccountsResponse> {
    Ok(proto::QueryModuleAccountsResponse { accounts: Vec::new() })
}

fn module_account(
    _: &View,
    request: proto::QueryModuleAccountByNameRequest,
) -> QueryResult<proto::QueryModuleAccountByNameResponse> {
    let shown: String = request.name.chars().take(64).collect();
    Err(QueryError::not_found(format!("account {shown} not found: this chain has no module accounts")))
}

fn bech32_prefix(_: &View, _: proto::Bech32PrefixRequest) -> QueryResult<proto::Bech32PrefixResponse> {
    Ok(proto::Bech32PrefixResponse { bech32_prefix: ACCOUNT_PREFIX.into() })
}

fn address_to_string(
    _: &View,
    request: proto::AddressBytesToStringRequest,
) -> QueryResult<proto::AddressBytesToStringResponse> {
    let address_string = Address::new(&request.address_bytes)?.to_string();
    Ok(proto::AddressBytesToStringResponse { address_string })
}

fn address_to_bytes(
    _: &View,
    request: proto::AddressStringToBytesRequest,
) -> QueryResult<proto::AddressStringToBytesResponse> {
    let address_bytes = Address::parse(&request.address_string)?.as_bytes().to_vec();
    Ok(proto::AddressStringToBytesResponse { address_bytes })
}
