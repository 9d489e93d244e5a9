//! Redelegation (§8): instant, not chainable within 21 days, and liable for the source's offences all that time.

use super::error::{
    refused, BAD_REDELEGATION_DST, MAX_REDELEGATION_ENTRIES, SELF_REDELEGATION, TRANSITIVE_REDELEGATION,
};
use super::state::{read_u128, Keyed, Record, Route};
use super::{
    bonds, entries_limit, next_entry, require, slashes, state, unbonding, unbonding_time, validator, Slash,
};
use crate::kernel::{mul_div, Address, Amount, Coin, Ctx, Event, Key, Result, View};
use crate::{bank, governance, BASE_DENOM};

/// Coins that went from one validator to another within the last 21 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedelegationEntry {
    /// Its id, counted from 1 together with unbonding entries.
    pub id: u64,
    /// The height at which it happened.
    pub height: u64,
    /// When it is forgotten, in nanoseconds since 1970.
    pub completion: u64,
    /// What went over, in Nils.
    pub initial: Amount,
    /// What is left of that after the source's slashes, in Nils.
    pub balance: Amount,
    /// The shares of the destination that it became, less what the source's slashes cut.
    pub shares: u128,
    /// The number of the source's first slash that it was not settled against.
    pub slashes: u64,
}

impl Record for RedelegationEntry {
    fn write(&self, out: &mut Vec<u8>) {
        [self.id, self.height, self.completion].iter().for_each(|number| number.write(out));
        [self.initial.0, self.balance.0, self.shares]
            .iter()
            .for_each(|number| out.extend(number.to_be_bytes()));
        self.slashes.write(out);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            id: Key::read(bytes)?,
            height: Key::read(bytes)?,
            completion: Key::read(bytes)?,
            initial: Amount(read_u128(bytes)?),
            balance: Amount(read_u128(bytes)?),
            shares: read_u128(bytes)?,
            slashes: Key::read(bytes)?,
        })
    }
}

/// Moves `amount` Nils of a bond from `source` to `destination`; gives when it is no longer liable for the source, in
/// nanoseconds since 1970.
pub(super) fn begin(
    ctx: &mut Ctx,
    delegator: &Address,
    source: &Address,
    destination: &Address,
    amount: Amount,
) -> Result<u64> {
    let route = (*delegator, (*source, *destination));
    let entries = check(ctx, &route)?;
    bonds::take(ctx, delegator, source, amount)?;
    let shares = bonds::add(ctx, delegator, destination, amount)?;
    let id = next_entry(ctx)?;
    let completion = ctx.block().time.saturating_add(unbonding_time(ctx)?);
    let (height, slashes) = (ctx.block().height, require(ctx, source)?.slashes);
    let entry =
        RedelegationEntry { id, height, completion, initial: amount, balance: amount, shares, slashes };
    state::REDELEGATION_QUEUE.save(ctx, &(completion, id), &Keyed(route))?;
    save(ctx, &route, &entries.into_iter().chain([entry]).collect())?;
    Ok(completion)
}

/// Forgets every entry that has completed, once it has paid for its source's slashes.
pub(super) fn complete(ctx: &mut Ctx) -> Result<()> {
    for ((completion, id), Keyed(route)) in unbonding::due(ctx, &state::REDELEGATION_QUEUE)? {
        state::REDELEGATION_QUEUE.remove(ctx, &(completion, id))?;
        let (mut gone, kept): (Vec<_>, Vec<_>) =
            load(ctx, &route)?.into_iter().partition(|entry| entry.id == id);
        save(ctx, &route, &kept)?;
        settle(ctx, &route, &mut gone)?;
        let (delegator, (source, destination)) = route;
        let amount = gone.first().map_or(Amount::ZERO, |entry| entry.initial);
        ctx.emit(
            Event::new("complete_redelegation")
                .with("amount", Coin::new(BASE_DENOM, amount))
                .with("delegator", delegator)
                .with("source_validator", source.operator())
                .with("destination_validator", destination.operator()),
        );
    }
    Ok(())
}

/// How much settling a block does: nobody pays gas for it.
const WORK_A_BLOCK: usize = 10_000;
/// What an entry counts of that, the rewards of its owner included; each vote of the owner counts 1 besides.
const WORK_OF_ENTRY: usize = 10;

/// Has every redelegation from a slashed validator settled, from this block's [`settle_slashed`] on.
pub(super) fn shrink(ctx: &mut Ctx, source: &Address) -> Result<()> {
    let lowest = Address::new(&[0; 20])?;
    state::SETTLING.save(ctx, source, &Keyed((lowest, lowest)))
}

/// Settles redelegations from slashed validators, a thousand in a block or less when their owners have voted; the next blocks
/// go on where it stopped (§8).
pub fn settle_slashed(ctx: &mut Ctx) -> Result<()> {
    let mut room = WORK_A_BLOCK;
    while let Some((source, Keyed(next))) = state::SETTLING.scan(ctx, &[], None, false, 1)?.pop() {
        let (group, next) = (source.encoded(), next.encoded());
        let most = room.div_ceil(WORK_OF_ENTRY).saturating_add(1);
        let found = state::REDELEGATIONS_FROM.scan(ctx, &group, Some(&next), false, most)?;
        for ((_, (delegator, destination)), ()) in found {
            if room == 0 {
                return state::SETTLING.save(ctx, &source, &Keyed((delegator, destination)));
            }
            let route = (delegator, (source, destination));
            let mut entries = load(ctx, &route)?;
            let work = governance::votes_of(ctx, &delegator)?.saturating_add(WORK_OF_ENTRY);
            room = room.saturating_sub(entries.len().saturating_mul(work));
            settle(ctx, &route, &mut entries)?;
            save(ctx, &route, &entries)?;
        }
        state::SETTLING.remove(ctx, &source)?;
    }
    Ok(())
}

/// Burns what entries of a route owe for the source's slashes that they were not settled against: a part of the shares that
/// they became; where those have left the destination, of what is unbonding from there since.
fn settle(ctx: &mut Ctx, route: &Route, entries: &mut [RedelegationEntry]) -> Result<()> {
    let (delegator, (source, destination)) = route;
    let slashes = require(ctx, source)?.slashes;
    let mut burnt = Amount::ZERO;
    for entry in entries.iter_mut().filter(|entry| entry.slashes < slashes) {
        for slash in slashes::since(ctx, source, entry.slashes, entry.height)? {
            burnt = burnt.plus(shrink_entry(ctx, route, entry, &slash)?)?;
        }
        entry.slashes = slashes;
    }
    if !burnt.is_zero() {
        ctx.emit(
            Event::new("slash_redelegation")
                .with("delegator", delegator)
                .with("source_validator", source.operator())
                .with("destination_validator", destination.operator())
                .with("burned_coins", Coin::new(BASE_DENOM, burnt)),
        );
    }
    Ok(())
}

fn shrink_entry(
    ctx: &mut Ctx,
    (delegator, (_, destination)): &Route,
    entry: &mut RedelegationEntry,
    slash: &Slash,
) -> Result<Amount> {
    let owed = slash.fraction.of(entry.balance)?;
    let shares = slash.fraction.of(Amount(entry.shares))?.0;
    entry.balance = entry.balance.minus(owed).unwrap_or_default();
    entry.shares = entry.shares.saturating_sub(shares);
    let bonded = bonds::shares_of(ctx, delegator, destination)?.min(shares);
    let cut = bonds::cut(ctx, delegator, destination, bonded)?;
    bank::burn_set_aside(ctx, cut)?;
    if bonded == shares {
        return Ok(cut);
    }
    let missing = mul_div(owed.0, shares.saturating_sub(bonded), shares).map(Amount)?;
    cut.plus(unbonding::burn(ctx, &(*delegator, *destination), entry.height, missing)?)
}

fn check(ctx: &Ctx, route: &Route) -> Result<Vec<RedelegationEntry>> {
    let (delegator, (source, destination)) = route;
    if source == destination {
        let why = "cannot redelegate to the same validator";
        return Err(refused(SELF_REDELEGATION, format!("{}: {why}", source.operator())));
    }
    require(ctx, source)?;
    if validator(ctx, destination)?.is_none() {
        let why = "redelegation destination validator not found";
        return Err(refused(BAD_REDELEGATION_DST, format!("{}: {why}", destination.operator())));
    }
    let received = (*delegator, *source).encoded();
    if !state::REDELEGATIONS_TO.scan(ctx, &received, None, false, 1)?.is_empty() {
        let why = "redelegation to this validator already in progress; first redelegation to this validator must complete before next redelegation";
        return Err(refused(TRANSITIVE_REDELEGATION, format!("{}: {why}", source.operator())));
    }
    let (entries, most) = (load(ctx, route)?, entries_limit(ctx)?);
    if entries.len() >= most {
        let why = "too many redelegation entries for (delegator, src-validator, dst-validator) tuple";
        return Err(refused(MAX_REDELEGATION_ENTRIES, format!("{most} are the most there can be: {why}")));
    }
    Ok(entries)
}

fn load(view: &View, route: &Route) -> Result<Vec<RedelegationEntry>> {
    Ok(state::REDELEGATIONS.load(view, route)?.unwrap_or_default())
}

fn save(ctx: &mut Ctx, route: &Route, entries: &Vec<RedelegationEntry>) -> Result<()> {
    let (delegator, (source, destination)) = *route;
    let (from, to) = ((source, (delegator, destination)), (delegator, (destination, source)));
    if entries.is_empty() {
        state::REDELEGATIONS.remove(ctx, route)?;
        state::REDELEGATIONS_FROM.remove(ctx, &from)?;
        return state::REDELEGATIONS_TO.remove(ctx, &to);
    }
    state::REDELEGATIONS.save(ctx, route, entries)?;
    state::REDELEGATIONS_FROM.save(ctx, &from, &())?;
    state::REDELEGATIONS_TO.save(ctx, &to, &())
}
