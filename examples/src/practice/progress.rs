//! Which exercises are done: the file `practice/done.txt`, a name a line.

use super::list::{EXERCISES, Exercise};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The exercises that have passed once.
#[derive(Debug)]
pub struct Progress {
    file: PathBuf,
    done: BTreeSet<String>,
}

impl Progress {
    /// Reads the file in `root`; without one nothing is done.
    ///
    /// # Errors
    /// If the file is there and cannot be read.
    pub fn read(root: &Path) -> io::Result<Progress> {
        let file = root.join("practice/done.txt");
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            other => other?,
        };
        let done = text.lines().map(String::from).collect();
        Ok(Progress { file, done })
    }

    /// Whether `exercise` has passed.
    pub fn has(&self, exercise: &Exercise) -> bool {
        self.done.contains(exercise.name)
    }

    /// Writes down that `exercise` has passed.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn passed(&mut self, exercise: &Exercise) -> io::Result<()> {
        if self.done.insert(exercise.name.into()) {
            let lines: Vec<String> = self.done.iter().map(|name| format!("{name}\n")).collect();
            fs::create_dir_all(self.file.parent().unwrap_or(Path::new(".")))?;
            fs::write(&self.file, lines.concat())?;
        }
        Ok(())
    }

    /// The first exercise that is not done.
    pub fn next(&self) -> Option<&'static Exercise> {
        EXERCISES.iter().find(|exercise| !self.has(exercise))
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use crate::practice::list::EXERCISES;

    #[test]
    fn what_has_passed_is_remembered() {
        let root = std::env::temp_dir().join(format!("progress-{}", std::process::id()));
        let mut progress = Progress::read(&root).unwrap();
        assert_eq!(progress.next().unwrap().name, EXERCISES[0].name);
        progress.passed(&EXERCISES[0]).unwrap();
        let progress = Progress::read(&root).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        assert!(progress.has(&EXERCISES[0]));
        assert_eq!(progress.next().unwrap().name, EXERCISES[1].name);
    }
}
