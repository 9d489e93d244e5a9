//! A simulation of the economy: random operations of hundreds of actors through a real chain over a real store, with everything
//! that must always hold checked after every block. A seed that fails is printed, and its run is made smaller.

mod books;
mod export;
mod plan;

use super::actors::{Actors, Kind};
use super::{short_with, with, JMES, SECOND};
use books::{Before, Books, Happened, Reward};
use jmes_modules::kernel::{codes, duration, Amount, Misbehavior, Offence, Value, View};
use jmes_modules::{auth, bank, dao, emission, governance, seats, staking, BASE_DENOM};
use jmes_proto::jmes::emission::v1::Params;
use jmes_tests::{is_long, seed, Genesis, Key, Powers, Random, TestChain};
use jmesd::chain::{Finalized, TxOutcome};
use plan::{Plan, Summary};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

struct Simulation {
    chain: TestChain,
    actors: Actors,
    counts: BTreeMap<String, u64>,
    books: Books,
    /// Coins of genesis, and what the schedule has given to validators and DAOs since.
    created: u128,
    /// The engine's set of the last block, who sign the next one's commit.
    voting: Powers,
    /// How many blocks more are fast.
    fast: u64,
    /// Whether the node is restarted before the next block.
    restart: bool,
    /// Whether the next block is made on a chain of the exported state, too.
    export: bool,
}

impl Simulation {
    fn new(plan: &Plan) -> Self {
        let mut random = Random::new(plan.seed);
        let idp = plan.blocks / 8 + random.number() % (plan.blocks / 8).max(1);
        let seats = *random.pick(&[4, 8, 100]);
        let (genesis, created) = Actors::new().fund(short_with(Genesis::new(), idp, seats));
        // Emission ends within the run, or does not; a period has a hundred blocks or so.
        let all = JMES * u128::from(plan.blocks) * random.pick(&[8, 14, 30]);
        let params = Params {
            max_supply: (100_000_000 * JMES + all).to_string(),
            seconds_per_month: 20 + random.number() % 40,
            pace_credit: Some(duration(60 * SECOND)),
            idp_blocks: idp,
            ..emission::default_params()
        };
        let genesis = genesis.set("emission/params", with(&params, &[]));
        let genesis = business(genesis, idp + plan.blocks / 4);
        Self {
            books: Books::new(&params, all),
            chain: TestChain::new(&genesis),
            actors: Actors::new(),
            counts: BTreeMap::new(),
            created,
            voting: Powers::new(),
            fast: 0,
            restart: false,
            export: false,
        }
    }

    fn count(&mut self, what: String) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// One block.
    fn step(&mut self, plan: &Plan, height: u64) -> Result<(), String> {
        let mut random = Random::new(plan.seed ^ height.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        self.chain.block_time = if self.fast > 0 { random.number() % (2 * SECOND) } else { 5 * SECOND };
        self.fast = self.fast.saturating_sub(1);
        let proposers: Vec<[u8; 32]> = self.chain.validators().into_keys().collect();
        self.chain.proposer = Some(staking::consensus_address(random.pick(&proposers)));
        let txs = if height < plan.from { Vec::new() } else { self.operations(plan, &mut random) };
        self.bring_back();
        let mut candidates: Vec<Vec<u8>> = txs.iter().map(|(tx, _)| tx.clone()).collect();
        let kinds: BTreeMap<Vec<u8>, Kind> = txs.into_iter().collect();
        if random.once_in(2) {
            let proposal = self.chain.prepare(&candidates, 4 << 20);
            if !self.chain.process(&proposal) {
                return Err("the chain refuses its own proposal".into());
            }
            candidates = proposal;
        }
        self.voting = self.chain.validators();
        let before = (height > 1).then(|| Before::of(&self.chain.view()));
        let block = self.block(&candidates, &mut random)?;
        self.chain.misbehavior.clear();
        for (tx, outcome) in candidates.iter().zip(&block.txs) {
            self.judge(kinds[tx], outcome)?;
        }
        let happened = Happened::of(&block);
        self.note(&happened);
        let reward = self.books.advance(self.chain.last_time());
        self.created += reward.validators;
        if let Some(before) = before {
            before.check_tally(&happened)?;
            self.created += before.check_payments(&happened, self.books.n, reward)?;
        }
        self.books.seats(&happened, &self.chain.view())?;
        self.check(reward)
    }

    /// The transactions of a block with their kinds, at most one of each signer; what else happens is done at once.
    fn operations(&mut self, plan: &Plan, random: &mut Random) -> Vec<(Vec<u8>, Kind)> {
        let mut busy = BTreeSet::new();
        let mut txs = Vec::new();
        if self.chain.chain().height() > 0 {
            self.actors.look(&self.chain);
        }
        for _ in 0..random.below(24) {
            let mut own = Random::new(random.number());
            let kind = Kind::any(&mut own);
            if !plan.kinds.contains(&kind) {
                continue;
            }
            let attempt = self.actors.attempt(&self.chain, kind, &mut own);
            if let Some((draft, signers)) = attempt {
                let addresses: Vec<_> = signers.iter().map(Key::address).collect();
                if addresses.iter().any(|address| busy.contains(address)) {
                    continue;
                }
                busy.extend(addresses);
                let signers: Vec<_> = signers.iter().collect();
                txs.push((self.chain.sign(&draft, &signers), kind));
                self.count(kind.name());
            } else if !kind.is_message() {
                self.environment(kind, &mut own);
                self.count(kind.name());
            } else {
                continue;
            }
            if plan.fatal == Some(kind) {
                jmes_store::fatal("a planted mistake", format!("{kind:?}"));
            }
        }
        txs
    }

    fn environment(&mut self, kind: Kind, random: &mut Random) {
        match kind {
            Kind::Offline => {
                let known = self.actors.known_operator(random);
                let address = known.unwrap_or(&self.actors.operators[0]).consensus_address();
                if !self.chain.absent.remove(&address) {
                    self.chain.absent.insert(address);
                }
            }
            Kind::DoubleSign => {
                let ago = 1 + random.number() % 20;
                let height = self.chain.chain().height().saturating_sub(ago).max(1);
                self.chain.misbehavior = vec![Misbehavior {
                    offence: *random.pick(&[Offence::DoubleSign, Offence::LightClientAttack]),
                    address: random.pick(&self.actors.operators).consensus_address(),
                    power: 1_000,
                    height,
                    time: self.chain.last_time() - ago * SECOND,
                }];
            }
            Kind::Time => match random.below(24) {
                0..=9 => self.fast = 1 + random.number() % 10,
                10..=19 => self.chain.block_time = (6 + random.number() % 30) * SECOND,
                20..=22 => self.chain.block_time = (70 + random.number() % 300) * SECOND,
                _ => self.chain.block_time = (1 + random.number() % 30) * 86_400 * SECOND,
            },
            Kind::Restart => self.restart = true,
            Kind::Export => self.export = self.chain.chain().height() > 0,
            _ => unreachable!("{kind:?} is a message"),
        }
    }

    /// A block needs more than two thirds of the power of the block before's set in its commit.
    fn bring_back(&mut self) {
        let power = |set: &Powers, absent: &BTreeSet<_>| -> u64 {
            set.iter()
                .filter(|(key, _)| !absent.contains(&staking::consensus_address(key)))
                .map(|(_, power)| power)
                .sum()
        };
        let total = power(&self.voting, &BTreeSet::new());
        while total > 0 && power(&self.voting, &self.chain.absent) * 3 <= total * 2 {
            let strongest = self
                .voting
                .iter()
                .filter(|(key, _)| self.chain.absent.contains(&staking::consensus_address(key)));
            let Some((key, _)) = strongest.max_by_key(|(_, power)| **power) else { return };
            self.chain.absent.remove(&staking::consensus_address(key));
        }
    }

    /// Makes the block, after a restart or beside a chain made of the exported state, if that is to be.
    fn block(&mut self, txs: &[Vec<u8>], random: &mut Random) -> Result<Finalized, String> {
        if std::mem::take(&mut self.restart) {
            if random.once_in(2) {
                self.chain.finalize(txs);
            }
            self.chain.restart();
        }
        if !std::mem::take(&mut self.export) {
            return Ok(self.chain.whole_block(txs));
        }
        let mut copy = self.chain.continued();
        copy.proposer = self.chain.proposer;
        copy.absent.clone_from(&self.chain.absent);
        copy.misbehavior.clone_from(&self.chain.misbehavior);
        copy.block_time = self.chain.block_time;
        let (block, drawn) = export::compare(&self.chain, &copy, txs)?;
        self.count(if drawn { "compared without what was drawn" } else { "compared" }.into());
        if random.once_in(2) {
            self.chain = copy;
        }
        Ok(block)
    }

    /// A refusal has a code and words, and is never a rule of the chain's own that was broken.
    fn judge(&mut self, kind: Kind, outcome: &TxOutcome) -> Result<(), String> {
        let Some(error) = &outcome.error else {
            self.count("done".into());
            self.count(format!("done {}", kind.name()));
            return Ok(());
        };
        let broken =
            (error.codespace, error.code) == ("sdk", codes::LOGIC) || error.message.contains("panic");
        if error.code == 0 || error.codespace.is_empty() || error.message.is_empty() || broken {
            return Err(format!("a transaction was refused like this: {error:?}"));
        }
        self.count(format!("{}/{}", error.codespace, error.code));
        Ok(())
    }

    /// Counts what the business layer says has happened, each by its kind, status or reason.
    fn note(&mut self, happened: &[Happened]) {
        const PREFIXES: [&str; 7] =
            ["dao_", "governance_", "term_", "funding_", "slot_", "artwork_", "parameter_"];
        for event in happened {
            if PREFIXES.iter().any(|prefix| event.kind.starts_with(prefix)) {
                let parts = ["kind", "status", "why", "outcome", "failure"].map(|name| event.get(name));
                let part = parts.into_iter().find(|part| !part.is_empty()).unwrap_or_default();
                self.count(format!("{} {part}", event.kind).trim_end().into());
            }
        }
    }

    /// What holds after every block.
    fn check(&mut self, reward: Reward) -> Result<(), String> {
        let voted = governance::state::TOTALS.scan(&self.chain.view(), &[], None, false, 1);
        if !voted.expect("views have no gas limit").is_empty() {
            self.count("recounted with votes".into());
        }
        let chain = &self.chain;
        chain.chain().check_invariants().map_err(|error| format!("{error:?}"))?;
        let view = chain.view();
        let all = read(&view);
        let split = emission::block_reward(&view).expect("views have no gas limit");
        require((split.validators.0, split.dao_budget.0) == (reward.validators, reward.budget), || {
            format!("the block's reward is {split:?}, not {} and {}", reward.validators, reward.budget)
        })?;
        let (supply, unredeemed, burnt) = chain.totals();
        require(supply == all.liquid + all.bonded + all.unbonding, || {
            format!("supply is {supply}, the wallets have {all:?}")
        })?;
        require(supply + unredeemed + burnt == self.created, || {
            format!("{supply} exist, {unredeemed} are owed, {burnt} burnt: not the {} created", self.created)
        })?;
        require(supply + unredeemed <= 100_000_000 * JMES + chain.issued(), || {
            format!("{supply} exist and {unredeemed} are owed: more than the schedule allows")
        })?;
        let seated = seats::seats(&view).map_err(|error| error.message)?;
        let most = seats::params(&view).map_err(|error| error.message)?.seats as usize;
        require((1..=most).contains(&seated.len()), || format!("{} seats of {most}", seated.len()))?;
        let mut ours = Powers::new();
        for seat in &seated {
            let validator = staking::require(&view, &seat.operator).map_err(|error| error.message)?;
            ours.insert(validator.key.ok_or("a seated validator has no key")?, seat.power);
        }
        require(ours == chain.next_validators(), || "the engine's set is not the application's".into())?;
        let power = |proven: bool| -> u64 {
            seated.iter().filter(|seat| seat.proven || !proven).map(|seat| seat.power).sum()
        };
        let (live, total) = (power(true), power(false));
        require(live * 3 > total * 2, || format!("the proven ones have {live} of {total}"))
    }
}

#[derive(Debug)]
struct Wallets {
    liquid: u128,
    bonded: u128,
    unbonding: u128,
}

/// The sums over everybody.
fn read(view: &View) -> Wallets {
    fn values<K: jmes_modules::kernel::Key, V: Value>(
        view: &View,
        map: &jmes_modules::kernel::Map<K, V>,
    ) -> Vec<V> {
        let all = map.scan(view, &[], None, false, usize::MAX).expect("views have no gas limit");
        all.into_iter().map(|(_, value)| value).collect()
    }
    let sum = |amounts: Vec<Amount>| amounts.iter().map(|amount| amount.0).sum();
    let accounts = values(view, &auth::state::ACCOUNTS);
    let validators = values(view, &staking::state::VALIDATORS);
    let unbonding = values(view, &staking::state::UNBONDING).concat();
    Wallets {
        liquid: sum(accounts.iter().map(|account| account.balance).collect()),
        bonded: sum(validators.iter().map(|validator| validator.tokens).collect()),
        unbonding: sum(unbonding.iter().map(|entry| entry.balance).collect()),
    }
}

fn require(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(why())
    }
}

/// `genesis` with cycles of two minutes, votes of 20 JMES, and improvements that can be opened after issuance height
/// `open_after`.
fn business(genesis: Genesis, open_after: u64) -> Genesis {
    let governance = [
        ("raising_period", json!("70s")),
        ("voting_period", json!("50s")),
        ("min_vote_stake", json!((20 * JMES).to_string())),
        ("proposal_burn", json!(JMES.to_string())),
        ("pass_threshold_percent", json!(3)),
        ("improvements_open_after", json!(open_after.to_string())),
    ];
    let daos =
        [("min_voting_period", "60s"), ("default_voting_period", "300s"), ("execution_period", "300s")];
    let daos = daos.map(|(name, value)| (name, json!(value)));
    genesis
        .set("governance/params", with(&governance::default_params(), &governance))
        .set("dao/params", with(&dao::defaults(), &daos))
}

/// Runs a plan; when it fails, says with which seed and how little of it is enough.
fn simulate(seed: u64, blocks: u64) -> Summary {
    let plan = Plan::new(seed, blocks);
    drop(writeln!(std::io::stderr(), "simulating {blocks} blocks of JMES_TEST_SEED={seed}"));
    let start = std::time::Instant::now();
    match plan.run() {
        Ok(summary) => {
            println!("{:?}: {:?}", start.elapsed(), summary.counts);
            summary
        }
        Err(failure) => {
            println!("seed {seed} fails at height {}: {}", failure.height, failure.why);
            let (smallest, failure) = plan.shrink(failure, Plan::run);
            panic!("seed {seed} fails at height {}: {}\nwith {smallest:?}", failure.height, failure.why);
        }
    }
}

/// Blocks of a run with `JMES_TEST_LONG`.
const LONG: u64 = 2_000;

#[test]
fn whatever_hundreds_of_actors_do_the_books_are_right_and_the_chain_goes_on() {
    let (runs, blocks) = if is_long() { (4, LONG) } else { (1, 300) };
    let first = seed();
    for number in 0..runs {
        simulate(first.wrapping_add(number), blocks);
    }
}

/// What must have happened in long runs.
const HAPPENS: [&str; 10] = [
    "artwork_minted",
    "dao_updated",
    "funding_paid",
    "governance_proposal_concluded CORE_SLOT",
    "governance_proposal_concluded REQUEST_FEATURE",
    "governance_proposal_concluded TEXT",
    "governance_proposal_tallied FAILED",
    "governance_proposal_tallied PASSED",
    "recounted with votes",
    "term_ended expired",
];

/// The seeds are always the same, so that it does not depend on luck what happens.
#[test]
fn a_simulation_is_of_everything_that_can_happen() {
    let runs: &[(u64, u64)] = if is_long() { &[(1, LONG), (2, LONG)] } else { &[(1, 500)] };
    let mut counts = BTreeMap::new();
    for (seed, blocks) in runs {
        for (what, times) in simulate(*seed, *blocks).counts {
            *counts.entry(what).or_insert(0) += times;
        }
    }
    // A few hundred blocks are too few for an artwork that changes hands.
    let rare = |kind: Kind| kind == Kind::SendArtwork && !is_long();
    for kind in Kind::ALL.into_iter().map(|(kind, _)| kind).filter(|kind| !rare(*kind)) {
        assert!(counts.contains_key(&kind.name()), "nobody tried {kind:?}: {counts:?}");
        let done = counts.contains_key(&format!("done {}", kind.name()));
        assert!(done || !kind.is_message(), "nobody succeeded in {kind:?}: {counts:?}");
    }
    for what in HAPPENS.iter().filter(|_| is_long()) {
        assert!(counts.contains_key(*what), "there is no {what}: {counts:?}");
    }
    let refused: u64 = counts.iter().filter(|(what, _)| what.contains('/')).map(|(_, times)| times).sum();
    assert!(counts["done"] > refused / 2, "most attempts fail: {counts:?}");
}

#[test]
fn the_same_seed_gives_the_same_app_hash() {
    let seed = seed();
    assert_eq!(simulate(seed, 60), simulate(seed, 60));
    assert_ne!(simulate(seed, 60).app_hash, simulate(seed ^ 1, 60).app_hash);
}

#[test]
fn the_simulation_does_not_pass_when_the_books_are_wrong() {
    let plan = Plan::new(3, 40);
    let mut simulation = Simulation::new(&plan);
    simulation.step(&plan, 1).expect("the books are right");
    simulation.created += 1;
    let why = simulation.step(&plan, 2).expect_err("a Nil is missing");
    assert!(why.contains("created"), "{why}");
    let supply = bank::supply(&simulation.chain.view(), BASE_DENOM).expect("views have no gas limit");
    assert!(supply > Amount::ZERO);
}
