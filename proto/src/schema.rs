//! What JSON, amino and strict decoding ask about a message type, gathered once from the descriptors so that no descriptor is
//! looked at while a message is processed.

use std::{collections::HashMap, sync::LazyLock};

use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, ExtensionDescriptor, FieldDescriptor, Kind as ProtoKind,
    MessageDescriptor, Value,
};

use crate::wire::WireType;

/// All message types of the descriptor set.
pub(crate) struct Schema {
    messages: Vec<Message>,
    enums: Vec<Enum>,
    by_name: HashMap<String, u32>,
}

/// A message type.
pub(crate) struct Message {
    /// The full name, without a leading dot or slash.
    pub(crate) name: String,
    /// Fields by ascending number.
    pub(crate) fields: Vec<Field>,
    /// Indices into `fields` in the order of their declaration, which is that of JSON.
    pub(crate) declared: Vec<u16>,
    /// Indices into `fields` in the order of amino JSON.
    pub(crate) amino_order: Vec<u16>,
    /// Whether JSON has a special form for the type.
    pub(crate) special: Special,
    /// Option `amino.name`.
    pub(crate) amino_name: Option<String>,
    /// Option `amino.message_encoding`.
    pub(crate) amino_encoding: AminoEncoding,
}

/// How amino JSON shows a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AminoEncoding {
    /// As an object of its fields.
    Object,
    /// As the bytes of its field `key`.
    KeyField,
    /// As a multisignature key, its threshold in quotes.
    ThresholdString,
    /// In a way that no transaction needs.
    Other,
}

/// Types with a JSON form of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    Any,
    Timestamp,
    Duration,
}

/// A field of a message type.
pub(crate) struct Field {
    pub(crate) number: u32,
    /// The name in the .proto file.
    pub(crate) name: String,
    /// The camelCase name.
    pub(crate) json_name: String,
    pub(crate) kind: Kind,
    pub(crate) is_repeated: bool,
    /// The index of the `oneof` the field is in, if any; proto3 `optional` is not counted as one.
    pub(crate) oneof: Option<u16>,
    /// Whether an absent field differs from a default one: messages, members of a `oneof`, `optional`.
    pub(crate) has_presence: bool,
    /// Whether the absence of the field is shown as null: messages and custom types without `(gogoproto.nullable) = false`, and
    /// `optional`.
    pub(crate) is_nullable: bool,
    /// Whether a Timestamp is Go's `time.Time`, whose zero is the year 1.
    pub(crate) is_std_time: bool,
    pub(crate) number_text: NumberText,
    pub(crate) amino: AminoField,
}

/// Numbers that travel as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberText {
    /// Ordinary text or bytes.
    No,
    /// An integer, shown as it is.
    Int,
    /// A number with 18 decimals, an integer in protobuf: `(gogoproto.customtype) = "cosmossdk.io/math.LegacyDec"`. Fields that
    /// are only marked as `cosmos.Dec` hold readable decimals and are ordinary text.
    Dec,
}

/// The amino options of a field.
pub(crate) struct AminoField {
    /// Option `amino.field_name`, else the field's name.
    pub(crate) name: String,
    /// Not option `amino.dont_omitempty`.
    pub(crate) omit_empty: bool,
    /// Option `amino.encoding` is `legacy_coins`: an empty list is `[]`, not null.
    pub(crate) is_legacy_coins: bool,
    /// For members of a `oneof`: its name in CamelCase and the member's option `amino.oneof_name`.
    pub(crate) oneof: Option<(String, Option<String>)>,
    /// Whether `(cosmos_proto.scalar) = "cosmos.Int"`.
    pub(crate) is_int: bool,
}

/// The type of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Int32,
    Sint32,
    Sfixed32,
    Uint32,
    Fixed32,
    Int64,
    Sint64,
    Sfixed64,
    Uint64,
    Fixed64,
    String,
    Bytes,
    Enum(u32),
    Message(u32),
}

/// An enum type: its values by ascending number.
pub(crate) struct Enum {
    pub(crate) name: String,
    values: Vec<(i32, String)>,
}

impl Schema {
    /// The message type of a full name.
    pub(crate) fn find(&self, name: &str) -> Option<&Message> {
        self.by_name.get(name).map(|index| self.message(*index))
    }

    /// The message type an Any's type URL stands for: `/` and a full name, as in the Cosmos SDK.
    pub(crate) fn resolve(&self, type_url: &str) -> Option<&Message> {
        self.find(type_url.strip_prefix('/')?)
    }

    pub(crate) fn message(&self, index: u32) -> &Message {
        &self.messages[index as usize]
    }

    pub(crate) fn enumeration(&self, index: u32) -> &Enum {
        &self.enums[index as usize]
    }
}

impl Message {
    /// The index of a field, by its number.
    #[inline]
    pub(crate) fn field_index(&self, number: u32) -> Option<usize> {
        // Most messages number their fields 1, 2, 3 …
        let guess = (number as usize).wrapping_sub(1);
        if self.fields.get(guess).is_some_and(|field| field.number == number) {
            return Some(guess);
        }
        self.fields.binary_search_by_key(&number, |field| field.number).ok()
    }

    /// The field of a name, in either spelling.
    pub(crate) fn field_by_name(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name || field.json_name == name)
    }
}

impl Kind {
    pub(crate) fn wire_type(self) -> WireType {
        match self {
            Kind::Sfixed32 | Kind::Fixed32 => WireType::Fixed32,
            Kind::Sfixed64 | Kind::Fixed64 => WireType::Fixed64,
            Kind::String | Kind::Bytes | Kind::Message(_) => WireType::Bytes,
            _ => WireType::Varint,
        }
    }
}

impl Enum {
    pub(crate) fn name_of(&self, number: i32) -> Option<&str> {
        let index = self.values.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(&self.values[index].1)
    }

    pub(crate) fn number_of(&self, name: &str) -> Option<i32> {
        self.values.iter().find(|(_, value)| value == name).map(|(number, _)| *number)
    }
}

/// The schema of [`crate::pool`], built at the first call.
pub(crate) fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Builder::new(crate::pool()).build());
    &SCHEMA
}

/// Reads the descriptors.
struct Builder<'a> {
    pool: &'a DescriptorPool,
    messages: HashMap<String, u32>,
    enums: HashMap<String, u32>,
}

impl<'a> Builder<'a> {
    fn new(pool: &'a DescriptorPool) -> Self {
        let index = |names: Vec<String>| (0..).zip(names).map(|(index, name)| (name, index)).collect();
        Builder {
            pool,
            messages: index(pool.all_messages().map(|message| message.full_name().to_owned()).collect()),
            enums: index(pool.all_enums().map(|enumeration| enumeration.full_name().to_owned()).collect()),
        }
    }

    fn build(self) -> Schema {
        let options = Options::new(self.pool);
        Schema {
            messages: self.pool.all_messages().map(|message| self.message(&message, &options)).collect(),
            enums: self.pool.all_enums().map(|enumeration| read_enum(&enumeration)).collect(),
            by_name: self.messages,
        }
    }

    fn message(&self, descriptor: &MessageDescriptor, options: &Options) -> Message {
        let mut fields: Vec<Field> = descriptor
            .fields()
            .filter_map(|field| self.kind(&field).map(|kind| read_field(&field, kind, options)))
            .collect();
        fields.sort_by_key(|field| field.number);

        let declared = descriptor.descriptor_proto().field.iter().filter_map(|declared| {
            let position = fields.iter().position(|field| field.number as i32 == declared.number())?;
            u16::try_from(position).ok()
        });
        let declared: Vec<u16> = declared.collect();
        let mut amino_order = declared.clone();
        amino_order.sort_by_key(|index| {
            let amino = &fields[usize::from(*index)].amino;
            amino.oneof.as_ref().map_or(&amino.name, |(oneof, _)| oneof)
        });

        let set = descriptor.descriptor_proto().options.is_some().then(|| descriptor.options());
        Message {
            name: descriptor.full_name().to_owned(),
            fields,
            declared,
            amino_order,
            special: match descriptor.full_name() {
                "google.protobuf.Any" => Special::Any,
                "google.protobuf.Timestamp" => Special::Timestamp,
                "google.protobuf.Duration" => Special::Duration,
                _ => Special::None,
            },
            amino_name: set.as_ref().and_then(|set| text(set, &options.amino_name)),
            amino_encoding: match set.and_then(|set| text(&set, &options.amino_message_encoding)).as_deref() {
                None => AminoEncoding::Object,
                Some("key_field") => AminoEncoding::KeyField,
                Some("threshold_string") => AminoEncoding::ThresholdString,
                Some(_) => AminoEncoding::Other,
            },
        }
    }

    /// None for floats, which occur in descriptors' own types only and never in the state or its API.
    fn kind(&self, field: &FieldDescriptor) -> Option<Kind> {
        Some(match field.kind() {
            ProtoKind::Double | ProtoKind::Float => return None,
            ProtoKind::Bool => Kind::Bool,
            ProtoKind::Int32 => Kind::Int32,
            ProtoKind::Sint32 => Kind::Sint32,
            ProtoKind::Sfixed32 => Kind::Sfixed32,
            ProtoKind::Uint32 => Kind::Uint32,
            ProtoKind::Fixed32 => Kind::Fixed32,
            ProtoKind::Int64 => Kind::Int64,
            ProtoKind::Sint64 => Kind::Sint64,
            ProtoKind::Sfixed64 => Kind::Sfixed64,
            ProtoKind::Uint64 => Kind::Uint64,
            ProtoKind::Fixed64 => Kind::Fixed64,
            ProtoKind::String => Kind::String,
            ProtoKind::Bytes => Kind::Bytes,
            ProtoKind::Enum(enumeration) => Kind::Enum(self.enums[enumeration.full_name()]),
            ProtoKind::Message(message) => Kind::Message(self.messages[message.full_name()]),
        })
    }
}

/// The options that mean something here.
struct Options {
    amino_name: ExtensionDescriptor,
    amino_message_encoding: ExtensionDescriptor,
    amino_field_name: ExtensionDescriptor,
    amino_encoding: ExtensionDescriptor,
    amino_oneof_name: ExtensionDescriptor,
    dont_omitempty: ExtensionDescriptor,
    scalar: ExtensionDescriptor,
    custom_type: ExtensionDescriptor,
    nullable: ExtensionDescriptor,
    std_time: ExtensionDescriptor,
}

impl Options {
    fn new(pool: &DescriptorPool) -> Self {
        let find = |name| pool.get_extension_by_name(name).expect("the descriptor set defines its options");
        Options {
            amino_name: find("amino.name"),
            amino_message_encoding: find("amino.message_encoding"),
            amino_field_name: find("amino.field_name"),
            amino_encoding: find("amino.encoding"),
            amino_oneof_name: find("amino.oneof_name"),
            dont_omitempty: find("amino.dont_omitempty"),
            scalar: find("cosmos_proto.scalar"),
            custom_type: find("gogoproto.customtype"),
            nullable: find("gogoproto.nullable"),
            std_time: find("gogoproto.stdtime"),
        }
    }
}

fn read_field(field: &FieldDescriptor, kind: Kind, options: &Options) -> Field {
    let set = field.field_descriptor_proto().options.is_some().then(|| field.options());
    let text = |option| set.as_ref().and_then(|set| text(set, option));
    let flag = |option| set.as_ref().and_then(|set| flag(set, option));

    let is_optional = field.field_descriptor_proto().proto3_optional();
    let oneof = field.containing_oneof().filter(|_| !is_optional);
    let custom_type = text(&options.custom_type);
    let may_be_null = matches!(kind, Kind::Message(_))
        || (custom_type.is_some() && matches!(kind, Kind::String | Kind::Bytes));
    Field {
        number: field.number(),
        name: field.name().to_owned(),
        json_name: field.json_name().to_owned(),
        kind,
        is_repeated: field.is_list() || field.is_map(),
        oneof: oneof.as_ref().and_then(|oneof| u16::try_from(oneof.path().last().copied()?).ok()),
        has_presence: field.supports_presence(),
        is_nullable: is_optional || (may_be_null && flag(&options.nullable) != Some(false)),
        is_std_time: flag(&options.std_time) == Some(true),
        number_text: match custom_type.as_deref() {
            Some("cosmossdk.io/math.LegacyDec") => NumberText::Dec,
            Some("cosmossdk.io/math.Int") => NumberText::Int,
            _ => NumberText::No,
        },
        amino: AminoField {
            name: text(&options.amino_field_name).unwrap_or_else(|| field.name().to_owned()),
            omit_empty: flag(&options.dont_omitempty) != Some(true),
            is_legacy_coins: text(&options.amino_encoding).as_deref() == Some("legacy_coins"),
            oneof: oneof.map(|oneof| (camel_case(oneof.name()), text(&options.amino_oneof_name))),
            is_int: text(&options.scalar).as_deref() == Some("cosmos.Int"),
        },
    }
}

fn read_enum(descriptor: &EnumDescriptor) -> Enum {
    let mut values: Vec<(i32, String)> =
        descriptor.values().map(|value| (value.number(), value.name().to_owned())).collect();
    values.sort_by_key(|(number, _)| *number);
    values.dedup_by_key(|(number, _)| *number);
    Enum { name: descriptor.full_name().to_owned(), values }
}

fn text(options: &DynamicMessage, option: &ExtensionDescriptor) -> Option<String> {
    if !options.has_extension(option) {
        return None;
    }
    options.get_extension(option).as_str().map(str::to_owned)
}

fn flag(options: &DynamicMessage, option: &ExtensionDescriptor) -> Option<bool> {
    if !options.has_extension(option) {
        return None;
    }
    match &*options.get_extension(option) {
        Value::Bool(value) => Some(*value),
        _ => None,
    }
}

/// `allow_list` → `AllowList`.
fn camel_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    words.collect()
}
