//! The call form of `go!`: what is evaluated now, in which order, and what moves.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;

/// Notes its name in the log and gives the value back.
fn note<T>(log: &Mutex<Vec<&'static str>>, name: &'static str, value: T) -> T {
    log.lock().push(name);
    value
}

fn three(a: i32, b: i32, c: i32, out: &Sender<i32>) {
    out.send(a * 100 + b * 10 + c);
}

#[goroutine]
#[test]
fn arguments_are_evaluated_now_and_in_order() {
    let log = Mutex::new(Vec::new());
    let ch = make!(chan i32);
    go!(three(
        note(&log, "a", 1),
        note(&log, "b", 2),
        3,
        &note(&log, "out", ch.sender())
    ));
    assert_eq!(*log.lock(), ["a", "b", "out"], "all before go! is done");
    assert_eq!(ch.recv(), Some(123));
}

#[goroutine]
#[test]
fn callee_and_receiver_are_evaluated_first() {
    struct Adder(i32, Sender<i32>);
    impl Adder {
        fn add(self, n: i32) {
            self.1.send(self.0 + n);
        }
    }
    let log = Mutex::new(Vec::new());
    let ch = make!(chan i32);
    go!(note(&log, "receiver", Adder(1, ch.sender())).add(note(&log, "argument", 2)));
    assert_eq!(*log.lock(), ["receiver", "argument"]);
    assert_eq!(ch.recv(), Some(3));

    let tx = ch.sender();
    go!((note(&log, "callee", move |n: i32| tx.send(n)))(note(
        &log, "n", 4
    )));
    assert_eq!(log.lock()[2..], ["callee", "n"]);
    assert_eq!(ch.recv(), Some(4));
}

#[goroutine]
#[test]
fn a_question_mark_in_an_argument_leaves_the_caller() {
    fn start(input: &str, out: &Chan<i32>) -> Result<(), std::num::ParseIntError> {
        go!([out] out.send(input.parse()?));
        Ok(())
    }
    let ch = make!(chan i32, 1);
    assert!(start("x", &ch).is_err());
    assert!(start("7", &ch).is_ok());
    assert_eq!(ch.recv(), Some(7));
    assert!(ch.is_empty(), "the failed call started nothing");
}

#[goroutine]
#[test]
fn plain_variables_move_last() {
    fn check(list: Vec<i32>, len: usize, out: &Sender<bool>) {
        out.send(list.len() == len);
    }
    let ch = make!(chan bool);
    let list = vec![1, 2, 3];
    go!(check(list, list.len(), &ch.sender()));
    assert_eq!(ch.recv(), Some(true));
}

#[goroutine]
#[test]
fn a_variable_moves_after_what_borrows_it_by_another_name() {
    fn check(list: Vec<i32>, len: usize, out: &Sender<bool>) {
        out.send(list.len() == len);
    }
    let ch = make!(chan bool);
    let list = vec![1, 2, 3];
    let view = &list[..];
    go!(check(list, view.len(), &ch.sender()));
    assert_eq!(ch.recv(), Some(true));
}

#[goroutine]
#[test]
fn a_variable_moves_after_a_text_that_names_it() {
    fn check(name: String, text: String, out: &Sender<bool>) {
        out.send(text == name + "!");
    }
    let ch = make!(chan bool);
    let name = "gopher".to_string();
    go!(check(name, format!("{name}!"), &ch.sender()));
    assert_eq!(ch.recv(), Some(true));
}

#[goroutine]
#[test]
fn a_reference_moves_what_it_refers_to() {
    struct Job {
        name: String,
        parts: Vec<u8>,
    }
    fn run(name: &str, part: &u8, rest: &mut Vec<u8>, boxed: &i32, out: &Sender<String>) {
        rest.push(*part);
        out.send(format!("{name} {part} {} {boxed}", rest.len()));
    }
    let ch = make!(chan String);
    let job = Job {
        name: "fetch".to_string(),
        parts: vec![7, 8],
    };
    let mut rest = Vec::new();
    let boxed = Box::new(5);
    let i = 0;
    go!(run(
        &job.name,
        &job.parts[i + 1],
        &mut rest,
        &*boxed,
        &ch.sender()
    ));
    assert_eq!(ch.recv().as_deref(), Some("fetch 8 1 5"));
}

#[goroutine]
#[test]
fn a_temporary_is_made_now_and_borrowed_there() {
    fn run(text: &str, buffer: &mut Vec<u8>, out: &Sender<String>) {
        buffer.push(b'!');
        out.send(format!("{text}{}", String::from_utf8_lossy(buffer)));
    }
    let ch = make!(chan String);
    let n = 3;
    go!(run(
        &format!("n={n}"),
        &mut Vec::with_capacity(n),
        &ch.sender()
    ));
    assert_eq!(ch.recv().as_deref(), Some("n=3!"));
}

#[goroutine]
#[test]
fn literals_live_for_ever() {
    fn sum(numbers: &'static [i32], pair: &'static (i32, &str), out: &Sender<i32>) {
        out.send(numbers.iter().sum::<i32>() + pair.0);
    }
    let ch = make!(chan i32);
    go!(sum(&[1, 2, -3], &(40, "x"), &ch.sender()));
    assert_eq!(ch.recv(), Some(40));
}

#[goroutine]
#[test]
fn closure_literals_stay_in_the_call() {
    fn apply(n: i32, f: impl Fn(i32) -> i32, g: &dyn Fn(&str) -> usize, out: &Sender<usize>) {
        out.send(g(&f(n).to_string()));
    }
    let ch = make!(chan usize);
    let zeros = 3;
    go!(apply(
        1,
        |n| n * 10_i32.pow(zeros),
        &|text| text.len(),
        &ch.sender()
    ));
    assert_eq!(ch.recv(), Some(4));
}

#[goroutine]
#[test]
fn results_of_every_type_are_dropped() {
    #[must_use = "it may be an error"]
    fn work(out: &Sender<i32>) -> Result<Box<i32>, String> {
        out.send(1);
        Err("nobody looks".to_string())
    }
    let ch = make!(chan i32);
    go!(work(&ch.sender()));
    assert_eq!(ch.recv(), Some(1));
}

#[goroutine]
#[test]
fn every_kind_of_callee() {
    struct Task<F> {
        run: F,
    }
    struct Sink;
    impl Sink {
        fn put<T>(value: T, out: &Sender<T>) {
            out.send(value);
        }
        fn typed<T: Default>(self, out: &Sender<T>) {
            let Sink = self;
            out.send(T::default());
        }
    }
    let ch = make!(chan i32);
    go!(Sink::put(1, &ch.sender()));
    assert_eq!(ch.recv(), Some(1));
    go!(Sink::put::<i32>(2, &ch.sender()));
    assert_eq!(ch.recv(), Some(2));
    go!(Sink.typed::<i32>(&ch.sender()));
    assert_eq!(ch.recv(), Some(0));
    let tx = ch.sender();
    let task = Task {
        run: move |n| tx.send(n),
    };
    go!((task.run)(3));
    assert_eq!(ch.recv(), Some(3));
    let tx = ch.sender();
    let by_name = move |n| tx.send(n);
    go!(by_name(4));
    assert_eq!(ch.recv(), Some(4));
}

#[goroutine]
#[test]
fn methods_of_every_receiver() {
    struct Counter {
        n: i32,
        out: Sender<i32>,
    }
    impl Counter {
        fn show(&self) {
            self.out.send(self.n);
        }
        fn bump(&mut self, by: i32) {
            self.n += by;
            self.show();
        }
        fn shared(self: Arc<Self>) {
            self.show();
        }
        fn start(&self) -> Sender<i32> {
            go!(self.out.clone().send(-1));
            self.out.clone()
        }
    }
    let ch = make!(chan i32);
    let counter = |n| Counter {
        n,
        out: ch.sender(),
    };
    let (one, mut two, four) = (counter(1), counter(2), Arc::new(counter(4)));
    go!(one.show());
    assert_eq!(ch.recv(), Some(1));
    go!(two.bump(1));
    assert_eq!(ch.recv(), Some(3));
    go!(counter(3).bump(3));
    assert_eq!(ch.recv(), Some(6));
    go!(four.clone().shared());
    assert_eq!(ch.recv(), Some(4));
    let tx = four.start();
    assert_eq!(ch.recv(), Some(-1));
    go!((&tx.clone()).send(8));
    assert_eq!(ch.recv(), Some(8));
    go!(Vec::<Sender<i32>>::new().push(tx));
}

#[goroutine]
#[test]
fn in_a_scope_references_borrow() {
    fn add(i: usize, data: &[i32], total: &Mutex<i32>) {
        *total.lock() += data[i];
    }
    fn double(slot: &mut i32) {
        *slot *= 2;
    }
    let data = vec![1, 2, 3];
    let total = Mutex::new(0);
    let mut slots = [1, 2];
    scope(|s| {
        for i in 0..data.len() {
            go!(in s, add(i, &data, &total));
        }
        let (a, b) = slots.split_at_mut(1);
        go!(in s, double(&mut a[0]));
        go!(in s, double(&mut b[0]));
        go!(in s, add(0, &vec![10 * 10], &total));
    });
    assert_eq!(*total.lock(), 106);
    assert_eq!(slots, [2, 4]);
    assert_eq!(data.len(), 3, "still the caller's");
}

#[goroutine]
#[test]
fn in_a_scope_with_captures() {
    let (ch, base) = (make!(chan i32, 2), 40);
    scope(|s| {
        go!(in s, [ch] ch.send(base + 1));
        go!([ch], in s, ch.send(base + 2));
        go!(in s, || ch.len());
    });
    let mut got = [ch.recv(), ch.recv()];
    got.sort_unstable();
    assert_eq!(got, [Some(41), Some(42)]);
}
