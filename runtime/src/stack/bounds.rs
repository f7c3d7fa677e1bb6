//! What of a slot is not for the program: the guard at its low end, and the margin above that.

use super::class::{CLASSES, size_of_class};
use crate::sys::mem;

/// Bytes of guard below a slot of `size` bytes: a page for the smallest, more for larger slots,
/// because C code without stack probes may step over a single page.
pub(crate) fn guard_len(size: usize) -> usize {
    (size / GUARD.0)
        .clamp(GUARD.1, GUARD.2)
        .max(mem::page_size())
}

/// How much stack the runtime keeps free above the guard for frames that are not checked.
pub(crate) fn margin(size: usize) -> usize {
    (size / MARGIN.0).clamp(MARGIN.1, MARGIN.2)
}

/// [`guard_len`] of a slot of this class.
#[inline(always)]
pub(crate) fn guard_len_of(class: u8) -> usize {
    static LEN: PerClass = per_class(GUARD);
    LEN[usize::from(class) % LEN.len()].max(mem::page_size())
}

/// [`margin`] in a slot of this class.
#[inline(always)]
pub(crate) fn margin_of(class: u8) -> usize {
    static LEN: PerClass = per_class(MARGIN);
    LEN[usize::from(class) % LEN.len()]
}

/// The smallest class with at least `bytes` of which the guard takes no more than a quarter (with pages of 64 KiB
/// none is below 256 KiB); `None` above 512 MiB.
pub(crate) fn class_for(bytes: usize) -> Option<u8> {
    (0..CLASSES as u8).find(|&c| {
        let size = size_of_class(c);
        size >= bytes && size >= 4 * guard_len(size)
    })
}

/// A part of the slot, the least, and the most.
type Share = (usize, usize, usize);
const GUARD: Share = (16, 4096, 64 << 10);
const MARGIN: Share = (4, 16 << 10, 1 << 20);

/// Bytes for each class, computed once: every goroutine's birth asks. (A power of two of them, so that no index is
/// out of bounds.)
type PerClass = [usize; CLASSES.next_power_of_two()];

const fn per_class((part, least, most): Share) -> PerClass {
    let mut all = [0; CLASSES.next_power_of_two()];
    let mut class = 0;
    while class < CLASSES {
        let bytes = size_of_class(class as u8) / part;
        let bytes = if bytes < least { least } else { bytes };
        all[class] = if bytes > most { most } else { bytes };
        class += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_say_what_the_functions_say() {
        for class in 0..CLASSES as u8 {
            let size = size_of_class(class);
            assert_eq!(guard_len_of(class), guard_len(size), "class {class}");
            assert_eq!(margin_of(class), margin(size), "class {class}");
        }
    }
}
