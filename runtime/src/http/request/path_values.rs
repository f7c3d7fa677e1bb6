//! What the names in the patterns stood for.

use std::sync::OnceLock;

/// The values of the patterns passed on the way to the handler; a later pattern's hide an earlier
/// one's. Only ever grows, so that what was handed out stays.
#[derive(Default)]
pub(super) struct PathValues(OnceLock<Box<Level>>);

struct Level {
    values: Vec<(String, String)>,
    next: PathValues,
}

impl PathValues {
    pub(super) fn push(&self, values: Vec<(String, String)>) {
        match self.0.get() {
            Some(level) => level.next.push(values),
            None => {
                let next = PathValues::default();
                // One handler after the other gets the request, so no other has set it.
                let _ = self.0.set(Box::new(Level { values, next }));
            }
        }
    }

    /// The later first.
    pub(super) fn all(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut next = self;
        while let Some(level) = next.0.get() {
            all.splice(0..0, level.values.iter().cloned());
            next = &level.next;
        }
        all
    }

    pub(super) fn get(&self, name: &str) -> &str {
        let Some(level) = self.0.get() else {
            return "";
        };
        let later = level.next.get(name);
        if !later.is_empty() {
            return later;
        }
        let own = level.values.iter().find(|(key, _)| key == name);
        own.map_or("", |(_, value)| value)
    }
}
