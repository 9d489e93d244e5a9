//! Mutated input without end, for 10 s at each door, a minute with `JMES_TEST_LONG`, or `JMES_FUZZ_SECONDS`: decoding a
//! transaction, CheckTx, the query router. Nothing panics, every refusal has a code, and what is refused changes no state.
//!
//! The seed is printed when a test fails, as is the input; `JMES_TEST_SEED` repeats a run.

use jmes_modules::kernel::{codes, Address};
use jmes_proto::cosmos::auth::v1beta1::{QueryAccountRequest, QueryAccountsRequest};
use jmes_proto::cosmos::bank::v1beta1::{
    QueryAllBalancesRequest, QueryBalanceRequest, QueryDenomOwnersRequest, QueryTotalSupplyRequest,
};
use jmes_proto::cosmos::base::query::v1beta1::PageRequest;
use jmes_tests::{is_long, seed, Genesis, Random, TestChain, Workload};
use jmesd::chain::Tx;
use prost::Message;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::{Duration, Instant};
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::RequestQuery;

/// Runs `step` with new randomness until the time is over. A panic is reported with what `step` was given.
fn fuzz<I: AsRef<[u8]>>(mut input: impl FnMut(&mut Random) -> I, mut step: impl FnMut(&mut Random, &I)) {
    let usual = if is_long() { 60 } else { 10 };
    let seconds =
        std::env::var("JMES_FUZZ_SECONDS").map_or(usual, |seconds| seconds.parse().expect("whole seconds"));
    let mut random = Random::new(seed());
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut runs = 0;
    while Instant::now() < end {
        let given = input(&mut random);
        let result = catch_unwind(AssertUnwindSafe(|| step(&mut random, &given)));
        assert!(result.is_ok(), "failed with {}", hex::encode(given.as_ref()));
        runs += 1;
    }
    println!("{runs} inputs in {seconds} s");
    assert!(runs > 100, "only {runs} inputs in {seconds} s: too few to find anything");
}

/// Two nodes with the same state and transactions that fit it.
fn fixture() -> (TestChain, TestChain, Vec<Vec<u8>>) {
    let mut workload = Workload::new(3);
    let start = || {
        let owners = workload.owners().into_iter();
        let genesis = owners.fold(Genesis::new(), |genesis, owner| genesis.with(owner, "50000000ujmes"));
        let chain = TestChain::new(&genesis);
        chain.block(&[]);
        chain
    };
    let (chain, twin) = (start(), start());
    let corpus = workload.txs(&chain, 200);
    (chain, twin, corpus)
}

fn mutated(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let base = random.pick(corpus).clone();
    let other = random.pick(corpus).clone();
    random.mutate(&base, &other)
}

#[test]
fn decoding_a_transaction() {
    let (chain, _, corpus) = fixture();
    let mut decoded = 0;
    fuzz(
        |random| mutated(random, &corpus),
        |_, tx| match Tx::decode(chain.chain().routes(), tx) {
            Ok(tx) => {
                decoded += 1;
                assert!(!tx.msgs.is_empty() && tx.signers.contains(&tx.fee_payer));
                assert_eq!(
                    (tx.signers.len(), tx.signers.len()),
                    (tx.signatures.len(), tx.signer_infos.len())
                );
            }
            Err(error) => {
                assert!(error.codespace == codes::SDK && error.code > 1 && !error.message.is_empty())
            }
        },
    );
    assert!(decoded > 0, "some changes leave a transaction that can be decoded");
}

#[test]
fn checking_a_transaction() {
    let (chain, twin, corpus) = fixture();
    let no_txs = [""; 0];
    let untouched = twin.finalize(&no_txs).app_hash;
    let mut count = 0;
    fuzz(
        |random| mutated(random, &corpus),
        |random, tx| {
            let checked = if random.once_in(4) { chain.recheck(tx) } else { chain.check(tx) };
            let refused = checked.code != 0;
            assert_eq!((refused, refused), (!checked.codespace.is_empty(), !checked.log.is_empty()));
            assert!(!refused || (checked.code > 1 && checked.data.is_empty() && checked.events.is_empty()));
            if let Err(error) = chain.chain().simulate(tx) {
                assert!(error.code > 1 && !error.codespace.is_empty());
            }
            let proposal = chain.prepare(&[&tx], u64::MAX);
            assert_eq!(proposal.len() == 1, chain.process(&[&tx]));
            count += 1;
            if count % 50 == 0 {
                assert_eq!(chain.finalize(&no_txs).app_hash, untouched, "checks change no state");
            }
            if proposal.is_empty() {
                let finalized = chain.finalize(&[&tx]);
                assert!(finalized.txs[0].error.is_some());
                assert_eq!(finalized.app_hash, untouched, "what is refused changes no state");
            }
        },
    );
}

/// Requests of every shape that the queries take.
fn requests(owner: Address) -> Vec<Vec<u8>> {
    let address = owner.to_string();
    let denom = || "ujmes".to_owned();
    let pages = [
        PageRequest::default(),
        PageRequest { limit: 5, count_total: true, ..PageRequest::default() },
        PageRequest { offset: 3, reverse: true, ..PageRequest::default() },
        PageRequest { key: vec![20, 1, 2, 3], limit: u64::MAX, ..PageRequest::default() },
    ];
    let mut requests = vec![
        Vec::new(),
        QueryAccountRequest { address: address.clone() }.encode_to_vec(),
        QueryBalanceRequest { address: address.clone(), denom: denom() }.encode_to_vec(),
    ];
    for page in pages {
        let pagination = Some(page);
        requests.push(QueryAccountsRequest { pagination: pagination.clone() }.encode_to_vec());
        requests.push(QueryTotalSupplyRequest { pagination: pagination.clone() }.encode_to_vec());
        requests
            .push(QueryDenomOwnersRequest { denom: denom(), pagination: pagination.clone() }.encode_to_vec());
        let address = address.clone();
        requests.push(QueryAllBalancesRequest { address, pagination, resolve_denom: true }.encode_to_vec());
    }
    requests
}

#[test]
fn routing_a_query() {
    let (chain, twin, corpus) = fixture();
    let requests = requests(Workload::new(3).owners()[0]);
    let mut paths: Vec<String> = chain.chain().query_paths().into_iter().map(str::to_owned).collect();
    paths.extend(jmes_modules::STORES.iter().map(|store| format!("/store/{store}/key")));
    paths.extend(["/app/version".into(), "/cosmos.tx.v1beta1.Service/Simulate".into()]);
    let corpus: Vec<Vec<u8>> = requests.into_iter().chain(corpus).collect();
    let mut answered = 0;
    fuzz(
        |random| mutated(random, &corpus),
        |random, data| {
            let mut path = random.pick(&paths).clone();
            if random.once_in(10) {
                let other = random.pick(&paths).clone();
                path =
                    String::from_utf8_lossy(&random.mutate(path.as_bytes(), other.as_bytes())).into_owned();
            }
            let height = *random.pick(&[0, 0, 0, 1, 2, -1, i64::MAX, i64::MIN]);
            let prove = random.once_in(3);
            let request = RequestQuery { path, data: data.clone().into(), height, prove };
            let response = Application::query(chain.chain(), request.clone());
            assert_eq!(response.height, 1, "{request:?}");
            answered += usize::from(response.code == 0);
            let refused = response.code != 0;
            assert_eq!(
                (refused, refused),
                (!response.codespace.is_empty(), !response.log.is_empty()),
                "{request:?}"
            );
        },
    );
    assert!(answered > 100, "most changes leave a request that can be answered");
    chain.block(&[]);
    twin.block(&[]);
    assert_eq!(chain.app_hash(), twin.app_hash(), "queries change no state");
}
