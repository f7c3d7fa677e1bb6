//! The whole book as one PDF, and the phrase book on one sheet, in both languages, printed by a Chromium that
//! is installed.

use crate::{chinese, site};
use mdbook_driver::errors::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs that print a page to a file.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// What opens the dialogue for printing in mdBook's page of all pages. Nobody would answer it.
const DIALOGUE: &str = "window.setTimeout(window.print, 100);";

/// Builds the book; prints each edition to `goroutines.pdf` in its folder of the site, and its phrase book to
/// `phrase_book.pdf`.
pub(crate) fn print() -> Result<Vec<PathBuf>> {
    let dir = site::build()?.dir;
    let mut printed = Vec::new();
    for folder in [dir.clone(), dir.join(chinese::DIR)] {
        printed.push(print_book(&folder)?);
        let sheet = folder.join("phrase_book.pdf");
        print_page(&sheet.with_extension("html"), &sheet)?;
        let pages = pages(&fs::read(&sheet)?);
        if pages != 1 {
            return Err(Error::msg(format!(
                "{} has {pages} pages, not one",
                sheet.display()
            )));
        }
        printed.push(sheet);
    }
    Ok(printed)
}

/// Prints mdBook's page of all pages.
fn print_book(folder: &Path) -> Result<PathBuf> {
    let page = fs::read_to_string(folder.join("print.html"))?;
    if !page.contains(DIALOGUE) {
        return Err(Error::msg("mdBook's page for printing has changed"));
    }
    let whole = folder.join("pdf.html");
    fs::write(&whole, page.replace(DIALOGUE, ""))?;
    let book = print_page(&whole, &folder.join("goroutines.pdf"));
    fs::remove_file(&whole)?;
    book
}

fn print_page(page: &Path, to: &Path) -> Result<PathBuf> {
    let _ = fs::remove_file(to);
    for browser in BROWSERS {
        let status = Command::new(browser)
            .args([
                "--headless",
                "--disable-gpu",
                "--no-sandbox",
                "--no-pdf-header-footer",
            ])
            .arg(format!("--print-to-pdf={}", to.display()))
            .arg(format!("file://{}", page.display()))
            .status();
        match status {
            Ok(status) if status.success() && to.exists() => return Ok(to.to_path_buf()),
            Ok(status) => return Err(Error::msg(format!("{browser} ended with {status}"))),
            Err(_) => {}
        }
    }
    Err(Error::msg(format!(
        "to print the book, install one of {BROWSERS:?}"
    )))
}

/// How many pages a PDF has that Chromium wrote: each is an object of its own, in clear text.
fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.matches("/Type /Page\n").count()
}

#[cfg(test)]
mod tests {
    use super::pages;

    #[test]
    fn the_list_of_pages_is_not_a_page() {
        let pdf = b"<</Type /Pages\n/Count 2>>\n<</Type /Page\n/Parent 1 0 R>>\n<</Type /Page\n>>";
        assert_eq!(pages(pdf), 2);
    }
}
