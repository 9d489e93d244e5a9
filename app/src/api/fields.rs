//! Path and query parameters as protobuf fields. A parameter is written as bytes of the request message right away; parts
//! of one nested message that are written one after the other are one message to every protobuf decoder.

use std::borrow::Cow;

use base64::{
    alphabet,
    engine::{general_purpose::GeneralPurposeConfig, DecodePaddingMode, GeneralPurpose},
    Engine,
};
use prost::encoding::{encode_key, encode_varint, WireType};
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

/// How deeply the fields that parameters can name are nested.
const MAX_DEPTH: usize = 4;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A field that a parameter sets.
#[derive(Clone, Debug)]
pub struct Field {
    /// Numbers of the message fields around it, outermost first.
    outer: Vec<u32>,
    number: u32,
    kind: Kind,
}

impl Field {
    /// The field of `message` that a dotted name stands for; proto and camelCase names can be mixed. `None` if there is
    /// none, or it is a message or a map.
    pub fn find(message: &MessageDescriptor, name: &str) -> Option<Self> {
        let mut outer = Vec::new();
        let mut message = message.clone();
        let mut names = name.split('.').peekable();
        loop {
            let name = names.next()?;
            let field = message.get_field_by_name(name).or_else(|| message.get_field_by_json_name(name))?;
            if names.peek().is_none() {
                return Self::new(outer, &field);
            }
            match field.kind() {
                Kind::Message(inner) if !field.is_list() && outer.len() < MAX_DEPTH => {
                    outer.push(field.number());
                    message = inner;
                }
                _ => return None,
            }
        }
    }

    fn new(outer: Vec<u32>, field: &FieldDescriptor) -> Option<Self> {
        if matches!(field.kind(), Kind::Message(_)) {
            return None;
        }
        Some(Self { outer, number: field.number(), kind: field.kind() })
    }

    /// Appends the field with the value that `text` stands for.
    ///
    /// # Errors
    /// What the text should have been, if it is no value of the field's type.
    pub fn write(&self, text: &str, out: &mut Vec<u8>) -> Result<(), String> {
        if self.outer.is_empty() {
            return self.write_plain(text, out);
        }
        let mut inner = Vec::with_capacity(text.len() + 16);
        self.write_plain(text, &mut inner)?;
        for number in self.outer.iter().skip(1).rev() {
            let mut wrapped = Vec::with_capacity(inner.len() + 8);
            write_bytes(*number, &inner, &mut wrapped);
            inner = wrapped;
        }
        write_bytes(self.outer[0], &inner, out);
        Ok(())
    }

    fn write_plain(&self, text: &str, out: &mut Vec<u8>) -> Result<(), String> {
        let mut varint = |value: u64| {
            encode_key(self.number, WireType::Varint, out);
            encode_varint(value, out);
        };
        match &self.kind {
            Kind::String => write_bytes(self.number, text.as_bytes(), out),
            Kind::Bytes => write_bytes(self.number, &base64(text)?, out),
            Kind::Bool => varint(u64::from(boolean(text)?)),
            Kind::Enum(kind) => varint(i64::from(enum_value(kind, text)?) as u64),
            Kind::Uint64 => varint(number(text)?),
            Kind::Uint32 => varint(u64::from(number::<u32>(text)?)),
            Kind::Int64 => varint(number::<i64>(text)? as u64),
            Kind::Int32 => varint(i64::from(number::<i32>(text)?) as u64),
            Kind::Sint64 => varint(zigzag(number(text)?)),
            Kind::Sint32 => varint(zigzag(i64::from(number::<i32>(text)?))),
            Kind::Fixed64 => self.fixed(&number::<u64>(text)?.to_le_bytes(), out),
            Kind::Sfixed64 => self.fixed(&number::<i64>(text)?.to_le_bytes(), out),
            Kind::Double => self.fixed(&number::<f64>(text)?.to_le_bytes(), out),
            Kind::Fixed32 => self.fixed(&number::<u32>(text)?.to_le_bytes(), out),
            Kind::Sfixed32 => self.fixed(&number::<i32>(text)?.to_le_bytes(), out),
            Kind::Float => self.fixed(&number::<f32>(text)?.to_le_bytes(), out),
            Kind::Message(_) => return Err("a message can't be a parameter".to_owned()),
        }
        Ok(())
    }

    fn fixed(&self, bytes: &[u8], out: &mut Vec<u8>) {
        let wire = if bytes.len() == 8 { WireType::SixtyFourBit } else { WireType::ThirtyTwoBit };
        encode_key(self.number, wire, out);
        out.extend_from_slice(bytes);
    }
}

/// All parameters that a message's fields can be set by, for documentation: proto names, with the fields.
pub fn parameters(message: &MessageDescriptor) -> Vec<(String, FieldDescriptor)> {
    fn collect(
        message: &MessageDescriptor,
        prefix: &str,
        depth: usize,
        found: &mut Vec<(String, FieldDescriptor)>,
    ) {
        for field in message.fields() {
            let name = format!("{prefix}{}", field.name());
            match field.kind() {
                Kind::Message(inner) if !field.is_list() && depth < MAX_DEPTH => {
                    collect(&inner, &format!("{name}."), depth + 1, found);
                }
                Kind::Message(_) => {}
                _ => found.push((name, field)),
            }
        }
    }
    let mut found = Vec::new();
    collect(message, "", 0, &mut found);
    found
}

/// Undoes percent-encoding, and `+` for a space where `plus` says so. `None` if an escape is broken or the result isn't
/// UTF-8.
pub fn decode(text: &str, plus: bool) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|b| b == b'%' || (plus && b == b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = (hex_digit(bytes.next()?)?, hex_digit(bytes.next()?)?);
                digits.0 << 4 | digits.1
            }
            b'+' if plus => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn write_bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String>
where
    N::Err: std::fmt::Display,
{
    text.parse().map_err(|e| format!("{e}: {}", shown(text)))
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The spellings that Go's `strconv.ParseBool` accepts.
fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("expected true or false: {}", shown(text))),
    }
}

fn enum_value(kind: &EnumDescriptor, text: &str) -> Result<i32, String> {
    kind.get_value_by_name(text)
        .map(|value| value.number())
        .or_else(|| text.parse().ok())
        .ok_or_else(|| format!("not a value of {}: {}", kind.full_name(), shown(text)))
}

/// Both alphabets, with or without padding. A space is a `+` whose encoding was forgotten.
fn base64(text: &str) -> Result<Vec<u8>, String> {
    let text = text.replace(' ', "+");
    let decoded = STANDARD.decode(&text).or_else(|e| URL_SAFE.decode(&text).map_err(|_| e));
    decoded.map_err(|e| format!("not base64 ({e}): {}", shown(&text)))
}

/// The text, cut if it is long.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use jmes_proto::cosmos::{
        bank::v1beta1::QueryAllBalancesRequest, base::query::v1beta1::PageRequest,
        tx::v1beta1::GetTxsEventRequest,
    };
    use prost::Message;

    use super::*;

    fn write<M: Message + Default>(name: &str, parameters: &[(&str, &str)]) -> Result<M, String> {
        let message = jmes_proto::pool().get_message_by_name(name).unwrap();
        let mut bytes = Vec::new();
        for (name, value) in parameters {
            Field::find(&message, name).unwrap().write(value, &mut bytes)?;
        }
        Ok(M::decode(bytes.as_slice()).unwrap())
    }

    fn balances(parameters: &[(&str, &str)]) -> Result<QueryAllBalancesRequest, String> {
        write("cosmos.bank.v1beta1.QueryAllBalancesRequest", parameters)
    }

    #[test]
    fn nested_parameters_come_together_in_one_message() {
        let request = balances(&[
            ("address", "jmes1x"),
            ("pagination.limit", "5"),
            ("resolveDenom", "true"),
            ("pagination.countTotal", "1"),
            ("pagination.key", "//8"),
        ]);
        assert_eq!(
            request.unwrap(),
            QueryAllBalancesRequest {
                address: "jmes1x".into(),
                pagination: Some(PageRequest {
                    limit: 5,
                    count_total: true,
                    key: vec![255, 255],
                    ..Default::default()
                }),
                resolve_denom: true,
            }
        );
    }

    #[test]
    fn enums_are_names_or_numbers_and_lists_are_repeated() {
        let request: GetTxsEventRequest = write(
            "cosmos.tx.v1beta1.GetTxsEventRequest",
            &[("events", "a='b'"), ("order_by", "ORDER_BY_DESC"), ("events", "c='d'")],
        )
        .unwrap();
        assert_eq!(request.order_by, 2);
        #[allow(deprecated, reason = "old clients send it")]
        {
            assert_eq!(request.events, ["a='b'", "c='d'"]);
        }
        let request: GetTxsEventRequest =
            write("cosmos.tx.v1beta1.GetTxsEventRequest", &[("orderBy", "1")]).unwrap();
        assert_eq!(request.order_by, 1);
    }

    #[test]
    fn values_of_another_type_are_refused_with_the_value() {
        for (name, value) in [
            ("pagination.limit", "-1"),
            ("pagination.limit", ""),
            ("pagination.limit", "99999999999999999999"),
            ("pagination.reverse", "yes"),
            ("pagination.key", "*"),
        ] {
            let error = balances(&[(name, value)]).unwrap_err();
            assert!(error.contains(value), "{error}");
        }
    }

    #[test]
    fn names_of_no_field_are_none() {
        let message =
            jmes_proto::pool().get_message_by_name("cosmos.bank.v1beta1.QueryAllBalancesRequest").unwrap();
        for name in ["", ".", "nothing", "pagination", "pagination.", "address.x", "pagination.limit.x"] {
            assert!(Field::find(&message, name).is_none(), "{name}");
        }
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(decode("ibc%2FAB+c", false).unwrap(), "ibc/AB+c");
        assert_eq!(decode("a+b%2b", true).unwrap(), "a b+");
        for broken in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(decode(broken, false), None, "{broken}");
        }
    }
}
