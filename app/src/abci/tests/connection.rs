//! One connection over a scripted stream: the bytes of each read are given, each write is recorded.

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::abci::connection::{encode_block, Connection};
use crate::abci::receiver::Receiver;
use crate::abci::{Error, Limits, Malformed};

const LIMITS: Limits = Limits { request_bytes: 1 << 20 };

/// A stream whose reads return the given pieces, then its end.
#[derive(Default)]
struct Script {
    reads: VecDeque<Vec<u8>>,
    writes: Vec<Vec<u8>>,
}

impl Read for Script {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(!buffer.is_empty(), "a read into nothing looks like the end of the stream");
        let Some(mut piece) = self.reads.pop_front() else { return Ok(0) };
        let size = piece.len().min(buffer.len());
        buffer[..size].copy_from_slice(&piece[..size]);
        if size < piece.len() {
            self.reads.push_front(piece.split_off(size));
        }
        Ok(size)
    }
}

impl Write for Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes.push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What became of a connection on which the given pieces arrived.
struct Served {
    app: TestApp,
    outcome: Result<(), Error>,
    writes: Vec<Vec<u8>>,
}

impl Served {
    fn answers(&self) -> Vec<response::Value> {
        decode(&self.writes.concat())
    }

    /// What was malformed, after making sure that the last answer says it too.
    fn malformed(&self) -> Malformed {
        let error = self.outcome.as_ref().unwrap_err();
        let Error::Malformed { connection: 3, reason } = error else { panic!("{error}") };
        match self.answers().pop() {
            Some(response::Value::Exception(exception)) => assert_eq!(exception.error, error.to_string()),
            other => panic!("no exception but {other:?}"),
        }
        reason.clone()
    }
}

fn serve(pieces: impl IntoIterator<Item = Vec<u8>>) -> Served {
    let app = TestApp::default();
    let mut script = Script { reads: pieces.into_iter().collect(), ..Default::default() };
    let outcome = Connection::new(3, app.clone(), &mut script, LIMITS).serve();
    Served { app, outcome, writes: script.writes }
}

#[test]
fn every_call_of_abci_2_gets_the_answer_of_its_kind() {
    let served = serve([encode(all_kinds())]);
    let kind = |value: &dyn std::fmt::Debug| format!("{value:?}").split('(').next().unwrap().to_owned();
    let asked: Vec<_> = all_kinds().iter().map(|value| kind(value)).collect();
    let answered: Vec<_> = served.answers().iter().map(|value| kind(value)).collect();
    assert_eq!(answered, asked);
    assert!(matches!(served.outcome, Err(Error::Closed { connection: 3, unfinished: 0 })));
}

#[test]
fn answers_to_what_arrived_together_are_written_together() {
    let three = encode([check("a"), echo("b"), check("c")]);
    let served = serve([three.clone(), three]);
    assert_eq!(served.writes.len(), 2);
    assert_eq!(decode(&served.writes[0]).len(), 3);
    assert_eq!(decode(&served.writes[1]).len(), 3);
}

#[test]
fn flush_writes_all_answers_before_it_and_its_own() {
    let served = serve([encode([check("a"), check("b"), flush(), check("c")])]);
    assert_eq!(served.writes.len(), 2);
    let first = decode(&served.writes[0]);
    assert_eq!(first.len(), 3);
    assert!(matches!(first[2], response::Value::Flush(_)));
    assert_eq!(checked_tx(&decode(&served.writes[1])[0]), "c");
}

#[test]
fn large_answers_are_not_kept_until_a_flush() {
    let message = "m".repeat(40_000);
    let served = serve([encode([echo(&message), echo(&message), echo(&message), echo(&message)])]);
    assert!(served.writes.iter().all(|write| write.len() < 100_000));
    assert_eq!(served.answers().len(), 4);
}

#[test]
fn look_ahead_sees_exactly_the_consecutive_checks_received() {
    let mut first = encode([check("a"), check("b"), echo("x"), check("c"), flush(), check("d"), check("e")]);
    let second = encode([check("f"), check("g")]);
    first.extend(&second[..3]);
    let served = serve([first, second[3..].to_vec(), encode([flush()])]);
    let expected: [&[&str]; 4] = [&["a", "b"], &["c"], &["d", "e"], &["f", "g"]];
    assert_eq!(served.app.looked_ahead(), expected);
    assert_eq!(served.app.checked(), ["a", "b", "c", "d", "e", "f", "g"]);
}

#[test]
fn bytes_of_a_request_are_slices_of_the_receive_buffer() {
    let sent = encode([check("first"), check("second")]);
    let mut receiver = Receiver::new(LIMITS.request_bytes);
    receiver.fill(&mut &sent[..]).unwrap();
    let addresses = [0, 1].map(|_| match receiver.decode() {
        Ok(Some(request::Value::CheckTx(request))) => request.tx.as_ptr() as usize,
        other => panic!("{other:?}"),
    });
    let offset = |tx: &[u8]| sent.windows(tx.len()).position(|window| window == tx).unwrap();
    assert_eq!(addresses[1] - addresses[0], offset(b"second") - offset(b"first"));
}

#[test]
fn a_request_may_be_as_large_as_the_limit_and_no_larger() {
    let prefix = 3;
    let overhead = encode([check(vec![0; 1_000_000])]).len() - prefix - 1_000_000;
    let largest = LIMITS.request_bytes - overhead;
    let served = serve([encode([check(vec![0; largest]), check("a")])]);
    assert_eq!(served.answers().len(), 2);

    let served = serve([encode([check("a"), check(vec![0; largest + 1])])]);
    let (length, limit) = (LIMITS.request_bytes + 1, LIMITS.request_bytes);
    assert_eq!(served.malformed(), Malformed::TooLarge { length, limit });
    assert_eq!(served.app.checked(), ["a"], "what came before is answered");
    assert_eq!(served.answers().len(), 2);
}

#[test]
fn an_announced_size_is_refused_before_anything_of_that_size_arrives() {
    let mut huge = Vec::new();
    prost::encode_length_delimiter(usize::MAX, &mut huge).unwrap();
    assert!(matches!(serve([huge]).malformed(), Malformed::TooLarge { length: usize::MAX, .. }));
}

#[test]
fn a_length_that_is_no_varint_is_malformed() {
    assert_eq!(serve([vec![0xff; 10]]).malformed(), Malformed::Length);
    let mut beyond_64_bits = vec![0xff; 9];
    beyond_64_bits.push(2);
    assert_eq!(serve([beyond_64_bits]).malformed(), Malformed::Length);
}

#[test]
fn what_is_no_request_is_malformed() {
    assert!(matches!(serve([b"\x05GET /".to_vec()]).malformed(), Malformed::Protobuf(_)));
    assert_eq!(serve([vec![0]]).malformed(), Malformed::Unknown);
    let unassigned_tag = [4, 0xba, 0x06, 1, 0];
    assert_eq!(serve([unassigned_tag.to_vec()]).malformed(), Malformed::Unknown);
}

#[test]
fn an_unfinished_request_is_dropped_at_the_end() {
    let mut sent = encode([check("a"), check("never")]);
    sent.pop();
    let served = serve([sent]);
    assert_eq!(served.app.checked(), ["a"]);
    let unfinished = encode([check("never")]).len() - 1;
    match served.outcome {
        Err(Error::Closed { unfinished: reported, .. }) => assert_eq!(reported, unfinished),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_connection_never_used_ends_without_an_error() {
    assert!(serve([]).outcome.is_ok());
}

/// Cuts `bytes` into pieces of the given sizes, the last taking what is left.
fn cut(bytes: &[u8], sizes: impl IntoIterator<Item = usize>) -> Vec<Vec<u8>> {
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    for size in sizes {
        if size >= rest.len() {
            break;
        }
        let (piece, after) = rest.split_at(size);
        pieces.push(piece.to_vec());
        rest = after;
    }
    pieces.push(rest.to_vec());
    pieces
}

fn any_request() -> impl Strategy<Value = request::Value> {
    prop_oneof![
        6 => prop::collection::vec(any::<u8>(), 0..400).prop_map(check),
        1 => Just(flush()),
        1 => (0..20usize, 0..9000usize).prop_map(|(transactions, bytes)| block(transactions, bytes)),
        2 => (0..16usize).prop_map(|index| all_kinds().swap_remove(index)),
    ]
}

#[test]
fn the_answers_do_not_depend_on_how_the_requests_are_cut() {
    let config = ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed()),
        ..Default::default()
    };
    let requests = prop::collection::vec(any_request(), 1..60);
    let sizes = prop::collection::vec(prop_oneof![1..4usize, 1..400usize, 1..70_000usize], 0..200);
    proptest!(config, |(requests in requests, sizes in sizes)| {
        let sent = encode(requests.clone());
        let whole = serve([sent.clone()]);
        let pieces = serve(cut(&sent, sizes));
        prop_assert_eq!(whole.answers().len(), requests.len());
        prop_assert_eq!(whole.writes.concat(), pieces.writes.concat());
        prop_assert_eq!(pieces.app.looked_ahead().concat(), pieces.app.checked());
        prop_assert_eq!(whole.app.checked(), pieces.app.checked());
    });
}

#[test]
fn random_and_damaged_bytes_end_a_connection_and_nothing_else() {
    let mut random = Random(seed());
    for _ in 0..5_000 {
        let mut sent = if random.below(2) == 0 {
            let number = random.below(300);
            random.bytes(number)
        } else {
            let mut valid = encode(all_kinds());
            for _ in 0..=random.below(4) {
                let at = random.below(valid.len());
                valid[at] = random.next() as u8;
            }
            valid
        };
        sent.truncate(random.below(sent.len() + 1));
        let sizes: Vec<usize> = (0..20).map(|_| 1 + random.below(40)).collect();
        let served = serve(cut(&sent, sizes));
        match &served.outcome {
            Ok(()) => assert!(sent.is_empty()),
            Err(Error::Closed { unfinished, .. }) => assert!(*unfinished <= sent.len()),
            Err(Error::Malformed { .. }) => drop(served.malformed()),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn the_answer_to_a_block_has_the_bytes_of_its_message() {
    use tendermint_proto::v0_38::abci::{Event, EventAttribute, ExecTxResult, ValidatorUpdate};
    let event = |value: &str| Event {
        r#type: "transfer".into(),
        attributes: vec![EventAttribute { key: "amount".into(), value: value.into(), index: true }],
    };
    let result =
        ExecTxResult { gas_used: 7, events: vec![event("1"), event("2")], ..ExecTxResult::default() };
    for count in [0, 1, 200] {
        let block = ResponseFinalizeBlock {
            events: vec![event("3"); count],
            tx_results: vec![result.clone(); count],
            validator_updates: vec![ValidatorUpdate { pub_key: None, power: 5 }],
            consensus_param_updates: Some(tendermint_proto::v0_38::types::ConsensusParams::default()),
            app_hash: Bytes::from_static(&[9; 32]),
        };
        let expected = Response { value: Some(response::Value::FinalizeBlock(block.clone())) };
        let mut encoded = vec![0xaa];
        encode_block(block, &mut encoded);
        assert_eq!(encoded[1..], expected.encode_length_delimited_to_vec());
    }
}
