//! Readings of a process: memory and threads from `/proc`, CPU time from its clock. Linux only.

use std::time::Duration;

use crate::report;

/// The CPU time that process `pid` has used so far (0: this process), to the nanosecond.
pub fn cpu_time(pid: u32) -> Option<Duration> {
    let mut clock: libc::clockid_t = 0;
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: both calls only write to the locals whose addresses they are given.
    unsafe {
        if libc::clock_getcpuclockid(pid as libc::pid_t, &mut clock) != 0
            || libc::clock_gettime(clock, &mut time) != 0
        {
            return None;
        }
    }
    Some(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

/// A field of `/proc/PID/status` (`self` for this process), in its own unit: kB for memory.
fn status(pid: &str, field: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    text.lines()
        .find_map(|line| {
            line.strip_prefix(field)?
                .strip_prefix(':')?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .unwrap_or(f64::NAN)
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Pages in memory.
    pub resident: f64,
    /// Page tables.
    pub tables: f64,
    /// The most that was ever resident.
    pub peak: f64,
}

impl Memory {
    /// Of this process.
    pub fn now() -> Self {
        Self::read("self")
    }

    /// Prints what each of `count` things has cost since `before`: `memory` in all, `tables` of it in page tables.
    pub fn report_since(self, before: Self, count: usize) {
        for (name, bytes) in self.each_since(before, count) {
            report(name, bytes, "B");
        }
    }

    /// The same, not printed.
    pub fn each_since(self, before: Self, count: usize) -> [(&'static str, f64); 2] {
        let resident = (self.resident - before.resident) / count as f64;
        let tables = (self.tables - before.tables) / count as f64;
        [("memory", resident + tables), ("tables", tables)]
    }

    /// Of process `pid`.
    pub fn of(pid: u32) -> Self {
        Self::read(&pid.to_string())
    }

    fn read(pid: &str) -> Self {
        let bytes = |field| status(pid, field) * 1024.0;
        Self {
            resident: bytes("VmRSS"),
            tables: bytes("VmPTE"),
            peak: bytes("VmHWM"),
        }
    }
}

/// How many threads this process has.
pub fn threads() -> f64 {
    status("self", "Threads")
}

/// A direct `nanosleep`: a system call that blocks the thread and tells no runtime.
pub fn block_thread(time: Duration) {
    let request = libc::timespec {
        tv_sec: time.as_secs() as libc::time_t,
        tv_nsec: time.subsec_nanos().into(),
    };
    // SAFETY: the request is a valid local, and a null remainder is allowed.
    unsafe { libc::nanosleep(&request, std::ptr::null_mut()) };
}

/// Keeps this thread, and the processes and threads that it starts from now on, on one CPU.
pub fn pin(cpu: usize) {
    // SAFETY: an all-zero set is a valid empty one, `CPU_SET` checks the index by the array, and the call only reads.
    unsafe {
        let mut cpus: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut cpus);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &cpus);
    }
}

/// Allows this process, and those that it starts, as many open files as it may have.
pub fn raise_open_files() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls are given a valid local.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_threads_and_cpu_time() {
        let memory = Memory::now();
        assert!(memory.resident > 0.0 && memory.tables > 0.0 && memory.peak >= memory.resident);
        let later = Memory {
            resident: memory.resident + 800.0,
            tables: memory.tables + 80.0,
            ..memory
        };
        assert_eq!(
            later.each_since(memory, 8),
            [("memory", 110.0), ("tables", 10.0)]
        );
        assert!(threads() >= 1.0);
        let before = cpu_time(0).expect("own clock");
        crate::burn(Duration::from_millis(5));
        assert!(cpu_time(0).expect("own clock") > before);
    }
}
