//! Power cuts, kills and damaged files: the store is at a whole height afterwards, or says that it can't be.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::*;
use crate::rocks::Column;

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

/// A copy of a database, in memory where that is possible: these tests lose writes themselves, so syncs are idle.
fn copy(from: &Path) -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let copy = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
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

/// The log after a height was committed.
struct Logged {
    height: u64,
    bytes: Vec<u8>,
}

impl Logged {
    /// Where what this height wrote ends: the last byte that is not as it was `before`. In a log file that is used for
    /// the second time, records of its first use follow.
    fn end(&self, before: &Logged) -> usize {
        let changed = |&place: &usize| before.bytes.get(place) != self.bytes.get(place);
        (0..self.bytes.len()).rfind(changed).map_or(0, |last| last + 1)
    }
}

#[test]
fn unsynced_writes_lost_at_any_byte_leave_a_whole_height() {
    let blocks = 12;
    let states = states(blocks);
    let mut random = Random(1);
    // Flushing begins another log file; the third one is the first one used again.
    for (keep_recent, flush_after) in [(None, &[][..]), (Some(3), &[3, 6])] {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path(), keep_recent);
        let mut logged = vec![Logged { height: 0, bytes: fs::read(log(directory.path())).unwrap() }];
        for height in 1..=blocks {
            commit(&store, changes_of(height));
            if flush_after.contains(&height) {
                store.rocks().flush().unwrap();
                logged.clear();
            }
            logged.push(Logged { height, bytes: fs::read(log(directory.path())).unwrap() });
        }
        let log = log(directory.path()).file_name().unwrap().to_owned();
        assert_eq!(
            logged[0].bytes.is_empty(),
            flush_after.is_empty(),
            "a log file used again is full of old bytes"
        );
        let mut synced = 0;
        for pair in logged.windows(2) {
            let [before, after] = pair else { unreachable!() };
            let end = after.end(before);
            let cuts = [synced, synced + 1, end - 1, end].into_iter();
            let cuts = cuts.chain((0..4).map(|_| synced + random.below((end - synced) as u64) as usize));
            for (cut, lost) in cuts.collect::<Vec<_>>().into_iter().zip(Lost::ALL.into_iter().cycle()) {
                let copy = copy(directory.path());
                fs::write(copy.path().join(&log), lost.log(before, after, cut, &mut random)).unwrap();
                let store = open(copy.path(), keep_recent);
                let height = store.snapshot().height();
                let place = format!("{height} after losing {synced}..{end} from {cut} on to {lost:?}");
                assert!(height == before.height || height == after.height, "{place}");
                assert!(cut < end || height == after.height, "what was synced is lost: {place}");
                assert_whole(&store, &states, keep_recent);
                // It goes on as if nothing had been.
                for height in height + 1..=blocks.min(height + 2) {
                    commit(&store, changes_of(height));
                }
                assert_whole(&store, &states, keep_recent);
            }
            synced = end;
        }
    }
}

/// What is found behind the last byte that reached the disk.
#[derive(Clone, Copy, Debug)]
enum Lost {
    Nothing,
    Zeros,
    Garbage,
    WhatWasBefore,
}

impl Lost {
    const ALL: [Self; 4] = [Self::Nothing, Self::Zeros, Self::Garbage, Self::WhatWasBefore];

    /// The log with what `after` wrote lost from byte `cut` on.
    fn log(self, before: &Logged, after: &Logged, cut: usize, random: &mut Random) -> Vec<u8> {
        let mut log = after.bytes[..cut].to_vec();
        let tail = cut..after.bytes.len().max(cut + 100);
        match self {
            Self::Nothing => {}
            Self::Zeros => log.extend(tail.map(|_| 0)),
            Self::Garbage => log.extend(tail.map(|_| random.next() as u8)),
            Self::WhatWasBefore => log.extend(before.bytes.get(cut..).unwrap_or_default()),
        }
        log
    }
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
    commit(&store, (0..100).map(|key| (BANK, vec![key], Some(vec![key; 10]))).collect());
    store.rocks().flush().unwrap();
    store.rocks().compact(Column::State);
    let tables = store.rocks().tables(Column::State);
    drop(store);
    assert_eq!(tables.len(), 1);
    let mut bytes = fs::read(&tables[0]).unwrap();
    // Data blocks come first; what a table needs to be opened is at its end.
    bytes[20] ^= 1;
    fs::write(&tables[0], bytes).unwrap();
    let output = child("a_damaged_table_ends_the_process_with_a_message", directory.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.signal(), Some(SIGABRT), "{said}");
    assert!(said.contains("FATAL: reading a range of the state: "), "{said}");
}
