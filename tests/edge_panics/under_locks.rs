//! Destructors and clones that come back to what they belong to: nothing is locked while they run.

use goroutines::io;
use goroutines::prelude::*;
use goroutines::sync::{OnceValue, SingleFlight};
use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

/// The second reason to close a pipe is dropped when the pipe is unlocked: its destructor may use it.
#[test]
fn a_reason_that_comes_too_late() {
    struct Late(Arc<io::PipeWriter>, Arc<AtomicU32>);
    impl Drop for Late {
        fn drop(&mut self) {
            self.0.close();
            self.1.fetch_add(1, SeqCst);
        }
    }
    impl fmt::Debug for Late {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Late")
        }
    }
    impl fmt::Display for Late {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("late")
        }
    }
    impl Error for Late {}
    let (_reader, writer) = io::pipe();
    let writer = Arc::new(writer);
    let dropped = Arc::new(AtomicU32::new(0));
    writer.close();
    writer.close_with_error(Late(writer.clone(), dropped.clone()));
    assert_eq!(dropped.load(SeqCst), 1);
}

/// A key whose clone and destructor use the flight that it belongs to.
#[test]
fn a_key_that_comes_back() {
    struct Key(u32, SingleFlight<Key, u32>);
    impl Clone for Key {
        fn clone(&self) -> Self {
            self.1.forget(&Key(self.0 + 1, SingleFlight::default()));
            Key(self.0, self.1.clone())
        }
    }
    impl Drop for Key {
        fn drop(&mut self) {
            if self.0 == 1 {
                self.1.forget(&Key(2, SingleFlight::default()));
            }
        }
    }
    impl PartialEq for Key {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Key {}
    impl Hash for Key {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }
    let flight = SingleFlight::new();
    assert_eq!(flight.do_(Key(1, flight.clone()), || 5), (5, false));
}

/// Its text panics: later callers still hear of the panic, in Go's words.
#[test]
fn a_once_whose_panic_cannot_be_printed() {
    #[derive(Debug)]
    struct Mute;
    impl fmt::Display for Mute {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("in Display")
        }
    }
    impl Error for Mute {}
    runtime::run(|| {
        let once =
            OnceValue::new(|| -> u32 { panic_any(Box::new(Mute) as Box<dyn Error + Send + Sync>) });
        let first = recover(|| *once.get()).unwrap_err();
        assert!(first.is::<Box<dyn Error + Send + Sync>>());
        let later = recover(|| *once.get()).unwrap_err();
        assert_eq!(
            later.message(),
            "panic while printing panic value: in Display"
        );
    });
}
