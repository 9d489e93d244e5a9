//! The queries of `jmes.identity.v1`.

use super::chain;
use crate::dao;
use crate::identity::{register, state, IdentityModule, Kind};
use crate::kernel::{Ctx, QueryCode, QueryError};
use crate::test_support::{address, ask};
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use jmes_proto::jmes::identity::v1 as proto;

fn query<Q: prost::Message, A: prost::Message + Default>(
    ctx: &Ctx,
    name: &str,
    request: &Q,
) -> Result<A, QueryError> {
    ask(&IdentityModule, ctx, &format!("/jmes.identity.v1.Query/{name}"), request)
}

fn artists() -> Ctx {
    let mut ctx = chain();
    state::PARAMS.save(&mut ctx, &proto::Params { registration_burn: "0".into() }).unwrap();
    for byte in 1..=150 {
        register(&mut ctx, &address(1), &address(byte), &format!("art{byte:03}"), Kind::User).unwrap();
    }
    register(&mut ctx, &address(1), &dao::address_of(1), "artbasel", Kind::Dao).unwrap();
    ctx
}

#[test]
fn an_identity_is_found_by_name_and_by_address() {
    let ctx = artists();
    let by_name: proto::QueryByNameResponse =
        query(&ctx, "ByName", &proto::QueryByNameRequest { name: "artbasel".into() }).unwrap();
    let found = by_name.identity.unwrap();
    let dao = dao::address_of(1).to_string();
    assert_eq!((found.address.as_str(), found.kind(), found.height), (dao.as_str(), proto::Kind::Dao, 7));
    let by_address: proto::QueryByAddressResponse =
        query(&ctx, "ByAddress", &proto::QueryByAddressRequest { address: dao }).unwrap();
    assert_eq!(by_address.identity, Some(found));
}

#[test]
fn what_is_not_there_is_not_found() {
    let ctx = artists();
    for name in ["", "nobody", "art", "artbasel\0", "Artbasel", "art001\0x"] {
        let asked: Result<proto::QueryByNameResponse, _> =
            query(&ctx, "ByName", &proto::QueryByNameRequest { name: name.into() });
        assert_eq!(asked.unwrap_err().code, QueryCode::NotFound, "{name}");
    }
    let asked: Result<proto::QueryByAddressResponse, _> =
        query(&ctx, "ByAddress", &proto::QueryByAddressRequest { address: address(200).to_string() });
    assert_eq!(asked.unwrap_err().code, QueryCode::NotFound);
    let asked: Result<proto::QueryByAddressResponse, _> =
        query(&ctx, "ByAddress", &proto::QueryByAddressRequest { address: "artbasel".into() });
    assert_eq!(asked.unwrap_err().code, QueryCode::InvalidArgument);
}

fn names(ctx: &Ctx, prefix: &str, page: PageRequest) -> (Vec<String>, Vec<u8>) {
    let request = proto::QueryIdentitiesRequest { prefix: prefix.into(), pagination: Some(page) };
    let answer: proto::QueryIdentitiesResponse = query(ctx, "Identities", &request).unwrap();
    let names = answer.identities.into_iter().map(|identity| identity.name).collect();
    (names, answer.pagination.unwrap().next_key)
}

#[test]
fn identities_are_listed_by_prefix_ten_at_a_time_and_at_most_a_hundred() {
    let ctx = artists();
    let (first, next) = names(&ctx, "art0", PageRequest::default());
    let expected: Vec<String> = (1..=10).map(|number| format!("art{number:03}")).collect();
    assert_eq!(first, expected);
    let (second, _) = names(&ctx, "art0", PageRequest { key: next, limit: 3, ..PageRequest::default() });
    assert_eq!(second, ["art011", "art012", "art013"]);
    let (most, _) = names(&ctx, "", PageRequest { limit: 1_000, ..PageRequest::default() });
    assert_eq!(most.len(), 100);
    assert_eq!(names(&ctx, "artb", PageRequest::default()).0, ["artbasel"]);
    assert_eq!(names(&ctx, "art001", PageRequest::default()).0, ["art001"]);
    assert_eq!(names(&ctx, "art0011", PageRequest::default()), (Vec::new(), Vec::new()));
    let (last, _) = names(&ctx, "", PageRequest { limit: 1, reverse: true, ..PageRequest::default() });
    assert_eq!(last, ["artbasel"]);
}

#[test]
fn a_prefix_that_no_name_can_have_is_refused() {
    for prefix in ["Art", "art ", "\0", "ärt"] {
        let request = proto::QueryIdentitiesRequest { prefix: prefix.into(), pagination: None };
        let asked: Result<proto::QueryIdentitiesResponse, _> = query(&chain(), "Identities", &request);
        assert_eq!(asked.unwrap_err().code, QueryCode::InvalidArgument, "{prefix}");
    }
}

#[test]
fn the_parameters_are_those_in_force() {
    let answer: proto::QueryParamsResponse =
        query(&chain(), "Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(super::defaults()));
}
