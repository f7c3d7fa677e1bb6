//! Hooks of `runtime::on_switch` that use the very locks and descriptors that goroutines wait for.

use super::Command;
use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;
use goroutines::sync::{Cond, Mutex, RWMutex};
use std::cell::Cell;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

pub(crate) const COMMANDS: &[Command] = &[
    ("hooks_find_nothing_locked", hooks_find_nothing_locked),
    ("a_lock_is_had_in_the_end", || {
        is_had_in_the_end(|| LOCK.lock(), || *LOCK.lock() += 1);
    }),
    ("a_gate_is_had_in_the_end", || {
        is_had_in_the_end(|| GATE.read(), || *GATE.write() += 1);
    }),
];

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Debug)]
enum What {
    Nothing,
    Lock,
    Read,
    Write,
    Cond,
    Socket,
    Bubble,
}

goroutines::goroutine_local! {
    static WAITS_FOR: Cell<What> = Cell::new(What::Nothing);
}
static LOCK: Mutex<u32> = Mutex::new(0);
static GATE: RWMutex<u32> = RWMutex::new(0);
static TURN: Mutex<u32> = Mutex::new(0);
static NOTIFIED: Cond = Cond::new();
static SOCKET: OnceLock<TcpStream> = OnceLock::new();
static LEFT: AtomicUsize = AtomicUsize::new(0);
static ENTERED: AtomicUsize = AtomicUsize::new(0);

/// Does what a hook might: it takes the lock, or uses the socket.
fn use_it(count: &AtomicUsize, leaves: bool) {
    let what = WAITS_FOR.with(Cell::get);
    if what != What::Nothing {
        count.fetch_add(1, SeqCst);
    }
    // While it leaves, others hold the lock.
    match what {
        What::Lock if !leaves => assert_eq!(*LOCK.lock(), 1),
        What::Read | What::Write if !leaves => assert_eq!(*GATE.write(), 1),
        What::Cond => drop(TURN.lock()),
        What::Socket => {
            let socket = SOCKET.get().unwrap();
            socket.set_nonblocking(true).unwrap();
            let _ = socket.peek(&mut [0]);
            socket.set_nonblocking(false).unwrap();
        }
        What::Nothing | What::Lock | What::Read | What::Write | What::Bubble => {}
    }
}

/// Runs `waits` in a goroutine with hooks, and `goes_on` when it waits.
fn case(what: What, waits: impl FnOnce() + Send + 'static, goes_on: impl FnOnce()) {
    let before = (LEFT.load(SeqCst), ENTERED.load(SeqCst));
    let waiter = spawn(move || {
        WAITS_FOR.with(|waits_for| waits_for.set(what));
        waits();
        WAITS_FOR.with(|waits_for| waits_for.set(What::Nothing));
    });
    while LEFT.load(SeqCst) == before.0 {
        runtime::gosched();
    }
    (0..10).for_each(|_| runtime::gosched());
    goes_on();
    waiter.join().unwrap();
    assert!(ENTERED.load(SeqCst) > before.1);
    println!("{what:?}");
}

fn hooks_find_nothing_locked() {
    runtime::on_switch(|| use_it(&LEFT, true), || use_it(&ENTERED, false));
    let mut held = LOCK.lock();
    case(
        What::Lock,
        || assert_eq!(*LOCK.lock(), 1),
        move || {
            *held = 1;
            drop(held);
        },
    );
    let mut held = GATE.write();
    case(
        What::Read,
        || assert_eq!(*GATE.read(), 1),
        move || {
            *held = 1;
            drop(held);
        },
    );
    let held = GATE.read();
    case(
        What::Write,
        || assert_eq!(*GATE.write(), 1),
        move || drop(held),
    );
    let waits = || {
        let mut turn = TURN.lock();
        NOTIFIED.wait_while(&mut turn, |turn| *turn == 0);
    };
    case(What::Cond, waits, || {
        *TURN.lock() = 1;
        NOTIFIED.signal();
    });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let dials = spawn(move || TcpStream::connect(addr).unwrap());
    let (mut peer, _) = listener.accept().unwrap();
    SOCKET.set(dials.join().unwrap()).ok().unwrap();
    let reads = || {
        let mut word = [0; 4];
        SOCKET.get().unwrap().read_exact(&mut word).unwrap();
        assert_eq!(&word, b"word");
    };
    case(What::Socket, reads, || peer.write_all(b"word").unwrap());
    let go_on = Arc::new(AtomicBool::new(false));
    let tests = {
        let go_on = go_on.clone();
        move || {
            goroutines::testing::synctest::test(move || {
                while !go_on.load(SeqCst) {
                    time::sleep(time::SECOND);
                }
            });
        }
    };
    case(What::Bubble, tests, || go_on.store(true, SeqCst));
}

/// `takes` a lock with hooks after which another goroutine has what `other` gives, each time.
fn is_had_in_the_end<G: 'static>(other: fn() -> G, takes: fn()) {
    goroutines::goroutine_local! {
        static IS_LATE: Cell<bool> = Cell::new(false);
    }
    /// So often it is given back for hooks.
    const TURNS: usize = 4;
    static WANTED: AtomicBool = AtomicBool::new(true);
    static HELD: AtomicBool = AtomicBool::new(false);
    static WAITED: AtomicUsize = AtomicUsize::new(0);
    let leave = || {
        WAITED.fetch_add(usize::from(IS_LATE.with(Cell::get)), SeqCst);
    };
    let enter = || {
        if IS_LATE.with(Cell::get) {
            while !HELD.load(SeqCst) {
                WANTED.store(true, SeqCst);
                runtime::gosched();
            }
        }
    };
    runtime::on_switch(leave, enter);
    go!(move || {
        loop {
            while !WANTED.load(SeqCst) {
                runtime::gosched();
            }
            let held = other();
            let waited = WAITED.load(SeqCst);
            HELD.store(true, SeqCst);
            WANTED.store(false, SeqCst);
            // Until the other one waits, as long as that is told.
            while waited < TURNS && WAITED.load(SeqCst) == waited {
                runtime::gosched();
            }
            (0..20).for_each(|_| runtime::gosched());
            HELD.store(false, SeqCst);
            drop(held);
        }
    });
    while !HELD.load(SeqCst) {
        runtime::gosched();
    }
    let late = spawn(move || {
        IS_LATE.with(|late| late.set(true));
        takes();
        IS_LATE.with(|late| late.set(false));
    });
    late.join().unwrap();
    println!("gave it back {} times", WAITED.load(SeqCst));
}
