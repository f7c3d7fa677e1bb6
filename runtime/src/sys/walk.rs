//! A backtrace of a stack that stands still, taken from another one.
//!
//! [`Saved`] is what a goroutine notes of itself before it leaves its stack. [`backtrace`] needs it, and a
//! **copy** of the stack above it: every word of the copy that points into the original is moved along, what
//! lies above is zeros (in the copy of a part, also what it left out). A trampoline, whose unwind information says "my caller's registers are in this block
//! of memory", calls std's backtrace; so the unwinder steps from there into the copied frames, and ends at
//! the zeros. The goroutine itself is not touched, and may go on meanwhile.

use super::{arch, os};
use std::backtrace::Backtrace;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Where a goroutine left its stack. Lies in the frame that it left.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct Saved {
    pc: usize,
    sp: usize,
    /// The frame pointer, and the other register that a frame's address may be in.
    fp: usize,
    base: usize,
    /// The link register, where there is one.
    link: usize,
    /// Another one for each time.
    pub(crate) stamp: u64,
}

/// A [`Saved`] that one thread notes and another reads, word by word: what it reads is of one note only if the other
/// does not note anew meanwhile.
#[derive(Default)]
pub(crate) struct SavedWord {
    registers: [AtomicUsize; 5],
    stamp: AtomicU64,
}

impl SavedWord {
    pub(crate) fn set(&self, at: Saved) {
        let Saved {
            pc,
            sp,
            fp,
            base,
            link,
            stamp,
        } = at;
        for (word, value) in self.registers.iter().zip([pc, sp, fp, base, link]) {
            word.store(value, Ordering::Relaxed);
        }
        self.stamp.store(stamp, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Saved {
        let registers = self.registers.each_ref();
        let registers = registers.map(|word| word.load(Ordering::Relaxed));
        Saved::of(registers, self.stamp.load(Ordering::Relaxed))
    }
}

/// Reads a word of a stack, whatever lies there.
///
/// # Safety
/// It is mapped and readable.
pub(crate) unsafe fn read(at: *const usize) -> usize {
    // The sanitizer would see that it lies between variables: where it watches it is not told.
    #[cfg(all(goroutines_asan, target_arch = "x86_64"))]
    {
        let word;
        // SAFETY: by the caller.
        unsafe {
            std::arch::asm!("mov {}, [{}]", out(reg) word, in(reg) at, options(nostack, preserves_flags, readonly));
        }
        word
    }
    // SAFETY: by the caller.
    #[cfg(not(all(goroutines_asan, target_arch = "x86_64")))]
    unsafe {
        at.read_volatile()
    }
}

impl Saved {
    /// Here.
    #[inline(always)]
    pub(crate) fn here(stamp: u64) -> Saved {
        Saved::of(arch::registers(), stamp)
    }

    /// Where a signal found its thread: with what the handler was given. All zeros where we cannot tell.
    ///
    /// # Safety
    /// The context is the kernel's.
    pub(crate) unsafe fn of_context(context: *mut c_void) -> Saved {
        // SAFETY: by the caller.
        Saved::of(unsafe { os::signal::registers(context) }, 0)
    }

    #[inline(always)]
    fn of([pc, sp, fp, base, link]: arch::Registers, stamp: u64) -> Saved {
        Saved {
            pc,
            sp,
            fp,
            base,
            link,
            stamp,
        }
    }

    /// The address of the instruction.
    pub(crate) fn pc(&self) -> usize {
        self.pc
    }

    /// The lowest address that belongs to the frames.
    pub(crate) fn sp(&self) -> usize {
        self.sp
    }
}

/// Can stacks be walked here at all?
pub(crate) const POSSIBLE: bool = arch::WALKS;

/// The most that is copied of a stack: the frames next to where it stopped.
pub(crate) const MOST: usize = 64 << 10;
/// How much lies above the copy, all zeros; a frame that is larger than the rest of the copy ends there.
const ZEROS: usize = 64 << 20;

/// Room for the copy of a stack.
pub(crate) struct Copy {
    /// [`MOST`] bytes, and [`ZEROS`] above.
    memory: usize,
    /// The original's lowest address, and how many words were copied.
    from: usize,
    words: usize,
    /// Where the original ends.
    high: usize,
}

/// Marks the frame above which a stack is of no interest; see [`Copy::cut`].
pub(crate) const ROOT: [usize; 2] = [0x676f_726f_7574_696e, 0x655f_726f_6f74_5f76];

impl Copy {
    /// `None`: there is no memory.
    pub(crate) fn new() -> Option<Copy> {
        let memory = super::mem::map_lazy(MOST + ZEROS).ok()?;
        Some(Copy {
            memory,
            from: 0,
            words: 0,
            high: 0,
        })
    }

    fn copied(&mut self) -> &mut [usize] {
        // SAFETY: ours, mapped for as long as `self` lives; `words` is at most what fits.
        unsafe { std::slice::from_raw_parts_mut(self.memory as *mut usize, self.words) }
    }

    /// Copies `low..high`, or the first [`MOST`] bytes of it.
    ///
    /// # Safety
    /// The range is mapped and readable, and stays so. (It may be written meanwhile: then the copy is of no
    /// use, and the caller must not [walk](Self::backtrace) it.)
    pub(crate) unsafe fn fill(&mut self, low: usize, high: usize) {
        let words = (high.saturating_sub(low)).min(MOST) / size_of::<usize>();
        self.copied().fill(0);
        (self.from, self.words, self.high) = (low, words, high);
        for (i, word) in self.copied().iter_mut().enumerate() {
            // SAFETY: in the range.
            *word = unsafe { read((low as *const usize).add(i)) };
        }
    }

    /// Zeroes what lies above the mark. `false`: there is none.
    pub(crate) fn cut(&mut self) -> bool {
        let words = self.copied();
        let Some(at) = words.windows(2).position(|w| w == ROOT) else {
            return false;
        };
        words[at..].fill(0);
        true
    }

    /// Was less copied than there is?
    pub(crate) fn is_part(&self, low: usize, high: usize) -> bool {
        high - low > self.words * size_of::<usize>()
    }

    /// The frames in the copy of the stack that was left at `at`.
    ///
    /// # Safety
    /// The copy is of a stack that stood still since `at` was saved in it, and has been [cut](Self::cut) or is
    /// a [part](Self::is_part).
    pub(crate) unsafe fn backtrace(&mut self, at: Saved) -> Backtrace {
        let (low, high) = (self.from, self.high);
        let moved = self.memory.wrapping_sub(low);
        // What points above the part that was copied points into the zeros, and never into the original, which
        // may be in use.
        let end = self.memory + MOST + ZEROS - 4096;
        let follow = |w: usize| {
            if (low..high).contains(&w) {
                w.wrapping_add(moved).min(end & !15)
            } else {
                w
            }
        };
        for word in self.copied() {
            *word = follow(*word);
        }
        let at = Saved {
            pc: at.pc + NEXT,
            sp: follow(at.sp),
            fp: follow(at.fp),
            base: follow(at.base),
            ..at
        };
        // SAFETY: by the caller: the registers fit the frames in the copy, which end in zeros.
        unsafe { from(&at) }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and not in use any more.
        unsafe { super::mem::unmap(self.memory, MOST + ZEROS) };
    }
}

/// LLVM's unwinder takes what holds before an address, and not what holds at it, for what holds there: right for
/// the address behind a call, wrong for that of an instruction that was interrupted.
const NEXT: usize = cfg!(any(target_env = "musl", target_os = "freebsd")) as usize;

extern "C" fn capture(out: *mut c_void) {
    // SAFETY: `from` passes its own.
    unsafe { *out.cast::<Option<Backtrace>>() = Some(Backtrace::force_capture()) };
}

/// # Safety
/// The registers fit a frame from which the unwinder comes to an end.
unsafe fn from(at: &Saved) -> Backtrace {
    let mut out: Option<Backtrace> = None;
    // SAFETY: by the caller; the registers lie at the beginning, in order; `capture` does not unwind out.
    unsafe { arch::walk(ptr::from_ref(at).cast(), capture, (&raw mut out).cast()) };
    out.unwrap_or_else(Backtrace::disabled)
}
