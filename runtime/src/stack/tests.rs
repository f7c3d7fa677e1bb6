//! Tests of the slots and of their words.

use super::ahead;
use super::arena::*;
use super::bounds;
use super::cache::Cache;
use super::central::{central, reclaim};
use super::live::for_each_live;
use super::word::{Ended, SlotWord, THREAD_IDS, Ticket};
use crate::sys::inject::in_child;
use crate::sys::mem;
use crate::{Builder, runtime};

#[test]
fn a_wait_is_ended_once() {
    let w = SlotWord::new();
    w.set_live();
    let t = w.open(THREAD_IDS + 7);
    assert_eq!(t.id(), THREAD_IDS + 7);
    assert!(w.park(t));
    assert_eq!(w.end(t), Ended::Parked);
    assert_eq!(w.end(t), Ended::TooLate);
    let t2 = w.open(THREAD_IDS + 7);
    assert_eq!(
        w.end(t),
        Ended::TooLate,
        "an old ticket never ends a new wait"
    );
    assert_eq!(w.end(t2), Ended::BeforePark);
    assert!(!w.park(t2), "ended before the park");
}

#[test]
fn tickets_survive_recycling() {
    let w = SlotWord::new();
    w.set_live();
    let old = w.open(70_000);
    w.set_free(123);
    assert_eq!(w.link(), 123);
    assert_eq!(w.end(old), Ended::TooLate);
    w.set_live();
    let new = w.open(70_000);
    assert_ne!(old, new);
    assert_eq!(w.end(old), Ended::TooLate);
    assert_eq!(Ticket::from_bits(new.to_bits()), new);
}

#[test]
fn classes_are_powers_of_two() {
    if mem::page_size() <= 16 << 10 {
        assert_eq!(class_for(1), Some(0));
        assert_eq!(class_for(64 << 10), Some(0));
        assert_eq!(class_for((64 << 10) + 1), Some(1));
    }
    assert_eq!(class_for(256 << 10), Some(DEFAULT_CLASS));
    assert_eq!(class_for(512 << 20), Some(13));
    assert_eq!(class_for((512 << 20) + 1), None);
}

#[test]
fn an_address_tells_its_slot() {
    init().unwrap();
    for class in [0, 2, 8, 9, 10] {
        let cache = Cache::default();
        let id = cache.take(class).unwrap();
        let base = slot_base(id);
        assert_eq!(base % size_of_class(class), 0, "aligned to its size");
        for addr in [base, base + 12345, base + size_of_class(class) - 1] {
            assert_eq!(slot_at(addr), Some((id, class)));
        }
        let seen = || {
            let mut seen = false;
            for_each_live(|i, c| seen |= (i, c) == (id, class));
            seen
        };
        assert!(!seen(), "nobody has moved in");
        word(id).set_live();
        assert!(seen());
        // SAFETY: taken before, and not used.
        unsafe { cache.put(class, id) };
        cache.flush(class);
    }
    assert_eq!(slot_at(8), None);
}

#[test]
fn slots_are_distinct_recycled_last_in_first_out_and_writable() {
    init().unwrap();
    let cache = Cache::default();
    let ids: Vec<_> = (0..1000).map(|_| cache.take(1).unwrap()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), 1000);
    for &id in &ids {
        let top = (slot_base(id) + size_of_class(1) - 8) as *mut u64;
        // SAFETY: the top word of a slot that we hold.
        unsafe { top.write(u64::from(id)) };
    }
    for &id in &ids {
        // SAFETY: taken before, and not used.
        unsafe { cache.put(1, id) };
    }
    assert_eq!(cache.take(1).unwrap(), ids[999]);
    // SAFETY: taken before, and not used.
    unsafe { cache.put(1, ids[999]) };
    cache.flush(1);
}

#[test]
fn the_chunks_of_a_large_slot_serve_again() {
    init().unwrap();
    let class = class_for(64 << 20).unwrap();
    let made = || central().made();
    let use_one = || {
        let cache = Cache::default();
        let id = cache.take(class).unwrap();
        // SAFETY: taken before, and not used.
        unsafe { cache.put(class, id) };
        cache.flush(class);
        assert!(reclaim(i64::MAX) >= 64 << 20);
    };
    use_one();
    let before = made();
    (0..50).for_each(|_| use_one());
    // Other tests take chunks meanwhile, but not as many as fifty such slots.
    assert!(made() < before + 100, "{before} -> {}", made());
}

#[test]
fn a_wholly_free_chunk_goes_back_and_reads_as_zero() {
    init().unwrap();
    let class = 3;
    let cache = Cache::default();
    let id = cache.take(class).unwrap();
    let top = (slot_base(id) + size_of_class(class) - 8) as *mut u64;
    // SAFETY: the top word of a slot that we hold.
    unsafe { top.write(7) };
    // SAFETY: taken before, and not used.
    unsafe { cache.put(class, id) };
    cache.flush(class);
    assert!(reclaim(i64::MAX) >= CHUNK);
    let again: Vec<_> = (0..64).map(|_| cache.take(class).unwrap()).collect();
    for id in again {
        let top = (slot_base(id) + size_of_class(class) - 8) as *mut u64;
        // SAFETY: as above.
        assert_eq!(unsafe { top.read() }, 0);
        // SAFETY: taken before, and not used.
        unsafe { cache.put(class, id) };
    }
    cache.flush(class);
}

/// While slots are taken fast a few chunks are made ahead, whose slots' tops have their pages already.
#[test]
fn a_burst_has_chunks_made_ahead() {
    let child = in_child("stack::tests::a_burst_has_chunks_made_ahead", "", |_| {
        init().unwrap();
        ahead::have_helper(|| ());
        let (cache, class) = (Cache::default(), 3);
        // (Whether it is fast depends on the machine: some time it will be.)
        let mut ids = Vec::new();
        let mut helper = ahead::Helper::default();
        while !helper.is_wanted() {
            ids.push(cache.take(class).unwrap());
        }
        while helper.is_wanted() {
            helper.work(|| false);
        }
        assert!(!central().has_few(class));
        let id = central().grab(class);
        assert!(!ids.contains(&id));
        let top = slot_base(id) + size_of_class(class) - size_of::<u64>();
        assert!(mem::is_resident(top));
        assert!(!mem::is_resident(top - mem::page_size()));
        // SAFETY: the top word of a slot that we hold.
        assert_eq!(unsafe { (top as *const u64).read() }, 0);
        // One whose helper is needed elsewhere is made, but not touched.
        ids.extend((0..3 * CHUNK / size_of_class(class)).map(|_| cache.take(class).unwrap()));
        assert!(central().has_few(class));
        ahead::ask(class);
        helper.work(|| true);
        let id = central().grab(class);
        let top = slot_base(id) + size_of_class(class) - size_of::<u64>();
        assert!(!ids.contains(&id) && !mem::is_resident(top));
    });
    if let Some(child) = child {
        let text = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "{text}");
    }
}

/// Slots, guards, deep stacks and what gives them back, with pages as they are elsewhere.
#[test]
fn pages_may_be_larger() {
    #[inline(never)]
    fn deep(n: usize) -> usize {
        let frame = std::hint::black_box([n; 512]);
        if n == 0 {
            frame[511]
        } else {
            deep(n - 1) + frame[n % 512] - n + 1
        }
    }
    for size in ["16384", "65536"] {
        let child = in_child("stack::tests::pages_may_be_larger", size, |size| {
            mem::pretend_pages_of(size.parse().unwrap());
            for _ in 0..16 {
                // Whatever lies there already: never unmapped, so each lies elsewhere.
                assert_eq!(mem::map_lazy(4096).unwrap() % mem::page_size(), 0);
            }
            init().unwrap();
            for bytes in [1, 64 << 10, 100 << 10, 256 << 10, 2 << 20, 64 << 20] {
                let class = class_for(bytes).unwrap();
                let (size, guard) = (
                    size_of_class(class),
                    bounds::guard_len(size_of_class(class)),
                );
                assert_eq!(guard % mem::page_size(), 0);
                assert!(guard <= size / 4);
                let cache = Cache::default();
                let id = cache.take(class).unwrap();
                // SAFETY: the lowest word of a slot that we hold, above its guard.
                unsafe { ((slot_base(id) + guard) as *mut usize).write(1) };
                // SAFETY: taken before, and not used.
                unsafe { cache.put(class, id) };
                cache.flush(class);
            }
            runtime::run(|| {
                for _ in 0..3 {
                    let on = |bytes: usize, depth| {
                        let builder = Builder::new().stack_size(bytes);
                        let g = builder.spawn(move || deep(depth));
                        assert_eq!(g.join().unwrap(), depth);
                    };
                    on(1, 1);
                    on(64 << 10, 2);
                    on(256 << 10, 20);
                    on(4 << 20, 250);
                }
            });
            reclaim(i64::MAX);
        });
        if let Some(child) = child {
            let text = String::from_utf8_lossy(&child.stderr);
            assert!(child.status.success(), "{size}: {text}");
        }
    }
}
