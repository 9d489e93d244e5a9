//! Cuts the bytes received on a connection into requests, without copying them.

use std::io::{self, Read};

use bytes::{Buf, BytesMut};
use prost::Message;
use tendermint_proto::v0_38::abci::{request, Request};

use super::Malformed;

/// Size of a receive buffer in bytes; a larger request gets a buffer of its own size.
pub(super) const CHUNK: usize = 64 << 10;

/// Longest length prefix in bytes.
const MAX_PREFIX: usize = 10;

/// The receive buffer of one connection.
///
/// A decoded request keeps slices of the buffer, so its memory is never written again: when it is used
/// up, a new buffer takes its place and only the start of an unfinished request moves over.
pub(super) struct Receiver {
    /// Received and not yet decoded up to `filled`, then zeros for the next read.
    buffer: BytesMut,
    filled: usize,
    /// Size the buffer must have for the next read to be of use.
    needed: usize,
    /// Largest request accepted, in bytes.
    limit: usize,
}

impl Receiver {
    /// An empty buffer for requests of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { buffer: BytesMut::new(), filled: 0, needed: 1, limit }
    }

    /// Takes the next request out of the buffer; `None` if it is not there to its end.
    pub(super) fn decode(&mut self) -> Result<Option<request::Value>, Malformed> {
        let Some((prefix, length)) = self.prefix()? else {
            self.needed = self.filled + 1;
            return Ok(None);
        };
        let end = prefix + length;
        if self.filled < end {
            self.needed = end;
            return Ok(None);
        }
        let mut message = self.buffer.split_to(end);
        self.filled -= end;
        message.advance(prefix);
        Request::decode(message.freeze())?.value.map(Some).ok_or(Malformed::Unknown)
    }

    /// Waits for bytes and reads as many as there are and the buffer can hold; 0 at the stream's end.
    pub(super) fn fill(&mut self, stream: &mut impl Read) -> io::Result<usize> {
        if self.buffer.len() < self.needed {
            let mut larger = BytesMut::zeroed(self.needed.max(CHUNK));
            larger[..self.filled].copy_from_slice(&self.buffer[..self.filled]);
            self.buffer = larger;
        }
        loop {
            match stream.read(&mut self.buffer[self.filled..]) {
                Ok(read) => {
                    self.filled += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Number of bytes received and not yet decoded.
    pub(super) fn unfinished(&self) -> usize {
        self.filled
    }

    /// Size of the next request's length prefix and the length it holds; `None` if it is not there to
    /// its end.
    fn prefix(&self) -> Result<Option<(usize, usize)>, Malformed> {
        let received = &self.buffer[..self.filled.min(MAX_PREFIX)];
        let Some(last) = received.iter().position(|byte| byte & 0x80 == 0) else {
            return if received.len() < MAX_PREFIX { Ok(None) } else { Err(Malformed::Length) };
        };
        let length = prost::decode_length_delimiter(&received[..=last]).map_err(|_| Malformed::Length)?;
        if length > self.limit {
            return Err(Malformed::TooLarge { length, limit: self.limit });
        }
        Ok(Some((last + 1, length)))
    }
}
