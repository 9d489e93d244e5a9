//! Times and durations as JSON writes them.

use std::fmt::Write as _;

/// How many digits of a second are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fraction {
    /// 0, 3, 6 or 9, as few as do: JSON.
    Thousands,
    /// As few as do: amino JSON.
    Shortest,
}

const SECONDS_A_DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z.
pub(crate) const MIN_SECONDS: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const MAX_SECONDS: i64 = 253_402_300_799;

/// RFC 3339 in UTC. None if the year is not in 1 ..= 9999 or the nanoseconds are not part of a second.
pub(crate) fn timestamp(seconds: i64, nanos: i64, fraction: Fraction) -> Option<String> {
    if !(MIN_SECONDS..=MAX_SECONDS).contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
        return None;
    }
    let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_A_DAY));
    let second = seconds.rem_euclid(SECONDS_A_DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    push_fraction(&mut text, nanos, fraction);
    text.push('Z');
    Some(text)
}

/// Seconds with the suffix `s`. None if out of protobuf's range of 10,000 years or if the signs differ.
pub(crate) fn duration(seconds: i64, nanos: i64) -> Option<String> {
    let in_range = (-315_576_000_000..=315_576_000_000).contains(&seconds) && nanos.abs() < 1_000_000_000;
    if !in_range || seconds.signum() * nanos.signum() < 0 {
        return None;
    }
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    let mut text = format!("{sign}{}", seconds.unsigned_abs());
    push_fraction(&mut text, nanos.abs(), Fraction::Thousands);
    text.push('s');
    Some(text)
}

fn push_fraction(text: &mut String, nanos: i64, fraction: Fraction) {
    if nanos == 0 {
        return;
    }
    // Writing to a String can't fail.
    let _ = write!(text, ".{nanos:09}");
    let surplus = text.len() - text.trim_end_matches('0').len();
    text.truncate(match fraction {
        Fraction::Shortest => text.len() - surplus,
        Fraction::Thousands => text.len() - surplus / 3 * 3,
    });
}

/// Reads RFC 3339, with any offset: seconds since 1970 and nanoseconds.
pub(crate) fn parse_timestamp(text: &str) -> Option<(i64, i32)> {
    let text = text.as_bytes();
    let date_time = text.get(..19)?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| date_time[*at].to_ascii_uppercase() != *mark) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| digits(&date_time[range]);
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_from_civil(year, month, day);
    if civil_from_days(days) != (year, month, day) {
        return None;
    }
    let (nanos, rest) = parse_fraction(&text[19..])?;
    let offset = match rest {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            let offset = hours * 3600 + minutes * 60;
            if hours > 23 || minutes > 59 {
                return None;
            }
            if *sign == b'-' {
                -offset
            } else {
                offset
            }
        }
        _ => return None,
    };
    let seconds = days * SECONDS_A_DAY + hour * 3600 + minute * 60 + second - offset;
    (MIN_SECONDS..=MAX_SECONDS).contains(&seconds).then_some((seconds, nanos))
}

/// Reads seconds with the suffix `s`: seconds and nanoseconds, of one sign.
pub(crate) fn parse_duration(text: &str) -> Option<(i64, i32)> {
    let text = text.strip_suffix('s')?;
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let whole = text.split('.').next()?;
    if whole.len() > 12 {
        return None;
    }
    let seconds = digits(whole.as_bytes())?;
    let (nanos, rest) = parse_fraction(&text.as_bytes()[whole.len()..])?;
    (rest.is_empty() && seconds <= 315_576_000_000).then_some((i64::from(sign) * seconds, sign * nanos))
}

/// An optional `.` with one to nine digits, as nanoseconds, and what follows.
fn parse_fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let Some(text) = text.strip_prefix(b".") else { return Some((0, text)) };
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&length) {
        return None;
    }
    let value = i32::try_from(digits(&text[..length])?).ok()?;
    Some((value * 10i32.pow(9 - length as u32), &text[length..]))
}

/// The value of at most 18 digits.
fn digits(text: &[u8]) -> Option<i64> {
    let are_digits = !text.is_empty() && text.len() <= 18 && text.iter().all(u8::is_ascii_digit);
    are_digits.then(|| text.iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0')))
}

/// The proleptic Gregorian date of a number of days since 1970-01-01. Years are counted from March, so that leap days end them.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    const DAYS_IN_400_YEARS: i64 = 146_097;
    let days = days + 719_468;
    let era = days.div_euclid(DAYS_IN_400_YEARS);
    let day_of_era = days.rem_euclid(DAYS_IN_400_YEARS);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The inverse of [`civil_from_days`]; for a day that does not exist, some day.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let march_month = (month + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let year_of_era = year.rem_euclid(400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    year.div_euclid(400) * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_agree_in_both_directions() {
        assert_eq!(civil_from_days(0), (1970, 1, 1));
        assert_eq!(civil_from_days(19_782), (2024, 2, 29));
        for days in (-719_162..2_932_896).step_by(17) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn timestamps_are_rfc_3339() {
        assert_eq!(timestamp(0, 0, Fraction::Thousands).unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(1, 500_000_000, Fraction::Thousands).unwrap(), "1970-01-01T00:00:01.500Z");
        assert_eq!(timestamp(1, 500_000_000, Fraction::Shortest).unwrap(), "1970-01-01T00:00:01.5Z");
        assert_eq!(timestamp(1, 1, Fraction::Thousands).unwrap(), "1970-01-01T00:00:01.000000001Z");
        assert_eq!(timestamp(MIN_SECONDS, 0, Fraction::Thousands).unwrap(), "0001-01-01T00:00:00Z");
        assert_eq!(timestamp(MAX_SECONDS, 0, Fraction::Thousands).unwrap(), "9999-12-31T23:59:59Z");
        assert_eq!(timestamp(MAX_SECONDS + 1, 0, Fraction::Thousands), None);
        assert_eq!(timestamp(0, -1, Fraction::Thousands), None);
    }

    #[test]
    fn timestamps_are_read_with_any_offset() {
        assert_eq!(parse_timestamp("1970-01-01T00:00:01.5Z"), Some((1, 500_000_000)));
        assert_eq!(parse_timestamp("1970-01-01T02:00:00+02:00"), Some((0, 0)));
        assert_eq!(parse_timestamp("2024-02-29T00:00:00Z"), Some((19_782 * SECONDS_A_DAY, 0)));
        for wrong in [
            "",
            "1970-01-01",
            "2023-02-29T00:00:00Z",
            "1970-13-01T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:00:00",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00.1234567890Z",
            "1970-01-01T00:00:00+0200",
            "+970-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_timestamp(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_are_seconds() {
        for (text, value) in [
            ("0s", (0, 0)),
            ("1.500s", (1, 500_000_000)),
            ("-0.000000001s", (0, -1)),
            ("-3s", (-3, 0)),
            ("315576000000s", (315_576_000_000, 0)),
        ] {
            assert_eq!(parse_duration(text), Some(value), "{text}");
            assert_eq!(duration(value.0, value.1.into()).unwrap(), text);
        }
        for wrong in ["", "s", "1", "1m", "1.s", "--1s", "315576000001s", "1e3s", ".5s"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
        assert_eq!(duration(1, -1), None);
    }
}
