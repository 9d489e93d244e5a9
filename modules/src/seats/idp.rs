//! Free seats during the Initial Distribution Period (§6): draws for vacated ones, then new ones, oldest waiting first.

use super::members::{Facts, Member};
use super::state::{self, StoredVacancies, StoredVacancy};
use super::{draw, seat, waiting};
use crate::kernel::{Ctx, Result};
use jmes_proto::jmes::staking::v1::Params;

/// Fills free seats. `vacated` is how many were lost in this step.
///
/// A seat vacated at h is drawn at h + `draw_blocks` + 1 by the app hashes after blocks h + 1 … h + `draw_blocks`. Every
/// other free seat is for the oldest that waits: a new one, and one whose draw in an earlier block had no candidates.
pub fn fill(
    ctx: &mut Ctx,
    members: &mut Vec<(Member, Facts)>,
    vacated: usize,
    params: &Params,
) -> Result<()> {
    let height = ctx.block().height;
    let mut vacancies = state::VACANCIES.load(ctx)?.unwrap_or_default();
    let before = vacancies.clone();
    if !vacancies.pending.is_empty() {
        vacancies.bits = draw::push(vacancies.bits, &ctx.block().app_hash);
    }
    let is_due =
        |vacancy: &StoredVacancy| height > vacancy.height.saturating_add(u64::from(params.draw_blocks));
    let (due, mut pending): (Vec<_>, Vec<_>) = vacancies.pending.into_iter().partition(is_due);
    let mut undrawn: u64 = 0;
    for vacancy in due {
        let bits = draw::latest(vacancies.bits, params.draw_blocks);
        undrawn = undrawn.saturating_add(draw_seats(ctx, members, vacancy, bits, params)?);
    }
    if vacated > 0 {
        pending.push(StoredVacancy { height, seats: u64::try_from(vacated).unwrap_or(u64::MAX) });
    }
    let taken = pending.iter().fold(undrawn, |sum, vacancy| sum.saturating_add(vacancy.seats));
    let taken = usize::try_from(taken).unwrap_or(usize::MAX).saturating_add(members.len());
    let free = usize::try_from(params.seats).unwrap_or(usize::MAX).saturating_sub(taken);
    if free > 0 {
        for candidate in waiting::oldest(ctx, free)? {
            members.extend(seat(ctx, &candidate.operator)?);
        }
    }
    save(ctx, &before, StoredVacancies { pending, bits: vacancies.bits })
}

/// Draws for the seats vacated at one height; gives how many were left without a candidate.
fn draw_seats(
    ctx: &mut Ctx,
    members: &mut Vec<(Member, Facts)>,
    vacancy: StoredVacancy,
    bits: u64,
    params: &Params,
) -> Result<u64> {
    let waited = vacancy.height.saturating_sub(params.draw_waiting);
    let mut candidates = waiting::count_since_before(ctx, waited)?;
    let mut left: u64 = 0;
    for number in 0..u32::try_from(vacancy.seats).unwrap_or(u32::MAX) {
        let drawn = match draw::index(bits, vacancy.height, number, candidates) {
            Some(index) => waiting::nth(ctx, index)?,
            None => None,
        };
        match drawn {
            Some(candidate) => {
                members.extend(seat(ctx, &candidate.operator)?);
                candidates = candidates.saturating_sub(1);
            }
            None => left = left.saturating_add(1),
        }
    }
    Ok(left)
}

/// The register of bits is kept only while a draw is to come: it needs none from before.
fn save(ctx: &mut Ctx, before: &StoredVacancies, after: StoredVacancies) -> Result<()> {
    if after.pending.is_empty() {
        return if before.pending.is_empty() { Ok(()) } else { state::VACANCIES.remove(ctx) };
    }
    state::VACANCIES.save(ctx, &after)
}
