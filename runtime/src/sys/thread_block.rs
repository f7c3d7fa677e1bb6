//! Where the thread-local variables of the program lie: one block per thread, at the same place in each.

use super::os;
use std::ops::Range;
use std::sync::OnceLock;

/// Where the block lies around [`inside`], and where the program lies that the block belongs to.
struct Layout {
    before: usize,
    after: usize,
    program: Range<usize>,
}

/// An address in the calling thread's block.
#[inline(never)]
fn inside() -> usize {
    thread_local! {
        static HERE: u8 = const { 0 };
    }
    HERE.with(|here| std::ptr::from_ref(here) as usize)
}

fn layout() -> Option<&'static Layout> {
    static LAYOUT: OnceLock<Option<Layout>> = OnceLock::new();
    let find = || {
        let here = inside();
        let [low, high, begin, end] = os::thread::block_of_thread_locals(here)?;
        Some(Layout {
            before: here - low,
            after: high - here,
            program: begin..end,
        })
    };
    LAYOUT.get_or_init(find).as_ref()
}

/// The calling thread's block; `None` where that is not known.
pub(crate) fn bounds() -> Option<Range<usize>> {
    let layout = layout()?;
    let here = inside();
    Some(here - layout.before..here + layout.after)
}

/// The program's code and static variables.
pub(crate) fn program() -> Range<usize> {
    layout().map_or(0..0, |layout| layout.program.clone())
}

/// The name of the variable at this distance from the beginning of the block.
pub(crate) fn name(at: usize) -> Option<String> {
    os::symbols::name_of_thread_local(at)
}

/// The words of the calling thread's block, by their distance from its beginning.
pub(crate) fn words() -> impl Iterator<Item = (usize, usize)> {
    let block = bounds().unwrap_or(0..0);
    let first = block.start.next_multiple_of(size_of::<usize>());
    let last = block.end.saturating_sub(size_of::<usize>());
    (first..=last).step_by(size_of::<usize>()).map(move |at| {
        // SAFETY: in the block, which lives as long as the thread, and which this thread alone writes; volatile,
        // since what lies there is not ours.
        let word = unsafe { (at as *const usize).read_volatile() };
        (at - block.start, word)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn each_thread_has_its_own() {
        thread_local! {
            static MARK: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
        }
        let look = || {
            MARK.set(0x5eed_1234);
            let at = MARK.with(|mark| std::ptr::from_ref(mark) as usize);
            let block = super::bounds().expect("known here");
            assert!(block.contains(&at));
            let found = super::words().find(|&(_, word)| word == 0x5eed_1234);
            assert_eq!(found.map(|(n, _)| block.start + n), Some(at));
            block.start
        };
        let here = look();
        assert_ne!(std::thread::spawn(look).join().unwrap(), here);
    }
}
