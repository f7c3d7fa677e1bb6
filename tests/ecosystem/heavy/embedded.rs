//! SQLite, and pools of connections to it.

use ecosystem::everywhere;
use goroutines::runtime::gosched;
use rusqlite::Connection;
use std::time::Duration;

#[test]
fn rusqlite() {
    everywhere(100, |i| {
        let mut db = Connection::open_in_memory().unwrap();
        db.execute("CREATE TABLE t (n INTEGER, text TEXT)", [])
            .unwrap();
        let all = db.transaction().unwrap();
        for n in 0..50 {
            all.execute(
                "INSERT INTO t VALUES (?1, ?2)",
                (n, format!("row {n} of {i}")),
            )
            .unwrap();
            if n % 10 == 0 {
                gosched();
            }
        }
        all.commit().unwrap();
        let mut rows = db
            .prepare("SELECT text FROM t WHERE n < 3 ORDER BY n DESC")
            .unwrap();
        let texts: Vec<String> = rows
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(|text| {
                gosched();
                text.unwrap()
            })
            .collect();
        assert_eq!(texts, [2, 1, 0].map(|n| format!("row {n} of {i}")));
        // As deep as its own limit lets it be.
        let terms = vec!["n"; 900].join("+");
        let sum: i64 = db
            .query_row(&format!("SELECT {terms} FROM t WHERE n = 2"), [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(sum, 1_800);
    });
}

/// A file, for `r2d2`.
struct Manager(std::path::PathBuf);

impl r2d2::ManageConnection for Manager {
    type Connection = Connection;
    type Error = rusqlite::Error;

    fn connect(&self) -> rusqlite::Result<Connection> {
        let db = Connection::open(&self.0)?;
        db.busy_timeout(Duration::from_secs(60))?;
        Ok(db)
    }

    fn is_valid(&self, db: &mut Connection) -> rusqlite::Result<()> {
        db.execute_batch("")
    }

    fn has_broken(&self, _: &mut Connection) -> bool {
        false
    }
}

/// Far more goroutines than connections.
#[test]
fn r2d2() {
    let dir = std::env::temp_dir().join(format!("ecosystem-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let pool = r2d2::Pool::builder()
        .max_size(4)
        .build(Manager(dir.join("pool.sqlite")))
        .unwrap();
    pool.get()
        .unwrap()
        .execute_batch("PRAGMA synchronous = OFF; CREATE TABLE t (n INTEGER)")
        .unwrap();
    everywhere(50, |i| {
        let db = pool.get().unwrap();
        gosched();
        db.execute("INSERT INTO t VALUES (?1)", [i as u32]).unwrap();
    });
    let (count, sum): (u32, u32) = pool
        .get()
        .unwrap()
        .query_row("SELECT count(*), sum(n) FROM t", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((count, sum), (150, 3 * (0..50).sum::<u32>()));
    drop(pool);
    std::fs::remove_dir_all(dir).unwrap();
}
