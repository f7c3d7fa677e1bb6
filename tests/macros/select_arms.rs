//! `select!`: what each kind of arm does.

use goroutines::prelude::*;
use std::collections::HashSet;

#[goroutine]
#[test]
fn receive_yields_an_option() {
    let ch = make!(chan i32, 1);
    ch.send(1);
    ch.close();
    let next = || select! { v = <-ch => v };
    assert_eq!(next(), Some(1));
    assert_eq!(next(), None);
}

#[goroutine]
#[test]
fn patterns_of_a_receive() {
    let ch = make!(chan(i32, char), 8);
    for i in 0..6 {
        ch.send((i, 'a'));
    }
    select! { _ = <-ch => {} }
    select! { mut v = <-ch => { v.take(); assert_eq!(v, None); } }
    select! { v: Option<(i32, char)> = <-ch => assert_eq!(v, Some((2, 'a'))) }
    select! { Some((n, _)) = <-ch else panic!() => assert_eq!(n, 3) }
    select! { Some((4, _)) | None = <-ch else { panic!() } => {} }
    select! { v @ Some((5, letter)) = <-ch else return => assert_eq!(v, Some((5, letter))) }
    assert!(ch.is_empty());
}

#[goroutine]
#[test]
fn an_ignored_value_is_dropped_before_the_body() {
    struct Loud(Sender<&'static str>);
    impl Drop for Loud {
        fn drop(&mut self) {
            self.0.send("dropped");
        }
    }
    let log = make!(chan &'static str, 8);
    let ch = make!(chan Loud, 2);
    ch.send(Loud(log.sender()));
    ch.send(Loud(log.sender()));
    select! { <-ch => log.send("body") }
    select! { _ = <-ch => log.send("body") }
    let log: Vec<_> = log.try_iter().collect();
    assert_eq!(log, ["dropped", "body", "dropped", "body"]);
}

#[goroutine]
#[test]
fn an_unsent_value_is_dropped_before_the_body() {
    struct Loud(Sender<&'static str>);
    impl Drop for Loud {
        fn drop(&mut self) {
            self.0.send("dropped");
        }
    }
    let log = make!(chan &'static str, 8);
    let full = make!(chan Loud);
    select! {
        full <- Loud(log.sender()) => unreachable!(),
        default => log.send("body"),
    }
    let log: Vec<_> = log.try_iter().collect();
    assert_eq!(log, ["dropped", "body"]);
}

#[goroutine]
#[test]
fn a_send_moves_its_value() {
    let ch = make!(chan String, 1);
    let name = "gopher".to_string();
    select! { ch <- name => {} }
    assert_eq!(ch.recv().as_deref(), Some("gopher"));
    select! { ch <- { let mut s = String::new(); s.push('x'); s } => {} }
    assert_eq!(ch.recv().as_deref(), Some("x"));
    let jobs = make!(chan Box<dyn Fn() -> i32 + Send>, 1);
    let n = 3;
    select! { jobs <- Box::new(move || n) => {} }
    assert_eq!(jobs.recv().unwrap()(), 3);
    let typed = make!(chan fn(i32) -> i32, 1);
    select! { typed <- |n| n + 1 => {} }
    assert_eq!(typed.recv().unwrap()(1), 2);
}

#[goroutine]
#[test]
fn a_closure_with_move_is_a_value_and_no_slot() {
    fn send<F: FnOnce() -> i32>(ch: &Chan<F>, f: F) {
        select! { ch <- f => {} }
    }
    let n = 4;
    let (tx, rx) = chan::channel(1);
    if false {
        select! { tx <- move || n => {} }
    }
    assert!(rx.try_recv().is_err());
    let ch = make!(chan _, 1);
    send(&ch, move || n);
    assert_eq!(ch.recv().unwrap()(), 4);
}

#[goroutine]
#[test]
fn a_slot_is_taken_only_if_chosen() {
    struct Work {
        next: Option<String>,
    }
    let ch = make!(chan String, 1);
    let mut work = Work {
        next: Some("job".to_string()),
    };
    let mut turns = Vec::new();
    for _ in 0..3 {
        select! {
            ch <- move work.next => turns.push("sent"),
            default => turns.push("waited"),
        }
    }
    assert_eq!(
        turns,
        ["sent", "waited", "waited"],
        "an empty slot is never ready"
    );
    assert_eq!(ch.recv().as_deref(), Some("job"));

    let mut kept = Some("kept".to_string());
    let nil: Option<&Chan<String>> = None;
    select! { nil <- move kept => unreachable!(), default => {} }
    assert_eq!(kept.as_deref(), Some("kept"));
    let place = &mut kept;
    select! { ch <- move *place => {} }
    assert_eq!(kept, None);
}

#[goroutine]
#[test]
fn default_runs_only_if_nothing_is_ready() {
    let ch = make!(chan i32, 1);
    let poll = || select! { v = <-ch => v.unwrap(), default => -1 };
    assert_eq!(poll(), -1);
    ch.send(3);
    assert_eq!(poll(), 3);
    assert_eq!(select! { default => 5 }, 5);
}

#[goroutine]
#[test]
fn a_nil_operand_is_never_ready() {
    let ch = make!(chan i32, 1);
    ch.send(1);
    let off: Option<Receiver<i32>> = None;
    let nil = Chan::<i32>::nil();
    let got = select! {
        <-off => "off",
        <-off.as_ref() => "off by reference",
        <-nil => "nil receive",
        nil <- 1 => "nil send",
        default => "default",
    };
    assert_eq!(got, "default");
    let on = Some(ch.receiver());
    assert_eq!(select! { v = <-on => v }, Some(1));
}

#[goroutine]
#[test]
fn operands_may_be_handles_and_references() {
    let ch = make!(chan i32, 1);
    let (tx, rx) = (&ch.sender(), &&ch.receiver());
    for i in 0..3 {
        select! { tx <- i => {} }
        let got = select! {
            v = <-rx => v,
        };
        assert_eq!(got, Some(i));
    }
    let list = [ch.clone(), make!(chan i32)];
    select! { list[0] <- 9 => {} }
    assert_eq!(select! { v = <-list[0] => v, w = <-list[1] => w }, Some(9));
}

#[goroutine]
#[test]
fn one_channel_may_stand_in_several_arms() {
    let ch = make!(chan i32);
    let got = select! {
        ch <- 1 => "matched itself",
        <-ch => "matched itself",
        default => "alone",
    };
    assert_eq!(got, "alone");
}

#[goroutine]
#[test]
fn ready_arms_are_chosen_at_random() {
    let (a, b) = (make!(chan i32), make!(chan i32));
    a.close();
    b.close();
    let chosen: HashSet<char> = (0..200)
        .map(|_| select! { <-a => 'a', <-b => 'b' })
        .collect();
    assert_eq!(chosen.len(), 2);
}

#[goroutine]
#[test]
fn biased_tries_arms_in_source_order() {
    let (a, b) = (make!(chan i32), make!(chan i32));
    a.close();
    b.close();
    for _ in 0..200 {
        assert_eq!(select! { biased; <-a => 'a', <-b => 'b' }, 'a');
        assert_eq!(
            select! { biased; <-b => 'b', <-a => 'a', default => '-' },
            'b'
        );
    }
    // A channel may have that name.
    let biased = make!(chan i32, 1);
    select! { biased <- 1 => {} }
    assert_eq!(select! { v = <-biased => v }, Some(1));
}

#[goroutine]
#[test]
fn waits_until_an_arm_is_ready() {
    let (data, done) = (make!(chan i32), make!(chan()));
    go!([data, done], {
        for i in 0..3 {
            data.send(i);
        }
        done.close();
    });
    let mut sum = 0;
    loop {
        select! {
            v = <-data => sum += v.unwrap(),
            <-done => break,
        }
    }
    assert_eq!(sum, 3);
}

/// Zero arms: Go's `select {}`. Its type is `!`, so it stands where any value is wanted.
#[allow(dead_code)]
fn for_ever() -> u8 {
    if std::env::args().count() == 0 {
        return 1;
    }
    select! {}
}

#[allow(dead_code)]
fn never() -> ! {
    select! { biased; }
}
