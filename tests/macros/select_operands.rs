//! `select!`: when operands are evaluated, and how long their parts live.

use goroutines::prelude::*;
use goroutines::sync::Mutex;

type Log = Mutex<Vec<&'static str>>;

fn note<T>(log: &Log, name: &'static str, value: T) -> T {
    log.lock().push(name);
    value
}

#[goroutine]
#[test]
fn each_once_in_source_order_chosen_or_not() {
    let log = Log::default();
    let (a, b, c) = (make!(chan i32), make!(chan i32, 1), make!(chan i32));
    for _ in 0..2 {
        log.lock().clear();
        select! {
            <-note(&log, "a", &a) => unreachable!(),
            note(&log, "b", &b) <- note(&log, "value for b", 1) => {}
            default => {}
            note(&log, "c", &c) <- note(&log, "value for c", 2) => unreachable!(),
        }
        assert_eq!(*log.lock(), ["a", "b", "value for b", "c", "value for c"]);
    }
}

fn fail() -> i32 {
    panic!("second")
}

#[goroutine]
#[test]
fn a_panic_in_an_operand_stops_the_rest() {
    let log = Log::default();
    let ch = make!(chan i32, 2);
    let panicked = recover(|| {
        select! {
            ch <- note(&log, "first", 1) => {}
            ch <- fail() => {}
            ch <- note(&log, "third", 3) => {}
        }
    });
    assert_eq!(panicked.unwrap_err().message(), "second");
    assert_eq!(*log.lock(), ["first"]);
    assert!(ch.is_empty(), "nothing was chosen");
}

#[goroutine]
#[test]
fn temporaries_end_before_the_body() {
    struct State {
        rx: Receiver<i32>,
        out: i32,
    }
    let ch = make!(chan i32, 2);
    ch.send(1);
    let state = Mutex::new(State {
        rx: ch.receiver(),
        out: 7,
    });
    select! {
        v = <-state.lock().rx => {
            assert_eq!(v, Some(1));
            assert!(state.try_lock().is_some(), "the guard is gone");
        }
    }
    select! {
        ch <- state.lock().out => assert!(state.try_lock().is_some()),
    }
    assert_eq!(select! { v = <-state.lock().rx.clone() => v }, Some(7));
    let free = select! {
        <-state.lock().rx => false,
        default => state.try_lock().is_some(),
    };
    assert!(free);
}

#[goroutine]
#[test]
fn temporaries_live_until_an_arm_is_chosen() {
    struct Loud<'a>(&'a Log, Chan<i32>);
    impl Drop for Loud<'_> {
        fn drop(&mut self) {
            note(self.0, "dropped", ());
        }
    }
    let log = Log::default();
    let ch = make!(chan i32, 1);
    select! {
        Loud(&log, ch.clone()).1 <- note(&log, "value", 1) => { note(&log, "body", ()); }
    }
    assert_eq!(*log.lock(), ["value", "dropped", "body"]);
    assert_eq!(ch.recv(), Some(1));
}

#[goroutine]
#[test]
fn the_question_mark_in_an_operand_leaves_the_caller() {
    fn forward(ch: &Chan<i32>, text: &str) -> Result<(), std::num::ParseIntError> {
        select! { ch <- text.parse()? => {} }
        Ok(())
    }
    let ch = make!(chan i32, 1);
    assert!(forward(&ch, "x").is_err());
    assert!(ch.is_empty());
    assert!(forward(&ch, "3").is_ok());
    assert_eq!(ch.recv(), Some(3));
}

#[goroutine]
#[test]
fn operands_of_every_shape() {
    let chans = [make!(chan i32, 4), make!(chan i32, 4)];
    let first = true;
    select! { chans[usize::from(!first)] <- 1 => {} }
    let boxed = Box::new(&chans[0]);
    select! { **boxed <- 2 => {} }
    select! { (chans[0]) <- 3 => {} }
    let got = select! { v = <-if first { &chans[0] } else { &chans[1] } => v };
    assert_eq!(got, Some(1));
    let got = select! { v = <-match got { Some(1) => &chans[0], _ => &chans[1] } => v };
    assert_eq!(got, Some(2));
    let got = select! { Some(v) = <-{ &chans[0] } else panic!() => v };
    assert_eq!(got, 3);
    let got = select! { v = <-chans.iter().find(|ch| !ch.is_empty()) => v, default => None };
    assert_eq!(got, None);
}
