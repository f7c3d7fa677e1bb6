//! A connection from its beginning to its end: whose goroutine runs this.

use super::AbortHandler;
use super::asked::AtEnd;
use super::conn::{Conn, Driver, Step, last_request};
#[cfg(feature = "http2")]
use super::http2::{self, Beginning};
use super::shared::{Inner, Served};
use super::socket::Socket;
use super::wire::{Wire, due_in};
use crate::panic::recover;
use crate::sched::on_lent_stack;
use crate::with_stack::with_stack;
#[cfg(not(feature = "http2"))]
use hyper::body::Bytes;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a turn has ended.
enum Turn {
    /// Nothing to do before there is more input; says whether a request was answered.
    Wait(bool),
    /// The connection has ended in good order; says whether the last body was read to its end.
    Done(bool),
    /// The handler has panicked, or what it had returned.
    Broken,
}

/// Serves one connection until it ends.
///
/// Only the waiting happens on the goroutine's own stack, of which it needs very little. Parsing
/// and the handler run on a stack that all connections share; it is warm, where a thousand stacks
/// of their own would be cold.
pub(super) fn serve(server: &Arc<Inner>, socket: Socket, peer: SocketAddr) {
    let config = server.config();
    #[cfg(feature = "tls")]
    let Some(socket) = encrypted(server, socket, config.read_header_timeout) else {
        return;
    };
    #[cfg(feature = "http2")]
    let (socket, before) = match http2::begins(server, socket, &config) {
        Ok(Beginning::Http1(socket, before)) => (socket, before),
        Ok(Beginning::Http2(stream)) => return http2::serve(server, stream, peer, config),
        Err(_) => return,
    };
    #[cfg(not(feature = "http2"))]
    let before = Bytes::new();
    let write_timeout = Some(config.write_timeout).filter(|d| !d.is_zero());
    if socket.set_write_timeout(write_timeout).is_err() {
        return;
    }
    let wire = &Wire::new(socket, peer);
    let (conn, mut driver) = on_lent_stack(|| Conn::new(server, wire, config, before));
    let Some(registered) = server.register(wire.clone()) else {
        return;
    };
    // Whoever may still refer to it: a handler that comes too late, say.
    let ends = AtEnd(|| wire.cut_off());
    let mut head_due = None;
    loop {
        let turned = on_lent_stack(|| match config.stack_size {
            0 => turn(&conn, &mut driver),
            bytes => with_stack(bytes, || turn(&conn, &mut driver)),
        });
        if matches!(turned, Turn::Done(_))
            && let Some((takeover, rest)) = conn.take_takeover()
        {
            ends.dismiss();
            // The server's end does not wait for it.
            drop(registered);
            let run = || takeover.run(wire, rest);
            on_lent_stack(|| guarded(&conn, || with_stack(config.stack_size, run)));
            return;
        }
        match turned {
            Turn::Done(true) | Turn::Broken => return,
            Turn::Done(false) => return linger(&wire.stream),
            Turn::Wait(true) => head_due = None,
            Turn::Wait(false) => {}
        }
        if wire.came.has_input() {
            // A part of a head: all of it must come within one time.
            let due = *head_due.get_or_insert_with(|| due_in(config.read_header_timeout));
            if wire.wait_head(due, || server.is_ending()).is_err() {
                return;
            }
            continue;
        }
        match wire.wait_idle(config.idle_timeout, || server.is_ending()) {
            Ok(true) => {}
            Ok(false) => last_request(&mut driver),
            Err(_) => return,
        }
    }
}

/// The same with TLS, if the server has that. The handshake counts as a part of the first head.
#[cfg(feature = "tls")]
fn encrypted(server: &Arc<Inner>, socket: Socket, limit: std::time::Duration) -> Option<Socket> {
    let tls = server.tls.lock().clone();
    match (tls, socket) {
        (Some(config), Socket::Tcp(stream)) => {
            let secure = on_lent_stack(|| super::secure::Secure::accept(stream, config, limit));
            secure.ok().map(|secure| Socket::Secure(Box::new(secure)))
        }
        (_, socket) => Some(socket),
    }
}

/// Answers the requests that are there. A panic of the handler ends the connection only; so does one
/// of the reader that it has returned, and hyper's about a wrong `content-length`.
fn turn(conn: &Arc<Conn>, driver: &mut Driver) -> Turn {
    guarded(conn, || answer_all(conn, driver)).unwrap_or_else(|| {
        // It may hold what the handler has returned, whose end may panic, too.
        let broken = driver.take();
        guarded(conn, || drop(broken));
        Turn::Broken
    })
}

/// Runs `f` and reports a panic, which `None` stands for.
fn guarded<R>(conn: &Arc<Conn>, f: impl FnOnce() -> R) -> Option<R> {
    let panic = match recover(f) {
        Ok(result) => return Some(result),
        Err(panic) => panic,
    };
    if let Err(panic) = panic.downcast::<AbortHandler>() {
        let _ = recover(|| conn.report(&format_args!("panic: {}", panic.text())));
    }
    None
}

fn answer_all(conn: &Arc<Conn>, driver: &mut Driver) -> Turn {
    loop {
        match conn.poll(driver) {
            Step::Request => conn.answer_next(driver),
            Step::Wait => {
                conn.rests(driver);
                return Turn::Wait(conn.take_answered().is_some());
            }
            Step::Done => return Turn::Done(conn.take_answered().unwrap_or(true)),
        }
    }
}

/// Reads and forgets for a moment what the peer still sends: closing with unread data would reset
/// the connection, and the answer could be lost on its way.
fn linger(mut stream: &Socket) {
    const AT_MOST: Duration = Duration::from_millis(500);
    let _ = stream.set_read_deadline(Some(Instant::now() + AT_MOST));
    let mut buf = [0; 1024];
    let mut left = 256 << 10;
    while left > 0 {
        match stream.read(&mut buf) {
            Ok(n) if n > 0 => left -= n.min(left),
            _ => break,
        }
    }
}
