//! Genesis and invariants.

use super::{
    accuse, assert_sound, chain, chain_with, change, double_sign, judge, key, next_block, state, validator,
    Ctx,
};
use crate::consensus;
use crate::kernel::{codes, Error, Module, Result};
use crate::slashing::types::{Chunk, EvidenceHash, SigningInfo};
use crate::slashing::{check_evidence_age, default_params, params, Slashing};
use crate::test_support::{assert_refused, ctx};
use jmes_proto::Duration;
use serde_json::{json, Value};
use tendermint_proto::v0_38::types::{ConsensusParams, EvidenceParams};

fn import(genesis: &Value) -> Result<Ctx> {
    let mut ctx = ctx();
    Slashing.import(&mut ctx, genesis).map(|()| ctx)
}

#[track_caller]
fn refuse(genesis: &Value, why: &str) {
    let result = import(genesis).map(|_| ());
    assert_refused(result, "sdk", codes::INVALID_REQUEST, &format!("genesis: slashing: {why}"));
}

#[test]
fn without_genesis_mainnets_parameters_hold() {
    for nothing in [Value::Null, json!({}), json!({"signing_infos": null, "windows": null})] {
        let ctx = import(&nothing).unwrap();
        assert_eq!(params(&ctx), Ok(default_params()));
        assert_sound(&ctx);
    }
}

#[test]
fn the_templates_hold_the_parameters_of_mainnet_and_devnet() {
    let slashing = |text: &str| serde_json::from_str::<Value>(text).unwrap()["app_state"]["slashing"].take();
    let mainnet = import(&slashing(include_str!("../../../../genesis/mainnet.json"))).unwrap();
    assert_eq!(params(&mainnet), Ok(default_params()));
    let devnet = import(&slashing(include_str!("../../../../genesis/devnet.json"))).unwrap();
    assert_eq!(params(&devnet).unwrap().signed_blocks_window, 30);
}

#[test]
fn parameters_are_written_as_cosmos_tools_write_them() {
    let genesis = json!({"params": {
        "signed_blocks_window": "30",
        "min_signed_per_window": "0.050000000000000000",
        "downtime_jail_duration": "600s",
        "slash_fraction_double_sign": "0.050000000000000000",
        "slash_fraction_downtime": "0.000100000000000000"
    }});
    let ctx = import(&genesis).unwrap();
    let mut expected = default_params();
    expected.signed_blocks_window = 30;
    assert_eq!(params(&ctx), Ok(expected));
    assert_eq!(Slashing.export(&ctx).unwrap()["params"], genesis["params"]);
}

#[test]
fn a_chain_that_has_run_comes_back_exactly() {
    let mut before = chain_with(3, 3_000, 5);
    next_block(&mut before, &[]);
    for height in 0..2_100 {
        judge(&mut before, false, &[(1, height % 3 == 0), (2, true), (3, height != 1_500)]);
    }
    accuse(&mut before, &[double_sign(3, 1, 5)]);
    let genesis = Slashing.export(&before).unwrap();
    let after = import(&genesis).unwrap();
    let stored = |ctx: &Ctx| ctx.overlay().scan(&[8], &[9], false, usize::MAX);
    assert_eq!(stored(&after), stored(&before));
    assert_eq!(stored(&after).len(), 10, "parameters, windows, three infos, four chunks, evidence");
    assert_eq!(Slashing.export(&after).unwrap(), genesis);
}

#[test]
fn parameters_out_of_range_are_refused() {
    let with = |name: &str, value: &str| {
        let mut params = Slashing.export(&chain(0)).unwrap()["params"].clone();
        params[name] = value.into();
        json!({ "params": params })
    };
    refuse(&with("signed_blocks_window", "0"), "params: signed_blocks_window is 0, expected 1 to 1000000");
    refuse(&with("signed_blocks_window", "-5"), "params: signed_blocks_window is -5, expected 1 to 1000000");
    let why = "params: signed_blocks_window is 1000001, expected 1 to 1000000";
    refuse(&with("signed_blocks_window", "1000001"), why);
    for name in ["min_signed_per_window", "slash_fraction_double_sign", "slash_fraction_downtime"] {
        let why = format!("params: {name} is 1.000000000000000001, expected 0 to 1");
        refuse(&with(name, "1.000000000000000001"), &why);
        import(&with(name, "1.000000000000000000")).unwrap();
        import(&with(name, "0.000000000000000000")).unwrap();
        assert!(import(&with(name, "-0.1")).is_err());
    }
    import(&with("downtime_jail_duration", "0s")).unwrap();
    let why = "params: downtime_jail_duration is 31536001 s and 0 ns, expected 0 to 31536000 s";
    refuse(&with("downtime_jail_duration", "31536001s"), why);
    assert!(import(&with("downtime_jail_duration", "-1s")).is_err());
}

#[test]
fn wrong_fields_are_refused_by_name() {
    refuse(&json!([]), "expected an object");
    refuse(&json!({"signing_info": []}), "unknown field \"signing_info\"");
    refuse(&json!({"signing_infos": {}}), "signing_infos: expected a list");
    refuse(&json!({"signing_infos": [{}]}), "signing_infos: an entry has no address");
    let address = key(1).to_string();
    let info = |start: Value, missed: Value| json!({"signing_infos": [{"address": address, "start_height": start, "missed": missed}]});
    let at = format!("signing_infos: {address}");
    let number = "expected a whole number in a text, got";
    refuse(&info(json!(5), json!([])), &format!("{at}: start_height: {number} 5"));
    refuse(&info(json!("5"), json!(["x"])), &format!("{at}: missed: {number} \"x\""));
    refuse(&info(json!("5"), json!("7")), "missed: expected a list");
    let twice = format!("{at} is listed twice, or missed 7 twice");
    refuse(&info(json!("5"), json!(["7", "7"])), &twice);
    refuse(&info(json!("5"), json!(["1000000"])), &format!("{at}: missed has 1000000, beyond any window"));
    let windows = |length: &str, idp: Value| json!({"windows": {"since": "0", "length": length, "idp": idp}});
    refuse(&windows("0", json!(true)), "windows: length is 0, expected 1 to 1000000");
    refuse(&windows("5", json!("yes")), "windows: idp is not true or false");
    refuse(&json!({"windows": {"length": "5", "idp": true}}), "windows: since is missing");
    assert!(import(&json!({"signing_infos": [{"address": "jmes1", "start_height": "1"}]})).is_err());
    assert!(import(&json!({"evidence": [{"consensus_address": "jmes1"}]})).is_err());
}

#[test]
fn the_same_validator_or_evidence_twice_is_refused() {
    let info = json!({"address": key(1).to_string(), "start_height": "1"});
    let why = format!("signing_infos: {} is listed twice", key(1));
    refuse(&json!({"signing_infos": [info, info]}), &why);
    let missed = json!({"address": key(1).to_string(), "start_height": "1", "missed": ["3"]});
    let why = format!("signing_infos: {} is listed twice, or missed 3 twice", key(1));
    refuse(&json!({"signing_infos": [missed, missed]}), &why);
    let mut ctx = chain(1);
    accuse(&mut ctx, &[double_sign(1, 1, 5)]);
    let evidence = Slashing.export(&ctx).unwrap()["evidence"][0].clone();
    let (hash, _) = state::EVIDENCE.scan(&ctx, &[], None, false, 1).unwrap().remove(0);
    refuse(&json!({"evidence": [evidence, evidence]}), &format!("evidence {hash} is listed twice"));
}

#[track_caller]
fn assert_broken(ctx: &Ctx, why: &str) {
    let expected = Error::sdk(codes::LOGIC, format!("slashing: {why}"));
    assert_eq!(Slashing.check_invariants(ctx), Err(expected));
}

#[test]
fn the_invariants_find_what_is_broken() {
    let address = key(1);
    let mut ctx = chain(1);
    state::SIGNING_INFOS.save(&mut ctx, &address, &SigningInfo { start_height: 1, missed: 2 }).unwrap();
    assert_broken(&ctx, &format!("{address} missed 0 commits, its counter says 2"));

    let mut ctx = chain(1);
    state::MISSED.save(&mut ctx, &(address, 3), &Chunk::EMPTY).unwrap();
    assert_broken(&ctx, &format!("chunk 3 of {address} has no missed commit"));

    let mut ctx = chain(1);
    let mut chunk = Chunk::EMPTY;
    chunk.set(5, true);
    state::MISSED.save(&mut ctx, &(key(2), 0), &chunk).unwrap();
    assert_broken(&ctx, &format!("{} has missed commits, but no signing info", key(2)));

    let mut ctx = chain_with(1, 1_020, 5);
    next_block(&mut ctx, &[]);
    judge(&mut ctx, false, &[(1, true)]);
    chunk.set(1_020, true);
    state::MISSED.save(&mut ctx, &(address, 0), &chunk).unwrap();
    state::SIGNING_INFOS.save(&mut ctx, &address, &SigningInfo { start_height: 1, missed: 2 }).unwrap();
    assert_broken(&ctx, &format!("{address} missed a commit at place 1020, beyond its window"));

    let mut ctx = chain(0);
    state::SIGNING_INFOS.save(&mut ctx, &address, &SigningInfo::default()).unwrap();
    assert_broken(&ctx, &format!("{address} has a window, but no validator has its key"));

    let mut ctx = chain(2);
    state::SIGNING_INFOS.remove(&mut ctx, &address).unwrap();
    let operator = validator(&ctx, 1).operator.operator();
    assert_broken(&ctx, &format!("{operator} has a seat, but {address} has no signing info"));
}

#[test]
fn evidence_is_accepted_as_long_as_coins_unbond() {
    let mut ctx = chain(1);
    let mut age = |seconds, nanos| {
        let max_age_duration = Some(Duration { seconds, nanos });
        let evidence = EvidenceParams { max_age_num_blocks: 1, max_age_duration, max_bytes: 1 };
        let params = ConsensusParams { evidence: Some(evidence), ..ConsensusParams::default() };
        consensus::state::PARAMS.save(&mut ctx, &params).unwrap();
        check_evidence_age(&ctx)
    };
    let days = 86_400;
    assert_eq!(age(21 * days, 0), Ok(()));
    assert_eq!(age(22 * days, 0), Ok(()));
    let why = "evidence.max_age_duration is 1814399999999999 ns, less than unbonding_time, 1814400000000000 ns: evidence must be accepted as long as coins unbond";
    assert_refused(age(21 * days - 1, 999_999_999), "sdk", codes::INVALID_REQUEST, why);
    assert_broken(&ctx, why);
}

#[test]
fn the_invariants_find_evidence_without_its_consequence_or_out_of_place() {
    let mut ctx = chain(1);
    accuse(&mut ctx, &[double_sign(1, 1, 5)]);
    assert_sound(&ctx);
    let (hash, evidence) = state::EVIDENCE.scan(&ctx, &[], None, false, 1).unwrap().remove(0);
    change(&mut ctx, 1, |record| record.tombstoned = false);
    let why = format!("there is evidence {hash} against {}, which is not tombstoned", key(1));
    assert_broken(&ctx, &why);
    let wrong = EvidenceHash([7; 32]);
    state::EVIDENCE.save(&mut ctx, &wrong, &evidence).unwrap();
    assert_broken(&ctx, &format!("evidence {hash} stands under {wrong}"));
}
