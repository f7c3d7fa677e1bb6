//! Dumps only look: nobody is stopped or resumed for them, whatever goes on.

use goroutines::Builder;
use goroutines::prelude::*;
use goroutines::sync::WaitGroup;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tests::at_procs;

#[inline(never)]
fn waits_here(gate: &Receiver<()>) {
    gate.recv();
    black_box(());
}

#[inline(never)]
fn selects_here(gate: &Receiver<()>, other: &Receiver<()>) {
    select! {
        <-gate => {}
        <-other => {}
    }
    black_box(());
}

#[inline(never)]
fn far_down(n: usize, gate: &Receiver<()>) -> usize {
    let room = black_box([n; 64]);
    if n == 0 {
        waits_here(gate);
        0
    } else {
        1 + far_down(n - 1, gate) + (room[5] - n)
    }
}

#[goroutine]
fn on_a_segment(n: usize, gate: &Receiver<()>) -> usize {
    let room = black_box([n; 64]);
    if n == 0 {
        waits_here(gate);
        0
    } else {
        1 + on_a_segment(n - 1, gate) + (room[5] - n)
    }
}

/// The part of a dump that is about one goroutine.
fn part(dump: &str, id: u64) -> &str {
    let head = format!("goroutine {id} [");
    let at = dump
        .find(&head)
        .unwrap_or_else(|| panic!("no {id} in\n{dump}"));
    dump[at..].split("\n\n").next().unwrap()
}

/// A parked goroutine shows where it waits; also one that is deeper down than what is copied of a stack, and
/// one whose stack has grown by a segment.
#[test]
fn parked_goroutines_show_their_frames() {
    at_procs(&[1, 2], || {
        let (gate_keeper, gate) = chan::channel::<()>(0);
        let (_other_keeper, other) = chan::channel::<()>(0);
        let mut all = Vec::new();
        let mut add = |name: &'static str, f: Box<dyn FnOnce() + Send>| {
            let g = spawn(f);
            all.push((name, g));
        };
        let g = gate.clone();
        add("waits_here", Box::new(move || waits_here(&g)));
        let g = gate.clone();
        add("selects_here", Box::new(move || selects_here(&g, &other)));
        let g = gate.clone();
        add(
            "far_down",
            Box::new(move || assert_eq!(far_down(500, &g), 500)),
        );
        let g = gate.clone();
        let small = Builder::new().stack_size(64 << 10);
        all.push((
            "on_a_segment",
            small.spawn(move || assert_eq!(on_a_segment(500, &g), 500)),
        ));
        let waiting = |d: &str, id: u64| {
            let first = part(d, id).lines().next().unwrap();
            first.contains("[chan receive]") || first.contains("[select]")
        };
        let mut dump = String::new();
        tests::eventually("all wait", || {
            dump = runtime::stack_all();
            all.iter().all(|(_, g)| waiting(&dump, g.id()))
        });
        for (name, g) in &all {
            assert!(part(&dump, g.id()).contains(name), "no {name} in\n{dump}");
        }
        drop(gate_keeper);
        for (_, g) in all {
            g.join().unwrap();
        }
    });
}

/// Dumps beside goroutines that park and go on all the time, on stacks that grow, end and begin anew: each
/// dump comes to its end, and everybody gets on.
#[test]
fn dumps_while_everybody_moves() {
    at_procs(&[1, 2, 4], || {
        let stop = Arc::new(AtomicBool::new(false));
        let turns = Arc::new(AtomicUsize::new(0));
        let wg = WaitGroup::new();
        for i in 0..16 {
            let (stop, turns) = (stop.clone(), turns.clone());
            let (there, back) = (Chan::<usize>::new(0), Chan::<usize>::new(0));
            wg.go({
                let (there, back) = (there.clone(), back.clone());
                move || {
                    for v in &there {
                        back.send(v + 1);
                    }
                }
            });
            wg.go(move || {
                while !stop.load(Ordering::Relaxed) {
                    there.send(i);
                    assert_eq!(back.recv(), Some(i + 1));
                    let one = spawn(move || {
                        runtime::gosched();
                        black_box([i; 100])[50]
                    });
                    assert_eq!(one.join().unwrap(), i);
                    turns.fetch_add(1, Ordering::Relaxed);
                }
                there.close();
            });
        }
        for _ in 0..100 {
            let before = turns.load(Ordering::Relaxed);
            assert!(runtime::stack_all().contains("goroutine "));
            tests::eventually("they get on", || turns.load(Ordering::Relaxed) != before);
        }
        stop.store(true, Ordering::Relaxed);
        wg.wait();
    });
}
