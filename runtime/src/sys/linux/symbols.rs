//! Names of the program's thread-local variables, from its own symbol table.

use std::fs;

/// The variable at this distance from the beginning of the program's block, if the program was not stripped.
pub(in crate::sys) fn name_of_thread_local(at: usize) -> Option<String> {
    find(&fs::read("/proc/self/exe").ok()?, at)
}

/// What ELF says in so many bytes at `from`.
fn number(bytes: &[u8], from: usize, size: usize) -> Option<usize> {
    let bytes = bytes.get(from..from.checked_add(size)?)?;
    let mut word = [0; 8];
    if cfg!(target_endian = "big") {
        word[8 - size..].copy_from_slice(bytes);
    } else {
        word[..size].copy_from_slice(bytes);
    }
    Some(u64::from_ne_bytes(word) as usize)
}

fn find(elf: &[u8], at: usize) -> Option<String> {
    const SYMBOLS: usize = 2;
    const OF_THREAD: u8 = 6;
    let (sections, size, count) = (
        number(elf, 0x28, 8)?,
        number(elf, 0x3a, 2)?,
        number(elf, 0x3c, 2)?,
    );
    let section = |n: usize| sections.checked_add(n.checked_mul(size)?);
    let table = (0..count)
        .filter_map(section)
        .find(|&s| number(elf, s + 4, 4) == Some(SYMBOLS))?;
    let (from, len, names) = (
        number(elf, table + 0x18, 8)?,
        number(elf, table + 0x20, 8)?,
        section(number(elf, table + 0x28, 4)?)?,
    );
    let names = number(elf, names + 0x18, 8)?;
    let symbols = elf.get(from..from.checked_add(len)?)?.chunks_exact(24);
    let symbol = symbols.filter(|s| s[4] & 15 == OF_THREAD).find(|s| {
        let (value, size) = (number(s, 8, 8).unwrap_or(0), number(s, 16, 8).unwrap_or(0));
        (value..value + size.max(1)).contains(&at)
    })?;
    let name = elf.get(names.checked_add(number(symbol, 0, 4)?)?..)?;
    let name = &name[..name.iter().position(|&b| b == 0)?];
    std::str::from_utf8(name).ok().map(readable)
}

/// The names in a mangled one, without what the compiler has made up.
fn readable(symbol: &str) -> String {
    let mut rest = symbol.trim_start_matches("_ZN").trim_start_matches("_R");
    let mut path: Vec<&str> = Vec::new();
    while let Some(digit) = rest.find(|c: char| c.is_ascii_digit() || c == 'C') {
        // The hash of a crate.
        if let Some(hash) = rest[digit..].strip_prefix("Cs") {
            rest = hash.split_once('_').map_or("", |(_, after)| after);
            continue;
        }
        rest = &rest[digit..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let Some(len) = rest[..digits].parse::<usize>().ok().filter(|_| digits > 0) else {
            rest = &rest[1..];
            continue;
        };
        let Some(name) = rest[digits..].get(..len) else {
            break;
        };
        rest = &rest[digits + len..];
        let name = name.trim_start_matches('_');
        if name.is_empty() || name.starts_with('$') || name.starts_with("RUST_STD") {
            break;
        }
        path.push(name);
    }
    if path.is_empty() {
        symbol.to_owned()
    } else {
        path.join("::")
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn names_are_readable() {
        let old = "_ZN5tokio7runtime7context7CONTEXT29_$u7b$$u7b$constant$u7d$$u7d$28_$u7b$x23__RUST_STD_INTERNAL_VAL17hd";
        assert_eq!(readable(old), "tokio::runtime::context::CONTEXT");
        let new =
            "_RNvNCNKNvNtNtCsjrHSEGnQ3l9_3std2io5stdio14OUTPUT_CAPTURE0023___RUST_STD_INTERNAL_VAL";
        assert_eq!(readable(new), "std::io::stdio::OUTPUT_CAPTURE");
        assert_eq!(readable("plain"), "plain");
    }
}
