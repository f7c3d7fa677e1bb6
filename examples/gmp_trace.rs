//! Who ran where: goroutines (G), threads (M) and the two processors (P) they share.
//!
//! Mirrors the picture of the scheduler tutorials: one P with a queue of Gs, and a second P whose
//! own queue is empty, so that its M steals half of what the first one has.

use goroutines::prelude::*;
use std::thread::{self, ThreadId};

/// Two milliseconds of work that never waits for anything.
fn work() {
    let start = time::now();
    while time::since(start) < 2 * time::MILLISECOND {}
}

#[goroutine(procs = 2)]
fn main() {
    let (report, reports) = chan::channel::<(ThreadId, u32)>(16);
    for g in 1..=16 {
        go!([report], {
            let m = thread::current().id();
            work();
            report.send((m, g));
        });
    }
    drop(report); // the goroutines have the other handles: when they end, so do the reports

    let mut lanes: Vec<(ThreadId, String)> = Vec::new();
    for (m, g) in reports {
        if !lanes.iter().any(|(id, _)| *id == m) {
            lanes.push((m, String::new()));
        }
        for (id, lane) in &mut lanes {
            lane.push_str(&if *id == m {
                format!("[G{g:<2}]")
            } else {
                "     ".to_string()
            });
        }
    }
    println!("16 goroutines, all started on one of 2 Ps");
    for (i, (_, lane)) in lanes.iter().enumerate() {
        println!("M{i} |{lane}");
    }
}
