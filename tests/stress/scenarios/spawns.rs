//! Many goroutines, from everywhere.

use crate::cx::Cx;
use goroutines::sync::WaitGroup;
use goroutines::{Builder, go, runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Several goroutines start thousands that end at once; local queues overflow into the global one.
pub(crate) fn storm(cx: &Cx) {
    let n = cx.times(20_000);
    let done = Arc::new(AtomicUsize::new(0));
    let wg = WaitGroup::new();
    for _ in 0..4 {
        let done = done.clone();
        let all = wg.clone();
        wg.go(move || {
            for i in 0..n / 4 {
                let done = done.clone();
                all.go(move || {
                    done.fetch_add(1, Ordering::Relaxed);
                    if i % 7 == 0 {
                        runtime::gosched();
                    }
                });
            }
        });
    }
    wg.wait();
    assert_eq!(done.load(Ordering::Relaxed), n / 4 * 4);
}

/// A tree of goroutines, each of which joins its children.
pub(crate) fn tree(cx: &Cx) {
    fn node(depth: usize, fan: usize) -> usize {
        if depth == 0 {
            return 1;
        }
        let children: Vec<_> = (0..fan)
            .map(|_| goroutines::spawn(move || node(depth - 1, fan)))
            .collect();
        1 + children
            .into_iter()
            .map(|c| c.join().unwrap())
            .sum::<usize>()
    }
    for _ in 0..cx.times(3) {
        assert_eq!(node(6, 4), (4usize.pow(7) - 1) / 3);
    }
}

/// Plain threads, which have no P, start goroutines and wait for them.
pub(crate) fn from_threads(cx: &Cx) {
    let n = cx.times(2_000);
    let done = AtomicUsize::new(0);
    std::thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                let handles: Vec<_> = (0..n).map(|i| goroutines::spawn(move || i)).collect();
                for (i, h) in handles.into_iter().enumerate() {
                    assert_eq!(h.join().unwrap(), i);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(done.into_inner(), 4 * n);
}

/// Closures of many sizes and alignments, stacks of many classes.
pub(crate) fn sizes(cx: &Cx) {
    #[repr(align(512))]
    struct Aligned([u8; 700]);
    let sum = Arc::new(AtomicUsize::new(0));
    let wg = WaitGroup::new();
    let mut expected = 0;
    let mut rng = cx.rng(0);
    for i in 0..cx.times(400) {
        wg.add(1);
        let (sum, wg) = (sum.clone(), wg.clone());
        expected += i;
        match rng.below(4) {
            0 => {
                let big = [i; 4_000];
                go!(move || {
                    sum.fetch_add(big[i % 4_000], Ordering::Relaxed);
                    wg.done();
                });
            }
            1 => {
                let bigger = Box::new([i; 20_000]);
                let bigger = *bigger;
                go!(move || {
                    sum.fetch_add(bigger[19_999], Ordering::Relaxed);
                    wg.done();
                });
            }
            2 => {
                let aligned = Aligned([1; 700]);
                go!(move || {
                    assert_eq!((&raw const aligned).addr() % 512, 0);
                    sum.fetch_add(i * usize::from(aligned.0[699]), Ordering::Relaxed);
                    wg.done();
                });
            }
            _ => {
                let bytes = 64 << (10 + rng.below(8));
                Builder::new().stack_size(bytes).spawn(move || {
                    let page = [1u8; 20_000];
                    runtime::gosched();
                    sum.fetch_add(i * usize::from(page[i % 20_000]), Ordering::Relaxed);
                    wg.done();
                });
            }
        }
    }
    wg.wait();
    assert_eq!(sum.load(Ordering::Relaxed), expected);
}
