//! One connection of the consensus engine: from its requests to the application's answers.

use std::io::{self, Read, Write};

use prost::encoding::{self, WireType};
use prost::Message;
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::{
    request, response, RequestCheckTx, Response, ResponseException, ResponseFinalizeBlock,
};

use super::receiver::{Receiver, CHUNK};
use super::{Error, Limits, Node};

/// Capacity in bytes up to which the memory of sent answers is kept for the next ones.
const MAX_IDLE_ANSWERS: usize = 1 << 20;

/// One connection and what is under way on it.
pub(super) struct Connection<A, S> {
    /// From 1, in the order of opening; for messages to people.
    number: usize,
    app: A,
    stream: S,
    receiver: Receiver,
    /// CheckTx requests received and not yet answered.
    checks: Vec<RequestCheckTx>,
    /// Encoded answers not yet written.
    answers: Vec<u8>,
}

impl<A: Node, S: Read + Write> Connection<A, S> {
    /// A connection over `stream`, which nothing has been read from.
    pub(super) fn new(number: usize, app: A, stream: S, limits: Limits) -> Self {
        let receiver = Receiver::new(limits.request_bytes);
        Self { number, app, stream, receiver, checks: Vec::new(), answers: Vec::new() }
    }

    /// Answers requests until the connection ends; the error says why it did.
    ///
    /// Answers are written together: at a Flush request, and when everything received has been answered.
    /// The second is for requests sent because the engine's write buffer was full; the Flush for them
    /// comes up to 20 ms later.
    ///
    /// Returns `Ok` if the other side leaves without having sent anything, as one that only wants to know
    /// whether a server is listening does.
    pub(super) fn serve(mut self) -> Result<(), Error> {
        let mut used = false;
        loop {
            match self.receiver.decode() {
                Ok(Some(request::Value::CheckTx(request))) => self.checks.push(request),
                Ok(Some(request)) => {
                    self.answer_checks()?;
                    let flush = matches!(request, request::Value::Flush(_));
                    let answer = call(&self.app, request);
                    if self.app.is_stopped() {
                        return Ok(());
                    }
                    self.answer(answer)?;
                    if flush {
                        self.flush()?;
                    }
                }
                Ok(None) => {
                    self.answer_checks()?;
                    self.flush()?;
                    if self.receiver.fill(&mut self.stream).map_err(|error| self.failed(error))? == 0 {
                        let unfinished = self.receiver.unfinished();
                        let closed = Error::Closed { connection: self.number, unfinished };
                        return if used { Err(closed) } else { Ok(()) };
                    }
                    used = true;
                }
                Err(reason) => {
                    self.answer_checks()?;
                    let error = Error::Malformed { connection: self.number, reason };
                    self.answer(response::Value::Exception(ResponseException { error: error.to_string() }))?;
                    self.flush()?;
                    return Err(error);
                }
            }
        }
    }

    /// Answers the collected CheckTx requests in their order.
    fn answer_checks(&mut self) -> Result<(), Error> {
        if self.checks.is_empty() {
            return Ok(());
        }
        let mut checks = std::mem::take(&mut self.checks);
        self.app.look_ahead(&checks);
        for request in checks.drain(..) {
            let answer = self.app.check_tx(request);
            self.answer(response::Value::CheckTx(answer))?;
        }
        self.checks = checks;
        Ok(())
    }

    /// Puts an answer with the others that wait to be written, which are written if they are many.
    fn answer(&mut self, value: response::Value) -> Result<(), Error> {
        match value {
            response::Value::FinalizeBlock(block) => encode_block(block, &mut self.answers),
            value => {
                let response = Response { value: Some(value) };
                response.encode_length_delimited(&mut self.answers).expect("a Vec grows as needed");
            }
        }
        if self.answers.len() < CHUNK {
            return Ok(());
        }
        self.flush()
    }

    /// Writes the answers that wait.
    fn flush(&mut self) -> Result<(), Error> {
        if self.answers.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&self.answers).map_err(|error| self.failed(error))?;
        self.answers.clear();
        self.answers.shrink_to(MAX_IDLE_ANSWERS);
        Ok(())
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Connection { connection: self.number, source }
    }
}

/// The field of a `Response` that is the answer to FinalizeBlock.
const FINALIZE_BLOCK: u32 = 21;
/// The field of that answer that has the results of the transactions.
const TX_RESULTS: u32 = 2;

/// Encodes the answer to FinalizeBlock, with its length before it: the same bytes that `Response` makes, which would
/// first go over the results of the whole block twice to learn the lengths around them.
pub(super) fn encode_block(mut block: ResponseFinalizeBlock, out: &mut Vec<u8>) {
    let results = std::mem::take(&mut block.tx_results);
    let events = std::mem::take(&mut block.events);
    let mut body = ResponseFinalizeBlock { events, ..ResponseFinalizeBlock::default() }.encode_to_vec();
    for result in results {
        encoding::message::encode(TX_RESULTS, &result, &mut body);
    }
    block.encode(&mut body).expect("a Vec grows as needed");
    let mut head = Vec::new();
    encoding::encode_key(FINALIZE_BLOCK, WireType::LengthDelimited, &mut head);
    encoding::encode_varint(body.len() as u64, &mut head);
    encoding::encode_varint((head.len() + body.len()) as u64, out);
    out.extend(head);
    out.extend(body);
}

/// Calls the application's method for `request`.
fn call<A: Application>(app: &A, request: request::Value) -> response::Value {
    use request::Value as Request;
    use response::Value as Response;
    match request {
        Request::Echo(request) => Response::Echo(app.echo(request)),
        Request::Flush(_) => Response::Flush(app.flush()),
        Request::Info(request) => Response::Info(app.info(request)),
        Request::InitChain(request) => Response::InitChain(app.init_chain(request)),
        Request::Query(request) => Response::Query(app.query(request)),
        Request::CheckTx(request) => Response::CheckTx(app.check_tx(request)),
        Request::Commit(_) => Response::Commit(app.commit()),
        Request::ListSnapshots(_) => Response::ListSnapshots(app.list_snapshots()),
        Request::OfferSnapshot(request) => Response::OfferSnapshot(app.offer_snapshot(request)),
        Request::LoadSnapshotChunk(request) => Response::LoadSnapshotChunk(app.load_snapshot_chunk(request)),
        Request::ApplySnapshotChunk(request) => {
            Response::ApplySnapshotChunk(app.apply_snapshot_chunk(request))
        }
        Request::PrepareProposal(request) => Response::PrepareProposal(app.prepare_proposal(request)),
        Request::ProcessProposal(request) => Response::ProcessProposal(app.process_proposal(request)),
        Request::ExtendVote(request) => Response::ExtendVote(app.extend_vote(request)),
        Request::VerifyVoteExtension(request) => {
            Response::VerifyVoteExtension(app.verify_vote_extension(request))
        }
        Request::FinalizeBlock(request) => Response::FinalizeBlock(app.finalize_block(request)),
    }
}
