//! Genesis of validators and bonds: `app_state.staking`, the JSON of `cosmos.staking.v1beta1.GenesisState` as Cosmos tools
//! write it, with what that does not know beside it: `validator_details`, `unbonding_slashes`, `redelegation_balances`,
//! `last_unbonding_id` and `history`. The indices, the ranking and the sums follow from these.

use super::convert::{commission, consensus_key, nanoseconds, shares_from_proto, shares_to_proto};
use super::genesis_details::{invalid, Beside};
use super::state::{Keyed, Shares};
use super::{
    check_params, consensus_address, default_params, params, save, state, RedelegationEntry, UnbondingEntry,
    Validator,
};
use crate::kernel::{
    message_from_json, message_to_json, Address, Amount, Ctx, Decimal, Error, Key, Map, Result,
    Value as Stored, View,
};
use crate::seats;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as proto;
use serde_json::Value;
use tendermint_proto::google::protobuf::Timestamp;

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let mut standard = genesis.clone();
    let beside = standard.as_object_mut().map(Beside::take).transpose();
    let beside = beside.map_err(|error| error.context("genesis: staking"))?.unwrap_or_default();
    let genesis: proto::GenesisState =
        if standard.is_null() { proto::GenesisState::default() } else { message_from_json(&standard)? };
    let params = genesis.params.unwrap_or_else(default_params);
    check_params(&params).map_err(|error| error.context("genesis"))?;
    state::PARAMS.save(ctx, &params)?;
    state::TOTAL_BONDED.save(ctx, &Amount::ZERO)?;
    state::TOTAL_UNBONDING.save(ctx, &Amount::ZERO)?;
    for (at, validator) in genesis.validators.iter().enumerate() {
        let place = |error: Error| {
            error.context(format!("genesis: staking: validator {}", validator.operator_address))
        };
        let mut read = read_validator(validator).map_err(place)?;
        // Cosmos tools write no ids: the order of the list is that of creation.
        read.id = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        import_validator(ctx, read, &beside).map_err(place)?;
    }
    if !genesis.validators.is_empty() {
        state::LAST_ID.save(ctx, &u64::try_from(genesis.validators.len()).unwrap_or(u64::MAX))?;
    }
    for bond in &genesis.delegations {
        let place = format!("delegation of {} to {}", bond.delegator_address, bond.validator_address);
        import_bond(ctx, bond).map_err(|error| error.context(format!("genesis: staking: {place}")))?;
    }
    for unbonding in &genesis.unbonding_delegations {
        let place =
            format!("unbonding of {} from {}", unbonding.delegator_address, unbonding.validator_address);
        import_unbonding(ctx, unbonding, &beside)
            .map_err(|error| error.context(format!("genesis: staking: {place}")))?;
    }
    for moved in &genesis.redelegations {
        let place =
            format!("redelegation of {} from {}", moved.delegator_address, moved.validator_src_address);
        import_redelegation(ctx, moved, &beside)
            .map_err(|error| error.context(format!("genesis: staking: {place}")))?;
    }
    for (source, next) in &beside.settling {
        state::SETTLING.save(ctx, source, &Keyed(*next))?;
    }
    if let Some(last) = beside.last_unbonding_id {
        state::LAST_ENTRY.save(ctx, &last)?;
    }
    beside.import_history(ctx).map_err(|error| error.context("genesis: staking: history"))
}

pub(super) fn export(view: &View) -> Result<Value> {
    let mut beside = Beside::default();
    beside.last_unbonding_id = state::LAST_ENTRY.load(view)?;
    beside.note_history(view)?;
    beside.settling =
        all(view, &state::SETTLING)?.into_iter().map(|(source, next)| (source, next.0)).collect();
    let mut validators = Vec::new();
    for (operator, validator) in all(view, &state::VALIDATORS)? {
        validators.push((validator.id, validator.to_proto(seats::is_seated(view, &operator)?)));
        beside.note_validator(view, &validator)?;
    }
    validators.sort_by_key(|(id, _)| *id);
    let mut unbonding_delegations = Vec::new();
    for ((delegator, operator), entries) in all(view, &state::UNBONDING)? {
        for entry in entries.iter().filter(|entry| entry.slashes > 0) {
            beside.unbonding_slashes.insert(entry.id, entry.slashes);
        }
        unbonding_delegations.push(proto::UnbondingDelegation {
            delegator_address: delegator.to_string(),
            validator_address: operator.operator(),
            entries: entries.iter().map(|entry| entry.to_proto(entry.balance)).collect(),
        });
    }
    let mut redelegations = Vec::new();
    for ((delegator, (source, destination)), entries) in all(view, &state::REDELEGATIONS)? {
        for entry in entries.iter().filter(|entry| entry.balance != entry.initial) {
            beside.redelegation_balances.insert(entry.id, entry.balance);
        }
        for entry in entries.iter().filter(|entry| entry.slashes > 0) {
            beside.unbonding_slashes.insert(entry.id, entry.slashes);
        }
        redelegations.push(proto::Redelegation {
            delegator_address: delegator.to_string(),
            validator_src_address: source.operator(),
            validator_dst_address: destination.operator(),
            entries: entries.iter().map(RedelegationEntry::to_proto).collect(),
        });
    }
    let delegation = |((delegator, operator), shares): ((Address, Address), Shares)| proto::Delegation {
        delegator_address: delegator.to_string(),
        validator_address: operator.operator(),
        shares: shares_to_proto(shares.0),
    };
    let mut genesis = message_to_json(&proto::GenesisState {
        params: Some(params(view)?),
        last_total_power: Vec::new(),
        last_validator_powers: Vec::new(),
        validators: validators.into_iter().map(|(_, validator)| validator).collect(),
        delegations: all(view, &state::BONDS)?.into_iter().map(delegation).collect(),
        unbonding_delegations,
        redelegations,
        exported: true,
    })?;
    if let Some(fields) = genesis.as_object_mut() {
        // Powers are the business of `seats`.
        fields.remove("last_total_power");
        fields.remove("last_validator_powers");
        beside.put(fields);
    }
    Ok(genesis)
}

fn all<K: Key, V: Stored>(view: &View, map: &Map<K, V>) -> Result<Vec<(K, V)>> {
    map.scan(view, &[], None, false, usize::MAX)
}

fn read_validator(given: &proto::Validator) -> Result<Validator> {
    let given_commission = given.commission.clone().unwrap_or_default();
    let updated = match &given_commission.update_time {
        Some(time) => time_of(time)?,
        None => 0,
    };
    Ok(Validator {
        id: 0,
        operator: Address::parse_operator(&given.operator_address)?,
        key: given.consensus_pubkey.as_ref().map(|key| consensus_key(Some(key))).transpose()?,
        possession: true,
        description: given.description.clone().unwrap_or_default(),
        commission: super::Commission { updated, ..commission(given_commission.commission_rates.as_ref())? },
        min_self_delegation: Amount::parse(&given.min_self_delegation)?,
        tokens: Amount::parse(&given.tokens)?,
        shares: whole_shares(&given.delegator_shares)?,
        jailed: given.jailed,
        jailed_until: 0,
        tombstoned: false,
        created_height: 0,
        ever_seated: false,
        work: [0; 32],
        slashes: 0,
    })
}

fn import_validator(ctx: &mut Ctx, mut validator: Validator, beside: &Beside) -> Result<()> {
    beside.complete(ctx, &mut validator)?;
    validator.commission.check(Decimal::ZERO)?;
    if state::VALIDATORS.has(ctx, &validator.operator)? {
        return Err(invalid("it is listed twice"));
    }
    if let Some(key) = &validator.key {
        let address = consensus_address(key);
        if state::BY_CONSENSUS.has(ctx, &address)? {
            return Err(invalid(format!("its consensus key, of {address}, is another's too")));
        }
        state::BY_CONSENSUS.save(ctx, &address, &validator.operator)?;
    }
    save(ctx, &validator)
}

fn import_bond(ctx: &mut Ctx, bond: &proto::Delegation) -> Result<()> {
    let pair = (Address::parse(&bond.delegator_address)?, Address::parse_operator(&bond.validator_address)?);
    let shares = whole_shares(&bond.shares)?;
    if shares == 0 || state::BONDS.has(ctx, &pair)? {
        return Err(invalid("it has no shares or is listed twice"));
    }
    state::BONDS_TO.save(ctx, &(pair.1, pair.0), &())?;
    state::BONDS.save(ctx, &pair, &Shares(shares))
}

fn import_unbonding(ctx: &mut Ctx, given: &proto::UnbondingDelegation, beside: &Beside) -> Result<()> {
    let pair =
        (Address::parse(&given.delegator_address)?, Address::parse_operator(&given.validator_address)?);
    let mut entries = Vec::with_capacity(given.entries.len());
    let mut total = super::total_unbonding(ctx)?;
    for entry in &given.entries {
        let id = entry.unbonding_id;
        let entry = UnbondingEntry {
            id,
            height: height_of(entry.creation_height)?,
            completion: time_of(&entry.completion_time.unwrap_or_default())?,
            initial: Amount::parse(&entry.initial_balance)?,
            balance: Amount::parse(&entry.balance)?,
            slashes: beside.unbonding_slashes.get(&id).copied().unwrap_or(0),
        };
        total = total.plus(entry.balance)?;
        state::UNBONDING_QUEUE.save(ctx, &(entry.completion, id), &Keyed(pair))?;
        entries.push(entry);
    }
    if entries.is_empty() || state::UNBONDING.has(ctx, &pair)? {
        return Err(invalid("it has no entries or is listed twice"));
    }
    state::TOTAL_UNBONDING.save(ctx, &total)?;
    state::UNBONDING_FROM.save(ctx, &(pair.1, pair.0), &())?;
    state::UNBONDING.save(ctx, &pair, &entries)
}

fn import_redelegation(ctx: &mut Ctx, given: &proto::Redelegation, beside: &Beside) -> Result<()> {
    let delegator = Address::parse(&given.delegator_address)?;
    let source = Address::parse_operator(&given.validator_src_address)?;
    let destination = Address::parse_operator(&given.validator_dst_address)?;
    let route = (delegator, (source, destination));
    let mut entries = Vec::with_capacity(given.entries.len());
    for entry in &given.entries {
        let (id, initial) = (entry.unbonding_id, Amount::parse(&entry.initial_balance)?);
        let entry = RedelegationEntry {
            id,
            height: height_of(entry.creation_height)?,
            completion: time_of(&entry.completion_time.unwrap_or_default())?,
            initial,
            balance: beside.redelegation_balances.get(&id).copied().unwrap_or(initial),
            shares: whole_shares(&entry.shares_dst)?,
            slashes: beside.unbonding_slashes.get(&id).copied().unwrap_or(0),
        };
        state::REDELEGATION_QUEUE.save(ctx, &(entry.completion, id), &Keyed(route))?;
        entries.push(entry);
    }
    if entries.is_empty() || state::REDELEGATIONS.has(ctx, &route)? {
        return Err(invalid("it has no entries or is listed twice"));
    }
    state::REDELEGATIONS_FROM.save(ctx, &(source, (delegator, destination)), &())?;
    state::REDELEGATIONS_TO.save(ctx, &(delegator, (destination, source)), &())?;
    state::REDELEGATIONS.save(ctx, &route, &entries)
}

fn whole_shares(text: &str) -> Result<u128> {
    let shown: String = text.chars().take(64).collect();
    shares_from_proto(text)
        .ok_or_else(|| invalid(format!("its shares are not a whole number: {shown} x 10^-18")))
}

fn height_of(height: i64) -> Result<u64> {
    u64::try_from(height).map_err(|_| invalid(format!("creation height {height} is negative")))
}

fn time_of(time: &Timestamp) -> Result<u64> {
    nanoseconds(time).ok_or_else(|| {
        invalid(format!("a time is {} s after 1970; it must be in 1970 to 2554", time.seconds))
    })
}
