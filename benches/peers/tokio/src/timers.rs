//! Timers: many sleepers, creating and stopping, how late a sleep ends. tokio's timers tick once a millisecond.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bench_kit::process::cpu_time;
use bench_kit::{Args, Samples, per_op, report, sleeper_micros};
use tokio::time::{interval, sleep};

use crate::Countdown;

const HOUR: Duration = Duration::from_secs(3600);

pub async fn sleepers(args: &Args) {
    let n = args.num("n");
    let late = Arc::new(Samples::new(n));
    let wg = Countdown::new(n);
    let cpu = cpu_time(0).unwrap_or_default();
    let start = Instant::now();
    for i in 0..n {
        let (late, wg) = (late.clone(), wg.clone());
        tokio::spawn(async move {
            let time = Duration::from_micros(sleeper_micros(i));
            let begun = Instant::now();
            sleep(time).await;
            late.set(i, begun.elapsed() - time);
            wg.done();
        });
    }
    wg.wait().await;
    report("wall", start.elapsed().as_secs_f64() * 1e3, "ms");
    let cpu = cpu_time(0).unwrap_or_default() - cpu;
    report("cpu", cpu.as_secs_f64() * 1e6 / n as f64, "us");
    late.report("late_");
}

/// A tokio timer is armed when it is first polled and disarmed when it is dropped.
pub async fn timer_ops(args: &Args) {
    let n = args.num("n");
    let start = Instant::now();
    for _ in 0..n {
        let mut timer = pin!(sleep(HOUR));
        poll_fn(|cx| Poll::Ready(timer.as_mut().poll(cx).is_ready())).await;
    }
    per_op("new_stop", start.elapsed(), n);

    let start = Instant::now();
    for _ in 0..n {
        let mut ticker = interval(HOUR);
        ticker.reset(); // else the first tick is due at once
        poll_fn(|cx| Poll::Ready(ticker.poll_tick(cx).is_ready())).await;
    }
    per_op("ticker_stop", start.elapsed(), n);

    let mut timer = pin!(sleep(HOUR));
    poll_fn(|cx| Poll::Ready(timer.as_mut().poll(cx).is_ready())).await;
    let due = tokio::time::Instant::now() + HOUR;
    let start = Instant::now();
    for i in 0..n {
        timer.as_mut().reset(due + Duration::from_nanos(i as u64));
    }
    per_op("reset", start.elapsed(), n);
}

pub async fn lateness(args: &Args) {
    let (n, time) = (args.num("n"), args.micros("us"));
    let late = Samples::new(n);
    for i in 0..n {
        let start = Instant::now();
        sleep(time).await;
        late.set(i, start.elapsed() - time);
    }
    late.report("");
}
