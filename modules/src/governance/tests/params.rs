//! The parameters: mainnet's values and hard bounds (§1).

use crate::governance::{check_params, default_params, Governance};
use crate::kernel::{message_from_json, Error, Module};
use crate::test_support::{assert_refused, ctx};
use jmes_proto::jmes::governance::v1::Params;
use jmes_proto::Duration;
use serde_json::{json, Value};

fn template(text: &str) -> Params {
    let mut ctx = ctx();
    let document: Value = serde_json::from_str(text).unwrap();
    Governance.import(&mut ctx, &document["app_state"]["governance"]).unwrap();
    crate::governance::params(&ctx).unwrap()
}

#[test]
fn mainnets_parameters_are_those_of_the_table() {
    let params = default_params();
    // Twice 607,126.1538 s.
    let two_weeks = Some(Duration { seconds: 1_214_252, nanos: 307_600_000 });
    assert_eq!((params.raising_period, params.voting_period), (two_weeks, two_weeks));
    assert_eq!(params.min_vote_stake, "1000000000");
    assert_eq!(params.proposal_burn, "10000000");
    assert_eq!(params.pass_threshold_percent, 10);
    assert_eq!(params.improvements_open_after, 3_155_695);
    assert_eq!(params.min_upgrade_notice, 17_280);
    assert_eq!(template(include_str!("../../../../genesis/mainnet.json")), params);
}

#[test]
fn a_devnets_cycle_takes_two_minutes() {
    let minute = Some(Duration { seconds: 60, nanos: 0 });
    let devnet = Params {
        raising_period: minute,
        voting_period: minute,
        improvements_open_after: 100,
        min_upgrade_notice: 10,
        ..default_params()
    };
    assert_eq!(template(include_str!("../../../../genesis/devnet.json")), devnet);
}

#[test]
fn parameters_that_genesis_leaves_out_are_mainnets() {
    let mut ctx = ctx();
    Governance.import(&mut ctx, &json!({"params": {"pass_threshold_percent": 7}})).unwrap();
    let params = crate::governance::params(&ctx).unwrap();
    assert_eq!(params, Params { pass_threshold_percent: 7, ..default_params() });
    for wrong in [json!([]), json!({"params": 5}), json!({"params": {"other": 1}}), json!({"other": 1})] {
        assert_eq!(Governance.import(&mut ctx, &wrong).map_err(|error| error.code), Err(18), "{wrong}");
    }
}

#[test]
fn hard_bounds_hold() {
    let with = |field: &str, value: Value| -> Result<(), Error> {
        let mut json = crate::kernel::message_to_json(&default_params())?;
        json[field] = value;
        check_params(&message_from_json(&json)?)
    };
    let sound = [
        ("min_vote_stake", json!("10000000000")),
        ("min_vote_stake", json!("1")),
        ("proposal_burn", json!("1000000000")),
        ("proposal_burn", json!("1000000")),
        ("pass_threshold_percent", json!(20)),
        ("pass_threshold_percent", json!(0)),
        ("min_upgrade_notice", json!("1")),
        ("raising_period", json!("0.000000001s")),
        ("voting_period", json!("31622400s")),
    ];
    for (field, value) in sound {
        assert_eq!(with(field, value), Ok(()), "{field}");
    }
    let wrong = [
        ("min_vote_stake", json!("10000000001"), "10000000001; it must be from 1 to 10000000000"),
        ("min_vote_stake", json!("0"), "0; it must be from 1 to 10000000000"),
        ("proposal_burn", json!("1000000001"), "1000000001; it must be from 1000000 to 1000000000"),
        ("proposal_burn", json!("999999"), "999999; it must be from 1000000 to 1000000000"),
        ("pass_threshold_percent", json!(21), "21; it must be from 0 to 20"),
        ("min_upgrade_notice", json!("0"), "0; it must be from 1 to 1000000"),
        ("min_upgrade_notice", json!("1000001"), "1000001; it must be from 1 to 1000000"),
    ];
    for (field, value, why) in wrong {
        assert_refused(with(field, value), "sdk", 18, &format!("governance: {field} is {why}"));
    }
    for field in ["raising_period", "voting_period"] {
        for value in ["0s", "-1s", "31622400.000000001s"] {
            let why = format!("governance: {field} must be above 0 and at most 366 days");
            assert_refused(with(field, json!(value)), "sdk", 18, &why);
        }
    }
}
