//! Runs one program in a process of its own: this very executable, told by an environment variable
//! to be that program.

use crate::Program;
use crate::expect::{Expectation, Run};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

/// Names the program to be. Set by [`command`], obeyed by [`obey`].
const BE: &str = "GOROUTINES_EXAMPLE";

/// After this long a program is killed; every one of them is expected to be much faster. Times
/// `GOROUTINES_TEST_SLOWNESS`, for machines that are emulated.
const LIMIT: Duration = Duration::from_secs(60);

/// The command that runs `program` by way of the tour's executable `tour`.
pub fn command(tour: impl AsRef<Path>, program: &Program) -> Command {
    let mut command = Command::new(tour.as_ref().as_os_str());
    command.env(BE, program.name);
    settings(&mut command, &Expectation::parse(program.expected));
    command
}

/// Sets what the program runs with.
pub fn settings(command: &mut Command, expected: &Expectation) {
    if let Some(godebug) = &expected.godebug {
        command.env("GODEBUG", godebug);
    }
}

/// First thing in the tour's `main`: if this process was started by [`command`], be that program.
pub fn obey() -> Option<ExitCode> {
    let name = env::var(BE).ok()?;
    let program = Program::find(&name)?;
    Some((program.main)())
}

/// Runs `program` without arguments: what it does, and what is wrong with that (see [`judged`]).
///
/// # Errors
/// If it cannot be started.
pub fn capture(tour: impl AsRef<OsStr>, program: &Program) -> io::Result<(Run, String)> {
    let expected = Expectation::parse(program.expected);
    judged(|| command(Path::new(&tour), program), &expected)
}

/// Runs a command that `command` makes: what it does, and what is wrong with that. One for which the clock
/// decides is run again if something is, until it is right or a minute has passed.
///
/// # Errors
/// If it cannot be started.
pub fn judged(command: impl Fn() -> Command, expected: &Expectation) -> io::Result<(Run, String)> {
    let slowness = env::var("GOROUTINES_TEST_SLOWNESS").ok();
    let slowness = slowness.and_then(|s| s.parse().ok()).unwrap_or(1);
    let start = Instant::now();
    for runs in 1.. {
        let mut command = command();
        settings(&mut command, expected);
        let run = limited(&mut command, LIMIT * slowness)?;
        let faults = expected.faults(&run);
        // A machine may stand still for longer than that, but hardly each time.
        let again = expected.by_the_clock && (runs < 3 || start.elapsed() < LIMIT * slowness);
        if faults.is_empty() || !again {
            return Ok((run, faults));
        }
    }
    unreachable!("the last run is returned")
}

/// Runs `command` without input and catches what it prints; after `limit` it is killed.
///
/// # Errors
/// If it cannot be started.
pub fn limited(command: &mut Command, limit: Duration) -> io::Result<Run> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    // While the machine stands still, for however long, the program has no time to run: from one look to the next
    // a second counts at most.
    let (mut had, mut looked) = (Duration::ZERO, start);
    let status = loop {
        let since = looked.elapsed();
        looked += since;
        had += since.min(Duration::from_secs(1));
        match child.try_wait()? {
            Some(status) => break status,
            None if had > limit => child.kill()?,
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let time = start.elapsed();
    Ok(Run {
        exit: status.code(),
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
        time,
    })
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
