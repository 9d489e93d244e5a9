//! The queries of `cosmos.staking.v1beta1` about bonds; balances are shown after all slashes so far.

use super::convert::{nils, shares_to_proto};
use super::queries::{operator, shown};
use super::state::{Pair, Route};
use super::{require, shares_of, state, unbonding, validator, RedelegationEntry, UnbondingEntry};
use crate::kernel::{page, Address, Key, QueryError, QueryResult, QueryRoutes, View, COSMOS_PAGE};
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageResponse;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as proto;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/cosmos.staking.v1beta1.Query/Delegation", delegation);
    routes.add("/cosmos.staking.v1beta1.Query/UnbondingDelegation", unbonding_delegation);
    routes.add("/cosmos.staking.v1beta1.Query/DelegatorDelegations", delegator_delegations);
    routes.add("/cosmos.staking.v1beta1.Query/DelegatorUnbondingDelegations", delegator_unbondings);
    routes.add("/cosmos.staking.v1beta1.Query/DelegatorValidators", delegator_validators);
    routes.add("/cosmos.staking.v1beta1.Query/DelegatorValidator", delegator_validator);
    routes.add("/cosmos.staking.v1beta1.Query/ValidatorDelegations", validator_delegations);
    routes.add("/cosmos.staking.v1beta1.Query/ValidatorUnbondingDelegations", validator_unbondings);
    routes.add("/cosmos.staking.v1beta1.Query/Redelegations", redelegations);
}

fn delegator(text: &str) -> QueryResult<Address> {
    if text.is_empty() {
        return Err(QueryError::invalid("delegator address cannot be empty"));
    }
    Ok(Address::parse(text)?)
}

fn shown_bond(
    view: &View,
    (delegator, operator): &Pair,
    shares: u128,
) -> QueryResult<proto::DelegationResponse> {
    let delegation = proto::Delegation {
        delegator_address: delegator.to_string(),
        validator_address: operator.operator(),
        shares: shares_to_proto(shares),
    };
    let balance = nils(require(view, operator)?.value_of(shares)?);
    Ok(proto::DelegationResponse { delegation: Some(delegation), balance: Some(balance) })
}

fn shown_unbonding(
    view: &View,
    (delegator, operator): &Pair,
    entries: &[UnbondingEntry],
) -> QueryResult<proto::UnbondingDelegation> {
    let entry = |entry: &UnbondingEntry| Ok(entry.to_proto(unbonding::settled(view, operator, entry)?));
    Ok(proto::UnbondingDelegation {
        delegator_address: delegator.to_string(),
        validator_address: operator.operator(),
        entries: entries.iter().map(entry).collect::<QueryResult<_>>()?,
    })
}

fn delegation(
    view: &View,
    request: proto::QueryDelegationRequest,
) -> QueryResult<proto::QueryDelegationResponse> {
    let pair = (delegator(&request.delegator_addr)?, operator(&request.validator_addr)?);
    let shares = shares_of(view, &pair.0, &pair.1)?;
    if shares == 0 {
        return Err(QueryError::not_found(format!(
            "delegation with delegator {} not found for validator {}",
            request.delegator_addr, request.validator_addr
        )));
    }
    Ok(proto::QueryDelegationResponse { delegation_response: Some(shown_bond(view, &pair, shares)?) })
}

fn unbonding_delegation(
    view: &View,
    request: proto::QueryUnbondingDelegationRequest,
) -> QueryResult<proto::QueryUnbondingDelegationResponse> {
    let pair = (delegator(&request.delegator_addr)?, operator(&request.validator_addr)?);
    let entries = state::UNBONDING.load(view, &pair)?.ok_or_else(|| {
        QueryError::not_found(format!(
            "unbonding delegation with delegator {} not found for validator {}",
            request.delegator_addr, request.validator_addr
        ))
    })?;
    Ok(proto::QueryUnbondingDelegationResponse { unbond: Some(shown_unbonding(view, &pair, &entries)?) })
}

fn delegator_delegations(
    view: &View,
    request: proto::QueryDelegatorDelegationsRequest,
) -> QueryResult<proto::QueryDelegatorDelegationsResponse> {
    let group = delegator(&request.delegator_addr)?.encoded();
    let page = page(view, &state::BONDS, &group, request.pagination.as_ref(), COSMOS_PAGE)?;
    let shown = page.entries.iter().map(|(pair, shares)| shown_bond(view, pair, shares.0));
    Ok(proto::QueryDelegatorDelegationsResponse {
        delegation_responses: shown.collect::<QueryResult<_>>()?,
        pagination: Some(page.response),
    })
}

fn delegator_unbondings(
    view: &View,
    request: proto::QueryDelegatorUnbondingDelegationsRequest,
) -> QueryResult<proto::QueryDelegatorUnbondingDelegationsResponse> {
    let group = delegator(&request.delegator_addr)?.encoded();
    let page = page(view, &state::UNBONDING, &group, request.pagination.as_ref(), COSMOS_PAGE)?;
    let shown = page.entries.iter().map(|(pair, entries)| shown_unbonding(view, pair, entries));
    Ok(proto::QueryDelegatorUnbondingDelegationsResponse {
        unbonding_responses: shown.collect::<QueryResult<_>>()?,
        pagination: Some(page.response),
    })
}

fn delegator_validators(
    view: &View,
    request: proto::QueryDelegatorValidatorsRequest,
) -> QueryResult<proto::QueryDelegatorValidatorsResponse> {
    let group = delegator(&request.delegator_addr)?.encoded();
    let page = page(view, &state::BONDS, &group, request.pagination.as_ref(), COSMOS_PAGE)?;
    let validators = page.entries.iter().map(|((_, operator), _)| shown(view, &require(view, operator)?));
    Ok(proto::QueryDelegatorValidatorsResponse {
        validators: validators.collect::<QueryResult<_>>()?,
        pagination: Some(page.response),
    })
}

fn delegator_validator(
    view: &View,
    request: proto::QueryDelegatorValidatorRequest,
) -> QueryResult<proto::QueryDelegatorValidatorResponse> {
    let (delegator, operator) = (delegator(&request.delegator_addr)?, operator(&request.validator_addr)?);
    if shares_of(view, &delegator, &operator)? == 0 {
        return Err(QueryError::not_found("no delegation for (address, validator) tuple"));
    }
    let validator = shown(view, &require(view, &operator)?)?;
    Ok(proto::QueryDelegatorValidatorResponse { validator: Some(validator) })
}

fn validator_delegations(
    view: &View,
    request: proto::QueryValidatorDelegationsRequest,
) -> QueryResult<proto::QueryValidatorDelegationsResponse> {
    let operator = operator(&request.validator_addr)?;
    let group = operator.encoded();
    let page = page(view, &state::BONDS_TO, &group, request.pagination.as_ref(), COSMOS_PAGE)?;
    let shown = page.entries.iter().map(|((_, delegator), ())| {
        shown_bond(view, &(*delegator, operator), shares_of(view, delegator, &operator)?)
    });
    Ok(proto::QueryValidatorDelegationsResponse {
        delegation_responses: shown.collect::<QueryResult<_>>()?,
        pagination: Some(page.response),
    })
}

fn validator_unbondings(
    view: &View,
    request: proto::QueryValidatorUnbondingDelegationsRequest,
) -> QueryResult<proto::QueryValidatorUnbondingDelegationsResponse> {
    let operator = operator(&request.validator_addr)?;
    let group = operator.encoded();
    let page = page(view, &state::UNBONDING_FROM, &group, request.pagination.as_ref(), COSMOS_PAGE)?;
    let shown = page.entries.iter().map(|((_, delegator), ())| {
        let pair = (*delegator, operator);
        shown_unbonding(view, &pair, &state::UNBONDING.load(view, &pair)?.unwrap_or_default())
    });
    Ok(proto::QueryValidatorUnbondingDelegationsResponse {
        unbonding_responses: shown.collect::<QueryResult<_>>()?,
        pagination: Some(page.response),
    })
}

/// By delegator, source and destination, by source alone, or by delegator, as the Cosmos SDK answers.
fn redelegations(
    view: &View,
    request: proto::QueryRedelegationsRequest,
) -> QueryResult<proto::QueryRedelegationsResponse> {
    let given = |text: &String| !text.is_empty();
    let (source, destination) = (&request.src_validator_addr, &request.dst_validator_addr);
    let pages = request.pagination.as_ref();
    let (routes, pagination): (Vec<Route>, Option<PageResponse>) =
        match (given(&request.delegator_addr), given(source), given(destination)) {
            (true, true, true) => {
                let route =
                    (delegator(&request.delegator_addr)?, (operator(source)?, operator(destination)?));
                (vec![route], None)
            }
            (false, true, false) => {
                let group = operator(source)?.encoded();
                let page = page(view, &state::REDELEGATIONS_FROM, &group, pages, COSMOS_PAGE)?;
                let route = |((source, (delegator, destination)), ())| (delegator, (source, destination));
                (page.entries.into_iter().map(route).collect(), Some(page.response))
            }
            _ => {
                let group = delegator(&request.delegator_addr)?.encoded();
                let page = page(view, &state::REDELEGATIONS, &group, pages, COSMOS_PAGE)?;
                (page.entries.into_iter().map(|(route, _)| route).collect(), Some(page.response))
            }
        };
    let shown = routes.iter().map(|route| shown_redelegation(view, route));
    Ok(proto::QueryRedelegationsResponse {
        redelegation_responses: shown.collect::<QueryResult<_>>()?,
        pagination,
    })
}

fn shown_redelegation(view: &View, route: &Route) -> QueryResult<proto::RedelegationResponse> {
    let (delegator, (source, destination)) = route;
    let entries = state::REDELEGATIONS.load(view, route)?.ok_or_else(|| {
        QueryError::not_found(format!(
            "redelegation not found for delegator address {delegator} from validator address {}",
            source.operator()
        ))
    })?;
    let target = validator(view, destination)?;
    let entry = |entry: &RedelegationEntry| {
        let value = target.as_ref().map(|target| target.value_of(entry.shares)).transpose()?;
        Ok(proto::RedelegationEntryResponse {
            redelegation_entry: Some(entry.to_proto()),
            balance: value.unwrap_or_default().to_string(),
        })
    };
    Ok(proto::RedelegationResponse {
        redelegation: Some(proto::Redelegation {
            delegator_address: delegator.to_string(),
            validator_src_address: source.operator(),
            validator_dst_address: destination.operator(),
            entries: Vec::new(),
        }),
        entries: entries.iter().map(entry).collect::<QueryResult<_>>()?,
    })
}
