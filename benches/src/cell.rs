//! One cell: a process of one peer, one workload, one number of processors; its figures, or why there are none.

use std::io::{BufRead as _, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bench_kit::process::pin;

use crate::figure::Figure;
use crate::load;
use crate::peers::Ready;
use crate::workloads::{Client, Workload};

/// What one process has to tell.
pub(crate) enum Outcome {
    Figures(Vec<Figure>),
    /// The peer has nothing that does this work.
    Absent,
    /// It went wrong, or would.
    Failed(String),
}

impl From<Result<Vec<Figure>, String>> for Outcome {
    fn from(result: Result<Vec<Figure>, String>) -> Self {
        result.map_or_else(Self::Failed, |figures| {
            if figures.is_empty() {
                Self::Absent
            } else {
                Self::Figures(figures)
            }
        })
    }
}

/// Runs one cell.
pub(crate) fn run(
    peer: &Ready,
    workload: &Workload,
    procs: usize,
    scale: f64,
    timeout: Duration,
) -> Outcome {
    if let Some(why) = workload.refused(peer.name()) {
        return Outcome::Failed(why.to_owned());
    }
    let command = || {
        peer.command(
            workload.command,
            &workload.arguments(peer.name(), scale),
            procs,
        )
    };
    match workload.client {
        None => to_the_end(command(), timeout).into(),
        Some(_) if peer.only_channels() => Outcome::Absent,
        Some(client) => serve(command(), client, procs, scale, timeout).into(),
    }
}

/// Runs a program until it ends by itself, at most for `timeout`.
fn to_the_end(mut command: Command, timeout: Duration) -> Result<Vec<Figure>, String> {
    let mut child = start(&mut command)?;
    let output = in_background(child.stdout.take());
    let errors = in_background(child.stderr.take());
    let Ok(text) = output.recv_timeout(timeout) else {
        end(&mut child);
        return Err(format!("did not end in {} s", timeout.as_secs()));
    };
    let ended = child.wait().map_err(|error| error.to_string())?;
    if ended.success() {
        return parse(&text);
    }
    let errors = errors
        .recv_timeout(Duration::from_secs(1))
        .unwrap_or_default();
    Err(format!(
        "{ended}: {}",
        errors.lines().next().unwrap_or("no message")
    ))
}

/// Runs a server and its client. With one processor the server has CPU 0 to itself and the client CPU 1; with more
/// they share all, as they would on a machine.
fn serve(
    mut command: Command,
    client: Client,
    procs: usize,
    scale: f64,
    timeout: Duration,
) -> Result<Vec<Figure>, String> {
    let apart = procs == 1 && thread::available_parallelism().is_ok_and(|cpus| cpus.get() > 1);
    let pinned = |cpu| {
        if apart {
            pin(cpu);
        }
    };
    // On threads of their own, because a child inherits the CPUs of the thread that starts it.
    let started = thread::scope(|scope| {
        scope
            .spawn(|| {
                pinned(0);
                start(&mut command)
            })
            .join()
    });
    let mut child = started.map_err(|_| "the harness panicked")??;
    drop(in_background(child.stderr.take())); // or a server that complains much would block
    let outcome = listening(&mut child, timeout).and_then(|at| {
        let pid = child.id();
        let figures = thread::scope(|scope| {
            scope
                .spawn(|| {
                    pinned(1);
                    load::run(client, at, pid, scale)
                })
                .join()
        });
        figures
            .map_err(|_| "the client panicked")?
            .map_err(|error| format!("client: {error}"))
    });
    end(&mut child);
    outcome
}

/// Waits until a server says where it listens.
fn listening(child: &mut Child, timeout: Duration) -> Result<SocketAddr, String> {
    let output = child.stdout.take().ok_or("no output")?;
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let _ = BufReader::new(output).read_line(&mut line);
        let _ = tell.send(line);
    });
    let line = told
        .recv_timeout(timeout)
        .map_err(|_| "the server does not start")?;
    match line.trim().split_once(' ') {
        Some(("listening", port)) => {
            let port = port.parse().map_err(|_| format!("not a port: {port}"))?;
            Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        }
        Some(("failed", why)) => Err(why.to_owned()),
        _ => Err("the server ended at once".to_owned()),
    }
}

fn start(command: &mut Command) -> Result<Child, String> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
        .spawn()
        .map_err(|error| format!("cannot start: {error}"))
}

/// Ends a process that is not needed any more; what it would still say does not matter.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads to the end on a thread of its own. Keeps the first 64 KiB: a program that fails may flood.
fn in_background(from: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut from) = from {
            let _ = from.by_ref().take(64 << 10).read_to_end(&mut text);
            let _ = std::io::copy(&mut from, &mut std::io::sink());
        }
        let _ = tell.send(String::from_utf8_lossy(&text).into_owned());
    });
    told
}

/// Reads `name value unit` lines; there are none where the peer has no such thing.
fn parse(text: &str) -> Result<Vec<Figure>, String> {
    let mut figures = Vec::new();
    for line in text.lines() {
        if let Some(why) = line.strip_prefix("failed ") {
            return Err(why.to_owned());
        }
        if line == "absent" {
            return Ok(Vec::new());
        }
        let mut words = line.split_whitespace();
        let (Some(name), Some(value), Some(unit), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(format!("not a figure: {line}"));
        };
        figures.push(Figure::new(
            name,
            value.parse().map_err(|_| format!("not a number: {line}"))?,
            unit,
        ));
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read() {
        let figures = parse("first 662.5 ns\nwarm 430 ns\n").expect("well formed");
        assert_eq!(
            figures,
            [
                Figure::new("first", 662.5, "ns"),
                Figure::new("warm", 430.0, "ns")
            ]
        );
    }

    #[test]
    fn a_failure_is_told_in_the_programs_words() {
        assert_eq!(
            parse("first 1 ns\nfailed no once in this peer"),
            Err("no once in this peer".to_owned())
        );
        assert_eq!(
            parse("thread panicked"),
            Err("not a figure: thread panicked".to_owned())
        );
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let mut hang = Command::new("sleep");
        hang.arg("60");
        assert_eq!(
            to_the_end(hang, Duration::from_millis(20)),
            Err("did not end in 0 s".to_owned())
        );
    }

    #[test]
    fn a_program_that_dies_is_told_with_its_first_words() {
        let mut dies = Command::new("sh");
        dies.args(["-c", "echo out of stacks >&2; exit 3"]);
        assert_eq!(
            to_the_end(dies, Duration::from_secs(10)),
            Err("exit status: 3: out of stacks".to_owned())
        );
    }
}
