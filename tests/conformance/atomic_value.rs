//! After Go's `sync/atomic/value_test.go`. That a `Value` holds one type, and not nil, is checked by
//! the compiler.

use goroutines::sync::atomic::{AtomicUsize, Ordering::SeqCst, Value};
use std::sync::Arc;
use tests::gang;

/// `TestValue`.
#[test]
fn load_and_store() {
    let v = Value::new();
    assert_eq!(v.load(), None);
    for n in [42, 84] {
        v.store(n);
        assert_eq!((v.load(), v.load()), (Some(n), Some(n)));
    }
}

/// `TestValueConcurrent`: whoever loads gets a value that was stored, whole.
#[test]
fn values_are_never_torn() {
    let v = Value::new();
    v.store([0_u64; 16]);
    gang(4, |i| {
        for n in 0..2000 {
            if i < 2 {
                v.store([n; 16]);
            }
            let seen = v.load().unwrap();
            assert!(seen.iter().all(|n| *n == seen[0]), "{seen:?}");
        }
    });
}

/// `TestValue_SwapConcurrent`: every value that is swapped in comes out once.
#[test]
fn swapped_values_come_out_once() {
    let (v, sum) = (Value::new(), AtomicUsize::new(0));
    gang(4, |i| {
        for n in 0..1000 {
            let old = v.swap(i * 1000 + n);
            sum.fetch_add(old.unwrap_or(0), SeqCst);
        }
    });
    let all = sum.into_inner() + v.load().unwrap();
    assert_eq!(all, (0..4000).sum::<usize>());
}

/// `TestValue_CompareAndSwap`, `TestValueCompareAndSwapConcurrent`.
#[test]
fn compare_and_swap() {
    let v = Value::new();
    assert!(!v.compare_and_swap(Some(&0), 1) && v.load().is_none());
    assert!(v.compare_and_swap(None, 0));
    gang(4, |_| {
        for _ in 0..500 {
            let now = v.load().unwrap();
            v.compare_and_swap(Some(&now), now + 1);
        }
    });
    let before = v.load().unwrap();
    assert!(before >= 500, "lost swaps: {before}");
    assert!(!v.compare_and_swap(Some(&(before + 1)), 0));
    assert_eq!(v.load(), Some(before));
}

/// What is replaced, or not taken, is dropped at once.
#[test]
fn old_values_are_dropped() {
    let (v, value) = (Value::new(), Arc::new(1));
    v.store(value.clone());
    v.store(Arc::new(2));
    assert!(!v.compare_and_swap(None, value.clone()));
    assert_eq!(Arc::strong_count(&value), 1);
}
