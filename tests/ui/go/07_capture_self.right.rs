// Give the clone a name, or clone in the receiver.
use goroutines::prelude::*;

#[derive(Clone)]
struct Server {
    log: Sender<String>,
}

impl Server {
    fn start(&self) {
        go!([this = self.clone()], { this.log.send("up".to_string()) });
        go!(self.clone().run());
    }

    fn run(self) {
        self.log.send("running".to_string());
    }
}

#[goroutine]
fn main() {
    let ch = make!(chan String, 2);
    Server { log: ch.sender() }.start();
    let both = [ch.recv().unwrap(), ch.recv().unwrap()];
    assert!(both.contains(&"up".to_string()) && both.contains(&"running".to_string()));
}
