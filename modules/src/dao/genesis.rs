//! Genesis of DAOs: `app_state.dao`, the JSON of `jmes.dao.v1.GenesisState`.

use super::queries::{show_dao, show_proposal, show_vote};
use super::types::{Ballot, Content, Dao, Member, Proposal, Status, VoteOption};
use super::{address_of, check_params, defaults, params, registry, require, state};
use crate::identity::{self, Kind};
use crate::kernel::{
    codes, from_duration, from_timestamp, message_from_json, message_to_json, Address, Ctx, Error, Result,
    View,
};
use jmes_proto::jmes::dao::v1 as proto;
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let genesis: proto::GenesisState =
        if genesis.is_null() { proto::GenesisState::default() } else { message_from_json(genesis)? };
    let params = genesis.params.unwrap_or_else(defaults);
    check_params(&params).map_err(|error| error.context("genesis"))?;
    state::PARAMS.save(ctx, &params)?;
    for (entry, id) in genesis.daos.iter().zip(1..) {
        let dao = read_dao(entry, id).map_err(|error| at(error, "daos", id))?;
        let named = identity::by_name(ctx, &dao.name)?;
        if !named.is_some_and(|named| named.address == dao.address && named.kind == Kind::Dao) {
            let why =
                format!("identity.identities do not have its name \"{}\" for {}", dao.name, dao.address);
            return Err(at(refused(why), "daos", id));
        }
        registry::add(ctx, &dao)?;
    }
    check_names(ctx, genesis.daos.len())?;
    let mut votes = BTreeMap::new();
    for entry in &genesis.votes {
        if votes.insert(entry.proposal_id, entry.votes.as_slice()).is_some() {
            return Err(at(refused("it is listed twice"), "votes", entry.proposal_id));
        }
    }
    for (entry, id) in genesis.proposals.into_iter().zip(1..) {
        let votes = votes.remove(&id).unwrap_or_default();
        import_proposal(ctx, id, entry, votes).map_err(|error| at(error, "proposals", id))?;
    }
    match votes.keys().next() {
        Some(id) => Err(at(refused("there is no such proposal"), "votes", *id)),
        None => Ok(()),
    }
}

pub(super) fn export(view: &View) -> Result<Value> {
    let mut genesis = proto::GenesisState { params: Some(params(view)?), ..proto::GenesisState::default() };
    for (_, address) in state::BY_ID.scan(view, &[], None, false, usize::MAX)? {
        genesis.daos.push(show_dao(&require(view, &address)?));
    }
    for (id, proposal) in state::PROPOSALS.scan(view, &[], None, false, usize::MAX)? {
        let content = state::CONTENTS.load(view, &id)?.unwrap_or_default();
        genesis.proposals.push(show_proposal(id, &proposal, content));
    }
    let mut votes: BTreeMap<u64, Vec<proto::Vote>> = BTreeMap::new();
    for ((id, voter), ballot) in state::BALLOTS.scan(view, &[], None, false, usize::MAX)? {
        votes.entry(id).or_default().push(show_vote(&voter, &ballot));
    }
    let entry = |(proposal_id, votes)| proto::GenesisVotes { proposal_id, votes };
    genesis.votes = votes.into_iter().map(entry).collect();
    message_to_json(&genesis)
}

fn read_dao(entry: &proto::Dao, id: u64) -> Result<Dao> {
    let address = Address::parse(&entry.address)?;
    if (entry.id, address) != (id, address_of(id)) {
        let why = format!("id and address must be {id} and {}; ids are 1, 2, 3 …", address_of(id));
        return Err(refused(why));
    }
    let mut members = Vec::with_capacity(entry.members.len());
    for proto::Member { address, power } in &entry.members {
        members.push(Member { address: Address::parse(address)?, power: *power });
    }
    let dao = Dao {
        id,
        address,
        name: entry.name.clone(),
        members,
        threshold: entry.threshold,
        voting_period: from_duration(&entry.voting_period.unwrap_or_default())?,
        version: entry.version,
        height: entry.height,
    };
    dao.check_shape().map_err(refused)?;
    Ok(dao)
}

/// Names of DAOs that are not there would stand in the way of the DAOs that come.
fn check_names(view: &View, daos: usize) -> Result<()> {
    let holders = identity::state::HOLDERS.scan(view, &[], None, false, usize::MAX)?;
    let named = holders.iter().filter(|(_, holder)| holder.kind == Kind::Dao).count();
    if named == daos {
        return Ok(());
    }
    let why = format!("genesis: dao: {named} DAOs have names in identity.identities, {daos} are in daos");
    Err(refused(why))
}

fn import_proposal(ctx: &mut Ctx, id: u64, entry: proto::Proposal, votes: &[proto::Vote]) -> Result<()> {
    if entry.id != id {
        return Err(refused(format!("id is {}; ids are 1, 2, 3 …", entry.id)));
    }
    let (proposal, content) = read_proposal(entry)?;
    let dao = require(ctx, &proposal.dao)?;
    state::PROPOSAL_COUNT.save(ctx, &id)?;
    state::PROPOSALS.save(ctx, &id, &proposal)?;
    state::CONTENTS.save(ctx, &id, &content)?;
    state::PROPOSALS_OF.save(ctx, &(dao.id, id), &())?;
    if proposal.status == Status::Open {
        state::OPEN.save(ctx, &(dao.id, (proposal.proposer, id)), &())?;
    }
    let mut counted = Proposal { yes: 0, no: 0, abstain: 0, ..proposal.clone() };
    for vote in votes {
        let voter = Address::parse(&vote.voter)?;
        if state::BALLOTS.has(ctx, &(id, voter))? {
            return Err(refused(format!("votes: {voter} is listed twice")));
        }
        let option = VoteOption::try_from(vote.option).unwrap_or_default();
        let sum = counted.sum(option).ok_or_else(|| refused(format!("votes: {voter}: option is missing")))?;
        *sum = sum.saturating_add(vote.power);
        state::BALLOTS.save(ctx, &(id, voter), &Ballot { option, power: vote.power })?;
    }
    if counted != proposal {
        let Proposal { yes, no, abstain, .. } = counted;
        return Err(refused(format!("its votes sum to yes {yes}, no {no}, abstain {abstain}")));
    }
    Ok(())
}

fn read_proposal(entry: proto::Proposal) -> Result<(Proposal, Content)> {
    let status = entry.status();
    if status == Status::Unspecified {
        return Err(refused("status is missing"));
    }
    let proposal = Proposal {
        dao: Address::parse(&entry.dao)?,
        proposer: Address::parse(&entry.proposer)?,
        version: entry.version,
        status,
        poll: entry.messages.is_empty(),
        yes: entry.yes,
        no: entry.no,
        abstain: entry.abstain,
        height: entry.submitted_height,
        deadline: from_timestamp(&entry.deadline.unwrap_or_default())?,
        execute_until: entry.execute_until.as_ref().map(from_timestamp).transpose()?,
        failure: entry.failure,
    };
    let content = Content { title: entry.title, summary: entry.summary, messages: entry.messages };
    Ok((proposal, content))
}

fn at(error: Error, list: &str, id: u64) -> Error {
    error.context(format!("genesis: dao: {list}: {id}"))
}

fn refused(why: impl Into<String>) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}
