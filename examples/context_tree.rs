//! Cancelling a request cancels everything that was started for it, and nothing else.
//!
//! Mirrors the tree of the Go blog's "Context": children are cancelled with their parent, a
//! parent's deadline holds for its children, and values are found from below.

use goroutines::prelude::*;

#[derive(PartialEq)]
struct User;

fn task(name: &'static str, ctx: Context, done: Sender<String>) {
    go!({
        let user = ctx.value::<&str>(&User).unwrap();
        ctx.done().recv();
        done.send(format!("{name} for {user}: {}", ctx.err().unwrap()));
    });
}

#[goroutine]
fn main() {
    let root = context::with_value(&context::background(), User, "ann");
    let (request, cancel) = context::with_cancel(&root);
    let (other, cancel_other) = context::with_timeout(&root, 100 * time::MILLISECOND);
    let (query, cancel_query) = context::with_timeout(&request, time::HOUR);

    let (done, ended) = chan::channel(0);
    task("request", request, done.clone());
    task("query", query, done.clone());
    task("other", other, done);

    println!("request cancelled");
    cancel();
    for text in ended {
        println!("{text}");
    }
    cancel_query();
    cancel_other();
}
