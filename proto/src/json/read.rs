//! JSON text to protobuf bytes: the parser is led by the message type, so nothing is built that does not belong to it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::Error;
use crate::{
    scan::MAX_DEPTH,
    schema::{schema, Field, Kind, Message, NumberText, Schema, Special},
    text, time,
    wire::{delimit, push_tag, push_varint, WireType},
};

/// Reads one message.
pub(super) fn read(message: &'static Message, json: &[u8]) -> Result<Vec<u8>, Error> {
    let mut reader = Reader { schema: schema(), out: Vec::new(), path: Vec::new(), depth: 0 };
    let mut parser = serde_json::Deserializer::from_slice(json);
    let result =
        MessageSeed { reader: &mut reader, message }.deserialize(&mut parser).and_then(|()| parser.end());
    match result {
        Ok(()) => Ok(reader.out),
        Err(error) => Err(Error::Json { path: reader.path_text(message), reason: error.to_string() }),
    }
}

/// The output and where in the message we are.
struct Reader {
    schema: &'static Schema,
    out: Vec<u8>,
    /// The fields and elements around the current one; after an error, those around the culprit.
    path: Vec<Step>,
    depth: usize,
}

enum Step {
    Field(&'static str),
    Element(usize),
}

impl Reader {
    fn path_text(&self, message: &Message) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Field(name) if text.is_empty() => text.push_str(name),
                Step::Field(name) => {
                    text.push('.');
                    text.push_str(name);
                }
                Step::Element(index) => text.push_str(&format!("[{index}]")),
            }
        }
        if text.is_empty() {
            text.push_str(&message.name);
        }
        text
    }
}

/// Reads a message and appends its bytes.
struct MessageSeed<'r> {
    reader: &'r mut Reader,
    message: &'static Message,
}

impl<'de> DeserializeSeed<'de> for MessageSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.reader.depth == MAX_DEPTH {
            return Err(D::Error::custom(Error::TooDeep));
        }
        match self.message.special {
            Special::Timestamp | Special::Duration => deserializer.deserialize_str(self),
            Special::Any | Special::None => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for MessageSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.message.special {
            Special::None => "an object",
            Special::Any => "an object with @type",
            Special::Timestamp => "a time such as \"2024-01-31T23:59:59Z\"",
            Special::Duration => "a duration in seconds such as \"1.5s\"",
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.reader.depth += 1;
        match self.message.special {
            Special::Any => read_any(self.reader, map)?,
            _ => read_fields(self.reader, self.message, map)?,
        }
        self.reader.depth -= 1;
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let parsed = match self.message.special {
            Special::Timestamp => time::parse_timestamp(text),
            _ => time::parse_duration(text),
        };
        let invalid = || E::invalid_value(serde::de::Unexpected::Str(text), &self);
        let (seconds, nanos) = parsed.ok_or_else(invalid)?;
        for (number, value) in [(1, seconds), (2, i64::from(nanos))] {
            if value != 0 {
                push_tag(&mut self.reader.out, number, WireType::Varint);
                push_varint(&mut self.reader.out, value as u64);
            }
        }
        Ok(())
    }
}

/// Reads an `Any`. `@type` usually comes first; if not, the object is kept until the type is known.
fn read_any<'de, A: MapAccess<'de>>(reader: &mut Reader, mut map: A) -> Result<(), A::Error> {
    let mut object = Map::new();
    if let Some(first) = map.next_key::<String>()? {
        if first == "@type" {
            let type_url: String = map.next_value()?;
            return read_packed(reader, &type_url, map);
        }
        object.insert(first, map.next_value()?);
    }
    while let Some((key, value)) = map.next_entry::<String, Value>()? {
        if object.insert(key.clone(), value).is_some() {
            return Err(A::Error::custom(format_args!("{key} is given twice")));
        }
    }
    let Some(Value::String(type_url)) = object.remove("@type") else {
        return Err(A::Error::custom("@type with the type URL is missing"));
    };
    let rest = PackedVisitor { reader, type_url: &type_url };
    Value::Object(object).deserialize_map(rest).map_err(A::Error::custom)
}

/// Reads the rest of an `Any` after its `@type`.
struct PackedVisitor<'r, 't> {
    reader: &'r mut Reader,
    type_url: &'t str,
}

impl<'de> Visitor<'de> for PackedVisitor<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with @type")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        read_packed(self.reader, self.type_url, map)
    }
}

fn read_packed<'de, A: MapAccess<'de>>(
    reader: &mut Reader,
    type_url: &str,
    mut map: A,
) -> Result<(), A::Error> {
    let unknown = || A::Error::custom(Error::UnknownType(type_url.to_owned()));
    let message = reader.schema.resolve(type_url).ok_or_else(unknown)?;
    let start = reader.out.len();
    reader.out.extend_from_slice(type_url.as_bytes());
    delimit(&mut reader.out, 1, start);

    let start = reader.out.len();
    if message.special == Special::None {
        read_fields(reader, message, map)?;
    } else {
        match map.next_key::<String>()? {
            Some(key) if key == "value" => map.next_value_seed(MessageSeed { reader, message })?,
            _ => return Err(A::Error::custom(format_args!("{} is given as \"value\"", message.name))),
        }
        if let Some(key) = map.next_key::<String>()? {
            return Err(A::Error::custom(format_args!("unknown field {key}")));
        }
    }
    if reader.out.len() > start {
        delimit(&mut reader.out, 2, start);
    }
    Ok(())
}

/// Reads an object's fields and appends them by ascending number.
fn read_fields<'de, A: MapAccess<'de>>(
    reader: &mut Reader,
    message: &'static Message,
    mut map: A,
) -> Result<(), A::Error> {
    let start = reader.out.len();
    let mut parts: Vec<(&Field, usize, usize)> = Vec::new();
    while let Some(key) = map.next_key::<String>()? {
        let unknown = || A::Error::custom(format_args!("{} has no field {key:?}", message.name));
        let field = message.field_by_name(&key).ok_or_else(unknown)?;
        reader.path.push(Step::Field(&field.name));
        let begin = reader.out.len();
        let is_given = map.next_value_seed(FieldSeed { reader: &mut *reader, field })?;
        if is_given {
            let clashes = |part: &&(&Field, usize, usize)| {
                part.0.number == field.number || (field.oneof.is_some() && part.0.oneof == field.oneof)
            };
            if let Some((other, ..)) = parts.iter().find(clashes) {
                return Err(A::Error::custom(format_args!("given besides {}: only one may be", other.name)));
            }
            parts.push((field, begin, reader.out.len()));
        }
        reader.path.pop();
    }
    if !parts.is_sorted_by_key(|(field, ..)| field.number) {
        parts.sort_by_key(|(field, ..)| field.number);
        let sorted: Vec<u8> =
            parts.iter().flat_map(|(_, begin, end)| &reader.out[*begin..*end]).copied().collect();
        reader.out.truncate(start);
        reader.out.extend_from_slice(&sorted);
    }
    Ok(())
}

/// Reads a field, tag included; returns whether it is given, that is, not null.
struct FieldSeed<'r> {
    reader: &'r mut Reader,
    field: &'static Field,
}

impl<'de> DeserializeSeed<'de> for FieldSeed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for FieldSeed<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.field.is_repeated { "a list" } else { "a value" })
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        if self.field.is_repeated {
            deserializer.deserialize_seq(self)?;
        } else {
            ValueSeed { reader: self.reader, field: self.field, place: Place::Single }
                .deserialize(deserializer)?;
        }
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        let FieldSeed { reader, field } = self;
        let is_packed = field.kind.wire_type() != WireType::Bytes;
        let place = if is_packed { Place::Packed } else { Place::Element };
        let start = reader.out.len();
        for index in 0.. {
            reader.path.push(Step::Element(index));
            if list.next_element_seed(ValueSeed { reader: &mut *reader, field, place })?.is_none() {
                reader.path.pop();
                break;
            }
            reader.path.pop();
        }
        if is_packed && reader.out.len() > start {
            delimit(&mut reader.out, field.number, start);
        }
        Ok(true)
    }
}

/// Where a value stands: this decides about its tag and about defaults.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Single,
    Element,
    Packed,
}

/// Reads one value and appends it.
struct ValueSeed<'r> {
    reader: &'r mut Reader,
    field: &'static Field,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Kind::Message(index) = self.field.kind else { return deserializer.deserialize_any(self) };
        let start = self.reader.out.len();
        let message = self.reader.schema.message(index);
        MessageSeed { reader: &mut *self.reader, message }.deserialize(deserializer)?;
        delimit(&mut self.reader.out, self.field.number, start);
        Ok(())
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.field.kind, self.field.number_text) {
            (_, NumberText::Dec) => {
                f.write_str("a decimal such as \"0.05\", with at most 18 places, as text")
            }
            (_, NumberText::Int) => f.write_str("an integer as text"),
            (Kind::String, _) => f.write_str("text"),
            (Kind::Bytes, _) => f.write_str("base64 text"),
            (Kind::Bool, _) => f.write_str("true or false"),
            (Kind::Enum(index), _) => write!(f, "a value of {}", self.reader.schema.enumeration(index).name),
            (Kind::Uint32 | Kind::Fixed32, _) => f.write_str("an integer from 0 to 2^32 - 1"),
            (Kind::Uint64 | Kind::Fixed64, _) => f.write_str("an integer from 0 to 2^64 - 1"),
            (Kind::Int32 | Kind::Sint32 | Kind::Sfixed32, _) => f.write_str("an integer of 32 bits"),
            _ => f.write_str("an integer of 64 bits"),
        }
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        if self.field.kind != Kind::Bool {
            return Err(E::invalid_type(serde::de::Unexpected::Bool(value), &self));
        }
        self.push_number(value.into());
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.integer(value.into())
            .map_err(|seed| E::invalid_value(serde::de::Unexpected::Unsigned(value), &seed))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.integer(value.into())
            .map_err(|seed| E::invalid_value(serde::de::Unexpected::Signed(value), &seed))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let given = serde::de::Unexpected::Str(text);
        match (self.field.kind, self.field.number_text) {
            (Kind::String | Kind::Bytes, NumberText::Dec) => match text::integer_from_decimal(text) {
                Some(integer) => self.push_bytes(integer.as_bytes()),
                None => return Err(E::invalid_value(given, &self)),
            },
            (Kind::String | Kind::Bytes, NumberText::Int) if !text::is_integer(text.as_bytes()) => {
                return Err(E::invalid_value(given, &self));
            }
            (Kind::String, _) | (Kind::Bytes, NumberText::Int) => self.push_bytes(text.as_bytes()),
            (Kind::Bytes, NumberText::No) => match text::parse_base64(text) {
                Some(bytes) => self.push_bytes(&bytes),
                None => return Err(E::invalid_value(given, &self)),
            },
            (Kind::Enum(index), _) => match self.reader.schema.enumeration(index).number_of(text) {
                Some(number) => self.push_number(number as u64),
                None => return Err(E::invalid_value(given, &self)),
            },
            (Kind::Bool, _) => return Err(E::invalid_type(given, &self)),
            _ => {
                let number = text.parse::<i128>().ok().filter(|_| text::is_integer(text.as_bytes()));
                let Some(number) = number else { return Err(E::invalid_value(given, &self)) };
                self.integer(number).map_err(|seed| E::invalid_value(given, &seed))?;
            }
        }
        Ok(())
    }
}

impl ValueSeed<'_> {
    /// Appends an integer; gives the seed back if it is out of the type's range.
    fn integer(self, value: i128) -> Result<(), Self> {
        let in_range = match self.field.kind {
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Enum(_) => i32::try_from(value).is_ok(),
            Kind::Uint32 | Kind::Fixed32 => u32::try_from(value).is_ok(),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => i64::try_from(value).is_ok(),
            Kind::Uint64 | Kind::Fixed64 => u64::try_from(value).is_ok(),
            Kind::Bool | Kind::String | Kind::Bytes | Kind::Message(_) => false,
        };
        if !in_range {
            return Err(self);
        }
        // Negative numbers keep their two's complement, which is how protobuf writes them.
        let bits = value as u64;
        let is_zigzag = matches!(self.field.kind, Kind::Sint32 | Kind::Sint64);
        self.push_number(if is_zigzag { bits << 1 ^ ((bits as i64) >> 63) as u64 } else { bits });
        Ok(())
    }

    fn push_number(self, bits: u64) {
        let out = &mut self.reader.out;
        let wire_type = self.field.kind.wire_type();
        match self.place {
            Place::Single if bits == 0 && !self.field.has_presence => return,
            Place::Packed => {}
            _ => push_tag(out, self.field.number, wire_type),
        }
        match wire_type {
            WireType::Fixed32 => out.extend_from_slice(&(bits as u32).to_le_bytes()),
            WireType::Fixed64 => out.extend_from_slice(&bits.to_le_bytes()),
            _ => push_varint(out, bits),
        }
    }

    fn push_bytes(self, bytes: &[u8]) {
        if self.place == Place::Single && bytes.is_empty() && !self.field.has_presence {
            return;
        }
        let out = &mut self.reader.out;
        push_tag(out, self.field.number, WireType::Bytes);
        push_varint(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
    }
}
