//! Of select.

use super::super::*;
use super::{Counted, message, until_waiting};
use crate::chan::hchan::Op::{Recv, Send};
use crate::chan::private::{recv_case, select, select_biased, send_case, try_select};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

#[test]
fn select_takes_what_is_ready() {
    let (a, b) = (Chan::new(1), Chan::<u32>::new(0));
    a.send("x".to_string());
    let mut recv_a = recv_case(&a).own();
    let mut recv_b = recv_case(&b).own();
    assert_eq!(select([recv_b.arm(), recv_a.arm()]), 1);
    assert_eq!(recv_a.take(), Some("x".to_string()));

    let mut send_a = send_case(&a).value("y".to_string());
    let mut recv_b = recv_case(&b).own();
    assert_eq!(select([recv_b.arm(), send_a.arm()]), 1);
    send_a.finish();
    assert_eq!(a.recv().as_deref(), Some("y"));
    b.close();
    let mut recv_b = recv_case(&b).own();
    assert_eq!(select_biased([recv_b.arm(), recv_case(&a).own().arm()]), 0);
    assert_eq!(recv_b.take(), None);
}

#[test]
fn a_waiting_select_is_served_once_and_leaves_no_trace() {
    let (a, b) = (Chan::new(0), Chan::new(0));
    for i in 0..500 {
        let got = thread::scope(|s| {
            let waiter = s.spawn(|| {
                let (mut ra, mut rb) = (recv_case(&a).own(), recv_case(&b).own());
                match select([ra.arm(), rb.arm()]) {
                    0 => ra.take().unwrap(),
                    _ => rb.take().unwrap(),
                }
            });
            until_waiting(&a, Recv, 1);
            until_waiting(&b, Recv, 1);
            if i % 2 == 0 {
                a.send(i)
            } else {
                b.send(i)
            }
            waiter.join().unwrap()
        });
        assert_eq!(got, i);
        assert_eq!(a.raw().unwrap().lock().locked().queue(Recv).waiting(), 0);
        assert_eq!(b.raw().unwrap().lock().locked().queue(Recv).waiting(), 0);
    }
}

#[test]
fn select_never_serves_itself() {
    let ch = Chan::new(0);
    thread::scope(|s| {
        let other = s.spawn(|| {
            let (mut tx, mut rx) = (send_case(&ch).value(1), recv_case(&ch).own());
            match select([tx.arm(), rx.arm()]) {
                0 => None,
                _ => rx.take(),
            }
        });
        until_waiting(&ch, Recv, 1);
        until_waiting(&ch, Send, 1);
        ch.send(2);
        assert_eq!(other.join().unwrap(), Some(2));
    });
    let (mut tx, mut rx) = (send_case(&ch).value(1), recv_case(&ch).own());
    assert_eq!(try_select([tx.arm(), rx.arm()]), None);
}

#[test]
fn one_channel_in_many_arms() {
    let ch = Chan::new(0);
    thread::scope(|s| {
        let waiter = s.spawn(|| {
            let mut arms: [_; 20] = std::array::from_fn(|_| recv_case(&ch).own());
            let chosen = select(arms.each_mut().map(|a| a.arm()));
            arms.into_iter().nth(chosen).unwrap().take()
        });
        until_waiting(&ch, Recv, 20);
        ch.send(5);
        assert_eq!(waiter.join().unwrap(), Some(5));
        assert_eq!(ch.raw().unwrap().lock().locked().queue(Recv).waiting(), 0);
    });
}

#[test]
fn a_chosen_closed_send_panics_and_drops_all_values() {
    let alive = Arc::new(AtomicUsize::new(0));
    let (a, b) = (Chan::new(0), Chan::new(0));
    a.close();
    let mut sa = send_case(&a).value(Counted::new(&alive));
    let mut sb = send_case(&b).value(Counted::new(&alive));
    assert_eq!(select([sb.arm(), sa.arm()]), 1);
    let panic = catch_unwind(AssertUnwindSafe(move || {
        drop(sb);
        sa.finish();
    }));
    assert_eq!(message(panic), "send on closed channel");
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn a_slot_is_emptied_only_if_chosen() {
    let (a, b) = (Chan::new(1), Chan::<Counted>::new(0));
    let alive = Arc::new(AtomicUsize::new(0));
    let mut slot = Some(Counted::new(&alive));
    let mut other = Some(Counted::new(&alive));
    let mut places = [const { MaybeUninit::uninit() }; 3];
    let [pa, pb, pc] = &mut places;
    let (mut sa, mut sb) = (
        send_case(&a).slot_in(&mut slot, pa),
        send_case(&b).slot_in(&mut other, pb),
    );
    assert_eq!(select([sb.arm(), sa.arm()]), 1);
    sa.finish();
    drop(sb);
    assert!(slot.is_none() && other.is_some());
    let mut empty = send_case(&a).slot_in(&mut slot, pc);
    assert_eq!(
        try_select([empty.arm()]),
        None,
        "an empty slot is never ready"
    );
    drop(empty);
    drop((a, other));
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn a_slot_whose_arm_is_forgotten_does_not_have_what_was_sent() {
    let ch = Chan::new(1);
    let alive = Arc::new(AtomicUsize::new(0));
    let mut slot = Some(Counted::new(&alive));
    let mut place = MaybeUninit::uninit();
    let mut arm = send_case(&ch).slot_in(&mut slot, &mut place);
    assert_eq!(try_select([arm.arm()]), Some(0));
    std::mem::forget(arm);
    assert!(slot.is_none());
    drop(ch);
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn a_select_of_abandoned_sends_ends_but_not_while_another_arm_lives() {
    let (a, ra) = channel(0);
    let (b, rb) = channel(0);
    let (c_tx, c) = channel::<u8>(0);
    // Two sends, both abandoned while waiting.
    let watch = (a.clone(), b.clone());
    let waiter = thread::spawn(move || {
        let (mut sa, mut sb) = (send_case(&a).value(1), send_case(&b).value(2));
        match select([sa.arm(), sb.arm()]) {
            0 => sa.finish(),
            _ => sb.finish(),
        }
    });
    until_waiting(&watch.0, Send, 1);
    until_waiting(&watch.1, Send, 1);
    drop(ra);
    until_waiting(&watch.0, Send, 1); // woken, looked, and waits again
    drop(rb);
    assert_eq!(message(waiter.join()), "send on channel without receivers");
    // A receive beside an abandoned send lives on.
    let a = watch.0;
    let waiter = thread::spawn(move || {
        let (mut sa, mut rc) = (send_case(&a).value(1), recv_case(&c).own());
        assert_eq!(select([sa.arm(), rc.arm()]), 1);
        rc.take()
    });
    c_tx.send(9);
    assert_eq!(waiter.join().unwrap(), Some(9));
}

#[test]
fn dynamic_select() {
    let alive = Arc::new(AtomicUsize::new(0));
    let (strings, counted) = (Chan::new(2), Chan::new(1));
    let mut sel = Select::new();
    let s = sel.recv(&strings);
    let send = sel.send(&counted, Counted::new(&alive));
    assert_eq!(sel.wait(), send);
    assert_eq!(sel.try_wait(), None, "a value is sent once");
    strings.send("a".to_string());
    strings.send("b".to_string());
    assert!(s == sel.wait());
    assert_eq!(sel.take(s).as_deref(), Some("a"));
    assert_eq!(sel.take(s), None);
    assert!(s == sel.wait()); // "b", never taken
    strings.close();
    assert!(s == sel.wait());
    assert_eq!(sel.take(s), None);
    sel.remove(s.index());
    assert_eq!(sel.try_wait(), None);
    let foreign = Select::new().recv(&strings);
    assert!(catch_unwind(AssertUnwindSafe(|| sel.take(foreign))).is_err());
    let unsent = sel.send(&counted, Counted::new(&alive));
    assert_eq!(alive.load(SeqCst), 2);
    sel.remove(unsent);
    assert_eq!(alive.load(SeqCst), 1);
    drop(sel);
    drop(counted);
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn default_is_not_chosen_while_something_is_always_ready() {
    // At every moment `a` or `b` holds a value; a `default` must never be taken (Go's
    // TestNonblockSelectRace).
    for _ in 0..5_000 {
        let (a, b) = (Chan::new(1), Chan::new(1));
        a.send(1);
        thread::scope(|s| {
            let other = s.spawn(|| {
                let (mut ra, mut rb) = (recv_case(&a).own(), recv_case(&b).own());
                try_select([rb.arm(), ra.arm()])
            });
            b.send(1);
            let _ = a.try_recv();
            assert_ne!(other.join().unwrap(), None);
        });
    }
}
