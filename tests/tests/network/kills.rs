//! kill -9 of the node and of its engine at random moments while sends flow: the chain goes on, every block that
//! anybody has seen stays, and the app hashes are those of a chain that was never interrupted.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cosmos_sdk_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use jmes_modules::kernel::Address;
use jmes_tests::net::{send_signal, until, Network, Node};
use jmes_tests::{is_long, seed, Draft, Key, Random, Signer};
use jmesd::rpc::Client;
use prost::Message;

/// Longest time from a start to the kill, in milliseconds: some kills meet a node that is starting.
const LONGEST_LIFE: usize = 3_000;

#[test]
fn kills_at_random_moments_lose_no_block_and_change_no_state() {
    let mut random = Random::new(seed());
    let kills = if is_long() { 50 } else { 5 };
    let mut network = Network::start(1, "300ms");
    let sender = Sender {
        rpc: network.nodes[0].rpc.clone(),
        chain_id: network.chain_id.clone(),
        key: network.funded(),
    };
    let rpc = network.nodes[0].rpc.clone();
    let over = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        // A failed kill must not leave the other threads running, which would hide the failure.
        let _end = SetOnDrop(&over);
        scope.spawn(|| sender.flow(&over));
        let watcher = scope.spawn(|| watch(&rpc, &over));
        let node = &mut network.nodes[0];
        for number in 0..kills {
            // The moment is what the test chooses; nothing waits for anything here.
            thread::sleep(Duration::from_millis(random.below(LONGEST_LIFE) as u64));
            // In turn, so that however few they are both are killed.
            let kill = if number % 2 == 0 { kill_engine } else { kill_node };
            kill(node);
            node.start(&[]);
        }
        let height = node.wait_for_height(1);
        node.wait_for_height(height + 3);
        over.store(true, Ordering::Relaxed);
        watcher.join().expect("the watcher")
    });
    let node = &mut network.nodes[0];
    let height = node.height().expect("the node answers") - 1;
    assert!(seen.values().map(|block| block.txs).sum::<usize>() > 0, "no transaction was committed");
    for (height, block) in &seen {
        let now = node.rpc.block(Some(*height)).expect("the block");
        assert_eq!(now.block_id.hash.to_string(), block.hash, "the block of height {height} has changed");
    }
    super::replay::assert_same_app_hashes(node, height);
    node.stop();
}

/// Kills the engine, as soon as the node has one; the node says so and ends. Before that it asks the engine's program for its
/// version, in a process that ends by itself.
fn kill_engine(node: &mut Node) {
    let started = |pid: &u32| {
        let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        words.split(|byte| *byte == 0).any(|word| word == b"--proxy_app")
    };
    let engine = until("the engine", || node.engine_pids().into_iter().find(started));
    println!("killing the engine");
    send_signal(engine, libc::SIGKILL);
    node.wait_for_end().assert_failed_saying(&["the consensus engine ended by itself"]);
}

/// Kills the node, whether it has an engine yet or not; an engine ends with it.
fn kill_node(node: &mut Node) {
    println!("killing the node");
    node.signal(libc::SIGKILL);
    let end = node.wait_for_end();
    assert_eq!(end.status.signal(), Some(libc::SIGKILL), "the node ended by itself:\n{}", end.log);
}

/// A block that was seen over RPC.
struct Seen {
    hash: String,
    txs: usize,
}

/// Looks at every block as soon as the engine tells of it, until `over`.
fn watch(rpc: &Client, over: &AtomicBool) -> BTreeMap<u64, Seen> {
    let mut seen = BTreeMap::new();
    while !over.load(Ordering::Relaxed) {
        if let Ok(latest) = rpc.block(None) {
            let block = Seen { hash: latest.block_id.hash.to_string(), txs: latest.block.data.len() };
            seen.insert(latest.block.header.height.value(), block);
        }
        thread::sleep(Duration::from_millis(20));
    }
    seen
}

/// An account that sends without pause.
struct Sender {
    rpc: Client,
    chain_id: String,
    key: Key,
}

impl Sender {
    /// Sends 1 Nil after the other until `over`, through whatever happens to the node.
    fn flow(&self, over: &AtomicBool) {
        let (from, to) = (self.key.address(), Key::new(1).address());
        let mut next = None;
        while !over.load(Ordering::Relaxed) {
            let Some((number, sequence)) = next.or_else(|| self.account(&from)) else {
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            let tx = Draft::send(from, to, "1ujmes")
                .sign(&self.chain_id, &[Signer::key(&self.key, number, sequence)]);
            let accepted = self.rpc.broadcast_tx_sync(tx).is_ok_and(|answer| answer.code.is_ok());
            // Whatever went wrong, the chain knows best which sequence is next.
            next = accepted.then_some((number, sequence + 1));
        }
    }

    /// Number and next sequence, once the node answers.
    fn account(&self, address: &Address) -> Option<(u64, u64)> {
        let request = QueryAccountRequest { address: address.to_string() }.encode_to_vec();
        let answer = self.rpc.abci_query("/cosmos.auth.v1beta1.Query/Account", request, None, false).ok()?;
        let any = QueryAccountResponse::decode(answer.value.as_slice()).ok()?.account?;
        let account = BaseAccount::decode(any.value.as_slice()).ok()?;
        Some((account.account_number, account.sequence))
    }
}

/// Sets a flag when the scope is left, by a panic too.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
