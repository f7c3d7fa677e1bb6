//! After `test/closedchan.go`: what can be done with a closed channel, in every way of doing it.

use super::at_all_procs;
use goroutines::prelude::*;

/// One way to receive and send: plain, in a select with one arm, in a select with another arm that
/// is never ready.
struct Way {
    name: &'static str,
    recv: fn(&Chan<i32>) -> Option<i32>,
    /// `None`: would block.
    try_recv: fn(&Chan<i32>) -> Option<Option<i32>>,
    send: fn(&Chan<i32>, i32),
    try_send: fn(&Chan<i32>, i32) -> bool,
}

const WAYS: [Way; 3] = [
    Way {
        name: "plain",
        recv: |c| c.recv(),
        try_recv: |c| match c.try_recv() {
            Ok(v) => Some(Some(v)),
            Err(chan::TryRecvError::Closed) => Some(None),
            Err(chan::TryRecvError::Empty) => None,
        },
        send: |c, v| c.send(v),
        try_send: |c, v| match c.try_send(v) {
            Ok(()) => true,
            Err(chan::TrySendError::Full(_)) => false,
            Err(e) => panic!("{e}"),
        },
    },
    Way {
        name: "select of one",
        recv: |c| select! { v = <-c => v },
        try_recv: |c| select! { v = <-c => Some(v), default => None },
        send: |c, v| select! { c <- v => {} },
        try_send: |c, v| select! { c <- v => true, default => false },
    },
    Way {
        name: "select of two",
        recv: |c| {
            let other = make!(chan i32);
            select! { v = <-c => v, _ = <-other => unreachable!() }
        },
        try_recv: |c| {
            let other = make!(chan i32);
            select! { v = <-c => Some(v), _ = <-other => unreachable!(), default => None }
        },
        send: |c, v| {
            let other = make!(chan i32);
            select! { c <- v => {}, _ = <-other => unreachable!() }
        },
        try_send: |c, v| {
            let other = make!(chan i32);
            select! { c <- v => true, _ = <-other => unreachable!(), default => false }
        },
    },
];

/// The channel is closed and drained: receives report it, again and again; sends panic.
fn drained(c: &Chan<i32>, way: &Way) {
    let name = way.name;
    for _ in 0..2 {
        assert_eq!((way.recv)(c), None, "{name}");
        assert_eq!((way.try_recv)(c), Some(None), "{name}");
    }
    let send = recover(|| (way.send)(c, 2)).unwrap_err();
    assert_eq!(send.message(), "send on closed channel", "{name}");
    let try_send = recover(|| (way.try_send)(c, 2)).unwrap_err();
    assert_eq!(try_send.message(), "send on closed channel", "{name}");
}

/// Synchronous and buffered channels, drained in every way, seen in every way.
#[test]
fn closed_channels() {
    at_all_procs(|| {
        for way in &WAYS {
            let c = make!(chan i32);
            assert!(!c.is_closed());
            c.close();
            assert!(c.is_closed());
            drained(&c, way);
            // One value is left in the buffer; it comes first, whoever drains it.
            for drain in &WAYS {
                let c = make!(chan i32, 2);
                assert_eq!((way.try_recv)(&c), None);
                assert!((way.try_send)(&c, 1));
                c.close();
                assert_eq!(c.len(), 1);
                assert_eq!((drain.try_recv)(&c), Some(Some(1)), "{}", drain.name);
                drained(&c, way);
            }
        }
    });
}

/// Closing nil, and closing twice.
#[test]
fn close_panics() {
    at_all_procs(|| {
        let nil = recover(|| Chan::<i32>::nil().close()).unwrap_err();
        assert_eq!(nil.message(), "close of nil channel");
        let c = make!(chan i32);
        c.close();
        let twice = recover(|| c.sender().close()).unwrap_err();
        assert_eq!(twice.message(), "close of closed channel");
    });
}

/// A sender that waits when the close comes panics in its own goroutine, where it can be recovered.
#[test]
fn a_waiting_sender_panics_itself() {
    at_all_procs(|| {
        for way in &WAYS {
            let c = make!(chan i32);
            let texts = make!(chan String);
            for _ in 0..3 {
                go!([c, texts], {
                    let panic = recover(|| (way.send)(&c, 1)).unwrap_err();
                    texts.send(panic.message());
                });
            }
            super::settle();
            c.close();
            for text in texts.iter().take(3) {
                assert_eq!(text, "send on closed channel", "{}", way.name);
            }
        }
    });
}
