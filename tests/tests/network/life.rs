//! The life of one node: starts, stops, what it says when it cannot go on.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use jmes_tests::net::{free_port_base, jmesd, run, send_signal, until, Network, Node};
use tempfile::TempDir;

#[test]
fn a_node_stops_cleanly_and_goes_on_with_the_same_chain() {
    let mut network = Network::start(1, "300ms");
    let node = &mut network.nodes[0];
    node.wait_for_height(3);
    let second = hash_of(node, 2);

    node.stop();
    node.start(&[]);
    let height = node.wait_for_height(4);
    assert_eq!(hash_of(node, 2), second);

    // Ctrl-C reaches the node alone: its engine has a process group of its own.
    node.signal(libc::SIGINT);
    node.wait_for_end().assert_clean();

    let halt = height + 5;
    node.start(&["--halt-height", &halt.to_string()]);
    node.wait_for_end().assert_clean();
    assert_eq!(height_of_state(&network), halt);
    let node = &mut network.nodes[0];
    node.start(&[]);
    node.wait_for_height(halt + 1);
    assert_eq!(hash_of(node, 2), second);
    node.stop();
}

#[test]
fn a_node_that_lost_its_engine_ends_and_says_so() {
    let mut network = Network::start(1, "300ms");
    let node = &mut network.nodes[0];
    for (signal, name) in [(libc::SIGKILL, "signal: 9"), (libc::SIGTERM, "exit status")] {
        let engine = node.engine_pids();
        assert_eq!(engine.len(), 1, "a node has one engine");
        send_signal(engine[0], signal);
        node.wait_for_end().assert_failed_saying(&["the consensus engine ended by itself", name]);
        node.start(&[]);
        node.wait_for_height(2);
    }
    // And the engine that lost its node, by no matter what, is gone too.
    node.signal(libc::SIGKILL);
    node.wait_for_end();
    node.start(&[]);
    node.wait_for_height(3);
    node.stop();
}

#[test]
fn a_second_node_of_the_same_home_is_refused_and_the_first_goes_on() {
    let mut network = Network::start(1, "300ms");
    let node = &mut network.nodes[0];
    let output = Command::new(jmesd()).args(["start", "--home"]).arg(&node.home).output();
    let output = output.expect("jmesd starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Error: ") && said.contains("in use"), "{said}");
    let height = node.height().expect("the first node answers");
    node.wait_for_height(height + 2);
    node.stop();
}

#[test]
fn a_port_in_use_is_named() {
    let mut network = Network::make(1, "300ms");
    let node = &mut network.nodes[0];
    let grpc = node.endpoints.grpc.clone();
    let rpc = node.endpoints.rpc.replace("http://", "");
    let rest = node.endpoints.rest.replace("http://", "");
    // One below RPC (API.md, the devnet's outside shape).
    let (host, port) = rpc.split_once(':').expect("host and port");
    let p2p = format!("{host}:{}", port.parse::<u16>().expect("a port") - 1);
    for address in [p2p, rpc.clone(), rest, grpc] {
        let _taken = TcpListener::bind(&address).expect("a free port");
        node.start(&[]);
        let port = address.rsplit(':').next().expect("a port");
        node.wait_for_end().assert_failed_saying(&["in use", port]);
    }
    node.start(&[]);
    node.wait_for_height(1);
    node.stop();
}

#[test]
fn a_wrong_genesis_is_refused() {
    let mut network = Network::make(1, "300ms");
    let node = &mut network.nodes[0];
    let path = node.home.join("config/genesis.json");
    let right = fs::read_to_string(&path).expect("the genesis file");

    for wrong in
        ["", "{}", "not json", &right.replace("\"bank\"", "\"bonk\""), &right.replace("jmes1", "cosmos1")]
    {
        fs::write(&path, wrong).expect("the genesis file");
        node.start(&[]);
        node.wait_for_end().assert_failed_saying(&["genesis"]);
    }
    // What is left behind does not keep the node from starting with the right file.
    fs::write(&path, &right).expect("the genesis file");
    node.start(&[]);
    node.wait_for_height(2);
    node.stop();

    fs::write(&path, right.replace("ujmes", "wjmes")).expect("the genesis file");
    node.start(&[]);
    node.wait_for_end().assert_failed_saying(&["genesis", "put the"]);
    fs::write(&path, &right).expect("the genesis file");
    node.start(&[]);
    node.wait_for_height(3);
    node.stop();
}

#[test]
fn a_node_made_by_hand_makes_blocks() {
    let dir = TempDir::new().expect("a temporary directory");
    let home = dir.path().join("home");
    let mut node = Node::at(&home, free_port_base(1));
    let jmesd = |arguments: &[&str]| {
        run(Command::new(jmesd())
            .arg("--home")
            .arg(&home)
            .args(arguments)
            .env("JMES_KEYRING_BACKEND", "test"))
    };
    jmesd(&["init", "my-node", "--network", "devnet", "--chain-id", "made-by-hand-1"]);
    let rpc = node.endpoints.rpc.replace("http:", "tcp:");
    for (file, key, value) in [
        ("config", "p2p.laddr", "tcp://127.0.0.1:0"),
        ("config", "rpc.laddr", &rpc),
        ("config", "instrumentation.prometheus", "false"),
        ("app", "api.enable", "false"),
        ("app", "grpc.address", &node.endpoints.grpc),
        ("client", "node", &rpc),
    ] {
        jmesd(&["config", "set", file, key, value]);
        assert_eq!(jmesd(&["config", "get", file, key]).trim().trim_matches('"'), value);
    }
    jmesd(&["keys", "add", "me"]);
    jmesd(&["genesis", "add-account", "me", "1000JMES"]);
    jmesd(&["genesis", "gentx", "me", "100JMES"]);
    jmesd(&["genesis", "collect-gentxs"]);
    jmesd(&["genesis", "validate"]);
    node.start(&[]);
    node.wait_for_height(3);
    let me = jmesd(&["keys", "show", "me", "--address"]);
    let balances = jmesd(&["query", "bank", "balances", me.trim(), "--output", "json"]);
    assert!(balances.contains(r#"{"denom":"ujmes","amount":"900000000"}"#), "{balances}");
    let status = jmesd(&["status", "--output", "json"]);
    assert!(status.contains("made-by-hand-1"), "{status}");
    node.stop();
}

#[test]
fn an_exported_state_begins_a_new_chain() {
    let mut network = Network::start(1, "300ms");
    let bob = network.keys[2].address.clone();
    network.cli(&["tx", "bank", "send", "me", &bob, "3JMES", "--gas-prices", "0.0025ujmes", "-y"]);
    let height = network.nodes[0].height().expect("the node answers");
    network.nodes[0].wait_for_height(height + 3);
    network.nodes[0].stop();
    let mut exported = network.cli(&["export"]);
    let first: u64 = exported["initial_height"].as_str().expect("a height").parse().expect("a height");
    exported["chain_id"] = "jmes-devnet-2".into();

    let node = &mut network.nodes[0];
    run(Command::new(jmesd()).args(["comet", "unsafe-reset-all", "--home"]).arg(&node.home));
    fs::write(node.home.join("config/genesis.json"), exported.to_string()).expect("the genesis file");
    node.start(&[]);
    node.wait_for_height(first + 3);
    let balances = network.cli(&["query", "bank", "balances", &bob]);
    assert!(balances.to_string().contains("1000003000000"), "{balances}");
    network.nodes[0].stop();
}

#[test]
fn an_engine_of_the_operator_drives_the_node() {
    let mut network = Network::make(1, "300ms");
    let node = &mut network.nodes[0];
    node.start(&["--engine", "external"]);
    let home = node.home.clone();
    let socket = home.join("data/abci.sock");
    until("the application's socket", || socket.exists().then_some(()));
    assert!(node.engine_pids().is_empty(), "the node has started an engine");

    let engine = || {
        let binary = std::env::var_os("JMES_ENGINE").expect("scripts/setup names the engine");
        let mut engine = Command::new(binary);
        engine.arg("--home").arg(&home).args(["start", "--proxy_app"]);
        engine.arg(format!("unix://{}", socket.display()));
        engine
    };
    let mut operator = Node::beside(node, "engine");
    // Without its engine the node can do nothing, whether the engine was killed or stopped.
    for (signal, height) in [(libc::SIGKILL, 3), (libc::SIGTERM, 5)] {
        if !node.is_running() {
            node.start(&["--engine", "external"]);
            until("the application's socket", || socket.exists().then_some(()));
        }
        operator.spawn(engine());
        node.wait_for_height(height);
        operator.signal(signal);
        node.wait_for_end().assert_failed_saying(&["the connection to the consensus engine ended"]);
        operator.wait_for_end();
    }
    // The same home runs with an engine of its own just as well.
    node.start(&[]);
    node.wait_for_height(7);
    node.stop();
}

fn hash_of(node: &Node, height: u64) -> String {
    node.rpc.block(Some(height)).expect("the block").block_id.hash.to_string()
}

/// The height that the application has committed, read from its database.
fn height_of_state(network: &Network) -> u64 {
    let exported = network.cli(&["export"]);
    exported["initial_height"].as_str().expect("a height").parse::<u64>().expect("a height") - 1
}
