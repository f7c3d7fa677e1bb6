//! Finds the book's directives in a page: `{{#name argument argument | caption}}`.
//!
//! A directive stands for something that lies elsewhere in the repository, so that nothing true is
//! typed twice: a program, what it printed, what the compiler said, a picture, a figure.

/// One directive, borrowed from the page's markdown.
#[derive(Debug, PartialEq)]
pub(crate) struct Directive<'a> {
    /// Byte offsets of `{{` and of what follows `}}`.
    pub(crate) span: std::ops::Range<usize>,
    /// Line number in the page, from 1.
    pub(crate) line: usize,
    pub(crate) name: &'a str,
    pub(crate) args: Vec<&'a str>,
    /// What stands after `|`; empty if nothing does.
    pub(crate) caption: &'a str,
}

/// All directives of `text`, in order. `\{{#` is a literal and skipped.
pub(crate) fn find(text: &str) -> Vec<Directive<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("{{#").map(|i| from + i) {
        from = at + 3;
        if text[..at].ends_with('\\') {
            continue;
        }
        let Some(len) = text[from..].find("}}") else {
            break;
        };
        let body = &text[from..from + len];
        let (words, caption) = body.split_once('|').unwrap_or((body, ""));
        let mut words = words.split_whitespace();
        found.push(Directive {
            span: at..from + len + 2,
            line: 1 + text[..at].matches('\n').count(),
            name: words.next().unwrap_or(""),
            args: words.collect(),
            caption: caption.trim(),
        });
        from += len + 2;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn finds_name_arguments_and_caption() {
        let text = "one\n{{#program hello main}}\n\n{{#picture gmp | G, M and P}} \\{{#no}}";
        let found = find(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].line, found[0].name), (2, "program"));
        assert_eq!(found[0].args, ["hello", "main"]);
        assert_eq!(
            &text[found[1].span.clone()],
            "{{#picture gmp | G, M and P}}"
        );
        assert_eq!(found[1].caption, "G, M and P");
    }
}
