//! What people see of JSON.

use super::*;

#[test]
fn fields_are_aligned_and_lists_of_alike_objects_are_tables() {
    let json = r#"{"height":"5","memo":"","ok":true,"none":null,"list":["a","b"],"empty":[],
        "rows":[{"name":"x","amount":{"denom":"ujmes","amount":"5"}},{"name":"longer","amount":{"denom":"ujmes","amount":"10"}}],
        "mixed":[{"a":1},{"b":{"c":[{"d":"e"},{"f":"g"}]}}],"coins":[{"denom":"ibc/A","amount":"1"},{"denom":"ujmes","amount":"1500000"}]}"#;
    insta::assert_snapshot!("rendered", render(json, false).unwrap());
}

#[test]
fn only_headings_are_bold_and_only_in_colour() {
    assert_eq!(render(r#"{"a":"b"}"#, true).unwrap(), "\u{1b}[1ma\u{1b}[0m: b\n");
    assert_eq!(render(r#"{"a":"b"}"#, false).unwrap(), "a: b\n");
}

#[test]
fn text_from_the_chain_can_not_steer_the_terminal() {
    let text =
        render(r#"{"memo":"\u001b[2Jgone\r\u0007","\u001b[0m":"x","rows":[{"\u001b":"\u001b"}]}"#, false)
            .unwrap();
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn what_is_not_json_is_refused() {
    assert!(render("{", false).is_err());
}
