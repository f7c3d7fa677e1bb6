//! Goroutines and tokio's tasks.

use super::Command;
use goroutines::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    ("blocks_in_a_task", blocks_in_a_task),
    ("selects_in_a_task", selects_in_a_task),
    ("waits_in_a_task", waits_in_a_task),
];

/// Sends to somebody who waits for it, and to nobody else.
fn send_to_who_waits(tx: &Sender<i32>) {
    while tx.try_send(1).is_err() {
        runtime::gosched();
    }
}

/// A task that receives as a goroutine does.
fn blocks_in_a_task() {
    let (tx, rx) = chan::channel(0);
    let tasks = [rx.clone(), rx].map(|rx| goroutines::tokio::spawn(async move { rx.recv() }));
    send_to_who_waits(&tx);
    send_to_who_waits(&tx);
    for task in tasks {
        println!("{:?}", block_on(task).ok().flatten());
    }
}

/// A task that waits as a goroutine does, for a channel or a future.
fn selects_in_a_task() {
    let (tx, rx) = chan::channel(0);
    let task = goroutines::tokio::spawn(async move {
        select! {
            v = <-rx => v,
            () = await std::future::pending::<()>() => None,
        }
    });
    send_to_who_waits(&tx);
    println!("{:?}", block_on(task).ok().flatten());
}

/// And as a task does.
fn waits_in_a_task() {
    let (tx, rx) = chan::channel(0);
    let task = goroutines::tokio::spawn(async move { rx.recv_async().await });
    send_to_who_waits(&tx);
    println!("{:?}", block_on(task).ok().flatten());
}
