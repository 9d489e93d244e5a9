//! Tests of artworks.

mod genesis;
mod minting;
mod queries;
mod sending;

use super::{state, ArtworkModule, Mint};
use crate::bank::Bank;
use crate::emission::Emission;
use crate::kernel::{Address, Block, Ctx, Module, Msg};
use crate::slots::{self, Feature};
use crate::test_support::{address, at_issuance, bank_genesis, block, ctx, table};
use jmes_proto::jmes::dao::v1::{Member, MsgRegisterDao};
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_proto::Duration;
use serde_json::Value;
use std::sync::Arc;

/// The issuance height of the test block: after the Initial Distribution Period.
const NOW: u64 = 500_000;

fn at(ctx: &mut Ctx, height: u64) {
    ctx.set_block(Arc::new(Block { height, ..block() }));
}

/// A chain in which addresses 1 to 3 have the identities `alice`, `bobby` and `carol`.
fn users() -> Ctx {
    let mut ctx = ctx();
    Emission.import(&mut ctx, &Value::Null).unwrap();
    let coins = [1, 2, 3].map(|byte| (address(byte), "900000000ujmes"));
    Bank.import(&mut ctx, &bank_genesis(&coins)).unwrap();
    at_issuance(&mut ctx, NOW);
    for (byte, name) in [(1, "alice"), (2, "bobby"), (3, "carol")] {
        let msg = MsgRegisterUser { creator: address(byte).to_string(), name: name.into() };
        msg.execute(&mut ctx).unwrap();
    }
    ctx
}

fn register_dao(ctx: &mut Ctx, name: &str) -> Address {
    let member = |byte| Member { address: address(byte).to_string(), power: 1 };
    let members = vec![member(1), member(2), member(3)];
    let msg = MsgRegisterDao {
        creator: address(1).to_string(),
        name: name.into(),
        members,
        threshold: 2,
        voting_period: Some(Duration { seconds: 86_400, nanos: 0 }),
    };
    Address::parse(&msg.execute(ctx).unwrap().dao).unwrap()
}

/// A chain with the DAO `artbasel`, an art dealer for 10 issuance heights by proposal 7.
fn dealer() -> (Ctx, Address) {
    let mut ctx = users();
    let dao = register_dao(&mut ctx, "artbasel");
    slots::grant(&mut ctx, &dao, Feature::ArtDealer, 7, 10).unwrap();
    ctx.take_events();
    (ctx, dao)
}

fn asked(dao: Address, id: &str) -> Mint {
    Mint {
        dao,
        id: id.into(),
        owner: address(5),
        uri: "ipfs://picture".into(),
        uri_hash: "abcd".into(),
        title: "Composition in Blue".into(),
        artist: "A. Painter".into(),
        royalty_bps: 750,
        data: "{\n\t\"year\": 2027}".into(),
    }
}

const CLASS: &str = "artwork-artbasel";
