//! The module's part of genesis, in and out, and the keys of its store.

use super::super::{mint, send};
use super::*;
use crate::kernel::codes;
use crate::test_support::assert_refused;

fn own_table(ctx: &Ctx) -> String {
    table(ctx).lines().filter(|line| line.starts_with("0e ")).map(|line| format!("{line}\n")).collect()
}

fn full() -> (Ctx, Address) {
    let (mut ctx, dao) = dealer();
    mint(&mut ctx, &asked(dao, "blue")).unwrap();
    at(&mut ctx, 9);
    send(&mut ctx, CLASS, "blue", &address(5), &address(6)).unwrap();
    (ctx, dao)
}

#[test]
fn every_key_and_value_of_the_store() {
    insta::assert_snapshot!(own_table(&full().0));
}

#[test]
fn an_export_gives_the_same_state() {
    let (mut ctx, dao) = full();
    mint(&mut ctx, &Mint { data: String::new(), ..asked(dao, "red") }).unwrap();
    let exported = ArtworkModule.export(&ctx).unwrap();
    let (mut other, _) = dealer();
    ArtworkModule.import(&mut other, &exported).unwrap();
    // What was removed when an artwork was sent leaves a mark in memory only.
    let live =
        own_table(&ctx).lines().filter(|line| !line.ends_with("= removed")).collect::<Vec<_>>().join("\n");
    assert_eq!(own_table(&other).trim_end(), live);
    assert_eq!(ArtworkModule.export(&other), Ok(exported));
    assert_eq!(ArtworkModule.check_invariants(&other), Ok(()));
}

#[test]
fn a_chain_begins_without_artworks() {
    let mut ctx = ctx();
    ArtworkModule.import(&mut ctx, &Value::Null).unwrap();
    assert!(ctx.overlay().changes().is_empty());
}

#[test]
fn a_history_that_can_not_be_is_refused() {
    let exported = ArtworkModule.export(&full().0).unwrap();
    let refuse = |change: fn(&mut Value), why: &str| {
        let mut genesis = exported.clone();
        change(&mut genesis["artworks"][0]);
        let result = ArtworkModule.import(&mut dealer().0, &genesis);
        let place =
            format!("genesis: artwork: {} blue", genesis["artworks"][0]["class_id"].as_str().unwrap());
        assert_refused(result, "sdk", codes::INVALID_REQUEST, &format!("{place}: {why}"));
    };
    refuse(
        |one| one["class_id"] = "artwork-louvre".into(),
        "its DAO artbasel has the class artwork-artbasel",
    );
    refuse(|one| one["artwork"]["feature"] = "painter".into(), "feature \"painter\" is none");
    refuse(|one| one["artwork"] = Value::Null, "artwork is missing");
    let why = format!("the last transfer is not to its owner {}", address(6));
    refuse(|one| one["transfers"] = serde_json::json!([]), &why);
    refuse(
        |one| drop(one["transfers"].as_array_mut().unwrap().remove(0)),
        "each transfer must be from who got it with the one before",
    );
}

#[test]
fn a_record_that_claims_more_than_was_held_breaks_the_invariants() {
    let (ctx, _) = full();
    let mut exported = ArtworkModule.export(&ctx).unwrap();
    exported["artworks"][0]["artwork"]["feature"] = "brand".into();
    let (mut other, _) = dealer();
    ArtworkModule.import(&mut other, &exported).unwrap();
    let error = ArtworkModule.check_invariants(&other).unwrap_err();
    assert!(error.message.contains("was not brand at 7"), "{error}");
}
