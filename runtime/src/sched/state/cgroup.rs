//! How much processor time the process may use: the cgroup's quota, for GOMAXPROCS' default.
//!
//! Which cgroup that is, and where its files are, is looked up once, as in Go: `/proc/self/cgroup` has its
//! path in the hierarchy of the cpu controller, `/proc/self/mountinfo` where that hierarchy, or a part of
//! it, is mounted. The quota in the files is read again each time.

use super::godebug;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Go's default: the processors of the affinity mask, but no more than the cgroup's quota rounded
/// up, and that at least 2. `GODEBUG=containermaxprocs=0` leaves the quota out.
pub(crate) fn default_procs(num_cpu: usize) -> usize {
    if godebug::number("containermaxprocs") == Some(0) {
        return num_cpu;
    }
    limited(num_cpu, quota())
}

fn limited(num_cpu: usize, quota: Option<f64>) -> usize {
    match quota {
        Some(q) => num_cpu.min((q.ceil() as usize).max(2)),
        None => num_cpu,
    }
}

/// Processors' worth of time per period; `None` = no limit, or none that can be read.
fn quota() -> Option<f64> {
    static CGROUP: OnceLock<Option<Cgroup>> = OnceLock::new();
    if !cfg!(target_os = "linux") {
        return None;
    }
    CGROUP
        .get_or_init(|| Cgroup::below(Path::new("/")))
        .as_ref()?
        .quota()
}

/// Where the process's cgroup for the cpu has its files.
struct Cgroup {
    version: u8,
    /// Its own directory and those of its ancestors, as far as they can be seen: every limit counts.
    dirs: Vec<PathBuf>,
}

impl Cgroup {
    /// With the file system's root at `root`, elsewhere in tests.
    fn below(root: &Path) -> Option<Cgroup> {
        let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
        let cgroups = read("proc/self/cgroup")?;
        let (version, path) = cpu_cgroup(&cgroups)?;
        let (mount, below) = mount_of(&read("proc/self/mountinfo")?, version, path)?;
        let mount = root.join(mount.trim_start_matches('/'));
        let mut dirs = Vec::new();
        let mut dir = PathBuf::from(below);
        loop {
            dirs.push(mount.join(&dir));
            if !dir.pop() {
                return Some(Cgroup { version, dirs });
            }
        }
    }

    fn quota(&self) -> Option<f64> {
        let limits = self.dirs.iter().filter_map(|d| limit_in(d, self.version));
        limits.reduce(f64::min)
    }
}

/// Where the hierarchy is mounted in which `path` is, and `path` from there on.
///
/// A line of mountinfo: `36 35 98:0 /root /mount/point options [fields] - type source options`.
fn mount_of(mountinfo: &str, version: u8, path: &str) -> Option<(String, String)> {
    mountinfo.lines().find_map(|line| {
        let (place, kind) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let (root, point) = (unescape(place.next()?), unescape(place.next()?));
        let mut kind = kind.split(' ');
        let (kind, options) = (kind.next()?, kind.nth(1)?);
        let is_it = match version {
            1 => kind == "cgroup" && options.split(',').any(|o| o == "cpu"),
            _ => kind == "cgroup2",
        };
        let below = path.strip_prefix(root.trim_end_matches('/'))?;
        let whole = below.is_empty() || below.starts_with('/');
        (is_it && whole).then(|| (point, below.trim_start_matches('/').to_owned()))
    })
}

/// Spaces and the like are written as three octal digits behind a backslash.
fn unescape(field: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = field.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let code = after.get(..3).filter(|_| *first == b'\\');
        let code = code.and_then(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 8).ok());
        if code.is_some() {
            rest = &after[3..];
        }
        bytes.push(code.unwrap_or(*first));
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
    fn where_it_is_mounted() {
        // A container's part of a hierarchy of version 2, and one of version 1 with two controllers.
        let text = "22 27 0:20 / /proc rw - proc proc rw\n\
            30 23 0:26 / /host/cgroup rw shared:4 - cgroup2 cgroup2 rw\n\
            33 31 0:30 /pods/a\\040b /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
            34 31 0:31 / /sys/fs/cgroup/set rw - cgroup cgroup rw,cpuset\n";
        let found = |version, path| mount_of(text, version, path);
        let at = |point: &str, below: &str| Some((point.to_owned(), below.to_owned()));
        assert_eq!(found(2, "/"), at("/host/cgroup", ""));
        assert_eq!(found(2, "/x/y"), at("/host/cgroup", "x/y"));
        assert_eq!(found(1, "/pods/a b"), at("/sys/fs/cgroup/cpu,cpuacct", ""));
        assert_eq!(
            found(1, "/pods/a b/c"),
            at("/sys/fs/cgroup/cpu,cpuacct", "c")
        );
        // Not below what is mounted.
        assert_eq!(found(1, "/pods/a bc"), None);
        assert_eq!(found(1, "/"), None);
        assert_eq!(mount_of("junk\n1 2 - \n", 2, "/"), None);
        assert_eq!(unescape("a\\134b\\9"), "a\\b\\9");
    }

    #[test]
    fn the_tightest_ancestor_counts_and_is_read_again() {
        let root = std::env::temp_dir().join(format!("goroutines-cgroup-{}", std::process::id()));
        let dir = root.join("cg/a/b");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::create_dir_all(root.join("proc/self")).unwrap();
        std::fs::write(root.join("proc/self/cgroup"), "0::/pod/a/b\n").unwrap();
        let mounts = "30 23 0:26 /pod /cg rw - cgroup2 cgroup2 rw\n";
        std::fs::write(root.join("proc/self/mountinfo"), mounts).unwrap();
        std::fs::write(dir.join("cpu.max"), "max 100000\n").unwrap();
        let parent = root.join("cg/a/cpu.max");
        std::fs::write(&parent, "300000 100000\n").unwrap();
        let cgroup = Cgroup::below(&root).unwrap();
        assert_eq!(cgroup.quota(), Some(3.0));
        std::fs::write(&parent, "250000 100000\n").unwrap();
        assert_eq!(cgroup.quota(), Some(2.5));
        std::fs::write(dir.join("cpu.max"), "50000 100000\n").unwrap();
        assert_eq!(cgroup.quota(), Some(0.5));
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(cgroup.quota(), None);
    }

    #[test]
    fn rounded_up_and_at_least_two() {
        assert_eq!(limited(8, None), 8);
        assert_eq!(limited(8, Some(2.1)), 3);
        assert_eq!(limited(8, Some(0.1)), 2);
        assert_eq!(limited(1, Some(0.1)), 1);
        assert_eq!(limited(2, Some(16.0)), 2);
    }
}
