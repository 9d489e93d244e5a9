//! Genesis, the stored formats, and the invariants.

use super::{at, bond, candidate, chain, later, of, save, set_tokens, state, store, DAY};
use crate::kernel::{codes, Amount, Ctx, Decimal, Error, Module, Result};
use crate::staking::state::{Keyed, Shares};
use crate::staking::{
    create, default_params, jail, mature, record_history, redelegation, settle_slashed, shares_of, slash,
    tombstone, unbonding, NewValidator, Staking, Validator,
};
use crate::test_support::{address, assert_refused, ctx, table};
use serde_json::{json, Value};

/// The module's state after export and import.
pub(super) fn reimported(before: &Ctx) -> Ctx {
    let mut after = ctx();
    Staking.import(&mut after, &Staking.export(before).unwrap()).unwrap();
    assert_eq!(Staking.check_invariants(&after), Ok(()));
    after
}

/// A chain with something in every part of the state.
fn busy() -> Ctx {
    let mut ctx = chain(4);
    let nils = Amount;
    crate::seats::seat_at_genesis(&mut ctx, &address(101)).unwrap();
    bond(&mut ctx, &address(1), &address(101), nils(1_000)).unwrap();
    bond(&mut ctx, &address(2), &address(101), nils(3_000_000)).unwrap();
    bond(&mut ctx, &address(3), &address(102), nils(7)).unwrap();
    unbonding::begin(&mut ctx, &address(1), &address(101), nils(100)).unwrap();
    redelegation::begin(&mut ctx, &address(2), &address(101), &address(103), nils(1_000_000)).unwrap();
    later(&mut ctx, 2);
    record_history(&mut ctx).unwrap();
    slash(&mut ctx, &address(101), Decimal::percent(5), 8).unwrap();
    settle_slashed(&mut ctx).unwrap();
    redelegation::shrink(&mut ctx, &address(101)).unwrap();
    unbonding::begin(&mut ctx, &address(1), &address(101), nils(50)).unwrap();
    jail(&mut ctx, &address(103), 1_800_000_000_000_000_001).unwrap();
    tombstone(&mut ctx, &address(102)).unwrap();
    let copy = NewValidator { key: [104; 32], possession: true, work: [0xab; 32], ..candidate(105) };
    create(&mut ctx, copy).unwrap();
    let seated = Validator { ever_seated: true, ..of(&ctx, address(101)) };
    save(&mut ctx, &seated).unwrap();
    ctx
}

#[test]
fn every_key_and_value_of_the_store() {
    let rows = table(&busy());
    let rows: String = rows
        .lines()
        .filter(|row| row.starts_with("06 ") && !row.ends_with("removed"))
        .map(|row| format!("{row}\n"))
        .collect();
    insta::assert_snapshot!(rows);
}

#[test]
fn what_is_exported_is_imported_as_the_same_state() {
    let before = busy();
    assert_eq!(Staking.check_invariants(&before), Ok(()));
    let mut after = reimported(&before);
    assert_eq!(store(&after), store(&before));
    // It goes on in the same way.
    let mut before = before;
    for ctx in [&mut before, &mut after] {
        at(ctx, 20, 1_700_000_000_000_000_000 + 22 * DAY);
        crate::bank::state::SUPPLY.save(ctx, &"ujmes".into(), &Amount(1_000_000_000_000)).unwrap();
        mature(ctx).unwrap();
    }
    assert_eq!(store(&after), store(&before));
}

#[test]
fn genesis_without_anything_is_the_mainnet() {
    let mut ctx = ctx();
    Staking.import(&mut ctx, &Value::Null).unwrap();
    assert_eq!(crate::staking::params(&ctx), Ok(default_params()));
    assert_eq!(store(&reimported(&ctx)), store(&ctx));
}

#[test]
fn genesis_of_cosmos_tools_needs_nothing_beside_the_standard_form() {
    let mut exported = Staking.export(&busy()).unwrap();
    let fields = exported.as_object_mut().unwrap();
    fields.remove("unbonding_delegations");
    fields.remove("redelegations");
    for beside in
        ["validator_details", "unbonding_slashes", "redelegation_balances", "last_unbonding_id", "history"]
    {
        fields.remove(beside).unwrap();
    }
    let mut ctx = ctx();
    Staking.import(&mut ctx, &exported).unwrap();
    assert_eq!(Staking.check_invariants(&ctx), Ok(()));
    let validator = of(&ctx, address(103));
    assert_eq!((validator.id, validator.possession, validator.jailed), (3, true, true));
    assert_eq!(shares_of(&ctx, &address(3), &address(102)), Ok(7));
}

fn import(change: impl FnOnce(&mut Value)) -> Result<()> {
    let mut genesis = Staking.export(&busy()).unwrap();
    change(&mut genesis);
    let mut ctx = ctx();
    Staking.import(&mut ctx, &genesis)?;
    Staking.check_invariants(&ctx)
}

#[test]
fn genesis_that_makes_no_sense_is_refused_by_the_name_of_the_field() {
    let twice = |list: &str, genesis: &mut Value| {
        let list = genesis[list].as_array_mut().unwrap();
        list.push(list[0].clone());
    };
    let (one, operator) = (address(1), address(101).operator());
    let refuse = |change: &dyn Fn(&mut Value), why: &str| {
        assert_refused(import(change), "sdk", codes::INVALID_REQUEST, why);
    };
    refuse(
        &|genesis| genesis["params"]["bond_denom"] = json!("atom"),
        "genesis: staking: params: bond_denom is \"atom\"; only ujmes is bonded",
    );
    refuse(
        &|genesis| genesis["params"]["unbonding_time"] = json!("0s"),
        "genesis: staking: params: unbonding_time is 0 s and 0 ns; it must be positive",
    );
    refuse(
        &|genesis| genesis["params"]["max_entries"] = json!(0),
        "genesis: staking: params: max_entries is 0; it must be from 1 to 100",
    );
    refuse(
        &|genesis| genesis["params"]["min_commission_rate"] = json!("1.1"),
        "genesis: staking: params: min_commission_rate is more than 1",
    );
    refuse(
        &|genesis| twice("validators", genesis),
        &format!("genesis: staking: validator {operator}: it is listed twice"),
    );
    refuse(
        &|genesis| {
            genesis["validators"][1]["consensus_pubkey"] =
                genesis["validators"][0]["consensus_pubkey"].clone()
        },
        &format!(
            "genesis: staking: validator {}: its consensus key, of {}, is another's too",
            address(102).operator(),
            crate::staking::consensus_address(&[101; 32])
        ),
    );
    refuse(
        &|genesis| twice("delegations", genesis),
        &format!("genesis: staking: delegation of {one} to {operator}: it has no shares or is listed twice"),
    );
    refuse(
        &|genesis| genesis["delegations"][0]["shares"] = json!("1.5"),
        &format!("genesis: staking: delegation of {one} to {operator}: its shares are not a whole number: 1500000000000000000 x 10^-18"),
    );
    refuse(
        &|genesis| twice("unbonding_delegations", genesis),
        &format!(
            "genesis: staking: unbonding of {one} from {operator}: it has no entries or is listed twice"
        ),
    );
    let two = address(2);
    refuse(
        &|genesis| twice("redelegations", genesis),
        &format!(
            "genesis: staking: redelegation of {two} from {operator}: it has no entries or is listed twice"
        ),
    );
    refuse(
        &|genesis| genesis["validator_details"] = json!(5),
        "genesis: staking: validator_details: expected a list",
    );
    refuse(
        &|genesis| genesis["last_unbonding_id"] = json!(5),
        "genesis: staking: last_unbonding_id: expected a text",
    );
    let first = Staking.export(&busy()).unwrap()["validator_details"][0]["operator_address"].clone();
    refuse(
        &|genesis| genesis["validator_details"][0]["work"] = json!("12"),
        &format!(
            "genesis: staking: validator {}: work: expected 64 hexadecimal digits",
            first.as_str().unwrap()
        ),
    );
    refuse(
        &|genesis| genesis["history"]["sets"] = json!({}),
        "genesis: staking: history: sets: expected a list",
    );
}

#[test]
fn the_invariants_find_what_is_broken() {
    let broken = |change: &dyn Fn(&mut Ctx), why: &str| {
        let mut ctx = busy();
        change(&mut ctx);
        assert_eq!(Staking.check_invariants(&ctx), Err(Error::sdk(codes::LOGIC, why)));
    };
    let operator = address(101).operator();
    let pair = (address(1), address(101));
    broken(
        &|ctx| state::LAST_ID.save(ctx, &6).unwrap(),
        "the validators' ids are [1, 2, 3, 4, 5], the last is 6",
    );
    broken(
        &|ctx| {
            state::BY_CONSENSUS.save(ctx, &crate::kernel::ConsensusAddress([1; 20]), &address(101)).unwrap()
        },
        "the validators by consensus address are not those with a key",
    );
    broken(
        &|ctx| state::RANKED.save(ctx, &(5, 5), &address(104)).unwrap(),
        "the ranking is not that of the records",
    );
    broken(
        &|ctx| state::TOTAL_BONDED.save(ctx, &Amount(1)).unwrap(),
        "2850812 Nils are bonded, the total says 1",
    );
    broken(
        &|ctx| state::SLASHES.remove(ctx, &(address(101), 0)).unwrap(),
        "the lists of slashes are not as long as the records say",
    );
    broken(
        &|ctx| state::BONDS_TO.remove(ctx, &(pair.1, pair.0)).unwrap(),
        "the bonds by validator are not the bonds",
    );
    broken(
        &|ctx| state::BONDS.save(ctx, &pair, &Shares(5)).unwrap(),
        &format!("the bonds to {operator} have 2000005 shares, its record says 2000847"),
    );
    broken(
        &|ctx| set_tokens(ctx, address(101), 2_000_848, 2_000_847),
        &format!("{operator} has 2000848 Nils for 2000847 shares"),
    );
    broken(
        &|ctx| state::UNBONDING_FROM.remove(ctx, &(pair.1, pair.0)).unwrap(),
        "the unbondings by validator are not all",
    );
    broken(
        &|ctx| state::UNBONDING_QUEUE.save(ctx, &(5, 9), &Keyed(pair)).unwrap(),
        "the queue of unbondings is not all of them",
    );
    broken(
        &|ctx| state::TOTAL_UNBONDING.save(ctx, &Amount(1)).unwrap(),
        "150 Nils are unbonding, the total says 1",
    );
    let route = (address(2), (address(101), address(103)));
    broken(
        &|ctx| state::REDELEGATIONS.remove(ctx, &route).unwrap(),
        "the redelegations by validator are not all",
    );
    broken(
        &|ctx| state::REDELEGATION_QUEUE.save(ctx, &(5, 9), &Keyed(route)).unwrap(),
        "the queue of redelegations is not all of them",
    );
}
