//! A goroutine ends, and the goroutine that it started goes on.
//!
//! Mirrors the rule of Go that there are no parents and children: only main's end ends the others.

use goroutines::prelude::*;

fn parent(done: Sender<()>) {
    go!(child(done));
    println!("parent: returns");
}

fn child(done: Sender<()>) {
    time::sleep(50 * time::MILLISECOND);
    println!("child: still here");
    done.send(());
}

#[goroutine]
fn main() {
    let (done, finished) = chan::channel(0);
    go!(parent(done));
    finished.recv();
}
