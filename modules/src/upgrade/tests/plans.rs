//! Scheduled upgrades (§14, §15 step 1).

use super::super::plan::{begin_block_with, check};
use super::super::upgrade_codes::{INVALID_PLAN, UPGRADE, UPGRADED_TOO_EARLY, UPGRADE_NEEDED};
use super::super::{info, info_file, needs_upgrade, plan, stops_node, Known};
use super::*;
use serde_json::{json, Value};

const NOTICE: u64 = 17_280;

const V2: &[Known] = &[Known {
    name: "v2",
    run: |ctx| {
        ctx.emit(crate::kernel::Event::new("migrated"));
        Ok(())
    },
}];

fn scheduled() -> Ctx {
    let mut ctx = chain_at(100);
    conclude(&mut ctx, &[schedule("v2", 100 + NOTICE)]).unwrap();
    ctx.take_events();
    ctx
}

#[test]
fn an_upgrade_is_announced_in_time() {
    let mut ctx = chain_at(100);
    for height in [0, 99, 100, 100 + NOTICE - 1, 1 << 63] {
        assert_code(conclude(&mut ctx, &[schedule("v2", height)]), UPGRADE, INVALID_PLAN);
    }
    assert_eq!(plan(&ctx), Ok(None));
    conclude(&mut ctx, &[schedule("v2", 100 + NOTICE)]).unwrap();
    assert_eq!(plan(&ctx), Ok(Some(upgrade("v2", 100 + NOTICE))));
}

#[test]
fn a_new_plan_replaces_the_one_before() {
    let mut ctx = scheduled();
    conclude(&mut ctx, &[schedule("v3", 20_000)]).unwrap();
    assert_eq!(plan(&ctx).unwrap().unwrap().name, "v3");
}

#[test]
fn without_a_plan_a_block_reads_one_key() {
    let mut ctx = chain_at(100);
    limit_one_read(&mut ctx);
    begin_block_with(&mut ctx, V2).unwrap();
}

fn limit_one_read(ctx: &mut Ctx) {
    crate::test_support::limit_gas(ctx, 1_000 + 2 * 3);
}

#[test]
fn a_binary_that_does_not_know_the_upgrade_stops_at_its_height() {
    let mut ctx = scheduled();
    at(&mut ctx, 100 + NOTICE - 1);
    begin_block_with(&mut ctx, &[]).unwrap();
    at(&mut ctx, 100 + NOTICE);
    let error = begin_block_with(&mut ctx, &[]).unwrap_err();
    assert!(stops_node(&error) && needs_upgrade(&error));
    assert!(error.message.starts_with("UPGRADE \"v2\" NEEDED at height: 17380: "), "{error}");
    assert_code::<()>(Err(error), UPGRADE, UPGRADE_NEEDED);
    assert!(plan(&ctx).unwrap().is_some());
}

#[test]
fn a_binary_that_knows_the_upgrade_makes_it_at_its_height_once() {
    let mut ctx = scheduled();
    at(&mut ctx, 100 + NOTICE);
    begin_block_with(&mut ctx, V2).unwrap();
    assert_eq!(plan(&ctx), Ok(None));
    assert_eq!(state::DONE.load(&ctx, &"v2".into()), Ok(Some(100 + NOTICE)));
    let kinds: Vec<&str> = ctx.take_events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["migrated", "upgrade_made"]);
    begin_block_with(&mut ctx, V2).unwrap();
    assert!(ctx.take_events().is_empty());
    let again = conclude(&mut ctx, &[schedule("v2", 100 + 3 * NOTICE)]);
    assert_code(again, UPGRADE, INVALID_PLAN);
}

#[test]
fn a_binary_that_knows_the_upgrade_too_early_stops() {
    let mut ctx = scheduled();
    let error = begin_block_with(&mut ctx, V2).unwrap_err();
    assert!(stops_node(&error) && !needs_upgrade(&error));
    assert!(error.message.starts_with("BINARY UPDATED BEFORE TRIGGER! UPGRADE \"v2\""), "{error}");
    assert_code::<()>(Err(error), UPGRADE, UPGRADED_TOO_EARLY);
}

#[test]
fn other_errors_do_not_stop_the_node_this_way() {
    assert!(!stops_node(&Error::new("upgrade", 2, "")) && !stops_node(&Error::sdk(9, "")));
    assert!(!needs_upgrade(&Error::sdk(UPGRADE_NEEDED, "")));
}

#[test]
fn managers_are_told_name_height_binaries_and_checksums() {
    let mut upgrade = upgrade("v2", 7);
    upgrade.checksums[0].url = "https://example.org/jmesd".into();
    let (platform, sum) = ("linux/arm64".into(), "cd".repeat(32));
    let url = "https://example.org/jmesd?a=b".into();
    upgrade.checksums.push(Checksum { platform, sha256: sum.clone(), url });
    let told: Value = serde_json::from_str(&info(&upgrade)).unwrap();
    let first = "ab".repeat(32);
    assert_eq!(
        told,
        json!({
            "binaries": {
                "linux/amd64": format!("https://example.org/jmesd?checksum=sha256:{first}"),
                "linux/arm64": format!("https://example.org/jmesd?a=b&checksum=sha256:{sum}"),
            },
            "checksums": {"linux/amd64": first, "linux/arm64": sum},
        })
    );
    assert_eq!(info_file(&upgrade), json!({"name": "v2", "height": 7, "info": info(&upgrade)}));
}

#[test]
fn a_plan_has_a_name_for_a_directory_and_checksums_by_platform() {
    check(&upgrade("v2.0.0-rc_1", 1)).unwrap();
    let long = "a".repeat(65);
    for name in ["", "../v2", "v 2", "v/2", ".v2", "-v2", "vé", long.as_str()] {
        assert_code(check(&upgrade(name, 1)), UPGRADE, INVALID_PLAN);
    }
    let with = |change: fn(&mut ScheduleUpgrade)| {
        let mut plan = upgrade("v2", 1);
        change(&mut plan);
        assert_code(check(&plan), UPGRADE, INVALID_PLAN);
    };
    with(|plan| plan.checksums.clear());
    with(|plan| plan.checksums = vec![plan.checksums[0].clone(); 2]);
    with(|plan| plan.checksums = vec![plan.checksums[0].clone(); 17]);
    with(|plan| plan.checksums[0].platform = "linux".into());
    with(|plan| plan.checksums[0].platform = "Linux/amd64".into());
    with(|plan| plan.checksums[0].platform = "/".into());
    with(|plan| plan.checksums[0].sha256 = "AB".repeat(32));
    with(|plan| plan.checksums[0].sha256 = "ab".repeat(31));
    with(|plan| plan.checksums[0].url = "https://example.org/jmesd x".into());
    with(|plan| plan.checksums[0].url = "x".repeat(1_025));
}
