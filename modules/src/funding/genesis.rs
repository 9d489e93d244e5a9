//! Genesis of funding: `app_state.funding`, the JSON of `jmes.funding.v1.GenesisState`. A new chain has parameters only.

use super::params::{check_params, defaults};
use super::plan::{Entry, Limits, Plan, Walk};
use super::queries::show;
use super::state::{self, Stream};
use super::{insert, params, require, save_plan, FUNDING};
use crate::emission;
use crate::kernel::{codes, message_from_json, message_to_json, Address, Amount, Ctx, Error, Result, View};
use crate::slots::Slot;
use jmes_proto::jmes::funding::v1 as proto;
use proto::{GenesisPlan, GenesisPlanEntry, GenesisState, GenesisStream, Outcome};
use serde_json::Value;

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let genesis: GenesisState =
        if genesis.is_null() { GenesisState::default() } else { message_from_json(genesis)? };
    let params = genesis.params.unwrap_or_else(defaults);
    check_params(&params).map_err(|error| error.context("genesis"))?;
    state::PARAMS.save(ctx, &params)?;
    let mut last = 0;
    for entry in &genesis.streams {
        let id = entry.stream.as_ref().map_or(0, |stream| stream.proposal_id);
        let (stream, active) = read_stream(ctx, entry)
            .map_err(|error| error.context(format!("genesis: {FUNDING}: stream of proposal {id}")))?;
        if stream.position <= last || state::STREAMS.has(ctx, &id)? {
            let why = format!(
                "genesis: {FUNDING}: stream of proposal {id}: it stands twice, or not after position {last}"
            );
            return Err(Error::sdk(codes::INVALID_REQUEST, why));
        }
        last = stream.position;
        insert(ctx, id, &stream, active)?;
    }
    if let Some(plan) = &genesis.plan {
        let plan =
            read_plan(ctx, plan).map_err(|error| error.context(format!("genesis: {FUNDING}: plan")))?;
        save_plan(ctx, &plan)?;
    }
    if genesis.stale {
        state::STALE.save(ctx, &())?;
    }
    Ok(())
}

pub(super) fn export(view: &View) -> Result<Value> {
    let mut streams = Vec::new();
    for (position, proposal_id) in state::ORDER.scan(view, &[], None, false, usize::MAX)? {
        let stream = require(view, proposal_id)?;
        let paid_since = stream.paid_since;
        streams.push(GenesisStream { stream: Some(show(view, proposal_id, &stream)?), position, paid_since });
    }
    message_to_json(&GenesisState {
        params: Some(params(view)?),
        streams,
        plan: state::PLAN.load(view)?.map(|plan| write_plan(&plan)),
        stale: state::STALE.load(view)?.is_some(),
    })
}

fn read_stream(view: &View, entry: &GenesisStream) -> Result<(Stream, bool)> {
    let shown = entry.stream.clone().unwrap_or_default();
    let amount = |name: &str, text: &str| Amount::parse(text).map_err(|error| error.context(name.to_owned()));
    let (rate, total) = (amount("rate", &shown.rate)?, amount("total_paid", &shown.total_paid)?);
    let mut stream = Stream {
        dao: Address::parse(&shown.dao).map_err(|error| error.context("dao"))?,
        rate,
        first: shown.first_height,
        last: shown.last_height,
        net_yes: amount("net_yes", &shown.net_yes)?,
        position: entry.position,
        paid_blocks: 0,
        paid_since: entry.paid_since,
    };
    let n = emission::issuance_height(view)?;
    let running = stream.paid_until(n);
    let paid = total.0.checked_div(rate.0).and_then(|blocks| u64::try_from(blocks).ok());
    let before = paid.and_then(|blocks| blocks.checked_sub(running));
    stream.paid_blocks = before.ok_or_else(|| {
        refused(format!("rate {rate} and total_paid {total} don't fit to paid_since {}", entry.paid_since))
    })?;
    let too_short = stream.last.saturating_add(1) < stream.first || stream.first == 0;
    if too_short || (stream.total_paid(n)?, stream.missed(n)) != (total, shown.missed_blocks) {
        let (first, last, missed) = (stream.first, stream.last, shown.missed_blocks);
        return Err(refused(format!(
            "paid {total} Nils and {missed} blocks missed are not what heights {first} to {last} give at {n}"
        )));
    }
    let begins_early = stream.paid_since != 0 && stream.paid_since < stream.first;
    if begins_early || (!shown.active && stream.paid_since != 0) || (shown.active && stream.last < n) {
        return Err(refused(format!("active and paid_since don't fit to its heights at {n}")));
    }
    Ok((stream, shown.active))
}

fn write_plan(plan: &Plan) -> GenesisPlan {
    let Limits { budget, core, non_core, slots: [brand, community, engineering] } = plan.limits;
    let entry = |entry: &Entry| GenesisPlanEntry {
        proposal_id: entry.proposal_id,
        slot: entry.slot.map_or(0, Slot::to_proto),
    };
    GenesisPlan {
        budget: budget.to_string(),
        core_cap: core.to_string(),
        non_core_cap: non_core.to_string(),
        brand_share: brand.to_string(),
        community_share: community.to_string(),
        engineering_share: engineering.to_string(),
        entries: plan.entries.iter().map(entry).collect(),
    }
}

/// What is paid follows from the limits.
fn read_plan(view: &View, plan: &GenesisPlan) -> Result<Plan> {
    let limits = Limits {
        budget: Amount::parse(&plan.budget)?,
        core: Amount::parse(&plan.core_cap)?,
        non_core: Amount::parse(&plan.non_core_cap)?,
        slots: [
            Amount::parse(&plan.brand_share)?,
            Amount::parse(&plan.community_share)?,
            Amount::parse(&plan.engineering_share)?,
        ],
    };
    let mut walk = Walk::new(&limits);
    let mut entries = Vec::with_capacity(plan.entries.len());
    for GenesisPlanEntry { proposal_id, slot } in &plan.entries {
        let Some(stream) = state::STREAMS.load(view, proposal_id)? else {
            return Err(refused(format!("proposal {proposal_id} has no stream")));
        };
        let (dao, rate, slot) = (stream.dao, stream.rate, Slot::from_proto(*slot));
        let paid = walk.next(rate, slot).outcome == Outcome::Paid;
        entries.push(Entry { proposal_id: *proposal_id, dao, rate, slot, paid });
    }
    Ok(Plan { limits, entries })
}

fn refused(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}
