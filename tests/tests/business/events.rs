//! `docs/events.md` and the events of a season are the same: what a chain tells is documented with exactly those attributes,
//! and what is documented is told.

use super::story;
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = include_str!("../../../docs/events.md");

/// What the Cosmos SDK has, too: its documentation holds.
const STANDARD: [&str; 15] = [
    "burn",
    "coin_received",
    "coin_spent",
    "complete_redelegation",
    "complete_unbonding",
    "delegate",
    "liveness",
    "message",
    "redelegate",
    "slash",
    "transfer",
    "tx",
    "unbond",
    "withdraw_commission",
    "withdraw_rewards",
];

/// Documented events that no season has: a block of another binary, and what validators do in the Initial Distribution Period.
const OF_OTHER_TESTS: [&str; 6] =
    ["upgrade_made", "join", "candidate_replaced", "take_over_key", "validator_seated", "validator_proven"];

/// The words in backticks, but for those in brackets, which are values.
fn names(cell: &str) -> BTreeSet<String> {
    let mut depth = 0_usize;
    let outside = |letter: &char| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    };
    let text: String = cell.chars().filter(outside).collect();
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The rows of all tables: kinds of events with their attributes.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let mut rows = BTreeMap::new();
    for line in DOCUMENT.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').collect();
        assert_eq!(cells.len(), 5, "a row has three cells: {line}");
        let kind = cells[1].trim().trim_matches('`').to_owned();
        assert!(rows.insert(kind.clone(), names(cells[2])).is_none(), "{kind} is documented twice");
    }
    rows
}

#[test]
fn a_season_tells_what_is_documented_with_exactly_these_attributes() {
    let documented = documented();
    let mut seen = BTreeSet::new();
    for event in story::events() {
        if STANDARD.contains(&event.kind.as_str()) {
            continue;
        }
        let attributes: BTreeSet<String> = event.attributes.keys().cloned().collect();
        let row = documented.get(&event.kind);
        assert_eq!(row, Some(&attributes), "{} in docs/events.md", event.kind);
        seen.insert(event.kind);
    }
    for kind in documented.keys() {
        let elsewhere = OF_OTHER_TESTS.contains(&kind.as_str());
        assert!(seen.contains(kind) != elsewhere, "{kind}: seen in a season, or listed as told elsewhere");
    }
}
