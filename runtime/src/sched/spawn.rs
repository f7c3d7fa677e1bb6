//! A goroutine's birth and burial.

use super::global::SCHED;
use super::m::M;
use super::p::P;
use super::{boot, family, fatal, grow, idle, lineage, preempt, section, threads, tracing};
use crate::g::{G, GRef, Status, header::flag};
use crate::panic::{self, ROUNDS};
use crate::stack::arena::{self, CLASSES, DEFAULT_CLASS, SlotId};
use crate::stack::cache::Cache;
use crate::stack::room;
use crate::sys::mutex::{Guard, Mutex};
use crate::sys::walk::ROOT;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// The class of a goroutine that asks for nothing else, once all roomy slots are in use
/// (`GOROUTINES_STACK` changes it).
static CLASS: AtomicU8 = AtomicU8::new(DEFAULT_CLASS);

/// Sets the default stack size class; at boot.
pub(crate) fn set_default_class(class: u8) {
    CLASS.store(class, Ordering::Relaxed);
}

/// What a goroutine may be given besides its closure.
pub(crate) struct Options {
    /// The size of its stack; `None`: an ordinary one, with as much room as there is.
    pub(crate) class: Option<u8>,
    pub(crate) flags: u16,
    pub(crate) name: Option<String>,
    /// Whom it is for, if a plain thread starts it; else as its parent.
    pub(crate) origin: u32,
}

impl Options {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Options {
            class: None,
            flags: 0,
            name: None,
            origin: 0,
        }
    }
}

/// Starts a goroutine that runs `f`; it is the next to run on this P. Go's `newproc`.
#[inline]
pub(crate) fn spawn<F: FnOnce() + 'static>(
    f: F,
    mut options: Options,
    at: &'static Location<'static>,
) -> u64 {
    let size = |options: &Options| {
        let dense = || CLASS.load(Ordering::Relaxed);
        arena::size_of_class(options.class.unwrap_or_else(dense))
    };
    // A large closure needs a large stack: calling it moves it once or twice.
    if size_of::<F>() > size(&options) / 16 {
        let class = arena::class_for(16 * size_of::<F>());
        options.class = class.or(Some(CLASSES as u8 - 1));
    }
    if size_of::<F>() > size(&options) / 4 || align_of::<F>() > 4096 {
        return spawn_inline(Box::new(f), options, at);
    }
    spawn_inline(f, options, at)
}

#[inline]
fn spawn_inline<F: FnOnce() + 'static>(
    f: F,
    options: Options,
    at: &'static Location<'static>,
) -> u64 {
    boot::ensure();
    let (parent, family, origin, inherited) = match super::park::current_g() {
        Some(g) => (
            g.id.load(Ordering::Relaxed),
            g.has(flag::FAMILY),
            g.origin.load(Ordering::Relaxed),
            lineage::of_children(g),
        ),
        None => (0, family::of_some_thread(), options.origin, None),
    };
    let section = section::enter();
    let p = section.as_ref().and_then(|s| s.p());
    let g = make(p, &options);
    let top = g.as_ptr() as usize;
    let closure = (top - size_of::<F>()) & !(align_of::<F>().max(16) - 1);
    // SAFETY: between the header and the stack's start, in a slot that is ours; aligned.
    unsafe { (closure as *mut F).write(f) };
    g.closure.set(closure as *mut u8);
    g.set_entry(entry::<F>);
    g.flags.store(options.flags, Ordering::Relaxed);
    g.parent.store(parent, Ordering::Relaxed);
    g.origin.store(origin, Ordering::Relaxed);
    g.set_created_at(at);
    if let Some(name) = options.name {
        g.set_flag(flag::NAMED, true);
        names().insert(g.id.load(Ordering::Relaxed), name);
    }
    if let Some(inherited) = inherited {
        lineage::inherit(g, inherited);
    }
    let limit = arena::slot_base(g.slot());
    // SAFETY: the stack lies below the closure in our slot, and nothing ran on it yet.
    unsafe { g.coro.start(g, closure, limit, body) };
    g.set_status(Status::Runnable);
    if tracing::on() {
        tracing::readied(g, true);
    }
    let id = g.id.load(Ordering::Relaxed);
    if family && family::inherit(g) {
        return id;
    }
    match p {
        Some(p) => {
            if p.put_next(g) {
                idle::wakep();
            } else {
                idle::lonely_next();
            }
        }
        None => idle::put_global(g),
    }
    id
}

/// Reads the closure out of the slot and runs it.
///
/// # Safety
/// `closure` holds an `F` that nobody else will read.
unsafe fn entry<F: FnOnce()>(closure: *mut u8) {
    // SAFETY: forwarded.
    let f = unsafe { closure.cast::<F>().read() };
    f();
}

/// Names of the goroutines that were given one, by id.
pub(crate) fn names() -> Guard<'static, BTreeMap<u64, String>> {
    static NAMES: Mutex<BTreeMap<u64, String>> = Mutex::new(BTreeMap::new());
    NAMES.lock()
}

/// A header in a fresh slot, with its id and its count.
#[inline]
fn make(p: Option<&'static P>, options: &Options) -> GRef {
    let counted = options.flags & flag::SYSTEM == 0;
    let (slot, class) = match options.class {
        Some(class) => (take_slot(p, class), class),
        None => take_ordinary_slot(p),
    };
    let id = match p {
        Some(p) => {
            if counted {
                bump(&p.created);
            }
            p.next_goid()
        }
        None => {
            if counted {
                SCHED.created.fetch_add(1, Ordering::Release);
            }
            SCHED.goids.fetch_add(1, Ordering::Relaxed)
        }
    };
    // SAFETY: just taken.
    let g = unsafe { GRef::init(slot, class) };
    g.id.store(id, Ordering::Relaxed);
    g
}

/// A slot for a goroutine that asked for no size, with its class.
#[inline]
pub(crate) fn take_ordinary_slot(p: Option<&'static P>) -> (SlotId, u8) {
    let dense = CLASS.load(Ordering::Relaxed);
    match p {
        Some(p) => {
            let caches = p.caches();
            let taken = room::take(caches, dense);
            // The lines of a later spawn come while this one's are written.
            if let Ok((_, class)) = taken
                && let Some(next) = caches[class as usize].peek()
            {
                GRef::of_slot(next, class).prefetch();
            }
            taken
        }
        None => shared_cache(|c| room::take(c, dense)),
    }
    .unwrap_or_else(|e| out_of_stacks(&e))
}

/// A slot from the P's cache, or for whoever has no P. Inside a section.
#[inline]
pub(crate) fn take_slot(p: Option<&'static P>, class: u8) -> SlotId {
    match p {
        Some(p) => p.cache(class).take(class),
        None => shared_cache(|c| c[class as usize].take(class)),
    }
    .unwrap_or_else(|e| out_of_stacks(&e))
}

/// Gives a slot back. Inside a section.
#[inline]
pub(crate) fn give_slot(p: Option<&'static P>, class: u8, slot: SlotId) {
    match p {
        Some(p) => p.cache(class).put(class, slot),
        None => shared_cache(|c| c[class as usize].put(class, slot)),
    }
}

/// One up, by the only writer.
#[inline(always)]
fn bump(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Release);
}

/// Gives the free slots of whoever has no P back to the central lists.
pub(crate) fn flush_shared_cache() {
    shared_cache(|caches| {
        for (class, cache) in caches.iter_mut().enumerate() {
            cache.flush(class as u8);
        }
    });
}

/// Free slots of whoever has no P.
fn shared_cache<R>(f: impl FnOnce(&mut [Cache; CLASSES]) -> R) -> R {
    static SHARED: Mutex<Option<[Cache; CLASSES]>> = Mutex::new(None);
    let mut guard = SHARED.lock();
    f(guard.get_or_insert_default())
}

#[cold]
#[inline(never)]
fn out_of_stacks(e: &std::io::Error) -> ! {
    fatal::throw(&format!(
        "cannot make another goroutine stack: {e} (with {} goroutines; the limit may be \
         vm.max_map_count, memory, or RLIMIT_AS)",
        SCHED.goroutines()
    ));
}

/// The whole life of a goroutine, on its own stack.
fn body(g: GRef) {
    // We came out of `execute`: the section it was in ends here.
    section::end();
    // Who looks at the stack from outside sees its end here.
    let root = std::hint::black_box(ROOT);
    run_body(g);
    std::hint::black_box(&root);
    // Ending is a runtime entry like any other.
    g.set_status(Status::Dead);
    if let Some(m) = M::current() {
        section::begin(m);
    }
}

#[inline(never)]
fn run_body(g: GRef) {
    // SAFETY: `spawn` stored the pair, and this runs once. First of all: to be locked the main goroutine parks.
    let (entry, closure) = unsafe { g.take_closure() };
    let pinned = g.has(flag::PINNED) || SCHED.pin_all.load(Ordering::Relaxed);
    if pinned {
        threads::lock();
    }
    // SAFETY: as above.
    let result = catch_unwind(AssertUnwindSafe(|| unsafe { entry(closure) }));
    ended(g, result);
    if g.has(flag::COLD) {
        drop_rest(g);
        grow::free_kept(g);
    }
    if pinned {
        threads::unlock();
    }
}

/// The goroutine's closure, or what was dropped after it, has returned or unwound. Nothing may unwind out of
/// here, where only the M is: a payload is dropped by the user's code, which may panic in its turn.
fn ended(g: GRef, mut result: std::thread::Result<()>) {
    while let Err(payload) = result {
        result = catch_unwind(AssertUnwindSafe(|| panic::reached_root(g, payload)));
    }
}

/// Drops what it leaves: what is known of its panics, payloads that nobody took among it, and the values of
/// `goroutine_local!`. It is not ending any more, but has ended: the destructors may block. They may panic,
/// recover and use goroutine-local variables, which makes new ones.
#[cold]
fn drop_rest(g: GRef) {
    // SAFETY: owner only, and no `with` is running any more.
    let locals = || unsafe { (*g.cold().locals.get()).take() };
    for _ in 0..ROUNDS {
        let (unwind, locals) = (g.swap_unwind(None), locals());
        if unwind.is_none() && locals.is_none() {
            return;
        }
        ended(g, catch_unwind(AssertUnwindSafe(|| drop(unwind))));
        ended(g, catch_unwind(AssertUnwindSafe(|| drop(locals))));
    }
    // It would never end: what is left is not dropped.
    std::mem::forget((g.swap_unwind(None), locals()));
}

/// After the goroutine has left its stack for good, on the M's own. `false`: its thread ends with it.
pub(crate) fn bury(m: &'static M, g: GRef) -> bool {
    g.set_status(Status::Dead);
    let (locked, _left) = if g.has(flag::NAMED | flag::COLD | flag::LABELLED | flag::ANCESTRY) {
        tidy(g)
    } else {
        (false, None)
    };
    let counted = !g.has(flag::SYSTEM);
    let (slot, class): (SlotId, u8) = (g.slot(), g.class());
    match m.p() {
        Some(p) => {
            if counted {
                bump(&p.finished);
            }
        }
        None => {
            if counted {
                SCHED.finished.fetch_add(1, Ordering::Release);
            }
        }
    }
    // SAFETY: it has left its stack, and nobody has the slot before it is given back.
    unsafe { g.trim() };
    give_slot(m.p(), class, slot);
    !locked
}

/// Clears what most goroutines never use. Was it locked to its thread? And whoever is to hear of its end,
/// once it is not counted any more: when that is dropped.
#[cold]
#[inline(never)]
fn tidy(g: GRef) -> (bool, Option<family::Left>) {
    if g.has(flag::NAMED) {
        names().remove(&g.id.load(Ordering::Relaxed));
    }
    lineage::forget(g);
    let locked = g.lock_count() > 0;
    let left = g.has(flag::FAMILY).then(|| family::leave(g));
    g.clear_cold();
    (locked, left)
}

/// Runs `f` in a goroutine of the runtime: not counted, not shown.
pub(crate) fn spawn_system<F: FnOnce() + 'static>(f: F) {
    let options = Options {
        flags: flag::SYSTEM,
        ..Options::new()
    };
    spawn(f, options, Location::caller());
}

/// Starts a goroutine for the user's code and forgets it: what `go!` expands to.
#[track_caller]
#[inline]
pub(crate) fn go<F, R>(f: F)
where
    F: FnOnce() -> R + Send + 'static,
{
    spawn_here(move || drop(f()), Options::new(), Location::caller());
}

/// [`spawn`] for the user's code: an implicit point, or a loop that starts goroutines would go on until
/// its P is taken by force.
#[inline]
pub(crate) fn spawn_here<F: FnOnce() + 'static>(
    f: F,
    options: Options,
    at: &'static Location<'static>,
) -> u64 {
    let id = spawn(f, options, at);
    preempt::back_edge();
    id
}

const _: () = assert!(size_of::<G>() < 512);
