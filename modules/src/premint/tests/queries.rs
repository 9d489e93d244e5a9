//! The queries of `jmes.premint.v1`.

use super::{chain, LAST};
use crate::bank::transfer;
use crate::kernel::{Ctx, QueryError};
use crate::premint::Premint;
use crate::test_support::{address, ask, at_issuance, coins};
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use jmes_proto::jmes::premint::v1 as proto;

fn wallet(ctx: &Ctx, address: &str) -> Result<proto::QueryWalletResponse, QueryError> {
    let request = proto::QueryWalletRequest { address: address.into() };
    ask(&Premint, ctx, "/jmes.premint.v1.Query/Wallet", &request)
}

#[test]
fn a_wallet_is_shown_with_what_it_can_spend() {
    let mut ctx = chain();
    at_issuance(&mut ctx, 5);
    transfer(&mut ctx, &address(2), &address(9), &coins("60ujmes")).unwrap();
    let shown = wallet(&ctx, &address(2).to_string()).unwrap();
    assert_eq!(shown.address, address(2).to_string());
    assert_eq!((shown.amount.as_str(), shown.unlocked.as_str()), ("900000000", "90"));
    assert_eq!((shown.locked.as_str(), shown.spendable.as_str()), ("899999910", "80"));
    assert_eq!(shown.held, "899999990");
}

#[test]
fn the_next_unlocks_are_those_of_twelve_months() {
    let mut ctx = chain();
    at_issuance(&mut ctx, 5);
    let next = wallet(&ctx, &address(1).to_string()).unwrap().next_unlocks;
    assert_eq!(next.len(), 12);
    let shown = |unlock: &proto::Unlock| (unlock.n, unlock.unlocked.parse::<u64>().unwrap());
    assert_eq!(shown(&next[0]), (5 + 525_949, 18 * (5 + 525_949)));
    let year = 6_311_390;
    assert_eq!(shown(&next[11]), (year + 5, 18 * year + 5 * 15_728_256 / 1_000_000));
    at_issuance(&mut ctx, LAST);
    let next = wallet(&ctx, &address(1).to_string()).unwrap().next_unlocks;
    assert!(next.iter().all(|unlock| unlock.unlocked == "900000000"));
}

#[test]
fn an_address_that_is_no_wallet_is_not_found() {
    let other = address(3).to_string();
    assert_eq!(
        wallet(&chain(), &other),
        Err(QueryError::not_found(format!("{other} is not a premint wallet")))
    );
    assert_eq!(wallet(&chain(), "nobody").unwrap_err().code, crate::kernel::QueryCode::InvalidArgument);
}

#[test]
fn wallets_come_in_pages_with_the_sums_of_all() {
    let mut ctx = chain();
    at_issuance(&mut ctx, 5);
    let page = |pagination: Option<PageRequest>| {
        let request = proto::QueryWalletsRequest { pagination };
        ask::<_, proto::QueryWalletsResponse>(&Premint, &ctx, "/jmes.premint.v1.Query/Wallets", &request)
            .unwrap()
    };
    let all = page(None);
    let addresses: Vec<&str> = all.wallets.iter().map(|wallet| wallet.address.as_str()).collect();
    assert_eq!(addresses, [address(1).to_string(), address(2).to_string()]);
    assert_eq!((all.wallets[1].spendable.as_str(), all.wallets[1].unlocked.as_str()), ("140", "90"));
    assert_eq!((all.amount.as_str(), all.unlocked.as_str()), ("1800000000", "180"));
    let first = page(Some(PageRequest { limit: 1, ..PageRequest::default() }));
    assert_eq!((first.wallets.len(), first.amount.as_str()), (1, "1800000000"));
    let rest = page(Some(PageRequest { key: first.pagination.unwrap().next_key, ..PageRequest::default() }));
    assert_eq!(rest.wallets[0].address, address(2).to_string());
}

#[test]
fn there_are_no_parameters() {
    let request = proto::QueryParamsRequest {};
    let answer: proto::QueryParamsResponse =
        ask(&Premint, &chain(), "/jmes.premint.v1.Query/Params", &request).unwrap();
    assert_eq!(answer.params, Some(proto::Params {}));
}
