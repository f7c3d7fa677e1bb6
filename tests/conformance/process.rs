//! Go's `os/exec/exec_test.go`, with the programs that every system has.

use goroutines::process::{Command, Stdio};
use goroutines::sync::WaitGroup;
use goroutines::{context, runtime, spawn};
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// What goes into the child's input comes out of its output, piece by piece.
#[test]
fn pipes() {
    runtime::run(|| {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut buf = [0; 16];
        for text in ["one", "two", "three"] {
            to.write_all(text.as_bytes()).unwrap();
            from.read_exact(&mut buf[..text.len()]).unwrap();
            assert_eq!(&buf[..text.len()], text.as_bytes());
        }
        drop(to);
        assert_eq!(from.read(&mut buf).unwrap(), 0);
        assert!(child.wait().unwrap().success());
    });
}

/// The code that a child ends with.
#[test]
fn exit_status() {
    let status = Command::new("sh").args(["-c", "exit 42"]).status().unwrap();
    assert_eq!(status.code(), Some(42));
    // `NotFound`; an emulator may start something that ends with 127, as a shell does.
    let missing = "no-such-program-anywhere";
    let kind = |result: std::io::Result<std::process::ExitStatus>| {
        result.map(|status| status.code()).map_err(|e| e.kind())
    };
    let of_std = kind(std::process::Command::new(missing).status());
    assert!([Err(ErrorKind::NotFound), Ok(Some(127))].contains(&of_std));
    assert_eq!(kind(Command::new(missing).status()), of_std);
}

/// Both outputs at once, more than a pipe holds, and input that nobody gives.
#[test]
fn output() {
    runtime::run(|| {
        let script = "cat; head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; echo end";
        let output = Command::new("sh").args(["-c", script]).output().unwrap();
        assert!(output.status.success());
        assert_eq!(output.stdout.len(), 300_004);
        assert_eq!(output.stderr.len(), 300_000);
        assert!(output.stdout.ends_with(b"end\n"));
    });
}

/// Closing the input while the child still reads.
#[test]
fn stdin_close() {
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.as_ref().unwrap().close().unwrap();
    assert!(child.wait().unwrap().success());
}

/// A hundred children at once, each with its own pipes: none holds another's open. Waiting for them
/// keeps no P.
#[test]
fn concurrent_exec() {
    runtime::run(|| {
        // Nobody gets a line before all run: one after the other they would wait for ever.
        let all = WaitGroup::new();
        all.add(100);
        let children: Vec<_> = (0..100)
            .map(|i: u32| {
                let all = all.clone();
                spawn(move || {
                    let mut child = Command::new("sh")
                        .args(["-c", "read line; echo $line"])
                        .stdin(Stdio::piped())
                        .stdout(Stdio::piped())
                        .spawn()
                        .unwrap();
                    let mut to = child.stdin.take().unwrap();
                    all.done();
                    all.wait();
                    to.write_all(format!("{i}\n").as_bytes()).unwrap();
                    drop(to);
                    let output = child.wait_with_output().unwrap();
                    assert_eq!(output.stdout, format!("{i}\n").as_bytes());
                })
            })
            .collect();
        for c in children {
            c.join().unwrap();
        }
    });
}

/// A context that ends kills the child, and says so; one that ended before starts nothing.
#[test]
fn context_kills() {
    runtime::run(|| {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let mut child = Command::new("sleep")
            .arg("100")
            .context(&ctx)
            .spawn()
            .unwrap();
        let waiting = spawn(move || child.wait().map_err(|e| e.to_string()));
        cancel();
        assert_eq!(waiting.join().unwrap(), Err("context canceled".to_string()));

        let e = Command::new("true").context(&ctx).spawn().unwrap_err();
        assert_eq!(e.to_string(), "context canceled");

        let far = Duration::from_secs(600);
        let (ctx, cancel) = context::with_timeout(&context::background(), far);
        assert!(
            Command::new("true")
                .context(&ctx)
                .status()
                .unwrap()
                .success()
        );
        cancel();
    });
}

/// Killing, and asking without waiting.
#[test]
fn kill() {
    let mut child = Command::new("sleep").arg("100").spawn().unwrap();
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None);
    assert_eq!(child.try_wait().unwrap(), Some(status));
}

/// A pipe's deadline ends a read of a silent child's output.
#[test]
fn read_deadline() {
    let mut child = Command::new("sleep")
        .arg("100")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    out.set_read_deadline(Instant::now() + Duration::from_millis(10))
        .unwrap();
    assert_eq!(out.read(&mut [0]).unwrap_err().kind(), ErrorKind::TimedOut);
    child.kill().unwrap();
    child.wait().unwrap();
}
