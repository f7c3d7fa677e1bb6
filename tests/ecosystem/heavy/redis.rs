//! Redis.

use super::server;
use ecosystem::everywhere;
use goroutines::runtime::gosched;
use redis::{Commands, TypedCommands};

#[test]
fn redis() {
    let Some(server) = server("ECOSYSTEM_REDIS") else {
        return;
    };
    let client = redis::Client::open(server).unwrap();
    let mut first = client.get_connection().unwrap();
    let _: () = Commands::del(&mut first, "sum").unwrap();
    everywhere(100, |i| {
        let mut own = client.get_connection().unwrap();
        for _ in 0..5 {
            TypedCommands::incr(&mut own, "sum", i).unwrap();
            gosched();
        }
        let key = format!("list {i}");
        let (_, last): ((), String) = redis::pipe()
            .rpush(&key, "word")
            .ignore()
            .cmd("ECHO")
            .arg(&key)
            .query(&mut own)
            .map(|(echo,): (String,)| ((), echo))
            .unwrap();
        assert_eq!(last, key);
    });
    let sum: usize = Commands::get(&mut first, "sum").unwrap();
    assert_eq!(sum, 3 * 5 * (0..100).sum::<usize>());
}
