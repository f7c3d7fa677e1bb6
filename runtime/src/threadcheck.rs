//! `GODEBUG=threadcheck=1`: what is bound to the thread and held where its goroutine may leave it.
//!
//! Before a goroutine waits, on its own stack and with nothing locked, six things are looked for:
//!
//! * a pointer into the thread's block of thread-local variables, on the goroutine's stack or in a register that
//!   callers keep something in: a borrow inside `LocalKey::with`, or an address that the compiler has kept;
//! * there too, the address of something that a thread-local variable owns: the `Rc` of `rand::rng()`, a handle;
//! * an entered context of tokio's (with the feature `tokio`);
//! * a pinned epoch of crossbeam's;
//! * the address of a lock of std's standard output or error that the thread holds: a `StdoutLock`;
//! * a `NoSuspend` scope, also in a release build.
//!
//! A stack has words that will never be read again, so an address alone proves nothing. The first is told if the
//! backtrace shows a call of `LocalKey::with` that has not returned; `threadcheck=2` tells of it in any case.
//! And an optimised program may hold something and keep no address of it: this is for debug builds.

use crate::g::{GRef, flag};
use crate::sched::report::traceback;
use crate::sched::state::level::Level;
use crate::sched::state::m::M;
use crate::sched::state::{godebug, segment};
use crate::stack::arena;
use crate::sys::{stdio_locks, thread_block, walk};
use std::backtrace::Backtrace;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What was found.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Found {
    /// A pointer into the block, this many bytes from its beginning.
    Into(usize),
    /// What the variable there owns.
    Owned(usize),
    #[cfg(feature = "tokio")]
    Tokio,
    Epoch,
    /// The lock of standard output, or of standard error.
    Stdio,
    Scope,
}

/// How many places are reported, and how many are looked at more closely: a backtrace takes its time.
const MOST: u32 = 100;
const LOOKS: u32 = 2_000;

/// Where the variable lies that is passed over, once that is known.
static PASSED_OVER: AtomicUsize = AtomicUsize::new(usize::MAX);

/// The calling goroutine, `g`, is about to wait; nothing is locked. Its stack is looked at from `from` on, the caller's
/// stack pointer: what lies below has the addresses that are looked for.
#[cold]
#[inline(never)]
pub(crate) fn look(g: GRef, from: usize, kept: &[usize]) {
    // One that cannot change threads holds what it likes.
    if !g.locked_m.get().is_null() || g.has(flag::SYSTEM) {
        return;
    }
    if g.no_suspend() > 0 {
        tell(g, Found::Scope);
    }
    #[cfg(feature = "tokio")]
    if ::tokio::runtime::Handle::try_current().is_ok() {
        tell(g, Found::Tokio);
    }
    if crossbeam_epoch::is_pinned() {
        tell(g, Found::Epoch);
    }
    let found = search(g, from, kept);
    found.into_iter().flatten().for_each(|found| tell(g, found));
}

/// The addresses of what thread-local variables own, and where those lie in the block.
struct Owned {
    list: [(usize, usize); Self::ROOM],
    len: usize,
    /// A bit for each, to pass over most words quickly.
    bits: u64,
}

impl Owned {
    const ROOM: usize = 64;

    fn of_this_thread() -> Owned {
        let mut owned = Owned {
            list: [(0, 0); Self::ROOM],
            len: 0,
            bits: 0,
        };
        let (block, program) = (
            thread_block::bounds().unwrap_or(0..0),
            thread_block::program(),
        );
        let ours = M::current().map_or(0, |m| std::ptr::from_ref(m) as usize);
        let passed_over = PASSED_OVER.load(Ordering::Relaxed);
        for (at, word) in thread_block::words().filter(|&(at, _)| at != passed_over) {
            let heap = word >= 1 << 16
                && word >> 47 == 0
                && word.is_multiple_of(8)
                && word != ours
                && !block.contains(&word)
                && !program.contains(&word)
                && arena::slot_at(word).is_none();
            if heap && owned.len < Self::ROOM {
                owned.list[owned.len] = (word, at);
                owned.len += 1;
                owned.bits |= Self::bit(word);
            }
        }
        owned
    }

    fn bit(word: usize) -> u64 {
        1 << ((word >> 4) & 63)
    }

    fn find(&self, word: usize) -> Option<usize> {
        if self.bits & Self::bit(word) == 0 {
            return None;
        }
        let known = self.list[..self.len].iter();
        known
            .copied()
            .find(|known| known.0 == word)
            .map(|(_, at)| at)
    }
}

/// The first of each kind.
fn search(g: GRef, from: usize, kept: &[usize]) -> [Option<Found>; 3] {
    let mut found = [None; 3];
    let (Some(block), Some((_, high))) = (thread_block::bounds(), segment::bounds_at(g, from))
    else {
        return found;
    };
    let owned = Owned::of_this_thread();
    let stdio = stdio_locks::held();
    let mut check = |word: usize| {
        if block.contains(&word) {
            found[0].get_or_insert(Found::Into(word - block.start));
        } else if let Some(at) = owned.find(word) {
            found[1].get_or_insert(Found::Owned(at));
        } else if word != 0 && stdio.contains(&word) {
            found[2].get_or_insert(Found::Stdio);
        }
    };
    kept.iter().copied().for_each(&mut check);
    for at in (from.next_multiple_of(8)..high).step_by(8) {
        // SAFETY: above the stack pointer, on our own stack.
        check(unsafe { walk::read(at as *const usize) });
    }
    found
}

/// Reports it, once per place.
fn tell(g: GRef, found: Found) {
    static LOOKED: AtomicU32 = AtomicU32::new(0);
    static TOLD: Mutex<Option<HashSet<u64>>> = Mutex::new(None);
    if LOOKED.fetch_add(1, Ordering::Relaxed) >= LOOKS {
        LOOKED.store(LOOKS, Ordering::Relaxed);
        return;
    }
    let name = match found {
        Found::Into(at) | Found::Owned(at) => thread_block::name(at),
        _ => None,
    };
    // The scheduler's queues leave it everywhere; a thread that is pinned is reported by a check of its own.
    if name
        .as_ref()
        .is_some_and(|n| n.starts_with("crossbeam_epoch"))
    {
        if let Found::Owned(at) = found {
            PASSED_OVER.store(at, Ordering::Relaxed);
        }
        return;
    }
    let name = name.map_or(String::new(), |name| format!(" ({name})"));
    let trace = Backtrace::force_capture();
    let text = trace.to_string();
    let sure = text.contains("LocalKey<") && text.contains("::with");
    if matches!(found, Found::Into(_)) && !sure && godebug::number("threadcheck") != Some(2) {
        return;
    }
    let mut out = String::from("goroutines: threadcheck: ");
    let _ = match found {
        Found::Into(_) if sure => writeln!(
            out,
            "a thread-local variable{name} is borrowed by a goroutine that may leave the thread here"
        ),
        Found::Into(_) => writeln!(
            out,
            "the address of a thread-local variable{name} lies on the stack of a goroutine that \
             may leave the thread here"
        ),
        Found::Owned(_) => writeln!(
            out,
            "what a thread-local variable owns{name} is perhaps held by a goroutine that \
             may leave the thread here"
        ),
        #[cfg(feature = "tokio")]
        Found::Tokio => writeln!(
            out,
            "a context of tokio's is entered by a goroutine that may leave the thread here"
        ),
        Found::Epoch => writeln!(
            out,
            "an epoch of crossbeam's is pinned by a goroutine that may leave the thread here"
        ),
        Found::Stdio => writeln!(
            out,
            "the lock of standard output or error is held by a goroutine that may leave the thread here"
        ),
        Found::Scope => writeln!(out, "a goroutine may suspend inside a NoSuspend scope"),
    };
    let mut frames = String::new();
    traceback::frames(&mut frames, &trace, Level::Single);
    let mut place = DefaultHasher::new();
    (std::mem::discriminant(&found), &frames).hash(&mut place);
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let told_of = told.get_or_insert_default();
    if told_of.len() as u32 >= MOST || !told_of.insert(place.finish()) {
        return;
    }
    drop(told);
    traceback::running(&mut out, g);
    out.push_str(&frames);
    // Not by a macro, whose output a test harness captures.
    let _ = std::io::stderr().write_all((out + "\n").as_bytes());
}
