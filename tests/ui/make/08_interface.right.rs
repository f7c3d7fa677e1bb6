// An enum says what may come, and `match` asks for it.
use goroutines::prelude::*;

enum Event {
    Key(char),
    Quit,
}

#[goroutine]
fn main() {
    let c = make!(chan Event, 2);
    c.send(Event::Key('x'));
    c.send(Event::Quit);
    assert!(matches!(c.recv(), Some(Event::Key('x'))));
    assert!(matches!(c.recv(), Some(Event::Quit)));
}
