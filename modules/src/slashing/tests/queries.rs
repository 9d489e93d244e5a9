//! The queries of `cosmos.slashing` and `cosmos.evidence`.

use super::{
    accuse, address, blocks, chain, chain_with, create, double_sign, judge, key, next_block, SECOND,
};
use crate::kernel::{Ctx, QueryCode, QueryError};
use crate::slashing::{default_params, Slashing};
use crate::staking;
use crate::test_support::ask;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use cosmos_sdk_proto::cosmos::evidence::v1beta1 as evidence;
use cosmos_sdk_proto::cosmos::slashing::v1beta1 as proto;
use prost::Message;
use sha2::{Digest, Sha256};

fn query<Q: Message, A: Message + Default>(ctx: &Ctx, name: &str, request: &Q) -> Result<A, QueryError> {
    ask(&Slashing, ctx, &format!("/cosmos.{name}"), request)
}

fn info(ctx: &Ctx, cons_address: String) -> Result<proto::ValidatorSigningInfo, QueryError> {
    let request = proto::QuerySigningInfoRequest { cons_address };
    let answer: proto::QuerySigningInfoResponse = query(ctx, "slashing.v1beta1.Query/SigningInfo", &request)?;
    Ok(answer.val_signing_info.unwrap())
}

#[test]
fn the_parameters_carry_decimals_as_the_sdk_does() {
    let answer: proto::QueryParamsResponse =
        query(&chain(0), "slashing.v1beta1.Query/Params", &proto::QueryParamsRequest {}).unwrap();
    let params = answer.params.unwrap();
    assert_eq!(params, default_params());
    assert_eq!(params.signed_blocks_window, 10_000);
    assert_eq!(params.min_signed_per_window, b"50000000000000000");
    assert_eq!(params.slash_fraction_double_sign, b"50000000000000000");
    assert_eq!(params.slash_fraction_downtime, b"100000000000000");
    assert_eq!(params.downtime_jail_duration.unwrap().seconds, 600);
}

#[test]
fn a_signing_info_says_what_was_missed_since_when_and_jail() {
    let mut ctx = chain_with(1, 10, 50);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 3, true);
    blocks(&mut ctx, 2, false);
    let found = info(&ctx, key(1).to_string()).unwrap();
    assert_eq!(found.address, key(1).to_string());
    assert_eq!((found.start_height, found.index_offset, found.missed_blocks_counter), (1, 5, 2));
    assert_eq!((found.tombstoned, found.jailed_until.unwrap().seconds), (false, 0));
    staking::jail(&mut ctx, &address(1), 9 * SECOND + 1).unwrap();
    let until = info(&ctx, key(1).to_string()).unwrap().jailed_until.unwrap();
    assert_eq!((until.seconds, until.nanos), (9, 1));
}

#[test]
fn the_tombstoned_are_jailed_until_the_end_of_the_year_9999() {
    let mut ctx = chain(1);
    accuse(&mut ctx, &[double_sign(1, 1, 1)]);
    let found = info(&ctx, key(1).to_string()).unwrap();
    assert!(found.tombstoned);
    assert_eq!(found.jailed_until.unwrap().seconds, 253_402_300_799);
}

#[test]
fn a_window_that_has_restarted_shows_nothing_of_the_old_one() {
    let mut ctx = chain_with(2, 10, 50);
    next_block(&mut ctx, &[]);
    for _ in 0..4 {
        judge(&mut ctx, true, &[(1, false), (2, false)]);
    }
    judge(&mut ctx, false, &[(1, true)]);
    let height = i64::try_from(ctx.block().height).unwrap();
    let found = info(&ctx, key(2).to_string()).unwrap();
    assert_eq!((found.start_height, found.index_offset, found.missed_blocks_counter), (height, 0, 0));
}

#[test]
fn an_address_that_never_had_a_seat_has_no_signing_info() {
    let mut ctx = chain(1);
    create(&mut ctx, 2);
    let error = info(&ctx, key(2).to_string()).unwrap_err();
    assert_eq!(error.code, QueryCode::NotFound);
    assert_eq!(error.message, format!("SigningInfo not found for validator {}", key(2)));
    for wrong in [String::new(), address(1).to_string(), "jmesvalcons1".into()] {
        assert_eq!(info(&ctx, wrong).unwrap_err().code, QueryCode::InvalidArgument);
    }
}

#[test]
fn signing_infos_come_in_pages() {
    let ctx = chain(5);
    let mut keys: Vec<String> =
        (1..=5).map(key).collect::<std::collections::BTreeSet<_>>().iter().map(ToString::to_string).collect();
    let mut found = Vec::new();
    let mut pagination = PageRequest { limit: 2, ..PageRequest::default() };
    loop {
        let request = proto::QuerySigningInfosRequest { pagination: Some(pagination.clone()) };
        let answer: proto::QuerySigningInfosResponse =
            query(&ctx, "slashing.v1beta1.Query/SigningInfos", &request).unwrap();
        assert!(answer.info.len() <= 2);
        found.extend(answer.info.into_iter().map(|info| info.address));
        pagination.key = answer.pagination.unwrap().next_key;
        if pagination.key.is_empty() {
            break;
        }
    }
    keys.dedup();
    assert_eq!(found, keys);
}

#[test]
#[allow(deprecated, reason = "the old field of the request is answered as well")]
fn evidence_is_found_by_its_hash_in_either_form() {
    let mut ctx = chain(2);
    accuse(&mut ctx, &[double_sign(1, 1, 7), double_sign(2, 1, 7)]);
    let all: evidence::QueryAllEvidenceResponse = query(
        &ctx,
        "evidence.v1beta1.Query/AllEvidence",
        &evidence::QueryAllEvidenceRequest { pagination: None },
    )
    .unwrap();
    assert_eq!(all.evidence.len(), 2);
    for any in &all.evidence {
        assert_eq!(any.type_url, "/cosmos.evidence.v1beta1.Equivocation");
        let hash: [u8; 32] = Sha256::digest(&any.value).into();
        let text = hex::encode(hash);
        let requests = [
            evidence::QueryEvidenceRequest { hash: text.to_uppercase(), evidence_hash: Vec::new() },
            evidence::QueryEvidenceRequest { hash: text, evidence_hash: Vec::new() },
            evidence::QueryEvidenceRequest { hash: String::new(), evidence_hash: hash.to_vec() },
        ];
        for request in requests {
            let answer: evidence::QueryEvidenceResponse =
                query(&ctx, "evidence.v1beta1.Query/Evidence", &request).unwrap();
            assert_eq!(answer.evidence.as_ref(), Some(any));
        }
    }
}

#[test]
#[allow(deprecated, reason = "the old field of the request is answered as well")]
fn evidence_that_is_not_there_or_has_no_hash_is_refused() {
    let ctx = chain(1);
    let ask = |hash: String| {
        let request = evidence::QueryEvidenceRequest { hash, evidence_hash: Vec::new() };
        let answer: Result<evidence::QueryEvidenceResponse, _> =
            query(&ctx, "evidence.v1beta1.Query/Evidence", &request);
        answer.unwrap_err()
    };
    let missing = ask("ab".repeat(32));
    assert_eq!(
        (missing.code, missing.message),
        (QueryCode::NotFound, format!("evidence {} not found", "AB".repeat(32)))
    );
    for wrong in ["", "ab", &"+1".repeat(32), &"é".repeat(32), &"ab".repeat(33)] {
        assert_eq!(ask(wrong.into()).code, QueryCode::InvalidArgument, "{wrong}");
    }
}
