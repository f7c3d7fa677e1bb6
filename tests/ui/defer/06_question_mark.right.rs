// Handle the error there.
use goroutines::prelude::*;

fn save() -> Result<(), String> {
    Err("disk full".to_string())
}

fn work(log: &Chan<String>) -> Result<(), String> {
    defer! {
        if let Err(error) = save() {
            log.send(error);
        }
    }
    Ok(())
}

#[goroutine]
fn main() {
    let log = make!(chan String, 1);
    assert!(work(&log).is_ok());
    assert_eq!(log.recv().as_deref(), Some("disk full"));
}
