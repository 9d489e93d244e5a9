//! The queries of `cosmos.slashing.v1beta1` and `cosmos.evidence.v1beta1`.

use super::params::params;
use super::types::{EvidenceHash, SigningInfo};
use super::{state, timestamp, NEVER};
use crate::kernel::{
    page, ConsensusAddress, QueryError, QueryResult, QueryRoutes, Result, View, COSMOS_PAGE,
};
use crate::{seats, staking};
use cosmos_sdk_proto::cosmos::evidence::v1beta1 as evidence;
use cosmos_sdk_proto::cosmos::slashing::v1beta1 as proto;
use jmes_proto::Any;
use prost::{Message, Name};

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/cosmos.slashing.v1beta1.Query/Params", query_params);
    routes.add("/cosmos.slashing.v1beta1.Query/SigningInfo", signing_info);
    routes.add("/cosmos.slashing.v1beta1.Query/SigningInfos", signing_infos);
    routes.add("/cosmos.evidence.v1beta1.Query/Evidence", evidence_by_hash);
    routes.add("/cosmos.evidence.v1beta1.Query/AllEvidence", all_evidence);
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

fn signing_info(
    view: &View,
    request: proto::QuerySigningInfoRequest,
) -> QueryResult<proto::QuerySigningInfoResponse> {
    if request.cons_address.is_empty() {
        return Err(QueryError::invalid("invalid request: the consensus address is empty"));
    }
    let address = ConsensusAddress::parse(&request.cons_address)?;
    let info = state::SIGNING_INFOS.load(view, &address)?.ok_or_else(|| {
        QueryError::not_found(format!("SigningInfo not found for validator {}", request.cons_address))
    })?;
    Ok(proto::QuerySigningInfoResponse { val_signing_info: Some(shown(view, &address, info)?) })
}

fn signing_infos(
    view: &View,
    request: proto::QuerySigningInfosRequest,
) -> QueryResult<proto::QuerySigningInfosResponse> {
    let page = page(view, &state::SIGNING_INFOS, &[], request.pagination.as_ref(), COSMOS_PAGE)?;
    let info =
        page.entries.iter().map(|(address, info)| shown(view, address, *info)).collect::<Result<_>>()?;
    Ok(proto::QuerySigningInfosResponse { info, pagination: Some(page.response) })
}

/// A signing info as the Cosmos SDK shows it. The offset is the number of commits counted since the start while the validator
/// has a seat, else 0; jail is the validator's.
fn shown(
    view: &View,
    address: &ConsensusAddress,
    mut info: SigningInfo,
) -> Result<proto::ValidatorSigningInfo> {
    if let Some(windows) = state::WINDOWS.load(view)?.filter(|windows| info.start_height < windows.since) {
        info = SigningInfo { start_height: windows.since, missed: 0 };
    }
    let validator = match staking::by_consensus(view, address)? {
        Some(operator) => staking::validator(view, &operator)?,
        None => None,
    };
    let mut index_offset = 0;
    let (mut tombstoned, mut jailed_until) = (false, timestamp(0));
    if let Some(validator) = validator {
        if seats::is_seated(view, &validator.operator)? {
            index_offset = view.block().height.saturating_sub(info.start_height);
        }
        tombstoned = validator.tombstoned;
        jailed_until = if tombstoned { NEVER } else { timestamp(validator.jailed_until) };
    }
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(proto::ValidatorSigningInfo {
        address: address.to_string(),
        start_height: number(info.start_height),
        index_offset: number(index_offset),
        jailed_until: Some(jailed_until),
        tombstoned,
        missed_blocks_counter: number(info.missed),
    })
}

#[allow(deprecated, reason = "the request still carries the field that the SDK has retired")]
fn evidence_by_hash(
    view: &View,
    request: evidence::QueryEvidenceRequest,
) -> QueryResult<evidence::QueryEvidenceResponse> {
    let hash = match (request.hash.as_str(), request.evidence_hash.as_slice()) {
        ("", bytes) => bytes.try_into().ok().map(EvidenceHash),
        (text, _) => EvidenceHash::parse(text),
    };
    let hash = hash.ok_or_else(|| QueryError::invalid("invalid hash: expected 64 hexadecimal digits"))?;
    let found = state::EVIDENCE.load(view, &hash)?;
    let found = found.ok_or_else(|| QueryError::not_found(format!("evidence {hash} not found")))?;
    Ok(evidence::QueryEvidenceResponse { evidence: Some(to_any(&found)) })
}

fn all_evidence(
    view: &View,
    request: evidence::QueryAllEvidenceRequest,
) -> QueryResult<evidence::QueryAllEvidenceResponse> {
    let page = page(view, &state::EVIDENCE, &[], request.pagination.as_ref(), COSMOS_PAGE)?;
    let evidence = page.entries.iter().map(|(_, evidence)| to_any(evidence)).collect();
    Ok(evidence::QueryAllEvidenceResponse { evidence, pagination: Some(page.response) })
}

fn to_any(found: &evidence::Equivocation) -> Any {
    let type_url = format!("/{}", evidence::Equivocation::full_name());
    Any { type_url, value: found.encode_to_vec() }
}
