//! The messages of `jmes.dao.v1`.

use super::proposals::{self, require_proposal};
use super::registry::{check_creator, register, update};
use super::rules::Rules;
use super::types::{Content, Status, VoteOption};
use super::{execution, require};
use crate::kernel::{Address, Ctx, Msg, Result};
use jmes_proto::jmes::dao::v1::{
    MsgExecute, MsgExecuteResponse, MsgRegisterDao, MsgRegisterDaoResponse, MsgSubmitProposal,
    MsgSubmitProposalResponse, MsgUpdateDao, MsgUpdateDaoResponse, MsgVote, MsgVoteResponse,
};

impl Msg for MsgRegisterDao {
    type Response = MsgRegisterDaoResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.creator)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgRegisterDaoResponse> {
        let creator = parse("creator", &self.creator)?;
        check_creator(ctx, &creator)?;
        let rules = Rules::read(ctx, &self.members, self.threshold, self.voting_period.as_ref())?;
        let dao = register(ctx, &creator, &self.name, rules)?;
        Ok(MsgRegisterDaoResponse { dao: dao.address.to_string() })
    }
}

impl Msg for MsgUpdateDao {
    type Response = MsgUpdateDaoResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.dao)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgUpdateDaoResponse> {
        let dao = parse("dao", &self.dao)?;
        let rules = Rules::read(ctx, &self.members, self.threshold, self.voting_period.as_ref())?;
        update(ctx, &dao, rules)?;
        Ok(MsgUpdateDaoResponse {})
    }
}

impl Msg for MsgSubmitProposal {
    type Response = MsgSubmitProposalResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.proposer)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgSubmitProposalResponse> {
        let proposer = parse("proposer", &self.proposer)?;
        let dao = require(ctx, &parse("dao", &self.dao)?)?;
        let content = Content {
            title: self.title.clone(),
            summary: self.summary.clone(),
            messages: self.messages.clone(),
        };
        let proposal_id = proposals::submit(ctx, &dao, &proposer, &content)?;
        if self.execute {
            let proposal = require_proposal(ctx, proposal_id)?;
            if proposal.status == Status::Passed && !proposal.poll {
                execution::attempt(ctx, proposal_id, proposal, &dao)?;
            }
        }
        Ok(MsgSubmitProposalResponse { proposal_id })
    }
}

impl Msg for MsgVote {
    type Response = MsgVoteResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.voter)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgVoteResponse> {
        let voter = parse("voter", &self.voter)?;
        let dao = require(ctx, &require_proposal(ctx, self.proposal_id)?.dao)?;
        let option = VoteOption::try_from(self.option).unwrap_or_default();
        let proposal = proposals::vote(ctx, &dao, self.proposal_id, &voter, option)?;
        if self.execute && proposal.status == Status::Passed && !proposal.poll {
            execution::attempt(ctx, self.proposal_id, proposal, &dao)?;
        }
        Ok(MsgVoteResponse {})
    }
}

impl Msg for MsgExecute {
    type Response = MsgExecuteResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.executor)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgExecuteResponse> {
        let executor = parse("executor", &self.executor)?;
        execution::execute(ctx, self.proposal_id, &executor)?;
        Ok(MsgExecuteResponse {})
    }
}

fn parse(field: &str, text: &str) -> Result<Address> {
    Address::parse(text).map_err(|error| error.context(format!("invalid {field}")))
}
