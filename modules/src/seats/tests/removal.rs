//! Tests of losing seats.

use super::{addresses, incumbent, jailed, operators, proven, unproven};
use crate::kernel::Address;
use crate::seats::members::{Facts, Member};
use crate::seats::rank::ranks;
use crate::seats::removal::{dismiss, shrink, Reason};

type Members = Vec<(Member, Facts)>;

/// Who stays and who leaves, of whom all proven members were proven before.
fn dismissed(mut members: Members, idp_ended: bool) -> (Vec<Address>, Vec<(Address, Reason)>) {
    let before = operators(members.iter().filter(|(member, _)| member.proven));
    let gone = dismiss(&mut members, &before, idp_ended);
    (operators(&members), gone.into_iter().map(|(member, reason)| (member.operator, reason)).collect())
}

#[test]
fn the_jailed_lose_their_seats() {
    let members = vec![proven(1, 0), jailed(proven(2, 0)), unproven(3, 0), jailed(unproven(4, 0))];
    for idp_ended in [false, true] {
        let members = members.clone().into_iter().map(incumbent).collect();
        let (stay, gone) = dismissed(members, idp_ended);
        assert_eq!(stay, addresses(&[1, 3]));
        assert_eq!(
            gone,
            addresses(&[2, 4]).into_iter().map(|gone| (gone, Reason::Jailed)).collect::<Vec<_>>()
        );
    }
}

#[test]
fn after_the_period_a_seat_needs_a_bond_of_1_jmes_except_for_incumbents() {
    let mut poor = unproven(3, 1);
    poor.1.bond.0 -= 1;
    let members = vec![incumbent(proven(1, 0)), proven(2, 1), poor];
    assert_eq!(dismissed(members.clone(), false), (addresses(&[1, 2, 3]), vec![]));
    let (stay, gone) = dismissed(members, true);
    assert_eq!(stay, addresses(&[1, 2]));
    assert_eq!(gone, [(addresses(&[3])[0], Reason::Unbonded)]);
}

#[test]
fn the_best_proven_one_keeps_its_seat_when_no_other_proven_one_would_stay() {
    let members = vec![unproven(9, 50), jailed(proven(1, 3)), jailed(proven(2, 5)), jailed(proven(3, 5))];
    let (stay, gone) = dismissed(members, false);
    assert_eq!(stay, addresses(&[9, 2]), "the largest bond, of equals the one seated earliest");
    assert_eq!(gone.len(), 2);
    let (stay, _) = dismissed(vec![jailed(proven(1, 0)), proven(2, 0)], false);
    assert_eq!(stay, addresses(&[2]), "another proven one is enough");
}

#[test]
fn who_was_proven_before_keeps_the_seat_rather_than_who_is_proven_now() {
    let mut members = vec![jailed(proven(1, 0)), jailed(proven(2, 100))];
    let gone = dismiss(&mut members, &addresses(&[1]), false);
    assert_eq!((operators(&members), gone.len()), (addresses(&[1]), 1));
}

#[test]
fn one_proven_in_this_block_lets_the_kept_one_go() {
    let mut members = vec![jailed(proven(1, 9)), proven(2, 0)];
    dismiss(&mut members, &addresses(&[1]), false);
    assert_eq!(operators(&members), addresses(&[2]));
}

fn shrunk(mut members: Members, wanted: &[u8], seats: usize) -> Vec<Address> {
    let before = operators(members.iter().filter(|(member, _)| member.proven));
    let ranks = ranks(&members, &addresses(wanted));
    let gone = shrink(&mut members, &ranks, &before, seats);
    let gone: Vec<Address> = gone.iter().map(|member| member.operator).collect();
    assert!(operators(&members).iter().all(|operator| !gone.contains(operator)));
    operators(&members)
}

#[test]
fn of_fewer_seats_the_lowest_ranked_lose_theirs() {
    let members = || vec![incumbent(proven(1, 0)), proven(2, 7), incumbent(proven(3, 0)), proven(4, 9)];
    assert_eq!(shrunk(members(), &[4, 2], 4), addresses(&[1, 2, 3, 4]));
    assert_eq!(shrunk(members(), &[4, 2], 3), addresses(&[1, 2, 4]));
    assert_eq!(shrunk(members(), &[4], 1), addresses(&[4]));
}

#[test]
fn of_fewer_seats_the_last_proven_one_keeps_its_own() {
    let members = || vec![unproven(1, 9), unproven(2, 8), incumbent(proven(3, 0)), incumbent(proven(4, 1))];
    assert_eq!(shrunk(members(), &[1, 2], 3), addresses(&[1, 2, 3]), "a proven one stays by rank");
    assert_eq!(shrunk(members(), &[1, 2], 2), addresses(&[1, 4]), "the proven one with the largest bond");
}
