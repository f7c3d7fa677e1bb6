//! GOMAXPROCS follows the processors that the process may use.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

#[test]
fn a_smaller_affinity_makes_fewer_ps() {
    let taskset = |args: &[&str]| {
        let output = Command::new("taskset").args(args).output();
        output.ok().filter(|output| output.status.success())
    };
    let mut child = Command::new(env!("CARGO_BIN_EXE_prog"))
        .arg("follows_the_processors")
        .env_remove("GOMAXPROCS")
        .env_remove("GODEBUG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut number = || lines.next().unwrap().unwrap().parse::<usize>().unwrap();
    let before = number();
    let pid = child.id().to_string();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let allowed = status
        .lines()
        .find_map(|l| l.strip_prefix("Cpus_allowed_list:"));
    let one = allowed.unwrap().trim().split([',', '-']).next().unwrap();
    if before == 1 || taskset(&["-acp", one, &pid]).is_none() {
        println!("skipped: one processor only, or no `taskset`");
        child.kill().unwrap();
        child.wait().unwrap();
        return;
    }
    child.stdin.take().unwrap().write_all(b"x").unwrap();
    assert_eq!((number(), number()), (1, 1));
    child.wait().unwrap();
}
