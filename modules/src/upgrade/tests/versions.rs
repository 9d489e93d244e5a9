//! Versions of modules and their migrations (§14).

use super::super::actions::{self, Conclusion};
use super::super::upgrade_codes::{MIGRATION_FAILED, UPGRADE, WRONG_VERSION};
use super::super::{active_version, is_migrating};
use super::*;
use crate::bank::Bank;
use crate::kernel::{Address, Amount, Item, View};
use crate::premint::{self, Premint};
use crate::test_support::{address, at_issuance, bank_genesis, coins, committed, limit_gas};
use serde_json::{json, Value};

const VALUE: Item<u64> = Item::new(crate::kernel::StoreId(200), 1);

/// A module whose migrations to 2 work, to 3 fail, to 4 panic and to 5 meet damaged state.
struct Sample;

impl Module for Sample {
    fn name(&self) -> &'static str {
        "sample"
    }
    fn import(&self, _: &mut Ctx, _: &Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<Value> {
        Ok(Value::Null)
    }
    fn latest_version(&self) -> u64 {
        5
    }
    fn migrate(&self, ctx: &mut Ctx, to: u64) -> Result<()> {
        assert!(is_migrating());
        VALUE.save(ctx, &to)?;
        ctx.emit(crate::kernel::Event::new("sample_migrated"));
        match to {
            2 => Ok(()),
            3 => Err(Error::sdk(18, "a record is missing")),
            4 => panic!("a record is strange"),
            _ => panic!("state is corrupt: a disk is"),
        }
    }
}

fn run(ctx: &mut Ctx, actions: &[Action]) -> Result<()> {
    let conclusion = Conclusion { proposal_id: PROPOSAL, tallied_height: 1 };
    actions::apply(ctx, &[&Sample], conclusion, actions)
}

#[test]
fn versions_come_one_after_the_other_and_are_in_the_binary() {
    let mut ctx = chain_at(100);
    for version in [0, 1, 3, 6, u64::MAX] {
        assert_code(run(&mut ctx, &[activate("sample", version)]), UPGRADE, WRONG_VERSION);
    }
    run(&mut ctx, &[activate("sample", 2)]).unwrap();
    assert_eq!(active_version(&ctx, "sample"), Ok(2));
    assert_eq!(VALUE.load(&ctx), Ok(Some(2)));
    let kinds: Vec<&str> = ctx.take_events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["sample_migrated", "version_activated"]);
    assert_code(run(&mut ctx, &[activate("sample", 2)]), UPGRADE, WRONG_VERSION);
    assert_code(conclude(&mut ctx, &[activate("seats", 2)]), UPGRADE, WRONG_VERSION);
}

#[test]
fn a_migration_that_fails_or_panics_changes_nothing() {
    for (version, why) in [(3, "a record is missing"), (4, "a record is strange")] {
        let mut ctx = chain_at(100);
        state::VERSIONS.save(&mut ctx, &"sample".into(), &(version - 1)).unwrap();
        let before = ctx.overlay().changes();
        let message = assert_code(run(&mut ctx, &[activate("sample", version)]), UPGRADE, MIGRATION_FAILED);
        assert_eq!(message, format!("action 0: the migration of sample to version {version} failed: {why}"));
        assert_eq!(ctx.overlay().changes(), before);
        assert!(ctx.take_events().is_empty());
        assert!(!is_migrating());
    }
}

/// Only this node has it: a refusal would part it from the others.
#[test]
#[should_panic(expected = "state is corrupt: a disk is")]
fn damaged_state_is_no_failure_of_a_migration() {
    let mut ctx = chain_at(100);
    state::VERSIONS.save(&mut ctx, &"sample".into(), &4).unwrap();
    let _ = run(&mut ctx, &[activate("sample", 5)]);
}

fn with_wallets() -> Ctx {
    let mut ctx = chain_at(100);
    let balances = [(address(1), "900000000ujmes"), (address(2), "900000000ujmes")];
    crate::emission::Emission.import(&mut ctx, &Value::Null).unwrap();
    Bank.import(&mut ctx, &bank_genesis(&balances)).unwrap();
    let wallet = |owner: Address| json!({"address": owner.to_string(), "amount": "900000000"});
    Premint.import(&mut ctx, &json!({"wallets": [wallet(address(1)), wallet(address(2))]})).unwrap();
    at_issuance(&mut ctx, 7_000_000);
    ctx
}

#[test]
fn premint_version_2_remembers_when_a_wallet_last_sold() {
    let mut ctx = with_wallets();
    let sale = |ctx: &Ctx, byte| premint::wallet(ctx, &address(byte)).unwrap().unwrap().last_sale;
    crate::bank::transfer(&mut ctx, &address(1), &address(9), &coins("5ujmes")).unwrap();
    assert_eq!(sale(&ctx, 1), None);
    // The work was voted for: its gas is the same whatever it does.
    limit_gas(&mut ctx, 10_100_000);
    conclude(&mut ctx, &[activate("premint", 2)]).unwrap();
    let mut ctx = committed(ctx);
    at(&mut ctx, 130);
    assert_eq!((sale(&ctx, 1), sale(&ctx, 2)), (Some(0), Some(0)));
    assert_eq!(Premint.check_invariants(&ctx), Ok(()));
    crate::bank::transfer(&mut ctx, &address(1), &address(9), &coins("5ujmes")).unwrap();
    // Other coins leave first, and are no sale.
    crate::bank::transfer(&mut ctx, &address(9), &address(2), &coins("5ujmes")).unwrap();
    crate::bank::transfer(&mut ctx, &address(2), &address(9), &coins("5ujmes")).unwrap();
    assert_eq!((sale(&ctx, 1), sale(&ctx, 2)), (Some(130), Some(0)));
    assert_eq!(premint::wallet(&ctx, &address(1)).unwrap().unwrap().held, Amount(900_000_000 - 10));
}

#[test]
fn an_export_at_version_2_gives_the_same_state() {
    let mut ctx = with_wallets();
    conclude(&mut ctx, &[activate("premint", 2)]).unwrap();
    crate::bank::transfer(&mut ctx, &address(1), &address(9), &coins("5ujmes")).unwrap();
    let (wallets, versions) = (Premint.export(&ctx).unwrap(), Upgrade.export(&ctx).unwrap());
    let mut other = chain_at(100);
    let balances = [(address(1), "899999995ujmes"), (address(2), "900000000ujmes")];
    crate::emission::Emission.import(&mut other, &Value::Null).unwrap();
    Bank.import(&mut other, &bank_genesis(&balances)).unwrap();
    at_issuance(&mut other, 7_000_000);
    Premint.import(&mut other, &wallets).unwrap();
    Upgrade.import(&mut other, &versions).unwrap();
    assert_eq!(premint::wallets(&other), premint::wallets(&ctx));
    assert_eq!(Premint.check_invariants(&other), Ok(()));
    state::VERSIONS.remove(&mut other, &"premint".into()).unwrap();
    Premint.check_invariants(&other).unwrap_err();
}
