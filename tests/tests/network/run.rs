//! `scripts/run` with its options, and what Ctrl-C leaves behind.

use std::fs;
use std::path::Path;
use std::process::Command;

use jmes_tests::net::{free_port_base, jmesd, processes_naming, repository, run, until, Node, Script};
use jmes_tests::Key;
use serde_json::Value;
use tempfile::TempDir;

const CHAIN: &str = "jmes-options-7";

#[test]
fn a_network_made_by_options_is_as_told_and_goes_on_after_ctrl_c() {
    let dir = TempDir::new().expect("a temporary directory");
    let home = dir.path().join("made/here");
    let base = free_port_base(2);
    let wallets = [11, 12, 13].map(|number| Key::new(number).address().to_string());
    let file = dir.path().join("funds");
    fs::write(&file, format!("{} 9\n", wallets[2])).expect("a file");
    let (home_option, file) = (home.to_str().expect("UTF-8"), file.to_str().expect("UTF-8"));
    let (base_option, fund) = (base.to_string(), format!("--fund={}=5ujmes", wallets[0]));
    let network = Script::start(&[
        "--home",
        home_option,
        "--port-base",
        &base_option,
        "--validators",
        "2",
        "--block-time",
        "500ms",
        "--chain-id",
        CHAIN,
        &fund,
        "--fund",
        &format!("{}=7ujmes", wallets[1]),
        "--fund-file",
        file,
    ]);

    let nodes = assert_endpoints(&home, base);
    for node in &nodes {
        assert_eq!(node.rpc.status().expect("it answers").node_info.network.as_str(), CHAIN);
        for (wallet, amount) in wallets.iter().zip(["5", "7", "9"]) {
            assert_eq!(balance(node, wallet), amount);
        }
    }
    let genesis: Value = read(&home.join("node1/config/genesis.json"));
    assert_eq!(genesis["app_state"]["emission"]["params"]["target_block_time"], "0.5s", "--block-time");
    assert_first_coins(network.banner(), &nodes[0], &home);

    let second = nodes[1].rpc.block(Some(2)).expect("the block").block_id.hash;
    let refused = script(&["--home", home_option]);
    assert!(refused.contains("is running already"), "{refused}");
    let height = nodes[0].height().expect("a height");
    let said = network.interrupt();
    assert!(said.iter().any(|line| line.contains("the chain is kept")), "{said:?}");
    assert!(processes_naming(&home).is_empty(), "a node or an engine is left");
    assert!(!home.join("endpoints.json").exists(), "endpoints of a network that does not run");

    let network = Script::start(&["--home", home_option]);
    let nodes = assert_endpoints(&home, base);
    assert_eq!(nodes[0].rpc.block(Some(2)).expect("the block").block_id.hash, second);
    until("the next block", || nodes[0].height().filter(|now| *now > height));
    network.interrupt();
    assert!(processes_naming(&home).is_empty(), "a node or an engine is left");
}

#[test]
fn a_wrong_option_says_so_and_leaves_no_half_network() {
    let dir = TempDir::new().expect("a temporary directory");
    let home = dir.path().join("home");
    let home_option = home.to_str().expect("UTF-8");
    for (options, told) in [
        (&["--nonsense"][..], "there is no option --nonsense"),
        (&["--chain-id"], "--chain-id needs a value"),
        (&["--home", home_option, "--validators", "0"], "validators"),
        (&["--home", home_option, "--block-time", "soon"], "block-time"),
        (&["--home", home_option, "--fund", "jmes1me"], "--fund takes ADDRESS=AMOUNTujmes"),
        (&["--home", home_option, "--fund-file", "/nowhere"], "/nowhere"),
        (&["--home", home_option, "--chain-id", &"x".repeat(51)], "chain_id must have 1 to 50 characters"),
    ] {
        let said = script(options);
        assert!(said.contains(told), "{options:?} does not say \"{told}\":\n{said}");
        assert!(!home.join("node0").exists() && !home.join("testnet.json").exists(), "{options:?}");
    }
}

/// Asserts that `endpoints.json` is as API.md has it, and gives the nodes.
fn assert_endpoints(home: &Path, base: u16) -> Vec<Node> {
    let endpoints = read(&home.join("endpoints.json"));
    assert_eq!(endpoints["chain_id"], CHAIN);
    let names: Vec<_> = endpoints["keys"].as_array().expect("keys").iter().map(|key| &key["name"]).collect();
    assert_eq!(names, ["me", "alice", "bob", "validator0", "validator1"]);
    let node = |number: u16| {
        let told = &endpoints["nodes"][usize::from(number)];
        let node = Node::at(&home.join(format!("node{number}")), base + 100 * number);
        assert_eq!(told["rpc"], node.endpoints.rpc.as_str());
        assert_eq!(told["rest"], node.endpoints.rest.as_str());
        assert_eq!(told["grpc"], node.endpoints.grpc.as_str());
        node
    };
    assert_eq!(endpoints["nodes"].as_array().map(Vec::len), Some(2));
    vec![node(0), node(1)]
}

/// The command of the banner that sends the first coins, as it stands there.
fn assert_first_coins(banner: &[String], node: &Node, home: &Path) {
    let title = banner.iter().position(|line| line.starts_with("Send the first coins")).expect("the title");
    let keys = read(&home.join("endpoints.json"))["keys"].clone();
    let alice = keys[1]["address"].as_str().expect("an address");
    let before: u64 = balance(node, alice).parse().expect("a number");
    let sent = run(Command::new("bash").args(["-ec", &banner[title + 1]]));
    let hash = sent.lines().find_map(|line| line.strip_prefix("txhash:")).expect("a hash").trim();
    let mut wait = Command::new(jmesd());
    wait.args(["query", "wait-tx", hash, "--output", "json", "--node", &node.endpoints.rpc]);
    assert!(run(wait.arg("--home").arg(&node.home)).contains(r#""code":0,"#), "{sent}");
    assert_eq!(balance(node, alice), (before + 1_000_000).to_string());
}

/// What an account has, in Nils.
fn balance(node: &Node, address: &str) -> String {
    let mut query = Command::new(jmesd());
    query.args(["query", "bank", "balances", address, "--output", "json", "--node", &node.endpoints.rpc]);
    let answer: Value = serde_json::from_str(&run(query.arg("--home").arg(&node.home))).expect("it is JSON");
    answer["balances"][0]["amount"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).expect("a file")).expect("it is JSON")
}

/// What `scripts/run` says when it refuses.
fn script(options: &[&str]) -> String {
    let output = Command::new(repository().join("scripts/run")).args(options).env("JMESD", jmesd()).output();
    let output = output.expect("scripts/run starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{options:?}: {said}");
    said
}
