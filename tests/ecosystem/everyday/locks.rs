//! Locks, channels, maps and thread pools that are made for threads. They block the thread, so nothing of theirs
//! is held over a call that suspends.

use ecosystem::everywhere;
use goroutines::runtime::gosched;
use rayon::prelude::*;
use std::sync::Arc;

#[test]
fn parking_lot() {
    everywhere(200, |_| {
        let total = Arc::new(parking_lot::Mutex::new(0));
        let shared = Arc::new(parking_lot::RwLock::new(1));
        goroutines::scope(|s| {
            for _ in 0..4 {
                s.go(|| {
                    // ANCHOR: parking_lot
                    for _ in 0..10 {
                        *total.lock() += *shared.read();
                        gosched();
                    }
                    // ANCHOR_END: parking_lot
                });
            }
        });
        *shared.write() += 1;
        assert_eq!((*total.lock(), *shared.read()), (40, 2));
    });
}

#[test]
fn dashmap() {
    let map = dashmap::DashMap::new();
    everywhere(500, |i| {
        map.insert(i, 0);
        gosched();
        *map.get_mut(&i).unwrap() += i;
        gosched();
        assert_eq!(map.remove(&i), Some((i, i)));
    });
    assert!(map.is_empty());
}

/// Between threads and goroutines: a full channel blocks a thread, so a goroutine asks first.
#[test]
fn crossbeam_channel() {
    everywhere(100, |i| {
        let (tx, rx) = crossbeam_channel::bounded(4);
        let thread = (i % 10 == 0).then(|| {
            let tx = tx.clone();
            std::thread::spawn(move || (0..100).for_each(|n| tx.send(n).unwrap()))
        });
        let mut sum = 0;
        let count = 100 * usize::from(thread.is_some()) + 4;
        (0..4).for_each(|_| {
            while tx.try_send(0).is_err() {
                sum += rx.recv().unwrap()
            }
        });
        drop(tx);
        // ANCHOR: crossbeam-channel
        sum += goroutines::runtime::blocking(|| rx.iter().sum::<i32>());
        // ANCHOR_END: crossbeam-channel
        assert_eq!(sum, if count > 4 { 4_950 } else { 0 });
        if let Some(thread) = thread {
            thread.join().unwrap();
        }
    });
}

/// Its asynchronous ends suspend a goroutine only.
#[test]
fn flume() {
    everywhere(200, |_| {
        let (tx, rx) = flume::bounded(1);
        // ANCHOR: flume
        goroutines::scope(|s| {
            s.go(move || {
                for n in 0..50 {
                    goroutines::block_on(tx.send_async(n)).unwrap();
                }
            });
            let mut sum = 0;
            while let Ok(n) = goroutines::block_on(rx.recv_async()) {
                sum += n;
            }
            assert_eq!(sum, 1_225);
        });
        // ANCHOR_END: flume
    });
}

#[test]
fn kanal() {
    everywhere(200, |_| {
        // ANCHOR: kanal
        let (tx, rx) = kanal::bounded_async(1);
        goroutines::scope(|s| {
            s.go(move || {
                for n in 0..50 {
                    goroutines::block_on(tx.send(n)).unwrap();
                }
            });
            let mut sum = 0;
            while let Ok(n) = goroutines::block_on(rx.recv()) {
                sum += n;
            }
            assert_eq!(sum, 1_225);
        });
        // ANCHOR_END: kanal
    });
}

/// Both ways: goroutines hand work to the pool, and its threads talk to goroutines.
#[test]
fn rayon() {
    everywhere(50, |i| {
        let sum: usize = (0..1_000usize).into_par_iter().map(|n| n + i).sum();
        assert_eq!(sum, 499_500 + 1_000 * i);
        gosched();
        let mut list: Vec<usize> = (0..500).rev().collect();
        list.par_sort_unstable();
        assert!(list.is_sorted());
        let (tx, rx) = goroutines::chan::channel(500);
        rayon::spawn(move || (0..500usize).into_par_iter().for_each(|n| tx.send(n)));
        assert_eq!(rx.iter().sum::<usize>(), 124_750);
    });
}
