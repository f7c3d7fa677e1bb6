//! The checks of `lines`.

use crate::kit::{Check, check, equal};
use crate::yours::serve;
use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;
use std::io::{self, Read, Write};

fn talk(what: &str) -> Result<String, String> {
    let told = || -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut client = TcpStream::connect(listener.local_addr()?)?;
        let (conn, _) = listener.accept()?;
        go!(serve(conn));
        client.write_all(what.as_bytes())?;
        client.set_read_deadline(Some(time::now() + 5 * time::SECOND))?;
        let mut answer = String::new();
        client.read_to_string(&mut answer)?;
        Ok(answer)
    };
    told().map_err(|error| format!("the client got the error `{error}`"))
}

pub fn checks() -> Vec<Check> {
    vec![
        check("two lines come back in capitals", || {
            equal(talk("hello\nlines\n\n")?, "HELLO\nLINES\n".to_string())
        }),
        check("nothing after the empty line is answered", || {
            equal(talk("a\n\nb\n")?, "A\n".to_string())
        }),
    ]
}
