//! The Chinese edition, below `zh/` of the site. It has the same chapters as the English one, in the
//! same order: those in `book/zh/pages` in Chinese, the others as a link to the English page. Both say
//! the same directives, so programs, outputs and figures are never translated.

use crate::phrases::{self, Phrases};
use crate::translation::{self, Translation};
use crate::{programs, repo, typeset};
use mdbook_driver::MDBook;
use mdbook_driver::book::{Book, BookItem, Chapter};
use mdbook_driver::errors::Result;
use std::path::Path;

/// The folder of the edition in the site.
pub(crate) const DIR: &str = "zh";
const LANGUAGE: &str = "zh-CN";
const TITLE: &str = "Rust 中的 goroutine";
const DESCRIPTION: &str = "Rust 的 Go 风格并发：怎么用，内部怎么工作，为什么这样设计";
/// The search of the edition, which goes in front of mdBook's index.
const SEARCH: &str = "book/zh/search.js";

/// Turns the loaded English book into the Chinese one, to be built into `to`.
pub(crate) fn translate(book: &mut MDBook, phrases: &Phrases, to: &Path) -> Result<()> {
    let config = &mut book.config;
    config.book.title = Some(TITLE.into());
    config.book.description = Some(DESCRIPTION.into());
    config.book.language = Some(LANGUAGE.into());
    // Pictures and recordings lie in the English edition, which was loaded from there already.
    config.book.src = Path::new("zh/pages").into();
    config.build.build_dir = to.into();
    let mut problem = None;
    book.book.for_each_mut(|item| match item {
        BookItem::PartTitle(title) => *title = phrases.named(phrases::TITLE, title),
        BookItem::Chapter(chapter) => {
            if let Err(error) = translate_chapter(chapter, phrases) {
                problem = Some(error);
            }
        }
        BookItem::Separator => {}
    });
    problem.map_or(Ok(()), Err)
}

fn translate_chapter(chapter: &mut Chapter, phrases: &Phrases) -> Result<()> {
    let Some(path) = chapter.path.clone() else {
        return Ok(());
    };
    let page = path.to_string_lossy();
    let english = english_page(&page);
    match Translation::read(&page)? {
        Some(t) => {
            let headings = translation::headings(&t.chinese);
            let name = headings.first().map_or("", |(_, name)| name);
            chapter.name = name.replace('`', "");
            let text = typeset::with_ids(&t.chinese, &t.english);
            let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
            let note = match t.is_current() {
                true => String::new(),
                false => format!(
                    "\n<p class=\"changed\">英文版在本页译出之后有改动，请以\
                     <a href=\"{english}\" hreflang=\"en\">英文版</a>为准。</p>\n"
                ),
            };
            chapter.content = format!("{title}\n{note}{rest}");
        }
        None => {
            chapter.name = phrases.named(phrases::TITLE, &chapter.name);
            chapter.content = missing(&chapter.name, &chapter.content, &english);
        }
    }
    Ok(())
}

/// The page that stands for one without a translation: its headings lead to the English text.
fn missing(name: &str, text: &str, english: &str) -> String {
    let mut out = format!(
        "# {name}\n\n<p class=\"changed\">本页还没有中文译文，请看\
         <a href=\"{english}\" hreflang=\"en\">英文版</a>。</p>\n\n"
    );
    let headings = translation::headings(text).into_iter();
    for ((_, heading), id) in headings.zip(typeset::ids(text)).skip(1) {
        out += &format!("- <span id=\"{id}\"></span>[{heading}]({english}#{id})\n");
    }
    out
}

/// The address of the English page, seen from the Chinese one.
fn english_page(page: &str) -> String {
    let up = "../".repeat(page.matches('/').count() + 1);
    format!("{up}{}.html", page.trim_end_matches(".md"))
}

/// Adds the list of programs, whose pages are those of the English edition.
pub(crate) fn add_programs(book: &mut Book, phrases: &Phrases, problems: &mut Vec<String>) {
    let list = match programs_list(phrases) {
        Ok(list) => list,
        Err(error) => return problems.push(format!("{error:#}")),
    };
    book.for_each_chapter_mut(|chapter| {
        if chapter.path.as_deref() == Some(Path::new(programs::INDEX)) {
            chapter.content += &list;
        }
    });
}

fn programs_list(phrases: &Phrases) -> Result<String> {
    let mut list = String::new();
    for name in programs::names() {
        let words = phrases.named(phrases::PROGRAM, &programs::first_words(&name)?);
        list += &format!("\n- [`{name}`](programs/{name}.html)：{words}");
    }
    Ok(list)
}

/// The text of a page after its directives were replaced: what they say is put into Chinese before the
/// search's index is made of it, and what they name lies in the English edition.
pub(crate) fn finish(text: &str, phrases: &Phrases) -> Result<String> {
    let mut text = phrases.put_into_text(&typeset::joined(text))?;
    text = phrases.with_crates(&phrases.with_tasks(&phrases.with_rules(&text)));
    for dir in ["programs", "traces"] {
        for before in ["href=\"", "src=\"", "]("] {
            text = text.replace(&format!("{before}{dir}/"), &format!("{before}../{dir}/"));
        }
    }
    let source = regex::Regex::new(SOURCE).expect("a pattern");
    let said = "在 $cpus 个 CPU（$cpu）、Linux $kernel 上测 $rounds 轮，取中位数。对象：$peers。";
    Ok(source.replace_all(&text, said).into_owned())
}

/// The line on where the figures of the benchmarks come from.
const SOURCE: &str = r"Median of (?<rounds>\d+) rounds on (?<cpus>\d+) CPUs \((?<cpu>[^)]*)\), Linux (?<kernel>[^:]*): (?<peers>.*)\.";

/// Finishes the built edition; returns the phrases that have lost their English.
pub(crate) fn complete(dir: &Path, phrases: &Phrases) -> Result<Vec<String>> {
    let search = repo::read(SEARCH)?;
    for entry in std::fs::read_dir(dir)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("searchindex") {
            let index = std::fs::read_to_string(entry.path())?;
            std::fs::write(entry.path(), format!("{search}\n{index}"))?;
        }
    }
    phrases.put_into(dir)
}

#[cfg(test)]
mod tests {
    use super::{english_page, finish};
    use crate::phrases::Phrases;

    #[test]
    fn a_page_knows_its_english_one() {
        assert_eq!(english_page("select.md"), "../select.html");
        assert_eq!(english_page("design/book.md"), "../../design/book.html");
    }

    #[test]
    fn programs_and_recordings_are_those_of_the_english_edition() {
        assert_eq!(
            finish("<a href=\"programs/x.html\">\n", &Phrases::read().unwrap()).unwrap(),
            "<a href=\"../programs/x.html\">\n"
        );
    }
}
