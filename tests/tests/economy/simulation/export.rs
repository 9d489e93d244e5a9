//! What an export and an import leave of a chain: all of it.

use jmes_tests::TestChain;
use jmesd::chain::Finalized;
use serde_json::{json, Value};

/// What a draw decides: who is seated, since when the window of commits runs, and whose the rewards are (§6).
const DRAWN: [&str; 4] = ["seats", "slashing", "rewards", "staking"];

/// Whether a seat was drawn for between two states.
fn has_drawn(before: &Value, after: &Value) -> bool {
    let pending = |state: &Value| state["seats"]["vacancies"].as_array().cloned().unwrap_or_default();
    let left = pending(after);
    pending(before).iter().any(|vacancy| !left.contains(vacancy))
}

/// Makes a block on both chains, of which one was made of the other's state; gives the block, and whether a seat was drawn for
/// in it, so that what draws decide could not be compared.
pub fn compare(chain: &TestChain, copy: &TestChain, txs: &[Vec<u8>]) -> Result<(Finalized, bool), String> {
    let before = chain.export().app_state;
    let (ours, theirs) = (chain.whole_block(txs), copy.whole_block(txs));
    if ours.txs != theirs.txs {
        let (ours, theirs) = (ours.txs, theirs.txs);
        return Err(format!("after export and import transactions end otherwise: {ours:?}\n{theirs:?}"));
    }
    let (mut state, mut other) = (chain.export().app_state, copy.export().app_state);
    let drawn = has_drawn(&before, &state) || has_drawn(&before, &other);
    for exported in [&mut state, &mut other] {
        // The app hash has the first height in it; history and draws have app hashes in them.
        exported["staking"]["history"].take();
        exported["seats"]["app_hash_bits"].take();
        if drawn {
            DRAWN.iter().for_each(|module| exported[*module] = json!(null));
        }
    }
    if state != other || (!drawn && ours.events != theirs.events) {
        let difference = difference(&state, &other);
        return Err(format!("after export and import a block makes other state: {difference}"));
    }
    Ok((ours, drawn))
}

/// The first modules whose states differ, in full.
fn difference(one: &Value, other: &Value) -> String {
    let fields = one.as_object().into_iter().flatten();
    let different = fields.filter(|(name, part)| other.get(name.as_str()) != Some(part));
    different
        .map(|(name, part)| format!("{name}: {part}\nagainst {}", other[name]))
        .collect::<Vec<_>>()
        .join("\n")
}
