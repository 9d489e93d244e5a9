//! Transfers, which are kept for ever.

use super::super::{balance, mint, owner, send};
use super::*;
use crate::kernel::codes;
use crate::test_support::assert_refused;
use jmes_proto::cosmos::nft::v1beta1::MsgSend;

#[test]
fn an_artwork_goes_from_hand_to_hand() {
    let (mut ctx, dao) = dealer();
    mint(&mut ctx, &asked(dao, "blue")).unwrap();
    mint(&mut ctx, &asked(dao, "red")).unwrap();
    ctx.take_events();
    at(&mut ctx, 9);
    let msg = MsgSend {
        class_id: CLASS.into(),
        id: "blue".into(),
        sender: address(5).to_string(),
        receiver: address(6).to_string(),
    };
    assert_eq!(msg.signers(), Ok(vec![address(5)]));
    msg.execute(&mut ctx).unwrap();
    assert_eq!(owner(&ctx, CLASS, "blue"), Ok(Some(address(6))));
    let count = |ctx: &Ctx, byte| balance(ctx, CLASS, &address(byte)).unwrap();
    assert_eq!((count(&ctx, 5), count(&ctx, 6)), (1, 1));
    let events = ctx.take_events();
    assert_eq!(events[0].kind, "cosmos.nft.v1beta1.EventSend");
    let quoted = |byte| format!("\"{}\"", address(byte));
    assert_eq!(events[0].attributes[2..], [("sender", quoted(5)), ("receiver", quoted(6))]);
    // Back, and to oneself.
    send(&mut ctx, CLASS, "blue", &address(6), &address(5)).unwrap();
    send(&mut ctx, CLASS, "blue", &address(5), &address(5)).unwrap();
    assert_eq!((count(&ctx, 5), count(&ctx, 6)), (2, 0));
    let transfers = state::TRANSFERS.scan(&ctx, &state::group(CLASS, "blue"), None, false, 9).unwrap();
    assert_eq!(transfers.iter().map(|(_, transfer)| transfer.height).collect::<Vec<_>>(), [7, 9, 9, 9]);
    assert!(transfers[0].1.from.is_empty());
    assert_eq!(ArtworkModule.check_invariants(&ctx), Ok(()));
}

#[test]
fn only_the_owner_sends() {
    let (mut ctx, dao) = dealer();
    mint(&mut ctx, &asked(dao, "blue")).unwrap();
    let before = ctx.overlay().changes();
    let why = format!("{CLASS} blue is {}'s, not {dao}'s", address(5));
    assert_refused(send(&mut ctx, CLASS, "blue", &dao, &address(6)), "sdk", codes::UNAUTHORIZED, &why);
    let why = format!("{CLASS} has no artwork red");
    assert_refused(send(&mut ctx, CLASS, "red", &address(5), &address(6)), "nft", 6, &why);
    let forged = format!("{CLASS}\0forged");
    let why = format!("{forged} has no artwork blue");
    assert_refused(send(&mut ctx, &forged, "blue", &address(5), &address(6)), "nft", 6, &why);
    assert_eq!(ctx.overlay().changes(), before);
}
