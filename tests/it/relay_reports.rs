//! Reports of relays without an account: codes, receipts, what neither tells, and what is left of them afterwards.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, Method, header};
use bienveilleurs::cli::keys::{create, rotate};
use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::{Act, Resource, Subject};
use bienveilleurs::domain::case::{Case, CaseId, CaseState, ReportChannel, Sign};
use bienveilleurs::domain::relay::{Relay, RelayId, RelayKind, StickerState};
use bienveilleurs::domain::relay_report::{Receipt, StickerCode};
use bienveilleurs::domain::retention::Durations;
use bienveilleurs::domain::rights::ErasureReason;
use bienveilleurs::domain::throttle::{GUESSES_FREE, REPORTS_OF_A_CODE};
use bienveilleurs::http::route_table;
use bienveilleurs::service::informing;
use bienveilleurs::service::relay_reports::receipts_kept_from;
use bienveilleurs::service::upkeep::upkeep;
use bienveilleurs::store::{AuditFilter, Erased, Erasure, KeySource, NewRelayReport, RelayReport, Store, TracesOf};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::access::{Of, ask, object, request_of};
use crate::app::{Answer, TestApp, author};
use crate::databases;
use crate::store_contract::{case, relay};

const REPORTS: &str = "/api/v1/relay-reports";
const STATUS: &str = "/api/v1/relay-reports/status";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

async fn stores() -> Vec<(Option<TempDir>, Store)> {
    let (folder, store) = databases::sqlite().await;
    std::iter::once((Some(folder), store)).chain(databases::postgres().await.map(|store| (None, store))).collect()
}

fn code(bits: u64) -> StickerCode {
    StickerCode::of_bits(bits)
}

/// A case that came by a relay.
fn reported(reference: &str) -> Case {
    Case { channel: ReportChannel::Relais, volunteer: None, ..case(reference) }
}

async fn give_code(store: &Store, relay: RelayId, code: &StickerCode) -> bool {
    let entry = author().entry(Act::Update, Resource::Relays).about(Subject::Relay(relay));
    store.set_sticker_code(relay, code, entry).await.expect("written")
}

fn erasure() -> Erasure {
    Erasure { reason: ErasureReason::Erasure, remember_until: None, request: None }
}

/// Erases somebody, looks for every trace, and answers how many were sought and how many found.
async fn erased(store: &Store, subject: Subject) -> (usize, usize) {
    let entry = author().entry(Act::Erase, Resource::Rights).about(subject);
    let Erased::Gone(traces) = store.erase(subject, &erasure(), None, entry).await.expect("erased") else {
        panic!("nobody was there")
    };
    let traces = store.traces(TracesOf::Erasure(traces)).await.expect("traces");
    store.scrub().await.expect("scrubbed");
    (traces[0].needles.count(), store.seek(&traces[0].needles).await.expect("sought").found)
}

#[tokio::test]
async fn a_code_names_one_relay_until_another_code_takes_its_place() {
    for (_folder, store) in stores().await {
        store.upsert_relays(&[relay("R-1"), relay("R-2")], author()).await.expect("relays");
        let (first, second) = (RelayId(1), RelayId(2));
        assert!(give_code(&store, first, &code(7)).await && give_code(&store, second, &code(8)).await);
        assert!(!give_code(&store, RelayId(99), &code(9)).await, "nobody is there");
        assert_eq!(store.relay_of_code(&code(7)).await.expect("read"), Some(first));
        assert_eq!(store.sticker_code(second).await.expect("read"), Some((code(8), author().today())));
        give_code(&store, first, &code(10)).await;
        assert_eq!(store.relay_of_code(&code(7)).await.expect("read"), None);
        assert_eq!(store.relay_of_code(&code(10)).await.expect("read"), Some(first));
        assert_eq!(store.sticker_code(RelayId(99)).await.expect("read"), None);
        // An import that changes the relay leaves its code alone.
        let moved = Relay { address: "5 quai Neuf".into(), ..relay("R-1") };
        store.upsert_relays(&[moved], author()).await.expect("changed");
        assert_eq!(store.relay_of_code(&code(10)).await.expect("read"), Some(first));
    }
}

#[tokio::test]
async fn a_report_goes_in_whole_and_its_receipt_has_its_time() {
    for (_folder, store) in stores().await {
        store.upsert_relays(&[relay("R-1")], author()).await.expect("a relay");
        let receipt = Receipt::of_bits(41);
        let origin = NewRelayReport { relay: RelayId(1), receipt: &receipt, reporter: "Au comptoir" };
        let today = author().today();
        let id = store.insert_case_of(&reported(""), origin, author()).await.expect("in");
        let known = store.relay_report(id).await.expect("read").expect("a report");
        assert_eq!(known, RelayReport { relay: Some(RelayId(1)), reporter: Some("Au comptoir".into()) });
        let since = receipts_kept_from(today);
        let state = store.receipt_state(&receipt, since).await.expect("read").expect("known");
        assert_eq!((state.case, state.state), (id, CaseState::Reported));
        assert_eq!(store.receipt_state(&Receipt::of_bits(42), since).await.expect("read"), None);
        assert!(!store.add_relay_report(id, origin, author()).await.expect("read"), "it has one");
        let other = store.insert_case(&reported(""), None, author()).await.expect("in");
        assert_eq!(store.relay_report(other).await.expect("read"), None);

        // What has had its time is gone for whoever asks, and soon altogether.
        let reported_on = store.case(id).await.expect("read").expect("a case").reported_on;
        let later = reported_on.succ_opt().expect("a day");
        assert_eq!(store.receipt_state(&receipt, later).await.expect("read"), None);
        assert_eq!(store.forget_reporters(reported_on, author()).await.expect("none"), 0);
        assert_eq!(store.forget_reporters(later, author()).await.expect("one"), 1);
        let known = store.relay_report(id).await.expect("read").expect("a report");
        assert_eq!(known, RelayReport { relay: Some(RelayId(1)), reporter: None });
        assert_eq!(store.receipt_state(&receipt, since).await.expect("read"), None);
        assert_eq!(store.verify_trail().await.expect("read").findings, []);
    }
}

#[tokio::test]
async fn after_an_erasure_neither_the_report_nor_its_receipt_nor_a_code_is_found_in_any_byte() {
    for (_folder, store) in stores().await {
        // Neither shares a keyed hash with the other.
        let other = Relay { name: "Pharmacie du Cap".into(), address: "9 quai Neuf".into(), ..relay("R-2") };
        store.upsert_relays(&[relay("R-1"), other], author()).await.expect("relays");
        give_code(&store, RelayId(1), &code(7)).await;
        let receipt = Receipt::of_bits(41);
        let origin = NewRelayReport { relay: RelayId(1), receipt: &receipt, reporter: "Au comptoir" };
        let mut ids = Vec::new();
        for (receipt, reference) in [(receipt.clone(), "C-1"), (Receipt::of_bits(42), "C-2")] {
            let origin = NewRelayReport { receipt: &receipt, ..origin };
            ids.push(store.insert_case_of(&reported(reference), origin, author()).await.expect("in"));
        }
        let plain = store.insert_case(&case("C-3"), None, author()).await.expect("in");
        let (plain, found) = erased(&store, Subject::Case(plain)).await;
        assert_eq!(found, 0);
        let (with_report, found) = erased(&store, Subject::Case(ids[0])).await;
        assert_eq!((with_report - plain, found), (2, 0), "the reporter and the receipt are sought, too");
        assert_eq!(store.receipt_state(&receipt, receipts_kept_from(author().today())).await.expect("read"), None);
        assert_eq!(store.relay_report(ids[0]).await.expect("read"), None);
        // The relay goes; what it reported stays, and says no more who it was.
        let (without_code, _) = erased(&store, Subject::Relay(RelayId(2))).await;
        let (with_code, found) = erased(&store, Subject::Relay(RelayId(1))).await;
        assert_eq!((with_code, found), (without_code + 2, 0), "the code and its hash are sought, too");
        assert_eq!(store.relay_of_code(&code(7)).await.expect("read"), None);
        assert_eq!(store.relay_report(ids[1]).await.expect("read").expect("a report").relay, None);
    }
}

#[tokio::test]
async fn after_a_rotation_of_the_keys_codes_receipts_and_reporters_are_what_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys");
    create(&keys, &mut Vec::new()).expect("keys");
    let open = async || Store::open(&databases::sqlite_url(&folder), KeySource::File(keys.clone()), "test").await;
    let store = open().await.expect("open");
    store.upsert_relays(&[relay("R-1")], author()).await.expect("a relay");
    give_code(&store, RelayId(1), &code(7)).await;
    let receipt = Receipt::of_bits(41);
    let origin = NewRelayReport { relay: RelayId(1), receipt: &receipt, reporter: "Au comptoir" };
    let id = store.insert_case_of(&reported(""), origin, author()).await.expect("in");
    let mut said = Vec::new();
    rotate(&KeySource::File(keys.clone()), &store, author(), &mut said).await.expect("rotated");
    store.close().await;
    let again = open().await.expect("the new key alone");
    assert_eq!(again.relay_of_code(&code(7)).await.expect("read"), Some(RelayId(1)));
    assert_eq!(again.sticker_code(RelayId(1)).await.expect("opened").expect("a code").0, code(7));
    assert_eq!(
        again.relay_report(id).await.expect("opened").expect("a report").reporter.as_deref(),
        Some("Au comptoir")
    );
    let since = receipts_kept_from(author().today());
    assert_eq!(again.receipt_state(&receipt, since).await.expect("read").expect("known").case, id);
}

// ---- over HTTP

/// A service with a relay that has a code.
struct Desk {
    app: TestApp,
    code: String,
}

async fn desk() -> Desk {
    let app = TestApp::empty().await;
    app.store.upsert_relays(&[relay("R-1")], author()).await.expect("a relay");
    let none = json!({"code": null, "made_on": null, "address": "http://127.0.0.1:8080/#/signaler", "qr_svg": ""});
    assert_eq!(app.get("/api/v1/relays/1/sticker-code").await.json(), none);
    let made = app.post("/api/v1/relays/1/sticker-code", &json!({})).await;
    assert_eq!(made.status.as_u16(), 201);
    let made = made.json();
    let code = made["code"].as_str().expect("a code").to_owned();
    // What is scanned leads where the public is, and brings the code behind the `#` alone.
    assert_eq!(made["address"], "http://127.0.0.1:8080/#/signaler");
    assert!(made["qr_svg"].as_str().expect("a drawing").contains("<svg"), "{made}");
    assert_eq!(app.get("/api/v1/relays/1/sticker-code").await.json(), made, "and again when it is printed again");
    Desk { app, code }
}

fn form(code: &str) -> Value {
    json!({
        "code": code, "notes": "Zzvolets fermés depuis lundi", "address": "près du square Zzsquare",
        "name": "Zzdurand", "reporter": "Zzrappel au 02 99 00 99 00", "signs": [],
    })
}

impl Desk {
    async fn public(&self, path: &str, body: &Value) -> Answer {
        self.app.ask(None, Method::POST, path, body).await
    }

    async fn from(&self, address: &str, path: &str, body: &Value) -> Answer {
        let address: IpAddr = address.parse().expect("an address");
        let request = self.app.request(None, Method::POST, path).header(header::CONTENT_TYPE, "application/json");
        let request = request.extension(ConnectInfo(SocketAddr::new(address, 4000)));
        self.app.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    /// Reports somebody and answers the receipt.
    async fn report(&self) -> String {
        let answer = self.public(REPORTS, &form(&self.code)).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()["receipt"].as_str().expect("a receipt").to_owned()
    }

    async fn last_case(&self) -> (CaseId, Case) {
        self.app.store.cases().await.expect("cases").pop().expect("a case")
    }
}

/// All that an answer says, but for the number of the request.
fn said(answer: &Answer) -> String {
    let id = answer.header(&REQUEST_ID);
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    let text = format!("{} {} {}", answer.status, headers.join(" "), String::from_utf8_lossy(&answer.body));
    if id.is_empty() { text } else { text.replace(id, "…") }
}

#[tokio::test]
async fn a_report_is_a_case_from_a_relay_and_the_answer_is_a_receipt_and_nothing_else() {
    let desk = desk().await;
    let typed = desk.code.to_lowercase().replace('-', " ");
    let mut body = form(&typed);
    body["signs"] = json!(["danger_immediat", "idees_suicidaires"]);
    let answer = desk.public(REPORTS, &body).await;
    assert_eq!(answer.status.as_u16(), 201);
    assert_eq!(answer.header(&header::CACHE_CONTROL), "no-store");
    let told = answer.json();
    assert_eq!(told.as_object().expect("an object").keys().collect::<Vec<_>>(), ["receipt"]);
    let receipt = told["receipt"].as_str().expect("a receipt");
    assert!(receipt.len() == 19 && Receipt::typed(receipt).is_some(), "{receipt}");
    let (id, case) = desk.last_case().await;
    assert_eq!((case.state, case.channel), (CaseState::Reported, ReportChannel::Relais));
    assert_eq!(case.signs, BTreeSet::from([Sign::DangerImmediat, Sign::IdeesSuicidaires]));
    assert!(case.in_danger(), "no matching until somebody clears it");
    assert_eq!((case.family_name.as_str(), case.address.as_str()), ("Zzdurand", "près du square Zzsquare"));

    // Whoever works on it sees where it came from; nothing else of the report shows elsewhere.
    let path = format!("/api/v1/cases/{}/relay-report", id.0);
    let expected = json!({
        "by_code": true, "relay_id": 1, "relay": "Boulangerie de l'Écluse", "reporter": "Zzrappel au 02 99 00 99 00",
        "refused_on": null,
    });
    for role in [Role::Coordination, Role::Accueil] {
        assert_eq!(desk.app.ask(Some(role), Method::GET, &path, &Value::Null).await.json(), expected);
    }
    let called = desk.app.store.insert_case(&reported("C-called"), None, author()).await.expect("by telephone");
    let path = format!("/api/v1/cases/{}/relay-report", called.0);
    let told = desk.app.get(&path).await.json();
    assert_eq!(told, json!({"by_code": false, "relay_id": null, "relay": null, "reporter": null, "refused_on": null}));
    assert_eq!(desk.app.get("/api/v1/cases/999/relay-report").await.status.as_u16(), 404);
    // The trail says that a relay reported somebody, and what was read; never a word of it.
    let rows = desk.app.store.audit(&AuditFilter::default()).await.expect("the trail");
    let lines: Vec<(String, &str, &str)> = rows
        .iter()
        .rev()
        .filter(|row| row.resource == "cases" && row.actor != "command_line")
        .map(|row| {
            (
                format!("{} {}", row.actor.split(':').next().unwrap_or_default(), row.act),
                row.subject.as_str(),
                row.reason.as_str(),
            )
        })
        .collect();
    let [about, of] = [Subject::Case(id), Subject::Relay(RelayId(1))].map(|subject| desk.app.store.pseudonym(subject));
    let expected = [
        ("nobody create".to_owned(), about.as_str(), ""),
        ("nobody create".to_owned(), of.as_str(), "report by sticker code"),
        ("account read".to_owned(), about.as_str(), "relay's report"),
        ("account read".to_owned(), about.as_str(), "relay's report"),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_said_by_its_field_before_the_code_is_looked_at() {
    let desk = desk().await;
    for code in [desk.code.as_str(), "00000-00000"] {
        for (field, value, expected) in [
            ("notes", json!(" "), "invalid_field"),
            ("notes", json!("x".repeat(501)), "invalid_field"),
            ("address", json!(""), "invalid_field"),
            ("name", json!("x".repeat(201)), "invalid_field"),
            ("reporter", json!("a\u{202e}b"), "invalid_field"),
            ("signs", json!(["negligence_sante"]), "not_in_list"),
        ] {
            let mut body = form(code);
            body[field] = value;
            let answer = desk.public(REPORTS, &body).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (422, &json!(expected)), "{field}");
            assert_eq!(answer.json()["field"], field);
        }
    }
    let answer = desk.public(REPORTS, &form("0000")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (422, &json!("code")));
    assert!(desk.app.store.cases().await.expect("cases").is_empty(), "nothing was written");
}

#[tokio::test]
async fn an_unknown_code_a_former_one_and_one_of_a_sticker_that_came_off_are_the_same_answer() {
    let desk = desk().await;
    let unknown = said(&desk.public(REPORTS, &form("00000-00000")).await);
    assert!(unknown.starts_with("404") && unknown.contains("unknown_code"), "{unknown}");
    let former = desk.code.clone();
    let renewed = desk.app.post("/api/v1/relays/1/sticker-code", &json!({})).await.json();
    let code = renewed["code"].as_str().expect("a code");
    assert_eq!(said(&desk.public(REPORTS, &form(&former)).await), unknown);
    assert_eq!(desk.public(REPORTS, &form(code)).await.status.as_u16(), 201);
    for gone in [
        Relay { sticker: StickerState::Removed, ..relay("R-1") },
        Relay { sticker: StickerState::Proposed, ..relay("R-1") },
        Relay { kind: RelayKind::Voisin, ..relay("R-1") },
    ] {
        desk.app.store.upsert_relays(&[gone], author()).await.expect("changed");
        assert_eq!(said(&desk.public(REPORTS, &form(code)).await), unknown);
        // Nor is such a sheet printed.
        let refused = desk.app.get("/api/v1/relays/1/sticker-code").await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (409, &json!("no_sticker")));
    }
    desk.app
        .store
        .upsert_relays(&[Relay { sticker: StickerState::Stale, ..relay("R-1") }], author())
        .await
        .expect("ok");
    assert_eq!(desk.public(REPORTS, &form(code)).await.status.as_u16(), 201, "it is still in the window");
    let entry = author().entry(Act::Erase, Resource::Rights).about(Subject::Relay(RelayId(1)));
    desk.app.store.erase(Subject::Relay(RelayId(1)), &erasure(), None, entry).await.expect("erased");
    assert_eq!(said(&desk.public(REPORTS, &form(code)).await), unknown);
    // Each wrong code stands in the trail alike.
    let filter = AuditFilter { act: Some(Act::Create), resource: Some(Resource::Cases), ..AuditFilter::default() };
    let rows = desk.app.store.audit(&filter).await.expect("the trail");
    let wrong = rows.iter().filter(|row| row.outcome == "refused");
    assert!(
        wrong.clone().count() == 6
            && wrong.clone().all(|row| row.subject.is_empty() && row.reason == "unknown sticker code")
    );
}

#[tokio::test]
async fn a_receipt_tells_four_steps_and_a_week_and_nothing_of_why() {
    let desk = desk().await;
    let receipt = desk.report().await;
    let (_, case) = desk.last_case().await;
    for state in CaseState::ALL {
        let informed_on = (*state != CaseState::Reported).then(|| author().today());
        let moved = Case { state: *state, informed_on, last_contact_on: informed_on, ..case.clone() };
        desk.app.store.upsert_cases(&[moved], author()).await.expect("moved");
        let answer = desk.public(STATUS, &json!({"receipt": receipt.replace(' ', "-")})).await;
        let progress = match state {
            CaseState::Reported | CaseState::ToQualify => "received",
            CaseState::Informing | CaseState::Qualified | CaseState::Proposed => "in_progress",
            CaseState::Accepted | CaseState::Accompanied | CaseState::Paused => "accompanied",
            CaseState::Closed | CaseState::Archived | CaseState::Purged => "closed",
        };
        assert_eq!(answer.json(), json!({"progress": progress, "week_on": "2026-11-23"}), "{state}");
        assert_eq!(answer.header(&header::CACHE_CONTROL), "no-store");
    }
}

#[tokio::test]
async fn a_receipt_that_nobody_was_given_one_that_had_its_time_and_one_of_somebody_erased_are_the_same_answer() {
    let desk = desk().await;
    let ask = async |receipt: &str| said(&desk.public(STATUS, &json!({"receipt": receipt})).await);
    let unknown = ask(&Receipt::of_bits(41).to_string()).await;
    assert!(unknown.starts_with("404") && unknown.contains("unknown_receipt"), "{unknown}");

    let receipt = desk.report().await;
    let (id, case) = desk.last_case().await;
    assert!(ask(&receipt).await.starts_with("200"));
    let old = Case { reported_on: receipts_kept_from(author().today()).pred_opt().expect("a day"), ..case.clone() };
    desk.app.store.upsert_cases(std::slice::from_ref(&old), author()).await.expect("older");
    assert_eq!(ask(&receipt).await, unknown, "before the daily round");
    let went = upkeep(&desk.app.store, &Durations::default(), author()).await.expect("upkeep");
    assert_eq!(went.reporters, 1);
    assert_eq!(ask(&receipt).await, unknown, "and after it");

    let receipt = desk.report().await;
    let (other, _) = desk.last_case().await;
    assert_ne!(id, other);
    informing::refuse(&desk.app.store, other, &Durations::default(), author()).await.expect("refused");
    assert_eq!(ask(&receipt).await, unknown);

    // A typing error is told apart, without a look at the database.
    let mut digits = receipt.into_bytes();
    digits[3] = (digits[3] - b'0' + 1) % 10 + b'0';
    let typo = desk.public(STATUS, &json!({"receipt": String::from_utf8(digits).expect("digits")})).await;
    assert_eq!((typo.status.as_u16(), &typo.json()["code"]), (422, &json!("receipt_typo")));
    let filter = AuditFilter { act: Some(Act::Read), resource: Some(Resource::Cases), ..AuditFilter::default() };
    let rows = desk.app.store.audit(&filter).await.expect("the trail");
    let lines: Vec<(&str, bool)> =
        rows.iter().rev().map(|row| (row.outcome.as_str(), row.subject.is_empty())).collect();
    let wrong = ("refused", true);
    assert_eq!(lines, [wrong, ("done", false), wrong, wrong, wrong], "each question is in the trail, right or wrong");
}

#[tokio::test]
async fn who_refused_before_is_taken_in_without_a_word_and_the_coordination_is_warned() {
    let desk = desk().await;
    let answered = async |name: &str| {
        let mut body = form(&desk.code);
        (body["name"], body["address"]) = (json!(name), json!("3 quai Neuf"));
        let answer = desk.public(REPORTS, &body).await;
        let receipt = answer.json()["receipt"].as_str().expect("a receipt").to_owned();
        said(&answer).replace(&receipt, "…")
    };
    let before = answered("Paul Durand").await;
    let (id, _) = desk.last_case().await;
    informing::refuse(&desk.app.store, id, &Durations::default(), author()).await.expect("refused");
    let trail = desk.app.store.audit(&AuditFilter::default()).await.expect("the trail").len();
    assert_eq!(answered("durand PAUL").await, before, "the same answer");
    let (again, _) = desk.last_case().await;
    let lines = desk.app.store.audit(&AuditFilter::default()).await.expect("the trail").len() - trail;
    assert_eq!(answered("Zoé Lefèvre").await, before);
    let (other, _) = desk.last_case().await;
    let all = desk.app.store.audit(&AuditFilter::default()).await.expect("the trail").len();
    assert_eq!(all - trail, 2 * lines, "nor is another thing written for whoever refused");
    let warned = async |id: CaseId| {
        let path = format!("/api/v1/cases/{}/relay-report", id.0);
        desk.app.get(&path).await.json()["refused_on"].clone()
    };
    assert_eq!(warned(again).await, json!("2026-11-23"));
    assert_eq!(warned(other).await, Value::Null);
}

#[tokio::test]
async fn the_answer_to_a_request_for_access_names_the_relay_and_not_who_stood_behind_its_counter() {
    let desk = desk().await;
    desk.report().await;
    let (id, _) = desk.last_case().await;
    let request = request_of(&desk.app, "access", id.0, desk.app.account_of(Role::Dpo)).await;
    let path = format!("/api/v1/rights/requests/{request}/export");
    let export = desk.app.ask(Some(Role::Dpo), Method::GET, &path, &Value::Null).await;
    let text = String::from_utf8_lossy(&export.body).into_owned();
    assert!(text.contains("Autocollant du relais : Boulangerie de l'Écluse"), "{text}");
    assert!(text.contains("De quoi rappeler la personne qui a signalé est enregistré"), "{text}");
    assert!(!text.contains("Zzrappel") && text.contains("Zzdurand"), "{text}");
}

#[tokio::test]
async fn whoever_guesses_is_slowed_down_and_a_code_reports_so_often_a_day() {
    let desk = desk().await;
    let guesser = "203.0.113.7";
    for path in [REPORTS, STATUS].repeat(GUESSES_FREE as usize / 2) {
        let mut body = form("00000-00000");
        if path == STATUS {
            body = json!({"receipt": Receipt::of_bits(41).to_string()});
        }
        assert_eq!(desk.from(guesser, path, &body).await.status.as_u16(), 404);
    }
    // From then on right and wrong are one answer.
    let blocked = desk.from(guesser, REPORTS, &form("00000-00000")).await;
    assert_eq!((blocked.status.as_u16(), blocked.header(&header::RETRY_AFTER)), (429, "60"));
    assert_eq!(said(&desk.from(guesser, REPORTS, &form(&desk.code)).await), said(&blocked));
    let receipt = json!({"receipt": Receipt::of_bits(41).to_string()});
    assert_eq!(said(&desk.from(guesser, STATUS, &receipt).await), said(&blocked));
    // Others are not kept waiting, and what is right is no guess.
    for _ in 0..REPORTS_OF_A_CODE.most {
        assert_eq!(desk.from("198.51.100.4", REPORTS, &form(&desk.code)).await.status.as_u16(), 201);
    }
    let full = desk.from("198.51.100.5", REPORTS, &form(&desk.code)).await;
    // The day's window ends at midnight, UTC: the clock of the tests stands at eight.
    assert_eq!((full.status.as_u16(), full.header(&header::RETRY_AFTER)), (429, "57600"));
    desk.app.store.upsert_relays(&[relay("R-2")], author()).await.expect("another relay");
    let other = desk.app.post("/api/v1/relays/2/sticker-code", &json!({})).await.json();
    let other = form(other["code"].as_str().expect("a code"));
    assert_eq!(desk.from("198.51.100.5", REPORTS, &other).await.status.as_u16(), 201);
    assert_eq!(desk.app.store.cases().await.expect("cases").len(), REPORTS_OF_A_CODE.most as usize + 1);
    // Nor does the table tell a code, an address or a relay.
    for path in std::fs::read_dir(desk.app.folder.path()).expect("list") {
        let bytes = std::fs::read(path.expect("entry").path()).unwrap_or_default();
        for word in [desk.code.as_str(), &desk.code.replace('-', ""), guesser, "Zzrappel", "Zzdurand", "Zzvolets"] {
            assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word} lies in a file");
        }
    }
}

#[tokio::test]
async fn how_to_call_the_reporter_back_and_the_codes_are_nobody_elses() {
    let app = TestApp::demonstration().await;
    let made = app.post("/api/v1/relays/1/sticker-code", &json!({})).await.json();
    let code = made["code"].as_str().expect("a code");
    let answer = app.ask(None, Method::POST, REPORTS, &form(code)).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", String::from_utf8_lossy(&answer.body));
    let receipt = answer.json()["receipt"].as_str().expect("a receipt").to_owned();
    let (id, _) = app.store.cases().await.expect("cases").pop().expect("a case");
    let mut shown = BTreeSet::new();
    let mut asked = 0;
    for role in Role::ALL.iter().copied().map(Some).chain([None]) {
        for route in route_table() {
            let leaves = route.path == "/api/v1/session" && route.method == Method::DELETE;
            if leaves || (route.method == Method::POST && route.path.starts_with("/api/v1/relays/")) {
                continue;
            }
            let mut objects = vec![None];
            if route.path.contains("{id}") {
                objects = vec![object(&app, role, &route, Of::Somebody).await];
                if route.method == Method::GET && route.path.starts_with("/api/v1/cases/") {
                    objects.push(Some(id.0));
                }
                if route.path.starts_with("/api/v1/relays/") {
                    objects = vec![Some(1)];
                }
            }
            for of in objects {
                let text = String::from_utf8_lossy(&ask(&app, role, &route, of).await.body).into_owned();
                for word in ["Zzrappel", code, receipt.as_str()] {
                    if text.contains(word) {
                        shown.insert((word == code, route.path.clone(), role));
                    }
                }
                asked += 1;
                if let Some(role) = role {
                    app.sign_in_again(role).await;
                }
            }
        }
    }
    let origin = "/api/v1/cases/{id}/relay-report".to_owned();
    let expected = BTreeSet::from([
        (false, origin.clone(), Some(Role::Accueil)),
        (false, origin, Some(Role::Coordination)),
        (true, "/api/v1/relays/{id}/sticker-code".to_owned(), Some(Role::Coordination)),
    ]);
    assert_eq!(shown, expected, "of {asked} answers");
}
