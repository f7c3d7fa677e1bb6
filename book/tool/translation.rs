//! One page of the Chinese edition: which English text it translates, and whether that is still so.
//!
//! The first line of a translation, `<!-- translates 1a2b3c4d5e6f -->`, holds the git id of the English
//! page's text that the translator saw. So a change of the English page is noticed, and
//! `git diff 1a2b3c4d5e6f book/src/PAGE` shows it. `book -- stamp PAGE` writes the id anew.

use crate::{directives, repo};
use mdbook_driver::errors::{Error, Result};
use sha1::{Digest, Sha1};

/// Where the English pages lie, and the Chinese ones.
pub(crate) const ENGLISH: &str = "book/src";
pub(crate) const CHINESE: &str = "book/zh/pages";

const HEAD: &str = "<!-- translates ";
/// So many digits of the id are written.
const DIGITS: usize = 12;

/// A translated page, with the English one beside it.
pub(crate) struct Translation {
    /// Relative to the folder of either edition.
    page: String,
    pub(crate) english: String,
    /// The page without its first line.
    pub(crate) chinese: String,
    stamp: String,
}

impl Translation {
    /// The translation of `page`, `None` if there is none.
    pub(crate) fn read(page: &str) -> Result<Option<Translation>> {
        if !repo::root().join(CHINESE).join(page).exists() {
            return Ok(None);
        }
        let text = repo::read(&format!("{CHINESE}/{page}"))?;
        let (stamp, chinese) = split(&text);
        Ok(Some(Translation {
            page: page.into(),
            english: repo::read(&format!("{ENGLISH}/{page}"))?,
            chinese: chinese.into(),
            stamp: stamp.into(),
        }))
    }

    /// Whether the English page is the one that was translated.
    pub(crate) fn is_current(&self) -> bool {
        self.stamp == id(&self.english)
    }

    /// What a look at the page is asked for, if its English text has changed.
    pub(crate) fn stale(&self) -> Option<String> {
        let page = &self.page;
        (!self.is_current()).then(|| match self.stamp.as_str() {
            "" => format!("{CHINESE}/{page}: not stamped yet"),
            stamp => format!("{CHINESE}/{page}: git diff {stamp} {ENGLISH}/{page}"),
        })
    }

    /// Where the two pages differ in what is no language: headings and directives.
    pub(crate) fn differences(&self) -> Vec<String> {
        let (english, chinese) = (levels(&self.english), levels(&self.chinese));
        let mut found = Vec::new();
        if english != chinese {
            found.push(format!(
                "its headings have the levels {chinese:?}, those of the English page {english:?}"
            ));
        }
        let (english, chinese) = (named(&self.english), named(&self.chinese));
        if let Some(i) =
            (0..english.len().max(chinese.len())).find(|&i| english.get(i) != chinese.get(i))
        {
            let show = |list: &[String]| list.get(i).cloned().unwrap_or("nothing".into());
            found.push(format!(
                "directive {} is {}, in the English page {}",
                i + 1,
                show(&chinese),
                show(&english)
            ));
        }
        let place = |problem| format!("{CHINESE}/{}: {problem}", self.page);
        found.into_iter().map(place).collect()
    }
}

/// All translated pages.
pub(crate) fn all() -> Result<Vec<Translation>> {
    let pages = repo::files(CHINESE);
    let pages = pages.iter().filter_map(|p| p.strip_prefix(CHINESE).ok());
    pages
        .filter_map(|page| Translation::read(&page.to_string_lossy()).transpose())
        .collect()
}

/// Says of each page of the book whether it is translated and current.
pub(crate) fn list() -> Result<()> {
    for path in repo::files(ENGLISH) {
        let Some(page) = page_of(&path) else { continue };
        match Translation::read(&page)? {
            None => println!("  missing  {page}"),
            Some(t) => match t.stale() {
                None => println!("  current  {page}"),
                Some(why) => println!("  changed  {why}"),
            },
        }
    }
    Ok(())
}

/// Records that the translations of `pages` were looked at and say what the English pages say.
pub(crate) fn stamp(pages: &[&str]) -> Result<()> {
    for page in pages {
        let page = format!("{}.md", page.trim_end_matches(".md"));
        let Some(translation) = Translation::read(&page)? else {
            return Err(Error::msg(format!("{CHINESE}/{page}: no such page")));
        };
        let differences = translation.differences();
        if !differences.is_empty() {
            return Err(Error::msg(differences.join("\n")));
        }
        let id = id(&translation.english);
        let text = format!("{HEAD}{id} -->\n{}", translation.chinese);
        repo::write(&format!("{CHINESE}/{page}"), &text)?;
        println!("{page} translates {id}");
    }
    Ok(())
}

/// A page of the book among the files of its folder; the summary is none.
fn page_of(path: &std::path::Path) -> Option<String> {
    let page = path.strip_prefix(ENGLISH).ok()?;
    let is_page = page.extension()? == "md" && page != "SUMMARY.md";
    is_page.then(|| page.to_string_lossy().into_owned())
}

fn split(text: &str) -> (&str, &str) {
    let head = text.strip_prefix(HEAD).and_then(|t| t.split_once(" -->\n"));
    head.unwrap_or(("", text))
}

/// The id that git gives a file with this text.
fn id(text: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", text.len()));
    hash.update(text);
    let digits: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    digits[..DIGITS].into()
}

/// The headings of a page, each with its level and its text; what is fenced is none.
pub(crate) fn headings(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let level = line.len() - line.trim_start_matches('#').len();
        if !fenced && level > 0 && line[level..].starts_with(' ') {
            found.push((level, line[level..].trim()));
        }
    }
    found
}

fn levels(text: &str) -> Vec<usize> {
    headings(text).iter().map(|(level, _)| *level).collect()
}

/// The directives of a page, without their captions.
fn named(text: &str) -> Vec<String> {
    let all = directives::find(text);
    let words = |d: &directives::Directive| format!("`{} {}`", d.name, d.args.join(" "));
    all.iter().map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::{Translation, id, split};

    fn translation(english: &str, chinese: &str) -> Translation {
        Translation {
            page: "p.md".into(),
            english: english.into(),
            chinese: chinese.into(),
            stamp: id("# a\n"),
        }
    }

    #[test]
    fn the_id_is_the_one_of_git() {
        assert_eq!(id("hello\n"), "ce013625030b");
    }

    #[test]
    fn the_first_line_holds_the_stamp() {
        assert_eq!(split("<!-- translates 12 -->\n# x\n"), ("12", "# x\n"));
        assert_eq!(split("# x\n"), ("", "# x\n"));
    }

    #[test]
    fn a_changed_english_page_is_noticed() {
        assert_eq!(translation("# a\n", "# x\n").stale(), None);
        let stale = translation("# b\n", "# x\n").stale().unwrap();
        assert!(stale.ends_with(" book/src/p.md"), "{stale}");
    }

    #[test]
    fn headings_and_directives_must_be_the_same() {
        let english = "# a\n\n## b\n\n{{#output x}}\n";
        let same = "# 甲\n\n## 乙\n\n{{#output x}}\n";
        assert!(translation(english, same).differences().is_empty());
        assert_eq!(translation(english, "# 甲\n").differences().len(), 2);
    }
}
