//! What is in a channel's buffer when the last receiver goes is dropped, with nothing locked; so is what
//! is sent afterwards while there is room.

use goroutines::chan::{Select, SendError, SendTimeoutError, TrySendError};
use goroutines::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// Counts its drops, and does something else then.
struct OnDrop<F: FnMut()>(Arc<AtomicUsize>, F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        (self.1)();
    }
}

fn counted(drops: &Arc<AtomicUsize>) -> OnDrop<fn()> {
    OnDrop(drops.clone(), || ())
}

/// The asker's sender lies in the queue of a server that ends.
#[goroutine]
#[test]
fn an_asker_hears_that_the_server_has_gone() {
    let (ask, asked) = chan::channel::<Sender<u32>>(1);
    let (reply, answer) = chan::channel(1);
    ask.send(reply);
    drop(asked);
    assert_eq!(answer.recv(), None);
}

#[goroutine]
#[test]
fn what_is_buffered_is_dropped_oldest_first_and_once() {
    let (order_tx, order) = chan::channel(8);
    let (tx, rx) = chan::channel(4);
    let drops = Arc::new(AtomicUsize::new(0));
    let numbered = |i| {
        let order = order_tx.clone();
        OnDrop(drops.clone(), move || order.send(i))
    };
    // The ring is full and its oldest value is not in its first slot.
    (0..4).for_each(|i| tx.send(numbered(i)));
    drop((rx.recv(), rx.recv()));
    (4..6).for_each(|i| tx.send(numbered(i)));
    assert_eq!(order.try_iter().collect::<Vec<_>>(), [0, 1]);
    drop(rx);
    assert_eq!(order.try_iter().collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert!(tx.is_empty());
    drop(tx);
    assert_eq!(drops.load(SeqCst), 6);
}

#[goroutine]
#[test]
fn a_send_that_finds_room_drops_its_value_and_succeeds() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = chan::channel(6);
    tx.send(counted(&drops));
    drop(rx);
    assert_eq!(drops.load(SeqCst), 1);
    tx.send(counted(&drops));
    assert_eq!(drops.load(SeqCst), 2);
    select! { tx <- counted(&drops) => {} }
    assert_eq!(drops.load(SeqCst), 3);
    let mut slot = Some(counted(&drops));
    select! { tx <- move slot => {}, default => unreachable!() }
    assert!(slot.is_none());
    assert_eq!(drops.load(SeqCst), 4);
    let mut sel = Select::new();
    let arm = sel.send(&tx, counted(&drops));
    assert_eq!(sel.wait(), arm);
    assert_eq!(drops.load(SeqCst), 5);
    assert_eq!(sel.try_wait(), None);
    drop(sel);
    // These say so instead, and give the value back.
    assert!(matches!(
        tx.checked_send(counted(&drops)),
        Err(SendError::NoReceivers(_))
    ));
    assert!(matches!(
        tx.try_send(counted(&drops)),
        Err(TrySendError::NoReceivers(_))
    ));
    assert!(matches!(
        tx.send_timeout(counted(&drops), Duration::ZERO),
        Err(SendTimeoutError::NoReceivers(_))
    ));
    assert_eq!(drops.load(SeqCst), 8);
    // The last room; then a send can never finish.
    tx.send(counted(&drops));
    let value = counted(&drops);
    let ended = spawn(move || tx.send(value)).join().unwrap_err();
    assert!(ended.is::<runtime::Goexit>());
    assert_eq!(drops.load(SeqCst), 10);
}

#[goroutine]
#[test]
fn closing_an_abandoned_channel_is_as_closing_any() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = chan::channel(2);
    tx.send(counted(&drops));
    tx.close();
    drop(rx);
    assert_eq!(drops.load(SeqCst), 1);
    assert!(recover(|| tx.send(counted(&drops))).is_err());
    assert!(recover(|| tx.close()).is_err());
    let (tx, rx) = chan::channel(2);
    tx.send(counted(&drops));
    drop(rx);
    tx.close();
    assert!(matches!(
        tx.checked_send(counted(&drops)),
        Err(SendError::Closed(_))
    ));
    drop(tx);
    assert_eq!(drops.load(SeqCst), 4);
}

/// A panic in one drop keeps neither the other values nor the channel.
#[goroutine]
#[test]
fn a_drop_that_panics() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = chan::channel(3);
    for i in 0..3 {
        let panics = move || assert!(i != 1, "in a drop");
        tx.send(OnDrop(drops.clone(), panics));
    }
    let told = catch_unwind(AssertUnwindSafe(|| drop(rx))).unwrap_err();
    assert_eq!(goroutines::Panic::from(told).message(), "in a drop");
    assert_eq!(drops.load(SeqCst), 3);
    tx.close();
    drop(tx);
    assert_eq!(drops.load(SeqCst), 3);
}

/// Values that use, or keep, the channel that they lie in.
#[goroutine]
#[test]
fn a_drop_that_uses_the_channel() {
    let drops = Arc::new(AtomicUsize::new(0));
    type Value = OnDrop<Box<dyn FnMut() + Send>>;
    let (tx, rx) = chan::channel::<Value>(3);
    let nothing = || OnDrop(Arc::new(AtomicUsize::new(0)), Box::new(|| ()) as _);
    for _ in 0..2 {
        let own = tx.clone();
        let mut again = Some(nothing());
        let uses = move || {
            assert_eq!(own.len(), 0);
            assert!(matches!(
                own.checked_send(again.take().unwrap()),
                Err(SendError::NoReceivers(_))
            ));
            runtime::gosched();
        };
        tx.send(OnDrop(drops.clone(), Box::new(uses)));
    }
    drop(tx); // the values hold the only senders
    drop(rx);
    assert_eq!(drops.load(SeqCst), 2);
}

/// Senders and the last receiver at once: every value is dropped exactly once, and no sender hangs.
#[goroutine]
#[test]
fn senders_and_the_last_receiver_at_once() {
    for round in 0..300 {
        let drops = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = chan::channel(round % 4);
        let senders: Vec<_> = (0..4)
            .map(|_| {
                let (tx, drops) = (tx.clone(), drops.clone());
                spawn(move || (0..4).for_each(|_| tx.send(counted(&drops))))
            })
            .collect();
        let selecting = spawn({
            let (tx, drops) = (tx.clone(), drops.clone());
            move || select! { tx <- counted(&drops) => {} }
        });
        drop(tx);
        drop(rx.recv());
        drop(rx);
        let sent: usize = senders
            .into_iter()
            .map(|s| s.join().map_or(0, |()| 1))
            .sum();
        let _ = selecting.join();
        let dropped = drops.load(SeqCst);
        assert!((5..=17).contains(&dropped), "{sent} {dropped}");
    }
}
