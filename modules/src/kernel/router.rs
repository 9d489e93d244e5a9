//! The tables that lead a message or a query to its module.

use super::address::Address;
use super::context::{Ctx, View};
use super::error::{codes, Error, Result};
use super::query::{QueryCode, QueryError, QueryResult};
use std::collections::BTreeMap;

/// A message of a transaction: who must sign it and what it does.
pub trait Msg: prost::Message + prost::Name + Default + 'static {
    /// The answer in the transaction's result.
    type Response: prost::Message + prost::Name;

    /// Who must sign, in order, without repeats; refused when an address can't be read.
    fn signers(&self) -> Result<Vec<Address>>;

    /// Does it. Checks what the message alone can show first.
    fn execute(&self, ctx: &mut Ctx) -> Result<Self::Response>;
}

/// A decoded message of any type.
pub trait AnyMsg: Send + Sync {
    /// The message's type URL, such as `/cosmos.bank.v1beta1.MsgSend`.
    fn type_url(&self) -> &'static str;
    /// See [`Msg::signers`].
    fn signers(&self) -> Result<Vec<Address>>;
    /// See [`Msg::execute`]; the answer as type URL and encoded message.
    fn execute(&self, ctx: &mut Ctx) -> Result<(String, Vec<u8>)>;
}

struct Routed<M> {
    type_url: &'static str,
    msg: M,
}

impl<M: Msg> AnyMsg for Routed<M> {
    fn type_url(&self) -> &'static str {
        self.type_url
    }
    fn signers(&self) -> Result<Vec<Address>> {
        self.msg.signers()
    }
    fn execute(&self, ctx: &mut Ctx) -> Result<(String, Vec<u8>)> {
        let response = self.msg.execute(ctx)?;
        Ok((type_url_of::<M::Response>(), prost::Message::encode_to_vec(&response)))
    }
}

fn type_url_of<M: prost::Name>() -> String {
    format!("/{}", M::full_name())
}

type DecodeMsg = fn(&'static str, &[u8]) -> Result<Box<dyn AnyMsg>>;

/// Messages by type URL.
#[derive(Default)]
pub struct Routes {
    msgs: BTreeMap<&'static str, DecodeMsg>,
}

impl Routes {
    /// Adds a message type. The type URL is given as a text, so that it can be searched for; it must
    /// be the message's own (checked by a test over the whole table).
    pub fn add<M: Msg>(&mut self, type_url: &'static str) {
        debug_assert_eq!(type_url, type_url_of::<M>());
        self.msgs.insert(type_url, |type_url, bytes| {
            let msg = M::decode(bytes)
                .map_err(|error| Error::sdk(codes::TX_DECODE, format!("{type_url}: {error}")))?;
            Ok(Box::new(Routed { type_url, msg }))
        });
    }

    /// Decodes a message. `sdk/6` when there is no such message, `sdk/2` when the bytes are not one.
    pub fn decode(&self, type_url: &str, bytes: &[u8]) -> Result<Box<dyn AnyMsg>> {
        match self.msgs.get_key_value(type_url) {
            Some((known, decode)) => decode(known, bytes),
            None => {
                let shown: String = type_url.chars().take(128).collect();
                Err(Error::sdk(codes::UNKNOWN_REQUEST, format!("unknown message type \"{shown}\"")))
            }
        }
    }

    /// All type URLs, sorted.
    pub fn type_urls(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.msgs.keys().copied()
    }
}

type AnswerQuery = Box<dyn Fn(&View, &[u8]) -> QueryResult<Vec<u8>> + Send + Sync>;

/// Queries by path. gRPC, REST and `abci_query` are doors to this one table.
#[derive(Default)]
pub struct QueryRoutes {
    queries: BTreeMap<&'static str, AnswerQuery>,
}

impl QueryRoutes {
    /// Adds a query such as `/cosmos.bank.v1beta1.Query/Balance`.
    pub fn add<Q, A>(&mut self, path: &'static str, answer: fn(&View, Q) -> QueryResult<A>)
    where
        Q: prost::Message + Default + 'static,
        A: prost::Message + 'static,
    {
        let answer = move |view: &View, bytes: &[u8]| {
            let request = Q::decode(bytes)
                .map_err(|error| QueryError::invalid(format!("the request can't be decoded: {error}")))?;
            Ok(answer(view, request)?.encode_to_vec())
        };
        self.queries.insert(path, Box::new(answer));
    }

    /// Answers a query; `Unimplemented` when there is no such path.
    pub fn answer(&self, view: &View, path: &str, request: &[u8]) -> QueryResult<Vec<u8>> {
        match self.queries.get(path) {
            Some(answer) => answer(view, request),
            None => {
                let shown: String = path.chars().take(128).collect();
                Err(QueryError::new(QueryCode::Unimplemented, format!("unknown query path: {shown}")))
            }
        }
    }

    /// Whether there is such a path.
    pub fn has(&self, path: &str) -> bool {
        self.queries.contains_key(path)
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.queries.keys().copied()
    }
}
