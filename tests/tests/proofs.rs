//! Proofs of state as a light client checks them: a value, and the absence of one, fetched from a node by `abci_query`
//! and verified against the app hash of a header that follows from an earlier one.

use std::time::Duration;

use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, HostFunctionsManager};
use jmes_modules::kernel::Address;
use jmes_tests::net::{Network, Node};
use jmes_tests::Key;
use jmesd::rpc::endpoint::abci_query::AbciQuery;
use jmesd::rpc::endpoint::{commit, validators};
use prost::Message;
use tendermint::block::signed_header::SignedHeader;
use tendermint::{block::Height, validator, AppHash};
use tendermint_light_client_verifier::options::Options;
use tendermint_light_client_verifier::types::{TrustThreshold, TrustedBlockState, UntrustedBlockState};
use tendermint_light_client_verifier::{ProdVerifier, Verdict, Verifier};

/// The key of an account in the store `auth` is this, the address's length and the address.
const ACCOUNT: u8 = 1;

#[test]
fn a_light_client_can_check_what_is_in_state_and_what_is_not() {
    let mut network = Network::start(4, "500ms");
    let node = &mut network.nodes[0];
    node.wait_for_height(12);
    let (trusted, height) = (2, 8);
    // The state after a block is in the header of the next one.
    let app_hash = verified_app_hash(node, trusted, height + 1);

    let known = account_key(Key::new(0).address());
    let value = query(node, "auth", &known, height);
    assert_eq!(value.value[16..32], 1_000_000_000_000_u128.to_be_bytes(), "the account's balance");
    assert!(is_member(&value, &app_hash, "auth", &known, &value.value));
    assert!(!is_member(&value, &app_hash, "auth", &known, b"another value"));
    assert!(!is_member(&value, &app_hash, "bank", &known, &value.value), "the proof is not of another store");
    let later = verified_app_hash(node, trusted, height + 2);
    assert_eq!(is_member(&value, &later, "auth", &known, &value.value), later == app_hash);

    let unknown = account_key(Key::new(77).address());
    let nothing = query(node, "auth", &unknown, height);
    assert!(nothing.value.is_empty());
    assert!(is_absent(&nothing, &app_hash, "auth", &unknown));
    assert!(!is_absent(&nothing, &app_hash, "auth", &known), "what is there is not absent");
    assert!(!is_absent(&value, &app_hash, "auth", &known));
}

fn account_key(address: Address) -> Vec<u8> {
    [&[ACCOUNT, 20], address.as_bytes()].concat()
}

/// The app hash in the header of `height`, once a verifier that trusts the header of `trusted` accepts that header.
fn verified_app_hash(node: &Node, trusted: u64, height: u64) -> AppHash {
    let (known, known_next) = (signed_header(node, trusted), validators_at(node, trusted + 1));
    let (new, set, next) =
        (signed_header(node, height), validators_at(node, height), validators_at(node, height + 1));
    let options = Options {
        trust_threshold: TrustThreshold::ONE_THIRD,
        trusting_period: Duration::from_secs(3_600),
        clock_drift: Duration::from_secs(10),
    };
    let now = node.rpc.header(None).expect("the latest header").time;
    let verdict = |header: &SignedHeader| {
        let untrusted =
            UntrustedBlockState { signed_header: header, validators: &set, next_validators: Some(&next) };
        let trusted = TrustedBlockState {
            chain_id: &known.header.chain_id,
            header_time: known.header.time,
            height: known.header.height,
            next_validators: &known_next,
            next_validators_hash: known.header.next_validators_hash,
        };
        ProdVerifier::default().verify_update_header(untrusted, trusted, &options, now)
    };
    let mut forged = new.clone();
    forged.header.app_hash = AppHash::default();
    assert!(!matches!(verdict(&forged), Verdict::Success), "the verifier accepts anything");
    assert_eq!(verdict(&new), Verdict::Success);
    new.header.app_hash.clone()
}

fn signed_header(node: &Node, height: u64) -> SignedHeader {
    node.rpc.call(commit::Request::new(at(height))).expect("the commit").signed_header
}

fn validators_at(node: &Node, height: u64) -> validator::Set {
    let request = validators::Request::new(Some(at(height)), Some(1.into()), Some(100_u8.into()));
    validator::Set::without_proposer(node.rpc.call(request).expect("the validators").validators)
}

fn at(height: u64) -> Height {
    Height::try_from(height).expect("a height")
}

/// What the store `store` has at `key` after block `height`, with proofs.
fn query(node: &Node, store: &str, key: &[u8], height: u64) -> AbciQuery {
    let answer = node.rpc.abci_query(&format!("/store/{store}/key"), key.to_vec(), Some(height), true);
    let answer = answer.expect("an answer");
    assert!(answer.code.is_ok(), "{answer:?}");
    assert_eq!(answer.height.value(), height);
    answer
}

/// Whether the answer proves that `value` is at `key` in `store` under `app_hash`.
fn is_member(answer: &AbciQuery, app_hash: &AppHash, store: &str, key: &[u8], value: &[u8]) -> bool {
    let [leaf, top] = proofs(answer);
    let Some(Proof::Exist(existence)) = &leaf.proof else { return false };
    let Ok(root) = ics23::calculate_existence_root::<HostFunctionsManager>(existence) else { return false };
    verify_member(&leaf, &root, key, value)
        && verify_member(&top, app_hash.as_bytes(), store.as_bytes(), &root)
}

/// Whether the answer proves that nothing is at `key` in `store` under `app_hash`.
fn is_absent(answer: &AbciQuery, app_hash: &AppHash, store: &str, key: &[u8]) -> bool {
    let [leaf, top] = proofs(answer);
    let Some(Proof::Nonexist(absence)) = &leaf.proof else { return false };
    let neighbour = absence.left.as_ref().or(absence.right.as_ref()).expect("a neighbour");
    let Ok(root) = ics23::calculate_existence_root::<HostFunctionsManager>(neighbour) else { return false };
    ics23::verify_non_membership::<HostFunctionsManager>(&leaf, &jmt::ics23_spec(), &root, key)
        && verify_member(&top, app_hash.as_bytes(), store.as_bytes(), &root)
}

fn verify_member(proof: &CommitmentProof, root: &[u8], key: &[u8], value: &[u8]) -> bool {
    let root = root.to_vec();
    ics23::verify_membership::<HostFunctionsManager>(proof, &jmt::ics23_spec(), &root, key, value)
}

/// The two proofs of an answer: the key in its store, the store under the app hash.
fn proofs(answer: &AbciQuery) -> [CommitmentProof; 2] {
    let ops = &answer.proof.as_ref().expect("proofs").ops;
    let decode = |index: usize| CommitmentProof::decode(ops[index].data.as_slice()).expect("a proof");
    assert_eq!(ops.len(), 2);
    [decode(0), decode(1)]
}
