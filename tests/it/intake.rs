//! Taking reports over HTTP: search first, likenesses, one more report, dangers, places outside, forms sent twice.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::{Act, Resource, Subject};
use bienveilleurs::domain::case::{Case, CaseId};
use bienveilleurs::store::AuditFilter;
use serde_json::{Value, json};

use crate::access::request_of;
use crate::app::{self, Answer, TestApp};
use crate::store_contract::case;

async fn ask(app: &TestApp, role: Role, path: &str, body: Value) -> Answer {
    app.ask(Some(role), Method::POST, path, &body).await
}

/// Sends a form with its key.
async fn send(app: &TestApp, path: &str, key: &str, body: &Value) -> Answer {
    let request = app.request(Some(Role::Accueil), Method::POST, path).header("idempotency-key", key);
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()));
    app.send(request.expect("a request")).await
}

/// Zoé, who was reported before.
async fn with_zoe() -> (TestApp, i64) {
    let app = TestApp::demonstration().await;
    let zoe = Case {
        family_name: "Zzlefèvre".into(),
        given_name: "Zoé".into(),
        phone: "+33 6 99 88 77 66".into(),
        address: "7 impasse Zzmouette".into(),
        position: None,
        ..case("")
    };
    let id = app.store.insert_case(&zoe, None, app::author()).await.expect("a case").0;
    (app, id)
}

#[tokio::test]
async fn somebody_is_found_by_phone_name_or_street_with_the_reason_and_each_search_is_in_the_trail() {
    let (app, id) = with_zoe().await;
    for (q, why) in [
        ("06 99 88 77 66", "same_phone"),
        ("0033699887766", "same_phone"),
        ("zzlefevre", "name"),
        ("ZZLEF", "name"),
        ("zzlefevr zoe", "name"),
        ("zzlefevbe", "near_name"),
        ("zzmouette", "address"),
        ("7 imp zzmouete", "near_address"),
    ] {
        for role in [Role::Accueil, Role::Coordination] {
            let found = ask(&app, role, "/api/v1/cases/search", json!({ "q": q })).await.json();
            let first = &found["cases"][0];
            assert_eq!(first["id"], id, "{q} for {role}: {found}");
            assert!(first["why"].as_array().expect("reasons").contains(&json!(why)), "{q}: {first}");
            for field in ["reference", "name", "address", "phone", "state", "reported_on"] {
                assert!(first[field].is_string(), "{field} of {first}");
            }
            // Nothing of the situation, for anybody: it is a list of who it may be.
            assert!(first["notes"].is_null() && first["signs"].is_null());
        }
    }
    let filter = AuditFilter { act: Some(Act::Search), resource: Some(Resource::Cases), ..AuditFilter::default() };
    let lines = app.store.audit(&filter).await.expect("the trail");
    assert_eq!(lines.len(), 16);
    assert!(lines.iter().all(|line| line.records >= 1 && line.reason.is_empty()), "never what was typed");
    let nobody = ask(&app, Role::Accueil, "/api/v1/cases/search", json!({ "q": "xyzzyx" })).await.json();
    assert_eq!(nobody, json!({ "cases": [] }));
}

#[tokio::test]
async fn who_it_may_be_is_a_warning_with_its_reasons_and_never_a_refusal() {
    let (app, id) = with_zoe().await;
    let typed = json!({ "family_name": "Zzlefevre", "given_name": "zoe", "phone": "06.99.88.77.66" });
    let found = ask(&app, Role::Accueil, "/api/v1/cases/duplicates", typed).await.json();
    assert_eq!(found["candidates"][0]["id"], id);
    assert_eq!(found["candidates"][0]["why"], json!(["same_phone", "same_name"]));
    assert_eq!(found["place"]["sector"], "unlocated");
    let typed = json!({ "address": "7, impasse zzmouette" });
    let found = ask(&app, Role::Accueil, "/api/v1/cases/duplicates", typed).await.json();
    assert_eq!(found["candidates"][0]["why"], json!(["same_address"]));
    // Households share phones: the second person is recorded all the same.
    let other = json!({ "given_name": "Marc", "phone": "0699887766", "address": "7 impasse Zzmouette",
        "notes": "Ne sort plus", "channel": "telephone" });
    assert_eq!(ask(&app, Role::Accueil, "/api/v1/cases", other).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn one_more_report_goes_to_the_case_that_is_there_and_who_told_it_is_kept_apart() {
    let (app, id) = with_zoe().await;
    let count = app.store.cases().await.expect("cases").len();
    let path = format!("/api/v1/cases/{id}/reports");
    let told = json!({ "notes": "Zzvolets fermés", "channel": "voisin", "reporter_name": "Zzlise Martin",
        "reporter_phone": "06 11 22 33 44", "reporter_relation": "zzvoisine", "mobility": "ne_sort_pas", "people": 2 });
    let added = ask(&app, Role::Accueil, &path, told).await;
    assert_eq!((added.status, &added.json()["id"]), (StatusCode::CREATED, &json!(id)));
    assert_eq!(app.store.cases().await.expect("cases").len(), count);
    let seen = app.ask(Some(Role::Coordination), Method::GET, &path, &Value::Null).await.json();
    let report = &seen["reports"][0];
    assert_eq!((&report["seen"], &report["reporter"]["name"]), (&json!("Zzvolets fermés"), &json!("Zzlise Martin")));
    assert_eq!((&seen["mobility"], &seen["people"]), (&json!("ne_sort_pas"), &json!(2)));
    let desk = app.ask(Some(Role::Accueil), Method::GET, &path, &Value::Null).await.json();
    assert_eq!(desk["reports"][0]["reporter"]["phone"], "06 11 22 33 44");
    assert!(desk["reports"][0]["seen"].is_null() && desk["mobility"].is_null(), "{desk}");
    let about = app.store.pseudonym(Subject::Case(CaseId(id)));
    let filter = AuditFilter { resource: Some(Resource::Reports), subject: Some(about), ..AuditFilter::default() };
    let acts: Vec<String> = app.store.audit(&filter).await.expect("the trail").into_iter().map(|row| row.act).collect();
    assert_eq!(acts, ["read", "read", "create"]);
    // The person is told what was seen and by which way it came; who told it is in no answer to her.
    let officer = app.account_of(Role::Dpo);
    let request = request_of(&app, "access", id, officer).await;
    let path = format!("/api/v1/rights/requests/{request}/export");
    let export = app.ask(Some(Role::Dpo), Method::GET, &path, &Value::Null).await;
    let export = String::from_utf8(export.body).expect("text");
    assert!(export.contains("Zzvolets fermés") && export.contains("un voisin") && export.contains("ne sort pas"));
    for word in ["Zzlise", "06 11 22 33 44", "zzvoisine"] {
        assert!(!export.contains(word), "{word} in {export}");
    }
    let unknown =
        ask(&app, Role::Accueil, "/api/v1/cases/404404/reports", json!({ "notes": "x", "channel": "voisin" }));
    assert_eq!(unknown.await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_danger_is_not_recorded_without_what_was_done_about_it() {
    let (app, id) = with_zoe().await;
    for sign in ["danger_immediat", "idees_suicidaires"] {
        for path in ["/api/v1/cases".to_owned(), format!("/api/v1/cases/{id}/reports")] {
            let mut told = json!({ "notes": "Ne répond plus", "channel": "voisin", "signs": [sign] });
            if path.ends_with("/cases") {
                told["address"] = json!("près du square");
            }
            let refused = ask(&app, Role::Accueil, &path, told.clone()).await;
            assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (422, &json!("danger_action")), "{path}");
            told["danger_action"] = json!("Les pompiers sont en route");
            let taken = ask(&app, Role::Accueil, &path, told).await;
            assert_eq!(taken.status, StatusCode::CREATED, "{path}: {}", taken.json());
            let case = CaseId(taken.json()["id"].as_i64().expect("a key"));
            let reports = app.store.reports_of(case).await.expect("reports");
            assert_eq!(reports.last().expect("a report").1.danger_action, "Les pompiers sont en route");
            let found = app.post(&format!("/api/v1/cases/{}/match", case.0), &json!({})).await.json();
            assert_eq!((&found["danger"], &found["matches"]), (&json!(true), &json!([])));
        }
    }
}

#[tokio::test]
async fn a_point_on_the_map_is_a_place_and_one_outside_is_told_and_never_lost() {
    let app = TestApp::demonstration().await;
    let inside = json!({ "position": [0.1342, 49.498], "notes": "Volets fermés", "channel": "voisin" });
    let created = ask(&app, Role::Accueil, "/api/v1/cases", inside).await.json();
    assert_eq!(created["geometry"]["coordinates"], json!([0.1342, 49.498]));
    assert_eq!(created["properties"]["sector"], "inside");
    let far = json!({ "address": "près de la mairie de Rouen", "position": [1.0993, 49.4431] });
    let told = ask(&app, Role::Accueil, "/api/v1/cases/duplicates", far.clone()).await.json()["place"].clone();
    assert_eq!(told["sector"], "outside");
    assert!(told["nearest_quarter"].is_string() && told["nearest_quarter_m"].as_f64() > Some(50_000.0), "{told}");
    let mut report = far;
    report["notes"] = json!("Volets fermés");
    report["channel"] = json!("voisin");
    let created = ask(&app, Role::Accueil, "/api/v1/cases", report).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let seen = created.json()["properties"].clone();
    assert_eq!((&seen["sector"], &seen["nearest_quarter"]), (&json!("outside"), &told["nearest_quarter"]));
    for position in [json!([200.0, 49.0]), json!([0.1, 91.0])] {
        let wrong = json!({ "position": position, "notes": "x", "channel": "voisin" });
        let refused = ask(&app, Role::Accueil, "/api/v1/cases", wrong).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (422, &json!("position")));
    }
}

#[tokio::test]
async fn everything_that_the_form_asks_is_kept_and_what_is_no_choice_is_refused_by_its_field() {
    let app = TestApp::demonstration().await;
    let whole = json!({ "address": "près du square", "family_name": "Zzdupont", "notes": "Trois enfants", "channel": "voisin",
        "subject": "family", "people": 4, "causes": ["barriere_langue", "autre"], "duration": "chronique",
        "signs": ["perte_confiance"], "languages": ["ar", "fr"], "mobility": "autonome", "reporter_relation": "directrice" });
    let created = ask(&app, Role::Coordination, "/api/v1/cases", whole.clone()).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.json());
    let seen = created.json()["properties"].clone();
    assert_eq!((&seen["subject"], &seen["duration"]), (&json!("family"), &json!("chronique")));
    assert_eq!((&seen["causes"], &seen["languages"]), (&json!(["barriere_langue", "autre"]), &json!(["ar", "fr"])));
    assert_eq!((&seen["signs"], &seen["danger"]), (&json!(["perte_confiance"]), &json!(false)));
    let id = created.json()["id"].clone();
    let told = app.get(&format!("/api/v1/cases/{id}/reports")).await.json();
    assert_eq!((&told["people"], &told["mobility"]), (&json!(4), &json!("autonome")));
    assert_eq!(told["reports"][0]["seen"], "Trois enfants");
    for (field, value) in [
        ("subject", json!("cat")),
        ("causes", json!(["malheur"])),
        ("duration", json!("longtemps")),
        ("signs", json!(["triste"])),
        ("languages", json!(["français"])),
        ("mobility", json!("vole")),
        ("people", json!(0)),
        ("people", json!(31)),
        ("reporter_name", json!("n".repeat(201))),
        ("danger_action", json!("n".repeat(501))),
    ] {
        let mut wrong = whole.clone();
        wrong[field] = value;
        let refused = ask(&app, Role::Coordination, "/api/v1/cases", wrong).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (422, &json!(field)));
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_case_and_a_key_that_belongs_to_another_form_says_so() {
    let app = TestApp::demonstration().await;
    let report = json!({ "address": "près du square", "notes": "Volets fermés", "channel": "voisin" });
    let first = send(&app, "/api/v1/cases", "e7c1", &report).await;
    let again = send(&app, "/api/v1/cases", "e7c1", &report).await;
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::OK));
    assert_eq!(first.json()["id"], again.json()["id"]);
    let other = json!({ "address": "près du square", "notes": "Volets ouverts", "channel": "voisin" });
    let refused = send(&app, "/api/v1/cases", "e7c1", &other).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (409, &json!("other_form")));
    let anew = send(&app, "/api/v1/cases", "e7c2", &other).await;
    assert_eq!(anew.status, StatusCode::CREATED);
    assert_ne!(anew.json()["id"], first.json()["id"]);
    let long = send(&app, "/api/v1/cases", &"k".repeat(129), &report).await;
    assert_eq!((long.status.as_u16(), &long.json()["code"]), (400, &json!("bad_idempotency_key")));
}
