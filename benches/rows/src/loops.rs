//! Goroutines that compute and never give way: what they get of the CPU, what they cost, and who waits for them.

use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bench_kit::process::threads;
use bench_kit::{Args, fail, hash, hash_input, hashes_per_second, procs, report};
use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;

/// Tasks of some milliseconds of CPU time each, all started at once: over the time of the same work in one thread, and
/// in as many plain threads as there are Ps. Those are measured before and after, each with a hundredth of the tasks or more.
pub(crate) fn long_tasks(args: &Args) {
    let (tasks, ms) = (args.num("tasks"), args.num("ms"));
    let hashes = (hashes_per_second() * ms as f64 / 1e3) as usize;
    let sample = (tasks / 100).max(8);
    let before = [serial(sample, hashes), in_threads(sample, hashes)];
    let wg = WaitGroup::new();
    let start = Instant::now();
    for _ in 0..tasks {
        wg.go(move || compute(hashes));
    }
    wg.wait();
    let each = start.elapsed().as_secs_f64() / tasks as f64;
    report("threads", threads(), "threads");
    let after = [serial(sample, hashes), in_threads(sample, hashes)];
    let mean = |i: usize| (before[i] + after[i]) / 2.0;
    let ideal = mean(0) / procs() as f64;
    report("time", each * 1e3, "ms");
    report("over_serial", (each / ideal - 1.0) * 100.0, "%");
    report("over_threads", (each / mean(1) - 1.0) * 100.0, "%");
}

/// (Not inlined: it is to be the same code wherever it is called from.)
#[inline(never)]
fn compute(hashes: usize) {
    let input = hash_input();
    for _ in 0..hashes {
        black_box(hash(black_box(&input)));
    }
}

/// Seconds for each of so many tasks, one after the other.
fn serial(tasks: usize, hashes: usize) -> f64 {
    let start = Instant::now();
    (0..tasks).for_each(|_| compute(hashes));
    start.elapsed().as_secs_f64() / tasks as f64
}

/// The same in plain threads, with nothing of ours; each does so many.
fn in_threads(tasks: usize, hashes: usize) -> f64 {
    let start = Instant::now();
    runtime::blocking(|| {
        std::thread::scope(|scope| {
            for _ in 0..procs() {
                scope.spawn(|| (0..tasks).for_each(|_| compute(hashes)));
            }
        });
    });
    start.elapsed().as_secs_f64() / (tasks * procs()) as f64
}

/// A loop until it is told to stop, counting.
fn spin(stop: &AtomicBool, count: &AtomicU64) {
    let input = hash_input();
    while !stop.load(Relaxed) {
        black_box(hash(black_box(&input)));
        count.fetch_add(1, Relaxed);
    }
}

/// The same in a function that looks whether it is to give way.
#[goroutine]
fn spin_marked(stop: &AtomicBool, count: &AtomicU64) {
    let input = hash_input();
    while !stop.load(Relaxed) {
        black_box(hash(black_box(&input)));
        count.fetch_add(1, Relaxed);
    }
}

/// Starts equal loops, marked ones if `how=marked`. What each has done so far, and how to stop them.
fn start_loops(args: &Args) -> (Vec<Arc<AtomicU64>>, Arc<AtomicBool>) {
    let marked = args.text("how") == Some("marked");
    let stop = Arc::new(AtomicBool::new(false));
    let counts: Vec<_> = (0..args.num("loops"))
        .map(|_| Arc::new(AtomicU64::new(0)))
        .collect();
    for count in &counts {
        if marked {
            go!([stop, count], spin_marked(&stop, &count));
        } else {
            go!([stop, count], spin(&stop, &count));
        }
    }
    (counts, stop)
}

/// What equal loops have had after a while, in shares of the mean.
pub(crate) fn shares(args: &Args) {
    let (counts, stop) = start_loops(args);
    time::sleep(Duration::from_millis(args.num("ms") as u64));
    let mut had: Vec<_> = counts.iter().map(|count| count.load(Relaxed)).collect();
    stop.store(true, Relaxed);
    had.sort_unstable();
    let mean = had.iter().sum::<u64>() as f64 / had.len() as f64;
    let at = |percent: usize| had[(had.len() - 1) * percent / 100] as f64 / mean;
    for (name, percent) in [("least", 0), ("p10", 10), ("p90", 90), ("most", 100)] {
        report(name, at(percent), "shares");
    }
}

/// How late others are at worst beside equal loops: a goroutine that sleeps for 100 ms, a timer's function, a partner on a
/// channel, and the answer to a connection from another process.
pub(crate) fn beside_loops(args: &Args) {
    let time = Duration::from_millis(args.num("ms") as u64);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|e| fail(&e.to_string()));
    let port = listener.local_addr().expect("it is bound").port();
    go!(answer(&listener));
    let [timer, partner] = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
    // It waits already when the loops begin.
    let (tx, rx) = chan::channel::<Instant>(0);
    go!(
        [partner],
        for sent in rx {
            keep_worst(&partner, sent.elapsed());
        }
    );
    let (_, stop) = start_loops(args);
    // Until all of them have become known as what they are.
    time::sleep(Duration::from_millis(700));
    let (mut visitor, told) = start_visitor(port, time);
    tick(&timer, &stop);
    go!(
        [stop],
        while !stop.load(Relaxed) {
            time::sleep(Duration::from_millis(20));
            tx.send(Instant::now());
        }
    );
    let (start, mut sleeper) = (Instant::now(), Duration::ZERO);
    while start.elapsed() < time {
        let begin = Instant::now();
        time::sleep(Duration::from_millis(100));
        sleeper = sleeper.max(begin.elapsed() - Duration::from_millis(100));
    }
    let answer = runtime::blocking(|| worst_of(&mut visitor, told));
    stop.store(true, Relaxed);
    report("sleeper", sleeper.as_secs_f64() * 1e3, "ms");
    report("timer", timer.load(Relaxed) as f64 / 1e3, "ms");
    report("partner", partner.load(Relaxed) as f64 / 1e3, "ms");
    report("answer", answer, "ms");
}

fn keep_worst(worst: &AtomicU64, late: Duration) {
    worst.fetch_max(late.as_micros() as u64, Relaxed);
}

/// A timer's function every 60 ms.
fn tick(worst: &Arc<AtomicU64>, stop: &Arc<AtomicBool>) {
    if stop.load(Relaxed) {
        return;
    }
    let period = Duration::from_millis(60);
    let (due, worst, stop) = (Instant::now() + period, worst.clone(), stop.clone());
    time::after_func(period, move || {
        keep_worst(&worst, Instant::now().saturating_duration_since(due));
        tick(&worst, &stop);
    });
}

/// Sends the first byte of each connection back.
fn answer(listener: &TcpListener) {
    while let Ok((stream, _)) = listener.accept() {
        go!(answer_one(&stream));
    }
}

fn answer_one(mut stream: &TcpStream) {
    let mut byte = [0];
    if stream.read_exact(&mut byte).is_ok() {
        let _ = stream.write_all(&byte);
    }
}

fn start_visitor(port: u16, time: Duration) -> (Child, ChildStdout) {
    let mut child = std::env::current_exe()
        .and_then(|program| {
            Command::new(program)
                .args([
                    "visitor",
                    &format!("port={port}"),
                    &format!("ms={}", time.as_millis()),
                ])
                .env("GOMAXPROCS", "1")
                .stdout(Stdio::piped())
                .spawn()
        })
        .unwrap_or_else(|e| fail(&format!("no visitor: {e}")));
    let told = child.stdout.take().expect("it is piped");
    (child, told)
}

/// What the visitor prints, in milliseconds.
fn worst_of(visitor: &mut Child, told: ChildStdout) -> f64 {
    let mut line = String::new();
    let read = BufReader::new(told).read_line(&mut line);
    let _ = visitor.wait();
    let value = line.split(' ').nth(1).and_then(|text| text.parse().ok());
    match (read, value) {
        (Ok(_), Some(value)) => value,
        _ => fail("the visitor told nothing"),
    }
}

/// The other process: a connection every 20 ms, and the longest that one has waited for its answer.
pub(crate) fn visitor(args: &Args) {
    let (port, time) = (
        args.num("port") as u16,
        Duration::from_millis(args.num("ms") as u64),
    );
    let (start, mut worst) = (Instant::now(), Duration::ZERO);
    while start.elapsed() < time {
        let begin = Instant::now();
        visit(port).unwrap_or_else(|e| fail(&e.to_string()));
        worst = worst.max(begin.elapsed());
        time::sleep(Duration::from_millis(20));
    }
    report("worst", worst.as_secs_f64() * 1e3, "ms");
}

fn visit(port: u16) -> std::io::Result<()> {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(b"x")?;
    stream.read_exact(&mut [0])
}
