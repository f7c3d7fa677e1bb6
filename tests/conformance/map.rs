//! After Go's `sync/map_test.go`.

use goroutines::sync::Map;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use tests::gang;

/// `TestMapMatchesRWMutex`, `TestMapMatchesDeepCopy`: the same random calls give the same results as
/// on an ordinary map.
#[test]
fn matches_an_ordinary_map() {
    for seed in 0..50_u64 {
        let mut random = seed;
        let mut next = |n: u64| {
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (random >> 33) % n
        };
        let (map, mut model) = (Map::new(), HashMap::new());
        for _ in 0..300 {
            let (key, value, old) = (next(8), next(4), next(4));
            match next(9) {
                0 => assert_eq!(map.load(&key), model.get(&key).copied()),
                1 => {
                    map.store(key, value);
                    model.insert(key, value);
                }
                2 => {
                    let loaded = model.contains_key(&key);
                    let found = *model.entry(key).or_insert(value);
                    assert_eq!(map.load_or_store(key, value), (found, loaded));
                }
                3 => assert_eq!(map.load_and_delete(&key), model.remove(&key)),
                4 => {
                    map.delete(&key);
                    model.remove(&key);
                }
                5 => assert_eq!(map.swap(key, value), model.insert(key, value)),
                6 => {
                    let same = model.get(&key) == Some(&old);
                    assert_eq!(map.compare_and_swap(&key, &old, value), same);
                    if same {
                        model.insert(key, value);
                    }
                }
                7 => {
                    let same = model.get(&key) == Some(&old);
                    assert_eq!(map.compare_and_delete(&key, &old), same);
                    if same {
                        model.remove(&key);
                    }
                }
                _ if next(20) == 0 => {
                    map.clear();
                    model.clear();
                }
                _ => {
                    let mut all = HashMap::new();
                    map.range(|key, value| all.insert(*key, *value).is_none());
                    assert_eq!(all, model);
                }
            }
        }
    }
}

/// `TestConcurrentRange`: no key comes twice, and all that stay are seen, while others store.
#[test]
fn range_while_others_store() {
    const KEYS: usize = 512;
    let (map, stop) = (Map::new(), AtomicBool::new(false));
    (0..KEYS).for_each(|k| map.store(k, k));
    gang(3, |i| {
        if i == 0 {
            for _ in 0..50 {
                let mut seen = vec![false; KEYS];
                map.range(|k, v| {
                    assert_eq!(v % KEYS, *k, "a value of another key");
                    assert!(!std::mem::replace(&mut seen[*k], true), "{k} twice");
                    true
                });
                assert!(seen.iter().all(|s| *s), "a key was missed");
            }
            stop.store(true, SeqCst);
        }
        while !stop.load(SeqCst) {
            (0..KEYS).for_each(|k| map.store(k, k + i * KEYS));
        }
    });
}

/// `TestMapRangeNestedCall`, `TestMapRangeNoAllocations` (its calls): the map may be used and emptied
/// from inside `range`, and `range` stops when told.
#[test]
fn range_may_use_the_map() {
    let map = Map::new();
    (0..20).for_each(|k| map.store(k, "old"));
    map.range(|k, _| {
        map.range(|k2, _| {
            if map.load_or_store(*k2, "new").1 {
                map.delete(k2);
            }
            true
        });
        map.store(*k + 100, "more");
        true
    });
    (0..20).for_each(|k| assert_eq!(map.load(&k), None));
    let mut calls = 0;
    map.range(|_, _| {
        calls += 1;
        false
    });
    assert_eq!(calls, 1);
}

/// `TestCompareAndSwap_NonExistingKey`.
#[test]
fn no_value_equals_nothing() {
    let map = Map::<Arc<str>, Option<u8>>::new();
    assert!(!map.compare_and_swap("key", &None, Some(1)));
    assert!(!map.compare_and_delete("key", &None));
    assert_eq!(map.load("key"), None);
}

/// `TestConcurrentCache...`: of many who store first, one wins and all get its value.
#[test]
fn one_store_wins() {
    for _ in 0..100 {
        let (map, winners) = (Map::new(), AtomicUsize::new(0));
        gang(4, |i| {
            let (value, loaded) = map.load_or_store("key", i);
            winners.fetch_add(usize::from(!loaded), SeqCst);
            assert_eq!(map.load("key"), Some(value));
        });
        assert_eq!(winners.load(SeqCst), 1);
    }
}

/// `TestMapClear`, and what Go leaves to its collector: what is removed or replaced is dropped
/// before the call returns.
#[test]
fn values_are_dropped_at_once() {
    let (map, value) = (Map::new(), Arc::new(()));
    let held = || Arc::strong_count(&value) - 1;
    (0..10).for_each(|k| map.store(k, value.clone()));
    assert_eq!(held(), 10);
    map.delete(&0);
    drop(map.load_and_delete(&1));
    assert!(map.compare_and_delete(&2, &value));
    assert_eq!(held(), 7);
    map.store(3, value.clone());
    assert!(map.compare_and_swap(&4, &value, value.clone()));
    assert!(!map.compare_and_swap(&0, &value, value.clone()));
    assert_eq!(held(), 7);
    map.clear();
    assert_eq!(held(), 0);
    map.store(1, value.clone());
    drop(map);
    assert_eq!(Arc::strong_count(&value), 1);
}
