//! Times and durations: nanoseconds in state, messages of `google.protobuf` outside.

use super::error::{codes, Error, Result};
use jmes_proto::{Duration, Timestamp};

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// A time given in nanoseconds since 1970.
pub fn timestamp(time: u64) -> Timestamp {
    let (seconds, nanos) = parts(time);
    Timestamp { seconds, nanos }
}

/// The nanoseconds since 1970 of a time; `sdk/18` before 1970 or after 2554.
pub fn from_timestamp(time: &Timestamp) -> Result<u64> {
    joined(time.seconds, time.nanos).ok_or_else(|| {
        let Timestamp { seconds, nanos } = time;
        let why = format!("a time of {seconds} s and {nanos} ns since 1970 is not from 1970 to 2554");
        Error::sdk(codes::INVALID_REQUEST, why)
    })
}

/// A duration given in nanoseconds.
pub fn duration(nanoseconds: u64) -> Duration {
    let (seconds, nanos) = parts(nanoseconds);
    Duration { seconds, nanos }
}

/// The nanoseconds of a duration; `sdk/18` when it is negative or longer than 584 years.
pub fn from_duration(duration: &Duration) -> Result<u64> {
    joined(duration.seconds, duration.nanos).ok_or_else(|| {
        let Duration { seconds, nanos } = duration;
        let why = format!("a duration of {seconds} s and {nanos} ns is not from 0 to 584 years");
        Error::sdk(codes::INVALID_REQUEST, why)
    })
}

fn parts(nanoseconds: u64) -> (i64, i32) {
    let seconds = nanoseconds.checked_div(SECOND).unwrap_or(0);
    let nanos = nanoseconds.checked_rem(SECOND).unwrap_or(0);
    (i64::try_from(seconds).unwrap_or(i64::MAX), i32::try_from(nanos).unwrap_or(0))
}

fn joined(seconds: i64, nanos: i32) -> Option<u64> {
    let nanos = u64::try_from(nanos).ok().filter(|nanos| *nanos < SECOND)?;
    u64::try_from(seconds).ok()?.checked_mul(SECOND)?.checked_add(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_durations_are_whole_seconds_and_the_rest() {
        for nanoseconds in [0, 1, SECOND - 1, SECOND, 1_700_000_000_123_456_789, u64::MAX] {
            assert_eq!(from_timestamp(&timestamp(nanoseconds)), Ok(nanoseconds));
            assert_eq!(from_duration(&duration(nanoseconds)), Ok(nanoseconds));
        }
        assert_eq!(duration(2 * SECOND + 7), Duration { seconds: 2, nanos: 7 });
    }

    #[test]
    fn negative_and_endless_durations_are_refused() {
        for (seconds, nanos) in
            [(-1, 0), (0, -1), (1, -1), (0, 1_000_000_000), (i64::MAX, 0), (18_446_744_073, 709_551_616)]
        {
            let error = from_duration(&Duration { seconds, nanos }).unwrap_err();
            assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_REQUEST));
            assert!(error.message.contains(&format!("{seconds} s and {nanos} ns")), "{error}");
            assert!(from_timestamp(&Timestamp { seconds, nanos }).is_err());
        }
    }
}
