use super::*;

#[test]
fn amounts_in_tables_are_grouped_and_exact() {
    let shown = |nils| cell(nils).unwrap();
    assert_eq!(shown("113605020000000"), "113,605,020 JMES");
    assert_eq!(shown("999500000"), "999.5 JMES");
    assert_eq!(shown("1000000001"), "1,000.000001 JMES");
    assert_eq!(shown(""), "0 JMES");
    assert_eq!(nils("1234500000").unwrap(), "1,234.5 JMES (1234500000 Nils)");
    assert_eq!(amount("x").unwrap_err().to_string(), "the node's answer has \"x\" for an amount");
}

#[test]
fn rates_are_exact_percentages_and_shares_are_rounded() {
    for (decimal, shown) in [
        ("100000000000000000", "10%"),
        ("125000000000000000", "12.5%"),
        ("1", "0.0000000000000001%"),
        ("1000000000000000000", "100%"),
        ("", "0%"),
    ] {
        assert_eq!(percent(decimal).unwrap(), shown);
    }
    assert_eq!(share(Amount(1), Amount(3)), "33.33%");
    assert_eq!(share(Amount(2), Amount(3)), "66.67%");
    assert_eq!(share(Amount(1), Amount(100_000)), "<0.01%");
    assert_eq!(share(Amount(0), Amount(3)), "0.00%");
    assert_eq!(share(Amount(1), Amount(0)), "-");
}

#[test]
fn times_are_utc_and_seen_from_now() {
    let time = Timestamp { seconds: 1_798_761_605, nanos: 7 };
    let now = |before: i64| (time.seconds - before) * NANOS + 7;
    assert_eq!(moment(Some(&time), now(0)), "2027-01-01 00:00:05 UTC (now)");
    assert_eq!(moment(Some(&time), now(3 * 86_400 + 5)), "2027-01-01 00:00:05 UTC (in 3 days)");
    assert_eq!(moment(Some(&time), now(-3_600)), "2027-01-01 00:00:05 UTC (1 hour ago)");
    assert_eq!(moment(None, 0), "");
}

#[test]
fn durations_keep_what_is_not_whole() {
    let shown = |seconds, nanos| duration(Some(&Duration { seconds, nanos }));
    assert_eq!(shown(1_814_400, 0), "21 days");
    assert_eq!(shown(90, 0), "90 seconds");
    assert_eq!(shown(600, 0), "10 minutes");
    assert_eq!(shown(0, 500_000_000), "0.5 seconds");
    assert_eq!(shown(1, 0), "1 second");
}
