//! Where [`seeds`](super::seed) lie, and which are free.
//!
//! One reservation, touched from below upwards, and never unmapped. A P keeps some free seeds in a [`Cache`] and
//! trades full lists with the bed, as it does with stacks. Pages in which all seeds have been free for a while go back
//! to the kernel.
//!
//! Invariant: a seed is in exactly one place: in use ([`Owned`]), on one list, or in one range of [`Bed::untouched`].

use super::gref::GRef;
use super::seed::{Owned, Seed};
use crate::stack::arena;
use crate::sys::clock::nanotime;
use crate::sys::mem;
use crate::sys::mutex::Mutex;
use std::cell::Cell;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// The most seeds that there can be: 512 MiB of address space, or this part of what there is for stacks. Goroutines
/// beyond get their stacks at once.
const MOST: usize = 1 << 20;
const PART: usize = 64;
/// No fewer: else there are none.
const LEAST: usize = 1 << 13;
/// What core files hold of the bed grows by this many.
const SHOWN: u32 = LEAST as u32;
/// Seeds on a full list.
const FULL: u32 = 128;
/// So many are made usable at once, at first: what is never used costs little.
const FEW: u32 = 8;

/// The address of the first seed; 0 before there are any. Relaxed: whatever brought a thread a seed's number brought
/// this, too; who looks without one looks at [`TOUCHED`] first.
static BASE: AtomicUsize = AtomicUsize::new(0);
/// Seeds below this number may have been touched.
static TOUCHED: AtomicU32 = AtomicU32::new(0);
/// What a debugger needs to find the seeds.
#[repr(C)]
pub(crate) struct Parts {
    base: *const AtomicUsize,
    touched: *const AtomicU32,
    size: usize,
}

pub(crate) const PARTS: Parts = Parts {
    base: &raw const BASE,
    touched: &raw const TOUCHED,
    size: size_of::<Seed>(),
};

static BED: Mutex<Bed> = Mutex::new(Bed {
    state: State::New,
    untouched: Vec::new(),
    full: Vec::new(),
});

/// What no P has.
struct Bed {
    state: State,
    /// Seeds that hold nothing but zeros, and cost nothing; the next ones are taken from the last range.
    untouched: Vec<Range<u32>>,
    /// Lists that a P gave back, with the time.
    full: Vec<(List, i64)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Mapped,
    /// The system gives us no room for any.
    Refused,
}

/// A list of free seeds, linked through them. The first one's number and one more, or 0.
#[derive(Clone, Copy, Default)]
struct List {
    first: u32,
    len: u32,
}

/// A seed by its number, which has been handed out.
#[inline(always)]
fn seed(number: u32) -> NonNull<Seed> {
    let at = BASE.load(Ordering::Relaxed) + number as usize * size_of::<Seed>();
    NonNull::new(at as *mut Seed).expect("the bed is not at address 0")
}

impl List {
    /// Puts a free one in front.
    #[inline(always)]
    fn push(&mut self, free: Owned) {
        let seed = free.into_inner();
        let offset = seed.as_ptr() as usize - BASE.load(Ordering::Relaxed);
        // SAFETY: it was the caller's, and is the list's from now on.
        unsafe { seed.as_ref() }.set_next(self.first);
        self.first = (offset / size_of::<Seed>()) as u32 + 1;
        self.len += 1;
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<Owned> {
        let first = seed(self.first.checked_sub(1)?);
        // SAFETY: it is on this list, and so ours.
        self.first = unsafe { first.as_ref() }.next();
        self.len -= 1;
        // SAFETY: off the list it is the caller's alone.
        Some(unsafe { Owned::new(first) })
    }
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
        if self.active.get().len >= FULL {
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
        give(self.active.take());
    }

    /// Gives everything back.
    pub(crate) fn flush(&self) {
        give(self.active.take());
        give(self.spare.take());
    }
}

fn give(list: List) {
    if list.len > 0 {
        let now = nanotime();
        BED.lock().full.push((list, now));
    }
}

#[cold]
#[inline(never)]
fn refill() -> List {
    let mut bed = BED.lock();
    if let Some((full, _)) = bed.full.pop() {
        return full;
    }
    let fresh = bed.take_untouched();
    drop(bed);
    let mut list = List::default();
    if !fresh.is_empty() {
        let at = seed(fresh.start).as_ptr() as usize;
        mem::populate(at, fresh.len() * size_of::<Seed>());
    }
    // The lowest is taken first.
    for number in fresh.rev() {
        // SAFETY: it was nobody's, and is the list's now; its memory is zero, or was a seed before.
        list.push(unsafe { Owned::new(seed(number)) });
    }
    list
}

impl Bed {
    fn take_untouched(&mut self) -> Range<u32> {
        if self.state == State::New {
            self.state = State::Refused;
            if let Some((base, seeds)) = map() {
                BASE.store(base, Ordering::Relaxed);
                self.untouched.push(0..seeds);
                self.state = State::Mapped;
            }
        }
        let touched = TOUCHED.load(Ordering::Relaxed);
        let Some(range) = self.untouched.last_mut() else {
            return 0..0;
        };
        // The more there were, the more are made at once.
        let want = (touched / 4).clamp(FEW, FULL).min(range.len() as u32);
        let taken = range.start..range.start + want;
        range.start += want;
        if range.start == range.end {
            self.untouched.pop();
        }
        let shown = touched.next_multiple_of(SHOWN);
        if taken.end > shown {
            let len = (taken.end.next_multiple_of(SHOWN) - shown) as usize * size_of::<Seed>();
            mem::dump(seed(shown).as_ptr() as usize, len, true);
        }
        // Release: pairs with the load in `each`, which needs the base.
        TOUCHED.store(touched.max(taken.end), Ordering::Release);
        taken
    }
}

/// The reservation, and how many seeds it holds.
fn map() -> Option<(usize, u32)> {
    let mut seeds = MOST.min(arena::len() / PART / size_of::<Seed>());
    while seeds >= LEAST {
        let len = seeds * size_of::<Seed>();
        if let Ok(base) = mem::map_lazy(len) {
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
    // Acquire: see `take_untouched`.
    for number in 0..TOUCHED.load(Ordering::Acquire) {
        f(Seed::header(seed(number)));
    }
}

/// Gives back the pages in which all seeds are free, and were so before `before`. Called by sysmon.
pub(crate) fn reclaim(before: i64) {
    let (mut untouched, old) = {
        let mut bed = BED.lock();
        // The lists are a stack: the oldest come first.
        let old = bed.full.partition_point(|(_, since)| *since < before);
        if old == 0 {
            return;
        }
        let rest = bed.full.split_off(old);
        // Who needs new ones meanwhile finds none, and does without.
        let old = std::mem::replace(&mut bed.full, rest);
        (std::mem::take(&mut bed.untouched), old)
    };
    let each = std::iter::from_fn({
        let mut lists = old.into_iter().map(|(list, _)| list);
        let mut list = List::default();
        move || {
            while list.len == 0 {
                list = lists.next()?;
            }
            list.pop()
        }
    });
    let mut free: Vec<u32> = each.map(number_of).collect();
    free.sort_unstable();
    let (whole, kept) = whole_pages(&free);
    for run in &whole {
        let at = seed(run.start).as_ptr() as usize;
        // SAFETY: free seeds, which were on lists and are on none now.
        unsafe { mem::discard(at, run.len() * size_of::<Seed>()) };
    }
    untouched.extend(whole);
    join(&mut untouched);
    let mut lists = Vec::new();
    for some in kept.chunks(FULL as usize) {
        let mut list = List::default();
        for &number in some.iter().rev() {
            // SAFETY: taken off a list above, and in no other place.
            list.push(unsafe { Owned::new(seed(number)) });
        }
        lists.push((list, nanotime()));
    }
    let mut bed = BED.lock();
    bed.untouched = untouched;
    bed.full.append(&mut lists);
}

fn number_of(free: Owned) -> u32 {
    let offset = free.into_inner().as_ptr() as usize - BASE.load(Ordering::Relaxed);
    (offset / size_of::<Seed>()) as u32
}

/// What of `free`, which is sorted, makes up whole pages, in runs; and the others.
fn whole_pages(free: &[u32]) -> (Vec<Range<u32>>, Vec<u32>) {
    let per_page = (mem::page_size() / size_of::<Seed>()) as u32;
    let (mut whole, mut rest): (Vec<Range<u32>>, _) = (Vec::new(), Vec::new());
    for page in free.chunk_by(|a, b| a / per_page == b / per_page) {
        if page.len() < per_page as usize {
            rest.extend_from_slice(page);
            continue;
        }
        match whole.last_mut() {
            Some(last) if last.end == page[0] => last.end += per_page,
            _ => whole.push(page[0]..page[0] + per_page),
        }
    }
    (whole, rest)
}

/// Joins ranges that touch, and puts the lowest last.
fn join(ranges: &mut Vec<Range<u32>>) {
    ranges.sort_unstable_by_key(|r| std::cmp::Reverse(r.start));
    ranges.dedup_by(|low, high| {
        let touch = low.end == high.start;
        if touch {
            high.start = low.start;
        }
        touch
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Takes as many as a page holds, or several: on their way back all of them are free.
    #[test]
    fn a_seed_is_handed_out_once_and_whole_pages_go_back() {
        arena::init().unwrap();
        let (cache, other) = (Cache::default(), Cache::default());
        let mut used = Vec::new();
        let mut numbers = HashSet::new();
        for i in 0..2000 {
            let cache = if i % 3 == 0 { &other } else { &cache };
            let free = cache.take().expect("there are many more");
            let at = free.into_inner();
            assert!(numbers.insert(at.as_ptr() as usize), "{at:p} twice");
            used.push(at);
        }
        for at in used {
            // SAFETY: taken above, and in no other place.
            cache.put(unsafe { Owned::new(at) });
        }
        cache.flush();
        other.flush();
        let untouched = || {
            let bed = BED.lock();
            bed.untouched.iter().map(|r| r.len()).sum::<usize>()
        };
        let before = untouched();
        reclaim(i64::MAX);
        // Other tests may keep some seeds, and with each a page.
        let back = untouched() - before;
        assert!(back >= 1000, "{back} of 2000");
        let again: Vec<_> = (0..2000)
            .map(|_| cache.take().expect("as before"))
            .collect();
        for free in again {
            cache.put(free);
        }
        cache.flush();
    }

    #[test]
    fn ranges_that_touch_are_joined_and_the_lowest_is_taken_first() {
        let mut ranges = vec![100..200, 0..8, 16..24, 8..16, 48..56];
        join(&mut ranges);
        assert_eq!(ranges, [100..200, 48..56, 0..24]);
        let free: Vec<u32> = (3..40).collect();
        let per_page = (mem::page_size() / size_of::<Seed>()) as u32;
        let (whole, rest) = whole_pages(&free);
        let of_whole: u32 = whole.iter().map(|r| r.len() as u32).sum();
        assert_eq!(of_whole + rest.len() as u32, 37);
        assert!(
            whole
                .iter()
                .all(|r| r.start.is_multiple_of(per_page) && r.end.is_multiple_of(per_page))
        );
    }
}
