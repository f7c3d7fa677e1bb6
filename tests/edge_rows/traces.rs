//! What is in a trace: nothing of an earlier one, who was woken by the network, and the same if a flight
//! recorder runs beside it.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use goroutines::trace::{self, FlightRecorder};
use goroutines::{os, runtime};
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{self, Arc};
use std::time::{Duration, Instant};

/// There is one recording in a process.
static ONE: Mutex<()> = Mutex::new(());

#[derive(Clone, Default)]
struct Buffer(Arc<sync::Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The longest slice, in microseconds.
fn longest(text: &str) -> f64 {
    let durations = text.split("\"dur\":").skip(1);
    let durations = durations.map(|rest| rest.split([',', '}']).next().unwrap());
    let durations = durations.map(|number| number.parse().expect("a number"));
    durations.fold(0.0, f64::max)
}

#[goroutine]
#[test]
fn no_slice_is_longer_than_its_trace() {
    let _one = ONE.lock();
    let stop = Arc::new(AtomicBool::new(false));
    for _ in 0..2 {
        go!([stop], {
            while !stop.load(SeqCst) {
                spawn(runtime::gosched).join().unwrap();
            }
        });
    }
    for _ in 0..500 {
        let buffer = Buffer::default();
        let began = Instant::now();
        trace::start(buffer.clone()).unwrap();
        time::sleep(Duration::from_micros(100));
        trace::stop();
        let took = began.elapsed().as_nanos() as f64 / 1000.0;
        assert!(longest(&buffer.text()) <= took);
    }
    stop.store(true, SeqCst);
}

#[goroutine]
#[test]
fn a_goroutine_that_the_network_wakes() {
    let _one = ONE.lock();
    let (mut r, mut w) = os::pipe().unwrap();
    let (reads, about_to_read) = chan::channel(0);
    let reader = spawn(move || {
        reads.send(runtime::goid());
        r.read_exact(&mut [0]).unwrap();
    });
    let id = about_to_read.recv().unwrap();
    let parked = || {
        let stacks = runtime::stack_all();
        let mine = stacks
            .lines()
            .find(|l| l.starts_with(&format!("goroutine {id} ")));
        mine.is_some_and(|l| l.contains("IO wait"))
    };
    tests::eventually("the reader is parked", parked);
    let buffer = Buffer::default();
    trace::start(buffer.clone()).unwrap();
    w.write_all(b"x").unwrap();
    reader.join().unwrap();
    trace::stop();
    let text = buffer.text();
    let goid = format!("\"goid\":{id},");
    let ready = text
        .lines()
        .any(|line| line.contains("\"name\":\"ready\"") && line.contains(&goid));
    assert!(ready, "no event for goroutine {id}: {text}");
}

#[goroutine]
#[test]
fn a_trace_and_a_flight_recorder_at_once() {
    let _one = ONE.lock();
    let recorder = FlightRecorder::new(Duration::from_secs(3600));
    let recorded = || {
        let mut out = Vec::new();
        recorder.write_to(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    recorder.start().unwrap();
    trace::region("first", || ());
    let buffer = Buffer::default();
    trace::start(buffer.clone()).unwrap();
    assert!(trace::start(io::sink()).is_err());
    assert!(recorder.start().is_err());
    trace::region("second", || ());
    assert!(recorded().contains("first") && recorded().contains("second"));
    trace::stop();
    let text = buffer.text();
    assert!(!text.contains("first") && text.contains("second"));
    // The one goes on without the other, whichever ends first.
    assert!(recorder.enabled() && trace::is_enabled());
    trace::region("third", || ());
    assert!(recorded().contains("first") && recorded().contains("third"));
    let buffer = Buffer::default();
    trace::start(buffer.clone()).unwrap();
    recorder.stop();
    assert!(!recorder.enabled() && trace::is_enabled());
    trace::region("fourth", || ());
    trace::stop();
    let text = buffer.text();
    assert!(!text.contains("third") && text.contains("fourth"));
    assert!(!trace::is_enabled());
    recorder.start().unwrap();
    assert!(!recorded().contains("fourth"));
    recorder.stop();
}

/// A writer that uses the trace itself.
#[goroutine]
#[test]
fn the_writer_may_trace() {
    struct Busy(Buffer);
    impl Write for Busy {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            trace::log("writer", "writes");
            assert!(!FlightRecorder::new(Duration::ZERO).enabled());
            self.0.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let _one = ONE.lock();
    let buffer = Buffer::default();
    trace::start(Busy(buffer.clone())).unwrap();
    trace::stop();
    assert!(buffer.text().starts_with("{\"traceEvents\":["));
}
