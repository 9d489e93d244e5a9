//! Public keys of accounts: secp256k1, and k-of-n multisig over secp256k1 keys (§4).

use crate::kernel::{codes, Address, Error, Result};
use cosmos_sdk_proto::cosmos::crypto::multisig::LegacyAminoPubKey;
use cosmos_sdk_proto::cosmos::crypto::secp256k1::PubKey;
use prost::Message;
use sha2::{Digest, Sha256};
use tendermint_proto::google::protobuf::Any;

/// Type URL of a secp256k1 key.
pub const SECP256K1_TYPE: &str = "/cosmos.crypto.secp256k1.PubKey";
/// Type URL of a multisig key.
pub const MULTISIG_TYPE: &str = "/cosmos.crypto.multisig.LegacyAminoPubKey";

const SECP256K1_TAG: u8 = 1;
const MULTISIG_TAG: u8 = 2;
/// Amino's prefix of `tendermint/PubKeySecp256k1` and the length of the key.
const AMINO_SECP256K1: [u8; 5] = [0xeb, 0x5a, 0xe9, 0x87, 33];
/// Amino's prefix of `tendermint/PubKeyMultisigThreshold`.
const AMINO_MULTISIG: [u8; 4] = [0x22, 0xc1, 0xf7, 0xe2];

/// A compressed secp256k1 public key.
pub type Secp256k1Key = [u8; 33];

/// A public key that an account can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// One key.
    Secp256k1(Secp256k1Key),
    /// Any `threshold` of several keys.
    Multisig(MultisigKey),
}

/// A k-of-n key. The order of the keys is part of its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultisigKey {
    /// How many must sign, at least 1.
    pub threshold: u8,
    /// The keys, at least `threshold`, at most 255.
    pub keys: Vec<Secp256k1Key>,
}

impl PublicKey {
    /// Reads the key that a wallet sent; `sdk/8` when it is of another type or malformed.
    pub fn from_any(any: &Any) -> Result<Self> {
        match any.type_url.as_str() {
            SECP256K1_TYPE => secp256k1_from_proto(&any.value).map(Self::Secp256k1),
            MULTISIG_TYPE => multisig_from_proto(&any.value).map(Self::Multisig),
            other => {
                let shown: String = other.chars().take(128).collect();
                Err(invalid(format!(
                    "public keys of type \"{shown}\" are not supported; use secp256k1 or multisig"
                )))
            }
        }
    }

    /// The key as wallets read it.
    pub fn to_any(&self) -> Any {
        match self {
            Self::Secp256k1(key) => secp256k1_to_any(key),
            Self::Multisig(multisig) => {
                let public_keys = multisig.keys.iter().map(secp256k1_to_any).collect();
                let proto = LegacyAminoPubKey { threshold: u32::from(multisig.threshold), public_keys };
                Any { type_url: MULTISIG_TYPE.into(), value: proto.encode_to_vec() }
            }
        }
    }

    /// The address that belongs to the key.
    pub fn address(&self) -> Address {
        match self {
            Self::Secp256k1(key) => Address::of_secp256k1(key),
            Self::Multisig(multisig) => multisig.address(),
        }
    }

    /// Appends the stored form: 01 ‖ 33 bytes, or 02 ‖ threshold ‖ 33 bytes for each key.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Secp256k1(key) => {
                out.push(SECP256K1_TAG);
                out.extend(key);
            }
            Self::Multisig(multisig) => {
                out.extend([MULTISIG_TAG, multisig.threshold]);
                multisig.keys.iter().for_each(|key| out.extend(key));
            }
        }
    }

    /// Reads the stored form.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&SECP256K1_TAG, key) => key.try_into().ok().map(Self::Secp256k1),
            (&MULTISIG_TAG, rest) => {
                let (threshold, keys) = rest.split_first()?;
                let (keys, torn): (&[Secp256k1Key], _) = keys.as_chunks();
                torn.is_empty()
                    .then(|| Self::Multisig(MultisigKey { threshold: *threshold, keys: keys.to_vec() }))
            }
            _ => None,
        }
    }
}

impl MultisigKey {
    /// Checks and makes a k-of-n key; `sdk/8` when 1 ≤ k ≤ n ≤ 255 does not hold.
    pub fn new(threshold: u32, keys: Vec<Secp256k1Key>) -> Result<Self> {
        let count = keys.len();
        match u8::try_from(threshold) {
            Ok(threshold) if threshold >= 1 && usize::from(threshold) <= count && count <= 255 => {
                Ok(Self { threshold, keys })
            }
            _ => Err(invalid(format!(
                "a multisig key needs 1 <= threshold <= keys <= 255, got {threshold} of {count}"
            ))),
        }
    }

    /// The first 20 bytes of the SHA-256 of the key's amino encoding, as every Cosmos wallet has it.
    fn address(&self) -> Address {
        let mut amino = AMINO_MULTISIG.to_vec();
        amino.push(0x08);
        prost::encoding::encode_varint(u64::from(self.threshold), &mut amino);
        for key in &self.keys {
            amino.extend([0x12, 38]);
            amino.extend(AMINO_SECP256K1);
            amino.extend(key);
        }
        let digest: [u8; 32] = Sha256::digest(&amino).into();
        let mut raw = [0; 20];
        raw.iter_mut().zip(digest).for_each(|(target, byte)| *target = byte);
        Address::of_twenty(raw)
    }
}

fn secp256k1_to_any(key: &Secp256k1Key) -> Any {
    Any { type_url: SECP256K1_TYPE.into(), value: PubKey { key: key.to_vec() }.encode_to_vec() }
}

fn secp256k1_from_proto(bytes: &[u8]) -> Result<Secp256k1Key> {
    let proto = PubKey::decode(bytes).map_err(|error| invalid(format!("secp256k1 key: {error}")))?;
    let length = proto.key.len();
    match Secp256k1Key::try_from(proto.key.as_slice()) {
        Ok(key @ [2 | 3, ..]) => Ok(key),
        _ => Err(invalid(format!("a secp256k1 key has 33 bytes in compressed form, got {length} bytes"))),
    }
}

fn multisig_from_proto(bytes: &[u8]) -> Result<MultisigKey> {
    let proto =
        LegacyAminoPubKey::decode(bytes).map_err(|error| invalid(format!("multisig key: {error}")))?;
    let member = |any: &Any| match any.type_url.as_str() {
        SECP256K1_TYPE => secp256k1_from_proto(&any.value),
        _ => Err(invalid("the members of a multisig key must be secp256k1 keys".into())),
    };
    MultisigKey::new(proto.threshold, proto.public_keys.iter().map(member).collect::<Result<_>>()?)
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_PUBKEY, why)
}
