//! The module's part of genesis, in and out.

use super::{chain, register_user};
use crate::dao;
use crate::identity::{defaults, params, register, IdentityModule, Kind};
use crate::kernel::{codes, Ctx, Module};
use crate::test_support::{address, assert_refused, ctx, table};
use serde_json::{json, Value};

#[track_caller]
fn refuse(genesis: &Value, why: &str) {
    let error = IdentityModule.import(&mut ctx(), genesis).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_REQUEST), "{error}");
    assert!(error.message.contains(why), "{error}");
}

#[test]
fn without_a_word_there_are_no_names_and_mainnets_parameters_hold() {
    for genesis in [Value::Null, json!({})] {
        let mut ctx = ctx();
        IdentityModule.import(&mut ctx, &genesis).unwrap();
        assert_eq!(params(&ctx), Ok(defaults()));
        assert_eq!(IdentityModule.check_invariants(&ctx), Ok(()));
    }
}

#[test]
fn an_export_gives_the_same_state() {
    let mut source = chain();
    IdentityModule.import(&mut source, &Value::Null).unwrap();
    register_user(&mut source, 2, "zebra").unwrap();
    register_user(&mut source, 1, "artist1").unwrap();
    register(&mut source, &address(3), &dao::address_of(1), "artbasel", Kind::Dao).unwrap();
    let exported = IdentityModule.export(&source).unwrap();
    let mut imported = ctx();
    IdentityModule.import(&mut imported, &exported).unwrap();
    assert_eq!(IdentityModule.export(&imported).unwrap(), exported);
    let own = |ctx: &Ctx| -> Vec<String> {
        table(ctx).lines().filter(|line| line.starts_with("09 ")).map(Into::into).collect()
    };
    assert_eq!(own(&imported), own(&source));
    assert_eq!(own(&imported).len(), 7);
}

#[test]
fn a_wrong_entry_is_refused_with_its_place() {
    let entry = |name: &str, owner: String, kind: &str| json!({"name": name, "address": owner, "kind": kind, "height": "5"});
    let user = |name: &str, byte| entry(name, address(byte).to_string(), "USER");
    let list = |entries: &[Value]| json!({"identities": entries});
    let twice = "genesis: identity: identities: \"artist1\": the name or the address is listed twice";
    refuse(&list(&[user("artist1", 1), user("artist1", 2)]), twice);
    refuse(&list(&[user("zebra", 1), user("artist1", 1)]), twice);
    let kind = "kind must be USER for an address of 20 bytes and DAO for one of 32";
    refuse(&list(&[entry("artist1", dao::address_of(1).to_string(), "USER")]), kind);
    refuse(&list(&[entry("artist1", address(1).to_string(), "DAO")]), kind);
    refuse(&list(&[entry("artist1", address(1).to_string(), "KIND_UNSPECIFIED")]), kind);
    refuse(&json!({"params": {"registration_burn": "-1"}}), "genesis: identity: registration_burn is \"-1\"");
    refuse(&json!({"names": []}), "names");
    let place = "genesis: identity: identities: \"Art\": \"Art\" is no name: a name has 3 to 20 characters a-z and 0-9";
    assert_refused(IdentityModule.import(&mut ctx(), &list(&[user("Art", 1)])), "identity", 2, place);
    let reserved = IdentityModule.import(&mut ctx(), &list(&[user("core", 1)])).unwrap_err();
    assert_eq!((reserved.codespace, reserved.code), ("identity", 3));
    let torn = IdentityModule.import(&mut ctx(), &list(&[entry("artist1", "jmes1x".into(), "USER")]));
    assert_eq!(torn.unwrap_err().code, codes::INVALID_ADDRESS);
}
