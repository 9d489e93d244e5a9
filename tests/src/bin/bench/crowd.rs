//! What must not depend on how many people there are: empty blocks, slashes and tallies, with few delegators who vote and with
//! many.

use crate::ledger::{BlockTime, Ledger};
use crate::report::{median, Report, Target};
use crate::wallets::keyless_address;
use anyhow::{Context, Result};
use jmes_modules::kernel::{Address, Amount, Ctx, Msg};
use jmes_modules::{governance, staking, JMES};
use jmes_proto::jmes::dao::v1::{Member, MsgRegisterDao};
use jmes_proto::jmes::governance::v1::msg_raise_proposal::Content;
use jmes_proto::jmes::governance::v1::{MsgRaiseProposal, MsgVote, Text, VoteOption};
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_tests::Validator;
use serde_json::{json, Value};
use std::fmt;
use std::path::Path;
use std::time::Instant;

/// Delegators, each of whom has voted.
const CROWDS: [u64; 2] = [1_000, 1_000_000];
/// Validators that they delegate to, besides the one that makes the blocks. Each is slashed once.
const VALIDATORS: u64 = 90;
/// Slashes before those that are measured: the first ones read the indexes of files that have just been opened.
const FIRST_SLASHES: usize = 60;
/// Proposals that they vote on, each on one.
const PROPOSALS: u64 = 5;
/// What each has bonded, in Nils.
const BOND: Amount = Amount(25 * JMES);
/// How many of them act in one commit.
const AT_ONCE: usize = 50_000;
/// Seconds of a cycle in which proposals are raised, and in which they are voted on.
const RAISING: i64 = 60;
const VOTING: i64 = 3_600;
/// How often a tally is measured in each turn: it is short.
const TALLIES: usize = 10;
/// How many heights stay readable, as nodes have it by default.
const KEEP: u64 = 100;
/// Empty blocks before those that are measured, until each prunes what another has left.
const WARM_UP: usize = 2 * KEEP as usize;

/// Measures both crowds in turns, so that both see the same machine.
pub fn run(report: &mut Report, dir: &Path, turns: usize) -> Result<()> {
    let start = Instant::now();
    let mut ledgers = Vec::new();
    for crowd in CROWDS {
        ledgers.push(gather(&dir.join(format!("crowd-{crowd}")), crowd)?);
    }
    report.title("What must not grow with the number of delegators and voters");
    report.note(format!("A million delegators bonded and voted in {:.0} s.", start.elapsed().as_secs_f64()));
    let empty = vec![(); WARM_UP + turns];
    let empty = measure(&mut ledgers, &empty, WARM_UP, |ledger, ()| ledger.run_block(&[]))?;
    let what = format!("empty block, 1,000,000 delegations ÷ 1,000 ({empty})");
    report.aim("empty_block_1m_delegations_ratio", empty.blocks.ratio(), "", Target::AtMost(1.2), what);
    let offenders: Vec<Validator> = (1..=VALIDATORS).map(Validator::new).collect();
    let slash = measure(&mut ledgers, &offenders, FIRST_SLASHES, Ledger::run_evidence)?;
    let what = format!("block with a slash, 1,000,000 delegations ÷ 1,000 ({slash})");
    report.aim("slash_1m_delegations_ratio", slash.blocks.ratio(), "", Target::AtMost(1.2), what);
    let mut tallies = [Vec::new(), Vec::new()];
    for _ in 0..TALLIES * turns {
        for (ledger, times) in ledgers.iter().zip(&mut tallies) {
            times.push(tally_time(ledger)?);
        }
    }
    let tally = Times(tallies.map(median));
    let what = format!("tally of {PROPOSALS} proposals, 1,000,000 votes ÷ 1,000 ({tally})");
    report.aim("tally_1m_votes_ratio", tally.ratio(), "", Target::AtMost(1.2), what);
    ledgers.into_iter().try_for_each(Ledger::remove)
}

/// The middle times of the same with the small crowd and with the large one, in microseconds.
struct Times([f64; 2]);

impl Times {
    fn ratio(&self) -> f64 {
        self.0[1] / self.0[0]
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [few, many] = self.0;
        write!(f, "{many:.0} and {few:.0} µs")
    }
}

/// What blocks take in all, and FinalizeBlock of it.
struct Blocks {
    blocks: Times,
    finalize: Times,
}

impl fmt::Display for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; FinalizeBlock alone {:.2}: {}", self.blocks, self.finalize.ratio(), self.finalize)
    }
}

/// Runs a block on each ledger for each of `causes`; the first `skipped` are not measured.
fn measure<T>(
    ledgers: &mut [Ledger],
    causes: &[T],
    skipped: usize,
    block: impl Fn(&mut Ledger, &T) -> Result<BlockTime>,
) -> Result<Blocks> {
    let mut blocks = [Vec::new(), Vec::new()];
    for cause in causes {
        for (ledger, blocks) in ledgers.iter_mut().zip(&mut blocks) {
            blocks.push(block(ledger, cause)?);
        }
    }
    let middle = |of: fn(&BlockTime) -> f64| {
        Times(blocks.each_ref().map(|blocks| median(blocks[skipped..].iter().map(of).collect())))
    };
    Ok(Blocks {
        blocks: middle(|time| time.micros()),
        finalize: middle(|time| 1e6 * time.finalize.as_secs_f64()),
    })
}

/// How long the step of a block takes in which the cycle has turned, in microseconds; nothing is committed.
fn tally_time(ledger: &Ledger) -> Result<f64> {
    let mut ctx = ledger.next_context(RAISING + VOTING);
    let start = Instant::now();
    governance::begin_block(&mut ctx)?;
    let time = 1e6 * start.elapsed().as_secs_f64();
    assert!(!ctx.take_events().is_empty(), "nothing was tallied");
    Ok(time)
}

/// A chain in which `crowd` people have each bonded to one of the validators and voted on one of the proposals, in the
/// directory `dir` in place of what is there.
fn gather(dir: &Path, crowd: u64) -> Result<Ledger> {
    let people: Vec<Address> = (0..crowd).map(keyless_address).collect();
    let operators: Vec<Address> = (1..=VALIDATORS).map(|number| Validator::new(number).address()).collect();
    // Without history, so that no backlog of pruning is left to the blocks that are measured.
    let mut ledger = Ledger::begin(dir, Vec::new(), 0, 1, short_cycles)?;
    // The Initial Distribution Period is one block.
    (0..3).try_for_each(|_| ledger.run_block(&[]).map(drop))?;
    ledger.add_accounts(operators.iter().copied())?;
    for group in people.chunks(AT_ONCE) {
        ledger.add_accounts(group.iter().copied())?;
    }
    ledger.change_state(|ctx| {
        (1..=VALIDATORS)
            .try_for_each(|number| Validator::new(number).bonded(JMES).create().execute(ctx).map(drop))
    })?;
    ledger.change_state(|ctx| raise(ctx, &people))?;
    for (group, at) in people.chunks(AT_ONCE).zip((0..).step_by(AT_ONCE)) {
        ledger.change_state(|ctx| {
            group.iter().zip(at..).try_for_each(|(person, place): (_, usize)| {
                staking::bond(ctx, person, &operators[place % operators.len()], BOND)?;
                ctx.seal();
                Ok(())
            })
        })?;
    }
    ledger.set_clock(RAISING);
    for (group, at) in people.chunks(AT_ONCE).zip((0..).step_by(AT_ONCE)) {
        ledger.change_state(|ctx| {
            group.iter().zip(at..).try_for_each(|(person, place): (_, u64)| {
                let option = if place % 3 == 0 { VoteOption::No } else { VoteOption::Yes };
                let vote = MsgVote {
                    voter: person.to_string(),
                    proposal_id: place % PROPOSALS + 1,
                    option: option.into(),
                };
                vote.execute(ctx)?;
                ctx.seal();
                Ok(())
            })
        })?;
    }
    ledger.reopen(KEEP)
}

fn short_cycles(document: &mut Value) -> Result<()> {
    let state = document.get_mut("app_state").context("the devnet's genesis has no app_state")?;
    let params = &mut state["governance"]["params"];
    params["raising_period"] = json!(format!("{RAISING}s"));
    params["voting_period"] = json!(format!("{VOTING}s"));
    params["min_vote_stake"] = json!(BOND.0.to_string());
    state["emission"]["params"]["idp_blocks"] = json!("1");
    Ok(())
}

/// A DAO of the first five people raises the proposals.
fn raise(ctx: &mut Ctx, people: &[Address]) -> jmes_modules::kernel::Result<()> {
    let founder = people[0].to_string();
    MsgRegisterUser { creator: founder.clone(), name: "founder".into() }.execute(ctx)?;
    let register = MsgRegisterDao {
        creator: founder.clone(),
        name: "crowd".into(),
        members: vec![Member { address: founder, power: 1 }],
        threshold: 1,
        voting_period: None,
    };
    let dao = register.execute(ctx)?.dao;
    let funds = Amount(u128::from(PROPOSALS) * 10 * JMES);
    jmes_modules::bank::mint(ctx, &Address::parse(&dao)?, funds)?;
    (0..PROPOSALS).try_for_each(|_| {
        let proposal = MsgRaiseProposal {
            dao: dao.clone(),
            title: "A title".into(),
            description: "A description".into(),
            content: Some(Content::Text(Text {})),
            funding: None,
        };
        proposal.execute(ctx).map(drop)
    })
}
