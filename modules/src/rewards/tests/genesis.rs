//! Genesis and exports of income.

use super::{bond, chain, charge_fee, commission, next, powers, redeemed, reward, state};
use crate::kernel::{codes, Amount, Ctx, Module, Result};
use crate::rewards::Rewards;
use crate::test_support::{address, assert_refused, ctx};
use serde_json::{json, Value};

fn own_state(ctx: &Ctx) -> Vec<(Vec<u8>, Vec<u8>)> {
    ctx.overlay().scan(&[crate::REWARDS.0], &[crate::REWARDS.0 + 1], false, usize::MAX)
}

fn import(genesis: &Value) -> Result<Ctx> {
    let mut ctx = ctx();
    Rewards.import(&mut ctx, genesis).map(|()| ctx)
}

#[test]
fn what_is_exported_is_imported_as_the_same_state() {
    let mut before = chain(2, 3);
    let export = Rewards.export(&before).unwrap();
    assert_eq!(own_state(&import(&export).unwrap()), own_state(&before), "before anything happened");
    powers(&mut before, &[1_000, 777]);
    bond(&mut before, 4, 1, 3_333_333);
    for _ in 0..5 {
        charge_fee(&mut before, &address(9), Amount(11)).unwrap();
        next(&mut before);
    }
    bond(&mut before, 4, 2, 7_777_777);
    bond(&mut before, 5, 1, 1_000_001);
    redeemed(&mut before, 4, 1);
    state::WITHDRAW_ADDRESSES.save(&mut before, &address(4), &address(6)).unwrap();
    next(&mut before);
    let export = Rewards.export(&before).unwrap();
    let after = import(&export).unwrap();
    assert_eq!(own_state(&after), own_state(&before));
    assert_eq!(Rewards.export(&after), Ok(export));
    assert!(reward(&before, 5, 1) > 0 && commission(&before, 2) > 0, "there is something to export");
}

#[test]
fn nothing_in_genesis_is_a_chain_that_begins() {
    let empty = own_state(&import(&Value::Null).unwrap());
    assert_eq!(empty.len(), 1, "the parameters");
    assert_eq!(own_state(&import(&json!({})).unwrap()), empty);
}

#[test]
fn wrong_genesis_is_refused_with_the_place() {
    let operator = address(1).operator();
    let owner = address(2).to_string();
    let validator = |fields: Value| {
        let mut entry = json!({"operator_address": operator});
        entry.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({"validators": [entry]})
    };
    let bond = json!({"operator_address": operator, "delegator_address": owner, "per_share": "1"});
    let twice = json!({"operator_address": operator, "power": "18446744073709551615"});
    let other = json!({"operator_address": address(2).operator(), "power": "1"});
    let wallet = json!({"delegator_address": owner, "withdraw_address": address(3).to_string()});
    let own = json!({"delegator_address": owner, "withdraw_address": owner});
    let expected = "expected a whole number below 2^256";
    let refused = [
        (
            json!({"unredeemed": "1.5"}),
            codes::INVALID_COINS,
            "genesis: rewards: invalid amount \"1.5\": expected a whole number from 0 to 2^128 - 1".into(),
        ),
        (
            json!({"accumulator": "x"}),
            codes::INVALID_REQUEST,
            format!("genesis: rewards: invalid fixed-point number \"x\": {expected}"),
        ),
        (
            json!({"params": {"community_tax": "0.02"}}),
            codes::INVALID_REQUEST,
            "genesis: rewards: params.community_tax is 0.020000000000000000: it must be 0".into(),
        ),
        (
            validator(json!({"per_share": "-1"})),
            codes::INVALID_REQUEST,
            format!("genesis: rewards.validators: {operator}: invalid fixed-point number \"-1\": {expected}"),
        ),
        (
            json!({"validators": [twice, twice]}),
            codes::INVALID_REQUEST,
            format!("genesis: rewards.validators: {operator}: it is listed twice"),
        ),
        (
            json!({"validators": [twice, other]}),
            codes::INVALID_REQUEST,
            format!(
                "genesis: rewards.validators: {}: the powers sum to more than 2^64 - 1",
                address(2).operator()
            ),
        ),
        (
            json!({"bonds": [bond, bond]}),
            codes::INVALID_REQUEST,
            format!("genesis: rewards.bonds: {owner} to {operator}: it is listed twice"),
        ),
        (
            json!({"withdraw_addresses": [wallet, wallet]}),
            codes::INVALID_REQUEST,
            format!("genesis: rewards.withdraw_addresses: {owner} is listed twice"),
        ),
        (
            json!({"withdraw_addresses": [own]}),
            codes::INVALID_REQUEST,
            format!("genesis: rewards.withdraw_addresses: {owner} is its own withdraw address; leave it out"),
        ),
    ];
    for (genesis, code, why) in refused {
        assert_refused(import(&genesis).map(drop), "sdk", code, &why);
    }
    let code = |genesis: &Value| import(genesis).map(drop).unwrap_err().code;
    assert_eq!(code(&json!({"validators": [{"operator_address": owner}]})), codes::INVALID_ADDRESS);
    assert_eq!(
        code(&json!({"bonds": [{"operator_address": operator, "delegator_address": operator}]})),
        codes::INVALID_ADDRESS
    );
    assert_eq!(code(&json!({"withdraw_addresses": [{"delegator_address": owner}]})), codes::INVALID_ADDRESS);
    assert_eq!(code(&json!({"income": []})), codes::INVALID_REQUEST);
    assert_eq!(code(&json!("rewards")), codes::INVALID_REQUEST);
}
