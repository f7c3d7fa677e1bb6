//! The standard streams of a process: nobody reads them, or only after a while.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};

fn prog(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prog"));
    command.arg(name).env_remove("GODEBUG");
    command
}

fn started(name: &str) -> Child {
    let mut command = prog(name);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn rest(mut pipe: impl Read) -> String {
    let mut text = String::new();
    pipe.read_to_string(&mut text).unwrap();
    text
}

const SIGPIPE: i32 = 13;

/// As `command | head` has it.
#[test]
fn a_closed_output_ends_the_process_quietly() {
    for name in ["writes_to_nobody", "prints_to_nobody"] {
        let mut child = started(name);
        let mut first = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        assert_eq!(first, "0\n");
        drop(out);
        assert_eq!(rest(child.stderr.take().unwrap()), "", "{name}");
        assert_eq!(child.wait().unwrap().signal(), Some(SIGPIPE), "{name}");
    }
    let mut child = started("complains_to_nobody");
    drop(child.stderr.take());
    assert_eq!(rest(child.stdout.take().unwrap()), "");
    assert_eq!(child.wait().unwrap().signal(), Some(SIGPIPE));
}

#[test]
fn who_asks_for_the_signal_gets_it_and_an_error() {
    for (name, said) in [
        (
            "writes_to_nobody_and_wants_to_know",
            "BrokenPipe\nSome(SIGPIPE)\n",
        ),
        ("prints_to_nobody_and_does_not_care", "recovered\n"),
    ] {
        let mut child = started(name);
        drop(child.stdout.take());
        let err = rest(child.stderr.take().unwrap());
        // The end of the program prints once more.
        assert!(err.contains(said), "{err}");
        assert_eq!(child.wait().unwrap().signal(), Some(SIGPIPE), "{err}");
    }
}

#[test]
fn on_other_descriptors_it_is_an_error() {
    let output = prog("other_pipes_without_readers").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "BrokenPipe\nBrokenPipe\nmain returned\n");
    assert!(output.status.success());
}

#[test]
fn a_socket_raises_no_signal() {
    let output = prog("sockets_without_readers").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let want = "BrokenPipe\n".repeat(4) + "1024\n1024\nmain returned\n";
    assert_eq!(text, want, "{}", output.status);
}

/// They wait for the pipe as goroutines, and every line comes in one piece.
#[cfg(target_os = "linux")]
#[test]
fn a_thousand_printers_take_no_thousand_threads() {
    let mut child = started("a_thousand_printers");
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    let threads = line.strip_prefix("Threads:").map(str::trim);
    let threads: usize = threads
        .and_then(|n| n.parse().ok())
        .unwrap_or_else(|| panic!("{line}{}", rest(&mut err)));
    assert!(threads < 50, "{threads}");
    let out = rest(child.stdout.take().unwrap());
    let mut times = [0; 1000];
    for line in out.lines().filter(|line| *line != "main returned") {
        assert_eq!(line.len(), 6000);
        times[line.trim().parse::<usize>().unwrap()] += 1;
    }
    assert_eq!(times, [3; 1000]);
    assert!(child.wait().unwrap().success());
}
