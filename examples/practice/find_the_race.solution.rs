//! Two goroutines want to open a file that does not exist yet; both may create it.
//!
//! Between the look and the deed another goroutine may act. Find it with the schedule that the check
//! names, and mend it.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::collections::HashSet;

#[derive(Default)]
pub struct Disk {
    files: Mutex<HashSet<String>>,
}

impl Disk {
    /// Whether this call created the file.
    pub fn open_or_create(&self, name: &str) -> bool {
        let mut files = self.files.lock();
        runtime::gosched(); // stands for the time that a disk takes
        files.insert(name.to_string())
    }
}
