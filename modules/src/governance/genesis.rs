//! Genesis of governance: `app_state.governance`, the JSON of `jmes.governance.v1.GenesisState`. Parameters that are not there
//! are mainnet's. Running totals are not listed: they follow from ballots and bonds.

use super::content::{asked, exported};
use super::error::invalid;
use super::msgs::{choice, option};
use super::params::{check_params, default_params};
use super::types::{Ballot, Body, Clock, Proposal, Rate, Sides, Tally};
use super::{params, queries, raise, require, state, sums};
use crate::kernel::{
    message_from_json, message_to_json, Address, Amount, Ctx, Key, Map, Result, Value as Stored, View,
};
use crate::{premint, staking};
use jmes_proto::jmes::governance::v1 as proto;
use proto::proposal::Status;
use proto::{GenesisBallot, GenesisProposal, GenesisRate, GenesisRow, GenesisState};
use serde_json::Value;

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let genesis: GenesisState = message_from_json(&with_default_params(genesis)?)?;
    let params = genesis.params.unwrap_or_else(default_params);
    check_params(&params).map_err(|error| error.context("genesis"))?;
    state::PARAMS.save(ctx, &params)?;
    for (index, entry) in genesis.proposals.iter().enumerate() {
        import_proposal(ctx, entry, genesis.cycle).map_err(at("proposals", index))?;
    }
    for (index, entry) in genesis.rates.iter().enumerate() {
        import_rate(ctx, entry).map_err(at("rates", index))?;
    }
    let mut voted = false;
    for (index, entry) in genesis.ballots.iter().enumerate() {
        import_ballot(ctx, entry, genesis.cycle).map_err(at("ballots", index))?;
        voted |= entry.cycle == genesis.cycle;
    }
    for (index, entry) in genesis.old_rows.iter().enumerate() {
        import_row(ctx, entry, genesis.cycle).map_err(at("old_rows", index))?;
    }
    let clock = Clock { cycle: genesis.cycle, voted, old_rows: !genesis.old_rows.is_empty() };
    if clock == Clock::default() {
        return Ok(());
    }
    state::CLOCK.save(ctx, &clock)
}

pub(super) fn export(view: &View) -> Result<Value> {
    let Clock { cycle, .. } = sums::clock(view)?;
    let proposal = |(id, proposal): (u64, Proposal)| {
        let tally = (proposal.tallied_height > 0).then_some(proposal.tally);
        let proposal = queries::show(view, id, &proposal, proposal.status, tally)?;
        Ok(GenesisProposal { proposal: Some(proposal) })
    };
    let rows = all(view, &state::ROWS)?.into_iter();
    message_to_json(&GenesisState {
        params: Some(params(view)?),
        cycle,
        proposals: all(view, &state::PROPOSALS)?.into_iter().map(proposal).collect::<Result<_>>()?,
        ballots: all(view, &state::BALLOTS)?.into_iter().map(export_ballot).collect(),
        rates: all(view, &state::RATES)?.into_iter().map(export_rate).collect(),
        old_rows: rows.filter(|((of, _), _)| *of < cycle).map(export_row).collect(),
    })
}

fn export_ballot(((cycle, voter), ballot): ((u64, Address), Ballot)) -> GenesisBallot {
    let votes = ballot.votes.iter();
    let votes =
        votes.map(|(id, choice)| proto::BallotVote { proposal_id: *id, option: option(*choice).into() });
    GenesisBallot { cycle, voter: voter.to_string(), counted: ballot.counted, votes: votes.collect() }
}

fn export_rate((operator, rate): (Address, Rate)) -> GenesisRate {
    GenesisRate {
        operator_address: operator.operator(),
        tokens: rate.tokens.to_string(),
        shares: rate.shares.to_string(),
    }
}

fn export_row(((cycle, (operator, proposal_id)), row): ((u64, (Address, u64)), Sides)) -> GenesisRow {
    let (yes, no) = (row.yes.to_string(), row.no.to_string());
    GenesisRow { cycle, operator_address: operator.operator(), proposal_id, yes, no }
}

/// Ids are 1, 2, 3 …; only those of the stored cycle are not tallied.
fn import_proposal(ctx: &mut Ctx, entry: &GenesisProposal, cycle: u64) -> Result<()> {
    let Some(given) = &entry.proposal else { return Err(invalid("proposal is missing")) };
    let next = state::LAST_ID.load(ctx)?.unwrap_or(0).saturating_add(1);
    if given.id != next {
        return Err(invalid(format!("its id is {}; in order of raising it is {next}", given.id)));
    }
    let before = next.checked_sub(1).filter(|id| *id > 0).map(|id| require(ctx, id)).transpose()?;
    if given.cycle > cycle || before.is_some_and(|before| before.cycle > given.cycle) {
        return Err(invalid(format!("its cycle {} is not in order, or later than {cycle}", given.cycle)));
    }
    let status = Status::try_from(given.status).unwrap_or_default();
    let tallied = match status {
        Status::Raised if given.cycle == cycle => false,
        Status::Withdrawn => false,
        Status::Passed | Status::Failed | Status::Concluded | Status::Lapsed if given.cycle < cycle => true,
        _ => {
            let why = format!("its status {} is not one that its cycle has", status.as_str_name());
            return Err(invalid(why));
        }
    };
    if (given.tallied_height > 0) != tallied || given.tally.is_some() != tallied {
        return Err(invalid("tally and tallied_height must be there if it is tallied, and only then"));
    }
    let content = exported(given.content.as_ref())?;
    let proposal = Proposal {
        dao: Address::parse(&given.dao)?,
        cycle: given.cycle,
        kind: content.kind(),
        funding: asked(given.funding.as_ref())?,
        status,
        tally: given.tally.as_ref().map_or_else(|| Ok(Tally::default()), read_tally)?,
        raised_height: given.raised_height,
        tallied_height: given.tallied_height,
        concluded_height: given.concluded_height,
    };
    let body = Body { title: given.title.clone(), description: given.description.clone(), content };
    raise::save_new(ctx, next, &proposal, &body)
}

fn read_tally(given: &proto::Tally) -> Result<Tally> {
    Ok(Tally {
        yes: Amount::parse(&given.yes)?,
        no: Amount::parse(&given.no)?,
        possible: Amount::parse(&given.possible)?,
    })
}

/// The votes of the stored cycle go into the sums; the bonds are imported before.
fn import_ballot(ctx: &mut Ctx, entry: &GenesisBallot, cycle: u64) -> Result<()> {
    let key = (entry.cycle, Address::parse(&entry.voter)?);
    if state::BALLOTS.has(ctx, &key)? || entry.votes.is_empty() {
        return Err(invalid(format!("{} is listed twice in this cycle, or has no votes", entry.voter)));
    }
    let mut ballot = Ballot { counted: entry.counted, ..Ballot::default() };
    for vote in &entry.votes {
        let proposal = require(ctx, vote.proposal_id)?;
        let known = ballot.votes.insert(vote.proposal_id, choice(vote.option)?).is_some();
        if known || proposal.cycle != entry.cycle || proposal.status == Status::Withdrawn {
            let id = vote.proposal_id;
            return Err(invalid(format!(
                "the vote on proposal {id} is a second one, or can't have been cast"
            )));
        }
    }
    if entry.cycle == cycle && ballot.counted && !premint::is_wallet(ctx, &key.1)? {
        sums::add(ctx, cycle, &key.1, &ballot)?;
    }
    state::BALLOTS.save(ctx, &key, &ballot)
}

fn import_rate(ctx: &mut Ctx, entry: &GenesisRate) -> Result<()> {
    let operator = Address::parse_operator(&entry.operator_address)?;
    let rate = Rate { tokens: Amount::parse(&entry.tokens)?.0, shares: Amount::parse(&entry.shares)?.0 };
    if staking::require(ctx, &operator)?.shares == 0 || rate.shares == 0 || rate.tokens > rate.shares {
        return Err(invalid("the validator has no shares, or the rate is not from 0 to 1"));
    }
    if state::RATES.has(ctx, &operator)? {
        return Err(invalid(format!("{} is listed twice", entry.operator_address)));
    }
    state::RATES.save(ctx, &operator, &rate)
}

fn import_row(ctx: &mut Ctx, entry: &GenesisRow, cycle: u64) -> Result<()> {
    let operator = Address::parse_operator(&entry.operator_address)?;
    let row = Sides { yes: Amount::parse(&entry.yes)?.0, no: Amount::parse(&entry.no)?.0 };
    let of = require(ctx, entry.proposal_id)?.cycle;
    if entry.cycle >= cycle || of != entry.cycle || row == Sides::default() {
        return Err(invalid("it is not a row of a past cycle with shares"));
    }
    state::ROWS.save(ctx, &(entry.cycle, (operator, entry.proposal_id)), &row)
}

fn with_default_params(genesis: &Value) -> Result<Value> {
    let mut all = message_to_json(&default_params())?;
    let mut genesis = if genesis.is_null() { serde_json::json!({}) } else { genesis.clone() };
    let Some(fields) = genesis.as_object_mut() else {
        return Err(invalid("genesis: governance: expected an object"));
    };
    match (fields.get("params"), all.as_object_mut()) {
        (Some(Value::Object(given)), Some(all)) => all.extend(given.clone()),
        (None | Some(Value::Null), _) => {}
        _ => return Err(invalid("genesis: governance: params: expected an object")),
    }
    fields.insert("params".into(), all);
    Ok(genesis)
}

fn all<K: Key, V: Stored>(view: &View, map: &Map<K, V>) -> Result<Vec<(K, V)>> {
    map.scan(view, &[], None, false, usize::MAX)
}

fn at(list: &'static str, index: usize) -> impl Fn(crate::kernel::Error) -> crate::kernel::Error {
    move |error| error.context(format!("genesis: governance: {list}[{index}]"))
}
