//! The queries of `cosmos.bank.v1beta1`.

use crate::bank::{transfer, Bank, DEFAULT_PARAMS};
use crate::kernel::{codes, Amount, Ctx, Module, QueryCode, QueryError};
use crate::premint::Premint;
use crate::staking;
use crate::test_support::{address, ask, assert_refused, at_issuance, candidate, coins, committed, funded};
use cosmos_sdk_proto::cosmos::bank::v1beta1 as proto;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use prost::Message;
use serde_json::json;

fn query<Q: Message, A: Message + Default>(ctx: &Ctx, name: &str, request: &Q) -> Result<A, QueryError> {
    ask(&Bank, ctx, &format!("/cosmos.bank.v1beta1.Query/{name}"), request)
}

/// Address 1 has coins on both sides of `ujmes`, address 2 only other ones, address 3 only `ujmes`.
fn state() -> Ctx {
    committed(funded(&[(address(1), "5ujmes,1aaa,2bbb,9zzz"), (address(2), "3aaa"), (address(3), "7ujmes")]))
}

fn text(byte: u8) -> String {
    address(byte).to_string()
}

fn shown(coins: &[Coin]) -> String {
    coins.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect::<Vec<_>>().join(",")
}

fn balance(ctx: &Ctx, address: &str, denom: &str) -> Result<String, QueryError> {
    let request = proto::QueryBalanceRequest { address: address.into(), denom: denom.into() };
    let answer: proto::QueryBalanceResponse = query(ctx, "Balance", &request)?;
    let request = proto::QuerySpendableBalanceByDenomRequest { address: address.into(), denom: denom.into() };
    let spendable: proto::QuerySpendableBalanceByDenomResponse =
        query(ctx, "SpendableBalanceByDenom", &request)?;
    assert_eq!(answer.balance, spendable.balance, "nothing is locked");
    Ok(shown(&[answer.balance.unwrap()]))
}

#[test]
fn a_balance_is_shown_also_when_it_is_zero() {
    let ctx = state();
    assert_eq!(balance(&ctx, &text(1), "ujmes"), Ok("5ujmes".into()));
    assert_eq!(balance(&ctx, &text(1), "zzz"), Ok("9zzz".into()));
    assert_eq!(balance(&ctx, &text(2), "ujmes"), Ok("0ujmes".into()));
    assert_eq!(
        balance(&ctx, &text(9), "ujmes"),
        Ok("0ujmes".into()),
        "an address without an account has nothing"
    );
}

#[test]
fn a_bad_address_or_denomination_is_invalid() {
    let ctx = state();
    for (address, denom) in [("", "ujmes"), ("test", "ujmes"), (&text(1), ""), (&text(1), "!")] {
        assert_eq!(balance(&ctx, address, denom).unwrap_err().code, QueryCode::InvalidArgument);
    }
}

fn all(
    ctx: &Ctx,
    address: &str,
    pagination: Option<PageRequest>,
) -> Result<(String, PageResponse), QueryError> {
    let request = proto::QueryAllBalancesRequest {
        address: address.into(),
        pagination: pagination.clone(),
        resolve_denom: false,
    };
    let answer: proto::QueryAllBalancesResponse = query(ctx, "AllBalances", &request)?;
    let request = proto::QuerySpendableBalancesRequest { address: address.into(), pagination };
    let spendable: proto::QuerySpendableBalancesResponse = query(ctx, "SpendableBalances", &request)?;
    assert_eq!(answer.balances, spendable.balances, "nothing is locked");
    Ok((shown(&answer.balances), answer.pagination.unwrap()))
}

#[test]
fn all_balances_are_sorted_with_the_native_one_in_its_place() {
    let ctx = state();
    assert_eq!(all(&ctx, &text(1), None).unwrap().0, "1aaa,2bbb,5ujmes,9zzz");
    assert_eq!(all(&ctx, &text(2), None).unwrap().0, "3aaa");
    assert_eq!(all(&ctx, &text(3), None).unwrap().0, "7ujmes");
    assert_eq!(all(&ctx, &text(9), None).unwrap().0, "");
}

#[test]
fn balances_come_in_pages() {
    let ctx = state();
    let page = |request| {
        let (coins, page) = all(&ctx, &text(1), Some(request)).unwrap();
        (coins, String::from_utf8(page.next_key).unwrap(), page.total)
    };
    let base = PageRequest { limit: 2, count_total: true, ..PageRequest::default() };
    assert_eq!(page(base.clone()), ("1aaa,2bbb".into(), "ujmes".into(), 4));
    let second = PageRequest { key: b"ujmes".to_vec(), count_total: false, ..base.clone() };
    assert_eq!(page(second), ("5ujmes,9zzz".into(), String::new(), 0));
    let skipped = PageRequest { offset: 3, ..base.clone() };
    assert_eq!(page(skipped), ("9zzz".into(), String::new(), 4));
    let backwards = PageRequest { reverse: true, limit: 3, ..base };
    assert_eq!(page(backwards), ("9zzz,5ujmes,2bbb".into(), "aaa".into(), 4));
    let wallets = PageRequest { limit: 1_000, ..PageRequest::default() };
    assert_eq!(page(wallets).0, "1aaa,2bbb,5ujmes,9zzz");
    let beyond = PageRequest { offset: u64::MAX, ..PageRequest::default() };
    assert_eq!(page(beyond).0, "");
}

#[test]
fn a_page_by_key_and_offset_or_by_a_wrong_key_is_invalid() {
    let ctx = state();
    let refused = |request| all(&ctx, &text(1), Some(request)).unwrap_err();
    let both = refused(PageRequest { key: b"aaa".to_vec(), offset: 1, ..PageRequest::default() });
    assert_eq!(both, QueryError::invalid("invalid request, either offset or key is expected, got both"));
    let unknown = refused(PageRequest { key: b"none".to_vec(), ..PageRequest::default() });
    assert_eq!(unknown, QueryError::invalid("invalid pagination key"));
}

#[test]
fn supply_is_per_denomination() {
    let ctx = state();
    let request = proto::QueryTotalSupplyRequest { pagination: None };
    let answer: proto::QueryTotalSupplyResponse = query(&ctx, "TotalSupply", &request).unwrap();
    assert_eq!(shown(&answer.supply), "4aaa,2bbb,12ujmes,9zzz");
    let of = |denom: &str| {
        let request = proto::QuerySupplyOfRequest { denom: denom.into() };
        let answer = query::<_, proto::QuerySupplyOfResponse>(&ctx, "SupplyOf", &request)?;
        Ok::<_, QueryError>(shown(&[answer.amount.unwrap()]))
    };
    assert_eq!(of("ujmes"), Ok("12ujmes".into()));
    assert_eq!(of("none"), Ok("0none".into()));
    assert_eq!(of("!").unwrap_err().code, QueryCode::InvalidArgument);
}

/// The pages of all denominations' supply, each with `limit` of them.
fn supply_pages(ctx: &Ctx, limit: u64) -> Vec<String> {
    let (mut key, mut pages) = (Vec::new(), Vec::new());
    loop {
        let pagination = Some(PageRequest { key, limit, ..PageRequest::default() });
        let request = proto::QueryTotalSupplyRequest { pagination };
        let answer: proto::QueryTotalSupplyResponse = query(ctx, "TotalSupply", &request).unwrap();
        pages.push(shown(&answer.supply));
        key = answer.pagination.unwrap().next_key;
        if key.is_empty() {
            return pages;
        }
    }
}

#[test]
fn supply_of_bonds_is_in_the_list_and_adds_nothing_to_that_of_the_coin() {
    let mut ctx = state();
    staking::state::TOTAL_BONDED.save(&mut ctx, &Amount(5)).unwrap();
    assert_eq!(supply_pages(&ctx, 9), ["4aaa,2bbb,5bujmes,12ujmes,9zzz"]);
    assert_eq!(supply_pages(&ctx, 2), ["4aaa,2bbb", "5bujmes,12ujmes", "9zzz"]);
    let request = proto::QuerySupplyOfRequest { denom: "bujmes".into() };
    let answer: proto::QuerySupplyOfResponse = query(&ctx, "SupplyOf", &request).unwrap();
    assert_eq!(shown(&[answer.amount.unwrap()]), "5bujmes");
}

#[test]
fn owners_of_bonds_are_not_listed_here() {
    let request = proto::QueryDenomOwnersRequest { denom: "bujmes".into(), pagination: None };
    let refused = query::<_, proto::QueryDenomOwnersResponse>(&state(), "DenomOwners", &request).unwrap_err();
    assert_eq!(refused.code, QueryCode::Unimplemented);
}

#[test]
fn bonds_are_shown_as_bujmes_and_cannot_be_spent() {
    let mut ctx = state();
    let operator = candidate(&mut ctx);
    staking::bond(&mut ctx, &address(1), &operator, Amount(3)).unwrap();
    let page = |name: &str| {
        let request = proto::QuerySpendableBalancesRequest { address: text(1), pagination: None };
        let answer: proto::QuerySpendableBalancesResponse = query(&ctx, name, &request).unwrap();
        shown(&answer.balances)
    };
    assert_eq!(page("AllBalances"), "1aaa,2bbb,3bujmes,2ujmes,9zzz");
    assert_eq!(page("SpendableBalances"), "1aaa,2bbb,2ujmes,9zzz");
    let of = |name: &str| {
        let request = proto::QueryBalanceRequest { address: text(1), denom: "bujmes".into() };
        let answer: proto::QueryBalanceResponse = query(&ctx, name, &request).unwrap();
        shown(&[answer.balance.unwrap()])
    };
    assert_eq!((of("Balance"), of("SpendableBalanceByDenom")), ("3bujmes".into(), "0bujmes".into()));
    assert_eq!(supply_pages(&ctx, 9), ["4aaa,2bbb,3bujmes,12ujmes,9zzz"]);
    let sent = transfer(&mut ctx, &address(1), &address(2), &coins("1bujmes"));
    let why = "spendable balance 0bujmes is smaller than 1bujmes: insufficient funds";
    assert_refused(sent, "sdk", codes::INSUFFICIENT_FUNDS, why);
    assert_eq!(Bank.check_invariants(&ctx), Ok(()));
}

#[test]
fn locked_premint_is_in_the_balance_and_cannot_be_spent() {
    let mut ctx = funded(&[(address(1), "900000007ujmes,1aaa")]);
    let wallet = json!({"address": text(1), "amount": "900000000"});
    Premint.import(&mut ctx, &json!({ "wallets": [wallet] })).unwrap();
    let shown_at = |ctx: &Ctx| {
        let request = proto::QueryAllBalancesRequest { address: text(1), ..Default::default() };
        let all: proto::QueryAllBalancesResponse = query(ctx, "AllBalances", &request).unwrap();
        let request = proto::QuerySpendableBalancesRequest { address: text(1), pagination: None };
        let spendable: proto::QuerySpendableBalancesResponse =
            query(ctx, "SpendableBalances", &request).unwrap();
        let request = proto::QuerySpendableBalanceByDenomRequest { address: text(1), denom: "ujmes".into() };
        let native: proto::QuerySpendableBalanceByDenomResponse =
            query(ctx, "SpendableBalanceByDenom", &request).unwrap();
        [shown(&all.balances), shown(&spendable.balances), shown(&[native.balance.unwrap()])]
    };
    assert_eq!(shown_at(&ctx), ["1aaa,900000007ujmes", "1aaa,7ujmes", "7ujmes"]);
    at_issuance(&mut ctx, 5);
    assert_eq!(shown_at(&ctx), ["1aaa,900000007ujmes", "1aaa,97ujmes", "97ujmes"]);
    transfer(&mut ctx, &address(1), &address(2), &coins("97ujmes")).unwrap();
    assert_eq!(shown_at(&ctx), ["1aaa,899999910ujmes", "1aaa", "0ujmes"]);
}

#[test]
fn owners_of_a_denomination_are_those_who_hold_it_now() {
    let mut ctx = state();
    transfer(&mut ctx, &address(2), &address(4), &coins("3aaa")).unwrap();
    let owners = |denom: &str| {
        let request = proto::QueryDenomOwnersRequest { denom: denom.into(), pagination: None };
        let answer: proto::QueryDenomOwnersResponse = query(&ctx, "DenomOwners", &request).unwrap();
        let request = proto::QueryDenomOwnersByQueryRequest { denom: denom.into(), pagination: None };
        let by_query: proto::QueryDenomOwnersByQueryResponse =
            query(&ctx, "DenomOwnersByQuery", &request).unwrap();
        assert_eq!(answer.denom_owners, by_query.denom_owners);
        let owner = |owner: proto::DenomOwner| (owner.address, shown(&[owner.balance.unwrap()]));
        answer.denom_owners.into_iter().map(owner).collect::<Vec<_>>()
    };
    assert_eq!(owners("aaa"), [(text(1), "1aaa".into()), (text(4), "3aaa".into())]);
    assert_eq!(owners("ujmes"), [(text(1), "5ujmes".into()), (text(3), "7ujmes".into())]);
    assert_eq!(owners("none"), []);
}

#[test]
fn metadata_are_found_by_their_base() {
    let ctx = state();
    let by = |denom: &str| {
        let request = proto::QueryDenomMetadataRequest { denom: denom.into() };
        let answer = query::<_, proto::QueryDenomMetadataResponse>(&ctx, "DenomMetadata", &request)?;
        let request = proto::QueryDenomMetadataByQueryStringRequest { denom: denom.into() };
        let by_query = query::<_, proto::QueryDenomMetadataByQueryStringResponse>(
            &ctx,
            "DenomMetadataByQueryString",
            &request,
        )?;
        assert_eq!(answer.metadata, by_query.metadata);
        Ok::<_, QueryError>(answer.metadata.unwrap().symbol)
    };
    assert_eq!(by("ujmes"), Ok("JMES".into()));
    assert_eq!(by("bujmes"), Ok("bJMES".into()));
    assert_eq!(by("atom"), Err(QueryError::not_found("client metadata for denom atom")));
    let request = proto::QueryDenomsMetadataRequest { pagination: None };
    let answer: proto::QueryDenomsMetadataResponse = query(&ctx, "DenomsMetadata", &request).unwrap();
    assert_eq!(answer.metadatas.len(), 2);
}

#[test]
fn sends_are_enabled_for_all_denominations() {
    let ctx = state();
    let answer: proto::QueryParamsResponse = query(&ctx, "Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(DEFAULT_PARAMS));
    let request = proto::QuerySendEnabledRequest::default();
    let answer: proto::QuerySendEnabledResponse = query(&ctx, "SendEnabled", &request).unwrap();
    assert!(answer.send_enabled.is_empty());
}
