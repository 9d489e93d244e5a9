//! Every key of the store `identity`.

use super::Kind;
use crate::kernel::{proto_value, Address, Item, Map, Value};
use crate::IDENTITY;
use jmes_proto::jmes::identity::v1::Params;

/// `01` → the parameters.
pub const PARAMS: Item<Params> = Item::new(IDENTITY, 1);
/// `02 ‖ name` → whose it is. Names are never removed.
pub const NAMES: Map<String, Address> = Map::new(IDENTITY, 2);
/// `03 ‖ address` → its one name, and what is behind it.
pub const HOLDERS: Map<Address, Holder> = Map::new(IDENTITY, 3);

/// What is known of an address that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What is behind the address.
    pub kind: Kind,
    /// When it was registered.
    pub height: u64,
    /// The name.
    pub name: String,
}

proto_value!(Params);

/// Stored as kind (1 byte: 1 a user, 2 a DAO) ‖ height (8 bytes, big-endian) ‖ name (UTF-8).
impl Value for Holder {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(29);
        bytes.push(match self.kind {
            Kind::User => 1,
            Kind::Dao => 2,
        });
        bytes.extend(self.height.to_be_bytes());
        bytes.extend(self.name.bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let kind = match kind {
            1 => Kind::User,
            2 => Kind::Dao,
            _ => return None,
        };
        let (height, name) = rest.split_first_chunk::<8>()?;
        let name = String::from_utf8(name.to_vec()).ok()?;
        Some(Self { kind, height: u64::from_be_bytes(*height), name })
    }
}
