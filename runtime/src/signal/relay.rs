//! From the handler to the channels.
//!
//! A handler may do next to nothing: ours sets the signal's bit in `PENDING` and writes a byte into
//! a pipe. A goroutine of the runtime reads the pipe, takes the bits and sends to the channels. It
//! is parked on the poller meanwhile, which is also what tells the deadlock check that something may
//! still come from outside.
//!
//! A handler, once installed, stays known; while no channel wants the signal it does what the system
//! would have done. So the set of wanted signals can change at any time without touching dispositions.
//! What is to be ignored is ignored by the kernel, for the sake of the programs that this one starts,
//! which inherit that ([`Registry::settle`]).

use super::Signal;
use crate::chan::{Receiver, Sender};
use crate::net::UnixStream;
use crate::sched::sigpipe;
use crate::sched::spawn_system;
use crate::sync::Mutex;
use crate::sys::{self, signal::Disposition};
use signal_hook::{consts::signal as number, low_level};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A set of signals; bit n - 1 is signal n.
type Set = u64;

/// Signals that have come and are not delivered yet.
static PENDING: AtomicU64 = AtomicU64::new(0);
/// Signals that some channel wants. Changed under `REGISTRY`.
static WANTED: AtomicU64 = AtomicU64::new(0);
/// Signals that do nothing. Changed under `REGISTRY`.
static IGNORED: AtomicU64 = AtomicU64::new(0);

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    handled: 0,
    born_ignored: 0,
    ignored: 0,
    set_aside: [const { None }; 65],
    channels: Vec::new(),
});

/// The handler's end of the pipe.
static PIPE: OnceLock<StdUnixStream> = OnceLock::new();

struct Registry {
    /// Signals that have our handler.
    handled: Set,
    /// Of those, the ones that the process ignored before.
    born_ignored: Set,
    /// What the user wants ignored.
    ignored: Set,
    /// For each signal that we let the kernel ignore, by its number, what it did before.
    set_aside: [Option<Disposition>; 65],
    channels: Vec<(Sender<Signal>, Set)>,
}

/// What std ignores when a program starts, whatever the program got from its parent. It does nothing unless
/// the program wants it: see `sched/state/sigpipe.rs`.
const STD_IGNORES: Set = bit(number::SIGPIPE);

/// What is not left to the kernel: ignoring SIGCHLD there takes the children's exit codes away.
const NOT_THE_KERNELS: Set = bit(number::SIGCHLD);

/// What no program can catch, or must not: the faults belong to the runtime.
const OUT_OF_REACH: Set = bit(number::SIGKILL)
    | bit(number::SIGSTOP)
    | bit(number::SIGSEGV)
    | bit(number::SIGBUS)
    | bit(number::SIGILL)
    | bit(number::SIGFPE)
    // Used by the C library between its threads.
    | bit(32)
    | bit(33);

const fn bit(signal: i32) -> Set {
    1 << (signal - 1)
}

fn set(signals: &[Signal]) -> Set {
    let all = signals.iter().fold(0, |s, sig| s | bit(sig.0));
    let all = if signals.is_empty() { Set::MAX } else { all };
    all & !OUT_OF_REACH
}

fn each(set: Set) -> impl Iterator<Item = Signal> {
    (1..=64).filter(move |&n| set & bit(n) != 0).map(Signal)
}

/// The handler. It may run on any thread, at any instruction: also between a system call and the look
/// at its `errno`.
fn handle(signal: i32) {
    sys::signal::keeping_errno(|| note(signal));
}

fn note(signal: i32) {
    let wanted = || WANTED.load(Ordering::SeqCst) & bit(signal) != 0;
    let ignored = || IGNORED.load(Ordering::SeqCst) & bit(signal) != 0;
    // Wanted is looked at once more: see `Registry::publish`.
    if wanted() || (!ignored() && wanted()) {
        PENDING.fetch_or(bit(signal), Ordering::SeqCst);
        if let Some(mut pipe) = PIPE.get() {
            // It does not block, and if it is full its reader is on the way.
            let _ = pipe.write(&[1]);
        }
    } else if !ignored() {
        usual_effect(signal);
    }
}

/// What would happen without us.
fn usual_effect(signal: i32) {
    if bit(signal) & STD_IGNORES != 0 {
        return;
    }
    // The table of effects ends at 31; the signals beyond it all end the process.
    if low_level::emulate_default_handler(signal).is_err() {
        low_level::abort();
    }
}

impl Registry {
    /// Installs the handler for the signals that do not have it.
    fn install(&mut self, set: Set) {
        for Signal(n) in each(set & !self.handled) {
            let ignored = match self.set_aside[n as usize].take() {
                Some(before) => before.is_ignored(),
                None => sys::signal::is_ignored(n),
            };
            if ignored && bit(n) & STD_IGNORES == 0 {
                self.born_ignored |= bit(n);
            }
            // SAFETY: the handler reads and writes atomics and a descriptor, or does what the
            // default would: all of it is allowed in a signal handler.
            if unsafe { low_level::register(n, move || handle(n)) }.is_ok() {
                sys::signal::handle_on_alternate_stack(n);
                self.handled |= bit(n);
            }
        }
    }

    /// Lets the kernel ignore what is to be ignored, and no more.
    fn settle(&mut self) {
        let ignored = IGNORED.load(Ordering::SeqCst) & !NOT_THE_KERNELS;
        for Signal(n) in each(Set::MAX & !OUT_OF_REACH) {
            let aside = &mut self.set_aside[n as usize];
            if ignored & bit(n) == 0 {
                if let Some(before) = aside.take() {
                    before.restore(n);
                }
            } else if aside.is_none() {
                *aside = sys::signal::ignore(n);
            }
        }
    }

    /// Takes signals away from all channels; one that is left with none ends, once what is returned is dropped.
    fn take_away(&mut self, set: Set) -> Channels {
        for (_, wanted) in &mut self.channels {
            *wanted &= !set;
        }
        let end = self.channels.extract_if(.., |(_, wanted)| *wanted == 0);
        end.collect()
    }

    /// Takes what has come and is not delivered yet. A channel whose receivers are gone is removed when a
    /// signal comes that it wants.
    fn take_pending(&mut self) -> Delivery {
        let signals = PENDING.swap(0, Ordering::SeqCst);
        let mut missed = signals;
        let mut sends = Vec::new();
        self.channels.retain(|(tx, wanted)| {
            if tx.receivers() == 0 {
                return signals & wanted == 0;
            }
            for signal in each(signals & wanted) {
                missed &= !bit(signal.0);
                sends.push((tx.clone(), signal));
            }
            true
        });
        self.publish();
        Delivery {
            sends,
            missed: missed & !IGNORED.load(Ordering::SeqCst),
        }
    }

    /// Tells the handler. A signal that moves from one set to the other is in both for a moment;
    /// and the handler, which looks at one after the other, never finds it in none.
    fn publish(&self) {
        let wanted = self.channels.iter().fold(0, |all, (_, set)| all | set);
        let ignored = (self.ignored | self.born_ignored) & !wanted;
        IGNORED.fetch_or(ignored, Ordering::SeqCst);
        WANTED.store(wanted, Ordering::SeqCst);
        IGNORED.store(ignored, Ordering::SeqCst);
        sigpipe::keep((wanted | ignored) & STD_IGNORES != 0);
    }
}

/// Channels with the signals that they want.
type Channels = Vec<(Sender<Signal>, Set)>;

/// What is to be done once the registry is not locked any more: a wake-up may run the user's code (a waker).
#[must_use]
struct Delivery {
    sends: Vec<(Sender<Signal>, Signal)>,
    /// The signals that no channel was there for.
    missed: Set,
}

impl Delivery {
    fn carry_out(self) {
        for (tx, signal) in self.sends {
            // Full, or its receivers have gone just now: lost, as `notify` says.
            let _ = tx.try_send(signal);
        }
        usual_effects(self.missed);
    }
}

pub(super) fn subscribe(tx: Sender<Signal>, signals: &[Signal]) {
    start_relay();
    let set = set(signals);
    let mut registry = REGISTRY.lock();
    registry.ignored &= !set;
    registry.channels.push((tx, set));
    // Wanted before it is caught: the handler never meets a signal that it knows nothing about.
    registry.publish();
    registry.install(set);
    registry.settle();
}

/// What came before is still delivered: a signal that was wanted when it came must not have its usual
/// effect because its channel ends just then.
pub(super) fn unsubscribe(rx: &Receiver<Signal>) {
    let mut registry = REGISTRY.lock();
    let delivery = registry.take_pending();
    let stopped: Channels = registry
        .channels
        .extract_if(.., |(tx, _)| tx.is_same(rx))
        .collect();
    registry.publish();
    registry.settle();
    drop(registry);
    delivery.carry_out();
    drop(stopped);
}

pub(super) fn ignore(signals: &[Signal]) {
    let set = set(signals);
    let mut registry = REGISTRY.lock();
    registry.ignored |= set;
    let ended = registry.take_away(set);
    registry.publish();
    registry.install(set & NOT_THE_KERNELS);
    registry.settle();
    drop(registry);
    drop(ended);
}

pub(super) fn reset(signals: &[Signal]) {
    let set = set(signals);
    let mut registry = REGISTRY.lock();
    let delivery = registry.take_pending();
    registry.ignored &= !set;
    let ended = registry.take_away(set);
    registry.publish();
    registry.settle();
    drop(registry);
    delivery.carry_out();
    drop(ended);
}

pub(super) fn ignored(signal: Signal) -> bool {
    let registry = REGISTRY.lock();
    let ours = registry.handled | registry.ignored | STD_IGNORES;
    if ours & bit(signal.0) != 0 {
        IGNORED.load(Ordering::SeqCst) & bit(signal.0) != 0
    } else {
        sys::signal::is_ignored(signal.0)
    }
}

/// Opens the pipe and starts the goroutine at its end, once. If there are no descriptors for it the next
/// call tries again.
fn start_relay() {
    PIPE.get_or_init(|| {
        let (tx, rx) = open().unwrap_or_else(|e| panic!("cannot wait for signals: {e}"));
        spawn_system(move || relay(rx));
        tx
    });
}

fn open() -> io::Result<(StdUnixStream, UnixStream)> {
    let (tx, rx) = StdUnixStream::pair()?;
    tx.set_nonblocking(true)?;
    Ok((tx, UnixStream::from_std(rx)?))
}

fn relay(mut pipe: UnixStream) {
    let mut bytes = [0; 64];
    // The other end is never closed.
    while matches!(pipe.read(&mut bytes), Ok(n) if n > 0) {
        let delivery = REGISTRY.lock().take_pending();
        delivery.carry_out();
    }
}

fn usual_effects(signals: Set) {
    for signal in each(signals) {
        usual_effect(signal.0);
    }
}
