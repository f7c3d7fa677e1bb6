//! The example programs: their golden outputs, and one generated page for each.
//!
//! A golden output `examples/NAME.out` may begin with lines `//@ key: value` which tell the test
//! that runs the program how to compare: `output: exact|sorted|regex`, `exit: N`, `time: A..B`,
//! `stderr: REGEX`. Where it holds patterns a page shows what a real run printed,
//! `book/src/outputs/NAME.txt`, written by `book -- traces` and held against the patterns by `check`.

use crate::{listing, repo};
use mdbook_driver::book::{Book, BookItem, Chapter, SectionNumber};
use mdbook_driver::errors::Result;
use std::path::Path;

/// The page that lists the programs; theirs are its sections.
pub(crate) const INDEX: &str = "programs.md";

/// A golden output, taken apart.
pub(crate) struct Golden {
    keys: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Golden {
    pub(crate) fn read(name: &str) -> Result<Golden> {
        Ok(Golden::parse(&repo::read(&format!("examples/{name}.out"))?))
    }

    fn parse(text: &str) -> Golden {
        let mut keys = Vec::new();
        let mut lines = text.lines().peekable();
        while let Some(key) = lines.peek().and_then(|l| l.strip_prefix("//@")) {
            if let Some((key, value)) = key.split_once(':') {
                keys.push((key.trim().to_string(), value.trim().to_string()));
            }
            lines.next();
        }
        let text: Vec<&str> = lines.collect();
        Golden {
            keys,
            text: text.join("\n").trim_end().to_string(),
        }
    }

    pub(crate) fn key(&self, key: &str) -> Option<&str> {
        self.keys
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    }

    fn is(&self, word: &str) -> bool {
        self.key("output")
            .is_some_and(|words| words.split(' ').any(|w| w == word))
    }

    /// Whether the text has figures in it, which only mean something in a release build.
    pub(crate) fn has_figures(&self) -> bool {
        self.is("regex") && self.text.contains("\\d")
    }

    /// Whether the text is patterns, so that a page must show a recorded run.
    pub(crate) fn needs_recording(&self) -> bool {
        self.is("regex") || self.key("stderr").is_some()
    }

    /// What a reader must know to compare a run of theirs with this output.
    fn note(&self) -> &'static str {
        match (self.is("sorted"), self.is("regex")) {
            (true, _) => " (the order of the lines differs from run to run)",
            (_, true) => " (figures differ from run to run)",
            _ => "",
        }
    }

    /// Whether a recorded run (standard output, then standard error) is one that the text allows.
    pub(crate) fn allows(&self, recorded: &str) -> bool {
        let lines: Vec<&str> = self.text.lines().collect();
        let (mut printed, rest): (Vec<_>, Vec<_>) = recorded
            .lines()
            .enumerate()
            .partition(|(i, _)| *i < lines.len());
        if self.is("sorted") {
            printed.sort_unstable_by_key(|(_, line)| *line);
        }
        let recorded: String = printed
            .into_iter()
            .chain(rest)
            .map(|(_, line)| format!("{line}\n"))
            .collect();

        let one = |line: &&str| match (self.is("regex"), line.strip_prefix('+')) {
            (true, Some(line)) => format!("(?:(?:{line})\\n)+"),
            (true, None) => format!("(?:{line})\\n"),
            (false, _) => format!("{}\\n", regex::escape(line)),
        };
        let pattern: String = lines.iter().map(one).collect();
        let Ok(regex) = regex::Regex::new(&format!("^{pattern}")) else {
            return false;
        };
        let Some(printed) = regex.find(&recorded) else {
            return false;
        };
        let errors = &recorded[printed.end()..];
        match self.key("stderr").map(regex::Regex::new) {
            None => errors.is_empty(),
            Some(pattern) => pattern.is_ok_and(|p| p.is_match(errors)),
        }
    }
}

/// Where the recorded output of a program lies, relative to the root.
pub(crate) fn recording(name: &str) -> String {
    format!("book/src/outputs/{name}.txt")
}

/// Recorded outputs that their programs could not have printed, or that belong to no program.
pub(crate) fn stale_recordings() -> Vec<String> {
    let mut stale = Vec::new();
    for path in repo::files("book/src/outputs") {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let read = Golden::read(&name).and_then(|g| Ok((g, repo::read(&path.to_string_lossy())?)));
        match read {
            Ok((golden, text)) if golden.needs_recording() && golden.allows(&text) => {}
            Ok(_) => stale.push(format!(
                "{}: not what examples/{name}.out allows",
                path.display()
            )),
            Err(error) => stale.push(format!("{}: {error:#}", path.display())),
        }
    }
    stale
}

/// What a program prints, with the command that runs it above.
pub(crate) fn output(name: &str) -> Result<String> {
    let golden = Golden::read(name)?;
    let release = if golden.has_figures() {
        "--release "
    } else {
        ""
    };
    let command = format!(
        "<code>cargo run {release}--example {name}</code>{}",
        golden.note()
    );
    let exit = match golden.key("exit") {
        None | Some("0") => String::new(),
        Some(code) => format!("\n\n<p>The exit code is {code}.</p>"),
    };
    let text = match golden.needs_recording() {
        true => repo::read(&recording(name))?,
        false => golden.text,
    };
    Ok(listing::listing("text", &command, None, text.trim_end()) + &exit)
}

/// `text` without the `//!` header, which is told in the chapter's own words.
pub(crate) fn without_header(text: &str) -> String {
    let code: Vec<&str> = text.lines().skip_while(|l| l.starts_with("//!")).collect();
    code.join("\n").trim_matches('\n').to_string()
}

/// The `//!` header of a program, as markdown.
fn header(text: &str) -> String {
    let lines = text.lines().map_while(|l| l.strip_prefix("//!"));
    let lines: Vec<&str> = lines.map(|l| l.strip_prefix(' ').unwrap_or(l)).collect();
    lines.join("\n")
}

/// The names of all example programs, sorted.
pub(crate) fn names() -> Vec<String> {
    let rust = |p: &Path| p.extension().is_some_and(|e| e == "rs");
    let flat = |p: &Path| p.parent() == Some(Path::new("examples"));
    let files = repo::files("examples")
        .into_iter()
        .filter(|p| rust(p) && flat(p));
    let stems = files.filter_map(|p| p.file_stem().map(|s| s.to_string_lossy().into_owned()));
    stems
        .filter(|name| repo::root().join(format!("examples/{name}.out")).exists())
        .collect()
}

/// Adds a page for each program below the page `programs.md`, and the list of them to it.
pub(crate) fn add_pages(book: &mut Book, problems: &mut Vec<String>) {
    let mut pages = Vec::new();
    let mut list = String::new();
    for name in names() {
        match page(&name) {
            Ok((first, text)) => {
                list += &format!("- [`{name}`](programs/{name}.md): {first}\n");
                let parents = vec!["The programs".to_string()];
                let path = format!("programs/{name}.md");
                pages.push(Chapter::new(&name, text, path, parents));
            }
            Err(error) => problems.push(format!("{error:#}")),
        }
    }
    book.for_each_chapter_mut(|chapter| {
        if chapter.path.as_deref() == Some(Path::new(INDEX)) {
            chapter.content += &format!("\n{list}");
            // With numbers of their own they fold in the sidebar.
            let parent = chapter.number.clone().unwrap_or_default();
            for (i, mut page) in pages.drain(..).enumerate() {
                let mut number = parent.to_vec();
                number.push(i as u32 + 1);
                page.number = Some(SectionNumber::new(number));
                chapter.sub_items.push(BookItem::Chapter(page));
            }
        }
    });
}

/// The first paragraph of a program's header, in one line.
pub(crate) fn first_words(name: &str) -> Result<String> {
    let about = header(&repo::read(&format!("examples/{name}.rs"))?);
    Ok(about.split("\n\n").next().unwrap_or("").replace('\n', " "))
}

fn page(name: &str) -> Result<(String, String)> {
    let path = format!("examples/{name}.rs");
    let source = repo::read(&path)?;
    let about = header(&source);
    let first = first_words(name)?;
    let code = repo::without_anchors(&without_header(&source));
    let listing = listing::listing("rust,ignore", &path, None, &code);
    let text = format!("# {name}\n\n{about}\n\n{listing}\n\n{}\n", output(name)?);
    Ok((first, text))
}

#[cfg(test)]
mod tests {
    use super::{Golden, header, without_header};

    #[test]
    fn a_golden_output_has_keys_and_text() {
        let golden = Golden::parse("//@ output: sorted\n//@ exit: 2\nb\na\n");
        assert_eq!(golden.key("output"), Some("sorted"));
        assert_eq!(golden.key("exit"), Some("2"));
        assert_eq!(golden.text, "b\na");
    }

    #[test]
    fn a_recorded_run_is_held_against_the_patterns() {
        let golden = Golden::parse("//@ output: sorted regex\n//@ stderr: ^panic: no\na\\d\nb\n");
        assert!(golden.needs_recording());
        assert!(golden.allows("b\na1\npanic: no\n"));
        assert!(!golden.allows("b\na1\n"));
        assert!(!golden.allows("b\nax\npanic: no\n"));
        let golden = Golden::parse("//@ output: regex\nn = \\d\n+x\\d\n");
        assert!(golden.allows("n = 1\nx1\nx2\nx3\n"));
        assert!(!golden.allows("n = 1\n"));
        assert!(!golden.allows("n = 1\nx1\ny\n"));
    }

    #[test]
    fn the_header_is_told_apart_from_the_code() {
        let source = "//! Says hello.\n//! Twice.\n\nfn main() {}\n";
        assert_eq!(header(source), "Says hello.\nTwice.");
        assert_eq!(without_header(source), "fn main() {}");
    }
}
