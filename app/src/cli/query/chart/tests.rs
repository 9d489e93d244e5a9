use super::curve::{mainnet, Curve, Scale};
use super::{svg, terminal};

const JMES: u128 = 1_000_000;

fn curve() -> Curve {
    Curve::new(&mainnet().unwrap(), Some(3_155_695)).unwrap()
}

#[test]
fn the_public_chains_schedule_is_drawn_offline() {
    let curve = curve();
    assert_eq!(curve.years.len(), 65);
    assert_eq!((curve.years[0].reward, curve.years[64].reward), (18 * JMES, 3_201));
    assert_eq!((curve.end().issued, curve.end().unlocked), (900_000_000 * JMES, 100_000_000 * JMES));
    assert_eq!(curve.now, Some(0.5));
}

#[test]
fn the_terminals_chart_is_pinned_and_fits_80_columns() {
    let plain = terminal::draw(&curve(), false);
    assert!(plain.lines().all(|line| line.chars().count() <= 80), "{plain}");
    assert!(!plain.contains('\x1b'));
    insta::assert_snapshot!("terminal", plain);
    let coloured = terminal::draw(&curve(), true);
    assert!(coloured.contains("\x1b[36m") && coloured.contains("\x1b[0m"));
}

#[test]
fn short_and_long_schedules_fit_too() {
    for years in [1, 2, 30, 69, 70, 71, 500] {
        let year = curve().years[0];
        let curve = Curve { years: vec![year; years], now: None };
        let text = terminal::draw(&curve, false);
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!((60..=80).contains(&widest), "{years} years make {widest} columns");
    }
}

#[test]
fn every_mark_is_on_the_axis_when_columns_stand_for_several_years() {
    let curve = Curve { years: vec![curve().years[0]; 124], now: None };
    let text = terminal::draw(&curve, false);
    let labels = text.lines().find(|line| line.trim_start().starts_with("0  ")).unwrap();
    assert_eq!(labels.split_whitespace().collect::<Vec<_>>(), ["0", "20", "40", "60", "80", "100", "120"]);
}

#[test]
fn a_schedule_without_rewards_can_not_be_drawn() {
    let said = Curve::new(&Default::default(), None).unwrap_err().to_string();
    assert!(said.contains("no rewards"), "{said}");
}

#[test]
fn axes_end_at_round_numbers_not_below_the_values() {
    for (most, top, label, unit) in [
        (18 * JMES, 20 * JMES, "20", "JMES"),
        (900_000_000 * JMES, 1_000_000_000 * JMES, "1000", "million JMES"),
        (100_000_000 * JMES, 100_000_000 * JMES, "100", "million JMES"),
        (11_000 * JMES, 20_000 * JMES, "20", "thousand JMES"),
        (2_583, 4_000, "0.004", "JMES"),
        (1, 1, "0.000001", "JMES"),
        (0, 1, "0.000001", "JMES"),
    ] {
        let scale = Scale::up_to(most);
        assert_eq!((scale.top, scale.label(scale.top).as_str(), scale.unit()), (top, label, unit), "{most}");
    }
}

#[test]
fn the_picture_is_one_well_formed_file_that_needs_no_other() {
    let picture = svg::draw(&curve());
    assert!(
        picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && picture.ends_with("</svg>\n")
    );
    // The name of SVG's namespace is the only address.
    assert_eq!(picture.matches("http").count(), 1);
    assert!(!picture.contains("NaN") && !picture.contains("inf"));
    for words in ["Reward of a block, JMES", "Coins, million JMES", "years since the first block", ">now<"] {
        assert!(picture.contains(words), "{words}");
    }
    let opened = picture.matches('<').count() - picture.matches("</").count();
    let closed = picture.matches("/>").count() + picture.matches("</").count();
    assert_eq!(opened, closed);
}
