//! Signals from outside, received from a channel (Go's package `os/signal`).
//!
//! [`notify`] gives a channel on which the chosen signals arrive instead of having their usual
//! effect; [`notify_context`] a context that they cancel; [`ignore`] makes them do nothing. [`stop`]
//! and [`reset`] bring the usual effect back.
//!
//! ```
//! use goroutines::signal::{self, SIGUSR1};
//!
//! let signals = signal::notify(&[SIGUSR1]);
//! signal::raise(SIGUSR1)?;
//! assert_eq!(signals.recv(), Some(SIGUSR1));
//! signal::stop(&signals);
//! # std::io::Result::Ok(())
//! ```
//!
//! `SIGKILL` and `SIGSTOP` cannot be caught, and the faults `SIGSEGV`, `SIGBUS`, `SIGILL` and
//! `SIGFPE` are the program's own: all functions here pass over these six. A program that waits for
//! signals is not deadlocked, however idle it is.
//!
//! `SIGPIPE` is as in Go: a goroutine that writes to a pipe or socket without readers gets an error,
//! unless it is the process's own output or error output, by [`os::stdout`](crate::os::stdout),
//! [`os::stderr`](crate::os::stderr), `println!` or `eprintln!`: then the process ends, quietly, by
//! `SIGPIPE`. A program that has asked for `SIGPIPE`, or ignores it, gets an error there too (from
//! `println!` a panic).
//!
//! # Suspends
//! Any call of this module, for a moment, if another goroutine is in such a call on the same thing: each
//! takes a lock of [`sync`](crate::sync).

mod names;
mod relay;

pub use names::*;

use crate::chan::{Receiver, channel};
use crate::context::{self, CancelFunc, Context};
use std::fmt;
use std::io;

/// A signal, by its number.
///
/// `Debug` prints its name (`SIGINT`), `Display` Go's words for it (`interrupt`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(i32);

impl Signal {
    /// The signal with this number on this system; `None` if there is none (1 to 64 exist).
    ///
    /// ```
    /// use goroutines::signal::{SIGKILL, Signal};
    ///
    /// assert_eq!(Signal::from_number(9), Some(SIGKILL));
    /// assert_eq!(Signal::from_number(0), None);
    /// ```
    pub const fn from_number(number: i32) -> Option<Signal> {
        if 0 < number && number <= 64 {
            Some(Signal(number))
        } else {
            None
        }
    }

    /// Its number on this system.
    pub const fn number(self) -> i32 {
        self.0
    }
}

/// What the context of [`notify_context`] was cancelled by: `interrupt signal received`, as
/// [`cause`](crate::context::cause) tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignalReceived(pub Signal);

impl fmt::Display for SignalReceived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} signal received", self.0)
    }
}

impl std::error::Error for SignalReceived {}

/// How many signals wait in a channel of [`notify`] for being received.
const CAPACITY: usize = 64;

/// Delivers `signals` to a new channel from now on; an empty list means all (Go's `signal.Notify`).
///
/// Every channel that asked for a signal gets it, and its usual effect does not happen. Delivering
/// never waits: what finds 64 signals not yet received is dropped. The channel ends when it is
/// [stopped](stop), or when its last receiver is dropped.
///
/// # Panics
/// `cannot wait for signals: ..` if the first call finds no descriptor left; a later one tries again.
///
/// ```no_run
/// use goroutines::signal::{self, SIGINT, SIGTERM};
///
/// let signals = signal::notify(&[SIGINT, SIGTERM]);
/// let signal = signals.recv().unwrap();
/// eprintln!("{signal}: shutting down"); // "interrupt: shutting down"
/// ```
pub fn notify(signals: &[Signal]) -> Receiver<Signal> {
    let (tx, rx) = channel(CAPACITY);
    relay::subscribe(tx, signals);
    rx
}

/// Ends the delivery to a channel of [`notify`] (Go's `signal.Stop`): when this returns, nothing is
/// sent to it any more. Signals that no other channel has asked for have their usual effect again.
///
/// ```
/// use goroutines::signal::{self, SIGUSR1};
///
/// let signals = signal::notify(&[SIGUSR1]);
/// signal::stop(&signals);
/// assert_eq!(signals.recv(), None);
/// ```
pub fn stop(signals: &Receiver<Signal>) {
    relay::unsubscribe(signals);
}

/// Makes `signals` do nothing at all; an empty list means all (Go's `signal.Ignore`). Channels that
/// have asked for them before do not get them any more, and programs that are started from now on
/// ignore them too (except `SIGPIPE`, which std gives back to them, and `SIGCHLD`, without which they
/// could not be waited for).
///
/// ```
/// use goroutines::signal::{self, SIGHUP};
///
/// signal::ignore(&[SIGHUP]);
/// assert!(signal::ignored(SIGHUP));
/// signal::raise(SIGHUP)?; // and goes on
/// # signal::reset(&[SIGHUP]);
/// # std::io::Result::Ok(())
/// ```
pub fn ignore(signals: &[Signal]) {
    relay::ignore(signals);
}

/// Undoes every [`notify`] and [`ignore`] for `signals`; an empty list means all (Go's
/// `signal.Reset`).
///
/// ```
/// use goroutines::signal::{self, SIGUSR2};
///
/// signal::ignore(&[SIGUSR2]);
/// signal::reset(&[SIGUSR2]);
/// assert!(!signal::ignored(SIGUSR2));
/// ```
pub fn reset(signals: &[Signal]) {
    relay::reset(signals);
}

/// Is `signal` ignored, by [`ignore`] or since the process was started (Go's `signal.Ignored`)?
///
/// ```
/// use goroutines::signal::{self, SIGTERM};
///
/// assert!(!signal::ignored(SIGTERM));
/// ```
pub fn ignored(signal: Signal) -> bool {
    relay::ignored(signal)
}

/// Sends `signal` to this process.
///
/// # Errors
/// The system's; none for the signals named in this module.
///
/// ```
/// goroutines::signal::raise(goroutines::signal::SIGCONT)?;
/// # std::io::Result::Ok(())
/// ```
pub fn raise(signal: Signal) -> io::Result<()> {
    signal_hook::low_level::raise(signal.0)
}

/// A context below `parent` that one of `signals` cancels, an empty list meaning all (Go's
/// `signal.NotifyContext`).
///
/// Its error is `context canceled`, its cause a [`SignalReceived`]; it prints as
/// `signal.NotifyContext(context.Background, [interrupt])`. Calling the returned function
/// cancels it too and gives the signals their usual effect back; call it as soon as the context has
/// done its duty, so that a second interrupt ends the process.
///
/// ```
/// use goroutines::{context, signal};
///
/// let (ctx, stop) = signal::notify_context(&context::background(), &[signal::SIGUSR2]);
/// signal::raise(signal::SIGUSR2)?;
/// ctx.done().recv();
/// assert_eq!(context::cause(&ctx).unwrap().to_string(), "user defined signal 2 signal received");
/// stop();
/// # std::io::Result::Ok(())
/// ```
pub fn notify_context(parent: &Context, signals: &[Signal]) -> (Context, CancelFunc) {
    let names: Vec<String> = signals.iter().map(Signal::to_string).collect();
    let (ctx, cancel, end) = context::with_signals(parent, names.join(" "));
    let rx = notify(signals);
    let (signals, done) = (rx.clone(), ctx.done());
    crate::go!({
        crate::select! {
            signal = <-signals => if let Some(signal) = signal {
                cancel(SignalReceived(signal).into());
            },
            <-done => {}
        }
    });
    let stop_func = CancelFunc::from_fn(move || {
        stop(&rx);
        end();
    });
    (ctx, stop_func)
}
