//! The queries of `jmes.slots.v1`.

use super::{blocks, brand, chain, conclude, give};
use crate::kernel::{Ctx, QueryError};
use crate::slots::{Feature, Slots};
use crate::test_support::address;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use jmes_proto::jmes::slots::v1 as proto;

fn ask<Q: prost::Message, A: prost::Message + Default>(
    ctx: &Ctx,
    name: &str,
    request: &Q,
) -> Result<A, QueryError> {
    crate::test_support::ask(&Slots, ctx, &format!("/jmes.slots.v1.Query/{name}"), request)
}

#[test]
fn all_three_slots_are_shown_vacant_ones_too() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    let answer: proto::QuerySlotsResponse = ask(&ctx, "Slots", &proto::QuerySlotsRequest {}).unwrap();
    let seat = proto::Seat { slot: 1, dao: address(1).to_string(), proposal_id: 10, since: 8, until: 11 };
    let vacant = |slot| proto::Seat { slot, ..proto::Seat::default() };
    assert_eq!(answer.slots, [seat, vacant(2), vacant(3)]);
}

#[test]
fn the_terms_of_a_dao_are_shown_newest_first_past_ones_too() {
    let mut ctx = chain();
    give(&mut ctx, 1, Feature::ArtDealer, 5, 2);
    blocks(&mut ctx, 3);
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    give(&mut ctx, 2, Feature::ArtDealer, 6, 2);
    let request = |pagination| proto::QueryFeaturesRequest { dao: address(1).to_string(), pagination };
    let answer: proto::QueryFeaturesResponse = ask(&ctx, "Features", &request(None)).unwrap();
    let term = |feature: &str, proposal_id, since, until, ended_height| proto::Term {
        dao: address(1).to_string(),
        feature: feature.into(),
        proposal_id,
        since,
        until,
        ended_height,
    };
    let expected = [term("brand", 10, 11, 14, 0), term("art_dealer", 5, 8, 3, 11)];
    assert_eq!(answer.features, expected);
    let oldest = PageRequest { reverse: true, limit: 1, ..PageRequest::default() };
    let answer: proto::QueryFeaturesResponse = ask(&ctx, "Features", &request(Some(oldest))).unwrap();
    assert_eq!(answer.features, expected[1..]);
}

#[test]
fn it_is_told_who_held_what_at_a_height() {
    let mut ctx = chain();
    give(&mut ctx, 1, Feature::ArtDealer, 5, 2);
    blocks(&mut ctx, 3);
    let at = |feature: &str, height| {
        let request =
            proto::QueryFeatureAtRequest { dao: address(1).to_string(), feature: feature.into(), height };
        ask::<_, proto::QueryFeatureAtResponse>(&ctx, "FeatureAt", &request)
            .map(|answer| (answer.held, answer.proposal_id))
    };
    assert_eq!((at("art_dealer", 10), at("art_dealer", 11)), (Ok((true, 5)), Ok((false, 0))));
    assert_eq!(at("art_dealer", 0), Ok((false, 0)), "the latest");
    assert_eq!(
        at("art_dealer", 12),
        Err(QueryError::invalid("height 12 is still to come; the latest is 11"))
    );
    let why =
        "\"dealer\" is no feature; there are art_dealer, official_status, brand, community, engineering";
    assert_eq!(at("dealer", 8), Err(QueryError::invalid(why)));
}

#[test]
fn there_are_no_parameters() {
    let answer: proto::QueryParamsResponse = ask(&chain(), "Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(proto::Params {}));
}
