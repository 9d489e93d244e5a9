//! What a DAO sends: which messages a proposal can have, and how they are executed (§10).

use super::dao_codes::{DAO, INVALID_MESSAGE, NOT_EXECUTABLE};
use super::proposals::{reason, require_member, require_proposal};
use super::types::{Dao, Proposal, Status};
use super::{require, state};
use crate::kernel::{message_to_json, Address, AnyMsg, Ctx, Error, Event, Result};
use crate::order;
use jmes_proto::jmes::dao::v1::MsgSubmitProposal;
use jmes_proto::Any;

/// The most messages of a proposal.
const MAX_MESSAGES: usize = 100;
/// The most bytes of a proposal's messages together.
const MAX_BYTES: usize = 65_536;
/// Messages of this package are for members, not for the DAO itself,
const OF_MEMBERS: &str = "/jmes.dao.v1.";
/// but for this one. So a DAO's messages never contain a DAO's messages.
const UPDATE: &str = "/jmes.dao.v1.MsgUpdateDao";

/// Decodes the messages of a proposal. Refused are unknown ones, those whose only signer is not the DAO, and those that members
/// send to a DAO.
pub(super) fn decode(dao: &Address, messages: &[Any]) -> Result<Vec<Box<dyn AnyMsg>>> {
    let size = messages.iter().map(|any| any.value.len()).fold(0, usize::saturating_add);
    if messages.len() > MAX_MESSAGES || size > MAX_BYTES {
        let count = messages.len();
        let why = format!(
            "{count} messages with {size} bytes; a proposal has at most {MAX_MESSAGES} with {MAX_BYTES} bytes together"
        );
        return Err(refused(why));
    }
    let decode_one = |(index, any): (usize, &Any)| {
        let decoded = order::routes().decode(&any.type_url, &any.value).and_then(|msg| {
            let type_url = msg.type_url();
            if type_url.starts_with(OF_MEMBERS) && type_url != UPDATE {
                let why =
                    format!("{type_url} is not for DAOs: of jmes.dao.v1 they can send MsgUpdateDao only");
                return Err(refused(why));
            }
            match msg.signers()?.as_slice() {
                [signer] if signer == dao => Ok(msg),
                signers => {
                    let signers: Vec<String> = signers.iter().map(ToString::to_string).collect();
                    let why = format!(
                        "{type_url} must have the DAO as its only signer, {dao}; it has {}",
                        if signers.is_empty() { "none".into() } else { signers.join(", ") }
                    );
                    Err(refused(why))
                }
            }
        });
        decoded.map_err(|error| error.context(format!("messages: {index}")))
    };
    messages.iter().enumerate().map(decode_one).collect()
}

/// Refuses messages that can't be written as JSON, such as those with a time beyond the year 9999: nobody could read the
/// proposal, nor export the chain's state.
pub(super) fn check_readable(messages: &[Any]) -> Result<()> {
    let shown = MsgSubmitProposal { messages: messages.to_vec(), ..MsgSubmitProposal::default() };
    message_to_json(&shown).map(|_| ()).map_err(|error| refused(format!("messages: {}", error.message)))
}

/// Sends the messages of a passed proposal for a member; a message that fails fails it all.
pub(super) fn execute(ctx: &mut Ctx, id: u64, executor: &Address) -> Result<()> {
    let proposal = require_proposal(ctx, id)?;
    let dao = require(ctx, &proposal.dao)?;
    let status = proposal.status_at(dao.version, ctx.block().time);
    let refuse = |why: String| {
        let why = format!("proposal {id} can't be executed: {why}");
        Err(Error::new(DAO, NOT_EXECUTABLE, why))
    };
    if status != Status::Passed {
        return refuse(reason(status, &proposal, &dao));
    }
    if proposal.poll {
        return refuse("it is a poll, without messages".into());
    }
    require_member(&dao, executor)?;
    run(ctx, id, proposal, &dao)
}

/// Sends the messages of a proposal that has just passed. When one fails the proposal stays passed and says why; only gas that
/// runs out fails the transaction, which asked for the attempt.
pub(super) fn attempt(ctx: &mut Ctx, id: u64, proposal: Proposal, dao: &Dao) -> Result<()> {
    let before = ctx.take_events();
    let start = ctx.checkpoint();
    let Err(error) = run(ctx, id, proposal.clone(), dao) else {
        let events = ctx.take_events();
        before.into_iter().chain(events).for_each(|event| ctx.emit(event));
        return Ok(());
    };
    ctx.take_events();
    ctx.revert(start);
    before.into_iter().for_each(|event| ctx.emit(event));
    if ctx.gas().used() > ctx.gas().limit() {
        return Err(error);
    }
    let failure = format!("{}/{}", error.codespace, error.code);
    // The sentence is for people: it is in no state and in no answer.
    ctx.emit(
        Event::new("dao_execution_failed")
            .with("dao", dao.address)
            .with("proposal_id", id)
            .with("failure", &failure)
            .with("log", error.message),
    );
    state::PROPOSALS.save(ctx, &id, &Proposal { failure, ..proposal })
}

/// The proposal is executed before its messages are sent, so none of them can find it waiting.
fn run(ctx: &mut Ctx, id: u64, proposal: Proposal, dao: &Dao) -> Result<()> {
    let content = state::CONTENTS.load(ctx, &id)?.unwrap_or_default();
    let messages = decode(&dao.address, &content.messages)?;
    let executed = Proposal { status: Status::Executed, failure: String::new(), ..proposal };
    state::PROPOSALS.save(ctx, &id, &executed)?;
    for (index, message) in messages.iter().enumerate() {
        send(ctx, dao, message.as_ref())
            .map_err(|error| error.context(format!("proposal {id}: messages: {index}")))?;
    }
    ctx.emit(Event::new("dao_proposal_executed").with("dao", dao.address).with("proposal_id", id));
    Ok(())
}

/// Like a message of a transaction: its own event comes first.
fn send(ctx: &mut Ctx, dao: &Dao, message: &dyn AnyMsg) -> Result<()> {
    let type_url = message.type_url();
    let module = type_url.split('.').nth(1).unwrap_or_default();
    ctx.emit(
        Event::new("message").with("action", type_url).with("sender", dao.address).with("module", module),
    );
    message.execute(ctx).map(|_| ())
}

fn refused(why: String) -> Error {
    Error::new(DAO, INVALID_MESSAGE, why)
}
