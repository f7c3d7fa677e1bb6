//! What the kernel counts for this process.

use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::time::Duration;

/// CPU time that all threads but this one use while it sleeps. Needs no descriptor.
fn used_by_others(while_asleep: Duration) -> Duration {
    let now = |clock| {
        let t = clock_gettime(clock);
        Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
    };
    let others = || {
        let own = now(ClockId::ThreadCPUTime);
        now(ClockId::ProcessCPUTime) - own
    };
    let before = others();
    std::thread::sleep(while_asleep);
    others().saturating_sub(before)
}

/// Waits until goroutines and poller rest, though there are connections. Whoever spins, or polls, always uses
/// what the machine gives it. sysmon looks round a hundred times a second at first, and not at all in the end.
#[track_caller]
pub(crate) fn comes_to_rest() {
    const WINDOW: Duration = Duration::from_millis(300);
    super::eventually("nobody uses the processor any more", || {
        used_by_others(WINDOW) < WINDOW / 30
    });
}

/// Memory in use, page tables included, in bytes.
pub(crate) fn memory() -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let kib = |name: &str| -> usize {
        let line = text.lines().find_map(|l| l.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    };
    (kib("VmRSS:") + kib("VmPTE:")) << 10
}

/// Open descriptors.
pub(crate) fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}
