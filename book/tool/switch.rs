//! The language switch in the menu bar of every page.

use crate::chinese;
use mdbook_driver::errors::Result;
use std::path::{Path, PathBuf};

/// Where the switch goes: mdBook's buttons on the right.
const PLACE: &str = "<div class=\"right-buttons\">";

/// Puts a link to the other edition into each page of the site.
pub(crate) fn put_into(site: &Path) -> Result<()> {
    let mut open = vec![site.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "html") {
                let page = path.strip_prefix(site).unwrap_or(&path);
                let text = std::fs::read_to_string(&path)?;
                std::fs::write(&path, with_switch(&text, page, &|p| site.join(p).exists()))?;
            }
        }
    }
    Ok(())
}

fn with_switch(html: &str, page: &Path, exists: &dyn Fn(&Path) -> bool) -> String {
    let from_chinese = page.starts_with(chinese::DIR);
    let other = other_edition(page, exists);
    let (language, word) = match from_chinese {
        true => ("en", "English"),
        false => ("zh-CN", "中文"),
    };
    let up = "../".repeat(page.components().count() - 1);
    let href = format!("{up}{}", other.display());
    // The headings of both editions have the same ids, so the reader stays at the same one.
    let stay = "onclick=\"this.hash = location.hash\"";
    let button = format!(
        "{PLACE}\n<a class=\"language\" href=\"{href}\" hreflang=\"{language}\" lang=\"{language}\" {stay}>{word}</a>"
    );
    let alternate =
        format!("<link rel=\"alternate\" hreflang=\"{language}\" href=\"{href}\">\n    </head>");
    html.replacen(PLACE, &button, 1)
        .replacen("</head>", &alternate, 1)
}

/// The same page in the other edition; if it has none, the page it is listed on, or the first one.
fn other_edition(page: &Path, exists: &dyn Fn(&Path) -> bool) -> PathBuf {
    let other = match page.strip_prefix(chinese::DIR) {
        Ok(page) => page.to_path_buf(),
        Err(_) => Path::new(chinese::DIR).join(page),
    };
    let list = other.parent().unwrap_or(&other).with_extension("html");
    let first = match page.starts_with(chinese::DIR) {
        true => PathBuf::from("index.html"),
        false => Path::new(chinese::DIR).join("index.html"),
    };
    let mut candidates = [other, list].into_iter();
    candidates.find(|p| exists(p)).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::{other_edition, with_switch};
    use std::path::Path;

    #[test]
    fn each_page_has_another_edition() {
        let exists = |p: &Path| p != Path::new("zh/programs/hello.html");
        let other = |page: &str| other_edition(Path::new(page), &exists);
        assert_eq!(other("select.html"), Path::new("zh/select.html"));
        assert_eq!(other("zh/design/book.html"), Path::new("design/book.html"));
        assert_eq!(other("programs/hello.html"), Path::new("zh/programs.html"));
        let nothing = |_: &Path| false;
        assert_eq!(
            other_edition(Path::new("404.html"), &nothing),
            Path::new("zh/index.html")
        );
    }

    #[test]
    fn the_switch_stands_in_the_menu_bar() {
        let html = "<head></head><div class=\"right-buttons\"></div>";
        let html = with_switch(html, Path::new("design/book.html"), &|_| true);
        assert!(html.contains("href=\"../zh/design/book.html\""), "{html}");
    }
}
