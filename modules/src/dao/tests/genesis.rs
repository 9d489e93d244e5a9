//! The module's part of genesis, in and out.

use super::{
    address, assert_sound, founded, later, own_table, spend, submit, trio, update, vote, vote_and_execute,
    DAY,
};
use crate::auth::Auth;
use crate::bank::Bank;
use crate::dao::types::VoteOption::{Abstain, No};
use crate::dao::{defaults, params, raise_version, DaoModule};
use crate::emission::Emission;
use crate::identity::IdentityModule;
use crate::kernel::{codes, Ctx, Module, Result};
use crate::test_support::{assert_refused, ctx};
use serde_json::{json, Value};

/// A DAO in its full life: proposals of every status, votes, versions.
fn lively() -> Ctx {
    let (mut ctx, dao) = trio();
    let other = founded(&mut ctx, "second", &[(4, 3), (2, 2)], 5);
    let spent = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    vote_and_execute(&mut ctx, 2, spent).unwrap();
    let failing = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 50_000_000)]).unwrap();
    vote_and_execute(&mut ctx, 3, failing).unwrap();
    for _ in 0..10 {
        submit(&mut ctx, &dao, 3, vec![]).unwrap();
    }
    submit(&mut ctx, &other, 4, vec![update(&other, &[(4, 1)], 1)]).unwrap();
    later(&mut ctx, DAY);
    submit(&mut ctx, &dao, 3, vec![]).unwrap();
    let refused = submit(&mut ctx, &dao, 2, vec![]).unwrap();
    vote(&mut ctx, 1, refused, No).unwrap();
    vote(&mut ctx, 3, refused, Abstain).unwrap();
    raise_version(&mut ctx, &dao).unwrap();
    submit(&mut ctx, &dao, 3, vec![spend(&dao, 9, 5)]).unwrap();
    submit(&mut ctx, &dao, 2, vec![]).unwrap();
    assert_sound(&ctx);
    ctx
}

/// A chain from the parts of genesis that another one exports, one of them changed.
fn import(source: &Ctx, change: impl FnOnce(&mut Value)) -> Result<Ctx> {
    let mut ctx = ctx();
    Emission.import(&mut ctx, &Value::Null)?;
    for module in [&Auth as &dyn Module, &Bank, &IdentityModule] {
        module.import(&mut ctx, &module.export(source)?)?;
    }
    let mut genesis = DaoModule.export(source)?;
    change(&mut genesis);
    DaoModule.import(&mut ctx, &genesis)?;
    Ok(ctx)
}

#[test]
fn without_a_word_there_are_no_daos_and_mainnets_parameters_hold() {
    for genesis in [Value::Null, json!({})] {
        let mut ctx = ctx();
        DaoModule.import(&mut ctx, &genesis).unwrap();
        assert_eq!(params(&ctx), Ok(defaults()));
        assert_eq!(DaoModule.check_invariants(&ctx), Ok(()));
    }
}

#[test]
fn an_export_gives_the_same_state() {
    let source = lively();
    let imported = import(&source, |_| ()).unwrap();
    assert_eq!(DaoModule.export(&imported), DaoModule.export(&source));
    let without_removals = |ctx: &Ctx| -> Vec<String> {
        own_table(ctx).lines().filter(|line| !line.ends_with("= removed")).map(Into::into).collect()
    };
    assert_eq!(without_removals(&imported), without_removals(&source));
    assert_sound(&imported);
}

#[test]
fn a_wrong_genesis_is_refused_with_its_place() {
    let source = lively();
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 18] = [
        (|it| it["params"]["max_members"] = json!(0), "genesis: dao: max_members is 0"),
        (|it| it["daos"][0]["id"] = json!("2"), "genesis: dao: daos: 1: id and address must be 1 and jmes1"),
        (
            |it| it["daos"][0]["address"] = it["daos"][1]["address"].clone(),
            "daos: 1: id and address must be 1",
        ),
        (
            |it| it["daos"][0]["name"] = json!("user1"),
            "daos: 1: identity.identities do not have its name \"user1\"",
        ),
        (
            |it| it["daos"][0]["name"] = json!("other"),
            "daos: 1: identity.identities do not have its name \"other\"",
        ),
        (|it| it["daos"][1]["threshold"] = json!("6"), "daos: 2: the threshold is 6, all power is 5"),
        (|it| it["daos"][1]["members"][0]["power"] = json!("0"), "daos: 2: a member has power 0"),
        (
            |it| it["daos"][1]["members"].as_array_mut().unwrap().reverse(),
            "daos: 2: its members are not in order",
        ),
        (|it| it["daos"][1]["members"] = json!([]), "daos: 2: it has 0 members"),
        (|it| it["daos"][1]["version"] = json!("0"), "daos: 2: its voting period or its version is 0"),
        (
            |it| drop(it["daos"].as_array_mut().unwrap().pop()),
            "2 DAOs have names in identity.identities, 1 are in daos",
        ),
        (|it| it["proposals"][2]["id"] = json!("7"), "genesis: dao: proposals: 3: id is 7"),
        (|it| it["proposals"][2]["status"] = json!(0), "proposals: 3: status is missing"),
        (
            |it| it["proposals"][2]["yes"] = json!("3"),
            "proposals: 3: its votes sum to yes 1, no 0, abstain 0",
        ),
        (|it| it["votes"][0]["proposal_id"] = json!("999"), "its votes sum to yes 0, no 0, abstain 0"),
        (|it| it["votes"][0]["proposal_id"] = json!("2"), "votes: 2: it is listed twice"),
        (|it| it["votes"][0]["votes"][1] = it["votes"][0]["votes"][0].clone(), "is listed twice"),
        (|it| it["votes"][0]["votes"][0]["option"] = json!(0), "option is missing"),
    ];
    for (change, why) in cases {
        let error = import(&source, change).map(|_| ()).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_REQUEST), "{error}");
        assert!(error.message.contains(why), "{error}, expected {why}");
    }
    let unknown = import(&source, |it| {
        it["votes"].as_array_mut().unwrap().push(json!({"proposal_id": "999", "votes": []}));
    });
    let why = "genesis: dao: votes: 999: there is no such proposal";
    assert_refused(unknown.map(|_| ()), "sdk", codes::INVALID_REQUEST, why);
    let elsewhere = import(&source, |it| it["proposals"][0]["dao"] = json!(address(1).to_string()));
    assert_eq!(elsewhere.map(|_| ()).unwrap_err().code, codes::NOT_FOUND);
}
