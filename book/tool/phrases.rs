//! What the built pages say beside their text: mdBook's buttons, the tool's own words, the labels in
//! the pictures. `book/zh/phrases.txt` and `book/zh/labels.txt` have a line `English || Chinese` for
//! each; a phrase is a piece of HTML or of a script, a label the whole text of an element of a picture.
//! Some are asked for by name instead: `title: ..`, `program: ..`, `lesson: ..`,
//! `task: ..`, `crate: ..`.

use crate::{crates, exercises, gallery, programs, repo};
use aho_corasick::{AhoCorasick, MatchKind};
use mdbook_driver::errors::Result;
use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;

const PHRASES: &str = "book/zh/phrases.txt";
const LABELS: &str = "book/zh/labels.txt";
/// Begins the title of a page or of a part of the book.
pub(crate) const TITLE: &str = "title: ";
/// Begins the first sentence of a program's header.
pub(crate) const PROGRAM: &str = "program: ";
/// Begins the rule of a lesson in the error gallery.
const LESSON: &str = "lesson: ";

/// Begins the task of an exercise.
const TASK: &str = "task: ";
/// Begins what a row of the table of crates says.
const CRATE: &str = "crate: ";
const KINDS: [&str; 5] = [TITLE, PROGRAM, LESSON, TASK, CRATE];
/// Begins a task that is a lesson's rule, in both languages.
const COMPILE: (&str, &str) = ("Make it compile. ", "让它通过编译。");

/// Both tables.
pub(crate) struct Phrases {
    all: Vec<Phrase>,
    /// Places of the lines that have been said.
    said: RefCell<HashSet<String>>,
}

struct Phrase {
    english: String,
    chinese: String,
    /// The file it stands in, and its line.
    place: String,
}

impl Phrases {
    pub(crate) fn read() -> Result<Phrases> {
        let mut all = Vec::new();
        for file in [PHRASES, LABELS] {
            for (i, line) in repo::read(file)?.lines().enumerate() {
                if let Some((english, chinese)) = line.split_once(" || ") {
                    let place = format!("{file}:{}", i + 1);
                    all.extend(phrases(english, chinese, &place, file == LABELS));
                }
            }
        }
        // The beginning of a lesson's rule may be another one's rule: the longer has its turn first.
        all.sort_by_key(|p| std::cmp::Reverse(p.english.len()));
        Ok(Phrases::of(all))
    }

    fn of(all: Vec<Phrase>) -> Phrases {
        Phrases {
            all,
            said: RefCell::default(),
        }
    }

    /// What is said for `english`, which is of one of the kinds above; itself if nothing is.
    pub(crate) fn named(&self, kind: &str, english: &str) -> String {
        let is_it = |p: &&Phrase| p.english.strip_prefix(kind) == Some(english);
        let found = self.all.iter().find(is_it);
        found.map_or(english, |p| &p.chinese).to_string()
    }

    /// `text` with the rules of the error gallery's lessons, each a paragraph, in Chinese.
    pub(crate) fn with_rules(&self, text: &str) -> String {
        let rules = self
            .all
            .iter()
            .filter_map(|p| Some((p.english.strip_prefix(LESSON)?, &p.chinese)));
        rules.fold(text.to_string(), |text, (english, chinese)| {
            text.replace(&format!("\n\n{english}"), &format!("\n\n{chinese}"))
        })
    }

    /// `text` with what is said of crates in Chinese: a cell of the table, or a paragraph.
    pub(crate) fn with_crates(&self, text: &str) -> String {
        let words = self
            .all
            .iter()
            .filter_map(|p| Some((p.english.strip_prefix(CRATE)?, &p.chinese)));
        words.fold(text.to_string(), |text, (english, chinese)| {
            text.replace(&format!("| {english} |"), &format!("| {chinese} |"))
                .replace(&format!("\n\n{english}\n\n"), &format!("\n\n{chinese}\n\n"))
        })
    }

    /// What has no Chinese yet, of what readers look things up by: rules, words on crates, programs.
    pub(crate) fn lacking(&self) -> Result<Vec<String>> {
        let mut lacking = Vec::new();
        let programs = programs::names();
        let programs: Result<_> = programs.iter().map(|p| programs::first_words(p)).collect();
        let kinds = [
            (LESSON, gallery::rules()?),
            (CRATE, crates::words()?),
            (PROGRAM, programs?),
        ];
        for (kind, texts) in kinds {
            let has = |text: &String| {
                self.all
                    .iter()
                    .any(|p| p.english.strip_prefix(kind) == Some(text))
            };
            let without = texts.into_iter().filter(|text| !has(text));
            lacking.extend(without.map(|text| format!("{PHRASES}: no `{kind}{text}`")));
        }
        Ok(lacking)
    }

    /// `text` with the tasks of the exercises in Chinese: each stands below its command, or in a table.
    pub(crate) fn with_tasks(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut below = false;
        for line in text.lines() {
            let row = line
                .split_once(".md) | ")
                .filter(|_| line.starts_with("| "));
            match (row, line.strip_prefix("  ")) {
                (Some((before, task)), _) => {
                    let task = self.task(task.trim_end_matches(" |"));
                    out += &format!("{before}.md) | {task} |\n");
                }
                (None, Some(task)) if below => out += &format!("  {}\n", self.task(task)),
                _ => out += &format!("{line}\n"),
            }
            below = line.starts_with("* `cargo run -p examples -- practise ");
        }
        out
    }

    fn task(&self, english: &str) -> String {
        match english.strip_prefix(COMPILE.0) {
            Some(rule) => format!("{}{}", COMPILE.1, self.named(LESSON, rule)),
            None => self.named(TASK, english),
        }
    }

    /// `text` with its phrases in Chinese.
    pub(crate) fn put_into_text(&self, text: &str) -> Result<String> {
        let phrases: Vec<&Phrase> = self.pieces().collect();
        // A phrase may be a part of a longer one, which then counts.
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(phrases.iter().map(|p| &p.english))?;
        let mut said = self.said.borrow_mut();
        let mut out = String::with_capacity(text.len());
        search.replace_all_with(text, &mut out, |found, _, out| {
            let phrase = phrases[found.pattern().as_usize()];
            out.push_str(&phrase.chinese);
            said.insert(phrase.place.clone());
            true
        });
        Ok(out)
    }

    /// The phrases that are not asked for by name.
    fn pieces(&self) -> impl Iterator<Item = &Phrase> {
        let by_name = |p: &Phrase| KINDS.iter().any(|kind| p.english.starts_with(kind));
        self.all.iter().filter(move |p| !by_name(p))
    }

    /// The named phrases whose English is in none of `texts`.
    fn unused_names(&self, texts: &[String]) -> Vec<&Phrase> {
        let lost = |p: &&Phrase| {
            let name = KINDS.iter().find_map(|k| p.english.strip_prefix(k));
            name.is_some_and(|name| !texts.iter().any(|text| text.contains(name)))
        };
        self.all.iter().filter(lost).collect()
    }

    /// Replaces all phrases in the pages and scripts below `dir`; returns those that neither they nor
    /// the texts before them said.
    pub(crate) fn put_into(&self, dir: &Path) -> Result<Vec<String>> {
        for path in repo::files(&dir.to_string_lossy()) {
            if says_phrases(&path) {
                let path = repo::root().join(path);
                let text = std::fs::read_to_string(&path)?;
                std::fs::write(path, self.put_into_text(&text)?)?;
            }
        }
        let said = self.said.borrow();
        let mut unused: Vec<&Phrase> = self.pieces().collect();
        unused.retain(|p| !said.contains(&p.place));
        let mut texts = vec![repo::read("book/src/SUMMARY.md")?];
        for name in programs::names() {
            texts.push(programs::first_words(&name)?);
        }
        texts.extend(gallery::rules()?);
        texts.push(exercises::table()?);
        texts.extend(crates::words()?);
        unused.extend(self.unused_names(&texts));
        let place = |p: &Phrase| format!("{}: `{}` occurs nowhere", p.place, p.english);
        Ok(unused.into_iter().map(place).collect())
    }
}

/// Whether a file of the site has phrases in it: the pages, and the scripts that speak to readers.
fn says_phrases(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let speaks = ["searcher", "book-", "player"]
        .iter()
        .any(|s| name.starts_with(s));
    name.ends_with(".html") || name.ends_with(".js") && speaks
}

/// The pieces of HTML that a line of a table stands for.
fn phrases(english: &str, chinese: &str, place: &str, label: bool) -> Vec<Phrase> {
    let phrase = |english: String, chinese: String| Phrase {
        english,
        chinese,
        place: place.into(),
    };
    if !label {
        return vec![phrase(english.into(), chinese.into())];
    }
    let tags = ["text", "title", "desc", "tspan"];
    let tags = tags.iter().map(|tag| format!("</{tag}>"));
    tags.map(|end| phrase(format!(">{english}{end}"), format!(">{chinese}{end}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Phrases, TITLE, phrases};

    #[test]
    fn a_title_is_asked_for_by_its_english() {
        let all = Phrases::of(phrases("title: Channels", "通道", "here:1", false));
        assert_eq!(all.named(TITLE, "Channels"), "通道");
        assert_eq!(all.named(TITLE, "Testing"), "Testing");
        assert!(all.unused_names(&["- [Channels](c.md)".into()]).is_empty());
        assert_eq!(all.unused_names(&["- [Chan](c.md)".into()]).len(), 1);
    }

    #[test]
    fn tasks_are_found_below_their_commands_and_in_the_table() {
        let mut all = phrases("task: Add.", "相加。", "", false);
        all.extend(phrases("lesson: No `go`.", "没有 `go`。", "", false));
        let text = "* `cargo run -p examples -- practise sum`  \n  Add.\n  Add.\n\
                    | 2 | [`go`](a.md) | Make it compile. No `go`. |\n";
        let expected = "* `cargo run -p examples -- practise sum`  \n  相加。\n  Add.\n\
                        | 2 | [`go`](a.md) | 让它通过编译。没有 `go`。 |\n";
        assert_eq!(Phrases::of(all).with_tasks(text), expected);
    }

    #[test]
    fn words_on_crates_are_cells_and_paragraphs() {
        let all = Phrases::of(phrases("crate: As flume.", "同 flume。", "", false));
        let text =
            "| `kanal` | works | As flume. |\n\n### kanal\n\nAs flume.\n\nSay: As flume. No.\n";
        let expected =
            "| `kanal` | works | 同 flume。 |\n\n### kanal\n\n同 flume。\n\nSay: As flume. No.\n";
        assert_eq!(all.with_crates(text), expected);
    }

    #[test]
    fn what_a_text_says_is_known() {
        let mut all = phrases("<b>yes</b>", "<b>是</b>", "here:1", false);
        all.extend(phrases("no", "否", "here:2", true));
        let all = Phrases::of(all);
        let text = all.put_into_text("<b>yes</b> no").unwrap();
        assert_eq!(text, "<b>是</b> no");
        assert!(all.said.borrow().contains("here:1"));
        assert!(!all.said.borrow().contains("here:2"));
    }

    #[test]
    fn a_label_is_the_whole_text_of_an_element() {
        let all = phrases("queue", "队列", "", true);
        assert_eq!(all[0].english, ">queue</text>");
        assert_eq!(all[0].chinese, ">队列</text>");
    }
}
