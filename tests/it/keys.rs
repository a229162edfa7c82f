//! The key file: what happens without it, with another, and when the key is changed.

use std::collections::BTreeSet;
use std::path::Path;

use bienveilleurs::cli::keys::{create, renew_mask, rotate};
use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::{Act, Resource, Subject};
use bienveilleurs::domain::position::LonLat;
use bienveilleurs::domain::rights::{RequestKind, RequestOutcome};
use bienveilleurs::domain::settings::Settings;
use bienveilleurs::geo::mask::{HOUSEHOLDS, MaskIndex, MaskKey};
use bienveilleurs::geo::quarters::QuarterIndex;
use bienveilleurs::service::sign_in::{Access, Attempt, Tokens, sign_in, viewer_of};
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::store::{
    AuditFilter, Index, KeyError, KeyRing, KeySource, NewAccount, NewDevice, NewRequest, Store, StoreError,
};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgPool, SqlitePool};

use crate::store_contract::{begin_session, case, relay, volunteer};
use crate::{app, databases, house};

fn url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("test.sqlite").display())
}

async fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::open(&url(folder), KeySource::File(folder.join("keys")), "test").await
}

fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .expect("list")
        .map(|entry| entry.expect("entry"))
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("test.sqlite"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("read")))
        .filter(|(name, content)| !name.ends_with("-shm") && !content.is_empty())
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn without_a_key_file_nothing_is_opened_and_nothing_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = open(folder.path()).await.expect_err("no key file");
    assert!(matches!(error, StoreError::Key(KeyError::Missing { .. })), "{error}");
    assert!(error.to_string().contains("keys create"), "{error}");
    assert!(!folder.path().join("test.sqlite").exists());
}

#[tokio::test]
async fn another_key_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    create(&folder.path().join("keys"), &mut Vec::new()).expect("keys");
    let store = open(folder.path()).await.expect("open");
    store.upsert_cases(&[case("C-1")], app::author()).await.expect("a case");
    store.close().await;
    let before = bytes(folder.path());
    KeyRing::generate().expect("a key").write(&folder.path().join("keys")).expect("written");
    let error = open(folder.path()).await.expect_err("another key");
    assert_eq!(error, StoreError::WrongKey { number: 1 });
    std::fs::write(folder.path().join("keys"), format!("7 {}", "77".repeat(32))).expect("write");
    let error = open(folder.path()).await.expect_err("a key of another number");
    assert_eq!(error, StoreError::MissingKey { number: 1 });
    assert!(before == bytes(folder.path()), "the database is as it was");
}

#[tokio::test]
async fn after_a_rotation_everything_opens_with_the_new_key_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys");
    create(&keys, &mut Vec::new()).expect("keys");
    let store = open(folder.path()).await.expect("open");
    let cases: Vec<_> = (0..450).map(|i| case(&format!("C-{i}"))).collect();
    store.upsert_volunteers(&[volunteer("BV-1")], app::author()).await.expect("a volunteer");
    store.upsert_cases(&cases, app::author()).await.expect("cases");
    store.upsert_relays(&[relay("R-1")], app::author()).await.expect("a relay");
    // A server that runs meanwhile.
    let beside = open(folder.path()).await.expect("open beside");
    let old = std::fs::read(&keys).expect("the old key");
    let mut said = Vec::new();
    rotate(&KeySource::File(keys.clone()), &store, app::author(), &mut said).await.expect("rotated");
    assert!(String::from_utf8_lossy(&said).contains("452 rows"), "{}", String::from_utf8_lossy(&said));
    let late = beside.upsert_cases(&[case("C-late")], app::author()).await;
    assert_eq!(late.expect_err("sealed with a key that is gone"), StoreError::Rotated);
    beside.upsert_cases(&[case("C-late")], app::author()).await.expect("the next attempt has the new key");
    let cases: Vec<_> = cases.into_iter().chain([case("C-late")]).collect();
    let read: Vec<_> = beside.cases().await.expect("read beside").into_iter().map(|(_, case)| case).collect();
    assert!(read == cases, "a running server reads its key file again");
    store.close().await;
    beside.close().await;
    let again = open(folder.path()).await.expect("the new key alone");
    assert_eq!(again.volunteers().await.expect("volunteers").len(), 1);
    assert!(again.cases().await.expect("cases").into_iter().map(|(_, case)| case).eq(cases));
    again.close().await;
    std::fs::write(&keys, old).expect("write");
    assert!(matches!(open(folder.path()).await, Err(StoreError::MissingKey { number: 2 })));
}

#[tokio::test]
async fn an_answer_that_waits_for_the_database_while_the_keys_change_is_sealed_with_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys");
    create(&keys, &mut Vec::new()).expect("keys");
    let (store, beside) = (open(folder.path()).await.expect("open"), open(folder.path()).await.expect("open beside"));
    let entry = app::author().entry(Act::Create, Resource::Rights);
    let new = NewRequest {
        kind: RequestKind::Access,
        subject: None,
        received_on: app::author().today(),
        note: "par lettre".into(),
        created_by: None,
    };
    let id = store.create_request(&new, entry.clone()).await.expect("a request");
    // The one connection of a busy server, held by somebody else.
    let pool = SqlitePoolOptions::new().max_connections(1).connect(&url(folder.path())).await.expect("connect");
    let held = pool.acquire().await.expect("the connection");
    let waiting = beside.over(pool.clone());
    let closing = tokio::spawn(async move { waiting.close_request(id, RequestOutcome::Granted, "donné", entry).await });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    rotate(&KeySource::File(keys.clone()), &store, app::author(), &mut Vec::new()).await.expect("rotated");
    beside.follow_rotation().await.expect("another request has read the keys again");
    drop(held);
    assert_eq!(closing.await.expect("no panic"), Ok(true));
    let requests = open(folder.path()).await.expect("the new key alone").requests().await.expect("every request opens");
    assert_eq!(requests[0].note, "donné");
}

#[tokio::test]
async fn a_request_after_a_rotation_beside_the_server_has_the_new_key_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys");
    create(&keys, &mut Vec::new()).expect("keys");
    let store = open(folder.path()).await.expect("open");
    let policy = house::cheap();
    let (login, password, now) = ("zoe", house::PASSWORD, app::now());
    let hash = policy.passwords.hash(password).await.expect("a hash");
    let roles = BTreeSet::from([Role::Accueil]);
    let new = NewAccount { login, name: "Zoé", roles: &roles, volunteer: None, password: &hash, demonstration: false };
    store.create_account(&new, app::author()).await.expect("an account");
    let (server, second) = (open(folder.path()).await.expect("open"), open(folder.path()).await.expect("open"));
    let attempt = Attempt { login, password, code: None, address: None, tokens: Tokens::default(), now };
    let opened = sign_in(&server, &policy, attempt).await.expect("signed in");
    rotate(&KeySource::File(keys), &store, app::author(), &mut Vec::new()).await.expect("rotated");
    // What a server seals under a key that is gone is refused: the session's query or the sign-in has brought the new one.
    let tokens = Tokens { session: Some(&opened.token), device: None };
    assert!(matches!(viewer_of(&server, &policy, tokens, now).await, Ok(Access::SignedIn(_))));
    server.upsert_cases(&[case("C-1")], app::author()).await.expect("written at the first attempt");
    sign_in(&second, &policy, attempt).await.expect("the login is found under the new key");
}

/// Rows in every table that holds what the key file's key has sealed.
async fn fill(store: &Store) {
    let by = app::author();
    store.upsert_volunteers(&[volunteer("BV-1")], by).await.expect("a volunteer");
    store.upsert_cases(&[case("C-1")], by).await.expect("a case");
    store.upsert_relays(&[relay("R-1")], by).await.expect("a relay");
    let roles = BTreeSet::from([Role::Bienveilleur]);
    let new =
        NewAccount { login: "zoe", name: "Zoé", roles: &roles, volunteer: None, password: "x", demonstration: false };
    let account = store.create_account(&new, by).await.expect("an account");
    let hour = chrono::TimeDelta::hours(1);
    let session = begin_session(store, account, b"t").await;
    let new = NewDevice { account, session, token_hash: b"d", pin: "y", lifetime: hour };
    store.register_device(&new, by).await.expect("registered").expect("a phone");
    assert!(store.break_glass(account, session, "fuite de gaz", by.at + hour, by).await.expect("a notice"));
    let new = NewRequest {
        kind: RequestKind::Access,
        subject: None,
        received_on: by.today(),
        note: "par lettre".into(),
        created_by: None,
    };
    store.create_request(&new, by.entry(Act::Create, Resource::Rights)).await.expect("a request");
}

/// The tables that hold what a key has sealed, and its random pieces.
fn needles(values: Vec<(String, Vec<u8>)>, key: u8) -> (BTreeSet<String>, Vec<Vec<u8>>) {
    let sealed = values.into_iter().filter(|(_, value)| value.starts_with(&[1, key, 0, 0, 0]) && value.len() > 32);
    sealed.map(|(table, value)| (table, value[5..21].to_vec())).unzip()
}

const SEALED: [&str; 9] =
    ["accounts", "cases", "devices", "key_checks", "notices", "relays", "rights_requests", "secrets", "volunteers"];

fn found(bytes: &[u8], needles: &[Vec<u8>]) -> usize {
    let windows: std::collections::HashSet<&[u8]> = bytes.windows(16).collect();
    needles.iter().filter(|needle| windows.contains(needle.as_slice())).count()
}

#[tokio::test]
async fn after_a_rotation_nothing_that_the_old_key_sealed_is_left_in_any_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys");
    create(&keys, &mut Vec::new()).expect("keys");
    let store = open(folder.path()).await.expect("open");
    fill(&store).await;
    let beside = open(folder.path()).await.expect("a server that runs meanwhile");
    let pool = SqlitePool::connect(&url(folder.path())).await.expect("connect");
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and c.type = 'BLOB'",
    )
    .fetch_all(&pool)
    .await
    .expect("columns");
    let values = async || {
        let mut values = Vec::new();
        for (table, column) in &columns {
            let sql = AssertSqlSafe(format!("select {column} from {table} where {column} is not null"));
            let found: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(&pool).await.expect("values");
            values.extend(found.into_iter().map(|value| (table.clone(), value)));
        }
        values
    };
    let (tables, old) = needles(values().await, 1);
    assert_eq!(tables.iter().map(String::as_str).collect::<Vec<_>>(), SEALED);
    rotate(&KeySource::File(keys), &store, app::author(), &mut Vec::new()).await.expect("rotated");
    let (tables, new) = needles(values().await, 2);
    assert_eq!((tables.len(), new.len()), (SEALED.len(), old.len()), "all is sealed anew");
    let bytes: Vec<u8> = bytes(folder.path()).into_iter().flat_map(|(_, content)| content).collect();
    assert_eq!(found(&bytes, &new), new.len(), "the search finds what is there");
    assert_eq!(found(&bytes, &old), 0, "of {} in {} bytes", old.len(), bytes.len());
    assert_eq!(beside.requests().await.expect("read beside").len(), 1);
}

#[tokio::test]
async fn on_postgresql_too_nothing_that_the_old_key_sealed_is_left_in_the_tables_files() {
    let Some(url) = databases::postgres_url().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys");
    create(&keys, &mut Vec::new()).expect("keys");
    let store = Store::open(&url, KeySource::File(keys.clone()), "test").await.expect("open");
    fill(&store).await;
    let pool = PgPool::connect(&url).await.expect("connect");
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text from information_schema.columns \
         where table_schema = current_schema() and data_type = 'bytea'",
    )
    .fetch_all(&pool)
    .await
    .expect("columns");
    let values = async || {
        let mut values = Vec::new();
        for (table, column) in &columns {
            let sql = AssertSqlSafe(format!("select {column} from {table} where {column} is not null"));
            let found: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(&pool).await.expect("values");
            values.extend(found.into_iter().map(|value| (table.clone(), value)));
        }
        values
    };
    sqlx::query("analyze").execute(&pool).await.expect("analysed");
    let (tables, old) = needles(values().await, 1);
    assert_eq!(tables.iter().map(String::as_str).collect::<Vec<_>>(), SEALED);
    rotate(&KeySource::File(keys), &store, app::author(), &mut Vec::new()).await.expect("rotated");
    let (_, new) = needles(values().await, 2);
    sqlx::query("checkpoint").execute(&pool).await.expect("checkpoint");
    let files: Vec<String> = sqlx::query_scalar(
        "select pg_relation_filepath(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace \
         where n.nspname = current_schema() and c.relkind in ('r', 'i', 't')",
    )
    .fetch_all(&pool)
    .await
    .expect("files");
    let mut bytes: Vec<u8> = Vec::new();
    for file in files {
        let part: Vec<u8> =
            sqlx::query_scalar("select pg_read_binary_file($1)").bind(file).fetch_one(&pool).await.expect("a file");
        bytes.extend(part);
    }
    assert_eq!(found(&bytes, &new), new.len(), "the search finds what is there");
    assert_eq!(found(&bytes, &old), 0, "of {} in {} bytes", old.len(), bytes.len());
    let sampled: i64 = sqlx::query_scalar(
        "select count(*) from pg_stats s join information_schema.columns c on c.table_schema = s.schemaname \
         and c.table_name = s.tablename and c.column_name = s.attname and c.data_type = 'bytea' \
         where s.schemaname = current_schema() and s.tablename = any($1) and s.attname <> 'token_hash'",
    )
    .bind(SEALED.map(str::to_owned).to_vec())
    .fetch_one(&pool)
    .await
    .expect("statistics");
    assert_eq!(sampled, 0, "the planner keeps no sample");
}

#[tokio::test]
async fn a_rotation_that_stopped_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys");
    create(&keys, &mut Vec::new()).expect("keys");
    let store = open(folder.path()).await.expect("open");
    let cases: Vec<_> = (0..300).map(|i| case(&format!("C-{i}"))).collect();
    store.upsert_cases(&cases, app::author()).await.expect("cases");
    store.close().await;
    // The new key stands in the file and nothing is sealed with it yet but one row: then the power went.
    let mut ring = KeySource::File(keys.clone()).read().expect("the ring");
    ring.add().expect("a key");
    ring.write(&keys).expect("written");
    let store = open(folder.path()).await.expect("open with both");
    let mut changed = cases[7].clone();
    changed.notes = "changed under the new key".into();
    store.upsert_cases(std::slice::from_ref(&changed), app::author()).await.expect("one row");
    assert!(store.rotation_is_under_way().await.expect("asked"));
    let mut said = Vec::new();
    rotate(&KeySource::File(keys.clone()), &store, app::author(), &mut said).await.expect("rotated");
    assert!(
        String::from_utf8_lossy(&said).starts_with("299 rows sealed with key 2"),
        "{}",
        String::from_utf8_lossy(&said)
    );
    assert!(!store.rotation_is_under_way().await.expect("asked"));
    assert_eq!(store.cases().await.expect("cases").len(), 300);
}

#[tokio::test]
async fn a_database_from_before_encryption_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    create(&folder.path().join("keys"), &mut Vec::new()).expect("keys");
    let mut old = sqlx::SqliteConnection::connect(&format!("{}?mode=rwc", url(folder.path()))).await.expect("made");
    for statement in [
        "create table _sqlx_migrations (version bigint primary key, description text, installed_on text, success boolean, \
         checksum blob, execution_time bigint)",
        "insert into _sqlx_migrations values (1, 'first run', '2026-11-01', 1, x'00', 0)",
        "create table meta (key text primary key, value text)",
        "create table cases (id integer primary key, family_name text)",
        "insert into cases values (1, 'Lefèvre')",
    ] {
        sqlx::query(statement).execute(&mut old).await.expect(statement);
    }
    let error = open(folder.path()).await.expect_err("an old database");
    assert_eq!(error, StoreError::Unencrypted { demonstration: false });
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    let kept: String = sqlx::query_scalar("select family_name from cases").fetch_one(&mut old).await.expect("kept");
    assert_eq!(kept, "Lefèvre");
    sqlx::query("insert into meta values ('demonstration', 'true')").execute(&mut old).await.expect("marked");
    assert_eq!(
        open(folder.path()).await.expect_err("an old demonstration"),
        StoreError::Unencrypted { demonstration: true }
    );
}

#[tokio::test]
async fn the_same_fields_are_sealed_on_both_databases_and_no_clear_word_is_in_the_file() {
    let (folder, store) = databases::sqlite().await;
    store.upsert_cases(&[case("C-1")], app::author()).await.expect("a case");
    store.close().await;
    let file = std::fs::read(folder.path().join("test.sqlite")).expect("read");
    for word in ["Lefèvre", "Zoé", "Mouettes", "Volets", "perte_partenaire", "handicap_sante"] {
        assert!(!file.windows(word.len()).any(|w| w == word.as_bytes()), "{word} lies in clear");
    }
    let lon = 0.130_347_123_456_789_f64;
    for bytes in [lon.to_le_bytes(), lon.to_be_bytes()] {
        assert!(!file.windows(8).any(|w| w == bytes), "a longitude lies in clear");
    }
    assert_eq!(Index::Phone.normal("+33 6 00 00 00 00"), Index::Phone.normal("06 00 00 00 00"));
}

#[tokio::test]
async fn a_new_mask_shows_other_points_that_nobody_computes_from_the_former_secret() {
    let app = app::TestApp::demonstration().await;
    let running = StudyAreas::new(app.store.clone(), app.folder.path().to_owned(), Settings::default(), "run".into());
    let homes: Vec<_> = (app.store.volunteers().await.expect("volunteers").into_iter())
        .filter_map(|(id, v)| Some((Subject::Volunteer(id), v.position?)))
        .collect();
    let points = async || {
        let area = running.fresh().await.expect("a study area");
        (area.revision.clone(), homes.iter().map(|(who, home)| area.masked(*who, *home)).collect::<Vec<_>>())
    };
    let (revision, former) = points().await;
    assert_eq!(points().await, (revision.clone(), former.clone()), "a fresh one each time could be averaged away");
    let (secret, epoch) = app.store.mask().await.expect("the mask");
    assert_eq!(epoch, 1);

    let mut said = Vec::new();
    renew_mask(&app.store, app::author(), &mut said).await.expect("renewed");
    assert!(String::from_utf8_lossy(&said).contains("epoch 2"));
    let (renewed, now) = points().await;
    assert_ne!(renewed, revision, "a running server follows, and what browsers hold is asked for again");
    let shown: Vec<_> = now.iter().flatten().collect();
    assert!(shown.len() >= 5, "{} points", shown.len());
    // Points stand on a grid of a metre: now and then two are equal by chance.
    let alike = |points: &[Option<LonLat>]| points.iter().zip(&now).filter(|(a, b)| b.is_some() && a == b).count();
    assert!(alike(&former) * 3 < shown.len(), "points are other ones");

    // Whoever knows the former secret and this whole program tries every epoch.
    let quarters = QuarterIndex::build(app.store.quarters().await.expect("quarters")).expect("quarters");
    let addresses: Vec<_> = app.store.addresses().await.expect("addresses").iter().map(|a| a.position).collect();
    let index = MaskIndex::build(&addresses, &quarters, HOUSEHOLDS);
    let computed = |epoch| {
        let key = MaskKey::new(&secret, epoch);
        let point = |(who, home): &(Subject, _)| Some(index.donut_mask(&quarters, &key, &who.to_string(), *home)?.at);
        homes.iter().map(point).collect::<Vec<_>>()
    };
    assert_eq!(computed(1), former, "the attack has teeth");
    for epoch in 1..50 {
        assert!(alike(&computed(epoch)) * 3 < shown.len(), "epoch {epoch}");
    }

    let (other, epoch) = app.store.mask().await.expect("the mask");
    assert!(epoch == 2 && other != secret);
    let filter = AuditFilter { act: Some(Act::Rotate), resource: Some(Resource::Keys), ..AuditFilter::default() };
    let trail = app.store.audit(&filter).await.expect("the trail");
    assert_eq!(trail.iter().map(|row| row.reason.as_str()).collect::<Vec<_>>(), ["mask, epoch 2"]);
}

#[tokio::test]
async fn the_mask_is_renewed_and_sealed_alike_on_both_databases() {
    let (_folder, sqlite) = databases::sqlite().await;
    for store in std::iter::once(sqlite).chain(databases::postgres().await) {
        let (first, _) = store.mask().await.expect("the mask");
        assert_eq!(store.renew_mask(app::author()).await.expect("renewed"), 2);
        assert_eq!(store.renew_mask(app::author()).await.expect("renewed"), 3);
        let (third, epoch) = store.mask().await.expect("the mask");
        assert!(epoch == 3 && third != first);
        assert!(store.changes_after(0).await.expect("changes").iter().any(|change| change.table == "meta"));
        assert_eq!(store.verify_trail().await.expect("read").findings, []);
    }
}
