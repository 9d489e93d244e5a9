//! What always holds of artworks.

use super::{balance, queries, record, state, supply};
use crate::kernel::{codes, Address, Error, Result, View};
use std::collections::BTreeMap;

/// Each artwork has an owner, who got it with the last transfer; counts are recounts; its DAO held what allowed it when it was
/// minted.
pub(super) fn check(view: &View) -> Result<()> {
    let mut supplies: BTreeMap<String, u64> = BTreeMap::new();
    let mut balances: BTreeMap<(String, Address), u64> = BTreeMap::new();
    for (key, nft) in state::NFTS.scan(view, &[], None, false, usize::MAX)? {
        let (class, id) = key.clone();
        let broken = |why: String| Error::sdk(codes::LOGIC, format!("artwork {class} {id}: {why}"));
        let owner = state::OWNERS.load(view, &key)?.ok_or_else(|| broken("nobody has it".into()))?;
        let last = state::TRANSFERS.scan(view, &state::group(&class, &id), None, true, 1)?;
        if last.first().is_none_or(|(_, transfer)| transfer.to != owner.as_bytes()) {
            return Err(broken(format!("{owner} has it, the last transfer was to another")));
        }
        if !state::BY_OWNER.has(view, &(owner, key))? {
            return Err(broken(format!("it is not among those of {owner}")));
        }
        let artwork = record::artwork(&nft);
        if !queries::held_then(view, &artwork)? {
            let height = artwork.minted_height;
            return Err(broken(format!("{} was not {} at {height}", artwork.dao, artwork.feature)));
        }
        let count = supplies.entry(class.clone()).or_default();
        *count = count.saturating_add(1);
        let count = balances.entry((class, owner)).or_default();
        *count = count.saturating_add(1);
    }
    check_counts(view, &supplies, &balances)
}

fn check_counts(
    view: &View,
    supplies: &BTreeMap<String, u64>,
    balances: &BTreeMap<(String, Address), u64>,
) -> Result<()> {
    let broken = |why: String| Err(Error::sdk(codes::LOGIC, why));
    for (class, _) in state::CLASSES.scan(view, &[], None, false, usize::MAX)? {
        let (stored, counted) = (supply(view, &class)?, supplies.get(&class).copied().unwrap_or(0));
        if stored != counted {
            return broken(format!("class {class} says {stored} artworks, there are {counted}"));
        }
    }
    for ((class, owner), count) in balances {
        let stored = balance(view, class, owner)?;
        if stored != *count {
            return broken(format!("{owner} has {count} artworks of {class}, stored are {stored}"));
        }
    }
    let entries = state::BALANCES.scan(view, &[], None, false, usize::MAX)?.len();
    let owned = state::BY_OWNER.scan(view, &[], None, false, usize::MAX)?.len();
    let artworks = supplies.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
    if entries != balances.len() || u64::try_from(owned) != Ok(artworks) {
        let why =
            format!("{artworks} artworks of {} owners; stored are {owned} and {entries}", balances.len());
        return broken(why);
    }
    Ok(())
}
