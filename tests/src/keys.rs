//! Wallets: keys that are the same in every run, alone and in groups. They sign with `k256`, not with the library
//! that the node verifies with.

use cosmos_sdk_proto::cosmos::crypto::multisig::v1beta1::CompactBitArray;
use jmes_modules::auth::{MultisigKey, PublicKey};
use jmes_modules::kernel::Address;
use k256::ecdsa::signature::Signer as _;
use k256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};

/// A secp256k1 key.
#[derive(Clone, Debug)]
pub struct Key {
    secret: SigningKey,
    public: [u8; 33],
}

impl Key {
    /// The key with this number.
    pub fn new(number: u64) -> Self {
        let seed = Sha256::new().chain_update("jmes test key").chain_update(number.to_be_bytes()).finalize();
        let secret = SigningKey::from_slice(&seed).expect("a hash is a key, all but never not");
        let point = secret.verifying_key().to_encoded_point(true);
        Self { secret, public: point.as_bytes().try_into().expect("a compressed point has 33 bytes") }
    }

    /// The compressed public key.
    pub const fn bytes(&self) -> [u8; 33] {
        self.public
    }

    /// The public key.
    pub const fn public(&self) -> PublicKey {
        PublicKey::Secp256k1(self.public)
    }

    /// The address.
    pub fn address(&self) -> Address {
        self.public().address()
    }

    /// The signature of the SHA-256 of `bytes`: r ‖ s with the lower s.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature: Signature = self.secret.sign(bytes);
        signature.normalize_s().unwrap_or(signature).to_vec()
    }
}

/// A k-of-n multisig.
#[derive(Clone, Debug)]
pub struct Group {
    /// How many must sign.
    pub threshold: u8,
    /// The members, in the order that is part of the group's address.
    pub members: Vec<Key>,
}

impl Group {
    /// `threshold` of the keys with these numbers.
    pub fn new(threshold: u8, numbers: &[u64]) -> Self {
        Self { threshold, members: numbers.iter().copied().map(Key::new).collect() }
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        let keys = self.members.iter().map(Key::bytes).collect();
        PublicKey::Multisig(MultisigKey::new(self.threshold.into(), keys).expect("the group is a sound one"))
    }

    /// The address.
    pub fn address(&self) -> Address {
        self.public().address()
    }

    /// The bits of those members that sign.
    pub fn bits(&self, signing: &[usize]) -> CompactBitArray {
        let count = self.members.len();
        let mut elems = vec![0; count.div_ceil(8)];
        for index in signing {
            elems[index / 8] |= 1 << (7 - index % 8);
        }
        CompactBitArray { extra_bits_stored: (count % 8) as u32, elems }
    }
}
