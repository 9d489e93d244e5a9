//! Validators that misbehave: stopped, signing twice, never there, too fast; with real engines, and the chain goes on.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jmes_tests::net::{free_port_base, jmesd, run, until, Network, Node};
use jmes_tests::{is_long, Draft, Signer, Validator};
use serde_json::{json, Value};

/// What each validator of a devnet's genesis has bonded, in Nils.
const BOND: u64 = 10_000_000_000;
/// Validators that nobody runs, beside one live node.
const GHOSTS: u64 = 99;

#[test]
fn who_signs_twice_is_tombstoned_who_stops_is_jailed_and_the_chain_goes_on() {
    let mut network = Network::make(4, "1s");
    network.change_genesis(|state| {
        state["slashing"]["params"]["signed_blocks_window"] = json!("10");
        state["seats"]["params"]["bond_ramp_blocks"] = json!("1");
    });
    // The third validator's key on a second machine, as after a careless move.
    let mut twin = twin_of(&network.nodes[2]);
    network.start_all();
    twin.start(&[]);
    // While all have equal power each of them proposes: the twins propose different blocks and vote for their own.
    let tombstoned = until("the tombstone", || {
        let infos = query(&network, &["query", "slashing", "signing-infos"])?;
        infos["info"].as_array()?.iter().find(|info| info["tombstoned"] == true).cloned()
    });
    println!("tombstoned: {tombstoned}");
    let double = validator(&network, "node2");
    assert_eq!((&double["jailed"], tokens(&double)), (&json!(true), BOND - BOND / 20));
    let said = refusal(
        &network.nodes[2].home,
        &network.nodes[0],
        &["tx", "slashing", "unjail", "--from", "validator2", "-y"],
    );
    assert!(said.contains("signed twice and stays in jail for ever"), "{said}");
    let height = network.nodes[0].height().expect("a height");
    network.nodes[0].wait_for_height(height + 4);
    assert_eq!(engine_set(&network.nodes[0]), 3);
    twin.signal(libc::SIGKILL);
    twin.wait_for_end();

    // From here on two validators of the three have enough power to go on without the third.
    for moniker in ["node0", "node1"] {
        let operator = operator_of(&network, moniker);
        let sent = network.cli(&["tx", "staking", "delegate", &operator, "100000JMES", "--from", "me", "-y"]);
        wait_for_success(&network.nodes[0], &sent);
    }
    until("the end of the Initial Distribution Period", || {
        (query(&network, &["query", "staking", "seats"])?["idp"] == false).then_some(())
    });
    let height = network.nodes[0].height().expect("a height");
    network.nodes[0].wait_for_height(height + 3);
    network.nodes[3].stop();
    let jailed = until("the jail", || Some(validator(&network, "node3")).filter(|one| one["jailed"] == true));
    assert_eq!(tokens(&jailed), BOND - BOND / 10_000);
    let height = network.nodes[0].height().expect("a height");
    for node in &mut network.nodes[..3] {
        node.wait_for_height(height + 4);
    }
    assert_eq!(engine_set(&network.nodes[0]), 2);
    let hashes: Vec<_> = network.nodes[..3].iter().map(|node| header_hash(node, height + 4)).collect();
    assert_eq!(hashes[0], hashes[1]);
    assert_eq!(hashes[0], hashes[2], "the node without a seat follows the chain");

    // The stopped one comes back; the other never does.
    network.nodes[3].start(&[]);
    network.nodes[3].wait_for_height(height + 4);
    let (home, nodes) = (network.nodes[3].home.clone(), &network.nodes);
    let sent = until("the end of the time in jail", || {
        cli(&home, &nodes[0], &["tx", "slashing", "unjail", "--from", "validator3", "-y"]).ok()
    });
    wait_for_success(&network.nodes[0], &sent);
    until("the seat", || (engine_set(&network.nodes[0]) == 3).then_some(()));
    let seats = network.cli(&["query", "staking", "seats"]);
    assert_eq!(seats["seats"].as_array().map(Vec::len), Some(3), "{seats}");
    assert_eq!(validator(&network, "node2")["jailed"], true);
    for node in &mut network.nodes {
        node.stop();
    }
}

#[test]
fn a_chain_of_one_node_and_99_ghosts_goes_on_and_the_ghosts_lose_their_seats() {
    let mut network = Network::make(1, "300ms");
    network.change_genesis(|state| state["emission"]["params"]["idp_blocks"] = json!("400"));
    network.start_all();
    for number in 0..GHOSTS {
        let ghost = Validator::new(number);
        let join = Draft::new().gas(400_000).fee(0).and(&ghost.join(&network.chain_id, 0));
        let tx = join.sign(&network.chain_id, &[Signer::key(&ghost.operator, 0, 0)]);
        let answer = network.nodes[0].rpc.broadcast_tx_sync(tx).expect("the node answers");
        assert!(answer.code.is_ok(), "ghost {number}: {}", answer.log);
    }
    let all = until("100 seats", || seats(&network, 100));
    let power = |seats: &[Value], proven: bool| -> u64 {
        let seats = seats.iter().filter(|seat| seat["proven"] == proven);
        seats.map(|seat| number(&seat["power"])).sum()
    };
    assert_eq!((power(&all, true), power(&all, false)), (1_000, GHOSTS), "ghosts have a power of 1 each");
    // The engine has them too, and blocks come with 99 of 100 validators silent.
    until("the engine's set", || (engine_set(&network.nodes[0]) == 100).then_some(()));
    let seated = network.nodes[0].height().expect("a height");
    let after = network.nodes[0].wait_for_height(seated + 15);
    println!("100 seats at height {seated}, 1 of them live; blocks to {after} came");
    let left = until("the ghosts' end", || seats(&network, 1));
    assert_eq!(power(&left, true), 1_000);
    let height = network.nodes[0].height().expect("a height");
    network.nodes[0].wait_for_height(height + 5);
    assert_eq!(engine_set(&network.nodes[0]), 1);
    let ghost = network.cli(&["query", "staking", "validator", &Validator::new(0).address().to_string()]);
    let ghost = &ghost["validator"];
    assert_eq!((&ghost["jailed"], &ghost["tokens"]), (&json!(true), &json!("0")), "{ghost}");
    network.nodes[0].stop();
}

#[test]
fn an_engine_without_pauses_makes_no_more_coins_than_the_pace_credit_allows() {
    const CREDIT: u64 = 3;
    let seconds = if is_long() { 60 } else { 15 };
    let mut network = Network::make(1, "1s");
    network.change_genesis(|state| state["emission"]["params"]["pace_credit"] = json!(format!("{CREDIT}s")));
    let home = network.nodes[0].home.clone();
    // The only pause of a chain's only validator: it never waits for a proposal or a vote of others.
    run(Command::new(jmesd())
        .args(["config", "set", "config", "consensus.timeout_commit", "0s", "--home"])
        .arg(&home));
    network.start_all();
    let time = |height| network.nodes[0].rpc.header(Some(height)).expect("the header").time;
    let height = || network.nodes[0].height().expect("a height");
    let at = |height: u64, module: &str| {
        network.cli(&["query", "emission", module, "--height", &height.to_string()])
    };
    let start = height();
    let (began, before) = (at(start, "supply"), number(&at(start, "clock")["n"]));
    let mut last = start;
    // A quarter at a time, so that each wait is a bounded one.
    for quarter in 1..=4 {
        let span = Duration::from_secs(seconds) * quarter / 4;
        last = until("time", || {
            let height = height();
            (time(height).duration_since(time(1)).ok()? >= span).then_some(height)
        });
    }
    let (ended, n) = (at(last, "supply"), number(&at(last, "clock")["n"]));
    let elapsed = time(last).duration_since(time(1)).expect("later").as_secs();
    println!("{last} blocks in {elapsed} s of block time, {n} of them with a reward");
    // Without the pace every block would have had one.
    assert!(last > 3 * n, "{last} blocks of an engine without pauses, {n} of them with a reward");
    assert!(n >= elapsed, "{n} rewards in {elapsed} s are less than the schedule's");
    assert!(n <= elapsed + CREDIT + 1, "{n} rewards in {elapsed} s");
    // Nobody has sent or redeemed anything: what was earned is all that there is more of.
    let issued = |n: u64| number(&network.cli(&["query", "emission", "reward", &n.to_string()])["issued"]);
    let exists = |supply: &Value| number(&supply["total"]) + number(&supply["unredeemed"]);
    let made = exists(&ended) - exists(&began);
    assert!((1..=issued(n) - issued(before)).contains(&made), "{made} Nils were made");
    network.nodes[0].stop();
}

/// A second node with the consensus key of `node`, which must not have started: its files, with another identity among the
/// peers and other ports.
fn twin_of(node: &Node) -> Node {
    let home = node.home.with_file_name("twin");
    run(Command::new("cp").arg("-r").arg(&node.home).arg(&home));
    fs::remove_file(home.join("config/node_key.json")).expect("the node's key");
    let base = free_port_base(1);
    let twin = Node::at(&home, base);
    let address = |port| format!("127.0.0.1:{}", base + port);
    let socket = home.join("data/abci.sock");
    for (file, key, value) in [
        ("config", "proxy_app", format!("unix://{}", socket.display())),
        ("config", "p2p.laddr", format!("tcp://{}", address(0))),
        ("config", "rpc.laddr", format!("tcp://{}", address(1))),
        ("app", "api.address", format!("tcp://{}", address(2))),
        ("app", "grpc.address", address(3)),
        ("config", "instrumentation.prometheus", "false".to_owned()),
    ] {
        run(Command::new(jmesd()).args(["config", "set", file, key, &value, "--home"]).arg(&home));
    }
    twin
}

/// `jmesd` with the keys of `home`, asking `node`, for results in JSON.
fn cli(home: &Path, node: &Node, words: &[&str]) -> Result<Value, String> {
    let mut command = Command::new(jmesd());
    command.args(words).arg("--home").arg(home).args(["--output", "json"]);
    command.envs([("JMES_NODE", node.endpoints.rpc.as_str()), ("JMES_KEYRING_BACKEND", "test")]);
    let output = command.output().expect("jmesd starts");
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).expect("it is JSON"))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// What the first node answers; nothing while it can't, as when its first block is not committed yet.
fn query(network: &Network, words: &[&str]) -> Option<Value> {
    cli(&network.nodes[0].home, &network.nodes[0], words).ok()
}

/// Why `jmesd` refused.
fn refusal(home: &Path, node: &Node, words: &[&str]) -> String {
    cli(home, node, words).expect_err("it is refused")
}

/// Waits until what was sent is in a block, where it must have succeeded.
fn wait_for_success(node: &Node, sent: &Value) {
    let hash = sent["txhash"].as_str().unwrap_or_else(|| panic!("{sent}"));
    let found = cli(&node.home, node, &["query", "wait-tx", hash, "--timeout", "30s"]).expect("it comes");
    assert!(found["code"] == 0, "{found}");
}

/// The seats, once there are so many.
fn seats(network: &Network, count: usize) -> Option<Vec<Value>> {
    let answer = query(network, &["query", "staking", "seats"])?;
    answer["seats"].as_array().filter(|seats| seats.len() == count).cloned()
}

/// The validator of this name.
fn validator(network: &Network, moniker: &str) -> Value {
    let all = network.cli(&["query", "staking", "validators"]);
    let mut all = all["validators"].as_array().expect("validators").iter();
    all.find(|one| one["description"]["moniker"] == moniker).expect("it has this name").clone()
}

fn operator_of(network: &Network, moniker: &str) -> String {
    validator(network, moniker)["operator_address"].as_str().expect("an address").to_owned()
}

/// What is bonded to a validator, in Nils.
fn tokens(validator: &Value) -> u64 {
    number(&validator["tokens"])
}

/// A number of 64 bits as JSON has it.
fn number(value: &Value) -> u64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value} is not a number"))
}

/// How many validators the engine has.
fn engine_set(node: &Node) -> usize {
    node.rpc.validators(None).expect("the validators").1.len()
}

fn header_hash(node: &Node, height: u64) -> String {
    node.rpc.header(Some(height)).expect("the header").hash().to_string()
}
