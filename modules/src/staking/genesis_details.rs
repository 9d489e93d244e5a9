//! What genesis says of validators and bonds beside the standard form of the Cosmos SDK.

use super::history::{HistorySpan, Member, StoredHeader};
use super::state::Pair;
use super::{state, Slash, Validator};
use crate::kernel::{codes, Address, Amount, Ctx, Decimal, Error, Key, Result, View};
use serde_json::{json, Map, Value};
use std::collections::BTreeMap;

/// The fields beside the standard ones.
#[derive(Default)]
pub(super) struct Beside {
    /// `validator_details`, by operator address.
    validators: BTreeMap<String, Value>,
    /// `unbonding_slashes`, by entry id: the number of the first slash that an unbonding entry or a redelegation was not settled
    /// against, when not 0.
    pub unbonding_slashes: BTreeMap<u64, u64>,
    /// `redelegation_balances`, by entry id: what is left of a redelegation after the source's slashes, when less than all.
    pub redelegation_balances: BTreeMap<u64, Amount>,
    /// `settling`, by slashed validator: the first redelegation from it that may not be settled.
    pub settling: BTreeMap<Address, Pair>,
    /// `last_unbonding_id`: the id of the last entry ever.
    pub last_unbonding_id: Option<u64>,
    /// `history`: recent headers and sets.
    history: Value,
}

impl Beside {
    /// Takes them out of genesis.
    pub(super) fn take(fields: &mut Map<String, Value>) -> Result<Self> {
        let mut beside = Self { history: fields.remove("history").unwrap_or_default(), ..Self::default() };
        let mut list = |name: &str| match fields.remove(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list),
            Some(_) => Err(invalid(format!("{name}: expected a list"))),
        };
        for details in list("validator_details")? {
            beside.validators.insert(text(&details, "operator_address")?, details);
        }
        for entry in list("unbonding_slashes")? {
            beside.unbonding_slashes.insert(number(&entry, "unbonding_id")?, number(&entry, "slashes")?);
        }
        for entry in list("redelegation_balances")? {
            beside.redelegation_balances.insert(number(&entry, "unbonding_id")?, amount(&entry, "balance")?);
        }
        for entry in list("settling")? {
            let delegator = Address::parse(&text(&entry, "delegator_address")?)?;
            let [source, destination] = ["validator_src_address", "validator_dst_address"]
                .map(|name| text(&entry, name).and_then(|operator| Address::parse_operator(&operator)));
            beside.settling.insert(source?, (delegator, destination?));
        }
        if let Some(last) = fields.remove("last_unbonding_id") {
            beside.last_unbonding_id =
                Some(number(&json!({ "last_unbonding_id": last }), "last_unbonding_id")?);
        }
        Ok(beside)
    }

    /// Writes them into genesis.
    pub(super) fn put(self, fields: &mut Map<String, Value>) {
        let pairs = |name: &str, pairs: Vec<(u64, String)>| -> Value {
            pairs
                .into_iter()
                .map(|(id, value)| json!({"unbonding_id": id.to_string(), name: value}))
                .collect()
        };
        let slashes = self.unbonding_slashes.into_iter().map(|(id, count)| (id, count.to_string())).collect();
        let balances =
            self.redelegation_balances.into_iter().map(|(id, left)| (id, left.to_string())).collect();
        fields.insert("validator_details".into(), self.validators.into_values().collect());
        fields.insert("unbonding_slashes".into(), pairs("slashes", slashes));
        fields.insert("redelegation_balances".into(), pairs("balance", balances));
        let settling = self.settling.into_iter().map(|(source, (delegator, destination))| {
            json!({
                "validator_src_address": source.operator(),
                "delegator_address": delegator.to_string(),
                "validator_dst_address": destination.operator(),
            })
        });
        fields.insert("settling".into(), settling.collect());
        if let Some(last) = self.last_unbonding_id {
            fields.insert("last_unbonding_id".into(), last.to_string().into());
        }
        fields.insert("history".into(), self.history);
    }

    /// Notes what the standard form does not say of a validator.
    pub(super) fn note_validator(&mut self, view: &View, validator: &Validator) -> Result<()> {
        let operator = validator.operator;
        let slashes = state::SLASHES.scan(view, &operator.encoded(), None, false, usize::MAX)?;
        let slash = |(_, slash): &(_, Slash)| json!({"offence_height": slash.offence_height.to_string(), "fraction": slash.fraction.to_string()});
        let details = json!({
            "operator_address": operator.operator(),
            "id": validator.id.to_string(),
            "possession": validator.possession,
            "jailed_until": validator.jailed_until.to_string(),
            "tombstoned": validator.tombstoned,
            "created_height": validator.created_height.to_string(),
            "ever_seated": validator.ever_seated,
            "work": hex(&validator.work),
            "slashes": slashes.iter().map(slash).collect::<Vec<_>>(),
        });
        self.validators.insert(operator.operator(), details);
        Ok(())
    }

    /// Completes a validator by its details, if there are any, and imports its slashes.
    pub(super) fn complete(&self, ctx: &mut Ctx, validator: &mut Validator) -> Result<()> {
        let Some(details) = self.validators.get(&validator.operator.operator()) else { return Ok(()) };
        validator.id = number(details, "id")?;
        validator.possession = flag(details, "possession")?;
        validator.jailed_until = number(details, "jailed_until")?;
        validator.tombstoned = flag(details, "tombstoned")?;
        validator.created_height = number(details, "created_height")?;
        validator.ever_seated = flag(details, "ever_seated")?;
        let work = unhex(&text(details, "work")?).and_then(|bytes| bytes.try_into().ok());
        validator.work = work.ok_or_else(|| invalid("work: expected 64 hexadecimal digits"))?;
        for slash in list(details, "slashes")? {
            let fraction = Decimal::parse(&text(slash, "fraction")?)?;
            let slash = Slash { offence_height: number(slash, "offence_height")?, fraction };
            state::SLASHES.save(ctx, &(validator.operator, validator.slashes), &slash)?;
            validator.slashes = validator.slashes.saturating_add(1);
        }
        Ok(())
    }

    /// Notes the recent headers and sets.
    pub(super) fn note_history(&mut self, view: &View) -> Result<()> {
        let Some(span) = state::HISTORY_SPAN.load(view)? else { return Ok(()) };
        let header = |(height, header): (u64, StoredHeader)| {
            json!({
                "height": height.to_string(),
                "time": header.time.to_string(),
                "proposer": hex(&header.proposer),
                "app_hash": hex(&header.app_hash),
                "next_validators_hash": hex(&header.next_validators_hash),
                "set": header.set.to_string(),
            })
        };
        let member = |member: &Member| {
            json!({
                "operator_address": member.operator.operator(),
                "tokens": member.tokens.to_string(),
                "shares": member.shares.to_string(),
            })
        };
        let set = |(number, members): (u64, Vec<Member>)| json!({"set": number.to_string(), "members": members.iter().map(member).collect::<Vec<_>>()});
        let headers = state::HISTORY.scan(view, &[], None, false, usize::MAX)?;
        let sets = state::HISTORY_SETS.scan(view, &[], None, false, usize::MAX)?;
        self.history = json!({
            "first": span.first.to_string(),
            "last": span.last.to_string(),
            "headers": headers.into_iter().map(header).collect::<Vec<_>>(),
            "sets": sets.into_iter().map(set).collect::<Vec<_>>(),
        });
        Ok(())
    }

    /// Imports the recent headers and sets.
    pub(super) fn import_history(&self, ctx: &mut Ctx) -> Result<()> {
        let history = &self.history;
        if history.is_null() {
            return Ok(());
        }
        let span = HistorySpan { first: number(history, "first")?, last: number(history, "last")? };
        state::HISTORY_SPAN.save(ctx, &span)?;
        for header in list(history, "headers")? {
            let bytes = |name: &str| {
                unhex(&text(header, name)?)
                    .ok_or_else(|| invalid(format!("{name}: expected hexadecimal digits")))
            };
            let stored = StoredHeader {
                time: number(header, "time")?,
                proposer: bytes("proposer")?,
                app_hash: bytes("app_hash")?,
                next_validators_hash: bytes("next_validators_hash")?,
                set: number(header, "set")?,
            };
            state::HISTORY.save(ctx, &number(header, "height")?, &stored)?;
        }
        for set in list(history, "sets")? {
            let member = |member: &Value| {
                Ok(Member {
                    operator: Address::parse_operator(&text(member, "operator_address")?)?,
                    tokens: amount(member, "tokens")?,
                    shares: amount(member, "shares")?.0,
                })
            };
            let members = list(set, "members")?.iter().map(member).collect::<Result<_>>()?;
            state::HISTORY_SETS.save(ctx, &number(set, "set")?, &members)?;
        }
        Ok(())
    }
}

pub(super) fn invalid(why: impl Into<String>) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}

fn text(object: &Value, name: &str) -> Result<String> {
    let found = object.get(name).and_then(Value::as_str);
    found.map(Into::into).ok_or_else(|| invalid(format!("{name}: expected a text")))
}

fn number(object: &Value, name: &str) -> Result<u64> {
    text(object, name)?.parse().map_err(|_| invalid(format!("{name}: expected a whole number in a text")))
}

fn amount(object: &Value, name: &str) -> Result<Amount> {
    Amount::parse(&text(object, name)?).map_err(|error| error.context(name))
}

fn flag(object: &Value, name: &str) -> Result<bool> {
    object
        .get(name)
        .and_then(Value::as_bool)
        .ok_or_else(|| invalid(format!("{name}: expected true or false")))
}

fn list<'a>(object: &'a Value, name: &str) -> Result<&'a [Value]> {
    let found = object.get(name).and_then(Value::as_array);
    found.map(Vec::as_slice).ok_or_else(|| invalid(format!("{name}: expected a list")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    rest.is_empty().then(|| pairs.iter().map(byte).collect()).flatten()
}
