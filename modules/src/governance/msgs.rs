//! The messages of `jmes.governance.v1`.

use super::content::{asked, raised};
use super::error::invalid;
use super::types::{Body, Choice};
use super::{conclude, raise, vote};
use crate::kernel::{Address, Ctx, Msg, Result};
use jmes_proto::jmes::governance::v1::{
    MsgConclude, MsgConcludeResponse, MsgRaiseProposal, MsgRaiseProposalResponse, MsgResignSlot,
    MsgResignSlotResponse, MsgVote, MsgVoteResponse, MsgWithdrawProposal, MsgWithdrawProposalResponse,
    VoteOption,
};

/// Raising burns Params.proposal_burn of the DAO; only in the raising phase.
impl Msg for MsgRaiseProposal {
    type Response = MsgRaiseProposalResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.dao)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgRaiseProposalResponse> {
        let body = Body {
            title: self.title.clone(),
            description: self.description.clone(),
            content: raised(self.content.as_ref())?,
        };
        let asked = asked(self.funding.as_ref())?;
        let proposal_id = raise::raise(ctx, &Address::parse(&self.dao)?, &body, asked)?;
        Ok(MsgRaiseProposalResponse { proposal_id })
    }
}

impl Msg for MsgWithdrawProposal {
    type Response = MsgWithdrawProposalResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.dao)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgWithdrawProposalResponse> {
        raise::withdraw(ctx, &Address::parse(&self.dao)?, self.proposal_id)?;
        Ok(MsgWithdrawProposalResponse {})
    }
}

impl Msg for MsgVote {
    type Response = MsgVoteResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.voter)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgVoteResponse> {
        let choice = choice(self.option)?;
        vote::vote(ctx, &Address::parse(&self.voter)?, self.proposal_id, choice)?;
        Ok(MsgVoteResponse {})
    }
}

impl Msg for MsgConclude {
    type Response = MsgConcludeResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.sender)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgConcludeResponse> {
        conclude::conclude(ctx, &Address::parse(&self.sender)?, self.proposal_id)?;
        Ok(MsgConcludeResponse {})
    }
}

impl Msg for MsgResignSlot {
    type Response = MsgResignSlotResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.dao)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgResignSlotResponse> {
        conclude::resign(ctx, &Address::parse(&self.dao)?)?;
        Ok(MsgResignSlotResponse {})
    }
}

/// The choice of a message or of an exported ballot.
pub(super) fn choice(option: i32) -> Result<Choice> {
    match VoteOption::try_from(option) {
        Ok(VoteOption::Yes) => Ok(Choice::Yes),
        Ok(VoteOption::No) => Ok(Choice::No),
        Ok(VoteOption::Unspecified) | Err(_) => {
            Err(invalid(format!("option is {option}; it must be YES (1) or NO (2)")))
        }
    }
}

/// A choice as messages have it.
pub(super) const fn option(choice: Choice) -> VoteOption {
    match choice {
        Choice::Yes => VoteOption::Yes,
        Choice::No => VoteOption::No,
    }
}
