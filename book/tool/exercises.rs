//! The exercises that check themselves, as `examples/src/practice/list.rs` lists them.

use crate::repo;
use mdbook_driver::errors::{Error, Result};
use regex::Regex;

const LIST: &str = "examples/src/practice/list.rs";

struct Exercise {
    chapter: String,
    name: String,
    /// What to do, in a sentence.
    task: String,
}

/// The exercises of one page, each with the command that begins it.
pub(crate) fn of_page(page: &str) -> Result<String> {
    let all = all()?;
    let lines: Vec<String> = all
        .iter()
        .filter(|exercise| exercise.chapter == page)
        .map(|Exercise { name, task, .. }| {
            format!("* `cargo run -p examples -- practise {name}`  \n  {task}")
        })
        .collect();
    match lines.is_empty() {
        true => Err(Error::msg(format!("{LIST} has no exercise of `{page}`"))),
        false => Ok(format!(
            "<div class=\"practise\">\n\n{}\n\n</div>",
            lines.join("\n")
        )),
    }
}

/// All exercises, as a table.
pub(crate) fn table() -> Result<String> {
    let mut out = String::from("| | | |\n| --- | --- | --- |\n");
    for (i, exercise) in all()?.iter().enumerate() {
        let Exercise {
            chapter,
            name,
            task,
        } = exercise;
        let task = task.replace('|', "\\|");
        out += &format!("| {} | [`{name}`]({chapter}.md) | {task} |\n", i + 1);
    }
    Ok(out)
}

fn all() -> Result<Vec<Exercise>> {
    let text = repo::read(LIST)?;
    let chapter_line = Regex::new(r#"^    "(\w+)":$"#)?;
    let line =
        Regex::new(r#"^        (\w+) (?:Checked|Program|compiles\("([^"]+)", &\[[^\]]*\]\)),"#)?;
    let mut chapter = String::new();
    let mut found = Vec::new();
    for text in text.lines() {
        if let Some(of) = chapter_line.captures(text) {
            chapter = of[1].to_string();
        } else if let Some(of) = line.captures(text) {
            let path = match of.get(2) {
                Some(lesson) => format!("tests/ui/{}.rs", lesson.as_str()),
                None => format!("examples/practice/{}.rs", &of[1]),
            };
            let task = first_sentences(&repo::read(&path)?);
            let task = match of.get(2) {
                Some(_) => format!("Make it compile. {task}"),
                None => task,
            };
            found.push(Exercise {
                chapter: chapter.clone(),
                name: of[1].to_string(),
                task,
            });
        }
    }
    Ok(found)
}

/// The first paragraph of the comment that a file begins with.
fn first_sentences(text: &str) -> String {
    let lines = text
        .lines()
        .map_while(|l| l.strip_prefix("//!").or(l.strip_prefix("//")));
    let first = lines.map(str::trim).take_while(|l| !l.is_empty());
    first.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{all, first_sentences, of_page};

    #[test]
    fn the_list_is_read_whole() {
        let names = crate::repo::read(super::LIST).unwrap();
        let hints = names.matches("        [\"").count() + names.matches(", [\"").count();
        assert_eq!(all().unwrap().len(), hints);
        assert!(of_page("no_such_page").is_err());
    }

    #[test]
    fn a_task_is_the_first_paragraph() {
        assert_eq!(
            first_sentences("//! One\n//! two.\n//!\n//! Three.\n"),
            "One two."
        );
    }
}
