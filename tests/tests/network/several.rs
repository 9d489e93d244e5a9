//! Four validators: pace, agreement, and one that was down.

use std::time::Duration;

use jmes_tests::is_long;
use jmes_tests::net::{until, Network, Node};

#[test]
fn four_nodes_agree_and_one_that_was_down_catches_up() {
    let mut network = Network::make_alone(4, "1s");
    network.start_all();
    for node in &mut network.nodes {
        node.wait_for_height(13);
    }
    let pace = pace(&network.nodes[0], 2, 12);
    println!("10 blocks of four nodes took {pace:?} each");
    assert!((0.95..1.3).contains(&pace.as_secs_f64()), "a block took {pace:?} on average, not 1 s");
    assert_agreement(&network.nodes, 12);

    // Three of four go on; what they decide meanwhile reaches the fourth later.
    let mut down = network.nodes.pop().expect("four nodes");
    down.signal(libc::SIGKILL);
    down.wait_for_end();
    let bob = network.keys[2].address.clone();
    let sent = network.cli(&["tx", "bank", "send", "me", &bob, "3JMES", "--gas-prices", "0.0025ujmes", "-y"]);
    let hash = sent["txhash"].as_str().expect("a hash").to_owned();
    let included = until("the send", || found(&network.nodes[1], &hash));
    let height = included + 5;
    network.nodes[0].wait_for_height(height);
    assert_eq!(down.height(), None);

    down.start(&[]);
    down.wait_for_height(height);
    assert_eq!(found(&down, &hash), Some(included));
    network.nodes.push(down);
    // It takes part again: without it, and without one more, there would be no block.
    let mut stopped = network.nodes.remove(0);
    stopped.stop();
    let latest = network.nodes[2].height().expect("a height");
    for node in &mut network.nodes {
        node.wait_for_height(latest + 4);
    }
    assert_agreement(&network.nodes, latest + 2);
    for node in &mut network.nodes {
        node.stop();
    }
}

#[test]
fn the_pace_of_mainnet_is_five_seconds() {
    if !is_long() {
        return println!("60 blocks of 5 s are for JMES_TEST_LONG=1");
    }
    let mut network = Network::make_alone(4, "5s");
    network.start_all();
    // The first block waits for the nodes to find each other.
    until_height(&mut network.nodes[0], 62);
    let pace = pace(&network.nodes[0], 2, 62);
    println!("60 blocks of four nodes took {pace:?} each");
    assert!((5.0..=5.1).contains(&pace.as_secs_f64()), "a block took {pace:?} on average, not 5.0 to 5.1 s");
    assert_agreement(&network.nodes, 60);
}

/// As [`Node::wait_for_height`] for as long as it takes, as long as blocks come.
fn until_height(node: &mut Node, height: u64) {
    let mut now = node.wait_for_height(1);
    while now < height {
        now = node.wait_for_height(now + 1);
    }
}

/// The average time between the blocks from height `first` to height `last`, by the times in their headers.
fn pace(node: &Node, first: u64, last: u64) -> Duration {
    let time = |height| node.rpc.header(Some(height)).expect("the header").time;
    let span = time(last).duration_since(time(first)).expect("later");
    span / u32::try_from(last - first).expect("a few blocks")
}

/// Asserts that all nodes have the same blocks up to `height`, app hashes included.
fn assert_agreement(nodes: &[Node], height: u64) {
    for height in 1..=height {
        let headers: Vec<_> =
            nodes.iter().map(|node| node.rpc.header(Some(height)).expect("the header")).collect();
        for header in &headers {
            assert_eq!(header.app_hash, headers[0].app_hash, "app hashes at height {height}");
            assert_eq!(header.hash(), headers[0].hash(), "block hashes at height {height}");
        }
    }
}

/// The height at which a node has a transaction, which must have succeeded.
fn found(node: &Node, hash: &str) -> Option<u64> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(hash, &mut bytes).expect("a hash");
    let tx = node.rpc.tx(bytes, false).ok()??;
    assert!(tx.tx_result.code.is_ok(), "{tx:?}");
    Some(tx.height.value())
}
