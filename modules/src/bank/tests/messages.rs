//! MsgSend and MsgMultiSend: every rule and every refusal.

use super::{assert_sound, wallet};
use crate::bank::{state, transfer, DEFAULT_PARAMS};
use crate::kernel::{codes, Address, Ctx, Event, Msg, Result};
use crate::test_support::{address, assert_refused, coins, committed, funded};
use cosmos_sdk_proto::cosmos::bank::v1beta1::{
    Input, MsgMultiSend, MsgMultiSendResponse, MsgSend, MsgSendResponse, Output, Params,
};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin as ProtoCoin;

fn proto_coins(coins: &[(&str, &str)]) -> Vec<ProtoCoin> {
    let coin =
        |(amount, denom): &(&str, &str)| ProtoCoin { denom: (*denom).into(), amount: (*amount).into() };
    coins.iter().map(coin).collect()
}

fn send(from: &str, to: &str, amount: &[(&str, &str)]) -> MsgSend {
    MsgSend { from_address: from.into(), to_address: to.into(), amount: proto_coins(amount) }
}

fn text(byte: u8) -> String {
    address(byte).to_string()
}

fn rich() -> Ctx {
    committed(funded(&[(address(1), "100ujmes,50atom")]))
}

fn multi(inputs: &[(Address, &str)], outputs: &[(Address, &str)]) -> MsgMultiSend {
    let coins = |text: &str| coins(text).to_proto();
    MsgMultiSend {
        inputs: inputs
            .iter()
            .map(|(from, text)| Input { address: from.to_string(), coins: coins(text) })
            .collect(),
        outputs: outputs
            .iter()
            .map(|(to, text)| Output { address: to.to_string(), coins: coins(text) })
            .collect(),
    }
}

#[test]
fn a_send_is_signed_by_its_sender_and_moves_the_coins() {
    let mut ctx = rich();
    let msg = send(&text(1), &text(2), &[("7", "atom"), ("30", "ujmes")]);
    assert_eq!(msg.signers(), Ok(vec![address(1)]));
    assert_eq!(msg.execute(&mut ctx), Ok(MsgSendResponse {}));
    assert_eq!(wallet(&ctx, address(1), &["atom", "ujmes"]), "43atom,70ujmes");
    assert_eq!(wallet(&ctx, address(2), &["atom", "ujmes"]), "7atom,30ujmes");
    assert_sound(&ctx);
}

#[test]
fn a_send_to_a_dao_address_of_32_bytes_is_a_send() {
    let mut ctx = rich();
    let dao = Address::new(&[4; 32]).unwrap();
    send(&text(1), &dao.to_string(), &[("1", "ujmes")]).execute(&mut ctx).unwrap();
    assert_eq!(wallet(&ctx, dao, &["ujmes"]), "1ujmes");
}

#[track_caller]
fn refuse_send(msg: &MsgSend, code: u32, why: &str) {
    assert_refused(msg.execute(&mut rich()), "sdk", code, why);
}

#[test]
fn a_send_with_a_wrong_address_is_refused() {
    let empty = "empty address string is not allowed";
    let good = &[("1", "ujmes")];
    refuse_send(&send("", &text(2), good), codes::INVALID_ADDRESS, &format!("invalid from address: {empty}"));
    refuse_send(&send(&text(1), "", good), codes::INVALID_ADDRESS, &format!("invalid to address: {empty}"));
    let operator = address(1).operator();
    let why = format!("invalid to address: invalid address \"{operator}\": invalid Bech32 prefix; expected jmes, got jmesvaloper");
    refuse_send(&send(&text(1), &operator, good), codes::INVALID_ADDRESS, &why);
    assert!(send("nobody", &text(2), good).signers().is_err());
}

#[test]
fn a_send_with_wrong_coins_is_refused() {
    let refused: [(&[(&str, &str)], &str); 6] = [
        (&[], "no coins are given: invalid coins"),
        (&[("0", "ujmes")], "coin 0ujmes amount is not positive"),
        (&[("-1", "ujmes")], "invalid amount \"-1\": expected a whole number from 0 to 2^128 - 1"),
        (&[("1", "ujmes"), ("1", "atom")], "denomination atom is not sorted"),
        (&[("1", "ujmes"), ("1", "ujmes")], "duplicate denomination ujmes"),
        (&[("1", "no denom")], "invalid denom: no denom"),
    ];
    for (amount, why) in refused {
        refuse_send(&send(&text(1), &text(2), amount), codes::INVALID_COINS, why);
    }
}

#[test]
fn bonded_coins_are_a_view_and_cannot_be_sent() {
    let why = "spendable balance 0bujmes is smaller than 1bujmes: insufficient funds";
    refuse_send(&send(&text(1), &text(2), &[("1", "bujmes")]), codes::INSUFFICIENT_FUNDS, why);
}

#[test]
fn a_multi_send_pays_everyone_from_one_input() {
    let mut ctx = rich();
    let outputs = [
        (address(2), "10ujmes"),
        (address(3), "5atom,20ujmes"),
        (address(2), "1ujmes"),
        (address(1), "4ujmes"),
    ];
    let msg = multi(&[(address(1), "5atom,35ujmes")], &outputs);
    assert_eq!(msg.signers(), Ok(vec![address(1)]));
    assert_eq!(msg.execute(&mut ctx), Ok(MsgMultiSendResponse {}));
    assert_eq!(wallet(&ctx, address(1), &["atom", "ujmes"]), "45atom,69ujmes");
    assert_eq!(wallet(&ctx, address(2), &["atom", "ujmes"]), "11ujmes");
    assert_eq!(wallet(&ctx, address(3), &["atom", "ujmes"]), "5atom,20ujmes");
    assert_sound(&ctx);
    let (from, to) = (address(1), address(2));
    let expected = [
        Event::new("coin_spent").with("spender", from).with("amount", "5atom,35ujmes"),
        Event::new("message").with("sender", from),
        Event::new("coin_received").with("receiver", to).with("amount", "10ujmes"),
        Event::new("transfer").with("recipient", to).with("sender", from).with("amount", "10ujmes"),
    ];
    assert_eq!(ctx.take_events()[..4], expected);
}

fn run(msg: &MsgMultiSend) -> Result<MsgMultiSendResponse> {
    msg.execute(&mut rich())
}

#[test]
fn a_multi_send_needs_one_input_and_outputs_that_sum_to_it() {
    let one = [(address(1), "5ujmes")];
    let two = [(address(1), "5ujmes"), (address(2), "5ujmes")];
    let bank = |msg: MsgMultiSend, code, why| assert_refused(run(&msg), "bank", code, why);
    bank(multi(&[], &one), 2, "no inputs to send transaction");
    bank(multi(&one, &[]), 3, "no outputs to send transaction");
    bank(multi(&two, &[(address(3), "10ujmes")]), 9, "multiple senders not allowed");
    let why = "sum inputs != sum outputs: 5ujmes against 4ujmes";
    bank(multi(&one, &[(address(3), "4ujmes")]), 4, why);
    let why = "sum inputs != sum outputs: 5ujmes against 5atom";
    bank(multi(&one, &[(address(3), "5atom")]), 4, why);
    let why = "sum inputs != sum outputs: 5ujmes against 10ujmes";
    bank(multi(&one, &two), 4, why);
}

#[test]
fn all_senders_of_a_multi_send_are_its_signers_each_once() {
    let inputs = [(address(2), "1ujmes"), (address(1), "1ujmes"), (address(2), "1ujmes")];
    assert_eq!(multi(&inputs, &[]).signers(), Ok(vec![address(2), address(1)]));
}

#[test]
fn a_multi_send_checks_addresses_and_coins() {
    let msg = multi(&[(address(1), "5ujmes")], &[(address(2), "5ujmes")]);
    let mut wrong = msg.clone();
    wrong.inputs[0].address.clear();
    let empty = "empty address string is not allowed";
    let why = format!("invalid input address: {empty}");
    assert_refused(run(&wrong), "sdk", codes::INVALID_ADDRESS, &why);
    let mut wrong = msg.clone();
    wrong.outputs[0].address.clear();
    let why = format!("invalid output address: {empty}");
    assert_refused(run(&wrong), "sdk", codes::INVALID_ADDRESS, &why);
    let mut wrong = msg.clone();
    wrong.inputs[0].coins.clear();
    assert_refused(run(&wrong), "sdk", codes::INVALID_COINS, "no coins are given: invalid coins");
    let mut wrong = msg;
    wrong.outputs[0].coins.clear();
    assert_refused(run(&wrong), "sdk", codes::INVALID_COINS, "no coins are given: invalid coins");
}

#[test]
fn outputs_that_pass_any_number_are_refused() {
    let most = u128::MAX.to_string() + "ujmes";
    let msg = multi(&[(address(1), "5ujmes")], &[(address(2), &most), (address(3), &most)]);
    let why = format!("the sum of {0} and {0} is too large", u128::MAX);
    assert_refused(run(&msg), "sdk", codes::INVALID_COINS, &why);
}

#[test]
fn a_multi_send_of_more_than_there_is_is_refused() {
    let msg = multi(&[(address(1), "101ujmes")], &[(address(2), "101ujmes")]);
    let why = "spendable balance 100ujmes is smaller than 101ujmes: insufficient funds";
    assert_refused(run(&msg), "sdk", codes::INSUFFICIENT_FUNDS, why);
}

#[test]
fn transfers_can_be_switched_off_by_the_parameters() {
    let mut ctx = rich();
    let params = Params { default_send_enabled: false, ..DEFAULT_PARAMS };
    state::PARAMS.save(&mut ctx, &params).unwrap();
    let why = "transfers are disabled: 1ujmes can't be sent";
    let msg = send(&text(1), &text(2), &[("1", "ujmes")]);
    assert_refused(msg.execute(&mut ctx), "bank", 5, why);
    let msg = multi(&[(address(1), "1ujmes")], &[(address(2), "1ujmes")]);
    assert_refused(msg.execute(&mut ctx), "bank", 5, why);
    transfer(&mut ctx, &address(1), &address(2), &coins("1ujmes"))
        .expect("the protocol's own transfers go on");
}
