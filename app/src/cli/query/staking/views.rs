//! Validators, bonds and seats as people read them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageResponse;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as staking;
use jmes_modules::kernel::Amount;
use jmes_proto::jmes::staking::v1 as seats;

use super::super::Shown;
use crate::cli::people::{amount, cell, duration, grouped, moment, nils, percent, share, yes, View};
use crate::cli::remote::Remote;
use crate::cli::validators;

const INCOMPLETE: &str = "the node's answer is incomplete";

/// What a validator is at, in a word.
fn status(validator: &staking::Validator) -> &'static str {
    match staking::BondStatus::try_from(validator.status) {
        _ if validator.jailed => "jailed",
        Ok(staking::BondStatus::Bonded) => "seated",
        Ok(staking::BondStatus::Unbonding) => "leaving",
        _ => "not seated",
    }
}

fn rate(validator: &staking::Validator) -> Result<String> {
    let rates = validator.commission.as_ref().and_then(|commission| commission.commission_rates.as_ref());
    rates.map_or_else(|| Ok("-".into()), |rates| percent(&rates.rate))
}

pub(super) fn validators(answer: &staking::QueryValidatorsResponse) -> Result<Shown> {
    let rows = answer.validators.iter().map(|validator| {
        Ok(View::new()
            .with("moniker", validators::moniker(validator))
            .with("validator", validator.operator_address.as_str())
            .with("status", status(validator))
            .with("bonded", cell(&validator.tokens)?)
            .with("commission", rate(validator)?))
    });
    Ok(Shown::rows(rows.collect::<Result<_>>()?, answer.pagination.as_ref()))
}

pub(super) fn validator(answer: &staking::QueryValidatorResponse, remote: &Remote) -> Result<Shown> {
    let validator = answer.validator.as_ref().context(INCOMPLETE)?;
    let description = validator.description.clone().unwrap_or_default();
    let commission = validator.commission.as_ref();
    let rates = commission.and_then(|commission| commission.commission_rates.clone()).unwrap_or_default();
    let consensus = validators::consensus_address_of(validator);
    let operator = validators::parse_validator(&validator.operator_address)?;
    let changed = commission.and_then(|commission| commission.update_time.as_ref());
    let now = remote.now()?;
    Ok(View::new()
        .with("moniker", description.moniker)
        .with("validator", validator.operator_address.as_str())
        .with("operator", operator.to_string())
        .with("consensus address", consensus.map(|address| address.to_string()).unwrap_or_default())
        .with("status", status(validator))
        .with("bonded", nils(&validator.tokens)?)
        .with("least own bond", nils(&validator.min_self_delegation)?)
        .with("commission", percent(&rates.rate)?)
        .with("highest commission", percent(&rates.max_rate)?)
        .with("commission change a day", percent(&rates.max_change_rate)?)
        .with("commission changed", moment(changed, now))
        .with("website", description.website)
        .with("security contact", description.security_contact)
        .with("identity", description.identity)
        .with("details", description.details)
        .into())
}

pub(super) fn seats(answer: &seats::QuerySeatsResponse, remote: &Remote) -> Result<Shown> {
    let names = monikers(remote)?;
    let total: u128 = answer.seats.iter().map(|seat| u128::from(seat.power)).sum();
    let seated = answer.seats.iter().map(|seat| {
        View::new()
            .with("moniker", name(&names, &seat.operator_address))
            .with("validator", seat.operator_address.as_str())
            .with("power", grouped(&seat.power.to_string()))
            .with("share", share(Amount(seat.power.into()), Amount(total)))
            .with("proven", yes(seat.proven))
            .with("since height", seat.seated_height.to_string())
            .with("incumbent", yes(seat.incumbent))
    });
    let waiting = answer.waiting.iter().map(|candidate| {
        View::new()
            .with("moniker", name(&names, &candidate.operator_address))
            .with("validator", candidate.operator_address.as_str())
            .with("since height", candidate.since.to_string())
    });
    let period = if answer.idp {
        format!(
            "yes, up to block {} of the emission: validators earn all, nobody needs stake",
            grouped(&answer.idp_last.to_string())
        )
    } else {
        format!("over since block {} of the emission", grouped(&answer.idp_last.to_string()))
    };
    Ok(View::new()
        .with("initial distribution", period)
        .with("validators waiting", answer.waiting_total.to_string())
        .with("seats", seated.collect::<Vec<_>>())
        .with("waiting", waiting.collect::<Vec<_>>())
        .into())
}

fn balance(response: &staking::DelegationResponse) -> Result<String> {
    response.balance.as_ref().map_or_else(|| Ok("-".into()), |coin| cell(&coin.amount))
}

pub(super) fn delegation(answer: &staking::QueryDelegationResponse) -> Result<Shown> {
    let response = answer.delegation_response.as_ref().context(INCOMPLETE)?;
    let delegation = response.delegation.as_ref().context(INCOMPLETE)?;
    let bonded = response.balance.as_ref().context(INCOMPLETE)?;
    Ok(View::new()
        .with("account", delegation.delegator_address.as_str())
        .with("validator", delegation.validator_address.as_str())
        .with("bonded", nils(&bonded.amount)?)
        .into())
}

pub(super) fn delegations(
    answer: &staking::QueryDelegatorDelegationsResponse,
    remote: &Remote,
) -> Result<Shown> {
    let names = monikers(remote)?;
    let rows = answer.delegation_responses.iter().map(|response| {
        let delegation = response.delegation.as_ref().context(INCOMPLETE)?;
        Ok(View::new()
            .with("moniker", name(&names, &delegation.validator_address))
            .with("validator", delegation.validator_address.as_str())
            .with("bonded", balance(response)?))
    });
    Ok(Shown::rows(rows.collect::<Result<_>>()?, answer.pagination.as_ref()))
}

pub(super) fn delegations_to(answer: &staking::QueryValidatorDelegationsResponse) -> Result<Shown> {
    let rows = answer.delegation_responses.iter().map(|response| {
        let delegation = response.delegation.as_ref().context(INCOMPLETE)?;
        Ok(View::new()
            .with("account", delegation.delegator_address.as_str())
            .with("bonded", balance(response)?))
    });
    Ok(Shown::rows(rows.collect::<Result<_>>()?, answer.pagination.as_ref()))
}

pub(super) fn unbondings(
    all: &[staking::UnbondingDelegation],
    page: Option<&PageResponse>,
    remote: &Remote,
) -> Result<Shown> {
    let now = remote.now()?;
    let mut rows = Vec::new();
    for unbonding in all {
        for entry in &unbonding.entries {
            rows.push(
                View::new()
                    .with("account", unbonding.delegator_address.as_str())
                    .with("validator", unbonding.validator_address.as_str())
                    .with("amount", cell(&entry.balance)?)
                    .with("begun at height", entry.creation_height.to_string())
                    .with("free", moment(entry.completion_time.as_ref(), now)),
            );
        }
    }
    Ok(Shown::rows(rows, page))
}

pub(super) fn redelegations(answer: &staking::QueryRedelegationsResponse, remote: &Remote) -> Result<Shown> {
    let now = remote.now()?;
    let mut rows = Vec::new();
    for response in &answer.redelegation_responses {
        let redelegation = response.redelegation.as_ref().context(INCOMPLETE)?;
        for entry in &response.entries {
            let begun = entry.redelegation_entry.as_ref().context(INCOMPLETE)?;
            rows.push(
                View::new()
                    .with("from", redelegation.validator_src_address.as_str())
                    .with("to", redelegation.validator_dst_address.as_str())
                    .with("amount", cell(&entry.balance)?)
                    .with("at height", begun.creation_height.to_string())
                    .with("movable again", moment(begun.completion_time.as_ref(), now)),
            );
        }
    }
    Ok(Shown::rows(rows, answer.pagination.as_ref()))
}

pub(super) fn pool(answer: &staking::QueryPoolResponse) -> Result<Shown> {
    let pool = answer.pool.as_ref().context(INCOMPLETE)?;
    Ok(View::new()
        .with("bonded", nils(&pool.bonded_tokens)?)
        .with("unbonding", nils(&pool.not_bonded_tokens)?)
        .into())
}

pub(super) fn params(answer: &staking::QueryParamsResponse) -> Result<Shown> {
    let params = answer.params.as_ref().context(INCOMPLETE)?;
    Ok(View::new()
        .with("unbonding time", duration(params.unbonding_time.as_ref()))
        .with("seats", params.max_validators.to_string())
        .with("unbondings of a pair at once", params.max_entries.to_string())
        .with("headers kept", params.historical_entries.to_string())
        .with("denomination", params.bond_denom.as_str())
        .with("least commission", percent(&params.min_commission_rate)?)
        .into())
}

pub(super) fn seat_params(answer: &seats::QueryParamsResponse) -> Result<Shown> {
    let params = answer.params.as_ref().context(INCOMPLETE)?;
    let proof = format!(
        "{} of the latest {} commits signed, within {} commits",
        params.proof_signed, params.proof_window, params.proof_deadline
    );
    let draw = format!(
        "{} blocks, among those who waited {} blocks before",
        params.draw_blocks,
        grouped(&params.draw_waiting.to_string())
    );
    let liveness = format!(
        "{}% of {} blocks signed",
        params.idp_min_signed_percent,
        grouped(&params.idp_signed_blocks_window.to_string())
    );
    let free = format!("{} joins and {} others a block", params.max_free_joins, params.max_free_others);
    Ok(View::new()
        .with("seats", params.seats.to_string())
        .with("proof", proof)
        .with("jail without proof", duration(params.jail_duration.as_ref()))
        .with("power once proven", format!("{} times", grouped(&params.proven_power.to_string())))
        .with("draw of a vacated seat after", draw)
        .with("most that wait", grouped(&params.max_waiting.to_string()))
        .with("work of a join below", params.work_target.as_str())
        .with("blocks between newcomers", params.newcomer_interval.to_string())
        .with("blocks incumbents stay", grouped(&params.seniority_blocks.to_string()))
        .with("blocks in which bonds are limited", grouped(&params.bond_ramp_blocks.to_string()))
        .with("blocks that limit doubles in", grouped(&params.bond_doubling_blocks.to_string()))
        .with("free transactions", free)
        .with("least free withdrawal", nils(&params.min_free_withdrawal)?)
        .with("liveness in the initial distribution", liveness)
        .with("most validators an account bonds to", params.max_bonds.to_string())
        .into())
}

/// The names of validators by their address.
pub(in crate::cli) fn monikers(remote: &Remote) -> Result<BTreeMap<String, String>> {
    let all = validators::list(remote)?;
    Ok(all
        .into_iter()
        .map(|validator| (validator.operator_address.clone(), validators::moniker(&validator)))
        .collect())
}

fn name(names: &BTreeMap<String, String>, address: &str) -> String {
    names.get(address).cloned().unwrap_or_default()
}

/// The sum of what unbonds.
pub(in crate::cli) fn unbonding_total(all: &[staking::UnbondingDelegation]) -> Result<Amount> {
    let mut total = 0_u128;
    for entry in all.iter().flat_map(|unbonding| &unbonding.entries) {
        total = total.saturating_add(amount(&entry.balance)?.0);
    }
    Ok(Amount(total))
}
