//! The macros inside other macros, and any number of arms.

use goroutines::prelude::*;

macro_rules! first_of {
    ($($rx:expr),+ ; $value:ident => $body:expr) => {
        select! { $($value = <-$rx => $body),+ }
    };
}

macro_rules! arm_with_pattern {
    ($rx:expr, $pattern:pat => $body:block else $otherwise:block) => {
        select! { $pattern = <-$rx else $otherwise => $body }
    };
}

macro_rules! send_or {
    ($tx:ident <- $value:expr; $otherwise:expr) => {
        select! { $tx <- $value => true, default => $otherwise }
    };
}

macro_rules! pass_on {
    ($($arms:tt)*) => { select! { $($arms)* default => None } };
}

#[goroutine]
#[test]
fn arms_from_fragments() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    b.send(2);
    assert_eq!(first_of!(a, b.receiver(); v => v.map(|v| v + 1)), Some(3));
    assert!(send_or!(a <- 1 + 1; false));
    assert!(!send_or!(a <- 3; false));
    let got = arm_with_pattern!(&a, Some(n @ 1..=2) => { n } else { return });
    assert_eq!(got, 2);
    a.send(4);
    assert_eq!(pass_on!(v = <-a => v, w = <-b => w,), Some(4));
}

macro_rules! background {
    ($call:expr) => { go!($call) };
    ($f:ident => $($arg:expr),*) => { go!($f($($arg),*)) };
    ([$($name:ident),*] $body:block) => { go!([$($name),*], $body) };
}

fn add(a: i32, b: i32, out: &Sender<i32>) {
    out.send(a + b);
}

#[goroutine]
#[test]
fn goroutines_from_fragments() {
    let ch = make!(chan i32);
    background!(add(1, 2, &ch.sender()));
    assert_eq!(ch.recv(), Some(3));
    background!(add => 2 + 1, 3, &ch.sender());
    assert_eq!(ch.recv(), Some(6));
    background!([ch] { ch.send(9) });
    assert_eq!(ch.recv(), Some(9));
    let tx = ch.sender();
    background!(move || tx.send(12));
    assert_eq!(ch.recv(), Some(12));
}

macro_rules! recursive {
    ($name:ident, $ty:ty) => {
        #[goroutine]
        fn $name(n: $ty) -> $ty {
            if n == 0 { 0 } else { 1 + $name(n - 1) }
        }
    };
}
recursive!(depth, u32);

macro_rules! finally {
    ($($code:tt)*) => { defer! { $($code)* } };
}

#[goroutine]
#[test]
fn functions_and_deferred_code_from_fragments() {
    assert_eq!(depth(10), 10);
    let log = make!(chan i32, 2);
    {
        finally!(log.send(1));
        log.send(0);
    }
    assert_eq!(log.try_iter().collect::<Vec<_>>(), [0, 1]);
}

/// 64 receive arms and 64 send arms in one `select!`, each of an element type of its own.
macro_rules! many {
    ($all:ident; $($i:literal)*) => {
        select! {
            $( Some([_, index]) = <-$all[$i].0 else break 1000 => index, )*
            $( $all[$i].1 <- [$i; 3] => 500 + $i, )*
        }
    };
}

#[goroutine]
#[test]
fn a_hundred_and_twenty_eight_arms() {
    let all: Vec<_> = (0..64)
        .map(|_| (make!(chan [usize; 2], 1), make!(chan [usize; 3])))
        .collect();
    for i in 0..64 {
        all[i].0.send([7, i]);
        let mut turns = 0;
        let chosen = loop {
            turns += 1;
            assert_eq!(turns, 1);
            let index = many!(all; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26
                27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53
                54 55 56 57 58 59 60 61 62 63);
            if index < 1000 {
                break index;
            }
        };
        assert_eq!(chosen, i);
    }
}
