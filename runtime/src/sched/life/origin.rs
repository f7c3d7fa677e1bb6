//! Where a goroutine comes from, if a plain thread waits for it: a test, or a caller of `runtime::run`.
//!
//! The goroutines that such a caller starts, and those that they start, have its number (`g.origin`). When
//! one of them panics, the panic hook that was there before ours runs **on the caller's thread**, which
//! waits anyway: so the message is under that thread's name, and goes where that thread's output goes
//! (libtest keeps the output of each test apart, by thread). The panicking goroutine waits meanwhile; the
//! hook's argument lies on its stack.
//!
//! If a goroutine outlives its caller's wait, the hook runs on the goroutine's own thread.
//!
//! What a plain thread starts without waiting for it has an origin by [name](of_thread) only, for the report of its
//! death: libtest names a test's thread after the test.

use crate::g::{GRef, WaitReason};
use crate::sched::report::traceback;
use crate::sched::state::fatal;
use crate::sched::state::level::Level;
use crate::sched::state::m::current_g;
use crate::sched::wake::ticket::{Ticket, TicketedWait, ready_ticket};
use crate::sys::futex;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A panic hook.
pub(crate) type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// A thread that waits, and the goroutines that it waits for.
pub(crate) struct Origin {
    id: u32,
    name: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Panics that the hook has not seen.
    posts: VecDeque<Posted>,
    /// The wait of the waiting thread, if it waits.
    waiter: Option<Ticket>,
    ended: bool,
}

/// A panic for the hook; on the stack of the goroutine that has it.
struct Post<'a> {
    info: &'a PanicHookInfo<'a>,
    hook: &'a Hook,
    g: GRef,
    /// Where the goroutine was, if `RUST_BACKTRACE` asks for it.
    backtrace: Backtrace,
    /// 1 = seen.
    seen: AtomicU32,
}

/// A [`Post`], which lives until it is seen.
struct Posted(*const Post<'static>);

// SAFETY: the thread that takes it out of the list is alone with it until it says that it has seen it: the goroutine
// waits. What is in it is `Sync`, or `Send` and used by one thread at a time (the payload).
unsafe impl Send for Posted {}

static NEXT: AtomicU32 = AtomicU32::new(1);

fn origins() -> MutexGuard<'static, BTreeMap<u32, Arc<Origin>>> {
    static ORIGINS: Mutex<BTreeMap<u32, Arc<Origin>>> = Mutex::new(BTreeMap::new());
    ORIGINS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of the caller's origin; 0 = it has none.
pub(crate) fn current() -> u32 {
    current_g().map_or(0, |g| g.origin.load(Ordering::Relaxed))
}

/// The origin of a goroutine, if a thread still waits there.
pub(crate) fn of(g: GRef) -> Option<Arc<Origin>> {
    match g.origin.load(Ordering::Relaxed) {
        0 => None,
        id => origins().get(&id).cloned(),
    }
}

/// The number of an origin that is named after the calling plain thread, and at which no thread waits; 0 if its name
/// says no more than that it is the first, or if there are very many.
#[cold]
pub(crate) fn of_thread() -> u32 {
    const MOST: usize = 10_000;
    static NAMED: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());
    let thread = std::thread::current();
    let Some(name) = thread.name().filter(|name| *name != "main") else {
        return 0;
    };
    let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(id) = named.get(name) {
        return *id;
    }
    if named.len() >= MOST {
        return 0;
    }
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let origin = Origin {
        id,
        name: name.to_owned(),
        state: Mutex::new(State {
            ended: true,
            ..State::default()
        }),
    };
    named.insert(name.to_owned(), id);
    drop(named);
    origins().insert(id, Arc::new(origin));
    id
}

impl Origin {
    /// A new one, for the calling plain thread, named after the function that it runs.
    pub(crate) fn new<F>() -> Arc<Origin> {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let origin = Arc::new(Origin {
            id,
            name: name_of(std::any::type_name::<F>()).to_owned(),
            state: Mutex::default(),
        });
        origins().insert(id, origin.clone());
        origin
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// The name of the test, for a test.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the waiting thread run the hook, and waits until it has. `false`: no thread waits any more.
    pub(crate) fn show(&self, g: GRef, info: &PanicHookInfo<'_>, hook: &Hook) -> bool {
        let post = Post {
            info,
            hook,
            g,
            backtrace: Backtrace::capture(),
            seen: AtomicU32::new(0),
        };
        let waiter = {
            let mut state = self.lock();
            if state.ended {
                return false;
            }
            state.posts.push_back(Posted((&raw const post).cast()));
            state.waiter.take()
        };
        if let Some(ticket) = waiter {
            ready_ticket(ticket);
        }
        // Not a park: we are in the hook, with std's lock of hooks held. Acquire: pairs with the store
        // in `wait`, after which the post is not looked at.
        while post.seen.load(Ordering::Acquire) == 0 {
            futex::wait(&post.seen, 0, None);
        }
        true
    }

    /// From now on no goroutine is waited for.
    pub(crate) fn end(&self) {
        let waiter = {
            let mut state = self.lock();
            state.ended = true;
            state.waiter.take()
        };
        origins().remove(&self.id);
        if let Some(ticket) = waiter {
            ready_ticket(ticket);
        }
    }

    /// Waits for the [end](Self::end), and runs the hook for goroutines that panic until then. Does not unwind.
    pub(crate) fn wait(&self) {
        loop {
            let wait = TicketedWait::new();
            let post = {
                let mut state = self.lock();
                let post = state.posts.pop_front();
                if post.is_none() {
                    if state.ended {
                        return;
                    }
                    state.waiter = Some(wait.ticket());
                }
                post
            };
            let Some(Posted(post)) = post else {
                wait.park(WaitReason::Join);
                continue;
            };
            // SAFETY: it lives until it is seen, and is ours until then.
            let post = unsafe { &*post };
            let hook = || {
                (post.hook)(post.info);
                if post.backtrace.status() == BacktraceStatus::Captured {
                    let mut text = String::new();
                    traceback::running(&mut text, post.g);
                    traceback::frames(&mut text, &post.backtrace, Level::from_env());
                    eprintln!("{text}");
                }
            };
            if catch_unwind(AssertUnwindSafe(hook)).is_err() {
                fatal::throw("panic in the panic hook");
            }
            let seen = &raw const post.seen;
            // Release: pairs with the load in `show`. After it the post is gone.
            post.seen.store(1, Ordering::Release);
            futex::wake(seen);
        }
    }
}

/// The path of a function or of a closure in it, without its crate.
fn name_of(type_name: &str) -> &str {
    let name = type_name.trim_end_matches("::{{closure}}");
    name.split_once("::").map_or(name, |(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn names() {
        assert_eq!(name_of("a_crate::a_test::{{closure}}"), "a_test");
        assert_eq!(name_of("c::m::test::{{closure}}::{{closure}}"), "m::test");
        assert_eq!(name_of("c::f"), "f");
        assert_eq!(name_of("odd"), "odd");
    }
}
