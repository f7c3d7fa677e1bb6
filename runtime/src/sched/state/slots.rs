//! Slots for stacks: from the P's cache, or from the one that all threads without a P share.

use super::fatal;
use super::p::OwnP;
use super::sched::SCHED;
use crate::g::{GRef, seed};
use crate::stack::arena::{self, CLASSES, DEFAULT_CLASS, SlotId};
use crate::stack::cache::{self, Cache};
use crate::sys::mutex::Mutex;
use std::io;
use std::sync::atomic::{AtomicU8, Ordering};

/// The class of a goroutine that asks for nothing else, once all roomy slots are in use
/// (`GOROUTINES_STACK` changes it).
static CLASS: AtomicU8 = AtomicU8::new(DEFAULT_CLASS);

/// Sets the default stack size class; at boot.
pub(crate) fn set_default_class(class: u8) {
    CLASS.store(class, Ordering::Relaxed);
}

/// The size of a dense slot.
pub(crate) fn dense_size() -> usize {
    arena::size_of_class(CLASS.load(Ordering::Relaxed))
}

/// A slot for a goroutine that asked for no size, with its class.
#[inline]
pub(crate) fn take_ordinary_slot(p: Option<&OwnP<'_>>) -> (SlotId, u8) {
    let dense = CLASS.load(Ordering::Relaxed);
    match p {
        Some(p) => ordinary(p, dense),
        None => shared_cache(|c| cache::take_ordinary(c, dense)),
    }
    .unwrap_or_else(|e| out_of_stacks(&e, ""))
}

#[inline(always)]
fn ordinary(p: &OwnP<'_>, dense: u8) -> io::Result<(SlotId, u8)> {
    let taken = cache::take_ordinary(p.caches(), dense);
    taken.inspect(|&(_, class)| fetch_next(p, class))
}

/// The same for `seed`, which begins.
#[inline]
pub(crate) fn take_slot_for(p: &OwnP<'_>, seed: &seed::Owned) -> (SlotId, u8) {
    ordinary(p, CLASS.load(Ordering::Relaxed)).unwrap_or_else(|e| {
        let (parent, at) = seed.made();
        let at = at.map_or_else(String::new, |at| format!("\n\t{}:{}", at.file(), at.line()));
        out_of_stacks(&e, &format!("\n\ncreated by goroutine {parent}{at}"))
    })
}

/// The same, if one is at hand.
#[inline]
pub(crate) fn take_ordinary_slot_at_hand(p: &OwnP<'_>) -> Option<(SlotId, u8)> {
    let taken = cache::take_ordinary_at_hand(p.caches(), CLASS.load(Ordering::Relaxed));
    taken.inspect(|&(_, class)| fetch_next(p, class))
}

/// The lines of a later spawn come while this one's are written.
#[inline(always)]
fn fetch_next(p: &OwnP<'_>, class: u8) {
    if let Some(next) = p.caches()[class as usize].peek() {
        GRef::of_slot(next, class).prefetch();
    }
}

/// A slot from the P's cache, or from the shared one without a P. Inside a section.
#[inline]
pub(crate) fn take_slot(p: Option<&OwnP<'_>>, class: u8) -> SlotId {
    match p {
        Some(p) => p.cache(class).take(class),
        None => shared_cache(|c| c[class as usize].take(class)),
    }
    .unwrap_or_else(|e| out_of_stacks(&e, ""))
}

/// Gives a slot back. Inside a section.
///
/// # Safety
/// It is of that class, was the caller's, and is not in use any more.
#[inline]
pub(crate) unsafe fn give_slot(p: Option<&OwnP<'_>>, class: u8, slot: SlotId) {
    // SAFETY: forwarded.
    unsafe {
        match p {
            Some(p) => p.cache(class).put(class, slot),
            None => shared_cache(|c| c[class as usize].put(class, slot)),
        }
    }
}

/// Gives the free slots of threads without a P back to the central lists.
pub(crate) fn flush_shared_cache() {
    shared_cache(|caches| {
        for (class, cache) in caches.iter().enumerate() {
            cache.flush(class as u8);
        }
    });
}

/// Free slots of threads without a P.
fn shared_cache<R>(f: impl FnOnce(&[Cache; CLASSES]) -> R) -> R {
    static SHARED: Mutex<Option<[Cache; CLASSES]>> = Mutex::new(None);
    let mut guard = SHARED.lock();
    f(guard.get_or_insert_default())
}

#[cold]
#[inline(never)]
fn out_of_stacks(e: &io::Error, whose: &str) -> ! {
    fatal::throw(&format!(
        "cannot make another goroutine stack: {e} (with {} goroutines; the limit may be \
         vm.max_map_count, memory, or RLIMIT_AS){whose}",
        SCHED.goroutines()
    ));
}
