//! Purges: list, a second person's signature, purge, proof; and whether anything of the purged is left in any byte.

use std::collections::BTreeSet;

use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::{Act, Actor, Author, Resource};
use bienveilleurs::domain::case::{Case, CaseState};
use bienveilleurs::domain::retention::Durations;
use bienveilleurs::service::register::{Measures, dpia, register};
use bienveilleurs::service::{ServiceError, export::export_cases, retention};
use bienveilleurs::store::{AuditFilter, NewAccount, Store, TracesOf};
use chrono::NaiveDate;
use sqlx::Row;
use tempfile::TempDir;

use crate::app::{author, now};
use crate::databases;
use crate::store_contract::{case, volunteer};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

async fn account(store: &Store, name: &str, role: Role) -> (i64, Author) {
    let roles = BTreeSet::from([role]);
    let new = NewAccount { login: name, name, roles: &roles, volunteer: None, password: "x", demonstration: false };
    let id = store.create_account(&new, author()).await.expect("an account");
    (id, Author { actor: Actor::Account(id), at: now() })
}

fn code(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Refused { code, .. } => code,
        ServiceError::NotFound(_) => "not_found",
        other => panic!("{other}"),
    }
}

/// `count` cases of whom every second one had a last contact more than two years ago.
async fn fill(store: &Store, count: usize) {
    store.upsert_volunteers(&[volunteer("BV-01")], author()).await.expect("volunteers");
    let cases: Vec<Case> = (0..count)
        .map(|i| Case {
            reported_on: if i % 2 == 0 { day(2023, 5, 4) } else { day(2026, 5, 4) },
            state: CaseState::Closed,
            family_name: format!("Nom{i}"),
            phone: format!("06 00 00 {:02} {:02}", i / 100, i % 100),
            address: format!("{} rue des Mouettes", i / 2),
            ..case(&format!("C-{i:04}"))
        })
        .collect();
    store.upsert_cases(&cases, author()).await.expect("cases");
}

/// The bytes of every sealed column and index of the cases that will go.
async fn needles_on_sqlite(url: &str) -> Vec<Vec<u8>> {
    let pool = sqlx::SqlitePool::connect(url).await.expect("connect");
    let mut needles = Vec::new();
    let sql = "select family_name, given_name, phone, address, position, causes, signs, languages, notes, name_index, \
        phone_index from cases where reported_on < '2024'";
    for row in sqlx::query(sql).fetch_all(&pool).await.expect("rows") {
        for at in 0..row.len() {
            needles.push(row.get::<Vec<u8>, _>(at));
        }
    }
    pool.close().await;
    needles
}

fn bytes_of(folder: &TempDir) -> Vec<u8> {
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder.path()).expect("a folder") {
        let path = file.expect("a file").path();
        if path.is_file() {
            all.extend(std::fs::read(path).expect("read"));
        }
    }
    all
}

/// How many of the needles stand in the bytes, whole or from their middle on.
fn count(bytes: &[u8], needles: &[Vec<u8>]) -> usize {
    let halves: std::collections::HashSet<&[u8]> = needles.iter().map(|n| &n[n.len() - 16..]).collect();
    bytes.windows(16).filter(|window| halves.contains(window)).collect::<std::collections::HashSet<_>>().len()
}

#[tokio::test]
async fn after_a_purge_no_byte_of_the_purged_is_left_in_any_file() {
    let (folder, store) = databases::sqlite().await;
    fill(&store, 60).await;
    let needles = needles_on_sqlite(&databases::sqlite_url(&folder)).await;
    assert!(count(&bytes_of(&folder), &needles) >= 30 * 10, "they are there before");
    let (preparer, preparing) = account(&store, "Dpo", Role::Dpo).await;
    let (second, signing) = account(&store, "Coordination", Role::Coordination).await;
    let run = retention::prepare(&store, &Durations::default(), Some(preparer), preparing).await.expect("prepared");
    assert_eq!((run.cases, run.cutoff_on), (30, day(2024, 11, 23)));
    retention::sign_off(&store, run.id, second, signing).await.expect("signed");
    let began = std::time::Instant::now();
    let run = retention::purge(&store, run.id, preparing).await.expect("purged");
    let proof = run.proof.expect("a proof");
    println!("30 cases purged and sought in {:?}: {} needles, {:?}", began.elapsed(), proof.needles, proof.places);
    assert_eq!((proof.cases, proof.found), (30, 0));
    assert!(proof.needles >= 30 * 11, "{}", proof.needles);
    assert_eq!(count(&bytes_of(&folder), &needles), 0, "an independent look");
    assert!(!bytes_of(&folder).windows(20).any(|w| w.starts_with(b"C-0000closedperson")));
    assert!(proof.places.iter().any(|place| place.contains("test.sqlite-wal")), "{:?}", proof.places);
    assert_eq!(store.cases().await.expect("cases").len(), 30);
    assert!(store.retention_items(run.id).await.expect("items").is_empty());
    assert_eq!(store.verify_trail().await.expect("read").findings, []);
}

#[tokio::test]
async fn the_search_finds_what_was_not_erased() {
    let (folder, store) = databases::sqlite().await;
    fill(&store, 4).await;
    // A copy of one person's row somewhere else in the same file.
    let pool = sqlx::SqlitePool::connect(&databases::sqlite_url(&folder)).await.expect("connect");
    sqlx::query("create table forgotten as select notes, phone_index, reference from cases where reference = 'C-0002'")
        .execute(&pool)
        .await
        .expect("copied");
    let (preparer, preparing) = account(&store, "Dpo", Role::Dpo).await;
    let (second, signing) = account(&store, "Coordination", Role::Coordination).await;
    let run = retention::prepare(&store, &Durations::default(), Some(preparer), preparing).await.expect("prepared");
    retention::sign_off(&store, run.id, second, signing).await.expect("signed");
    let proof = retention::purge(&store, run.id, preparing).await.expect("purged").proof.expect("a proof");
    assert_eq!((proof.cases, proof.found), (2, 2), "the ciphertext and the blind index: {:?}", proof.places);
}

#[tokio::test]
async fn on_postgresql_nothing_of_the_purged_is_left_in_the_tables_files_and_the_planner_keeps_no_sample() {
    let Some(url) = databases::postgres_url().await else { return };
    let store = databases::open(&url).await.expect("open");
    fill(&store, 60).await;
    let pool = sqlx::PgPool::connect(&url).await.expect("connect");
    sqlx::query("analyze cases").execute(&pool).await.expect("analysed");
    let needles: Vec<Vec<u8>> = sqlx::query_scalar(
        "select unnest(array[notes, phone, name_index]) from cases where reported_on < '2024-01-01'",
    )
    .fetch_all(&pool)
    .await
    .expect("needles");
    let (preparer, preparing) = account(&store, "Dpo", Role::Dpo).await;
    let (second, signing) = account(&store, "Coordination", Role::Coordination).await;
    let run = retention::prepare(&store, &Durations::default(), Some(preparer), preparing).await.expect("prepared");
    retention::sign_off(&store, run.id, second, signing).await.expect("signed");
    // Somebody who still looks at the database as it was before: `vacuum full` would keep the erased for him.
    let mut elsewhere = pool.begin_with("begin isolation level repeatable read").await.expect("a transaction");
    sqlx::query("select count(*) from meta").execute(&mut *elsewhere).await.expect("a snapshot");
    let proof = retention::purge(&store, run.id, preparing).await.expect("purged").proof.expect("a proof");
    println!("{} needles, {:?}", proof.needles, proof.places);
    assert_eq!((proof.cases, proof.found), (30, 0));
    assert!(proof.remarks.iter().any(|remark| remark.contains("WAL")), "the log's delay is stated");
    let sampled: i64 = sqlx::query_scalar(
        "select count(*) from pg_stats where schemaname = current_schema() and tablename = 'cases' \
         and attname in ('notes', 'phone', 'name_index', 'reference', 'family_name')",
    )
    .fetch_one(&pool)
    .await
    .expect("statistics");
    assert_eq!(sampled, 0);
    sqlx::query("checkpoint").execute(&pool).await.expect("checkpoint");
    let files: Vec<String> = sqlx::query_scalar(
        "select pg_relation_filepath(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace \
         where n.nspname = current_schema() and c.relkind in ('r', 'i', 't')",
    )
    .fetch_all(&pool)
    .await
    .expect("files");
    let mut bytes = Vec::new();
    for file in files {
        let part: Vec<u8> =
            sqlx::query_scalar("select pg_read_binary_file($1)").bind(file).fetch_one(&pool).await.expect("a file");
        bytes.extend(part);
    }
    assert!(bytes.len() > 50_000);
    assert_eq!(count(&bytes, &needles), 0, "in {} bytes of the tables' own files", bytes.len());
}

async fn stores() -> Vec<(Option<TempDir>, Store)> {
    let (folder, store) = databases::sqlite().await;
    std::iter::once((Some(folder), store)).chain(databases::postgres().await.map(|store| (None, store))).collect()
}

#[tokio::test]
async fn a_purge_needs_a_list_a_second_person_and_happens_once() {
    for (_folder, store) in stores().await {
        fill(&store, 10).await;
        let (preparer, preparing) = account(&store, "Dpo", Role::Dpo).await;
        let (second, signing) = account(&store, "Coordination", Role::Coordination).await;
        let durations = Durations::default();
        let run = retention::prepare(&store, &durations, Some(preparer), preparing).await.expect("prepared");
        assert_eq!(run.made_by_name.as_deref(), Some("Dpo"));
        let refused = |error: ServiceError| code(&error);
        assert_eq!(refused(retention::purge(&store, run.id, preparing).await.expect_err("unsigned")), "not_signed");
        let same = retention::sign_off(&store, run.id, preparer, preparing).await.expect_err("the same");
        assert_eq!(refused(same), "same_person");
        let run = retention::sign_off(&store, run.id, second, signing).await.expect("signed");
        assert_eq!(run.signed_by_name.as_deref(), Some("Coordination"));
        let again = retention::sign_off(&store, run.id, second, signing).await.expect_err("signed already");
        assert_eq!(refused(again), "already_signed");
        let list = retention::run(&store, run.id, preparing).await.expect("the list").items;
        assert_eq!(list.len(), 5);
        assert_eq!((list[0].reference.as_deref(), list[0].last_on), (Some("C-0000"), day(2023, 5, 4)));
        let mut file = Vec::new();
        export_cases(&store, signing, &mut file).await.expect("exported");

        let purged = retention::purge(&store, run.id, preparing).await.expect("purged");
        let proof = purged.proof.clone().expect("a proof");
        assert_eq!((proof.cases, proof.found, proof.exports_at.len()), (5, 0, 1), "{:?}", proof.places);
        assert_eq!(retention::runs(&store, &durations, preparing).await.expect("runs").runs, [purged]);
        assert!(retention::run(&store, run.id, preparing).await.expect("the run").items.is_empty());
        let once = retention::purge(&store, run.id, preparing).await.expect_err("once");
        assert_eq!(refused(once), "already_purged");
        assert_eq!(refused(retention::purge(&store, 99, preparing).await.expect_err("none")), "not_found");
        assert_eq!(store.erasures().await.expect("counts"), [("retention".to_owned(), 5)]);
        let filter = AuditFilter { act: Some(Act::Erase), resource: Some(Resource::Cases), ..AuditFilter::default() };
        assert_eq!(store.audit(&filter).await.expect("trail").len(), 5, "one line a person");
    }
}

#[tokio::test]
async fn a_purge_that_was_cut_short_before_its_proof_is_proved_when_it_is_asked_again() {
    for (_folder, store) in stores().await {
        fill(&store, 10).await;
        let (preparer, preparing) = account(&store, "Dpo", Role::Dpo).await;
        let (second, signing) = account(&store, "Coordination", Role::Coordination).await;
        let run = retention::prepare(&store, &Durations::default(), Some(preparer), preparing).await.expect("prepared");
        let early = retention::prove_again(&store, run.id, preparing).await.expect_err("nobody is gone yet");
        assert_eq!(code(&early), "not_purged");
        retention::sign_off(&store, run.id, second, signing).await.expect("signed");
        store.purge(run.id, preparing).await.expect("purged, and then the power went");
        let unproved = retention::runs(&store, &Durations::default(), preparing).await.expect("runs").runs.remove(0);
        assert!(unproved.purged_at.is_some() && unproved.proof.is_none() && unproved.unproved);
        let proved = retention::prove_again(&store, run.id, preparing).await.expect("looked again");
        let proof = proved.proof.expect("a proof");
        assert_eq!((proof.cases, proof.found, proved.unproved), (5, 0, false), "{:?}", proof.places);
        assert!(proof.needles >= 5 * 11, "{}", proof.needles);
    }
}

#[tokio::test]
async fn the_key_of_whoever_was_purged_is_sought_in_every_table_that_can_hold_one() {
    let (folder, store) = databases::sqlite().await;
    fill(&store, 4).await;
    let (preparer, preparing) = account(&store, "Dpo", Role::Dpo).await;
    let (second, signing) = account(&store, "Coordination", Role::Coordination).await;
    let run = retention::prepare(&store, &Durations::default(), Some(preparer), preparing).await.expect("prepared");
    retention::sign_off(&store, run.id, second, signing).await.expect("signed");
    store.purge(run.id, preparing).await.expect("purged");
    let pool = sqlx::SqlitePool::connect(&databases::sqlite_url(&folder)).await.expect("connect");
    for (place, left) in [
        ("changes", "insert into changes (table_name, row_id) values ('cases', 1)"),
        ("retention_items", "insert into retention_items (run_id, case_id, last_on) values (1, 1, '2023-05-04')"),
        (
            "rights_requests",
            "insert into rights_requests (id, kind, subject_kind, subject_id, received_on, note) \
             values (1, 'access', 'case', 1, '2026-11-20', x'00')",
        ),
    ] {
        sqlx::query(left).execute(&pool).await.expect("left behind");
        let traces = store.traces(TracesOf::Run(run.id)).await.expect("traces").remove(0);
        let search = store.seek(&traces.needles).await.expect("sought");
        let found: Vec<&str> =
            search.places.iter().filter(|p| p.found > 0 && !p.file).map(|p| p.place.as_str()).collect();
        assert_eq!((search.places.iter().filter(|p| !p.file).map(|p| p.found).sum::<usize>(), found), (1, vec![place]));
        let clear =
            ["delete from changes where row_id = 1", "delete from retention_items", "delete from rights_requests"];
        for sql in clear {
            sqlx::query(sql).execute(&pool).await.expect("cleared");
        }
    }
}

#[tokio::test]
async fn whoever_had_a_contact_after_the_list_stays_and_whoever_is_still_visited_is_never_on_it() {
    for (_folder, store) in stores().await {
        store.upsert_volunteers(&[volunteer("BV-01")], author()).await.expect("volunteers");
        let old = |reference: &str, state| Case { reported_on: day(2023, 1, 1), state, ..case(reference) };
        let visited = Case { volunteer: Some("BV-01".into()), ..old("C-3", CaseState::Paused) };
        store
            .upsert_cases(&[old("C-1", CaseState::Closed), old("C-2", CaseState::Reported), visited], author())
            .await
            .expect("cases");
        let (preparer, preparing) = account(&store, "Dpo", Role::Dpo).await;
        let (second, signing) = account(&store, "Coordination", Role::Coordination).await;
        let run = retention::prepare(&store, &Durations::default(), Some(preparer), preparing).await.expect("prepared");
        let detail = retention::run(&store, run.id, preparing).await.expect("the run");
        assert_eq!((run.cases, detail.still_followed), (2, vec!["C-3".to_owned()]));
        retention::sign_off(&store, run.id, second, signing).await.expect("signed");
        let seen = Case { last_contact_on: Some(day(2026, 11, 20)), ..old("C-2", CaseState::Reported) };
        store.upsert_cases(&[seen], author()).await.expect("a contact");
        let proof = retention::purge(&store, run.id, preparing).await.expect("purged").proof.expect("a proof");
        assert_eq!((proof.cases, proof.found), (1, 0), "{:?}", proof.places);
        assert!(proof.remarks[0].starts_with("1 situation(s) de la liste gardée(s)"), "{:?}", proof.remarks);
        let left: Vec<String> =
            store.cases().await.expect("cases").into_iter().map(|(_, case)| case.reference).collect();
        assert_eq!(left, ["C-2", "C-3"]);
    }
}

#[tokio::test]
async fn the_table_itself_refuses_a_signature_of_the_one_who_prepared() {
    let (folder, store) = databases::sqlite().await;
    let (preparer, preparing) = account(&store, "Dpo", Role::Dpo).await;
    let run = retention::prepare(&store, &Durations::default(), Some(preparer), preparing).await.expect("prepared");
    let pool = sqlx::SqlitePool::connect(&databases::sqlite_url(&folder)).await.expect("connect");
    let update = sqlx::query("update retention_runs set signed_by = made_by where id = $1").bind(run.id);
    assert!(update.execute(&pool).await.expect_err("refused").to_string().contains("CHECK"));
}

#[tokio::test]
async fn the_register_is_written_from_what_is_in_force_and_its_reading_stands_in_the_trail() {
    for (_folder, store) in stores().await {
        fill(&store, 30).await;
        let durations = Durations { years: 3, audit_months: 6, opposition_months: 12 };
        let measures = Measures { durations, tls: true, second_factor_required: true };
        let text = register(&store, measures, author()).await.expect("written");
        for expected in
            ["Ville du Havre", "3 an(s)", "6 mois", "TLS en service", "environ 30", "clé n° 1", "moins de 11"]
        {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
        assert!(dpia(&store, measures, author()).await.expect("written").contains("AIPD"));
        let filter = AuditFilter { resource: Some(Resource::Register), ..AuditFilter::default() };
        assert_eq!(store.audit(&filter).await.expect("trail").len(), 2);
    }
}
