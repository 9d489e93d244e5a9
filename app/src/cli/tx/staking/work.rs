//! The work of a join (§6): finding a nonce whose hash is below the target, on all cores.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use jmes_modules::kernel::Address;
use jmes_modules::seats::work_hash;

use crate::cli::console::Console;
use crate::cli::people::{grouped, span};

/// How many nonces are tried between two looks at the others.
const BATCH: u64 = 4_096;
/// How often the progress is shown.
const TICK: Duration = Duration::from_millis(500);

/// What the work is done for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work<'a> {
    /// The consensus key.
    pub key: &'a [u8; 32],
    /// Who will run the validator.
    pub operator: &'a Address,
    /// The chain.
    pub chain_id: &'a str,
    /// What the hash must be below, as a number with its first byte the most significant.
    pub target: [u8; 32],
}

impl Work<'_> {
    /// A nonce that does the work.
    ///
    /// # Errors
    /// There is none.
    pub fn find(&self, console: &mut Console) -> Result<u64> {
        let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
        let (found, tried) = (AtomicBool::new(false), AtomicU64::new(0));
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            for first in 0..threads {
                let (sender, found, tried) = (sender.clone(), &found, &tried);
                scope.spawn(move || {
                    if let Some(nonce) = self.search(first, threads, found, tried) {
                        // The receiver takes the first and goes.
                        let _ = sender.send(nonce);
                    }
                });
            }
            drop(sender);
            let begun = Instant::now();
            loop {
                match receiver.recv_timeout(TICK) {
                    Ok(nonce) => break Ok(nonce),
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        console.progress(&self.progress(tried.load(Ordering::Relaxed), begun.elapsed()));
                    }
                    Err(mpsc::RecvTimeoutError::Disconnected) => {
                        break Err(anyhow::anyhow!("no nonce does the work: the chain's target is too low"))
                    }
                }
            }
        })
        .inspect(|_| console.progress(""))
    }

    /// Whether a nonce does the work.
    pub fn is_done_by(&self, nonce: u64) -> bool {
        work_hash(self.key, self.operator, self.chain_id, nonce) < self.target
    }

    /// Every `step`th nonce from `first` on, until one does the work or another thread has `found` one.
    fn search(&self, first: u64, step: u64, found: &AtomicBool, tried: &AtomicU64) -> Option<u64> {
        let mut next = Some(first);
        while !found.load(Ordering::Relaxed) {
            for _ in 0..BATCH {
                let nonce = next?;
                if self.is_done_by(nonce) {
                    found.store(true, Ordering::Relaxed);
                    return Some(nonce);
                }
                next = nonce.checked_add(step);
            }
            tried.fetch_add(BATCH, Ordering::Relaxed);
        }
        None
    }

    /// How many nonces have to be tried on average.
    fn expected(&self) -> f64 {
        let fraction: f64 = self.target.iter().rev().fold(0.0, |sum, byte| (sum + f64::from(*byte)) / 256.0);
        1.0 / fraction
    }

    fn progress(&self, tried: u64, elapsed: Duration) -> String {
        let a_second = tried as f64 / elapsed.as_secs_f64();
        let seconds = self.expected() / a_second.max(1.0);
        format!(
            "Working: {} hashes in {}, it takes {} on average",
            grouped(&tried.to_string()),
            span(elapsed.as_secs().into()),
            // Chance has no memory, so this does not shrink.
            span(seconds.min(1e12) as i128)
        )
    }
}

/// Reads a target of work: 64 hex digits.
///
/// # Errors
/// It is not one, or zero, below which nothing is.
pub(super) fn parse_target(text: &str) -> Result<[u8; 32]> {
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    let target: [u8; 32] =
        bytes.with_context(|| format!("\"{text}\" is not a target of work: it has 64 hex digits"))?;
    ensure!(target != [0; 32], "no hash is below a target of zero");
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn target(first: &[u8]) -> [u8; 32] {
        let mut target = [0; 32];
        target[..first.len()].copy_from_slice(first);
        target
    }

    fn find(target: [u8; 32]) -> (bool, String) {
        let operator = Address::parse("jmes1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg7cs7r8").unwrap();
        let work = Work { key: &KEY, operator: &operator, chain_id: "jmes-1", target };
        let mut console = Console::for_tests("", std::io::sink(), std::io::sink(), crate::cli::Format::Text);
        let nonce = work.find(&mut console).unwrap();
        (work.is_done_by(nonce), work.progress(1_000_000, Duration::from_secs(2)))
    }

    #[test]
    fn a_nonce_is_found_whose_hash_is_below_the_target() {
        assert!(find(target(&[0, 4])).0);
        assert!(find([0xff; 32]).0);
    }

    #[test]
    fn the_progress_tells_the_time_that_the_target_takes() {
        // 2^12 tries on average, at 500,000 a second.
        let (_, said) = find(target(&[0, 0x10]));
        assert_eq!(said, "Working: 1,000,000 hashes in 2 seconds, it takes 0 seconds on average");
        let work = Work {
            key: &KEY,
            operator: &Address::of_twenty([1; 20]),
            chain_id: "",
            target: target(&[0, 0, 0, 0x10]),
        };
        // 2^28 of them.
        assert_eq!(work.expected(), 268_435_456.0);
        assert!(work.progress(500_000, Duration::from_secs(1)).ends_with("it takes 8 minutes on average"));
    }

    #[test]
    fn targets_are_64_hex_digits_above_zero() {
        assert_eq!(parse_target(&format!("{:064x}", 255)).unwrap()[31], 255);
        assert!(parse_target("ff").unwrap_err().to_string().contains("64 hex digits"));
        assert!(parse_target(&"0".repeat(64)).unwrap_err().to_string().contains("zero"));
    }
}
