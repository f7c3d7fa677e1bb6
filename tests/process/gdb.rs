//! `debug/goroutines-gdb.py`: gdb finds goroutines. (Not tried here on a core file: gdb's own is as large as all
//! that is reserved for stacks, the kernel's not everywhere to be had.)

use std::process::Command;

/// What gdb prints when it is given these commands; `None` if there is no gdb with Python.
fn gdb(arguments: &[&str], commands: &[&str]) -> Option<String> {
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
    let output = gdb.arg("--args").args(arguments).output().unwrap();
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

#[test]
fn gdb_sees_goroutines() {
    let prog = env!("CARGO_BIN_EXE_prog");
    let commands = ["run", "info goroutines", "goroutine all bt"];
    let Some(said) = gdb(&[prog, "dies_for_gdb"], &commands) else {
        return;
    };
    shows_three(&said);
}
