//! The clock of issuance heights (§1): rewards come no faster than blocks on pace would, whatever the engine does.

use super::{Point, Settings};
use crate::kernel::{Amount, Result, Value};

/// The running state of clock and schedule, so that a block's work does not depend on what was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The issuance height n; 0 before the first block.
    pub n: u64,
    /// The engine's height of the last block that advanced the clock; 0 before the first.
    pub height: u64,
    /// The time of that block, in nanoseconds since 1970.
    pub time: u64,
    /// The pace credit a after that block, in nanoseconds.
    pub credit: u64,
    /// Whether that block was on pace: only then it has a reward.
    pub paced: bool,
    /// The schedule at n.
    pub point: Point,
}

impl Clock {
    /// The clock before the first block, with the credit that the first block finds.
    pub fn new(settings: &Settings) -> Result<Self> {
        let point = settings.schedule.start()?;
        Ok(Self { n: 0, height: 0, time: 0, credit: settings.pace_credit, paced: false, point })
    }

    /// The clock in the block at `height` with block time `time`.
    pub fn advance(&self, settings: &Settings, height: u64, time: u64) -> Result<Self> {
        let passed = if self.height == 0 { 0 } else { time.saturating_sub(self.time) };
        let credit = self.credit.saturating_add(passed).min(settings.pace_credit);
        let next = Self { height, time, credit, paced: false, ..*self };
        match (credit.checked_sub(settings.block_time), self.n.checked_add(1)) {
            (Some(credit), Some(n)) => {
                let point = settings.schedule.advance(&self.point, n)?;
                Ok(Self { n, credit, paced: true, point, ..next })
            }
            _ => Ok(next),
        }
    }
}

/// Stored as n ‖ height ‖ time ‖ credit ‖ period (8 bytes each) ‖ whether paced (1) ‖ rate ‖ reward ‖ issued
/// (16 each), all big-endian.
impl Value for Clock {
    fn encode(&self) -> Vec<u8> {
        let Self { n, height, time, credit, paced, point } = self;
        let mut bytes = Vec::with_capacity(89);
        for number in [n, height, time, credit, &point.period] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.push(u8::from(*paced));
        for number in [point.rate, point.reward.0, point.issued.0] {
            bytes.extend(number.to_be_bytes());
        }
        bytes
    }

    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut numbers = [0; 5];
        for number in &mut numbers {
            let (head, rest) = bytes.split_first_chunk::<8>()?;
            *number = u64::from_be_bytes(*head);
            bytes = rest;
        }
        let (paced, mut bytes) = bytes.split_first()?;
        let mut amounts = [0; 3];
        for amount in &mut amounts {
            let (head, rest) = bytes.split_first_chunk::<16>()?;
            *amount = u128::from_be_bytes(*head);
            bytes = rest;
        }
        let ([n, height, time, credit, period], [rate, reward, issued]) = (numbers, amounts);
        let point = Point { period, rate, reward: Amount(reward), issued: Amount(issued) };
        let clock = Self { n, height, time, credit, paced: *paced == 1, point };
        (*paced <= 1 && bytes.is_empty()).then_some(clock)
    }
}
