//! Creation, ranking, keys (§6).

use super::{bond, candidate, chain, jmes, of, set_tokens, state};
use crate::kernel::{Address, Amount, Ctx, Decimal, Error};
use crate::staking::{
    by_consensus, consensus_address, create, jail, ranking, tombstone, total_bonded, unjail, Commission,
    NewValidator,
};
use crate::test_support::{address, assert_refused, ctx};
use cosmos_sdk_proto::cosmos::staking::v1beta1::Description;

fn refused(new: NewValidator) -> Error {
    create(&mut chain(1), new).map(|_| ()).unwrap_err()
}

#[test]
fn a_validator_is_created_without_bond_and_found_by_its_consensus_address() {
    let mut ctx = ctx();
    let created = create(&mut ctx, candidate(101)).unwrap();
    assert_eq!(of(&ctx, address(101)), created);
    assert_eq!((created.id, created.tokens, created.shares, created.created_height), (1, Amount::ZERO, 0, 7));
    assert_eq!(created.commission.updated, ctx.block().time);
    let consensus = consensus_address(&[101; 32]);
    assert_eq!(by_consensus(&ctx, &consensus), Ok(Some(address(101))));
    assert_eq!(created.consensus_address(), Some(consensus));
    assert_eq!(create(&mut ctx, candidate(102)).unwrap().id, 2);
}

#[test]
fn descriptions_have_the_limits_of_the_sdk() {
    type Set = fn(&mut Description, String);
    let field = |set: Set, length: usize| {
        let mut new = candidate(102);
        set(&mut new.description, "x".repeat(length));
        new
    };
    let fields: [(&str, usize, Set); 5] = [
        ("moniker", 70, |description, text| description.moniker = text),
        ("identity", 3_000, |description, text| description.identity = text),
        ("website", 140, |description, text| description.website = text),
        ("security contact", 140, |description, text| description.security_contact = text),
        ("details", 280, |description, text| description.details = text),
    ];
    for (name, most, set) in fields {
        create(&mut chain(1), field(set, most)).unwrap();
        let why = format!("invalid {name} length; got: {}, max: {most}: invalid request", most + 1);
        assert_eq!(refused(field(set, most + 1)), Error::sdk(18, why));
    }
    let empty = NewValidator { description: Description::default(), ..candidate(102) };
    assert_eq!(refused(empty), Error::sdk(18, "empty description: invalid request"));
}

#[test]
fn rates_of_commission_keep_the_rules_of_the_sdk() {
    let rates = |rate, max_rate, change| NewValidator {
        commission: Commission {
            rate: Decimal::percent(rate),
            max_rate: Decimal::percent(max_rate),
            max_change_rate: Decimal::percent(change),
            updated: 0,
        },
        ..candidate(102)
    };
    create(&mut chain(1), rates(100, 100, 100)).unwrap();
    create(&mut chain(1), rates(0, 0, 0)).unwrap();
    let expected = [
        (rates(5, 101, 1), 10, "commission cannot be more than 100%: max rate 1.010000000000000000"),
        (
            rates(6, 5, 1),
            11,
            "commission cannot be more than the max rate: 0.060000000000000000 against 0.050000000000000000",
        ),
        (
            rates(5, 5, 6),
            14,
            "commission change rate cannot be more than the max rate: 0.060000000000000000 against 0.050000000000000000",
        ),
    ];
    for (new, code, why) in expected {
        assert_eq!(refused(new), Error::new("staking", code, why));
    }
    let mut ctx = chain(1);
    let params = crate::staking::default_params();
    state::PARAMS
        .save(&mut ctx, &super::Params { min_commission_rate: "60000000000000000".into(), ..params })
        .unwrap();
    let why = "commission cannot be less than min rate: 0.050000000000000000 against 0.060000000000000000";
    assert_refused(create(&mut ctx, candidate(102)), "staking", 40, why);
}

#[test]
fn an_operator_runs_one_validator() {
    let again = NewValidator { key: [7; 32], ..candidate(101) };
    let why = format!(
        "{}: validator already exist for this operator address; must use new validator operator address",
        address(101).operator()
    );
    assert_eq!(refused(again), Error::new("staking", 4, why));
}

fn copy(possession: bool) -> NewValidator {
    NewValidator { key: [101; 32], possession, ..candidate(102) }
}

fn key_exists() -> Error {
    let address = consensus_address(&[101; 32]);
    let why = format!("{address}: validator already exist for this pubkey; must use new validator pubkey");
    Error::new("staking", 5, why)
}

#[test]
fn a_consensus_key_is_never_reused() {
    assert_eq!(refused(copy(false)), key_exists());
    let taken_by = |change: fn(&mut crate::staking::Validator)| {
        let mut ctx = chain(1);
        let mut old = of(&ctx, address(101));
        change(&mut old);
        super::save(&mut ctx, &old).unwrap();
        create(&mut ctx, copy(true)).map(|_| ()).unwrap_err()
    };
    assert_eq!(taken_by(|old| old.possession = true), key_exists());
    assert_eq!(taken_by(|old| old.ever_seated = true), key_exists());
}

#[test]
fn possession_takes_the_key_of_a_never_seated_validator_that_did_not_prove_it() {
    let mut ctx = chain(1);
    bond(&mut ctx, &address(1), &address(101), jmes(5)).unwrap();
    assert_eq!(ranking(&ctx, 9).unwrap(), [address(101)]);
    create(&mut ctx, copy(true)).unwrap();
    let (old, new) = (of(&ctx, address(101)), of(&ctx, address(102)));
    assert_eq!((old.key, old.jailed, old.tombstoned, old.tokens), (None, true, false, jmes(5)));
    assert_eq!((new.key, new.jailed), (Some([101; 32]), false));
    assert_eq!(by_consensus(&ctx, &consensus_address(&[101; 32])), Ok(Some(address(102))));
    assert_eq!(ranking(&ctx, 9).unwrap(), []);
    let why = format!(
        "{}: another validator proved possession of its consensus key: validator still jailed; cannot be unjailed",
        address(101).operator()
    );
    assert_refused(unjail(&mut ctx, &address(101)), "slashing", 4, &why);
    let third = NewValidator { operator: address(103), ..copy(true) };
    assert_eq!(create(&mut ctx, third).map(|_| ()).unwrap_err(), key_exists());
}

fn ranked(ctx: &Ctx) -> Vec<Address> {
    ranking(ctx, 100).unwrap()
}

#[test]
fn the_ranking_is_by_bond_then_creation_of_the_unjailed_with_a_jmes_or_more() {
    let mut ctx = chain(5);
    for (byte, tokens) in
        [(101, 999_999), (102, 1_000_000), (103, 3_000_000), (104, 1_000_000), (105, 2_999_999)]
    {
        set_tokens(&mut ctx, address(byte), tokens, tokens);
    }
    assert_eq!(ranked(&ctx), [103, 105, 102, 104].map(address));
    assert_eq!(ranking(&ctx, 2).unwrap(), [103, 105].map(address));
    assert_eq!(total_bonded(&ctx), Ok(Amount(8_999_998)));
    jail(&mut ctx, &address(105), 0).unwrap();
    set_tokens(&mut ctx, address(101), 9_000_000, 9_000_000);
    set_tokens(&mut ctx, address(103), 0, 0);
    assert_eq!(ranked(&ctx), [101, 102, 104].map(address));
    unjail(&mut ctx, &address(105)).unwrap();
    assert_eq!(ranked(&ctx), [101, 105, 102, 104].map(address));
    assert_eq!(total_bonded(&ctx), Ok(Amount(13_999_999)));
}

#[test]
fn jail_never_ends_earlier_than_before_and_a_tombstone_is_for_ever() {
    let mut ctx = chain(1);
    let now = ctx.block().time;
    let operator = address(101).operator();
    jail(&mut ctx, &address(101), now + 1_500_000_000).unwrap();
    jail(&mut ctx, &address(101), now).unwrap();
    let why = format!("{operator}: 2 seconds of jail remain: validator still jailed; cannot be unjailed");
    assert_refused(unjail(&mut ctx, &address(101)), "slashing", 4, &why);
    super::at(&mut ctx, 8, now + 1_500_000_000);
    unjail(&mut ctx, &address(101)).unwrap();
    let why = format!("{operator}: validator not jailed; cannot be unjailed");
    assert_refused(unjail(&mut ctx, &address(101)), "slashing", 5, &why);
    tombstone(&mut ctx, &address(101)).unwrap();
    super::at(&mut ctx, 9, u64::MAX);
    let why = format!("{operator}: it is tombstoned: validator still jailed; cannot be unjailed");
    assert_refused(unjail(&mut ctx, &address(101)), "slashing", 4, &why);
}

#[test]
fn an_operator_with_less_than_its_minimum_bond_stays_in_jail() {
    let mut ctx = chain(0);
    create(&mut ctx, NewValidator { min_self_delegation: Amount(5), ..candidate(1) }).unwrap();
    jail(&mut ctx, &address(1), 0).unwrap();
    let why = format!("{}: validator has no self-delegation; cannot be unjailed", address(1).operator());
    assert_refused(unjail(&mut ctx, &address(1)), "slashing", 6, &why);
    bond(&mut ctx, &address(1), &address(1), Amount(4)).unwrap();
    let why = "4 less than 5: validator's self delegation less than minimum; cannot be unjailed";
    assert_refused(unjail(&mut ctx, &address(1)), "slashing", 7, why);
    bond(&mut ctx, &address(1), &address(1), Amount(1)).unwrap();
    unjail(&mut ctx, &address(1)).unwrap();
}

#[test]
fn a_validator_that_does_not_exist_is_named() {
    let mut ctx = chain(0);
    let why = format!("validator {} does not exist: validator does not exist", address(1).operator());
    assert_refused(unjail(&mut ctx, &address(1)), "staking", 3, &why);
    assert_refused(jail(&mut ctx, &address(1), 0), "staking", 3, &why);
    assert_refused(bond(&mut ctx, &address(2), &address(1), jmes(1)), "staking", 3, &why);
}
