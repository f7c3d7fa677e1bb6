//! `#[goroutine]` leaves a function what it was: signature, drops, control flow.

use goroutines::prelude::*;
use std::cell::RefCell;
use std::fmt::{Debug, Display};
use std::sync::Arc;

#[goroutine]
fn fib(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    fib(n - 1) + fib(n - 2)
}

#[goroutine]
#[test]
fn plain_functions() {
    assert_eq!(fib(15), 610);
    // Also on a plain thread.
    let value = std::thread::spawn(|| fib(10)).join().unwrap();
    assert_eq!(value, 55);
}

struct List {
    items: Vec<i32>,
}

trait Shape {
    const SIDES: u32;
    fn area(&self, scale: (i32, i32)) -> i32;

    #[goroutine]
    fn describe(&self) -> String
    where
        Self: Sized,
    {
        format!("{} sides, {}", Self::SIDES, self.area((1, 1)))
    }
}

impl Shape for List {
    const SIDES: u32 = 4;

    #[goroutine]
    fn area(&self, (a, b): (i32, i32)) -> i32 {
        self.items[0] * a * b
    }
}

impl List {
    #[goroutine]
    fn first(&mut self) -> &mut i32 {
        &mut self.items[0]
    }

    #[goroutine]
    fn longest<'a>(&'a self, other: &'a [i32]) -> &'a [i32] {
        if self.items.len() > other.len() {
            &self.items
        } else {
            other
        }
    }

    #[goroutine]
    fn push(mut self, item: i32) -> Self {
        self.items.push(item);
        self
    }

    #[goroutine]
    fn shared(self: Arc<Self>) -> usize {
        self.items.len()
    }

    #[goroutine(stack = "64KiB")]
    fn evens(&self, mut also: Vec<i32>) -> impl Iterator<Item = i32> + use<'_> {
        also.push(8);
        self.items
            .iter()
            .copied()
            .chain(also)
            .filter(|n| n % 2 == 0)
    }

    #[goroutine]
    fn adder(&self) -> Box<dyn Fn(i32) -> i32 + '_> {
        Box::new(|n| n + self.items[0])
    }

    #[goroutine]
    fn checked(&self, at: usize) -> Result<impl Display + use<>, String> {
        for (i, item) in self.items.iter().enumerate() {
            if i == at {
                return Ok(*item);
            }
        }
        let found: Option<i32> = None;
        found.ok_or_else(|| format!("no item {at}"))
    }
}

#[goroutine]
#[test]
fn methods() {
    let mut list = List { items: vec![3] };
    *list.first() += 1;
    assert_eq!(list.area((2, 3)), 24);
    assert_eq!(list.describe(), "4 sides, 4");
    assert_eq!(list.longest(&[]), [4]);
    assert_eq!(list.evens(vec![1]).collect::<Vec<_>>(), [4, 8]);
    assert_eq!(list.adder()(1), 5);
    assert_eq!(
        list.checked(0).map(|item| item.to_string()),
        Ok("4".to_string())
    );
    assert_eq!(list.checked(7).map(|_| ()), Err("no item 7".to_string()));
    let list = list.push(9);
    assert_eq!(list.items, [4, 9]);
    assert_eq!(Arc::new(list).shared(), 2);
}

#[goroutine]
fn generic<T, const N: usize>(items: [T; N], show: impl Fn(&T) -> String) -> String
where
    T: Debug,
{
    items.iter().map(show).collect::<Vec<_>>().join(",")
}

#[goroutine]
fn multiplier(factor: i32) -> impl Fn(i32) -> i32 {
    move |n: i32| n * factor
}

#[goroutine]
fn elided<'a>(list: &'a mut Vec<String>, name: &'_ str) -> Option<&'a mut String> {
    list.push(name.to_owned());
    list.last_mut()
}

#[goroutine]
/// Documented, with attributes on both sides.
#[inline]
#[must_use]
fn attributes(#[allow(unused_variables)] unused: i32) -> i32 {
    #![allow(clippy::let_and_return)]
    let value = 1;
    value
}

#[goroutine]
unsafe fn first_byte(text: *const u8) -> u8 {
    // SAFETY: the caller promises that `text` can be read.
    unsafe { *text }
}

#[goroutine]
fn diverges(message: &str) -> ! {
    panic!("{message}")
}

#[goroutine]
fn unused(_: i32, _named: String, (_, _): (u8, u8)) {}

#[goroutine]
#[test]
fn signatures() {
    assert_eq!(generic([1, 2], |n| format!("<{n}>")), "<1>,<2>");
    assert_eq!(multiplier(3)(4), 12);
    let mut names = Vec::new();
    elided(&mut names, "go").unwrap().push('!');
    assert_eq!(names, ["go!"]);
    assert_eq!(attributes(0), 1);
    // SAFETY: the text is one byte long.
    assert_eq!(unsafe { first_byte(b"x".as_ptr()) }, b'x');
    let stopped = recover(|| diverges("stop")).unwrap_err();
    assert_eq!(stopped.message(), "stop");
    unused(1, String::new(), (2, 3));
}

/// Notes its number when it is dropped.
struct Note<'a>(i32, &'a RefCell<Vec<i32>>);

impl Drop for Note<'_> {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

fn drops_plain<'a>(_a: Note<'a>, _: Note<'a>, (_c, _): (Note<'a>, Note<'a>), mut _d: Note<'a>) {}

#[goroutine]
fn drops<'a>(_a: Note<'a>, _: Note<'a>, (_c, _): (Note<'a>, Note<'a>), mut _d: Note<'a>) {}

#[goroutine]
#[test]
fn parameters_are_dropped_in_rusts_order() {
    let run = |f: for<'a> fn(Note<'a>, Note<'a>, (Note<'a>, Note<'a>), Note<'a>)| {
        let log = RefCell::new(Vec::new());
        f(
            Note(1, &log),
            Note(2, &log),
            (Note(3, &log), Note(4, &log)),
            Note(5, &log),
        );
        log.into_inner()
    };
    assert_eq!(run(drops), run(drops_plain));
}

#[goroutine]
fn loops(mut n: u32) -> Vec<u32> {
    const LIMIT: [u32; {
        let mut i = 0;
        while i < 3 {
            i += 1;
        }
        i
    }] = [7; 3];
    let mut seen = Vec::new();
    'outer: loop {
        while n < 3 {
            n += 1;
            if n == 2 {
                continue 'outer;
            }
        }
        for limit in LIMIT {
            seen.push(
                limit
                    + const {
                        let mut i = 0;
                        loop {
                            i += 1;
                            if i == 2 {
                                break i;
                            }
                        }
                    },
            );
            if seen.len() == 2 {
                break 'outer;
            }
        }
    }
    let closure = |n: u32| {
        (0..n)
            .map(|i| {
                let mut j = 0;
                while j < i {
                    j += 1;
                }
                j
            })
            .sum()
    };
    seen.push(closure(n));
    seen
}

#[goroutine]
#[test]
fn loops_keep_their_meaning() {
    assert_eq!(loops(0), [9, 9, 3]);
}

#[goroutine]
#[test]
fn a_test_may_return_a_result() -> Result<(), std::num::ParseIntError> {
    assert_eq!("3".parse::<i32>()?, 3);
    Ok(())
}

#[goroutine]
#[test]
#[should_panic(expected = "as it should")]
fn a_test_may_panic() {
    panic!("as it should");
}

/// More than a test's goroutine has by itself.
const LARGE: usize = 3 << 20;

#[goroutine(stack = LARGE + 512 * 1024)]
#[test]
#[allow(clippy::large_stack_arrays)]
fn a_test_may_have_a_large_stack() {
    let mut buffer = [0_u8; LARGE];
    buffer[0] = 1;
    assert_eq!(std::hint::black_box(&mut buffer).iter().max(), Some(&1));
}
