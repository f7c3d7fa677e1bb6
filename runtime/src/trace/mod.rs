//! Execution traces: which goroutine ran where and when, and which one woke it. Go's package `runtime/trace`.
//!
//! The output is Chrome trace JSON, which [Perfetto](https://ui.perfetto.dev) opens and the book's
//! scheduler player replays: a track for each P with a slice for each run of a goroutine, arrows from
//! the waker of a goroutine to where that ran, marks for steals, wake-ups and hand-offs.
//!
//! `GODEBUG=trace=FILE` traces a whole program with `#[goroutine] fn main`.
//!
//! ```
//! use goroutines::{runtime, spawn, trace};
//!
//! let file = std::env::temp_dir().join(format!("doc-trace-{}.json", std::process::id()));
//! trace::start(std::fs::File::create(&file).unwrap()).unwrap();
//! runtime::run(|| spawn(|| trace::region("work", || 6 * 7)).join().unwrap());
//! trace::stop();
//! let text = std::fs::read_to_string(&file).unwrap();
//! assert!(text.contains(r#""name":"work""#));
//! # std::fs::remove_file(file).unwrap();
//! ```

mod chrome;

use crate::runtime::goid;
use crate::sched::tracing::{self, Kind};
use crate::sched::{boot, fatal};
use crate::sys::clock::nanotime;
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Events kept by each thread while a trace runs: about 100 MB of memory at most.
const MOST_EVENTS: usize = 1 << 20;
/// And by a flight recorder.
const FLIGHT_EVENTS: usize = 1 << 16;

/// What records. Both may do so at once; they share the recording.
struct Running {
    /// When the trace began, and where it goes.
    trace: Option<(i64, Box<dyn Write + Send>)>,
    /// It is the environment's, of the whole program.
    whole: bool,
    /// When the flight recorder began.
    flight: Option<i64>,
}

impl Running {
    /// One more begins, which wants `keep` events: the moment.
    fn begin(&self, keep: usize) -> i64 {
        if self.trace.is_none() && self.flight.is_none() {
            return tracing::begin(keep);
        }
        if keep == MOST_EVENTS {
            tracing::keep(keep);
        }
        nanotime()
    }
}

static RUNNING: Mutex<Running> = Mutex::new(Running {
    trace: None,
    whole: false,
    flight: None,
});

fn running() -> MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A trace, or a flight recorder, runs already; the text is Go's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadyEnabled;

impl fmt::Display for AlreadyEnabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tracing is already enabled")
    }
}

impl std::error::Error for AlreadyEnabled {}

/// Starts tracing; [`stop`] writes the trace to `writer`. Go's `trace.Start`. A [`FlightRecorder`] may
/// run at the same time.
///
/// # Errors
/// `tracing is already enabled`, if another trace runs.
pub fn start(writer: impl Write + Send + 'static) -> Result<(), AlreadyEnabled> {
    boot::ensure();
    let mut running = running();
    if running.trace.is_some() {
        return Err(AlreadyEnabled);
    }
    let from = running.begin(MOST_EVENTS);
    running.trace = Some((from, Box::new(writer)));
    Ok(())
}

/// Ends the trace and writes it. Nothing if none runs. An error of the writer is lost, as in Go.
pub fn stop() {
    let mut running = running();
    let Some((from, mut writer)) = running.trace.take() else {
        return;
    };
    running.whole = false;
    let events = if running.flight.is_some() {
        tracing::cut_runs();
        let events = tracing::copy(from);
        tracing::keep(FLIGHT_EVENTS);
        events
    } else {
        tracing::end();
        tracing::take(from)
    };
    drop(running); // the writer is the user's code
    let _ = chrome::write(&events, &mut writer).and_then(|()| writer.flush());
}

/// [`stop`] of the environment's trace, for a program that dies: no other, whose writer is the user's code. It waits for
/// no goroutine that starts or stops a trace just now.
fn stop_whole() {
    if RUNNING.try_lock().is_ok_and(|running| running.whole) {
        stop();
    }
}

/// Is anything being recorded? Go's `trace.IsEnabled`.
#[must_use]
pub fn is_enabled() -> bool {
    tracing::on()
}

/// Runs `f` as a region of the calling goroutine: a slice of that name in the trace. Go's
/// `trace.WithRegion`.
pub fn region<R>(name: &str, f: impl FnOnce() -> R) -> R {
    if !tracing::on() {
        return f();
    }
    let since = nanotime();
    let r = f();
    let name = name.to_owned();
    tracing::note(goid(), Kind::Region { since, name });
    r
}

/// A piece of work that may span goroutines; see [`task`].
#[derive(Debug)]
#[must_use = "the task ends when it is dropped"]
pub struct Task {
    name: String,
    id: u64,
    since: i64,
}

impl Drop for Task {
    fn drop(&mut self) {
        if tracing::on() {
            let kind = Kind::Task {
                since: self.since,
                name: std::mem::take(&mut self.name),
                id: self.id,
            };
            tracing::note(goid(), kind);
        }
    }
}

/// Begins a task, which ends when the value is dropped, on whatever goroutine. Go's `trace.NewTask`.
pub fn task(name: &str) -> Task {
    static IDS: AtomicU64 = AtomicU64::new(1);
    Task {
        name: name.to_owned(),
        id: IDS.fetch_add(1, Ordering::Relaxed),
        since: nanotime(),
    }
}

/// Puts a message into the trace. Go's `trace.Log`.
pub fn log(category: &str, message: &str) {
    if tracing::on() {
        let kind = Kind::Log {
            category: category.to_owned(),
            message: message.to_owned(),
        };
        tracing::note(goid(), kind);
    }
}

/// Keeps the last moments in memory, to be written when something has gone wrong. Go's
/// `trace.FlightRecorder`.
///
/// # Examples
/// ```
/// use goroutines::{runtime, trace::FlightRecorder};
/// use std::time::Duration;
///
/// let recorder = FlightRecorder::new(Duration::from_secs(10));
/// recorder.start().unwrap();
/// runtime::run(|| ());
/// let mut out = Vec::new();
/// recorder.write_to(&mut out).unwrap();
/// recorder.stop();
/// assert!(String::from_utf8(out).unwrap().starts_with("{\"traceEvents\":["));
/// ```
#[derive(Debug)]
pub struct FlightRecorder {
    min_age: Duration,
}

impl FlightRecorder {
    /// A recorder that keeps about the last `min_age`, at most some 65,000 events per thread.
    #[must_use]
    pub fn new(min_age: Duration) -> Self {
        FlightRecorder { min_age }
    }

    /// Starts recording; a trace may run at the same time.
    ///
    /// # Errors
    /// `tracing is already enabled`, if another flight recorder runs.
    pub fn start(&self) -> Result<(), AlreadyEnabled> {
        boot::ensure();
        let mut running = running();
        if running.flight.is_some() {
            return Err(AlreadyEnabled);
        }
        running.flight = Some(running.begin(FLIGHT_EVENTS));
        Ok(())
    }

    /// Does it record?
    #[must_use]
    pub fn enabled(&self) -> bool {
        running().flight.is_some()
    }

    /// Writes what it has; recording goes on.
    ///
    /// # Errors
    /// Those of `writer`; `flight recorder is not running`.
    pub fn write_to(&self, mut writer: impl Write) -> io::Result<()> {
        let Some(from) = running().flight else {
            return Err(io::Error::other("flight recorder is not running"));
        };
        let age = i64::try_from(self.min_age.as_nanos()).unwrap_or(i64::MAX);
        let oldest = nanotime().saturating_sub(age);
        let mut events = tracing::copy(from);
        events.retain(|e| e.at >= oldest);
        chrome::write(&events, &mut writer)
    }

    /// Stops recording.
    pub fn stop(&self) {
        let mut running = running();
        if running.flight.take().is_some() && running.trace.is_none() {
            tracing::end();
            tracing::take(i64::MAX);
        }
    }
}

/// `GODEBUG=trace=FILE`: from the start of `main` to its return, or to a panic or a deadlock that ends the program.
pub(crate) fn start_from_env() {
    if let Some(path) = crate::sched::godebug::get("trace") {
        match std::fs::File::create(path) {
            Ok(file) => {
                if start(io::BufWriter::new(file)).is_ok() {
                    running().whole = true;
                    fatal::record_with(stop_whole);
                }
            }
            Err(e) => eprintln!("goroutines: cannot create the trace {path}: {e}"),
        }
    }
}
