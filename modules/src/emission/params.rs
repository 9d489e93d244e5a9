//! The parameters (§1, §2): their defaults, which are the mainnet's, and their bounds. None changes after genesis.

use super::Schedule;
use crate::bank::MAX_GENESIS_SUPPLY;
use crate::kernel::{codes, mul_div, Amount, Decimal, Error, Result};
use jmes_proto::jmes::emission::v1::Params;
use tendermint_proto::google::protobuf::Duration;

/// Units of [`Decimal`] in a unit of the reduction, which has 10 places.
const UNITS_PER_PLACE: u128 = 100_000_000;

/// The most Nils that `max_supply` may name: a thousand times the mainnet's.
const MOST_SUPPLY: Amount = Amount(1_000_000_000_000_000_000);

/// A schedule may have at most this many periods: answering about it is work in their number.
pub(super) const MAX_PERIODS: usize = 1_000;

const NANOS: u64 = 1_000_000_000;

/// The mainnet's parameters.
pub fn default_params() -> Params {
    Params {
        target_block_time: Some(Duration { seconds: 5, nanos: 0 }),
        pace_credit: Some(Duration { seconds: 505, nanos: 0 }),
        max_supply: "1000000000000000".into(),
        initial_reward: "18000000".into(),
        reduction: "0.1262079466".into(),
        seconds_per_month: 2_629_746,
        idp_blocks: 483_840,
        dao_share_percent: 50,
    }
}

/// The parameters as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a block takes on pace, in nanoseconds; at least 1.
    pub block_time: u64,
    /// The most that the pace credit can be, in nanoseconds; at least `block_time`.
    pub pace_credit: u64,
    /// The most Nils there can ever be.
    pub max_supply: Amount,
    /// The schedule of rewards.
    pub schedule: Schedule,
    /// The length of a month, in seconds.
    pub seconds_per_month: u64,
    /// The length of the Initial Distribution Period, in issuance heights; may be 0.
    pub idp_blocks: u64,
    /// The part of the reward that funds DAOs after it, in hundredths.
    pub dao_share_percent: u32,
}

impl Settings {
    /// Checks parameters. `sdk/18` with a sentence that names the field that is out of range.
    pub fn new(params: &Params) -> Result<Self> {
        let block_time = positive("target_block_time", params.target_block_time.as_ref())?;
        let pace_credit = positive("pace_credit", params.pace_credit.as_ref())?;
        if pace_credit < block_time {
            return Err(invalid(
                "pace_credit",
                "it is less than target_block_time: no block would have a reward",
            ));
        }
        if params.seconds_per_month == 0 {
            return Err(invalid("seconds_per_month", "it is 0; a month takes at least a second"));
        }
        if params.dao_share_percent > 100 {
            return Err(invalid("dao_share_percent", format!("{} is above 100", params.dao_share_percent)));
        }
        let max_supply = amount("max_supply", &params.max_supply)?;
        if max_supply <= MAX_GENESIS_SUPPLY || max_supply > MOST_SUPPLY {
            let why =
                format!("{max_supply} Nils is not above {MAX_GENESIS_SUPPLY} and at most {MOST_SUPPLY}");
            return Err(invalid("max_supply", why));
        }
        let mut settings = Self {
            block_time,
            pace_credit,
            max_supply,
            schedule: schedule(params, max_supply)?,
            seconds_per_month: params.seconds_per_month,
            idp_blocks: params.idp_blocks,
            dao_share_percent: params.dao_share_percent,
        };
        settings.schedule.period_blocks = settings.blocks_in_months(12)?;
        if settings.schedule.period_blocks == 0 {
            return Err(invalid("seconds_per_month", "12 months are shorter than target_block_time"));
        }
        Ok(settings)
    }

    /// Checks what takes work in the number of periods, once, at genesis: that the schedule ends.
    pub fn check_end(&self) -> Result<()> {
        if self.schedule.periods(MAX_PERIODS.saturating_add(1))?.len() <= MAX_PERIODS {
            return Ok(());
        }
        let why = format!("it is too small: rewards do not end within {MAX_PERIODS} periods of 12 months");
        Err(invalid("reduction", why))
    }

    /// How many blocks on pace there are in `months` (§1): floor(months × seconds a month / target block time).
    pub fn blocks_in_months(&self, months: u64) -> Result<u64> {
        let nanos = mul_div(months.into(), self.seconds_per_month.into(), 1)?;
        let blocks = mul_div(nanos, NANOS.into(), self.block_time.into())?;
        u64::try_from(blocks).map_err(|_| invalid("seconds_per_month", "a month has more than 2^64 blocks"))
    }
}

/// The schedule, its periods still without a length.
fn schedule(params: &Params, max_supply: Amount) -> Result<Schedule> {
    let limit = max_supply.minus(MAX_GENESIS_SUPPLY).unwrap_or_default();
    let initial_reward = amount("initial_reward", &params.initial_reward)?;
    if initial_reward > limit {
        let why = format!("{initial_reward} Nils is more than can ever be issued, {limit} Nils");
        return Err(invalid("initial_reward", why));
    }
    let reduction = Decimal::parse(&params.reduction)
        .map_err(|error| error.context("genesis: emission: params.reduction"))?;
    if reduction == Decimal::ZERO || reduction > Decimal::ONE {
        let why = format!("{} is not above 0 and at most 1: rewards must end", params.reduction);
        return Err(invalid("reduction", why));
    }
    if reduction.0.checked_rem(UNITS_PER_PLACE) != Some(0) {
        return Err(invalid("reduction", format!("{} has more than 10 places", params.reduction)));
    }
    let units = reduction.0.checked_div(UNITS_PER_PLACE).unwrap_or(0);
    let reduction = u64::try_from(units).unwrap_or(u64::MAX);
    Ok(Schedule { limit, initial_reward, reduction, period_blocks: 0 })
}

fn positive(field: &str, duration: Option<&Duration>) -> Result<u64> {
    let nanos = duration.and_then(|duration| {
        let seconds = u64::try_from(duration.seconds).ok()?.checked_mul(NANOS)?;
        seconds.checked_add(u64::try_from(duration.nanos).ok()?)
    });
    nanos
        .filter(|nanos| *nanos > 0)
        .ok_or_else(|| invalid(field, "it must be a time above 0 and below 584 years, such as \"5s\""))
}

fn amount(field: &str, text: &str) -> Result<Amount> {
    Amount::parse(text).map_err(|error| error.context(format!("genesis: emission: params.{field}")))
}

fn invalid(field: &str, why: impl std::fmt::Display) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("genesis: emission: params.{field}: {why}"))
}
