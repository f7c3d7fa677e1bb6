//! Goroutines and tokio's tasks.

use super::Command;
use goroutines::prelude::*;
use std::time::Duration;

pub(crate) const COMMANDS: &[Command] = &[
    ("blocks_in_a_task", blocks_in_a_task),
    ("selects_in_a_task", selects_in_a_task),
    ("waits_in_a_task", waits_in_a_task),
];

/// A task that receives as a goroutine does.
fn blocks_in_a_task() {
    let (tx, rx) = chan::channel(0);
    let tasks = [rx.clone(), rx].map(|rx| goroutines::tokio::spawn(async move { rx.recv() }));
    time::sleep(Duration::from_millis(1));
    tx.send(1);
    tx.send(1);
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
    time::sleep(Duration::from_millis(1));
    tx.send(1);
    println!("{:?}", block_on(task).ok().flatten());
}

/// And as a task does.
fn waits_in_a_task() {
    let (tx, rx) = chan::channel(0);
    let task = goroutines::tokio::spawn(async move { rx.recv_async().await });
    time::sleep(Duration::from_millis(1));
    tx.send(1);
    println!("{:?}", block_on(task).ok().flatten());
}
