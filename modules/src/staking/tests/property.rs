//! Random sequences of bonding, unbonding, cancelling, redelegating, slashing and maturing against a slow model, which settles
//! every unbonding entry at once, and against the invariants; at the end genesis is exported and imported.

use super::genesis::reimported;
use super::{at, chain, store, DAY};
use crate::bank::{balance, burnt, supply};
use crate::kernel::{Amount, Ctx, Decimal, Module, Result};
use crate::staking::{
    bond, mature, redelegation, require, settle_slashed, shares_of, slash, total_bonded, total_unbonding,
    unbonding, Staking, MAX_SHARES,
};
use crate::test_support::{address, cases};
use proptest::prelude::*;
use std::collections::BTreeMap;

const WALLETS: std::ops::RangeInclusive<u8> = 1..=4;
const OPERATORS: std::ops::RangeInclusive<u8> = 101..=103;

#[derive(Clone, Copy, Debug)]
enum Step {
    Bond(u8, u8, u128),
    /// Delegator, operator, Nils; 0 for the whole value.
    Unbond(u8, u8, u128),
    /// Delegator, operator, blocks since the entry began, Nils.
    Cancel(u8, u8, u64, u128),
    Redelegate(u8, u8, u8, u128),
    /// Operator, thousandths, blocks since the offence.
    Slash(u8, u128, u64),
    /// Hours.
    Next(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let (wallet, operator) = (WALLETS, OPERATORS);
    let nils = prop_oneof![1..=12_u128, 1..=300_000_000_u128, Just(0)];
    let few = prop_oneof![1..=12_u128, 1..=300_000_000_u128];
    prop_oneof![
        5 => (wallet.clone(), operator.clone(), few.clone()).prop_map(|(a, b, x)| Step::Bond(a, b, x)),
        4 => (wallet.clone(), operator.clone(), nils).prop_map(|(a, b, x)| Step::Unbond(a, b, x)),
        2 => (wallet.clone(), operator.clone(), 0..4_u64, few.clone()).prop_map(|(a, b, h, x)| Step::Cancel(a, b, h, x)),
        4 => (wallet, operator.clone(), operator.clone(), few).prop_map(|(a, b, c, x)| Step::Redelegate(a, b, c, x)),
        3 => (operator, prop_oneof![20 => 0..=500_u128, 1 => Just(1_000)], 0..5_u64)
            .prop_map(|(v, f, e)| Step::Slash(v, f, e)),
        6 => prop_oneof![4 => 0..=48_u64, 1 => Just(600)].prop_map(Step::Next),
    ]
}

/// What leaves a validator, or moved to another.
#[derive(Clone, Debug)]
struct Entry {
    height: u64,
    completion: u64,
    balance: u128,
    /// Of the destination, for a redelegation.
    shares: u128,
    /// How many slashes the validator had: entries of one block are one only between the same slashes.
    slashes: u64,
}

#[derive(Clone, Debug, Default)]
struct Validator {
    tokens: u128,
    shares: u128,
    slashes: u64,
}

#[derive(Clone, Debug, Default)]
struct Model {
    height: u64,
    time: u64,
    liquid: BTreeMap<u8, u128>,
    validators: BTreeMap<u8, Validator>,
    bonds: BTreeMap<(u8, u8), u128>,
    unbonding: BTreeMap<(u8, u8), Vec<Entry>>,
    /// By source, delegator, destination.
    moved: BTreeMap<(u8, u8, u8), Vec<Entry>>,
}

impl Model {
    fn of(ctx: &Ctx) -> Self {
        Self {
            height: ctx.block().height,
            time: ctx.block().time,
            liquid: WALLETS.map(|wallet| (wallet, 1_000_000_000)).collect(),
            validators: OPERATORS.map(|operator| (operator, Validator::default())).collect(),
            ..Self::default()
        }
    }

    fn value(&self, operator: u8, shares: u128) -> u128 {
        let Validator { tokens, shares: all, .. } = self.validators[&operator];
        (shares * tokens).checked_div(all).unwrap_or(0)
    }

    fn add(&mut self, wallet: u8, operator: u8, nils: u128) -> Option<u128> {
        let validator = self.validators.get_mut(&operator)?;
        if validator.shares > 0 && validator.tokens == 0 {
            return None;
        }
        let shares = if validator.shares == 0 { nils } else { nils * validator.shares / validator.tokens };
        validator.tokens += nils;
        validator.shares += shares;
        *self.bonds.entry((wallet, operator)).or_default() += shares;
        (shares > 0 && validator.shares <= MAX_SHARES).then_some(shares)
    }

    fn take(&mut self, wallet: u8, operator: u8, nils: u128) -> Option<()> {
        let have = *self.bonds.get(&(wallet, operator))?;
        let value = self.value(operator, have);
        let validator = self.validators.get_mut(&operator)?;
        if nils > value {
            return None;
        }
        let shares = if nils == value { have } else { (nils * validator.shares).div_ceil(validator.tokens) };
        validator.tokens -= nils;
        self.drop_shares(wallet, operator, shares);
        Some(())
    }

    fn drop_shares(&mut self, wallet: u8, operator: u8, shares: u128) {
        self.validators.get_mut(&operator).unwrap().shares -= shares;
        let bond = self.bonds.get_mut(&(wallet, operator)).unwrap();
        *bond -= shares;
        if *bond == 0 {
            self.bonds.remove(&(wallet, operator));
        }
    }

    fn unbond(&mut self, wallet: u8, operator: u8, nils: u128) -> Option<()> {
        self.take(wallet, operator, nils)?;
        let slashes = self.validators[&operator].slashes;
        let (height, completion) = (self.height, self.time + 21 * DAY);
        let entries = self.unbonding.entry((wallet, operator)).or_default();
        match entries.last_mut().filter(|entry| (entry.height, entry.slashes) == (height, slashes)) {
            Some(entry) => entry.balance += nils,
            None => entries.push(Entry { height, completion, balance: nils, shares: 0, slashes }),
        }
        (entries.len() <= 7).then_some(())
    }

    fn cancel(&mut self, wallet: u8, operator: u8, height: u64, nils: u128) -> Option<()> {
        let slashes = self.validators[&operator].slashes;
        let entries = self.unbonding.get_mut(&(wallet, operator))?;
        let at = entries.iter().position(|entry| entry.height == height)?;
        entries[at].balance = entries[at].balance.checked_sub(nils)?;
        entries[at].slashes = slashes;
        if entries[at].balance == 0 {
            entries.remove(at);
        }
        self.unbonding.retain(|_, entries| !entries.is_empty());
        self.add(wallet, operator, nils).map(drop)
    }

    fn redelegate(&mut self, wallet: u8, from: u8, to: u8, nils: u128) -> Option<()> {
        if from == to || self.moved.keys().any(|(_, who, target)| (*who, *target) == (wallet, from)) {
            return None;
        }
        self.take(wallet, from, nils)?;
        let shares = self.add(wallet, to, nils)?;
        let entry = Entry {
            height: self.height,
            completion: self.time + 21 * DAY,
            balance: nils,
            shares,
            slashes: 0,
        };
        let entries = self.moved.entry((from, wallet, to)).or_default();
        entries.push(entry);
        (entries.len() <= 7).then_some(())
    }

    fn slash(&mut self, operator: u8, thousandths: u128, offence: u64) {
        let part = |of: u128| of * thousandths / 1_000;
        let validator = self.validators.get_mut(&operator).unwrap();
        validator.tokens -= part(validator.tokens);
        validator.slashes += 1;
        let liable = |entry: &&mut Entry| entry.height + 1 >= offence;
        for ((_, from), entries) in &mut self.unbonding {
            for entry in entries.iter_mut().filter(|_| *from == operator).filter(liable) {
                entry.balance -= part(entry.balance);
            }
        }
        let mut moved = std::mem::take(&mut self.moved);
        for ((_, wallet, to), entries) in moved.iter_mut().filter(|((from, _, _), _)| *from == operator) {
            for entry in entries.iter_mut().filter(liable) {
                let (owed, shares) = (part(entry.balance), part(entry.shares));
                entry.balance -= owed;
                entry.shares -= shares;
                let bonded = self.bonds.get(&(*wallet, *to)).copied().unwrap_or(0).min(shares);
                if bonded > 0 {
                    let value = self.value(*to, bonded);
                    self.validators.get_mut(to).unwrap().tokens -= value;
                    self.drop_shares(*wallet, *to, bonded);
                }
                if bonded < shares {
                    let mut missing = owed * (shares - bonded) / shares;
                    let slashes = self.validators[to].slashes;
                    let unbonding = self.unbonding.entry((*wallet, *to)).or_default();
                    for since in unbonding.iter_mut().rev().filter(|since| since.height >= entry.height) {
                        let paid = missing.min(since.balance);
                        since.balance -= paid;
                        since.slashes = slashes;
                        missing -= paid;
                    }
                }
            }
        }
        self.moved = moved;
        self.unbonding.retain(|_, entries| !entries.is_empty());
    }

    fn next(&mut self, hours: u64) {
        self.height += 1;
        self.time += hours * 3_600_000_000_000;
        let now = self.time;
        for ((wallet, _), entries) in &mut self.unbonding {
            for entry in entries.iter().filter(|entry| entry.completion <= now) {
                *self.liquid.get_mut(wallet).unwrap() += entry.balance;
            }
            entries.retain(|entry| entry.completion > now);
        }
        self.unbonding.retain(|_, entries| !entries.is_empty());
        self.moved.values_mut().for_each(|entries| entries.retain(|entry| entry.completion > now));
        self.moved.retain(|_, entries| !entries.is_empty());
    }

    /// Takes a step; `None` when it is refused.
    fn take_step(&mut self, step: Step) -> Option<()> {
        match step {
            Step::Bond(wallet, operator, nils) => {
                let left = self.liquid[&wallet].checked_sub(nils)?;
                self.liquid.insert(wallet, left);
                self.add(wallet, operator, nils).map(drop)
            }
            Step::Unbond(wallet, operator, nils) => self.unbond(wallet, operator, nils),
            Step::Cancel(wallet, operator, back, nils) => {
                self.cancel(wallet, operator, self.height.saturating_sub(back), nils)
            }
            Step::Redelegate(wallet, from, to, nils) => self.redelegate(wallet, from, to, nils),
            Step::Slash(operator, thousandths, back) => {
                self.slash(operator, thousandths, self.height.saturating_sub(back));
                Some(())
            }
            Step::Next(hours) => {
                self.next(hours);
                Some(())
            }
        }
    }
}

fn take_step(ctx: &mut Ctx, step: Step) -> Result<()> {
    let (height, time) = (ctx.block().height, ctx.block().time);
    match step {
        Step::Bond(wallet, operator, nils) => bond(ctx, &address(wallet), &address(operator), Amount(nils)),
        Step::Unbond(wallet, operator, nils) => {
            unbonding::begin(ctx, &address(wallet), &address(operator), Amount(nils)).map(drop)
        }
        Step::Cancel(wallet, operator, back, nils) => unbonding::cancel(
            ctx,
            &address(wallet),
            &address(operator),
            height.saturating_sub(back),
            Amount(nils),
        ),
        Step::Redelegate(wallet, from, to, nils) => {
            redelegation::begin(ctx, &address(wallet), &address(from), &address(to), Amount(nils)).map(drop)
        }
        Step::Slash(operator, thousandths, back) => {
            let fraction = Decimal(thousandths * 1_000_000_000_000_000);
            slash(ctx, &address(operator), fraction, height.saturating_sub(back))?;
            settle_slashed(ctx)
        }
        Step::Next(hours) => {
            at(ctx, height + 1, time + hours * 3_600_000_000_000);
            mature(ctx)
        }
    }
}

/// The whole value in place of 0, where there is any.
fn made_whole(model: &Model, step: Step) -> Step {
    match step {
        Step::Unbond(wallet, operator, 0) => {
            let shares = model.bonds.get(&(wallet, operator)).copied().unwrap_or(0);
            Step::Unbond(wallet, operator, model.value(operator, shares).max(1))
        }
        step => step,
    }
}

fn check(ctx: &Ctx, model: &Model) {
    for operator in OPERATORS {
        let (real, model) = (require(ctx, &address(operator)).unwrap(), &model.validators[&operator]);
        assert_eq!((real.tokens.0, real.shares), (model.tokens, model.shares), "validator {operator}");
    }
    for wallet in WALLETS {
        let liquid = balance(ctx, &address(wallet), "ujmes").unwrap();
        assert_eq!(liquid.0, model.liquid[&wallet], "wallet {wallet}");
        let unbonding: u128 = model
            .unbonding
            .iter()
            .filter(|((who, _), _)| *who == wallet)
            .flat_map(|(_, entries)| entries.iter().map(|entry| entry.balance))
            .sum();
        assert_eq!(
            crate::staking::unbonding(ctx, &address(wallet)),
            Ok(Amount(unbonding)),
            "wallet {wallet}"
        );
        for operator in OPERATORS {
            let shares = model.bonds.get(&(wallet, operator)).copied().unwrap_or(0);
            assert_eq!(
                shares_of(ctx, &address(wallet), &address(operator)),
                Ok(shares),
                "bond {wallet} {operator}"
            );
        }
    }
    assert_eq!(Staking.check_invariants(ctx), Ok(()));
    let supply = supply(ctx, "ujmes").unwrap().0;
    let everyone = (1..=9).chain(OPERATORS);
    let wallets: u128 = everyone.map(|wallet| balance(ctx, &address(wallet), "ujmes").unwrap().0).sum();
    let set_aside = total_bonded(ctx).unwrap().0 + total_unbonding(ctx).unwrap().0;
    assert_eq!(supply, wallets + set_aside, "supply is the sum of all states");
    assert_eq!(supply + burnt(ctx).unwrap().0, 12_000_000_000, "what is gone is burnt");
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn bonds_behave_as_the_model_says(steps in prop::collection::vec(step(), 1..150)) {
        let mut ctx = chain(3);
        let mut model = Model::of(&ctx);
        for step in steps {
            let step = made_whole(&model, step);
            let mut after = model.clone();
            let expected = after.take_step(step);
            let mark = ctx.checkpoint();
            let real = take_step(&mut ctx, step);
            prop_assert_eq!(real.is_ok(), expected.is_some(), "{:?}: {:?}", step, real);
            if expected.is_some() {
                model = after;
            } else {
                ctx.revert(mark);
            }
            check(&ctx, &model);
        }
        prop_assert_eq!(store(&reimported(&ctx)), store(&ctx));
    }
}
