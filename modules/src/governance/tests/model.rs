//! Random lives of bonds, slashes, redelegations, premint, votes and cycles against a slow model: it keeps a list of who voted
//! what, and counts everything from scratch after each step. At the end genesis is exported and imported.

use super::genesis::reimported;
use super::{
    at, bond, cast, chain, dao, raise, raised, redelegate, slash, store, unbond, voter, GENESIS, MINIMUM,
    PHASE,
};
use crate::bank;
use crate::governance::types::Choice::{self, No, Yes};
use crate::governance::{begin_block, proposal, state, sums, Governance};
use crate::kernel::{Ctx, Module};
use crate::premint;
use crate::staking::{self, Staking};
use crate::test_support::{address, at_issuance, cases, coins};
use crate::JMES;
use jmes_proto::jmes::governance::v1::proposal::Status;
use proptest::prelude::*;
use std::collections::BTreeMap;

const VOTERS: std::ops::RangeInclusive<u8> = 1..=6;
const OPERATORS: std::ops::RangeInclusive<u8> = 101..=103;
const WALLETS: std::ops::RangeInclusive<u8> = 21..=22;

#[derive(Clone, Copy, Debug)]
enum Step {
    Raise,
    Withdraw(usize),
    Vote(u8, usize, Choice),
    Bond(u8, u8, u128),
    Unbond(u8, u8, u128),
    Redelegate(u8, u8, u8, u128),
    /// Operator, thousandths.
    Slash(u8, u128),
    /// A premint wallet sells, or is sent something.
    Sell(u8, u128),
    Refill(u8, u128),
    /// Goes on by parts of a phase in hundredths.
    Next(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let nils = || {
        prop_oneof![
            4 => 1..=3_000 * JMES,
            3 => MINIMUM - 3..=MINIMUM + 3,
            1 => 1..=5_u128,
            1 => Just(10 * MINIMUM),
        ]
    };
    let choice = prop_oneof![Just(Yes), Just(No)];
    let anyone = prop_oneof![5 => VOTERS, 1 => WALLETS];
    prop_oneof![
        3 => Just(Step::Raise),
        1 => (0..6_usize).prop_map(Step::Withdraw),
        12 => (anyone, 0..6_usize, choice).prop_map(|(who, which, choice)| Step::Vote(who, which, choice)),
        6 => (VOTERS, OPERATORS, nils()).prop_map(|(who, to, x)| Step::Bond(who, to, x)),
        4 => (VOTERS, OPERATORS, nils()).prop_map(|(who, of, x)| Step::Unbond(who, of, x)),
        4 => (VOTERS, OPERATORS, OPERATORS, nils()).prop_map(|(who, of, to, x)| Step::Redelegate(who, of, to, x)),
        3 => (OPERATORS, prop_oneof![9 => 0..=300_u128, 1 => Just(1_000)]).prop_map(|(of, x)| Step::Slash(of, x)),
        1 => (WALLETS, nils()).prop_map(|(who, x)| Step::Sell(who, x)),
        1 => (WALLETS, nils()).prop_map(|(who, x)| Step::Refill(who, x)),
        5 => prop_oneof![8 => 1..=60_u64, 1 => 150..=700_u64].prop_map(Step::Next),
    ]
}

/// A proposal as the model knows it.
#[derive(Clone, Debug)]
struct Raised {
    cycle: u64,
    withdrawn: bool,
    /// Yes, no and possible votes at its tally, and whether it has passed.
    result: Option<(u128, u128, u128, bool)>,
}

#[derive(Clone, Debug, Default)]
struct Model {
    time: u64,
    /// By id, from 1.
    proposals: Vec<Raised>,
    /// Who voted what, in order: voter, proposal's index, choice; the last one counts.
    votes: Vec<(u8, usize, Choice)>,
    /// Whether the bonds of who voted were worth the minimum when they changed last.
    counted: BTreeMap<u8, bool>,
    /// Shares by voter and operator, tokens and shares by operator: staking is believed.
    bonds: BTreeMap<(u8, u8), u128>,
    validators: BTreeMap<u8, (u128, u128)>,
    /// Tokens and shares just after the last slash.
    rates: BTreeMap<u8, (u128, u128)>,
}

impl Model {
    const fn cycle_at(time: u64) -> u64 {
        (time - GENESIS) / (2 * PHASE)
    }

    const fn is_voting(&self) -> bool {
        (self.time - GENESIS) % (2 * PHASE) >= PHASE
    }

    /// The index of the `which`-th latest proposal.
    fn latest(&self, which: usize) -> Option<usize> {
        self.proposals.len().checked_sub(which + 1)
    }

    fn value(&self, who: u8) -> u128 {
        let worth = |of: u8| {
            let shares = self.bonds.get(&(who, of)).copied().unwrap_or(0);
            let (tokens, all) = self.validators[&of];
            (shares * tokens).checked_div(all).unwrap_or(0)
        };
        OPERATORS.map(worth).sum()
    }

    /// Looks at the bonds after a step: those that changed are valued.
    fn look(&mut self, ctx: &Ctx, slashed: Option<u8>) {
        let before = self.bonds.clone();
        for of in OPERATORS {
            let validator = staking::require(ctx, &address(of)).unwrap();
            self.validators.insert(of, (validator.tokens.0, validator.shares));
            for who in VOTERS {
                let shares = staking::shares_of(ctx, &voter(who), &address(of)).unwrap();
                self.bonds.insert((who, of), shares);
            }
            if validator.shares == 0 {
                self.rates.remove(&of);
            } else if slashed == Some(of) {
                self.rates.insert(of, self.validators[&of]);
            }
        }
        for (who, counted) in self.counted.clone() {
            let changed = |of| self.bonds.get(&(who, of)) != before.get(&(who, of));
            if !OPERATORS.into_iter().any(changed) {
                continue;
            }
            let value = self.value(who);
            // Slashes of others' redelegations may round this voter's bonds up by a Nil after its own.
            let known = if slashed.is_some() && value.abs_diff(MINIMUM) < 4 {
                let cycle = Self::cycle_at(self.time);
                state::BALLOTS
                    .load(ctx, &(cycle, voter(who)))
                    .unwrap()
                    .map_or(counted, |ballot| ballot.counted)
            } else {
                value >= MINIMUM
            };
            self.counted.insert(who, known);
        }
    }

    /// What the running totals of a proposal are.
    fn totals(&self, which: usize) -> (u128, u128) {
        let mut last: BTreeMap<u8, Choice> = BTreeMap::new();
        for (who, about, choice) in &self.votes {
            if *about == which && VOTERS.contains(who) && self.counted[who] {
                last.insert(*who, *choice);
            }
        }
        let sum = |wanted: Choice| {
            let of = |of: u8| {
                let behind = last.iter().filter(|(_, choice)| **choice == wanted);
                let shares: u128 = behind.map(|(who, _)| self.bonds[&(*who, of)]).sum();
                self.rates.get(&of).map_or(shares, |(tokens, all)| shares * tokens / all)
            };
            OPERATORS.map(of).sum()
        };
        (sum(Yes), sum(No))
    }

    /// The tally of all proposals of the cycle that ends.
    fn tally(&mut self, ctx: &Ctx) {
        let weight = |who: u8| {
            let wallet = premint::wallet(ctx, &address(who)).unwrap().unwrap();
            wallet.held.0 - wallet.locked(ctx).unwrap().0.min(wallet.held.0)
        };
        let bonded: u128 = self.validators.values().map(|(tokens, _)| tokens).sum();
        let possible = bonded + WALLETS.map(weight).sum::<u128>();
        for which in 0..self.proposals.len() {
            let Raised { withdrawn: false, result: None, .. } = self.proposals[which] else { continue };
            let (mut yes, mut no) = self.totals(which);
            for who in WALLETS.filter(|who| weight(*who) >= MINIMUM) {
                match self.votes.iter().rev().find(|(voter, about, _)| (*voter, *about) == (who, which)) {
                    Some((_, _, Yes)) => yes += weight(who),
                    Some((_, _, No)) => no += weight(who),
                    None => {}
                }
            }
            let passed = yes > no && 10 * (yes - no) >= possible;
            self.proposals[which].result = Some((yes, no, possible, passed));
        }
        self.votes.clear();
        self.counted.clear();
    }

    /// Whether a vote is taken.
    fn vote(&mut self, ctx: &Ctx, who: u8, which: usize, choice: Choice) -> bool {
        let Some(about) = self.latest(which) else { return false };
        let Raised { cycle, withdrawn, .. } = self.proposals[about];
        let weight = if VOTERS.contains(&who) {
            self.value(who)
        } else {
            premint::voting_weight(ctx, &address(who)).unwrap().0
        };
        if cycle != Self::cycle_at(self.time) || !self.is_voting() || withdrawn || weight < MINIMUM {
            return false;
        }
        self.votes.push((who, about, choice));
        if VOTERS.contains(&who) {
            self.counted.insert(who, true);
        }
        true
    }
}

fn id_of(which: usize) -> u64 {
    which as u64 + 1
}

/// Takes a step in both; where the model knows whether it is refused, they agree.
fn take_step(ctx: &mut Ctx, model: &mut Model, step: Step) {
    let mut slashed = None;
    match step {
        Step::Raise if !model.is_voting() => {
            assert_eq!(raised(ctx), id_of(model.proposals.len()));
            let cycle = Model::cycle_at(model.time);
            model.proposals.push(Raised { cycle, withdrawn: false, result: None });
        }
        Step::Raise => {}
        Step::Withdraw(which) => {
            let Some(about) = model.latest(which) else { return };
            let open = &mut model.proposals[about];
            let can = open.cycle == Model::cycle_at(ctx.block().time) && !open.withdrawn;
            let can = can && (ctx.block().time - GENESIS) % (2 * PHASE) < PHASE;
            let real = super::attempt(ctx, |ctx| raise::withdraw(ctx, &dao(), id_of(about)));
            assert_eq!(real.is_ok(), can, "{real:?}");
            open.withdrawn |= can;
        }
        Step::Vote(who, which, choice) => {
            let expected = model.vote(ctx, who, which, choice);
            let id = model.latest(which).map_or(0, id_of);
            let real = cast(ctx, who, id, choice);
            assert_eq!(real.is_ok(), expected, "{real:?}");
        }
        Step::Bond(who, to, amount) => drop(bond(ctx, who, to, amount)),
        Step::Unbond(who, of, amount) => drop(unbond(ctx, who, of, amount)),
        Step::Redelegate(who, of, to, amount) => drop(redelegate(ctx, who, of, to, amount)),
        Step::Slash(of, thousandths) => {
            slash(ctx, of, thousandths);
            slashed = Some(of);
        }
        Step::Sell(who, amount) => drop(send(ctx, who, 1, amount)),
        Step::Refill(who, amount) => drop(send(ctx, 1, who, amount)),
        Step::Next(hundredths) => {
            let time = model.time + hundredths * (PHASE / 100);
            at(ctx, time);
            staking::mature(ctx).unwrap();
            let n = (time - GENESIS) / 5_000_000_000;
            at_issuance(ctx, n);
            if Model::cycle_at(time) > Model::cycle_at(model.time) {
                model.tally(ctx);
            }
            model.time = time;
            begin_block(ctx).unwrap();
        }
    }
    model.look(ctx, slashed);
}

fn send(ctx: &mut Ctx, from: u8, to: u8, amount: u128) -> crate::kernel::Result<()> {
    let amount = coins(&format!("{amount}ujmes"));
    super::attempt(ctx, |ctx| bank::transfer(ctx, &voter(from), &voter(to), &amount))
}

fn check(ctx: &Ctx, model: &Model) {
    assert_eq!(Governance.check_invariants(ctx), Ok(()));
    for (which, raised) in model.proposals.iter().enumerate() {
        let id = id_of(which);
        let real = proposal(ctx, id).unwrap().unwrap();
        let expected = match raised {
            Raised { withdrawn: true, .. } => (Status::Withdrawn, 0, 0, 0),
            Raised { result: None, .. } => (Status::Raised, 0, 0, 0),
            Raised { result: Some((yes, no, possible, passed)), .. } => {
                (if *passed { Status::Passed } else { Status::Failed }, *yes, *no, *possible)
            }
        };
        let tally = real.tally;
        assert_eq!((real.status, tally.yes.0, tally.no.0, tally.possible.0), expected, "proposal {id}");
        let open = if raised.result.is_none() { model.totals(which) } else { (0, 0) };
        assert_eq!(super::totals(ctx, id), open, "proposal {id}");
    }
    assert_eq!(sums::clock(ctx).unwrap().cycle, Model::cycle_at(model.time));
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn votes_count_as_the_model_says(steps in prop::collection::vec(step(), 1..150)) {
        let mut ctx = chain();
        let mut model = Model { time: GENESIS, ..Model::default() };
        model.look(&ctx, None);
        for step in steps {
            take_step(&mut ctx, &mut model, step);
            check(&ctx, &model);
        }
        prop_assert_eq!(Staking.check_invariants(&ctx), Ok(()));
        prop_assert_eq!(store(&reimported(&ctx)), store(&ctx));
    }
}
