//! Names where the command line takes an address (§9).

use cosmos_sdk_proto::cosmos::bank::v1beta1::{MsgMultiSend, MsgSend};
use jmes_modules::kernel::Address;
use prost::Message;

use super::node::{Chain, Node};
use super::transactions::decode;
use super::*;

/// A DAO's address: 32 bytes.
pub(super) fn dao_address() -> String {
    Address::new(&[7; 32]).unwrap().to_string()
}

/// A chain that knows a DAO, a user, and the name of the key `one`.
fn chain() -> Chain {
    Chain::default()
        .named("artbasel", &dao_address(), true)
        .named("carol", "jmes15tnufx4334r5qcmqx5vwzuery3jh4ghtqyq69l", false)
        .named("alice", ABANDON_ADDRESS, false)
}

fn runs(chain: Chain, words: &[&str]) -> (Ran, Vec<Vec<u8>>) {
    let (home, node) = (home_with_keys(), Node::start(chain));
    let words: Vec<&str> =
        words.iter().chain(&["--keyring-backend", "test", "--node", &node.url]).copied().collect();
    let ran = run(home.path(), "y\n", &words);
    (ran, node.sent())
}

fn receiver(sent: &[Vec<u8>]) -> (String, String) {
    let (_, body, _) = decode(&sent[0]);
    let message = MsgSend::decode(body.messages[0].value.as_slice()).unwrap();
    (message.from_address, message.to_address)
}

#[test]
fn a_registered_name_is_its_address_which_is_shown_before_the_signature() {
    let (ran, sent) = runs(chain(), &["tx", "bank", "send", "one", "artbasel", "5JMES"]);
    let dao = dao_address();
    assert_eq!(receiver(&sent), (ABANDON_ADDRESS.into(), dao.clone()));
    let said = format!("artbasel is {dao}, the registered name of a DAO\n");
    let (shown, asked) = (ran.err.find(&said), ran.err.find("Sign and send this transaction?"));
    assert!(shown.is_some() && shown < asked, "{}", ran.err);
    assert!(ran.err.contains(&format!("to_address:   {dao}")), "{}", ran.err);
}

#[test]
fn a_key_comes_before_a_registered_name_and_the_other_meaning_is_told() {
    let (ran, sent) = runs(chain(), &["tx", "bank", "send", "one", "two", "5JMES"]);
    assert_eq!(receiver(&sent).1, SPECIAL_ADDRESS);
    assert!(
        ran.err.starts_with(&format!("two is {SPECIAL_ADDRESS}, a key of this keyring\n")),
        "{}",
        ran.err
    );
    let home = home_with_keys();
    let node = Node::start(chain());
    let mut words = vec!["keys", "rename", "two", "carol", "--keyring-backend", "test"];
    run(home.path(), "", &words).out();
    words =
        vec!["tx", "bank", "send", "one", "carol", "5JMES", "--keyring-backend", "test", "--node", &node.url];
    let ran = run(home.path(), "y\n", &words);
    assert!(
        ran.err.contains("; on the chain the name carol is jmes15tnufx4334r5qcmqx5vwzuery3jh4ghtqyq69l"),
        "{}",
        ran.err
    );
    assert_eq!(receiver(&node.sent()).1, SPECIAL_ADDRESS);
}

#[test]
fn the_sender_can_be_a_registered_name_of_a_key() {
    let (ran, sent) = runs(chain(), &["tx", "bank", "send", "alice", "carol", "5JMES"]);
    ran.out();
    assert_eq!(receiver(&sent).0, ABANDON_ADDRESS);
}

#[test]
fn several_receivers_can_be_named() {
    let (ran, sent) = runs(chain(), &["tx", "bank", "multi-send", "one", "two", "carol", "5JMES"]);
    ran.out();
    let (_, body, _) = decode(&sent[0]);
    let message = MsgMultiSend::decode(body.messages[0].value.as_slice()).unwrap();
    let to: Vec<&str> = message.outputs.iter().map(|output| output.address.as_str()).collect();
    assert_eq!(to, [SPECIAL_ADDRESS, "jmes15tnufx4334r5qcmqx5vwzuery3jh4ghtqyq69l"]);
}

#[test]
fn offline_refuses_names_other_than_keys() {
    let offline = ["--offline", "--chain-id", "c", "-a", "1", "-s", "1", "-y"];
    let send = |to: &str| {
        let home = home_with_keys();
        let words = ["tx", "bank", "send", "one", to, "5JMES", "--keyring-backend", "test"];
        run(home.path(), "", &[&words[..], &offline].concat())
    };
    assert_eq!(
        send("artbasel").error(),
        "no key is named \"artbasel\", and --offline forbids to ask whose registered name it is: write the address"
    );
    assert_eq!(send("two").json()["body"]["messages"][0]["to_address"], SPECIAL_ADDRESS);
}

#[test]
fn a_name_that_nobody_has_is_refused_with_what_to_do() {
    let said = |to| runs(chain(), &["tx", "bank", "send", "one", to, "5JMES"]).0.error();
    assert_eq!(
        said("artbasle"),
        "nobody is named \"artbasle\": no key here, no identity on the chain. `jmesd query identity list --prefix art` \
         shows the names that begin like it"
    );
    // A name that differs only in case, or in a look-alike character, is never somebody's.
    assert!(said("ArtBasel").contains("nobody can have registered it"));
    assert!(said("аrtbasel").contains("is neither an address nor a name"));
    // A mistyped address is not taken for a name.
    assert!(said("jmes1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg7cs7r9")
        .contains("an account's address begins with jmes1"));
    assert!(said("jmes1x").contains("an account's address begins with jmes1"));
}

#[test]
fn queries_take_names_too() {
    let (ran, _) = runs(chain(), &["query", "bank", "balances", "carol"]);
    assert!(ran.err.starts_with(
        "carol is jmes15tnufx4334r5qcmqx5vwzuery3jh4ghtqyq69l, the registered name of a user\n"
    ));
    ran.out();
    let (ran, _) = runs(chain(), &["query", "account", "one", "-o", "json"]);
    assert_eq!(ran.json()["account"]["address"], ABANDON_ADDRESS);
    let (ran, _) = runs(chain(), &["query", "identity", "by-address", "one", "-o", "json"]);
    assert_eq!(ran.json()["identity"]["name"], "alice");
    let (home, node) = (home_with_keys(), Node::start(chain()));
    let ran = run(home.path(), "", &["query", "identity", "by-name", "artbasel", "--node", &node.url]);
    insta::assert_snapshot!("identity", ran.out());
}

#[test]
fn a_validator_can_be_meant_by_its_operators_registered_name() {
    let words = ["tx", "staking", "delegate", "alice", "5JMES", "--from", "two", "--generate-only"];
    let message = runs(chain(), &words).0.json()["body"]["messages"][0].clone();
    assert_eq!(message["validator_address"], Address::parse(ABANDON_ADDRESS).unwrap().operator());
}

#[test]
fn a_name_is_registered_once_and_by_its_rules() {
    let register = |name| runs(chain(), &["tx", "identity", "register", name, "--from", "two"]);
    for name in ["ab", "Basel", "art-basel", "abcdefghijklmnopqrstu"] {
        assert!(register(name).0.error().contains("a name has 3 to 20 characters a-z and 0-9"), "{name}");
    }
    assert_eq!(register("artbasel").0.error(), format!("artbasel is taken: it is the DAO {}", dao_address()));
    let again = runs(chain(), &["tx", "identity", "register", "another", "--from", "one"]).0.error();
    assert_eq!(again, format!("{ABANDON_ADDRESS} is alice for ever: an account has one name"));
    let (ran, sent) = register("basel");
    ran.out();
    let (_, body, _) = decode(&sent[0]);
    assert_eq!(body.messages[0].type_url, "/jmes.identity.v1.MsgRegisterUser");
}
