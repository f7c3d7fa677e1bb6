//! The same without the linker's help: a `thread_local!` behind calls that are never inlined, whose result the
//! compiler knows nothing about; and no walk.

use std::ffi::c_void;

/// A module `word` with a word for each thread, zero at first.
macro_rules! thread_word {
    ($symbol:literal, $type:ty) => {
        #[allow(dead_code, reason = "a word is set, or added to")]
        mod word {
            use std::cell::Cell;
            use std::hint::black_box;

            thread_local! { static WORD: Cell<usize> = const { Cell::new(0) }; }

            #[inline(never)]
            pub(crate) fn get() -> $type {
                black_box(WORD.with(Cell::get)) as $type
            }

            #[inline(never)]
            pub(crate) fn set(value: $type) {
                WORD.with(|w| w.set(black_box(value as usize)));
            }

            #[inline(never)]
            pub(crate) fn add<const N: i64>() {
                WORD.with(|w| w.set(black_box(w.get().wrapping_add(N as usize))));
            }
        }
    };
}
pub(in crate::sys) use thread_word;

/// Is there a [`walk`]?
pub(in crate::sys) const WALKS: bool = false;

/// Does nothing.
///
/// # Safety
/// None is needed.
pub(in crate::sys) unsafe fn walk(_: *const usize, _: extern "C" fn(*mut c_void), _: *mut c_void) {}
