//! MsgJoin: a candidate without stake, which proves possession of its consensus key and some work (§6).
//!
//! Operators are hashed and signed as their raw bytes, 20 or 32; chain ids as their UTF-8 bytes; nonces as 8 bytes big-endian;
//! keys as their 32 bytes.

use super::error::{ALREADY_JOINED, NO_POSSESSION, PERIOD_OVER, SEATS, TOO_LITTLE_WORK};
use super::{check_room, is_seated, params, wait, waiting, work_target, Work};
use crate::emission;
use crate::kernel::{codes, Address, Amount, Ctx, Error, Event, Msg, Result, View};
use crate::staking::{self, NewValidator, Validator};
use ed25519_consensus::{Signature, VerificationKey};
use jmes_proto::jmes::staking::v1::{MsgJoin, MsgJoinResponse};
use sha2::{Digest, Sha256};

/// What the consensus key signs to prove its possession: chain id ‖ operator ‖ nonce.
pub fn possession_bytes(chain_id: &str, operator: &Address, nonce: u64) -> Vec<u8> {
    [chain_id.as_bytes(), operator.as_bytes(), &nonce.to_be_bytes()].concat()
}

/// What must be below the target as a big-endian number: SHA-256(key ‖ operator ‖ chain id ‖ nonce).
pub fn work_hash(key: &[u8; 32], operator: &Address, chain_id: &str, nonce: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(operator.as_bytes());
    hash.update(chain_id);
    hash.update(nonce.to_be_bytes());
    hash.finalize().into()
}

/// Everything that makes a join valid in the view's block: the period, the proofs, the texts and rates, that operator and key
/// are new, and that there is room to wait. Gives its work hash, by which joins are preferred (§4).
///
/// Refused with the codes of the codespace `seats` and of [`staking::create`].
pub fn check_join(view: &View, msg: &MsgJoin) -> Result<[u8; 32]> {
    check(view, msg).map(|join| join.work())
}

impl Msg for MsgJoin {
    type Response = MsgJoinResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.operator)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgJoinResponse> {
        let join = check(ctx, self)?;
        let work = hex(&join.work());
        let operator = match join {
            Join::First(new) => staking::create(ctx, *new)?.operator,
            Join::Again(validator) => {
                staking::save(ctx, &validator)?;
                validator.operator
            }
        };
        wait(ctx, &operator)?;
        let event = Event::new("join").with("validator", operator.operator()).with("work", work);
        ctx.emit(event);
        Ok(MsgJoinResponse {})
    }
}

/// A valid join.
enum Join {
    /// Of a new validator.
    First(Box<NewValidator>),
    /// Of one that was replaced while it waited: its record, with the new work.
    Again(Box<Validator>),
}

impl Join {
    fn work(&self) -> [u8; 32] {
        match self {
            Self::First(new) => new.work,
            Self::Again(validator) => validator.work,
        }
    }
}

fn check(view: &View, msg: &MsgJoin) -> Result<Join> {
    let refused = |code, why: String| Error::new(SEATS, code, why);
    if !emission::is_idp(view)? {
        let why = "the Initial Distribution Period is over: create a validator with a bond instead".into();
        return Err(refused(PERIOD_OVER, why));
    }
    let operator = Address::parse(&msg.operator)?;
    let key = staking::consensus_key(msg.pubkey.as_ref())?;
    let chain_id = &view.block().chain_id;
    let work = work_hash(&key, &operator, chain_id, msg.nonce);
    let target = work_target(&params(view)?)?;
    if work >= target {
        let why = format!("work hash {} is not below the target {}", hex(&work), hex(&target));
        return Err(refused(TOO_LITTLE_WORK, format!("{why}: find another nonce")));
    }
    // After the work, which costs a sender more than it costs to check.
    check_possession(&key, &possession_bytes(chain_id, &operator, msg.nonce), &msg.possession_proof)?;
    let join = match staking::validator(view, &operator)?.filter(|found| found.key == Some(key)) {
        Some(validator) => Join::Again(Box::new(again(view, validator, work)?)),
        None => {
            let new = NewValidator {
                operator,
                key,
                description: msg.description.clone().unwrap_or_default(),
                commission: staking::commission(msg.commission.as_ref())?,
                min_self_delegation: Amount::ZERO,
                possession: true,
                work,
            };
            staking::check_create(view, &new)?;
            Join::First(Box::new(new))
        }
    };
    check_room(view, Work(work)).map(|_| join)
}

/// A validator that joined and was replaced while it waited joins again with the same key and other work. Its description and
/// rates stay: they are edited as ever.
fn again(view: &View, validator: Validator, work: [u8; 32]) -> Result<Validator> {
    let operator = validator.operator.operator();
    let why = if validator.jailed || validator.tombstoned {
        "is jailed: unjail it instead"
    } else if is_seated(view, &validator.operator)? {
        "has a seat"
    } else if waiting::has(view, &validator.operator)? {
        "waits for a seat already"
    } else {
        return Ok(Validator { work, possession: true, ..validator });
    };
    Err(Error::new(SEATS, ALREADY_JOINED, format!("validator {operator} {why}")))
}

/// ZIP-215, as the engine verifies votes.
fn check_possession(key: &[u8; 32], bytes: &[u8], proof: &[u8]) -> Result<()> {
    let key = VerificationKey::try_from(*key)
        .map_err(|_| Error::sdk(codes::INVALID_PUBKEY, "the consensus key is not an ed25519 public key"))?;
    let signature = <[u8; 64]>::try_from(proof).map(Signature::from).map_err(|_| {
        let length = proof.len();
        Error::new(SEATS, NO_POSSESSION, format!("the possession proof has {length} bytes instead of 64"))
    })?;
    key.verify(&signature, bytes).map_err(|_| {
        let why =
            "the possession proof is not the consensus key's signature over chain id, operator and nonce";
        Error::new(SEATS, NO_POSSESSION, why)
    })
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
