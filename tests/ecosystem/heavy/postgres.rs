//! PostgreSQL, blocking, pooled and asynchronous.

use super::server;
use ::postgres::{Client, NoTls};
use ecosystem::everywhere;
use goroutines::runtime::gosched;
use r2d2_postgres::PostgresConnectionManager;

const SERVER: &str = "ECOSYSTEM_POSTGRES";

#[test]
fn postgres() {
    let Some(server) = server(SERVER) else { return };
    everywhere(50, |i| {
        let mut client = Client::connect(&server, NoTls).unwrap();
        gosched();
        let mut all = client.transaction().unwrap();
        all.batch_execute("CREATE TEMPORARY TABLE t (n INT) ON COMMIT DROP")
            .unwrap();
        for n in 0..5 {
            let rows = all.execute("INSERT INTO t VALUES ($1)", &[&(n * i as i32)]);
            assert_eq!(rows.unwrap(), 1);
            gosched();
        }
        let row = all.query_one("SELECT sum(n) FROM t, pg_sleep(0.002)", &[]);
        assert_eq!(row.unwrap().get::<_, i64>(0), 10 * i as i64);
        all.commit().unwrap();
    });
}

/// Far more goroutines than connections, each of which keeps one over calls that suspend.
#[test]
fn r2d2_postgres() {
    let Some(server) = server(SERVER) else { return };
    let manager = PostgresConnectionManager::new(server.parse().unwrap(), NoTls);
    let pool = r2d2::Pool::builder().max_size(4).build(manager).unwrap();
    everywhere(100, |i| {
        let mut client = pool.get().unwrap();
        gosched();
        let row = client.query_one("SELECT $1::INT4 + 1", &[&(i as i32)]);
        assert_eq!(row.unwrap().get::<_, i32>(0), i as i32 + 1);
    });
}

/// With tokio's reactor: `goroutines::tokio`.
#[test]
fn tokio_postgres() {
    let Some(server) = server(SERVER) else { return };
    everywhere(50, |i| {
        // ANCHOR: tokio-postgres
        let client = goroutines::tokio::block_on(async {
            let (client, connection) = tokio_postgres::connect(&server, NoTls).await.unwrap();
            goroutines::tokio::spawn(connection);
            client
        });
        // ANCHOR_END: tokio-postgres
        for n in 0..3 {
            gosched();
            let sent = format!("{i} and {n}");
            // Borrows from the goroutine's frame.
            let row = goroutines::tokio::block_on(
                client.query_one("SELECT $1::TEXT FROM pg_sleep(0.002)", &[&sent]),
            );
            assert_eq!(row.unwrap().get::<_, &str>(0), sent);
        }
    });
}
