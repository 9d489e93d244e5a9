//! The life of an artwork on a chain (§13): minted by a decision of the DAO, sent on, and proved to somebody who has a header
//! of the chain and Python.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use jmes_modules::kernel::{codes, message_to_json, Address};
use jmes_modules::slots::{self, Feature};
use jmes_modules::{artwork, emission, identity};
use jmes_proto::cosmos::nft::v1beta1::MsgSend;
use jmes_proto::jmes::artwork::v1::MsgMint;
use jmes_proto::jmes::dao::v1::{Member, MsgRegisterDao, MsgSubmitProposal};
use jmes_proto::jmes::emission::v1::Params;
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_proto::{Any, Duration};
use jmes_tests::{Draft, Genesis, Key, TestChain};
use jmesd::chain::TxOutcome;
use prost::{Message, Name};
use serde_json::{json, Value};
use std::process::{Command, Output};
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::RequestQuery;

const CLASS: &str = "artwork-artbasel";

/// Sends one message alone.
fn send<M: Message + Name>(chain: &TestChain, sender: u64, msg: &M) -> TxOutcome {
    let draft = Draft::new().gas(3_000_000).fee(7_500).and(msg);
    chain.deliver(&chain.sign(&draft, &[&Key::new(sender)]))
}

#[track_caller]
fn done(outcome: &TxOutcome) {
    assert_eq!(outcome.error, None);
}

/// A chain with a DAO of one member that is an art dealer, and its first artwork `blue`.
fn with_artwork() -> (TestChain, Address) {
    let params = Params { idp_blocks: 2, ..emission::default_params() };
    let genesis = Genesis::new().set("emission/params", message_to_json(&params).unwrap());
    let genesis =
        (0..4).fold(genesis, |genesis, number| genesis.with(Key::new(number).address(), "1000000000ujmes"));
    let chain = TestChain::new(&genesis);
    chain.blocks(3);
    let founder = Key::new(0).address().to_string();
    done(&send(&chain, 0, &MsgRegisterUser { creator: founder.clone(), name: "founder".into() }));
    let dao = MsgRegisterDao {
        creator: founder.clone(),
        name: "artbasel".into(),
        members: vec![Member { address: founder.clone(), power: 1 }],
        threshold: 1,
        voting_period: Some(Duration { seconds: 86_400, nanos: 0 }),
    };
    done(&send(&chain, 0, &dao));
    let dao = identity::by_name(&chain.view(), "artbasel").unwrap().expect("it has its name").address;
    let grant = |ctx: &mut _| slots::grant(ctx, &dao, Feature::ArtDealer, 1, 1_000);
    let chain = chain.altered(grant).expect("the DAO is there");
    chain.blocks(1);
    let msg = mint(dao, "blue");
    let proposal = MsgSubmitProposal {
        proposer: founder,
        dao: dao.to_string(),
        title: "Mint it".into(),
        messages: vec![Any { type_url: "/jmes.artwork.v1.MsgMint".into(), value: msg.encode_to_vec() }],
        execute: true,
        ..MsgSubmitProposal::default()
    };
    done(&send(&chain, 0, &proposal));
    (chain, dao)
}

fn mint(dao: Address, id: &str) -> MsgMint {
    MsgMint {
        dao: dao.to_string(),
        id: id.into(),
        owner: Key::new(1).address().to_string(),
        uri: "ipfs://picture".into(),
        uri_hash: "abcd".into(),
        title: "Komposition in Blau – 蓝".into(),
        artist: "A. Painter".into(),
        royalty_bps: 750,
        data: "{\"year\": 2027}".into(),
    }
}

fn give(id: &str, sender: u64, receiver: u64) -> MsgSend {
    MsgSend {
        class_id: CLASS.into(),
        id: id.into(),
        sender: Key::new(sender).address().to_string(),
        receiver: Key::new(receiver).address().to_string(),
    }
}

#[test]
fn an_artwork_is_minted_by_the_dao_and_sent_by_its_owner() {
    let (chain, dao) = with_artwork();
    let owner = |chain: &TestChain| artwork::owner(&chain.view(), CLASS, "blue").unwrap();
    assert_eq!(owner(&chain), Some(Key::new(1).address()));
    done(&send(&chain, 1, &give("blue", 1, 2)));
    assert_eq!(owner(&chain), Some(Key::new(2).address()));
    let error = send(&chain, 1, &give("blue", 1, 3)).error.expect("it is another's");
    assert_eq!((error.codespace, error.code), ("sdk", codes::UNAUTHORIZED));
    // Nobody but the DAO mints in its name.
    let minted = artwork::supply(&chain.view(), CLASS).unwrap();
    assert!(send(&chain, 1, &mint(dao, "red")).error.is_some());
    assert_eq!(artwork::supply(&chain.view(), CLASS), Ok(minted));
    chain.chain().check_invariants().unwrap();
    chain.blocks(1);
    let next = chain.continued();
    next.blocks(1);
    assert_eq!(next.export().app_state["artwork"], chain.export().app_state["artwork"]);
}

/// The answer of `abci_query` as the engine writes it.
fn answer(chain: &TestChain, class: &str, id: &str) -> Value {
    let key = [&[2], class.as_bytes(), &[0], id.as_bytes(), &[0]].concat();
    let path = "/store/artwork/key".into();
    let request = RequestQuery { data: key.into(), path, height: 0, prove: true };
    let answer = Application::query(chain.chain(), request);
    let op = |op: &tendermint_proto::v0_38::crypto::ProofOp| json!({"type": op.r#type, "data": STANDARD.encode(&op.data)});
    let ops: Vec<Value> = answer.proof_ops.as_ref().expect("proofs").ops.iter().map(op).collect();
    json!({"code": answer.code, "value": STANDARD.encode(&answer.value), "proofOps": {"ops": ops}})
}

fn verify(answer: &Value, app_hash: &[u8], class: &str, id: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("answer.json");
    std::fs::write(&file, answer.to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/verify-artwork");
    let hash = hex::encode(app_hash);
    Command::new("python3")
        .arg(script)
        .arg("--answer")
        .arg(&file)
        .args([hash.as_str(), class, id])
        .output()
        .unwrap()
}

#[test]
fn a_script_proves_the_record_against_the_header() {
    let (chain, dao) = with_artwork();
    let given = answer(&chain, CLASS, "blue");
    let hash = chain.app_hash();
    let proved = verify(&given, &hash, CLASS, "blue");
    assert!(proved.status.success(), "{}", String::from_utf8_lossy(&proved.stderr));
    let record: Value = serde_json::from_slice(&proved.stdout).unwrap();
    let minted = record["minted_height"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(minted > 0 && minted <= chain.chain().height());
    let asked = mint(dao, "blue");
    assert_eq!(
        record,
        json!({
            "class_id": CLASS, "id": "blue", "uri": asked.uri, "uri_hash": asked.uri_hash, "dao": asked.dao,
            "title": asked.title, "artist": asked.artist, "royalty_bps": 750, "data": asked.data,
            "feature": "art_dealer", "proposal_id": "1", "minted_height": minted.to_string(),
        })
    );

    let refused = |answer: &Value, hash: &[u8], id: &str, why: &str| {
        let output = verify(answer, hash, CLASS, id);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why), "{said}");
    };
    refused(&given, &[7; 32], "blue", "another app hash");
    refused(&given, &hash, "red", "another key or value");
    let mut forged = given.clone();
    let mut value = STANDARD.decode(given["value"].as_str().unwrap()).unwrap();
    *value.last_mut().unwrap() ^= 1;
    forged["value"] = STANDARD.encode(&value).into();
    refused(&forged, &hash, "blue", "another key or value");
    refused(&answer(&chain, CLASS, "red"), &hash, "red", "has no artwork red");
}
