//! How a program ends: its exit code and the text on standard error, as Go's. Every test runs a
//! command of `prog/` in a process of its own, for a bounded time.

mod deadlock;
mod ends;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod gdb;
mod hooks;
mod limits;
mod order;
mod panics;
mod synctest;
mod tasks;
// (The sanitizer keeps frames in memory that a thread-local of its own owns, which is what this would find.)
#[cfg(not(goroutines_asan))]
mod threadcheck;
mod threads;

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tests::Waited;

/// How a child ended.
#[derive(Debug)]
struct Ended {
    /// Its exit code; `None` if a signal ended it.
    code: Option<i32>,
    out: String,
    err: String,
    time: Duration,
}

impl Ended {
    /// Exit code 0 and nothing on standard error.
    #[track_caller]
    fn well(self, out: &str) {
        assert_eq!(
            (self.code, &*self.err, &*self.out),
            (Some(0), "", out),
            "{self:#?}"
        );
    }

    /// Exit code 2, nothing but `out` on standard output, and a report that begins with `report`.
    #[track_caller]
    fn fatal(self, out: &str, report: &str) -> Ended {
        assert_eq!((self.code, &*self.out), (Some(2), out), "{self:#?}");
        assert!(
            self.err.starts_with(report),
            "{self:#?}\nexpected: {report:?}"
        );
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Ended {
        assert!(
            self.err.contains(text),
            "{self:#?}\nexpected to contain: {text:?}"
        );
        self
    }
}

/// Runs `prog NAME` to its end.
fn prog(name: &str) -> Ended {
    prog_with(name, &[])
}

/// Runs `prog NAME` to its end with these environment variables.
fn prog_with(name: &str, env: &[(&str, &str)]) -> Ended {
    let mut command = start(name);
    command.envs(env.iter().copied());
    wait(command.spawn().expect("prog starts"))
}

/// A command for `prog NAME`, free of what the tests' own environment may hold.
fn start(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prog"));
    command.arg(name);
    for variable in ["GOMAXPROCS", "GODEBUG", "GOTRACEBACK", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Waits for `child`, at most a minute (see [`tests::patience`]).
fn wait(mut child: Child) -> Ended {
    let (start, mut waited) = (Instant::now(), Waited::new());
    let out = reader(child.stdout.take());
    let err = reader(child.stderr.take());
    let status = loop {
        match child.try_wait().expect("a child of ours") {
            Some(status) => break status,
            None if waited.look() > tests::patience(60) => {
                child.kill().expect("a child of ours");
                let _ = child.wait();
                panic!(
                    "still running after a long time; it said:\n{}{}",
                    out.join().unwrap(),
                    err.join().unwrap()
                );
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let time = start.elapsed();
    Ended {
        code: status.code(),
        out: out.join().unwrap(),
        err: err.join().unwrap(),
        time,
    }
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    let mut pipe = pipe.expect("a piped stream");
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
