//! The parameters of seats and joining (§1, §4, §6, §8), their mainnet values and their hard bounds.

use super::state;
use crate::kernel::{codes, Amount, Error, Result, View};
use jmes_proto::jmes::staking::v1::Params;
use jmes_proto::Duration;
use std::ops::RangeInclusive;

/// The most that the engine allows a validator set's power to sum to, 2^60 − 1, shared among the most seats there can be.
pub const MAX_POWER: u64 = 11_529_215_046_068_469;

/// Seats that genesis and improvements can set (§1).
const SEATS: RangeInclusive<u64> = 4..=100;
/// Issuance heights of a year: no rule of transition lasts longer (§2).
const YEAR: u64 = 6_311_390;
/// Seconds of 30 days.
const MAX_JAIL: u64 = 2_592_000;

/// Mainnet's parameters.
pub fn defaults() -> Params {
    Params {
        seats: 100,
        proof_signed: 67,
        proof_window: 100,
        proof_deadline: 720,
        jail_duration: Some(Duration { seconds: 600, nanos: 0 }),
        proven_power: 1_000,
        draw_blocks: 64,
        draw_waiting: 720,
        max_waiting: 10_000,
        // 2^228
        work_target: format!("{:0>6}1{:0<57}", "", ""),
        newcomer_interval: 10,
        seniority_blocks: 120_960,
        bond_ramp_blocks: 120_960,
        max_free_joins: 10,
        max_free_others: 10,
        min_free_withdrawal: crate::JMES.to_string(),
        idp_signed_blocks_window: 720,
        idp_min_signed_percent: 50,
        max_bonds: 32,
        bond_doubling_blocks: 8_640,
    }
}

/// The parameters in force.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or_else(defaults))
}

/// Checks the hard bounds (§1); the error names the parameter. `sdk/18`.
pub fn check_params(params: &Params) -> Result<()> {
    let seats = u64::from(params.seats);
    let window = u64::from(params.proof_window);
    // One live proven validator must hold more than 2/3 beside unproven ones on all other seats.
    let least_power = seats.saturating_mul(2);
    let bounds = [
        ("seats", seats, SEATS),
        ("proof_window", window, 1..=128),
        ("proof_signed", u64::from(params.proof_signed), 1..=window),
        ("proof_deadline", u64::from(params.proof_deadline), window..=1_000_000),
        ("proven_power", params.proven_power, least_power..=1_000_000),
        ("draw_blocks", u64::from(params.draw_blocks), 1..=64),
        ("draw_waiting", params.draw_waiting, 0..=YEAR),
        ("max_waiting", u64::from(params.max_waiting), 1..=10_000),
        ("newcomer_interval", params.newcomer_interval, 1..=120_960),
        ("seniority_blocks", params.seniority_blocks, 0..=YEAR),
        ("bond_ramp_blocks", params.bond_ramp_blocks, 0..=YEAR),
        ("bond_doubling_blocks", params.bond_doubling_blocks, 1..=YEAR),
        ("max_free_joins", u64::from(params.max_free_joins), 0..=1_000),
        ("max_free_others", u64::from(params.max_free_others), 0..=1_000),
        ("idp_signed_blocks_window", params.idp_signed_blocks_window, 1..=1_000_000),
        ("idp_min_signed_percent", u64::from(params.idp_min_signed_percent), 0..=100),
        ("max_bonds", u64::from(params.max_bonds), 1..=100),
    ];
    for (name, value, range) in bounds {
        if !range.contains(&value) {
            let (low, high) = (range.start(), range.end());
            return Err(invalid(format!("{name} is {value}; it must be from {low} to {high}")));
        }
    }
    jail_duration(params)?;
    if work_target(params)? == [0; 32] {
        return Err(invalid("work_target is 0: no one could join".into()));
    }
    min_free_withdrawal(params).map(|_| ())
}

/// How long a validator that was not proven stays jailed, in nanoseconds.
pub fn jail_duration(params: &Params) -> Result<u64> {
    let duration = params.jail_duration.unwrap_or_default();
    match (u64::try_from(duration.seconds), u64::try_from(duration.nanos)) {
        (Ok(seconds @ 0..=MAX_JAIL), Ok(nanos @ 0..=999_999_999)) => {
            Ok(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
        }
        _ => Err(invalid(format!(
            "jail_duration is {} s and {} ns; it must be from 0 to {MAX_JAIL} s",
            duration.seconds, duration.nanos
        ))),
    }
}

/// What the work of a join must be below, as a big-endian number.
pub fn work_target(params: &Params) -> Result<[u8; 32]> {
    let refused = || {
        let shown: String = params.work_target.chars().take(80).collect();
        invalid(format!("work_target is \"{shown}\"; it must have 64 hexadecimal digits"))
    };
    let digits: Option<Vec<u8>> = params
        .work_target
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let (pairs, rest): (Vec<[u8; 2]>, _) = match digits.as_deref().map(<[u8]>::as_chunks) {
        Some((pairs, rest)) => (pairs.to_vec(), rest.len()),
        None => return Err(refused()),
    };
    let bytes: Vec<u8> = pairs.into_iter().map(|[high, low]| high.wrapping_shl(4) | low).collect();
    bytes.try_into().ok().filter(|_| rest == 0).ok_or_else(refused)
}

/// The least reward that can be withdrawn for free, in Nils (§4).
pub fn min_free_withdrawal(params: &Params) -> Result<Amount> {
    Amount::parse(&params.min_free_withdrawal).map_err(|error| error.context("seats: min_free_withdrawal"))
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("seats: {why}"))
}
