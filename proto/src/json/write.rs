//! Protobuf bytes to JSON text, without a tree in between.

use super::{Error, MAX_OUTPUT};
use crate::{
    scan::{scan, Slot, Unknown, MAX_DEPTH},
    schema::{schema, Field, Kind, Message, NumberText, Schema, Special},
    text,
    time::{self, Fraction},
};

/// Writes messages into a buffer.
pub(super) struct Writer<'o> {
    schema: &'static Schema,
    out: &'o mut Vec<u8>,
    /// How long `out` may become.
    limit: usize,
    /// The slots of the message being written and of those around it.
    slots: Vec<Slot>,
    depth: usize,
}

impl<'o> Writer<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>, limit: usize) -> Self {
        Writer { schema: schema(), out, limit, slots: Vec::new(), depth: 0 }
    }

    /// Writes a message; within an `Any`, its type URL goes first.
    pub(super) fn message(
        &mut self,
        message: &Message,
        bytes: &[u8],
        type_url: Option<&[u8]>,
    ) -> Result<(), Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        let base = self.slots.len();
        self.slots.resize(base + message.fields.len(), Slot::default());
        scan(message, bytes, &mut self.slots[base..], Unknown::Skip)?;
        self.depth += 1;
        match (message.special, type_url) {
            (Special::None, _) => self.object(message, bytes, base, type_url)?,
            (special, None) => self.special(special, message, bytes, base)?,
            (special, Some(type_url)) => {
                self.out.extend_from_slice(b"{\"@type\":");
                text::push_string(self.out, type_url);
                self.out.extend_from_slice(b",\"value\":");
                self.special(special, message, bytes, base)?;
                self.out.push(b'}');
            }
        }
        self.depth -= 1;
        self.slots.truncate(base);
        if self.out.len() > self.limit {
            return Err(Error::TooLong(MAX_OUTPUT));
        }
        Ok(())
    }

    fn object(
        &mut self,
        message: &Message,
        bytes: &[u8],
        base: usize,
        type_url: Option<&[u8]>,
    ) -> Result<(), Error> {
        self.out.push(b'{');
        let mut is_first = true;
        if let Some(type_url) = type_url {
            self.out.extend_from_slice(b"\"@type\":");
            text::push_string(self.out, type_url);
            is_first = false;
        }
        for index in message.declared.iter().map(|index| usize::from(*index)) {
            let field = &message.fields[index];
            let slot = self.slots[base + index];
            if slot.count == 0 && field.oneof.is_some() {
                continue;
            }
            self.out.extend_from_slice(if is_first { b"\"" } else { b",\"" });
            self.out.extend_from_slice(field.name.as_bytes());
            self.out.extend_from_slice(b"\":");
            self.field(field, slot, bytes)?;
            is_first = false;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn special(
        &mut self,
        special: Special,
        message: &Message,
        bytes: &[u8],
        base: usize,
    ) -> Result<(), Error> {
        let (first, second) = (self.slots[base], self.slots[base + 1]);
        if special == Special::Any {
            let (type_url, value) = (first.payload(bytes), second.payload(bytes));
            let name = std::str::from_utf8(type_url).unwrap_or_default();
            let Some(inner) = self.schema.resolve(name) else {
                return Err(Error::UnknownType(String::from_utf8_lossy(type_url).into_owned()));
            };
            return self.message(inner, value, Some(type_url));
        }
        let (seconds, nanos) = (first.number as i64, i64::from(second.number as i32));
        let text = match special {
            Special::Timestamp => time::timestamp(seconds, nanos, Fraction::Thousands),
            _ => time::duration(seconds, nanos),
        };
        let text = text.ok_or_else(|| Error::TimeRange { message: message.name.clone(), seconds, nanos })?;
        text::push_quoted(self.out, text.as_bytes());
        Ok(())
    }

    fn field(&mut self, field: &Field, slot: Slot, bytes: &[u8]) -> Result<(), Error> {
        if field.is_repeated {
            return self.list(field, slot, bytes);
        }
        if slot.count == 0 && field.is_nullable {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        match field.kind {
            Kind::Message(_) if slot.count == 0 && field.is_std_time => {
                self.out.extend_from_slice(b"\"0001-01-01T00:00:00Z\"");
                Ok(())
            }
            Kind::Message(index) => {
                let merged = slot.merged(bytes, field.number);
                self.message(self.schema.message(index), &merged, None)
            }
            Kind::Bytes if slot.count == 0 && field.number_text == NumberText::No => {
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            _ => self.value(field, slot.payload(bytes), slot.number),
        }
    }

    fn list(&mut self, field: &Field, slot: Slot, bytes: &[u8]) -> Result<(), Error> {
        self.out.push(b'[');
        for (index, element) in slot.elements(bytes, field).enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.value(field, element.payload(), element.bits())?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn value(&mut self, field: &Field, payload: &[u8], bits: u64) -> Result<(), Error> {
        match field.kind {
            Kind::Message(index) => self.message(self.schema.message(index), payload, None)?,
            Kind::String | Kind::Bytes if field.number_text != NumberText::No => {
                self.number_text(field.number_text, payload);
            }
            Kind::String => text::push_string(self.out, payload),
            Kind::Bytes => text::push_base64(self.out, payload),
            Kind::Enum(index) => match self.schema.enumeration(index).name_of(bits as i32) {
                Some(name) => text::push_quoted(self.out, name.as_bytes()),
                None => text::push_signed(self.out, i64::from(bits as i32)),
            },
            _ => text::push_number(self.out, field.kind, bits),
        }
        Ok(())
    }

    /// An amount or a decimal; one that is not a number, as a failed transaction can contain, is shown as it is.
    fn number_text(&mut self, number_text: NumberText, payload: &[u8]) {
        let payload = if payload.is_empty() { b"0" } else { payload };
        let decimal = match number_text {
            NumberText::Dec => text::decimal_from_integer(payload),
            _ => None,
        };
        match decimal {
            Some(decimal) => text::push_quoted(self.out, decimal.as_bytes()),
            None => text::push_string(self.out, payload),
        }
    }
}
