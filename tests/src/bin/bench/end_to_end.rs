//! End to end: pre-signed sends through the RPC of a node that is its chain's only validator, and the same load on the
//! engine with its built-in kvstore, which says what the engine itself can do on this machine.

use crate::http::{contains, post_json, Connection};
use crate::node::{Home, Node, Programs};
use crate::process;
use crate::report::{Report, Target};
use crate::wallets::{wallets, Wallet};
use anyhow::{bail, ensure, Context, Result};
use base64::prelude::{Engine, BASE64_STANDARD};
use cosmos_sdk_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use jmes_modules::kernel::Address;
use jmesd::rpc::endpoint::blockchain;
use prost::Message;
use rayon::prelude::*;
use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tendermint::block::{Height, Meta};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::sleep;

/// Connections that send transactions, each waiting for its answer before the next.
const CONNECTIONS: usize = 64;
/// Accounts that send.
const SENDERS: usize = 4_096;
/// What each has, in Nils: enough for the fees of a thousand sends and some.
const FUNDS: u128 = 1_000_000;
/// Transactions prepared for each second of load on the node; more than it takes.
const RATE: u64 = 8_000;
/// The same for the kvstore, which takes more.
const KVSTORE_RATE: u64 = 14_000;
/// How long a connection that may not send waits.
const PAUSE: Duration = Duration::from_millis(5);
/// How often the generator looks at the mempool.
const LOOK: Duration = Duration::from_millis(50);

/// The load.
pub struct Extent {
    /// Pending transactions at which the generator pauses.
    pub pending: u32,
    /// Before the window that counts.
    pub warm_up: Duration,
    /// The window.
    pub window: Duration,
}

/// What a node did in the window.
struct Throughput {
    per_second: f64,
    blocks: usize,
    block_time: f64,
    /// Cores used by the node, by its engine if that is a process of its own, and by the generator.
    cores: [f64; 3],
}

/// Measures both; the share is the figure that counts.
pub fn run(report: &mut Report, programs: &Programs, dir: &Path, extent: &Extent) -> Result<()> {
    report.title("End to end through the RPC of one validator, 1 s blocks");
    let (jmes, size) = measure_jmes(programs, &dir.join("e2e"), extent)?;
    let kvstore = measure_kvstore(programs, &dir.join("kvstore"), size, extent)?;
    let share = 100.0 * jmes.per_second / kvstore.per_second;
    report.figure(
        "e2e_tps",
        jmes.per_second,
        "tx/s",
        format!("committed sends a second, {}", jmes.describe("jmesd")),
    );
    report.figure(
        "engine_tps",
        kvstore.per_second,
        "tx/s",
        format!("the engine's own kvstore, {}", kvstore.describe("engine and kvstore")),
    );
    report.aim("e2e_share_percent", share, "%", Target::AtLeast(60.0), "the first as a share of the second");
    report.note(format!(
        "Both: {CONNECTIONS} keep-alive connections, broadcast_tx_sync, transactions of {size} bytes, counted from \
         the blocks of {:.0} s after {:.0} s of warm-up; mempool of {} (the generator pauses at {} pending), recheck \
         on, kv indexer; sends of {SENDERS} accounts to each other.",
        extent.window.as_secs_f64(),
        extent.warm_up.as_secs_f64(),
        extent.mempool(),
        extent.pending,
    ));
    Ok(())
}

impl Extent {
    /// Room in the mempool also for what is on its way, so that it is never full: a full one drops transactions that
    /// it has said yes to.
    fn mempool(&self) -> i64 {
        i64::from(self.pending) * 3 / 2
    }

    /// Transactions to prepare at `rate` for each second.
    fn transactions(&self, rate: u64) -> u64 {
        rate * (self.warm_up + self.window).as_secs()
    }
}

impl Throughput {
    fn describe(&self, node: &str) -> String {
        let Self { blocks, block_time, cores: [app, engine, generator], .. } = self;
        let engine = if *engine > 0.0 { format!(", engine {engine:.2}") } else { String::new() };
        format!("{blocks} blocks of {block_time:.2} s; cores used: {node} {app:.2}{engine}, generator {generator:.2}")
    }
}

/// Gives also the size of the transactions.
fn measure_jmes(programs: &Programs, dir: &Path, extent: &Extent) -> Result<(Throughput, usize)> {
    let mut senders = wallets(SENDERS, 0);
    let funded: Vec<_> = senders.iter().map(|wallet| (wallet.address, FUNDS)).collect();
    let home = Home::of_jmes(programs, dir, &funded)?;
    home.set_mempool(extent.mempool())?;
    let node = home.start()?;
    let first = account_number(&node, &senders[0].address)?;
    for (wallet, number) in senders.iter_mut().zip(first..) {
        wallet.number = number;
    }
    let last = &senders[SENDERS - 1];
    ensure!(
        account_number(&node, &last.address)? == last.number,
        "the accounts have other numbers than expected"
    );
    let (queues, size) = sends(&mut senders, &node.chain_id, extent.transactions(RATE) as usize);
    Ok((measure(node, queues, extent)?, size))
}

fn measure_kvstore(programs: &Programs, dir: &Path, size: usize, extent: &Extent) -> Result<Throughput> {
    let home = Home::of_kvstore(programs, dir)?;
    home.set_mempool(extent.mempool())?;
    let node = home.start()?;
    let total = extent.transactions(KVSTORE_RATE);
    let queues = (0..CONNECTIONS as u64)
        .into_par_iter()
        .map(|connection| {
            let numbers =
                (0..total / CONNECTIONS as u64).map(|round| round * CONNECTIONS as u64 + connection);
            numbers.map(|number| broadcast(&key_value(number, size))).collect()
        })
        .collect();
    measure(node, queues, extent)
}

fn account_number(node: &Node, address: &Address) -> Result<u64> {
    let request = QueryAccountRequest { address: address.to_string() }.encode_to_vec();
    let answer = node.client.abci_query("/cosmos.auth.v1beta1.Query/Account", request, None, false)?;
    ensure!(answer.code.is_ok(), "the account of {address} is not known: {}", answer.log);
    let account =
        QueryAccountResponse::decode(answer.value.as_slice())?.account.context("the answer is empty")?;
    Ok(BaseAccount::decode(account.value.as_slice())?.account_number)
}

/// Requests for each connection, and the size of a transaction. An account's sends go through one connection, in
/// order of their sequences, the others' between them.
fn sends(senders: &mut [Wallet], chain_id: &str, total: usize) -> (Vec<Vec<Vec<u8>>>, usize) {
    let addresses: Vec<Address> = senders.iter().map(|wallet| wallet.address).collect();
    let rounds = total.div_ceil(senders.len());
    let of_connection = senders.len() / CONNECTIONS;
    let built: Vec<(Vec<Vec<u8>>, usize)> = senders
        .par_chunks_mut(of_connection)
        .enumerate()
        .map(|(connection, wallets)| {
            let (mut requests, mut size) = (Vec::with_capacity(rounds * of_connection), 0);
            for round in 0..rounds {
                for (place, wallet) in wallets.iter_mut().enumerate() {
                    let own = connection * of_connection + place;
                    // Steps of 1 to n - 1 places: never to itself, another one each round.
                    let step = 1 + (own * 31 + round * 1_009) % (addresses.len() - 1);
                    let tx = wallet.sign_send(chain_id, &addresses[(own + step) % addresses.len()]);
                    size = size.max(tx.len());
                    requests.push(broadcast(&tx));
                }
            }
            (requests, size)
        })
        .collect();
    let size = built.iter().map(|(_, size)| *size).max().unwrap_or(0);
    (built.into_iter().map(|(requests, _)| requests).collect(), size)
}

/// A transaction of the kvstore: a key that is new, and a value that fills it up to `size` bytes.
fn key_value(number: u64, size: usize) -> Vec<u8> {
    let mut tx = format!("{number:016x}=").into_bytes();
    tx.resize(size, b'v');
    tx
}

fn broadcast(tx: &[u8]) -> Vec<u8> {
    let tx = BASE64_STANDARD.encode(tx);
    post_json(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"broadcast_tx_sync","params":{{"tx":"{tx}"}}}}"#))
}

/// What the generator's tasks share.
#[derive(Default)]
struct Signals {
    stop: Cell<bool>,
    pause: Cell<bool>,
    ran_out: Cell<bool>,
}

/// Puts the load on the node and counts what it commits in the window.
fn measure(node: Node, queues: Vec<Vec<Vec<u8>>>, extent: &Extent) -> Result<Throughput> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (ids, port) = (Processes::of(&node), node.ports.rpc);
    let window = LocalSet::new().block_on(&runtime, async {
        let signals = Rc::new(Signals::default());
        let mut tasks = JoinSet::new();
        tasks.spawn_local(watch(port, extent.pending, signals.clone()));
        for queue in queues {
            tasks.spawn_local(send_all(port, queue, signals.clone()));
        }
        let (mut from, mut cores) = (0, None);
        let (begin, mut started) = (Instant::now(), Instant::now());
        loop {
            tokio::select! {
                Some(ended) = tasks.join_next() => ended??,
                () = sleep(LOOK) => {}
            }
            if cores.is_none() && begin.elapsed() >= extent.warm_up {
                (from, cores, started) = (latest_height(port).await?, Some(ids.times()?), Instant::now());
            }
            if begin.elapsed() >= extent.warm_up + extent.window || signals.ran_out.get() {
                break;
            }
        }
        let to = latest_height(port).await?;
        let elapsed = started.elapsed();
        let cores = cores.context("the prepared transactions ran out before the window began")?;
        let used = ids.times()?;
        signals.stop.set(true);
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        let cores =
            std::array::from_fn(|i| (used[i].saturating_sub(cores[i])).as_secs_f64() / elapsed.as_secs_f64());
        anyhow::Ok((from, to, cores))
    })?;
    let (from, to, cores) = window;
    count(&node, from, to, cores)
}

/// Counts the transactions of the blocks after `from` up to `to`.
fn count(node: &Node, from: u64, to: u64, cores: [f64; 3]) -> Result<Throughput> {
    let metas = block_metas(node, from, to)?;
    let (Some(first), Some(last)) = (metas.first(), metas.last()) else { bail!("no blocks were made") };
    let time = last.header.time.duration_since(first.header.time)?.as_secs_f64();
    ensure!(time > 0.0, "only one block was made in the window");
    let blocks = &metas[1..];
    let committed: i64 = blocks.iter().map(|meta| meta.num_txs).sum();
    let sample = blocks[blocks.len() / 2].header.height;
    let results = node.client.block_results(Some(sample.value()))?.txs_results.unwrap_or_default();
    if let Some(failed) = results.iter().find(|result| result.code.is_err()) {
        bail!("a transaction in block {sample} failed: {}", failed.log);
    }
    Ok(Throughput {
        per_second: committed as f64 / time,
        blocks: blocks.len(),
        block_time: time / blocks.len() as f64,
        cores,
    })
}

/// Heads of the blocks from `from` to `to`, ascending.
fn block_metas(node: &Node, from: u64, to: u64) -> Result<Vec<Meta>> {
    let mut metas = Vec::new();
    let mut next = from;
    while next <= to {
        // The engine gives at most 20 at a time.
        let end = to.min(next + 19);
        let request = blockchain::Request::new(Height::try_from(next)?, Height::try_from(end)?);
        let mut page = node.client.call(request)?.block_metas;
        page.reverse();
        metas.extend(page);
        next = end + 1;
    }
    Ok(metas)
}

/// Sends all of `queue` in order, one at a time, until told to stop.
async fn send_all(port: u16, queue: Vec<Vec<u8>>, signals: Rc<Signals>) -> Result<()> {
    let mut connection = Connection::open(port).await?;
    for request in queue {
        while signals.pause.get() && !signals.stop.get() {
            sleep(PAUSE).await;
        }
        if signals.stop.get() {
            return Ok(());
        }
        let answer = connection.ask(&request).await?;
        if answer.status != 200 || !contains(answer.body, b"\"code\":0,") {
            bail!("a transaction was refused: {}", String::from_utf8_lossy(answer.body));
        }
    }
    signals.ran_out.set(true);
    Ok(())
}

/// Pauses the load while enough transactions are pending.
async fn watch(port: u16, most: u32, signals: Rc<Signals>) -> Result<()> {
    let mut connection = Connection::open(port).await?;
    let request = post_json(r#"{"jsonrpc":"2.0","id":1,"method":"num_unconfirmed_txs","params":{}}"#);
    while !signals.stop.get() {
        let answer = connection.ask(&request).await?;
        let answer: serde_json::Value = serde_json::from_slice(answer.body)?;
        let pending = answer["result"]["n_txs"].as_str().and_then(|number| number.parse::<u32>().ok());
        let pending = pending.with_context(|| format!("the mempool's size is not in {answer}"))?;
        signals.pause.set(pending >= most);
        sleep(LOOK).await;
    }
    Ok(())
}

async fn latest_height(port: u16) -> Result<u64> {
    let mut connection = Connection::open(port).await?;
    let request = post_json(r#"{"jsonrpc":"2.0","id":1,"method":"status","params":{}}"#);
    let answer: serde_json::Value = serde_json::from_slice(connection.ask(&request).await?.body)?;
    let height = &answer["result"]["sync_info"]["latest_block_height"];
    height.as_str().and_then(|height| height.parse().ok()).context("the status has no height")
}

/// The processes that share the machine.
struct Processes {
    node: u32,
    engine: Option<u32>,
}

impl Processes {
    fn of(node: &Node) -> Self {
        Self { node: node.id(), engine: process::child(node.id()) }
    }

    /// Processor time used so far by the node, the engine and this program.
    fn times(&self) -> Result<[Duration; 3]> {
        let engine = self.engine.map_or(Ok(Duration::ZERO), process::processor_time)?;
        Ok([process::processor_time(self.node)?, engine, process::processor_time(std::process::id())?])
    }
}
