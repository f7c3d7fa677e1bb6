//! What the built pages say beside their text: mdBook's buttons, the tool's own words, the labels in
//! the pictures. `book/zh/phrases.txt` and `book/zh/labels.txt` have a line `English || Chinese` for
//! each; a phrase is a piece of HTML, a label the whole text of an element of a picture.

use crate::repo;
use mdbook_driver::errors::Result;
use std::path::Path;

const PHRASES: &str = "book/zh/phrases.txt";
const LABELS: &str = "book/zh/labels.txt";
/// What a phrase begins with that names a page or a part of the book.
const TITLE: &str = "title: ";

/// Both tables.
pub(crate) struct Phrases(Vec<Phrase>);

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
        // A phrase may be a part of a longer one, which must have its turn before it.
        all.sort_by_key(|p| std::cmp::Reverse(p.english.len()));
        Ok(Phrases(all))
    }

    /// The Chinese title of a part or a page; the English one if there is none.
    pub(crate) fn title(&self, english: &str) -> String {
        let is_it = |p: &&Phrase| p.english.strip_prefix(TITLE) == Some(english);
        let found = self.0.iter().find(is_it);
        found.map_or(english, |p| &p.chinese).to_string()
    }

    /// Replaces all phrases in the pages and scripts below `dir`; returns those that occur nowhere.
    pub(crate) fn put_into(&self, dir: &Path) -> Result<Vec<String>> {
        let phrases = self.0.iter().filter(|p| !p.english.starts_with(TITLE));
        let mut unused: Vec<&Phrase> = phrases.clone().collect();
        for path in repo::files(&dir.to_string_lossy()) {
            let path = repo::root().join(path);
            if path.extension().is_none_or(|e| e != "html" && e != "js") {
                continue;
            }
            let mut text = std::fs::read_to_string(&path)?;
            for phrase in phrases.clone() {
                if text.contains(&phrase.english) {
                    text = text.replace(&phrase.english, &phrase.chinese);
                    unused.retain(|p| p.place != phrase.place);
                }
            }
            std::fs::write(path, text)?;
        }
        let place = |p: &Phrase| format!("{}: `{}` occurs nowhere", p.place, p.english);
        Ok(unused.into_iter().map(place).collect())
    }
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
    use super::phrases;

    #[test]
    fn a_label_is_the_whole_text_of_an_element() {
        let all = phrases("queue", "队列", "", true);
        assert_eq!(all[0].english, ">queue</text>");
        assert_eq!(all[0].chinese, ">队列</text>");
    }
}
