//! Stacks that grow, and looks at them from outside.

use crate::cx::Cx;
use goroutines::sync::WaitGroup;
use goroutines::{Builder, Chan, runtime, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Recursion far beyond the first segment, suspending at the bottom and on the way.
pub(crate) fn grow(cx: &Cx) {
    #[goroutines::goroutine]
    fn deep(n: usize, c: &Chan<usize>) -> usize {
        let frame = [n; 64];
        if n == 0 {
            c.send(1);
            return 0;
        }
        if n.is_multiple_of(97) {
            runtime::gosched();
        }
        let below = deep(n - 1, c);
        assert!(std::hint::black_box(&frame).iter().all(|&x| x == n));
        below + 1
    }
    let wg = WaitGroup::new();
    let c = Chan::<usize>::new(0);
    let n = cx.times(12);
    for i in 0..n {
        let (c, depth) = (c.clone(), 300 + cx.rng(i).below(2_000));
        wg.go(move || {
            for _ in 0..3 {
                assert_eq!(deep(depth, &c), depth);
            }
        });
    }
    (0..3 * n).for_each(|_| assert_eq!(c.recv(), Some(1)));
    wg.wait();
}

/// Goroutines that were deep wait for about as long as it takes until their stacks are trimmed from outside, and are
/// woken just then.
pub(crate) fn trimmed(cx: &Cx) {
    /// A plain function, so that it stays on one stack.
    fn deep(n: usize) -> usize {
        let frame = std::hint::black_box([n; 64]);
        let below = if n == 0 { 0 } else { deep(n - 1) + 1 };
        assert!(std::hint::black_box(&frame).iter().all(|&x| x == n));
        below
    }
    // With room, however many others there are.
    let roomy = || Builder::new().stack_size(4 << 20);
    let mut all = Vec::new();
    for i in 0..16 {
        let mut rng = cx.rng(i);
        let rounds = cx.times(2);
        all.push(roomy().spawn(move || {
            let near = std::hint::black_box([i; 64]);
            for _ in 0..rounds {
                assert_eq!(deep(1_500), 1_500);
                time::sleep(Duration::from_millis(1_000 + rng.below(250) as u64));
                assert_eq!(std::hint::black_box(near), [i; 64]);
            }
        }));
    }
    for one in all {
        one.join().expect("no panic");
    }
}

/// Dumps and metrics while goroutines are born, grow, block and die.
pub(crate) fn dumps(cx: &Cx) {
    #[goroutines::goroutine]
    fn deep(n: usize, c: &Chan<usize>) {
        let frame = [0x4141_4141_4141_4141usize; 64];
        match n {
            0 => c.send(n),
            _ => deep(n - 1, c),
        }
        std::hint::black_box(&frame);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (wg, drained) = (WaitGroup::new(), WaitGroup::new());
    let bottom = Chan::<usize>::new(0);
    // So many at once: where other programs have the machine, more would start than end, and each dump be longer.
    let places = Chan::<()>::new(500);
    for i in 0..4 {
        let (stop, all, c) = (stop.clone(), wg.clone(), bottom.clone());
        let places = places.clone();
        let mut rng = cx.rng(i);
        wg.go(move || {
            while !stop.load(Ordering::Relaxed) {
                let (bottom, depth) = (c.clone(), rng.below(2_000));
                let places = places.clone();
                places.send(());
                all.go(move || {
                    deep(depth, &bottom);
                    places.recv();
                });
                c.send(0);
            }
        });
    }
    drained.go({
        let c = bottom.clone();
        move || for _ in &c {}
    });
    for _ in 0..cx.times(40) {
        let text = runtime::stack_all();
        let mut heads = text.lines().filter(|l| l.starts_with("goroutine "));
        for line in &mut heads {
            let id = line.split(' ').nth(1).and_then(|id| id.parse::<u64>().ok());
            assert!(id.is_some_and(|id| id < 1 << 32), "not a goroutine: {line}");
        }
        let m = runtime::metrics();
        let states = m.runnable + m.running + m.waiting + m.not_in_go;
        assert!(states <= m.goroutines_created, "{m:?}");
        runtime::gosched();
    }
    stop.store(true, Ordering::Relaxed);
    wg.wait();
    bottom.close();
    drained.wait();
}
