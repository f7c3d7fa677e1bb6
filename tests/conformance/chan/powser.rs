//! After `test/chan/powser1.go`: power series as demand-driven streams of their coefficients, each
//! term made by goroutines that ask others for theirs. Thousands of goroutines, two channels a
//! stream, and selects that serve whichever consumer asks first.

use super::at_all_procs;
use goroutines::prelude::*;
use std::ops::{Add, Mul};

/// A rational number in lowest terms, the denominator positive.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Rat {
    num: i64,
    den: i64,
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

fn rat(num: i64, den: i64) -> Rat {
    let g = gcd(num, den) * den.signum();
    Rat {
        num: num / g,
        den: den / g,
    }
}

impl Add for Rat {
    type Output = Rat;
    fn add(self, o: Rat) -> Rat {
        let g = gcd(self.den, o.den);
        rat(
            self.num * (o.den / g) + o.num * (self.den / g),
            self.den / g * o.den,
        )
    }
}

impl Mul for Rat {
    type Output = Rat;
    fn mul(self, o: Rat) -> Rat {
        let (a, b) = (rat(self.num, o.den), rat(o.num, self.den));
        rat(a.num * b.num, a.den * b.den)
    }
}

const ZERO: Rat = Rat { num: 0, den: 1 };
const ONE: Rat = Rat { num: 1, den: 1 };

/// A stream: the consumer sends a request, then receives a coefficient.
#[derive(Clone)]
struct Series {
    ask: Chan<()>,
    answer: Chan<Rat>,
}

impl Series {
    /// A stream whose goroutine, `produce`, gets it to put coefficients into.
    fn new(produce: impl FnOnce(Series) + Send + 'static) -> Series {
        let s = Series {
            ask: make!(chan()),
            answer: make!(chan Rat),
        };
        go!([s], produce(s));
        s
    }

    fn get(&self) -> Rat {
        self.ask.send(());
        self.answer.recv().unwrap()
    }

    /// Makes one coefficient, once it is asked for.
    fn put(&self, c: impl FnOnce() -> Rat) {
        self.ask.recv();
        self.answer.send(c());
    }

    fn copy_to(&self, out: &Series) {
        loop {
            out.put(|| self.get());
        }
    }

    fn take(&self, n: usize) -> Vec<Rat> {
        (0..n).map(|_| self.get()).collect()
    }
}

/// Asks both at once and waits for both.
fn get2(a: &Series, b: &Series) -> (Rat, Rat) {
    let (mut ask_a, mut ask_b) = (Some(&a.ask), Some(&b.ask));
    let (mut got_a, mut got_b) = (None, None);
    let (mut from_a, mut from_b) = (None, None);
    while got_a.is_none() || got_b.is_none() {
        select! {
            ask_a <- () => { ask_a = None; from_a = Some(&a.answer); },
            ask_b <- () => { ask_b = None; from_b = Some(&b.answer); },
            v = <-from_a => { from_a = None; got_a = v; },
            v = <-from_b => { from_b = None; got_b = v; },
        }
    }
    (got_a.unwrap(), got_b.unwrap())
}

/// Two streams with the coefficients of one; each consumer goes at its own speed.
fn split(input: Series) -> (Series, Series) {
    /// One term: who asks first gets it, then the other when it asks, which is told to the next `step`
    /// by `wait`. Up to then only the one who is ahead can get a further term.
    fn step(input: &Series, mut out: [Series; 2], wait: &Chan<()>) {
        let mut both = false;
        select! {
            <-out[0].ask => {},
            <-wait => {
                both = true;
                select! { <-out[0].ask => {}, <-out[1].ask => out.swap(0, 1) }
            },
        }
        input.ask.send(());
        let release = make!(chan());
        go!(
            [input, next = out.clone(), release],
            step(&input, next, &release)
        );
        let term = input.answer.recv().unwrap();
        out[0].answer.send(term);
        if !both {
            wait.recv();
        }
        out[1].ask.recv();
        out[1].answer.send(term);
        release.send(());
    }
    let new = || Series {
        ask: make!(chan()),
        answer: make!(chan Rat),
    };
    let (a, b) = (new(), new());
    let release = make!(chan());
    go!(
        [out = [a.clone(), b.clone()], release],
        step(&input, out, &release)
    );
    go!(release.send(()));
    (a, b)
}

/// 1 + x + x^2 + ..
fn ones() -> Series {
    Series::new(|out| {
        loop {
            out.put(|| ONE);
        }
    })
}

fn add(f: Series, g: Series) -> Series {
    Series::new(move |out| {
        loop {
            out.put(|| {
                let (a, b) = get2(&f, &g);
                a + b
            });
        }
    })
}

fn scale(c: Rat, f: Series) -> Series {
    Series::new(move |out| {
        loop {
            out.put(|| c * f.get());
        }
    })
}

/// x * f
fn shift(f: Series) -> Series {
    Series::new(move |out| {
        out.put(|| ZERO);
        f.copy_to(&out);
    })
}

/// f * g = f0 g0 + x (f0 G + g0 F + x F G), with F and G what follows the first terms.
fn mul(f: Series, g: Series) -> Series {
    Series::new(move |out| {
        out.ask.recv();
        let (f0, g0) = get2(&f, &g);
        out.answer.send(f0 * g0);
        let ((f1, f2), (g1, g2)) = (split(f), split(g));
        let rest = add(scale(g0, f1), scale(f0, g1));
        add(rest, shift(mul(f2, g2))).copy_to(&out);
    })
}

fn diff(f: Series) -> Series {
    Series::new(move |out| {
        out.put(|| {
            f.get();
            f.get()
        });
        for n in 2.. {
            out.put(|| rat(n, 1) * f.get());
        }
    })
}

fn integ(c: Rat, f: Series) -> Series {
    Series::new(move |out| {
        out.put(|| c);
        for n in 1.. {
            out.put(|| rat(1, n) * f.get());
        }
    })
}

/// exp(f) for f0 = 0: the solution of Z = 1 + integral of Z f'.
fn exp(f: Series) -> Series {
    let feedback = Series {
        ask: make!(chan()),
        answer: make!(chan Rat),
    };
    let z = integ(ONE, mul(feedback.clone(), diff(f)));
    let (result, back) = split(z);
    go!(back.copy_to(&feedback));
    result
}

#[test]
fn power_series() {
    at_all_procs(|| {
        let ints = |v: &[i64]| v.iter().map(|n| rat(*n, 1)).collect::<Vec<_>>();
        assert_eq!(ones().take(4), ints(&[1, 1, 1, 1]));
        assert_eq!(add(ones(), ones()).take(4), ints(&[2, 2, 2, 2]));
        assert_eq!(diff(ones()).take(5), ints(&[1, 2, 3, 4, 5]));
        assert_eq!(
            mul(ones(), ones()).take(10),
            ints(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        );
        let cube = mul(ones(), mul(ones(), ones()));
        assert_eq!(cube.take(6), ints(&[1, 3, 6, 10, 15, 21]));
        let (a, b) = split(integ(ZERO, ones()));
        let harmonic: Vec<_> = std::iter::once(ZERO)
            .chain((1..8).map(|n| rat(1, n)))
            .collect();
        assert_eq!(a.take(8), harmonic);
        assert_eq!(b.take(8), harmonic);
        // exp(x): the terms 1/n!.
        let mut factorial = 1;
        let expected: Vec<_> = (0..9)
            .map(|n| {
                factorial *= n.max(1);
                rat(1, factorial)
            })
            .collect();
        let x = shift(Series::new(|out| {
            out.put(|| ONE);
            loop {
                out.put(|| ZERO);
            }
        }));
        assert_eq!(exp(x).take(9), expected);
    });
}
