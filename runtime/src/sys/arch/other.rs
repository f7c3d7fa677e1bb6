//! A processor that we have no instructions for: everything works, and is slower or says less.

use super::Registers;

/// The address of the current frame, near enough.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let here = 0u8;
    std::hint::black_box(&raw const here) as usize
}

/// Unknown.
#[inline(always)]
pub(in crate::sys) fn registers() -> Registers {
    [0; 5]
}

/// Does nothing.
#[inline(always)]
pub(crate) fn prefetch(_: *const i8) {}

/// The registers that a call leaves as they were: they are not looked at here.
#[inline(always)]
pub(crate) fn kept_registers() -> [usize; 0] {
    []
}
