//! The names of goroutines (`Builder::name`).

use crate::sys::mutex::{Guard, Mutex};
use std::collections::BTreeMap;

/// Names of the goroutines that were given one, by id.
pub(crate) fn names() -> Guard<'static, BTreeMap<u64, String>> {
    static NAMES: Mutex<BTreeMap<u64, String>> = Mutex::new(BTreeMap::new());
    NAMES.lock()
}
