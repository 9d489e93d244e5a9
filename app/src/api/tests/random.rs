//! Random requests at both doors: always an answer, a refusal always with its code, never a panic.

use super::{
    grpc::{ask, frame, service},
    *,
};

/// A generator of its own, so that a seed says everything (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.next() as u8).collect()
    }
}

fn seed() -> u64 {
    std::env::var("JMES_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_260_101)
}

/// Characters that an HTTP request line can have, those with a meaning more often.
fn text(random: &mut Random, most: usize) -> String {
    let special = b"/%{}=&+.,:*?-_~\\|1aZ";
    let any = |random: &mut Random| match random.below(3) {
        0 => char::from(*random.pick(special)),
        1 => char::from(b'0' + random.below(10) as u8),
        _ => char::from(b'a' + random.below(26) as u8),
    };
    (0..random.below(most + 1)).map(|_| any(random)).collect()
}

/// Something like JSON: nested at random, cut at random.
fn json_text(random: &mut Random) -> String {
    let parts = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "null",
        "true",
        "1e999",
        "-1",
        "\"\"",
        "\"tx\"",
        "\"body\"",
        "\"messages\"",
        "\"@type\"",
        "\"/cosmos.bank.v1beta1.MsgSend\"",
        "\"tx_bytes\"",
        "\"AAAA\"",
        "\"mode\"",
        "\"\\ud800\"",
        " ",
    ];
    (0..random.below(60)).map(|_| *random.pick(&parts)).collect()
}

#[test]
fn random_rest_requests_get_an_answer_or_a_refusal_with_a_code() {
    let seed = seed();
    println!("JMES_SEED={seed}");
    let mut random = Random(seed);
    let test = TestChain::new(2);
    let desk = test.desk(&absent_engine());
    let rest = Service::new(desk.clone(), false);
    let names = [
        "denom",
        "pagination.limit",
        "pagination.key",
        "pagination.offset",
        "order_by",
        "events",
        "height",
        "a.b",
    ];
    for round in 0..3_000 {
        let endpoint = random.pick(desk.catalog.endpoints());
        let binding = random.pick(&endpoint.bindings);
        let mut path = String::new();
        for segment in &binding.template.segments {
            path.push('/');
            match segment {
                crate::api::template::Segment::Literal(literal) => path.push_str(literal),
                _ => path.push_str(&text(&mut random, 50)),
            }
        }
        if random.below(5) == 0 {
            path = format!("/{}", text(&mut random, 80));
        }
        for index in 0..random.below(4) {
            let name = *random.pick(&names);
            path.push_str(&format!("{}{name}={}", if index == 0 { '?' } else { '&' }, text(&mut random, 30)));
        }
        let body = if random.below(2) == 0 { json_text(&mut random).into_bytes() } else { random.bytes(200) };
        let height = random.pick(&["", "1", "2", "3", "x"]);
        let built = Request::builder()
            .method(binding.method.clone())
            .uri(&path)
            .header("x-cosmos-block-height", *height)
            .body(Full::new(Bytes::from(body)));
        let Ok(built) = built else { continue };
        let answer = request(&rest, built);
        let (status, code) = answer.refusal();
        let is_page = answer.headers["content-type"] != "application/json";
        assert!(
            (status == 200 && (is_page || answer.body.is_object()))
                || (status >= 400 && code != u64::MAX && status != 500),
            "seed {seed}, round {round}: {path}: {status} {}",
            answer.body
        );
    }
}

#[test]
fn random_grpc_requests_get_an_answer_or_a_status() {
    let seed = seed();
    println!("JMES_SEED={seed}");
    let mut random = Random(seed);
    let test = TestChain::new(2);
    let desk = test.desk(&absent_engine());
    let grpc = service(&test);
    for round in 0..3_000 {
        let path = &random.pick(desk.catalog.endpoints()).path;
        let message = random.bytes(60);
        let body = if random.below(4) == 0 { Bytes::from(message) } else { frame(&message) };
        let reply = ask(&grpc, path, body, None);
        let said = reply.code == tonic::Code::Ok || !reply.text.is_empty();
        assert!(
            said && reply.code != tonic::Code::Unknown,
            "seed {seed}, round {round}: {path} {:?}",
            reply.code
        );
    }
}
