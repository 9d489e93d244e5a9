//! Validators as people name them, and what to say about names that fit none.

use std::fmt::Write as _;

use anyhow::{anyhow, bail, Result};
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as staking;
use jmes_modules::kernel::{Address, ConsensusAddress, OPERATOR_PREFIX};
use jmes_modules::staking::consensus_address;
use prost::Message;

use super::names::registered;
use super::output::printable;
use super::remote::{is_not_found, Remote};

/// The most validators that a name is compared with.
const COMPARED: u64 = 1_000;
/// The most near matches that are shown.
const SHOWN: usize = 3;
/// The most mistyped characters of a near match: in an address, and in a moniker.
const FAR: (usize, usize) = (6, 2);
const ALL: &str = "`jmesd query staking validators` lists all";

/// Reads a validator's address: `jmesvaloper1…`, or that of its operator's account.
///
/// # Errors
/// It is neither.
pub fn parse_validator(text: &str) -> Result<Address> {
    let parsed =
        if text.starts_with(OPERATOR_PREFIX) { Address::parse_operator(text) } else { Address::parse(text) };
    parsed.map_err(|error| anyhow!("{error}; a validator's address begins with {OPERATOR_PREFIX}1"))
}

/// Reads a validator's address as [`parse_validator`], or the name that its operator has registered (§9); what is neither is
/// compared with the validators that the node knows.
///
/// # Errors
/// It is neither; the message names validators with an address or a moniker like it.
pub fn find(remote: Option<&Remote>, text: &str) -> Result<Address> {
    let error = match parse_validator(text) {
        Ok(operator) => return Ok(operator),
        Err(error) => error,
    };
    let Some(remote) = remote else { return Err(error) };
    // That the node does not know names is no reason to hide the mistake.
    if let Ok(Some(identity)) = registered(remote, text) {
        return parse_validator(&identity.address);
    }
    match similar(remote, text) {
        Some(known) => bail!("{error}. {known}"),
        None => Err(error),
    }
}

/// The validator that `operator` runs now, if it does.
///
/// # Errors
/// The node can't be reached, or refuses.
pub fn lookup(remote: &Remote, operator: &Address) -> Result<Option<staking::Validator>> {
    let request = staking::QueryValidatorRequest { validator_addr: operator.operator() };
    let asked = remote.query("/cosmos.staking.v1beta1.Query/Validator", &request, 0);
    let found: staking::QueryValidatorResponse = match asked {
        Err(error) if is_not_found(&error) => return Ok(None),
        other => other?,
    };
    Ok(found.validator)
}

/// The validator that `operator` runs now.
///
/// # Errors
/// There is none; the message names validators with an address like it. Or the node can't be reached.
pub fn require(remote: &Remote, operator: &Address) -> Result<staking::Validator> {
    lookup(remote, operator)?.ok_or_else(|| unknown(remote, operator))
}

/// That `operator` runs no validator, and who else may be meant.
pub fn unknown(remote: &Remote, operator: &Address) -> anyhow::Error {
    let address = operator.operator();
    let known = similar(remote, &address).unwrap_or_else(|| format!("{ALL}."));
    anyhow!("there is no validator {address}. {known}")
}

/// The consensus address of a validator; `None` when it gave up its key.
pub fn consensus_address_of(validator: &staking::Validator) -> Option<ConsensusAddress> {
    let any = validator.consensus_pubkey.as_ref()?;
    let key = cosmos_sdk_proto::cosmos::crypto::ed25519::PubKey::decode(any.value.as_slice()).ok()?;
    let key: [u8; 32] = key.key.try_into().ok()?;
    Some(consensus_address(&key))
}

/// A validator's name for people, harmless to the terminal.
pub fn moniker(validator: &staking::Validator) -> String {
    printable(validator.description.as_ref().map_or("", |description| description.moniker.as_str()))
}

/// The validators of a node, as many as fit on one page.
///
/// # Errors
/// The node can't be reached, or refuses.
pub fn list(remote: &Remote) -> Result<Vec<staking::Validator>> {
    let pagination = Some(PageRequest { limit: COMPARED, ..Default::default() });
    let request = staking::QueryValidatorsRequest { status: String::new(), pagination };
    let answer: staking::QueryValidatorsResponse =
        remote.query("/cosmos.staking.v1beta1.Query/Validators", &request, 0)?;
    Ok(answer.validators)
}

/// A sentence with the validators whose address or moniker is like `text`; `None` when there is none, or the node does not
/// answer: then the mistake itself is what matters.
fn similar(remote: &Remote, text: &str) -> Option<String> {
    let mut near: Vec<(usize, staking::Validator)> = list(remote)
        .ok()?
        .into_iter()
        .filter_map(|validator| Some((distance_of(&validator, text)?, validator)))
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.truncate(SHOWN);
    let mut sentence = String::from("Did you mean ");
    for (index, (_, validator)) in near.iter().enumerate() {
        let separator = if index == 0 { "" } else { " or " };
        let _ = write!(
            sentence,
            "{separator}{} ({})",
            printable(&validator.operator_address),
            moniker(validator)
        );
    }
    (!near.is_empty()).then(|| format!("{sentence}?"))
}

/// How far a validator's moniker or address is from `text`; `None` when neither is near.
fn distance_of(validator: &staking::Validator, text: &str) -> Option<usize> {
    let name = validator.description.as_ref().map_or("", |description| description.moniker.as_str());
    let (wanted, name) = (text.to_lowercase(), name.to_lowercase());
    if !wanted.is_empty() && name.contains(&wanted) {
        return Some(0);
    }
    let by_address = Some(edits(&validator.operator_address, &wanted)).filter(|edits| *edits <= FAR.0);
    // A short moniker is like any short text.
    let by_name = Some(edits(&name, &wanted)).filter(|edits| *edits <= FAR.1 && name.len() > 2 * FAR.1);
    by_address.into_iter().chain(by_name).min()
}

/// The number of characters to insert, remove or change to get from one text to the other.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, c) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, d) in other.iter().enumerate() {
            let changed = diagonal + usize::from(c != *d);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_count_single_characters() {
        for (one, other, distance) in
            [("", "", 0), ("alice", "alice", 0), ("alise", "alice", 1), ("ali", "alice", 2), ("xyz", "", 3)]
        {
            assert_eq!((edits(one, other), edits(other, one)), (distance, distance), "{one} {other}");
        }
    }

    #[test]
    fn validators_are_named_by_operator_or_account() {
        let account = "jmes1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg7cs7r8";
        let operator = Address::parse(account).unwrap();
        assert_eq!(parse_validator(account).unwrap(), operator);
        assert_eq!(parse_validator(&operator.operator()).unwrap(), operator);
        let said = parse_validator("alice").unwrap_err().to_string();
        assert!(said.ends_with("a validator's address begins with jmesvaloper1"), "{said}");
    }
}
