//! The macros, as users call them: each passes `$crate` and the user's tokens to its procedural
//! macro in `goroutines-macros`, so that an expansion finds this crate under any name and through
//! any re-export.
//!
//! `$crate::__private` holds what the expansions call; `macros/expansions/` shows them written out.

/// Starts a goroutine: Go's `go` statement.
///
/// ```
/// use goroutines::prelude::*;
///
/// fn worker(id: u32, jobs: Receiver<u32>, results: Sender<u32>) {
///     for job in jobs {
///         results.send(id * 1000 + job);
///     }
/// }
///
/// #[goroutine]
/// fn main() {
///     let (jobs, results) = (make!(chan u32, 8), make!(chan u32, 8));
///     for id in 1..=3 {
///         go!(worker(id, jobs.receiver(), results.sender()));
///     }
///     for job in 0..8 {
///         jobs.send(job);
///     }
///     jobs.close();
///     let sum: u32 = results.iter().take(8).map(|r| r % 1000).sum();
///     assert_eq!(sum, 28);
/// }
/// ```
///
/// | form | meaning |
/// | --- | --- |
/// | `go!(f(a, b.clone()))`, `go!(x.method(a))` | the call runs in the goroutine; its parts are evaluated now |
/// | `go!({ .. })`, `go! { a(); b(); }` | a block or statements, as a `move` closure; so are `loop`, `while`, `for`, `if`, `match`, `unsafe` and a macro call |
/// | `go!(move \|\| ..)`, `go!(task)` | a closure, or a path to one or to a function: `FnOnce() -> R + Send + 'static` |
/// | `go!([tx, n = i + 1], ..)` | any of these after a capture list |
/// | `go!(in s, f(i, &data))` | a call inside [`scope`](crate::scope) |
///
/// The result, of any type, is dropped: [`spawn`](crate::spawn) gives a handle to wait for one.
/// `go!` itself is an expression of type `()`.
///
/// # The call form
///
/// As in Go, callee, receiver and arguments are evaluated **now**, in the caller, in source order;
/// then a goroutine runs the call. So a `clone()` in the arguments needs no variable, a loop variable
/// is what it was in this turn, and `?` in an argument leaves the caller:
///
/// ```
/// # use goroutines::prelude::*;
/// fn forward(text: &str, out: &Chan<i32>) -> Result<(), std::num::ParseIntError> {
///     go!(out.clone().send(text.parse()?));
///     Ok(())
/// }
/// # fn main() {
/// let out = make!(chan i32, 1);
/// assert!(forward("x", &out).is_err());
/// assert!(forward("7", &out).is_ok());
/// assert_eq!(out.recv(), Some(7));
/// # }
/// ```
///
/// * A plain variable (or another path) moves into the goroutine, after everything else was
///   evaluated: `go!(f(list, list.len()))`.
/// * `&e` and `&mut e` of a variable, of a part of one or of a temporary move `e` itself; the
///   goroutine borrows its own: `go!(f(&name, &mut Vec::new()))`.
/// * A closure literal stays in the call, where its parameters have their types.
/// * A macro cannot see its own brackets: `go! { f(x) }` with one call and no `;` is the call form.
///
/// # Capture lists
///
/// Each name in brackets becomes `name.clone()`, or the given expression; the originals stay usable.
/// The comma after the list is optional.
///
/// ```
/// # use goroutines::prelude::*;
/// # fn main() {
/// let ch = make!(chan usize);
/// let names = vec!["go", "rust"];
/// go!([ch, n = names.len()], { ch.send(n) });
/// assert_eq!(ch.recv(), Some(names.len()));
/// # }
/// ```
///
/// # In a scope
///
/// `go!(in s, call)` is a call form whose references borrow from the caller, which waits at the end of
/// the scope. Plain variables move here too, a receiver as well: `(&x).f()` borrows it. For a block
/// write `s.go(|| { .. })`, which borrows what it names.
///
/// ```
/// # use goroutines::prelude::*;
/// # use goroutines::sync::Mutex;
/// fn add(part: &[i32], total: &Mutex<i32>) {
///     *total.lock() += part.iter().sum::<i32>();
/// }
/// # fn main() {
/// let (data, total) = (vec![1, 2, 3, 4], Mutex::new(0));
/// scope(|s| {
///     for part in data.chunks(2) {
///         go!(in s, add(part, &total));
///     }
/// });
/// assert_eq!(*total.lock(), 10);
/// # }
/// ```
///
/// # Panics
///
/// A panic that the goroutine does not [`recover`](crate::recover) ends the process as in Go: its text
/// on stderr, exit code 2.
///
/// # Errors at compile time
///
/// What moves into the goroutine must be [`Send`] and must not borrow from the caller. Anything but a
/// call, a block, a closure or a path is refused, as are `async` blocks, `f()?` and `f().await`.
#[macro_export]
macro_rules! go {
    ($($task:tt)*) => { $crate::__private::macros::go! { ($crate) $($task)* } };
}

/// Waits until one of several channel operations can go on, and does it: Go's `select`.
///
/// ```
/// use goroutines::prelude::*;
/// use std::time::Duration;
///
/// #[goroutine]
/// fn main() {
///     let (jobs, done) = (make!(chan u32), make!(chan ()));
///     go!([jobs, done], {
///         for job in 1..=3 {
///             jobs.send(job);
///         }
///         done.close();
///     });
///     let mut sum = 0;
///     loop {
///         select! {
///             Some(job) = <-jobs else continue => sum += job,
///             <-done => break,
///             <-time::after(Duration::from_secs(5)) => panic!("too late"),
///         }
///     }
///     assert_eq!(sum, 6);
/// }
/// ```
///
/// | arm | |
/// | --- | --- |
/// | `v = <-rx => expr` | receive; `v` is an `Option<T>`, `None` if the channel is closed and drained |
/// | `Some(job) = <-jobs else break => expr` | a pattern that may not match; `else` has to leave |
/// | `<-done => expr` | receive; the value is dropped before `expr` |
/// | `tx <- value => expr` | send; an unsent value is dropped before another arm's `expr` |
/// | `tx <- move slot => expr` | send what is in a place of type `Option<T>`; taken only if this arm is chosen; never ready while it is `None` |
/// | `default => expr` | if no other arm is ready |
///
/// The left side of a receive may be any pattern, with a type: `mut v: Option<u32> = <-rx => ..`.
/// Commas are those of `match`.
///
/// # The chosen arm
///
/// Of the ready arms one is chosen uniformly at random; with `select! { biased; .. }` the first in
/// source order. If none is ready the goroutine waits, or takes `default`. `select! {}` waits for ever;
/// its type is `!`.
///
/// `select!` is an expression whose value is the body's. Bodies are not closures: `break`, `continue`,
/// `return` and `?` work. Unlike Go's, `break` leaves the loop around the `select!`. There may be any
/// number of arms.
///
/// # Operands
///
/// All channel and value operands are evaluated once, in source order, before an arm is chosen,
/// whichever it will be. Channels are borrowed, values moved. A temporary in an operand, such as a lock
/// guard, lives until an arm is chosen and is gone when its body runs.
///
/// A channel operand is a [`Chan`](crate::Chan), [`Sender`](crate::Sender) or
/// [`Receiver`](crate::Receiver), a reference to one, or an `Option` of either: `None` is Go's nil
/// channel, which is never ready. That is how an arm is switched off:
///
/// ```
/// # use goroutines::prelude::*;
/// # fn main() {
/// let (numbers, letters) = (make!(chan u32, 4), make!(chan char, 4));
/// for i in 0..3 {
///     numbers.send(i);
///     letters.send('x');
/// }
/// numbers.close();
/// letters.close();
///
/// let (mut a, mut b) = (Some(&numbers), Some(&letters));
/// let mut seen = 0;
/// while a.is_some() || b.is_some() {
///     select! {
///         v = <-a => match v {
///             Some(_) => seen += 1,
///             None => a = None,
///         },
///         v = <-b => match v {
///             Some(_) => seen += 1,
///             None => b = None,
///         },
///     }
/// }
/// assert_eq!(seen, 6);
/// # }
/// ```
///
/// A value that must not be lost if its arm is not chosen is kept in a slot:
///
/// ```
/// # use goroutines::prelude::*;
/// # fn main() {
/// let (out, stop) = (make!(chan String, 1), make!(chan ()));
/// let mut report = Some("42 jobs".to_string());
/// while report.is_some() {
///     select! {
///         out <- move report => {}
///         <-stop => break,
///     }
/// }
/// assert_eq!(out.recv().as_deref(), Some("42 jobs"));
/// # }
/// ```
///
/// An arm may also wait for a future, of any crate, as [`block_on`](crate::block_on) does. A future that is not
/// chosen is dropped before the body of the one that is runs; give `&mut` of a pinned one to keep it.
///
/// ```
/// # use goroutines::prelude::*;
/// # fn main() {
/// let answers = make!(chan u32, 1);
/// let slow = std::future::pending::<u32>();
/// let mut handle = std::pin::pin!(spawn(|| 6 * 7).into_future());
/// let n = select! {
///     v = <-answers => v.unwrap(),
///     v = await slow => v,
///     Ok(n) = await &mut handle else panic!("it panicked") => n,
/// };
/// assert_eq!(n, 42);
/// # }
/// ```
///
/// # Suspends
///
/// While no arm is ready, unless there is a `default`.
///
/// # Panics
///
/// `send on closed channel`, as in Go, if a send on a closed channel is chosen.
///
/// # Errors at compile time
///
/// A direction that the channel's type lacks, and every form of arm that other languages and crates
/// have, with a message that says what to write here. All wrong arms of a `select!` are reported.
#[macro_export]
macro_rules! select {
    ($($arms:tt)*) => { $crate::__private::macros::select! { ($crate) $($arms)* } };
}

/// Runs code at the end of the enclosing block: Go's `defer`.
///
/// `defer!(call);`, `defer! { statements }`, or either after a capture list: `defer!([tx], tx.close());`.
/// It is a statement: as the last thing in a block it needs its `;` or braces.
///
/// Deferred code runs last in, first out, however the block is left: at its end, by `return`, `break`
/// or `?`, by a panic, by [`goexit`](crate::runtime::goexit). In a loop it runs in each turn. (Go's runs
/// at the end of the function.)
///
/// ```
/// use goroutines::prelude::*;
///
/// #[goroutine]
/// fn main() {
///     let log = make!(chan &str, 3);
///     {
///         defer!(log.send("closed"));
///         defer! {
///             log.send("flushed");
///         }
///         log.send("written");
///     }
///     let log: Vec<_> = log.try_iter().collect();
///     assert_eq!(log, ["written", "flushed", "closed"]);
/// }
/// ```
///
/// What the code names is borrowed until then. With a capture list it owns clones of the names in the
/// list (or the given values) and borrows the rest:
///
/// ```
/// # use goroutines::prelude::*;
/// # fn main() {
/// let (tx, rx) = chan::channel(1);
/// {
///     defer!([tx], tx.close());
///     go!(tx.send(1)); // moves `tx`, but not the clone
///     assert_eq!(rx.recv(), Some(1));
/// }
/// assert_eq!(rx.recv(), None);
/// # }
/// ```
///
/// # Panics
///
/// A panic in deferred code that runs because of a panic is caught, chained to the first on its
/// goroutine, and takes its place for [`recover`](crate::recover) and the report, as in Go.
#[macro_export]
macro_rules! defer {
    ($($code:tt)*) => { $crate::__private::macros::defer! { ($crate) $($code)* } };
}

/// Makes a channel: Go's `make(chan T, n)`.
///
/// `make!(chan T)` is [`Chan::<T>::new(0)`](crate::Chan::new), a channel without a buffer;
/// `make!(chan T, n)` is `Chan::<T>::new(n)`.
///
/// ```
/// use goroutines::prelude::*;
///
/// let ch = make!(chan Vec<u8>, 2);
/// ch.send(vec![1]);
/// assert_eq!((ch.len(), ch.cap()), (1, 2));
/// assert_eq!(make!(chan i32).cap(), 0);
/// ```
///
/// # Panics
///
/// `makechan: size out of range`, as [`Chan::new`](crate::Chan::new).
#[macro_export]
macro_rules! make {
    ($($what:tt)*) => { $crate::__private::macros::make! { ($crate) $($what)* } };
}

/// Makes a function what every function is in Go: its stack grows, and it gives way to others.
///
/// # `#[goroutine] fn main()`
///
/// Starts the runtime and runs `main` as goroutine 1. When it returns the process ends at once: other
/// goroutines are cut off, their destructors do not run. `main` may return what Rust's `main` may, such
/// as a `Result`.
///
/// ```
/// use goroutines::prelude::*;
///
/// #[goroutine(procs = 2)]
/// fn main() -> Result<(), std::num::ParseIntError> {
///     let ch = make!(chan i32);
///     go!(ch.clone().send("40".parse()?));
///     assert_eq!(ch.recv(), Some(40));
///     Ok(())
/// }
/// ```
///
/// # On a function
///
/// Functions, methods, methods of trait implementations and default methods, generic or not, with
/// `impl Trait`, lifetimes and any parameters (not `const`, not `async`, no foreign ABI). It stays an
/// ordinary function, called as such, from anywhere. Added are
///
/// * **a stack that grows**: at entry at least 16 KiB are free for its frame and for functions it calls
///   that are not marked; with `#[goroutine(stack = "N")]` at least `N`. If there is less, the body
///   runs on a larger segment. You seldom need it: the first 256 goroutines have 64 MiB of stack anyway, the
///   next 2,048 have 2 MiB. Put it on functions that recurse deeper, or in a program with more goroutines.
/// * **preemption points**, at entry and in each turn of a loop: a goroutine that has run for 10 ms
///   while others wait gives up its P there, never its thread. Loops in the arguments of a macro call
///   and in closures have none.
///
/// ```
/// use goroutines::prelude::*;
///
/// #[goroutine]
/// fn depth(n: u64) -> u64 {
///     if n == 0 { 0 } else { 1 + depth(n - 1) }
/// }
///
/// #[goroutine]
/// fn main() {
///     assert_eq!(depth(100_000), 100_000);
/// }
/// ```
///
/// In `-> impl Fn(&T)` write the type of the returned closure's parameter.
///
/// The body becomes a closure, which cannot be `#[track_caller]`: with that attribute on the function,
/// `Location::caller()` and panics in the body still name the body's own lines. Put it on a plain
/// function that passes the location on:
///
/// ```
/// use goroutines::prelude::*;
/// use std::panic::Location;
///
/// #[track_caller]
/// fn line_of(n: u32) -> u32 {
///     deep_line(n, Location::caller())
/// }
///
/// #[goroutine]
/// fn deep_line(n: u32, at: &Location<'_>) -> u32 {
///     if n == 0 { at.line() } else { deep_line(n - 1, at) }
/// }
///
/// #[goroutine]
/// fn main() {
///     assert_eq!(line_of(100_000), line!());
/// }
/// ```
///
/// # On a test
///
/// `#[goroutine] #[test]`, in this order: the test runs as a goroutine; its panic fails that test only.
///
/// ```
/// use goroutines::prelude::*;
///
/// #[goroutine]
/// #[test]
/// fn adds() {
///     let ch = make!(chan i32);
///     go!(ch.clone().send(1 + 1));
///     assert_eq!(ch.recv(), Some(2));
/// }
/// # fn main() {}
/// ```
///
/// # Options
///
/// | option | on | meaning |
/// | --- | --- | --- |
/// | `stack = "256KiB"` | all | bytes of stack: of the goroutine for `main` and tests, free at entry for others; a number, a text with `KiB`, `MiB` or `GiB`, or an expression of type `usize` |
/// | `procs = 4` | `main`, tests | `GOMAXPROCS` |
/// | `crate = path` | all | where this crate is, if not at `::goroutines` |
///
/// # Suspends
///
/// At its points the goroutine may wait for a P, but it stays on its thread and its stack.
pub use goroutines_macros::goroutine;

/// Gives `f` its argument later. `defer!` with a capture list needs it: the clones are owned, as
/// arguments, while the closure borrows everything else that it names.
#[doc(hidden)]
pub fn bind<C, R>(captures: C, f: impl FnOnce(C) -> R) -> impl FnOnce() -> R {
    move || f(captures)
}
