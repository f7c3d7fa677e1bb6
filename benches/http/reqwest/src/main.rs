//! The clients of benches/rows/src/asker.rs on reqwest. `GOMAXPROCS` is the number of workers.

use futures_util::stream;
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let workers = std::env::var("GOMAXPROCS").ok().and_then(|n| n.parse().ok());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers.unwrap_or(2))
        .enable_all()
        .build()?;
    runtime.block_on(run())
}

async fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let url = format!("http://{}", args[1]);
    let begin = Instant::now();
    match &*args[0] {
        "many" => many(url, args[2].parse()?, args[3].parse()?).await?,
        "up" => up(url, args[2].parse()?).await?,
        "down" => down(url, args[2].parse()?).await?,
        other => panic!("{other}?"),
    }
    println!("{:.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

async fn many(url: String, clients: usize, n: usize) -> Result<()> {
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(clients)
        .build()?;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (client, url) = (client.clone(), format!("{url}/"));
        all.spawn(async move {
            for _ in 0..n / clients {
                let answer = client.get(&url).send().await.expect("an answer");
                assert_eq!(answer.bytes().await.expect("all of it").len(), 13);
            }
        });
    }
    while let Some(done) = all.join_next().await {
        done?;
    }
    Ok(())
}

async fn up(url: String, bytes: usize) -> Result<()> {
    const PIECE: usize = 64 << 10;
    let pieces = (0..bytes.div_ceil(PIECE)).map(move |i| {
        let len = PIECE.min(bytes - i * PIECE);
        Ok::<_, std::io::Error>(vec![b'x'; len])
    });
    let body = reqwest::Body::wrap_stream(stream::iter(pieces));
    let request = reqwest::Client::new().post(format!("{url}/up"));
    let request = request.header("content-length", bytes).body(body);
    let answer = request.send().await?.text().await?;
    assert_eq!(answer, bytes.to_string());
    Ok(())
}

async fn down(url: String, bytes: usize) -> Result<()> {
    let mut answer = reqwest::get(format!("{url}/down?n={bytes}")).await?;
    let mut all = 0;
    while let Some(piece) = answer.chunk().await? {
        all += piece.len();
    }
    assert_eq!(all, bytes);
    Ok(())
}
