//! The parameters, and the rules of liveness that follow from them in a block (§8).

use super::{state, Slashing};
use crate::kernel::{codes, mul_div_ceil, Decimal, Error, Result, View};
use crate::{consensus, emission, seats, staking, upgrade};
use cosmos_sdk_proto::cosmos::slashing::v1beta1::Params;
use jmes_proto::Duration;

/// The longest window: 1,000,000 commits, about two months.
pub const MAX_WINDOW: u64 = 1_000_000;
/// The shortest window that an improvement can set, unless genesis has a shorter one.
const MIN_WINDOW: i64 = 1_000;
/// The longest time in jail for downtime: 365 days, in seconds.
pub const MAX_JAIL_SECONDS: i64 = 31_536_000;

const SECOND: u64 = 1_000_000_000;

/// The rules of liveness in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// Whether they are those of the Initial Distribution Period.
    pub(super) idp: bool,
    /// Commits in a window.
    pub(super) length: u64,
    /// The most of them that can be missed.
    pub(super) max_missed: u64,
    /// What is slashed for downtime; nothing in the Initial Distribution Period.
    pub(super) slash: Decimal,
    /// How long one is jailed, in nanoseconds.
    pub(super) jail: u64,
}

impl Rules {
    /// The rules of the block being made.
    pub(super) fn in_force(view: &View) -> Result<Self> {
        Self::of(view, emission::is_idp(view)?)
    }

    /// The rules in or after the Initial Distribution Period that the parameters make.
    pub(super) fn of(view: &View, idp: bool) -> Result<Self> {
        let params = params(view)?;
        let jail = nanoseconds(params.downtime_jail_duration.as_ref());
        let (length, min_signed, slash) = if idp {
            let seats = seats::params(view)?;
            let min_signed = Decimal::percent(seats.idp_min_signed_percent);
            (seats.idp_signed_blocks_window, min_signed, Decimal::ZERO)
        } else {
            let length = u64::try_from(params.signed_blocks_window).unwrap_or(0);
            (length, decimal(&params.min_signed_per_window)?, decimal(&params.slash_fraction_downtime)?)
        };
        Ok(Self { idp, length, max_missed: max_missed(length, min_signed)?, slash, jail })
    }
}

/// Parameters when genesis says nothing: those of mainnet.
pub fn default_params() -> Params {
    Params {
        signed_blocks_window: 10_000,
        min_signed_per_window: bytes(Decimal::percent(5)),
        downtime_jail_duration: Some(Duration { seconds: 600, nanos: 0 }),
        slash_fraction_double_sign: bytes(Decimal::percent(5)),
        slash_fraction_downtime: bytes(Decimal(Decimal::percent(1).0 / 100)),
    }
}

/// The parameters in force.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or_else(default_params))
}

/// The part of a bond that an offence costs.
pub(super) fn double_sign_fraction(view: &View) -> Result<Decimal> {
    decimal(&params(view)?.slash_fraction_double_sign)
}

/// Refuses parameters that are out of range with `sdk/18`: the window has 1 to [`MAX_WINDOW`] commits, fractions are from 0 to
/// 1, jail lasts from 0 to [`MAX_JAIL_SECONDS`].
pub fn validate_params(params: &Params) -> Result<()> {
    let invalid = |why: String| Err(Error::sdk(codes::INVALID_REQUEST, why));
    let window = params.signed_blocks_window;
    if !u64::try_from(window).is_ok_and(|window| (1..=MAX_WINDOW).contains(&window)) {
        return invalid(format!("signed_blocks_window is {window}, expected 1 to {MAX_WINDOW}"));
    }
    let fractions = [
        ("min_signed_per_window", &params.min_signed_per_window),
        ("slash_fraction_double_sign", &params.slash_fraction_double_sign),
        ("slash_fraction_downtime", &params.slash_fraction_downtime),
    ];
    for (name, bytes) in fractions {
        let fraction = decimal(bytes).map_err(|error| error.context(name))?;
        if fraction > Decimal::ONE {
            return invalid(format!("{name} is {fraction}, expected 0 to 1"));
        }
    }
    match params.downtime_jail_duration {
        Some(Duration { seconds: 0..=MAX_JAIL_SECONDS, nanos: 0..=999_999_999 }) => Ok(()),
        Some(Duration { seconds, nanos }) => invalid(format!(
            "downtime_jail_duration is {seconds} s and {nanos} ns, expected 0 to {MAX_JAIL_SECONDS} s"
        )),
        None => invalid("downtime_jail_duration is missing".into()),
    }
}

/// Refuses with `sdk/18` that coins finish unbonding before evidence of their validator's offence is too old (§1). The engine
/// goes by the longer of its two limits, time and blocks; where genesis sets none no evidence is too old.
pub fn check_evidence_age(view: &View) -> Result<()> {
    let Some(age) = consensus::evidence_age(view)? else { return Ok(()) };
    let unbonding = staking::unbonding_time(view)?;
    if age >= unbonding {
        return Ok(());
    }
    let why = format!(
        "evidence.max_age_duration is {age} ns, less than unbonding_time, {unbonding} ns: evidence must be accepted as long as coins unbond"
    );
    Err(Error::sdk(codes::INVALID_REQUEST, why))
}

/// Refuses with `sdk/18` what an improvement must not set besides (§1): a window of fewer than [`MIN_WINDOW`] commits, or than
/// genesis has when that is less, and more than 90% to be signed in it. In every commit some votes are late; who is jailed for
/// one of them is soon everybody but the last.
pub(super) fn check_change(view: &View, params: &Params) -> Result<()> {
    validate_params(params)?;
    let invalid = |why: String| Err(Error::sdk(codes::INVALID_REQUEST, why));
    let least = upgrade::at_genesis(view, &Slashing, "signed_blocks_window")?;
    let least = least.and_then(|window| i64::try_from(window).ok()).unwrap_or(MIN_WINDOW).min(MIN_WINDOW);
    if params.signed_blocks_window < least {
        let window = params.signed_blocks_window;
        return invalid(format!("signed_blocks_window is {window}, expected {least} to {MAX_WINDOW}"));
    }
    let signed = decimal(&params.min_signed_per_window)?;
    if signed > Decimal::percent(90) {
        return invalid(format!("min_signed_per_window is {signed}, expected 0 to 0.9"));
    }
    Ok(())
}

/// The most commits of `length` that can be missed when at least the part `min_signed` must be signed.
fn max_missed(length: u64, min_signed: Decimal) -> Result<u64> {
    let signed = mul_div_ceil(length.into(), min_signed.0, Decimal::ONE.0)?;
    Ok(length.saturating_sub(u64::try_from(signed).unwrap_or(u64::MAX)))
}

/// In protobuf a fraction is the text of its number of units of 10^-18, in a field of bytes.
fn bytes(fraction: Decimal) -> Vec<u8> {
    fraction.to_proto().into_bytes()
}

fn decimal(bytes: &[u8]) -> Result<Decimal> {
    Decimal::from_proto(&String::from_utf8_lossy(bytes))
}

pub(super) fn nanoseconds(duration: Option<&Duration>) -> u64 {
    let Some(Duration { seconds, nanos }) = duration else { return 0 };
    let seconds = u64::try_from(*seconds).unwrap_or(0);
    seconds.saturating_mul(SECOND).saturating_add(u64::try_from(*nanos).unwrap_or(0))
}
