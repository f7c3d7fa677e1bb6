//! The error gallery: the lessons of `tests/ui`, one topic after the other, each with its message, its
//! rule, the wrong program and the cure. The page searches in it (`theme/gallery.js`).

use crate::{listing, repo};
use mdbook_driver::errors::{Error, Result};

const LESSONS: &str = "tests/ui";

/// All lessons of one topic, the folder `tests/ui/TOPIC`, as markdown.
pub(crate) fn topic(topic: &str) -> Result<String> {
    let names = lessons(topic);
    if names.is_empty() {
        return Err(Error::msg(format!("{LESSONS}/{topic} has no lessons")));
    }
    let lessons: Result<Vec<String>> = names.iter().map(|name| lesson(topic, name)).collect();
    Ok(lessons?.join("\n\n"))
}

/// The rules of all lessons.
pub(crate) fn rules() -> Result<Vec<String>> {
    let files = repo::files(LESSONS);
    let sources = files.iter().map(|file| file.to_string_lossy());
    let sources = sources.filter(|file| file.ends_with(".rs") && !file.ends_with(".right.rs"));
    sources
        .map(|file| Ok(first_comment(&repo::read(&file)?)))
        .collect()
}

/// The names of a topic's lessons, in order.
fn lessons(topic: &str) -> Vec<String> {
    let files = repo::files(&format!("{LESSONS}/{topic}"));
    let names = files
        .iter()
        .filter_map(|file| file.file_name()?.to_str()?.strip_suffix(".rs"));
    names
        .filter(|name| !name.ends_with(".right"))
        .map(String::from)
        .collect()
}

fn lesson(topic: &str, name: &str) -> Result<String> {
    let path = format!("{topic}/{name}");
    let source = repo::read(&format!("{LESSONS}/{path}.rs"))?;
    let says = repo::read(&format!("{LESSONS}/{path}.stderr"))?;
    let Some((code, message)) = head(&says) else {
        return Err(Error::msg(format!("{LESSONS}/{path}.stderr: no error")));
    };
    let rule = first_comment(&source);
    let code = match code {
        "" => String::new(),
        code => format!(" <span class=\"code\">{code}</span>"),
    };
    let shown = listing::ui(&path)?;
    Ok(format!(
        "<div class=\"lesson\">\n\n### {message} {{#{topic}-{name}}}\n\n{rule}{code}\n\n\
         <details><summary>The program, the message, the cure</summary>\n\n{shown}\n\n</details>\n\n</div>"
    ))
}

/// The first error of a compiler's text: its code, empty if it has none, and its message.
fn head(says: &str) -> Option<(&str, &str)> {
    let first = says.lines().find(|line| line.starts_with("error"))?;
    let (code, message) = first.strip_prefix("error")?.split_once(": ")?;
    Some((code.trim_matches(['[', ']']), message))
}

/// The rule that a lesson begins with.
fn first_comment(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("// "));
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{first_comment, head};

    #[test]
    fn an_error_has_a_code_or_none() {
        assert_eq!(
            head("error[E0382]: use of moved value: `a`\n -->"),
            Some(("E0382", "use of moved value: `a`"))
        );
        assert_eq!(
            head("error: no `:=`: write `let`\n"),
            Some(("", "no `:=`: write `let`"))
        );
        assert_eq!(head("warning: unused\n"), None);
    }

    #[test]
    fn the_rule_is_the_first_comment() {
        assert_eq!(
            first_comment("// One.\n// Two.\nuse x; // no\n"),
            "One. Two."
        );
    }
}
