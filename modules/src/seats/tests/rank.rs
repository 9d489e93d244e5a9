//! Tests of the order after the Initial Distribution Period.

use super::{addresses, incumbent, jailed, proven, unproven};
use crate::seats::rank::{displaced, ranks, Rank};
use crate::test_support::address;
use std::cmp::Reverse;

#[test]
fn wanted_come_by_bond_then_incumbents_by_seating_then_the_rest_by_bond_and_creation() {
    let members = [
        incumbent(proven(1, 0)),
        proven(2, 7),
        incumbent(proven(3, 9)),
        proven(4, 7),
        proven(5, 8),
        incumbent(proven(6, 3)),
    ];
    let wanted = addresses(&[9, 3]);
    let expected = [
        Rank::Incumbent(0),
        Rank::Unwanted(Reverse(7_000_000), 2),
        Rank::Bonded(1),
        Rank::Unwanted(Reverse(7_000_000), 4),
        Rank::Unwanted(Reverse(8_000_000), 5),
        Rank::Incumbent(5),
    ];
    let found = ranks(&members, &wanted);
    assert_eq!(found, expected);
    let mut order: Vec<usize> = (0..6).collect();
    order.sort_by_key(|place| found[*place]);
    assert_eq!(order, [2, 0, 5, 4, 1, 3]);
}

#[test]
fn a_newcomer_takes_the_lowest_ranked_seat() {
    let members = [incumbent(proven(1, 0)), proven(2, 7), incumbent(proven(3, 0)), proven(4, 8)];
    let wanted = addresses(&[9, 4]);
    assert_eq!(
        displaced(&members, &wanted, false),
        Some(address(2)),
        "it is neither wanted nor an incumbent"
    );
    let incumbents = [incumbent(proven(1, 0)), proven(4, 8), incumbent(proven(3, 0))];
    assert_eq!(displaced(&incumbents, &wanted, false), Some(address(3)), "of incumbents the last seated");
}

#[test]
fn no_newcomer_displaces_an_incumbent_while_seniority_lasts() {
    let wanted = addresses(&[9, 4]);
    let incumbents = [incumbent(proven(1, 0)), proven(4, 8), incumbent(proven(3, 0))];
    assert_eq!(displaced(&incumbents, &wanted, true), None);
    let one_unwanted = [incumbent(proven(1, 0)), proven(2, 7), incumbent(proven(3, 0)), proven(4, 8)];
    assert_eq!(displaced(&one_unwanted, &wanted, true), Some(address(2)));
}

#[test]
fn no_newcomer_displaces_who_is_wanted() {
    let members = [proven(1, 5), proven(2, 6)];
    assert_eq!(displaced(&members, &addresses(&[2, 1]), false), None);
}

#[test]
fn no_newcomer_displaces_the_only_proven_one() {
    let wanted = addresses(&[9, 4]);
    let members = [incumbent(unproven(1, 0)), unproven(4, 8), jailed(proven(3, 0))];
    assert_eq!(displaced(&members, &wanted, false), Some(address(1)), "the next lowest loses its seat");
    let members = [unproven(4, 8), unproven(9, 9), proven(3, 0)];
    assert_eq!(displaced(&members, &wanted, false), None, "the others are wanted");
}
