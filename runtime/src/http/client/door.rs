//! [`Door`]: where requests pass from their goroutines to hyper's connection.
//!
//! What comes into hyper's queue while the connection is dropped stays there for as long as a goroutine can send
//! more; and the one that waits for the answer can. So the connection's goroutine closes the door before it drops
//! the connection: what came before that is in the queue, where the drop finds it, and nothing comes after.

use crate::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// One per connection of hyper's.
#[derive(Default)]
pub(super) struct Door {
    /// Of our own code, only what puts a request into hyper's queue runs under the lock; of the user's, nothing.
    passing: Mutex<()>,
    /// Only written under the lock.
    closed: AtomicBool,
}

impl Door {
    /// Puts a request into hyper's queue by `send`. What `send` has taken comes back if the door is closed.
    pub(super) fn pass<T, R>(&self, request: T, send: impl FnOnce(T) -> R) -> Result<R, T> {
        let _passing = self.passing.lock();
        match self.is_closed() {
            true => Err(request),
            false => Ok(send(request)),
        }
    }

    /// Does no request pass any more? Who was refused sees it.
    pub(super) fn is_closed(&self) -> bool {
        // Relaxed: under the lock, or a hint; nothing is read because of it.
        self.closed.load(Ordering::Relaxed)
    }

    /// No more requests.
    pub(super) fn close(&self) {
        let _passing = self.passing.lock();
        self.closed.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use crate::chan::{Receiver, Sender, channel};
    use crate::http::Body;
    use crate::http::client::again::start;
    use crate::http::client::link::{Failed, Link};
    use crate::http::client::sending::SendBody;
    use crate::http::line::{Line, Plain};
    use crate::net::TcpStream;
    use hyper::body::Bytes;
    use std::io::{self, Read};
    use std::sync::Arc;
    use std::time::Duration;

    /// A reader whose end takes its time.
    struct Slow {
        begun: Sender<()>,
        go_on: Receiver<()>,
    }

    impl Read for Slow {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            unreachable!("the server has not said \"continue\"")
        }
    }

    impl Drop for Slow {
        fn drop(&mut self) {
            self.begun.send(());
            self.go_on.recv();
        }
    }

    /// While the destructor of a body runs, which ends with its connection, a request that comes too late is told so.
    #[test]
    fn nothing_is_locked_while_a_body_ends() {
        crate::runtime::run(|| {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let addr = listener.local_addr().unwrap();
            let line = Line::new(TcpStream::connect(&*addr.to_string()).unwrap());
            let io = Box::new(Plain::new(line.clone(), Bytes::new()));
            let mut link = Link::One(start(&line, io, false).unwrap());
            let (mut peer, _) = listener.accept().unwrap();
            let request = |body, gate| {
                let mut request = hyper::Request::new(SendBody::new(body, gate));
                *request.method_mut() = hyper::Method::POST;
                request
            };
            let ((begun, begins), (go_on, going)) = (channel(0), channel::<()>(0));
            let slow = Slow {
                begun,
                go_on: going,
            };
            let resetting = std::thread::spawn(move || {
                peer.read_exact(&mut [0]).unwrap();
                let linger = socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO));
                linger.unwrap();
            });
            let asked = link.ask(request(Body::reader(slow), Some(Arc::default())), None);
            assert!(matches!(asked, Ok(Err(Failed::Asked(_)))));
            resetting.join().unwrap();
            begins.recv();
            let late = link.ask(request(Body::empty(), None), None);
            assert!(matches!(late, Ok(Err(Failed::Late(_)))));
            go_on.send(());
        });
    }
}
