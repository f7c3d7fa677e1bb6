//! Goroutines that are bound to their threads.

use super::thread_id;
use goroutines::prelude::*;
use tests::{at_all_procs, at_procs};

/// `TestBlockLocked`: bound goroutines block on channels.
#[test]
fn block_locked() {
    at_all_procs(|| {
        const N: usize = 10;
        let c = make!(chan bool);
        go!([tx = c.sender()], {
            runtime::lock_os_thread();
            for _ in 0..N {
                tx.send(true);
            }
            runtime::unlock_os_thread();
        });
        for _ in 0..N {
            c.recv();
        }
    });
}

/// `TestLockOSThreadNesting`: locks are counted. Seen from outside in dumps.
#[test]
fn lock_nesting() {
    at_procs(&[1, 4], || {
        spawn(|| {
            assert!(!is_locked());
            runtime::lock_os_thread();
            runtime::lock_os_thread();
            assert!(is_locked());
            let thread = thread_id();
            runtime::unlock_os_thread();
            assert!(is_locked(), "one of two undone");
            runtime::gosched();
            assert_eq!(thread_id(), thread);
            runtime::unlock_os_thread();
            assert!(!is_locked());
            // One too many does nothing.
            runtime::unlock_os_thread();
            assert!(!is_locked());
        })
        .join()
        .unwrap();
    });
}

/// Does a dump by another goroutine show the caller as bound to its thread?
fn is_locked() -> bool {
    let own = format!("goroutine {} [", runtime::goid());
    let look = spawn(move || {
        let dump = runtime::stack_all();
        let head = dump.lines().find(|l| l.starts_with(&own));
        head.expect("alive").contains("locked to thread")
    });
    look.join().unwrap()
}

/// `TestLockOSThreadExit`: a goroutine that ends while bound takes its thread along; one that has been
/// released does not.
#[cfg(target_os = "linux")]
#[test]
fn lock_exit() {
    at_procs(&[1, 4], || {
        let dies = spawn(|| {
            runtime::lock_os_thread();
            thread_id()
        });
        let dies = dies.join().unwrap();
        tests::eventually("its thread ends", || {
            runtime::gosched();
            !super::thread_exists(&dies)
        });
        let stays = spawn(|| {
            runtime::lock_os_thread();
            let id = thread_id();
            runtime::unlock_os_thread();
            id
        });
        let stays = stays.join().unwrap();
        for _ in 0..100 {
            runtime::gosched();
        }
        assert!(super::thread_exists(&stays));
    });
}

/// Nobody else runs on the thread of a bound goroutine, blocked or not, and it never leaves it.
#[test]
fn a_bound_goroutine_has_its_thread_to_itself() {
    at_all_procs(|| {
        let (c, done) = (make!(chan()), make!(chan String));
        go!([c, done], {
            runtime::lock_os_thread();
            let id = thread_id();
            for _ in 0..50 {
                c.recv();
                assert_eq!(thread_id(), id);
            }
            // Still bound until the other end comes for it.
            done.send(id);
            runtime::unlock_os_thread();
        });
        let mut others = Vec::new();
        for _ in 0..50 {
            c.send(());
            others.push(spawn(thread_id).join().unwrap());
        }
        let bound = done.recv().unwrap();
        assert!(!others.contains(&bound));
    });
}
