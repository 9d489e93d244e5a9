//! The queries of `cosmos.distribution.v1beta1` and `jmes.rewards.v1`. What has been earned is computed as of the last block;
//! nothing is written.

use super::{params, pending_of_bond, power_of, settled, unredeemed, withdraw_address, Fixed};
use crate::kernel::{
    page, Address, ConsensusAddress, Key, QueryError, QueryResult, QueryRoutes, View, CONSENSUS_PREFIX,
    COSMOS_PAGE,
};
use crate::{staking, BASE_DENOM};
use cosmos_sdk_proto::cosmos::base::v1beta1::DecCoin;
use cosmos_sdk_proto::cosmos::distribution::v1beta1 as cosmos;
use jmes_proto::jmes::rewards::v1 as proto;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/cosmos.distribution.v1beta1.Query/Params", cosmos_params);
    routes.add("/cosmos.distribution.v1beta1.Query/ValidatorDistributionInfo", validator_info);
    routes.add("/cosmos.distribution.v1beta1.Query/ValidatorOutstandingRewards", outstanding_rewards);
    routes.add("/cosmos.distribution.v1beta1.Query/ValidatorCommission", validator_commission);
    routes.add("/cosmos.distribution.v1beta1.Query/ValidatorSlashes", validator_slashes);
    routes.add("/cosmos.distribution.v1beta1.Query/DelegationRewards", delegation_rewards);
    routes.add("/cosmos.distribution.v1beta1.Query/DelegationTotalRewards", delegation_total_rewards);
    routes.add("/cosmos.distribution.v1beta1.Query/DelegatorValidators", delegator_validators);
    routes.add("/cosmos.distribution.v1beta1.Query/DelegatorWithdrawAddress", delegator_withdraw_address);
    routes.add("/cosmos.distribution.v1beta1.Query/CommunityPool", community_pool);
    routes.add("/jmes.rewards.v1.Query/Params", query_params);
    routes.add("/jmes.rewards.v1.Query/Income", query_income);
    routes.add("/jmes.rewards.v1.Query/Unredeemed", query_unredeemed);
}

fn cosmos_params(view: &View, _: cosmos::QueryParamsRequest) -> QueryResult<cosmos::QueryParamsResponse> {
    Ok(cosmos::QueryParamsResponse { params: Some(params(view)?) })
}

/// The account of the operator is what the Cosmos SDK answers with, whatever the field's annotation says.
fn validator_info(
    view: &View,
    request: cosmos::QueryValidatorDistributionInfoRequest,
) -> QueryResult<cosmos::QueryValidatorDistributionInfoResponse> {
    let operator = validator(view, &request.validator_address)?;
    Ok(cosmos::QueryValidatorDistributionInfoResponse {
        operator_address: operator.to_string(),
        self_bond_rewards: coins(pending_of_bond(view, &operator, &operator)?)?,
        commission: coins(settled(view, &operator)?.commission)?,
    })
}

fn outstanding_rewards(
    view: &View,
    request: cosmos::QueryValidatorOutstandingRewardsRequest,
) -> QueryResult<cosmos::QueryValidatorOutstandingRewardsResponse> {
    let income = settled(view, &validator(view, &request.validator_address)?)?;
    let rewards = coins(income.commission.plus(income.bonds)?)?;
    Ok(cosmos::QueryValidatorOutstandingRewardsResponse {
        rewards: Some(cosmos::ValidatorOutstandingRewards { rewards }),
    })
}

fn validator_commission(
    view: &View,
    request: cosmos::QueryValidatorCommissionRequest,
) -> QueryResult<cosmos::QueryValidatorCommissionResponse> {
    let income = settled(view, &validator(view, &request.validator_address)?)?;
    let commission = coins(income.commission)?;
    Ok(cosmos::QueryValidatorCommissionResponse {
        commission: Some(cosmos::ValidatorAccumulatedCommission { commission }),
    })
}

/// The validator's slashes, numbered from 1, for offences at the heights asked for; an ending height of 0 is none. Pages are
/// of all its slashes: those at other heights are left out of them.
fn validator_slashes(
    view: &View,
    request: cosmos::QueryValidatorSlashesRequest,
) -> QueryResult<cosmos::QueryValidatorSlashesResponse> {
    let operator = validator(view, &request.validator_address)?;
    let (first, last) = (request.starting_height, request.ending_height);
    if last != 0 && last < first {
        let why = format!("starting height greater than ending height ({first} > {last})");
        return Err(QueryError::invalid(why));
    }
    let within = |height: u64| first <= height && (last == 0 || height <= last);
    let slashes =
        page(view, &staking::state::SLASHES, &operator.encoded(), request.pagination.as_ref(), COSMOS_PAGE)?;
    let found = slashes.entries.into_iter().filter(|(_, slash)| within(slash.offence_height));
    Ok(cosmos::QueryValidatorSlashesResponse {
        slashes: found
            .map(|((_, number), slash)| cosmos::ValidatorSlashEvent {
                validator_period: number.saturating_add(1),
                fraction: slash.fraction.to_proto(),
            })
            .collect(),
        pagination: Some(slashes.response),
    })
}

fn delegation_rewards(
    view: &View,
    request: cosmos::QueryDelegationRewardsRequest,
) -> QueryResult<cosmos::QueryDelegationRewardsResponse> {
    let operator = validator(view, &request.validator_address)?;
    let delegator = delegator(&request.delegator_address)?;
    if staking::shares_of(view, &delegator, &operator)? == 0 {
        let validator = operator.operator();
        return Err(QueryError::not_found(format!(
            "{delegator} has no bond to {validator}: delegation does not exist"
        )));
    }
    let rewards = coins(pending_of_bond(view, &delegator, &operator)?)?;
    Ok(cosmos::QueryDelegationRewardsResponse { rewards })
}

fn delegation_total_rewards(
    view: &View,
    request: cosmos::QueryDelegationTotalRewardsRequest,
) -> QueryResult<cosmos::QueryDelegationTotalRewardsResponse> {
    let delegator = delegator(&request.delegator_address)?;
    let mut rewards = Vec::new();
    let mut total = Fixed::ZERO;
    for operator in bonded_to(view, &delegator)? {
        let earned = pending_of_bond(view, &delegator, &operator)?;
        total = total.plus(earned)?;
        let reward = coins(earned)?;
        rewards.push(cosmos::DelegationDelegatorReward { validator_address: operator.operator(), reward });
    }
    Ok(cosmos::QueryDelegationTotalRewardsResponse { rewards, total: coins(total)? })
}

fn delegator_validators(
    view: &View,
    request: cosmos::QueryDelegatorValidatorsRequest,
) -> QueryResult<cosmos::QueryDelegatorValidatorsResponse> {
    let validators = bonded_to(view, &delegator(&request.delegator_address)?)?;
    let validators = validators.iter().map(Address::operator).collect();
    Ok(cosmos::QueryDelegatorValidatorsResponse { validators })
}

fn delegator_withdraw_address(
    view: &View,
    request: cosmos::QueryDelegatorWithdrawAddressRequest,
) -> QueryResult<cosmos::QueryDelegatorWithdrawAddressResponse> {
    let wallet = withdraw_address(view, &delegator(&request.delegator_address)?)?;
    Ok(cosmos::QueryDelegatorWithdrawAddressResponse { withdraw_address: wallet.to_string() })
}

/// There is none: nothing is taxed.
fn community_pool(
    _: &View,
    _: cosmos::QueryCommunityPoolRequest,
) -> QueryResult<cosmos::QueryCommunityPoolResponse> {
    Ok(cosmos::QueryCommunityPoolResponse { pool: Vec::new() })
}

fn query_params(view: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(params(view)?) })
}

fn query_income(view: &View, request: proto::QueryIncomeRequest) -> QueryResult<proto::QueryIncomeResponse> {
    let operator = if request.address.starts_with(CONSENSUS_PREFIX) {
        let address = ConsensusAddress::parse(&request.address)?;
        staking::by_consensus(view, &address)?.ok_or_else(|| {
            QueryError::not_found(format!("no validator has the consensus address {address}"))
        })?
    } else {
        validator(view, &request.address)?
    };
    let income = settled(view, &operator)?;
    Ok(proto::QueryIncomeResponse {
        income: income.commission.plus(income.bonds)?.floor().to_string(),
        commission: income.commission.floor().to_string(),
        bonds: income.bonds.floor().to_string(),
        operator_address: operator.operator(),
        power: power_of(view, &operator)?,
    })
}

fn query_unredeemed(
    view: &View,
    _: proto::QueryUnredeemedRequest,
) -> QueryResult<proto::QueryUnredeemedResponse> {
    Ok(proto::QueryUnredeemedResponse { amount: unredeemed(view)?.to_string() })
}

/// Reads the address of a validator that exists.
fn validator(view: &View, text: &str) -> QueryResult<Address> {
    if text.is_empty() {
        return Err(QueryError::invalid("empty validator address"));
    }
    let operator = Address::parse_operator(text)?;
    if staking::validator(view, &operator)?.is_none() {
        return Err(QueryError::not_found(format!("validator {text} does not exist")));
    }
    Ok(operator)
}

fn delegator(text: &str) -> QueryResult<Address> {
    if text.is_empty() {
        return Err(QueryError::invalid("empty delegator address"));
    }
    Ok(Address::parse(text)?)
}

/// The validators that an address has bonds to, at most 32 (§8).
fn bonded_to(view: &View, delegator: &Address) -> QueryResult<Vec<Address>> {
    let bonds = staking::state::BONDS.scan(view, &delegator.encoded(), None, false, usize::MAX)?;
    Ok(bonds.into_iter().map(|((_, operator), _)| operator).collect())
}

/// Decimal coins in their protobuf form; none for nothing.
fn coins(amount: Fixed) -> QueryResult<Vec<DecCoin>> {
    let amount = amount.to_decimal()?;
    if amount.is_zero() {
        return Ok(Vec::new());
    }
    Ok(vec![DecCoin { denom: BASE_DENOM.into(), amount: amount.to_string() }])
}
