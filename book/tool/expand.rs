//! Replaces each directive of a page by what it names.
//!
//! | directive | becomes |
//! | --- | --- |
//! | `program NAME [ANCHOR]` | the listing of `examples/NAME.rs`, or its part |
//! | `go NAME [ANCHOR]` | the listing of `book/go/NAME.go` |
//! | `pair NAME [ANCHOR]` | both, Go first, beside each other where there is room |
//! | `output NAME` | what the program prints: `examples/NAME.out` |
//! | `ui PATH` | a program that must not compile, `tests/ui/PATH.rs`, and the compiler's words |
//! | `solution NAME` | the listing of an exercise's solution and its output, folded |
//! | `picture NAME \| CAPTION` | `book/src/pictures/NAME.svg`, inline, so that it follows the theme |
//! | `player NAME \| CAPTION` | the scheduler player with the recording `book/src/traces/NAME.json` |
//! | `practise PAGE` | the exercises that belong to a page; `exercises`: all of them |
//! | `try NAME` | a change to try, `examples/tries/NAME.try`, and what comes of it |
//! | `gallery TOPIC` | all lessons of `tests/ui/TOPIC`, see `gallery.rs` |
//! | `crates`, `recipes` | the crates of `tests/ecosystem/crates.txt`; how those are used that need care |
//! | `document PATH` | a markdown file of the repository, its headings one level down |
//! | `benchmarks GROUP` | a table from `benches/results/latest.json`; `source`: where it comes from |

use crate::listing::{listing, ui};
use crate::{bench, crates, directives, exercises, gallery, programs, repo, tries};
use mdbook_driver::errors::{Error, Result};

/// A page with its directives replaced; each problem begins with its line number.
pub(crate) struct Expanded {
    pub(crate) text: String,
    pub(crate) problems: Vec<String>,
}

/// Expands every directive of `text`.
pub(crate) fn expand(text: &str) -> Expanded {
    let mut out = String::with_capacity(text.len() * 2);
    let mut problems = Vec::new();
    let mut done = 0;
    for d in directives::find(text) {
        out.push_str(&text[done..d.span.start]);
        done = d.span.end;
        match one(d.name, &d.args, d.caption) {
            Ok(html) => out.push_str(&html),
            Err(error) => problems.push(format!("{}: {error:#}", d.line)),
        }
    }
    out.push_str(&text[done..]);
    Expanded {
        text: out.replace("\\{{#", "{{#"),
        problems,
    }
}

fn one(name: &str, args: &[&str], caption: &str) -> Result<String> {
    match (name, args) {
        ("program", [name, anchor @ ..]) if anchor.len() < 2 => rust(name, anchor.first()),
        ("go", [name, anchor @ ..]) if anchor.len() < 2 => go(name, anchor.first()),
        ("pair", [name, anchor @ ..]) if anchor.len() < 2 => Ok(format!(
            "<div class=\"pair\">\n\n{}\n\n{}\n\n</div>",
            go(name, anchor.first())?,
            rust(name, anchor.first())?
        )),
        ("output", [name]) => programs::output(name),
        ("ui", [path]) => ui(path),
        ("solution", [name]) => Ok(format!(
            "<details class=\"solution\"><summary>Solution</summary>\n\n{}\n\n{}\n\n</details>",
            rust(name, None)?,
            programs::output(name)?
        )),
        ("picture", [name]) => picture(name, caption),
        ("player", [name]) => player(name, caption),
        ("practise", [page]) => exercises::of_page(page),
        ("exercises", []) => exercises::table(),
        ("try", [name]) => tries::show(name),
        ("gallery", [topic]) => gallery::topic(topic),
        ("crates", []) => crates::table(),
        ("recipes", []) => crates::recipes(),
        ("document", [path]) => document(path),
        ("benchmarks", [group]) => bench::table(group),
        _ => Err(Error::msg(format!(
            "no such directive: `{{{{#{name} {}}}}}`",
            args.join(" ")
        ))),
    }
}

fn part(path: &str, text: &str, anchor: Option<&&str>) -> Result<String> {
    match anchor {
        None => Ok(repo::without_anchors(&programs::without_header(text))),
        Some(name) => repo::anchor(text, name)
            .ok_or_else(|| Error::msg(format!("{path} has no whole `ANCHOR: {name}`"))),
    }
}

fn rust(name: &str, anchor: Option<&&str>) -> Result<String> {
    let path = format!("examples/{name}.rs");
    let code = part(&path, &repo::read(&path)?, anchor)?;
    Ok(listing(
        "rust,ignore",
        &path,
        Some(&format!("programs/{name}.html")),
        &code,
    ))
}

fn go(name: &str, anchor: Option<&&str>) -> Result<String> {
    let path = format!("book/go/{name}.go");
    let code = part(&path, &repo::read(&path)?, anchor)?;
    Ok(listing("go", "Go", None, &code))
}

fn picture(name: &str, caption: &str) -> Result<String> {
    let path = format!("book/src/pictures/{name}.svg");
    let svg = inline_svg(&repo::read(&path)?, name);
    if caption.is_empty() {
        return Err(Error::msg(format!("picture `{name}` needs a caption")));
    }
    let caption = caption_html(caption);
    Ok(format!(
        "<figure class=\"picture\">\n{svg}\n<figcaption>{caption}</figcaption>\n</figure>"
    ))
}

/// A caption stands inside an HTML block, where markdown is not read: only code and links are marked.
fn caption_html(caption: &str) -> String {
    let parts = caption.split('`').enumerate();
    let code: String = parts
        .map(|(i, s)| {
            if i % 2 == 1 {
                format!("<code>{s}</code>")
            } else {
                s.to_string()
            }
        })
        .collect();
    let link = regex::Regex::new(r"\[([^\]]+)\]\(([^)]+?)\.md(#[^)]*)?\)").expect("a pattern");
    link.replace_all(&code, "<a href=\"$2.html$3\">$1</a>")
        .into_owned()
}

/// The `<svg>` element alone, with ids that are its own, and without blank lines, which would end
/// the HTML block for the markdown parser.
fn inline_svg(text: &str, name: &str) -> String {
    let start = text.find("<svg").unwrap_or(0);
    let lines: Vec<&str> = text[start..]
        .lines()
        .filter(|l| !l.trim().is_empty())
        .collect();
    lines
        .join("\n")
        .replace("id=\"", &format!("id=\"{name}-"))
        .replace("url(#", &format!("url(#{name}-"))
        .replace("href=\"#", &format!("href=\"#{name}-"))
}

fn player(name: &str, caption: &str) -> Result<String> {
    repo::read(&format!("book/src/traces/{name}.json"))?;
    let caption = caption_html(caption);
    Ok(format!(
        "<figure class=\"player\" data-trace=\"{name}\">\n\
         <noscript>The player needs JavaScript. </noscript>\n\
         <figcaption>{caption} <a href=\"traces/{name}.json\" download=\"\">The recording</a> \
         opens in Perfetto, too.</figcaption>\n</figure>\n<script src=\"traces/{name}.js\"></script>"
    ))
}

/// A document of the repository. Its first heading is dropped (the page has its own), the others go
/// one level down, and links to files, which the site does not have, become their text.
fn document(path: &str) -> Result<String> {
    let text = repo::read(path)?;
    let mut out = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if !fenced && line.starts_with("# ") {
            continue;
        }
        let heading = !fenced && line.starts_with("##");
        let line = if fenced {
            line.to_string()
        } else {
            without_file_links(line)
        };
        out.push(if heading { format!("#{line}") } else { line });
    }
    Ok(out.join("\n").replace("```rust\n", "```rust,ignore\n"))
}

fn without_file_links(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(mid) = rest.find("](") {
        let open = rest[..mid].rfind('[');
        let close = rest[mid..].find(')').map(|i| mid + i);
        let (Some(open), Some(close)) = (open, close) else {
            break;
        };
        let target = &rest[mid + 2..close];
        if target.starts_with("http") || target.starts_with('#') {
            out.push_str(&rest[..=close]);
        } else {
            out.push_str(&rest[..open]);
            out.push_str(&rest[open + 1..mid]);
        }
        rest = &rest[close + 1..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::{expand, inline_svg, without_file_links};

    #[test]
    fn an_unknown_directive_is_a_problem_with_its_line() {
        let page = expand("one\n\n{{#nonsense a}}\n");
        assert_eq!(page.problems, ["3: no such directive: `{{#nonsense a}}`"]);
    }

    #[test]
    fn a_missing_program_is_a_problem() {
        let page = expand("{{#program no_such_program}}");
        assert!(page.problems[0].starts_with("1: examples/no_such_program.rs: "));
    }

    #[test]
    fn a_literal_stays() {
        assert_eq!(expand("\\{{#program x}}").text, "{{#program x}}");
    }

    #[test]
    fn inline_pictures_have_their_own_ids() {
        let svg = inline_svg(
            "<?xml?>\n<svg>\n\n<g id=\"a\" fill=\"url(#a)\"/></svg>",
            "x",
        );
        assert_eq!(svg, "<svg>\n<g id=\"x-a\" fill=\"url(#x-a)\"/></svg>");
    }

    #[test]
    fn captions_may_contain_code_and_links() {
        assert_eq!(
            super::caption_html("a run of `x` on `y`"),
            "a run of <code>x</code> on <code>y</code>"
        );
        assert_eq!(
            super::caption_html("as in [Work stealing](stealing.md#how)"),
            "as in <a href=\"stealing.html#how\">Work stealing</a>"
        );
    }

    #[test]
    fn links_to_files_become_text() {
        let line = "see [park](park.rs) and [Go](https://go.dev)";
        assert_eq!(
            without_file_links(line),
            "see park and [Go](https://go.dev)"
        );
    }
}
