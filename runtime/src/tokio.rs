//! Futures that want to run in [tokio](https://docs.rs/tokio): its reactor, its timers, its tasks.
//!
//! A future of tokio's own, or of a crate that builds on it (reqwest, sqlx, tokio-postgres, tonic), looks for
//! the runtime of the thread that polls it. A goroutine has no thread of its own, so it does not poll such a
//! future: it hands it to tokio's threads as a task, and waits for the result. Nothing of tokio is ever bound to
//! a thread that runs goroutines.
//!
//! ```
//! use goroutines::prelude::*;
//! use std::time::Duration;
//!
//! #[goroutine]
//! fn main() {
//!     let greeting = String::from("hello");
//!     let n = goroutines::tokio::block_on(async {
//!         tokio::time::sleep(Duration::from_millis(1)).await;
//!         greeting.len()
//!     });
//!     assert_eq!(n, 5);
//! }
//! ```
//!
//! The runtime is one of this module's own, with two threads, made when it is first needed; or the one whose
//! handle was given to [`use_runtime`] before that. Where the caller is in a tokio runtime already, it is that one.
//!
//! The other way round, in an `async` function that runs in tokio: start goroutines with
//! [`spawn`](crate::spawn)`(..).await`, and talk to them by [`recv_async`](crate::Chan::recv_async) and
//! [`send_async`](crate::Chan::send_async). What blocks a goroutine would block a thread of tokio's there; in debug
//! builds the first `send`, `recv` or `select!` that does so in a task says it on standard error.
//!
//! While tokio's threads are there, a deadlock of all goroutines is not reported: they could still wake one.

use crate::block_on::wait_for;
use crate::panic::{before_block, unwind_again};
use crate::sched::current_g;
use ::tokio::runtime::{Builder, Handle, Runtime};
use ::tokio::task::JoinHandle;
use std::cell::UnsafeCell;
use std::pin::{Pin, pin};
use std::sync::OnceLock;

static GIVEN: OnceLock<Handle> = OnceLock::new();
static OWN: OnceLock<Runtime> = OnceLock::new();

/// Has [`block_on`] and [`spawn`] use this runtime instead of one of their own.
///
/// # Errors
/// The handle, if there is a runtime already: one given before, or this module's.
///
/// ```
/// let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
/// goroutines::tokio::use_runtime(runtime.handle().clone()).unwrap();
/// assert_eq!(goroutines::tokio::block_on(async { 1 }), 1);
/// ```
pub fn use_runtime(handle: Handle) -> Result<(), Handle> {
    if OWN.get().is_some() {
        return Err(handle);
    }
    GIVEN.set(handle)
}

fn handle() -> Handle {
    if let Ok(current) = Handle::try_current() {
        return current;
    }
    let given = GIVEN.get().cloned();
    given.unwrap_or_else(|| own().handle().clone())
}

fn own() -> &'static Runtime {
    OWN.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("goroutines-tokio")
            .enable_all()
            .build()
            .expect("a tokio runtime starts")
    })
}

/// Runs `future` as a task of tokio's and waits for its output. It may borrow from the caller, which does not
/// go on before the task is gone.
///
/// # Panics
/// If the future does; `the tokio runtime has shut down` if it was dropped for that.
///
/// # Suspends
/// Until the future is ready.
///
/// ```
/// use goroutines::tokio::block_on;
///
/// let (tx, rx) = tokio::sync::oneshot::channel();
/// let words = vec!["a", "b"];
/// let sent = block_on(async {
///     tokio::spawn(async { tx.send(2) });
///     rx.await == Ok(words.len())
/// });
/// assert!(sent);
/// ```
pub fn block_on<F>(future: F) -> F::Output
where
    F: IntoFuture<Output: Send, IntoFuture: Send>,
{
    before_block();
    if current_g().is_none()
        && let Ok(current) = Handle::try_current()
    {
        // On a thread of tokio's own, which a task must not block: tokio says so.
        return current.block_on(future.into_future());
    }
    // From here on to the end of the task nothing may unwind.
    let slot = Slot(UnsafeCell::new(None));
    let task = {
        let (future, slot) = (future.into_future(), &slot);
        async move {
            let output = future.await;
            // SAFETY: the task alone uses the slot until it has ended.
            unsafe { *slot.get() = Some(output) };
        }
    };
    let task: Pin<Box<dyn Future<Output = ()> + Send + '_>> = Box::pin(task);
    // SAFETY: only the lifetime changes. Tokio has dropped the future when its handle is ready, and until then
    // we wait, which does not unwind: so what it borrows outlives it.
    let task: Pin<Box<dyn Future<Output = ()> + Send + 'static>> =
        unsafe { std::mem::transmute(task) };
    let ended = wait_for(pin!(handle().spawn(task)));
    match ended {
        Ok(()) => slot.0.into_inner().expect("the task has ended"),
        Err(error) => match error.try_into_panic() {
            Ok(payload) => unwind_again(payload),
            Err(_) => panic!("the tokio runtime has shut down"),
        },
    }
}

/// Where a task leaves its output.
struct Slot<T>(UnsafeCell<Option<T>>);

// SAFETY: the task writes it, and then the caller takes it.
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T> Slot<T> {
    fn get(&self) -> *mut Option<T> {
        self.0.get()
    }
}

/// Starts a task of tokio's, from anywhere. Its handle can be awaited, also by
/// [`block_on`](crate::block_on()) and in [`select!`](crate::select).
///
/// ```
/// use goroutines::prelude::*;
///
/// #[goroutine]
/// fn main() {
///     let task = goroutines::tokio::spawn(async { 6 * 7 });
///     let never = make!(chan ());
///     select! {
///         n = await task => assert_eq!(n.unwrap(), 42),
///         <-never => unreachable!(),
///     }
/// }
/// ```
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
    F::Output: 'static,
{
    handle().spawn(future)
}
