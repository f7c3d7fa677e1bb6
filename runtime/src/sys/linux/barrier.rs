//! `membarrier`, private expedited.

const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

fn membarrier(command: libc::c_int) -> bool {
    // SAFETY: takes plain integers.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}

/// Will [`everywhere`] work?
pub(in crate::sys) fn register() -> bool {
    membarrier(REGISTER_PRIVATE_EXPEDITED)
}

/// Every running thread of the process executes a full barrier.
pub(in crate::sys) fn everywhere() {
    // A registered process is refused only for lack of kernel memory, and nothing is right without the
    // barrier: so ask until it is granted.
    while !membarrier(PRIVATE_EXPEDITED) {
        std::thread::yield_now();
    }
}
