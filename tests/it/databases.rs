//! A fresh database for one test, of either kind.

use std::sync::atomic::{AtomicU32, Ordering};

use bienveilleurs::store::{KeySource, Store, StoreError};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

/// The key of every test.
pub fn keys() -> KeySource {
    KeySource::Text(format!("1 {}", "11".repeat(32)).into())
}

/// Opens a database with the key of every test.
pub async fn open(url: &str) -> Result<Store, StoreError> {
    Store::open(url, keys(), "test").await
}

/// A store on a new `SQLite` file; the folder goes with the test.
pub async fn sqlite() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = open(&sqlite_url(&folder)).await.expect("a new SQLite database");
    (folder, store)
}

/// The URL of the `SQLite` file in a folder.
pub fn sqlite_url(folder: &TempDir) -> String {
    format!("sqlite:{}", folder.path().join("test.sqlite").display())
}

/// A store in a new schema of the `PostgreSQL` that `BV_TEST_POSTGRES_URL` names.
pub async fn postgres() -> Option<Store> {
    let url = postgres_url().await?;
    Some(open(&url).await.expect("a new PostgreSQL schema"))
}

/// The URL of a new schema; `None`, said aloud, without a server to test on.
pub async fn postgres_url() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("BV_TEST_POSTGRES_URL") else {
        let strict = std::env::var("BV_STRICT").is_ok_and(|strict| strict == "1");
        assert!(!strict, "BV_STRICT=1 and no BV_TEST_POSTGRES_URL: the contract must be tested on PostgreSQL too");
        println!("SKIPPED PostgreSQL: set BV_TEST_POSTGRES_URL (./test starts one)");
        return None;
    };
    let schema = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&server).await.expect("the PostgreSQL that BV_TEST_POSTGRES_URL names");
    sqlx::query(AssertSqlSafe(format!("drop schema if exists {schema} cascade")))
        .execute(&mut admin)
        .await
        .expect("drop");
    sqlx::query(AssertSqlSafe(format!("create schema {schema}"))).execute(&mut admin).await.expect("create schema");
    admin.close().await.expect("close");
    let separator = if server.contains('?') { '&' } else { '?' };
    Some(format!("{server}{separator}options[search_path]={schema}"))
}
