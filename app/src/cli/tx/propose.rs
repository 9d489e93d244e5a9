//! What a DAO sends, its members propose (§10): the one way from messages whose signer is a DAO to a proposal of that DAO.

use anyhow::{ensure, Result};
use clap::Args;
use jmes_modules::kernel::Address;
use jmes_proto::jmes::dao::v1 as dao;
use jmes_proto::Any;

use super::options::TxOptions;
use super::submit::submit;
use crate::cli::names::{parse_account, Account};
use crate::cli::protobuf::to_any;
use crate::cli::Session;

/// The most characters of a title (§10).
const TITLE: usize = 64;
/// The most characters of a summary (§10).
const SUMMARY: usize = 10_000;
/// The gas limit of a proposal without its texts and messages; twice what storing it uses.
const GAS: u64 = 300_000;
/// The gas of a byte of it: its place in the transaction and in the state, and the reading of it.
const GAS_PER_BYTE: u64 = 60;
/// The gas limit of a message that is sent at once; several times what a transfer uses.
pub(super) const GAS_PER_MESSAGE: u64 = 400_000;

/// Flags of commands whose message a DAO sends.
#[derive(Args, Clone, Debug)]
pub(super) struct DaoArgs {
    /// DAO that shall send it, by name or address: the signer, a member, proposes it there. Without it --from is the DAO
    /// itself, which --generate-only takes
    #[arg(long, value_name = "DAO", value_parser = parse_account)]
    dao: Option<Account>,
    /// Title of the proposal in the DAO [default: what the message does]
    #[arg(long, value_name = "TEXT", requires = "dao")]
    proposal_title: Option<String>,
    /// Summary of the proposal in the DAO
    #[arg(long, value_name = "TEXT", requires = "dao")]
    proposal_summary: Option<String>,
    /// Send it at once if the signer's vote decides
    #[arg(long, requires = "dao")]
    execute: bool,
}

/// A proposal to the members of a DAO.
#[derive(Clone, Debug, Default)]
pub(super) struct Proposal {
    /// 1 to 64 characters.
    pub title: String,
    /// At most 10,000 characters.
    pub summary: String,
    /// Their only signer is the DAO; none make a poll.
    pub messages: Vec<Any>,
    /// Whether they are sent at once if the proposer's vote decides.
    pub execute: bool,
}

/// What a message does, for the members who see it in a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// Cut to the length of a title.
    pub title: String,
    /// Cut to the length of a summary.
    pub summary: String,
}

impl DaoArgs {
    /// The address of the DAO that `--dao` names, or the signer's when there is no such flag.
    pub fn address(&self, session: &mut Session, options: &TxOptions) -> Result<Address> {
        match &self.dao {
            Some(dao) => options.resolve(session, dao),
            None => super::submit::sender_address(session, options),
        }
    }

    /// Whether a member proposes the messages, rather than that they are printed for later.
    pub const fn proposes(&self) -> bool {
        self.dao.is_some()
    }

    /// Proposes `messages`, whose signer is `dao`, to its members or, without `--dao`, makes them a transaction of the
    /// DAO's own.
    pub fn send(
        &self,
        session: &mut Session,
        options: &TxOptions,
        dao: &Address,
        messages: Vec<Any>,
        words: Words,
    ) -> Result<()> {
        if self.dao.is_none() {
            return submit(session, options, options.sender()?, |_| Ok(messages));
        }
        let proposal = Proposal {
            title: self.proposal_title.clone().unwrap_or_else(|| cut(&words.title, TITLE)),
            summary: self.proposal_summary.clone().unwrap_or_else(|| cut(&words.summary, SUMMARY)),
            messages,
            execute: self.execute,
        };
        propose(session, options, dao, proposal)
    }
}

/// Proposes to the members of `dao`; the signer is one of them.
///
/// # Errors
/// A text is too long or empty, or as [`submit`].
pub(super) fn propose(
    session: &mut Session,
    options: &TxOptions,
    dao: &Address,
    proposal: Proposal,
) -> Result<()> {
    let Proposal { title, summary, messages, execute } = proposal;
    let length = title.chars().count();
    ensure!((1..=TITLE).contains(&length), "a title has 1 to {TITLE} characters, this one {length}");
    let length = summary.chars().count();
    ensure!(length <= SUMMARY, "a summary has at most {SUMMARY} characters, this one {length}");
    ensure!(
        !title.chars().chain(summary.chars()).any(char::is_control),
        "title and summary have no control characters, such as a line's end: leave them out"
    );
    let bytes: usize = messages.iter().map(|message| message.value.len()).sum();
    let bytes = (bytes + title.len() + summary.len()) as u64;
    let sent = if execute { messages.len() as u64 } else { 0 };
    let gas = GAS + GAS_PER_BYTE.saturating_mul(bytes) + GAS_PER_MESSAGE.saturating_mul(sent);
    submit(session, &options.with_default_gas(gas), options.sender()?, |proposer| {
        Ok(vec![to_any(&dao::MsgSubmitProposal {
            proposer: proposer.to_string(),
            dao: dao.to_string(),
            title,
            summary,
            messages,
            execute,
        })])
    })
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
