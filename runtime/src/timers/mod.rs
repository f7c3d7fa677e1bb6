//! Timers: one 4-ary heap per P, ordered by due time.
//!
//! A heap only says what is due; the scheduler fires it (`sched::wake::timers`). A node is owned by its
//! maker (a sleeping goroutine's stack, a `time::Timer`) and is in at most one heap.
//!
//! Invariants, all under the heap's lock: `node.heap` names the heap that holds the node, or null;
//! `items[node.index]` is the node; `first` is the least due time, `i64::MAX` when empty (written
//! under the lock, read by any thread).

use crate::sys::spin::{SpinGuard, SpinMutex};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering};

/// What happens when a timer is due: `fire(node, due)`, on an M's own stack, in runtime code.
pub(crate) type Fire = unsafe fn(*const TimerNode, i64);

/// One timer. Pinned and alive from [`Heap::insert`] until it has been removed or fired.
pub(crate) struct TimerNode {
    heap: AtomicPtr<Heap>,
    index: Cell<usize>,
    fire: Fire,
}

// SAFETY: `index` is touched only under the lock of the heap that holds the node; `heap` is atomic.
unsafe impl Send for TimerNode {}
// SAFETY: as above.
unsafe impl Sync for TimerNode {}

impl TimerNode {
    /// A timer that is in no heap.
    pub(crate) const fn new(fire: Fire) -> Self {
        Self {
            heap: AtomicPtr::new(ptr::null_mut()),
            index: Cell::new(0),
            fire,
        }
    }
}

/// A timer whose time has come: out of its heap, and to be fired.
#[must_use = "who waits for the timer would wait for ever"]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Due {
    node: *const TimerNode,
    when: i64,
}

impl Due {
    /// Calls its function. In runtime code, with no lock held.
    pub(crate) fn fire(self) {
        // SAFETY: the node's owner keeps it until its `fire` was called, which is here, once: `pop_due` has taken
        // it out of its heap, and made this of it.
        unsafe { ((*self.node).fire)(self.node, self.when) }
    }
}

#[derive(Clone, Copy)]
struct Item {
    when: i64,
    node: *const TimerNode,
}

// SAFETY: the nodes are kept alive by their owners, and belong to no thread.
unsafe impl Send for Item {}

impl Item {
    fn node(&self) -> &TimerNode {
        // SAFETY: an item is in a heap, or was taken out just now under its lock: so its node is alive.
        unsafe { &*self.node }
    }
}

/// The heap of one P. Lives as long as the process.
pub(crate) struct Heap {
    first: AtomicI64,
    items: SpinMutex<Vec<Item>>,
}

impl Heap {
    pub(crate) const fn new() -> Self {
        Self {
            first: AtomicI64::new(i64::MAX),
            items: SpinMutex::new(Vec::new()),
        }
    }

    /// The least due time; `i64::MAX` = none.
    #[inline(always)]
    pub(crate) fn first(&self) -> i64 {
        self.first.load(Ordering::Relaxed)
    }

    /// How many timers; for dumps.
    pub(crate) fn len(&self) -> usize {
        self.items.lock().len()
    }

    /// Locks, with room for one more item: the vector never grows under the lock.
    fn lock_with_room(&self) -> SpinGuard<'_, Vec<Item>> {
        let mut spare = Vec::new();
        loop {
            let mut items = self.items.lock();
            if items.len() < items.capacity() {
                // `spare` may still hold the old, smaller buffer: it is freed after the caller's
                // critical section began, which is one `free` long; it happens O(log n) times.
                return items;
            }
            if spare.capacity() > items.capacity() {
                spare.extend_from_slice(&items);
                std::mem::swap(&mut *items, &mut spare);
                return items;
            }
            let want = (items.capacity() * 2).max(16);
            drop(items);
            spare = Vec::with_capacity(want);
        }
    }

    /// Adds a timer. `true`: it is now the first.
    ///
    /// # Safety
    /// The node is in no heap, and its owner keeps it where it is until it has been removed or fired.
    pub(crate) unsafe fn insert(&self, node: *const TimerNode, when: i64) -> bool {
        let mut items = self.lock_with_room();
        // SAFETY: alive by the caller's promise.
        let n = unsafe { &*node };
        debug_assert!(n.heap.load(Ordering::Relaxed).is_null());
        n.heap
            .store(ptr::from_ref(self).cast_mut(), Ordering::Release);
        items.push(Item { when, node });
        let last = items.len() - 1;
        let at = sift_up(&mut items, last);
        self.publish(&items);
        at == 0
    }

    /// Takes the first timer if it is due at `now`.
    pub(crate) fn pop_due(&self, now: i64) -> Option<Due> {
        if self.first() > now {
            return None;
        }
        let mut items = self.items.lock();
        let item = items.first().copied().filter(|item| item.when <= now)?;
        remove_at(&mut items, 0);
        item.node().heap.store(ptr::null_mut(), Ordering::Release);
        self.publish(&items);
        let Item { when, node } = item;
        Some(Due { node, when })
    }

    /// Moves every timer of `from` here; `from`'s P is retired.
    pub(crate) fn take_all(&self, from: &Heap) {
        loop {
            let mut items = from.items.lock();
            let Some(&item) = items.first() else { return };
            // A disarm that comes between the two locks finds the node in no heap and would
            // wrongly report "already fired"; so the node is marked as moving.
            remove_at(&mut items, 0);
            item.node().heap.store(MOVING, Ordering::Release);
            from.publish(&items);
            drop(items);
            let mut items = self.lock_with_room();
            let here = ptr::from_ref(self).cast_mut();
            item.node().heap.store(here, Ordering::Release);
            items.push(item);
            let last = items.len() - 1;
            sift_up(&mut items, last);
            self.publish(&items);
        }
    }

    fn publish(&self, items: &[Item]) {
        self.first.store(
            items.first().map_or(i64::MAX, |i| i.when),
            Ordering::Relaxed,
        );
    }
}

/// Marks a node on its way from one heap to another.
const MOVING: *mut Heap = ptr::without_provenance_mut(1);

/// Takes a timer out of its heap. `false`: it is in none, so it was never armed, or it has fired,
/// or its `fire` is about to be called.
pub(crate) fn remove(node: &TimerNode) -> bool {
    loop {
        let h = node.heap.load(Ordering::Acquire);
        if h.is_null() {
            return false;
        }
        if h == MOVING {
            // For a few instructions, unless the mover has lost its CPU.
            std::thread::yield_now();
            continue;
        }
        // SAFETY: a P's heap lives as long as the process, a bubble's as long as its clocks, one of which
        // the owner of the node keeps beside it.
        let heap = unsafe { &*h };
        let mut items = heap.items.lock();
        if node.heap.load(Ordering::Relaxed) != h {
            continue;
        }
        remove_at(&mut items, node.index.get());
        node.heap.store(ptr::null_mut(), Ordering::Release);
        heap.publish(&items);
        return true;
    }
}

fn set(items: &mut [Item], at: usize, item: Item) {
    items[at] = item;
    item.node().index.set(at);
}

fn sift_up(items: &mut [Item], mut at: usize) -> usize {
    let item = items[at];
    while at > 0 {
        let parent = (at - 1) / 4;
        if items[parent].when <= item.when {
            break;
        }
        let p = items[parent];
        set(items, at, p);
        at = parent;
    }
    set(items, at, item);
    at
}

fn sift_down(items: &mut [Item], mut at: usize) {
    let item = items[at];
    loop {
        let first = at * 4 + 1;
        if first >= items.len() {
            break;
        }
        let last = (first + 4).min(items.len());
        let mut least = first;
        for c in first + 1..last {
            if items[c].when < items[least].when {
                least = c;
            }
        }
        if items[least].when >= item.when {
            break;
        }
        let child = items[least];
        set(items, at, child);
        at = least;
    }
    set(items, at, item);
}

fn remove_at(items: &mut Vec<Item>, at: usize) {
    let last = items.pop().expect("the heap holds the item");
    if at < items.len() {
        items[at] = last;
        if sift_up(items, at) == at {
            sift_down(items, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe fn nothing(_: *const TimerNode, _: i64) {}

    fn insert(heap: &Heap, node: &TimerNode, when: i64) -> bool {
        // SAFETY: the tests' nodes outlive the heap's use of them, and are put in once.
        unsafe { heap.insert(node, when) }
    }

    #[test]
    fn comes_out_in_order_of_time_whatever_was_removed() {
        let heap = Heap::new();
        let nodes: Vec<_> = (0..500).map(|_| TimerNode::new(nothing)).collect();
        let mut seed = 12345u64;
        let mut whens = Vec::new();
        for n in &nodes {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1);
            let when = (seed >> 40) as i64;
            whens.push(when);
            insert(&heap, n, when);
        }
        let mut expected = Vec::new();
        for (i, n) in nodes.iter().enumerate() {
            if i % 3 == 0 {
                assert!(remove(n));
                assert!(!remove(n));
            } else {
                expected.push(whens[i]);
            }
        }
        expected.sort_unstable();
        assert_eq!(heap.first(), expected[0]);
        let other = Heap::new();
        other.take_all(&heap);
        assert_eq!(heap.first(), i64::MAX);
        let mut got = Vec::new();
        while let Some(due) = other.pop_due(i64::MAX - 1) {
            got.push(due.when);
        }
        assert_eq!(got, expected);
        assert_eq!(other.first(), i64::MAX);
    }

    #[test]
    fn nothing_is_due_early() {
        let heap = Heap::new();
        let n = TimerNode::new(nothing);
        assert!(insert(&heap, &n, 10));
        assert!(heap.pop_due(9).is_none());
        let due = Due { node: &n, when: 10 };
        assert_eq!(heap.pop_due(10), Some(due));
        assert_eq!(heap.len(), 0);
    }
}
