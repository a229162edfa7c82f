//! Correcting a case over HTTP: what may be changed, the version, the place, and the request that it carries out.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::{Act, Resource, Subject};
use bienveilleurs::domain::case::CaseId;
use bienveilleurs::store::AuditFilter;
use serde_json::{Value, json};

use crate::app::{Answer, TestApp, author};

async fn put(app: &TestApp, id: i64, version: Option<&str>, body: &Value) -> Answer {
    let path = format!("/api/v1/cases/{id}/details");
    let mut request = app.request(Some(Role::Coordination), Method::PUT, &path);
    if let Some(version) = version {
        request = request.header(header::IF_MATCH, version);
    }
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()));
    app.send(request.expect("a request")).await
}

/// The details of a case as a form would send them back, and their version.
async fn form(app: &TestApp, id: i64) -> (Value, String) {
    let answer = app.get(&format!("/api/v1/cases/{id}/details")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(&header::CACHE_CONTROL), "no-store");
    let mut body = answer.json();
    let object = body.as_object_mut().expect("an object");
    object.remove("requests");
    object.remove("located");
    (body, answer.header(&header::ETAG).to_owned())
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_case_is_corrected_and_the_correction_is_found_again_and_in_the_trail() {
    let app = TestApp::demonstration().await;
    let (mut body, version) = form(&app, 1).await;
    body["family_name"] = json!("  Zzcorrigé ");
    body["given_name"] = json!("Ana");
    body["phone"] = json!("02 35 99 88 77");
    body["languages"] = json!(["ar", "fr", "ar"]);
    body["notes"] = json!("Appelle le matin");
    let before = app.store.case(CaseId(1)).await.expect("read").expect("there");
    let saved = put(&app, 1, Some(&version), &body).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.json());
    assert_ne!(saved.header(&header::ETAG), version);
    assert_eq!(saved.json()["languages"], json!(["ar", "fr"]));
    let case = app.store.case(CaseId(1)).await.expect("read").expect("there");
    assert_eq!((case.family_name.as_str(), case.notes.as_str()), ("Zzcorrigé", "Appelle le matin"));
    assert_eq!(
        (case.position, case.state, case.causes),
        (before.position, before.state, before.causes),
        "nothing else"
    );
    let found = app.store.subjects("ana zzcorrige", "0235998877", "").await.expect("sought");
    assert_eq!(found.len(), 1, "the blind indexes are those of the correction");
    let layer = app.get("/api/v1/layers/cases").await;
    assert!(String::from_utf8_lossy(&layer.body).contains("Ana Zzcorrigé"), "a running server shows it at once");
    let about = AuditFilter {
        subject: Some(app.store.pseudonym(Subject::Case(CaseId(1)))),
        resource: Some(Resource::Cases),
        ..AuditFilter::default()
    };
    let trail = app.store.audit(&about).await.expect("trail");
    assert!(trail.iter().any(|row| row.act == "update" && row.reason == "details"));
    assert!(trail.iter().any(|row| row.act == "read"), "opening the form is a reading");
}

#[tokio::test]
async fn who_saves_second_is_told_and_nothing_is_overwritten() {
    let app = TestApp::demonstration().await;
    let (mut mine, version) = form(&app, 1).await;
    let (mut theirs, same) = form(&app, 1).await;
    assert_eq!(version, same);
    theirs["phone"] = json!("02 00 00 00 01");
    assert_eq!(put(&app, 1, Some(&version), &theirs).await.status, StatusCode::OK);
    mine["phone"] = json!("02 00 00 00 02");
    let answer = put(&app, 1, Some(&version), &mine).await;
    assert_eq!(code(&answer), (412, "changed_meanwhile".to_owned()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("02 00"));
    assert_eq!(code(&put(&app, 1, None, &mine).await), (428, "no_version".to_owned()));
    assert_eq!(app.store.case(CaseId(1)).await.expect("read").expect("there").phone, "02 00 00 00 01");
    // A change of something else is in nobody's way.
    let (_, version) = form(&app, 1).await;
    app.store.set_informed(CaseId(1), author().today(), author()).await.expect("informed");
    assert_eq!(put(&app, 1, Some(&version), &mine).await.status, StatusCode::OK);
    assert_eq!(code(&put(&app, 999_999, Some(&version), &mine).await).0, 404);
}

#[tokio::test]
async fn the_position_follows_the_address_and_stays_where_the_words_stay() {
    let app = TestApp::demonstration().await;
    let position = async || app.store.case(CaseId(1)).await.expect("read").expect("there").position;
    let home = position().await.expect("a position");
    let (mut body, version) = form(&app, 1).await;
    body["notes"] = json!("seules les notes changent");
    assert_eq!(put(&app, 1, Some(&version), &body).await.status, StatusCode::OK);
    assert_eq!(position().await, Some(home));
    let (mut body, version) = form(&app, 1).await;
    body["address"] = json!("quelque part près du square");
    let saved = put(&app, 1, Some(&version), &body).await;
    assert_eq!((saved.status, &saved.json()["located"]), (StatusCode::OK, &json!(false)));
    assert_eq!(position().await, None, "free words have no place");
    let hits = app.post("/api/v1/addresses/search", &json!({"q": "1 rue", "limit": 1})).await.json();
    let hit = &hits["addresses"][0];
    let (mut body, version) = form(&app, 1).await;
    body["address"] = json!("ce qui est écrit ne compte pas");
    body["address_id"] = hit["id"].clone();
    let saved = put(&app, 1, Some(&version), &body).await;
    assert_eq!((&saved.json()["located"], &saved.json()["address"]), (&json!(true), &hit["label"]));
    assert!(position().await.is_some());
}

#[tokio::test]
async fn a_wrong_field_is_named_and_its_value_is_not_repeated() {
    let app = TestApp::demonstration().await;
    let (body, version) = form(&app, 1).await;
    for (field, value) in [
        ("notes", json!("zz".repeat(251))),
        ("notes", json!("zz\u{0}")),
        ("family_name", json!("zz".repeat(101))),
        ("given_name", json!("zz\u{202e}")),
        ("phone", json!("zz\u{7}")),
        ("address", json!("zz".repeat(101))),
        ("languages", json!(["zz français"])),
        ("languages", json!(vec!["zz"; 11])),
    ] {
        let mut body = body.clone();
        body[field] = value;
        let answer = put(&app, 1, Some(&version), &body).await;
        assert_eq!((code(&answer).0, &answer.json()["field"]), (422, &json!(field)), "{}", answer.json());
        assert!(!String::from_utf8_lossy(&answer.body).contains("zz"));
    }
    assert_eq!(form(&app, 1).await.1, version, "nothing was written");
}

#[tokio::test]
async fn a_request_for_a_correction_waits_in_the_form_and_is_carried_out_with_it() {
    let app = TestApp::demonstration().await;
    let note = async |kind: &str, id: i64| {
        let wish = json!({"kind": kind, "subject": {"kind": "case", "id": id}, "received_on": "2026-11-20",
            "note": "le nom s’écrit Lefebvre"});
        let noted = app.ask(Some(Role::Dpo), Method::POST, "/api/v1/rights/requests", &wish).await;
        noted.json()["id"].as_i64().expect("an id")
    };
    let (wanted, access, elsewhere) =
        (note("rectification", 1).await, note("access", 1).await, note("rectification", 2).await);
    let waiting = app.get("/api/v1/cases/1/details").await.json()["requests"].clone();
    assert_eq!(waiting.as_array().map(Vec::len), Some(1), "{waiting}");
    assert_eq!((&waiting[0]["id"], &waiting[0]["due_on"]), (&json!(wanted), &json!("2026-12-20")));
    assert_eq!(waiting[0]["note"], "le nom s’écrit Lefebvre");
    let (mut body, version) = form(&app, 1).await;
    body["family_name"] = json!("Lefebvre");
    for other in [access, elsewhere, 999] {
        body["request_id"] = json!(other);
        assert_eq!(code(&put(&app, 1, Some(&version), &body).await), (409, "other_request".to_owned()));
    }
    assert_eq!(form(&app, 1).await.1, version, "nothing was written");
    body["request_id"] = json!(wanted);
    let saved = put(&app, 1, Some(&version), &body).await;
    assert_eq!((saved.status, saved.json()["requests"].clone()), (StatusCode::OK, json!([])));
    let requests = app.ask(Some(Role::Dpo), Method::GET, "/api/v1/rights/requests", &Value::Null).await.json();
    let requests = requests["requests"].as_array().expect("requests").clone();
    let done = requests.iter().find(|request| request["id"] == wanted).expect("the request");
    assert!(done["carried_out_at"].is_string() && done["unproved"] == false, "{done}");
    let again = put(&app, 1, Some(saved.header(&header::ETAG)), &body).await;
    assert_eq!(code(&again), (409, "other_request".to_owned()), "once");
    let about = AuditFilter { act: Some(Act::Update), resource: Some(Resource::Rights), ..AuditFilter::default() };
    let trail = app.store.audit(&about).await.expect("trail");
    assert_eq!(trail[0].reason, format!("request {wanted} carried out"));
}
