//! Power cuts, kills and damaged files: the store is at a whole height afterwards, or says that it can't be.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::*;

const SIGABRT: i32 = 6;
/// Set in the child processes of these tests: the directory to work in.
const CHILD: &str = "JMES_STORE_CHILD";

/// The test program again, running only `test`, in the directory `path`.
fn child(test: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("tests::crash::{test}"), "--nocapture"]).env(CHILD, path);
    command
}

/// The log file that is written to.
fn log(directory: &Path) -> PathBuf {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "log")).max().unwrap()
}

fn copy(from: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    copy
}

/// Checks that `store` is exactly what committing `states` left: app hash, content and kept heights.
fn assert_whole(store: &Store, states: &[State], keep_recent: Option<u64>) {
    let height = store.committed().map_or(0, |committed| committed.height);
    assert_content(&store.snapshot(), &states[height as usize]);
    let Some(committed) = store.committed() else { return };
    assert_eq!(committed.app_hash, app_hash(&states[height as usize]));
    let earliest = keep_recent.map_or(1, |keep| (height + 1).saturating_sub(keep).max(1));
    assert_eq!(store.earliest(), earliest);
    for height in earliest..=height {
        assert_content(&store.snapshot_at(height).unwrap(), &states[height as usize]);
    }
}

#[test]
fn unsynced_writes_lost_at_any_byte_leave_a_whole_height() {
    let blocks = 14;
    let states = states(blocks);
    let mut random = Random(1);
    for (keep_recent, flush_after) in [(None, 0), (Some(3), 6)] {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path(), keep_recent);
        // The length of the log after each height from `first` on; the log of the heights before has gone.
        let mut ends = vec![(0, 0)];
        for height in 1..=blocks {
            commit(&store, changes_of(height));
            if height == flush_after {
                store.rocks().flush().unwrap();
                ends.clear();
            }
            ends.push((height, fs::metadata(log(directory.path())).unwrap().len()));
        }
        let name = log(directory.path()).file_name().unwrap().to_owned();
        for pair in ends.windows(2) {
            let [(before, synced), (after, end)] = pair else { unreachable!() };
            let mut cuts = vec![*synced, *synced + 1, *end - 1, *end];
            cuts.extend((0..6).map(|_| synced + random.below(end - synced)));
            for (cut, torn) in cuts.into_iter().flat_map(|cut| [(cut, false), (cut, true)]) {
                let copy = copy(directory.path());
                tear(&copy.path().join(&name), cut, *end, torn, &mut random);
                let store = open(copy.path(), keep_recent);
                let height = store.snapshot().height();
                assert!(height == *before || height == *after, "{height} after cut {cut} in {synced}..{end}");
                assert!(cut < *end || height == *after, "height {after} was synced");
                assert_whole(&store, &states, keep_recent);
                // It goes on as if nothing had been.
                for height in height + 1..=blocks.min(height + 2) {
                    commit(&store, changes_of(height));
                }
                assert_whole(&store, &states, keep_recent);
            }
        }
    }
}

/// Cuts the file at `cut`; if `torn`, puts bytes that were never written there up to `end`, as a file system may.
fn tear(path: &Path, cut: u64, end: u64, torn: bool, random: &mut Random) {
    let mut bytes = fs::read(path).unwrap();
    bytes.truncate(cut as usize);
    if torn {
        let garbage = random.below(2) == 0;
        bytes.extend((cut..end).map(|_| if garbage { random.next() as u8 } else { 0 }));
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_killed_process_leaves_a_whole_height() {
    const KEEP: Option<u64> = Some(4);
    if let Some(path) = std::env::var_os(CHILD) {
        let store = open(Path::new(&path), KEEP);
        for height in store.snapshot().height() + 1.. {
            commit(&store, changes_of(height));
            println!("committed {height}");
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let mut random = Random(std::process::id().into());
    let mut last = 0;
    for _ in 0..5 {
        let mut process = child("a_killed_process_leaves_a_whole_height", directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut heights = lines.filter_map(|line| line.strip_prefix("committed ")?.parse::<u64>().ok());
        let seen = heights.by_ref().take(1 + random.below(20) as usize).last().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        // What was said before the kill, but not read yet, was committed too.
        last = heights.last().unwrap_or(seen).max(last);
        let store = open(directory.path(), KEEP);
        let height = store.snapshot().height();
        assert!(height == last || height == last + 1, "at {height} after {last} was committed");
        assert_whole(&store, &states(height), KEEP);
        last = height;
    }
}

#[test]
fn a_damaged_table_ends_the_process_with_a_message() {
    if let Some(path) = std::env::var_os(CHILD) {
        let store = open(Path::new(&path), None);
        let all = entries(&store.snapshot(), BANK);
        unreachable!("{} entries of a damaged table were read", all.len());
    }
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), None);
    for height in 1..5 {
        commit(&store, changes_of(height));
    }
    store.rocks().flush().unwrap();
    drop(store);
    for entry in fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "sst") {
            let mut bytes = fs::read(&path).unwrap();
            // Data blocks come first; what a table needs to be opened is at its end.
            bytes[20] ^= 1;
            fs::write(&path, bytes).unwrap();
        }
    }
    let output = child("a_damaged_table_ends_the_process_with_a_message", directory.path()).output().unwrap();
    assert_eq!(output.status.signal(), Some(SIGABRT));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("FATAL: reading a range of the state: "), "{said}");
}
