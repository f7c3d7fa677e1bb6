//! `spawn`: a goroutine with a result.

use crate::g::flag;
use crate::panic::{self, Goexit, JoinError, Payload, before_block, guarded, take_replacement};
use crate::sched::family::current_id as current_bubble;
use crate::sched::{self, Options, Parked, Parking, WaitReason, me};
use crate::stack::arena;
use crate::switch::away;
use crate::sys::held::Held;
use crate::sys::spin::SpinMutex;
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread::Result as ThreadResult;

/// Where a goroutine leaves its result for the caller that joins it.
///
/// The result lies in the packet from the moment that it is returned: a large one is not copied from
/// stack frame to stack frame. `value` is the goroutine's until it has set `Done(Ok)`, then it belongs to
/// the thread that changes that to `Taken`.
pub(crate) struct Packet<T> {
    state: SpinMutex<State>,
    /// The bubble that both are in; 0 = none.
    bubble: u32,
    value: UnsafeCell<MaybeUninit<T>>,
}

enum State {
    Running(Joiner),
    /// `Ok`: there is a value.
    Done(ThreadResult<()>),
    Taken,
}

impl State {
    /// The place of a waiting joiner, in the state of a goroutine that runs.
    fn waiter(&mut self) -> &mut Option<Parked> {
        *self = State::Running(Joiner::Waits(None));
        match self {
            State::Running(Joiner::Waits(place)) => place,
            _ => unreachable!("has just been set"),
        }
    }
}

/// What is known of the goroutine that wants the result.
enum Joiner {
    /// None yet.
    Unknown,
    /// A caller; until it is woken.
    Waits(Option<Parked>),
    /// A future. Its waker is the user's code: never cloned, woken or dropped under the lock.
    Polls(Waker),
    /// There will be none.
    Detached,
}

// SAFETY: the value has one owner at a time, and moves from the goroutine to the joiner.
unsafe impl<T: Send> Sync for Packet<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Packet<T> {}

impl<T> Packet<T> {
    pub(crate) fn new() -> Self {
        Packet {
            state: SpinMutex::new(State::Running(Joiner::Unknown)),
            bubble: current_bubble(),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// The goroutine's work, called once. Returns a panic that will not be joined.
    #[must_use]
    pub(crate) fn run(&self, f: impl FnOnce() -> T) -> Option<Payload> {
        let value = self.value.get().cast::<T>();
        // By its address: `catch_unwind` would move it through many frames.
        let mut f = Held::Value(f);
        let f = f.let_go();
        // SAFETY: the value is ours, as the state says `Running`, and nothing is in it yet; `f` is read
        // once.
        let result = catch_unwind(AssertUnwindSafe(|| unsafe { value.write(f.read()()) }));
        self.finish(result.map_err(take_replacement))
    }

    /// The goroutine's last act.
    fn finish(&self, result: ThreadResult<()>) -> Option<Payload> {
        let mut state = self.state.lock();
        let State::Running(joiner) = &mut *state else {
            unreachable!("a goroutine finishes once");
        };
        if let Joiner::Detached = joiner {
            drop(state);
            return match result {
                Ok(()) => {
                    // SAFETY: written by `run`, and no other thread will look.
                    unsafe { self.value.get().cast::<T>().drop_in_place() };
                    None
                }
                Err(p) => Some(p).filter(|p| !p.is::<Goexit>()),
            };
        }
        if result.is_err()
            && let Some(g) = me()
        {
            // The joiner gets the panic: it is no longer ours to report.
            panic::hand_over(g);
        }
        let joiner = std::mem::replace(joiner, Joiner::Unknown);
        *state = State::Done(result);
        drop(state);
        // The packet may be gone: the joiner is not asked to wait for us.
        match joiner {
            Joiner::Waits(Some(sleeper)) => sleeper.wake(),
            Joiner::Polls(waker) => guarded(|| waker.wake()),
            Joiner::Unknown | Joiner::Detached | Joiner::Waits(None) => {}
        }
        None
    }

    /// Waits for the result and takes it. Does not unwind.
    pub(crate) fn wait(&self) -> ThreadResult<T> {
        match self.wait_until_done() {
            // SAFETY: there is a value, and it is ours: the state says `Taken` now.
            Ok(()) => Ok(unsafe { self.value.get().cast::<T>().read() }),
            Err(p) => Err(p),
        }
    }

    fn wait_until_done(&self) -> ThreadResult<()> {
        let parking = Parking::new();
        let mut state = self.state.lock();
        if let State::Running(_) = *state {
            let reason = if self.bubble != 0 && self.bubble == current_bubble() {
                WaitReason::Join.durable()
            } else {
                WaitReason::Join
            };
            parking.park(reason, state, State::waiter);
            state = self.state.lock();
        }
        let result = std::mem::replace(&mut *state, State::Taken);
        drop(state);
        match result {
            State::Done(r) => r,
            _ => unreachable!("woken by `finish`, and joined once"),
        }
    }

    /// [`wait`](Self::wait) of a future: the result, once, or `cx` will be woken.
    fn poll(&self, cx: &Context<'_>) -> Poll<ThreadResult<T>> {
        let mut waker = Joiner::Polls(cx.waker().clone());
        let mut state = self.state.lock();
        let running = match &mut *state {
            State::Running(joiner) => {
                std::mem::swap(joiner, &mut waker);
                true
            }
            _ => false,
        };
        drop(state);
        guarded(|| drop(waker)); // the user's code
        if running {
            return Poll::Pending;
        }
        Poll::Ready(self.wait())
    }

    pub(crate) fn is_finished(&self) -> bool {
        !matches!(*self.state.lock(), State::Running(_))
    }

    /// There will be no joiner. Returns a panic that has happened already.
    #[must_use]
    pub(crate) fn detach(&self) -> Option<Payload> {
        let mut state = self.state.lock();
        if let State::Running(joiner) = &mut *state {
            let polled = std::mem::replace(joiner, Joiner::Detached);
            drop(state);
            guarded(|| drop(polled)); // the user's code
            return None;
        }
        let result = std::mem::replace(&mut *state, State::Taken);
        drop(state);
        match result {
            State::Done(Ok(())) => {
                // SAFETY: as in `wait`.
                unsafe { self.value.get().cast::<T>().drop_in_place() };
                None
            }
            State::Done(Err(p)) => Some(p).filter(|p| !p.is::<Goexit>()),
            _ => None,
        }
    }
}

/// A panic that can no longer be joined ends the process, as in `go!`.
fn die(p: &Payload) {
    match me() {
        Some(g) => sched::root::die_of(g, p),
        None => {
            let (Ok(text) | Err(text)) = panic::text_of(p.as_ref());
            eprintln!("panic: {text}");
            std::process::exit(2);
        }
    }
}

/// The other end of a [`spawn`]ed goroutine.
///
/// Dropping it detaches the goroutine. A panic of a goroutine whose handle was dropped unjoined ends
/// the process with exit code 2, as a panic in [`go!`](crate::go) does.
pub struct JoinHandle<T> {
    packet: Option<Arc<Packet<T>>>,
    id: u64,
}

impl<T> JoinHandle<T> {
    /// Waits for the goroutine to end and returns its result.
    ///
    /// # Errors
    /// The panic if it panicked; a [`Goexit`](crate::runtime::Goexit) if it ended by
    /// [`goexit`](crate::runtime::goexit) or was abandoned by all receivers of its channel.
    ///
    /// # Suspends
    /// Until the goroutine has ended.
    ///
    /// # Examples
    /// ```
    /// let h = goroutines::spawn(|| 6 * 7);
    /// assert_eq!(h.join().unwrap(), 42);
    /// ```
    pub fn join(mut self) -> Result<T, JoinError> {
        before_block();
        let _away = away();
        let packet = self.packet.take().expect("joined once");
        packet.wait().map_err(JoinError::from)
    }

    /// Has the goroutine ended?
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.packet.as_ref().is_none_or(|p| p.is_finished())
    }

    /// The goroutine's id.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl<T> IntoFuture for JoinHandle<T> {
    type Output = Result<T, JoinError>;
    type IntoFuture = JoinFuture<T>;

    /// [`join`](Self::join) for `async` code: any executor may wait.
    ///
    /// ```
    /// use goroutines::{block_on, spawn};
    ///
    /// let n = block_on(async { spawn(|| 6 * 7).await.unwrap() });
    /// assert_eq!(n, 42);
    /// ```
    fn into_future(self) -> JoinFuture<T> {
        JoinFuture { handle: self }
    }
}

/// The future of a [`JoinHandle`]: ready when the goroutine has ended. Dropping it before that detaches the
/// goroutine.
///
/// # Panics
/// If it is polled after it was ready.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct JoinFuture<T> {
    handle: JoinHandle<T>,
}

impl<T> Future for JoinFuture<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let packet = &mut self.handle.packet;
        let result = packet.as_ref().expect("joined once").poll(cx);
        if result.is_ready() {
            *packet = None;
        }
        result.map_err(JoinError::from)
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if let Some(p) = self.packet.take().and_then(|packet| packet.detach()) {
            die(&p);
        }
    }
}

impl<T> std::fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinHandle").field("id", &self.id).finish()
    }
}

/// Starts a goroutine with a result. Go has no such thing: there one makes a channel for it.
///
/// # Examples
/// ```
/// let squares: Vec<_> = (0..4).map(|i| goroutines::spawn(move || i * i)).collect();
/// let sum: i32 = squares.into_iter().map(|h| h.join().unwrap()).sum();
/// assert_eq!(sum, 14);
/// ```
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    start(f, Options::new(), Location::caller())
}

fn start<F, T>(f: F, options: Options, at: &'static Location<'static>) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let packet = Arc::new(Packet::new());
    let theirs = packet.clone();
    let id = sched::spawn_here(
        move || {
            if let Some(p) = theirs.run(f) {
                die(&p);
            }
        },
        options,
        at,
    );
    JoinHandle {
        packet: Some(packet),
        id,
    }
}

/// A goroutine with a name, a stack size, or a thread of its own.
///
/// # Examples
/// ```
/// let h = goroutines::Builder::new()
///     .name("parser")
///     .stack_size(1 << 20)
///     .spawn(|| 1);
/// assert_eq!(h.join().unwrap(), 1);
/// ```
#[derive(Debug, Default, Clone)]
pub struct Builder {
    name: Option<String>,
    stack: Option<usize>,
    pinned: bool,
    stays: bool,
}

impl Builder {
    /// As [`spawn`](crate::spawn) would have it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A name: dumps and reports of panics show it below the goroutine's number (`named "parser"`), and
    /// [`runtime::goroutine_name`](crate::runtime::goroutine_name) tells it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Bytes of stack, rounded up to 64 KiB times a power of two, at most 512 MiB. The default is as much as
    /// there is: 64 MiB for the first 256 goroutines, 2 MiB for the next 2,048, and 256 KiB for all others
    /// (`GOROUTINES_STACK` changes that). Only what is touched costs memory.
    #[must_use]
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack = Some(bytes);
        self
    }

    /// Keeps the goroutine on one thread, which runs nothing else meanwhile: as if it began with
    /// [`lock_os_thread`](crate::runtime::lock_os_thread). For code that holds what is bound to a
    /// thread over calls that suspend.
    #[must_use]
    pub fn pinned(mut self) -> Self {
        self.pinned = true;
        self
    }

    /// Never moves the goroutine to another thread, but lets it share its thread with others that stay: for code that
    /// keeps what is bound to a thread (an `Rc` out of a `thread_local!`, `rand::rng()`) over calls that suspend. A
    /// thread of its own would be [`pinned`](Self::pinned); `GODEBUG=migrate=stay` lets all goroutines stay.
    ///
    /// There are as many threads for those that stay as may run at once, and a new goroutine is given the one with the
    /// fewest. Code on either side of a suspension sees the same `thread_local!`; but **the others there see it too**:
    /// a `RefCell` that is borrowed over a suspension is "already borrowed" for them.
    ///
    /// The price is fairness. Nothing balances what each of these threads has to do: a goroutine that computes, or
    /// blocks its thread in a system call or [`blocking`](crate::runtime::blocking), keeps all others of that thread
    /// waiting, also where processors are idle, and a loop that never ends and never suspends keeps them waiting for
    /// ever; so code that blocks its thread until another goroutine has done something may never go on. The goroutines
    /// of one thread together have the time slice of one, and a value that goes from such a goroutine to another
    /// thread's takes a switch of threads. While one of them has locked the thread
    /// ([`lock_os_thread`](crate::runtime::lock_os_thread)), or suspends in a destructor because it panics, the others
    /// wait; when one ends that has locked it, the thread goes on.
    ///
    /// # Examples
    /// ```
    /// use goroutines::{Builder, runtime};
    ///
    /// let stays = Builder::new().stay().spawn(|| {
    ///     let before = std::thread::current().id();
    ///     runtime::gosched();
    ///     before == std::thread::current().id()
    /// });
    /// assert!(stays.join().unwrap());
    /// ```
    #[must_use]
    pub fn stay(mut self) -> Self {
        self.stays = true;
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// `stack size too large` above 512 MiB.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let mut options = Options::new();
        if let Some(bytes) = self.stack {
            options.class = Some(arena::class_for(bytes).expect("stack size too large"));
        }
        options.name = self.name;
        if self.pinned {
            options.flags |= flag::PINNED;
        } else if self.stays {
            options.flags |= flag::STAYS;
        }
        start(f, options, Location::caller())
    }
}
