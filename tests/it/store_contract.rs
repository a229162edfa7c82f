//! One contract, two databases: each test runs on `SQLite`, and on `PostgreSQL` when there is one.

use std::collections::BTreeSet;

use bienveilleurs::domain::address::Address;
use bienveilleurs::domain::case::{
    Case, CaseId, CaseState, Cause, IsolationDuration, Need, ReportChannel, Sign, SubjectKind,
};
use bienveilleurs::domain::position::LonLat;
use bienveilleurs::domain::quarter::{Precision, Quarter};
use bienveilleurs::domain::relay::{Relay, RelayKind, StickerState};
use bienveilleurs::domain::travel::TravelProfile;
use bienveilleurs::domain::volunteer::Volunteer;
use bienveilleurs::store::{NetworkRecord, NewSession, Proof, Store, StoreError, Upserted};
use chrono::{DateTime, NaiveDate};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::{app, databases};

/// Declares a test that runs on both databases.
macro_rules! contract {
    ($(async fn $name:ident($store:ident: Store) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn body($store: Store) $body

            #[tokio::test]
            async fn on_sqlite() {
                let (_folder, store) = databases::sqlite().await;
                body(store).await;
            }

            #[tokio::test]
            async fn on_postgresql() {
                if let Some(store) = databases::postgres().await {
                    body(store).await;
                }
            }
        }
    )+};
}

pub(crate) use contract;

fn at(lon: f64, lat: f64) -> Option<LonLat> {
    LonLat::try_new(lon, lat).ok()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

pub fn case(reference: &str) -> Case {
    Case {
        reference: reference.to_owned(),
        state: CaseState::Reported,
        subject: SubjectKind::Person,
        family_name: "Lefèvre".into(),
        given_name: "Zoé".into(),
        phone: "+33 6 00 00 00 00".into(),
        address: "12 bis rue des Mouettes".into(),
        position: at(0.130_347_123_456_789, 49.499_782_000_000_01),
        causes: BTreeSet::from([Cause::PertePartenaire, Cause::HandicapSante]),
        duration: IsolationDuration::Chronique,
        signs: BTreeSet::from([Sign::PerteConfiance]),
        languages: vec!["fr".into(), "ar".into()],
        needs: BTreeSet::from([Need::Courses]),
        channel: ReportChannel::Voisin,
        reported_on: day(2026, 11, 3),
        notes: "Volets fermés ; \"ne sort plus\"\nni le matin, ni le soir".into(),
        volunteer: None,
        informed_on: None,
        last_contact_on: None,
        backup: None,
        proposed_at: None,
        agreed_on: None,
        next_contact_on: None,
        review_on: None,
        danger_cleared_on: None,
        closing: None,
    }
}

/// Begins a session of an account whose password was typed, and answers its key.
pub async fn begin_session(store: &Store, account: i64, token_hash: &[u8]) -> i64 {
    let known = store.credentials(account).await.expect("read").expect("an account");
    let proof = Proof::Password { known: &known, device: None, step: None };
    let new = NewSession { account, token_hash, proof, replaces: None };
    let long = chrono::TimeDelta::hours(12);
    store.begin_session(&new, long, long, crate::app::now()).await.expect("begun").expect("the password stands");
    store.session(token_hash).await.expect("read").expect("a session").id
}

pub fn volunteer(reference: &str) -> Volunteer {
    Volunteer {
        reference: reference.to_owned(),
        family_name: "B.".into(),
        given_name: "Amina".into(),
        phone: String::new(),
        email: "amina@example.org".into(),
        address: String::new(),
        position: at(0.11, 49.5),
        active: true,
        capacity: 6,
        max_walk_min: 20,
        profile: TravelProfile::Foot,
        languages: vec!["fr".into()],
        needs: BTreeSet::from([Need::Visite, Need::Courses]),
        cleared: true,
    }
}

pub fn relay(reference: &str) -> Relay {
    Relay {
        reference: reference.to_owned(),
        name: "Boulangerie de l'Écluse".into(),
        kind: RelayKind::Commercant,
        address: "3 quai Neuf".into(),
        position: None,
        premises: true,
        sticker: StickerState::Placed,
        sticker_on: Some(day(2026, 9, 1)),
    }
}

fn address(id: &str, number: u32) -> Address {
    Address {
        id: id.to_owned(),
        number,
        suffix: "bis".into(),
        street: "Rue de l'Épée".into(),
        postcode: "76600".into(),
        city: "Le Havre".into(),
        position: at(0.1 + f64::from(number) / 1e5, 49.5).expect("a position"),
    }
}

fn quarter(id: &str) -> Quarter {
    let ring = [(0.1, 49.5), (0.2, 49.5), (0.2, 49.6), (0.1, 49.5)].map(|(x, y)| at(x, y).expect("in range"));
    Quarter {
        id: id.to_owned(),
        name: "Saint-Léon".into(),
        precision: Precision::Indicative,
        source: "drawn by hand".into(),
        licence: "Etalab-2.0".into(),
        drawn_on: Some(day(2026, 11, 1)),
        polygons: vec![vec![ring.to_vec()], vec![ring.to_vec(), ring.to_vec()]],
    }
}

fn count(created: usize, updated: usize, unchanged: usize) -> Upserted {
    Upserted { created, updated, unchanged }
}

contract! {
    async fn a_new_database_is_empty_and_answers(store: Store) {
        store.ping().await.expect("ping");
        assert!(store.cases().await.expect("cases").is_empty());
        assert!(store.volunteers().await.expect("volunteers").is_empty());
        assert!(store.relays().await.expect("relays").is_empty());
        assert!(store.addresses().await.expect("addresses").is_empty());
        assert!(store.quarters().await.expect("quarters").is_empty());
        assert_eq!(store.current_network().await.expect("network"), None);
        assert_eq!(store.last_change().await.expect("last change"), 0);
        assert_eq!(store.case(CaseId(1)).await.expect("case"), None);
    }

    async fn cases_come_back_as_they_went_in(store: Store) {
        let mut cases = vec![case("C-0001")];
        store.upsert_volunteers(&[volunteer("BV-01")], app::author()).await.expect("volunteer");
        for (i, state) in CaseState::ALL.iter().enumerate() {
            cases.push(Case { state: *state, volunteer: Some("BV-01".into()), ..case(&format!("S-{i}")) });
        }
        for (i, channel) in ReportChannel::ALL.iter().enumerate() {
            cases.push(Case { channel: *channel, position: None, ..case(&format!("H-{i}")) });
        }
        cases.push(Case {
            causes: Cause::ALL.iter().copied().collect(),
            signs: Sign::ALL.iter().copied().collect(),
            subject: SubjectKind::Family,
            duration: IsolationDuration::Temporaire,
            position: at(-180.0, 90.0),
            ..case("X-1")
        });
        cases.push(Case {
            causes: BTreeSet::new(),
            signs: BTreeSet::new(),
            languages: Vec::new(),
            family_name: String::new(),
            duration: IsolationDuration::Inconnue,
            notes: "é".repeat(500),
            ..case("X-2")
        });
        assert_eq!(store.upsert_cases(&cases, app::author()).await.expect("upsert"), count(cases.len(), 0, 0));
        let back = store.cases().await.expect("cases");
        assert!(back.is_sorted_by_key(|(id, _)| *id));
        assert_eq!(back.iter().map(|(_, case)| case.clone()).collect::<Vec<_>>(), cases);
        let (id, first) = &back[0];
        assert_eq!(store.case(*id).await.expect("case").as_ref(), Some(first));
    }

    async fn volunteers_come_back_as_they_went_in(store: Store) {
        let volunteers = vec![
            volunteer("BV-01"),
            Volunteer {
                profile: TravelProfile::ReducedMobility,
                active: false,
                capacity: 0,
                max_walk_min: 120,
                position: None,
                languages: vec!["ar".into(), "fr".into()],
                ..volunteer("BV-02")
            },
        ];
        assert_eq!(store.upsert_volunteers(&volunteers, app::author()).await.expect("upsert"), count(2, 0, 0));
        let back = store.volunteers().await.expect("volunteers");
        assert_eq!(back.into_iter().map(|(_, volunteer)| volunteer).collect::<Vec<_>>(), volunteers);
    }

    async fn relays_come_back_as_they_went_in(store: Store) {
        let mut relays: Vec<Relay> = RelayKind::ALL
            .iter()
            .enumerate()
            .map(|(i, kind)| Relay { kind: *kind, position: at(0.1, 49.5), ..relay(&format!("R-{i}")) })
            .collect();
        for (i, sticker) in StickerState::ALL.iter().enumerate() {
            relays.push(Relay { sticker: *sticker, sticker_on: None, premises: false, ..relay(&format!("S-{i}")) });
        }
        store.upsert_relays(&relays, app::author()).await.expect("upsert");
        let back = store.relays().await.expect("relays");
        assert_eq!(back.into_iter().map(|(_, relay)| relay).collect::<Vec<_>>(), relays);
    }

    async fn an_upsert_keeps_the_keys_and_writes_only_what_changed(store: Store) {
        let three = ["C-1", "C-2", "C-3"].map(case);
        store.upsert_cases(&three, app::author()).await.expect("first");
        let before = store.cases().await.expect("cases");
        let seen = store.last_change().await.expect("last change");

        assert_eq!(store.upsert_cases(&three, app::author()).await.expect("again"), count(0, 0, 3));
        assert_eq!(store.last_change().await.expect("last change"), seen, "nothing was written");

        let changed = Case { position: None, notes: "vu au marché".into(), ..case("C-2") };
        let done = store.upsert_cases(&[case("C-4"), changed.clone(), case("C-1")], app::author()).await.expect("mixed");
        assert_eq!(done, count(1, 1, 1));
        let after = store.cases().await.expect("cases");
        assert_eq!(after[..3].iter().map(|(id, _)| *id).collect::<Vec<_>>(), before.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        assert_eq!(after[1].1, changed);
        let written: Vec<(String, i64)> =
            store.changes_after(seen).await.expect("changes").into_iter().map(|c| (c.table, c.row_id)).collect();
        assert_eq!(written, [("cases".to_owned(), after[1].0.0), ("cases".to_owned(), after[3].0.0)]);
    }

    async fn a_case_that_names_an_unknown_volunteer_is_refused_with_all_the_others(store: Store) {
        let stray = Case { volunteer: Some("BV-99".into()), ..case("C-2") };
        let error = store.upsert_cases(&[case("C-1"), stray], app::author()).await.expect_err("unknown volunteer");
        assert_eq!(error, StoreError::UnknownReference { row: "C-2".into(), reference: "BV-99".into() });
        assert!(store.cases().await.expect("cases").is_empty(), "nothing half-written");
        assert_eq!(store.last_change().await.expect("last change"), 0);
    }

    async fn a_case_follows_its_volunteer_and_can_be_freed(store: Store) {
        store.upsert_volunteers(&[volunteer("BV-1"), volunteer("BV-2")], app::author()).await.expect("volunteers");
        for holder in [Some("BV-1"), Some("BV-2"), None] {
            let held = Case { volunteer: holder.map(str::to_owned), ..case("C-1") };
            store.upsert_cases(std::slice::from_ref(&held), app::author()).await.expect("upsert");
            assert_eq!(store.cases().await.expect("cases")[0].1, held);
        }
    }

    async fn a_reference_that_stands_twice_is_a_conflict(store: Store) {
        let twice = store.upsert_relays(&[relay("R-1"), relay("R-1")], app::author()).await.expect_err("twice");
        assert_eq!(twice.code(), "conflict");
        let first = store.insert_case(&case("C-1"), None, app::author()).await.expect("insert");
        let error = store.insert_case(&case("C-1"), None, app::author()).await.expect_err("taken");
        assert_eq!(error, StoreError::Conflict { what: "a case with reference C-1".into() });
        assert_eq!(store.cases().await.expect("cases").len(), 1);
        assert_eq!(store.case(first).await.expect("case"), Some(case("C-1")));
    }

    async fn an_empty_reference_gets_the_next_one(store: Store) {
        store.upsert_cases(&[case("C-0060"), case("autre")], app::author()).await.expect("upsert");
        assert_eq!(store.next_case_reference().await.expect("next"), "C-0061");
        let id = store.insert_case(&case(""), None, app::author()).await.expect("insert");
        assert_eq!(store.case(id).await.expect("case"), Some(case("C-0061")));
        assert_eq!(store.next_case_reference().await.expect("next"), "C-0062");
    }

    async fn what_no_column_takes_is_refused_and_nothing_written(store: Store) {
        let nul = Case { notes: "a\0b".into(), ..case("C-1") };
        assert_eq!(store.upsert_cases(&[nul], app::author()).await.expect_err("NUL").code(), "not_storable");
        let long = Case { notes: "n".repeat(501), ..case("C-2") };
        assert_eq!(store.upsert_cases(&[case("C-1"), long], app::author()).await.expect_err("too long").code(), "not_storable");
        let strong = Volunteer { capacity: 51, ..volunteer("BV-1") };
        assert_eq!(store.upsert_volunteers(&[strong], app::author()).await.expect_err("too strong").code(), "not_storable");
        let nameless = relay("");
        assert_eq!(store.upsert_relays(&[nameless], app::author()).await.expect_err("no reference").code(), "not_storable");
        assert_eq!(store.last_change().await.expect("last change"), 0);
    }

    async fn addresses_are_replaced_whole(store: Store) {
        let first: Vec<Address> = (0..1200).map(|i| address(&format!("a{i}"), i)).collect();
        store.replace_addresses(&first).await.expect("replace");
        assert_eq!(store.addresses().await.expect("addresses"), first);
        let second = vec![address("b", 7)];
        store.replace_addresses(&second).await.expect("replace");
        assert_eq!(store.addresses().await.expect("addresses"), second);
        let twice = [address("c", 1), address("c", 2)];
        assert_eq!(store.replace_addresses(&twice).await.expect_err("twice").code(), "conflict");
        assert_eq!(store.addresses().await.expect("addresses"), second, "the old ones stay");
        let tables: Vec<String> = store.changes_after(0).await.expect("changes").into_iter().map(|c| c.table).collect();
        assert_eq!(tables, ["addresses", "addresses"]);
    }

    async fn quarters_are_replaced_whole_and_come_ordered_by_id(store: Store) {
        let quarters = [quarter("b"), quarter("Z"), quarter("a-c"), quarter("ab")];
        store.replace_quarters(&quarters).await.expect("replace");
        let back = store.quarters().await.expect("quarters");
        assert_eq!(back.iter().map(|q| q.id.as_str()).collect::<Vec<_>>(), ["Z", "a-c", "ab", "b"]);
        assert_eq!(back[3], quarter("b"));
        let twice = [quarter("c"), quarter("c")];
        assert_eq!(store.replace_quarters(&twice).await.expect_err("twice").code(), "conflict");
        assert_eq!(store.quarters().await.expect("quarters").len(), 4, "the old ones stay");
    }

    async fn the_last_network_is_the_one_in_use(store: Store) {
        for name in ["one", "two"] {
            let network = NetworkRecord {
                file_name: format!("{name}.net"),
                checksum: "9f3ac1d2".into(),
                imported_at: DateTime::from_timestamp_micros(1_795_428_000_123_456).expect("an instant"),
                source: "demonstration.osm".into(),
            };
            store.set_network(network.clone()).await.expect("set");
            assert_eq!(store.current_network().await.expect("network"), Some(network));
        }
        let tables: Vec<String> = store.changes_after(0).await.expect("changes").into_iter().map(|c| c.table).collect();
        assert_eq!(tables, ["networks", "networks"]);
    }

    async fn a_key_keeps_its_last_value_and_only_a_real_change_is_noted(store: Store) {
        assert_eq!(store.meta("demonstration").await.expect("meta"), None);
        for value in ["true", "true", "false"] {
            store.set_meta("demonstration", value).await.expect("set");
            assert_eq!(store.meta("demonstration").await.expect("meta").as_deref(), Some(value));
        }
        assert_eq!(store.changes_after(0).await.expect("changes").len(), 2);
    }

    async fn reports_taken_at_the_same_time_get_different_references(store: Store) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let store = store.clone();
            tasks.spawn(async move { store.insert_case(&case(""), None, app::author()).await });
        }
        while let Some(done) = tasks.join_next().await {
            done.expect("no panic").expect("insert");
        }
        let mut references: Vec<String> = store.cases().await.expect("cases").into_iter().map(|(_, c)| c.reference).collect();
        references.sort_unstable();
        assert_eq!(references, (1..=20).map(|i| format!("C-{i:04}")).collect::<Vec<_>>());
    }

    async fn a_reader_never_sees_an_earlier_change_after_a_later_one(store: Store) {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..6 {
            let store = store.clone();
            writers.spawn(async move {
                for i in 0..10 {
                    store.upsert_relays(&[relay(&format!("R-{writer}-{i}"))], app::author()).await.expect("upsert");
                }
            });
        }
        let mut seen = Vec::new();
        loop {
            let finished = writers.try_join_next().is_none() && writers.is_empty();
            let after = seen.last().copied().unwrap_or(0);
            seen.extend(store.changes_after(after).await.expect("changes").into_iter().map(|c| c.seq));
            if finished {
                break;
            }
        }
        let all: Vec<i64> = store.changes_after(0).await.expect("changes").into_iter().map(|c| c.seq).collect();
        assert_eq!(all.len(), 60);
        assert_eq!(seen, all);
    }

    async fn two_thousand_cases_go_in_and_come_back_quickly(store: Store) {
        let mut cases: Vec<Case> = (0..2_000).map(|i| case(&format!("B-{i}"))).collect();
        let start = std::time::Instant::now();
        assert_eq!(store.upsert_cases(&cases, app::author()).await.expect("upsert"), count(2_000, 0, 0));
        let written = start.elapsed();
        let start = std::time::Instant::now();
        assert_eq!(store.cases().await.expect("cases").len(), 2_000);
        let read = start.elapsed();
        cases[77].notes.clear();
        let start = std::time::Instant::now();
        assert_eq!(store.upsert_cases(&cases, app::author()).await.expect("upsert"), count(0, 1, 1_999));
        println!("2,000 cases: written in {written:?}, read in {read:?}, compared in {:?}", start.elapsed());
        assert!(written.as_secs() < 10 && read.as_secs() < 10, "even on a slow machine, every field sealed, unoptimised");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_sqlite_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("deeper/still/test.sqlite");
    let store = databases::open(&format!("sqlite:{}", path.display())).await.expect("open");
    store.set_meta("a", "b").await.expect("set");
    for file in std::fs::read_dir(path.parent().expect("a folder")).expect("list") {
        let file = file.expect("file");
        assert_eq!(file.metadata().expect("metadata").permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("test.sqlite");
    std::fs::write(&path, "a shopping list, long enough to be taken for a page of something else".repeat(20))
        .expect("write");
    let error = databases::open(&databases::sqlite_url(&folder)).await.expect_err("not a database");
    assert_eq!(error, StoreError::NotADatabase { path: path.display().to_string() });
    assert!(std::fs::read_to_string(&path).expect("read").starts_with("a shopping list"));
}

#[tokio::test]
async fn another_programs_sqlite_file_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(&folder);
    let pool = sqlx::SqlitePool::connect(&format!("{url}?mode=rwc")).await.expect("open");
    sqlx::query("create table recipes (name text)").execute(&pool).await.expect("create");
    pool.close().await;
    assert_eq!(databases::open(&url).await.expect_err("another program's").code(), "not_a_database");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let (folder, store) = databases::sqlite().await;
    let pool = sqlx::SqlitePool::connect(&databases::sqlite_url(&folder)).await.expect("a second connection");
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'later', 1, x'00', 0)",
    )
    .execute(&pool)
    .await
    .expect("insert");
    store.close().await;
    let error = databases::open(&databases::sqlite_url(&folder)).await.expect_err("newer");
    assert_eq!(error, StoreError::NewerSchema { version: 9999 });
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_is_half_written() {
    let (folder, open) = databases::sqlite().await;
    // As full as a disk can be: SQLite may not take one page more than it has.
    let options: SqliteConnectOptions = databases::sqlite_url(&folder).parse().expect("a URL");
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("open");
    let _: i64 = sqlx::query_scalar("pragma max_page_count = 1").fetch_one(&pool).await.expect("limit");
    let store = open.over(pool);
    let cases: Vec<Case> = (0..2000).map(|i| case(&format!("B-{i}"))).collect();
    assert_eq!(store.upsert_cases(&cases, app::author()).await.expect_err("full"), StoreError::DiskFull);
    assert!(store.cases().await.expect("cases").is_empty());
}

/// Opens the database in the folder that the test below made read-only, as a user whom that stops.
#[tokio::test]
async fn read_only_folder_seen_from_inside() {
    let Some(folder) = std::env::var_os("BV_TEST_READ_ONLY_FOLDER") else { return };
    let folder = std::path::PathBuf::from(folder);
    let open = async |name: &str| databases::open(&format!("sqlite:{}", folder.join(name).display())).await;
    let error = open("new.sqlite").await.expect_err("a new file in a read-only folder");
    assert_eq!(error.code(), "cannot_open_database");
    assert!(error.to_string().contains("new.sqlite") && error.to_string().contains("may write there"), "{error}");
    let error = open("old.sqlite").await.expect_err("a file of somebody else in a read-only folder");
    assert!(matches!(error, StoreError::ReadOnly | StoreError::CannotOpen { .. }), "{error}");
    println!("read-only: {error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_read_only_folder_is_said() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;

    let outer = tempfile::tempdir().expect("a temporary folder");
    let folder = outer.path().join("data");
    fs::create_dir(&folder).expect("create");
    let old = folder.join("old.sqlite");
    let store = databases::open(&format!("sqlite:{}", old.display())).await.expect("open");
    store.set_meta("a", "b").await.expect("set");
    store.close().await;
    let allow = |path: &std::path::Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("rights");
    allow(&old, 0o444);
    allow(&folder, 0o555);
    allow(outer.path(), 0o755);

    // The test program again, as nobody when this is root, whom no right stops; from where nobody may read it.
    let program = outer.path().join("test");
    fs::copy(std::env::current_exe().expect("this program"), &program).expect("copy");
    let mut again = std::process::Command::new(&program);
    again.args(["--exact", "store_contract::read_only_folder_seen_from_inside", "--nocapture"]);
    again.env("BV_TEST_READ_ONLY_FOLDER", &folder).current_dir(outer.path());
    if fs::metadata(outer.path()).expect("metadata").uid() == 0 {
        again.uid(65534).gid(65534);
    }
    let output = again.output().expect("run");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("read-only: "),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(fs::read_dir(&folder).expect("list").count(), 1, "nothing was left there");
    allow(&folder, 0o755);
}

#[tokio::test]
async fn a_folder_that_is_a_file_cannot_hold_a_database() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("file"), "x").expect("write");
    let url = format!("sqlite:{}", folder.path().join("file/test.sqlite").display());
    assert_eq!(databases::open(&url).await.expect_err("no folder").code(), "cannot_open_database");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_at_once() {
    let start = std::time::Instant::now();
    let error = databases::open("postgres://somebody:secret@127.0.0.1:1/none").await.expect_err("refused");
    assert_eq!(error.code(), "database_unreachable");
    assert!(!error.to_string().contains("secret"));
    assert!(start.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn an_address_of_no_database_is_refused_without_its_password() {
    for url in ["mysql://me:secret@host/x", "secret", "", "sqlite", "postgres://me:secret@host:port/x"] {
        let error = databases::open(url).await.expect_err("no such database");
        assert_eq!(error.code(), "bad_database_url", "{url}: {error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
