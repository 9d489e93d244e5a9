//! MsgJoin: a candidate without stake, which proves possession of its consensus key and some work (§6).
//!
//! Operators are hashed and signed as their raw bytes, 20 or 32; chain ids as their UTF-8 bytes; nonces as 8 bytes big-endian;
//! keys as their 32 bytes.

use super::error::{ALREADY_JOINED, NO_POSSESSION, PERIOD_OVER, SEATS, TOO_LITTLE_WORK};
use super::{is_seated, params, wait, waiting, work_target};
use crate::kernel::{codes, Address, Amount, Ctx, Error, Event, Msg, Result, View};
use crate::staking::{self, NewValidator, Validator};
use crate::{auth, emission};
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

/// What of a join costs little to check and much to make: the period (`seats/2`), and work below the target (`seats/3`).
/// Gives its work hash, by which joins are preferred (§4). The rest is the message's business.
pub fn check_work(view: &View, msg: &MsgJoin) -> Result<[u8; 32]> {
    let refused = |code, why: String| Err(Error::new(SEATS, code, why));
    if !emission::is_idp(view)? {
        let why = "the Initial Distribution Period is over: create a validator with a bond instead".into();
        return refused(PERIOD_OVER, why);
    }
    let operator = Address::parse(&msg.operator)?;
    let key = staking::consensus_key(msg.pubkey.as_ref())?;
    let work = work_hash(&key, &operator, &view.block().chain_id, msg.nonce);
    let target = work_target(&params(view)?)?;
    if work >= target {
        let why = format!("work hash {} is not below the target {}", hex(&work), hex(&target));
        return refused(TOO_LITTLE_WORK, format!("{why}: find another nonce"));
    }
    Ok(work)
}

/// Refused with the codes of the codespace `seats` and of [`staking::create`].
impl Msg for MsgJoin {
    type Response = MsgJoinResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.operator)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgJoinResponse> {
        let work = check_work(ctx, self)?;
        let operator = Address::parse(&self.operator)?;
        let key = staking::consensus_key(self.pubkey.as_ref())?;
        check_possession(ctx, &key, &operator, self)?;
        match staking::validator(ctx, &operator)?.filter(|found| found.key == Some(key)) {
            Some(validator) => {
                let validator = again(ctx, validator, work)?;
                staking::save(ctx, &validator)?;
            }
            None => {
                let new = NewValidator {
                    operator,
                    key,
                    description: self.description.clone().unwrap_or_default(),
                    commission: staking::commission(self.commission.as_ref())?,
                    min_self_delegation: Amount::ZERO,
                    possession: true,
                    work,
                };
                staking::create(ctx, new)?;
            }
        }
        wait(ctx, &operator)?;
        let event = Event::new("join").with("validator", operator.operator()).with("work", hex(&work));
        ctx.emit(event);
        Ok(MsgJoinResponse {})
    }
}

/// A validator that was replaced while it waited joins with the same key and other work. Its description and rates stay: they
/// are edited as ever.
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

/// ZIP-215, as the engine verifies votes. It costs the gas of an ed25519 signature (§4).
fn check_possession(view: &View, key: &[u8; 32], operator: &Address, msg: &MsgJoin) -> Result<()> {
    view.gas().consume(auth::params(view)?.sig_verify_cost_ed25519, "possession: ed25519")?;
    let key = VerificationKey::try_from(*key)
        .map_err(|_| Error::sdk(codes::INVALID_PUBKEY, "the consensus key is not an ed25519 public key"))?;
    let proof = msg.possession_proof.as_slice();
    let signature = <[u8; 64]>::try_from(proof).map(Signature::from).map_err(|_| {
        let length = proof.len();
        Error::new(SEATS, NO_POSSESSION, format!("the possession proof has {length} bytes instead of 64"))
    })?;
    let bytes = possession_bytes(&view.block().chain_id, operator, msg.nonce);
    key.verify(&signature, &bytes).map_err(|_| {
        let why =
            "the possession proof is not the consensus key's signature over chain id, operator and nonce";
        Error::new(SEATS, NO_POSSESSION, why)
    })
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
