//! [`Came`]: what a connection has read, as far as it matters when hyper fails at a head.
//!
//! By one and the same error hyper says that a head has too many fields, which it leaves where it is, and that a
//! body is as long as one of the two highest numbers, the head of which it has taken. What is left is a head in the
//! first case. In the second it is a body, and nobody may take that for a request.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// Only the connection's goroutine uses it.
#[derive(Default)]
pub(super) struct Came {
    /// How much the last read has brought, if one has since the last head or body was complete.
    len: AtomicUsize,
    /// What the last read has brought of the two numbers.
    last: AtomicU8,
    /// And all reads, from the one that has brought the end of that head or body.
    all: AtomicU8,
}

/// None of the two numbers, as is mostly seen.
const NONE: u8 = 0;
/// Perhaps one of them.
const UNSURE: u8 = 1;
/// One of them.
const ONE: u8 = 2;

impl Came {
    /// These were read; none: the end, which counts as something.
    pub(super) fn read(&self, bytes: &[u8]) {
        self.len.store(bytes.len().max(1), Ordering::Relaxed);
        let found = uncountable(bytes);
        self.last.store(found, Ordering::Relaxed);
        if found != NONE {
            self.all.fetch_max(found, Ordering::Relaxed);
        }
    }

    /// The head of a request is complete, or its body: the next may have come with the end of it.
    pub(super) fn forget(&self) {
        self.len.store(0, Ordering::Relaxed);
        let last = self.last.load(Ordering::Relaxed);
        self.all.store(last, Ordering::Relaxed);
    }

    /// Has anything of the next request come?
    pub(super) fn has_input(&self) -> bool {
        self.len.load(Ordering::Relaxed) != 0
    }

    /// hyper has failed at a head: do the `left` bytes that it has not taken begin with that head? `false` if it
    /// cannot be told.
    ///
    /// It does if no such number has come. And hyper reads only as long as a head is not complete, so that a head
    /// which it has taken ends in what the last read has brought, and less than that is left.
    pub(super) fn head_is_left(&self, left: usize) -> bool {
        let all_left = self.has_input() && left >= self.len.load(Ordering::Relaxed);
        all_left || self.all.load(Ordering::Relaxed) == NONE
    }

    /// Has one of the two numbers come?
    pub(super) fn has_uncountable(&self) -> bool {
        self.all.load(Ordering::Relaxed) == ONE
    }
}

/// Is one of the two numbers that hyper does not take for a length among these bytes, or a part of one?
fn uncountable(bytes: &[u8]) -> u8 {
    /// A head may come with what stands before it in as much as hyper reads at first. More is not searched: large
    /// bodies go by without.
    const MOST: usize = 8 << 10;
    /// Each has as many digits, or more with zeros in front.
    const DIGITS: usize = 20;
    if bytes.len() > MOST || bytes.last().is_some_and(u8::is_ascii_digit) {
        return UNSURE;
    }
    // As many digits in a row cannot stand between two of the places that are looked at.
    let mut at = DIGITS - 1;
    while at < bytes.len() {
        let after = run(bytes[at..].iter(), u8::is_ascii_digit);
        if after != 0 {
            let before = run(bytes[..at].iter().rev(), u8::is_ascii_digit);
            let number = &bytes[at - before..at + after];
            let zeros = run(number.iter(), |&b| b == b'0');
            if let b"18446744073709551614" | b"18446744073709551615" = &number[zeros..] {
                return ONE;
            }
        }
        at += after + DIGITS;
    }
    NONE
}

/// How many of them, from the first, are such.
fn run<'a>(bytes: impl Iterator<Item = &'a u8>, such: impl Fn(&u8) -> bool) -> usize {
    bytes.take_while(|&b| such(b)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wherever they stand, and nothing that only looks like them.
    #[test]
    fn the_two_numbers() {
        for front in 0..45 {
            for (number, found) in [
                ("18446744073709551614", ONE),
                ("18446744073709551615", ONE),
                ("0018446744073709551615", ONE),
                (
                    "00000000000000000000000000000000000000000000000018446744073709551615",
                    ONE,
                ),
                ("18446744073709551613", NONE),
                ("118446744073709551615", NONE),
                ("184467440737095516150", NONE),
                ("1844674407370955161x5", NONE),
            ] {
                for (before, after) in [("", "\r"), ("1 22 ", " "), ("7:", "\r\n8")] {
                    let text = format!("{}{before}{number}{after}", "-".repeat(front));
                    // What ends in a digit may go on.
                    let found = if after.ends_with('8') { UNSURE } else { found };
                    assert_eq!(uncountable(text.as_bytes()), found, "{text}");
                }
            }
        }
        assert_eq!(uncountable(b""), NONE);
        assert_eq!(uncountable(&[b' '; 8 << 10]), NONE);
        assert_eq!(uncountable(&[b' '; (8 << 10) + 1]), UNSURE);
    }

    /// A head that was taken is told from one that was not, in whatever pieces they come.
    #[test]
    fn what_is_left() {
        let taken = "POST / HTTP/1.1\r\ncontent-length: 18446744073709551615\r\n\r\n";
        let body = "\r\nGET /body";
        for cut in 0..taken.len() {
            for before in ["", "GET / HTTP/1.1\r\n\r\n"] {
                let came = Came::default();
                let (first, second) = taken.split_at(cut);
                came.read(format!("{before}{first}").as_bytes());
                if !before.is_empty() {
                    came.forget();
                }
                came.read(format!("{second}{body}").as_bytes());
                // hyper passes over empty lines.
                for left in [body.len(), body.len() - 2] {
                    assert!(!came.head_is_left(left), "{cut} {before}");
                }
            }
        }
    }
}
