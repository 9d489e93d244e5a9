//! Transactions (PROTOCOL.md, section 4) through the chain's own functions: who signs how, what is refused with which
//! code, what stays after a failure, and what the mempool and proposals make of it.

mod failures;
mod free;
mod mempool;
mod messages;
mod proposals;
mod refusals;
mod signing;
mod simulation;

use jmes_modules::kernel::Error;
use jmes_tests::{Genesis, Group, Key, TestChain};
use jmesd::chain::{Settings, TxOutcome};
use prost::Message;

/// What each of the wallets has in the beginning, in Nils.
const FUNDS: u128 = 1_000_000;

/// A chain with funded wallets and one block.
struct Fixture {
    chain: TestChain,
    alice: Key,
    bob: Key,
    /// Two of three.
    group: Group,
    /// Has no account.
    nobody: Key,
}

impl Fixture {
    fn new() -> Self {
        Self::with(Genesis::new(), Settings::default())
    }

    fn with(genesis: Genesis, settings: Settings) -> Self {
        let (alice, bob, group) = (Key::new(0), Key::new(1), Group::new(2, &[10, 11, 12]));
        let funds = format!("{FUNDS}ujmes");
        let genesis = [alice.address(), bob.address(), group.address()]
            .into_iter()
            .fold(genesis, |genesis, owner| genesis.with(owner, &funds));
        let chain = TestChain::with_settings(&genesis, settings);
        chain.block(&[]);
        Self { chain, alice, bob, group, nobody: Key::new(99) }
    }
}

/// The refusal of a transaction that must have failed.
#[track_caller]
fn refusal(outcome: &TxOutcome) -> Error {
    outcome.error.clone().expect("the transaction fails")
}

#[track_caller]
fn assert_done(outcome: &TxOutcome) {
    assert_eq!(outcome.error, None);
}

#[track_caller]
fn assert_failed(outcome: &TxOutcome, codespace: &str, code: u32, message: &str) {
    let error = refusal(outcome);
    assert_eq!((error.codespace, error.code, error.message.as_str()), (codespace, code, message));
}

/// The same transaction after `change`, signatures as they were.
fn tampered(tx: &[u8], change: impl FnOnce(&mut jmes_proto::cosmos::tx::v1beta1::TxRaw)) -> Vec<u8> {
    let mut raw = jmes_proto::cosmos::tx::v1beta1::TxRaw::decode(tx).expect("it is a transaction");
    change(&mut raw);
    raw.encode_to_vec()
}

/// The same transaction after `change` of its `AuthInfo`.
fn with_auth_info(tx: &[u8], change: impl FnOnce(&mut jmes_proto::cosmos::tx::v1beta1::AuthInfo)) -> Vec<u8> {
    tampered(tx, |raw| {
        let bytes = raw.auth_info_bytes.as_slice();
        let mut auth = jmes_proto::cosmos::tx::v1beta1::AuthInfo::decode(bytes).expect("it is an AuthInfo");
        change(&mut auth);
        raw.auth_info_bytes = auth.encode_to_vec();
    })
}
