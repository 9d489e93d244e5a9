//! What is simulated, and how a run that fails is made smaller. Each run is in a process of its own: a step of a block that
//! fails ends the process, and that is a failure like any other.

use super::Simulation;
use crate::economy::actors::Kind;
use serde_json::{json, Value};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::process::Command;

/// Runs that looking for a smaller failing run may take.
const ATTEMPTS: usize = 80;
/// The test that is such a process.
const CHILD: &str = "economy::simulation::plan::a_run_in_a_process_of_its_own";
/// In the environment of the process: the plan that it runs.
const PLAN: &str = "JMES_TEST_PLAN";
/// What the process says before a block, after its run, and when that failed.
const SAYS: [&str; 3] = ["@height ", "@summary ", "@failure "];

/// What is simulated. The randomness of an operation depends on seed, height and its number alone, so the others stay what they
/// are when some are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub blocks: u64,
    /// No operations before this height.
    pub from: u64,
    pub kinds: BTreeSet<Kind>,
    /// A planted mistake: what this kind does ends the process.
    pub fatal: Option<Kind>,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Summary {
    pub app_hash: String,
    /// How often each kind, each refusal, and what matters most of all that happened, happened.
    pub counts: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub height: u64,
    pub why: String,
}

impl Plan {
    pub fn new(seed: u64, blocks: u64) -> Self {
        let kinds = Kind::ALL.into_iter().map(|(kind, _)| kind).collect();
        Self { seed, blocks, from: 2, kinds, fatal: None }
    }

    fn to_json(&self) -> Value {
        let Self { seed, blocks, from, kinds, fatal } = self;
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.name()).collect();
        let fatal = fatal.map(Kind::name);
        json!({"seed": seed, "blocks": blocks, "from": from, "kinds": kinds, "fatal": fatal})
    }

    fn from_json(plan: &Value) -> Option<Self> {
        let kind = |name: &Value| Kind::parse(name.as_str()?);
        Some(Self {
            seed: plan["seed"].as_u64()?,
            blocks: plan["blocks"].as_u64()?,
            from: plan["from"].as_u64()?,
            kinds: plan["kinds"].as_array()?.iter().map(kind).collect::<Option<_>>()?,
            fatal: kind(&plan["fatal"]),
        })
    }

    /// Runs it in a process of its own.
    pub fn run(&self) -> Result<Summary, Failure> {
        let mut child = Command::new(std::env::current_exe().expect("the path of the tests"));
        child.args(["--exact", CHILD, "--nocapture"]).env(PLAN, self.to_json().to_string());
        let output = child.output().expect("the tests can be run");
        let (text, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let said = |what: &str| {
            let line = text.rsplit_once(what)?.1.lines().next()?;
            serde_json::from_str::<Value>(line).ok()
        };
        let [height, summary, failure] = SAYS.map(said);
        if let Some(summary) = summary {
            let counts = summary["counts"].as_object().into_iter().flatten();
            return Ok(Summary {
                app_hash: summary["app_hash"].as_str().unwrap_or_default().into(),
                counts: counts.map(|(what, times)| (what.clone(), times.as_u64().unwrap_or(0))).collect(),
            });
        }
        let last: Vec<&str> = errors.lines().rev().take(6).collect();
        let ended =
            || format!("{}: {}", output.status, last.into_iter().rev().collect::<Vec<_>>().join("; "));
        let why = failure.and_then(|why| why.as_str().map(str::to_owned)).unwrap_or_else(ended);
        Err(Failure { height: height.and_then(|height| height.as_u64()).unwrap_or(0), why })
    }

    /// Runs it here. `before` is called with the height before each block.
    fn run_here(&self, before: impl Fn(u64)) -> Result<Summary, Failure> {
        let height = Cell::new(0);
        let run = catch_unwind(AssertUnwindSafe(|| {
            let mut simulation = Simulation::new(self);
            while height.get() < self.blocks {
                height.set(height.get() + 1);
                before(height.get());
                simulation.step(self, height.get())?;
            }
            let app_hash = hex::encode(simulation.chain.app_hash());
            Ok(Summary { app_hash, counts: simulation.counts })
        }));
        let run = run.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(text.or(panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
        });
        run.map_err(|why| Failure { height: height.get(), why })
    }

    /// The smallest failing run that is found: no blocks after the failure, fewer before it with operations, fewer kinds.
    pub fn shrink(
        mut self,
        mut failure: Failure,
        run: impl Fn(&Self) -> Result<Summary, Failure>,
    ) -> (Self, Failure) {
        let mut attempts = ATTEMPTS;
        let mut fails = |plan: &Self| {
            attempts = attempts.checked_sub(1)?;
            run(plan).err()
        };
        self.blocks = failure.height;
        loop {
            let smaller = self.smaller().into_iter().find_map(|plan| Some((fails(&plan)?, plan)));
            let Some((found, plan)) = smaller else { return (self, failure) };
            self = Self { blocks: found.height, ..plan };
            failure = found;
        }
    }

    /// What is tried in its place, the smallest first.
    fn smaller(&self) -> Vec<Self> {
        let half = self.from.midpoint(self.blocks);
        let later = [self.blocks, half, self.from.midpoint(half)];
        let later = later.into_iter().map(|from| Self { from, ..self.clone() });
        let kinds: Vec<Kind> = self.kinds.iter().copied().collect();
        let size = kinds.len().div_ceil(2);
        let halves = kinds.chunks(size.max(1)).map(|half| half.iter().copied().collect());
        let fewer = kinds.iter().map(|kind| kinds.iter().copied().filter(|other| other != kind).collect());
        let fewer = halves.chain(fewer).map(|kinds| Self { kinds, ..self.clone() });
        let mut smaller: Vec<Self> = later.chain(fewer).filter(|plan| plan != self).collect();
        smaller.dedup();
        smaller
    }
}

#[test]
fn a_run_in_a_process_of_its_own() {
    let Ok(text) = std::env::var(PLAN) else { return };
    let plan = serde_json::from_str(&text).ok().and_then(|plan| Plan::from_json(&plan));
    let [height, summary, failure] = SAYS;
    let ran = plan.expect("the process is told what to run").run_here(|now| println!("\n{height}{now}"));
    match ran {
        Ok(Summary { app_hash, counts }) => {
            println!("\n{summary}{}", json!({"app_hash": app_hash, "counts": counts}));
        }
        Err(Failure { why, .. }) => println!("\n{failure}{}", json!(why)),
    }
}

#[test]
fn a_failing_run_is_made_the_smallest_that_fails() {
    let runs = Cell::new(0);
    let run = |plan: &Plan| {
        runs.set(runs.get() + 1);
        let fails = plan.kinds.contains(&Kind::DoubleSign) && plan.from <= 60 && plan.blocks >= 77;
        if fails {
            return Err(Failure { height: 77, why: "somebody signed twice".into() });
        }
        Ok(Summary { app_hash: String::new(), counts: BTreeMap::new() })
    };
    let plan = Plan::new(7, 300);
    let failure = run(&plan).expect_err("somebody signed twice");
    let (smallest, failure) = plan.clone().shrink(failure, run);
    let kinds = BTreeSet::from([Kind::DoubleSign]);
    assert_eq!(smallest, Plan { blocks: 77, from: smallest.from, kinds, ..plan });
    assert!((50..=60).contains(&smallest.from), "{smallest:?}");
    assert_eq!(failure.height, 77);
    assert!(runs.get() <= ATTEMPTS + 1, "{} runs", runs.get());
}

#[test]
fn a_run_that_ends_the_process_is_told_and_made_smaller() {
    let plan = Plan { fatal: Some(Kind::Send), ..Plan::new(5, 12) };
    let failure = plan.run().expect_err("somebody sends coins");
    assert!(failure.why.contains("SIGABRT") && failure.why.contains("FATAL"), "{failure:?}");
    assert!((2..=12).contains(&failure.height), "{failure:?}");
    let height = failure.height;
    let (smallest, failure) = plan.clone().shrink(failure, Plan::run);
    assert!(smallest.kinds.contains(&Kind::Send), "{smallest:?}: {failure:?}");
    assert!(smallest.kinds.len() < plan.kinds.len(), "{smallest:?}: {failure:?}");
    assert!(smallest.blocks <= height, "{smallest:?}");
    let healthy = Plan { fatal: None, ..smallest };
    assert!(healthy.run().expect("nothing else is wrong").counts["Send"] > 0);
}
