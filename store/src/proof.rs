//! ICS-23 proofs of a key against the app hash: first the key in its store's tree, then the store in the tree of
//! stores.

use ics23::commitment_proof::Proof as Ics23;
use ics23::CommitmentProof;

use crate::format::{self, TOP_TREE};
use crate::rocks::Column;
use crate::tree::{self, key_hash, Hash, ProofError, Root};
use crate::{fatal, Error, Snapshot};

impl Snapshot {
    /// Proves what `key` of the store named `store` holds at this height: its value, or `None`, with two proofs. The
    /// first is of `key` (raw) in the store's tree, of existence or of absence; the second is of the store's name with
    /// the root of that tree (32 bytes) as value, against the app hash of this height. Both verify with
    /// [`tree::proof_spec`].
    ///
    /// # Errors
    /// The height has no such store, ICS-23 has no proof of what was asked (the store or the key is empty, or an
    /// empty value is involved), or the database contradicts itself.
    pub fn prove(&self, store: &str, key: &[u8]) -> Result<(Option<Vec<u8>>, [CommitmentProof; 2]), Error> {
        let roots = self.roots()?;
        let unknown = || Error::UnknownStore { name: store.to_owned(), height: self.height() };
        // Numbers go up with time: those without a root at this height are of stores that came later.
        let names = &self.layout().names;
        let number = names.iter().position(|name| name == store).ok_or_else(unknown)?;
        let root = roots.stores.get(number).ok_or_else(unknown)?;
        let proof =
            self.prove_in(store, number as u8, root, key, |hash| self.preimage(number as u8, hash))?;
        let in_top = self.prove_in(store, TOP_TREE, &roots.top, store.as_bytes(), |hash| {
            let (name, root) =
                names.iter().zip(&roots.stores).find(|(name, _)| key_hash(name.as_bytes()) == *hash)?;
            Some((name.clone().into_bytes(), root.hash().to_vec()))
        })?;
        let value = match &proof.proof {
            Some(Ics23::Exist(exist)) => Some(exist.value.clone()),
            _ => None,
        };
        Ok((value, [proof, in_top]))
    }

    /// The ICS-23 proof of `key` in one tree; `preimage` gives the key and value of a key hash.
    fn prove_in(
        &self,
        store: &str,
        tree: u8,
        root: &Root,
        key: &[u8],
        preimage: impl Fn(&Hash) -> Option<(Vec<u8>, Vec<u8>)>,
    ) -> Result<CommitmentProof, Error> {
        let unprovable = |reason| Error::Unprovable { name: store.to_owned(), height: self.height(), reason };
        let corrupt = |err: &dyn std::error::Error| Error::Corrupt(err.to_string());
        if key.is_empty() {
            return Err(unprovable("ICS-23 has no proofs of the empty key"));
        }
        let proof = tree::prove(&self.nodes(tree), root, &key_hash(key)).map_err(|err| corrupt(&err))?;
        let proof = proof.to_ics23(key, preimage).map_err(|err| match err {
            ProofError::EmptyTree => {
                unprovable("the store is empty, and ICS-23 proves absence by a neighbour")
            }
            other => corrupt(&other),
        })?;
        let leaves = match &proof.proof {
            Some(Ics23::Exist(leaf)) => [Some(leaf), None],
            Some(Ics23::Nonexist(absence)) => [absence.left.as_ref(), absence.right.as_ref()],
            _ => [None, None],
        };
        if leaves.into_iter().flatten().any(|leaf| leaf.key.is_empty() || leaf.value.is_empty()) {
            return Err(unprovable("ICS-23 has no proofs that involve an empty key or value"));
        }
        Ok(proof)
    }

    /// The key behind a key hash of the store with number `store`, and its value at this height.
    pub(crate) fn preimage(&self, store: u8, hash: &Hash) -> Option<(Vec<u8>, Vec<u8>)> {
        let key = self.pinned().value(Column::Preimages, &format::preimage_key(store, hash));
        let key = key.unwrap_or_else(|err| fatal("reading a key for a proof", err))?.to_vec();
        let value =
            self.try_value(store, &key).unwrap_or_else(|err| fatal("reading a value for a proof", err))?;
        Some((key, value))
    }
}
