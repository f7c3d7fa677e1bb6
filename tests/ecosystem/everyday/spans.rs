//! Spans of `tracing` that are entered over calls that suspend: the feature `tracing`.

use goroutines::{chan, runtime, scope, sync, time};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Compares the field `of` of each event with that of the span in which it is.
#[derive(Clone, Default)]
struct Checks {
    events: Arc<AtomicUsize>,
    wrong: Arc<AtomicUsize>,
}

#[derive(Default)]
struct Of(Option<u64>);

impl Visit for Of {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "of" {
            self.0 = Some(value);
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Checks {
    fn on_new_span(&self, attrs: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let mut of = Of::default();
        attrs.record(&mut of);
        ctx.span(id).unwrap().extensions_mut().insert(of);
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let mut of = Of::default();
        event.record(&mut of);
        let span = ctx.event_span(event);
        let in_span = span.and_then(|span| span.extensions().get::<Of>().and_then(|of| of.0));
        self.events.fetch_add(1, Relaxed);
        self.wrong.fetch_add(usize::from(in_span != of.0), Relaxed);
    }
}

thread_local! {
    static DEPTH: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

// ANCHOR: tracing
/// What a handler does: all that suspends, two spans deep.
#[tracing::instrument(level = "info", skip_all, fields(of = of))]
fn handle(of: u64, lock: &sync::Mutex<u64>, turns: &chan::Chan<u64>) {
    tracing::info!(of);
    time::sleep(Duration::from_micros(of % 50));
    tracing::info!(of);
    {
        let inner = tracing::info_span!("inner", of = of + 1_000_000).entered();
        *lock.lock() += 1;
        runtime::gosched();
        tracing::info!(of = of + 1_000_000);
        turns.send(of);
        drop(inner);
    }
    tracing::info!(of);
    turns.recv();
    goroutines::spawn(|| tracing::info!("no span"))
        .join()
        .unwrap();
    runtime::blocking(std::thread::yield_now);
    tracing::info!(of);
}
// ANCHOR_END: tracing

#[test]
fn spans_follow_their_goroutines() {
    const GOROUTINES: u64 = 200;
    const ROUNDS: u64 = 40;
    let checks = Checks::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(checks.clone()))
        .unwrap();
    ecosystem::everywhere(1, |_| {
        let (lock, turns) = (sync::Mutex::new(0), chan::Chan::new(3));
        scope(|s| {
            for g in 0..GOROUTINES {
                let (lock, turns) = (&lock, &turns);
                s.go(move || {
                    for round in 0..ROUNDS {
                        handle(g * ROUNDS + round, lock, turns);
                        assert!(tracing::Span::current().is_none());
                    }
                });
            }
        });
        assert_eq!(*lock.lock(), GOROUTINES * ROUNDS);
    });
    let (events, wrong) = (checks.events.load(Relaxed), checks.wrong.load(Relaxed));
    assert_eq!(events as u64, 3 * 6 * GOROUTINES * ROUNDS);
    assert_eq!(wrong, 0, "of {events} events");
}

/// Other crates' state follows by hooks, through everything that suspends.
#[test]
fn state_of_a_thread_follows_by_hooks() {
    goroutines::goroutine_local! {
        static LEFT: RefCell<Vec<u64>> = RefCell::new(Vec::new());
    }
    runtime::on_switch(
        || LEFT.with(|left| left.replace(DEPTH.take())).clear(),
        || {
            let there = DEPTH.replace(LEFT.with(RefCell::take));
            assert!(there.is_empty(), "another goroutine's");
        },
    );
    let (lock, ready) = (sync::RWMutex::new(0), sync::Cond::new());
    let (turn, turns) = (sync::Mutex::new(0), chan::Chan::new(0));
    ecosystem::everywhere(100, |i| {
        let own = vec![i as u64, 7];
        let check = |what: &str| assert_eq!(DEPTH.with_borrow(Clone::clone), own, "{what}");
        DEPTH.set(own.clone());
        for _ in 0..10 {
            time::sleep(Duration::from_micros(20));
            check("sleep");
            *lock.write() += 1;
            check("write");
            assert!(*lock.read() > 0);
            check("read");
            if i % 2 == 0 {
                turns.send(i);
            } else {
                turns.recv();
            }
            check("channel");
            goroutines::select! {
                _ = await goroutines::spawn(|| ()) => {}
                <-chan::Receiver::<u8>::nil() => {}
            }
            check("select");
            // ANCHOR: tokio
            goroutines::tokio::block_on(async { tokio::task::yield_now().await });
            // ANCHOR_END: tokio
            check("block_on");
            let mut n = turn.lock();
            *n += 1;
            ready.broadcast();
            drop(n);
            check("cond");
            let wg = sync::WaitGroup::new();
            wg.go(runtime::gosched);
            wg.wait();
            check("wait group");
            scope(|s| s.go(runtime::gosched));
            check("scope");
        }
        DEPTH.take();
    });
}

/// A subscriber whose current span does not follow `exit` is let alone after a few, and all that it was told is
/// taken back.
#[test]
fn a_subscriber_that_ignores_exits() {
    use tracing::span::Record;
    use tracing_core::span::Current;
    #[derive(Default)]
    struct Ignores {
        exits: AtomicUsize,
        enters: AtomicUsize,
    }
    struct Shared(Arc<Ignores>);
    impl Subscriber for Shared {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn enter(&self, _: &Id) {
            self.0.enters.fetch_add(1, Relaxed);
        }
        fn exit(&self, _: &Id) {
            self.0.exits.fetch_add(1, Relaxed);
        }
        fn current_span(&self) -> Current {
            static CALLSITE: tracing::callsite::DefaultCallsite =
                tracing::callsite::DefaultCallsite::new(&META);
            static META: tracing::Metadata<'static> = tracing::Metadata::new(
                "current",
                "ecosystem",
                tracing::Level::INFO,
                None,
                None,
                None,
                tracing::field::FieldSet::new(&[], tracing::callsite::Identifier(&CALLSITE)),
                tracing::metadata::Kind::SPAN,
            );
            Current::new(Id::from_u64(1), &META)
        }
    }
    let counts = Arc::new(Ignores::default());
    let shared = Shared(counts.clone());
    // One thread's, to which the goroutine is bound.
    runtime::run(move || {
        runtime::lock_os_thread();
        tracing::subscriber::with_default(shared, || time::sleep(Duration::from_micros(20)));
        runtime::unlock_os_thread();
    });
    let (exits, enters) = (counts.exits.load(Relaxed), counts.enters.load(Relaxed));
    assert_eq!(exits, enters);
    assert!((1..=8).contains(&exits), "{exits}");
}
