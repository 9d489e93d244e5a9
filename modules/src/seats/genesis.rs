//! Genesis of seats: `app_state.seats`, the JSON of `jmes.staking.v1.GenesisState`.

use super::params::{check_params, defaults};
use super::state::{self, Candidate, StoredVacancies, StoredVacancy};
use super::{invalid_genesis, is_seated, members, params, waiting, Member, Proof, Work};
use crate::kernel::{message_from_json, message_to_json, Address, Ctx, Result, View};
use crate::staking;
use jmes_proto::jmes::staking::v1::{GenesisCandidate, GenesisSeat, GenesisState, Vacancy};
use serde_json::Value;

/// Keys and works are in the validators' records, which are imported before.
pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let genesis: GenesisState =
        if genesis.is_null() { GenesisState::default() } else { message_from_json(genesis)? };
    let params = genesis.params.unwrap_or_else(defaults);
    check_params(&params).map_err(|error| error.context("genesis"))?;
    state::PARAMS.save(ctx, &params)?;
    let mut seated: Vec<Member> = Vec::with_capacity(genesis.seats.len());
    for seat in &genesis.seats {
        let member = read_seat(ctx, seat)?;
        if seated.iter().any(|other| other.operator == member.operator) {
            return Err(invalid_genesis(format!("validator {} is seated twice", seat.operator_address)));
        }
        seated.push(member);
    }
    members::save(ctx, &[], &seated)?;
    import_waiting(ctx, &genesis.waiting, genesis.next_position)?;
    import_vacancies(ctx, &genesis.vacancies, genesis.app_hash_bits)?;
    if genesis.idp_ended {
        state::LAST_NEWCOMER.save(ctx, &genesis.last_newcomer)?;
    }
    Ok(())
}

pub(super) fn export(view: &View) -> Result<Value> {
    let vacancies = state::VACANCIES.load(view)?.unwrap_or_default();
    let last_newcomer = state::LAST_NEWCOMER.load(view)?;
    let waiting = state::WAITING.scan(view, &[], None, false, usize::MAX)?;
    let vacancy = |vacancy: &StoredVacancy| Vacancy { height: vacancy.height, seats: vacancy.seats };
    let candidate = |(position, candidate): (u64, Candidate)| GenesisCandidate {
        operator_address: candidate.operator.operator(),
        since: candidate.since,
        position,
    };
    message_to_json(&GenesisState {
        params: Some(params(view)?),
        seats: members::load(view)?.iter().map(write_seat).collect(),
        waiting: waiting.into_iter().map(candidate).collect(),
        next_position: state::LIST.load(view)?.unwrap_or_default().next,
        vacancies: vacancies.pending.iter().map(vacancy).collect(),
        app_hash_bits: vacancies.bits,
        idp_ended: last_newcomer.is_some(),
        last_newcomer: last_newcomer.unwrap_or(0),
    })
}

fn read_seat(view: &View, seat: &GenesisSeat) -> Result<Member> {
    let refused = |why: &str| invalid_genesis(format!("seats: validator {}: {why}", seat.operator_address));
    let operator = Address::parse_operator(&seat.operator_address)
        .map_err(|error| error.context("genesis: seats: seats"))?;
    let validator =
        staking::validator(view, &operator)?.ok_or_else(|| refused("there is no such validator"))?;
    let key = validator.key.ok_or_else(|| refused("it has no consensus key"))?;
    let proof = match (seat.proven, <[u8; 16]>::try_from(seat.signed.as_slice())) {
        (true, _) => Proof::default(),
        (false, Ok(bits)) => Proof { commits: seat.commits, signed: u128::from_be_bytes(bits) },
        (false, Err(_)) => return Err(refused("signed must have 16 bytes")),
    };
    if seat.power == 0 {
        return Err(refused("its power is 0"));
    }
    Ok(Member {
        operator,
        key,
        power: seat.power,
        proven: seat.proven,
        seated_height: seat.seated_height,
        incumbent: seat.incumbent,
        proof,
    })
}

fn write_seat(member: &Member) -> GenesisSeat {
    let signed = if member.proven { Vec::new() } else { member.proof.signed.to_be_bytes().to_vec() };
    GenesisSeat {
        operator_address: member.operator.operator(),
        power: member.power,
        proven: member.proven,
        seated_height: member.seated_height,
        incumbent: member.incumbent,
        commits: if member.proven { 0 } else { member.proof.commits },
        signed,
    }
}

fn import_waiting(ctx: &mut Ctx, list: &[GenesisCandidate], next_position: u64) -> Result<()> {
    let mut last: Option<&GenesisCandidate> = None;
    for entry in list {
        let refused = |why: &str| invalid_genesis(format!("waiting: {}: {why}", entry.operator_address));
        let operator = Address::parse_operator(&entry.operator_address)
            .map_err(|error| error.context("genesis: seats: waiting"))?;
        let validator =
            staking::validator(ctx, &operator)?.ok_or_else(|| refused("there is no such validator"))?;
        if last.is_some_and(|last| entry.position <= last.position || entry.since < last.since) {
            return Err(refused("it stands before one with a higher position or a later height"));
        }
        if entry.position >= next_position {
            return Err(refused("its position is not below next_position"));
        }
        if waiting::has(ctx, &operator)? || is_seated(ctx, &operator)? {
            return Err(refused("it waits twice, or has a seat"));
        }
        let work = Work::of(&validator);
        waiting::insert(ctx, entry.position, Candidate { operator, since: entry.since, work })?;
        last = Some(entry);
    }
    if next_position > 0 {
        let count = waiting::count(ctx)?;
        state::LIST.save(ctx, &state::StoredList { count, next: next_position })?;
    }
    Ok(())
}

fn import_vacancies(ctx: &mut Ctx, vacancies: &[Vacancy], bits: u64) -> Result<()> {
    if vacancies.is_empty() {
        return Ok(());
    }
    let stored = |vacancy: &Vacancy| StoredVacancy { height: vacancy.height, seats: vacancy.seats };
    let pending = vacancies.iter().map(stored).collect();
    state::VACANCIES.save(ctx, &StoredVacancies { pending, bits })
}
