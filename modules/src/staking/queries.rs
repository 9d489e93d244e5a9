//! The queries of `cosmos.staking.v1beta1` about validators and the whole.

use super::convert::timestamp;
use super::{params, queries_bonds, state, total_bonded, total_unbonding, validator, Validator};
use crate::kernel::{
    page_where, Address, Key, PageLimits, QueryError, QueryResult, QueryRoutes, View, COSMOS_PAGE,
};
use crate::seats;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use cosmos_sdk_proto::cosmos::staking::v1beta1 as proto;
use std::collections::BTreeMap;
use tendermint_proto::types::Header;
use tendermint_proto::version::Consensus;

/// The block protocol of the engine, as headers carry it.
const BLOCK_PROTOCOL: u64 = 11;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/cosmos.staking.v1beta1.Query/Validators", validators);
    routes.add("/cosmos.staking.v1beta1.Query/Validator", query_validator);
    routes.add("/cosmos.staking.v1beta1.Query/HistoricalInfo", historical_info);
    routes.add("/cosmos.staking.v1beta1.Query/Pool", pool);
    routes.add("/cosmos.staking.v1beta1.Query/Params", query_params);
    queries_bonds::add(routes);
}

/// The validator as it is shown.
pub(super) fn shown(view: &View, validator: &Validator) -> QueryResult<proto::Validator> {
    Ok(validator.to_proto(seats::is_seated(view, &validator.operator)?))
}

/// Reads the operator address of a request.
pub(super) fn operator(text: &str) -> QueryResult<Address> {
    if text.is_empty() {
        return Err(QueryError::invalid("validator address cannot be empty"));
    }
    Ok(Address::parse_operator(text)?)
}

fn query_validator(
    view: &View,
    request: proto::QueryValidatorRequest,
) -> QueryResult<proto::QueryValidatorResponse> {
    let operator = operator(&request.validator_addr)?;
    let found = validator(view, &operator)?
        .ok_or_else(|| QueryError::not_found(format!("validator {} not found", request.validator_addr)))?;
    Ok(proto::QueryValidatorResponse { validator: Some(shown(view, &found)?) })
}

/// The seated ones are few and known; all others are found among all.
fn validators(
    view: &View,
    request: proto::QueryValidatorsRequest,
) -> QueryResult<proto::QueryValidatorsResponse> {
    let pages = request.pagination.as_ref();
    let (validators, response) = match request.status.as_str() {
        "BOND_STATUS_BONDED" => bonded(view, pages)?,
        "BOND_STATUS_UNBONDING" => (Vec::new(), PageResponse::default()),
        status @ ("" | "BOND_STATUS_UNBONDED") => {
            let seated = seated(view)?;
            let page = page_where(view, &state::VALIDATORS, &[], pages, COSMOS_PAGE, |operator, _| {
                Ok(status.is_empty() || !seated.contains_key(operator))
            })?;
            let shown = |(operator, validator): &(Address, Validator)| {
                validator.to_proto(seated.contains_key(operator))
            };
            (page.entries.iter().map(shown).collect(), page.response)
        }
        other => {
            let shown: String = other.chars().take(64).collect();
            return Err(QueryError::invalid(format!("invalid validator status {shown}")));
        }
    };
    Ok(proto::QueryValidatorsResponse { validators, pagination: Some(response) })
}

/// The seated validators in order of their keys in state.
fn seated(view: &View) -> QueryResult<BTreeMap<Address, Validator>> {
    let mut seated = BTreeMap::new();
    for seat in seats::seats(view)? {
        if let Some(validator) = validator(view, &seat.operator)? {
            seated.insert(seat.operator, validator);
        }
    }
    Ok(seated)
}

fn bonded(view: &View, request: Option<&PageRequest>) -> QueryResult<(Vec<proto::Validator>, PageResponse)> {
    let default = PageRequest::default();
    let request = request.unwrap_or(&default);
    if request.offset > 0 && !request.key.is_empty() {
        return Err(QueryError::invalid("invalid request, either offset or key is expected, got both"));
    }
    let key_of = |validator: &Validator| validator.operator.encoded();
    let mut all: Vec<Validator> = seated(view)?.into_values().collect();
    let total = if request.count_total && request.key.is_empty() { all.len() as u64 } else { 0 };
    all.sort_by_key(key_of);
    if request.reverse {
        all.reverse();
    }
    let before = |validator: &Validator| {
        !request.key.is_empty()
            && ((key_of(validator) < request.key) != request.reverse)
            && key_of(validator) != request.key
    };
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let PageLimits { default, most } = COSMOS_PAGE;
    let limit = if request.limit == 0 { default } else { request.limit.min(most) };
    let mut rest = all.iter().skip_while(|validator| before(validator)).skip(number(request.offset));
    let page = rest.by_ref().take(number(limit)).map(|validator| validator.to_proto(true)).collect();
    let next_key = rest.next().map(key_of).unwrap_or_default();
    Ok((page, PageResponse { next_key, total }))
}

fn historical_info(
    view: &View,
    request: proto::QueryHistoricalInfoRequest,
) -> QueryResult<proto::QueryHistoricalInfoResponse> {
    let height =
        u64::try_from(request.height).map_err(|_| QueryError::invalid("height cannot be negative"))?;
    let stored = state::HISTORY
        .load(view, &height)?
        .ok_or_else(|| QueryError::not_found(format!("historical info for height {height} not found")))?;
    let mut valset = Vec::new();
    for member in state::HISTORY_SETS.load(view, &stored.set)?.unwrap_or_default() {
        if let Some(now) = validator(view, &member.operator)? {
            let then = Validator { tokens: member.tokens, shares: member.shares, jailed: false, ..now };
            valset.push(then.to_proto(true));
        }
    }
    let header = Header {
        version: Some(Consensus { block: BLOCK_PROTOCOL, app: 0 }),
        chain_id: view.block().chain_id.clone(),
        height: request.height,
        time: Some(timestamp(stored.time)),
        proposer_address: stored.proposer,
        app_hash: stored.app_hash,
        next_validators_hash: stored.next_validators_hash,
        ..Header::default()
    };
    let hist = proto::HistoricalInfo { header: Some(header), valset };
    Ok(proto::QueryHistoricalInfoResponse { hist: Some(hist) })
}

/// There are no pools: the sums of what is bonded and of what is unbonding, in the wallets.
fn pool(view: &View, _: proto::QueryPoolRequest) -> QueryResult<proto::QueryPoolResponse> {
    let pool = proto::Pool {
        not_bonded_tokens: total_unbonding(view)?.to_string(),
        bonded_tokens: total_bonded(view)?.to_string(),
    };
    Ok(proto::QueryPoolResponse { pool: Some(pool) })
}

/// The number of validators is a parameter of `seats`.
fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    let max_validators = seats::params(view)?.seats;
    Ok(proto::QueryParamsResponse { params: Some(proto::Params { max_validators, ..params(view)? }) })
}
