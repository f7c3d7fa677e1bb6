//! Things to use again (Go's `sync.Pool`, `pool.go`).
//!
//! A shard for each P: one thing at hand and a stack of others. A goroutine uses its P's
//! shard, and takes from other shards' stacks when its own has nothing. Which P it runs on is only a
//! hint, so every shard has a lock; it is its P's alone almost always.
//!
//! Go empties pools when it collects garbage: what lies in a pool becomes its *victim*, still to be
//! had, and the victim of the time before is dropped. Here that is [`Pool::sweep`], which
//! `put` calls about once a minute.
//!
//! Under a shard's lock nothing is allocated, freed or dropped: a stack grows by chunks that are made
//! before the lock is taken, and what has become superfluous is carried out of it.

use super::rt::{AtomicI64, Ordering, SpinMutex, nanotime, p_index, processors};
use crossbeam_utils::CachePadded;
use std::fmt;
use std::mem;
use std::sync::OnceLock;

/// How often `put` sweeps, in nanoseconds.
const SWEEP_EVERY: i64 = 60_000_000_000;
/// How many calls of `put` on one shard go by between two looks at the clock.
const PUTS_PER_LOOK: u32 = 1024;

/// Keeps things that are expensive to make for the next user (Go's `sync.Pool`), fit for a
/// `static`.
///
/// What was put may come back from [`get`](Self::get), in any goroutine, or be dropped: what was
/// not taken for one to two minutes goes, at the next `put`. Nothing is cleaned: reset it before
/// putting it back, or after getting it.
///
/// ```
/// use goroutines::sync::Pool;
///
/// static BUFFERS: Pool<Vec<u8>> = Pool::new(|| Vec::with_capacity(4096));
///
/// let mut buffer = BUFFERS.get();
/// buffer.extend_from_slice(b"hello");
/// buffer.clear();
/// BUFFERS.put(buffer);
/// ```
pub struct Pool<T, F = fn() -> T> {
    make: F,
    shards: OnceLock<Box<[CachePadded<Shard<T>>]>>,
    next_sweep: AtomicI64,
}

struct Shard<T> {
    content: SpinMutex<Content<T>>,
}

struct Content<T> {
    /// The next to be had.
    private: Option<T>,
    shared: Stack<T>,
    victim: Stack<T>,
    puts: u32,
}

impl<T> std::panic::UnwindSafe for Shard<T> {}
impl<T> std::panic::RefUnwindSafe for Shard<T> {}

impl<T> Shard<T> {
    fn new() -> Self {
        Shard {
            content: SpinMutex::new(Content {
                private: None,
                shared: Stack::new(),
                victim: Stack::new(),
                puts: 0,
            }),
        }
    }
}

impl<T, F> Pool<T, F> {
    /// An empty pool; `make` makes a thing when none is left.
    ///
    /// ```
    /// static IDS: goroutines::sync::Pool<String> = goroutines::sync::Pool::new(String::new);
    /// ```
    pub const fn new(make: F) -> Self {
        Pool {
            make,
            shards: OnceLock::new(),
            next_sweep: AtomicI64::new(0),
        }
    }

    /// All shards, the calling P's first.
    fn shards(&self) -> impl Iterator<Item = &Shard<T>> {
        let all = self.shards.get_or_init(|| {
            (0..processors())
                .map(|_| CachePadded::new(Shard::new()))
                .collect()
        });
        let (before, from) = all.split_at(p_index() % all.len());
        from.iter().chain(before).map(|shard| &**shard)
    }

    fn own_shard(&self) -> &Shard<T> {
        self.shards().next().expect("at least one")
    }

    /// Gives a thing back (Go's `Put`).
    ///
    /// ```
    /// let pool = goroutines::sync::Pool::new(|| 0);
    /// pool.put(7);
    /// assert_eq!(pool.get(), 7);
    /// ```
    pub fn put(&self, thing: T) {
        let shard = self.own_shard();
        let mut carried = Carried {
            thing: Some(thing),
            chunk: None,
        };
        let mut puts = shard.content.lock().put(&mut carried);
        if carried.thing.is_some() {
            carried.chunk = Some(Chunk::new());
            puts = shard.content.lock().put(&mut carried);
        }
        if puts.is_multiple_of(PUTS_PER_LOOK) {
            self.sweep_if_due();
        }
    }

    #[cold]
    fn sweep_if_due(&self) {
        let (now, due) = (nanotime(), self.next_sweep.load(Ordering::Relaxed));
        let next = now + SWEEP_EVERY;
        // Relaxed: it only decides which goroutine sweeps. What is swept is locked.
        let mine = now >= due
            && self
                .next_sweep
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        // The first look only sets the date.
        if mine && due != 0 {
            self.sweep();
        }
    }

    /// Drops what was not taken since the last sweep: what Go's garbage collector does to a pool.
    ///
    /// ```
    /// let pool = goroutines::sync::Pool::new(|| 0);
    /// pool.put(7);
    /// pool.sweep();
    /// assert_eq!(pool.get(), 7); // still to be had
    /// pool.put(7);
    /// pool.sweep();
    /// pool.sweep();
    /// assert_eq!(pool.get(), 0);
    /// ```
    pub fn sweep(&self) {
        for shard in self.shards() {
            let mut carried = Carried {
                thing: None,
                chunk: Some(Chunk::new()),
            };
            let old = shard.content.lock().sweep(&mut carried);
            drop((old, carried));
        }
    }
}

impl<T, F: Fn() -> T> Pool<T, F> {
    /// A thing that was put, or a new one (Go's `Get`).
    ///
    /// ```
    /// let pool = goroutines::sync::Pool::new(|| vec![0_u8; 16]);
    /// assert_eq!(pool.get().len(), 16);
    /// ```
    pub fn get(&self) -> T {
        let mut content = self.own_shard().content.lock();
        let (found, empty) = match content.private.take() {
            Some(thing) => (Some(thing), None),
            None => content.shared.pop(),
        };
        drop(content);
        drop(empty);
        found.unwrap_or_else(|| self.get_slow())
    }

    #[cold]
    #[inline(never)]
    fn get_slow(&self) -> T {
        let pops: [fn(&mut Content<T>) -> _; 2] = [|c| c.shared.pop(), |c| c.victim.pop()];
        for pop in pops {
            for shard in self.shards() {
                let (found, empty) = pop(&mut shard.content.lock());
                drop(empty);
                if let Some(thing) = found {
                    return thing;
                }
            }
        }
        (self.make)()
    }
}

/// What goes into a locked section, and what comes out to be dropped.
struct Carried<T> {
    thing: Option<T>,
    chunk: Option<Box<Chunk<T>>>,
}

impl<T> Content<T> {
    /// Puts the carried thing; leaves it if that needs a chunk and none is carried. How many were
    /// put so far.
    fn put(&mut self, carried: &mut Carried<T>) -> u32 {
        if self.private.is_none() {
            self.private = carried.thing.take();
        } else {
            self.shared.push(carried);
        }
        self.puts = self.puts.wrapping_add(1);
        self.puts
    }

    /// Makes what is here the victim and returns the old one.
    fn sweep(&mut self, carried: &mut Carried<T>) -> Stack<T> {
        if self.private.is_some() {
            carried.thing = self.private.take();
            self.shared.push(carried);
        }
        let here = mem::replace(&mut self.shared, Stack::new());
        mem::replace(&mut self.victim, here)
    }
}

/// Things in chunks, the last one first. Pushing and popping never allocate, free or drop.
struct Stack<T> {
    top: Option<Box<Chunk<T>>>,
    /// An empty chunk, so that a stack that goes up and down over a chunk's edge needs no new one.
    spare: Option<Box<Chunk<T>>>,
}

struct Chunk<T> {
    /// With room for `ROOM` from the start: it never grows.
    things: Vec<T>,
    below: Option<Box<Chunk<T>>>,
}

impl<T> Chunk<T> {
    /// How many things: some KiB of them, but at least a few.
    const ROOM: usize = {
        let fit = match size_of::<T>() {
            0 => 64,
            size => 4096 / size,
        };
        if fit < 4 {
            4
        } else if fit > 64 {
            64
        } else {
            fit
        }
    };

    fn new() -> Box<Self> {
        Box::new(Chunk {
            things: Vec::with_capacity(Self::ROOM),
            below: None,
        })
    }
}

impl<T> Stack<T> {
    const fn new() -> Self {
        Stack {
            top: None,
            spare: None,
        }
    }

    /// Takes the carried thing; leaves it if there is no room and no carried chunk either.
    fn push(&mut self, carried: &mut Carried<T>) {
        let full = |chunk: &Chunk<T>| chunk.things.len() == Chunk::<T>::ROOM;
        if self.top.as_deref().is_none_or(full) {
            let Some(mut chunk) = self.spare.take().or_else(|| carried.chunk.take()) else {
                return;
            };
            chunk.below = self.top.take();
            self.top = Some(chunk);
        }
        if let (Some(top), Some(thing)) = (&mut self.top, carried.thing.take()) {
            top.things.push(thing);
        }
    }

    /// The last thing, and an empty chunk that is not needed any more.
    fn pop(&mut self) -> (Option<T>, Option<Box<Chunk<T>>>) {
        let Some(top) = &mut self.top else {
            return (None, None);
        };
        let thing = top.things.pop();
        if !top.things.is_empty() {
            return (thing, None);
        }
        let below = top.below.take();
        let empty = mem::replace(&mut self.top, below);
        (thing, mem::replace(&mut self.spare, empty))
    }
}

impl<T> Drop for Stack<T> {
    /// One by one: a long stack must not be dropped by recursion.
    fn drop(&mut self) {
        let mut next = self.top.take();
        while let Some(mut chunk) = next {
            next = chunk.below.take();
        }
    }
}

impl<T, F> fmt::Debug for Pool<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stack under a lock that every goroutine brings a chunk to.
    fn push(stack: &mut Stack<usize>, thing: usize) -> bool {
        let mut carried = Carried {
            thing: Some(thing),
            chunk: Some(Chunk::new()),
        };
        stack.push(&mut carried);
        assert!(carried.thing.is_none());
        carried.chunk.is_none()
    }

    #[test]
    fn stacks_grow_by_chunks_and_keep_one_spare() {
        let room = Chunk::<usize>::ROOM;
        let mut stack = Stack::new();
        let taken = (0..2 * room + 1).filter(|i| push(&mut stack, *i)).count();
        assert_eq!(taken, 3);
        let mut freed = 0;
        for i in (0..2 * room + 1).rev() {
            let (thing, empty) = stack.pop();
            assert_eq!(thing, Some(i));
            freed += usize::from(empty.is_some());
        }
        assert_eq!((freed, stack.pop().0), (2, None));
        assert!(!push(&mut stack, 7), "the spare was not used");
    }

    #[test]
    fn without_room_the_thing_stays() {
        let mut stack = Stack::new();
        let mut carried = Carried {
            thing: Some(1),
            chunk: None,
        };
        stack.push(&mut carried);
        assert_eq!((carried.thing, stack.pop().0), (Some(1), None));
    }
}
