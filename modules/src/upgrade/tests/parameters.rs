//! Changes of parameters (§14).

use super::super::upgrade_codes::{INVALID_ACTION, STALE, UNCHANGEABLE, UPGRADE};
use super::super::{apply, at_genesis, check};
use super::*;
use crate::kernel::codes;
use crate::seats::Seats;
use crate::staking::Staking;
use crate::test_support::limit_gas;

#[test]
fn a_parameter_changes_at_once_and_the_change_is_kept() {
    let mut ctx = chain_at(100);
    conclude(&mut ctx, &[change("seats", "seats", "50"), change("auth", "gas.read_flat", "\"2000\"")])
        .unwrap();
    assert_eq!(crate::seats::params(&ctx).unwrap().seats, 50);
    assert_eq!(crate::auth::gas_table(&ctx).unwrap().read_flat, 2_000);
    let changes = state::CHANGES.scan(&ctx, &[], None, false, 9).unwrap();
    assert_eq!(changes.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2]);
    let second = &changes[1].1;
    assert_eq!((second.height, second.proposal_id, second.before.as_str()), (100, PROPOSAL, "\"1000\""));
    let events = ctx.take_events();
    assert_eq!(events[0].kind, "parameter_changed");
    assert_eq!(
        events[0].attributes,
        [
            ("module", "seats".into()),
            ("parameter", "seats".into()),
            ("before", "100".into()),
            ("value", "50".into()),
            ("proposal_id", "3".into())
        ]
    );
}

#[test]
fn what_is_unknown_immutable_or_no_leaf_can_not_be_changed() {
    let mut ctx = chain_at(100);
    for (module, path) in [
        ("seats", "chairs"),
        ("seats", ""),
        ("seats", "seats.seats"),
        ("auth", "gas"),
        ("consensus", "block"),
        ("premint", "wallets"),
        ("emission", "idp_blocks"),
        ("emission", "dao_share_percent"),
        ("staking", "bond_denom"),
        ("consensus", "version.app"),
        ("consensus", "validator.pub_key_types"),
        ("consensus", "abci.vote_extensions_enable_height"),
        ("rewards", "community_tax"),
        ("bank", "send_enabled"),
        ("bank", "default_send_enabled"),
    ] {
        assert_code(conclude(&mut ctx, &[change(module, path, "1")]), UPGRADE, UNCHANGEABLE);
    }
    assert_code(conclude(&mut ctx, &[change("chairs", "seats", "1")]), UPGRADE, INVALID_ACTION);
}

#[test]
fn everything_of_emission_is_immutable() {
    let ctx = chain_at(1);
    let params = crate::emission::Emission.params(&ctx).unwrap();
    let names: Vec<&str> = params.as_object().unwrap().keys().map(String::as_str).collect();
    let mut fixed = crate::emission::Emission.immutable_params().to_vec();
    fixed.sort_unstable();
    let mut names = names;
    names.sort_unstable();
    assert_eq!(fixed, names);
}

#[test]
fn a_value_is_json_of_the_same_type() {
    let mut ctx = chain_at(100);
    for value in ["\"50\"", "true", "[50]", "{}", "null", "fifty", "", "50 50"] {
        assert_code(conclude(&mut ctx, &[change("seats", "seats", value)]), UPGRADE, INVALID_ACTION);
    }
    for value in ["7", "null"] {
        assert_code(conclude(&mut ctx, &[change("seats", "work_target", value)]), UPGRADE, INVALID_ACTION);
    }
    let long = format!("\"{}\"", "f".repeat(1_024));
    assert_code(conclude(&mut ctx, &[change("seats", "work_target", &long)]), UPGRADE, INVALID_ACTION);
    assert_code(conclude(&mut ctx, &[change("seats", "seats", "5.5")]), "sdk", codes::INVALID_REQUEST);
    assert_code(conclude(&mut ctx, &[change("seats", "seats", "-5")]), "sdk", codes::INVALID_REQUEST);
    assert_code(conclude(&mut ctx, &[change("seats", "seats", "101")]), "sdk", codes::INVALID_REQUEST);
}

#[test]
fn a_parameter_that_changed_since_the_tally_is_refused() {
    let mut ctx = chain_at(100);
    apply(&mut ctx, 1, &[change("seats", "seats", "50")], 100).unwrap();
    let stale = [change("seats", "seats", "60")];
    for (height, tallied) in [(100, 100), (101, 99), (101, 100)] {
        at(&mut ctx, height);
        assert_code(apply(&mut ctx, 2, &stale, tallied), UPGRADE, STALE);
    }
    apply(&mut ctx, 3, &[change("seats", "max_bonds", "60")], 90).unwrap();
    apply(&mut ctx, 4, &stale, 101).unwrap();
    assert_eq!(crate::seats::params(&ctx).unwrap().seats, 60);
}

#[test]
fn all_actions_happen_or_none_and_no_event_is_left() {
    let mut ctx = chain_at(100);
    let before = ctx.overlay().changes();
    let actions = [change("seats", "seats", "50"), open(), change("seats", "max_bonds", "5")];
    let why = conclude(&mut ctx, &actions).unwrap_err().message;
    assert!(why.starts_with("action 1: "), "{why}");
    assert_eq!(ctx.overlay().changes(), before);
    assert!(ctx.take_events().is_empty());
}

#[test]
fn actions_see_what_those_before_them_changed() {
    let mut ctx = chain_at(100);
    let days = |days: u64| format!("\"{}s\"", days * 86_400);
    let unbonding = change("staking", "unbonding_time", &days(28));
    let why = conclude(&mut ctx, std::slice::from_ref(&unbonding)).unwrap_err().message;
    assert!(why.ends_with("evidence must be accepted for as long"), "{why}");
    let evidence = change("consensus", "evidence.max_age_duration", &days(28));
    conclude(&mut ctx, &[evidence, unbonding]).unwrap();
    assert_eq!(parameter(&ctx, "staking", "unbonding_time"), days(28));
}

#[test]
fn an_improvement_has_1_to_32_actions_and_changes_nothing_twice() {
    let mut ctx = chain_at(100);
    for actions in [vec![], vec![open(); 33], vec![Action { action: None }]] {
        assert_code(conclude(&mut ctx, &actions), UPGRADE, INVALID_ACTION);
    }
    let twice = [change("seats", "seats", "50"), change("seats", "seats", "51")];
    assert_code(conclude(&mut ctx, &twice), UPGRADE, INVALID_ACTION);
}

#[test]
fn a_check_finds_what_would_be_refused_and_changes_nothing() {
    let mut ctx = chain_at(100);
    let before = ctx.overlay().changes();
    check(&mut ctx, &[change("seats", "seats", "50"), activate("premint", 2)]).unwrap();
    check(&mut ctx, &[change("seats", "seats", "3")]).unwrap_err();
    check(&mut ctx, &[activate("premint", 3)]).unwrap_err();
    check(&mut ctx, &[schedule("v2", 101)]).unwrap_err();
    check(&mut ctx, &[open()]).unwrap_err();
    assert_eq!(ctx.overlay().changes(), before);
    assert!(ctx.take_events().is_empty());
}

#[test]
fn what_genesis_had_is_known_after_changes() {
    let mut ctx = chain_at(100);
    assert_eq!(at_genesis(&ctx, &Seats, "seats"), Ok(Some(100)));
    conclude(&mut ctx, &[change("seats", "seats", "50")]).unwrap();
    at(&mut ctx, 102);
    conclude(&mut ctx, &[change("seats", "seats", "40")]).unwrap();
    assert_eq!(at_genesis(&ctx, &Seats, "seats"), Ok(Some(100)));
    assert_eq!(at_genesis(&ctx, &Staking, "unbonding_time"), Ok(Some(1_814_400_000_000_000)));
    assert_eq!(at_genesis(&ctx, &Seats, "work_target"), Ok(None));
}

/// Gas of the concluding transaction counts what the actions read and write; a limit that is too low is no half of them.
#[test]
fn running_out_of_gas_is_a_refusal_like_any_other() {
    let mut ctx = chain_at(100);
    let before = ctx.overlay().changes();
    limit_gas(&mut ctx, 20_000);
    let actions = [change("seats", "seats", "50"), change("seats", "max_bonds", "50")];
    assert_code(conclude(&mut ctx, &actions), "sdk", codes::OUT_OF_GAS);
    assert_eq!(ctx.overlay().changes(), before);
}
