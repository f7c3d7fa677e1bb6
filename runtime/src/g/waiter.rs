//! What can be blocked and woken: a goroutine, a plain thread that no M runs on, or a future.
//!
//! Every blocking operation takes a [`Waiter`] for its caller, publishes it (in a channel's queue,
//! say) and parks. So channels and locks work from a test's thread, a callback or
//! `std::thread::spawn` as they do from a goroutine; there they block that thread. A future does not block:
//! it queues a [`Task`] of its own.

use super::{G, GRef};
use crate::stack::arena;
use crate::stack::word::{SlotWord, THREAD_IDS};
use crate::sys::futex;
use crate::sys::mutex::Mutex;
use crate::sys::thread::ExitHook;
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// A goroutine, a plain thread or a future. One pointer wide, never null, `Copy`; it is valid until the
/// wake-up that ends the wait it was made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Waiter(NonNull<()>);

// SAFETY: an address; what may be done with it is said where it is used (`sched::wake::park::ready`).
unsafe impl Send for Waiter {}
// SAFETY: as above.
unsafe impl Sync for Waiter {}

/// Bit 0 marks a thread, bit 1 a task; a G is 64-aligned, the others are 4-aligned.
const THREAD: usize = 1;
const TASK: usize = 2;

/// What a waiter is.
pub(crate) enum Kind {
    /// A goroutine.
    G(GRef),
    /// A plain thread.
    Thread(&'static ThreadParker),
    /// A future.
    Task(NonNull<Task>),
}

/// The head of what a future queues: what is to be done instead of resuming a goroutine.
#[repr(align(4))]
pub(crate) struct Task {
    /// Called once for each wake-up, under `ready`'s conditions. Runs the user's code (a `Waker`), so neither
    /// under a lock nor in the scheduler. The task may be gone afterwards.
    pub(crate) woken: unsafe fn(NonNull<Task>),
}

impl Waiter {
    /// A goroutine as a waiter.
    #[inline(always)]
    pub(crate) fn of_g(g: GRef) -> Waiter {
        // SAFETY: a GRef is not null.
        Waiter(unsafe { NonNull::new_unchecked(g.as_ptr().cast()) })
    }

    /// As a pointer, for a word: never null, and aligned to 4 but for the marks below.
    pub(crate) fn into_raw(self) -> *mut () {
        self.0.as_ptr()
    }

    /// # Safety
    /// From [`into_raw`](Self::into_raw).
    pub(crate) unsafe fn from_raw(raw: *mut ()) -> Waiter {
        // SAFETY: by the caller.
        Waiter(unsafe { NonNull::new_unchecked(raw) })
    }

    /// The calling plain thread as a waiter.
    pub(crate) fn of_this_thread() -> Waiter {
        let p = ThreadParker::current();
        let tagged = std::ptr::from_ref(p).cast::<()>().cast_mut();
        Waiter(NonNull::new(tagged.map_addr(|a| a | THREAD)).expect("not null"))
    }

    /// A future as a waiter.
    pub(crate) fn of_task(task: NonNull<Task>) -> Waiter {
        Waiter(task.cast().map_addr(|a| a | TASK))
    }

    /// Goroutine, thread or future?
    #[inline(always)]
    pub(crate) fn kind(self) -> Kind {
        let p = self.0.as_ptr();
        match p.addr() & (THREAD | TASK) {
            // SAFETY: untagged waiters are made by `of_g` only.
            0 => Kind::G(unsafe { GRef::from_ptr(p.cast::<G>()).unwrap_unchecked() }),
            // SAFETY: made by `of_this_thread` only; parkers are never freed.
            THREAD => Kind::Thread(unsafe { &*p.map_addr(|a| a & !THREAD).cast::<ThreadParker>() }),
            // SAFETY: made by `of_task`, from a pointer that is not null.
            _ => Kind::Task(unsafe { NonNull::new_unchecked(p.map_addr(|a| a & !TASK).cast()) }),
        }
    }
}

/// A waiter, and the right to wake it: there is one of it for each wait. (`sched::wake::parked` has what is done with
/// it.)
#[must_use = "who waits would wait for ever"]
#[derive(Debug)]
pub(crate) struct Parked(Waiter);

impl Parked {
    /// # Safety
    /// `waiter` waits, or is about to, where the caller has found it; and no other code makes a second one of it.
    #[inline(always)]
    pub(crate) unsafe fn new(waiter: Waiter) -> Parked {
        Parked(waiter)
    }

    /// Which waiter it is; the right to wake it goes to the caller.
    #[inline(always)]
    pub(crate) fn into_waiter(self) -> Waiter {
        self.0
    }
}

/// Where a plain thread sleeps. Parkers are recycled when their thread ends and never freed, so a
/// waker may touch one after its thread has gone on.
pub(crate) struct ThreadParker {
    /// 0, `ASLEEP` or `WOKEN`.
    token: AtomicU32,
    id: u32,
}

static PARKERS: [AtomicPtr<ThreadParker>; THREAD_IDS as usize] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; THREAD_IDS as usize];
static FREE: Mutex<Vec<&'static ThreadParker>> = Mutex::new(Vec::new());
static NEXT_ID: AtomicU32 = AtomicU32::new(1);
/// Plain threads that are blocked in one of our calls right now.
static BLOCKED: AtomicUsize = AtomicUsize::new(0);

/// How many plain threads are blocked in one of our calls; for the deadlock check.
pub(crate) fn blocked_threads() -> usize {
    BLOCKED.load(Ordering::SeqCst)
}

thread_local! {
    /// The thread's parker. It has no destructor, so that the destructors of other thread-locals find
    /// it: they may block, and a thread must wait on the parker that its waiter names.
    static OWN: Cell<Option<&'static ThreadParker>> = const { Cell::new(None) };
}

/// Frees the thread's parker. A key outlives the thread-locals; and if even later code waits, with a
/// new parker, the hook runs again.
static AT_EXIT: ExitHook = ExitHook::new(give_back);

unsafe extern "C" fn give_back(p: *mut c_void) {
    OWN.set(None);
    // SAFETY: armed with a parker below; parkers are never freed.
    let p: &'static ThreadParker = unsafe { &*p.cast() };
    p.word().set_free(0);
    FREE.lock().push(p);
}

impl ThreadParker {
    /// The calling thread's. A plain thread does not switch stacks, so a thread-local is fine.
    pub(crate) fn current() -> &'static ThreadParker {
        OWN.get().unwrap_or_else(|| {
            let p = Self::make();
            OWN.set(Some(p));
            AT_EXIT.arm(NonNull::from(p).cast());
            p
        })
    }

    #[cold]
    fn make() -> &'static ThreadParker {
        let recycled = FREE.lock().pop();
        let p = recycled.unwrap_or_else(|| {
            let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
            assert!(
                id < THREAD_IDS,
                "more than 65,535 plain threads blocked at once"
            );
            let p: &'static ThreadParker = Box::leak(Box::new(ThreadParker {
                token: AtomicU32::new(0),
                id,
            }));
            PARKERS[id as usize].store(std::ptr::from_ref(p).cast_mut(), Ordering::Release);
            p
        });
        p.word().set_live();
        p
    }

    /// The parker of a thread id; the id came from a ticket, so it exists.
    pub(crate) fn by_id(id: u32) -> &'static ThreadParker {
        let p = PARKERS[id as usize].load(Ordering::Acquire);
        // SAFETY: stored before the id was used for any ticket, and never freed.
        unsafe { &*p }
    }

    /// Its id, which is also the number of its word.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Its word in the side table.
    pub(crate) fn word(&self) -> &'static SlotWord {
        arena::word(self.id)
    }

    /// Sleeps until [`wake`](Self::wake) was called once, before or after. By its own thread only.
    pub(crate) fn sleep(&self) {
        BLOCKED.fetch_add(1, Ordering::SeqCst);
        // Acquire, here and below: pairs with the swap in `wake`.
        if self
            .token
            .compare_exchange(0, ASLEEP, Ordering::Acquire, Ordering::Acquire)
            .is_err()
        {
            BLOCKED.fetch_sub(1, Ordering::SeqCst);
        } else {
            while self.token.load(Ordering::Acquire) != WOKEN {
                futex::wait(&self.token, ASLEEP, None);
            }
        }
        self.token.store(0, Ordering::Relaxed);
    }

    /// Ends the sleep. The waker takes the thread out of the count, so that a woken thread that
    /// has not run yet is not taken for a blocked one.
    pub(crate) fn wake(&self) {
        if self.token.swap(WOKEN, Ordering::AcqRel) == ASLEEP {
            BLOCKED.fetch_sub(1, Ordering::SeqCst);
            futex::wake(&raw const self.token);
        }
    }
}

const WOKEN: u32 = 1;
const ASLEEP: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_before_the_sleep_is_not_lost() {
        arena::init().unwrap();
        let me = ThreadParker::current();
        me.wake();
        me.sleep();
        let (tx, rx) = std::sync::mpsc::channel();
        let t = std::thread::spawn(move || {
            tx.send(ThreadParker::current()).unwrap();
            ThreadParker::current().sleep();
        });
        rx.recv().unwrap().wake();
        t.join().unwrap();
    }

    /// Threads that block while they end use the same few parkers over and over.
    #[test]
    fn a_thread_waits_while_it_ends_and_gives_its_parker_back() {
        struct AtExit;
        impl Drop for AtExit {
            fn drop(&mut self) {
                let p = ThreadParker::current();
                assert!(std::ptr::eq(p, ThreadParker::current()));
                p.wake();
                p.sleep();
                IDS.lock().insert(p.id());
            }
        }
        thread_local!(static LATE: Cell<Option<AtExit>> = const { Cell::new(None) });
        static IDS: Mutex<std::collections::BTreeSet<u32>> =
            Mutex::new(std::collections::BTreeSet::new());
        arena::init().unwrap();
        for early in (0..400).map(|i| i % 2 == 0) {
            let ends = std::thread::spawn(move || {
                if early {
                    ThreadParker::current();
                }
                LATE.set(Some(AtExit));
            });
            ends.join().unwrap();
        }
        // Other tests have parkers, too; but nowhere near as many threads at once.
        let ids = IDS.lock().len();
        assert!((1..200).contains(&ids), "{ids}");
    }

    #[test]
    fn kinds() {
        arena::init().unwrap();
        let w = Waiter::of_this_thread();
        assert!(matches!(w.kind(), Kind::Thread(p) if std::ptr::eq(p, ThreadParker::current())));
        let own = ThreadParker::current();
        assert!(std::ptr::eq(ThreadParker::by_id(own.id()), own));
    }
}
