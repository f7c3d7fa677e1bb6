//! The changes that the book proposes under "Try this": what to change in which program, and what
//! comes of it.
//!
//! ```text
//! program: quit_channel
//!          select! {
//! +            biased;
//! ====
//! 0
//! 1
//! ```
//!
//! Above the line `====` stand the changed places, a `@@` between two: lines that stay begin with a
//! space, lines that go with `-`, lines that come with `+`. Below it stands what the changed program
//! does, as in an `.out` file; or `//@ compiler: TEXT`, which is then part of the compiler's answer.

use crate::expect::Expectation;
use crate::practice::Paths;
use crate::practice::judge::compile;
use crate::run;
use std::process::Command;
use std::{fs, io};

/// One proposed change.
#[derive(Debug)]
pub struct Try {
    /// The program that is changed.
    pub program: String,
    places: Vec<Vec<String>>,
    outcome: String,
}

impl Try {
    /// Reads the text of a `.try` file.
    ///
    /// # Errors
    /// If it is not in the form that this module describes.
    pub fn parse(text: &str) -> Result<Try, String> {
        let (change, outcome) = text.split_once("\n====\n").ok_or("no line `====`")?;
        let (head, change) = change.split_once('\n').ok_or("no change")?;
        let program = head
            .strip_prefix("program: ")
            .ok_or("the first line is no `program: NAME`")?;
        let lines: Vec<&str> = change.lines().collect();
        let places: Vec<Vec<String>> = lines
            .split(|line| *line == "@@")
            .map(|place| place.iter().map(|l| l.to_string()).collect())
            .collect();
        Ok(Try {
            program: program.to_string(),
            places,
            outcome: outcome.to_string(),
        })
    }

    /// `source` with the change.
    ///
    /// # Errors
    /// If a place is not found in it exactly once.
    pub fn apply(&self, source: &str) -> Result<String, String> {
        let mut text = format!("\n{source}");
        for place in &self.places {
            let side = |not: char| -> String {
                let lines = place.iter().filter(|line| !line.starts_with(not));
                lines
                    .map(|line| format!("\n{}", line.get(1..).unwrap_or("")))
                    .collect()
            };
            let (old, new) = (side('+') + "\n", side('-') + "\n");
            let places =
                (0..text.len()).filter(|&at| text.as_bytes()[at..].starts_with(old.as_bytes()));
            match places.count() {
                1 => text = text.replacen(&old, &new, 1),
                n => return Err(format!("this stands {n} times in it:{old}")),
            }
        }
        Ok(text[1..].to_string())
    }

    /// Changes, compiles and runs the program; what is not as the book says.
    ///
    /// # Errors
    /// If a file or the compiler cannot be used.
    pub fn faults(&self, paths: &Paths) -> io::Result<String> {
        let source = paths.root.join(format!("examples/{}.rs", self.program));
        let changed = match self.apply(&fs::read_to_string(source)?) {
            Ok(changed) => changed,
            Err(why) => return Ok(why),
        };
        let folder = paths.workplace()?;
        let folder = folder.path();
        let (file, program) = (folder.join("changed.rs"), folder.join("program"));
        fs::write(&file, changed)?;
        let says = compile(paths, &file, &file, &program)?;
        if let Some(text) = self.outcome.trim().strip_prefix("//@ compiler: ") {
            return Ok(match says {
                Some(says) if says.contains(text) => String::new(),
                Some(says) => format!("the compiler says something else:\n{says}"),
                None => "it compiles".into(),
            });
        }
        if let Some(says) = says {
            return Ok(format!("it does not compile:\n{says}"));
        }
        let expected = Expectation::parse(&self.outcome);
        let (_, faults) = run::judged(|| Command::new(&program), &expected)?;
        Ok(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::Try;

    #[test]
    fn a_change_is_applied_where_its_lines_stand() {
        let change = Try::parse("program: x\n a\n-b\n+c\n@@\n+d\n e\n====\nout\n").unwrap();
        assert_eq!(change.program, "x");
        assert_eq!(change.apply("a\nb\nx\ne\n").unwrap(), "a\nc\nx\nd\ne\n");
        assert!(change.apply("a\nx\ne\n").is_err(), "b is missing");
        assert!(change.apply("a\nb\na\nb\ne\n").is_err(), "twice");
    }

    #[test]
    fn a_file_without_its_parts_is_refused() {
        assert!(Try::parse("program: x\n-a\n").is_err());
        assert!(Try::parse("x\n-a\n====\n").is_err());
    }
}
