//! Tests of genesis, queries, stored formats and invariants.

use super::chain::{candidate, create_with_bond, jail, join, operator, small, Chain};
use crate::emission::Emission;
use crate::kernel::{codes, Ctx, Error, Module, ValidatorUpdate};
use crate::rewards::{self, Rewards};
use crate::seats::{self, defaults, state, Proof, Seats};
use crate::staking::{self, Staking, Validator};
use crate::test_support::{ask, assert_refused, ctx, table};
use jmes_proto::jmes::staking::v1 as proto;
use jmes_proto::jmes::staking::v1::Params;
use serde_json::{json, Value};

/// A chain in the period with unproven seats, a full list, and draws to come.
fn busy() -> Chain {
    let mut chain = Chain::new(3, 100, Params { seats: 5, ..small() });
    chain.block(|ctx| (10..20).for_each(|number| join(ctx, number)));
    chain.block(|ctx| create_with_bond(ctx, 30, 5));
    chain.blocks(3);
    chain.block(|ctx| jail(ctx, 1));
    chain.block(|ctx| jail(ctx, 2));
    chain.block(|ctx| jail(ctx, 13));
    chain.blocks(3);
    chain
}

/// The state of the store alone.
fn stored(ctx: &Ctx) -> Vec<(Vec<u8>, Vec<u8>)> {
    ctx.overlay().scan(&[crate::SEATS.0], &[crate::SEATS.0 + 1], false, usize::MAX)
}

/// A new chain from what an old one exports.
fn imported(old: &Ctx) -> Ctx {
    let mut new = ctx();
    for module in [&Emission as &dyn Module, &Staking, &Seats, &Rewards] {
        module.import(&mut new, &module.export(old).unwrap()).unwrap();
    }
    new
}

#[test]
fn what_is_exported_is_imported_as_the_same_state() {
    let mut after = Chain::new(4, 20, small());
    after.block(|ctx| (100..320).for_each(|number| join(ctx, number)));
    after.to(19);
    after.block(|ctx| create_with_bond(ctx, 9, 50));
    for chain in [Chain::new(1, 20, defaults()), busy(), after] {
        let mut new = imported(&chain.ctx);
        assert_eq!(stored(&new), stored(&chain.ctx));
        let set: Vec<u64> =
            seats::finish_genesis(&mut new).unwrap().iter().map(|update| update.power).collect();
        assert_eq!(set, chain.seats().iter().map(|seat| seat.power).collect::<Vec<_>>());
        assert_eq!(Seats.check_invariants(&new), Ok(()));
    }
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = ctx();
    let chain = busy();
    let genesis = Seats.export(&chain.ctx).unwrap();
    Staking.import(&mut ctx, &Staking.export(&chain.ctx).unwrap()).unwrap();
    let mut ctx = crate::test_support::committed(ctx);
    Seats.import(&mut ctx, &genesis).unwrap();
    let mut more = self::ctx();
    state::PROOFS.save(&mut more, &vec![Proof { commits: 7, signed: 0b101_1111 }]).unwrap();
    state::LAST_NEWCOMER.save(&mut more, &1_000).unwrap();
    insta::assert_snapshot!(format!("{}{}", table(&ctx), table(&more)));
}

#[test]
fn genesis_without_seats_has_mainnets_parameters() {
    for genesis in [Value::Null, json!({})] {
        let mut ctx = ctx();
        Seats.import(&mut ctx, &genesis).unwrap();
        assert_eq!(seats::params(&ctx), Ok(defaults()));
    }
    let mut low = crate::kernel::message_to_json(&defaults()).unwrap();
    low["seats"] = json!(3);
    let why = "genesis: seats: seats is 3; it must be from 4 to 100";
    let result = Seats.import(&mut ctx(), &json!({ "params": low }));
    assert_refused(result, "sdk", codes::INVALID_REQUEST, why);
}

#[test]
fn the_templates_hold_these_parameters() {
    let params = |text: &str| {
        let genesis: Value = serde_json::from_str(text).unwrap();
        let mut ctx = ctx();
        Seats.import(&mut ctx, &genesis["app_state"]["seats"]).unwrap();
        seats::params(&ctx).unwrap()
    };
    assert_eq!(params(include_str!("../../../../genesis/mainnet.json")), defaults());
    let devnet = params(include_str!("../../../../genesis/devnet.json"));
    assert_eq!((devnet.proof_signed, devnet.proof_window, devnet.proof_deadline), (4, 6, 30));
    assert_eq!((devnet.draw_blocks, devnet.newcomer_interval), (7, 2));
    assert_eq!((devnet.seniority_blocks, devnet.bond_ramp_blocks), (10, 20));
    assert_eq!(devnet.idp_signed_blocks_window, 30);
}

#[test]
fn genesis_seats_1_to_the_most_validators_in_order_and_proven() {
    let mut chain = Chain::new(3, 100, small());
    let set = seats::finish_genesis(&mut chain.ctx).unwrap();
    let expected = [0, 1, 2].map(|number| ValidatorUpdate { key: super::chain::key(number), power: 1_000 });
    assert_eq!(set, expected);
    assert!(chain.seats().iter().all(|seat| seat.proven && seat.seated_height == 0));
    assert!(chain.validator(0).ever_seated);

    let refuse = |ctx: &mut Ctx, why: &str| {
        assert_refused(seats::finish_genesis(ctx), "sdk", codes::INVALID_REQUEST, why);
    };
    refuse(&mut ctx(), "genesis: seats: 0 validators are seated; there must be 1 to 100");
    let mut many = ctx();
    state::PARAMS.save(&mut many, &small()).unwrap();
    for number in 0..5 {
        staking::create(&mut many, candidate(number, 0)).unwrap();
        seats::seat_at_genesis(&mut many, &operator(number)).unwrap();
    }
    refuse(&mut many, "genesis: seats: 5 validators are seated; there must be 1 to 4");
    let why = format!("genesis: seats: validator {} is seated twice", operator(4).operator());
    assert_refused(seats::seat_at_genesis(&mut many, &operator(4)), "sdk", codes::INVALID_REQUEST, &why);
    jail(&mut many, 4);
    staking::create(&mut many, candidate(6, 0)).unwrap();
    jail(&mut many, 6);
    let why = format!("genesis: seats: validator {} is jailed or has no key", operator(6).operator());
    assert_refused(seats::seat_at_genesis(&mut many, &operator(6)), "sdk", codes::INVALID_REQUEST, &why);
}

#[test]
fn seats_and_candidates_of_genesis_are_checked() {
    let chain = busy();
    let good = Seats.export(&chain.ctx).unwrap();
    let refused = |change: &dyn Fn(&mut Value), why: &str| {
        let mut genesis = good.clone();
        change(&mut genesis);
        let mut new = ctx();
        Staking.import(&mut new, &Staking.export(&chain.ctx).unwrap()).unwrap();
        let error = Seats.import(&mut new, &genesis).unwrap_err();
        assert!(error.message.starts_with("genesis: ") && error.message.contains(why), "{}", error.message);
    };
    let nobody = operator(999).operator();
    refused(&|genesis| genesis["seats"][1] = genesis["seats"][0].clone(), "is seated twice");
    refused(&|genesis| genesis["seats"][0]["power"] = json!("0"), "its power is 0");
    refused(&|genesis| genesis["seats"][0]["operator_address"] = json!(nobody), "there is no such validator");
    refused(&|genesis| genesis["seats"][0]["proven"] = json!(false), "signed must have 16 bytes");
    refused(
        &|genesis| genesis["waiting"][0]["operator_address"] = json!(nobody),
        "there is no such validator",
    );
    refused(
        &|genesis| genesis["waiting"][1] = genesis["waiting"][0].clone(),
        "a higher position or a later height",
    );
    refused(&|genesis| genesis["next_position"] = json!("3"), "its position is not below next_position");
    let seated = good["seats"][0]["operator_address"].clone();
    refused(
        &|genesis| genesis["waiting"][0]["operator_address"] = seated.clone(),
        "it waits twice, or has a seat",
    );
}

#[test]
fn the_queries_show_seats_by_seating_and_the_oldest_who_wait() {
    let chain = busy();
    let path = "/jmes.staking.v1.Query/Seats";
    let answer: proto::QuerySeatsResponse =
        ask(&Seats, &chain.ctx, path, &proto::QuerySeatsRequest {}).unwrap();
    let seats: Vec<_> = answer.seats.iter().map(|seat| seat.operator_address.clone()).collect();
    assert_eq!(
        seats,
        chain.seated().into_iter().map(|number| operator(number).operator()).collect::<Vec<_>>()
    );
    let newcomer = &answer.seats[1];
    assert_eq!(
        (newcomer.power, newcomer.proven, newcomer.seated_height, newcomer.incumbent),
        (1_000, true, 1, false)
    );
    let waiting: Vec<_> =
        answer.waiting.iter().map(|entry| (entry.operator_address.clone(), entry.since)).collect();
    let expected: Vec<_> = [12, 14, 15, 16, 17, 18, 19].map(|number| (operator(number).operator(), 1)).into();
    assert_eq!(waiting[..7], expected);
    assert_eq!(waiting[7..], [(operator(30).operator(), 2)]);
    assert_eq!((answer.idp, answer.idp_last, answer.waiting_total), (true, 100, 8));
    let path = "/jmes.staking.v1.Query/Params";
    let params: proto::QueryParamsResponse =
        ask(&Seats, &chain.ctx, path, &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(params.params, Some(Params { seats: 5, ..small() }));

    let mut crowded = Chain::new(4, 5, small());
    crowded.block(|ctx| (10..210).for_each(|number| join(ctx, number)));
    let ask_seats = |chain: &Chain| -> proto::QuerySeatsResponse {
        ask(&Seats, &chain.ctx, "/jmes.staking.v1.Query/Seats", &proto::QuerySeatsRequest {}).unwrap()
    };
    let answer = ask_seats(&crowded);
    assert_eq!((answer.waiting.len(), answer.waiting_total), (100, 200));
    crowded.to(5);
    let answer = ask_seats(&crowded);
    assert_eq!((answer.waiting.len(), answer.waiting_total, answer.idp), (0, 0, false));
    assert!(answer.seats.iter().all(|seat| seat.incumbent));
}

#[test]
fn the_invariants_find_what_is_broken() {
    let broken = |change: &dyn Fn(&mut Ctx), why: &str| {
        let mut chain = busy();
        assert_eq!(Seats.check_invariants(&chain.ctx), Ok(()));
        change(&mut chain.ctx);
        let expected = Error::sdk(codes::LOGIC, format!("seats: {why}"));
        assert_eq!(Seats.check_invariants(&chain.ctx), Err(expected));
    };
    let members = |ctx: &mut Ctx, change: &dyn Fn(&mut state::StoredMembers)| {
        let mut members = state::MEMBERS.load(ctx).unwrap().unwrap();
        change(&mut members);
        state::MEMBERS.save(ctx, &members).unwrap();
    };
    let of = |number: u16| operator(number).operator();
    broken(&|ctx| members(ctx, &|all| all.members.clear()), "0 seats of 0 validators; there must be 1 to 5");
    let twice = |all: &mut state::StoredMembers| all.members[1] = all.members[0].clone();
    broken(&|ctx| members(ctx, &twice), "3 seats of 2 validators; there must be 1 to 5");
    let unproven =
        |all: &mut state::StoredMembers| all.members.iter_mut().for_each(|seat| seat.proven = false);
    broken(&|ctx| members(ctx, &unproven), "no seated validator is proven");
    let why = format!("the engine was told power 7 of {}, which has 1000", of(0));
    broken(&|ctx| members(ctx, &|all| all.members[0].power = 7), &why);
    let why = format!("{} is seated with a key that is not its own", of(0));
    broken(&|ctx| members(ctx, &|all| all.members[0].key = vec![1; 32]), &why);
    let why = format!("{} has power 1000, but earns by 7", of(0));
    broken(&|ctx| rewards::set_power(ctx, &operator(0), 7).unwrap(), &why);
    let sum = busy().total_power();
    let why = format!("the seats' powers sum to {sum}, those that earn to {}", sum + 5);
    broken(&|ctx| rewards::set_power(ctx, &operator(30), 5).unwrap(), &why);
    broken(&|ctx| state::WAITING.remove(ctx, &9).unwrap(), "7 wait, their number is 8");
    broken(
        &|ctx| state::COUNTS.save(ctx, &(8, 0), &1).unwrap(),
        &format!("{} is not found where it waits", of(14)),
    );
    let why = "the waiting list and its order by work differ";
    broken(&|ctx| state::BY_WORK.save(ctx, &(seats::Work([9; 32]), 3), &()).unwrap(), why);
    let jail_quietly = |ctx: &mut Ctx| {
        let validator = staking::require(ctx, &operator(14)).unwrap();
        staking::save(ctx, &Validator { jailed: true, ..validator }).unwrap();
    };
    broken(&jail_quietly, &format!("{} waits, but is jailed or has no key", of(14)));
}
