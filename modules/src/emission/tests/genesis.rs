//! The module's part of genesis, in and out.

use super::{chain, next_block, SECOND};
use crate::bank;
use crate::emission::{clock, default_params, params, settings, state, Emission};
use crate::kernel::{codes, Amount, Ctx, Error, Module, Result};
use crate::test_support::{address, assert_refused, committed, ctx};
use serde_json::{json, Value};

fn import(genesis: &Value) -> Result<Ctx> {
    let mut ctx = ctx();
    Emission.import(&mut ctx, genesis).map(|()| ctx)
}

#[track_caller]
fn refuse(genesis: &Value, why: &str) {
    assert_refused(import(genesis).map(|_| ()), "sdk", codes::INVALID_REQUEST, why);
}

#[track_caller]
fn refuse_param(field: &str, value: Value, why: &str) {
    refuse(&json!({"params": {field: value}}), &format!("genesis: emission: params.{field}: {why}"));
}

#[test]
fn without_a_word_the_mainnet_holds() {
    for genesis in [Value::Null, json!({}), json!({"params": null}), json!({"params": {}})] {
        let ctx = import(&genesis).unwrap();
        assert_eq!(params(&ctx), Ok(default_params()));
        assert_eq!(clock(&ctx).unwrap().n, 0);
    }
}

#[test]
fn a_field_that_is_there_takes_the_place_of_the_mainnets() {
    let ctx = chain(json!({"target_block_time": "1s", "seconds_per_month": "60", "idp_blocks": "0"}));
    let settings = settings(&ctx).unwrap();
    assert_eq!((settings.block_time, settings.pace_credit), (SECOND, 505 * SECOND));
    assert_eq!((settings.schedule.period_blocks, settings.idp_blocks), (720, 0));
    assert_eq!(settings.schedule.initial_reward, Amount(18_000_000));
}

/// The template's part of genesis.
fn template(text: &str) -> Value {
    serde_json::from_str::<Value>(text).unwrap()["app_state"]["emission"].clone()
}

#[test]
fn the_templates_say_what_is_meant() {
    let mainnet = import(&template(include_str!("../../../../genesis/mainnet.json"))).unwrap();
    assert_eq!(params(&mainnet), Ok(default_params()));
    let devnet = import(&template(include_str!("../../../../genesis/devnet.json"))).unwrap();
    let settings = settings(&devnet).unwrap();
    assert_eq!((settings.block_time, settings.pace_credit, settings.idp_blocks), (SECOND, 101 * SECOND, 20));
    assert_eq!((settings.schedule.period_blocks, settings.blocks_in_months(1)), (720, Ok(60)));
}

#[test]
fn months_are_blocks_on_pace_rounded_down() {
    let blocks = |months| settings(&chain(json!({}))).unwrap().blocks_in_months(months).unwrap();
    assert_eq!([1, 3, 6, 12].map(blocks), [525_949, 1_577_847, 3_155_695, 6_311_390]);
}

#[test]
fn parameters_out_of_range_are_refused_by_name() {
    let time = "it must be a time above 0 and below 584 years, such as \"5s\"";
    refuse_param("target_block_time", json!("0s"), time);
    refuse_param("target_block_time", json!("-5s"), time);
    refuse_param("pace_credit", json!("0s"), time);
    refuse_param("pace_credit", json!("30000000000s"), time);
    refuse_param(
        "pace_credit",
        json!("4.9s"),
        "it is less than target_block_time: no block would have a reward",
    );
    refuse_param("seconds_per_month", json!("0"), "it is 0; a month takes at least a second");
    refuse_param("dao_share_percent", json!(101), "101 is above 100");
    let supply =
        |given: &str| format!("{given} Nils is not above 100000000000000 and at most 1000000000000000000");
    refuse_param("max_supply", json!("100000000000000"), &supply("100000000000000"));
    refuse_param("max_supply", json!("1000000000000000001"), &supply("1000000000000000001"));
    let more = "900000000000001 Nils is more than can ever be issued, 900000000000000 Nils";
    refuse_param("initial_reward", json!("900000000000001"), more);
    refuse_param("reduction", json!("0"), "0 is not above 0 and at most 1: rewards must end");
    refuse_param(
        "reduction",
        json!("1.0000000001"),
        "1.0000000001 is not above 0 and at most 1: rewards must end",
    );
    refuse_param("reduction", json!("0.12620794661"), "0.12620794661 has more than 10 places");
    let number = "invalid decimal \"-0.1\": expected a number such as 0.05";
    refuse_param("reduction", json!("-0.1"), number);
    let short =
        json!({"params": {"target_block_time": "25s", "pace_credit": "25s", "seconds_per_month": "2"}});
    refuse(
        &short,
        "genesis: emission: params.seconds_per_month: 12 months are shorter than target_block_time",
    );
    let text = import(&json!({"params": {"max_supply": "much"}})).map(|_| ()).unwrap_err();
    assert!(text.message.starts_with("genesis: emission: params.max_supply: invalid amount"), "{text}");
}

#[test]
fn a_schedule_that_does_not_end_in_time_is_refused() {
    let slow = json!({"params": {"reduction": "0.0000000001", "seconds_per_month": "60"}});
    let why = "it is too small: rewards do not end within 1000 periods of 12 months";
    refuse(&slow, &format!("genesis: emission: params.reduction: {why}"));
    import(&json!({"params": {"reduction": "0.0000000001"}})).expect("this one ends when all is issued");
    import(&json!({"params": {"reduction": "1"}})).expect("this one has one period");
    import(&json!({"params": {"initial_reward": "0"}})).expect("this one has none");
}

#[test]
fn unknown_fields_and_wrong_shapes_are_refused() {
    refuse(&json!([]), "genesis: emission: expected an object");
    refuse(&json!({"params": "mainnet"}), "genesis: emission: params: expected an object");
    refuse(&json!({"clocks": {}}), "genesis: emission: clocks: no such field; there are params and clock");
    assert_eq!(
        import(&json!({"params": {"rewards": "1"}})).map(|_| ()).unwrap_err().code,
        codes::INVALID_REQUEST
    );
    let clock = |n: &str, height: &str, credit: &str| json!({"clock": {"n": n, "height": height, "time": "1", "credit": credit, "paced": true}});
    import(&clock("5", "5", "0")).unwrap();
    let range = |n, height| {
        format!("genesis: emission: clock: n = {n} at height {height}; a running chain has 1 <= n <= height")
    };
    refuse(&clock("6", "5", "0"), &range(6, 5));
    refuse(&clock("0", "5", "0"), &range(0, 5));
    refuse(&clock("0", "0", "0"), &range(0, 0));
    refuse(&clock("x", "5", "0"), "genesis: emission: clock.n: expected a whole number in a text");
    let most =
        "genesis: emission: clock.credit: 505000000001 ns is more than params.pace_credit, 505000000000 ns";
    refuse(&clock("5", "5", "505000000001"), most);
    let mut unsure = clock("5", "5", "0");
    unsure["clock"]["paced"] = json!("yes");
    refuse(&unsure, "genesis: emission: clock.paced: expected true or false");
}

#[test]
fn what_is_exported_is_imported_as_the_same_state() {
    let mut ctx = chain(json!({"target_block_time": "1s", "seconds_per_month": "1", "idp_blocks": "20"}));
    for step in 0..700 {
        if step % 7 == 0 {
            let after = import(&Emission.export(&ctx).unwrap()).unwrap();
            assert_eq!(
                committed(after).overlay().scan(&[], &[0xff], false, 9),
                ctx.overlay().scan(&[], &[0xff], false, 9)
            );
        }
        next_block(&mut ctx, step % 3 * SECOND);
    }
}

#[test]
fn the_invariants_find_what_the_schedule_does_not_allow() {
    let broken = |ctx: &Ctx, why: &str| {
        assert_eq!(Emission.check_invariants(ctx), Err(Error::sdk(codes::LOGIC, why)));
    };
    let mut ctx = chain(json!({}));
    bank::mint(&mut ctx, &address(1), bank::MAX_GENESIS_SUPPLY).unwrap();
    assert_eq!(Emission.check_invariants(&ctx), Ok(()));
    bank::mint(&mut ctx, &address(1), Amount(1)).unwrap();
    broken(&ctx, "supply 100000000000001 and unredeemed 0 pass 100000000000000 of genesis and 0 issued");
    next_block(&mut ctx, 0);
    assert_eq!(Emission.check_invariants(&ctx), Ok(()));
    let mut clock = clock(&ctx).unwrap();
    clock.n += 1;
    state::CLOCK.save(&mut ctx, &clock).unwrap();
    let error = Emission.check_invariants(&ctx).unwrap_err().message;
    assert!(error.starts_with("at n = 2 the clock has Point"), "{error}");
}
