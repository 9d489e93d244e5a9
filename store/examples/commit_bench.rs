//! What a commit costs: prepares and commits blocks that change many keys of a store that has many more, and says
//! where the time goes. A second run in the same directory goes on with the store as it is.
//! `cargo run --release -p jmes-store --example commit_bench -- [keys] [changed] [blocks] [directory]`

use std::path::Path;
use std::time::{Duration, Instant};

use jmes_store::{Changes, Options, Store, StoreId};

const ACCOUNTS: StoreId = StoreId(0);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, default: u64| {
        arguments.get(index).map_or(default, |argument| argument.parse().expect("a whole number"))
    };
    let (keys, changed, blocks) = (number(0, 1_000_000), number(1, 20_000), number(2, 20));
    let directory = arguments.get(3).map_or("target/commit-bench", String::as_str);
    let store = Store::open(
        directory,
        &["accounts", "bank"],
        Options { keep_recent: Some(10), ..Options::default() },
    )
    .expect("the directory can be used");

    if store.committed().is_none() {
        let started = Instant::now();
        let genesis = (0..keys).map(|key| (ACCOUNTS, address(key), Some(value(key, 0)))).collect();
        commit(&store, 1, genesis);
        println!("genesis of {keys} keys: {:.1} s", started.elapsed().as_secs_f64());
    }
    println!("resident {} MB", resident_mb());

    let first = store.snapshot().height() + 1;
    let mut random = first;
    let mut total = [Duration::ZERO; 2];
    for height in first..first + blocks {
        let changes: Changes = (0..changed)
            .map(|_| {
                random =
                    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let key = (random >> 33) % keys.max(1);
                (ACCOUNTS, address(key), Some(value(key, height)))
            })
            .collect();
        let count = changes.len().max(1) as f64;
        let times = commit(&store, height, changes);
        let micros = times.map(|time| time.as_secs_f64() * 1e6 / count);
        println!(
            "height {height}: {:.1} + {:.1} µs a key (prepare + commit), resident {} MB",
            micros[0],
            micros[1],
            resident_mb()
        );
        total = [total[0] + times[0], total[1] + times[1]];
    }
    let each = |time: Duration| time.as_secs_f64() * 1e6 / (blocks * changed).max(1) as f64;
    println!(
        "mean: {:.1} + {:.1} = {:.1} µs a key",
        each(total[0]),
        each(total[1]),
        each(total[0] + total[1])
    );
    println!("on disk: {} MB", size(Path::new(directory)) >> 20);
}

/// Prepares and commits one height; how long each took.
fn commit(store: &Store, height: u64, changes: Changes) -> [Duration; 2] {
    let started = Instant::now();
    let prepared = store.prepare(height, changes).expect("the height is the next one");
    let prepare = started.elapsed();
    let started = Instant::now();
    store.commit(prepared, &[]).expect("the disk has room");
    [prepare, started.elapsed()]
}

/// Spread over the key space, as addresses are.
fn address(key: u64) -> Vec<u8> {
    let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    [&mixed.to_be_bytes()[..], &key.to_be_bytes(), &[0; 5]].concat()
}

/// About the size of an account with its balance.
fn value(key: u64, height: u64) -> Vec<u8> {
    [&key.to_be_bytes()[..], &height.to_be_bytes(), &[7; 48]].concat()
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn size(directory: &Path) -> u64 {
    let files = std::fs::read_dir(directory).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}
