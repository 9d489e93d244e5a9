//! Which decoded transactions are kept.

use crate::chain::decoded::{Decoded, GENERATION};
use crate::chain::Tx;
use cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, SignerInfo, TxBody, TxRaw};
use cosmos_sdk_proto::Any;
use jmes_modules::kernel::{Address, Module, Routes};
use prost::Message;
use std::sync::Arc;

/// A send that differs from the others by its memo.
fn transaction(memo: String) -> Arc<Tx> {
    let address = Address::of_twenty([7; 20]).to_string();
    let amount = vec![Coin { denom: "ujmes".into(), amount: "1".into() }];
    let send = MsgSend { from_address: address.clone(), to_address: address, amount };
    let message = Any { type_url: "/cosmos.bank.v1beta1.MsgSend".into(), value: send.encode_to_vec() };
    let body = TxBody { messages: vec![message], memo, ..TxBody::default() };
    let auth = AuthInfo {
        signer_infos: vec![SignerInfo::default()],
        fee: Some(Fee { gas_limit: 100_000, ..Fee::default() }),
        ..AuthInfo::default()
    };
    let raw = TxRaw {
        body_bytes: body.encode_to_vec(),
        auth_info_bytes: auth.encode_to_vec(),
        signatures: vec![vec![1; 64]],
    };
    let mut routes = Routes::default();
    jmes_modules::bank::Bank.messages(&mut routes);
    Arc::new(Tx::decode(&routes, &raw.encode_to_vec()).unwrap())
}

#[test]
fn a_transaction_is_found_until_it_is_taken() {
    let decoded = Decoded::default();
    let tx = transaction("one".into());
    assert!(decoded.find(&tx.hash).is_none());
    decoded.remember(&tx);
    decoded.remember(&tx);
    assert!(Arc::ptr_eq(&decoded.find(&tx.hash).unwrap(), &tx));
    assert!(Arc::ptr_eq(&decoded.take(&tx.hash).unwrap(), &tx));
    assert!(decoded.find(&tx.hash).is_none());
    assert!(decoded.take(&tx.hash).is_none());
}

#[test]
fn the_oldest_are_forgotten() {
    let decoded = Decoded::default();
    let text = "m".repeat(100_000);
    let (mut all, mut bytes) = (Vec::new(), 0);
    while bytes < 3 * GENERATION {
        let tx = transaction(format!("{text}{}", all.len()));
        bytes += tx.length;
        decoded.remember(&tx);
        all.push(tx);
    }
    let kept: u64 = all.iter().filter(|tx| decoded.find(&tx.hash).is_some()).map(|tx| tx.length).sum();
    assert!((GENERATION..=2 * GENERATION + 200_000).contains(&kept), "{kept} bytes are kept");
    assert!(decoded.find(&all[0].hash).is_none());
    assert!(decoded.find(&all.last().unwrap().hash).is_some());
}
