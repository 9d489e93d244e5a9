//! The swap of a scheduled upgrade (§14) with two binaries: all nodes stop before one height and go on with the binary that was
//! voted for, in the same home, by themselves or under an upgrade manager. That an improvement schedules it is in
//! `scripts/season`; here it stands in genesis, a few blocks ahead.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use jmes_tests::net::{jmesd, next_jmesd, run, until, Network, Node};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

/// The upgrade that [`next_jmesd`] is made for.
const NAME: &str = "next";
/// The first block of the next binary.
const HEIGHT: u64 = 6;
/// What upgrade managers look for in the log.
const NEEDED: &str = "UPGRADE \"next\" NEEDED at height: 6: ";
/// What the node says when it swaps the binary itself.
const SWAPS: &str = "going on with the binary of the upgrade";

#[test]
fn all_nodes_stop_before_one_height_and_go_on_with_the_binary_that_was_voted_for() {
    let mut network = scheduled(2);
    for node in &network.nodes {
        provide(node, &next_jmesd());
    }
    network.start_all();
    for node in &mut network.nodes {
        node.wait_for_height(HEIGHT + 3);
        let log = node.log();
        let (needed, swaps) = (log.find(NEEDED), log.find(SWAPS));
        assert!(needed.is_some() && needed < swaps, "it stops, then swaps: {needed:?}, {swaps:?}");
        assert_eq!(executable(node.pid()), place(node));
        assert_info(node);
        assert_eq!(node.engine_pids().len(), 1, "one engine, that of the next binary");
    }
    let [first, second] = &network.nodes[..] else { panic!("two nodes") };
    for height in 1..=HEIGHT + 2 {
        let hash = |node: &Node| node.rpc.header(Some(height)).expect("the header").hash();
        assert_eq!(hash(first), hash(second), "block {height}, before or after the swap");
    }
    let plan = network.cli(&["query", "upgrade", "plan"]);
    assert_eq!(plan["plan"], Value::Null, "it is made: {plan}");
    // The service manager starts what it always has; that swaps at once.
    let node = &mut network.nodes[0];
    node.stop();
    node.start(&[]);
    until("the swap", || (executable(node.pid()) == place(node)).then_some(()));
    let height = node.wait_for_height(HEIGHT + 4);
    node.wait_for_height(height + 2);
    for node in &mut network.nodes {
        node.stop();
    }
}

#[test]
fn a_missing_a_wrong_and_an_early_binary_are_refused_and_the_right_one_goes_on() {
    let mut network = scheduled(1);
    let node = &mut network.nodes[0];
    node.spawn(start(&next_jmesd(), &node.home));
    node.wait_for_end().assert_failed_saying(&["BINARY UPDATED BEFORE TRIGGER", NAME, "until height 6"]);

    node.start(&[]);
    let belongs = place(node).display().to_string();
    node.wait_for_end().assert_failed_saying(&[NEEDED, "put it at", &belongs]);
    assert_info(node);
    // What the engine has decided is not committed: the block is the next binary's.
    assert_eq!(network.cli(&["export"])["initial_height"], json!(HEIGHT.to_string()));

    let node = &mut network.nodes[0];
    provide(node, &next_jmesd());
    let mut changed = fs::OpenOptions::new().append(true).open(place(node)).expect("the binary");
    changed.write_all(b"?").expect("a byte more");
    drop(changed);
    let refusal =
        ["is not the binary of upgrade \"next\"", &checksum(&place(node)), &checksum(&next_jmesd())];
    node.start(&[]);
    let end = node.wait_for_end();
    end.assert_failed_saying(&refusal);
    assert!(!end.log.contains(SWAPS), "it must not run:\n{}", end.log);

    provide(node, &next_jmesd());
    node.start(&[]);
    node.wait_for_height(HEIGHT + 2);
    assert_eq!(executable(node.pid()), place(node));
    node.stop();
}

#[test]
fn under_an_upgrade_manager_the_swap_is_the_managers() {
    let mut network = scheduled(1);
    let node = &mut network.nodes[0];
    provide(node, &next_jmesd());
    let managed = |binary: &Path, home: &Path| {
        let mut command = start(binary, home);
        command.env("DAEMON_NAME", "jmesd");
        command
    };
    node.spawn(managed(&jmesd(), &node.home));
    let end = node.wait_for_end();
    end.assert_failed_saying(&[NEEDED]);
    assert!(!end.log.contains(SWAPS), "it must leave the swap to the manager:\n{}", end.log);
    assert_info(node);
    node.spawn(managed(&next_jmesd(), &node.home));
    node.wait_for_height(HEIGHT + 2);
    node.stop();
}

/// Networks in whose genesis the upgrade is scheduled, with the checksum of [`next_jmesd`].
fn scheduled(validators: u16) -> Network {
    let network = Network::make(validators, "300ms");
    let checksums = json!([{ "platform": platform(), "sha256": checksum(&next_jmesd()) }]);
    network.change_genesis(|state| {
        state["upgrade"] =
            json!({ "plan": { "name": NAME, "height": HEIGHT.to_string(), "checksums": checksums } })
    });
    network
}

/// Asserts what a node has left behind for whoever swaps the binary.
fn assert_info(node: &Node) {
    let text = fs::read(node.home.join("data/upgrade-info.json")).expect("data/upgrade-info.json");
    let found: Value = serde_json::from_slice(&text).expect("it is JSON");
    assert_eq!((&found["name"], &found["height"]), (&json!(NAME), &json!(HEIGHT)), "{found}");
    let info = found["info"].as_str().expect("a text");
    let info: Value = serde_json::from_str(info).expect("JSON in a text");
    assert_eq!(info["checksums"], json!({ platform(): checksum(&next_jmesd()) }), "{found}");
}

/// Where an operator puts the binary of the upgrade.
fn place(node: &Node) -> PathBuf {
    node.home.join("cosmovisor/upgrades").join(NAME).join("bin/jmesd")
}

fn provide(node: &Node, binary: &Path) {
    copy(binary, &place(node));
}

fn copy(binary: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("a directory")).expect("the directory can be made");
    // A process of its own has nothing open when the copy is run.
    run(Command::new("cp").arg("--remove-destination").arg(binary).arg(to));
}

fn start(binary: &Path, home: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(["start", "--home"]).arg(home);
    command
}

/// The program that a process runs.
fn executable(pid: u32) -> PathBuf {
    fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default()
}

fn checksum(file: &Path) -> String {
    hex::encode(Sha256::digest(fs::read(file).expect("the binary")))
}

/// This machine as upgrades name it.
fn platform() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "linux/amd64",
        "aarch64" => "linux/arm64",
        other => panic!("no name for {other}"),
    }
}
