//! Stacks that grow.

use goroutines::prelude::*;
#[cfg(target_os = "linux")]
use std::time::Duration;
use tests::at_procs;

#[goroutine]
fn recurse(n: usize) -> usize {
    let frame = [n as u8; 100];
    if n == 0 {
        runtime::gosched();
        return 0;
    }
    let below = recurse(n - 1);
    assert_eq!(std::hint::black_box(&frame)[n % 100], n as u8);
    below + 1
}

/// `TestStackGrowth`: deep recursion in a goroutine, in one bound to its thread, in many at once, and
/// again in the same one; each time far beyond the first stack.
#[test]
fn stack_growth() {
    const DEEP: usize = 20_000;
    at_procs(&[1, 4], || {
        assert_eq!(spawn(|| recurse(DEEP)).join().unwrap(), DEEP);
        let locked = spawn(|| {
            runtime::lock_os_thread();
            let n = recurse(DEEP);
            runtime::unlock_os_thread();
            n
        });
        assert_eq!(locked.join().unwrap(), DEEP);
        let many: Vec<_> = (0..20).map(|i| spawn(move || recurse(100 * i))).collect();
        for (i, h) in many.into_iter().enumerate() {
            assert_eq!(h.join().unwrap(), 100 * i);
        }
        let again = spawn(|| (0..3).map(|_| recurse(DEEP)).sum::<usize>());
        assert_eq!(again.join().unwrap(), 3 * DEEP);
    });
}

/// `TestStackPanic`: a panic unwinds through all segments, and is recovered at the top; values on them
/// are dropped.
#[test]
fn a_panic_on_a_grown_stack() {
    struct Count<'a>(&'a std::cell::Cell<usize>);
    impl Drop for Count<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    #[goroutine]
    fn fall(n: usize, dropped: &std::cell::Cell<usize>) {
        let _count = Count(dropped);
        let frame = [0u8; 100];
        std::hint::black_box(&frame);
        assert!(n > 0, "the bottom");
        fall(n - 1, dropped);
    }
    at_procs(&[2], || {
        for _ in 0..3 {
            let dropped = std::cell::Cell::new(0);
            let caught = recover(|| fall(5_000, &dropped)).unwrap_err();
            assert_eq!(caught.message(), "the bottom");
            assert_eq!(dropped.get(), 5_001);
        }
    });
}

/// A goroutine that was deep once does not keep the memory while it goes on: `shrinkstack`, though
/// nothing is copied here.
#[cfg(target_os = "linux")]
#[test]
fn a_stack_shrinks() {
    #[goroutine]
    fn touch(n: usize) -> usize {
        let frame = std::hint::black_box([n as u8; 1_000]);
        let at_the_bottom = if n == 0 { resident() } else { touch(n - 1) };
        assert_eq!(std::hint::black_box(&frame)[n % 1_000], n as u8);
        at_the_bottom
    }
    at_procs(&[1], || {
        let before = resident();
        // 100 MB at least; and then it goes on, high up.
        let most = touch(100_000);
        assert!(most > before + 90_000);
        tests::eventually("the memory goes back", || {
            goroutines::time::sleep(Duration::from_millis(20));
            resident() < before + (most - before) / 3
        });
    });
}

/// Resident memory of the process, in KiB.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let number = line.and_then(|l| l.split_whitespace().next());
    number.and_then(|n| n.parse().ok()).expect("a number")
}
