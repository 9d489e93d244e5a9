//! Slashes (§8): the bonds lose value at once by the validator's tokens, unbonding entries when they are settled against the
//! validator's list of slashes, redelegations one by one.

use super::state::read_u128;
use super::{redelegation, require, save, state};
use crate::kernel::{Address, Amount, Ctx, Decimal, Key, Result, Value, View};
use crate::{bank, governance};

/// A slash in a validator's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slash {
    /// The height of the offence.
    pub offence_height: u64,
    /// The part that was lost, at most the whole.
    pub fraction: Decimal,
}

impl Slash {
    /// Whether what began to leave the validator at `height` is liable (§8).
    pub(super) const fn concerns(&self, height: u64) -> bool {
        height >= self.offence_height.saturating_sub(1)
    }
}

/// Height (8 bytes) ‖ fraction in units of 10^-18 (16 bytes).
impl Value for Slash {
    fn encode(&self) -> Vec<u8> {
        let mut out = self.offence_height.encoded();
        out.extend(self.fraction.0.to_be_bytes());
        out
    }
    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let slash =
            Self { offence_height: Key::read(&mut bytes)?, fraction: Decimal(read_u128(&mut bytes)?) };
        bytes.is_empty().then_some(slash)
    }
}

/// Burns floor(tokens × fraction) of what is bonded to the validator and what redelegations owe, and makes unbonding entries
/// liable that began at heights ≥ `offence_height` − 1 (§8). A fraction above the whole is the whole. Gives what was burnt at
/// once, in Nils. The work is independent of the number of bonds; it grows with the proposals that they are voting on.
pub fn slash(ctx: &mut Ctx, operator: &Address, fraction: Decimal, offence_height: u64) -> Result<Amount> {
    let slash = Slash { offence_height, fraction: fraction.min(Decimal::ONE) };
    let mut validator = require(ctx, operator)?;
    let burnt = slash.fraction.of(validator.tokens)?;
    validator.tokens = validator.tokens.minus(burnt).unwrap_or_default();
    state::SLASHES.save(ctx, &(*operator, validator.slashes), &slash)?;
    validator.slashes = validator.slashes.saturating_add(1);
    save(ctx, &validator)?;
    governance::validator_slashed(ctx, operator)?;
    bank::burn_set_aside(ctx, burnt)?;
    redelegation::shrink(ctx, operator)?;
    Ok(burnt)
}

/// The slashes from number `since` on that concern what began to leave the validator at `height`, in order.
pub(super) fn since(view: &View, operator: &Address, since: u64, height: u64) -> Result<Vec<Slash>> {
    let slashes =
        state::SLASHES.scan(view, &operator.encoded(), Some(&since.encoded()), false, usize::MAX)?;
    Ok(slashes.into_iter().map(|(_, slash)| slash).filter(|slash| slash.concerns(height)).collect())
}

/// What remains of `balance` Nils that began to leave the validator at `height` after its slashes from number `since` on, one
/// after the other, each rounded down.
pub(super) fn settled(
    view: &View,
    operator: &Address,
    balance: Amount,
    height: u64,
    since: u64,
) -> Result<Amount> {
    self::since(view, operator, since, height)?
        .iter()
        .try_fold(balance, |left, slash| Ok(left.minus(slash.fraction.of(left)?).unwrap_or_default()))
}
