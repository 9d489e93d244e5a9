//! What the kernel knows of a process: memory, processor time, children.

use anyhow::{bail, Context, Result};
use std::fs;
use std::time::Duration;

/// Memory of process `id` that is in RAM, in bytes.
pub fn resident_bytes(id: u32) -> Result<u64> {
    let path = format!("/proc/{id}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("there is no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().with_context(|| format!("VmRSS is {line}"))?;
    Ok(kib << 10)
}

/// Processor time that process `id` has used, in all its threads.
pub fn processor_time(id: u32) -> Result<Duration> {
    let fields = stat(id)?;
    let field = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok());
    // Fields 14 and 15 of proc(5), the user's and the system's part; the first here is field 3.
    let both = field(11).zip(field(12)).map(|(user, system)| user + system);
    Ok(ticks(both.context("the process's times can't be read")?))
}

/// Processor time that this machine has spent on anything, and how much of that on this program and on the children
/// it has waited for.
pub fn machine_and_own_time() -> Result<(Duration, Duration)> {
    let text = fs::read_to_string("/proc/stat").context("can't read /proc/stat")?;
    let all = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("cpu "))
        .context("/proc/stat has no cpu line")?;
    let all: Vec<u64> = all.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // proc(5): user nice system idle iowait irq softirq steal, then parts of those.
    let [user, nice, system, _, _, irq, softirq, ..] = all[..] else { bail!("/proc/stat has another form") };
    let own = stat(std::process::id())?;
    let own = own.get(11..15).context("the process's times can't be read")?;
    let own = own.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok((ticks(user + nice + system + irq + softirq), ticks(own)))
}

/// A child of process `id`, if there is one.
pub fn child(id: u32) -> Option<u32> {
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let wanted = id.to_string();
    // Field 4 of proc(5) is the parent.
    ids.find(|candidate| stat(*candidate).is_ok_and(|fields| fields.get(1) == Some(&wanted)))
}

/// Asks process `id`, a child of this one that has not been waited for, to end.
pub fn terminate(id: u32) {
    if let Ok(id) = libc::pid_t::try_from(id) {
        // SAFETY: kill takes plain numbers; the id is still that of the child.
        unsafe { libc::kill(id, libc::SIGTERM) };
    }
}

/// Linux counts processor time in hundredths of a second on every architecture.
const fn ticks(count: u64) -> Duration {
    Duration::from_millis(10 * count)
}

/// The fields of `/proc/ID/stat` behind the program's name.
fn stat(id: u32) -> Result<Vec<String>> {
    let path = format!("/proc/{id}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
    let (_, rest) = text.rsplit_once(") ").with_context(|| format!("{path} has another form"))?;
    Ok(rest.split_whitespace().map(str::to_owned).collect())
}
