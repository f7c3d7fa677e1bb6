//! The reader/writer lock without data (Go's `sync/rwmutex.go`, the same protocol).
//!
//! `readers` counts the readers inside and those that wait for a writer; a writer that is pending or
//! inside has taken `MAX_READERS` off it, so a negative count tells a new reader to wait. `leaving`
//! is how many of the readers that were inside when the writer came are still to leave: the last one
//! wakes it. Writers exclude each other by `writers`, an ordinary lock, held until they leave.
//!
//! So a waiting writer stops new readers (they cannot starve it), and a leaving writer lets in all
//! readers that waited before the next writer gets its turn (it cannot starve them).

use super::RawMutex;
use super::rt::{self, AtomicI32, Ordering, WaitReason};
use super::sema::{At, Sema};
use std::fmt;

const MAX_READERS: i32 = 1 << 30;

/// A reader/writer lock without data, for code that is written as in Go (`sync.RWMutex` with
/// separate `Lock`/`Unlock` and `RLock`/`RUnlock`); [`RWMutex`](super::RWMutex) owns what it guards.
///
/// No goroutine owns it: one may lock it and another unlock it. A goroutine must not take the read
/// lock twice: if a writer comes in between, both wait for ever.
///
/// ```
/// use goroutines::sync::RawRWMutex;
///
/// let gate = RawRWMutex::new();
/// gate.rlock();
/// assert!(gate.try_rlock() && !gate.try_lock());
/// gate.runlock();
/// gate.runlock();
/// gate.lock();
/// gate.unlock();
/// ```
pub struct RawRWMutex {
    readers: AtomicI32,
    leaving: AtomicI32,
    writers: RawMutex,
    writer_turn: Sema,
    reader_turn: Sema,
}

/// Waits for a turn, and counts for how long.
#[cold]
#[inline(never)]
fn wait(turn: &Sema, reason: WaitReason) {
    let since = rt::nanotime();
    turn.acquire(reason, At::Back);
    rt::count_lock_wait(rt::nanotime() - since);
}

/// Locks where goroutines may have hooks. Those run before it counts as a reader or writer that waits, and
/// when it has given the lock back: they are the user's code, and may want it.
#[cold]
#[inline(never)]
fn with_hooks(
    try_it: fn(&RawRWMutex) -> bool,
    wait: fn(&RawRWMutex),
    unlock: fn(&RawRWMutex),
    lock: &RawRWMutex,
) {
    for _ in 0..rt::TURNS_WITH_HOOKS {
        if try_it(lock) {
            return;
        }
        rt::before_block();
        let away = rt::away();
        wait(lock);
        if !away.has_hooks() {
            return;
        }
        unlock(lock);
    }
    if !try_it(lock) {
        // Others were always faster.
        rt::with_thread(|| wait(lock));
    }
}

impl Default for RawRWMutex {
    fn default() -> Self {
        Self::new()
    }
}

impl RawRWMutex {
    /// An unlocked lock.
    pub const fn new() -> Self {
        Self {
            readers: AtomicI32::new(0),
            leaving: AtomicI32::new(0),
            writers: RawMutex::new(),
            writer_turn: Sema::new(),
            reader_turn: Sema::new(),
        }
    }

    /// Locks for reading (Go's `RLock`): any number of readers may hold the lock together, but none
    /// gets in while a writer has it or waits for it.
    ///
    /// # Suspends
    /// The goroutine, if a writer has the lock or waits for it.
    #[inline]
    pub fn rlock(&self) {
        rt::point();
        rt::give_way_if_asked();
        if self.readers.load(Ordering::Relaxed) < 0 {
            rt::before_block();
        }
        if rt::hooks_exist() {
            return with_hooks(Self::try_rlock, Self::wait_to_read, Self::runlock, self);
        }
        self.wait_to_read();
    }

    /// Counts as a reader, and waits if there is a writer.
    #[inline]
    fn wait_to_read(&self) {
        // Acquire: pairs with the release by which the last writer left, in `unlock`.
        if self.readers.fetch_add(1, Ordering::Acquire) < 0 {
            wait(&self.reader_turn, WaitReason::SyncRwMutexRLock);
        }
    }

    /// Locks for reading if that needs no waiting (Go's `TryRLock`).
    #[inline]
    #[must_use = "the lock is held only if this is true"]
    pub fn try_rlock(&self) -> bool {
        rt::give_way_if_asked();
        let mut old = self.readers.load(Ordering::Relaxed);
        while old >= 0 {
            match self.readers.compare_exchange_weak(
                old,
                old + 1,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => old = now,
            }
        }
        false
    }

    /// Gives a read lock back (Go's `RUnlock`).
    ///
    /// # Panics
    /// Never: without a read lock it ends the process with
    /// `fatal error: sync: RUnlock of unlocked RWMutex` and exit code 2.
    #[inline]
    pub fn runlock(&self) {
        // Release: pairs with the acquire by which a writer sees that all readers have left.
        let old = self.readers.fetch_sub(1, Ordering::Release);
        if old <= 0 {
            self.runlock_slow(old);
        }
    }

    #[cold]
    #[inline(never)]
    fn runlock_slow(&self, old: i32) {
        if old == 0 || old == -MAX_READERS {
            rt::throw("sync: RUnlock of unlocked RWMutex");
        }
        // A writer is pending. The last one to leave wakes it; AcqRel gathers what all of them did.
        if self.leaving.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.writer_turn.release();
        }
    }

    /// Locks for writing (Go's `Lock`): alone, once all readers inside have left. New readers wait
    /// from now on.
    ///
    /// # Suspends
    /// The goroutine, if the lock is held.
    pub fn lock(&self) {
        if self.readers.load(Ordering::Relaxed) != 0 {
            rt::before_block();
        }
        if rt::hooks_exist() {
            return with_hooks(Self::try_lock, Self::wait_to_write, Self::unlock, self);
        }
        self.wait_to_write();
    }

    /// Waits for its turn among the writers, and for the readers.
    fn wait_to_write(&self) {
        self.writers.lock_as(WaitReason::SyncRwMutexLock);
        // Acquire: pairs with the release of every reader that has left already.
        let inside = self.readers.fetch_sub(MAX_READERS, Ordering::AcqRel);
        // Those inside may leave before we have counted them: then `leaving` was negative, and the
        // sum tells that none is left.
        if inside != 0 && self.leaving.fetch_add(inside, Ordering::AcqRel) + inside != 0 {
            wait(&self.writer_turn, WaitReason::SyncRwMutexLock);
        }
    }

    /// Locks for writing if that needs no waiting (Go's `TryLock`).
    #[must_use = "the lock is held only if this is true"]
    pub fn try_lock(&self) -> bool {
        if !self.writers.try_lock() {
            return false;
        }
        let alone = self
            .readers
            .compare_exchange(0, -MAX_READERS, Ordering::Acquire, Ordering::Relaxed)
            .is_ok();
        if !alone {
            self.writers.unlock();
        }
        alone
    }

    /// Gives the write lock back and lets in all readers that wait (Go's `Unlock`).
    ///
    /// # Panics
    /// Never: without the write lock it ends the process with
    /// `fatal error: sync: Unlock of unlocked RWMutex` and exit code 2.
    ///
    /// # Suspends
    /// The goroutine, if another writer has waited for more than a millisecond: that one runs at
    /// once.
    pub fn unlock(&self) {
        // Release: pairs with the acquire of the readers that come now; those that wait already are
        // synchronised by their wake-up.
        let waiting = self.readers.fetch_add(MAX_READERS, Ordering::Release) + MAX_READERS;
        if waiting >= MAX_READERS {
            rt::throw("sync: Unlock of unlocked RWMutex");
        }
        for _ in 0..waiting {
            self.reader_turn.release();
        }
        self.writers.unlock();
    }
}

impl fmt::Debug for RawRWMutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let readers = self.readers.load(Ordering::Relaxed);
        f.debug_struct("RawRWMutex")
            .field("readers", &readers.rem_euclid(MAX_READERS))
            .field("writer", &(readers < 0))
            .finish()
    }
}
