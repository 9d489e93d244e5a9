//! The REST paths of the business modules that outside programs rely on: each method has the path of the public list, and answers
//! there on a chain on which there is something to be told.

use super::story::Season;
use super::world::HOLDERS;
use jmes_tests::Key;
use jmesd::api::{serve, ApiOptions};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A method, its path, and an example of that.
type Method = (&'static str, &'static str, &'static str);

/// Modules with their methods, the methods' paths below `/jmes/<module>/v1/`, and an example of each for the season's chain.
const PATHS: [(&str, &[Method]); 7] = [
    (
        "identity",
        &[
            ("Params", "params", "params"),
            ("ByName", "names/{name}", "names/studio"),
            ("ByAddress", "addresses/{address}", "addresses/STUDIO"),
            ("Identities", "identities", "identities?prefix=stu"),
        ],
    ),
    (
        "dao",
        &[
            ("Params", "params", "params"),
            ("Dao", "daos/{dao}", "daos/STUDIO"),
            ("Daos", "daos", "daos"),
            ("DaosOf", "members/{address}/daos", "members/MEMBER/daos"),
            ("Proposal", "proposals/{proposal_id}", "proposals/1"),
            ("Proposals", "daos/{dao}/proposals", "daos/STUDIO/proposals"),
            ("Votes", "proposals/{proposal_id}/votes", "proposals/1/votes"),
        ],
    ),
    (
        "governance",
        &[
            ("Params", "params", "params"),
            ("Cycle", "cycle", "cycle"),
            ("Proposal", "proposals/{proposal_id}", "proposals/1"),
            ("Proposals", "proposals", "proposals?cycle=1&dao=STUDIO"),
            ("Vote", "proposals/{proposal_id}/votes/{voter}", "proposals/1/votes/HOLDER"),
            ("VotesOf", "votes/{voter}", "votes/HOLDER"),
            ("VotingPower", "voting_power/{address}", "voting_power/HOLDER"),
        ],
    ),
    (
        "funding",
        &[
            ("Params", "params", "params"),
            ("Plan", "plan", "plan"),
            ("Stream", "streams/{proposal_id}", "streams/2"),
            ("Streams", "streams", "streams"),
        ],
    ),
    (
        "slots",
        &[
            ("Params", "params", "params"),
            ("Slots", "slots", "slots"),
            ("Features", "daos/{dao}/features", "daos/STUDIO/features"),
            (
                "FeatureAt",
                "daos/{dao}/features/{feature}/at/{height}",
                "daos/STUDIO/features/engineering/at/HEIGHT",
            ),
        ],
    ),
    (
        "artwork",
        &[
            ("Params", "params", "params"),
            ("Provenance", "provenance/{class_id}/{id}", "provenance/artwork-collective/last"),
        ],
    ),
    (
        "upgrade",
        &[
            ("Params", "params", "params"),
            ("Versions", "versions", "versions"),
            ("Plan", "plan", "plan"),
            ("Changes", "changes", "changes"),
        ],
    ),
];

/// The path that the descriptors bind a method to.
fn bound(module: &str, method: &str) -> String {
    let pool = jmes_proto::pool();
    let http = pool.get_extension_by_name("google.api.http").expect("it is known");
    let service = pool.get_service_by_name(&format!("jmes.{module}.v1.Query")).expect("it is known");
    let method = service
        .methods()
        .find(|one| one.name() == method)
        .unwrap_or_else(|| panic!("{module} has no {method}"));
    let options = method.options();
    let rule = options.get_extension(&http);
    let rule = rule.as_message().expect("it is a rule");
    rule.get_field_by_name("get").and_then(|path| path.as_str().map(str::to_owned)).expect("it is a GET")
}

/// Status and body of a GET.
fn get(door: SocketAddr, path: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(door).expect("the door is open");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("it is HTTP");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
    (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{path}: {error}: {body}")))
}

#[test]
fn every_method_has_its_public_path_and_answers_there() {
    for (module, methods) in PATHS {
        let service = jmes_proto::pool().get_service_by_name(&format!("jmes.{module}.v1.Query")).unwrap();
        let listed: BTreeSet<&str> = methods.iter().map(|(method, ..)| *method).collect();
        let there: Vec<String> = service.methods().map(|method| method.name().to_owned()).collect();
        assert_eq!(there.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed, "{module}");
        for (method, path, _) in methods {
            assert_eq!(bound(module, method), format!("/jmes/{module}/v1/{path}"), "{module} {method}");
        }
    }
    let Season { world, studio, .. } = Season::run();
    let options = ApiOptions {
        rest: Some(([127, 0, 0, 1], 0).into()),
        grpc: None,
        ..ApiOptions::new("http://127.0.0.1:9")
    };
    let doors = serve(world.chain.chain().clone(), options).expect("there is a free port");
    let door = doors.rest.expect("REST is served");
    let words = [
        ("STUDIO", studio.address.to_string()),
        ("MEMBER", Key::new(0).address().to_string()),
        ("HOLDER", Key::new(HOLDERS[0]).address().to_string()),
        ("HEIGHT", world.height().to_string()),
    ];
    for (module, methods) in PATHS {
        for (method, _, example) in methods {
            let example =
                words.iter().fold((*example).to_owned(), |path, (word, value)| path.replace(word, value));
            let (status, body) = get(door, &format!("/jmes/{module}/v1/{example}"));
            assert_eq!(status, 200, "{module} {method}: {body}");
            assert!(body.as_object().is_some_and(|fields| !fields.is_empty()), "{module} {method}: {body}");
        }
    }
    assert_eq!(get(door, "/jmes/dao/v1/nothing").0, 501);
    doors.stop();
}
