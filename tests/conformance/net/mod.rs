//! Go's `net/*_test.go` and `nettest`: connections, deadlines, closing, listening, datagrams.

/// Runs tests of this module, which run on plain threads, on goroutines too.
macro_rules! on_goroutines_too {
    ($($test:ident)*) => {
        mod on_goroutines {
            $(
                #[test]
                fn $test() {
                    goroutines::runtime::run(super::$test)
                }
            )*
        }
    };
}

mod conn;
mod deadline;
mod dial;
mod listen;
mod packet;

use goroutines::net::{NetError, PipeStream, TcpListener, TcpStream, UnixStream};
use goroutines::spawn;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::in_time;

/// What the tests need of a connection, whatever its kind.
trait Conn: Send + Sync {
    fn read(&self, buf: &mut [u8]) -> io::Result<usize>;
    fn write(&self, buf: &[u8]) -> io::Result<usize>;
    fn close(&self) -> io::Result<()>;
    fn set_read_deadline(&self, t: Option<Instant>) -> io::Result<()>;
    fn set_write_deadline(&self, t: Option<Instant>) -> io::Result<()>;

    fn set_deadline(&self, t: Option<Instant>) -> io::Result<()> {
        self.set_read_deadline(t)?;
        self.set_write_deadline(t)
    }
}

macro_rules! conn {
    ($T:ty) => {
        impl Conn for $T {
            fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
                Read::read(&mut &*self, buf)
            }
            fn write(&self, buf: &[u8]) -> io::Result<usize> {
                Write::write(&mut &*self, buf)
            }
            fn close(&self) -> io::Result<()> {
                <$T>::close(self)
            }
            fn set_read_deadline(&self, t: Option<Instant>) -> io::Result<()> {
                <$T>::set_read_deadline(self, t)
            }
            fn set_write_deadline(&self, t: Option<Instant>) -> io::Result<()> {
                <$T>::set_write_deadline(self, t)
            }
        }
    };
}

conn!(TcpStream);
conn!(UnixStream);
conn!(PipeStream);

type Pair = (Arc<dyn Conn>, Arc<dyn Conn>);

/// Both ends of a TCP connection over loopback.
fn tcp_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let a = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (b, _) = listener.accept().unwrap();
    (a, b)
}

/// Runs `test` on a fresh connection of each kind.
fn for_each_kind(test: impl Fn(Pair)) {
    let (a, b) = tcp_pair();
    test((Arc::new(a), Arc::new(b)));
    let (a, b) = UnixStream::pair().unwrap();
    test((Arc::new(a), Arc::new(b)));
    let (a, b) = goroutines::net::pipe();
    test((Arc::new(a), Arc::new(b)));
}

/// Asserts that a call has failed with `want`.
#[track_caller]
fn fails<T>(result: io::Result<T>, want: NetError) {
    match result {
        Ok(_) => panic!("did not fail with {want:?}"),
        Err(e) => assert_eq!(NetError::of(&e), Some(want), "{e}"),
    }
}

/// A deadline `ms` from now; negative is the past.
fn after_ms(ms: i64) -> Option<Instant> {
    let d = Duration::from_millis(ms.unsigned_abs());
    if ms < 0 {
        Instant::now().checked_sub(d)
    } else {
        Instant::now().checked_add(d)
    }
}

/// Long enough for a blocked call to have blocked, on a busy machine too; nothing may depend on
/// its having done so.
fn let_it_block() {
    goroutines::time::sleep(Duration::from_millis(20));
}

/// Writes everything, however often it takes.
fn write_all(conn: &dyn Conn, mut buf: &[u8]) -> io::Result<()> {
    while !buf.is_empty() {
        let n = conn.write(buf)?;
        buf = &buf[n..];
    }
    Ok(())
}

/// Reads until `buf` is full.
fn read_exact(conn: &dyn Conn, mut buf: &mut [u8]) -> io::Result<()> {
    while !buf.is_empty() {
        let n = conn.read(buf)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buf = &mut buf[n..];
    }
    Ok(())
}
