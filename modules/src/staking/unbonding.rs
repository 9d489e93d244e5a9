//! Unbonding (§8): what leaves a validator stays liable for its offences and comes back to the wallet 21 days later.

use super::error::{broken, invalid, refused, JAILED, MAX_UNBONDING_ENTRIES, NO_UNBONDING, WORTHLESS_SHARES};
use super::state::{read_u128, Keyed, Pair, Record};
use super::{bonds, entries_limit, next_entry, require, slashes, state, total_unbonding, unbonding_time};
use crate::kernel::{codes, Address, Amount, Coin, Ctx, Error, Event, Key, Map, Result, Value, View};
use crate::{bank, BASE_DENOM};

/// Coins on their way from a validator back to the wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnbondingEntry {
    /// Its id, counted from 1 together with redelegations.
    pub id: u64,
    /// The height at which it began.
    pub height: u64,
    /// When it completes, in nanoseconds since 1970.
    pub completion: u64,
    /// What began to unbond and was not taken back, in Nils.
    pub initial: Amount,
    /// What is left of that after the slashes that it was settled against, in Nils.
    pub balance: Amount,
    /// The number of the validator's first slash that it was not settled against.
    pub slashes: u64,
}

impl Record for UnbondingEntry {
    fn write(&self, out: &mut Vec<u8>) {
        [self.id, self.height, self.completion].iter().for_each(|number| number.write(out));
        [self.initial, self.balance].iter().for_each(|amount| out.extend(amount.0.to_be_bytes()));
        self.slashes.write(out);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            id: Key::read(bytes)?,
            height: Key::read(bytes)?,
            completion: Key::read(bytes)?,
            initial: Amount(read_u128(bytes)?),
            balance: Amount(read_u128(bytes)?),
            slashes: Key::read(bytes)?,
        })
    }
}

/// What `address` is taking back from all validators, settled against their slashes, in Nils.
pub fn unbonding(view: &View, address: &Address) -> Result<Amount> {
    let mut sum = Amount::ZERO;
    for ((_, operator), entries) in
        state::UNBONDING.scan(view, &address.encoded(), None, false, usize::MAX)?
    {
        for entry in &entries {
            sum = sum.plus(settled(view, &operator, entry)?)?;
        }
    }
    Ok(sum)
}

/// What is left of an entry after all slashes of its validator so far.
pub(super) fn settled(view: &View, operator: &Address, entry: &UnbondingEntry) -> Result<Amount> {
    slashes::settled(view, operator, entry.balance, entry.height, entry.slashes)
}

/// Takes `amount` Nils out of a bond; gives when they will be in the wallet, in nanoseconds since 1970. What one address
/// unbonds from one validator in one block is one entry. Nothing, the whole value of a bond that slashes have left worth less
/// than 1 Nil, makes none: such a bond ends at once.
pub(super) fn begin(ctx: &mut Ctx, delegator: &Address, operator: &Address, amount: Amount) -> Result<u64> {
    let pair = (*delegator, *operator);
    bonds::take(ctx, delegator, operator, amount)?;
    if amount.is_zero() {
        return Ok(ctx.block().time);
    }
    let mut entries = load(ctx, &pair)?;
    let (height, slashes) = (ctx.block().height, require(ctx, operator)?.slashes);
    let completion = ctx.block().time.saturating_add(unbonding_time(ctx)?);
    let newest = entries
        .last_mut()
        .filter(|newest| (newest.height, newest.completion, newest.slashes) == (height, completion, slashes));
    if let Some(newest) = newest {
        newest.initial = newest.initial.plus(amount)?;
        newest.balance = newest.balance.plus(amount)?;
    } else {
        let most = entries_limit(ctx)?;
        if entries.len() >= most {
            let why = "too many unbonding delegation entries for (delegator, validator) tuple";
            return Err(refused(MAX_UNBONDING_ENTRIES, format!("{most} are the most there can be: {why}")));
        }
        let id = next_entry(ctx)?;
        entries.push(UnbondingEntry { id, height, completion, initial: amount, balance: amount, slashes });
        state::UNBONDING_QUEUE.save(ctx, &(completion, id), &Keyed(pair))?;
    }
    save(ctx, &pair, &entries)?;
    add_to_total(ctx, amount)?;
    Ok(completion)
}

/// Bonds `amount` Nils again that began to unbond at `height`. The entry is settled first, what remains goes on unbonding.
pub(super) fn cancel(
    ctx: &mut Ctx,
    delegator: &Address,
    operator: &Address,
    height: u64,
    amount: Amount,
) -> Result<()> {
    let validator = require(ctx, operator)?;
    let pair = (*delegator, *operator);
    if validator.shares > 0 && validator.tokens.is_zero() {
        let why = "cannot delegate to validators with invalid (zero) ex-rate";
        return Err(refused(
            WORTHLESS_SHARES,
            format!("{} has lost all its tokens: {why}", operator.operator()),
        ));
    }
    if validator.jailed {
        let why = "validator for this address is currently jailed";
        return Err(refused(JAILED, format!("{}: {why}", operator.operator())));
    }
    let mut entries = load(ctx, &pair)?;
    if entries.is_empty() {
        let why = format!(
            "unbonding delegation with delegator {delegator} not found for validator {}",
            operator.operator()
        );
        return Err(refused(NO_UNBONDING, why));
    }
    let Some(at) = entries.iter().position(|entry| entry.height == height) else {
        let why = format!("unbonding delegation entry is not found at block height {height}: not found");
        return Err(Error::sdk(codes::NOT_FOUND, why));
    };
    let mut entry = entries.remove(at);
    settle(ctx, operator, &mut entry)?;
    let Some(rest) = entry.balance.minus(amount) else {
        let (left, why) = (entry.balance, "amount is greater than the unbonding delegation entry balance");
        return Err(invalid(format!(
            "{why}: {left}{BASE_DENOM} against {amount}{BASE_DENOM}: invalid request"
        )));
    };
    if rest.is_zero() {
        state::UNBONDING_QUEUE.remove(ctx, &(entry.completion, entry.id))?;
    } else {
        entry.initial = entry.initial.minus(amount).unwrap_or_default();
        entry.balance = rest;
        entries.insert(at, entry);
    }
    save(ctx, &pair, &entries)?;
    take_from_total(ctx, amount)?;
    bonds::add(ctx, delegator, operator, amount).map(drop)
}

/// Pays out every entry that has completed.
pub(super) fn complete(ctx: &mut Ctx) -> Result<()> {
    for ((completion, id), Keyed(pair)) in due(ctx, &state::UNBONDING_QUEUE)? {
        state::UNBONDING_QUEUE.remove(ctx, &(completion, id))?;
        let (delegator, operator) = pair;
        let mut entries = load(ctx, &pair)?;
        let Some(at) = entries.iter().position(|entry| entry.id == id) else {
            return Err(broken(format!("unbonding entry {id} of {delegator} is in the queue only")));
        };
        let mut entry = entries.remove(at);
        save(ctx, &pair, &entries)?;
        settle(ctx, &operator, &mut entry)?;
        take_from_total(ctx, entry.balance)?;
        if !entry.balance.is_zero() {
            bank::give_back(ctx, &delegator, entry.balance)?;
        }
        ctx.emit(
            Event::new("complete_unbonding")
                .with("amount", Coin::new(BASE_DENOM, entry.balance))
                .with("validator", operator.operator())
                .with("delegator", delegator),
        );
    }
    Ok(())
}

/// Burns up to `amount` Nils of the entries of a pair that began at `since` or later, the newest first: coins that were
/// redelegated and then unbonded owe what the source's slash wants. Gives what was burnt for that.
pub(super) fn burn(ctx: &mut Ctx, pair: &Pair, since: u64, amount: Amount) -> Result<Amount> {
    let mut entries = load(ctx, pair)?;
    let mut wanted = amount;
    for entry in entries.iter_mut().rev().filter(|entry| entry.height >= since) {
        settle(ctx, &pair.1, entry)?;
        let part = wanted.min(entry.balance);
        entry.balance = entry.balance.minus(part).unwrap_or_default();
        wanted = wanted.minus(part).unwrap_or_default();
        take_from_total(ctx, part)?;
        bank::burn_set_aside(ctx, part)?;
    }
    save(ctx, pair, &entries)?;
    Ok(amount.minus(wanted).unwrap_or_default())
}

/// Entries of a queue that are due at the block's time, the oldest first.
pub(super) fn due<V: Value>(view: &View, queue: &Map<(u64, u64), V>) -> Result<Vec<((u64, u64), V)>> {
    let time = view.block().time;
    // In most blocks nothing is, and the first entry tells.
    let first = queue.scan(view, &[], None, false, 1)?;
    if first.first().is_none_or(|((at, _), _)| *at > time) {
        return Ok(Vec::new());
    }
    let now = (time, u64::MAX).encoded();
    let mut due = queue.scan(view, &[], Some(&now), true, usize::MAX)?;
    due.reverse();
    Ok(due)
}

/// Burns what an entry owes for the slashes that it was not settled against.
fn settle(ctx: &mut Ctx, operator: &Address, entry: &mut UnbondingEntry) -> Result<()> {
    let left = settled(ctx, operator, entry)?;
    let burnt = entry.balance.minus(left).unwrap_or_default();
    entry.balance = left;
    entry.slashes = require(ctx, operator)?.slashes;
    if burnt.is_zero() {
        return Ok(());
    }
    take_from_total(ctx, burnt)?;
    bank::burn_set_aside(ctx, burnt)
}

fn load(view: &View, pair: &Pair) -> Result<Vec<UnbondingEntry>> {
    Ok(state::UNBONDING.load(view, pair)?.unwrap_or_default())
}

fn save(ctx: &mut Ctx, pair: &Pair, entries: &Vec<UnbondingEntry>) -> Result<()> {
    let by_operator = (pair.1, pair.0);
    if entries.is_empty() {
        state::UNBONDING.remove(ctx, pair)?;
        return state::UNBONDING_FROM.remove(ctx, &by_operator);
    }
    state::UNBONDING.save(ctx, pair, entries)?;
    state::UNBONDING_FROM.save(ctx, &by_operator, &())
}

fn add_to_total(ctx: &mut Ctx, amount: Amount) -> Result<()> {
    let total = total_unbonding(ctx)?.plus(amount)?;
    state::TOTAL_UNBONDING.save(ctx, &total)
}

fn take_from_total(ctx: &mut Ctx, amount: Amount) -> Result<()> {
    let total = total_unbonding(ctx)?
        .minus(amount)
        .ok_or_else(|| broken(format!("less than {amount}{BASE_DENOM} are unbonding in total")))?;
    state::TOTAL_UNBONDING.save(ctx, &total)
}
