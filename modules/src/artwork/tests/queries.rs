//! What can be asked.

use super::super::{mint, send};
use super::*;
use crate::kernel::{QueryCode, QueryError};
use crate::test_support::ask;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use jmes_proto::cosmos::nft::v1beta1 as standard;
use jmes_proto::jmes::artwork::v1::{QueryProvenanceRequest, QueryProvenanceResponse};

fn full() -> Ctx {
    let (mut ctx, dao) = dealer();
    let other = register_dao(&mut ctx, "louvre");
    slots::grant(&mut ctx, &other, Feature::ArtDealer, 9, 10).unwrap();
    for (dao, id) in [(dao, "blue"), (dao, "green"), (dao, "red"), (other, "blue")] {
        mint(&mut ctx, &asked(dao, id)).unwrap();
    }
    at(&mut ctx, 9);
    send(&mut ctx, CLASS, "red", &address(5), &address(6)).unwrap();
    ctx
}

fn provenance(ctx: &Ctx, id: &str) -> Result<QueryProvenanceResponse, QueryError> {
    provenance_page(ctx, id, PageRequest::default())
}

fn provenance_page(ctx: &Ctx, id: &str, page: PageRequest) -> Result<QueryProvenanceResponse, QueryError> {
    let request = QueryProvenanceRequest { class_id: CLASS.into(), id: id.into(), pagination: Some(page) };
    ask(&ArtworkModule, ctx, "/jmes.artwork.v1.Query/Provenance", &request)
}

#[test]
fn provenance_shows_dealer_right_and_transfers_newest_first() {
    let mut ctx = full();
    let shown = provenance(&ctx, "red").unwrap();
    assert_eq!((shown.feature.as_str(), shown.proposal_id, shown.minted_height), ("art_dealer", 7, 7));
    assert!(shown.held_then && shown.held_now);
    let hands: Vec<(String, u64)> = shown.transfers.iter().map(|one| (one.to.clone(), one.height)).collect();
    assert_eq!(hands, [(address(6).to_string(), 9), (address(5).to_string(), 7)]);
    assert_eq!(shown.transfers[1].from, "");
    // The term ends; what was minted keeps its provenance.
    at_issuance(&mut ctx, NOW + 11);
    at(&mut ctx, 18);
    slots::end_terms(&mut ctx).unwrap();
    let shown = provenance(&ctx, "red").unwrap();
    assert!(shown.held_then && !shown.held_now);
    assert_eq!(provenance(&ctx, "black").unwrap_err().code, QueryCode::NotFound);
}

#[test]
fn transfers_are_paginated_back_to_the_mint() {
    let mut ctx = full();
    for _ in 0..60 {
        send(&mut ctx, CLASS, "blue", &address(5), &address(6)).unwrap();
        send(&mut ctx, CLASS, "blue", &address(6), &address(5)).unwrap();
    }
    assert_eq!(provenance(&ctx, "blue").unwrap().transfers.len(), 10);
    let mut page = PageRequest { limit: 1_000, ..PageRequest::default() };
    let latest = provenance_page(&ctx, "blue", page.clone()).unwrap();
    assert_eq!(latest.transfers.len(), 100);
    page.key = latest.pagination.unwrap().next_key;
    let rest = provenance_page(&ctx, "blue", page).unwrap();
    assert_eq!((rest.transfers.len(), rest.pagination.unwrap().next_key), (21, Vec::new()));
    assert_eq!(rest.transfers[20].from, "", "minted");
    assert!(rest.transfers[..20].iter().chain(&latest.transfers).all(|one| !one.from.is_empty()));
}

fn nfts(ctx: &Ctx, class: &str, owner: &str, limit: u64) -> Result<Vec<(String, String)>, QueryError> {
    let pagination = Some(PageRequest { limit, ..PageRequest::default() });
    let request = standard::QueryNfTsRequest { class_id: class.into(), owner: owner.into(), pagination };
    let answer: standard::QueryNfTsResponse =
        ask(&ArtworkModule, ctx, "/cosmos.nft.v1beta1.Query/NFTs", &request)?;
    Ok(answer.nfts.into_iter().map(|nft| (nft.class_id, nft.id)).collect())
}

#[test]
fn artworks_of_a_class_of_an_owner_and_of_both() {
    let ctx = full();
    let five = address(5).to_string();
    let ids = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(class, id)| (format!("artwork-{class}"), (*id).into())).collect()
    };
    let all = ids(&[("artbasel", "blue"), ("artbasel", "green"), ("artbasel", "red")]);
    assert_eq!(nfts(&ctx, CLASS, "", 0), Ok(all.clone()));
    assert_eq!(nfts(&ctx, CLASS, "", 2), Ok(all[..2].to_vec()));
    assert_eq!(
        nfts(&ctx, "", &five, 0),
        Ok(ids(&[("artbasel", "blue"), ("artbasel", "green"), ("louvre", "blue")]))
    );
    assert_eq!(nfts(&ctx, "artwork-louvre", &five, 0), Ok(ids(&[("louvre", "blue")])));
    assert_eq!(nfts(&ctx, "artwork-louvre", &address(6).to_string(), 0), Ok(Vec::new()));
    assert_eq!(nfts(&ctx, "", "", 0).unwrap_err().code, QueryCode::InvalidArgument);
    assert_eq!(nfts(&ctx, "", "nobody", 0).unwrap_err().code, QueryCode::InvalidArgument);
}

#[test]
fn owner_balance_supply_artwork_and_classes() {
    let ctx = full();
    let path = |name: &str| format!("/cosmos.nft.v1beta1.Query/{name}");
    let request = standard::QueryOwnerRequest { class_id: CLASS.into(), id: "red".into() };
    let owner: standard::QueryOwnerResponse = ask(&ArtworkModule, &ctx, &path("Owner"), &request).unwrap();
    assert_eq!(owner.owner, address(6).to_string());
    let request = standard::QueryBalanceRequest { class_id: CLASS.into(), owner: address(5).to_string() };
    let balance: standard::QueryBalanceResponse =
        ask(&ArtworkModule, &ctx, &path("Balance"), &request).unwrap();
    assert_eq!(balance.amount, 2);
    let request = standard::QuerySupplyRequest { class_id: CLASS.into() };
    let supply: standard::QuerySupplyResponse = ask(&ArtworkModule, &ctx, &path("Supply"), &request).unwrap();
    assert_eq!(supply.amount, 3);
    let request = standard::QueryNftRequest { class_id: CLASS.into(), id: "red".into() };
    let nft: standard::QueryNftResponse = ask(&ArtworkModule, &ctx, &path("NFT"), &request).unwrap();
    assert_eq!(nft.nft.unwrap().uri, "ipfs://picture");
    let request = standard::QueryClassRequest { class_id: CLASS.into() };
    let class: standard::QueryClassResponse = ask(&ArtworkModule, &ctx, &path("Class"), &request).unwrap();
    let class = class.class.unwrap();
    assert_eq!((class.name.as_str(), class.symbol.as_str()), ("artbasel", "artbasel"));
    let request = standard::QueryClassRequest { class_id: "artwork-nobody".into() };
    let none = ask::<_, standard::QueryClassResponse>(&ArtworkModule, &ctx, &path("Class"), &request);
    assert_eq!(none.unwrap_err().code, QueryCode::NotFound);
    let request = standard::QueryClassesRequest::default();
    let classes: standard::QueryClassesResponse =
        ask(&ArtworkModule, &ctx, &path("Classes"), &request).unwrap();
    assert_eq!(classes.classes.len(), 2);
}
