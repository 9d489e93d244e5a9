//! Mnemonics: the words that people write down (BIP-39, English).

use std::fmt;

use anyhow::{bail, Context, Result};
use bip39::Language;
use zeroize::Zeroizing;

/// How many words a new mnemonic has.
pub const GENERATED_WORDS: usize = 24;

/// Bytes of entropy in a new mnemonic.
const ENTROPY: usize = GENERATED_WORDS / 3 * 4;

/// A valid mnemonic of 12, 15, 18, 21 or 24 words; erased from memory when dropped.
pub struct Mnemonic(bip39::Mnemonic);

impl Mnemonic {
    /// Makes a mnemonic of 24 words from the system's random numbers.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn generate() -> Result<Self> {
        let mut entropy = Zeroizing::new([0; ENTROPY]);
        getrandom::getrandom(entropy.as_mut()).context("the system gives no random numbers")?;
        let words = bip39::Mnemonic::from_entropy(entropy.as_ref()).context("cannot make a mnemonic")?;
        Ok(Self(words))
    }

    /// Reads words in any case, separated by any white space.
    ///
    /// # Errors
    /// The number of words is wrong, a word is not in the list, or the checksum fails. The message never repeats a
    /// word.
    pub fn parse(text: &str) -> Result<Self> {
        let lower = Zeroizing::new(text.to_lowercase());
        match bip39::Mnemonic::parse_in(Language::English, lower.as_str()) {
            Ok(words) => Ok(Self(words)),
            Err(bip39::Error::BadWordCount(count)) => {
                bail!("a mnemonic has 12, 15, 18, 21 or 24 words; this one has {count}")
            }
            Err(bip39::Error::UnknownWord(index)) => {
                bail!(
                    "word {} of the mnemonic is not in the BIP-39 English word list: check its spelling",
                    index + 1
                )
            }
            Err(_) => bail!("the mnemonic's checksum is wrong: a word is wrong, missing or out of place"),
        }
    }

    /// The words, separated by one space.
    pub fn words(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(GENERATED_WORDS * 9));
        for (index, word) in self.0.words().enumerate() {
            if index > 0 {
                text.push(' ');
            }
            text.push_str(word);
        }
        text
    }

    pub(super) fn seed(&self) -> Zeroizing<[u8; 64]> {
        Zeroizing::new(self.0.to_seed_normalized(""))
    }
}

impl fmt::Debug for Mnemonic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mnemonic(secret)")
    }
}
