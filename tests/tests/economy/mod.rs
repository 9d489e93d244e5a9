//! The economy as a whole (§1 to §8, §15) through the chain's own functions: a simulation of hundreds of actors, attacks on a
//! launch, wrong messages, what a block costs, and the schedule at every border.

mod actors;
mod attacks;
mod bad_input;
mod cost;
mod keys;
mod limits;
mod parameters;
mod past;
mod premint;
mod schedule;
mod simulation;

use jmes_modules::kernel::message_to_json;
use jmes_modules::{emission, staking};
use jmes_proto::jmes::emission::v1::Params as Emission;
use jmes_tests::Genesis;
use serde_json::json;

/// A Nil of which there are a million in a coin.
const JMES: u128 = 1_000_000;

/// A second in nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// `genesis` with the periods of a chain whose launch is over in minutes: an Initial Distribution Period of `idp_blocks`, short
/// windows, jail and waiting, and no work to join. Unbonding takes two minutes.
fn short(genesis: Genesis, idp_blocks: u64) -> Genesis {
    short_with(genesis, idp_blocks, 8)
}

/// The same with this many seats.
fn short_with(genesis: Genesis, idp_blocks: u64, seats: u32) -> Genesis {
    let genesis = genesis.seats(|params| {
        params.seats = seats;
        (params.proof_signed, params.proof_window, params.proof_deadline) = (4, 6, 30);
        params.jail_duration = Some(jmes_proto::Duration { seconds: 10, nanos: 0 });
        (params.draw_blocks, params.draw_waiting, params.max_waiting) = (7, 2, 20);
        params.work_target = "f".repeat(64);
        (params.newcomer_interval, params.seniority_blocks) = (2, 30);
        (params.bond_ramp_blocks, params.bond_doubling_blocks) = (20, 2);
        params.idp_signed_blocks_window = 30;
    });
    let unbonding = "120s";
    genesis
        .set("staking/params", with(&staking::default_params(), &[("unbonding_time", json!(unbonding))]))
        .set("slashing/params", slashing())
        .set("emission/params", with(&Emission { idp_blocks, ..emission::default_params() }, &[]))
}

fn slashing() -> serde_json::Value {
    let changes = [("signed_blocks_window", json!("30")), ("downtime_jail_duration", json!("10s"))];
    with(&jmes_modules::slashing::default_params(), &changes)
}

/// Parameters in their JSON form, some of them changed.
fn with<M: prost::Message + prost::Name>(
    params: &M,
    changes: &[(&str, serde_json::Value)],
) -> serde_json::Value {
    let mut fields = message_to_json(params).expect("parameters have a JSON form");
    for (name, value) in changes {
        assert!(fields.get(name).is_some(), "there is no parameter {name}");
        fields[name] = value.clone();
    }
    fields
}
