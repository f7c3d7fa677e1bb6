//! Dead links in the built pages: every `href` and `src` must lead to a file of the site, and every
//! `#fragment` to an id on that page. Links to other sites are not followed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// All dead links below `site`, as `page: link`.
pub(crate) fn dead(site: &Path) -> Vec<String> {
    let site = &normal(site);
    let mut pages = HashMap::new();
    collect(site, &mut pages);
    let mut dead: Vec<String> = Vec::new();
    for (path, page) in &pages {
        for link in &page.links {
            if !alive(site, path, link, &pages) {
                let path = path.strip_prefix(site).unwrap_or(path);
                dead.push(format!("{}: dead link `{link}`", path.display()));
            }
        }
    }
    dead.sort();
    dead
}

#[derive(Default)]
struct Page {
    links: Vec<String>,
    ids: HashSet<String>,
}

fn collect(dir: &Path, pages: &mut HashMap<PathBuf, Page>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, pages);
        } else if path.extension().is_some_and(|e| e == "html") {
            // `print.html` is all pages in one: its links were seen on the pages themselves.
            let own = path.file_name().is_none_or(|n| n != "print.html");
            let html = std::fs::read_to_string(&path).unwrap_or_default();
            pages.insert(path, if own { scan(&html) } else { Page::default() });
        }
    }
}

/// Reads the attributes of all tags; text and scripts hold none.
fn scan(html: &str) -> Page {
    let mut page = Page::default();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        let Some(close) = rest.find('>') else { break };
        let tag = &rest[..close];
        for (name, value) in attributes(tag) {
            match name {
                "href" | "src" => page.links.push(value.replace("&amp;", "&")),
                "id" => _ = page.ids.insert(value.to_string()),
                _ => {}
            }
        }
        rest = &rest[close..];
        if tag.starts_with("script") {
            rest = rest.find("</script").map_or("", |end| &rest[end..]);
        }
    }
    page
}

fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = tag;
    std::iter::from_fn(move || {
        let at = rest.find("=\"")?;
        let name = rest[..at].rsplit(char::is_whitespace).next().unwrap_or("");
        let value = &rest[at + 2..];
        let end = value.find('"')?;
        rest = &value[end + 1..];
        Some((name, &value[..end]))
    })
}

fn alive(site: &Path, page: &Path, link: &str, pages: &HashMap<PathBuf, Page>) -> bool {
    let outside = ["http://", "https://", "mailto:", "data:", "javascript:"];
    if outside.iter().any(|scheme| link.starts_with(scheme)) {
        return true;
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let target = match path.strip_prefix('/') {
        _ if path.is_empty() => page.to_path_buf(),
        Some(path) => site.join(path),
        None => page.parent().unwrap_or(site).join(path),
    };
    let target = normal(&target);
    let target = if target.is_dir() {
        target.join("index.html")
    } else {
        target
    };
    match pages.get(&target) {
        Some(page) => fragment.is_empty() || page.ids.contains(fragment),
        None => target.exists(),
    }
}

/// `path` with its `..` carried out.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => _ = out.pop(),
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::scan;

    #[test]
    fn links_and_ids_are_read_from_tags_only() {
        let html = "<a id=\"x\" href=\"a.html#b\">href=\"no\"</a><script>\"<a href=\\\"n\\\">\"</script>\
                    <img src=\"i.png\">";
        let page = scan(html);
        assert_eq!(page.links, ["a.html#b", "i.png"]);
        assert!(page.ids.contains("x"));
    }

    #[test]
    fn a_link_to_a_missing_page_or_fragment_is_dead() {
        let site = std::env::temp_dir().join(format!("book-links-{}", std::process::id()));
        std::fs::create_dir_all(site.join("sub")).unwrap();
        std::fs::write(site.join("a.html"), "<p id=\"p\"><a href=\"sub/b.html\">").unwrap();
        let b = "<a href=\"../a.html#p\"><a href=\"../a.html#q\"><a href=\"c.html\">";
        std::fs::write(site.join("sub/b.html"), b).unwrap();
        let dead = super::dead(&site.join("sub/.."));
        std::fs::remove_dir_all(&site).unwrap();
        let expected = [
            "sub/b.html: dead link `../a.html#q`",
            "sub/b.html: dead link `c.html`",
        ];
        assert_eq!(dead, expected);
    }
}
