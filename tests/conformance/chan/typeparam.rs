//! After `test/typeparam/chans.go`: generic functions over channels.

use super::at_all_procs;
use goroutines::prelude::*;
use std::collections::BTreeSet;

/// Reads to the end.
fn read_all<T>(c: Receiver<T>) -> Vec<T> {
    c.into_iter().collect()
}

/// Both inputs, interleaved somehow.
fn merge<T: Send + 'static>(c1: Receiver<T>, c2: Receiver<T>) -> Receiver<T> {
    let (tx, rx) = chan::channel(0);
    go!({
        let (mut c1, mut c2) = (Some(c1), Some(c2));
        while c1.is_some() || c2.is_some() {
            select! {
                v = <-c1 => match v { Some(v) => tx.send(v), None => c1 = None },
                v = <-c2 => match v { Some(v) => tx.send(v), None => c2 = None },
            }
        }
    });
    rx
}

/// Those for which `f` holds.
fn filter<T: Send + 'static>(
    c: Receiver<T>,
    f: impl Fn(&T) -> bool + Send + 'static,
) -> Receiver<T> {
    let (tx, rx) = chan::channel(0);
    go!({
        for v in c {
            if f(&v) {
                tx.send(v);
            }
        }
    });
    rx
}

/// A sender whose values nobody wants.
fn sink<T: Send + 'static>() -> Sender<T> {
    let (tx, rx) = chan::channel(0);
    go!({
        for v in rx {
            drop(v);
        }
    });
    tx
}

fn source(values: std::ops::Range<i32>) -> Receiver<i32> {
    let (tx, rx) = chan::channel(0);
    go!({
        for v in values {
            tx.send(v);
        }
    });
    rx
}

#[test]
fn read_all_merge_filter_sink() {
    at_all_procs(|| {
        assert_eq!(read_all(source(0..10)), (0..10).collect::<Vec<_>>());
        let merged: BTreeSet<_> = read_all(merge(source(0..50), source(50..100)))
            .into_iter()
            .collect();
        assert_eq!(merged, (0..100).collect());
        assert_eq!(
            read_all(filter(source(0..10), |v| v % 2 == 0)),
            [0, 2, 4, 6, 8]
        );
        let s = sink();
        for v in 0..100 {
            s.send(v);
        }
    });
}

/// A value that one goroutine at a time has.
struct Exclusive<T>(Chan<T>);

impl<T> Exclusive<T> {
    fn new(value: T) -> Self {
        let c = make!(chan T, 1);
        c.send(value);
        Exclusive(c)
    }
    fn acquire(&self) -> T {
        self.0.recv().unwrap()
    }
    fn try_acquire(&self) -> Option<T> {
        select! { v = <-self.0 => v, default => None }
    }
    fn release(&self, value: T) {
        let fits = select! { self.0 <- value => true, default => false };
        assert!(fits, "released twice");
    }
}

#[test]
fn exclusive() {
    at_all_procs(|| {
        let value = Exclusive::new(0);
        scope(|s| {
            for _ in 0..10 {
                s.go(|| {
                    for _ in 0..100 {
                        let v = value.acquire();
                        runtime::gosched();
                        value.release(v + 1);
                    }
                });
            }
        });
        assert_eq!(value.try_acquire(), Some(1000));
        assert_eq!(value.try_acquire(), None);
        value.release(1);
        assert!(recover(|| value.release(1)).is_err());
    });
}

/// `Ranger`: a pair of ends where the sender learns that the receiver has gone. Go needs a finalizer
/// for that; here the end of the last receiver is known at once.
#[test]
fn ranger() {
    at_all_procs(|| {
        let (tx, rx) = chan::channel(0);
        let told = make!(chan bool);
        go!([told], {
            let mut sent = 0;
            while tx.checked_send(sent).is_ok() {
                sent += 1;
            }
            told.send(sent == 3);
        });
        assert_eq!(rx.iter().take(3).collect::<Vec<_>>(), [0, 1, 2]);
        drop(rx);
        assert_eq!(told.recv(), Some(true));
    });
}
