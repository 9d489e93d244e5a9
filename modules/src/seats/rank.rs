//! The order of members after the Initial Distribution Period (§6), and who takes whose seat by it.

use super::members::{Facts, Member};
use crate::kernel::Address;
use std::cmp::Reverse;

/// A member's rank, the better the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Among the wanted with the largest bonds, at this place.
    Bonded(usize),
    /// An incumbent without such a bond, seated at this place.
    Incumbent(usize),
    /// Not wanted: by bond in Nils, then earlier creation.
    Unwanted(Reverse<u128>, u64),
}

/// The ranks of all members. `wanted` are the validators with the largest bonds, best first.
pub fn ranks(members: &[(Member, Facts)], wanted: &[Address]) -> Vec<Rank> {
    let rank = |(place, (member, facts)): (usize, &(Member, Facts))| {
        if let Some(at) = wanted.iter().position(|operator| *operator == member.operator) {
            Rank::Bonded(at)
        } else if member.incumbent {
            Rank::Incumbent(place)
        } else {
            Rank::Unwanted(Reverse(facts.bond.0), facts.id)
        }
    };
    members.iter().enumerate().map(rank).collect()
}

/// Whose seat a newcomer takes when all are taken: the lowest-ranked member's that is not wanted for its bond. An incumbent
/// keeps its seat while `seniority` lasts, and the only proven member always.
pub fn displaced(members: &[(Member, Facts)], wanted: &[Address], seniority: bool) -> Option<Address> {
    let proven = members.iter().filter(|(member, _)| member.proven).count();
    let mut ranked: Vec<_> = members.iter().zip(ranks(members, wanted)).collect();
    ranked.sort_by_key(|(_, rank)| Reverse(*rank));
    let stays = |(member, _): &(Member, Facts), rank: Rank| {
        let only_proven = member.proven && proven == 1;
        matches!(rank, Rank::Bonded(_)) || (seniority && member.incumbent) || only_proven
    };
    let (lowest, _) = ranked.into_iter().find(|(entry, rank)| !stays(entry, *rank))?;
    Some(lowest.0.operator)
}
