//! `goroutines::tokio`: goroutines that use what stands on tokio, and tasks that use goroutines.

use goroutines::prelude::*;
use goroutines::runtime::Goexit;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tests::at_all_procs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::try_id;

/// A server of tokio's, and goroutines as its clients.
#[test]
fn sockets_and_timers_of_tokio() {
    at_all_procs(|| {
        const CLIENTS: usize = 50;
        let listener = goroutines::tokio::block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let addr = listener.local_addr().unwrap();
        let serving = goroutines::tokio::spawn(async move {
            for _ in 0..CLIENTS {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut word = [0; 5];
                    stream.read_exact(&mut word).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    stream.write_all(&word).await.unwrap();
                });
            }
        });
        let answered = AtomicUsize::new(0);
        scope(|s| {
            for i in 0..CLIENTS {
                let answered = &answered;
                s.go(move || {
                    let sent = format!("{i:05}");
                    // Borrows from the goroutine's frame.
                    let read = goroutines::tokio::block_on(async {
                        let mut stream = TcpStream::connect(addr).await?;
                        stream.write_all(sent.as_bytes()).await?;
                        let mut word = String::new();
                        stream.read_to_string(&mut word).await?;
                        std::io::Result::Ok(word)
                    });
                    assert_eq!(read.unwrap(), sent);
                    answered.fetch_add(1, SeqCst);
                });
            }
        });
        assert_eq!(answered.load(SeqCst), CLIENTS);
        block_on(serving).unwrap();
    });
}

/// The thread of a goroutine is never in tokio.
#[goroutine]
#[test]
fn nothing_stays_on_the_thread() {
    let here = goroutines::tokio::block_on(async { tokio::runtime::Handle::try_current().is_ok() });
    assert!(here);
    assert!(tokio::runtime::Handle::try_current().is_err() && try_id().is_none());
    let joined = goroutines::tokio::block_on(async {
        let blocking = tokio::task::spawn_blocking(|| 3).await.unwrap();
        blocking + tokio::task::block_in_place(|| 4)
    });
    assert_eq!(joined, 7);
}

#[goroutine]
#[test]
fn its_panic_is_the_caller_s() {
    let caught = recover(|| goroutines::tokio::block_on(async { panic!("inside") }));
    assert_eq!(caught.unwrap_err().message(), "inside");
    // Also while what it borrows is still there.
    let value = String::from("borrowed");
    let joined = scope(|s| {
        let ended = s.spawn(|| {
            goroutines::tokio::block_on(async {
                tokio::task::yield_now().await;
                assert!(value.is_empty(), "{value}");
            });
        });
        ended.join()
    });
    let message = joined.unwrap_err().message();
    assert!(message.starts_with("borrowed"), "{message}");
}

/// Handlers of a service written with tokio call goroutines, and wait without holding up its thread.
#[test]
fn tasks_that_use_goroutines() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let (tx, rx) = chan::channel::<(u64, Sender<u64>)>(0);
    go!(move || {
        for (n, answer) in rx {
            answer.send(n * n);
        }
    });
    // One thread: a task that blocked it would stop all.
    let sum = runtime.block_on(async {
        let ask = |n| {
            let tx = tx.clone();
            async move {
                let (answer, answers) = chan::channel(0);
                tx.send_async((n, answer)).await.unwrap();
                answers.recv_async().await.unwrap()
            }
        };
        let tasks: Vec<_> = (0..100).map(|n| tokio::spawn(ask(n))).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum + spawn(|| 1).await.unwrap()
    });
    assert_eq!(sum, (0..100).map(|n| n * n).sum::<u64>() + 1);
}

#[goroutine]
#[test]
fn a_goroutine_that_ends_may_still_wait() {
    let polled = std::sync::Arc::new(AtomicUsize::new(0));
    let counts = polled.clone();
    let ended = spawn(move || {
        defer!(goroutines::tokio::block_on(async {
            counts.fetch_add(1, SeqCst);
        }));
        runtime::goexit();
    });
    assert!(ended.join().unwrap_err().is::<Goexit>());
    // While it unwinds it may still wait.
    assert_eq!(polled.load(SeqCst), 1);
}
