//! The queries of `cosmos.distribution.v1beta1` and `jmes.rewards.v1`.

use super::{bond, chain, charge_fee, next, powers, redeemed, state, BOND, REWARD};
use crate::kernel::{Amount, Ctx, Decimal, QueryCode, QueryError};
use crate::rewards::Rewards;
use crate::staking::{self, consensus_address};
use crate::test_support::{address, ask, committed};
use cosmos_sdk_proto::cosmos::base::v1beta1::DecCoin;
use cosmos_sdk_proto::cosmos::distribution::v1beta1 as cosmos;
use jmes_proto::jmes::rewards::v1 as proto;
use prost::Message;

fn cosmos<Q: Message, A: Message + Default>(ctx: &Ctx, name: &str, request: &Q) -> Result<A, QueryError> {
    ask(&Rewards, ctx, &format!("/cosmos.distribution.v1beta1.Query/{name}"), request)
}

/// After the Initial Distribution Period and one block more: validator 1 has bonds of itself (1) and of address 2 (6);
/// validator 2 one of address 2 and no power, but fees; validator 3 nothing.
fn running() -> Ctx {
    let mut ctx = chain(1, 3);
    powers(&mut ctx, &[1_000]);
    bond(&mut ctx, 1, 1, BOND);
    bond(&mut ctx, 2, 1, 6 * BOND);
    bond(&mut ctx, 2, 2, BOND);
    next(&mut ctx);
    super::begin_again(&mut ctx, 2);
    charge_fee(&mut ctx, &address(9), Amount(15)).unwrap();
    next(&mut ctx);
    ctx
}

/// As decimals for people.
fn shown(coins: &[DecCoin]) -> String {
    let one = |coin: &DecCoin| format!("{}{}", Decimal::from_proto(&coin.amount).unwrap(), coin.denom);
    coins.iter().map(one).collect::<Vec<_>>().join(",")
}

fn rewards_of(ctx: &Ctx, delegator: &str, validator: &str) -> Result<String, QueryError> {
    let request = cosmos::QueryDelegationRewardsRequest {
        delegator_address: delegator.into(),
        validator_address: validator.into(),
    };
    let answer: cosmos::QueryDelegationRewardsResponse = cosmos(ctx, "DelegationRewards", &request)?;
    Ok(shown(&answer.rewards))
}

fn commission_of(ctx: &Ctx, validator: &str) -> Result<String, QueryError> {
    let request = cosmos::QueryValidatorCommissionRequest { validator_address: validator.into() };
    let answer: cosmos::QueryValidatorCommissionResponse = cosmos(ctx, "ValidatorCommission", &request)?;
    Ok(shown(&answer.commission.unwrap().commission))
}

fn outstanding(ctx: &Ctx, validator: &str) -> Result<String, QueryError> {
    let request = cosmos::QueryValidatorOutstandingRewardsRequest { validator_address: validator.into() };
    let answer: cosmos::QueryValidatorOutstandingRewardsResponse =
        cosmos(ctx, "ValidatorOutstandingRewards", &request)?;
    Ok(shown(&answer.rewards.unwrap().rewards))
}

#[test]
fn what_is_pending_is_shown_as_of_the_last_block_and_nothing_is_written() {
    let ctx = committed(running());
    let [one, two] = [1, 2].map(|byte| address(byte).operator());
    let [owner, other] = [1, 2].map(|byte| address(byte).to_string());
    assert_eq!(rewards_of(&ctx, &owner, &one).unwrap(), "1157142.857142857142857142ujmes");
    assert_eq!(rewards_of(&ctx, &other, &one).unwrap(), "6942857.142857142857142857ujmes");
    assert_eq!(rewards_of(&ctx, &other, &two).unwrap(), "13.500000000000000000ujmes");
    assert_eq!(commission_of(&ctx, &one).unwrap(), "18900000.000000000000000000ujmes");
    assert_eq!(commission_of(&ctx, &two).unwrap(), "1.500000000000000000ujmes");
    assert_eq!(outstanding(&ctx, &one).unwrap(), "27000000.000000000000000000ujmes");
    assert_eq!(outstanding(&ctx, &two).unwrap(), "15.000000000000000000ujmes");
    assert!(ctx.overlay().changes().is_empty());
}

#[test]
fn what_was_redeemed_is_no_longer_outstanding() {
    let mut ctx = running();
    let one = address(1).operator();
    redeemed(&mut ctx, 1, 1);
    redeemed(&mut ctx, 2, 1);
    super::redeem_all_of_operator(&mut ctx, 1);
    assert_eq!(rewards_of(&ctx, &address(2).to_string(), &one).unwrap(), "", "no coin of amount 0");
    assert_eq!(commission_of(&ctx, &one).unwrap(), "");
    assert_eq!(outstanding(&ctx, &one).unwrap(), "", "what roundings left over is below 10^-18 Nils");
}

#[test]
fn all_rewards_of_a_delegator_and_their_sum() {
    let ctx = running();
    let delegator_address = address(2).to_string();
    let request = cosmos::QueryDelegationTotalRewardsRequest { delegator_address: delegator_address.clone() };
    let answer: cosmos::QueryDelegationTotalRewardsResponse =
        cosmos(&ctx, "DelegationTotalRewards", &request).unwrap();
    let rows: Vec<(String, String)> =
        answer.rewards.iter().map(|row| (row.validator_address.clone(), shown(&row.reward))).collect();
    let row = |byte: u8, reward: &str| (address(byte).operator(), reward.to_owned());
    let expected = [row(1, "6942857.142857142857142857ujmes"), row(2, "13.500000000000000000ujmes")];
    assert_eq!(rows, expected);
    assert_eq!(shown(&answer.total), "6942870.642857142857142857ujmes");
    let request = cosmos::QueryDelegatorValidatorsRequest { delegator_address };
    let answer: cosmos::QueryDelegatorValidatorsResponse =
        cosmos(&ctx, "DelegatorValidators", &request).unwrap();
    assert_eq!(answer.validators, [1, 2].map(|byte| address(byte).operator()));
    let nobody = cosmos::QueryDelegationTotalRewardsRequest { delegator_address: address(8).to_string() };
    let answer: cosmos::QueryDelegationTotalRewardsResponse =
        cosmos(&ctx, "DelegationTotalRewards", &nobody).unwrap();
    assert_eq!((answer.rewards.len(), answer.total.len()), (0, 0));
}

#[test]
fn a_validators_commission_and_its_operators_own_bond() {
    let ctx = running();
    let info = |byte: u8| {
        let request =
            cosmos::QueryValidatorDistributionInfoRequest { validator_address: address(byte).operator() };
        let answer: cosmos::QueryValidatorDistributionInfoResponse =
            cosmos(&ctx, "ValidatorDistributionInfo", &request).unwrap();
        (answer.operator_address, shown(&answer.self_bond_rewards), shown(&answer.commission))
    };
    let expected = |byte: u8, own: &str, commission: &str| {
        (address(byte).to_string(), own.to_owned(), commission.to_owned())
    };
    assert_eq!(info(1), expected(1, "1157142.857142857142857142ujmes", "18900000.000000000000000000ujmes"));
    assert_eq!(info(2), expected(2, "13.500000000000000000ujmes", "1.500000000000000000ujmes"));
    assert_eq!(info(3), expected(3, "", ""), "a bond of one's own is optional");
}

#[test]
fn slashes_are_listed_by_the_height_of_the_offence() {
    let mut ctx = running();
    for (percent, height) in [(5, 1), (1, 3), (2, 3)] {
        staking::slash(&mut ctx, &address(1), Decimal::percent(percent), height).unwrap();
    }
    let ask = |starting_height, ending_height| {
        let request = cosmos::QueryValidatorSlashesRequest {
            validator_address: address(1).operator(),
            starting_height,
            ending_height,
            pagination: None,
        };
        let answer: Result<cosmos::QueryValidatorSlashesResponse, _> =
            cosmos(&ctx, "ValidatorSlashes", &request);
        answer.map(|answer| {
            let row = |slash: &cosmos::ValidatorSlashEvent| (slash.validator_period, slash.fraction.clone());
            answer.slashes.iter().map(row).collect::<Vec<_>>()
        })
    };
    let slash = |number: u64, percent: u32| (number, Decimal::percent(percent).to_proto());
    assert_eq!(ask(0, 0).unwrap(), [slash(1, 5), slash(2, 1), slash(3, 2)]);
    assert_eq!(ask(0, 2).unwrap(), [slash(1, 5)]);
    assert_eq!(ask(2, 3).unwrap(), [slash(2, 1), slash(3, 2)]);
    assert_eq!(ask(4, 9).unwrap(), []);
    let refused = ask(3, 2).unwrap_err();
    assert_eq!(refused.code, QueryCode::InvalidArgument);
    assert_eq!(refused.message, "starting height greater than ending height (3 > 2)");
}

#[test]
fn a_withdraw_address_is_ones_own_until_another_is_set() {
    let mut ctx = running();
    state::WITHDRAW_ADDRESSES.save(&mut ctx, &address(2), &address(5)).unwrap();
    for (owner, wallet) in [(1, 1), (2, 5)] {
        let delegator_address = address(owner).to_string();
        let request = cosmos::QueryDelegatorWithdrawAddressRequest { delegator_address };
        let answer: cosmos::QueryDelegatorWithdrawAddressResponse =
            cosmos(&ctx, "DelegatorWithdrawAddress", &request).unwrap();
        assert_eq!(answer.withdraw_address, address(wallet).to_string());
    }
}

#[test]
#[allow(deprecated, reason = "the message still carries the fields that the SDK has retired")]
fn there_are_no_taxes_and_no_community_pool() {
    let ctx = running();
    let answer: cosmos::QueryParamsResponse = cosmos(&ctx, "Params", &cosmos::QueryParamsRequest {}).unwrap();
    let params = answer.params.unwrap();
    let rates = [&params.community_tax, &params.base_proposer_reward, &params.bonus_proposer_reward];
    assert_eq!((rates, params.withdraw_addr_enabled), ([&"0".to_owned(); 3], true));
    let own: proto::QueryParamsResponse =
        ask(&Rewards, &ctx, "/jmes.rewards.v1.Query/Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(own.params, Some(params));
    let pool: cosmos::QueryCommunityPoolResponse =
        cosmos(&ctx, "CommunityPool", &cosmos::QueryCommunityPoolRequest {}).unwrap();
    assert_eq!(pool.pool, []);
}

#[test]
fn who_does_not_exist_is_not_found_and_bad_addresses_are_invalid() {
    let ctx = running();
    let (owner, one) = (address(2).to_string(), address(1).operator());
    let unknown = address(7).operator();
    let code = |result: Result<String, QueryError>| result.unwrap_err().code;
    assert_eq!(code(commission_of(&ctx, &unknown)), QueryCode::NotFound);
    assert_eq!(code(outstanding(&ctx, &unknown)), QueryCode::NotFound);
    assert_eq!(code(rewards_of(&ctx, &owner, &unknown)), QueryCode::NotFound);
    assert_eq!(code(rewards_of(&ctx, &address(7).to_string(), &one)), QueryCode::NotFound);
    for bad in ["", "jmes1", "cosmos1nobody"] {
        assert_eq!(code(commission_of(&ctx, bad)), QueryCode::InvalidArgument);
        assert_eq!(code(outstanding(&ctx, bad)), QueryCode::InvalidArgument);
        assert_eq!(code(rewards_of(&ctx, bad, &one)), QueryCode::InvalidArgument);
        assert_eq!(code(rewards_of(&ctx, &owner, bad)), QueryCode::InvalidArgument);
    }
}

#[test]
fn income_by_operator_or_by_consensus_address() {
    let ctx = running();
    let income = |address: String| -> Result<proto::QueryIncomeResponse, _> {
        ask(&Rewards, &ctx, "/jmes.rewards.v1.Query/Income", &proto::QueryIncomeRequest { address })
    };
    let expected = proto::QueryIncomeResponse {
        income: (REWARD + REWARD / 2).to_string(),
        commission: "18900000".into(),
        bonds: "8100000".into(),
        operator_address: address(1).operator(),
        power: 1_000,
    };
    assert_eq!(income(address(1).operator()), Ok(expected.clone()));
    assert_eq!(income(consensus_address(&[1; 32]).to_string()), Ok(expected));
    assert_eq!(income(consensus_address(&[7; 32]).to_string()).unwrap_err().code, QueryCode::NotFound);
    assert_eq!(income(address(7).operator()).unwrap_err().code, QueryCode::NotFound);
    assert_eq!(income(address(1).to_string()).unwrap_err().code, QueryCode::InvalidArgument);
    let request = proto::QueryUnredeemedRequest {};
    let total: proto::QueryUnredeemedResponse =
        ask(&Rewards, &ctx, "/jmes.rewards.v1.Query/Unredeemed", &request).unwrap();
    assert_eq!(total.amount, (REWARD + REWARD / 2 + 15).to_string());
}
