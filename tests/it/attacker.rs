//! An attacker with an account: what a flyer planner, a volunteer or the public can gather over many days does not find a
//! home better than one guess in eleven. The same attacks find homes at once where the exact place is seen, so they have
//! teeth. What the mask alone promises is tried harder in `geo::mask`, against an attacker who knows the whole algorithm.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::http::{HeaderName, Method};
use bienveilleurs::domain::access::{Right, Role};
use bienveilleurs::domain::case::{Case, CaseState};
use bienveilleurs::domain::position::LonLat;
use bienveilleurs::domain::volunteer::Volunteer;
use bienveilleurs::geo::plane;
use bienveilleurs::http::{Route, route_table};
use serde_json::Value;

use crate::access;
use crate::app::{self, TestApp, VOLUNTEER};
use crate::store_contract;

/// Days on which the attacker looks, each with another volunteer.
const DAYS: usize = 66;
/// Cases that are offered to the volunteer who attacks.
const OFFERED: usize = 44;
/// Homes from which that volunteer looks.
const MOVES: usize = 24;

/// More hits than this in `n` guesses has less than one chance in a thousand when each hits once in eleven.
fn too_many(n: usize) -> usize {
    let p: f64 = 1.0 / 11.0;
    let mut term = (1.0 - p).powi(i32::try_from(n).expect("few"));
    let mut sum = term;
    let mut hits = 0;
    while sum < 0.999 {
        hits += 1;
        term *= (n - hits + 1) as f64 / hits as f64 * p / (1.0 - p);
        sum += term;
    }
    hits
}

/// Addresses of the town inside the quarters, spread over it.
async fn homes(app: &TestApp, n: usize) -> Vec<LonLat> {
    let quarters = bienveilleurs::geo::quarters::QuarterIndex::build(app.store.quarters().await.expect("quarters"));
    let quarters = quarters.expect("quarters");
    let all: Vec<LonLat> = app.store.addresses().await.expect("addresses").iter().map(|a| a.position).collect();
    let inside: Vec<LonLat> = all.into_iter().filter(|p| quarters.quarter_at(*p).is_some()).collect();
    (0..n).map(|i| inside[(i * 2_654_435_761) % inside.len()]).collect()
}

fn nearest(homes: &[LonLat], at: LonLat) -> LonLat {
    let far = |home: &&LonLat| plane::length(**home, at);
    *homes.iter().min_by(|a, b| far(a).total_cmp(&far(b))).expect("homes")
}

fn same(a: LonLat, b: LonLat) -> bool {
    plane::length(a, b) < 1.0
}

/// Where nobody walks at all: the start that the streets' walking times give away.
async fn start(app: &TestApp, role: Role) -> Option<LonLat> {
    let layer = app.ask(Some(role), Method::GET, "/api/v1/layers/streets", &Value::Null).await.json();
    let mut best: Option<(f64, LonLat)> = None;
    for feature in layer["features"].as_array()? {
        let line: Vec<LonLat> = feature["geometry"]["coordinates"]
            .as_array()?
            .iter()
            .filter_map(|p| LonLat::try_new(p[0].as_f64()?, p[1].as_f64()?).ok())
            .collect();
        for point in feature["properties"]["volunteer"].as_array()? {
            let (Some(offset), Some(seconds)) = (point[0].as_f64(), point[1].as_f64()) else { continue };
            if best.is_none_or(|(least, _)| seconds < least) {
                best = along(&line, offset).map(|at| (seconds, at));
            }
        }
    }
    best.map(|(_, at)| at)
}

fn along(line: &[LonLat], mut offset_m: f64) -> Option<LonLat> {
    for pair in line.windows(2) {
        let length = plane::length(pair[0], pair[1]);
        if offset_m <= length || pair[1] == *line.last()? {
            let part = (offset_m / length).clamp(0.0, 1.0);
            let lon = pair[0].lon() + (pair[1].lon() - pair[0].lon()) * part;
            return LonLat::try_new(lon, pair[0].lat() + (pair[1].lat() - pair[0].lat()) * part).ok();
        }
        offset_m -= length;
    }
    None
}

/// What else gives a start away: the middle of what is covered within the shortest thresholds, through a box too, and the
/// best covered of fine hexagons.
async fn starts(app: &TestApp, role: Role) -> Vec<Option<LonLat>> {
    let mut found = vec![start(app, role).await];
    for ask in [
        "layers/coverage?threshold_min=0.5",
        "layers/coverage?threshold_min=1&bbox=0.10,49.49,0.14,49.51",
        "layers/hexes?threshold_min=0.5&resolution=11",
    ] {
        let layer = app.ask(Some(role), Method::GET, &format!("/api/v1/{ask}&by=volunteer"), &Value::Null).await.json();
        let mut sum = (0.0, 0.0, 0.0);
        for feature in layer["features"].as_array().into_iter().flatten() {
            let told = &feature["properties"];
            let share = 1.0 - told["uncovered_share"].as_f64().unwrap_or(0.0);
            let is_covered = told["covered"].as_bool().unwrap_or(told["covered_m"].as_f64().is_some_and(|m| m > 0.0));
            let line = match &feature["geometry"]["coordinates"][0][0] {
                Value::Array(_) => &feature["geometry"]["coordinates"][0],
                _ => &feature["geometry"]["coordinates"],
            };
            let corners = line.as_array().map_or(&[][..], Vec::as_slice);
            let weight = told["length_m"].as_f64().unwrap_or_else(|| share.powi(8)) / corners.len().max(1) as f64;
            for corner in corners.iter().filter(|_| is_covered) {
                let Some((lon, lat)) = corner[0].as_f64().zip(corner[1].as_f64()) else { continue };
                sum = (sum.0 + weight * lon, sum.1 + weight * lat, sum.2 + weight);
            }
        }
        found.push(LonLat::try_new(sum.0 / sum.2, sum.1 / sum.2).ok());
    }
    found
}

#[tokio::test]
async fn a_flyer_planner_who_looks_for_many_days_does_not_find_where_volunteers_live() {
    let app = TestApp::demonstration().await;
    let known: Vec<LonLat> = app.store.addresses().await.expect("addresses").iter().map(|a| a.position).collect();
    let away: Vec<Volunteer> = app
        .store
        .volunteers()
        .await
        .expect("volunteers")
        .into_iter()
        .map(|(_, v)| Volunteer { active: false, ..v })
        .collect();
    app.store.upsert_volunteers(&away, app::author()).await.expect("all away");
    let mut lead = 0;
    // By day: what the planner makes of each look.
    let mut looks: Vec<(LonLat, Vec<Option<LonLat>>)> = Vec::new();
    let mut former: Option<Volunteer> = None;
    for (day, home) in homes(&app, DAYS).await.into_iter().enumerate() {
        let today = Volunteer { position: Some(home), ..store_contract::volunteer(&format!("AT-{day}")) };
        let mut rows = vec![today.clone()];
        rows.extend(former.map(|former| Volunteer { active: false, ..former }));
        app.store.upsert_volunteers(&rows, app::author()).await.expect("one volunteer a day");
        former = Some(today);
        // Who may see homes finds this one by the same look.
        let seen = start(&app, Role::Pilotage).await.map(|at| nearest(&known, at));
        lead += usize::from(seen.is_some_and(|at| plane::length(at, home) < 15.0));
        looks.push((home, starts(&app, Role::Diffusion).await));
        if day == 0 {
            let once = start(&app, Role::Diffusion).await;
            let again = start(&app, Role::Diffusion).await;
            assert_eq!(once, again, "looking again gives nothing to average");
        }
    }
    println!("{lead} of {DAYS} homes found by the lead");
    assert!(lead * 10 >= DAYS * 7, "the attack has teeth: {lead} of {DAYS}");
    for kind in 0..looks[0].1.len() {
        let seen: Vec<(LonLat, LonLat)> = looks.iter().filter_map(|(home, look)| Some((*home, look[kind]?))).collect();
        let (mut near, mut learnt) = (0, 0);
        for (day, (home, at)) in seen.iter().enumerate() {
            near += usize::from(same(nearest(&known, *at), *home));
            // Who has found out all the others knows how far a home usually is from what is shown.
            let others = seen.iter().enumerate().filter(|(other, _)| *other != day);
            let mut far: Vec<f64> = others.map(|(_, (home, at))| plane::length(*home, *at)).collect();
            far.sort_by(f64::total_cmp);
            let miss = |home: &&LonLat| (plane::length(**home, *at) - far[far.len() / 2]).abs();
            let guess = known.iter().min_by(|a, b| miss(a).total_cmp(&miss(b))).expect("homes");
            learnt += usize::from(same(*guess, *home));
        }
        let (asked, most) = (seen.len(), too_many(seen.len()));
        println!("look {kind}: {near} and {learnt} of {asked} homes found by the planner; at most {most}");
        assert!(asked * 2 >= DAYS, "look {kind} tells something on most days: {asked}");
        assert!(near.max(learnt) <= most, "look {kind}: {near} and {learnt} of {asked}");
    }
}

#[tokio::test]
async fn a_volunteer_who_moves_about_does_not_find_the_people_who_are_offered() {
    let app = TestApp::demonstration().await;
    let known: Vec<LonLat> = app.store.addresses().await.expect("addresses").iter().map(|a| a.position).collect();
    let truth = homes(&app, OFFERED).await;
    let offered: Vec<Case> = truth
        .iter()
        .enumerate()
        .map(|(i, home)| Case {
            state: CaseState::Proposed,
            volunteer: Some(VOLUNTEER.into()),
            position: Some(*home),
            ..store_contract::case(&format!("AT-{i}"))
        })
        .collect();
    app.store.upsert_cases(&offered, app::author()).await.expect("offers");
    let ids: Vec<i64> =
        app.store.cases().await.expect("cases").iter().rev().take(OFFERED).map(|(id, _)| id.0).collect();
    let ids: Vec<i64> = ids.into_iter().rev().collect();
    let volunteers = app.store.volunteers().await.expect("volunteers");
    let (_, me) = volunteers.iter().find(|(_, v)| v.reference == VOLUNTEER).expect("the volunteer");
    let mut told: Vec<Vec<(LonLat, String)>> = vec![Vec::new(); OFFERED];
    for home in homes(&app, MOVES * 7).await.into_iter().step_by(7) {
        let moved = Volunteer { position: Some(home), ..me.clone() };
        app.store.upsert_volunteers(&[moved], app::author()).await.expect("moved");
        let mine = app.ask(Some(Role::Bienveilleur), Method::GET, "/api/v1/layers/cases", &Value::Null).await.json();
        for feature in mine["features"].as_array().expect("features") {
            let Some(i) = ids.iter().position(|id| feature["id"] == *id) else { continue };
            assert!(feature["geometry"].is_null(), "an offer has no place: {feature}");
            if let Some(bucket) = feature["properties"]["walking"].as_str() {
                told[i].push((home, bucket.to_owned()));
            }
        }
    }
    // The walk is about 1.3 times the straight line, at 4.5 km/h: whoever fits most of what was told is the guess.
    let minutes = |a: LonLat, b: LonLat| plane::length(a, b) * 1.3 / 75.0;
    let fits = |bucket: &str, m: f64| {
        let (low, high) = match bucket {
            "under_5" => (0.0, 5.0),
            "5_to_10" => (5.0, 10.0),
            "10_to_15" => (10.0, 15.0),
            "15_to_20" => (15.0, 20.0),
            _ => (20.0, f64::INFINITY),
        };
        // How far outside the bucket, so that a near miss counts less than a wide one.
        (low - m).max(m - high).max(0.0)
    };
    let mut found = 0;
    for (i, told) in told.iter().enumerate().filter(|(_, told)| !told.is_empty()) {
        let miss = |home: &&LonLat| told.iter().map(|(from, bucket)| fits(bucket, minutes(*from, **home))).sum::<f64>();
        let guess = known.iter().min_by(|a, b| miss(a).total_cmp(&miss(b))).expect("homes");
        found += usize::from(same(*guess, truth[i]));
    }
    let asked = told.iter().filter(|told| !told.is_empty()).count();
    println!("{found} of {asked} people found by a volunteer from {MOVES} homes; at most {}", too_many(asked));
    assert!(asked * 2 >= OFFERED, "most offers tell a bucket: {asked}");
    assert!(found <= too_many(asked), "{found} of {asked}");
}

/// Readings that a new case may change although the role sees no cases, and why.
const MAY_CHANGE: &[(&str, &str)] = &[
    ("/api/v1/audit", "the trail: that a case was written, under a pseudonym, and each look of this test"),
    ("/api/v1/audit/export", "the same as a file"),
    ("/api/v1/rights/to-inform", "the officer's clock: reference and day of a report, and who took records out"),
    ("/api/v1/rights/requests/{id}/export", "it tells who read the record: the reading before this one too"),
    ("/metrics", "counts the requests of this test"),
];

/// Drawn for each request; a refusal repeats it.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Every byte that a role gets by any reading that it may ask: status, headers and body, by question.
async fn every_reading(app: &TestApp, role: Option<Role>, ids: &[(&str, i64)]) -> BTreeMap<String, String> {
    let around = "bbox=0.1341,49.4979,0.1343,49.4981";
    let mut seen = BTreeMap::new();
    for route in route_table().into_iter().filter(|route| route.method == Method::GET) {
        if MAY_CHANGE.iter().any(|(path, _)| *path == route.path) {
            continue;
        }
        let id = ids.iter().find(|(path, _)| *path == route.path).map(|(_, id)| *id);
        assert!(id.is_some() || !route.path.contains("{id}"), "{} is new: make an object of it here", route.path);
        let path = id.map_or(route.path.clone(), |id| route.path.replace("{id}", &id.to_string()));
        let mut questions = vec![path.clone()];
        if path.starts_with("/api/v1/layers/") || path == "/api/v1/coverage" {
            let more = ["by=volunteer", "by=relay", "by=volunteer&threshold_min=1", "profile=reduced_mobility"];
            questions.extend(more.map(|more| format!("{path}?{more}")));
            questions.extend(["", "&by=volunteer", "&by=relay"].map(|more| format!("{path}?{around}{more}")));
        }
        for question in questions {
            let answer = app.ask(role, Method::GET, &question, &Value::Null).await;
            let headers = answer.headers.iter().filter(|(name, _)| *name != REQUEST_ID);
            let mut text = format!("{}\n", answer.status);
            for (name, value) in headers {
                let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
            }
            text += &String::from_utf8_lossy(&answer.body).replace(answer.header(&REQUEST_ID), "…");
            seen.insert(question, text);
        }
    }
    seen
}

#[tokio::test]
async fn a_case_changes_no_byte_of_any_reading_of_a_role_that_may_not_see_it() {
    let app = TestApp::demonstration().await;
    let run = Route { method: Method::GET, path: "/api/v1/retention/runs/{id}".into(), right: Right::SeeRetention };
    let run_id = access::object(&app, Some(Role::Dpo), &run, access::Of::Somebody).await.expect("a run");
    let case = app.store.cases().await.expect("cases")[0].0.0;
    let relay = app.store.relays().await.expect("relays")[0].0.0;
    let ids = [
        (run.path.as_str(), run_id),
        ("/api/v1/cases/{id}/details", case),
        ("/api/v1/cases/{id}/life", case),
        ("/api/v1/cases/{id}/relay-report", case),
        ("/api/v1/cases/{id}/reports", case),
        ("/api/v1/relays/{id}/sticker-code", relay),
    ];
    let blind = [None, Some(Role::Bienveilleur), Some(Role::Diffusion), Some(Role::Dpo), Some(Role::Administration)];
    let mut before = Vec::new();
    for role in blind {
        before.push(every_reading(&app, role, &ids).await);
    }
    let seeing = every_reading(&app, Some(Role::Coordination), &ids).await;

    // One that nobody has, one of another volunteer who keeps a free place, one of no known place; and one that changes.
    let volunteers = app.store.volunteers().await.expect("volunteers");
    let cases = app.store.cases().await.expect("cases");
    let load = |reference: &str| {
        cases.iter().filter(|(_, c)| c.state.takes_a_place() && c.volunteer.as_deref() == Some(reference)).count()
    };
    let other = volunteers
        .iter()
        .map(|(_, v)| v)
        .find(|v| v.reference != VOLUNTEER && v.active && (v.capacity as usize) > load(&v.reference) + 1);
    let other = other.expect("a volunteer with two free places").reference.clone();
    let here = LonLat::try_new(0.1342, 49.498).ok();
    let held = Case { volunteer: Some(other), state: CaseState::Accompanied, ..store_contract::case("AT-held") };
    let new = [
        Case { position: here, ..store_contract::case("AT-new") },
        Case { position: here, ..held.clone() },
        Case { position: None, ..store_contract::case("AT-nowhere") },
    ];
    app.store.upsert_cases(&new, app::author()).await.expect("cases");
    let changed = Case { notes: "Volets ouverts".into(), position: here, ..held };
    app.store.upsert_cases(&[changed], app::author()).await.expect("a change");

    let mut compared = 0;
    for (role, before) in blind.into_iter().zip(before) {
        for (question, now) in every_reading(&app, role, &ids).await {
            assert!(before[&question] == now, "{question} for {role:?}:\n{:.400}\n→\n{now:.400}", before[&question]);
            compared += 1;
        }
    }
    let sees = every_reading(&app, Some(Role::Coordination), &ids).await;
    let told: Vec<&String> = sees.keys().filter(|question| seeing[*question] != sees[*question]).collect();
    assert!(told.len() >= 3, "whoever sees cases is told: {told:?}");
    println!(
        "{compared} answers are the same with four writings of cases; the coordination's differ in {}",
        told.len()
    );
}
