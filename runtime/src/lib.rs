//! Go-style concurrency for Rust: goroutines, channels, [`select!`], and Go's scheduler under them.
//!
//! ```
//! use goroutines::prelude::*;
//!
//! fn worker(id: u32, jobs: Receiver<u32>, results: Sender<(u32, u32)>) {
//!     for n in jobs {
//!         results.send((id, n * n));
//!     }
//! }
//!
//! #[goroutine]
//! fn main() {
//!     let (jobs, results) = (make!(chan u32, 10), make!(chan(u32, u32), 10));
//!     for id in 0..3 {
//!         go!(worker(id, jobs.receiver(), results.sender()));
//!     }
//!     for n in 1..=9 {
//!         jobs.send(n);
//!     }
//!     jobs.close();
//!     let sum: u32 = (0..9).map(|_| results.recv().unwrap().1).sum();
//!     assert_eq!(sum, 285);
//! }
//! ```
//!
//! No `async`, no coloured functions: anything may be called anywhere, and what blocks (a channel, a
//! lock, a timer, a socket) blocks its goroutine only. Goroutines are coroutines with stacks of their
//! own, run by a few threads; the scheduler is Go's G-M-P design with work stealing, hand-off of
//! blocked threads, preemption and growing stacks. Semantics, wording of panics and exit codes are
//! those of Go 1.27, and where Rust can do better it does: what one goroutine may share with another is
//! checked by the compiler, directions of channels are types, goroutines have results.
//!
//! | Go | here |
//! | --- | --- |
//! | `go f(x)` | [`go!`]`(f(x))` |
//! | `make(chan T, n)` | [`make!`]`(chan T, n)` |
//! | `ch <- v`, `v, ok := <-ch`, `close(ch)` | [`ch.send(v)`](Chan::send), [`ch.recv()`](Chan::recv), [`ch.close()`](Chan::close) |
//! | `select { case v := <-a: .. }` | [`select!`]` { v = <-a => .. }` |
//! | `defer f()`, `recover()` | [`defer!`]`(f())`, [`recover`]`(\|\| ..)` |
//! | `func main()` | [`#[goroutine] fn main()`](macro@goroutine) |
//! | `sync`, `time`, `context`, `net`, `os/signal`, `runtime` | [`sync`], [`time`], [`context`], [`net`], [`signal`], [`runtime`] |
//! | `net/http`, `os/exec`, `os`, `io.Pipe`, gopool | `http` (a feature), [`process`], [`os`], [`io`], [`pool`] |
//! | `net/http/pprof`, `runtime/trace` | [`debug`]`::serve` (with `http`), [`trace`] |
//! | `testing/synctest`, goleak | [`testing::synctest`], [`testing::leak`]; and [`testing::explore`] |
//!
//! # Soundness
//!
//! Rust gives no guarantee for stackful coroutines that move between threads. This is what holds here,
//! and what does not.
//!
//! *What is safe*: everything that a goroutine is given or captures must be `Send`; no stack is ever
//! moved, unwound from outside or reused while in use; a goroutine that suspends while it panics keeps
//! its thread.
//!
//! *What the compiler cannot check*: code that holds a thing bound to its **thread** over a call that may
//! move the goroutine to another thread. Such things are a borrow inside `LocalKey::with`, a
//! `std::sync::MutexGuard` or `parking_lot` guard, `stdout().lock()`, a `crossbeam_epoch` guard, an
//! entered `tracing` span (which follows its goroutine with the feature `tracing`; [`runtime::on_switch`] does that for
//! other crates' state). **Only named calls of this crate can move a goroutine, and each has a
//! `# Suspends` section in its own documentation, its type's or its module's**; loops, function calls and everything else in the language
//! never do, not even when the scheduler preempts. The compiler may also keep the address of a
//! `thread_local!` over such a call within one function.
//!
//! *Ways out*: this crate's own locks ([`sync::Mutex`] and its siblings), whose guards may be held over
//! suspending calls; [`goroutine_local!`] for `thread_local!`; [`runtime::lock_os_thread`] and
//! [`Builder::pinned`] keep a goroutine on its thread, [`Builder::stay`] on one that it shares; [`runtime::NoSuspend`] panics in debug builds when
//! something suspends that should not.
//!
//! The crate needs `panic = "unwind"` and a 64-bit processor. It is tested on Linux, on x86-64 and on aarch64; on macOS
//! and FreeBSD it compiles, and has not been run by its authors. It does not work in a forked child.
//!
//! # Environment
//!
//! | variable | what it does |
//! | --- | --- |
//! | `GOMAXPROCS=4` | how many goroutines may run at once |
//! | `GOTRACEBACK=none`, `single`, `all`, `system`, `crash` | what a dying program shows; SIGQUIT dumps all goroutines |
//! | `GOROUTINES_STACK=1MiB` | the stack of a goroutine when more than 2,304 are there (256 KiB; the others have more) |
//! | `GODEBUG=schedtrace=100,scheddetail=1` | a line on the scheduler every 100 ms, and more |
//! | `GODEBUG=trace=FILE` | an execution trace of the whole program, also of one that a panic or a deadlock ends |
//! | `GODEBUG=migrate=0`, `migrate=stay` | each goroutine has a thread to itself; stays on one thread that it shares ([`Builder::stay`]) |
//! | `GODEBUG=threadcheck=1` | tells once a place of what is bound to its thread and held where a goroutine may leave it |
//! | `GODEBUG=asyncpreemptoff=1` | goroutines that compute are not paused by a signal |
//! | `GODEBUG=preempt=0` | goroutines run until they wait or give way: with `GOMAXPROCS=1`, in the same order each time; a call that blocks unannounced keeps its P |
//! | `GODEBUG=tracebackancestors=5`, `tracebacklabels=0` | dumps show a goroutine's forebears; and no labels |
//! | `GODEBUG=abandon=1` | tells of senders that end because no receiver is left |

#![debugger_visualizer(gdb_script_file = "../debug/goroutines-gdb.py")]

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd")))]
compile_error!(
    "goroutines runs on Linux, macOS and FreeBSD: on Windows, in WSL (its poller needs descriptors that become ready)"
);
#[cfg(not(target_pointer_width = "64"))]
compile_error!("goroutines needs a 64-bit target: it reserves one large arena for all stacks");
#[cfg(panic = "abort")]
compile_error!(
    "goroutines needs `panic = \"unwind\"`: a goroutine ends by unwinding its own stack"
);

// The macros' expansions name this crate as users do, also in its own tests.
extern crate self as goroutines;

mod block_on;
mod capture;
mod entry;
mod g;
mod join;
mod local;
// An example of its documentation shows a test; what runs is the program around it.
#[allow(clippy::test_attr_in_doctest)]
mod macros;
mod metrics;
mod netpoll;
mod nosuspend;
mod nothing;
mod operand;
mod sched;
mod scope;
mod stack;
mod sys;
mod threadcheck;
mod timers;
mod tokio_hint;
mod with_stack;

pub mod chan;
pub mod context;
pub mod debug;
#[cfg(feature = "http")]
pub mod http;
pub mod io;
pub mod net;
pub mod os;
mod panic;
mod place;
pub mod pool;
pub mod prelude;
pub mod process;
pub mod runtime;
pub mod signal;
mod switch;
pub mod sync;
pub mod testing;
pub mod time;
#[cfg(feature = "tokio")]
pub mod tokio;
pub mod trace;

pub use block_on::block_on;
pub use chan::{Chan, Receiver, Sender};
pub use join::{Builder, JoinFuture, JoinHandle, spawn};
pub use local::GoroutineLocal;
pub use macros::goroutine;
pub use panic::{JoinError, Panic, recover};
pub use scope::{Scope, ScopedJoinHandle, scope};
pub use with_stack::with_stack;

/// What the macros expand to. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::capture::{Capture, Cloned, Named, Refused, ThroughReference};
    pub use crate::chan::private::*;
    pub use crate::entry::{Options, main, test};
    pub use crate::macros::bind;
    pub use crate::operand::{
        AnyCommaOk, AnyOperand, AnyProduct, CommaOk, Number, Product, Received, Times,
    };
    pub use crate::panic::Defer;
    pub use crate::place::{AnyPlace, Place, Shared};
    pub use goroutines_macros as macros;

    /// `go!`.
    #[track_caller]
    #[inline]
    pub fn go<F, R>(f: F)
    where
        F: FnOnce() -> R + Send + 'static,
    {
        crate::sched::go(f);
    }

    /// Prints what every P, M and goroutine is doing, as `GODEBUG=schedtrace=..,scheddetail=1` does:
    /// for the project's own tests.
    pub fn sched_trace() {
        crate::sched::schedtrace::print(0, true);
    }

    /// The prologue of a `#[goroutine]` function.
    #[inline(always)]
    pub fn prologue<R>(stack: usize, f: impl FnOnce() -> R) -> R {
        crate::sched::grow::prologue(stack, f)
    }

    /// The back-edge of a loop in a `#[goroutine]` function.
    #[inline(always)]
    pub fn back_edge() {
        crate::sched::back_edge();
    }
}
