//! Numbers and strings as JSON writes them.

use base64::{
    alphabet,
    engine::{general_purpose::STANDARD, DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    Engine as _,
};

use crate::schema::Kind;

/// How many digits of a decimal's integer form are after the point.
const DECIMALS: usize = 18;

/// More digits than a 315-bit integer, the largest decimal of the Cosmos SDK, has.
const MAX_DIGITS: usize = 95;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD_LENIENT: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE_LENIENT: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Appends a quoted string as Go's encoding/json does: `<`, `>`, `&` and the two JavaScript line ends are escaped too, and bytes
/// that are not UTF-8 become U+FFFD.
pub(crate) fn push_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    if std::str::from_utf8(bytes).is_ok() {
        push_escaped(out, bytes);
    } else {
        for chunk in bytes.utf8_chunks() {
            push_escaped(out, chunk.valid().as_bytes());
            if !chunk.invalid().is_empty() {
                out.extend_from_slice(b"\\ufffd");
            }
        }
    }
    out.push(b'"');
}

/// Bytes that may need an escape; 0xe2 begins the two line ends and other characters.
const SUSPECTS: [bool; 256] = {
    let mut suspects = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        suspects[byte] = byte < 0x20 || matches!(byte as u8, b'"' | b'\\' | b'<' | b'>' | b'&' | 0xe2);
        byte += 1;
    }
    suspects
};

fn push_escaped(out: &mut Vec<u8>, mut text: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    while let Some(position) = text.iter().position(|byte| SUSPECTS[usize::from(*byte)]) {
        let (plain, rest) = text.split_at(position);
        out.extend_from_slice(plain);
        let mut length = 1;
        match rest[0] {
            byte @ (b'"' | b'\\') => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            0xe2 => match rest.get(1..3) {
                Some([0x80, end @ (0xa8 | 0xa9)]) => {
                    out.extend_from_slice(&[b'\\', b'u', b'2', b'0', b'2', HEX[usize::from(end & 15)]]);
                    length = 3;
                }
                _ => out.push(0xe2),
            },
            byte => {
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&digits);
            }
        }
        text = &rest[length..];
    }
    out.extend_from_slice(text);
}

/// Appends bytes as a quoted base64 string, standard alphabet, padded.
pub(crate) fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or_default();
    out.truncate(start + written);
    out.push(b'"');
}

/// Reads base64 of either alphabet, padded or not.
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    let engine = if text.contains(['-', '_']) { URL_SAFE_LENIENT } else { STANDARD_LENIENT };
    engine.decode(text).ok()
}

/// Appends an integer in decimal digits.
pub(crate) fn push_unsigned(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends an integer in decimal digits.
pub(crate) fn push_signed(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    push_unsigned(out, value.unsigned_abs());
}

/// Appends a number or truth value by the bits it has on the wire; 64-bit numbers in quotes.
pub(crate) fn push_number(out: &mut Vec<u8>, kind: Kind, bits: u64) {
    let is_quoted =
        matches!(kind, Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64);
    let zigzag = (bits >> 1) as i64 ^ -((bits & 1) as i64);
    if is_quoted {
        out.push(b'"');
    }
    match kind {
        Kind::Bool => out.extend_from_slice(if bits != 0 { b"true" } else { b"false" }),
        Kind::Uint32 | Kind::Fixed32 => push_unsigned(out, u64::from(bits as u32)),
        Kind::Uint64 | Kind::Fixed64 => push_unsigned(out, bits),
        Kind::Int64 | Kind::Sfixed64 => push_signed(out, bits as i64),
        Kind::Sint32 => push_signed(out, i64::from(zigzag as i32)),
        Kind::Sint64 => push_signed(out, zigzag),
        Kind::Int32 | Kind::Sfixed32 | Kind::Enum(_) => push_signed(out, i64::from(bits as i32)),
        // These are not numbers; their callers write them.
        Kind::String | Kind::Bytes | Kind::Message(_) => {}
    }
    if is_quoted {
        out.push(b'"');
    }
}

/// Appends a text that needs no escapes, in quotes.
pub(crate) fn push_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

/// Whether a text is an integer in its shortest form and not absurdly long.
pub(crate) fn is_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    (1..=MAX_DIGITS).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
        && (digits[0] != b'0' || text == b"0")
}

/// `100000000000000000` → `0.100000000000000000`: the readable form of an 18-decimal integer. None if it is not one.
pub(crate) fn decimal_from_integer(integer: &[u8]) -> Option<String> {
    if !is_integer(integer) {
        return None;
    }
    let digits = std::str::from_utf8(integer).ok()?;
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let padded = format!("{digits:0>width$}", width = DECIMALS + 1);
    let (whole, fraction) = padded.split_at(padded.len() - DECIMALS);
    Some(format!("{sign}{whole}.{fraction}"))
}

/// `0.1` → `100000000000000000`: the integer form of a decimal with at most 18 places. None if it is not one.
pub(crate) fn integer_from_decimal(decimal: &str) -> Option<String> {
    let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal), |digits| ("-", digits));
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() || fraction.len() > DECIMALS || whole.len() + DECIMALS > MAX_DIGITS {
        return None;
    }
    let integer = format!("{whole}{fraction:0<DECIMALS$}");
    if !integer.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let integer = integer.trim_start_matches('0');
    Some(if integer.is_empty() { "0".to_owned() } else { format!("{sign}{integer}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_18_places() {
        for (integer, decimal) in [
            ("0", "0.000000000000000000"),
            ("1", "0.000000000000000001"),
            ("-1", "-0.000000000000000001"),
            ("100000000000000000", "0.100000000000000000"),
            ("-12345000000000000000000", "-12345.000000000000000000"),
        ] {
            assert_eq!(decimal_from_integer(integer.as_bytes()).as_deref(), Some(decimal));
            assert_eq!(integer_from_decimal(decimal).as_deref(), Some(integer));
        }
        assert_eq!(integer_from_decimal("7").as_deref(), Some("7000000000000000000"));
        assert_eq!(integer_from_decimal("-0.0").as_deref(), Some("0"));
        for wrong in ["", "-", ".1", "1.", "1.2.3", "1e5", "+1", "0.0000000000000000001", "½"] {
            assert_eq!(integer_from_decimal(wrong), None, "{wrong}");
        }
        for wrong in ["", "-", "01", "-0", "+1", "1.0", " 1"] {
            assert_eq!(decimal_from_integer(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn strings_are_escaped_as_go_does() {
        let mut out = Vec::new();
        push_string(&mut out, "a\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}<>&é\u{2028}\u{2029}\u{202a}".as_bytes());
        push_string(&mut out, b"x\xffy");
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0001\u{7f}\\u003c\\u003e\\u0026é\\u2028\\u2029\u{202a}\"\"x\\ufffdy\""
        );
    }

    #[test]
    fn base64_is_read_in_both_alphabets() {
        for text in ["+/+/", "-_-_"] {
            assert_eq!(parse_base64(text).unwrap(), [0xfb, 0xff, 0xbf]);
        }
        for text in ["AQ==", "AQ"] {
            assert_eq!(parse_base64(text).unwrap(), [1]);
        }
        assert_eq!(parse_base64("a"), None);
        assert_eq!(parse_base64("ä==="), None);
    }
}
