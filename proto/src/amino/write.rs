//! Protobuf bytes to amino JSON.

use super::Error;
use crate::{
    scan::{scan, Slot, Unknown, MAX_DEPTH},
    schema::{schema, AminoEncoding, Field, Kind, Message, NumberText, Schema, Special},
    text,
    time::{self, Fraction},
    Any,
};

/// Durations are shown in nanoseconds, which must fit 64 bits.
const MAX_DURATION_SECONDS: i64 = i64::MAX / 1_000_000_000 - 1;

/// Writes messages into a buffer.
pub(super) struct Writer<'o> {
    schema: &'static Schema,
    out: &'o mut Vec<u8>,
    /// The slots of the message being written and of those around it.
    slots: Vec<Slot>,
    depth: usize,
}

impl<'o> Writer<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        Writer { schema: schema(), out, slots: Vec::new(), depth: 0 }
    }

    /// Writes the messages of a transaction.
    pub(super) fn packed_list(&mut self, messages: &[Any]) -> Result<(), Error> {
        if messages.is_empty() {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        self.out.push(b'[');
        for (index, any) in messages.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.packed(any.type_url.as_bytes(), &any.value)?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// Writes the content of an `Any` with its amino name; as in the Cosmos SDK, its type URL when it has none.
    fn packed(&mut self, type_url: &[u8], value: &[u8]) -> Result<(), Error> {
        let resolved = std::str::from_utf8(type_url).ok().and_then(|name| self.schema.resolve(name));
        let Some(message) = resolved else {
            return Err(Error::UnknownType(String::from_utf8_lossy(type_url).into_owned()));
        };
        self.out.extend_from_slice(b"{\"type\":");
        match &message.amino_name {
            Some(name) => text::push_string(self.out, name.as_bytes()),
            // As NFTs are sent: `cosmos.nft` has no amino names.
            None => text::push_string(self.out, format!("/{}", message.name).as_bytes()),
        }
        self.out.extend_from_slice(b",\"value\":");
        self.message(message, value)?;
        self.out.push(b'}');
        Ok(())
    }

    fn message(&mut self, message: &Message, bytes: &[u8]) -> Result<(), Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        let base = self.slots.len();
        self.slots.resize(base + message.fields.len(), Slot::default());
        scan(message, bytes, &mut self.slots[base..], Unknown::Refuse)?;
        self.depth += 1;
        match (message.special, message.amino_encoding) {
            (Special::Any, _) => {
                let (type_url, value) = (self.slots[base], self.slots[base + 1]);
                self.packed(type_url.payload(bytes), value.payload(bytes))?;
            }
            (Special::Timestamp | Special::Duration, _) => self.time(message, base)?,
            (Special::None, AminoEncoding::Object) => self.object(message, bytes, base)?,
            (Special::None, AminoEncoding::KeyField) => self.key(message, bytes, base)?,
            (Special::None, AminoEncoding::ThresholdString) => self.multisig_key(message, bytes, base)?,
            (Special::None, AminoEncoding::Other) => return Err(Error::NoAminoName(message.name.clone())),
        }
        self.depth -= 1;
        self.slots.truncate(base);
        Ok(())
    }

    fn object(&mut self, message: &Message, bytes: &[u8], base: usize) -> Result<(), Error> {
        self.out.push(b'{');
        let start = self.out.len();
        let mut empty_oneofs = 0u64;
        for index in message.amino_order.iter().map(|index| usize::from(*index)) {
            let field = &message.fields[index];
            let slot = self.slots[base + index];
            if let (Some(oneof), Some((name, member))) = (field.oneof, &field.amino.oneof) {
                let bit = 1u64.checked_shl(oneof.into()).unwrap_or_default();
                let is_empty = (0..message.fields.len()).all(|other| {
                    message.fields[other].oneof != Some(oneof) || self.slots[base + other].count == 0
                });
                if is_empty && empty_oneofs & bit == 0 {
                    empty_oneofs |= bit;
                    self.name(name, start);
                    self.out.extend_from_slice(b"null");
                }
                if slot.count > 0 {
                    let member = member
                        .as_ref()
                        .ok_or_else(|| no_form(message, field, "its option amino.oneof_name is not set"))?;
                    self.name(name, start);
                    self.out.extend_from_slice(b"{\"type\":");
                    text::push_string(self.out, member.as_bytes());
                    self.out.extend_from_slice(b",\"value\":{");
                    let start = self.out.len();
                    self.name(&field.amino.name, start);
                    self.field(message, field, slot, bytes)?;
                    self.out.extend_from_slice(b"}}");
                }
                continue;
            }
            if slot.is_set(field) || !field.amino.omit_empty {
                self.name(&field.amino.name, start);
                self.field(message, field, slot, bytes)?;
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Begins a member of the object whose members begin at `start`.
    fn name(&mut self, name: &str, start: usize) {
        if self.out.len() > start {
            self.out.push(b',');
        }
        text::push_string(self.out, name.as_bytes());
        self.out.push(b':');
    }

    fn field(&mut self, message: &Message, field: &Field, slot: Slot, bytes: &[u8]) -> Result<(), Error> {
        match field.kind {
            _ if field.is_repeated => self.list(message, field, slot, bytes),
            Kind::Message(_) if slot.count == 0 => Err(no_form(message, field, "it is not set")),
            Kind::Message(index) => {
                let merged = slot.merged(bytes, field.number);
                self.message(self.schema.message(index), &merged)
            }
            _ => self.value(message, field, slot.payload(bytes), slot.number),
        }
    }

    fn list(&mut self, message: &Message, field: &Field, slot: Slot, bytes: &[u8]) -> Result<(), Error> {
        if slot.count == 0 && !field.amino.is_legacy_coins {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        self.out.push(b'[');
        for (index, element) in slot.elements(bytes, field).enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.value(message, field, element.payload(), element.bits())?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn value(&mut self, message: &Message, field: &Field, payload: &[u8], bits: u64) -> Result<(), Error> {
        match field.kind {
            Kind::Message(index) => self.message(self.schema.message(index), payload)?,
            Kind::String | Kind::Bytes if field.number_text == NumberText::Dec => {
                if payload.is_empty() {
                    text::push_quoted(self.out, b"0");
                } else {
                    let decimal = text::decimal_from_integer(payload);
                    let decimal = decimal.ok_or_else(|| no_form(message, field, "it is not a number"))?;
                    text::push_quoted(self.out, decimal.as_bytes());
                }
            }
            Kind::String if field.amino.is_int && payload.is_empty() => text::push_quoted(self.out, b"0"),
            Kind::String if std::str::from_utf8(payload).is_err() => {
                return Err(no_form(message, field, "it is not UTF-8"));
            }
            Kind::String => text::push_string(self.out, payload),
            Kind::Bytes => text::push_base64(self.out, payload),
            _ => text::push_number(self.out, field.kind, bits),
        }
        Ok(())
    }

    fn time(&mut self, message: &Message, base: usize) -> Result<(), Error> {
        let (seconds, nanos) = (self.slots[base].number as i64, self.slots[base + 1].number as i32);
        let nanos = i64::from(nanos);
        let text = if message.special == Special::Timestamp {
            time::timestamp(seconds, nanos, Fraction::Shortest)
        } else {
            let in_range = (-MAX_DURATION_SECONDS..=MAX_DURATION_SECONDS).contains(&seconds);
            in_range.then(|| (seconds * 1_000_000_000 + nanos).to_string())
        };
        let text = text.ok_or_else(|| no_form(message, &message.fields[0], "it is out of range"))?;
        text::push_quoted(self.out, text.as_bytes());
        Ok(())
    }

    /// A public key is shown as its bytes alone.
    fn key(&mut self, message: &Message, bytes: &[u8], base: usize) -> Result<(), Error> {
        let index = message.fields.iter().position(|field| field.name == "key");
        let key = index.map(|index| self.slots[base + index].payload(bytes)).unwrap_or_default();
        if key.is_empty() {
            self.out.extend_from_slice(b"null");
        } else {
            text::push_base64(self.out, key);
        }
        Ok(())
    }

    /// A multisignature key has its threshold, field 1, in quotes, and its list of keys, field 2, even if that is empty.
    fn multisig_key(&mut self, message: &Message, bytes: &[u8], base: usize) -> Result<(), Error> {
        let (threshold, keys) = (self.slots[base], self.slots[base + 1]);
        self.out.extend_from_slice(b"{\"pubkeys\":");
        if keys.count == 0 {
            self.out.extend_from_slice(b"[]");
        } else {
            self.list(message, &message.fields[1], keys, bytes)?;
        }
        self.out.extend_from_slice(b",\"threshold\":\"");
        text::push_unsigned(self.out, u64::from(threshold.number as u32));
        self.out.extend_from_slice(b"\"}");
        Ok(())
    }
}

fn no_form(message: &Message, field: &Field, reason: &'static str) -> Error {
    Error::NoAminoForm { message: message.name.clone(), field: field.name.clone(), reason }
}
