//! `debug/goroutines-gdb.py`: gdb finds goroutines, in a process and in a core file.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What gdb prints when it is given these commands about a program; `None` if there is no gdb with Python.
fn gdb(commands: &[&str], about: &[&str]) -> Option<String> {
    let python = Command::new("gdb")
        .args(["-nx", "-batch", "-ex", "python print(gdb.VERSION)"])
        .output();
    if !python.is_ok_and(|python| python.status.success() && !python.stdout.is_empty()) {
        eprintln!("skipped: there is no gdb with Python here (Debian's package gdb)");
        return None;
    }
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../runtime/debug/goroutines-gdb.py"
    );
    let mut gdb = Command::new("gdb");
    gdb.args(["-nx", "-batch", "-x", script]);
    for command in commands {
        gdb.args(["-ex", command]);
    }
    let output = gdb.args(about).output().unwrap();
    let [out, err] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    Some(format!("{out}\n--- standard error\n{err}"))
}

/// The goroutines that `info goroutines` lists as waiting, each with its frames.
#[track_caller]
fn shows_three(said: &str) {
    let waiting = said.matches(" chan receive (created by goroutine ").count();
    assert_eq!(waiting, 3, "{said}");
    assert!(said.contains("* 1 "), "main runs: {said}");
    // They have not begun, unless this thread had to wait for long.
    let states = [" runnable", " chan receive (nil chan)"];
    let counts = states.map(|s| {
        said.matches(&format!("{s} (created by goroutine 1)"))
            .count()
    });
    assert_eq!(counts[0] + counts[1], 300, "{counts:?}: {said}");
    let stacks = said.split("[chan receive]:\n").skip(1);
    let stacks: Vec<&str> = stacks
        .map(|s| s.split("\ngoroutine ").next().unwrap())
        .collect();
    assert_eq!(stacks.len(), 3, "{said}");
    for stack in stacks {
        assert_eq!(
            stack.matches("waits_for_gdb").count(),
            5,
            "{stack}\n\nof\n{said}"
        );
        assert!(stack.contains("debugged.rs:"), "{stack}");
    }
}

const PROG: &str = env!("CARGO_BIN_EXE_prog");

#[test]
fn gdb_sees_goroutines() {
    // A shell's job control, or whatever else holds all processes still for a while, is no end of the program.
    let stays = "handle SIGSTOP SIGCONT nostop noprint pass";
    let commands = [stays, "run", "info goroutines", "goroutine all bt"];
    if let Some(said) = gdb(&commands, &["--args", PROG, "dies_for_gdb"]) {
        shows_three(&said);
    }
}

/// Why the kernel writes no core file into the folder where a process dies, if so.
fn no_core_files() -> Option<String> {
    if cfg!(goroutines_asan) {
        return Some("a core file would hold the sanitizer's memory".to_owned());
    }
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    let pattern = pattern.trim();
    if pattern.is_empty() || pattern.starts_with(['|', '/']) {
        return Some(format!("core files go elsewhere here: {pattern:?}"));
    }
    let allowed = Command::new("sh")
        .args(["-c", "ulimit -c unlimited"])
        .stderr(Stdio::null())
        .status();
    let allowed = allowed.is_ok_and(|status| status.success());
    (!allowed).then(|| "no core files may be written here (ulimit -Hc)".to_owned())
}

/// It is small, although very much is reserved for stacks.
#[test]
fn gdb_sees_goroutines_in_a_core_file() {
    /// What the program has allocated and read is a part of it.
    const SMALL: u64 = 300 << 20;
    if let Some(why) = no_core_files() {
        return eprintln!("skipped: {why}");
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("core-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let ended = Command::new("sh")
        .args(["-c", "ulimit -c unlimited; exec \"$0\" dies_for_gdb", PROG])
        .current_dir(&dir)
        .status();
    assert!(!ended.unwrap().success());
    let core = fs::read_dir(&dir).unwrap().next();
    let core = core.expect("a core file").unwrap().path();
    let len = fs::metadata(&core).unwrap().len();
    let commands = ["info goroutines", "goroutine all bt"];
    let said = gdb(&commands, &[PROG, core.to_str().unwrap()]);
    fs::remove_dir_all(&dir).unwrap();
    assert!(len < SMALL, "{len} bytes");
    if let Some(said) = said {
        shows_three(&said);
    }
}
