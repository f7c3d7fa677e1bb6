//! Everybody hears everybody: one goroutine owns the list of members, so it needs no lock.
//!
//! Mirrors the chat server of "The Go Programming Language", chapter 8, with its three channels
//! `entering`, `leaving` and `messages`.

use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;

/// What the connections tell the broadcaster.
#[derive(Clone)]
struct Lobby {
    entering: Sender<(String, Sender<String>)>,
    leaving: Sender<String>,
    messages: Sender<String>,
}

/// Starts the only goroutine that touches the list of members.
fn open() -> Lobby {
    let (entering, entered) = chan::channel(0);
    let (leaving, left) = chan::channel(0);
    let (messages, said) = chan::channel::<String>(0);
    go!({
        let mut members = HashMap::<String, Sender<String>>::new();
        loop {
            select! {
                Some((name, to)) = <-entered else break => _ = members.insert(name, to),
                Some(name) = <-left else break => _ = members.remove(&name),
                Some(message) = <-said else break => {
                    for to in members.values() {
                        _ = to.try_send(message.clone()); // who is too slow misses it
                    }
                }
            }
        }
    });
    Lobby {
        entering,
        leaving,
        messages,
    }
}

/// One member: the first line is the name, the others are messages to all.
fn member(conn: TcpStream, lobby: Lobby) {
    let mut lines = BufReader::new(&conn).lines().map_while(Result::ok);
    let Some(name) = lines.next() else { return };
    let (to, from) = chan::channel::<String>(8);
    lobby.entering.send((name.clone(), to));
    scope(|s| {
        s.go(|| {
            from.iter()
                .all(|message| writeln!(&conn, "{message}").is_ok())
        });
        lobby.messages.send(format!("{name} has arrived"));
        for line in lines {
            lobby.messages.send(format!("{name}: {line}"));
        }
        lobby.leaving.send(name.clone()); // with it goes the writer's only sender
    });
}

struct Guest(BufReader<TcpStream>);

impl Guest {
    fn enter(server: SocketAddr, name: &str) -> io::Result<Guest> {
        let mut guest = Guest(BufReader::new(TcpStream::connect(server)?));
        guest.say(name)?;
        Ok(guest)
    }

    fn say(&mut self, words: &str) -> io::Result<()> {
        writeln!(self.0.get_mut(), "{words}")
    }

    fn hear(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        Ok(line.trim_end().to_string())
    }
}

#[goroutine]
fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = listener.local_addr()?;
    let lobby = open();
    go!({
        while let Ok((conn, _)) = listener.accept() {
            go!(member(conn, lobby.clone()));
        }
    });

    let mut ann = Guest::enter(server, "Ann")?;
    println!("Ann hears: {}", ann.hear()?);
    let mut joe = Guest::enter(server, "Joe")?;
    println!("Ann hears: {}", ann.hear()?);
    joe.say("hello")?;
    println!("Ann hears: {}", ann.hear()?);
    println!("Joe hears: {}, {}", joe.hear()?, joe.hear()?);
    Ok(())
}
