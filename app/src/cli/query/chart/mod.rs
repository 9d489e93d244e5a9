//! The emission as a picture (§2, §3): the reward of a block, what is issued and what of the premint is unlocked, year by year.

mod curve;
mod svg;
mod terminal;
#[cfg(test)]
mod tests;

use std::fs;

use anyhow::{Context, Result};
use jmes_proto::jmes::emission::v1 as emission;

use self::curve::Curve;
use super::emission::ChartArgs;
use crate::cli::protobuf::to_json;
use crate::cli::{Format, Session};

/// Draws on the terminal, or into the file that `args` names. Programs get the numbers.
pub(super) fn run(session: &mut Session, args: &ChartArgs) -> Result<()> {
    let (schedule, now) = if args.offline {
        (curve::mainnet()?, None)
    } else {
        let remote = session.remote(&args.query.node)?;
        let height = args.query.height;
        let schedule: emission::QueryScheduleResponse =
            remote.query("/jmes.emission.v1.Query/Schedule", &emission::QueryScheduleRequest {}, height)?;
        let clock: emission::QueryClockResponse =
            remote.query("/jmes.emission.v1.Query/Clock", &emission::QueryClockRequest {}, height)?;
        (schedule, Some(clock.n))
    };
    if let Some(file) = &args.svg {
        let picture = svg::draw(&Curve::new(&schedule, now)?);
        fs::write(file, picture).with_context(|| format!("cannot write {}", file.display()))?;
        session.console.note(&format!("The picture is in {}.", file.display()));
        return Ok(());
    }
    match session.console.format() {
        Format::Json => session.console.print(&to_json(&schedule)?),
        Format::Text => {
            let curve = Curve::new(&schedule, now)?;
            let colour = session.console.has_colour();
            session.console.print(&terminal::draw(&curve, colour))
        }
    }
}
