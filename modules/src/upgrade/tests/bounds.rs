//! Hard bounds of every parameter of every module (§1): its extremes are refused, or can be taken back. That a chain goes on
//! with those that are accepted is shown on whole chains.

use super::*;
use crate::test_support::committed;
use serde_json::Value;

/// All parameters of a module by their paths.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, &path, found);
            }
        }
        Value::Null => {}
        leaf => found.push((path.into(), leaf.clone())),
    }
}

/// The parameters of all modules, with their present values.
pub(super) fn all_parameters(ctx: &Ctx) -> Vec<(&'static str, String, Value)> {
    let mut all = Vec::new();
    for module in order::MODULES {
        let mut found = Vec::new();
        leaves(&module.params(ctx).unwrap(), "", &mut found);
        all.extend(found.into_iter().map(|(path, value)| (module.name(), path, value)));
    }
    all
}

/// The ends of what the parameter's type can hold, as JSON.
fn extremes(value: &Value) -> Vec<String> {
    let texts = |texts: &[&str]| texts.iter().map(|text| format!("\"{text}\"")).collect();
    match value {
        Value::Bool(_) => vec!["false".into(), "true".into()],
        Value::Number(_) => vec!["0".into(), u32::MAX.to_string()],
        Value::Array(_) => vec!["[]".into()],
        Value::String(text) if text.ends_with('s') && text.starts_with(|c: char| c.is_ascii_digit()) => {
            texts(&["0s", "0.000000001s", "-1s", "315576000000s"])
        }
        Value::String(text) if text.len() == 64 => texts(&[&"0".repeat(64), &"f".repeat(64)]),
        Value::String(text) if text.contains('.') => {
            texts(&["0.000000000000000000", "1.000000000000000000", "1000.000000000000000000"])
        }
        _ => texts(&[
            "0",
            "-1",
            "9223372036854775807",
            "18446744073709551615",
            "340282366920938463463374607431768211455",
        ]),
    }
}

#[test]
fn an_extreme_value_is_refused_or_can_be_taken_back() {
    let mut ctx = chain_at(100);
    let all = all_parameters(&ctx);
    assert!(all.len() > 50, "{} parameters", all.len());
    let mut accepted = Vec::new();
    for (module, path, present) in &all {
        for value in extremes(present) {
            let height = ctx.block().height + 2;
            at(&mut ctx, height);
            if conclude(&mut ctx, &[change(module, path, &value)]).is_err() {
                continue;
            }
            accepted.push(format!("{module}.{path} = {value}"));
            at(&mut ctx, height + 2);
            let back = [change(module, path, &present.to_string())];
            let returned = conclude(&mut ctx, &back);
            assert_eq!(returned, Ok(()), "{module}.{path} = {value} can't be taken back");
            assert_eq!(parameter(&ctx, module, path), present.to_string());
        }
        ctx = committed(ctx);
    }
    println!("accepted:\n{}", accepted.join("\n"));
}

#[test]
fn parameters_of_genesis_are_within_their_bounds() {
    let mut ctx = chain_at(100);
    for module in order::MODULES {
        let params = module.params(&ctx).unwrap();
        if params.is_null() || module.name() == "emission" {
            continue;
        }
        assert_eq!(module.set_params(&mut ctx, &params), Ok(()), "{}", module.name());
    }
}

/// What is immutable is a parameter.
#[test]
fn immutable_parameters_exist() {
    let ctx = chain_at(100);
    for module in order::MODULES {
        let params = module.params(&ctx).unwrap();
        for fixed in module.immutable_params() {
            assert!(params.get(fixed).is_some(), "{}.{fixed}", module.name());
        }
    }
}

/// Periods can't become shorter than on the mainnet, unless genesis has shorter ones.
#[test]
fn a_devnets_unbonding_time_can_come_back_to_what_genesis_has() {
    let mut ctx = chain_at(100);
    let mut params = crate::staking::default_params();
    params.unbonding_time = Some(Duration { seconds: 60, nanos: 0 });
    crate::staking::state::PARAMS.save(&mut ctx, &params).unwrap();
    for (value, accepted) in [("120s", true), ("59s", false), ("60s", true), ("1814401s", false)] {
        let height = ctx.block().height + 2;
        at(&mut ctx, height);
        let change = change("staking", "unbonding_time", &format!("\"{value}\""));
        assert_eq!(conclude(&mut ctx, &[change]).is_ok(), accepted, "{value}");
    }
    let mut ctx = chain_at(100);
    let shorter = change("staking", "unbonding_time", "\"1814399s\"");
    conclude(&mut ctx, &[shorter]).unwrap_err();
}

#[test]
fn blocks_keep_room_for_governance_and_evidence_outlives_unbonding() {
    let mut ctx = chain_at(100);
    let cases = [
        ("block.max_gas", "\"100000000\"", "\"99999999\""),
        ("block.max_bytes", "\"2097152\"", "\"2097151\""),
        ("block.max_bytes", "\"22020096\"", "\"-1\""),
        ("block.max_gas", "\"10000000000\"", "\"-1\""),
        ("evidence.max_bytes", "\"2000000\"", "\"1048575\""),
        ("evidence.max_age_duration", "\"2000000s\"", "\"1814399s\""),
        ("evidence.max_age_num_blocks", "\"1\"", "\"0\""),
    ];
    for (path, good, bad) in cases {
        let height = ctx.block().height + 2;
        at(&mut ctx, height);
        conclude(&mut ctx, &[change("consensus", path, good)]).unwrap();
        at(&mut ctx, height + 2);
        conclude(&mut ctx, &[change("consensus", path, bad)]).unwrap_err();
    }
}
