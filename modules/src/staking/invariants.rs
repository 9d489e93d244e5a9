//! What always holds of validators and bonds. Reads everything.

use super::error::broken;
use super::state::{Keyed, Pair, Route};
use super::{registry, state, total_bonded, total_unbonding, Validator};
use crate::kernel::{Address, Amount, Key, Map, Result, Value, View};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(view: &View) -> Result<()> {
    let validators: BTreeMap<Address, Validator> = all(view, &state::VALIDATORS)?.into_iter().collect();
    check_records(view, &validators)?;
    check_bonds(view, &validators)?;
    check_unbonding(view, &validators)?;
    check_redelegations(view, &validators)
}

fn all<K: Key, V: Value>(view: &View, map: &Map<K, V>) -> Result<Vec<(K, V)>> {
    map.scan(view, &[], None, false, usize::MAX)
}

fn keys<K: Key + Ord, V: Value>(view: &View, map: &Map<K, V>) -> Result<BTreeSet<K>> {
    Ok(all(view, map)?.into_iter().map(|(key, _)| key).collect())
}

fn require(holds: bool, why: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(broken(why()))
    }
}

/// Ids are 1 to their number, keys lead to their validators, the ranking and the slash lists are complete.
fn check_records(view: &View, validators: &BTreeMap<Address, Validator>) -> Result<()> {
    let mut ids: Vec<u64> = validators.values().map(|validator| validator.id).collect();
    ids.sort_unstable();
    let last = state::LAST_ID.load(view)?.unwrap_or(0);
    require(ids.iter().copied().eq(1..=last), || {
        format!("the validators' ids are {ids:?}, the last is {last}")
    })?;
    let mut keys = BTreeMap::new();
    let mut ranked = Vec::new();
    let mut total = Amount::ZERO;
    let mut slashes = BTreeMap::new();
    for (operator, validator) in validators {
        require(validator.operator == *operator, || format!("the record of {operator} is another's"))?;
        keys.extend(validator.consensus_address().map(|address| (address, *operator)));
        ranked.extend(registry::rank(validator).map(|rank| (rank, *operator)));
        total = total.plus(validator.tokens)?;
        slashes.extend((validator.slashes > 0).then_some((*operator, validator.slashes)));
    }
    ranked.sort();
    require(all(view, &state::BY_CONSENSUS)? == keys.into_iter().collect::<Vec<_>>(), || {
        "the validators by consensus address are not those with a key".into()
    })?;
    require(all(view, &state::RANKED)? == ranked, || "the ranking is not that of the records".into())?;
    let stated = total_bonded(view)?;
    require(stated == total, || format!("{total} Nils are bonded, the total says {stated}"))?;
    let mut listed: BTreeMap<Address, u64> = BTreeMap::new();
    for ((operator, number), _) in all(view, &state::SLASHES)? {
        let next = listed.entry(operator).or_default();
        require(*next == number, || format!("slash {next} of {operator} is missing"))?;
        *next = number.saturating_add(1);
    }
    require(listed == slashes, || "the lists of slashes are not as long as the records say".into())
}

/// Shares sum up to the validator's, are worth its tokens to a Nil for each bond, and never more than a Nil each.
fn check_bonds(view: &View, validators: &BTreeMap<Address, Validator>) -> Result<()> {
    let bonds = all(view, &state::BONDS)?;
    let index: BTreeSet<Pair> =
        bonds.iter().map(|((delegator, operator), _)| (*operator, *delegator)).collect();
    require(keys(view, &state::BONDS_TO)? == index, || "the bonds by validator are not the bonds".into())?;
    let mut sums: BTreeMap<Address, (u128, u128, u128)> = BTreeMap::new();
    for ((_, operator), shares) in &bonds {
        let validator = known(validators, operator)?;
        let (count, all, value) = sums.entry(*operator).or_default();
        *count = count.saturating_add(1);
        *all = all.saturating_add(shares.0);
        *value = value.saturating_add(validator.value_of(shares.0)?.0);
    }
    for (operator, validator) in validators {
        let (count, shares, value) = sums.get(operator).copied().unwrap_or_default();
        let (name, tokens) = (operator.operator(), validator.tokens.0);
        require(shares == validator.shares, || {
            format!("the bonds to {name} have {shares} shares, its record says {}", validator.shares)
        })?;
        require(tokens <= shares, || format!("{name} has {tokens} Nils for {shares} shares"))?;
        require(value <= tokens && tokens.saturating_sub(value) <= count, || {
            format!("{count} bonds to {name} are worth {value} Nils, it has {tokens}")
        })?;
    }
    Ok(())
}

fn check_unbonding(view: &View, validators: &BTreeMap<Address, Validator>) -> Result<()> {
    let mut total = Amount::ZERO;
    let (mut index, mut queue) = (BTreeSet::new(), Vec::new());
    for (pair, entries) in all(view, &state::UNBONDING)? {
        let validator = known(validators, &pair.1)?;
        require(!entries.is_empty(), || format!("{} unbonds nothing from {}", pair.0, pair.1.operator()))?;
        index.insert((pair.1, pair.0));
        for entry in entries {
            total = total.plus(entry.balance)?;
            let sound = entry.balance <= entry.initial && entry.slashes <= validator.slashes;
            require(sound, || format!("unbonding entry {} is {entry:?}", entry.id))?;
            queue.push(((entry.completion, entry.id), Keyed(pair)));
        }
    }
    queue.sort_by_key(|(at, _)| *at);
    require(keys(view, &state::UNBONDING_FROM)? == index, || {
        "the unbondings by validator are not all".into()
    })?;
    require(all(view, &state::UNBONDING_QUEUE)? == queue, || {
        "the queue of unbondings is not all of them".into()
    })?;
    let stated = total_unbonding(view)?;
    require(stated == total, || format!("{total} Nils are unbonding, the total says {stated}"))
}

fn check_redelegations(view: &View, validators: &BTreeMap<Address, Validator>) -> Result<()> {
    let (mut from, mut to, mut queue) = (BTreeSet::new(), BTreeSet::<Route>::new(), Vec::new());
    for (route, entries) in all(view, &state::REDELEGATIONS)? {
        let (delegator, (source, destination)) = route;
        let slashes = known(validators, &source)?.slashes;
        known(validators, &destination)?;
        let waits =
            state::SETTLING.load(view, &source)?.is_some_and(|next| next.0 <= (delegator, destination));
        require(!entries.is_empty(), || {
            format!("{delegator} redelegates nothing from {}", source.operator())
        })?;
        from.insert((source, (delegator, destination)));
        to.insert((delegator, (destination, source)));
        for entry in entries {
            let settled = entry.slashes == slashes || (waits && entry.slashes < slashes);
            let sound = entry.balance <= entry.initial && settled;
            require(sound, || format!("redelegation {} is {entry:?}", entry.id))?;
            queue.push(((entry.completion, entry.id), Keyed(route)));
        }
    }
    queue.sort_by_key(|(at, _)| *at);
    let indexed =
        keys(view, &state::REDELEGATIONS_FROM)? == from && keys(view, &state::REDELEGATIONS_TO)? == to;
    require(indexed, || "the redelegations by validator are not all".into())?;
    require(all(view, &state::REDELEGATION_QUEUE)? == queue, || {
        "the queue of redelegations is not all of them".into()
    })
}

fn known<'a>(validators: &'a BTreeMap<Address, Validator>, operator: &Address) -> Result<&'a Validator> {
    validators.get(operator).ok_or_else(|| broken(format!("there is no validator {}", operator.operator())))
}
