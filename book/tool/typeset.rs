//! What a Chinese page needs that an English one does not: the ids of the English headings, so that
//! both editions have the same addresses, and lines that are joined without a space.

use crate::translation;

/// Gives each heading of `chinese` the id of the heading at the same place in `english`.
pub(crate) fn with_ids(chinese: &str, english: &str) -> String {
    let mut ids = ids(english).into_iter();
    let mut headings = translation::headings(chinese).into_iter().peekable();
    let mut out = String::with_capacity(chinese.len());
    for line in chinese.lines() {
        out.push_str(line);
        let is_heading = |(level, text): &(usize, &str)| {
            line.starts_with(&"#".repeat(*level)) && line[*level..].trim() == *text
        };
        if headings.next_if(is_heading).is_some()
            && let Some(id) = ids.next()
        {
            out.push_str(&format!(" {{#{id}}}"));
        }
        out.push('\n');
    }
    out
}

/// The ids of the headings of a page, in order.
pub(crate) fn ids(page: &str) -> Vec<String> {
    let plain: Vec<String> = translation::headings(page)
        .iter()
        .map(|h| id(h.1))
        .collect();
    let numbered = |(i, id): (usize, &String)| match plain[..i].iter().filter(|p| *p == id).count()
    {
        0 => id.clone(),
        before => format!("{id}-{before}"),
    };
    plain.iter().enumerate().map(numbered).collect()
}

/// mdBook's id of a heading: small letters and digits, a hyphen for each space.
fn id(heading: &str) -> String {
    let keep = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_ascii_lowercase()),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    };
    heading.chars().filter_map(keep).collect()
}

/// Joins the lines of paragraphs where a space between them would stand between Chinese characters.
pub(crate) fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fenced = false;
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        if !fenced
            && !fence
            && touches(out.trim_end_matches('\n').chars().last(), line)
            && out.ends_with('\n')
            && !out.ends_with("\n\n")
        {
            out.pop();
            out.push_str(line.trim_start());
        } else {
            out.push_str(line);
        }
        out.push('\n');
        fenced ^= fence;
    }
    out
}

/// Whether a line that begins like `next` follows a line that ends with `last` without a space.
fn touches(last: Option<char>, next: &str) -> bool {
    let (Some(last), Some(first)) = (last, next.trim_start().chars().next()) else {
        return false;
    };
    let continues = first.is_ascii_alphabetic() || first == '`' || first == '[';
    is_wide(last) && is_wide(first) || is_mark(first) || is_mark(last) && continues
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}') || is_mark(c)
}

/// Chinese punctuation.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff60}' | '“' | '”' | '‘' | '’' | '—' | '…')
}

#[cfg(test)]
mod tests {
    use super::{joined, with_ids};

    #[test]
    fn headings_have_the_ids_of_the_english_page() {
        let english = "# G, M and P\n\n## run_next\n\n## Try this\n\n## Try this\n";
        let chinese = "# G、M 与 P\n\n## run_next\n\n```text\n## no\n```\n## 试一试\n\n## 再试\n";
        let expected = "# G、M 与 P {#g-m-and-p}\n\n## run_next {#run_next}\n\n```text\n## no\n```\n\
                        ## 试一试 {#try-this}\n\n## 再试 {#try-this-1}\n";
        assert_eq!(with_ids(chinese, english), expected);
    }

    #[test]
    fn chinese_lines_are_joined_without_a_space() {
        assert_eq!(joined("协程\n切换\n"), "协程切换\n");
        assert_eq!(joined("发送，\n`recv` 等待\n"), "发送，`recv` 等待\n");
        assert_eq!(joined("一个 goroutine\n等待\n"), "一个 goroutine\n等待\n");
    }

    #[test]
    fn lists_paragraphs_and_code_keep_their_lines() {
        for text in [
            "甲：\n* 乙\n",
            "甲。\n\n乙\n",
            "```text\n甲\n乙\n```\n",
            "甲。\n1. 乙\n",
        ] {
            assert_eq!(joined(text), text);
        }
    }
}
