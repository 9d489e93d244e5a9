//! Random messages of any type, for property tests: everything prost can encode.

use prost::Message as _;
use prost_reflect::{Cardinality, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

use crate::{pool, schema::schema, schema::NumberText};

/// A generator that a seed determines (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// A number of any magnitude.
    fn number(&mut self) -> u64 {
        let shift = self.below(64);
        self.next() >> shift
    }

    /// One of the API's message types.
    pub(crate) fn descriptor(&mut self) -> MessageDescriptor {
        let count = pool().all_messages().len();
        loop {
            let index = self.below(count);
            let found = pool().all_messages().nth(index).expect("the index is below the count");
            if !matches!(found.package_name(), "google.protobuf" | "google.api") {
                return found;
            }
        }
    }

    /// A message of a type, with at most `depth` levels of messages below it.
    pub(crate) fn message(&mut self, descriptor: &MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        match descriptor.full_name() {
            "google.protobuf.Any" => {
                let (inner, depth) = (self.descriptor(), depth.saturating_sub(1));
                let value = self.message(&inner, depth).encode_to_vec();
                message.set_field_by_name("type_url", Value::String(format!("/{}", inner.full_name())));
                message.set_field_by_name("value", Value::Bytes(value.into()));
                return message;
            }
            "google.protobuf.Timestamp" | "google.protobuf.Duration" => {
                message.set_field_by_name("seconds", Value::I64((self.next() % 4_000_000_000) as i64));
                message.set_field_by_name("nanos", Value::I32((self.next() % 1_000_000_000) as i32));
                return message;
            }
            _ => {}
        }
        for field in descriptor.fields() {
            let is_message = matches!(field.kind(), Kind::Message(_));
            if self.below(3) == 0 || (is_message && depth == 0) {
                continue;
            }
            let value = if field.cardinality() == Cardinality::Repeated {
                let count = self.below(4);
                Value::List((0..count).map(|_| self.value(&field, depth)).collect())
            } else {
                self.value(&field, depth)
            };
            message.set_field(&field, value);
        }
        message
    }

    fn value(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        let bits = self.number();
        match field.kind() {
            Kind::Message(message) => Value::Message(self.message(&message, depth.saturating_sub(1))),
            Kind::Bool => Value::Bool(bits % 2 == 1),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(bits as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(bits as i64),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(bits as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(bits),
            Kind::Enum(_) => Value::EnumNumber((bits % 8) as i32),
            Kind::String => Value::String(self.text(field)),
            Kind::Bytes if self.is_number(field) => Value::Bytes(self.text(field).into_bytes().into()),
            Kind::Bytes => Value::Bytes((0..self.below(40)).map(|_| self.next() as u8).collect()),
            Kind::Float | Kind::Double => unreachable!("the API has no floats"),
        }
    }

    fn is_number(&self, field: &FieldDescriptor) -> bool {
        let message = schema().find(field.parent_message().full_name()).expect("the type is in the set");
        let field = message.field_by_name(field.name()).expect("the type has the field");
        field.number_text != NumberText::No
    }

    fn text(&mut self, field: &FieldDescriptor) -> String {
        if self.is_number(field) {
            let sign = if self.below(2) == 0 { "-" } else { "" };
            return format!("{sign}{}{}", 1 + self.below(9), self.number());
        }
        const LETTERS: [char; 12] =
            ['a', 'Z', '0', '"', '\\', '<', '&', '\n', '\u{1}', 'é', '\u{2028}', '\u{1f600}'];
        (0..self.below(12)).map(|_| LETTERS[self.below(LETTERS.len())]).collect()
    }
}
