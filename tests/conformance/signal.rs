//! Go's `os/signal/signal_test.go`. Signals belong to the whole process, so each test uses its own.

use goroutines::context;
use goroutines::signal::{
    self, SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGURG, SIGUSR1, SIGUSR2, SIGVTALRM, SIGWINCH,
    Signal, SignalReceived,
};
use goroutines::{Receiver, runtime};

fn next(rx: &Receiver<Signal>) -> Option<Signal> {
    rx.recv()
}

/// A signal comes to the channel that asked for it and to the one that asked for all.
#[test]
fn signal() {
    let (one, all) = (signal::notify(&[SIGHUP]), signal::notify(&[]));
    signal::raise(SIGHUP).unwrap();
    assert_eq!(next(&one), Some(SIGHUP));
    loop {
        // Other tests' signals come to it too.
        if next(&all).expect("the signal comes") == SIGHUP {
            break;
        }
    }
    signal::raise(SIGWINCH).unwrap();
    while next(&all) != Some(SIGWINCH) {}
    assert!(one.try_recv().is_err());
    signal::stop(&one);
    signal::stop(&all);
}

/// After `stop` nothing is sent, and the channel ends; a second channel still gets the signal.
#[test]
fn stop() {
    let (stopped, kept) = (signal::notify(&[SIGUSR1]), signal::notify(&[SIGUSR1]));
    signal::stop(&stopped);
    signal::raise(SIGUSR1).unwrap();
    assert_eq!(next(&kept), Some(SIGUSR1));
    assert_eq!(stopped.recv(), None);
    signal::stop(&kept);
}

/// A signal that has come before `stop` still comes to the channel, however late the relay is, and does
/// not have its usual effect, which for this one would be to end the process.
#[test]
fn what_came_before_stop_is_delivered() {
    for _ in 0..200 {
        let rx = signal::notify(&[SIGVTALRM]);
        signal::raise(SIGVTALRM).unwrap();
        signal::stop(&rx);
        assert_eq!(rx.recv(), Some(SIGVTALRM));
        assert_eq!(rx.recv(), None);
    }
}

/// An ignored signal does nothing and goes to nobody, until it is asked for again.
#[test]
fn ignore_and_reset() {
    let before = signal::notify(&[SIGUSR2]);
    signal::ignore(&[SIGUSR2]);
    assert!(signal::ignored(SIGUSR2));
    signal::raise(SIGUSR2).unwrap();
    assert_eq!(before.recv(), None, "taken from the channel, which ends");
    let after = signal::notify(&[SIGUSR2]);
    assert!(!signal::ignored(SIGUSR2));
    signal::raise(SIGUSR2).unwrap();
    assert_eq!(next(&after), Some(SIGUSR2));
    signal::ignore(&[SIGUSR2]);
    signal::reset(&[SIGUSR2]);
    assert!(!signal::ignored(SIGUSR2));
}

/// Signals whose usual effect is none may be stopped and reset at any time.
#[test]
fn harmless_by_default() {
    let rx = signal::notify(&[SIGCONT, SIGURG]);
    signal::raise(SIGCONT).unwrap();
    assert_eq!(next(&rx), Some(SIGCONT));
    signal::reset(&[SIGCONT, SIGURG]);
    signal::raise(SIGCONT).unwrap();
    signal::raise(SIGURG).unwrap();
    assert_eq!(rx.recv(), None);
}

/// Sends never wait: what finds the channel full is dropped, and the first ones stay.
#[test]
fn a_full_channel_drops() {
    runtime::run(|| {
        let rx = signal::notify(&[SIGALRM]);
        let other = signal::notify(&[SIGALRM]);
        for _ in 0..500 {
            signal::raise(SIGALRM).unwrap();
            assert_eq!(next(&other), Some(SIGALRM));
        }
        assert!(rx.len() <= 64 && !rx.is_empty());
        signal::stop(&rx);
        signal::stop(&other);
    });
}

/// The context of `notify_context` is cancelled by the signal, with a cause that names it.
#[test]
fn notify_context_cause() {
    runtime::run(|| {
        let (ctx, stop) = signal::notify_context(&context::background(), &[SIGINT]);
        assert!(ctx.err().is_none());
        signal::raise(SIGINT).unwrap();
        assert_eq!(ctx.done().recv(), None);
        assert_eq!(ctx.err().unwrap().to_string(), "context canceled");
        let cause = context::cause(&ctx).unwrap();
        assert_eq!(cause.to_string(), "interrupt signal received");
        assert_eq!(
            cause.downcast_ref::<SignalReceived>(),
            Some(&SignalReceived(SIGINT))
        );
        stop();
    });
}

/// Stopping it, and cancelling its parent, cancel it.
#[test]
fn notify_context_stop_and_parent() {
    let (ctx, stop) = signal::notify_context(&context::background(), &[SIGTERM]);
    stop();
    assert_eq!(ctx.err().unwrap().to_string(), "context canceled");

    let (parent, cancel) = context::with_cancel(&context::background());
    let (ctx, stop) = signal::notify_context(&parent, &[SIGTERM]);
    cancel();
    assert_eq!(ctx.done().recv(), None);
    stop();
}

/// What a signal prints.
#[test]
fn names() {
    assert_eq!(format!("{SIGINT} {SIGINT:?}"), "interrupt SIGINT");
    let unnamed = Signal::from_number(40).unwrap();
    assert_eq!(format!("{unnamed} {unnamed:?}"), "signal 40 SIG40");
}
