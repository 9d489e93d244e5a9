//! ASCII armour: a secret key sealed with a passphrase, as text that survives mail and paper.

use anyhow::{Context, Result};
use base64::prelude::{Engine as _, BASE64_STANDARD};

use super::seal::{Cost, Sealed};
use super::SecretKey;

const BEGIN: &str = "-----BEGIN JMES ENCRYPTED PRIVATE KEY-----";
const END: &str = "-----END JMES ENCRYPTED PRIVATE KEY-----";
/// Characters on a line.
const LINE: usize = 64;
/// What the sealed bytes are, so that nothing else sealed with the same passphrase passes for a key.
const CONTEXT: &[u8] = b"jmes/armor/1/secp256k1";

/// Seals `secret` with `passphrase`; the text ends with a line break.
///
/// # Errors
/// The system gives no random numbers.
pub fn write_armor(secret: &SecretKey, passphrase: &str) -> Result<String> {
    let sealed = Sealed::seal(secret.expose(), passphrase, CONTEXT, Cost::STANDARD)?;
    let body = BASE64_STANDARD.encode(serde_json::to_vec(&sealed)?);
    let mut text = format!("{BEGIN}\n");
    for line in body.as_bytes().chunks(LINE) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str(END);
    text.push('\n');
    Ok(text)
}

/// Opens what [`write_armor`] wrote; text around the armour is ignored.
///
/// # Errors
/// There is no armour in `text`, it is damaged, or the passphrase is wrong.
pub fn read_armor(text: &str, passphrase: &str) -> Result<SecretKey> {
    let body = text.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map(|(body, _)| body);
    let body = body.with_context(|| format!("this is not an exported key: it has no line \"{BEGIN}\""))?;
    let joined: String = body.split_whitespace().collect();
    let damaged = "the exported key is damaged";
    let sealed: Sealed =
        serde_json::from_slice(&BASE64_STANDARD.decode(joined).context(damaged)?).context(damaged)?;
    let secret = sealed.open(passphrase, CONTEXT).context("the exported key cannot be opened")?;
    SecretKey::from_bytes(&secret)
}
