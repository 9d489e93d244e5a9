//! The one path of a transaction (§4): checks, then its messages, all of which happen or none.

use super::{ante, Chain, Free, Tx};
use cosmos_sdk_proto::cosmos::base::abci::v1beta1::TxMsgData;
use jmes_modules::auth;
use jmes_modules::consensus;
use jmes_modules::kernel::{codes, AnyMsg, Ctx, Error, Event, GasMeter, Result};
use prost::Message;
use tendermint_proto::google::protobuf::Any;
use tendermint_proto::v0_38::abci::{Event as EngineEvent, EventAttribute, ExecTxResult};

/// Gas that a simulation may use when blocks have no gas limit.
const SIMULATION_GAS: u64 = 100_000_000;

/// Why a transaction is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It wants into the mempool: checks only, with the node's gas price.
    Check,
    /// It is still in the mempool after a block: checks without signatures.
    Recheck,
    /// A wallet asks what it would cost: everything but signatures, all taken back.
    Simulate,
    /// It is in a proposal: checks only.
    Propose,
    /// It is in a block: everything.
    Deliver,
}

impl Mode {
    /// Whether signatures are verified.
    pub const fn checks_signatures(self) -> bool {
        !matches!(self, Self::Recheck | Self::Simulate)
    }

    const fn runs_messages(self) -> bool {
        matches!(self, Self::Simulate | Self::Deliver)
    }
}

/// What came of a transaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TxOutcome {
    /// The refusal, if it failed.
    pub error: Option<Error>,
    /// Encoded `TxMsgData`: the answers of its messages.
    pub data: Vec<u8>,
    /// The gas limit it named.
    pub gas_wanted: u64,
    /// The gas it used.
    pub gas_used: u64,
    /// Set if it is a free transaction (§4).
    pub free: Option<Free>,
    /// What happened; of a failed transaction only what its checks did. Nothing when it was only checked.
    pub events: Vec<EngineEvent>,
}

impl TxOutcome {
    /// The outcome of bytes that are no transaction.
    pub fn refused(error: Error) -> Self {
        Self { error: Some(error), ..Self::default() }
    }

    /// The outcome as the engine stores it.
    pub fn into_result(self) -> ExecTxResult {
        let (code, codespace, log) =
            self.error.map_or((0, "", String::new()), |error| (error.code, error.codespace, error.message));
        ExecTxResult {
            code,
            data: self.data.into(),
            log,
            info: String::new(),
            gas_wanted: i64::try_from(self.gas_wanted).unwrap_or(i64::MAX),
            gas_used: i64::try_from(self.gas_used).unwrap_or(i64::MAX),
            events: self.events,
            codespace: codespace.to_owned(),
        }
    }
}

/// Runs a transaction on `ctx`. What the checks wrote stays unless they failed; what the messages wrote
/// stays unless one failed.
pub fn run(chain: &Chain, ctx: &mut Ctx, tx: &Tx, mode: Mode) -> TxOutcome {
    let mut outcome = TxOutcome { gas_wanted: tx.gas_limit, ..TxOutcome::default() };
    let start = ctx.checkpoint();
    let meter = match meter(ctx, tx, mode) {
        Ok(meter) => meter,
        Err(error) => return TxOutcome::refused(error),
    };
    let outer = ctx.swap_gas(meter);
    ctx.set_silent(!mode.runs_messages());
    let checked = ante::run(chain, ctx, tx, mode);
    outcome.events = to_engine(ctx.take_events());
    outcome.free = checked.as_ref().ok().and_then(|passed| passed.free);
    match checked {
        Err(error) => {
            ctx.revert(start);
            outcome.events.clear();
            outcome.error = Some(error);
        }
        // What is free must succeed to be let in: failing costs its signer nothing, so it could be repeated for ever.
        Ok(passed) if mode.runs_messages() || passed.free.is_some() => {
            let attempt = ctx.checkpoint();
            match create_account(ctx, tx, passed).and_then(|()| run_messages(ctx, &tx.msgs)) {
                Ok((data, events)) if mode.runs_messages() => {
                    outcome.data = data;
                    outcome.events.extend(events);
                }
                Ok(_) => {}
                Err(error) => {
                    ctx.take_events();
                    ctx.revert(if mode.runs_messages() { attempt } else { start });
                    outcome.error = Some(error);
                }
            }
        }
        Ok(_) => {}
    }
    ctx.set_silent(false);
    outcome.gas_used = ctx.swap_gas(outer).used();
    outcome
}

fn meter(ctx: &Ctx, tx: &Tx, mode: Mode) -> Result<GasMeter> {
    let limit = match mode {
        Mode::Simulate => consensus::block_gas_limit(ctx)?.unwrap_or(SIMULATION_GAS),
        _ => tx.gas_limit,
    };
    Ok(GasMeter::new(limit, auth::gas_table(ctx)?))
}

/// The account of one who had none (§4).
fn create_account(ctx: &mut Ctx, tx: &Tx, passed: ante::Passed) -> Result<()> {
    let (Some(key), Some(signer)) = (passed.newcomer, tx.signers.first()) else { return Ok(()) };
    let mut account = auth::account_or_new(ctx, signer)?;
    account.key = Some(key);
    account.sequence = 1;
    auth::save(ctx, signer, &account)
}

fn run_messages(ctx: &mut Ctx, msgs: &[Box<dyn AnyMsg>]) -> Result<(Vec<u8>, Vec<EngineEvent>)> {
    let mut data = TxMsgData::default();
    let mut events = Vec::new();
    for (index, msg) in msgs.iter().enumerate() {
        let (type_url, value) = run_message(ctx, msg.as_ref())
            .map_err(|error| error.context(format!("failed to execute message; message index: {index}")))?;
        data.msg_responses.push(Any { type_url, value });
        let of_message = to_engine(ctx.take_events()).into_iter().map(|mut event| {
            event.attributes.push(attribute("msg_index", index.to_string()));
            event
        });
        events.extend(of_message);
    }
    Ok((data.encode_to_vec(), events))
}

/// The message's own event comes first, as wallets expect it: what it is, who sent it, which module.
fn run_message(ctx: &mut Ctx, msg: &dyn AnyMsg) -> Result<(String, Vec<u8>)> {
    let type_url = msg.type_url();
    let sender = msg.signers()?.first().copied();
    let sender =
        sender.ok_or_else(|| Error::sdk(codes::NO_SIGNATURES, format!("{type_url} has no signer")))?;
    let module = type_url.split('.').nth(1).unwrap_or_default();
    ctx.emit(Event::new("message").with("action", type_url).with("sender", sender).with("module", module));
    msg.execute(ctx)
}

/// Attributes that nobody looks transactions up by. The engine writes every indexed attribute into its index once for each
/// transaction: without these it is half as much.
const NOT_INDEXED: [&str; 4] = ["amount", "fee", "msg_index", "signature"];

/// Events as the engine takes them.
pub fn to_engine(events: Vec<Event>) -> Vec<EngineEvent> {
    let convert = |event: Event| EngineEvent {
        r#type: event.kind.to_owned(),
        attributes: event.attributes.into_iter().map(|(key, value)| attribute(key, value)).collect(),
    };
    events.into_iter().map(convert).collect()
}

fn attribute(key: &str, value: String) -> EventAttribute {
    EventAttribute { key: key.to_owned(), value, index: !NOT_INDEXED.contains(&key) }
}
