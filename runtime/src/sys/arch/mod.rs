//! What is written in the processor's own instructions: a file for each, and [`portable`] where we have none.
//!
//! * `stack_pointer`, `registers`, `kept_registers`: where the caller is.
//! * `prefetch`: a hint to the cache.
//! * `thread_word!`: one word for each thread, read and written through the thread pointer.
//! * `walk`: lets std's unwinder go on in the frames of another stack.
//!
//! The last two are in the object format's terms as well: ELF's (Linux, FreeBSD).

/// Program counter, stack pointer, frame pointer, the other register that a frame's address may be in, and where to
/// return to as far as a register says it (in a function that calls none, on aarch64).
pub(super) type Registers = [usize; 5];

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    path = "other.rs"
)]
mod processor;

#[cfg(not(all(
    any(target_os = "linux", target_os = "freebsd"),
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod portable;

pub(super) use processor::registers;
pub(crate) use processor::{kept_registers, prefetch, stack_pointer};

#[cfg(not(all(
    any(target_os = "linux", target_os = "freebsd"),
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
pub(super) use portable::{WALKS, thread_word, walk};
#[cfg(all(
    any(target_os = "linux", target_os = "freebsd"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub(super) use processor::elf::{WALKS, thread_word, walk};
