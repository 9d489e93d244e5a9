//! The tables of messages and queries, the errors they give, contexts and events.

use crate::kernel::{
    codes, message_from_json, message_to_json, Address, Ctx, Error, Event, GasMeter, Item, Msg, QueryCode,
    QueryError, QueryResult, QueryRoutes, Result, Routes, StoreId, View,
};
use crate::test_support::{assert_refused, ctx};
use cosmos_sdk_proto::cosmos::auth::v1beta1::Params;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use serde_json::json;

impl Msg for Coin {
    type Response = Coin;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::of_twenty([1; 20])])
    }

    fn execute(&self, _: &mut Ctx) -> Result<Coin> {
        Ok(self.clone())
    }
}

const TYPE_URL: &str = "/cosmos.base.v1beta1.Coin";
const PATH: &str = "/test.Query/Echo";

fn echo(_: &View, request: Coin) -> QueryResult<Coin> {
    if request.amount.is_empty() {
        return Err(QueryError::not_found("no amount"));
    }
    Ok(request)
}

fn encoded(amount: &str) -> Vec<u8> {
    prost::Message::encode_to_vec(&Coin { denom: "ujmes".into(), amount: amount.into() })
}

#[test]
fn a_message_is_led_by_its_type_url() {
    let mut routes = Routes::default();
    routes.add::<Coin>(TYPE_URL);
    let msg = routes.decode(TYPE_URL, &encoded("5")).unwrap();
    assert_eq!(msg.type_url(), TYPE_URL);
    assert_eq!(msg.signers().unwrap(), [Address::of_twenty([1; 20])]);
    assert_eq!(msg.execute(&mut ctx()).unwrap(), (TYPE_URL.to_owned(), encoded("5")));
    assert_eq!(routes.type_urls().collect::<Vec<_>>(), [TYPE_URL]);
}

#[test]
fn an_unknown_type_and_bytes_that_are_no_message_are_refused() {
    let mut routes = Routes::default();
    routes.add::<Coin>(TYPE_URL);
    let unknown = |type_url: &str| routes.decode(type_url, &[]).map(|msg| msg.type_url());
    assert_refused(unknown("/no.Msg"), "sdk", codes::UNKNOWN_REQUEST, "unknown message type \"/no.Msg\"");
    let long = unknown(&"é".repeat(10_000)).unwrap_err();
    assert!(long.message.chars().count() < 200, "a long name is cut");
    let error = routes.decode(TYPE_URL, &[0xff]).map(|msg| msg.type_url()).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::TX_DECODE));
    assert!(error.message.starts_with(TYPE_URL), "{}", error.message);
}

#[test]
fn a_query_is_led_by_its_path() {
    let mut routes = QueryRoutes::default();
    routes.add(PATH, echo);
    let ctx = ctx();
    assert_eq!(routes.answer(&ctx, PATH, &encoded("5")), Ok(encoded("5")));
    assert_eq!(routes.answer(&ctx, PATH, &encoded("")), Err(QueryError::not_found("no amount")));
    assert!(routes.has(PATH) && !routes.has("/test.Query/Other"));
    assert_eq!(routes.paths().collect::<Vec<_>>(), [PATH]);
    let unknown = routes.answer(&ctx, "/test.Query/Other", &[]).unwrap_err();
    assert_eq!(unknown, QueryError::new(QueryCode::Unimplemented, "unknown query path: /test.Query/Other"));
    let undecodable = routes.answer(&ctx, PATH, &[0x0a, 0x05, 1]).unwrap_err();
    assert_eq!(undecodable.code, QueryCode::InvalidArgument);
}

#[test]
fn a_query_error_reads_as_clients_look_for_it() {
    let error = QueryError::not_found("account jmes1 not found");
    assert_eq!(error.to_string(), "rpc error: code = NotFound desc = account jmes1 not found");
    let names: Vec<(u32, &str)> = [
        QueryCode::InvalidArgument,
        QueryCode::NotFound,
        QueryCode::ResourceExhausted,
        QueryCode::OutOfRange,
        QueryCode::Unimplemented,
        QueryCode::Internal,
        QueryCode::Unavailable,
    ]
    .map(|code| (code as u32, code.name()))
    .into();
    // The numbers and names of the gRPC specification.
    let grpc = [
        (3, "InvalidArgument"),
        (5, "NotFound"),
        (8, "ResourceExhausted"),
        (11, "OutOfRange"),
        (12, "Unimplemented"),
        (13, "Internal"),
        (14, "Unavailable"),
    ];
    assert_eq!(names, grpc);
}

#[test]
fn an_error_of_the_state_machine_becomes_the_right_kind_of_query_error() {
    let kinds = [
        (Error::sdk(codes::OUT_OF_GAS, "x"), QueryCode::ResourceExhausted),
        (Error::sdk(codes::NOT_FOUND, "x"), QueryCode::NotFound),
        (Error::sdk(codes::UNKNOWN_ADDRESS, "x"), QueryCode::NotFound),
        (Error::sdk(codes::LOGIC, "x"), QueryCode::Internal),
        (Error::sdk(codes::INVALID_ADDRESS, "x"), QueryCode::InvalidArgument),
        (Error::new("bank", codes::NOT_FOUND, "x"), QueryCode::InvalidArgument),
    ];
    for (error, code) in kinds {
        assert_eq!(QueryError::from(error), QueryError::new(code, "x"));
    }
}

#[test]
fn context_of_an_error_goes_in_front() {
    let error = Error::sdk(codes::INVALID_ADDRESS, "too short").context("invalid from address");
    assert_eq!(error.to_string(), "invalid from address: too short");
}

#[test]
fn reverting_takes_back_writes_but_neither_gas_nor_events() {
    let item: Item<u64> = Item::new(StoreId(0), 1);
    let mut ctx = ctx();
    item.save(&mut ctx, &1).unwrap();
    let mark = ctx.checkpoint();
    item.save(&mut ctx, &2).unwrap();
    ctx.emit(Event::new("test").with("number", 2));
    let used = ctx.gas().used();
    ctx.revert(mark);
    assert_eq!(ctx.gas().used(), used);
    assert_eq!(ctx.take_events(), [Event { kind: "test", attributes: vec![("number", "2".into())] }]);
    assert_eq!(ctx.take_events(), []);
    assert_eq!(item.load(&ctx).unwrap(), Some(1));
    let outer = ctx.swap_gas(GasMeter::unlimited());
    assert!(outer.used() > used, "the old meter comes back");
}

#[test]
fn genesis_json_is_that_of_the_message_and_names_the_field_that_is_wrong() {
    let json = json!({
        "max_memo_characters": "256", "tx_sig_limit": "7", "tx_size_cost_per_byte": "10",
        "sig_verify_cost_ed25519": "590", "sig_verify_cost_secp256k1": "1000",
    });
    let params: Params = message_from_json(&json).unwrap();
    assert_eq!(params, crate::auth::DEFAULT_PARAMS);
    assert_eq!(message_to_json(&params).unwrap(), json);
    for (wrong, field) in [
        (json!({"tx_sig_limit": "many"}), "tx_sig_limit"),
        (json!({"tx_sig_limits": "7"}), "tx_sig_limits"),
        (json!([]), "cosmos.auth.v1beta1.Params"),
    ] {
        let error = message_from_json::<Params>(&wrong).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_REQUEST));
        assert!(error.message.starts_with("genesis: cosmos.auth.v1beta1.Params: "), "{}", error.message);
        assert!(error.message.contains(field), "{}", error.message);
    }
}
