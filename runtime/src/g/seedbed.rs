//! Where [`seeds`](super::seed) lie, and which are free.
//!
//! One reservation, used from below upwards, and never unmapped. A P keeps some free seeds in a [`Cache`] and trades
//! full lists with the [`books`](super::seedbooks), as it does with stacks. Where all seeds of 64 KiB have been free
//! for a while their pages go back to the kernel.

use super::gref::GRef;
use super::seed::{Owned, Seed};
use super::seedbooks::{BLOCK, BLOCKS, Books, Taken};
use super::seedlist::{BASE, List, seed};
use crate::stack::arena;
use crate::sys::clock::nanotime;
use crate::sys::mem;
use crate::sys::mutex::Mutex;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// The most seeds that there can be: 512 MiB of address space, or this part of what there is for stacks. Goroutines
/// beyond get their stacks at once.
const MOST: usize = BLOCK as usize * BLOCKS;
const PART: usize = 64;
/// No fewer: else there are none.
const LEAST: usize = 1 << 13;
/// The bed becomes usable, and a part of core files, by this many.
const STEP: u32 = LEAST as u32;
/// How many lists, and blocks, a call of [`reclaim`] goes through: it takes less than a millisecond or so.
const A_ROUND: usize = 32;

/// Seeds below this number may have been used.
static USED: AtomicU32 = AtomicU32::new(0);
/// Blocks that hold nothing but zeros. A hint: what is seen of one that has just been taken may be old, unless
/// something has ordered it.
static CLEAN: [AtomicBool; BLOCKS] = [const { AtomicBool::new(false) }; BLOCKS];
/// What a debugger needs to find the seeds.
#[repr(C)]
pub(crate) struct Parts {
    base: *const AtomicUsize,
    used: *const AtomicU32,
    size: usize,
}

pub(crate) const PARTS: Parts = Parts {
    base: &raw const BASE,
    used: &raw const USED,
    size: size_of::<Seed>(),
};

static BED: Mutex<Bed> = Mutex::new(Bed {
    books: Books::new(),
    state: State::New,
    usable: 0,
});

/// What no P has.
struct Bed {
    books: Books,
    state: State,
    /// Seeds below this number can be touched.
    usable: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Reserved,
    /// The system gives us no room for any.
    Refused,
}

/// Free seeds at hand, for the owner of a P.
#[derive(Default)]
pub(crate) struct Cache {
    active: Cell<List>,
    spare: Cell<List>,
}

impl Cache {
    /// Takes one; `None`: there are no more.
    #[inline]
    pub(crate) fn take(&self) -> Option<Owned> {
        if self.active.get().len == 0 {
            self.reload();
        }
        let mut list = self.active.get();
        let free = list.pop();
        self.active.set(list);
        free
    }

    /// Puts one back that is not in use any more.
    #[inline]
    pub(crate) fn put(&self, free: Owned) {
        if self.active.get().len >= BLOCK {
            self.unload();
        }
        let mut list = self.active.get();
        list.push(free);
        self.active.set(list);
    }

    #[cold]
    #[inline(never)]
    fn reload(&self) {
        self.active.swap(&self.spare);
        if self.active.get().len == 0 {
            self.active.set(refill());
        }
    }

    #[cold]
    #[inline(never)]
    fn unload(&self) {
        self.active.swap(&self.spare);
        let list = self.active.take();
        if list.len == BLOCK {
            let now = nanotime();
            BED.lock().books.put(list, now);
        } else {
            BED.lock().books.sort_in(list);
        }
    }

    /// Gives everything back.
    pub(crate) fn flush(&self) {
        if self.active.get().len + self.spare.get().len > 0 {
            let mut bed = BED.lock();
            bed.books.sort_in(self.active.take());
            bed.books.sort_in(self.spare.take());
        }
    }
}

#[cold]
#[inline(never)]
fn refill() -> List {
    let taken = BED.lock().take();
    let fresh = match taken {
        Taken::List(list) => return list,
        Taken::Fresh(fresh) => fresh,
    };
    let mut list = List::EMPTY;
    let len = fresh.len() * size_of::<Seed>();
    if len > 0 {
        CLEAN[(fresh.start / BLOCK) as usize].store(false, Ordering::Relaxed);
        mem::populate(seed(fresh.start).as_ptr() as usize, len);
    }
    // The lowest is taken first.
    for number in fresh.rev() {
        // SAFETY: it was nobody's, and is the list's now; its memory is zero.
        list.push(unsafe { Owned::new(seed(number)) });
    }
    list
}

impl Bed {
    fn take(&mut self) -> Taken {
        if self.state == State::New {
            self.state = State::Refused;
            if let Some((base, seeds)) = reserve() {
                BASE.store(base, Ordering::Relaxed);
                self.books.set_limit(seeds);
                self.state = State::Reserved;
            }
        }
        let before = self.books.frontier();
        let taken = self.books.take();
        let after = self.books.frontier();
        if after > self.usable && !self.make_usable() {
            // It ends here.
            self.books.set_limit(before);
            return Taken::Fresh(before..before);
        }
        // Release: pairs with the load in `each`, which needs the base.
        USED.store(after.min(self.usable), Ordering::Release);
        taken
    }

    /// The next step.
    fn make_usable(&mut self) -> bool {
        let (at, len) = (seed(self.usable), STEP as usize * size_of::<Seed>());
        let at = at.as_ptr() as usize;
        // SAFETY: of the reservation, of which nothing from there on is in use.
        let done = unsafe { mem::make_usable(at, len) }.is_ok();
        if done {
            mem::dump(at, len, true);
            self.usable += STEP;
        }
        done
    }
}

/// The reservation, and how many seeds it holds.
fn reserve() -> Option<(usize, u32)> {
    let mut seeds = MOST.min(arena::len() / PART / size_of::<Seed>());
    while seeds >= LEAST {
        let len = seeds * size_of::<Seed>();
        if let Ok(base) = mem::reserve(len) {
            mem::no_huge_pages(base, len);
            mem::dump(base, len, false);
            return Some((base, seeds as u32));
        }
        seeds /= 2;
    }
    None
}

/// Calls `f` with every header that may be that of a goroutine without a stack.
pub(crate) fn each(mut f: impl FnMut(GRef)) {
    // Acquire: see `Bed::take`.
    for number in 0..USED.load(Ordering::Acquire) {
        if !CLEAN[(number / BLOCK) as usize].load(Ordering::Relaxed) {
            f(Seed::header(seed(number)));
        }
    }
}

/// Gives pages back in which all seeds are free, and were so before `before`: as many as a moment allows. `true`:
/// there may be more. Called by sysmon.
pub(crate) fn reclaim(before: i64) -> bool {
    let sorts = || BED.lock().books.sort_oldest(before);
    let more = (0..A_ROUND).all(|_| sorts());
    for _ in 0..A_ROUND {
        let Some(block) = BED.lock().books.take_whole() else {
            return more;
        };
        let at = seed(block as u32 * BLOCK).as_ptr() as usize;
        // SAFETY: the block is ours, whole pages with nothing but free seeds, which are on no list that is used.
        unsafe { mem::discard(at, BLOCK as usize * size_of::<Seed>()) };
        CLEAN[block].store(true, Ordering::Relaxed);
        BED.lock().books.put_clean(block);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::inject::in_child;
    use std::collections::HashSet;
    use std::ptr::NonNull;

    const NAME: &str = "g::seedbed::tests::a_seed_is_handed_out_once_and_all_pages_go_back";
    const MANY: usize = 5000;

    /// Nobody else takes seeds there.
    #[test]
    fn a_seed_is_handed_out_once_and_all_pages_go_back() {
        let Some(child) = in_child(NAME, "", |_| hand_out_and_give_back()) else {
            return;
        };
        let text = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "{text}");
    }

    fn hand_out_and_give_back() {
        arena::init().unwrap();
        let caches = [Cache::default(), Cache::default()];
        for round in 0..3 {
            let mut used = Vec::new();
            let mut known: HashSet<NonNull<Seed>> = HashSet::new();
            for i in 0..MANY {
                let free = caches[i % 2].take().expect("there are many more");
                let at = free.into_inner();
                assert!(known.insert(at), "{at:p} twice");
                used.push(at);
            }
            // Neighbours go back at different times, by way of different Ps.
            for (n, cache) in [(0, &caches[0]), (1, &caches[1]), (2, &caches[0])] {
                for at in used.iter().skip(n).step_by(3) {
                    // SAFETY: taken above, and in no other place.
                    cache.put(unsafe { Owned::new(*at) });
                }
                while reclaim(if round == 0 { i64::MAX } else { 0 }) {}
            }
            caches.iter().for_each(Cache::flush);
            while reclaim(i64::MAX) {}
            let dirty = (0..USED.load(Ordering::Relaxed) / BLOCK)
                .filter(|&b| !CLEAN[b as usize].load(Ordering::Relaxed));
            assert_eq!(dirty.count(), 0, "round {round}");
            let mut seen = 0;
            each(|_| seen += 1);
            assert!(seen < BLOCK, "{seen}");
        }
        assert!((USED.load(Ordering::Relaxed) as usize) < 2 * MANY);
    }

    #[test]
    fn the_bed_ends_where_the_system_refuses() {
        const NAME: &str = "g::seedbed::tests::the_bed_ends_where_the_system_refuses";
        let Some(child) = in_child(NAME, "", |_| {
            arena::init().unwrap();
            let cache = Cache::default();
            let first = cache.take().expect("a step");
            crate::sys::inject::arm("mprotect", libc::ENOMEM, usize::MAX);
            let rest = std::iter::from_fn(|| cache.take()).map(std::mem::forget);
            assert_eq!(rest.count() + 1, STEP as usize);
            cache.put(first);
            assert!(cache.take().is_some());
        }) else {
            return;
        };
        let text = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "{text}");
    }
}
