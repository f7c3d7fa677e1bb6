//! How much processor time the process may use: the cgroup's quota, for GOMAXPROCS' default.

use std::path::{Path, PathBuf};

/// Go's default: the processors of the affinity mask, but no more than the cgroup's quota rounded
/// up, and that at least 2.
pub(crate) fn default_procs(num_cpu: usize) -> usize {
    match quota() {
        Some(q) => num_cpu.min((q.ceil() as usize).max(2)),
        None => num_cpu,
    }
}

/// Processors' worth of time per period; `None` = no limit, or none that can be read.
fn quota() -> Option<f64> {
    #[cfg(target_os = "linux")]
    {
        quota_below(Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// [`quota`] with the file system's root elsewhere, for tests.
fn quota_below(root: &Path) -> Option<f64> {
    let cgroups = std::fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let (version, path) = cpu_cgroup(&cgroups)?;
    let mount = root.join(match version {
        1 => "sys/fs/cgroup/cpu",
        _ => "sys/fs/cgroup",
    });
    // Every ancestor's limit counts; in a container the path may be the host's, then the root's.
    let mut least: Option<f64> = None;
    let mut dir = PathBuf::from(path.trim_start_matches('/'));
    loop {
        if let Some(q) = limit_in(&mount.join(&dir), version) {
            least = Some(least.map_or(q, |l| l.min(q)));
        }
        if !dir.pop() {
            return least;
        }
    }
}

fn limit_in(dir: &Path, version: u8) -> Option<f64> {
    if version == 1 {
        let quota = std::fs::read_to_string(dir.join("cpu.cfs_quota_us")).ok()?;
        let period = std::fs::read_to_string(dir.join("cpu.cfs_period_us")).ok()?;
        return v1_limit(&quota, &period);
    }
    v2_limit(&std::fs::read_to_string(dir.join("cpu.max")).ok()?)
}

/// The line of /proc/self/cgroup that governs the cpu: version 1's with the `cpu` controller if
/// there is one, else version 2's.
fn cpu_cgroup(text: &str) -> Option<(u8, &str)> {
    let mut v2 = None;
    for line in text.lines() {
        let mut parts = line.splitn(3, ':');
        let (id, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        if controllers.split(',').any(|c| c == "cpu") {
            return Some((1, path));
        }
        if id == "0" && controllers.is_empty() {
            v2 = Some((2, path));
        }
    }
    v2
}

/// `cpu.max`: `max 100000` or `50000 100000`.
fn v2_limit(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    if quota == "max" {
        return None;
    }
    ratio(quota, period)
}

/// `cpu.cfs_quota_us` (-1 = none) and `cpu.cfs_period_us`.
fn v1_limit(quota: &str, period: &str) -> Option<f64> {
    if quota.trim().starts_with('-') {
        return None;
    }
    ratio(quota.trim(), period.trim())
}

fn ratio(quota: &str, period: &str) -> Option<f64> {
    let (q, p): (u64, u64) = (quota.parse().ok()?, period.parse().ok()?);
    (p > 0).then(|| q as f64 / p as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        assert_eq!(v2_limit("max 100000\n"), None);
        assert_eq!(v2_limit("50000 100000\n"), Some(0.5));
        assert_eq!(v2_limit("junk"), None);
        assert_eq!(v1_limit("-1\n", "100000\n"), None);
        assert_eq!(v1_limit("250000\n", "100000\n"), Some(2.5));
        assert_eq!(v1_limit("250000\n", "0\n"), None);
    }

    #[test]
    fn which_cgroup() {
        assert_eq!(cpu_cgroup("0::/a/b\n"), Some((2, "/a/b")));
        assert_eq!(
            cpu_cgroup("12:cpuset:/x\n3:cpu,cpuacct:/y:z\n0::/q\n"),
            Some((1, "/y:z"))
        );
        assert_eq!(cpu_cgroup("5:memory:/x\n"), None);
    }

    #[test]
    fn the_tightest_ancestor_counts() {
        let root = std::env::temp_dir().join(format!("goroutines-cgroup-{}", std::process::id()));
        let dir = root.join("sys/fs/cgroup/a/b");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::create_dir_all(root.join("proc/self")).unwrap();
        std::fs::write(root.join("proc/self/cgroup"), "0::/a/b\n").unwrap();
        std::fs::write(dir.join("cpu.max"), "max 100000\n").unwrap();
        std::fs::write(root.join("sys/fs/cgroup/a/cpu.max"), "300000 100000\n").unwrap();
        assert_eq!(quota_below(&root), Some(3.0));
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn rounded_up_and_at_least_two() {
        assert!(default_procs(1) == 1);
        assert!(default_procs(64) <= 64);
    }
}
