//! Contents of proposals as messages and answers have them.

use super::error::invalid;
use super::types::{Content, FundingRequest};
use crate::kernel::{Address, Amount, Result};
use crate::slots::{Feature, Slot};
use jmes_proto::jmes::governance::v1 as proto;
use proto::content::Content as Stored;
use proto::msg_raise_proposal::Content as Raised;

/// The content of a message.
pub(super) fn raised(content: Option<&Raised>) -> Result<Content> {
    match content {
        None => Err(invalid("content is missing: say what the proposal is about")),
        Some(Raised::Text(_)) => Ok(Content::Text),
        Some(Raised::RequestFeature(request)) => feature(request),
        Some(Raised::CoreSlot(claim)) => Ok(Content::CoreSlot(slot(claim.slot)?)),
        Some(Raised::Improvement(improvement)) => actions(improvement),
        Some(Raised::RevokeCoreSlot(revocation)) => revoked(revocation),
    }
}

/// The content of an exported proposal.
pub(super) fn exported(content: Option<&proto::Content>) -> Result<Content> {
    match content.and_then(|content| content.content.as_ref()) {
        None => Err(invalid("content is missing")),
        Some(Stored::Text(_)) => Ok(Content::Text),
        Some(Stored::RequestFeature(request)) => feature(request),
        Some(Stored::CoreSlot(claim)) => Ok(Content::CoreSlot(slot(claim.slot)?)),
        Some(Stored::Improvement(improvement)) => actions(improvement),
        Some(Stored::RevokeCoreSlot(revocation)) => revoked(revocation),
    }
}

/// A content as answers show it.
pub(super) fn shown(content: Content) -> proto::Content {
    let content = match content {
        Content::Text => Stored::Text(proto::Text {}),
        Content::RequestFeature(feature) => {
            Stored::RequestFeature(proto::RequestFeature { feature: feature.name().into() })
        }
        Content::CoreSlot(slot) => Stored::CoreSlot(proto::CoreSlot { slot: slot.to_proto() }),
        Content::Improvement(actions) => Stored::Improvement(proto::Improvement { actions }),
        Content::RevokeCoreSlot(slot, dao) => {
            Stored::RevokeCoreSlot(proto::RevokeCoreSlot { slot: slot.to_proto(), dao: dao.to_string() })
        }
    };
    proto::Content { content: Some(content) }
}

/// What a message or an exported proposal requests.
pub(super) fn asked(funding: Option<&proto::Funding>) -> Result<Option<FundingRequest>> {
    let Some(proto::Funding { amount, months }) = funding else { return Ok(None) };
    let amount = Amount::parse(amount).map_err(|error| error.context("funding.amount"))?;
    Ok(Some(FundingRequest { amount, months: *months }))
}

fn feature(request: &proto::RequestFeature) -> Result<Content> {
    Feature::parse(&request.feature).map(Content::RequestFeature).ok_or_else(|| {
        let shown: String = request.feature.chars().take(40).collect();
        invalid(format!("there is no feature \"{shown}\"; there are art_dealer and official_status"))
    })
}

fn actions(improvement: &proto::Improvement) -> Result<Content> {
    if improvement.actions.is_empty() {
        return Err(invalid("an improvement has at least one action"));
    }
    Ok(Content::Improvement(improvement.actions.clone()))
}

fn revoked(revocation: &proto::RevokeCoreSlot) -> Result<Content> {
    let dao = Address::parse(&revocation.dao).map_err(|error| error.context("revoke_core_slot.dao"))?;
    Ok(Content::RevokeCoreSlot(slot(revocation.slot)?, dao))
}

fn slot(number: i32) -> Result<Slot> {
    Slot::from_proto(number).ok_or_else(|| {
        invalid(format!("there is no slot {number}; there are BRAND, COMMUNITY and ENGINEERING"))
    })
}
