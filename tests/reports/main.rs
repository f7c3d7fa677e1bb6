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
        for _ in 0..30 {
            let before = turns.load(Ordering::Relaxed);
            assert!(runtime::stack_all().contains("goroutine "));
            tests::eventually("they get on", || turns.load(Ordering::Relaxed) != before);
        }
        stop.store(true, Ordering::Relaxed);
        wg.wait();
    });
}

/// Labels are the goroutine's and its children's, for as long as they were given.
#[test]
fn labels_are_shown_and_inherited() {
    at_procs(&[1, 2], || {
        let (keeper, gate) = chan::channel::<()>(0);
        let (outer, inner) = runtime::with_labels(&[("tenant", "blue"), ("job", "1")], || {
            let g = gate.clone();
            let outer = spawn(move || waits_here(&g));
            let inner = runtime::with_labels(&[("job", "2")], || {
                assert_eq!(runtime::label("tenant").as_deref(), Some("blue"));
                let g = gate.clone();
                spawn(move || waits_here(&g))
            });
            assert_eq!(runtime::label("job").as_deref(), Some("1"));
            (outer, inner)
        });
        assert_eq!(runtime::label("job"), None);
        let g = gate.clone();
        let none = spawn(move || waits_here(&g));
        tests::eventually("all wait", || {
            let dump = runtime::stack_all();
            let shows = |id, text: &str| part(&dump, id).lines().next().unwrap().ends_with(text);
            shows(outer.id(), "[chan receive] {job: 1, tenant: blue}:")
                && shows(inner.id(), "[chan receive] {job: 2, tenant: blue}:")
                && shows(none.id(), "[chan receive]:")
        });
        drop(keeper);
        for g in [outer, inner, none] {
            g.join().unwrap();
        }
    });
}

/// A panic takes the labels off again.
#[test]
fn labels_end_with_a_panic() {
    at_procs(&[1], || {
        let caught = recover(|| runtime::with_labels(&[("a", "b")], || panic!("out")));
        assert_eq!(caught.unwrap_err().message(), "out");
        assert_eq!(runtime::label("a"), None);
    });
}

/// Who waits for a lock is counted when it has it: as long as the other one slept, at least.
#[test]
fn the_wait_for_locks_is_counted() {
    at_procs(&[1, 2], || {
        let d = std::time::Duration::from_millis(5);
        let (m, rw) = (
            Arc::new(sync::Mutex::new(0)),
            Arc::new(sync::RWMutex::new(0)),
        );
        let before = runtime::metrics().mutex_wait;
        let (held, read) = (m.lock(), rw.read());
        let (started, entered) = chan::channel::<()>(2);
        let one = spawn({
            let (m, started) = (m.clone(), started.clone());
            move || {
                started.send(());
                *m.lock() += 1;
            }
        });
        let other = spawn({
            let rw = rw.clone();
            move || {
                started.send(());
                *rw.write() += 1;
            }
        });
        entered.recv();
        entered.recv();
        let waits = |g: u64, how: &str| part(&runtime::stack_all(), g).contains(how);
        tests::eventually("both wait", || {
            waits(one.id(), "[sync.Mutex.Lock]") && waits(other.id(), "[sync.RWMutex.Lock]")
        });
        time::sleep(d);
        drop((held, read));
        one.join().unwrap();
        other.join().unwrap();
        let waited = runtime::metrics().mutex_wait - before;
        assert!(waited >= 2 * d, "{waited:?}");
    });
}
