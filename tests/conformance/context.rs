//! After Go's `context/x_test.go`, `context_test.go` and `afterfunc_test.go`.
//!
//! Not here: `TestWithValueChecksKey` (keys that are nil or cannot be compared do not compile), and
//! the tests of contexts that users implement (`TestCustomContext*`; a `Context` is a type here, not
//! an interface). `TestCancelRemoves` looks inside and stands in `runtime/src/context/core.rs`.

use goroutines::context::{self, CancelFunc, Context, ContextError, background};
use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tests::{eventually, gang, patience};

use ContextError::{Canceled, DeadlineExceeded};

const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(5);

/// Done and err must agree; tells whether the context is done.
#[track_caller]
fn done(ctx: &Context) -> bool {
    let closed = ctx.done().is_closed();
    let err = ctx.err();
    assert!(
        !closed || err.is_some(),
        "{ctx}: done is closed without err"
    );
    let closed = ctx.done().is_closed();
    assert!(err.is_none() || closed, "{ctx}: err without done");
    err.is_some()
}

fn text(ctx: &Context) -> Option<String> {
    context::cause(ctx).map(|cause| cause.to_string())
}

/// `TestBackground`, `TestTODO`.
#[test]
fn roots_are_never_done() {
    for (root, name) in [
        (background(), "context.Background"),
        (context::todo(), "context.TODO"),
        (Context::default(), "context.Background"),
    ] {
        assert!(root.done().is_nil() && root.err().is_none() && root.deadline().is_none());
        assert!(context::cause(&root).is_none());
        assert_eq!(root.to_string(), name);
    }
}

/// `TestWithCancel`.
#[test]
fn with_cancel() {
    let (c1, cancel) = context::with_cancel(&background());
    assert_eq!(c1.to_string(), "context.Background.WithCancel");
    let o = context::with_value(&c1, 1, "one");
    let (c2, _keep) = context::with_cancel(&o);
    for ctx in [&c1, &o, &c2] {
        assert!(!done(ctx), "{ctx} done before its time");
    }
    cancel();
    cancel();
    for ctx in [&c1, &o, &c2] {
        assert!(done(ctx), "{ctx} not done when cancel() returned");
        assert_eq!(ctx.err(), Some(Canceled));
        assert_eq!(ctx.done().recv(), None);
    }
}

/// `TestParentFinishesChild`: cancelling a parent ends its children, not its ancestors.
#[test]
fn parent_finishes_child() {
    let (ancestor, _keep0) = context::with_cancel(&background());
    let (parent, cancel) = context::with_cancel(&ancestor);
    let (child, _keep1) = context::with_cancel(&parent);
    let value = context::with_value(&parent, "key", "value");
    let (timed, _keep2) = context::with_timeout(&value, LONG);
    cancel();
    for ctx in [&parent, &child, &value, &timed] {
        assert!(done(ctx), "{ctx}");
        assert_eq!(ctx.err(), Some(Canceled));
    }
    assert!(!done(&ancestor));
    // And a child of a dead parent is dead from the start (`TestWithCancelCanceledParent`).
    let (late, _keep) = context::with_cancel(&parent);
    assert_eq!(late.err(), Some(Canceled));
    assert!(done(&late));
}

/// `TestChildFinishesFirst`: cancelling a child leaves its parent alone.
#[test]
fn child_finishes_first() {
    let (cancellable, _keep) = context::with_cancel(&background());
    for parent in [background(), cancellable] {
        let (child, cancel) = context::with_cancel(&parent);
        cancel();
        assert!(done(&child) && !done(&parent));
    }
}

/// `TestDeadline`, `TestTimeout`, `TestCanceledTimeout`.
#[test]
fn deadlines() {
    let expires = |(ctx, _cancel): (Context, CancelFunc)| {
        let start = Instant::now();
        assert_eq!(ctx.done().recv(), None);
        assert!(start.elapsed() < Duration::from_secs(60));
        assert_eq!(ctx.err(), Some(DeadlineExceeded));
        assert!(ctx.deadline().is_some_and(|at| at <= Instant::now()));
    };
    expires(context::with_deadline(
        &background(),
        Instant::now() + SHORT,
    ));
    expires(context::with_timeout(&background(), SHORT));
    // A later deadline below, with a value between, changes nothing.
    let (ctx, _keep) = context::with_timeout(&background(), SHORT);
    let ctx = context::with_value(&ctx, 1, 2);
    expires(context::with_timeout(&ctx, LONG));
    // One that has passed already is over at once.
    let (past, _keep) = context::with_timeout(&background(), Duration::ZERO);
    assert_eq!(past.err(), Some(DeadlineExceeded));
    assert!(done(&past));
    // Cancelling comes before the deadline.
    let (ctx, cancel) = context::with_timeout(&background(), LONG);
    let left = ctx.deadline().unwrap() - Instant::now();
    assert!(left <= LONG && left > LONG / 2);
    cancel();
    assert_eq!(ctx.err(), Some(Canceled));
    // Too far for the clock: never.
    let (ctx, cancel) = context::with_timeout(&background(), Duration::MAX);
    assert!(ctx.deadline().is_none() && !done(&ctx));
    cancel();
    assert!(done(&ctx));
}

/// The earlier deadline counts, whoever has it.
#[test]
fn the_earlier_deadline_counts() {
    let (parent, _keep) = context::with_timeout(&background(), LONG);
    let (later, _keep) = context::with_timeout(&parent, LONG * 2);
    assert_eq!(later.deadline(), parent.deadline());
    assert!(later.to_string().ends_with(".WithCancel"));
    let (earlier, _keep) = context::with_timeout(&parent, LONG / 2);
    assert!(earlier.deadline() < parent.deadline());
    let (inherits, _keep) = context::with_cancel(&earlier);
    assert_eq!(inherits.deadline(), earlier.deadline());
}

/// `TestValues`: the nearest value for a key counts; a key's type is part of it.
#[test]
fn values() {
    #[derive(PartialEq, Clone, Copy)]
    struct Key1(i32);
    #[derive(PartialEq)]
    struct Key2(i32);
    let get = |ctx: &Context| {
        (
            ctx.value::<&str>(&Key1(1)).copied(),
            ctx.value::<&str>(&Key1(3)).copied(),
            ctx.value::<&str>(&Key2(1)).copied(),
        )
    };
    let bg = background();
    assert_eq!(get(&bg), (None, None, None));
    let c1 = context::with_value(&bg, Key1(1), "c1k1");
    assert_eq!(get(&c1), (Some("c1k1"), None, None));
    let c2 = context::with_value(&c1, Key2(1), "c2k2");
    assert_eq!(get(&c2), (Some("c1k1"), None, Some("c2k2")));
    let c3 = context::with_value(&c2, Key1(3), "c3k3");
    let (c4, _keep) = context::with_cancel(&c3);
    let c5 = context::with_value(&c4, Key1(1), "c5k1");
    assert_eq!(get(&c4), (Some("c1k1"), Some("c3k3"), Some("c2k2")));
    assert_eq!(get(&c5), (Some("c5k1"), Some("c3k3"), Some("c2k2")));
    // The nearest key hides farther ones even if its value has another type.
    let c6 = context::with_value(&c5, Key1(1), 7_u8);
    assert_eq!(c6.value::<&str>(&Key1(1)), None);
    assert_eq!(c6.value::<u8>(&Key1(1)), Some(&7));
    assert!(c6.to_string().contains("Key1, u8"));
}

/// `TestSimultaneousCancels`: a hundred of all kinds, in a tree, cancelled at once.
#[test]
fn simultaneous_cancels() {
    let (root, cancel) = context::with_cancel(&background());
    let mut all: Vec<(Context, CancelFunc)> = vec![(root, cancel)];
    let mut at = 0;
    while all.len() < 100 {
        let parent = all[at].0.clone();
        at += 1;
        all.push(context::with_cancel(&parent));
        all.push(context::with_timeout(&parent, LONG));
        all.push(context::with_cancel(&context::with_value(&parent, 1, 2)));
    }
    gang(all.len(), |i| {
        let (ctx, cancel) = &all[i];
        cancel();
        assert!(done(ctx), "{ctx}");
    });
    assert!(all.iter().all(|(ctx, _)| done(ctx)));
}

/// When a `cancel()` returns all below is cancelled, also if another `cancel()` came first and is
/// still at work.
#[test]
fn every_cancel_waits_for_the_whole_tree() {
    for _ in 0..100 {
        let (root, cancel) = context::with_cancel(&background());
        let mut deep = root.clone();
        let mut keep = Vec::new();
        for _ in 0..50 {
            let (child, cancel) = context::with_cancel(&deep);
            keep.push(cancel);
            deep = child;
        }
        gang(3, |_| {
            cancel();
            assert!(done(&deep), "cancel() returned before the leaf was done");
        });
    }
}

/// `TestLayersCancel`, `TestLayersTimeout`: thirty layers of random kinds end with the one that is
/// cancelled, those above do not, and values are seen through all of them.
#[test]
fn layers() {
    for seed in 1..40_u64 {
        let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut next = |n: u64| {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1);
            (random >> 33) % n
        };
        let (mut ctx, mut layers, mut values) = (background(), Vec::new(), Vec::new());
        for i in 0..30_u64 {
            let (derived, cancel) = match next(3) {
                0 => context::with_cancel(&ctx),
                1 => context::with_timeout(&ctx, LONG),
                _ => {
                    values.push(i);
                    ctx = context::with_value(&ctx, i, i * 10);
                    continue;
                }
            };
            ctx = derived;
            layers.push((ctx.clone(), cancel));
        }
        for i in &values {
            assert_eq!(ctx.value::<u64>(i), Some(&(i * 10)));
        }
        let chosen = next(layers.len() as u64) as usize;
        layers[chosen].1();
        for (i, (layer, _)) in layers.iter().enumerate() {
            assert_eq!(
                done(layer),
                i >= chosen,
                "{layer}, cancelled layer {chosen}"
            );
        }
        assert!(done(&ctx));
    }
}

/// `TestDeadlineExceededSupportsTimeout`, `TestDeadlineExceededIsNetError`.
#[test]
fn errors() {
    assert!(DeadlineExceeded.is_timeout() && !Canceled.is_timeout());
    assert_eq!(DeadlineExceeded.to_string(), "context deadline exceeded");
    assert_eq!(Canceled.to_string(), "context canceled");
    let io = std::io::Error::from(DeadlineExceeded);
    assert_eq!(io.kind(), std::io::ErrorKind::TimedOut);
    assert!(io.get_ref().unwrap().is::<ContextError>());
}

type BoxError = Box<dyn Error + Send + Sync>;

/// `TestCause`, row by row.
#[test]
fn causes() {
    let canceled = || Some("context canceled".to_owned());
    let exceeded = || Some("context deadline exceeded".to_owned());
    let some = |s: &str| Some(s.to_owned());
    let err = |s: &str| -> BoxError { s.into() };
    let bg = background();

    // Nothing cancelled.
    assert_eq!(text(&bg), None);
    let (ctx, cancel) = context::with_cancel(&bg);
    assert_eq!(text(&ctx), None);
    // Without a cause it is the error, and the very value.
    cancel();
    assert_eq!(text(&ctx), canceled());
    assert!(context::cause(&ctx).unwrap().is::<ContextError>());
    // With a cause.
    let (ctx, cancel) = context::with_cancel_cause(&bg);
    cancel(err("parent"));
    cancel(err("again"));
    assert_eq!((text(&ctx), ctx.err()), (some("parent"), Some(Canceled)));
    // The parent's cause reaches children and values, made before or after.
    let (parent, cancel) = context::with_cancel_cause(&bg);
    let (before, _keep) = context::with_cancel(&parent);
    cancel(err("parent"));
    let (after, _keep) = context::with_cancel_cause(&parent);
    let value = context::with_value(&parent, 1, 2);
    for ctx in [&before, &after, &value] {
        assert_eq!(text(ctx), some("parent"), "{ctx}");
    }
    // A child's cause stays its own.
    let (parent, cancel_parent) = context::with_cancel_cause(&bg);
    let (child, cancel_child) = context::with_cancel_cause(&parent);
    let (grandchild, _keep) = context::with_cancel(&child);
    cancel_child(err("child"));
    assert_eq!(text(&parent), None);
    cancel_parent(err("parent"));
    assert_eq!(text(&parent), some("parent"));
    assert_eq!(text(&child), some("child"));
    assert_eq!(text(&grandchild), some("child"));
    // The parent first: the child's own cause comes too late.
    let (parent, cancel_parent) = context::with_cancel_cause(&bg);
    let (child, cancel_child) = context::with_cancel_cause(&parent);
    cancel_parent(err("parent"));
    cancel_child(err("child"));
    assert_eq!(text(&child), some("parent"));
    // Timeouts: expired with and without a cause, and cancelled before.
    let (ctx, _keep) = context::with_timeout(&bg, Duration::ZERO);
    assert_eq!(text(&ctx), exceeded());
    let (ctx, _keep) = context::with_timeout_cause(&bg, Duration::ZERO, "too slow");
    assert_eq!(
        (text(&ctx), ctx.err()),
        (some("too slow"), Some(DeadlineExceeded))
    );
    let (ctx, _keep) = context::with_timeout_cause(&bg, SHORT, "too slow");
    assert_eq!(ctx.done().recv(), None);
    assert_eq!(text(&ctx), some("too slow"));
    let (ctx, cancel) = context::with_timeout_cause(&bg, LONG, "too slow");
    cancel();
    assert_eq!((text(&ctx), ctx.err()), (canceled(), Some(Canceled)));
    // A deadline that the parent's makes idle takes its cause with it.
    let (parent, _keep) = context::with_timeout_cause(&bg, SHORT, "parent's");
    let (child, _keep) = context::with_timeout_cause(&parent, LONG, "child's");
    assert_eq!(child.done().recv(), None);
    assert_eq!(text(&child), some("parent's"));
    // A detached context has none.
    let (parent, cancel) = context::with_cancel_cause(&bg);
    let detached = context::without_cancel(&parent);
    cancel(err("parent"));
    assert_eq!(text(&detached), None);
    let (below, cancel) = context::with_cancel_cause(&detached);
    cancel(err("below"));
    assert_eq!((text(&detached), text(&below)), (None, some("below")));
}

/// `TestWithoutCancel`.
#[test]
fn without_cancel_keeps_values_only() {
    let parent = context::with_value(&background(), "key", 5);
    let (parent, cancel) = context::with_timeout(&parent, LONG);
    let ctx = context::without_cancel(&parent);
    cancel();
    assert_eq!(ctx.value::<i32>(&"key"), Some(&5));
    assert!(ctx.deadline().is_none() && ctx.err().is_none() && ctx.done().is_nil());
    assert!(ctx.to_string().ends_with(".WithoutCancel"));
}

/// `TestAfterFuncCalledAfterCancel`, `TestAfterFuncCalledAfterTimeout`.
#[test]
fn after_func_runs_after_cancel() {
    let (ran, runs) = mpsc::channel();
    let (ctx, cancel) = context::with_cancel(&background());
    let stop = context::after_func(&ctx, {
        let ran = ran.clone();
        move || ran.send("cancelled").unwrap()
    });
    assert!(runs.try_recv().is_err());
    cancel();
    assert_eq!(runs.recv_timeout(patience(60)), Ok("cancelled"));
    assert!(!stop(), "stop() after it ran");

    let (ctx, _keep) = context::with_timeout(&background(), SHORT);
    context::after_func(&ctx, move || ran.send("expired").unwrap());
    assert_eq!(runs.recv_timeout(patience(60)), Ok("expired"));
}

/// `TestAfterFuncCalledImmediately`.
#[test]
fn after_func_of_a_done_context_runs_at_once() {
    let (ran, runs) = mpsc::channel();
    let (ctx, cancel) = context::with_cancel(&background());
    cancel();
    context::after_func(&ctx, move || ran.send(()).unwrap());
    assert_eq!(runs.recv_timeout(patience(60)), Ok(()));
}

/// `TestAfterFuncNotCalledAfterStop`, with the function dropped then.
#[test]
fn after_func_stopped() {
    let held = Arc::new(());
    let (ctx, cancel) = context::with_cancel(&background());
    let stop = context::after_func(&ctx, {
        let held = held.clone();
        move || panic!("called off, but {held:?} ran")
    });
    assert!(stop() && !stop());
    assert_eq!(Arc::strong_count(&held), 1);
    cancel();
    assert!(!stop());
}

/// `TestAfterFuncCalledAsynchronously`: cancel does not wait for the function.
#[test]
fn cancel_does_not_wait_for_after_func() {
    let (gate, waits) = mpsc::channel::<()>();
    let (ran, runs) = mpsc::channel();
    let (ctx, cancel) = context::with_cancel(&background());
    context::after_func(&ctx, move || {
        waits.recv().unwrap();
        ran.send(()).unwrap();
    });
    cancel();
    assert!(runs.try_recv().is_err());
    gate.send(()).unwrap();
    assert_eq!(runs.recv_timeout(patience(60)), Ok(()));
}

/// What is derived from a context, or waits for it, keeps its place in the tree when the handles in
/// between are gone.
#[test]
fn dropped_handles_in_between() {
    let (root, cancel) = context::with_cancel(&background());
    let (ran, runs) = mpsc::channel();
    let leaf = context::with_cancel(&context::with_cancel(&root).0).0;
    let only_done = context::with_cancel(&context::with_cancel(&root).0)
        .0
        .done();
    let middle = context::with_cancel(&root).0;
    context::after_func(&middle, move || ran.send(()).unwrap());
    drop(middle);
    assert!(!done(&leaf) && !only_done.is_closed());
    cancel();
    assert!(done(&leaf) && only_done.is_closed());
    assert_eq!(runs.recv_timeout(patience(60)), Ok(()));
}

/// Dropping everything cancels nothing: who holds a `done` channel would wait for ever, as in Go.
#[test]
fn dropping_is_not_cancelling() {
    let orphan = context::with_cancel(&background()).0.done();
    assert!(!orphan.is_closed());
    let (root, cancel) = context::with_cancel(&background());
    let (child, _) = context::with_cancel(&root);
    assert!(!done(&child));
    drop(root);
    cancel();
    assert!(done(&child));
}

/// A chain of a hundred thousand contexts (two a turn) is cancelled and dropped without recursion.
#[test]
fn deep_chains() {
    let (root, cancel) = context::with_cancel(&background());
    let mut ctx = root;
    for i in 0..50_000 {
        ctx = context::with_value(&context::with_cancel(&ctx).0, i, i);
    }
    assert_eq!(ctx.value::<i32>(&7), Some(&7));
    cancel();
    assert!(done(&ctx));
    drop(ctx);
}

/// Err and Done agree at every moment, seen from outside while somebody cancels.
#[test]
fn err_and_done_agree() {
    for _ in 0..200 {
        let (ctx, cancel) = context::with_cancel(&background());
        let (child, _keep) = context::with_cancel(&ctx);
        let seen = AtomicU32::new(0);
        gang(3, |i| {
            if i == 0 {
                return cancel();
            }
            let ctx = if i == 1 { &ctx } else { &child };
            eventually("cancelled", || done(ctx));
            seen.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(seen.load(Ordering::Relaxed), 2);
    }
}
