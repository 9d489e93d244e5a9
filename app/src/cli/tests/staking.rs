//! `jmesd tx staking` and `tx slashing`: from flags to messages, and what is refused before anything is signed.

use cosmos_sdk_proto::cosmos::bank::v1beta1 as bank;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as staking;
use cosmos_sdk_proto::cosmos::{crypto::ed25519, slashing::v1beta1 as slashing};
use jmes_modules::kernel::Address;
use jmes_modules::seats::{possession_bytes, work_hash};
use jmes_proto::jmes::{premint::v1 as premint, staking::v1 as seats};
use prost::Message;
use serde_json::{json, Value};

use super::economy::{at, chain, operator, ujmes, validator, SEATS, VALIDATOR, VALIDATORS};
use super::node::{Chain, Node, CHAIN_ID};
use super::transactions::decode;
use super::*;

const DELEGATION: &str = "/cosmos.staking.v1beta1.Query/Delegation";
const UNBONDING: &str = "/cosmos.staking.v1beta1.Query/UnbondingDelegation";
const SPENDABLE: &str = "/cosmos.bank.v1beta1.Query/SpendableBalanceByDenom";
const WALLET: &str = "/jmes.premint.v1.Query/Wallet";
const SEAT_PARAMS: &str = "/jmes.staking.v1.Query/Params";
const SIGNING_INFO: &str = "/cosmos.slashing.v1beta1.Query/SigningInfo";
/// An ed25519 key pair: seed and public key.
const SEED: [u8; 32] = [9; 32];

/// `tx` of the key `one` and what follows, with a test keyring.
pub(super) fn tx(home: &Path, node: &Node, words: &[&str]) -> Ran {
    let flags = ["--from", "one", "--keyring-backend", "test", "--node", &node.url];
    let words: Vec<&str> = ["tx"].iter().chain(words).chain(&flags).copied().collect();
    run(home, "", &words)
}

/// The first message that `--generate-only` prints; no node is asked.
fn message(home: &Path, words: &[&str]) -> Value {
    let flags = ["--from", "one", "--keyring-backend", "test", "--generate-only"];
    let words: Vec<&str> = ["tx"].iter().chain(words).chain(&flags).copied().collect();
    run(home, "", &words).json()["body"]["messages"][0].clone()
}

/// What is said about a transaction that is refused before it is signed.
fn refusal(chain: Chain, words: &[&str]) -> String {
    let (home, node) = (home_with_keys(), Node::start(chain));
    let said = tx(home.path(), &node, &[words, &["-y"]].concat()).error();
    assert!(node.sent().is_empty());
    said
}

fn can_spend(chain: Chain, nils: &str) -> Chain {
    let balance = bank::QuerySpendableBalanceByDenomResponse { balance: Some(ujmes(nils)) };
    chain.with(SPENDABLE, &balance).without(WALLET)
}

fn has_bonded(nils: &str) -> Chain {
    let response =
        staking::DelegationResponse { delegation: Some(Default::default()), balance: Some(ujmes(nils)) };
    chain().with(DELEGATION, &staking::QueryDelegationResponse { delegation_response: Some(response) })
}

#[test]
fn bonds_become_messages_of_whole_nils() {
    let home = home_with_keys();
    let (alice, bob) = (operator(ABANDON_ADDRESS), operator(SPECIAL_ADDRESS));
    let amount = json!({"denom": "ujmes", "amount": "1500000"});
    assert_eq!(
        message(home.path(), &["staking", "delegate", SPECIAL_ADDRESS, "1.5JMES"]),
        json!({
            "@type": "/cosmos.staking.v1beta1.MsgDelegate", "delegator_address": ABANDON_ADDRESS,
            "validator_address": bob, "amount": amount,
        })
    );
    assert_eq!(
        message(home.path(), &["staking", "redelegate", &bob, &alice, "1500000nils"]),
        json!({
            "@type": "/cosmos.staking.v1beta1.MsgBeginRedelegate", "delegator_address": ABANDON_ADDRESS,
            "validator_src_address": bob, "validator_dst_address": alice, "amount": amount,
        })
    );
    assert_eq!(
        message(home.path(), &["staking", "unbond", &bob, "1500000ujmes"]),
        json!({
            "@type": "/cosmos.staking.v1beta1.MsgUndelegate", "delegator_address": ABANDON_ADDRESS,
            "validator_address": bob, "amount": amount,
        })
    );
    assert_eq!(
        message(home.path(), &["staking", "cancel-unbond", &bob, "1.5JMES", "77"]),
        json!({
            "@type": "/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation", "delegator_address": ABANDON_ADDRESS,
            "validator_address": bob, "amount": amount, "creation_height": "77",
        })
    );
    assert_eq!(
        message(home.path(), &["slashing", "unjail"]),
        json!({"@type": "/cosmos.slashing.v1beta1.MsgUnjail", "validator_addr": alice})
    );
}

#[test]
fn a_delegation_reaches_the_node() {
    let (home, node) = (home_with_keys(), Node::start(can_spend(chain(), "2000000")));
    tx(home.path(), &node, &["staking", "delegate", ABANDON_ADDRESS, "1JMES", "-y"]).out();
    let (_, body, auth) = decode(&node.sent()[0]);
    let message = staking::MsgDelegate::decode(body.messages[0].value.as_slice()).unwrap();
    assert_eq!(message.validator_address, operator(ABANDON_ADDRESS));
    assert_eq!(auth.fee.unwrap().amount[0].amount, "1000");
}

#[test]
fn nobody_bonds_without_saying_who() {
    let home = home_with_keys();
    let said = run(home.path(), "", &["tx", "staking", "delegate", ABANDON_ADDRESS, "1JMES"]).error();
    assert_eq!(said, "say who signs: --from with the name or address of a key");
}

#[test]
fn an_unknown_validator_is_named_with_those_that_may_be_meant() {
    let said = refusal(chain(), &["staking", "delegate", "alise", "1JMES"]);
    assert!(said.ends_with(&format!("Did you mean {} (alice)?", operator(ABANDON_ADDRESS))), "{said}");
    let nobody = "jmes15tnufx4334r5qcmqx5vwzuery3jh4ghtqyq69l";
    let said = refusal(chain().without(VALIDATOR), &["staking", "delegate", nobody, "1JMES"]);
    assert!(said.contains("`jmesd query staking validators` lists all"), "{said}");
}

#[test]
fn a_premint_wallet_is_told_how_to_bond() {
    let wallet = premint::QueryWalletResponse { locked: "5".into(), ..Default::default() };
    let said = refusal(
        can_spend(chain(), "9000000").with(WALLET, &wallet),
        &["staking", "delegate", ABANDON_ADDRESS, "1JMES"],
    );
    assert!(said.contains("is a premint wallet") && said.contains("bond from there"), "{said}");
}

#[test]
fn who_has_too_little_is_told_where_the_rest_is() {
    let entry = staking::UnbondingDelegationEntry { balance: "4000000".into(), ..Default::default() };
    let unbonding =
        staking::UnbondingDelegation { entries: vec![entry.clone(), entry], ..Default::default() };
    let chain = can_spend(chain(), "3000000")
        .with(
            "/cosmos.bank.v1beta1.Query/Balance",
            &bank::QueryBalanceResponse { balance: Some(ujmes("10000000")) },
        )
        .with(
            "/cosmos.staking.v1beta1.Query/DelegatorUnbondingDelegations",
            &staking::QueryDelegatorUnbondingDelegationsResponse {
                unbonding_responses: vec![unbonding],
                pagination: None,
            },
        );
    assert_eq!(
        refusal(chain, &["staking", "delegate", ABANDON_ADDRESS, "3JMES"]),
        format!(
            "{ABANDON_ADDRESS} can spend 3 JMES (3000000 Nils), but needs 3 JMES (3000000 Nils) and 0.001 JMES (1000 \
             Nils) for the fee. Of its other coins 10 JMES (10000000 Nils) are bonded, 8 JMES (8000000 Nils) are \
             unbonding"
        )
    );
}

#[test]
fn more_than_is_bonded_is_not_unbonded() {
    let said = refusal(has_bonded("2"), &["staking", "unbond", ABANDON_ADDRESS, "3nils"]);
    assert!(said.contains("has 0.000002 JMES (2 Nils) bonded to"), "{said}");
    assert!(said.ends_with("less than the 0.000003 JMES (3 Nils) to unbond"), "{said}");
    let said = refusal(chain().without(DELEGATION), &["staking", "unbond", ABANDON_ADDRESS, "3nils"]);
    assert!(said.contains("has nothing bonded to"), "{said}");
    let said = refusal(has_bonded("2"), &["staking", "unbond", ABANDON_ADDRESS, "0JMES"]);
    assert!(said.ends_with("say how much of it to unbond"), "{said}");
    let same = ["staking", "redelegate", ABANDON_ADDRESS, &operator(ABANDON_ADDRESS), "1nil"];
    assert!(refusal(has_bonded("2"), &same).contains("nothing would move"));
}

#[test]
fn a_bond_that_is_worth_nothing_is_ended_by_unbonding_nothing() {
    let (home, node) = (home_with_keys(), Node::start(has_bonded("0")));
    tx(home.path(), &node, &["staking", "unbond", ABANDON_ADDRESS, "0JMES", "-y"]).out();
    let (_, body, _) = decode(&node.sent()[0]);
    let message = staking::MsgUndelegate::decode(body.messages[0].value.as_slice()).unwrap();
    assert_eq!(message.amount, Some(ujmes("0")));
}

#[test]
fn an_unbonding_is_cancelled_by_its_height_or_when_it_is_the_only_one() {
    let entry = |height| staking::UnbondingDelegationEntry {
        creation_height: height,
        balance: "5000000".into(),
        ..Default::default()
    };
    let with = |heights: &[i64]| {
        let entries = heights.iter().map(|height| entry(*height)).collect();
        let unbond = Some(staking::UnbondingDelegation { entries, ..Default::default() });
        chain().with(UNBONDING, &staking::QueryUnbondingDelegationResponse { unbond })
    };
    let (home, node) = (home_with_keys(), Node::start(with(&[41])));
    let words = ["staking", "cancel-unbond", ABANDON_ADDRESS, "5JMES"];
    tx(home.path(), &node, &[&words[..], &["-y"]].concat()).out();
    let (_, body, _) = decode(&node.sent()[0]);
    let sent = staking::MsgCancelUnbondingDelegation::decode(body.messages[0].value.as_slice()).unwrap();
    assert_eq!(sent.creation_height, 41);
    assert!(refusal(with(&[41, 42]), &words).ends_with("name the height of one, among 41, 42"));
    let at = |height| [&words[..], &[height]].concat();
    assert!(refusal(with(&[41, 42]), &at("43")).contains("no unbonding began at height 43, but at 41, 42"));
    assert!(refusal(chain().without(UNBONDING), &words).contains("is unbonding nothing from"));
    let more = ["staking", "cancel-unbond", ABANDON_ADDRESS, "6JMES", "41"];
    assert!(refusal(with(&[41]), &more).contains("less than the 6 JMES"));
}

#[test]
fn a_validator_is_described_by_a_file_and_by_flags_that_win() {
    let home = home_with_keys();
    let file = home.path().join("validator.json");
    let described = json!({
        "pubkey": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
        "amount": "5000000ujmes", "moniker": "alice", "identity": "", "website": "https://alice.example",
        "security": "alice@example", "details": "", "commission-rate": "0.05", "commission-max-rate": "0.2",
        "commission-max-change-rate": "0.01", "min-self-delegation": "1000000",
    });
    std::fs::write(&file, described.to_string()).unwrap();
    let words = [
        "staking",
        "create-validator",
        file.to_str().unwrap(),
        "--amount",
        "6JMES",
        "--commission-rate",
        "7%",
    ];
    assert_eq!(
        message(home.path(), &words),
        json!({
            "@type": "/cosmos.staking.v1beta1.MsgCreateValidator",
            "description": {
                "moniker": "alice", "identity": "", "website": "https://alice.example",
                "security_contact": "alice@example", "details": "",
            },
            "commission": {
                "rate": "0.070000000000000000", "max_rate": "0.200000000000000000",
                "max_change_rate": "0.010000000000000000",
            },
            "min_self_delegation": "1000000", "delegator_address": "",
            "validator_address": operator(ABANDON_ADDRESS), "pubkey": described["pubkey"],
            "value": {"denom": "ujmes", "amount": "6000000"},
        })
    );
    std::fs::write(&file, r#"{"monicer":"alice"}"#).unwrap();
    let said = tx(home.path(), &Node::start(chain()), &words[..3]).error();
    assert!(said.contains("unknown field `monicer`"), "{said}");
}

#[test]
fn a_validator_that_can_not_be_is_refused() {
    let key =
        r#"{"@type":"/cosmos.crypto.ed25519.PubKey","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
    let create = |more: &[&str]| {
        let words = [&["staking", "create-validator", "--pubkey", key, "--moniker", "a"][..], more].concat();
        refusal(can_spend(chain().without(VALIDATOR), "9000000"), &words)
    };
    assert!(create(&[]).contains("say what the validator bonds itself"));
    assert!(create(&["--amount", "0.9JMES"]).contains("`jmesd tx staking join` makes one without a bond"));
    let above = create(&["--amount", "1JMES", "--commission-rate", "0.3", "--commission-max-rate", "20%"]);
    assert_eq!(above, "the commission of 30% is above its highest, 20%");
    let change =
        create(&["--amount", "1JMES", "--commission-max-rate", "5%", "--commission-max-change-rate", "6%"]);
    assert!(change.contains("can't change by 6% a day"), "{change}");
    assert!(create(&["--amount", "1JMES", "--min-self-delegation", "2JMES"]).contains("keep it out of jail"));
    let second = refusal(
        chain(),
        &["staking", "create-validator", "--pubkey", key, "--moniker", "a", "--amount", "1JMES"],
    );
    assert!(second.contains("runs the validator") && second.contains("edit-validator"), "{second}");
    let no_key = ["staking", "create-validator", "--moniker", "a", "--amount", "1JMES"];
    assert!(refusal(chain(), &no_key).contains("name the consensus key with --pubkey"));
    let no_name = ["staking", "create-validator", "--pubkey", key, "--amount", "1JMES"];
    assert!(refusal(chain(), &no_name).contains("name the validator with --moniker"));
}

#[test]
fn an_edit_changes_only_what_it_names() {
    let home = home_with_keys();
    let edited =
        message(home.path(), &["staking", "edit-validator", "--details", "new", "--commission-rate", "0.12"]);
    assert_eq!(
        edited["description"],
        json!({
            "moniker": "[do-not-modify]", "identity": "[do-not-modify]", "website": "[do-not-modify]",
            "security_contact": "[do-not-modify]", "details": "new",
        })
    );
    assert_eq!(edited["commission_rate"], "0.120000000000000000");
    assert!(refusal(chain(), &["staking", "edit-validator"]).contains("nothing would change"));
}

/// Seats of a chain in its Initial Distribution Period, or after it.
pub(super) fn with_period(chain: Chain, idp: bool) -> Chain {
    let params = seats::Params {
        work_target: format!("0010{}", "0".repeat(60)),
        min_free_withdrawal: "1000000".into(),
        ..Default::default()
    };
    chain
        .with(SEATS, &seats::QuerySeatsResponse { idp, idp_last: 483_840, ..Default::default() })
        .with(SEAT_PARAMS, &seats::QueryParamsResponse { params: Some(params) })
}

fn write_consensus_key(home: &Path, seed: [u8; 32]) -> [u8; 32] {
    use base64::prelude::{Engine as _, BASE64_STANDARD};
    let public = ed25519_consensus::SigningKey::from(SEED).verification_key().to_bytes();
    let pair = BASE64_STANDARD.encode([seed, public].concat());
    let file = json!({
        "address": "", "pub_key": {"type": "tendermint/PubKeyEd25519", "value": BASE64_STANDARD.encode(public)},
        "priv_key": {"type": "tendermint/PrivKeyEd25519", "value": pair},
    });
    std::fs::create_dir_all(home.join("config")).unwrap();
    std::fs::write(home.join("config/priv_validator_key.json"), file.to_string()).unwrap();
    public
}

/// A keyring whose key `one` has no account on the chain.
fn home_of_newcomer() -> tempfile::TempDir {
    let home = tempfile::TempDir::new().unwrap();
    let mnemonic = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    run(home.path(), mnemonic, &["keys", "add", "one", "--recover", "--keyring-backend", "test"]).out();
    home
}

#[test]
fn a_join_needs_neither_account_nor_fee_and_proves_key_and_work() {
    let home = home_of_newcomer();
    let node = Node::start(with_period(chain().without(VALIDATOR), true));
    let key = write_consensus_key(home.path(), SEED);
    let words = ["staking", "join", "--moniker", "newcomer", "--commission-rate", "5%", "-y"];
    tx(home.path(), &node, &words).out();
    let (_, body, auth) = decode(&node.sent()[0]);
    assert_eq!(body.messages[0].type_url, "/jmes.staking.v1.MsgJoin");
    let join = seats::MsgJoin::decode(body.messages[0].value.as_slice()).unwrap();
    let operator = Address::parse(&join.operator).unwrap();
    assert!(
        work_hash(&key, &operator, CHAIN_ID, join.nonce)
            < [&[0, 0x10][..], &[0; 30]].concat()[..].try_into().unwrap()
    );
    let pubkey = ed25519::PubKey::decode(join.pubkey.unwrap().value.as_slice()).unwrap();
    assert_eq!(pubkey.key, key);
    let verifier = ed25519_consensus::VerificationKey::try_from(key).unwrap();
    let proof = ed25519_consensus::Signature::try_from(join.possession_proof.as_slice()).unwrap();
    verifier.verify(&proof, &possession_bytes(CHAIN_ID, &operator, join.nonce)).unwrap();
    assert_eq!(join.description.unwrap().moniker, "newcomer");
    assert_eq!(join.commission.unwrap().rate, "50000000000000000");
    let fee = auth.fee.unwrap();
    assert!(fee.amount.is_empty() && fee.gas_limit > 0);
    assert_eq!(auth.signer_infos[0].sequence, 0);
}

#[test]
fn a_join_that_can_not_succeed_is_refused_before_the_work() {
    let home = home_of_newcomer();
    let join = |chain: Chain, more: &[&str]| {
        let node = Node::start(chain);
        let words = [&["staking", "join", "--moniker", "a", "-y"][..], more].concat();
        let said = tx(home.path(), &node, &words).error();
        assert!(node.sent().is_empty());
        said
    };
    let over = join(with_period(chain().without(VALIDATOR), false), &[]);
    assert!(over.contains("is over: use `jmesd tx staking create-validator`"), "{over}");
    assert!(join(with_period(chain(), true), &[]).contains("runs the validator"));
    let missing = join(with_period(chain().without(VALIDATOR), true), &[]);
    assert!(missing.contains("name its file with --key-file"), "{missing}");
    write_consensus_key(home.path(), [8; 32]);
    let damaged = join(with_period(chain().without(VALIDATOR), true), &[]);
    assert!(damaged.contains("halves do not belong together"), "{damaged}");
    write_consensus_key(home.path(), SEED);
    let offline = join(chain(), &["--offline", "--chain-id", CHAIN_ID, "-a", "0", "-s", "0"]);
    assert!(offline.contains("--offline needs --work-target"), "{offline}");
}

fn jailed() -> Chain {
    let jailed = staking::Validator { jailed: true, ..validator("alice", ABANDON_ADDRESS, 1) };
    chain().with(VALIDATOR, &staking::QueryValidatorResponse { validator: Some(jailed) })
}

fn until(chain: Chain, seconds: i64, tombstoned: bool) -> Chain {
    let info = slashing::ValidatorSigningInfo { jailed_until: at(seconds), tombstoned, ..Default::default() };
    chain.with(SIGNING_INFO, &slashing::QuerySigningInfoResponse { val_signing_info: Some(info) })
}

#[test]
fn an_unjail_is_free_in_the_initial_distribution_period_unless_a_fee_is_named() {
    for (idp, flags, fee) in [
        (true, &["-y"][..], None),
        (false, &["-y"], Some("500")),
        (true, &["-y", "--fees", "7nils"], Some("7")),
        (true, &["-y", "--gas-prices", "0.001ujmes"], Some("200")),
    ] {
        let (home, node) = (home_with_keys(), Node::start(with_period(until(jailed(), -1, false), idp)));
        tx(home.path(), &node, &[&["slashing", "unjail"][..], flags].concat()).out();
        let (_, _, auth) = decode(&node.sent()[0]);
        let paid = auth.fee.unwrap().amount.first().map(|coin| coin.amount.clone());
        assert_eq!(paid.as_deref(), fee, "{idp} {flags:?}");
    }
}

#[test]
fn who_can_not_leave_jail_is_told_why() {
    let unjail = ["slashing", "unjail"];
    assert!(refusal(chain(), &unjail).ends_with("is not jailed"));
    let said = refusal(until(jailed(), 300, false), &unjail);
    assert!(said.ends_with("stays in jail until 2027-01-01 00:05:05 UTC (in 5 minutes)"), "{said}");
    assert!(refusal(until(jailed(), 0, true), &unjail).contains("stays in jail for ever"));
    let nobody = chain().without(VALIDATOR).with(VALIDATORS, &staking::QueryValidatorsResponse::default());
    assert!(refusal(nobody, &unjail).starts_with("there is no validator"));
}
