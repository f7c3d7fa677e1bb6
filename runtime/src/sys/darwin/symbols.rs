//! Names of thread-local variables: not known here.

pub(in crate::sys) fn name_of_thread_local(_at: usize) -> Option<String> {
    None
}
