//! State sync: a node joins by a snapshot of its peers, without the blocks before it.

use jmes_tests::net::{jmesd, run, Network, Node};
use std::process::Command;

/// Heights between snapshots.
const INTERVAL: u64 = 5;

#[test]
fn a_fresh_node_joins_a_running_network_by_state_sync() {
    let mut network = Network::make(5, "500ms");
    let mut fresh = network.nodes.pop().expect("five nodes");
    let flag = format!("--state-sync.snapshot-interval={INTERVAL}");
    for node in &mut network.nodes {
        node.start(&[&flag]);
    }
    let bob = network.keys[2].address.clone();
    network.nodes[0].wait_for_height(2);
    network.cli(&["tx", "bank", "send", "me", &bob, "3JMES", "--gas-prices", "0.0025ujmes", "-y"]);
    network.nodes[0].wait_for_height(3 * INTERVAL);

    let trusted = network.nodes[0].rpc.header(Some(2)).expect("a header");
    let servers = network.nodes[..2].iter().map(|node| node.endpoints.rpc.as_str()).collect::<Vec<_>>();
    for (key, value) in [
        ("statesync.enable", "true".to_owned()),
        ("statesync.rpc_servers", servers.join(",")),
        ("statesync.trust_height", "2".to_owned()),
        ("statesync.trust_hash", trusted.hash().to_string()),
        ("statesync.discovery_time", "5s".to_owned()),
    ] {
        run(Command::new(jmesd()).args(["config", "set", "config", key, &value, "--home"]).arg(&fresh.home));
    }
    fresh.start(&[]);
    let joined = fresh.wait_for_height(3 * INTERVAL + 2);
    assert!(fresh.log().contains("the state of the snapshot is restored"), "it took another way");
    let earliest = fresh.rpc.status().expect("its status").sync_info.earliest_block_height.value();
    assert!(earliest > INTERVAL, "it has blocks from {earliest} on, so it did not begin with a snapshot");

    // It makes the same states as the others from there on, and is one of them after a restart, too.
    fresh.stop();
    fresh.start(&[]);
    let height = fresh.wait_for_height(joined + 3);
    network.nodes[0].wait_for_height(height);
    let header = |node: &Node| node.rpc.header(Some(height)).expect("the header");
    assert_eq!(header(&fresh).hash(), header(&network.nodes[0]).hash());
    let snapshots = network.nodes[0].home.join("data/snapshots");
    let kept = std::fs::read_dir(&snapshots).expect("snapshots").count();
    assert!((1..=3).contains(&kept), "{kept} snapshots are kept, not about 2");
    fresh.stop();
    network.nodes.iter_mut().for_each(Node::stop);

    // Snapshots are listed, made and deleted by hand, too.
    let height = || network.cli(&["snapshots", "list"])["snapshots"][0]["height"].as_u64().expect("a height");
    let made = network.cli(&["snapshots", "export"]);
    assert_eq!(made["height"].as_u64(), Some(height()));
    let home = network.nodes[0].home.as_path();
    let latest = height().to_string();
    run(Command::new(jmesd()).args(["snapshots", "delete", &latest, "--home"]).arg(home));
    assert!(height() < made["height"].as_u64().expect("a height"));
}
