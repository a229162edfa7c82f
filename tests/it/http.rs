//! The interface, as the page and other programs see it.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use bienveilleurs::domain::access::Role;
use serde_json::{Value, json};

use crate::app::{Answer, TestApp};

const LAYERS: [&str; 9] = [
    "quarters",
    "ground",
    "streets",
    "coverage?by=volunteer",
    "hexes?by=relay",
    "relays",
    "volunteers",
    "cases",
    "matches",
];

fn features(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header(&header::CONTENT_TYPE), "application/geo+json");
    answer.json()["features"].as_array().expect("features").clone()
}

#[tokio::test]
async fn every_layer_is_geojson_with_something_in_it() {
    let app = TestApp::demonstration().await;
    for layer in LAYERS {
        let features = features(&app.get(&format!("/api/v1/layers/{layer}")).await);
        assert!(!features.is_empty(), "{layer}");
        let parsed: geojson::FeatureCollection =
            serde_json::from_value(json!({"type": "FeatureCollection", "features": features})).expect(layer);
        assert_eq!(parsed.features.len(), features.len());
    }
}

#[tokio::test]
async fn a_layer_that_is_known_is_not_sent_again_until_the_data_changes() {
    let app = TestApp::demonstration().await;
    let path = "/api/v1/layers/cases";
    let tag = app.get(path).await.header(&header::ETAG).to_owned();
    let again = |tag: String| {
        app.request(Some(Role::Coordination), Method::GET, path)
            .header(header::IF_NONE_MATCH, tag)
            .body(Body::empty())
            .expect("a request")
    };
    let answer = app.send(again(tag.clone())).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let new = json!({"address": "près de la gare", "notes": "Volets fermés", "channel": "voisin"});
    assert_eq!(app.post("/api/v1/cases", &new).await.status, StatusCode::CREATED);
    assert_eq!(app.send(again(tag)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_box_leaves_out_what_lies_elsewhere() {
    let app = TestApp::demonstration().await;
    for layer in ["streets", "relays", "quarters", "hexes?by=relay", "coverage?by=relay"] {
        let join = if layer.contains('?') { '&' } else { '?' };
        let all = features(&app.get(&format!("/api/v1/layers/{layer}")).await).len();
        let some =
            features(&app.get(&format!("/api/v1/layers/{layer}{join}bbox=0.124,49.493,0.127,49.496")).await).len();
        assert!(some > 0 && some < all, "{layer}: {some} of {all}");
    }
}

#[tokio::test]
async fn a_match_lists_the_nearest_suitable_volunteers_and_explains_the_others() {
    let app = TestApp::demonstration().await;
    let cases = features(&app.get("/api/v1/layers/cases").await);
    let (mut matched, mut danger, mut unlocated) = (0, 0, 0);
    for case in &cases {
        let answer = app.post(&format!("/api/v1/cases/{}/match", case["id"]), &json!({"k": 3})).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header(&header::CACHE_CONTROL), "no-store");
        let view = answer.json();
        let matches = view["matches"].as_array().expect("matches");
        if case["properties"]["danger"] == true {
            danger += 1;
            assert!(view["danger"] == true && matches.is_empty(), "{view}");
            continue;
        }
        if case["geometry"].is_null() {
            unlocated += 1;
            assert!(view["located"] == "unlocated" && matches.is_empty(), "{view}");
            continue;
        }
        if view["open"] == false || view["located"] == "unsnappable" {
            assert!(matches.is_empty(), "{view}");
            continue;
        }
        matched += usize::from(!matches.is_empty());
        assert_eq!(
            matches.len() + view["left_out"].as_array().expect("left out").len(),
            10,
            "everybody is accounted for"
        );
        let walks: Vec<f64> = matches.iter().map(|m| m["duration_s"].as_f64().expect("seconds")).collect();
        assert!(walks.iter().all(|w| *w <= 20.0 * 60.0), "{walks:?}");
        let points: Vec<i64> = matches.iter().map(|m| m["points"]["total"].as_i64().expect("points")).collect();
        assert!(points.is_sorted(), "the best suited first: {points:?}");
        for found in matches {
            let path = found["path"]["coordinates"].as_array().expect("a path");
            assert!(path.len() >= 2);
            // No street is walked faster than 4.5 km/h.
            assert!(found["duration_s"].as_f64() >= found["length_m"].as_f64().map(|m| m * 0.8 - 0.01), "{found}");
        }
    }
    assert!(matched >= 40 && danger >= 1 && unlocated >= 1, "{matched} {danger} {unlocated}");
}

#[tokio::test]
async fn covered_and_uncovered_add_up_to_the_millimetre_everywhere() {
    let app = TestApp::demonstration().await;
    let mm = |v: &Value| (v.as_f64().expect("metres") * 1000.0).round() as i64;
    for query in
        ["by=volunteer", "by=relay&threshold_min=2.5", "by=volunteer&profile=reduced_mobility&threshold_min=17"]
    {
        let view = app.get(&format!("/api/v1/coverage?{query}")).await.json();
        let total = mm(&view["total"]["total_m"]);
        for group in ["quarters", "streets"] {
            let rows = view[group].as_array().expect("rows");
            assert_eq!(rows.iter().map(|r| mm(&r["total_m"])).sum::<i64>(), total, "{query} {group}");
            for row in rows {
                assert_eq!(mm(&row["covered_m"]) + mm(&row["uncovered_m"]), mm(&row["total_m"]), "{row}");
            }
        }
        for layer in ["coverage", "hexes"] {
            let features = features(&app.get(&format!("/api/v1/layers/{layer}?{query}")).await);
            let inside = |f: &&Value| layer == "hexes" || !f["properties"]["quarter"].is_null();
            let uncovered: i64 = features
                .iter()
                .filter(inside)
                .map(|f| match layer {
                    "hexes" => mm(&f["properties"]["uncovered_m"]),
                    _ if f["properties"]["covered"] == true => 0,
                    _ => mm(&f["properties"]["length_m"]),
                })
                .sum();
            assert_eq!(uncovered, mm(&view["total"]["uncovered_m"]), "{query} {layer}");
        }
    }
}

#[tokio::test]
async fn a_case_is_typed_in_by_house_number_and_matched_at_once() {
    let app = TestApp::demonstration().await;
    let typed = app.post("/api/v1/addresses/search", &json!({"q": "12 rue", "limit": 5})).await.json();
    let address = &typed["addresses"][0];
    assert!(address["label"].as_str().is_some_and(|l| l.starts_with("12 Rue ")), "{typed}");
    let new = json!({"address_id": address["id"], "notes": "Ne sort plus", "channel": "telephone"});
    let created = app.post("/api/v1/cases", &new).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&created.body));
    let case = created.json();
    assert_eq!(case["properties"]["state"], "reported");
    assert_ne!(case["properties"]["sector"], "unlocated");
    let view = app.post(&format!("/api/v1/cases/{}/match", case["id"]), &json!({})).await.json();
    assert_eq!(view["located"], "ok");
}

#[tokio::test]
async fn a_report_of_somebody_in_danger_is_seen_as_one_and_nobody_is_proposed() {
    let app = TestApp::demonstration().await;
    let address = app.post("/api/v1/addresses/search", &json!({ "q": "1 rue" })).await.json()["addresses"][0].clone();
    let report = json!({ "address_id": address["id"], "notes": "Ne répond plus", "channel": "voisin",
        "signs": ["danger_immediat"], "danger_action": "Les pompiers sont en route" });
    let created = app.ask(Some(Role::Accueil), Method::POST, "/api/v1/cases", &report).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.json());
    let id = created.json()["id"].clone();
    let cases = features(&app.get("/api/v1/layers/cases").await);
    let seen = &cases.iter().find(|case| case["id"] == id).expect("the case")["properties"];
    assert_eq!((&seen["signs"], &seen["danger"]), (&json!(["danger_immediat"]), &json!(true)));
    let found = app.post(&format!("/api/v1/cases/{id}/match"), &json!({})).await.json();
    assert_eq!((&found["danger"], &found["matches"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn a_form_says_which_field_is_wrong_and_does_not_repeat_what_was_typed() {
    let app = TestApp::demonstration().await;
    for (body, field) in [
        (json!({"address": "secret-place", "notes": "", "channel": "voisin"}), "notes"),
        (json!({"address": "secret-place", "notes": "x".repeat(501), "channel": "voisin"}), "notes"),
        (json!({"address": "secret-place", "notes": "x", "channel": "hibou"}), "channel"),
        (json!({"address": " ", "notes": "x", "channel": "voisin"}), "address"),
        (json!({"address": "secret-place\u{0}", "notes": "x", "channel": "voisin"}), "address"),
        (json!({"address": "secret-place", "notes": "x\u{0}", "channel": "voisin"}), "notes"),
        (json!({"address_id": "none", "notes": "x", "channel": "voisin"}), "address"),
        (json!({"address": "x", "notes": "x", "channel": "secret-place"}), "channel"),
    ] {
        let answer = app.post("/api/v1/cases", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(answer.header(&header::CONTENT_TYPE), "application/problem+json");
        assert_eq!(answer.json()["field"], field, "{}", answer.json());
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret-place"));
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_a_problem_with_a_code_and_the_request_id() {
    let app = TestApp::demonstration().await;
    for (path, status, code) in [
        ("/api/v1/layers/streets?bbox=1,2,3", 400, "bad_query"),
        ("/api/v1/layers/streets?bbox=NaN,2,3,4", 400, "bad_query"),
        ("/api/v1/layers/streets?profile=swim", 400, "bad_query"),
        ("/api/v1/layers/hexes?by=volunteer&resolution=15", 400, "bad_query"),
        ("/api/v1/coverage?by=volunteer&threshold_min=NaN", 400, "bad_query"),
        ("/api/v1/coverage?by=volunteer&threshold_min=-3", 400, "bad_query"),
        ("/api/v1/coverage", 400, "bad_query"),
        ("/api/v1/layers/streets?profile=secret-place", 400, "bad_query"),
        ("/api/v1/layers/streets?secret-place=1", 400, "bad_query"),
        ("/api/v1/layers/streets?bbox=secret-place", 400, "bad_query"),
        ("/api/v1/nothing", 404, "not_found"),
        ("/api/v1/cases/1/match", 405, "method_not_allowed"),
    ] {
        let answer = app.get(path).await;
        let problem = answer.json();
        assert_eq!((answer.status.as_u16(), problem["code"].as_str()), (status, Some(code)), "{path}: {problem}");
        assert_eq!(answer.header(&header::CONTENT_TYPE), "application/problem+json");
        assert!(!problem.to_string().contains("secret-place"), "what was sent is not repeated: {problem}");
        assert_eq!(problem["request_id"], answer.headers["x-request-id"].to_str().expect("text"));
    }
    assert_eq!(app.post("/api/v1/cases/999999/match", &json!({})).await.json()["code"], "not_found");
    assert_eq!(app.post("/api/v1/cases/1/match", &json!({"k": 0})).await.json()["field"], "k");
    assert_eq!(app.post("/api/v1/addresses/search", &json!({"q": "x".repeat(70_000)})).await.status.as_u16(), 413);
    assert_eq!(app.post("/api/v1/cases/1/match", &json!("all")).await.status.as_u16(), 422);
}

#[tokio::test]
async fn without_streets_the_page_is_told_what_to_import() {
    let app = TestApp::empty().await;
    let area = app.get("/api/v1/study-area").await.json();
    assert!(area["network"].is_null() && area["demonstration"] == false, "{area}");
    let answer = app.get("/api/v1/layers/streets").await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str().map(str::to_owned)),
        (StatusCode::CONFLICT, Some("no_streets".into()))
    );
    // The running service takes an import beside it up without a restart.
    app.load_demonstration().await;
    assert_eq!(app.get("/api/v1/layers/streets").await.status, StatusCode::OK);
    assert_eq!(app.get("/api/v1/study-area").await.json()["demonstration"], true);
    assert_eq!(app.get("/readyz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_site_in_the_same_browser_learns_nothing_and_writes_nothing() {
    let app = TestApp::demonstration().await;
    let send = async |method: Method, headers: &[(&str, &str)]| {
        let mut request = app.request(Some(Role::Coordination), method, "/api/v1/cases");
        for (name, value) in headers {
            if *name == "host" {
                request.headers_mut().expect("a request").remove(header::HOST);
            }
            request = request.header(*name, *value);
        }
        let body = json!({"address": "x", "notes": "x", "channel": "voisin"}).to_string();
        let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body));
        app.send(request.expect("a request")).await.status
    };
    let before = app.store.cases().await.expect("cases").len();
    for headers in [
        &[("host", "evil.example")][..],
        &[("host", "127.0.0.1.evil.example")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://localhost:8081")],
    ] {
        assert_eq!(send(Method::POST, headers).await, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert_eq!(app.store.cases().await.expect("cases").len(), before, "nothing was written");
    assert_eq!(send(Method::POST, &[("origin", "http://127.0.0.1:8080")]).await, StatusCode::CREATED);
    assert_eq!(send(Method::POST, &[("sec-fetch-site", "same-origin")]).await, StatusCode::CREATED);
}

#[tokio::test]
async fn the_same_data_gives_the_same_bytes() {
    let (one, two) = (TestApp::demonstration().await, TestApp::demonstration().await);
    for layer in LAYERS {
        let path = format!("/api/v1/layers/{layer}");
        assert!(one.get(&path).await.body == two.get(&path).await.body, "{layer}");
    }
}

#[tokio::test]
async fn metrics_count_routes_and_name_no_path() {
    let app = TestApp::demonstration().await;
    app.get("/api/v1/layers/cases?bbox=0.12345,49.4,0.2,49.6").await;
    let metrics = app.ask(Some(Role::Administration), Method::GET, "/metrics", &Value::Null).await;
    let text = String::from_utf8(metrics.body).expect("text");
    assert!(text.contains("http_requests_total") && text.contains("/api/v1/layers/cases"), "{text}");
    assert!(!text.contains("0.12345"));
}

#[test]
fn the_openapi_document_is_the_one_that_was_agreed() {
    insta::assert_json_snapshot!("openapi", bienveilleurs::http::openapi());
}
