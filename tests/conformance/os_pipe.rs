//! Go's `os/pipe_test.go` and `os/timeout_test.go`, and files beside the scheduler.

use goroutines::net::NetError;
use goroutines::os::{self, File, pipe};
use goroutines::{runtime, spawn, time};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The end is seen after all that was written, by a reader that was blocked too.
#[test]
fn pipe_eof() {
    let (mut r, mut w) = pipe().unwrap();
    let reader = spawn(move || {
        let mut all = Vec::new();
        r.read_to_end(&mut all).unwrap();
        all
    });
    for _ in 0..3 {
        w.write_all(b"x").unwrap();
        time::sleep(Duration::from_millis(1));
    }
    drop(w);
    assert_eq!(reader.join().unwrap(), b"xxx");
}

/// `close` ends a blocked read and a blocked write.
#[test]
fn closed_pipe_race() {
    let (r, w) = pipe().unwrap();
    let (r, w) = (Arc::new(r), Arc::new(w));
    let reader = spawn({
        let r = r.clone();
        move || (&*r).read(&mut [0]).unwrap_err()
    });
    time::sleep(Duration::from_millis(10));
    r.close().unwrap();
    assert_eq!(
        NetError::of(&reader.join().unwrap()),
        Some(NetError::Closed)
    );
    // Nobody reads any more.
    let e = (&*w).write(b"x").unwrap_err();
    assert_eq!(e.kind(), ErrorKind::BrokenPipe);

    let (_r, w) = pipe().unwrap();
    let w = Arc::new(w);
    let writer = spawn({
        let w = w.clone();
        move || loop {
            if let Err(e) = (&*w).write(&[0; 50_000]) {
                return e;
            }
        }
    });
    time::sleep(Duration::from_millis(10));
    w.close().unwrap();
    assert_eq!(
        NetError::of(&writer.join().unwrap()),
        Some(NetError::Closed)
    );
}

/// Deadlines, past and to come, for both ends.
#[test]
fn deadlines() {
    runtime::run(|| {
        let (mut r, mut w) = pipe().unwrap();
        for ms in [0, 1, 10] {
            let begin = Instant::now();
            let due = begin + Duration::from_millis(ms);
            r.set_read_deadline(due).unwrap();
            assert_eq!(r.read(&mut [0]).unwrap_err().to_string(), "i/o timeout");
            assert!(begin.elapsed() >= Duration::from_millis(ms));
        }
        w.set_write_deadline(Instant::now() + Duration::from_millis(10))
            .unwrap();
        let e = loop {
            if let Err(e) = w.write(&[0; 50_000]) {
                break e;
            }
        };
        assert_eq!(NetError::of(&e), Some(NetError::Timeout));
        r.set_read_deadline(None).unwrap();
        assert!(r.read(&mut [0; 100]).unwrap() > 0);
    });
}

/// Files: positions, lengths, errors.
#[test]
fn files() {
    let path = std::env::temp_dir().join(format!("os-files-{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    let mut file = File::open_with(
        options.create(true).truncate(true).read(true).write(true),
        &path,
    )
    .unwrap();
    file.write_all(b"hello world").unwrap();
    file.sync_all().unwrap();
    file.seek(SeekFrom::Start(6)).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "world");
    file.set_len(5).unwrap();
    assert_eq!(file.metadata().unwrap().len(), 5);
    assert_eq!(os::read(&path).unwrap(), b"hello");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(File::open(&path).unwrap_err().kind(), ErrorKind::NotFound);
}
