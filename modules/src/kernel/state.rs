//! Typed state: a module declares every key it owns as a constant [`Item`] or [`Map`].
//!
//! A key in state is `store ‖ prefix ‖ components`. Components are self-delimiting and keep their order:
//! integers big-endian, addresses with a length byte, texts with a zero byte behind them.

use super::address::{Address, ConsensusAddress};
use super::amount::Amount;
use super::context::{Ctx, View};
use super::error::Result;
use super::overlay::StoreId;
use std::marker::PhantomData;

/// A component of a key.
pub trait Key: Sized {
    /// Appends the component.
    fn write(&self, out: &mut Vec<u8>);
    /// Takes the component off the front of `bytes`; `None` if they are not one.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
    /// The component alone: what the keys of a group begin with.
    fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }
}

/// A value in state.
pub trait Value: Sized {
    /// The stored bytes.
    fn encode(&self) -> Vec<u8>;
    /// The value of stored bytes; `None` if they are not one.
    fn decode(bytes: &[u8]) -> Option<Self>;
}

/// One value.
pub struct Item<V> {
    store: StoreId,
    prefix: u8,
    marker: PhantomData<fn() -> V>,
}

impl<V: Value> Item<V> {
    /// The item of `store` at `prefix`.
    pub const fn new(store: StoreId, prefix: u8) -> Self {
        Self { store, prefix, marker: PhantomData }
    }

    const fn key(&self) -> [u8; 2] {
        [self.store.0, self.prefix]
    }

    /// The value, if it was ever saved.
    pub fn load(&self, view: &View) -> Result<Option<V>> {
        let key = self.key();
        view.read(&key, |bytes| decoded(&key, bytes))
    }

    /// Saves the value.
    pub fn save(&self, ctx: &mut Ctx, value: &V) -> Result<()> {
        ctx.write(self.key().to_vec(), value.encode())
    }

    /// Removes the value.
    pub fn remove(&self, ctx: &mut Ctx) -> Result<()> {
        ctx.delete(self.key().to_vec())
    }
}

/// Values by key, in the keys' order.
pub struct Map<K, V> {
    store: StoreId,
    prefix: u8,
    marker: PhantomData<fn() -> (K, V)>,
}

impl<K: Key, V: Value> Map<K, V> {
    /// The map of `store` under `prefix`.
    pub const fn new(store: StoreId, prefix: u8) -> Self {
        Self { store, prefix, marker: PhantomData }
    }

    /// The whole key in state of one entry, the store's byte first.
    pub fn key(&self, key: &K) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(40);
        bytes.extend([self.store.0, self.prefix]);
        key.write(&mut bytes);
        bytes
    }

    /// The value at `key`.
    pub fn load(&self, view: &View, key: &K) -> Result<Option<V>> {
        let key = self.key(key);
        view.read(&key, |bytes| decoded(&key, bytes))
    }

    /// Whether there is a value at `key`.
    pub fn has(&self, view: &View, key: &K) -> Result<bool> {
        view.has(&self.key(key))
    }

    /// Saves a value.
    pub fn save(&self, ctx: &mut Ctx, key: &K, value: &V) -> Result<()> {
        ctx.write(self.key(key), value.encode())
    }

    /// Removes a value.
    pub fn remove(&self, ctx: &mut Ctx, key: &K) -> Result<()> {
        ctx.delete(self.key(key))
    }

    /// At most `limit` entries whose keys begin with `group` (encoded components, empty for all),
    /// starting at the encoded rest `from` (inclusive) when given. Descending with `reverse`.
    pub fn scan(
        &self,
        view: &View,
        group: &[u8],
        from: Option<&[u8]>,
        reverse: bool,
        limit: usize,
    ) -> Result<Vec<(K, V)>> {
        let mut low = vec![self.store.0, self.prefix];
        low.extend_from_slice(group);
        let mut high = successor(&low);
        if let Some(from) = from {
            let mut bound = low.clone();
            bound.extend_from_slice(from);
            if reverse {
                bound.push(0);
                high = bound;
            } else {
                low = bound;
            }
        }
        let found = view.scan(&low, &high, reverse, limit)?;
        Ok(found
            .into_iter()
            .map(|(key, value)| {
                let mut rest = key.get(2..).unwrap_or_default();
                match K::read(&mut rest) {
                    Some(typed) if rest.is_empty() => (typed, decoded(&key, &value)),
                    _ => corrupt(&key, "key"),
                }
            })
            .collect())
    }
}

/// The smallest key above every key that begins with `prefix`. Store and prefix bytes are below 255.
fn successor(prefix: &[u8]) -> Vec<u8> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if let Some(raised) = last.checked_add(1) {
            next.push(raised);
            break;
        }
    }
    next
}

fn decoded<V: Value>(key: &[u8], bytes: &[u8]) -> V {
    V::decode(bytes).unwrap_or_else(|| corrupt(key, "value"))
}

#[allow(clippy::panic, reason = "state that can't be decoded is corrupt; the node must stop")]
fn corrupt(key: &[u8], what: &str) -> ! {
    panic!("state is corrupt: the {what} at {key:02x?} can't be decoded")
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (head, tail) = bytes.split_at_checked(count)?;
    *bytes = tail;
    Some(head)
}

impl Key for () {
    fn write(&self, _: &mut Vec<u8>) {}
    fn read(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

impl Key for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        take(bytes, 8)?.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Key for Address {
    fn write(&self, out: &mut Vec<u8>) {
        let raw = self.as_bytes();
        out.push(if raw.len() == 20 { 20 } else { 32 });
        out.extend_from_slice(raw);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let length = *take(bytes, 1)?.first()?;
        Self::new(take(bytes, usize::from(length))?).ok()
    }
}

impl Key for ConsensusAddress {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Self::new(take(bytes, 20)?).ok()
    }
}

/// Texts in keys hold no zero bytes; what follows one in the text is not part of the key.
impl Key for String {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.bytes().take_while(|byte| *byte != 0));
        out.push(0);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == 0)?;
        let text = Self::from_utf8(take(bytes, end)?.to_vec()).ok()?;
        take(bytes, 1)?;
        Some(text)
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::read(bytes)?, B::read(bytes)?))
    }
}

/// A marker: one byte, as ICS-23 can't prove entries without a value.
/// One byte: ICS-23 can't prove an empty value, nor the absence of a key beside one.
impl Value for () {
    fn encode(&self) -> Vec<u8> {
        vec![1]
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        (bytes == [1]).then_some(())
    }
}

impl Value for u64 {
    fn encode(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Value for Amount {
    fn encode(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|raw| Self(u128::from_be_bytes(raw)))
    }
}

impl Value for Address {
    fn encode(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        Self::new(bytes).ok()
    }
}

/// Makes protobuf messages storable by their encoding.
macro_rules! proto_value {
    ($($message:ty),+ $(,)?) => {$(
        impl $crate::kernel::Value for $message {
            fn encode(&self) -> Vec<u8> {
                prost::Message::encode_to_vec(self)
            }
            fn decode(bytes: &[u8]) -> Option<Self> {
                prost::Message::decode(bytes).ok()
            }
        }
    )+};
}
pub(crate) use proto_value;
