//! `select!` is an expression whose bodies are not closures.

use goroutines::prelude::*;

#[goroutine]
#[test]
fn bodies_break_continue_and_return() {
    fn run(ch: &Chan<i32>) -> Result<i32, String> {
        let mut seen = 0;
        'all: loop {
            for turn in 0.. {
                select! {
                    Some(v) = <-ch else break 'all => {
                        if v < 0 {
                            return Err(format!("turn {turn}"));
                        }
                        if v == 0 {
                            continue 'all;
                        }
                        seen += parse(v)?;
                    }
                }
            }
        }
        Ok(seen)
    }
    fn parse(v: i32) -> Result<i32, String> {
        if v > 100 {
            Err("too big".to_string())
        } else {
            Ok(v)
        }
    }
    let feed = |values: &[i32]| {
        let ch = make!(chan i32, 8);
        for &v in values {
            ch.send(v);
        }
        ch.close();
        run(&ch)
    };
    assert_eq!(feed(&[1, 0, 2]), Ok(3));
    assert_eq!(feed(&[5, -1]), Err("turn 1".to_string()));
    assert_eq!(feed(&[101]), Err("too big".to_string()));
}

#[goroutine]
#[test]
fn break_leaves_the_loop_around_it() {
    let ch = make!(chan i32);
    let mut turns = 0;
    let value = loop {
        select! {
            <-ch => unreachable!(),
            default => if turns == 2 { break turns },
        }
        turns += 1;
    };
    assert_eq!((turns, value), (2, 2));
}

#[goroutine]
#[test]
fn it_yields_the_value_of_the_chosen_body() {
    let (ints, texts) = (make!(chan i32, 1), make!(chan String, 1));
    texts.send("four".to_string());
    let n: usize = select! {
        Some(i) = <-ints else panic!() => usize::try_from(i).unwrap(),
        Some(text) = <-texts else panic!() => text.len(),
    } + 1;
    assert_eq!(n, 5);
    assert_eq!(describe(select! { <-ints => 1, default => 2 }), "2");
    let boxed: Box<dyn std::fmt::Debug> = select! {
        v = <-ints => Box::new(v),
        default => Box::new("none"),
    };
    assert_eq!(format!("{boxed:?}"), "\"none\"");
}

fn describe(n: i32) -> String {
    n.to_string()
}

#[goroutine]
#[test]
fn one_in_another() {
    let (outer, inner) = (make!(chan Chan<i32>, 1), make!(chan i32, 1));
    outer.send(inner.clone());
    inner.send(3);
    let got = select! {
        Some(next) = <-outer else panic!() => select! {
            v = <-next => v,
            default => None,
        },
        <-inner => None,
    };
    assert!(got == Some(3) || inner.is_empty());
}

#[goroutine]
#[test]
fn bodies_use_what_the_operands_borrowed() {
    let mut channels = vec![make!(chan usize, 1)];
    select! {
        channels[0] <- 1 => channels.push(make!(chan usize)),
        default => channels.clear(),
    }
    assert_eq!(channels.len(), 2);
    select! {
        v = <-channels[0] => channels[1] = Chan::new(v.map_or(0, |v| v + 1)),
    }
    assert_eq!(channels[1].cap(), 2);
}

#[goroutine]
#[test]
fn a_send_on_a_closed_channel_panics() {
    let ch = make!(chan i32, 1);
    ch.close();
    let panic = recover(|| select! { ch <- 1 => {} }).unwrap_err();
    assert_eq!(panic.message(), "send on closed channel");
    let panic = recover(|| select! { ch <- 1 => {}, default => {} }).unwrap_err();
    assert_eq!(panic.message(), "send on closed channel");
    let mut slot = Some(1);
    let panic = recover(|| select! { ch <- move slot => {} }).unwrap_err();
    assert_eq!(panic.message(), "send on closed channel");
}

/// Comma rules are those of `match`.
#[goroutine]
#[test]
fn commas() {
    let ch = make!(chan i32, 1);
    let mut log = String::new();
    for _ in 0..3 {
        select! {
            ch <- 1 => { log.push('s') }
            v = <-ch => if v.is_some() { log.push('r') } else { log.push('c') },
            default => match log.len() { 0 => {}, _ => log.push('d') }
        }
    }
    assert_eq!(log, "srs");
    let sum = select! {
        v = <-ch => v.unwrap() + 1,
        default => 0
    };
    assert_eq!(sum, 2);
}
