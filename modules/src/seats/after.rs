//! Seats after the Initial Distribution Period (§6): the wanted come in one at a time.

use super::members::{Facts, Member};
use super::rank::{displaced, ranks};
use super::removal::{shrink, Reason};
use super::{seat, state, waiting};
use crate::kernel::{Address, Ctx, Result};
use crate::{emission, staking};
use jmes_proto::jmes::staking::v1::Params;

/// How many of those who still wait at the end of the period are forgotten in a block.
const FORGOTTEN: usize = 100;

/// What happens once, at the end of the period's last block: whoever is seated is an incumbent, and there are no more draws.
pub fn begin(ctx: &mut Ctx, members: &mut [(Member, Facts)]) -> Result<()> {
    if state::LAST_NEWCOMER.load(ctx)?.is_some() {
        return Ok(());
    }
    for (member, _) in members {
        member.incumbent = true;
    }
    if state::VACANCIES.load(ctx)?.is_some() {
        state::VACANCIES.remove(ctx)?;
    }
    state::LAST_NEWCOMER.save(ctx, &0)
}

/// Fits the set to the number of seats and seats a newcomer when it is time. Gives who lost a seat and why.
pub fn renew(
    ctx: &mut Ctx,
    members: &mut Vec<(Member, Facts)>,
    proven_before: &[Address],
    params: &Params,
) -> Result<Vec<(Member, Reason)>> {
    forget_waiting(ctx)?;
    let seats = usize::try_from(params.seats).unwrap_or(usize::MAX);
    let last = state::LAST_NEWCOMER.load(ctx)?.unwrap_or(0);
    let due = last == 0 || ctx.block().height >= last.saturating_add(params.newcomer_interval);
    if !due && members.len() <= seats {
        return Ok(Vec::new());
    }
    let wanted = staking::ranking(ctx, seats)?;
    let shrunk = shrink(members, &ranks(members, &wanted), proven_before, seats);
    let mut gone: Vec<_> = shrunk.into_iter().map(|member| (member, Reason::Shrunk)).collect();
    if due {
        let displaced = seat_newcomer(ctx, members, &wanted, params)?;
        gone.extend(displaced.map(|member| (member, Reason::Displaced)));
    }
    Ok(gone)
}

/// Seats the best wanted one without a seat, if there is one and a seat for it. Gives who lost that seat.
fn seat_newcomer(
    ctx: &mut Ctx,
    members: &mut Vec<(Member, Facts)>,
    wanted: &[Address],
    params: &Params,
) -> Result<Option<Member>> {
    let is_seated = |operator: &&Address| members.iter().any(|(member, _)| member.operator == **operator);
    let Some(newcomer) = wanted.iter().find(|operator| !is_seated(operator)) else { return Ok(None) };
    let mut leaver = None;
    if members.len() >= usize::try_from(params.seats).unwrap_or(usize::MAX) {
        let since = emission::issuance_height(ctx)?.saturating_sub(emission::idp_blocks(ctx)?);
        leaver = displaced(members, wanted, since <= params.seniority_blocks);
        if leaver.is_none() {
            return Ok(None);
        }
    }
    let Some(entry) = seat(ctx, newcomer)? else { return Ok(None) };
    let place = members.iter().position(|(member, _)| Some(member.operator) == leaver);
    let gone = place.map(|place| members.remove(place).0);
    members.push(entry);
    let height = ctx.block().height;
    state::LAST_NEWCOMER.save(ctx, &height)?;
    Ok(gone)
}

/// Waiting has no meaning any more: the list goes, a part in each block so that none has much to do.
fn forget_waiting(ctx: &mut Ctx) -> Result<()> {
    if state::LIST.load(ctx)?.is_none() {
        return Ok(());
    }
    let oldest = waiting::oldest(ctx, FORGOTTEN)?;
    for candidate in &oldest {
        waiting::remove(ctx, &candidate.operator)?;
    }
    if oldest.len() < FORGOTTEN {
        state::LIST.remove(ctx)?;
    }
    Ok(())
}
