//! The rights desk: search, access, erasure, opposition, refusal, and telling a person of a report.

use std::collections::BTreeSet;

use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::{Act, Actor, Author, Resource, Subject};
use bienveilleurs::domain::case::{Case, CaseId, CaseState, Sign};
use bienveilleurs::domain::relay::{RelayId, RelayKind};
use bienveilleurs::domain::retention::Durations;
use bienveilleurs::domain::rights::ErasureReason;
use bienveilleurs::domain::settings::Settings;
use bienveilleurs::domain::volunteer::VolunteerId;
use bienveilleurs::service::import::{ImportOptions, import_cases, import_relays, import_volunteers};
use bienveilleurs::service::informing::{self, warning_of_opposition};
use bienveilleurs::service::intake::{NewCase, Sender, Spot, Telling, report_case};
use bienveilleurs::service::rights::{self, RequestForm};
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::service::upkeep::{Upkept, upkeep};
use bienveilleurs::service::viewer::Viewer;
use bienveilleurs::service::{ServiceError, export::export_cases};
use bienveilleurs::store::{AuditFilter, Erased, Erasure, NewAccount, Person, Store, TracesOf};
use chrono::{Duration, NaiveDate};
use tempfile::TempDir;

use crate::app::{author, now};
use crate::databases;
use crate::store_contract::{begin_session, case, relay, volunteer};

fn today() -> NaiveDate {
    author().today()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

async fn stores() -> Vec<(Option<TempDir>, Store)> {
    let (folder, store) = databases::sqlite().await;
    std::iter::once((Some(folder), store)).chain(databases::postgres().await.map(|store| (None, store))).collect()
}

async fn account(store: &Store, name: &str, role: Role) -> i64 {
    let roles = BTreeSet::from([role]);
    let new = NewAccount { login: name, name, roles: &roles, volunteer: None, password: "x", demonstration: false };
    store.create_account(&new, author()).await.expect("an account")
}

/// Whoever answers requests.
fn officer() -> Viewer {
    Viewer { actor: Actor::CommandLine, roles: BTreeSet::from([Role::Dpo]), ..Viewer::public(now()) }
}

fn zoe() -> Case {
    Case { phone: "06 12 34 56 78".into(), ..case("C-0001") }
}

fn paul() -> Case {
    Case {
        family_name: "Durand".into(),
        given_name: "Paul".into(),
        phone: "06 98 76 54 32".into(),
        address: "3 quai Neuf".into(),
        ..case("C-0002")
    }
}

async fn id_of(store: &Store, reference: &str) -> i64 {
    match store.subject_named(reference).await.expect("read").expect(reference) {
        Subject::Case(CaseId(id)) => id,
        other => panic!("{other}"),
    }
}

async fn request(store: &Store, kind: &str, subject: Option<(&str, i64)>) -> i64 {
    let form = RequestForm {
        kind: kind.into(),
        subject: subject.map(|(kind, id)| (kind.to_owned(), id)),
        received_on: today(),
        note: "courrier du 20".into(),
    };
    rights::create(store, &form, None, author()).await.expect("noted").id
}

fn refused(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Refused { code, .. } => code,
        ServiceError::NotFound(_) => "not_found",
        ServiceError::Input(input) => input.code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_person_is_found_by_any_writing_of_name_phone_and_address_and_nothing_is_shown() {
    for (_folder, store) in stores().await {
        store.upsert_volunteers(&[volunteer("BV-01")], author()).await.expect("volunteers");
        store.upsert_cases(&[zoe(), paul()], author()).await.expect("cases");
        let by = author();
        for (name, phone, address, expected) in [
            ("lefevre ZOE", "", "", vec!["C-0001"]),
            ("", "+33 6 12 34 56 78", "", vec!["C-0001"]),
            ("", "", "12 BIS, rue des mouettes", vec!["C-0001"]),
            ("Paul Durand", "", "3 quai neuf", vec!["C-0002"]),
            ("Paul Durand", "06 12 34 56 78", "", vec![]),
            ("Amina B.", "", "", vec!["BV-01"]),
            ("Personne", "", "", vec![]),
        ] {
            let found = rights::subjects(&store, name, phone, address, by).await.expect("searched");
            let references: Vec<&str> = found.iter().map(|found| found.reference.as_str()).collect();
            assert_eq!(references, expected, "{name} {phone} {address}");
        }
        assert_eq!(refused(&rights::subjects(&store, " ", "", "", by).await.expect_err("nothing")), "invalid_field");
        let searches =
            AuditFilter { act: Some(Act::Search), resource: Some(Resource::Rights), ..AuditFilter::default() };
        let searches = store.audit(&searches).await.expect("trail");
        assert_eq!(searches.len(), 7);
        assert!(searches.iter().all(|row| row.reason.is_empty()), "what was sought is not kept");
    }
}

#[tokio::test]
async fn what_comes_in_after_midnight_in_the_town_is_of_that_day_though_it_is_still_yesterday_in_utc() {
    let (_folder, store) = databases::sqlite().await;
    let by = Author { at: "2026-11-23T23:30:00Z".parse().expect("an instant"), ..author() };
    let of = |received_on| RequestForm { kind: "access".into(), received_on, ..RequestForm::default() };
    let noted = rights::create(&store, &of(day(2026, 11, 24)), None, by).await.expect("today");
    assert_eq!((noted.received_on, noted.days_left), (day(2026, 11, 24), 30));
    let error = rights::create(&store, &of(day(2026, 11, 25)), None, by).await.expect_err("tomorrow");
    assert_eq!(refused(&error), "invalid_field");
}

#[tokio::test]
async fn a_request_has_its_month_and_goes_its_way() {
    for (_folder, store) in stores().await {
        store.upsert_cases(&[zoe()], author()).await.expect("cases");
        let id = id_of(&store, "C-0001").await;
        let access = request(&store, "access", Some(("case", id))).await;
        let view = rights::requests(&store, author()).await.expect("requests").remove(0);
        assert_eq!((view.id, view.due_on, view.days_left), (access, day(2026, 12, 23), 30));
        assert_eq!(view.subject.expect("a subject").reference.as_deref(), Some("C-0001"));
        let late = Author { at: now() + Duration::days(40), ..author() };
        assert_eq!(rights::requests(&store, late).await.expect("requests")[0].days_left, -10);

        let closed = rights::close(&store, access, "granted", "remis en main propre", author()).await.expect("closed");
        assert_eq!(closed.closed_on, Some(today()));
        assert_eq!(closed.note, "courrier du 20\nremis en main propre");
        let again = rights::close(&store, access, "granted", "", author()).await.expect_err("closed already");
        assert_eq!(refused(&again), "already_closed");

        let durations = Durations::default();
        let nobody = request(&store, "erasure", None).await;
        let error = rights::carry_out(&store, nobody, &durations, author()).await.expect_err("nobody");
        assert_eq!(refused(&error), "nothing_to_carry_out");
        rights::close(&store, nobody, "refused", "inconnu", author()).await.expect("closed");
        let erasure = request(&store, "erasure", Some(("case", id))).await;
        let error = rights::close(&store, erasure, "granted", "", author()).await.expect_err("not done");
        assert_eq!(refused(&error), "not_carried_out");
        for (form, code) in [
            (RequestForm { kind: "forget".into(), received_on: today(), ..RequestForm::default() }, "not_in_list"),
            (
                RequestForm { kind: "access".into(), received_on: day(2027, 1, 1), ..RequestForm::default() },
                "invalid_field",
            ),
            (
                RequestForm { kind: "access".into(), received_on: today(), note: "é".repeat(501), subject: None },
                "invalid_field",
            ),
            (
                RequestForm {
                    kind: "access".into(),
                    received_on: today(),
                    subject: Some(("case".into(), 999)),
                    note: String::new(),
                },
                "not_found",
            ),
        ] {
            let error = rights::create(&store, &form, None, author()).await.expect_err(code);
            assert_eq!(refused(&error), code);
        }
    }
}

#[tokio::test]
async fn an_erased_person_is_nowhere_and_a_tombstone_keeps_old_files_out() {
    for (_folder, store) in stores().await {
        store.upsert_cases(&[zoe(), paul()], author()).await.expect("cases");
        let id = id_of(&store, "C-0002").await;
        let mut file = Vec::new();
        export_cases(&store, author(), &mut file).await.expect("exported");
        let erasure = request(&store, "erasure", Some(("case", id))).await;
        let done = rights::carry_out(&store, erasure, &Durations::default(), author()).await.expect("erased");
        let proof = done.proof.expect("a proof");
        assert_eq!((proof.cases, proof.found), (1, 0), "{:?}", proof.places);
        assert!(proof.needles >= 12, "nine ciphertexts, three indexes less those that are shared, a reference");
        assert_eq!(proof.exports_at.len(), 1);
        assert!(done.carried_out_at.is_some());
        let gone = done.subject.expect("a subject");
        let pseudonym = store.pseudonym(Subject::Case(CaseId(id)));
        assert_eq!((gone.id, gone.reference, gone.pseudonym), (None, None, pseudonym), "no key is left");
        assert_eq!(store.case(CaseId(id)).await.expect("read"), None);
        assert!(store.changes_after(0).await.expect("changes").iter().all(|c| c.table != "cases" || c.row_id != id));
        assert_eq!(store.changes_after(0).await.expect("changes").last().map(|c| c.row_id), Some(0));
        let again = rights::carry_out(&store, erasure, &Durations::default(), author()).await.expect_err("done");
        assert_eq!(refused(&again), "already_carried_out");
        rights::close(&store, erasure, "granted", "", author()).await.expect("closed");

        let options = ImportOptions { all_or_nothing: false, extent: None, by: author() };
        let report = import_cases(&store, std::io::Cursor::new(file), options).await.expect("imported");
        assert_eq!((report.refused, report.unchanged), (1, 1));
        assert_eq!(report.errors[0].code, "erased_reference");
        assert_eq!(report.warnings, [], "an erasure is no opposition");
        // The highest reference was erased: it is not given again.
        let new =
            store.insert_case(&Case { reference: String::new(), ..zoe() }, None, author()).await.expect("inserted");
        assert_eq!(store.case(new).await.expect("read").expect("there").reference, "C-0003");
        assert_eq!(store.erasures().await.expect("counts"), [("erasure".to_owned(), 1)]);
        assert_eq!(store.verify_trail().await.expect("read").findings, []);
    }
}

#[tokio::test]
async fn an_opposition_is_remembered_by_keyed_hashes_until_it_expires() {
    for (_folder, store) in stores().await {
        store.upsert_cases(&[zoe(), paul()], author()).await.expect("cases");
        let id = id_of(&store, "C-0002").await;
        let opposition = request(&store, "opposition", Some(("case", id))).await;
        rights::carry_out(&store, opposition, &Durations::default(), author()).await.expect("erased");
        let known = async |name, address, phone, on| {
            warning_of_opposition(&store, Person { name, address, phone }, on).await.expect("read")
        };
        assert_eq!(known("DURAND paul", "3, Quai Neuf", "", today()).await, Some(today()));
        assert_eq!(known("", "", "+33698765432", today()).await, Some(today()));
        assert_eq!(known("Paul Durand", "5 quai Neuf", "", today()).await, None);
        assert_eq!(known("Zoé Lefèvre", "3 quai Neuf", "", today()).await, None);
        assert_eq!(known("", "", "", today()).await, None);
        assert_eq!(known("Paul Durand", "3 quai Neuf", "", day(2028, 11, 23)).await, Some(today()), "the last day");
        assert_eq!(known("Paul Durand", "3 quai Neuf", "", day(2028, 11, 24)).await, None);
        assert_eq!(store.forget_expired_oppositions(day(2028, 11, 24)).await.expect("forgotten"), 2);
    }
}

#[tokio::test]
async fn a_new_report_of_somebody_who_refused_warns_takes_a_reason_and_never_stops_a_danger() {
    let (folder, store) = databases::sqlite().await;
    store.upsert_cases(&[paul()], author()).await.expect("cases");
    informing::refuse(&store, CaseId(1), &Durations::default(), author()).await.expect("refused");
    assert!(store.cases().await.expect("cases").is_empty());
    let areas = StudyAreas::new(store.clone(), folder.path().to_owned(), Settings::default(), "test".into());
    let report = NewCase {
        spot: Spot { address: "3 quai neuf".into(), ..Spot::default() },
        telling: Telling { notes: "volets fermés".into(), channel: "voisin".into(), ..Telling::default() },
        family_name: "Durand".into(),
        given_name: "Paul".into(),
        ..NewCase::default()
    };
    let sender = Sender::without_a_key(author());
    let error = report_case(&areas, &report, sender).await.expect_err("a warning");
    let ServiceError::Refused { code, detail, remedy } = &error else { panic!("{error}") };
    assert_eq!((*code, *remedy), ("opposition_recorded", "Confirmez avec un motif"));
    assert!(detail.contains("23/11/2026"), "{detail}");
    let short = NewCase { override_reason: Some("bof".into()), ..report.clone() };
    assert_eq!(refused(&report_case(&areas, &short, sender).await.expect_err("too short")), "invalid_field");
    assert!(store.cases().await.expect("cases").is_empty());
    let reason = NewCase { override_reason: Some("la personne appelle elle-même".into()), ..report.clone() };
    let filter = AuditFilter { act: Some(Act::Create), resource: Some(Resource::Rights), ..AuditFilter::default() };
    // What cannot be written leaves no line that says that it was.
    let raw = sqlx::SqlitePool::connect(&databases::sqlite_url(&folder)).await.expect("connect");
    let full = "create trigger full before insert on cases begin select raise(abort, 'no room'); end";
    sqlx::query(full).execute(&raw).await.expect("a trigger");
    report_case(&areas, &reason, sender).await.expect_err("not written");
    assert!(store.audit(&filter).await.expect("trail").is_empty());
    sqlx::query("drop trigger full").execute(&raw).await.expect("no trigger");
    let taken = report_case(&areas, &reason, sender).await.expect("taken with a reason").case;
    let telling = Telling {
        signs: vec!["danger_immediat".into()],
        danger_action: "le 15 est en route".into(),
        ..report.telling.clone()
    };
    let in_danger = NewCase { telling, ..report };
    let dangerous = report_case(&areas, &in_danger, sender).await.expect("a danger is always taken").case;
    let rows = store.audit(&filter).await.expect("trail");
    assert!(rows[0].reason.ends_with("a sign of danger") && rows[1].reason.ends_with("la personne appelle elle-même"));
    let about = [dangerous, taken].map(|case| store.pseudonym(Subject::Case(case)));
    assert_eq!([&rows[0].subject, &rows[1].subject], [&about[0], &about[1]]);
    let signs = async |case| store.case(case).await.expect("read").expect("a case").signs;
    assert_eq!((signs(dangerous).await, signs(taken).await), (BTreeSet::from([Sign::DangerImmediat]), BTreeSet::new()));
    // A file only warns.
    let mut file = Vec::new();
    export_cases(&store, author(), &mut file).await.expect("exported");
    let options = ImportOptions { all_or_nothing: false, extent: None, by: author() };
    let report = import_cases(&store, std::io::Cursor::new(file), options).await.expect("imported");
    assert_eq!(report.refused, 0);
    assert_eq!(report.warnings.iter().filter(|w| w.code == "opposition_recorded").count(), 2);
}

#[tokio::test]
async fn a_running_service_has_forgotten_the_person_at_the_next_request() {
    let (folder, store) = databases::sqlite().await;
    store.upsert_cases(&[zoe(), paul()], author()).await.expect("cases");
    let areas = StudyAreas::new(store.clone(), folder.path().to_owned(), Settings::default(), "test".into());
    let before = areas.fresh().await.expect("loaded");
    assert_eq!(before.cases().len(), 2);
    // Another program erases, as a second node would.
    let elsewhere = databases::open(&databases::sqlite_url(&folder)).await.expect("open");
    informing::refuse(&elsewhere, before.cases()[1].0, &Durations::default(), author()).await.expect("refused");
    let after = areas.fresh().await.expect("loaded");
    assert_eq!(after.cases().iter().map(|(_, case)| case.reference.as_str()).collect::<Vec<_>>(), ["C-0001"]);
    assert_ne!(after.revision, before.revision, "what a browser keeps is asked for again");
}

#[tokio::test]
async fn a_volunteer_who_still_has_cases_is_not_erased() {
    for (_folder, store) in stores().await {
        store.upsert_volunteers(&[volunteer("BV-01")], author()).await.expect("volunteers");
        let held = Case { volunteer: Some("BV-01".into()), state: CaseState::Accompanied, ..zoe() };
        store.upsert_cases(std::slice::from_ref(&held), author()).await.expect("cases");
        let erasure = request(&store, "erasure", Some(("volunteer", 1))).await;
        let durations = Durations::default();
        let error = rights::carry_out(&store, erasure, &durations, author()).await.expect_err("still needed");
        assert_eq!(refused(&error), "still_has_cases");
        store
            .upsert_cases(&[Case { volunteer: None, state: CaseState::Qualified, ..held }], author())
            .await
            .expect("ok");
        let mut file = Vec::new();
        bienveilleurs::service::export::export_volunteers(&store, author(), &mut file).await.expect("exported");
        let done = rights::carry_out(&store, erasure, &durations, author()).await.expect("erased");
        let proof = done.proof.expect("a proof");
        assert_eq!((proof.cases, proof.found), (1, 0), "{:?}", proof.places);
        assert!(store.volunteers().await.expect("volunteers").is_empty());
        let options = ImportOptions { all_or_nothing: false, extent: None, by: author() };
        let report = import_volunteers(&store, std::io::Cursor::new(file), options).await.expect("read");
        assert_eq!((report.refused, report.accepted()), (1, 0));
    }
}

/// An erasure whose proof never began: the power went just after the commit.
async fn erased_and_not_proved(store: &Store, id: i64, request: Option<i64>) {
    let how = Erasure { reason: ErasureReason::Erasure, remember_until: None, request };
    let entry = author().entry(Act::Erase, Resource::Cases);
    let erased = store.erase(Subject::Case(CaseId(id)), &how, None, entry).await.expect("erased");
    assert!(matches!(erased, Erased::Gone(_)));
}

#[tokio::test]
async fn an_erasure_that_was_cut_short_before_its_proof_is_proved_when_it_is_asked_again() {
    for (_folder, store) in stores().await {
        store.upsert_cases(&[zoe(), paul()], author()).await.expect("cases");
        let id = id_of(&store, "C-0002").await;
        let erasure = request(&store, "erasure", Some(("case", id))).await;
        let error = rights::prove_again(&store, erasure, author()).await.expect_err("nobody is erased yet");
        assert_eq!(refused(&error), "not_carried_out");
        erased_and_not_proved(&store, id, Some(erasure)).await;
        let view = rights::requests(&store, author()).await.expect("requests").remove(0);
        assert!(view.carried_out_at.is_some() && view.unproved && view.proof.is_none(), "{view:?}");
        let view = rights::prove_again(&store, erasure, author()).await.expect("looked again");
        let proof = view.proof.expect("a proof");
        assert_eq!((proof.cases, proof.found, view.unproved), (1, 0, false), "{:?}", proof.places);
        assert!(proof.needles >= 12, "what was noted before the erasure has lasted: {}", proof.needles);
        assert!(store.traces(TracesOf::Everybody).await.expect("traces").is_empty(), "a clean proof ends it");
        let view = rights::prove_again(&store, erasure, author()).await.expect("asked once more");
        assert_eq!(view.proof.map(|proof| proof.needles), Some(proof.needles), "the proof stays");
    }
}

#[tokio::test]
async fn what_is_still_found_is_looked_for_again_and_a_reader_in_the_way_is_waited_for() {
    let (folder, store) = databases::sqlite().await;
    store.upsert_cases(&[zoe(), paul()], author()).await.expect("cases");
    let id = id_of(&store, "C-0002").await;
    let erasure = request(&store, "erasure", Some(("case", id))).await;
    let pool = sqlx::SqlitePool::connect(&databases::sqlite_url(&folder)).await.expect("connect");
    let mut reader = pool.begin().await.expect("begin");
    let there: i64 = sqlx::query_scalar("select count(*) from cases").fetch_one(&mut *reader).await.expect("read");
    assert_eq!(there, 2);
    let reads = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        reader.rollback().await.expect("the reader goes");
    });
    let done = rights::carry_out(&store, erasure, &Durations::default(), author()).await.expect("erased");
    assert!(reads.is_finished(), "the first look met the reader");
    let proof = done.proof.expect("a proof");
    assert_eq!((proof.found, done.unproved), (0, false), "{:?}", proof.places);
}

#[tokio::test]
async fn what_has_had_its_time_goes_and_an_erasure_without_a_proof_is_looked_for_again() {
    for (_folder, store) in stores().await {
        store.upsert_cases(&[zoe(), paul()], author()).await.expect("cases");
        let durations = Durations::default();
        let (first, second) = (id_of(&store, "C-0001").await, id_of(&store, "C-0002").await);
        let opposition = request(&store, "opposition", Some(("case", second))).await;
        rights::carry_out(&store, opposition, &durations, author()).await.expect("erased");
        rights::close(&store, opposition, "granted", "", author()).await.expect("closed");
        let open = request(&store, "access", Some(("case", first))).await;
        erased_and_not_proved(&store, first, None).await;
        let watcher = account(&store, "Veilleur", Role::Accueil).await;
        two_notices(&store, watcher).await;
        let later = |years: i64| Author { at: now() + Duration::days(years * 366), ..author() };
        let went = upkeep(&store, &durations, author()).await.expect("kept up");
        assert_eq!(went, Upkept { proofs: 1, ..Upkept::default() });
        let went = upkeep(&store, &durations, later(3)).await.expect("kept up");
        assert_eq!((went.oppositions, went.requests, went.notices), (2, 0, 1));
        assert_eq!(upkeep(&store, &durations, later(5)).await.expect("kept up").requests, 1);
        let left: Vec<i64> = rights::requests(&store, author()).await.expect("requests").iter().map(|r| r.id).collect();
        assert_eq!(left, [open], "what is not answered stays");
        assert_eq!(store.verify_trail().await.expect("read").findings, []);
    }
}

/// Two notices, of which the officer has seen one.
async fn two_notices(store: &Store, account: i64) {
    let day = Duration::days(1);
    let session = begin_session(store, account, b"t").await;
    for reason in ["fuite de gaz", "sans nouvelles"] {
        assert!(store.break_glass(account, session, reason, now() + day, author()).await.expect("opened"));
    }
    let id = store.notices().await.expect("notices")[0].id;
    assert!(store.note_notice_seen(id, author()).await.expect("seen"));
}

async fn volunteer_account(store: &Store, login: &str, roles: &[Role]) -> i64 {
    let roles: BTreeSet<Role> = roles.iter().copied().collect();
    let new = NewAccount {
        login,
        name: "Amina B.",
        roles: &roles,
        volunteer: Some("BV-01"),
        password: "x",
        demonstration: false,
    };
    store.create_account(&new, author()).await.expect("an account")
}

#[tokio::test]
async fn a_volunteers_account_goes_with_the_volunteer_unless_it_has_other_roles() {
    for (_folder, store) in stores().await {
        use bienveilleurs::store::NewDevice;
        store.upsert_volunteers(&[volunteer("BV-01")], author()).await.expect("volunteers");
        let own = volunteer_account(&store, "amina", &[Role::Bienveilleur]).await;
        let other = volunteer_account(&store, "amina.accueil", &[Role::Bienveilleur, Role::Accueil]).await;
        for (account, token) in [(own, b"own".as_slice()), (other, b"other")] {
            let session = begin_session(&store, account, token).await;
            let phone = NewDevice { account, session, token_hash: token, pin: "hash", lifetime: Duration::days(30) };
            store.register_device(&phone, author()).await.expect("registered").expect("a phone");
        }
        let access = request(&store, "access", Some(("volunteer", 1))).await;
        let export = rights::export(&store, access, &Durations::default(), &officer()).await.expect("exported");
        let values: Vec<&str> = export.donnees.iter().flat_map(|r| &r.champs).map(|c| c.valeur.as_str()).collect();
        for expected in ["amina", "amina.accueil", "accueil téléphonique", "reconnu le 23/11/2026"] {
            assert!(values.iter().any(|value| value.contains(expected)), "{expected} in {values:?}");
        }

        let erasure = request(&store, "erasure", Some(("volunteer", 1))).await;
        let done = rights::carry_out(&store, erasure, &Durations::default(), author()).await.expect("erased");
        let proof = done.proof.expect("a proof");
        assert_eq!((proof.cases, proof.found), (1, 0), "{:?}", proof.places);
        // Seven fields and three indexes of the volunteer, and of the account three fields, its index, the phone and the
        // tokens; a reference each.
        assert!(proof.needles >= 16, "{}", proof.needles);
        assert!(store.credentials_of("amina").await.expect("read").is_none(), "nobody signs in with it any more");
        for token in [b"own".as_slice(), b"other"] {
            assert!(store.session(token).await.expect("read").is_none());
            assert!(store.device(token, now()).await.expect("read").is_none());
        }
        let left = store.accounts().await.expect("accounts");
        assert_eq!(left.iter().map(|account| account.id).collect::<Vec<_>>(), [other]);
        assert_eq!((left[0].roles.clone(), left[0].volunteer), (BTreeSet::from([Role::Accueil]), None));
        let about = |account| AuditFilter {
            subject: Some(store.pseudonym(Subject::Account(account))),
            resource: Some(Resource::Accounts),
            ..AuditFilter::default()
        };
        let acts = async |account| store.audit(&about(account)).await.expect("trail")[0].act.clone();
        assert_eq!((acts(own).await.as_str(), acts(other).await.as_str()), ("erase", "update"));
        assert_eq!(store.verify_trail().await.expect("read").findings, []);
    }
}

#[tokio::test]
async fn closed_cases_let_go_of_a_volunteer_who_is_erased() {
    for (_folder, store) in stores().await {
        store.upsert_volunteers(&[volunteer("BV-01")], author()).await.expect("volunteers");
        let closed = Case { volunteer: Some("BV-01".into()), state: CaseState::Closed, ..zoe() };
        store.upsert_cases(&[closed, paul()], author()).await.expect("cases");
        let id = id_of(&store, "C-0001").await;
        let before = store.last_change().await.expect("changes");
        let erasure = request(&store, "erasure", Some(("volunteer", 1))).await;
        let done = rights::carry_out(&store, erasure, &Durations::default(), author()).await.expect("erased");
        assert_eq!(done.proof.expect("a proof").found, 0);
        let case = store.case(CaseId(id)).await.expect("read").expect("there");
        assert_eq!((case.volunteer, case.state), (None, CaseState::Closed));
        let changed = store.changes_after(before).await.expect("changes");
        assert!(changed.iter().any(|change| change.table == "cases" && change.row_id == id), "{changed:?}");
        let about = AuditFilter {
            subject: Some(store.pseudonym(Subject::Case(CaseId(id)))),
            act: Some(Act::Update),
            ..AuditFilter::default()
        };
        assert_eq!(store.audit(&about).await.expect("trail")[0].reason, "volunteer erased");
        assert!(store.volunteers().await.expect("volunteers").iter().all(|(key, _)| *key != VolunteerId(1)));
    }
}

#[tokio::test]
async fn a_relay_is_a_subject_of_the_desk_like_a_person() {
    for (_folder, store) in stores().await {
        let neighbour = bienveilleurs::domain::relay::Relay {
            name: "Jeanne Voisine".into(),
            kind: RelayKind::Voisin,
            address: "4 rue du Puits".into(),
            position: case("C-1").position,
            ..relay("R-1")
        };
        store.upsert_relays(&[neighbour.clone(), relay("R-2")], author()).await.expect("relays");
        let found =
            rights::subjects(&store, "voisine JEANNE", "", "4, rue du puits", author()).await.expect("searched");
        assert_eq!(found.iter().map(|f| (f.kind, f.reference.as_str())).collect::<Vec<_>>(), [("relay", "R-1")]);
        assert!(rights::subjects(&store, "Jeanne Voisine", "06 1", "", author()).await.expect("searched").is_empty());
        let access = request(&store, "access", Some(("relay", found[0].id))).await;
        let export = rights::export(&store, access, &Durations::default(), &officer()).await.expect("exported");
        let values: Vec<&str> = export.donnees.iter().flat_map(|r| &r.champs).map(|c| c.valeur.as_str()).collect();
        for expected in ["Jeanne Voisine", "voisin", "4 rue du Puits"] {
            assert!(values.contains(&expected), "{expected} in {values:?}");
        }
        let mut file = Vec::new();
        bienveilleurs::service::export::export_relays(&store, author(), &mut file).await.expect("exported");
        let opposition = request(&store, "opposition", Some(("relay", found[0].id))).await;
        let done = rights::carry_out(&store, opposition, &Durations::default(), author()).await.expect("erased");
        let proof = done.proof.expect("a proof");
        assert_eq!((proof.cases, proof.found), (1, 0), "{:?}", proof.places);
        assert_eq!(proof.needles, 6, "three ciphertexts, two indexes, a reference");
        let left: Vec<RelayId> = store.relays().await.expect("relays").into_iter().map(|(id, _)| id).collect();
        assert_eq!(left, [RelayId(2)]);
        let person = Person { name: "Jeanne Voisine", address: "4 rue du Puits", phone: "" };
        assert_eq!(warning_of_opposition(&store, person, today()).await.expect("read"), Some(today()));
        let options = ImportOptions { all_or_nothing: false, extent: None, by: author() };
        let report = import_relays(&store, std::io::Cursor::new(file), options).await.expect("imported");
        assert_eq!((report.refused, report.unchanged, report.errors[0].code), (1, 1, "erased_reference"));
    }
}

#[tokio::test]
async fn the_access_export_holds_data_sources_recipients_and_who_read_it() {
    for (_folder, store) in stores().await {
        let reader = account(&store, "Nadia Lecteur", Role::Coordination).await;
        store.upsert_volunteers(&[volunteer("BV-01")], author()).await.expect("volunteers");
        let held = Case { volunteer: Some("BV-01".into()), state: CaseState::Accepted, ..zoe() };
        store.upsert_cases(&[held, paul()], author()).await.expect("cases");
        let id = id_of(&store, "C-0001").await;
        let nadia = Author { actor: Actor::Account(reader), at: now() };
        let mine = Subject::Case(CaseId(id));
        store
            .record(&[
                nadia.entry(Act::Read, Resource::Cases).about(mine),
                nadia.entry(Act::Read, Resource::Cases).about(Subject::Case(CaseId(id + 1))),
                nadia.entry(Act::List, Resource::Cases).over(2),
                nadia.entry(Act::List, Resource::Cases).over(2),
                // Before the person was reported.
                Author { at: now() - Duration::days(100), ..nadia }.entry(Act::Export, Resource::Cases).over(2),
            ])
            .await
            .expect("recorded");
        let access = request(&store, "access", Some(("case", id))).await;
        let export = rights::export(&store, access, &Durations::default(), &officer()).await.expect("exported");
        let values: Vec<&str> = export.donnees.iter().flat_map(|r| &r.champs).map(|c| c.valeur.as_str()).collect();
        for expected in [
            "Lefèvre",
            "Zoé",
            "06 12 34 56 78",
            "12 bis rue des Mouettes",
            "handicap ou santé",
            "perte de confiance",
            "fr, ar",
            "acceptée par un BienVeilleur",
            "03/11/2026",
            "BV-01",
        ] {
            assert!(values.iter().any(|value| value.contains(expected)), "{expected} in {values:?}");
        }
        assert!(values.iter().any(|value| value.contains("ne sort plus")), "the notes");
        assert!(export.sources[0].contains("un voisin"));
        assert!(export.conservation[0].contains("03/11/2028"), "{:?}", export.conservation);
        assert!(
            export.destinataires.iter().any(|d| d.destinataire == "Amina B. (BV-01)"),
            "{:?}",
            export.destinataires
        );
        assert!(export.destinataires.iter().any(|d| d.destinataire == "coordination"));
        assert!(!export.destinataires.iter().any(|d| d.destinataire == "administration des comptes"));
        let seen = |acte: &str| export.consultations.iter().find(|c| c.acte == acte && c.agent.is_some());
        let read = seen("consultation").expect("the reading");
        assert_eq!(
            (read.fois, read.agent.as_deref(), read.fonction.as_str()),
            (1, Some("Nadia Lecteur"), "coordination")
        );
        let list = seen("affichage d’une liste").expect("the lists");
        assert_eq!((list.fois, list.remarque.is_some()), (2, true));
        assert!(seen("export vers un fichier").is_none(), "before the report nothing could show the person");
        let trail =
            AuditFilter { subject: Some(store.pseudonym(mine)), act: Some(Act::Export), ..AuditFilter::default() };
        assert_eq!(store.audit(&trail).await.expect("trail").len(), 1, "the export stands in the trail");

        let other = request(&store, "rectification", Some(("case", id))).await;
        let error = rights::export(&store, other, &Durations::default(), &officer()).await.expect_err("not access");
        assert_eq!(refused(&error), "not_access");
        let volunteer = request(&store, "access", Some(("volunteer", 1))).await;
        let export = rights::export(&store, volunteer, &Durations::default(), &officer()).await.expect("exported");
        assert_eq!(export.reference, "BV-01");
        assert!(export.donnees.iter().flat_map(|r| &r.champs).any(|c| c.valeur == "amina@example.org"));
    }
}

#[tokio::test]
async fn the_officer_exports_what_the_table_gives_while_the_request_is_open_and_the_coordination_is_told() {
    for (_folder, store) in stores().await {
        store.upsert_volunteers(&[volunteer("BV-01")], author()).await.expect("volunteers");
        let held = Case { volunteer: Some("BV-01".into()), state: CaseState::Accepted, ..zoe() };
        store.upsert_cases(&[held], author()).await.expect("cases");
        let id = id_of(&store, "C-0001").await;
        let access = request(&store, "access", Some(("case", id))).await;
        let durations = Durations::default();
        // Whoever is not in the table gets an empty record: the export is made from the table and from nothing else.
        let nobody = Viewer { roles: BTreeSet::from([Role::Administration]), ..officer() };
        let export = rights::export(&store, access, &durations, &nobody).await.expect("exported");
        assert!(export.donnees.is_empty() && export.sources.is_empty(), "{export:?}");
        assert!(export.destinataires.iter().any(|d| d.destinataire == "BV-01"), "{:?}", export.destinataires);

        let dora = account(&store, "Dora Officier", Role::Dpo).await;
        let officer = Viewer { actor: Actor::Account(dora), ..officer() };
        let export = rights::export(&store, access, &durations, &officer).await.expect("exported");
        assert_eq!(export.donnees.len(), 6);
        // The volunteer was named, and finds it among who read about him or her.
        let named = Subject::Volunteer(VolunteerId(1));
        let about =
            AuditFilter { subject: Some(store.pseudonym(named)), act: Some(Act::Read), ..AuditFilter::default() };
        assert_eq!(store.audit(&about).await.expect("trail").len(), 1);

        let told = rights::handed_over(&store, author()).await.expect("told");
        let told: Vec<_> = told.iter().map(|t| (t.request_id, t.reference.as_deref(), t.by_name.as_deref())).collect();
        assert_eq!(told, [(access, Some("C-0001"), Some("Dora Officier")), (access, Some("C-0001"), None)]);
        let late = Author { at: now() + Duration::days(100), ..author() };
        assert!(rights::handed_over(&store, late).await.expect("told").is_empty());

        rights::close(&store, access, "granted", "", author()).await.expect("closed");
        let error = rights::export(&store, access, &durations, &officer).await.expect_err("closed");
        assert_eq!(refused(&error), "already_closed");
    }
}

#[tokio::test]
async fn a_volunteer_is_told_of_every_match_that_showed_the_way_from_home_and_of_every_list() {
    let app = crate::app::TestApp::demonstration().await;
    let case =
        app.store.insert_case(&Case { reference: String::new(), ..zoe() }, None, author()).await.expect("a case");
    let view = app.post(&format!("/api/v1/cases/{}/match", case.0), &serde_json::json!({"k": 3})).await.json();
    let keys = |list: &str| -> Vec<i64> {
        let list = view[list].as_array().expect("a list");
        list.iter().map(|one| one["volunteer_id"].as_i64().expect("a key")).collect()
    };
    let (matched, left_out) = (keys("matches"), keys("left_out"));
    assert!(!matched.is_empty() && !left_out.is_empty(), "{view}");
    let coverage = app.get("/api/v1/coverage?by=volunteer").await;
    assert!(coverage.status.is_success());
    for (key, shown) in [(matched[0], true), (left_out[0], false)] {
        let access = request(&app.store, "access", Some(("volunteer", key))).await;
        let export = rights::export(&app.store, access, &Durations::default(), &officer()).await.expect("exported");
        let of = |acte: &'static str| {
            export.consultations.iter().filter(move |c| c.acte == acte && c.fonction == "coordination")
        };
        let matches: Vec<_> = of("recherche d’un BienVeilleur proche").collect();
        assert_eq!(matches.len(), usize::from(shown), "{:?}", export.consultations);
        assert!(matches.iter().all(|c| c.remarque.is_none()), "this very volunteer was shown");
        // The others of the match in one list, and the coverage that was made from homes in another.
        let lists: Vec<_> = of("affichage d’une liste").collect();
        assert!(lists.len() == 1 && lists[0].fois == 2 && lists[0].remarque.is_some(), "{lists:?}");
    }
}

#[tokio::test]
async fn whoever_must_be_told_stands_in_the_queue_with_the_days_left() {
    for (_folder, store) in stores().await {
        let case =
            |reference: &str, on, state, informed_on| Case { reported_on: on, state, informed_on, ..case(reference) };
        store
            .upsert_cases(
                &[
                    case("C-1", day(2026, 11, 20), CaseState::Reported, None),
                    case("C-2", day(2026, 10, 1), CaseState::Accompanied, None),
                    case("C-3", day(2026, 10, 1), CaseState::Closed, None),
                    case("C-4", day(2026, 10, 1), CaseState::Informing, Some(day(2026, 10, 5))),
                ],
                author(),
            )
            .await
            .expect("cases");
        let queue = informing::to_inform(&store, author()).await.expect("queue");
        let short: Vec<_> = queue.iter().map(|c| (c.reference.as_str(), c.due_on, c.days_left, c.overdue)).collect();
        assert_eq!(short, [("C-2", day(2026, 11, 1), -22, true), ("C-1", day(2026, 12, 20), 27, false)]);
        let first = CaseId(queue[1].case_id);
        for bad in [day(2026, 11, 19), day(2026, 11, 24)] {
            let error = informing::inform(&store, first, bad, author()).await.expect_err("no such day");
            assert_eq!(refused(&error), "invalid_field");
        }
        informing::inform(&store, first, today(), author()).await.expect("noted");
        assert_eq!(informing::to_inform(&store, author()).await.expect("queue").len(), 1);
        assert_eq!(store.case(first).await.expect("read").expect("there").informed_on, Some(today()));
        let gone = informing::inform(&store, CaseId(999), today(), author()).await.expect_err("nobody");
        assert_eq!(refused(&gone), "not_found");
        assert_eq!(store.verify_trail().await.expect("read").findings, []);
    }
}

#[tokio::test]
async fn a_refusal_leaves_a_count_and_nothing_else() {
    for (_folder, store) in stores().await {
        store.upsert_cases(&[zoe(), paul()], author()).await.expect("cases");
        let id = id_of(&store, "C-0001").await;
        informing::refuse(&store, CaseId(id), &Durations::default(), author()).await.expect("refused");
        assert!(store.traces(TracesOf::Everybody).await.expect("traces").is_empty(), "proved at once");
        let filter = AuditFilter { act: Some(Act::Verify), resource: Some(Resource::Cases), ..AuditFilter::default() };
        assert!(store.audit(&filter).await.expect("trail")[0].reason.ends_with(" 0 found"));
        assert_eq!(store.erasures().await.expect("counts"), [("refusal".to_owned(), 1)]);
        assert_eq!(store.cases().await.expect("cases").len(), 1);
        let again = informing::refuse(&store, CaseId(id), &Durations::default(), author()).await.expect_err("gone");
        assert_eq!(refused(&again), "not_found");
    }
}
