//! Randomness from a seed that is printed, so that a failing run can be repeated.

/// Pseudo-random numbers (SplitMix64). The same seed gives the same numbers for ever: golden hashes rest on it.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Numbers of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end as u64) as usize
    }

    /// True once in `times` times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `items`, of which there is at least one.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Puts `items` in another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// `bytes` with one to three small changes: bits, numbers at their limits, pieces removed, repeated, moved, or
    /// taken from `other`.
    pub fn mutate(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        for _ in 0..=self.below(3) {
            self.mutate_once(&mut changed, other);
        }
        changed
    }

    fn mutate_once(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len() + 1);
        let end = (at + self.below(16)).min(bytes.len());
        match self.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = *self.pick(&[0x00, 0x01, 0x7f, 0x80, 0xff]),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => {
                let from = self.below(other.len() + 1);
                let to = (from + self.below(64)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            // A varint of the largest number, and one that never ends.
            6 => drop(bytes.splice(at..at, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])),
            7 => drop(bytes.splice(at..at, [0xff; 11])),
            _ => {
                let count = self.below(24);
                let noise: Vec<u8> = (0..count).map(|_| self.number() as u8).collect();
                bytes.splice(at..at, noise);
            }
        }
    }
}

/// The seed of this run: `JMES_TEST_SEED`, else a new one. It is printed, which a test shows when it fails.
pub fn seed() -> u64 {
    let now = || std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_nanos() as u64;
    let seed = std::env::var("JMES_TEST_SEED").map_or_else(|_| now(), |seed| seed.parse().expect("a number"));
    println!("JMES_TEST_SEED={seed}");
    seed
}

/// Whether the tests that take too long for every submission are wanted (`scripts/test --long`).
pub fn is_long() -> bool {
    std::env::var_os("JMES_TEST_LONG").is_some()
}

/// `count`, or 20 times as many with `JMES_TEST_LONG`.
pub fn long(count: usize) -> usize {
    count * if is_long() { 20 } else { 1 }
}
