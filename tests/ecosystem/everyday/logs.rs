//! Logging. (A span of `tracing` that is entered over a call that suspends needs the feature `tracing`.)

use ecosystem::everywhere;
use goroutines::runtime::gosched;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// What was written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

#[test]
fn log_and_env_logger() {
    let lines = Lines::default();
    env_logger::Builder::new()
        .filter_level(log::LevelFilter::Info)
        .format(|f, record| writeln!(f, "{} {}", record.level(), record.args()))
        .target(env_logger::Target::Pipe(Box::new(lines.clone())))
        .init();
    everywhere(200, |i| {
        log::info!("first of {i}");
        gosched();
        log::warn!("second of {i}");
        log::debug!("not of {i}");
    });
    let lines = lines.take();
    assert_eq!(lines.len(), 3 * 2 * 200);
    for i in 0..200 {
        let line = format!("WARN second of {i}");
        assert_eq!(lines.iter().filter(|l| **l == line).count(), 3);
    }
}

#[test]
fn tracing() {
    let lines = Lines::default();
    let out = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || out.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    let dispatch = tracing::Dispatch::new(subscriber);
    everywhere(200, |i| {
        // Bound to the thread while the closure runs, which does not suspend.
        tracing::dispatcher::with_default(&dispatch, || {
            let span = tracing::info_span!("request", i);
            span.in_scope(|| tracing::info!("inside"));
        });
        gosched();
    });
    let lines = lines.take();
    assert_eq!(lines.len(), 3 * 200);
    for i in 0..200 {
        let span = format!("request{{i={i}}}:");
        assert_eq!(lines.iter().filter(|l| l.contains(&span)).count(), 3);
    }
}
