//! Atomics for files that a model checker compiles against its own (see `tests/models`).

#[cfg(feature = "http")]
pub(crate) use std::sync::atomic::AtomicU8;
pub(crate) use std::sync::atomic::{
    AtomicBool, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
};

/// Makes constructors `const`, which those of the model checker are not.
macro_rules! maybe_const {
    (impl $t:ident { $(#[$a:meta])* $vis:vis fn $f:ident() -> Self $body:block }) => {
        impl $t {
            $(#[$a])*
            $vis const fn $f() -> Self $body
        }
    };
}
pub(crate) use maybe_const;
