//! What is drawn: the schedule by years, and the scales it is drawn on.

use anyhow::{Context, Result};
use jmes_modules::bank::MAX_GENESIS_SUPPLY;
use jmes_modules::emission::{default_params, Settings};
use jmes_modules::kernel::Amount;
use jmes_proto::jmes::emission::v1 as emission;

use crate::cli::people::amount;

/// Nils in 1 JMES.
const JMES: u128 = 1_000_000;
/// More periods than any schedule has.
const ALL_PERIODS: usize = 1_000;

/// A schedule by years.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    /// The years with rewards, from year 0; at least one.
    pub years: Vec<Year>,
    /// Where the chain is, in years since the first block of the emission.
    pub now: Option<f64>,
}

/// A year: the twelve months in which all blocks have the same reward.
#[derive(Clone, Copy, Debug)]
pub(super) struct Year {
    /// How much of it has rewards: 1, but for the last.
    pub length: f64,
    /// The reward of a block, in Nils.
    pub reward: u128,
    /// The sum of all rewards at its end, in Nils.
    pub issued: u128,
    /// What of the premint is unlocked at its end, in Nils.
    pub unlocked: u128,
}

impl Curve {
    /// The curve of a schedule, for a chain whose emission has got to block `now`.
    ///
    /// # Errors
    /// The schedule has no periods, or one of its amounts is not a number.
    pub fn new(schedule: &emission::QueryScheduleResponse, now: Option<u64>) -> Result<Self> {
        let first =
            schedule.periods.first().context("this chain has no rewards: there is nothing to draw")?;
        let blocks = |period: &emission::Period| blocks(period.first_height, period.last_height);
        let whole = blocks(first);
        let year = |period: &emission::Period| {
            Ok(Year {
                length: blocks(period) / whole,
                reward: amount(&period.reward)?.0,
                issued: amount(&period.issued_at_end)?.0,
                unlocked: amount(&period.premint_unlocked_at_end)?.0,
            })
        };
        let years = schedule.periods.iter().map(year).collect::<Result<_>>()?;
        Ok(Self { years, now: now.map(|n| n as f64 / whole) })
    }

    /// The last year, when all is issued.
    pub fn end(&self) -> Year {
        self.years.last().copied().unwrap_or(Year { length: 1.0, reward: 0, issued: 0, unlocked: 0 })
    }
}

fn blocks(first: u64, last: u64) -> f64 {
    (last.saturating_sub(first).saturating_add(1)) as f64
}

/// The schedule of the public chain, whose whole genesis supply is premint.
pub(super) fn mainnet() -> Result<emission::QueryScheduleResponse> {
    let schedule = Settings::new(&default_params())?.schedule;
    let period = |period: jmes_modules::emission::Period| {
        Ok(emission::Period {
            period: period.number,
            first_height: period.first,
            last_height: period.last,
            reward: period.reward.to_string(),
            issued_at_end: period.issued.to_string(),
            premint_unlocked_at_end: schedule.unlocked(MAX_GENESIS_SUPPLY, period.issued)?.to_string(),
        })
    };
    let periods = schedule.periods(ALL_PERIODS)?.into_iter().map(period).collect::<Result<_>>()?;
    Ok(emission::QueryScheduleResponse { periods })
}

/// An axis from 0 up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// The value at its end, in Nils: a round number, not below any that is drawn.
    pub top: u128,
    /// How many equal steps make a good grid: 4 or 5.
    pub steps: u128,
    unit: u128,
}

impl Scale {
    /// An axis for values up to `most`, in Nils.
    pub fn up_to(most: u128) -> Self {
        let mut size = 1;
        while size <= most / 10 {
            size *= 10;
        }
        let factors = [(1, 5), (2, 4), (4, 4), (5, 5), (8, 4), (10, 5)];
        let fits = factors.into_iter().find(|(factor, _)| factor * size >= most);
        let (factor, steps) = fits.unwrap_or((10, 5));
        let units = [1_000_000 * JMES, 1_000 * JMES, JMES];
        let unit = units.into_iter().find(|unit| factor * size >= 2 * unit).unwrap_or(JMES);
        Self { top: factor * size, steps, unit }
    }

    /// What a label counts: `JMES`, `million JMES`.
    pub const fn unit(self) -> &'static str {
        match self.unit / JMES {
            1_000_000 => "million JMES",
            1_000 => "thousand JMES",
            _ => "JMES",
        }
    }

    /// The label of a value, in units of [`unit`](Self::unit).
    pub fn label(self, value: u128) -> String {
        crate::cli::amount::jmes(Amount(value / (self.unit / JMES)))
    }
}
