//! The queries of `cosmos.auth.v1beta1` and of the gas table.

use super::{key, two_of_three};
use crate::auth::{gas_table_to_proto, save, Account, Auth, PublicKey, DEFAULT_PARAMS};
use crate::kernel::{Ctx, GasTable, QueryCode, QueryError};
use crate::test_support::{address, ask, ctx};
use cosmos_sdk_proto::cosmos::auth::v1beta1 as proto;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use jmes_proto::jmes::auth::v1 as jmes;
use prost::Message;

fn accounts() -> Ctx {
    let mut ctx = ctx();
    let keys = [None, Some(PublicKey::Secp256k1(key(7))), Some(two_of_three())];
    for (number, key) in (0..).zip(keys) {
        let account = Account { sequence: 5, key, ..Account::new(number) };
        save(&mut ctx, &address(number as u8), &account).unwrap();
    }
    ctx
}

fn query<Q: Message, A: Message + Default>(ctx: &Ctx, name: &str, request: &Q) -> Result<A, QueryError> {
    ask(&Auth, ctx, &format!("/cosmos.auth.v1beta1.Query/{name}"), request)
}

#[test]
fn an_account_is_a_plain_base_account() {
    let ctx = accounts();
    let text = address(1).to_string();
    let answer: proto::QueryAccountResponse =
        query(&ctx, "Account", &proto::QueryAccountRequest { address: text.clone() }).unwrap();
    let any = answer.account.unwrap();
    assert_eq!(any.type_url, "/cosmos.auth.v1beta1.BaseAccount");
    let expected = proto::BaseAccount {
        address: text.clone(),
        pub_key: Some(PublicKey::Secp256k1(key(7)).to_any()),
        account_number: 1,
        sequence: 5,
    };
    assert_eq!(proto::BaseAccount::decode(any.value.as_slice()).unwrap(), expected);
    let info: proto::QueryAccountInfoResponse =
        query(&ctx, "AccountInfo", &proto::QueryAccountInfoRequest { address: text }).unwrap();
    assert_eq!(info.info, Some(expected));
}

#[test]
fn an_unknown_account_is_not_found_and_a_bad_address_invalid() {
    let ctx = accounts();
    let ask_for = |address: String| {
        query::<_, proto::QueryAccountResponse>(&ctx, "Account", &proto::QueryAccountRequest { address })
    };
    let text = address(9).to_string();
    assert_eq!(ask_for(text.clone()), Err(QueryError::not_found(format!("account {text} not found"))));
    assert_eq!(ask_for("test".into()).unwrap_err().code, QueryCode::InvalidArgument);
    assert_eq!(ask_for(String::new()), Err(QueryError::invalid("empty address string is not allowed")));
}

#[test]
fn all_accounts_come_in_pages() {
    let ctx = accounts();
    let pagination = Some(PageRequest { limit: 2, count_total: true, ..PageRequest::default() });
    let first: proto::QueryAccountsResponse =
        query(&ctx, "Accounts", &proto::QueryAccountsRequest { pagination }).unwrap();
    let page = first.pagination.unwrap();
    assert_eq!((first.accounts.len(), page.total), (2, 3));
    let pagination = Some(PageRequest { key: page.next_key, ..PageRequest::default() });
    let second: proto::QueryAccountsResponse =
        query(&ctx, "Accounts", &proto::QueryAccountsRequest { pagination }).unwrap();
    assert_eq!(second.accounts.len(), 1);
    assert!(second.pagination.unwrap().next_key.is_empty());
}

#[test]
fn parameters_and_gas_table_can_be_asked_for() {
    let ctx = accounts();
    let answer: proto::QueryParamsResponse = query(&ctx, "Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(DEFAULT_PARAMS));
    let answer: jmes::QueryParamsResponse =
        ask(&Auth, &ctx, "/jmes.auth.v1.Query/Params", &jmes::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(gas_table_to_proto(&GasTable::DEFAULT)));
}

#[test]
fn there_are_no_module_accounts() {
    let ctx = accounts();
    let all: proto::QueryModuleAccountsResponse =
        query(&ctx, "ModuleAccounts", &proto::QueryModuleAccountsRequest {}).unwrap();
    assert!(all.accounts.is_empty());
    let request = proto::QueryModuleAccountByNameRequest { name: "gov".into() };
    let one = query::<_, proto::QueryModuleAccountByNameResponse>(&ctx, "ModuleAccountByName", &request);
    let why = "account gov not found: this chain has no module accounts";
    assert_eq!(one, Err(QueryError::not_found(why)));
}

#[test]
fn accounts_are_not_indexed_by_number() {
    let request = proto::QueryAccountAddressByIdRequest::default();
    let answer =
        query::<_, proto::QueryAccountAddressByIdResponse>(&accounts(), "AccountAddressByID", &request);
    assert_eq!(answer.unwrap_err().code, QueryCode::Unimplemented);
}

#[test]
fn addresses_are_converted_both_ways() {
    let ctx = ctx();
    let prefix: proto::Bech32PrefixResponse =
        query(&ctx, "Bech32Prefix", &proto::Bech32PrefixRequest {}).unwrap();
    assert_eq!(prefix.bech32_prefix, "jmes");
    let (text, bytes) = (address(5).to_string(), address(5).as_bytes().to_vec());
    let answer: proto::AddressBytesToStringResponse = query(
        &ctx,
        "AddressBytesToString",
        &proto::AddressBytesToStringRequest { address_bytes: bytes.clone() },
    )
    .unwrap();
    assert_eq!(answer.address_string, text);
    let answer: proto::AddressStringToBytesResponse =
        query(&ctx, "AddressStringToBytes", &proto::AddressStringToBytesRequest { address_string: text })
            .unwrap();
    assert_eq!(answer.address_bytes, bytes);
    let wrong = proto::AddressBytesToStringRequest { address_bytes: vec![1] };
    let refused = query::<_, proto::AddressBytesToStringResponse>(&ctx, "AddressBytesToString", &wrong);
    assert_eq!(refused.unwrap_err().code, QueryCode::InvalidArgument);
}
