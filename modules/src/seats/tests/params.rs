//! Tests of the parameters.

use crate::kernel::{codes, Amount};
use crate::seats::{check_params, defaults, jail_duration, min_free_withdrawal, work_target};
use crate::test_support::assert_refused;
use jmes_proto::jmes::staking::v1::Params;
use jmes_proto::Duration;

#[test]
fn mainnet_has_the_values_of_the_specification() {
    let params = defaults();
    assert_eq!(check_params(&params), Ok(()));
    assert_eq!((params.seats, params.proof_signed, params.proof_window), (100, 67, 100));
    assert_eq!((params.proof_deadline, params.proven_power), (720, 1_000));
    assert_eq!(jail_duration(&params), Ok(600_000_000_000));
    assert_eq!((params.draw_blocks, params.draw_waiting, params.max_waiting), (64, 720, 10_000));
    assert_eq!((params.newcomer_interval, params.seniority_blocks), (10, 120_960));
    assert_eq!((params.bond_ramp_blocks, params.bond_doubling_blocks), (120_960, 8_640));
    assert_eq!((params.max_free_joins, params.max_free_others, params.max_bonds), (10, 10, 32));
    assert_eq!(min_free_withdrawal(&params), Ok(Amount(1_000_000)));
    assert_eq!((params.idp_signed_blocks_window, params.idp_min_signed_percent), (720, 50));
    let mut two_to_the_228 = [0; 32];
    two_to_the_228[3] = 0x10;
    assert_eq!(work_target(&params), Ok(two_to_the_228));
}

/// A parameter, and the values just outside of its bounds.
type Bound = (fn(&mut Params, u64), &'static [u64], &'static str);

const BOUNDS: [Bound; 17] = [
    (|p, v| p.seats = v as u32, &[3, 101], "seats"),
    (|p, v| p.proof_signed = v as u32, &[0, 101], "proof_signed"),
    (|p, v| p.proof_window = v as u32, &[0, 129], "proof_window"),
    (|p, v| p.proof_deadline = v as u32, &[99, 1_000_001], "proof_deadline"),
    (|p, v| p.proven_power = v, &[199, 1_000_001], "proven_power"),
    (|p, v| p.draw_blocks = v as u32, &[0, 65], "draw_blocks"),
    (|p, v| p.draw_waiting = v, &[6_311_391], "draw_waiting"),
    (|p, v| p.max_waiting = v as u32, &[0, 10_001], "max_waiting"),
    (|p, v| p.newcomer_interval = v, &[0, 120_961], "newcomer_interval"),
    (|p, v| p.seniority_blocks = v, &[6_311_391], "seniority_blocks"),
    (|p, v| p.bond_ramp_blocks = v, &[6_311_391], "bond_ramp_blocks"),
    (|p, v| p.bond_doubling_blocks = v, &[0, 6_311_391], "bond_doubling_blocks"),
    (|p, v| p.max_free_joins = v as u32, &[1_001], "max_free_joins"),
    (|p, v| p.max_free_others = v as u32, &[1_001], "max_free_others"),
    (|p, v| p.idp_signed_blocks_window = v, &[0, 1_000_001], "idp_signed_blocks_window"),
    (|p, v| p.idp_min_signed_percent = v as u32, &[101], "idp_min_signed_percent"),
    (|p, v| p.max_bonds = v as u32, &[0, 101], "max_bonds"),
];

#[test]
fn every_parameter_has_hard_bounds_that_the_refusal_names() {
    for (set, outside, name) in BOUNDS {
        for value in outside {
            let mut params = defaults();
            set(&mut params, *value);
            let error = check_params(&params).unwrap_err();
            assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_REQUEST));
            assert!(error.message.starts_with(&format!("seats: {name} is {value}; ")), "{}", error.message);
        }
    }
    let seats = check_params(&Params { seats: 3, ..defaults() });
    assert_refused(seats, "sdk", codes::INVALID_REQUEST, "seats: seats is 3; it must be from 4 to 100");
}

#[test]
fn jail_and_work_and_withdrawal_must_be_what_they_say() {
    let jail = |seconds, nanos| {
        check_params(&Params { jail_duration: Some(Duration { seconds, nanos }), ..defaults() })
    };
    assert_eq!(jail(0, 0), Ok(()));
    for (seconds, nanos) in [(-1, 0), (0, -1), (2_592_001, 0), (0, 1_000_000_000)] {
        let why =
            format!("seats: jail_duration is {seconds} s and {nanos} ns; it must be from 0 to 2592000 s");
        assert_refused(jail(seconds, nanos), "sdk", codes::INVALID_REQUEST, &why);
    }
    let work = |target: &str| check_params(&Params { work_target: target.into(), ..defaults() });
    assert_eq!(work(&"f".repeat(64)), Ok(()));
    for target in ["", "ff", &"f".repeat(63), &"f".repeat(65), &"g".repeat(64), &"é".repeat(32)] {
        let why = format!("seats: work_target is \"{target}\"; it must have 64 hexadecimal digits");
        assert_refused(work(target), "sdk", codes::INVALID_REQUEST, &why);
    }
    let why = "seats: work_target is 0: no one could join";
    assert_refused(work(&"0".repeat(64)), "sdk", codes::INVALID_REQUEST, why);
    let withdrawal = Params { min_free_withdrawal: "-1".into(), ..defaults() };
    assert_eq!(check_params(&withdrawal).unwrap_err().code, codes::INVALID_COINS);
}
