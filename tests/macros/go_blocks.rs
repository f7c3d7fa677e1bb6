//! The other forms of `go!`: blocks, statements, closures, paths; and capture lists.

use goroutines::prelude::*;

#[goroutine]
#[test]
fn blocks_and_statements() {
    let ch = make!(chan i32);
    let tx = ch.sender();
    go!({ tx.send(1) });
    assert_eq!(ch.recv(), Some(1));

    let (tx, n) = (ch.sender(), 2);
    go! {
        let twice = n * 2;
        tx.send(twice);
    }
    assert_eq!(ch.recv(), Some(4));

    let tx = ch.sender();
    go! { tx.send(5); }
    assert_eq!(ch.recv(), Some(5));
}

#[goroutine]
#[test]
fn one_call_in_braces_is_a_call() {
    let ch = make!(chan usize, 1);
    let list = String::from("x");
    // As a block, `list.len()` would have to wait for the goroutine; as a call it is known now.
    go! { ch.clone().send(list.len()) }
    assert_eq!(list.len(), 1, "not moved");
    assert_eq!(ch.recv(), Some(1));
}

#[goroutine]
#[test]
fn expressions_with_a_block() {
    let ch = make!(chan i32, 8);
    let (a, b, c, d, e, f) = (
        ch.sender(),
        ch.sender(),
        ch.sender(),
        ch.sender(),
        ch.sender(),
        ch.sender(),
    );
    let (mut n, mut flag) = (0, true);
    go!(loop {
        n += 1;
        if n == 3 {
            a.send(1);
            break;
        }
    });
    go!(while flag {
        b.send(2);
        flag = false;
    });
    go!(for i in 3..4 {
        c.send(i);
    });
    go!(if flag { d.send(4) } else { d.send(0) });
    go!(match n {
        0 => e.send(5),
        other => unreachable!("{other}"),
    });
    // SAFETY: it is.
    go!(unsafe { std::hint::assert_unchecked(flag) });
    go!(assert!(flag));
    go!('outer: {
        if flag {
            break 'outer;
        }
        f.send(0);
    });
    let mut got: Vec<i32> = ch.iter().take(5).collect();
    got.sort_unstable();
    assert_eq!(got, [1, 2, 3, 4, 5]);
}

#[goroutine]
#[test]
fn a_block_may_return_and_use_the_question_mark() {
    let ch = make!(chan & str);
    go!([ch], {
        let parsed: i32 = "x".parse()?;
        ch.send("parsed");
        Ok::<i32, std::num::ParseIntError>(parsed)
    });
    go!([ch], {
        if ch.cap() == 0 {
            ch.send("unbuffered");
            return;
        }
        ch.send("buffered");
    });
    assert_eq!(ch.recv(), Some("unbuffered"));
}

#[goroutine]
#[test]
fn closures_and_paths() {
    struct Task<F> {
        run: F,
    }
    static DONE: std::sync::OnceLock<Sender<i32>> = std::sync::OnceLock::new();
    fn task() -> i32 {
        DONE.get().unwrap().send(1);
        1
    }
    fn make<T: Default>() -> T {
        T::default()
    }
    let ch = make!(chan i32);
    DONE.set(ch.sender()).unwrap();
    go!(task);
    assert_eq!(ch.recv(), Some(1));
    let tx = ch.sender();
    go!(move || tx.send(2));
    assert_eq!(ch.recv(), Some(2));
    let tx = ch.sender();
    let closure = move || tx.send(3);
    go!(closure);
    assert_eq!(ch.recv(), Some(3));
    let tx = ch.sender();
    let task = Task {
        run: move || tx.send(4),
    };
    go!(task.run);
    assert_eq!(ch.recv(), Some(4));
    go!(make::<u8>);
}

#[goroutine]
#[test]
fn captures_are_clones() {
    fn start(out: &Chan<i32>, names: &[String]) {
        // A reference to a handle gives a handle.
        go!([out, names = names.to_vec()], {
            out.send(i32::try_from(names.len()).unwrap());
        });
    }
    let ch = make!(chan i32);
    start(&ch, &["a".to_string(), "b".to_string()]);
    assert_eq!(ch.recv(), Some(2));

    let total = 1;
    go!([tx = ch.sender(), mut total, twice = total * 2], {
        total += twice;
        tx.send(total);
    });
    assert_eq!(ch.recv(), Some(3));
    assert_eq!(total, 1, "the goroutine has its own");

    go!([ch,] { ch.send(4) });
    assert_eq!(ch.recv(), Some(4));
    go!([ch] move || ch.send(5));
    assert_eq!(ch.recv(), Some(5));
    go!([], { total + 1 });
}

#[goroutine]
#[test]
fn it_is_an_expression_of_type_unit() {
    let ch = make!(chan i32, 2);
    let () = go!([ch], { ch.send(1) });
    match ch.recv() {
        Some(1) => go!([ch], { ch.send(2) }),
        _ => unreachable!(),
    }
    assert_eq!(ch.recv(), Some(2));
}

#[goroutine]
#[test]
fn a_goroutine_knows_the_line_that_started_it() {
    let ch = make!(chan String);
    let expect = |line: u32| {
        let stack = ch.recv().unwrap();
        assert!(stack.contains(&format!("go_blocks.rs:{line}")), "{stack}");
    };
    go!([ch], { ch.send(runtime::stack()) });
    expect(line!() - 1);
    go!(report(&ch.sender()));
    expect(line!() - 1);
}

fn report(out: &Sender<String>) {
    out.send(runtime::stack());
}

#[goroutine]
#[test]
#[rustfmt::skip]
fn a_comma_may_follow() {
    let ch = make!(chan i32, 4);
    go!(ch.clone().send(1),);
    go!([ch], { ch.send(2) },);
    scope(|s| go!(in &s, (&ch).send(3),));
    {
        defer!([ch], ch.send(4),);
    }
    assert_eq!(ch.iter().take(4).sum::<i32>(), 10);
}
