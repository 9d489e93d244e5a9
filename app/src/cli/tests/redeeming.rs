//! `jmesd tx rewards` and `tx distribution`: what is redeemed, and when it costs nothing.

use cosmos_sdk_proto::cosmos::distribution::v1beta1 as distribution;

use super::economy::{chain_with_income, operator};
use super::node::{Chain, Node};
use super::staking::{tx, with_period};
use super::transactions::decode;
use super::*;

const REWARD: &str = "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward";
const COMMISSION: &str = "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission";
const TOTAL: &str = "/cosmos.distribution.v1beta1.Query/DelegationTotalRewards";

/// The types of the messages that reach the node, and the fee.
fn sent(chain: Chain, words: &[&str]) -> (Vec<String>, Option<String>) {
    let (home, node) = (home_with_keys(), Node::start(chain));
    tx(home.path(), &node, &[words, &["-y"]].concat()).out();
    let (_, body, auth) = decode(&node.sent()[0]);
    let types = body.messages.iter().map(|message| message.type_url.clone()).collect();
    (types, auth.fee.unwrap().amount.first().map(|coin| coin.amount.clone()))
}

#[test]
fn what_is_redeemed_follows_from_the_flags() {
    let alice = operator(ABANDON_ADDRESS);
    for (words, expected) in [
        (&["rewards", "redeem"][..], &[REWARD, COMMISSION][..]),
        (&["rewards", "redeem", "--all"], &[REWARD, COMMISSION]),
        (&["rewards", "redeem", "--commission"], &[COMMISSION]),
        (&["rewards", "redeem", &alice], &[REWARD]),
        (&["rewards", "redeem", &alice, "--commission"], &[REWARD, COMMISSION]),
        (&["distribution", "withdraw-rewards", &alice], &[REWARD]),
        (&["distribution", "withdraw-rewards", &alice, "--commission"], &[REWARD, COMMISSION]),
        (&["distribution", "withdraw-all-rewards"], &[REWARD]),
    ] {
        let (types, fee) = sent(with_period(chain_with_income(), false), words);
        assert_eq!(types, expected, "{words:?}");
        assert_eq!(fee.unwrap(), (500 * expected.len()).to_string());
    }
}

#[test]
fn one_withdrawal_of_1_jmes_or_more_is_free_in_the_initial_distribution_period() {
    let redeem = |chain, words| sent(with_period(chain, true), words).1;
    assert_eq!(redeem(chain_with_income(), &["rewards", "redeem", "--commission"]), None);
    assert_eq!(redeem(chain_with_income(), &["distribution", "withdraw-all-rewards"]), None);
    // Several messages are not, nor is what does not reach 1 JMES, nor what shall cost something.
    assert_eq!(redeem(chain_with_income(), &["rewards", "redeem"]).as_deref(), Some("1000"));
    let few = || {
        let reward = distribution::DelegationDelegatorReward {
            validator_address: operator(ABANDON_ADDRESS),
            reward: economy::dec("999999"),
        };
        let answer =
            distribution::QueryDelegationTotalRewardsResponse { rewards: vec![reward], total: vec![] };
        chain_with_income().with(TOTAL, &answer)
    };
    assert_eq!(redeem(few(), &["rewards", "redeem", ABANDON_ADDRESS]).as_deref(), Some("500"));
    let named = ["rewards", "redeem", "--commission", "--fees", "3nils"];
    assert_eq!(redeem(chain_with_income(), &named).as_deref(), Some("3"));
}

#[test]
fn nothing_to_redeem_is_said() {
    let chain =
        Chain::default().without(TOTAL).without("/cosmos.distribution.v1beta1.Query/ValidatorCommission");
    let (home, node) = (home_with_keys(), Node::start(chain));
    let said = tx(home.path(), &node, &["rewards", "redeem", "-y"]).error();
    assert!(said.contains("has nothing to redeem yet"), "{said}");
    let foreign = ["rewards", "redeem", SPECIAL_ADDRESS, "--commission", "-y"];
    let node = Node::start(chain_with_income());
    assert!(tx(home.path(), &node, &foreign).error().contains("only the operator of"));
    let offline = ["rewards", "redeem", "--offline", "--chain-id", "c", "-a", "1", "-s", "1", "-y"];
    assert!(tx(home.path(), &node, &offline).error().contains("which --offline forbids"));
}

#[test]
fn income_can_go_elsewhere() {
    let home = home_with_keys();
    let words = ["tx", "distribution", "set-withdraw-addr", SPECIAL_ADDRESS, "--from", "one"];
    let flags = ["--keyring-backend", "test", "--generate-only"];
    let message = run(home.path(), "", &[&words[..], &flags].concat()).json()["body"]["messages"][0].clone();
    assert_eq!(message["delegator_address"], ABANDON_ADDRESS);
    assert_eq!(message["withdraw_address"], SPECIAL_ADDRESS);
}
