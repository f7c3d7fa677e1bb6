//! Paths as they stand in URLs.

use std::borrow::Cow;

/// Without `.`, `..` and doubled slashes; a slash at the end stays.
pub(super) fn clean_path(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') && !path.contains("//") && !path.contains("/.") {
        return path.into();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut clean = format!("/{}", parts.join("/"));
    if clean.len() > 1 && path.ends_with('/') {
        clean.push('/');
    }
    clean.into()
}

/// `%41` as `A`; what is not such an escape stays, and what is not UTF-8 becomes `U+FFFD`.
pub(super) fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.into();
    }
    let digit = |b: Option<&u8>| b.and_then(|&b| char::from(b).to_digit(16));
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let pair = (digit(bytes.get(i + 1)), digit(bytes.get(i + 2)));
        if let (b'%', (Some(high), Some(low))) = (bytes[i], pair) {
            out.push((high * 16 + low) as u8);
            i += 3;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
