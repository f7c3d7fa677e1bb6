//! Timers: many sleepers, creating and stopping, how late a sleep ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bench_kit::process::cpu_time;
use bench_kit::{Args, Samples, per_op, report, sleeper_micros};
use goroutines::prelude::*;
use goroutines::time::{HOUR, Ticker, Timer};

pub(crate) fn sleepers(args: &Args) {
    let n = args.num("n");
    let late = Arc::new(Samples::new(n));
    let wg = WaitGroup::new();
    let cpu = cpu_time(0).unwrap_or_default();
    let start = Instant::now();
    for i in 0..n {
        let late = late.clone();
        wg.go(move || {
            let d = Duration::from_micros(sleeper_micros(i));
            let begun = Instant::now();
            time::sleep(d);
            late.set(i, begun.elapsed() - d);
        });
    }
    wg.wait();
    report("wall", start.elapsed().as_secs_f64() * 1e3, "ms");
    let cpu = cpu_time(0).unwrap_or_default() - cpu;
    report("cpu", cpu.as_secs_f64() * 1e6 / n as f64, "us");
    late.report("late_");
}

pub(crate) fn timer_ops(args: &Args) {
    let n = args.num("n");
    let start = Instant::now();
    for _ in 0..n {
        Timer::new(HOUR).stop();
    }
    per_op("new_stop", start.elapsed(), n);

    let start = Instant::now();
    for _ in 0..n {
        time::after_func(HOUR, || {}).stop();
    }
    per_op("after_func_stop", start.elapsed(), n);

    let start = Instant::now();
    for _ in 0..n {
        Ticker::new(HOUR).stop();
    }
    per_op("ticker_stop", start.elapsed(), n);

    let timer = Timer::new(HOUR);
    let start = Instant::now();
    for i in 0..n {
        timer.reset(HOUR + Duration::from_nanos(i as u64));
    }
    per_op("reset", start.elapsed(), n);
    timer.stop();
}

/// One goroutine alone, one sleep after the other.
pub(crate) fn lateness(args: &Args) {
    let (n, d) = (args.num("n"), args.micros("us"));
    let late = Samples::new(n);
    for i in 0..n {
        let start = Instant::now();
        time::sleep(d);
        late.set(i, start.elapsed() - d);
    }
    late.report("");
}
