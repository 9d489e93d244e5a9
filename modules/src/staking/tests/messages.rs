//! The messages of `cosmos.staking.v1beta1`: what they do and every refusal.

use super::bonds::liquid;
use super::{at, bond, candidate, chain, jmes, later, of, DAY};
use crate::kernel::{codes, Amount, Ctx, Decimal, Event, Msg, Result, Routes};
use crate::staking::{consensus_key_to_proto, create, ranking, shares_of, Module, Staking, ED25519_TYPE};
use crate::test_support::{address, assert_refused};
use crate::{auth, premint, seats};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    CommissionRates, Description, MsgBeginRedelegate, MsgCancelUnbondingDelegation, MsgCreateValidator,
    MsgDelegate, MsgEditValidator, MsgUndelegate,
};
use jmes_proto::{Any, Timestamp};

fn coin(amount: &str, denom: &str) -> Option<Coin> {
    Some(Coin { amount: amount.into(), denom: denom.into() })
}

fn nils(amount: u128) -> Option<Coin> {
    coin(&amount.to_string(), "ujmes")
}

fn description() -> Option<Description> {
    Some(Description { moniker: "one".into(), ..Description::default() })
}

#[allow(deprecated, reason = "older clients fill the field")]
fn creation() -> MsgCreateValidator {
    MsgCreateValidator {
        description: description(),
        commission: Some(CommissionRates {
            rate: "50000000000000000".into(),
            max_rate: "200000000000000000".into(),
            max_change_rate: "10000000000000000".into(),
        }),
        min_self_delegation: "1".into(),
        delegator_address: String::new(),
        validator_address: address(1).operator(),
        pubkey: Some(consensus_key_to_proto(&[1; 32])),
        value: nils(1_000_000),
    }
}

#[test]
fn a_validator_is_created_with_a_bond_of_its_operator_and_waits_for_a_seat() {
    let mut ctx = chain(0);
    let msg = creation();
    assert_eq!(msg.signers(), Ok(vec![address(1)]));
    msg.execute(&mut ctx).unwrap();
    let validator = of(&ctx, address(1));
    assert_eq!((validator.tokens, validator.shares, validator.possession), (jmes(1), 1_000_000, false));
    assert_eq!((validator.min_self_delegation, validator.commission.rate), (Amount(1), Decimal::percent(5)));
    assert_eq!(liquid(&ctx, 1), jmes(999));
    assert_eq!(ranking(&ctx, 9).unwrap(), [address(1)]);
    assert!(!seats::is_seated(&ctx, &address(1)).unwrap());
    let event = Event::new("create_validator")
        .with("validator", address(1).operator())
        .with("amount", "1000000ujmes");
    assert_eq!(ctx.take_events().last(), Some(&event));
}

#[test]
#[allow(deprecated, reason = "older clients fill the field")]
fn the_old_field_of_the_delegator_names_the_operator_or_nothing() {
    let with = |delegator_address: String| MsgCreateValidator { delegator_address, ..creation() };
    with(address(1).to_string()).execute(&mut chain(0)).unwrap();
    let why = format!(
        "delegator address {} is not the operator's, {}; leave it out: invalid request",
        address(2),
        address(1)
    );
    assert_refused(with(address(2).to_string()).execute(&mut chain(0)), "sdk", codes::INVALID_REQUEST, &why);
}

#[test]
fn a_creation_with_a_wrong_field_is_refused() {
    let refuse = |change: fn(&mut MsgCreateValidator), codespace: &str, code: u32, why: &str| {
        let mut msg = creation();
        change(&mut msg);
        assert_refused(msg.execute(&mut chain(0)), codespace, code, why);
    };
    let below = "a validator is created with a bond of at least 1000000ujmes";
    refuse(
        |msg| msg.validator_address = String::new(),
        "sdk",
        7,
        "invalid validator address: empty address string is not allowed",
    );
    refuse(|msg| msg.value = nils(999_999), "sdk", 18, &format!("{below}, got 999999ujmes: invalid request"));
    refuse(|msg| msg.value = None, "sdk", 18, "invalid delegation amount: none is given: invalid request");
    refuse(
        |msg| msg.value = nils(0),
        "sdk",
        18,
        "invalid delegation amount: it must be positive: invalid request",
    );
    refuse(
        |msg| msg.value = coin("1000000", "bujmes"),
        "sdk",
        18,
        "invalid coin denomination: got bujmes, expected ujmes: invalid request",
    );
    refuse(|msg| msg.pubkey = None, "staking", 39, "empty validator public key");
    refuse(
        |msg| msg.pubkey = Some(Any { type_url: "/cosmos.crypto.secp256k1.PubKey".into(), value: vec![] }),
        "staking",
        6,
        "got: /cosmos.crypto.secp256k1.PubKey, expected: /cosmos.crypto.ed25519.PubKey: validator pubkey type is not supported",
    );
    refuse(
        |msg| msg.pubkey = Some(Any { type_url: ED25519_TYPE.into(), value: vec![10, 1, 7] }),
        "sdk",
        8,
        "a consensus key has 32 bytes: invalid pubkey",
    );
    refuse(|msg| msg.description = None, "sdk", 18, "empty description: invalid request");
    refuse(|msg| msg.commission = None, "sdk", 18, "empty commission: invalid request");
    refuse(
        |msg| msg.min_self_delegation = "0".into(),
        "sdk",
        18,
        "minimum self delegation must be a positive integer: invalid request",
    );
    refuse(
        |msg| msg.min_self_delegation = "1000001".into(),
        "staking",
        16,
        "validator's self delegation must be greater than their minimum self delegation: 1000000ujmes against 1000001ujmes",
    );
    refuse(
        |msg| msg.min_self_delegation = "-1".into(),
        "sdk",
        10,
        "invalid amount \"-1\": expected a whole number from 0 to 2^128 - 1",
    );
}

#[test]
fn at_genesis_a_validator_needs_no_bond_and_its_possession_counts_as_proven() {
    let mut ctx = chain(0);
    at(&mut ctx, 0, 1);
    let without = |value| MsgCreateValidator { value, min_self_delegation: "0".into(), ..creation() };
    without(nils(0)).execute(&mut ctx).unwrap();
    let validator = of(&ctx, address(1));
    assert_eq!((validator.tokens, validator.possession, validator.created_height), (Amount(0), true, 0));
    let mut ctx = chain(0);
    at(&mut ctx, 0, 1);
    without(None).execute(&mut ctx).unwrap();
    let mut ctx = chain(0);
    at(&mut ctx, 0, 1);
    without(nils(5)).execute(&mut ctx).unwrap();
    assert_eq!(of(&ctx, address(1)).tokens, Amount(5));
}

fn edit() -> MsgEditValidator {
    MsgEditValidator {
        description: Some(Description {
            moniker: "[do-not-modify]".into(),
            identity: "[do-not-modify]".into(),
            website: "[do-not-modify]".into(),
            security_contact: "[do-not-modify]".into(),
            details: "new".into(),
        }),
        validator_address: address(101).operator(),
        commission_rate: String::new(),
        min_self_delegation: String::new(),
    }
}

#[test]
fn an_edit_changes_what_it_names_and_leaves_the_rest() {
    let mut ctx = chain(1);
    assert_eq!(edit().signers(), Ok(vec![address(101)]));
    edit().execute(&mut ctx).unwrap();
    let validator = of(&ctx, address(101));
    let texts = (validator.description.moniker.as_str(), validator.description.details.as_str());
    assert_eq!(texts, ("validator 101", "new"));
    assert_eq!(validator.commission.rate, Decimal::percent(5));
    let event = Event::new("edit_validator")
        .with("commission_rate", "0.050000000000000000")
        .with("min_self_delegation", "0");
    assert_eq!(ctx.take_events(), [event]);
}

fn new_rate(percent: u32) -> MsgEditValidator {
    MsgEditValidator { commission_rate: Decimal::percent(percent).to_proto(), ..edit() }
}

#[test]
fn a_rate_of_commission_changes_once_in_24_hours_and_rises_by_the_maximum_at_most() {
    let mut ctx = chain(1);
    let too_soon = "commission cannot be changed more than once in 24h";
    later(&mut ctx, DAY - 1);
    assert_refused(new_rate(4).execute(&mut ctx), "staking", 12, too_soon);
    later(&mut ctx, 1);
    let why = "commission cannot be changed more than max change rate: from 0.050000000000000000 to 0.070000000000000000, at most by 0.010000000000000000";
    assert_refused(new_rate(7).execute(&mut ctx), "staking", 15, why);
    let why =
        "commission cannot be more than the max rate: 0.210000000000000000 against 0.200000000000000000";
    assert_refused(new_rate(21).execute(&mut ctx), "staking", 11, why);
    let why = "commission rate must be between 0 and 1 (inclusive): invalid request";
    assert_refused(new_rate(101).execute(&mut ctx), "sdk", 18, why);
    new_rate(6).execute(&mut ctx).unwrap();
    assert_eq!(of(&ctx, address(101)).commission.rate, Decimal::percent(6));
    assert_refused(new_rate(5).execute(&mut ctx), "staking", 12, too_soon);
    later(&mut ctx, DAY);
    new_rate(0).execute(&mut ctx).unwrap();
    assert_eq!(of(&ctx, address(101)).commission.rate, Decimal::ZERO, "it falls without a limit");
}

#[test]
fn the_minimum_of_the_operators_bond_only_rises_and_not_above_the_bond() {
    let mut ctx = chain(1);
    let minimum = |amount: &str| MsgEditValidator { min_self_delegation: amount.into(), ..edit() };
    let operator = (address(101).to_string(), address(101).operator());
    delegate(&operator.0, &operator.1, nils(10)).execute(&mut ctx).unwrap();
    minimum("10").execute(&mut ctx).unwrap();
    let why = "minimum self delegation cannot be decreased: it is 10, got 10";
    assert_refused(minimum("10").execute(&mut ctx), "staking", 17, why);
    let why = "validator's self delegation must be greater than their minimum self delegation: 10ujmes against 11ujmes";
    assert_refused(minimum("11").execute(&mut ctx), "staking", 16, why);
    let why = "minimum self delegation must be a positive integer: invalid request";
    assert_refused(minimum("0").execute(&mut ctx), "sdk", 18, why);
}

#[test]
fn an_edit_with_a_wrong_field_is_refused() {
    let mut ctx = chain(1);
    let nobody = MsgEditValidator { validator_address: address(9).operator(), ..edit() };
    let why = format!("validator {} does not exist: validator does not exist", address(9).operator());
    assert_refused(nobody.execute(&mut ctx), "staking", 3, &why);
    let empty = MsgEditValidator { description: None, ..edit() };
    assert_refused(empty.execute(&mut ctx), "sdk", 18, "empty description: invalid request");
    let long = Some(Description { moniker: "x".repeat(71), ..Description::default() });
    let why = "invalid moniker length; got: 71, max: 70: invalid request";
    assert_refused(MsgEditValidator { description: long, ..edit() }.execute(&mut ctx), "sdk", 18, why);
    let rate = MsgEditValidator { commission_rate: "0.5".into(), ..edit() };
    assert_eq!(rate.execute(&mut ctx).unwrap_err().code, codes::INVALID_REQUEST);
}

fn delegate(delegator: &str, operator: &str, amount: Option<Coin>) -> MsgDelegate {
    MsgDelegate { delegator_address: delegator.into(), validator_address: operator.into(), amount }
}

#[test]
fn delegating_bonds_and_says_how_many_shares() {
    let mut ctx = chain(1);
    let (delegator, operator) = (address(1).to_string(), address(101).operator());
    let msg = delegate(&delegator, &operator, nils(7));
    assert_eq!(msg.signers(), Ok(vec![address(1)]));
    msg.execute(&mut ctx).unwrap();
    assert_eq!(shares_of(&ctx, &address(1), &address(101)), Ok(7));
    let expected = [
        Event::new("coin_spent").with("spender", &delegator).with("amount", "7ujmes"),
        Event::new("delegate")
            .with("validator", operator)
            .with("delegator", delegator)
            .with("amount", "7ujmes")
            .with("new_shares", "7.000000000000000000"),
    ];
    assert_eq!(ctx.take_events(), expected);
}

/// 21 days after the test block, which is at 2023-11-14T22:13:20Z.
const COMPLETION: Timestamp = Timestamp { seconds: 1_700_000_000 + 1_814_400, nanos: 0 };

#[test]
fn undelegating_redelegating_and_cancelling_answer_and_tell_as_the_sdk() {
    let mut ctx = chain(2);
    let (delegator, source, target) =
        (address(1).to_string(), address(101).operator(), address(102).operator());
    delegate(&delegator, &source, nils(100)).execute(&mut ctx).unwrap();
    ctx.take_events();
    let undelegate = MsgUndelegate {
        delegator_address: delegator.clone(),
        validator_address: source.clone(),
        amount: nils(30),
    };
    assert_eq!(undelegate.signers(), Ok(vec![address(1)]));
    let answer = undelegate.execute(&mut ctx).unwrap();
    assert_eq!((answer.completion_time, answer.amount), (Some(COMPLETION), nils(30)));
    let event = Event::new("unbond")
        .with("validator", &source)
        .with("delegator", &delegator)
        .with("amount", "30ujmes")
        .with("completion_time", "2023-12-05T22:13:20Z");
    assert_eq!(ctx.take_events().last(), Some(&event));
    let redelegate = MsgBeginRedelegate {
        delegator_address: delegator.clone(),
        validator_src_address: source.clone(),
        validator_dst_address: target.clone(),
        amount: nils(20),
    };
    assert_eq!(redelegate.signers(), Ok(vec![address(1)]));
    assert_eq!(redelegate.execute(&mut ctx).unwrap().completion_time, Some(COMPLETION));
    let event = Event::new("redelegate")
        .with("source_validator", &source)
        .with("destination_validator", &target)
        .with("amount", "20ujmes")
        .with("completion_time", "2023-12-05T22:13:20Z");
    assert_eq!(ctx.take_events().last(), Some(&event));
    let cancel = MsgCancelUnbondingDelegation {
        delegator_address: delegator.clone(),
        validator_address: source.clone(),
        amount: nils(30),
        creation_height: 7,
    };
    assert_eq!(cancel.signers(), Ok(vec![address(1)]));
    cancel.execute(&mut ctx).unwrap();
    let event = Event::new("cancel_unbonding_delegation")
        .with("amount", "30ujmes")
        .with("validator", &source)
        .with("delegator", &delegator)
        .with("creation_height", 7);
    assert_eq!(ctx.take_events().last(), Some(&event));
    assert_eq!(of(&ctx, address(101)).tokens, Amount(80));
}

#[test]
fn messages_about_bonds_with_a_wrong_field_are_refused() {
    let (delegator, operator) = (address(1).to_string(), address(101).operator());
    type Send = fn(&str, &str, Option<Coin>, &mut Ctx) -> Result<()>;
    let all: [(Send, &str, &str); 4] = [
        (
            |delegator, operator, amount, ctx| delegate(delegator, operator, amount).execute(ctx).map(drop),
            "validator",
            "invalid delegation amount",
        ),
        (
            |delegator, operator, amount, ctx| {
                let (delegator_address, validator_address) = (delegator.into(), operator.into());
                MsgUndelegate { delegator_address, validator_address, amount }.execute(ctx).map(drop)
            },
            "validator",
            "invalid shares amount",
        ),
        (
            |delegator, operator, amount, ctx| {
                let validator_dst_address = address(102).operator();
                let (delegator_address, validator_src_address) = (delegator.into(), operator.into());
                MsgBeginRedelegate { delegator_address, validator_src_address, validator_dst_address, amount }
                    .execute(ctx)
                    .map(drop)
            },
            "source validator",
            "invalid shares amount",
        ),
        (
            |delegator, operator, amount, ctx| {
                let (delegator_address, validator_address, creation_height) =
                    (delegator.into(), operator.into(), 7);
                MsgCancelUnbondingDelegation { delegator_address, validator_address, amount, creation_height }
                    .execute(ctx)
                    .map(drop)
            },
            "validator",
            "invalid amount",
        ),
    ];
    let empty = "empty address string is not allowed";
    for (send, which, why) in all {
        let mut ctx = chain(2);
        bond(&mut ctx, &address(1), &address(101), Amount(5)).unwrap();
        let mut refuse = |delegator: &str, operator: &str, amount, code, why: String| {
            assert_refused(send(delegator, operator, amount, &mut ctx), "sdk", code, &why);
        };
        refuse("", &operator, nils(1), 7, format!("invalid delegator address: {empty}"));
        refuse(&delegator, "", nils(1), 7, format!("invalid {which} address: {empty}"));
        refuse(&delegator, &operator, None, 18, format!("{why}: none is given: invalid request"));
        refuse(&delegator, &operator, nils(0), 18, format!("{why}: it must be positive: invalid request"));
        let denom = "invalid coin denomination: got bujmes, expected ujmes: invalid request";
        refuse(&delegator, &operator, coin("1", "bujmes"), 18, denom.into());
        refuse(&delegator, &operator, coin("1", ""), 10, "invalid denom: ".into());
        let number = "invalid amount \"1.5\": expected a whole number from 0 to 2^128 - 1";
        refuse(&delegator, &operator, coin("1.5", "ujmes"), 10, number.into());
    }
    let redelegate = MsgBeginRedelegate {
        delegator_address: delegator.clone(),
        validator_src_address: operator.clone(),
        validator_dst_address: String::new(),
        amount: nils(1),
    };
    let why = format!("invalid destination validator address: {empty}");
    assert_refused(redelegate.execute(&mut chain(2)), "sdk", 7, &why);
    let cancel = MsgCancelUnbondingDelegation {
        delegator_address: delegator,
        validator_address: operator,
        amount: nils(1),
        creation_height: 0,
    };
    let why = "invalid height: an entry's creation height is at least 1, got 0: invalid request";
    assert_refused(cancel.execute(&mut chain(2)), "sdk", 18, why);
}

#[test]
fn parameters_cannot_be_changed_by_a_message() {
    let mut routes = Routes::default();
    Staking.messages(&mut routes);
    let why = "unknown message type \"/cosmos.staking.v1beta1.MsgUpdateParams\"";
    let refused = routes.decode("/cosmos.staking.v1beta1.MsgUpdateParams", &[]).map(|_| ());
    assert_refused(refused, "sdk", codes::UNKNOWN_REQUEST, why);
    assert_eq!(routes.type_urls().count(), 6);
}

#[test]
fn a_creation_takes_part_of_the_rules_of_candidates() {
    let mut ctx = chain(0);
    create(&mut ctx, candidate(1)).unwrap();
    let why = format!(
        "{}: validator already exist for this operator address; must use new validator operator address",
        address(1).operator()
    );
    assert_refused(creation().execute(&mut ctx), "staking", 4, &why);
}

#[test]
fn a_premint_wallet_bonds_by_no_message() {
    let mut ctx = chain(2);
    let (delegator, source) = (address(1).to_string(), address(101).operator());
    delegate(&delegator, &source, nils(100)).execute(&mut ctx).unwrap();
    let undelegate = MsgUndelegate {
        delegator_address: delegator.clone(),
        validator_address: source.clone(),
        amount: nils(10),
    };
    undelegate.execute(&mut ctx).unwrap();
    // There is no way to become a premint wallet later; here, the bond is older than the wallet.
    let account = auth::Account { premint: true, ..auth::require(&ctx, &address(1)).unwrap() };
    auth::save(&mut ctx, &address(1), &account).unwrap();
    let wallet = premint::Wallet { amount: Amount(5), held: Amount(5), last_sale: None };
    premint::state::WALLETS.save(&mut ctx, &address(1), &wallet).unwrap();
    let redelegate = MsgBeginRedelegate {
        delegator_address: delegator.clone(),
        validator_src_address: source.clone(),
        validator_dst_address: address(102).operator(),
        amount: nils(1),
    };
    let cancel = MsgCancelUnbondingDelegation {
        delegator_address: delegator.clone(),
        validator_address: source.clone(),
        amount: nils(1),
        creation_height: 7,
    };
    let refused = [
        creation().execute(&mut ctx).map(drop),
        delegate(&delegator, &source, nils(1)).execute(&mut ctx).map(drop),
        redelegate.execute(&mut ctx).map(drop),
        cancel.execute(&mut ctx).map(drop),
    ];
    for refused in refused {
        let error = refused.unwrap_err();
        assert_eq!((error.codespace, error.code), ("premint", 2), "{error}");
    }
}
