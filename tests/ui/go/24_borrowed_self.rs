// A method with `&self` has only a reference: the goroutine may outlive what it points to.
use goroutines::prelude::*;

struct Server {
    name: String,
}

impl Server {
    fn start(&self) {
        go!(self.run());
    }

    fn run(&self) {
        println!("{}", self.name);
    }
}

#[goroutine]
fn main() {
    Server { name: "one".to_string() }.start();
}
