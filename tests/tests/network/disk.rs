//! A disk that fills up. The node's home is on a file system of 96 MiB that only a re-run of the test itself sees, in a
//! mount namespace of its own, so that nothing of it can outlive the test.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use jmes_tests::net::{run, End, Network};
use tempfile::TempDir;

const NAME: &str = "network::disk::a_full_disk_ends_the_node_with_a_message_and_it_recovers";
/// Set in the re-run.
const INSIDE: &str = "JMES_TEST_INSIDE_NAMESPACE";

#[test]
fn a_full_disk_ends_the_node_with_a_message_and_it_recovers() {
    if std::env::var_os(INSIDE).is_none() {
        let test = std::env::current_exe().expect("the path of the tests");
        let mut inside = Command::new("unshare");
        inside.args(["--user", "--map-root-user", "--mount"]).arg(test);
        println!("{}", run(inside.args(["--exact", NAME, "--nocapture"]).env(INSIDE, "1")));
        return;
    }
    let dir = TempDir::new().expect("a temporary directory");
    run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=96m", "tmpfs"]).arg(dir.path()));
    let mut network = Network::make_at(&dir.path().join("home"), 1, "300ms");
    network.start_all();
    let node = &mut network.nodes[0];
    node.wait_for_height(3);
    let second = node.rpc.block(Some(2)).expect("the block").block_id.hash;

    let filler = dir.path().join("filler");
    fill(&filler);
    assert_says_full(&node.wait_for_end());
    // Its end gave back what the database had reserved.
    fill(&filler);
    node.start(&[]);
    node.wait_for_end().assert_failed_saying(&["is full", "free some space"]);

    fs::remove_file(&filler).expect("the filler can be removed");
    node.start(&[]);
    let height = node.wait_for_height(4);
    node.wait_for_height(height + 3);
    assert_eq!(node.rpc.block(Some(2)).expect("the block").block_id.hash, second);
    node.stop();
}

/// The engine or the application meets the full disk first: the node tells of its engine's end, or aborts rather than go on.
fn assert_says_full(end: &End) {
    if end.status.signal() == Some(libc::SIGABRT) {
        assert!(end.log.contains("FATAL: ") && end.log.contains("is full: free some space"), "{}", end.log);
    } else {
        end.assert_failed_saying(&["is full"]);
    }
}

/// Takes all the space that is left.
fn fill(path: &Path) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the filler");
    for size in [1 << 20, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}
