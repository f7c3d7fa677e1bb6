//! Tests of the channel from plain threads: ownership of values, ends of channels, select.
//! (Behaviours of Go's own tests are in the conformance tests.)

mod select;

use super::handles::{Handles, RECEIVER, Released, SENDER};
use super::private::{recv_case, try_select};
use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake};
use std::thread;

/// Waits until `n` sudogs are queued for `op`: the other threads wait now.
fn until_waiting<T, D: Direction>(ch: &Chan<T, D>, op: hchan::Op, n: u64) {
    let chan = ch.raw().unwrap();
    while chan.lock().locked().queue(op).waiting() != n {
        thread::yield_now();
    }
}
use hchan::Op::{Recv, Send};

fn message(result: thread::Result<()>) -> String {
    let panic = result.expect_err("should panic");
    panic
        .downcast_ref::<&str>()
        .map(|s| s.to_string())
        .unwrap_or_else(|| *panic.downcast().unwrap())
}

/// A value that counts how many of it are alive.
struct Counted(Arc<AtomicUsize>);
impl Counted {
    fn new(alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, SeqCst);
        Counted(alive.clone())
    }
}
impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn buffered_values_keep_their_order_around_the_ring() {
    let ch = Chan::new(3);
    for i in 0..10 {
        ch.send(i);
        ch.send(i + 100);
        assert_eq!(ch.len(), 2);
        assert_eq!((ch.recv(), ch.recv()), (Some(i), Some(i + 100)));
    }
    assert!(ch.is_empty() && !ch.is_full());
}

#[test]
fn unbuffered_hand_off_both_ways() {
    let (tx, rx) = channel::<String>(0);
    let (back_tx, back_rx) = channel::<String>(0);
    let echo = thread::spawn(move || {
        for s in rx {
            back_tx.send(s + "!");
        }
    });
    for i in 0..200 {
        tx.send(i.to_string());
        assert_eq!(back_rx.recv(), Some(format!("{i}!")));
    }
    drop(tx);
    assert_eq!(back_rx.recv(), None);
    echo.join().unwrap();
}

#[test]
fn a_receive_from_a_full_buffer_pulls_the_waiting_sender_in() {
    let ch = Chan::new(2);
    ch.send(1);
    ch.send(2);
    let tx = ch.sender();
    let sender = thread::spawn(move || tx.send(3));
    until_waiting(&ch, Send, 1);
    assert_eq!(ch.recv(), Some(1));
    sender.join().unwrap();
    assert_eq!(ch.len(), 2);
    assert_eq!((ch.recv(), ch.recv()), (Some(2), Some(3)));
}

#[test]
fn waiting_senders_are_served_in_order() {
    let ch = Chan::new(0);
    let mut senders = Vec::new();
    for i in 0..5 {
        let tx = ch.sender();
        senders.push(thread::spawn(move || tx.send(i)));
        until_waiting(&ch, Send, i + 1);
    }
    assert!((0..5).all(|i| ch.recv() == Some(i)));
    senders.into_iter().for_each(|s| s.join().unwrap());
}

#[test]
fn close_wakes_everybody() {
    let ch = Chan::<Counted>::new(0);
    let alive = Arc::new(AtomicUsize::new(0));
    let senders: Vec<_> = (0..3)
        .map(|_| {
            let (tx, value) = (ch.sender(), Counted::new(&alive));
            thread::spawn(move || tx.send(value))
        })
        .collect();
    until_waiting(&ch, Send, 3);
    ch.close();
    for s in senders {
        assert_eq!(message(s.join()), "send on closed channel");
    }
    assert_eq!(alive.load(SeqCst), 0);

    let ch = Chan::<u8>::new(0);
    let receivers: Vec<_> = (0..3)
        .map(|_| {
            let rx = ch.receiver();
            thread::spawn(move || rx.recv())
        })
        .collect();
    until_waiting(&ch, Recv, 3);
    ch.close();
    assert!(receivers.into_iter().all(|r| r.join().unwrap().is_none()));
}

/// As in Go the last to come is woken first; also where there are more than are taken out of the queue at once.
#[test]
fn close_wakes_from_the_end_of_the_queue() {
    struct Tells(usize, Arc<Mutex<Vec<usize>>>);
    impl Wake for Tells {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    const N: usize = 100;
    let (ch, woken) = (Chan::<u8>::new(0), Arc::default());
    let mut waiting: Vec<_> = (0..N).map(|_| Box::pin(ch.recv_async())).collect();
    for (i, future) in waiting.iter_mut().enumerate() {
        let waker = Arc::new(Tells(i, Arc::clone(&woken))).into();
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
    }
    ch.close();
    let expected: Vec<_> = (0..N).rev().collect();
    assert_eq!(*woken.lock().unwrap(), expected);
}

#[test]
fn texts_of_panics() {
    let panics = |f: &dyn Fn()| message(catch_unwind(AssertUnwindSafe(f)));
    let closed = Chan::new(1);
    closed.close();
    assert_eq!(panics(&|| closed.send(1)), "send on closed channel");
    assert_eq!(panics(&|| closed.close()), "close of closed channel");
    assert_eq!(
        panics(&|| Chan::<u8>::nil().close()),
        "close of nil channel"
    );
    let makes: [&dyn Fn(); 3] = [
        &|| drop(Chan::<u8>::new(usize::MAX)),
        &|| drop(Chan::<u64>::new(1 << 61)),
        &|| drop(Chan::<[u64; 16]>::new(1 << 41)),
    ];
    for make in makes {
        assert_eq!(panics(make), "makechan: size out of range");
    }
    let (tx, rx) = channel(0);
    drop(rx);
    assert_eq!(panics(&|| tx.send(1)), "send on channel without receivers");
}

#[test]
fn dropping_the_last_sender_closes() {
    let (tx, rx) = channel(4);
    let tx2 = tx.clone();
    tx.send(1);
    drop(tx);
    assert!(!rx.is_closed());
    drop(tx2);
    assert!(rx.is_closed());
    assert_eq!((rx.recv(), rx.recv()), (Some(1), None));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));

    let (tx, rx) = channel::<u8>(0);
    let watch = rx.clone();
    let receiver = thread::spawn(move || rx.recv());
    until_waiting(&watch, Recv, 1);
    drop(tx);
    assert_eq!(receiver.join().unwrap(), None);
}

#[test]
fn a_loop_by_value_ends_with_the_other_senders() {
    let ch = Chan::new(4);
    let tx = ch.sender();
    tx.send(1);
    drop(tx);
    assert_eq!(ch.into_iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn dropping_the_last_receiver_ends_waiting_senders() {
    let (tx, rx) = channel(1);
    let watch = tx.clone();
    let alive = Arc::new(AtomicUsize::new(0));
    tx.send(Counted::new(&alive));
    let value = Counted::new(&alive);
    let (tx2, value2) = (tx.clone(), Counted::new(&alive));
    let plain = thread::spawn(move || tx.send(value));
    let checked = thread::spawn(move || match tx2.checked_send(value2) {
        Err(SendError::NoReceivers(v)) => drop(v),
        other => panic!("{other:?}"),
    });
    until_waiting(&watch, Send, 2);
    drop(rx);
    assert_eq!(message(plain.join()), "send on channel without receivers");
    checked.join().unwrap();
    assert_eq!(alive.load(SeqCst), 0, "the one in the buffer went first");
    drop(watch);
}

#[test]
fn a_send_with_room_needs_no_receiver_but_the_checked_ones_do() {
    let (tx, rx) = channel(1);
    drop(rx);
    assert_eq!(tx.checked_send(1), Err(SendError::NoReceivers(1)));
    assert_eq!(tx.try_send(1), Err(TrySendError::NoReceivers(1)));
    tx.send(1);
    tx.close();
    assert_eq!(tx.checked_send(1), Err(SendError::Closed(1)));
    assert_eq!(tx.try_send(1), Err(TrySendError::Closed(1)));
}

#[test]
fn an_abandoned_send_while_unwinding_drops_the_value() {
    struct SendsOnDrop(Sender<Counted>, Arc<AtomicUsize>);
    impl Drop for SendsOnDrop {
        fn drop(&mut self) {
            self.0.send(Counted::new(&self.1));
            self.1.fetch_add(100, SeqCst);
        }
    }
    let (tx, rx) = channel(0);
    drop(rx);
    let alive = Arc::new(AtomicUsize::new(0));
    let guard = SendsOnDrop(tx, alive.clone());
    let unwound = catch_unwind(AssertUnwindSafe(move || {
        let _guard = guard;
        panic!("first");
    }));
    assert_eq!(message(unwound), "first");
    assert_eq!(
        alive.load(SeqCst),
        100,
        "the destructor went on, the value is gone"
    );
}

#[test]
fn values_left_in_the_ring_are_dropped_with_it() {
    let alive = Arc::new(AtomicUsize::new(0));
    let ch = Chan::new(4);
    for _ in 0..3 {
        ch.send(Counted::new(&alive));
        drop(ch.recv());
    }
    for _ in 0..4 {
        ch.send(Counted::new(&alive)); // wraps
    }
    assert_eq!(alive.load(SeqCst), 4);
    let other = ch.receiver();
    drop(ch);
    assert_eq!(alive.load(SeqCst), 4);
    drop(other);
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn a_panicking_drop_does_not_stop_the_others() {
    struct Bomb(Arc<AtomicUsize>, bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
            assert!(!self.1, "boom");
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let ch = Chan::new(3);
    for i in 0..3 {
        ch.send(Bomb(drops.clone(), i == 0));
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(ch))).is_err());
    assert_eq!(drops.load(SeqCst), 3);
}

#[test]
fn zero_sized_and_over_aligned_elements() {
    #[derive(Debug, PartialEq)]
    #[repr(align(256))]
    struct Wide(u8);
    let ch = Chan::new(3);
    for i in 0..3 {
        ch.send(Wide(i));
    }
    for i in 0..3 {
        let v = ch.recv().unwrap();
        assert_eq!(&raw const v as usize % 256, 0);
        assert_eq!(v, Wide(i));
    }
    let ch = Chan::new(usize::MAX);
    ch.send(());
    ch.send(());
    assert_eq!((ch.len(), ch.cap(), ch.is_full()), (2, usize::MAX, false));
    assert_eq!(
        (ch.recv(), ch.recv(), ch.try_recv()),
        (Some(()), Some(()), Err(TryRecvError::Empty))
    );
    let (tx, rx) = channel(0);
    thread::scope(|s| {
        s.spawn(|| tx.send(()));
        assert_eq!(rx.recv(), Some(()));
    });
}

#[test]
fn handles_compare_by_identity() {
    use std::collections::HashSet;
    let a = Chan::<u8>::new(0);
    let b = Chan::<u8>::new(0);
    assert_eq!(a, a.clone());
    assert_ne!(a, b);
    assert!(a.is_same(&a.receiver()) && a.sender().is_same(&a.receiver()));
    assert_eq!(Chan::<u8>::nil(), Chan::default());
    let set: HashSet<_> = [a.sender(), a.sender(), b.sender(), Sender::nil()].into();
    assert_eq!(set.len(), 3);
    assert_eq!(format!("{:?}", Sender::<u8>::nil()), "Sender(nil)");
    assert!(format!("{a:?}").starts_with("Chan { at: 0x"));
}

#[test]
fn nil_is_empty_full_and_never_ready() {
    let nil = Chan::<u8>::nil();
    assert_eq!((nil.len(), nil.cap()), (0, 0));
    assert!(nil.is_nil() && nil.is_empty() && nil.is_full() && !nil.is_closed());
    assert_eq!(nil.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(nil.try_send(1), Err(TrySendError::Full(1)));
    let none: Option<Receiver<u8>> = None;
    assert_eq!(
        try_select([recv_case(&nil).own().arm(), recv_case(&none).own().arm()]),
        None
    );
}

#[test]
fn the_last_handles_of_both_sides_can_go_at_once() {
    let alive = Arc::new(AtomicUsize::new(0));
    for _ in 0..2000 {
        let (tx, rx) = channel(1);
        tx.send(Counted::new(&alive));
        thread::scope(|s| {
            s.spawn(move || drop(tx));
            drop(rx);
        });
        assert_eq!(alive.load(SeqCst), 0);
    }
}

#[test]
fn each_side_ends_once() {
    let h = Handles::new(SENDER + RECEIVER);
    h.add(SENDER);
    assert_eq!(h.release(SENDER + RECEIVER), Released::Receivers);
    assert!(!h.has_receivers() && h.has_senders());
    assert!(!h.leave());
    assert_eq!(h.release(SENDER), Released::Senders);
    assert!(h.leave());
}

#[test]
fn a_two_way_handle_can_end_both_sides() {
    let h = Handles::new(SENDER + RECEIVER);
    h.add(RECEIVER);
    assert_eq!(h.release(RECEIVER), Released::Nothing);
    assert_eq!(h.release(SENDER + RECEIVER), Released::All);
}
