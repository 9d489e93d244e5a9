//! Bonds, premint and votes in the model.

use super::{Choice, Model, Proposal, State, Validator, ISSUED, MINIMUM};
use std::collections::BTreeMap;

impl Model {
    pub fn locked(&self, who: u8) -> u128 {
        let amount = self.premint[&who].0;
        amount - amount * self.issued / ISSUED
    }

    fn value(&self, who: u8) -> u128 {
        let bonds = self.bonds.iter().filter(|((owner, _), _)| *owner == who);
        let worth = |((_, of), shares): (&(u8, u8), &u128)| {
            shares * self.validators[of].tokens / self.validators[of].shares.max(1)
        };
        bonds.map(worth).sum()
    }

    pub(super) fn weight(&self, who: u8) -> u128 {
        match self.premint.get(&who) {
            Some((_, held)) => held.saturating_sub(self.locked(who)),
            None => self.value(who),
        }
    }

    pub fn bond(&mut self, who: u8, to: u8, amount: u128) -> bool {
        let of = self.validators.entry(to).or_default();
        let shares = if of.shares == 0 { amount } else { amount * of.shares / of.tokens };
        if amount > self.liquid[&who] || shares == 0 {
            return false;
        }
        (of.tokens, of.shares) = (of.tokens + amount, of.shares + shares);
        *self.liquid.entry(who).or_default() -= amount;
        *self.bonds.entry((who, to)).or_default() += shares;
        self.valued(who);
        true
    }

    pub fn unbond(&mut self, who: u8, from: u8, amount: u128) -> bool {
        let have = self.bonds.get(&(who, from)).copied().unwrap_or(0);
        let of = self.validators.entry(from).or_default();
        let value = have * of.tokens / of.shares.max(1);
        if have == 0 || amount > value {
            return false;
        }
        let shares = if amount == value { have } else { (amount * of.shares).div_ceil(of.tokens) };
        (of.tokens, of.shares) = (of.tokens - amount, of.shares - shares);
        if of.shares == 0 {
            *of = Validator::default();
        }
        self.bonds.insert((who, from), have - shares);
        self.valued(who);
        true
    }

    fn valued(&mut self, who: u8) {
        let enough = self.value(who) >= MINIMUM;
        if let Some(counted) = self.counted.get_mut(&who) {
            *counted = enough;
        }
    }

    pub fn slash(&mut self, of: u8, thousandths: u128) {
        let of = self.validators.entry(of).or_default();
        of.tokens -= of.tokens * thousandths / 1_000;
        if of.shares > 0 {
            of.rate = Some((of.tokens, of.shares));
        }
    }

    /// A premint wallet sells.
    pub fn sell(&mut self, who: u8, to: u8, amount: u128) -> bool {
        let (balance, locked) = (self.liquid[&who], self.locked(who));
        if amount > balance.saturating_sub(locked) {
            return false;
        }
        *self.liquid.entry(who).or_default() -= amount;
        *self.liquid.entry(to).or_default() += amount;
        let held = &mut self.premint.get_mut(&who).unwrap().1;
        *held = (*held).min(balance - amount);
        true
    }

    pub fn vote(&mut self, who: u8, about: usize, choice: Choice) -> bool {
        let Some(Proposal { cycle, state, .. }) = self.proposals.get(about) else { return false };
        let open = *cycle == self.cycle() && self.is_voting() && *state == State::Raised;
        if !open || self.weight(who) < MINIMUM {
            return false;
        }
        self.votes.push((who, about, choice));
        self.counted.insert(who, true);
        true
    }

    /// The votes of one side, each voter's last one.
    pub(super) fn side(&self, about: usize, wanted: Choice) -> u128 {
        let mut last = BTreeMap::new();
        for (who, proposal, choice) in &self.votes {
            if *proposal == about {
                last.insert(*who, *choice);
            }
        }
        let voters: Vec<u8> =
            last.into_iter().filter(|(_, choice)| *choice == wanted).map(|(who, _)| who).collect();
        let mut sum = 0;
        for (of, validator) in &self.validators {
            let bonded = voters.iter().filter(|who| !self.premint.contains_key(*who) && self.counted[*who]);
            let shares: u128 = bonded.filter_map(|who| self.bonds.get(&(*who, *of))).sum();
            sum += validator.rate.map_or(shares, |(tokens, all)| shares * tokens / all);
        }
        let premint = voters.iter().filter(|who| self.premint.contains_key(*who));
        sum + premint.map(|who| self.weight(*who)).filter(|weight| *weight >= MINIMUM).sum::<u128>()
    }
}
