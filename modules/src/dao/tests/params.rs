//! Tests of the parameters.

use super::{DAY, HOUR};
use crate::dao::{check_params, defaults, params as dao_params, DaoModule};
use crate::kernel::{codes, duration, Module, SECOND};
use crate::test_support::{assert_refused, ctx};
use jmes_proto::jmes::dao::v1::Params;
use jmes_proto::Duration;
use serde_json::{json, Value};

#[test]
fn mainnet_has_the_values_of_the_specification() {
    let params = defaults();
    assert_eq!(check_params(&params), Ok(()));
    assert_eq!((params.max_members, params.min_core_members, params.max_total_power), (9, 3, 1_000_000));
    assert_eq!(params.min_voting_period, Some(duration(HOUR)));
    assert_eq!(params.max_voting_period, Some(duration(60 * DAY)));
    assert_eq!(params.default_voting_period, Some(duration(28 * DAY)));
    assert_eq!((params.execution_period, params.max_open_proposals), (Some(duration(30 * DAY)), 10));
}

/// A parameter, and values just outside of its bounds.
type Bound = (fn(&mut Params, u64), Vec<u64>, &'static str);

#[test]
fn every_parameter_has_hard_bounds_that_the_refusal_names() {
    let bounds: [Bound; 8] = [
        (|p, v| p.max_members = v as u32, vec![0, 2, 101], "max_members"),
        (|p, v| p.min_core_members = v as u32, vec![0, 1, 10], "min_core_members"),
        (|p, v| p.max_total_power = v, vec![0, 8, 1_000_000_000_001], "max_total_power"),
        (
            |p, v| p.min_voting_period = Some(duration(v)),
            vec![0, SECOND - 1, 365 * DAY + 1],
            "min_voting_period",
        ),
        (|p, v| p.max_voting_period = Some(duration(v)), vec![HOUR - 1, 365 * DAY + 1], "max_voting_period"),
        (
            |p, v| p.default_voting_period = Some(duration(v)),
            vec![HOUR - 1, 60 * DAY + 1],
            "default_voting_period",
        ),
        (
            |p, v| p.execution_period = Some(duration(v)),
            vec![0, SECOND - 1, 365 * DAY + 1],
            "execution_period",
        ),
        (|p, v| p.max_open_proposals = v as u32, vec![0, 101], "max_open_proposals"),
    ];
    for (set, outside, name) in bounds {
        for value in outside {
            let mut params = defaults();
            set(&mut params, value);
            let error = check_params(&params).unwrap_err();
            assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_REQUEST));
            assert!(error.message.starts_with(&format!("dao: {name} is {value}")), "{}", error.message);
        }
    }
}

#[test]
fn a_period_that_is_missing_or_negative_is_refused_by_name() {
    let missing = check_params(&Params { execution_period: None, ..defaults() }).unwrap_err();
    assert_eq!(missing.message, "dao: execution_period is missing");
    let negative = Some(Duration { seconds: -1, nanos: 0 });
    let negative = check_params(&Params { max_voting_period: negative, ..defaults() }).unwrap_err();
    assert!(negative.message.starts_with("dao: max_voting_period: a duration of -1 s"), "{negative}");
}

#[test]
fn an_improvement_sets_all_parameters_within_their_bounds() {
    let mut ctx = ctx();
    DaoModule.import(&mut ctx, &Value::Null).unwrap();
    let mut params = DaoModule.params(&ctx).unwrap();
    params["max_open_proposals"] = json!(20);
    DaoModule.set_params(&mut ctx, &params).unwrap();
    assert_eq!(dao_params(&ctx), Ok(Params { max_open_proposals: 20, ..defaults() }));
    params["max_open_proposals"] = json!(0);
    let why = "dao: max_open_proposals is 0; it must be from 1 to 100";
    assert_refused(DaoModule.set_params(&mut ctx, &params), "sdk", codes::INVALID_REQUEST, why);
    assert!(DaoModule.immutable_params().is_empty());
}
