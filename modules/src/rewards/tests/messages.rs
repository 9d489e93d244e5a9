//! The messages of `cosmos.distribution.v1beta1`.

use super::{
    bond, chain, charge_fee, next, powers, redeem_all_of_operator, reward, set_power, state, unredeemed,
    wallet, BOND, REWARD,
};
use crate::bank::balance;
use crate::kernel::{codes, Address, Amount, Ctx, Event, Module, Msg, Result, Routes};
use crate::rewards::{default_params, Rewards};
use crate::test_support::{address, assert_refused};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::distribution::v1beta1::{
    MsgSetWithdrawAddress, MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission, Params,
};

fn set_withdraw_address(delegator: &str, wallet: &str) -> MsgSetWithdrawAddress {
    MsgSetWithdrawAddress { delegator_address: delegator.into(), withdraw_address: wallet.into() }
}

fn withdraw_reward(delegator: &str, validator: &str) -> MsgWithdrawDelegatorReward {
    MsgWithdrawDelegatorReward { delegator_address: delegator.into(), validator_address: validator.into() }
}

fn withdraw_commission(validator: &str) -> MsgWithdrawValidatorCommission {
    MsgWithdrawValidatorCommission { validator_address: validator.into() }
}

/// A chain after its Initial Distribution Period and one block more: validator 1 has a bond of address 2.
fn running() -> Ctx {
    let mut ctx = chain(1, 2);
    powers(&mut ctx, &[1_000]);
    bond(&mut ctx, 2, 1, BOND);
    next(&mut ctx);
    next(&mut ctx);
    ctx.take_events();
    ctx
}

fn text(byte: u8) -> String {
    address(byte).to_string()
}

fn operator(byte: u8) -> String {
    address(byte).operator()
}

fn nils(amount: u128) -> Vec<Coin> {
    vec![Coin { denom: "ujmes".into(), amount: amount.to_string() }]
}

#[test]
fn a_reward_is_withdrawn_to_the_delegators_wallet() {
    let mut ctx = running();
    let before = wallet(&ctx, 2);
    let response = withdraw_reward(&text(2), &operator(1)).execute(&mut ctx).unwrap();
    assert_eq!(response.amount, nils(8_100_000));
    assert_eq!(wallet(&ctx, 2), before + 8_100_000);
    let expected = [
        Event::new("coin_received").with("receiver", address(2)).with("amount", "8100000ujmes"),
        Event::new("withdraw_rewards")
            .with("amount", "8100000ujmes")
            .with("validator", operator(1))
            .with("delegator", address(2)),
    ];
    assert_eq!(ctx.take_events(), expected);
    let again = withdraw_reward(&text(2), &operator(1)).execute(&mut ctx).unwrap();
    assert_eq!(again.amount, nils(0), "there is nothing more");
    assert_eq!(wallet(&ctx, 2), before + 8_100_000);
}

#[test]
fn commission_is_withdrawn_to_the_operators_wallet() {
    let mut ctx = running();
    let before = wallet(&ctx, 1);
    let response = withdraw_commission(&operator(1)).execute(&mut ctx).unwrap();
    assert_eq!(response.amount, nils(REWARD + 900_000));
    assert_eq!(wallet(&ctx, 1), before + REWARD + 900_000);
    let expected = [
        Event::new("coin_received").with("receiver", address(1)).with("amount", "18900000ujmes"),
        Event::new("withdraw_commission").with("amount", "18900000ujmes"),
    ];
    assert_eq!(ctx.take_events(), expected);
    assert_eq!(reward(&ctx, 2, 1), 8_100_000, "the bonds' part stays");
}

#[test]
fn whoever_wants_it_elsewhere_says_where() {
    let mut ctx = running();
    for byte in [1, 2] {
        set_withdraw_address(&text(byte), &text(30)).execute(&mut ctx).unwrap();
    }
    let said = Event::new("set_withdraw_address").with("withdraw_address", address(30));
    assert_eq!(ctx.take_events(), [said.clone(), said]);
    withdraw_reward(&text(2), &operator(1)).execute(&mut ctx).unwrap();
    withdraw_commission(&operator(1)).execute(&mut ctx).unwrap();
    assert_eq!(wallet(&ctx, 30), 8_100_000 + REWARD + 900_000);
    // What a change of the bond redeems goes there too.
    next(&mut ctx);
    bond(&mut ctx, 2, 1, BOND);
    assert_eq!(wallet(&ctx, 30), 2 * 8_100_000 + REWARD + 900_000);
    set_withdraw_address(&text(2), &text(2)).execute(&mut ctx).unwrap();
    assert_eq!(state::WITHDRAW_ADDRESSES.has(&ctx, &address(2)), Ok(false));
    next(&mut ctx);
    let before = wallet(&ctx, 2);
    withdraw_reward(&text(2), &operator(1)).execute(&mut ctx).unwrap();
    assert!(wallet(&ctx, 2) > before);
}

#[test]
fn withdraw_addresses_can_be_switched_off() {
    let mut ctx = running();
    let params = Params { withdraw_addr_enabled: false, ..default_params() };
    state::PARAMS.save(&mut ctx, &params).unwrap();
    let refused = set_withdraw_address(&text(2), &text(30)).execute(&mut ctx);
    assert_refused(refused, "distribution", 8, "set withdraw address disabled");
}

#[test]
fn there_must_be_something_to_withdraw_from() {
    let mut ctx = running();
    let why = format!("{} has no bond to {}: no delegation distribution info", text(3), operator(1));
    assert_refused(withdraw_reward(&text(3), &operator(1)).execute(&mut ctx), "distribution", 5, &why);
    let why = format!("{} has less than 1 Nil of income: no validator commission to withdraw", operator(2));
    assert_refused(withdraw_commission(&operator(2)).execute(&mut ctx), "distribution", 7, &why);
    redeem_all_of_operator(&mut ctx, 1);
    let why = format!("{} has less than 1 Nil of income: no validator commission to withdraw", operator(1));
    assert_refused(withdraw_commission(&operator(1)).execute(&mut ctx), "distribution", 7, &why);
    for refused in [
        withdraw_reward(&text(2), &operator(9)).execute(&mut ctx).map(drop),
        withdraw_commission(&operator(9)).execute(&mut ctx).map(drop),
    ] {
        let refused = refused.unwrap_err();
        assert_eq!((refused.codespace, refused.code), ("staking", 3));
    }
}

#[test]
fn less_than_a_nil_of_commission_is_nothing_to_withdraw() {
    let mut ctx = running();
    redeem_all_of_operator(&mut ctx, 1);
    set_power(&mut ctx, &address(1), 0).unwrap();
    charge_fee(&mut ctx, &address(9), Amount(9)).unwrap();
    next(&mut ctx);
    let refused = withdraw_commission(&operator(1)).execute(&mut ctx).unwrap_err();
    assert_eq!((refused.codespace, refused.code), ("distribution", 7));
    charge_fee(&mut ctx, &address(9), Amount(1)).unwrap();
    next(&mut ctx);
    assert_eq!(withdraw_commission(&operator(1)).execute(&mut ctx).unwrap().amount, nils(1));
}

#[test]
fn bad_addresses_are_refused_with_the_field() {
    let mut ctx = running();
    let owed = unredeemed(&ctx);
    let check = |result: Result<()>, why: &str| {
        let error = result.unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_ADDRESS));
        assert!(error.message.starts_with(why), "{}", error.message);
    };
    for bad in ["", "jmes1", &operator(2), "cosmos1nobody"] {
        check(set_withdraw_address(bad, &text(1)).execute(&mut ctx).map(drop), "invalid delegator address: ");
        check(set_withdraw_address(&text(1), bad).execute(&mut ctx).map(drop), "invalid withdraw address: ");
        check(withdraw_reward(bad, &operator(1)).execute(&mut ctx).map(drop), "invalid delegator address: ");
        check(set_withdraw_address(bad, &text(1)).signers().map(drop), "invalid delegator address: ");
        check(withdraw_reward(bad, &operator(1)).signers().map(drop), "invalid delegator address: ");
    }
    for bad in ["", "jmesvaloper1", &text(1), "cosmosvaloper1nobody"] {
        check(withdraw_reward(&text(2), bad).execute(&mut ctx).map(drop), "invalid validator address: ");
        check(withdraw_commission(bad).execute(&mut ctx).map(drop), "invalid validator address: ");
        check(withdraw_commission(bad).signers().map(drop), "invalid validator address: ");
    }
    assert_eq!(unredeemed(&ctx), owed);
}

#[test]
fn each_message_is_signed_by_whose_income_it_is() {
    let signed_by = |signers: Result<Vec<Address>>| signers.unwrap();
    assert_eq!(signed_by(set_withdraw_address(&text(1), &text(2)).signers()), [address(1)]);
    assert_eq!(signed_by(withdraw_reward(&text(1), &operator(2)).signers()), [address(1)]);
    assert_eq!(signed_by(withdraw_commission(&operator(2)).signers()), [address(2)]);
}

#[test]
fn messages_of_the_community_pool_are_unknown() {
    let mut routes = Routes::default();
    Rewards.messages(&mut routes);
    for name in
        ["MsgFundCommunityPool", "MsgCommunityPoolSpend", "MsgDepositValidatorRewardsPool", "MsgUpdateParams"]
    {
        let error =
            routes.decode(&format!("/cosmos.distribution.v1beta1.{name}"), &[]).map(drop).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", codes::UNKNOWN_REQUEST));
    }
    assert_eq!(routes.type_urls().count(), 3);
}

#[test]
fn a_wallet_that_never_was_gets_an_account_when_it_is_paid() {
    let mut ctx = running();
    let nobody = Address::new(&[40; 32]).unwrap();
    set_withdraw_address(&text(2), &nobody.to_string()).execute(&mut ctx).unwrap();
    withdraw_reward(&text(2), &operator(1)).execute(&mut ctx).unwrap();
    assert_eq!(balance(&ctx, &nobody, "ujmes"), Ok(Amount(8_100_000)));
}
