//! Go's `io/pipe_test.go`.

use goroutines::io::{PipeReader, PipeWriter, pipe};
use goroutines::{runtime, spawn};
use std::io::{self, Read, Write};

fn write_all(mut w: &PipeWriter, bytes: &[u8]) {
    assert_eq!(w.write(bytes).unwrap(), bytes.len());
}

/// One write, one read, both ways round in time.
#[test]
fn pipe1() {
    let (mut r, w) = pipe();
    let writer = spawn(move || {
        write_all(&w, b"hello, world");
        w
    });
    let mut buf = [0; 64];
    assert_eq!(r.read(&mut buf).unwrap(), 12);
    assert_eq!(&buf[..12], b"hello, world");
    writer.join().unwrap().close();
    assert_eq!(r.read(&mut buf).unwrap(), 0);
}

/// Writes of growing size through a small buffer, one read never spanning two writes.
#[test]
fn pipe2() {
    let (r, w) = pipe();
    let reader = spawn(move || {
        let mut sizes = Vec::new();
        let mut buf = [0; 64];
        loop {
            match (&r).read(&mut buf).unwrap() {
                0 => return sizes,
                n => sizes.push(n),
            }
        }
    });
    for i in 0..5 {
        write_all(&w, &vec![i; 5 + i as usize * 10]);
    }
    w.close();
    assert_eq!(reader.join().unwrap(), [5, 15, 25, 35, 45]);
}

/// A write larger than any read is read in parts, and returns when the last is gone.
#[test]
fn pipe3() {
    let (mut r, w) = pipe();
    let want: Vec<u8> = (0..128).collect();
    let writer = spawn({
        let want = want.clone();
        move || write_all(&w, &want)
    });
    let mut got = Vec::new();
    let mut size = 1;
    while size <= 256 {
        let mut buf = vec![0; size];
        let n = r.read(&mut buf).unwrap();
        assert_eq!(n, size.min(128 - got.len()));
        got.extend_from_slice(&buf[..n]);
        if got.len() == 128 {
            break;
        }
        size *= 2;
    }
    assert_eq!(got, want);
    writer.join().unwrap();
    assert_eq!(r.read(&mut [0]).unwrap(), 0);
}

/// Closing the writer, with an error or without, ends a read before and after it.
#[test]
fn read_close() {
    for (with_error, later) in [(false, false), (false, true), (true, false), (true, true)] {
        let (r, w) = pipe();
        let close = move || {
            if with_error {
                w.close_with_error(io::Error::from(io::ErrorKind::InvalidData));
            } else {
                w.close();
            }
            fails(write_some(&w), io::ErrorKind::BrokenPipe);
        };
        let closing = spawn(move || {
            if later {
                runtime::gosched();
            }
            close();
        });
        if !later {
            closing.join().unwrap();
        }
        match (&r).read(&mut [0; 8]) {
            Ok(n) => assert!(!with_error && n == 0),
            Err(e) => assert!(with_error && e.kind() == io::ErrorKind::InvalidData),
        }
    }
}

/// Closing the reader ends a write before and after it; what was read is counted.
#[test]
fn write_close() {
    let (r, w) = pipe();
    let closing = spawn(move || {
        assert_eq!((&r).read(&mut [0; 3]).unwrap(), 3);
        r.close();
        assert_eq!(
            (&r).read(&mut [0]).unwrap_err().to_string(),
            "io: read/write on closed pipe"
        );
    });
    assert_eq!((&w).write(b"hello").unwrap(), 3);
    let e = write_some(&w).unwrap_err();
    assert_eq!(e.to_string(), "io: read/write on closed pipe");
    closing.join().unwrap();
}

/// An empty write does not wait: there is nothing to hand over. (Go waits for a reader, whose read
/// returns 0; here 0 would be the end of the stream.)
#[test]
fn write_empty() {
    let (_r, w) = pipe();
    assert_eq!((&w).write(b"").unwrap(), 0);
}

/// The first error that an end leaves is the one that stays.
#[test]
fn close_error() {
    let (r, w) = pipe();
    r.close_with_error("first");
    r.close_with_error("second");
    assert_eq!(write_some(&w).unwrap_err().to_string(), "first");
    let (r, w) = pipe();
    w.close();
    w.close_with_error("late");
    assert_eq!((&r).read(&mut [0]).unwrap(), 0);
}

/// Writers at once: each write arrives whole.
#[test]
fn parallel_writes() {
    let (mut r, w) = pipe();
    let w = std::sync::Arc::new(w);
    for id in 0..10u8 {
        let w = w.clone();
        spawn(move || {
            for _ in 0..50 {
                write_all(&w, &[id; 10]);
            }
        });
    }
    drop(w);
    let mut count = [0; 10];
    let mut buf = [0; 10];
    while r.read_exact(&mut buf).is_ok() {
        assert_eq!(buf, [buf[0]; 10]);
        count[buf[0] as usize] += 1;
    }
    assert_eq!(count, [50; 10]);
}

fn write_some(mut w: &PipeWriter) -> io::Result<usize> {
    w.write(b"x")
}

#[track_caller]
fn fails(result: io::Result<usize>, kind: io::ErrorKind) {
    assert_eq!(result.unwrap_err().kind(), kind);
}

/// All of it on goroutines.
#[test]
fn on_goroutines() {
    runtime::run(|| {
        pipe1();
        pipe2();
        pipe3();
        read_close();
        write_close();
        write_empty();
        close_error();
        parallel_writes();
    });
}

const _: fn() = || {
    fn both<T: Send + Sync>() {}
    both::<PipeReader>();
    both::<PipeWriter>();
};
