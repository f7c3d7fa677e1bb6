//! A listing in its frame, and a program that does not compile with the compiler's words.

use crate::repo;
use mdbook_driver::errors::Result;

/// A listing with its caption; `label` is shown above, as a link if `link` is given.
pub(crate) fn listing(language: &str, label: &str, link: Option<&str>, code: &str) -> String {
    let label = match link {
        Some(link) => format!("<a href=\"{link}\">{label}</a>"),
        None => label.to_string(),
    };
    let kind = language.split(',').next().unwrap_or_default();
    format!(
        "<figure class=\"listing lang-{kind}\"><figcaption>{label}</figcaption>\n\n\
         ```{language}\n{code}\n```\n\n</figure>"
    )
}

/// The wrong program, the compiler's words, and, where it exists, the right program, folded.
pub(crate) fn ui(path: &str) -> Result<String> {
    let source = format!("tests/ui/{path}.rs");
    let code = repo::without_anchors(&repo::read(&source)?);
    let says = repo::read(&format!("tests/ui/{path}.stderr"))?;
    let label = format!("{source} (does not compile)");
    let mut out = listing("rust,ignore,does_not_compile", &label, None, &code);
    out += "\n\n";
    out += &listing("text", "the compiler says", None, says.trim_end());
    let right = format!("tests/ui/{path}.right.rs");
    if let Ok(code) = repo::read(&right) {
        let code = listing("rust,ignore", &right, None, &code);
        out += &format!("\n\n<details><summary>What to write</summary>\n\n{code}\n\n</details>");
    }
    Ok(out)
}
