// First the channel, then its value.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let requests = make!(chan Chan<i32>, 1);
    let answer = make!(chan i32, 1);
    answer.send(42);
    requests.send(answer);
    select! {
        Some(answer) = <-requests else return => assert_eq!(answer.recv(), Some(42)),
        default => panic!("a request is waiting"),
    }
}
