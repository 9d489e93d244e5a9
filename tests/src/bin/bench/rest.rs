//! REST balance queries: as many a second as eight connections get, each asking again as soon as it has its answer.

use crate::http::{contains, get, Connection};
use crate::node::{Home, Programs};
use crate::report::{quantile, Report, Target};
use crate::wallets::wallets;
use anyhow::{ensure, Result};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::{JoinSet, LocalSet};

/// Connections that stay open.
const CONNECTIONS: usize = 8;
/// Accounts that are asked for, each with another balance.
const ACCOUNTS: usize = 1_000;
/// The balance of the first, in Nils.
const LEAST_BALANCE: u128 = 1_000_000;
/// Load before the one that counts.
const WARM_UP: Duration = Duration::from_secs(1);

/// A query and what its answer must contain.
struct Query {
    request: Vec<u8>,
    expected: Vec<u8>,
}

/// Measures for `window` on a devnet that makes its empty blocks meanwhile.
pub fn run(report: &mut Report, programs: &Programs, dir: &Path, window: Duration) -> Result<()> {
    report.title("REST: balances of an account, /cosmos/bank/v1beta1/balances/{address}");
    let funded: Vec<_> =
        wallets(ACCOUNTS, 0).iter().map(|wallet| wallet.address).zip(LEAST_BALANCE..).collect();
    let node = Home::of_jmes(programs, &dir.join("rest"), &funded)?.start()?;
    let queries: Rc<Vec<Query>> = Rc::new(
        funded
            .iter()
            .map(|(address, amount)| Query {
                request: get(&format!("/cosmos/bank/v1beta1/balances/{address}")),
                expected: format!(r#"{{"denom":"ujmes","amount":"{amount}"}}"#).into_bytes(),
            })
            .collect(),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut times = LocalSet::new().block_on(&runtime, async {
        let count_from = Instant::now() + WARM_UP;
        let mut tasks = JoinSet::new();
        for connection in 0..CONNECTIONS {
            let first = connection * ACCOUNTS / CONNECTIONS;
            tasks.spawn_local(ask(node.ports.rest, queries.clone(), first, count_from, window));
        }
        let mut times = Vec::new();
        while let Some(done) = tasks.join_next().await {
            times.extend(done??);
        }
        anyhow::Ok(times)
    })?;
    times.sort_by(f64::total_cmp);
    let rate = times.len() as f64 / window.as_secs_f64();
    let what = format!("answers a second to {CONNECTIONS} connections, each answer checked");
    report.aim("rest_rps", rate, "/s", Target::AtLeast(15_000.0), what);
    let p99 = 1e3 * quantile(&times, 0.99);
    report.aim("rest_p99_ms", p99, "ms", Target::AtMost(5.0), "99 of 100 answers came within this time");
    report.figure(
        "rest_p50_ms",
        1e3 * quantile(&times, 0.5),
        "ms",
        "every other answer came within this time",
    );
    Ok(())
}

/// Asks until the window has passed; gives the seconds that each answer within it took.
async fn ask(
    port: u16,
    queries: Rc<Vec<Query>>,
    first: usize,
    count_from: Instant,
    window: Duration,
) -> Result<Vec<f64>> {
    let mut connection = Connection::open(port).await?;
    let mut times = Vec::new();
    for query in queries.iter().cycle().skip(first) {
        let asked = Instant::now();
        if asked >= count_from + window {
            break;
        }
        let answer = connection.ask(&query.request).await?;
        let answered = Instant::now();
        let right = answer.status == 200 && contains(answer.body, &query.expected);
        ensure!(right, "a wrong answer, status {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        if asked >= count_from {
            times.push((answered - asked).as_secs_f64());
        }
    }
    Ok(times)
}
