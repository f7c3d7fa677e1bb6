//! Names of the program's thread-local variables, from its own symbol table.

use std::fs;

/// The variable at this distance from the beginning of the program's block, if the program was not stripped.
pub(in crate::sys) fn name_of_thread_local(at: usize) -> Option<String> {
    find(&fs::read("/proc/self/exe").ok()?, at)
}

/// The number in `size` bytes at `from`.
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
    let there = symbols.filter(|s| s[4] & 15 == OF_THREAD).filter(|s| {
        let (value, size) = (number(s, 8, 8).unwrap_or(0), number(s, 16, 8).unwrap_or(0));
        (value..value + size.max(1)).contains(&at)
    });
    let mut called = there.filter_map(|s| {
        let name = elf.get(names.checked_add(number(s, 0, 4)?)?..)?;
        let name = &name[..name.iter().position(|&b| b == 0)?];
        std::str::from_utf8(name).ok()
    });
    // On aarch64 and RISC-V "$d" says that data begins there, and it begins where a variable does.
    called.find(|name| !name.starts_with('$')).map(readable)
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
    use super::{find, readable};

    /// A program of a symbol table alone: each variable's name, place and size.
    fn program_with(variables: &[(&str, u64, u64)]) -> Vec<u8> {
        let (mut symbols, mut names) = (Vec::new(), vec![0]);
        for (name, place, size) in variables {
            symbols.extend((names.len() as u32).to_ne_bytes());
            symbols.extend([6, 0, 0, 0]);
            symbols.extend([place.to_ne_bytes(), size.to_ne_bytes()].as_flattened());
            names.extend(name.bytes().chain([0]));
        }
        let mut elf = vec![0; 64];
        elf[0x28..0x30].copy_from_slice(&64u64.to_ne_bytes());
        elf[0x3a..0x3c].copy_from_slice(&64u16.to_ne_bytes());
        elf[0x3c..0x3e].copy_from_slice(&2u16.to_ne_bytes());
        let (from, len) = (64 + 2 * 64, symbols.len());
        for (kind, from, len, link) in [(2u32, from, len, 1u32), (3, from + len, names.len(), 0)] {
            let mut section = [0; 64];
            section[4..8].copy_from_slice(&kind.to_ne_bytes());
            section[0x18..0x20].copy_from_slice(&(from as u64).to_ne_bytes());
            section[0x20..0x28].copy_from_slice(&(len as u64).to_ne_bytes());
            section[0x28..0x2c].copy_from_slice(&link.to_ne_bytes());
            elf.extend(section);
        }
        [elf, symbols, names].concat()
    }

    #[test]
    fn a_variable_is_found_by_its_place() {
        let elf = program_with(&[
            ("$d", 0, 0),
            ("first", 0, 16),
            ("$d.7", 16, 0),
            ("bare", 16, 0),
        ]);
        assert_eq!(find(&elf, 0).as_deref(), Some("first"));
        assert_eq!(find(&elf, 15).as_deref(), Some("first"));
        assert_eq!(find(&elf, 16).as_deref(), Some("bare"));
        assert_eq!(find(&elf, 17), None);
        assert_eq!(find(&elf[..100], 0), None);
    }

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
