//! Mail, to a server that keeps it.

use ecosystem::everywhere;
use goroutines::net::{TcpListener, TcpStream};
use goroutines::{chan, go, runtime};
use lettre::{Message, SmtpTransport, Transport};
use std::io::{BufRead, BufReader, Write};

/// What a server of mail says, and the body of the one mail that it takes.
fn receive(stream: TcpStream) -> std::io::Result<String> {
    let mut lines = BufReader::new(&stream);
    let say = |text: &str| (&stream).write_all(format!("{text}\r\n").as_bytes());
    let mut body = String::new();
    say("220 ready")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(body);
        }
        match line.split([' ', '\r']).next() {
            Some("DATA") => {
                say("354 go on")?;
                loop {
                    let mut line = String::new();
                    lines.read_line(&mut line)?;
                    if line == ".\r\n" {
                        break;
                    }
                    body += &line;
                }
                say("250 taken")?;
            }
            Some("QUIT") => {
                say("221 bye")?;
                return Ok(body);
            }
            _ => say("250 yes")?,
        }
    }
}

#[test]
fn lettre() {
    let (addr, mails) = runtime::run(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (tx, mails) = chan::channel(1_000);
        go!(move || {
            for stream in listener.incoming() {
                let tx = tx.clone();
                go!(move || tx.send(receive(stream.unwrap()).unwrap()));
            }
        });
        (addr, mails)
    });
    everywhere(50, |i| {
        let mail = Message::builder()
            .from("a gopher <gopher@example.com>".parse().unwrap())
            .to("a crab <crab@example.com>".parse().unwrap())
            .subject("hello")
            .body(format!("number {i}"))
            .unwrap();
        let server = SmtpTransport::builder_dangerous("127.0.0.1")
            .port(addr.port())
            .build();
        assert!(server.send(&mail).unwrap().is_positive());
    });
    let mut seen = [0; 50];
    for _ in 0..150 {
        let mail = mails.recv().unwrap();
        assert!(mail.contains("Subject: hello"), "{mail}");
        let number = mail.trim_end().rsplit(' ').next().unwrap();
        seen[number.parse::<usize>().unwrap()] += 1;
    }
    assert_eq!(seen, [3; 50]);
}
