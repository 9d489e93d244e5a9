//! The schedule of rewards (§2): a pure function of the issuance height.

use crate::kernel::{mul_div, Amount, Result};

/// Fixed-point units in a Nil of a period's rate f.
const UNIT: u128 = 1_000_000_000_000_000_000;

/// Units of the reduction: 10^-10.
const REDUCTION_UNIT: u128 = 10_000_000_000;

/// What fixes the schedule. Its parameters are checked when genesis is imported, so that it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// E: the sum of all rewards is at most this many Nils.
    pub limit: Amount,
    /// The reward of a block in the first period, in Nils.
    pub initial_reward: Amount,
    /// The part by which the reward shrinks each period, in units of 10^-10.
    pub reduction: u64,
    /// The length of a period in issuance heights, at least 1.
    pub period_blocks: u64,
}

/// The schedule at one issuance height, all Nils.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The number of the period, from 0.
    pub period: u64,
    /// f of the period: its reward before rounding, in units of 10^-18 Nils. 0 in the periods after the last with a
    /// reward.
    pub rate: u128,
    /// R: what the block creates at most.
    pub reward: Amount,
    /// C: the sum of all rewards up to and including this block's.
    pub issued: Amount,
}

/// One period that has rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its number, from 0.
    pub number: u64,
    /// Its first issuance height.
    pub first: u64,
    /// Its last issuance height with a reward.
    pub last: u64,
    /// The reward of each of its blocks, in Nils; the very last rewarded block gets what remains.
    pub reward: Amount,
    /// C at its end, in Nils.
    pub issued: Amount,
}

impl Schedule {
    /// The state before the first reward.
    pub fn start(&self) -> Result<Point> {
        let rate = mul_div(self.initial_reward.0, UNIT, 1)?;
        Ok(Point { period: 0, rate, reward: Amount::ZERO, issued: Amount::ZERO })
    }

    /// The schedule at issuance height `n`, from 1; before the first reward for 0. O(periods).
    pub fn at(&self, n: u64) -> Result<Point> {
        let mut point = self.start()?;
        let Some(blocks_before) = n.checked_sub(1) else { return Ok(point) };
        let period = blocks_before.checked_div(self.period_blocks).unwrap_or(0);
        while point.period < period && point.rate > 0 {
            point.issued = self.issued_after(&point, self.period_blocks)?;
            point = self.next_period(&point)?;
        }
        point.period = period;
        let blocks_of_period = blocks_before.checked_rem(self.period_blocks).unwrap_or(0);
        point.issued = self.issued_after(&point, blocks_of_period)?;
        self.pay(&mut point)?;
        Ok(point)
    }

    /// The schedule at the issuance height after `point`'s, which is `n`. O(1).
    pub fn advance(&self, point: &Point, n: u64) -> Result<Point> {
        let begins = n > 1 && n.checked_rem(self.period_blocks) == 1_u64.checked_rem(self.period_blocks);
        let mut next = if begins { self.next_period(point)? } else { *point };
        self.pay(&mut next)?;
        Ok(next)
    }

    /// The periods that have rewards, `most` of them at most. Empty when nothing is ever rewarded.
    pub fn periods(&self, most: usize) -> Result<Vec<Period>> {
        let mut periods = Vec::new();
        let mut point = self.start()?;
        let mut before_first = 0_u64;
        while nils(point.rate) > Amount::ZERO && self.remaining(&point) > Amount::ZERO && periods.len() < most
        {
            let reward = nils(point.rate);
            let needed = self.remaining(&point).0.div_ceil(reward.0);
            let blocks = u64::try_from(needed).unwrap_or(u64::MAX).min(self.period_blocks);
            point.issued = self.issued_after(&point, blocks)?;
            periods.push(Period {
                number: point.period,
                first: before_first.saturating_add(1),
                last: before_first.saturating_add(blocks),
                reward,
                issued: point.issued,
            });
            before_first = before_first.saturating_add(self.period_blocks);
            point = self.next_period(&point)?;
        }
        Ok(periods)
    }

    /// How much of a premint of `amount` Nils is unlocked when `issued` Nils were issued: floor(amount × C / E) (§3).
    pub fn unlocked(&self, amount: Amount, issued: Amount) -> Result<Amount> {
        amount.times(issued.0, self.limit.0)
    }

    /// C when `blocks` more blocks of `point`'s period are rewarded.
    fn issued_after(&self, point: &Point, blocks: u64) -> Result<Amount> {
        let created = mul_div(nils(point.rate).0, blocks.into(), 1)?;
        Amount(created).min(self.remaining(point)).plus(point.issued)
    }

    /// The first block of the next period, before its reward.
    fn next_period(&self, point: &Point) -> Result<Point> {
        let ended = nils(point.rate).is_zero() || self.remaining(point).is_zero();
        let less = mul_div(point.rate, self.reduction.into(), REDUCTION_UNIT)?;
        let rate = if ended { 0 } else { point.rate.saturating_sub(less) };
        Ok(Point { period: point.period.saturating_add(1), rate, ..*point })
    }

    fn pay(&self, point: &mut Point) -> Result<()> {
        point.reward = nils(point.rate).min(self.remaining(point));
        point.issued = point.issued.plus(point.reward)?;
        Ok(())
    }

    fn remaining(&self, point: &Point) -> Amount {
        self.limit.minus(point.issued).unwrap_or_default()
    }
}

fn nils(rate: u128) -> Amount {
    Amount(rate.checked_div(UNIT).unwrap_or(0))
}
