//! Two players and a ball that is in one place at a time.
//!
//! Mirrors the table-tennis program of "Advanced Go Concurrency Patterns". The ball is a value: when
//! a player has sent it, it is gone, and the compiler knows.

use goroutines::prelude::*;

struct Ball {
    hits: u32,
}

fn player(name: &str, from: Receiver<Ball>, to: Sender<Ball>) {
    for mut ball in from {
        ball.hits += 1;
        println!("{name} {}", ball.hits);
        if ball.hits == 6 {
            return; // drops `to`, which ends the other player's loop
        }
        to.send(ball);
    }
}

#[goroutine]
fn main() {
    let (to_ping, ping) = chan::channel(0);
    let (to_pong, pong) = chan::channel(0);
    go!(player("ping", ping, to_pong));
    to_ping.send(Ball { hits: 0 }); // game on; toss the ball
    player("pong", pong, to_ping);
    println!("game over");
}
