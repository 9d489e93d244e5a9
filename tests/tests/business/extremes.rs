//! Hard bounds of parameters on a chain (§1): what an improvement accepts at most and at least, set by a real cycle, all of it
//! together; and under these extremes a real cycle takes it all back: no accepted change makes a later one impossible.

use super::story::change;
use super::world::{self, improvement, nils, Dao, World, HOLDERS};
use super::{any, done, JMES};
use cosmos_sdk_proto::cosmos::staking::v1beta1::MsgDelegate;
use jmes_modules::kernel::Ctx;
use jmes_modules::{order, upgrade};
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_proto::jmes::upgrade::v1::Action;
use jmes_tests::{Genesis, Key, Validator};
use serde_json::Value;
use std::collections::BTreeSet;
use tendermint_proto::google::protobuf::Duration;
use tendermint_proto::v0_38::types::{BlockParams, EvidenceParams};

/// The modules whose parameters are set here: those that governance itself rests on.
const MODULES: [&str; 6] = ["auth", "consensus", "dao", "funding", "governance", "identity"];

/// Module, parameter, least and greatest value that is accepted while all others are as at genesis. In this order the greatest
/// can be set together, and the least in the reverse order.
const BOUNDS: [(&str, &str, &str, &str); 37] = [
    ("auth", "max_memo_characters", "\"0\"", "\"10000\""),
    ("auth", "tx_sig_limit", "\"7\"", "\"100\""),
    ("auth", "tx_size_cost_per_byte", "\"1\"", "\"100\""),
    ("auth", "sig_verify_cost_ed25519", "\"1\"", "\"10000\""),
    ("auth", "sig_verify_cost_secp256k1", "\"100\"", "\"10000\""),
    ("auth", "gas.read_flat", "\"100\"", "\"10000\""),
    ("auth", "gas.read_per_byte", "\"1\"", "\"30\""),
    ("auth", "gas.write_flat", "\"200\"", "\"20000\""),
    ("auth", "gas.write_per_byte", "\"3\"", "\"300\""),
    ("auth", "gas.delete_flat", "\"100\"", "\"10000\""),
    ("auth", "gas.iterate_flat", "\"3\"", "\"300\""),
    ("auth", "gas.has_flat", "\"100\"", "\"10000\""),
    ("consensus", "block.max_bytes", "\"2097152\"", "\"22020096\""),
    ("consensus", "block.max_gas", "\"100000000\"", "\"10000000000\""),
    ("consensus", "evidence.max_age_num_blocks", "\"1\"", "\"31536000\""),
    ("consensus", "evidence.max_age_duration", "\"1814400s\"", "\"31536000s\""),
    ("consensus", "evidence.max_bytes", "\"1048576\"", "\"4194304\""),
    ("dao", "max_total_power", "\"9\"", "\"1000000000000\""),
    ("dao", "max_members", "3", "100"),
    ("dao", "min_core_members", "2", "9"),
    ("dao", "max_voting_period", "\"2419200s\"", "\"31536000s\""),
    ("dao", "default_voting_period", "\"3600s\"", "\"5184000s\""),
    ("dao", "min_voting_period", "\"1s\"", "\"2419200s\""),
    ("dao", "execution_period", "\"1s\"", "\"31536000s\""),
    ("dao", "max_open_proposals", "1", "100"),
    ("funding", "core_cap_percent", "0", "100"),
    ("funding", "non_core_cap_percent", "0", "100"),
    ("funding", "engineering_share_percent", "0", "100"),
    ("funding", "brand_share_percent", "0", "100"),
    ("funding", "community_share_percent", "0", "100"),
    ("funding", "max_request_percent", "0", "100"),
    ("funding", "max_months", "1", "1200"),
    ("governance", "min_vote_stake", "\"1\"", "\"10000000000\""),
    ("governance", "proposal_burn", "\"1000000\"", "\"1000000000\""),
    ("governance", "pass_threshold_percent", "0", "20"),
    ("governance", "min_upgrade_notice", "\"5\"", "\"1000000\""),
    ("identity", "registration_burn", "\"0\"", "\"1000000000\""),
];

/// What the bounds of some become when all are at their least, or at their greatest.
const TOGETHER: [(&str, &str, &str); 5] = [
    ("evidence.max_bytes", "\"1048576\"", "\"22020096\""),
    ("max_total_power", "\"3\"", "\"1000000000000\""),
    ("min_core_members", "2", "100"),
    ("max_voting_period", "\"1s\"", "\"31536000s\""),
    ("default_voting_period", "\"1s\"", "\"31536000s\""),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Least,
    Greatest,
}

fn genesis() -> Genesis {
    let mut genesis = world::genesis(100);
    genesis.params.block = Some(BlockParams { max_bytes: 4 << 20, max_gas: 1_000_000_000 });
    genesis.params.evidence = Some(EvidenceParams {
        max_age_num_blocks: 362_880,
        max_age_duration: Some(Duration { seconds: 1_814_400, nanos: 0 }),
        max_bytes: 1 << 20,
    });
    genesis
}

/// All parameters below `value` that an improvement could name.
fn leaves(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, &path, found);
            }
        }
        Value::Null => {}
        _ => drop(found.insert(path.to_owned())),
    }
}

/// The parameters of a module that are not fixed for ever.
fn changeable(ctx: &Ctx, module: &str) -> BTreeSet<String> {
    let module = order::MODULES.into_iter().find(|one| one.name() == module).unwrap();
    let mut found = BTreeSet::new();
    leaves(&module.params(ctx).unwrap(), "", &mut found);
    let fixed = module.immutable_params();
    found.retain(|path| !fixed.contains(&path.split('.').next().unwrap_or_default()));
    found
}

/// The value one step further: of numbers 1, of durations a nanosecond.
fn beyond(value: &str, end: End) -> String {
    let text = value.trim_matches('"');
    let step = |number: i128| if end == End::Least { number - 1 } else { number + 1 };
    let stepped = match text.strip_suffix('s') {
        Some(seconds) => {
            let nanos = step(seconds.parse::<i128>().unwrap() * 1_000_000_000);
            format!("{}.{:09}s", nanos / 1_000_000_000, nanos % 1_000_000_000)
        }
        None => step(text.parse().unwrap()).to_string(),
    };
    if value.starts_with('"') {
        format!("\"{stepped}\"")
    } else {
        stepped
    }
}

#[test]
fn the_bounds_of_all_parameters_are_these_to_the_last_digit() {
    let checked = genesis().altered(|ctx| {
        for module in MODULES {
            let named = BOUNDS.iter().filter(|row| row.0 == module).map(|row| row.1.to_owned());
            assert_eq!(named.collect::<BTreeSet<_>>(), changeable(ctx, module), "{module}");
        }
        for (module, path, least, greatest) in BOUNDS {
            for (value, end) in [(least, End::Least), (greatest, End::Greatest)] {
                let accepted = upgrade::check(ctx, &[change(module, path, value)]);
                assert_eq!(accepted, Ok(()), "{module}.{path} = {value}");
                let further = beyond(value, end);
                let refused = upgrade::check(ctx, &[change(module, path, &further)]);
                assert!(refused.is_err(), "{module}.{path} = {further} is accepted");
            }
        }
        Ok(())
    });
    checked.expect("the state can be exported");
}

/// All parameters at one end, in an order in which that can be.
fn all_at(end: End) -> Vec<Action> {
    let value = |path: &str, least: &'static str, greatest: &'static str| {
        let together = TOGETHER.iter().find(|row| row.0 == path);
        let (least, greatest) = together.map_or((least, greatest), |row| (row.1, row.2));
        if end == End::Least {
            least
        } else {
            greatest
        }
    };
    let mut actions: Vec<Action> = BOUNDS
        .iter()
        .map(|(module, path, least, greatest)| change(module, path, value(path, least, greatest)))
        .collect();
    if end == End::Least {
        actions.reverse();
    }
    actions
}

/// All parameters as they were, in an order in which that can be from that end.
fn all_back(present: &[String], end: End) -> Vec<Action> {
    let rows = BOUNDS.iter().zip(present);
    let mut actions: Vec<Action> =
        rows.map(|((module, path, ..), value)| change(module, path, value)).collect();
    if end == End::Greatest {
        actions.reverse();
    }
    actions
}

fn parameters(world: &World) -> Vec<String> {
    BOUNDS.iter().map(|(module, path, ..)| world.parameter(module, path)).collect()
}

/// A cycle that changes all of them: raised by the core DAO, voted on, tallied, concluded.
fn cycle(world: &World, studio: &Dao, actions: &[Action]) {
    let ids: Vec<u64> =
        actions.chunks(20).map(|part| world.raise(studio, improvement(part.to_vec()), None)).collect();
    world.all_vote_yes(&ids);
    // One block for each: a block at its least has no room for two that ask for all of its gas.
    world.turn(&[]);
    for (id, sender) in ids.iter().zip(0..) {
        let conclusion = world.conclusion(sender, *id);
        assert!(world.chain.process(std::slice::from_ref(&conclusion)), "a block has room for it");
        world.all_done(&[conclusion]);
        assert_eq!(world.status(*id), Status::Concluded);
    }
}

/// What people do besides: a name, a bond.
fn life(world: &World, holder: u64, name: &str) {
    let owner = Key::new(holder).address().to_string();
    let bond = MsgDelegate {
        delegator_address: owner.clone(),
        validator_address: Validator::new(0).address().operator(),
        amount: nils(JMES),
    };
    let registration = MsgRegisterUser { creator: owner, name: name.into() };
    done(&world.block(&[world.signed(holder, &[any(&bond), any(&registration)])]).txs[0]);
}

fn all_set_and_taken_back(end: End) {
    let world = World::begin(&genesis());
    let more = |holder: u64| {
        let bond = MsgDelegate {
            delegator_address: Key::new(holder).address().to_string(),
            validator_address: Validator::new(0).address().operator(),
            amount: nils(20_000 * JMES),
        };
        world.signed(holder, &[any(&bond)])
    };
    world.all_done(&HOLDERS.map(more));
    let studio = world.core();
    let present = parameters(&world);
    // All that a block at its least has.
    world.gas.set(100_000_000);
    cycle(&world, &studio, &all_at(end));
    let extremes = parameters(&world);
    for ((module, path, least, greatest), extreme) in BOUNDS.iter().zip(&extremes) {
        let alone = if end == End::Least { least } else { greatest };
        let together = TOGETHER.iter().find(|row| row.0 == *path);
        let expected = together.map_or(*alone, |row| if end == End::Least { row.1 } else { row.2 });
        assert_eq!(extreme, expected, "{module}.{path}");
    }
    life(&world, HOLDERS[0], "underextremes");
    world.chain.chain().check_invariants().unwrap();
    world.turn(&[]);
    cycle(&world, &studio, &all_back(&present, end));
    assert_eq!(parameters(&world), present);
    life(&world, HOLDERS[1], "asbefore");
    world.chain.chain().check_invariants().unwrap();
}

#[test]
fn all_parameters_at_their_least_are_taken_back_by_a_cycle_under_them() {
    all_set_and_taken_back(End::Least);
}

#[test]
fn all_parameters_at_their_greatest_are_taken_back_by_a_cycle_under_them() {
    all_set_and_taken_back(End::Greatest);
}
