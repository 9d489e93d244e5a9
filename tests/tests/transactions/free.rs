//! Free transactions (§4): who may go without a fee during the Initial Distribution Period, and how many.

use super::{assert_done, refusal};
use jmes_modules::seats::work_hash;
use jmes_modules::staking;
use jmes_proto::cosmos::distribution::v1beta1::MsgWithdrawValidatorCommission;
use jmes_proto::cosmos::slashing::v1beta1::MsgUnjail;
use jmes_tests::{Draft, Genesis, Key, Signer, TestChain, Validator};
use jmesd::chain::Settings;

/// No limit that a test reaches.
const BYTES: u64 = 4 << 20;

/// A genesis in which everybody's work is enough to join.
fn easy() -> Genesis {
    Genesis::new().seats(|params| params.work_target = "f".repeat(64))
}

/// A chain whose node asks for the usual gas price, after its first block.
fn start(genesis: &Genesis) -> TestChain {
    let settings = Settings { minimum_gas_price: "0.0025ujmes".parse().unwrap(), ..Settings::default() };
    let chain = TestChain::with_settings(genesis, settings);
    chain.block(&[]);
    chain
}

/// The join of a validator whose operator has no account.
fn join(chain: &TestChain, validator: &Validator, nonce: u64) -> Vec<u8> {
    let draft = Draft::new().fee(0).and(&validator.join(chain.id(), nonce));
    draft.sign(chain.id(), &[Signer::key(&validator.operator, 0, 0)])
}

fn work(chain: &TestChain, validator: &Validator, nonce: u64) -> [u8; 32] {
    work_hash(&validator.key(), &validator.address(), chain.id(), nonce)
}

#[test]
fn one_without_an_account_joins_for_free_and_has_one_then() {
    let (chain, newcomer) = (start(&easy()), Validator::new(1));
    let tx = join(&chain, &newcomer, 0);
    assert_eq!(chain.check(&tx).code, 0, "{}", chain.check(&tx).log);
    assert_eq!(chain.prepare(&[&tx], BYTES), std::slice::from_ref(&tx));
    assert!(chain.process(&[&tx]));
    assert!(!chain.process(&[&tx, &tx]), "the same join twice");
    assert_done(&chain.deliver(&tx));
    let account = chain.account(newcomer.address());
    assert_eq!((account.sequence, account.key), (1, Some(newcomer.operator.public())));
    assert!(staking::validator(&chain.view(), &newcomer.address()).unwrap().is_some());
    let again = refusal(&chain.deliver(&tx));
    assert_eq!((again.codespace, again.code), ("seats", 6), "{again}");
}

#[test]
fn a_join_that_fails_creates_nothing() {
    let (chain, newcomer) = (start(&easy()), Validator::new(1));
    let sign = |draft: Draft| draft.sign(chain.id(), &[Signer::key(&newcomer.operator, 0, 0)]);
    let msg = newcomer.join(chain.id(), 0);
    let poor = sign(Draft::new().fee(0).gas(40_000).and(&msg));
    let mut wrong = msg.clone();
    wrong.possession_proof[5] ^= 1;
    let unproven = sign(Draft::new().fee(0).and(&wrong));
    let mut later = msg.clone();
    later.description.as_mut().unwrap().moniker = "x".repeat(200);
    let long = sign(Draft::new().fee(0).and(&later));
    let greedy = sign(Draft::new().fee(0).gas(1_000_001).and(&msg));
    let unsigned = Draft::new().fee(0).and(&msg).sign("other", &[Signer::key(&newcomer.operator, 0, 0)]);
    // It could be repeated for ever, so it enters neither mempool nor proposals.
    assert_eq!((chain.check(&poor).codespace.as_str(), chain.check(&poor).code), ("sdk", 11));
    assert!(chain.prepare(&[&poor], BYTES).is_empty());
    assert!(!chain.process(&[&poor]));
    for tx in [poor, unproven, long, greedy, unsigned] {
        let error = refusal(&chain.deliver(&tx));
        assert!(error.code > 1, "{error:?}");
        assert!(jmes_modules::auth::account(&chain.view(), &newcomer.address()).unwrap().is_none());
    }
    assert_done(&chain.deliver(&join(&chain, &newcomer, 0)));
}

#[test]
fn only_a_join_alone_comes_from_an_account_that_does_not_exist() {
    let (chain, newcomer) = (start(&easy()), Validator::new(1));
    let signer = || [Signer::key(&newcomer.operator, 0, 0)];
    let twice = Draft::new().fee(0).and(&newcomer.join(chain.id(), 0)).and(&newcomer.join(chain.id(), 1));
    let paid = Draft::new().fee(500).and(&newcomer.join(chain.id(), 0));
    let operator = newcomer.address().operator().to_string();
    let unjail = Draft::new().fee(0).and(&MsgUnjail { validator_addr: operator });
    for draft in [twice, paid, unjail] {
        let tx = draft.sign(chain.id(), &signer());
        assert_ne!(chain.check(&tx).code, 0);
        assert!(!chain.process(&[&tx]));
        assert!(chain.deliver(&tx).error.is_some());
        assert!(jmes_modules::auth::account(&chain.view(), &newcomer.address()).unwrap().is_none());
    }
}

#[test]
fn a_join_needs_work() {
    let (chain, newcomer) = (start(&Genesis::new()), Validator::new(1));
    let tx = join(&chain, &newcomer, 0);
    let checked = chain.check(&tx);
    assert_eq!((checked.codespace.as_str(), checked.code), ("seats", 3), "{}", checked.log);
    assert!(!chain.process(&[&tx]));
}

#[test]
fn a_block_has_room_for_ten_joins_those_with_the_most_work() {
    let chain = start(&easy());
    let newcomers: Vec<Validator> = (1..=15).map(Validator::new).collect();
    let txs: Vec<Vec<u8>> = newcomers.iter().map(|one| join(&chain, one, 0)).collect();
    let mut best: Vec<usize> = (0..txs.len()).collect();
    best.sort_by_key(|index| work(&chain, &newcomers[*index], 0));
    let best: Vec<Vec<u8>> = best.into_iter().map(|index| txs[index].clone()).collect();
    assert_eq!(chain.prepare(&txs, BYTES), best[..10]);
    assert!(chain.process(&best[..10]));
    assert!(!chain.process(&best[..11]));
    for outcome in chain.block(&best[..10]) {
        assert_done(&outcome);
    }
}

#[test]
fn joins_with_more_work_push_others_out_of_the_mempool() {
    let chain = start(&easy());
    let newcomers: Vec<Validator> = (1..=101).map(Validator::new).collect();
    let mut sorted: Vec<&Validator> = newcomers.iter().collect();
    sorted.sort_by_key(|one| work(&chain, one, 0));
    let (best, rest) = sorted.split_first().unwrap();
    for one in rest {
        assert_eq!(chain.check(&join(&chain, one, 0)).code, 0);
    }
    let second = chain.check(&join(&chain, rest[0], 7));
    assert_eq!((second.codespace.as_str(), second.code), ("seats", 6), "one of a signer: {}", second.log);
    assert_eq!(chain.check(&join(&chain, best, 0)).code, 0);
    chain.block(&[]);
    for one in &rest[..99] {
        assert_eq!(chain.recheck(&join(&chain, one, 0)).code, 0);
    }
    assert_eq!(chain.recheck(&join(&chain, rest[99], 0)).code, 20);
    assert_eq!(chain.recheck(&join(&chain, best, 0)).code, 0);
}

#[test]
fn an_operator_withdraws_its_income_for_free_once_it_is_a_whole_coin() {
    let operators: Vec<Validator> = (0..40).map(Validator::new).collect();
    let chain = start(&Genesis::new().validators(operators.clone()));
    let one = &operators[3];
    let withdraw = |fee: u128| {
        let validator_address = one.address().operator().to_string();
        chain.sign(
            &Draft::new().fee(fee).and(&MsgWithdrawValidatorCommission { validator_address }),
            &[&one.operator],
        )
    };
    // 18 JMES a block among 40.
    let early = chain.check(&withdraw(0));
    assert_eq!((early.codespace.as_str(), early.code), ("sdk", 13), "{}", early.log);
    assert!(!chain.process(&[withdraw(0)]));
    chain.blocks(2);
    let tx = withdraw(0);
    assert_eq!(chain.check(&tx).code, 0, "{}", chain.check(&tx).log);
    assert!(chain.process(&[&tx]));
    let pending = jmes_modules::rewards::pending_commission(&chain.view(), &one.address()).unwrap().0;
    assert!(pending >= 1_000_000);
    assert_done(&chain.deliver(&tx));
    assert_eq!(chain.balance(one.address()), pending);
    assert_eq!(chain.check(&withdraw(0)).code, 13);
}

#[test]
fn one_in_jail_leaves_it_for_free_when_it_can() {
    let operators: Vec<Validator> = (0..2).map(Validator::new).collect();
    let genesis = Genesis::new().validators(operators.clone());
    let mut chain = start(&genesis.seats(|params| params.idp_signed_blocks_window = 10));
    let one = &operators[1];
    let unjail = |chain: &TestChain| {
        let validator_addr = one.address().operator().to_string();
        chain.sign(&Draft::new().fee(0).and(&MsgUnjail { validator_addr }), &[&one.operator])
    };
    let checked = chain.check(&unjail(&chain));
    assert_eq!(checked.codespace, "slashing", "it is not jailed: {}", checked.log);
    chain.absent.insert(one.consensus_address());
    chain.blocks(12);
    let jailed = || staking::require(&chain.view(), &one.address()).unwrap().jailed;
    assert!(jailed());
    let checked = chain.check(&unjail(&chain));
    assert_eq!(checked.codespace, "slashing", "it is too early: {}", checked.log);
    assert!(!chain.process(&[unjail(&chain)]));
    chain.jump(600_000_000_000);
    let tx = unjail(&chain);
    assert_eq!(chain.check(&tx).code, 0, "{}", chain.check(&tx).log);
    assert!(chain.process(&[&tx]));
    assert_done(&chain.deliver(&tx));
    assert!(!jailed());
}

#[test]
fn after_the_period_nothing_is_free() {
    let genesis = easy().validators(vec![Validator::new(0)]);
    let chain = start(&genesis.set("emission/params", short_idp()));
    chain.blocks(5);
    let newcomer = Validator::new(1);
    let checked = chain.check(&join(&chain, &newcomer, 0));
    let why = format!("fee payer address: {} does not exist: unknown address", newcomer.address());
    assert_eq!((checked.codespace.as_str(), checked.code, checked.log), ("sdk", 9, why));
    assert!(!chain.process(&[join(&chain, &newcomer, 0)]));
    let operator = Validator::new(0);
    let validator_address = operator.address().operator().to_string();
    let withdraw = Draft::new().fee(0).and(&MsgWithdrawValidatorCommission { validator_address });
    assert_eq!(chain.check(&chain.sign(&withdraw, &[&operator.operator])).code, 13);
}

/// Mainnet's parameters of emission with an Initial Distribution Period of 4 blocks.
fn short_idp() -> serde_json::Value {
    let params =
        jmes_proto::jmes::emission::v1::Params { idp_blocks: 4, ..jmes_modules::emission::default_params() };
    jmes_modules::kernel::message_to_json(&params).unwrap()
}

#[test]
fn other_messages_are_not_free() {
    let alice = Key::new(0);
    let chain = start(&easy().with(alice.address(), "5000000ujmes"));
    let send = Draft::send(alice.address(), Key::new(1).address(), "1ujmes").fee(0);
    assert_eq!(chain.check(&chain.sign(&send, &[&alice])).code, 13);
}
