//! What votes, states and subjects of the business layer are called for people (§10 to §14).

use anyhow::{Context, Result};
use jmes_modules::kernel::Amount;
use jmes_proto::jmes::governance::v1 as governance;
use jmes_proto::jmes::governance::v1::content::Content;
use jmes_proto::jmes::upgrade::v1::action::Action;
use jmes_proto::jmes::{dao::v1 as dao, slots::v1 as slots};

use super::names::Names;
use super::people::{amount, cell};

/// What has become of a DAO's proposal.
pub fn dao_status(proposal: &dao::Proposal) -> &'static str {
    use dao::proposal::Status;
    match Status::try_from(proposal.status) {
        Ok(Status::Open) => "open",
        Ok(Status::Passed) => "passed",
        Ok(Status::Failed) => "failed",
        Ok(Status::Executed) => "executed",
        Ok(Status::Expired) => "expired",
        Ok(Status::Superseded) => "superseded",
        _ => "unknown",
    }
}

/// A member's vote.
pub fn dao_option(option: i32) -> &'static str {
    match dao::VoteOption::try_from(option) {
        Ok(dao::VoteOption::Yes) => "yes",
        Ok(dao::VoteOption::No) => "no",
        Ok(dao::VoteOption::Abstain) => "abstain",
        _ => "-",
    }
}

/// What has become of a proposal of governance.
pub fn status(proposal: &governance::Proposal) -> &'static str {
    use governance::proposal::Status;
    match Status::try_from(proposal.status) {
        Ok(Status::Raised) => "raised",
        Ok(Status::Voting) => "voting",
        Ok(Status::Passed) => "passed",
        Ok(Status::Failed) => "failed",
        Ok(Status::Concluded) => "concluded",
        Ok(Status::Lapsed) => "lapsed",
        Ok(Status::Withdrawn) => "withdrawn",
        _ => "unknown",
    }
}

/// A vote in governance.
pub fn option(option: i32) -> &'static str {
    match governance::VoteOption::try_from(option) {
        Ok(governance::VoteOption::Yes) => "yes",
        Ok(governance::VoteOption::No) => "no",
        _ => "-",
    }
}

/// A core slot.
pub fn slot(slot: i32) -> &'static str {
    match slots::Slot::try_from(slot) {
        Ok(slots::Slot::Brand) => "brand",
        Ok(slots::Slot::Community) => "community",
        Ok(slots::Slot::Engineering) => "engineering",
        _ => "unknown",
    }
}

/// What a proposal would do, in a few words.
pub fn subject(proposal: &governance::Proposal, names: &Names<'_>) -> String {
    match proposal.content.as_ref().and_then(|content| content.content.as_ref()) {
        Some(Content::Text(_)) if proposal.funding.is_some() => "funding".into(),
        Some(Content::Text(_)) => "text".into(),
        Some(Content::RequestFeature(request)) => format!("feature {}", request.feature),
        Some(Content::CoreSlot(content)) => format!("{} slot", slot(content.slot)),
        Some(Content::RevokeCoreSlot(revoke)) => {
            format!("revoke {} slot of {}", slot(revoke.slot), names.name(&revoke.dao))
        }
        Some(Content::Improvement(improvement)) => {
            let actions: Vec<String> =
                improvement.actions.iter().map(|action| act(action.action.as_ref())).collect();
            format!("improvement: {}", actions.join(", "))
        }
        None => "unknown".into(),
    }
}

fn act(action: Option<&Action>) -> String {
    match action {
        Some(Action::ChangeParameter(change)) => {
            format!("{}.{} = {}", change.module, change.parameter, change.value)
        }
        Some(Action::ActivateVersion(version)) => format!("{} version {}", version.module, version.version),
        Some(Action::ScheduleUpgrade(upgrade)) => format!("upgrade {} at {}", upgrade.name, upgrade.height),
        Some(Action::OpenImprovements(_)) => "improvements by every DAO".into(),
        None => "unknown".into(),
    }
}

/// What a proposal asks for: `100 JMES, 3 months`; `-` for nothing.
///
/// # Errors
/// The amount in the answer is no number.
pub fn request(funding: Option<&governance::Funding>) -> Result<String> {
    let Some(funding) = funding else { return Ok("-".into()) };
    let months = format!("{} month{}", funding.months, if funding.months == 1 { "" } else { "s" });
    if amount(&funding.amount)?.is_zero() {
        return Ok(months);
    }
    Ok(format!("{}, {months}", cell(&funding.amount)?))
}

/// Yes minus no in Nils.
///
/// # Errors
/// The numbers in the answer are none, or too large.
pub fn net_yes(tally: &governance::Tally) -> Result<i128> {
    let number =
        |nils: &str| i128::try_from(amount(nils)?.0).context("a number in the node's answer is too large");
    Ok(number(&tally.yes)? - number(&tally.no)?)
}

/// Nils that may be negative as a table's cell: `-1,234.5 JMES`.
///
/// # Errors
/// Never for an amount.
pub fn signed(nils: i128) -> Result<String> {
    let amount = cell(&Amount(nils.unsigned_abs()).to_string())?;
    Ok(if nils < 0 { format!("-{amount}") } else { amount })
}

/// The net yes that passes a proposal: `percent` of all possible votes, rounded up, in Nils (§11).
pub fn threshold(possible: Amount, percent: u32) -> Amount {
    Amount(possible.0.saturating_mul(percent.into()).div_ceil(100).max(1))
}
