//! Who loses a seat at a block's end (§6).

use super::members::{Facts, Member};
use super::rank::Rank;
use crate::kernel::Address;
use crate::JMES;
use std::cmp::Reverse;

/// Why a seat was lost, for the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Jailed or tombstoned, which not proving in time leads to.
    Jailed,
    /// Less than 1 JMES bonded, and no incumbent.
    Unbonded,
    /// There are fewer seats.
    Shrunk,
    /// A newcomer took it.
    Displaced,
}

impl Reason {
    /// As the event tells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jailed => "jailed",
            Self::Unbonded => "bond below 1 JMES",
            Self::Shrunk => "fewer seats",
            Self::Displaced => "displaced",
        }
    }
}

/// Takes the seats of those who must leave, but never the last proven one's: if no proven member would stay, the best of
/// `proven_before` (those proven before this block's end) keeps its seat. Gives who left and why.
///
/// `idp_ended`: from the end of the Initial Distribution Period on a seat needs a bond, except for incumbents.
pub fn dismiss(
    members: &mut Vec<(Member, Facts)>,
    proven_before: &[Address],
    idp_ended: bool,
) -> Vec<(Member, Reason)> {
    let reason = |(member, facts): &(Member, Facts)| {
        if facts.jailed {
            Some(Reason::Jailed)
        } else if idp_ended && !member.incumbent && facts.bond.0 < JMES {
            Some(Reason::Unbonded)
        } else {
            None
        }
    };
    let safe = members.iter().any(|entry| entry.0.proven && reason(entry).is_none());
    let kept = if safe { None } else { best(members, proven_before) };
    let mut gone = Vec::new();
    members.retain(|entry| match reason(entry).filter(|_| Some(entry.0.operator) != kept) {
        Some(reason) => {
            gone.push((entry.0.clone(), reason));
            false
        }
        None => true,
    });
    gone
}

/// Takes the seats of the lowest-ranked beyond `seats`, but never the last proven one's. Gives who left.
pub fn shrink(
    members: &mut Vec<(Member, Facts)>,
    ranks: &[Rank],
    proven_before: &[Address],
    seats: usize,
) -> Vec<Member> {
    if members.len() <= seats {
        return Vec::new();
    }
    let mut ranked: Vec<_> = members.iter().zip(ranks).collect();
    ranked.sort_by_key(|(_, rank)| **rank);
    let mut stay: Vec<&Member> = ranked.into_iter().take(seats).map(|((member, _), _)| member).collect();
    let kept = best(members, proven_before);
    if let Some((kept, last)) = kept.filter(|_| !stay.iter().any(|member| member.proven)).zip(stay.last_mut())
    {
        if let Some((member, _)) = members.iter().find(|(member, _)| member.operator == kept) {
            *last = member;
        }
    }
    let stay: Vec<Address> = stay.into_iter().map(|member| member.operator).collect();
    let mut gone = Vec::new();
    members.retain(|(member, _)| {
        let stays = stay.contains(&member.operator);
        if !stays {
            gone.push(member.clone());
        }
        stays
    });
    gone
}

/// The best proven member, those of `proven_before` first: the one with the largest bond, seated earliest.
fn best(members: &[(Member, Facts)], proven_before: &[Address]) -> Option<Address> {
    let proven = members.iter().filter(|(member, _)| member.proven);
    let key =
        |member: &Member, facts: &Facts| (!proven_before.contains(&member.operator), Reverse(facts.bond.0));
    // Of equals the first, and members are in order of seating.
    proven.min_by_key(|(member, facts)| key(member, facts)).map(|(member, _)| member.operator)
}
