//! One pass over a message's bytes that notes where each field is, so that fields can then be written in any order without
//! building a tree.

use crate::{
    schema::{Field, Kind, Message},
    wire::{Cursor, Value, WireError},
};

/// How many messages, Any values included, may stand inside one another.
pub(crate) const MAX_DEPTH: usize = 100;

/// Where a field is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    /// Records of the field; 0: absent.
    pub(crate) count: u32,
    /// Where the first record begins, its tag included.
    start: usize,
    /// Where the last record ends.
    end: usize,
    /// The last record's number; meaningless for text, bytes and messages.
    pub(crate) number: u64,
    /// The last record's text, bytes or message: where it begins and its length.
    payload: (usize, usize),
}

impl Slot {
    /// Text, bytes or message of the last record.
    pub(crate) fn payload<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.payload.0..self.payload.0 + self.payload.1).unwrap_or_default()
    }

    /// Whether the field differs from an absent one.
    pub(crate) fn is_set(&self, field: &Field) -> bool {
        if self.count == 0 || field.is_repeated || field.has_presence {
            return self.count > 0;
        }
        match field.kind {
            Kind::String | Kind::Bytes => self.payload.1 > 0,
            _ => self.number != 0,
        }
    }

    /// The value of a message field: records of the same field are merged, as protobuf has it.
    pub(crate) fn merged<'a>(&self, bytes: &'a [u8], number: u32) -> std::borrow::Cow<'a, [u8]> {
        if self.count <= 1 {
            return self.payload(bytes).into();
        }
        self.records(bytes, number).flat_map(Value::payload).copied().collect::<Vec<u8>>().into()
    }

    /// All records of the field in order.
    fn records<'a>(&self, bytes: &'a [u8], number: u32) -> impl Iterator<Item = Value<'a>> {
        let mut cursor = Cursor::new(bytes.get(self.start..self.end).unwrap_or_default());
        std::iter::from_fn(move || {
            // The scan has read these records before: there is nothing left to refuse.
            while !cursor.is_at_end() {
                match cursor.record().ok()? {
                    (found, value) if found == number => return Some(value),
                    _ => {}
                }
            }
            None
        })
    }

    /// All elements of a repeated field in order, packed ones too.
    pub(crate) fn elements<'a>(&self, bytes: &'a [u8], field: &Field) -> impl Iterator<Item = Value<'a>> {
        let wire_type = field.kind.wire_type();
        self.records(bytes, field.number).flat_map(move |record| {
            let is_packed = record.wire_type() != wire_type;
            let mut packed = Cursor::new(if is_packed { record.payload() } else { &[] });
            let packed = std::iter::from_fn(move || packed.element(wire_type).ok());
            packed.chain((!is_packed).then_some(record))
        })
    }
}

/// What can be wrong with a message's bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The bytes are not protobuf.
    #[error("{message}: {error}")]
    Wire {
        /// The message type.
        message: String,
        /// What is wrong.
        error: WireError,
    },
    /// A field has the encoding of another type.
    #[error("{message}.{field} has the wire type of another field type")]
    WireType {
        /// The message type.
        message: String,
        /// The field's name.
        field: String,
    },
    /// A field that the type does not have.
    #[error("{message} has no field {number}")]
    UnknownField {
        /// The message type.
        message: String,
        /// The number found.
        number: u32,
    },
}

/// Whether fields that the type does not have are skipped or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    Skip,
    Refuse,
}

/// Fills `slots`, one for each field of `message`.
pub(crate) fn scan(
    message: &Message,
    bytes: &[u8],
    slots: &mut [Slot],
    unknown: Unknown,
) -> Result<(), ScanError> {
    let wire = |error| ScanError::Wire { message: message.name.clone(), error };
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_at_end() {
        let start = cursor.position();
        let (number, value) = cursor.record().map_err(wire)?;
        let Some(index) = message.field_index(number) else {
            match unknown {
                Unknown::Skip => continue,
                Unknown::Refuse => {
                    return Err(ScanError::UnknownField { message: message.name.clone(), number })
                }
            }
        };
        let field = &message.fields[index];
        check_value(message, field, value)?;
        if let Some(oneof) = field.oneof {
            clear_oneof(message, oneof, index, slots);
        }
        let slot = &mut slots[index];
        if slot.count == 0 {
            slot.start = start;
        }
        slot.count += 1;
        slot.end = cursor.position();
        slot.number = value.bits();
        slot.payload = (slot.end - value.payload().len(), value.payload().len());
    }
    Ok(())
}

/// Refuses another type's encoding, and damaged packed elements.
fn check_value(message: &Message, field: &Field, value: Value<'_>) -> Result<(), ScanError> {
    let expected = field.kind.wire_type();
    match value {
        _ if value.wire_type() == expected => Ok(()),
        Value::Bytes(packed) if field.is_repeated => {
            let mut elements = Cursor::new(packed);
            while !elements.is_at_end() {
                elements
                    .element(expected)
                    .map_err(|error| ScanError::Wire { message: message.name.clone(), error })?;
            }
            Ok(())
        }
        _ => Err(ScanError::WireType { message: message.name.clone(), field: field.name.clone() }),
    }
}

/// Of a `oneof`, the member that comes last is set.
fn clear_oneof(message: &Message, oneof: u16, keep: usize, slots: &mut [Slot]) {
    for (index, (field, slot)) in message.fields.iter().zip(slots).enumerate() {
        if field.oneof == Some(oneof) && index != keep {
            *slot = Slot::default();
        }
    }
}
