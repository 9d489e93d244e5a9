//! Reading and writing the protobuf wire format, record by record and without copying.

/// Why bytes are not a well-formed protobuf message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A record goes on after the end of the message.
    #[error("the message ends in the middle of a field")]
    Truncated,
    /// A varint has more than 64 bits.
    #[error("a variable-length integer has more than 64 bits")]
    VarintTooLong,
    /// A tag's field number is not in 1 ..= 2^29 - 1.
    #[error("a field number is zero or above 536870911")]
    FieldNumber,
    /// A tag's wire type is a group or does not exist.
    #[error("wire type {0} is not supported")]
    WireType(u8),
}

/// How a record's value is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WireType {
    Varint,
    Fixed64,
    Bytes,
    Fixed32,
}

/// One field's value as it stands on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

impl<'a> Value<'a> {
    pub(crate) fn wire_type(self) -> WireType {
        match self {
            Value::Varint(_) => WireType::Varint,
            Value::Fixed64(_) => WireType::Fixed64,
            Value::Bytes(_) => WireType::Bytes,
            Value::Fixed32(_) => WireType::Fixed32,
        }
    }

    /// The number's bits; 0 for text, bytes and messages.
    pub(crate) fn bits(self) -> u64 {
        match self {
            Value::Varint(bits) | Value::Fixed64(bits) => bits,
            Value::Fixed32(bits) => bits.into(),
            Value::Bytes(_) => 0,
        }
    }

    /// The text, bytes or message; empty for numbers.
    pub(crate) fn payload(self) -> &'a [u8] {
        match self {
            Value::Bytes(payload) => payload,
            _ => &[],
        }
    }
}

/// Reads a message's records one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Cursor { bytes, position: 0 }
    }

    /// How many bytes have been read.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    /// The next field number and its value.
    #[inline]
    pub(crate) fn record(&mut self) -> Result<(u32, Value<'a>), WireError> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|n| (1..=(1 << 29) - 1).contains(n));
        let number = number.ok_or(WireError::FieldNumber)?;
        let value = match (tag & 7) as u8 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => Value::Bytes(self.delimited()?),
            5 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            other => return Err(WireError::WireType(other)),
        };
        Ok((number, value))
    }

    /// One bare element of a packed field.
    #[inline]
    pub(crate) fn element(&mut self, wire_type: WireType) -> Result<Value<'a>, WireError> {
        Ok(match wire_type {
            WireType::Varint => Value::Varint(self.varint()?),
            WireType::Fixed64 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            WireType::Bytes => Value::Bytes(self.delimited()?),
            WireType::Fixed32 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
        })
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, WireError> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = *self.bytes.get(self.position).ok_or(WireError::Truncated)?;
            self.position += 1;
            if shift == 63 && byte > 1 {
                return Err(WireError::VarintTooLong);
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(WireError::VarintTooLong)
    }

    fn delimited(&mut self) -> Result<&'a [u8], WireError> {
        let length = usize::try_from(self.varint()?).map_err(|_| WireError::Truncated)?;
        self.take(length)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        self.take(N)?.try_into().map_err(|_| WireError::Truncated)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let end = self.position.checked_add(length).ok_or(WireError::Truncated)?;
        let taken = self.bytes.get(self.position..end).ok_or(WireError::Truncated)?;
        self.position = end;
        Ok(taken)
    }
}

/// Appends a varint in its shortest form.
pub(crate) fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends the tag of a field.
pub(crate) fn push_tag(out: &mut Vec<u8>, number: u32, wire_type: WireType) {
    let wire_type = match wire_type {
        WireType::Varint => 0,
        WireType::Fixed64 => 1,
        WireType::Bytes => 2,
        WireType::Fixed32 => 5,
    };
    push_varint(out, u64::from(number) << 3 | wire_type);
}

/// Turns the bytes from `start` on into a length-delimited field.
pub(crate) fn delimit(out: &mut Vec<u8>, number: u32, start: usize) {
    let length = out.len() - start;
    push_tag(out, number, WireType::Bytes);
    push_varint(out, length as u64);
    out[start..].rotate_left(length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_are_read_as_written() {
        for shift in 0..64 {
            for value in [(1u64 << shift) - 1, 1 << shift, !0 >> shift] {
                let mut out = Vec::new();
                push_varint(&mut out, value);
                let mut cursor = Cursor::new(&out);
                assert_eq!(cursor.varint(), Ok(value));
                assert!(cursor.is_at_end());
            }
        }
    }

    #[test]
    fn varints_above_64_bits_are_refused() {
        let mut bytes = [0xff; 10];
        bytes[9] = 2;
        assert_eq!(Cursor::new(&bytes).varint(), Err(WireError::VarintTooLong));
        assert_eq!(Cursor::new(&[0xff; 11]).varint(), Err(WireError::VarintTooLong));
        assert_eq!(Cursor::new(&[0xff; 3]).varint(), Err(WireError::Truncated));
    }
}
