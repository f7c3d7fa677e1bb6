//! A pool of goroutines that share a queue of tasks (bytedance's `gopool`).
//!
//! A worker is a goroutine that takes tasks until there are none, and ends. It is counted from the
//! moment it is started until, under the lock, it finds the queue empty; so `workers` never exceeds
//! the cap, and with a task in the queue there is a worker. A task that ends the goroutine
//! (`goexit`) takes its worker with it, and the worker's place goes to a new one.
//!
//! ```
//! use goroutines::pool::{Config, Pool};
//! use goroutines::sync::WaitGroup;
//!
//! let (pool, wg) = (Pool::new("thumbnails", 4, Config::default()), WaitGroup::new());
//! for i in 0..100 {
//!     wg.add(1);
//!     let wg = wg.clone();
//!     pool.go(move || {
//!         println!("image {i}");
//!         wg.done();
//!     });
//! }
//! wg.wait(); // at most four at once
//! ```
//!
//! # Suspends
//! Any call of this module, for a moment, if another goroutine is in such a call on the same thing: each
//! takes a lock of [`sync`](crate::sync).

#![forbid(unsafe_code)]

use crate::context::{self, Context};
use crate::panic::{Panic, recover};
use crate::sched;
use crate::sync::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

/// When a pool starts another worker.
#[derive(Clone, Debug)]
pub struct Config {
    /// A new worker is started only if at least this many tasks are queued. Default 1: whenever a
    /// task is added.
    pub scale_threshold: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config { scale_threshold: 1 }
    }
}

/// Runs tasks in a bounded number of goroutines; a clonable handle (Go's `gopool.Pool`).
///
/// Adding a task never blocks and is never refused: what the workers cannot take waits in a queue
/// without bound, first in first out. A worker is started if there is none, or if at least
/// [`scale_threshold`](Config::scale_threshold) tasks are queued and the cap is not reached.
///
/// A goroutine costs little here and its stack is reused anyway; a pool is for bounding how much runs
/// at once.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

struct Shared {
    name: String,
    config: Config,
    cap: AtomicUsize,
    closed: AtomicBool,
    state: Mutex<State>,
    handler: Mutex<Option<PanicHandler>>,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<Task>,
    workers: usize,
}

struct Task {
    ctx: Context,
    f: Box<dyn FnOnce() + Send>,
}

type PanicHandler = Arc<dyn Fn(&Context, Panic) + Send + Sync>;

impl Pool {
    /// A pool of at most `cap` workers; one, if `cap` is 0.
    ///
    /// ```
    /// use goroutines::pool::{Config, Pool};
    /// let pool = Pool::new("io", 8, Config { scale_threshold: 1 });
    /// assert_eq!((pool.name(), pool.worker_count()), ("io", 0));
    /// ```
    pub fn new(name: impl Into<String>, cap: usize, config: Config) -> Self {
        Pool(Arc::new(Shared {
            name: name.into(),
            config,
            cap: AtomicUsize::new(cap),
            closed: AtomicBool::new(false),
            state: Mutex::default(),
            handler: Mutex::new(None),
        }))
    }

    /// Adds a task. Its result is dropped; a panic in it goes to the
    /// [panic handler](Self::set_panic_handler).
    ///
    /// # Panics
    /// `use closed pool` after [`close`](Self::close).
    ///
    /// ```
    /// # use goroutines::{chan, pool::{Config, Pool}};
    /// # let pool = Pool::new("example", 1, Config::default());
    /// let (tx, rx) = chan::channel(1);
    /// pool.go(move || tx.send(6 * 7));
    /// assert_eq!(rx.recv(), Some(42));
    /// ```
    #[track_caller]
    pub fn go<R>(&self, f: impl FnOnce() -> R + Send + 'static) {
        self.ctx_go(&context::background(), f);
    }

    /// Adds a task with a context, which is given to the panic handler (and to nothing else).
    ///
    /// # Panics
    /// `use closed pool` after [`close`](Self::close).
    ///
    /// ```
    /// # use goroutines::{chan, context, pool::{Config, Pool}};
    /// # let pool = Pool::new("example", 1, Config::default());
    /// # let (tx, rx) = chan::channel(1);
    /// let ctx = context::with_value(&context::background(), "request", 7);
    /// pool.set_panic_handler(move |ctx, panic| {
    ///     tx.send((ctx.value::<i32>(&"request").copied(), panic.message()));
    /// });
    /// pool.ctx_go(&ctx, || panic!("no such user"));
    /// assert_eq!(rx.recv(), Some((Some(7), "no such user".to_string())));
    /// ```
    #[track_caller]
    pub fn ctx_go<R>(&self, ctx: &Context, f: impl FnOnce() -> R + Send + 'static) {
        let shared = &self.0;
        assert!(!shared.closed.load(Ordering::Relaxed), "use closed pool");
        let task = Task {
            ctx: ctx.clone(),
            f: Box::new(move || drop(f())),
        };
        let start = {
            let mut state = shared.state.lock();
            state.tasks.push_back(task);
            let room = state.workers < shared.cap.load(Ordering::Relaxed);
            let scale = room && state.tasks.len() >= shared.config.scale_threshold;
            let start = scale || state.workers == 0;
            state.workers += usize::from(start);
            start
        };
        if start {
            Worker::start(shared.clone());
        }
    }

    /// Sets what happens when a task panics. Without a handler the panic is printed: `GOPOOL: panic in pool: NAME:
    /// MESSAGE`. The worker goes on in any case; a panic in the handler is printed too.
    ///
    /// ```
    /// # use goroutines::pool::{Config, Pool};
    /// # let pool = Pool::new("example", 1, Config::default());
    /// pool.set_panic_handler(|_ctx, panic| eprintln!("task failed: {panic}"));
    /// ```
    pub fn set_panic_handler(&self, handler: impl Fn(&Context, Panic) + Send + Sync + 'static) {
        let old = self.0.handler.lock().replace(Arc::new(handler));
        drop(old);
    }

    /// Changes the cap. Lowering it ends no worker at once: workers above it end as they run out of tasks.
    ///
    /// ```
    /// # use goroutines::pool::{Config, Pool};
    /// # let pool = Pool::new("example", 1, Config::default());
    /// pool.set_cap(16);
    /// ```
    pub fn set_cap(&self, cap: usize) {
        self.0.cap.store(cap, Ordering::Relaxed);
    }

    /// How many workers there are now.
    ///
    /// ```
    /// # use goroutines::pool::{Config, Pool};
    /// assert_eq!(Pool::new("idle", 9, Config::default()).worker_count(), 0);
    /// ```
    #[must_use]
    pub fn worker_count(&self) -> usize {
        self.0.state.lock().workers
    }

    /// The pool's name.
    ///
    /// ```
    /// # use goroutines::pool::{Config, Pool};
    /// assert_eq!(Pool::new("mail", 9, Config::default()).name(), "mail");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Takes no more tasks; those in the queue are still run.
    ///
    /// ```
    /// # use goroutines::pool::{Config, Pool};
    /// let pool = Pool::new("closing", 1, Config::default());
    /// pool.close();
    /// let refused = goroutines::recover(|| pool.go(|| ())).unwrap_err();
    /// assert_eq!(refused.message(), "use closed pool");
    /// ```
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (workers, queued) = {
            let state = self.0.state.lock();
            (state.workers, state.tasks.len())
        };
        f.debug_struct("Pool")
            .field("name", &self.0.name)
            .field("cap", &self.0.cap.load(Ordering::Relaxed))
            .field("workers", &workers)
            .field("queued", &queued)
            .finish()
    }
}

/// A counted worker. Dropped before its work is done, by a task that ends the goroutine, it starts
/// its successor.
struct Worker(Option<Arc<Shared>>);

impl Worker {
    /// Starts a worker that is counted already.
    fn start(shared: Arc<Shared>) {
        let mut worker = Worker(Some(shared));
        sched::go(move || worker.run());
    }

    fn run(&mut self) {
        while let Some(shared) = &self.0 {
            let task = {
                let mut state = shared.state.lock();
                let task = state.tasks.pop_front();
                state.workers -= usize::from(task.is_none());
                task
            };
            match task {
                Some(task) => shared.run(task),
                None => self.0 = None,
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            Worker::start(shared);
        }
    }
}

impl Shared {
    fn run(&self, task: Task) {
        let Err(panic) = recover(task.f) else { return };
        let handler = self.handler.lock().clone();
        let Some(handler) = handler else {
            return self.log(&panic);
        };
        if let Err(panic) = recover(|| handler(&task.ctx, panic)) {
            self.log(&panic);
        }
    }

    fn log(&self, panic: &Panic) {
        eprintln!("GOPOOL: panic in pool: {}: {}", self.name, panic.text());
    }
}

/// The pool behind the free functions: `gopool.DefaultPool`, of at most 10,000 workers.
static DEFAULT: LazyLock<Pool> =
    LazyLock::new(|| Pool::new("gopool.DefaultPool", 10_000, Config::default()));

/// [`Pool::go`] on the default pool.
///
/// ```
/// let (tx, rx) = goroutines::chan::channel(1);
/// goroutines::pool::go(move || tx.send(1));
/// assert_eq!(rx.recv(), Some(1));
/// ```
pub fn go<R>(f: impl FnOnce() -> R + Send + 'static) {
    DEFAULT.go(f);
}

/// [`Pool::ctx_go`] on the default pool.
///
/// ```
/// use goroutines::{context, pool};
/// pool::ctx_go(&context::background(), || ());
/// ```
pub fn ctx_go<R>(ctx: &Context, f: impl FnOnce() -> R + Send + 'static) {
    DEFAULT.ctx_go(ctx, f);
}

/// [`Pool::set_cap`] on the default pool.
///
/// ```
/// goroutines::pool::set_cap(1000);
/// ```
pub fn set_cap(cap: usize) {
    DEFAULT.set_cap(cap);
}

/// [`Pool::set_panic_handler`] on the default pool.
///
/// ```
/// goroutines::pool::set_panic_handler(|_ctx, panic| eprintln!("{panic}"));
/// ```
pub fn set_panic_handler(handler: impl Fn(&Context, Panic) + Send + Sync + 'static) {
    DEFAULT.set_panic_handler(handler);
}

/// [`Pool::worker_count`] of the default pool.
///
/// ```
/// assert!(goroutines::pool::worker_count() <= 10_000);
/// ```
#[must_use]
pub fn worker_count() -> usize {
    DEFAULT.worker_count()
}

static REGISTRY: Mutex<BTreeMap<String, Pool>> = Mutex::new(BTreeMap::new());

/// Makes a pool known by its name, for [`get`].
///
/// # Errors
/// `name: NAME already registered`
///
/// ```
/// use goroutines::pool::{self, Config, Pool};
/// let pool = Pool::new("uploads", 2, Config::default());
/// pool::register(&pool).unwrap();
/// assert_eq!(
///     pool::register(&pool).unwrap_err().to_string(),
///     "name: uploads already registered"
/// );
/// ```
pub fn register(pool: &Pool) -> Result<(), AlreadyRegistered> {
    let mut known = REGISTRY.lock();
    if known.contains_key(pool.name()) {
        return Err(AlreadyRegistered(pool.name().to_owned()));
    }
    known.insert(pool.name().to_owned(), pool.clone());
    Ok(())
}

/// The pool that was [`register`]ed with this name.
///
/// ```
/// use goroutines::pool::{self, Config, Pool};
/// pool::register(&Pool::new("downloads", 2, Config::default())).unwrap();
/// assert_eq!(pool::get("downloads").unwrap().name(), "downloads");
/// assert!(pool::get("nothing").is_none());
/// ```
#[must_use]
pub fn get(name: &str) -> Option<Pool> {
    REGISTRY.lock().get(name).cloned()
}

/// A pool of that name is registered already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlreadyRegistered(String);

impl fmt::Display for AlreadyRegistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "name: {} already registered", self.0)
    }
}

impl std::error::Error for AlreadyRegistered {}
