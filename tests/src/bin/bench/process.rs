//! What the kernel knows of a process: memory, processor time, children.

use anyhow::{Context, Result};
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
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok());
    // Fields 14 and 15 of proc(5), the user's and the system's part; the first here is field 3.
    let both = ticks(11).zip(ticks(12)).map(|(user, system)| user + system);
    // Linux counts in hundredths of a second on every architecture.
    Ok(Duration::from_millis(10 * both.context("the process's times can't be read")?))
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

/// The fields of `/proc/ID/stat` behind the program's name.
fn stat(id: u32) -> Result<Vec<String>> {
    let path = format!("/proc/{id}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
    let (_, rest) = text.rsplit_once(") ").with_context(|| format!("{path} has another form"))?;
    Ok(rest.split_whitespace().map(str::to_owned).collect())
}
