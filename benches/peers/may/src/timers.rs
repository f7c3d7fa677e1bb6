//! Timers: many sleepers, how late a sleep ends. may has no timer objects.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bench_kit::process::cpu_time;
use bench_kit::{Args, Samples, report, sleeper_micros};
use may::coroutine::sleep;
use may::go;

use crate::Countdown;

pub fn sleepers(args: &Args) {
    let n = args.num("n");
    let late = Arc::new(Samples::new(n));
    let wg = Countdown::new(n);
    let cpu = cpu_time(0).unwrap_or_default();
    let start = Instant::now();
    for i in 0..n {
        let (late, wg) = (late.clone(), wg.clone());
        go!(move || {
            let time = Duration::from_micros(sleeper_micros(i));
            let begun = Instant::now();
            sleep(time);
            late.set(i, begun.elapsed().saturating_sub(time));
            wg.done();
        });
    }
    wg.wait();
    report("wall", start.elapsed().as_secs_f64() * 1e3, "ms");
    let cpu = cpu_time(0).unwrap_or_default() - cpu;
    report("cpu", cpu.as_secs_f64() * 1e6 / n as f64, "us");
    late.report("late_");
}

pub fn lateness(args: &Args) {
    let (n, time) = (args.num("n"), args.micros("us"));
    let late = Samples::new(n);
    for i in 0..n {
        let start = Instant::now();
        sleep(time);
        late.set(i, start.elapsed().saturating_sub(time));
    }
    late.report("");
}
