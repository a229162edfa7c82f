//! Who may do what: every route of the router × every role, and the printed table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use bienveilleurs::domain::access::{Fields, Record, Right, Role, Whose, precision};
use bienveilleurs::domain::audit::Act;
use bienveilleurs::domain::case::{Case, CaseId, CaseState};
use bienveilleurs::domain::retention::Durations;
use bienveilleurs::domain::visit::Absence;
use bienveilleurs::http::{Route, route_table};
use bienveilleurs::service::retention;
use bienveilleurs::service::rights::{self, RequestForm};
use bienveilleurs::store::AuditFilter;
use serde_json::{Value, json};

use crate::app::{Answer, TestApp, VOLUNTEER, author, now};
use crate::store_contract;

/// Who may use a route, written by hand: a new route fails until somebody has thought about it here.
const ROLES: &[(&str, &str)] = &[
    ("DELETE /api/v1/absences/{id}", "coordination bienveilleur"),
    ("DELETE /api/v1/account/devices/{id}", "signed in"),
    ("DELETE /api/v1/account/second-factor", "signed in"),
    ("DELETE /api/v1/account/sessions/{id}", "signed in"),
    ("DELETE /api/v1/accounts/{id}/second-factor", "administration"),
    ("DELETE /api/v1/accounts/{id}/sessions", "administration"),
    ("DELETE /api/v1/cases/{id}/conflicts/{volunteer}", "coordination"),
    ("DELETE /api/v1/session", "everybody"),
    ("GET /", "everybody"),
    ("GET /api/docs", "signed in"),
    ("GET /api/docs/{*rest}", "signed in"),
    ("GET /api/openapi.json", "everybody"),
    ("GET /api/v1/absences", "coordination bienveilleur"),
    ("GET /api/v1/account/devices", "signed in"),
    ("GET /api/v1/account/sessions", "signed in"),
    ("GET /api/v1/accounts", "administration"),
    ("GET /api/v1/audit", "dpo"),
    ("GET /api/v1/audit/export", "dpo"),
    ("GET /api/v1/cases/{id}/details", "coordination"),
    ("GET /api/v1/cases/{id}/life", "coordination bienveilleur"),
    ("GET /api/v1/cases/{id}/relay-report", "accueil coordination"),
    ("GET /api/v1/cases/{id}/reports", "accueil coordination"),
    ("GET /api/v1/coverage", "coordination pilotage diffusion"),
    ("GET /api/v1/dpia", "dpo"),
    ("GET /api/v1/follow-up", "coordination"),
    ("GET /api/v1/layers/case-hexes", "coordination pilotage"),
    ("GET /api/v1/layers/cases", "accueil coordination bienveilleur"),
    ("GET /api/v1/layers/coverage", "coordination pilotage diffusion"),
    ("GET /api/v1/layers/ground", "everybody"),
    ("GET /api/v1/layers/hexes", "coordination pilotage diffusion"),
    ("GET /api/v1/layers/matches", "coordination bienveilleur"),
    ("GET /api/v1/layers/quarters", "everybody"),
    ("GET /api/v1/layers/relays", "everybody"),
    ("GET /api/v1/layers/streets", "everybody"),
    ("GET /api/v1/layers/volunteers", "coordination pilotage"),
    ("GET /api/v1/notices", "dpo"),
    ("GET /api/v1/register", "dpo"),
    ("GET /api/v1/relays/{id}/sticker-code", "coordination"),
    ("GET /api/v1/retention", "coordination dpo"),
    ("GET /api/v1/retention/runs/{id}", "coordination dpo"),
    ("GET /api/v1/rights/requests", "dpo"),
    ("GET /api/v1/rights/requests/{id}/export", "dpo"),
    ("GET /api/v1/rights/to-inform", "coordination dpo"),
    ("GET /api/v1/session", "everybody"),
    ("GET /api/v1/study-area", "signed in"),
    ("GET /api/v1/viewers", "coordination"),
    ("GET /assets/{*path}", "everybody"),
    ("GET /favicon.svg", "everybody"),
    ("GET /healthz", "everybody"),
    ("GET /metrics", "administration"),
    ("GET /readyz", "everybody"),
    ("POST /api/v1/absences", "coordination bienveilleur"),
    ("POST /api/v1/absences/plan", "coordination"),
    ("POST /api/v1/account/devices", "bienveilleur"),
    ("POST /api/v1/account/second-factor", "signed in"),
    ("POST /api/v1/accounts", "administration"),
    ("POST /api/v1/addresses/search", "accueil coordination"),
    ("POST /api/v1/audit/verification", "dpo"),
    ("POST /api/v1/batches", "coordination"),
    ("POST /api/v1/batches/proposals", "coordination"),
    ("POST /api/v1/break-glass", "accueil pilotage"),
    ("POST /api/v1/cases", "accueil coordination"),
    ("POST /api/v1/cases/duplicates", "accueil coordination"),
    ("POST /api/v1/cases/search", "accueil coordination"),
    ("POST /api/v1/cases/{id}/informed", "coordination"),
    ("POST /api/v1/cases/{id}/match", "coordination"),
    ("POST /api/v1/cases/{id}/moves", "coordination bienveilleur"),
    ("POST /api/v1/cases/{id}/referrals", "coordination"),
    ("POST /api/v1/cases/{id}/refusal", "coordination"),
    ("POST /api/v1/cases/{id}/undo", "coordination bienveilleur"),
    ("POST /api/v1/cases/{id}/reports", "accueil coordination"),
    ("POST /api/v1/notices/{id}/seen", "dpo"),
    ("POST /api/v1/relay-reports", "everybody"),
    ("POST /api/v1/relay-reports/status", "everybody"),
    ("POST /api/v1/relays/{id}/sticker-code", "coordination"),
    ("POST /api/v1/retention/runs", "dpo"),
    ("POST /api/v1/retention/runs/{id}/proof", "dpo"),
    ("POST /api/v1/retention/runs/{id}/purge", "dpo"),
    ("POST /api/v1/retention/runs/{id}/sign-off", "coordination"),
    ("POST /api/v1/rights/requests", "dpo"),
    ("POST /api/v1/rights/requests/{id}/carry-out", "dpo"),
    ("POST /api/v1/rights/requests/{id}/close", "dpo"),
    ("POST /api/v1/rights/requests/{id}/proof", "dpo"),
    ("POST /api/v1/rights/subjects", "dpo"),
    ("POST /api/v1/session", "everybody"),
    ("POST /api/v1/session/pin", "everybody"),
    ("PUT /api/v1/account/password", "signed in"),
    ("PUT /api/v1/account/second-factor", "signed in"),
    ("PUT /api/v1/accounts/{id}", "administration"),
    ("PUT /api/v1/accounts/{id}/password", "administration"),
    ("PUT /api/v1/cases/{id}/conflicts/{volunteer}", "coordination"),
    ("PUT /api/v1/cases/{id}/details", "coordination"),
    ("PUT /api/v1/cases/{id}/referrals/{referral}/outcome", "coordination"),
];

fn allowed(route: &str) -> Vec<Role> {
    let who = ROLES
        .iter()
        .find(|(known, _)| *known == route)
        .unwrap_or_else(|| panic!("{route} is new: say in tests/it/access.rs who may use it"));
    match who.1 {
        "everybody" | "signed in" => Role::ALL.to_vec(),
        roles => roles.split(' ').map(|role| role.parse().expect("a role")).collect(),
    }
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// What those who may use a route get of an object of their own, and of somebody else's; written by hand. `None` where
/// nothing is their own.
const OBJECTS: &[(&str, Option<u16>, u16)] = &[
    ("DELETE /api/v1/absences/{id}", Some(204), 204),
    ("DELETE /api/v1/account/devices/{id}", Some(204), 404),
    ("DELETE /api/v1/account/sessions/{id}", Some(204), 404),
    ("DELETE /api/v1/accounts/{id}/second-factor", Some(204), 204),
    ("DELETE /api/v1/accounts/{id}/sessions", Some(204), 204),
    ("DELETE /api/v1/cases/{id}/conflicts/{volunteer}", None, 204),
    ("GET /api/v1/cases/{id}/details", None, 200),
    ("GET /api/v1/cases/{id}/life", Some(200), 200),
    ("GET /api/v1/cases/{id}/relay-report", None, 200),
    ("GET /api/v1/relays/{id}/sticker-code", Some(200), 200),
    ("GET /api/v1/cases/{id}/reports", None, 200),
    ("GET /api/v1/retention/runs/{id}", Some(200), 200),
    ("GET /api/v1/rights/requests/{id}/export", Some(200), 200),
    ("POST /api/v1/cases/{id}/informed", None, 204),
    ("POST /api/v1/cases/{id}/match", None, 200),
    ("POST /api/v1/cases/{id}/moves", Some(200), 200),
    ("POST /api/v1/cases/{id}/referrals", None, 201),
    ("POST /api/v1/cases/{id}/refusal", None, 204),
    // Nothing was done with it yet.
    ("POST /api/v1/cases/{id}/undo", Some(409), 409),
    ("POST /api/v1/cases/{id}/reports", None, 201),
    ("POST /api/v1/notices/{id}/seen", Some(204), 204),
    ("POST /api/v1/relays/{id}/sticker-code", Some(201), 201),
    // Nobody was purged or erased yet whose going could be proved again.
    ("POST /api/v1/retention/runs/{id}/proof", Some(409), 409),
    ("POST /api/v1/retention/runs/{id}/purge", Some(200), 200),
    // Nobody signs what he or she prepared.
    ("POST /api/v1/retention/runs/{id}/sign-off", Some(409), 200),
    ("POST /api/v1/rights/requests/{id}/carry-out", Some(200), 200),
    ("POST /api/v1/rights/requests/{id}/close", Some(200), 200),
    ("POST /api/v1/rights/requests/{id}/proof", Some(409), 409),
    ("PUT /api/v1/accounts/{id}", Some(200), 200),
    ("PUT /api/v1/accounts/{id}/password", Some(204), 204),
    // Without saying which version is corrected.
    ("PUT /api/v1/cases/{id}/conflicts/{volunteer}", None, 204),
    ("PUT /api/v1/cases/{id}/details", None, 428),
    ("PUT /api/v1/cases/{id}/referrals/{referral}/outcome", None, 204),
];

/// Routes on which a volunteer gets nothing of what is not his or her own, as if it were not there.
const OWN_ONLY: &[&str] = &[
    "DELETE /api/v1/absences/{id}",
    "GET /api/v1/cases/{id}/life",
    "POST /api/v1/cases/{id}/moves",
    "POST /api/v1/cases/{id}/undo",
];

/// Whose object is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Asker,
    Somebody,
}

/// A new object that the `{id}` of a route may name: the asker's own, or somebody else's. `None` where there is none.
pub async fn object(app: &TestApp, role: Option<Role>, route: &Route, of: Of) -> Option<i64> {
    let owner = match of {
        Of::Asker => app.account_of(role?),
        Of::Somebody => app.stranger().await,
    };
    let resource = route.path.strip_prefix("/api/v1/").and_then(|path| path.split_once("/{id}"))?.0;
    Some(match resource {
        "absences" => {
            let of = match of {
                Of::Asker => Some(VOLUNTEER).filter(|_| role == Some(Role::Bienveilleur))?,
                Of::Somebody => "BV-02",
            };
            let volunteers = app.store.volunteers().await.expect("volunteers");
            let (id, _) = volunteers.iter().find(|(_, v)| v.reference == of).expect("a volunteer");
            let day = author().today();
            app.store
                .add_absence(*id, Absence { from_on: day, to_on: day }, author())
                .await
                .expect("written")
                .expect("days away")
        }
        "account/devices" => app.device_of(owner).await,
        "account/sessions" => app.session_of(owner).await.0,
        "accounts" => owner,
        "cases" => match of {
            Of::Somebody => new_case(app, None).await,
            // A case is nobody's own but the volunteer's who has it.
            Of::Asker => new_case(app, Some(Some(VOLUNTEER).filter(|_| role == Some(Role::Bienveilleur))?)).await,
        },
        "notices" => {
            let (session, _) = app.session_of(owner).await;
            let reason = "une fuite de gaz rue des essais";
            app.store.break_glass(owner, session, reason, now(), author()).await.expect("a notice");
            app.store.notices().await.expect("notices")[0].id
        }
        // A shop with a sticker is nobody's: the demonstration's first one.
        "relays" => app.store.relays().await.expect("relays")[0].0.0,
        "rights/requests" => {
            let kind = if route.path.ends_with("/carry-out") { "erasure" } else { "access" };
            request_of(app, kind, new_case(app, None).await, owner).await
        }
        "retention/runs" => {
            let run =
                retention::prepare(&app.store, &Durations::default(), Some(owner), author()).await.expect("a run");
            if route.path.ends_with("/purge") {
                let second = app.stranger().await;
                retention::sign_off(&app.store, run.id, second, author()).await.expect("signed");
            }
            run.id
        }
        other => panic!("{other} is new: say in tests/it/access.rs what its objects are"),
    })
}

async fn new_case(app: &TestApp, volunteer: Option<&str>) -> i64 {
    let state = if volunteer.is_some() { CaseState::Accompanied } else { CaseState::Qualified };
    let case = Case { volunteer: volunteer.map(str::to_owned), state, ..store_contract::case("") };
    app.store.insert_case(&case, None, author()).await.expect("a case").0
}

/// A request that an officer has noted down about a case.
pub async fn request_of(app: &TestApp, kind: &str, case: i64, officer: i64) -> i64 {
    let form = RequestForm {
        kind: kind.into(),
        subject: Some(("case".into(), case)),
        received_on: author().today(),
        note: "par lettre".into(),
    };
    rights::create(&app.store, &form, Some(officer), author()).await.expect("a request").id
}

/// A request that a route takes, on the object of this key where it names one.
pub async fn ask(app: &TestApp, role: Option<Role>, route: &Route, id: Option<i64>) -> Answer {
    let path = match route.path.as_str() {
        "/assets/{*path}" => "/assets/none.js".to_owned(),
        "/api/docs/{*rest}" => "/api/docs/index.css".to_owned(),
        "/api/v1/coverage" | "/api/v1/layers/coverage" | "/api/v1/layers/hexes" => {
            format!("{}?by=volunteer", route.path)
        }
        path => {
            let referral = match id.filter(|_| path.contains("{referral}")) {
                Some(id) => {
                    let day = author().today();
                    app.store.refer(CaseId(id), "un organisme", day, author()).await.expect("written").unwrap_or(0)
                }
                None => 0,
            };
            let path = path.replace("{volunteer}", "2").replace("{referral}", &referral.to_string());
            id.map_or(path.clone(), |id| path.replace("{id}", &id.to_string()))
        }
    };
    let body = match name(route).as_str() {
        "POST /api/v1/session" => json!({"login": "nobody", "password": "nothing"}),
        "POST /api/v1/session/pin" => json!({"pin": "000000"}),
        "POST /api/v1/account/devices" => json!({"pin": "111111"}),
        "POST /api/v1/break-glass" => json!({"reason": "court"}),
        "PUT /api/v1/account/password" => json!({"current": "wrong", "new": "wrong"}),
        "PUT /api/v1/account/second-factor" => json!({"code": "000000"}),
        "POST /api/v1/cases/{id}/informed" => json!({"on": "2026-11-20"}),
        "POST /api/v1/rights/subjects" => json!({"name": "Zzprenom Zzfamille", "phone": "", "address": ""}),
        "POST /api/v1/rights/requests" => {
            json!({"kind": "access", "subject": null, "received_on": "2026-11-20", "note": "par lettre"})
        }
        "POST /api/v1/rights/requests/{id}/close" => json!({"outcome": "refused", "note": "sans objet"}),
        "POST /api/v1/accounts" => json!({"login": "x", "name": "x", "roles": [], "password": "x"}),
        "PUT /api/v1/accounts/{id}" => json!({"name": "x", "roles": ["administration"], "disabled": false}),
        "PUT /api/v1/accounts/{id}/password" => json!({"new": "Quatre ânes gris longent le canal 7"}),
        "PUT /api/v1/cases/{id}/details" => json!({
            "address": "près du square", "family_name": "", "given_name": "", "phone": "", "languages": [], "notes": "",
        }),
        "POST /api/v1/cases" => json!({"address": "près du square", "notes": "Volets fermés", "channel": "voisin"}),
        "POST /api/v1/relay-reports" => json!({"code": "00000-00000", "notes": "Volets fermés", "address": "ici"}),
        "POST /api/v1/relay-reports/status" => json!({"receipt": "0000 0000 0000 0000"}),
        "POST /api/v1/cases/{id}/reports" => json!({"notes": "Volets fermés", "channel": "voisin"}),
        // Words that some cases bear: of the demonstration, and of the canaries.
        "POST /api/v1/cases/search" => json!({"q": "zzprenom"}),
        "POST /api/v1/cases/duplicates" => json!({"family_name": "ZzfamilleOpen", "address": "7 impasse ZzrueOwnCase"}),
        "POST /api/v1/addresses/search" => json!({"q": "12 rue"}),
        "POST /api/v1/absences" if role == Some(Role::Bienveilleur) => {
            json!({"from_on": "2026-12-01", "to_on": "2026-12-02"})
        }
        "POST /api/v1/absences" | "POST /api/v1/absences/plan" => {
            json!({"volunteer_id": 1, "from_on": "2026-12-01", "to_on": "2026-12-02"})
        }
        "POST /api/v1/batches/proposals" => json!({"lines": []}),
        "POST /api/v1/cases/{id}/referrals" => json!({"institution": "un service", "on": "2026-11-20"}),
        "PUT /api/v1/cases/{id}/referrals/{referral}/outcome" => json!({"outcome": "declined", "on": "2026-11-23"}),
        "POST /api/v1/cases/{id}/moves" => {
            let version = match id {
                Some(id) => version_of(app, id).await,
                None => 0,
            };
            let body = json!({"act": "contact", "note": "Zzcontact"});
            return move_at(app, role, &path, version, &body).await;
        }
        _ => json!({}),
    };
    app.ask(role, route.method.clone(), &path, &body).await
}

/// The version of a case; 0 when there is none.
pub async fn version_of(app: &TestApp, case: i64) -> i64 {
    let versions = app.store.case_versions().await.expect("versions");
    versions.into_iter().find(|(id, _)| id.0 == case).map_or(0, |(_, version)| version)
}

/// Asks for a move of a case that was seen at this version.
pub async fn move_at(app: &TestApp, role: Option<Role>, path: &str, version: i64, body: &Value) -> Answer {
    let request = app.request(role, Method::POST, path).header(header::IF_MATCH, format!("\"{version}\""));
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()));
    app.send(request.expect("a request")).await
}

#[tokio::test]
async fn every_route_answers_the_roles_it_is_for_and_nobody_else() {
    let app = TestApp::demonstration().await;
    let mut seen = 0;
    // Who has signed out is asked no more.
    let mut routes = route_table();
    routes.sort_by_key(|route| route.method == Method::DELETE && route.path == "/api/v1/session");
    for route in routes {
        let allowed = allowed(&name(&route));
        for role in Role::ALL.iter().copied().map(Some).chain([None]) {
            let id = object(&app, role, &route, Of::Somebody).await;
            let answer = ask(&app, role, &route, id).await;
            let open = ROLES.contains(&(name(&route).as_str(), "everybody"));
            let may = role.map_or(open, |role| open || allowed.contains(&role));
            // A wrong password is an answer too.
            let tried = route.path.starts_with("/api/v1/session");
            let refused = !tried && matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            assert_eq!(!refused, may, "{} for {role:?}: {}", name(&route), answer.status);
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{} for {role:?}", name(&route));
            if !may {
                let expected = if role.is_none() { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
                assert_eq!(answer.status, expected, "{} for {role:?}", name(&route));
            }
            seen += 1;
        }
    }
    println!("{seen} answers, {} routes × {} roles and nobody", route_table().len(), Role::ALL.len());
}

#[tokio::test]
async fn every_route_that_names_an_object_answers_for_ones_own_and_for_somebody_elses_as_the_table_says() {
    let app = TestApp::demonstration().await;
    let mut seen = 0;
    for route in route_table().into_iter().filter(|route| route.path.contains("{id}")) {
        let known = OBJECTS.iter().find(|(known, ..)| *known == name(&route));
        let (_, own, others) = known.unwrap_or_else(|| panic!("{} is new: say what it answers", name(&route)));
        let allowed = allowed(&name(&route));
        for role in Role::ALL.iter().copied().map(Some).chain([None]) {
            for of in [Of::Asker, Of::Somebody] {
                let Some(id) = object(&app, role, &route, of).await else { continue };
                let expected = match (role, of) {
                    (None, _) => Some(401),
                    (Some(role), _) if !allowed.contains(&role) => Some(403),
                    (Some(Role::Bienveilleur), Of::Somebody) if OWN_ONLY.contains(&name(&route).as_str()) => Some(404),
                    (_, Of::Asker) => *own,
                    (_, Of::Somebody) => Some(*others),
                };
                let answer = ask(&app, role, &route, Some(id)).await;
                let said = String::from_utf8_lossy(&answer.body).into_owned();
                let what = format!("{} for {role:?} on an object of {of:?}: {said}", name(&route));
                assert_eq!(Some(answer.status.as_u16()), expected, "{what}");
                // One's own session may have been the object.
                if let Some(role) = role {
                    app.sign_in_again(role).await;
                }
                seen += 1;
            }
        }
    }
    println!("{seen} answers on objects");
}

#[tokio::test]
async fn what_somebody_signed_in_is_refused_stands_in_the_trail_without_what_was_typed() {
    let app = TestApp::demonstration().await;
    let cases = app.get("/api/v1/layers/cases").await.json();
    let known = cases["features"].as_array().expect("cases").iter().find(|case| case["properties"]["phone"] != "");
    let id = known.expect("somebody with a phone")["id"].clone();
    let refusal = app.post(&format!("/api/v1/cases/{id}/refusal"), &json!({})).await;
    assert!(refusal.status.is_success(), "{}", refusal.json());
    let phone = known.expect("somebody")["properties"]["phone"].clone();
    let as_somebody = async |account: i64, method: Method, path: &str| {
        let request = app.request(Some(Role::Coordination), method, path).header("view-as", account);
        let request = request.header(axum::http::header::CONTENT_TYPE, "application/json").body("{}".into());
        app.send(request.expect("a request")).await.status.as_u16()
    };
    let of = async |role: &str| {
        app.store.credentials_of(&format!("essai {role}")).await.expect("read").expect("an account").id
    };
    let filter = AuditFilter { act: Some(Act::Refuse), ..AuditFilter::default() };
    let before = app.store.audit(&filter).await.expect("the trail").len();
    for account in [of("dpo").await, of("administration").await, 424_242] {
        assert_eq!(as_somebody(account, Method::GET, "/api/v1/layers/cases").await, 404);
    }
    assert_eq!(as_somebody(of("accueil").await, Method::POST, "/api/v1/cases").await, 403);
    let ask = async |role: Role, method: Method, path: &str, body: Value| {
        app.ask(Some(role), method, path, &body).await.status.as_u16()
    };
    let report = json!({ "address": "près du square", "notes": "Volets fermés", "channel": "voisin", "phone": phone });
    assert_eq!(ask(Role::Accueil, Method::POST, "/api/v1/cases", report).await, 409);
    let pin = json!({ "pin": "481957" });
    assert_eq!(ask(Role::Accueil, Method::POST, "/api/v1/account/devices", pin).await, 403);
    assert_eq!(ask(Role::Dpo, Method::POST, "/api/v1/retention/runs", json!({})).await / 100, 2);
    assert_eq!(ask(Role::Dpo, Method::POST, "/api/v1/retention/runs/1/purge", json!({})).await, 409);
    assert_eq!(ask(Role::Diffusion, Method::GET, "/api/v1/audit", Value::Null).await, 403);
    // What is only mistyped is no such attempt, nor is what nobody signed in asks for.
    assert_eq!(ask(Role::Accueil, Method::POST, "/api/v1/cases", json!({})).await, 422);
    assert_eq!(app.ask(None, Method::GET, "/api/v1/audit", &Value::Null).await.status.as_u16(), 401);
    let mut rows = app.store.audit(&filter).await.expect("the trail");
    rows.truncate(rows.len() - before);
    let lines: Vec<&str> = rows.iter().rev().map(|row| row.reason.as_str()).collect();
    assert_eq!(
        lines,
        [
            "GET view_as: not_found",
            "GET view_as: not_found",
            "GET view_as: not_found",
            "POST view_as: view_as_reads_only",
            "POST report_cases: opposition_recorded",
            "POST own_account: not_allowed",
            "POST prepare_retention: not_signed",
            "GET see_audit: not_allowed",
        ]
    );
    assert!(
        rows.iter().all(|row| row.outcome == "refused" && row.actor.starts_with("account:") && row.subject.is_empty())
    );
}

#[test]
fn the_table_in_the_tests_names_no_route_that_is_gone() {
    let routes: Vec<String> = route_table().iter().map(name).collect();
    for route in ROLES.iter().map(|(route, _)| route).chain(OBJECTS.iter().map(|(route, ..)| route)) {
        assert!(routes.contains(&(*route).to_owned()), "{route} is gone");
    }
}

/// `docs/ACCESS.md` as it should be now.
fn access_document() -> String {
    let mut text = String::from(
        "# Who may see what\n\nPrinted from `src/domain/access.rs` and the router by `tests/it/access.rs`; after a change, run \
         `BV_WRITE_DOCS=1 cargo test --test it access::`.\n\n## How exactly each role sees a record\n\n`nothing` < `quarter` < \
         `cell` < `masked` < `street` < `exact`. A person with several roles has the best of them. *anybody*: any record of \
         the kind; *proposed*: a case offered to the volunteer who looks; *own*: one that he or she has accepted, or the \
         volunteer's own record; *public*: a relay with premises and a sticker, of no private person, which everybody sees, \
         signed in or not (its kind only when it is looked for as such); *requested*: the record of somebody whose request \
         for access is open, and the name of such a case's volunteer. Break-glass shows cases exactly for its time, to the \
         session that broke it: borrowed eyes (“Voir en tant que…”) never have it. A session that began with a PIN has the \
         role `bienveilleur` alone. A proposed case shows a volunteer the quarter, a walking-time bucket and the \
         languages.\n\n| Record | Whose | Fields |",
    );
    for role in Role::ALL {
        let _ = write!(text, " {role} |");
    }
    text.push_str("\n|---|---|---|");
    text.push_str(&"---|".repeat(Role::ALL.len()));
    text.push('\n');
    for record in Record::ALL {
        let kinds: &[Whose] = match record {
            Record::Cases => &[Whose::Anybody, Whose::Proposed, Whose::Own, Whose::Requested],
            Record::Volunteers => &[Whose::Anybody, Whose::Own, Whose::Requested],
            Record::Relays => &[Whose::Anybody, Whose::Public],
        };
        for whose in kinds {
            for fields in Fields::ALL {
                let row: Vec<String> =
                    Role::ALL.iter().map(|role| precision(*role, *record, *whose, *fields).to_string()).collect();
                if row.iter().any(|cell| cell != "nothing") {
                    let row: Vec<String> =
                        row.into_iter().map(|cell| if cell == "nothing" { "–".to_owned() } else { cell }).collect();
                    let _ = writeln!(text, "| {record} | {whose} | {fields} | {} |", row.join(" | "));
                }
            }
        }
    }
    text.push_str("\nWhat is not listed is seen by nobody.\n\n## Who may use which part\n\n| Right | Roles | Routes |\n|---|---|---|\n");
    let mut routes: BTreeMap<Right, Vec<String>> = BTreeMap::new();
    for route in route_table() {
        routes.entry(route.right).or_default().push(format!("`{} {}`", route.method, route.path));
    }
    for right in Right::ALL {
        let roles: Vec<String> = right.roles().iter().map(ToString::to_string).collect();
        let roles = match (*right, right.roles().len() == Role::ALL.len()) {
            (Right::Open, _) => "everybody".to_owned(),
            (_, true) => "everybody signed in".to_owned(),
            _ => roles.join(", "),
        };
        let _ =
            writeln!(text, "| {right} | {roles} | {} |", routes.get(right).map(|r| r.join(" ")).unwrap_or_default());
    }
    text
}

#[test]
fn the_printed_table_is_the_one_in_force() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ACCESS.md");
    if std::env::var_os("BV_WRITE_DOCS").is_some() {
        std::fs::write(path, access_document()).expect("write");
    }
    let printed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(printed == access_document(), "docs/ACCESS.md is stale: BV_WRITE_DOCS=1 cargo test --test it access::");
}
