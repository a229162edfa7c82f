//! A case from the report to the last visit: moves over HTTP and on both databases, what each may see, and batches.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::{Actor, Author, Subject};
use bienveilleurs::domain::case::{Case, CaseId, CaseState, Need, Sign};
use bienveilleurs::domain::case_life::{CaseAct, CaseAct as A, Closing, Illegal, Move};
use bienveilleurs::domain::position::LonLat;
use bienveilleurs::domain::rights::ErasureReason;
use bienveilleurs::domain::visit::{Absence, Impression, ReferralOutcome, Visit, VisitKind};
use bienveilleurs::domain::volunteer::{Volunteer, VolunteerId};
use bienveilleurs::service::case_life::expire_proposals;
use bienveilleurs::store::{Erased, Erasure, Mover, NotMoved, Order, Store, TracesOf};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::access::{move_at, version_of};
use crate::app::{Answer, TestApp, VOLUNTEER, author, now};
use crate::{databases, store_contract};

fn mover(account: Option<i64>, at: DateTime<Utc>) -> Mover {
    Mover { account, only_of: None, by: Author { actor: Actor::Service, at } }
}

fn order(case: CaseId, step: Move) -> Order {
    Order { case, version: None, step, note: String::new(), visit: None }
}

async fn keyed(store: &Store) -> VolunteerId {
    store.volunteers().await.expect("volunteers")[0].0
}

/// One case that goes its whole way, on either database.
async fn a_whole_life(store: &Store) {
    let one = Volunteer { capacity: 1, ..store_contract::volunteer("BV-1") };
    store.upsert_volunteers(&[one, store_contract::volunteer("BV-2")], author()).await.expect("volunteers");
    let case = Case { reported_on: author().today(), ..store_contract::case("C-1") };
    let other = Case { state: CaseState::Qualified, ..store_contract::case("C-2") };
    let id = store.insert_case(&case, None, author()).await.expect("a case");
    let other = store.insert_case(&other, None, author()).await.expect("a case");
    let volunteers = store.volunteers().await.expect("volunteers");
    let (first, second) = (volunteers[0].0, volunteers[1].0);
    let at = now();
    let today = author().today();
    let go = async |steps: &[Move]| {
        for step in steps {
            let moved = store.move_cases(&[order(id, *step)], mover(None, at)).await.expect("written");
            assert!(moved.is_ok(), "{step:?}: {moved:?}");
        }
    };
    go(&[Move::TakeUp, Move::Inform, Move::Qualify, Move::Propose(first)]).await;
    // The one place of this volunteer is taken.
    let full = store.move_cases(&[order(other, Move::Propose(first))], mover(None, at)).await.expect("asked");
    assert_eq!(full, Err((0, NotMoved::NoPlace)));
    // All or none: the second of two stands in the way, and the first is not written.
    let before = store.case(other).await.expect("read");
    let both = [order(other, Move::Propose(second)), order(id, Move::Resume)];
    let refused = store.move_cases(&both, mover(None, at)).await.expect("asked");
    assert_eq!(refused, Err((1, NotMoved::Illegal(Illegal::NotFromHere))));
    assert_eq!(store.case(other).await.expect("read"), before);

    let proposed = store.case(id).await.expect("read").expect("there");
    assert_eq!((proposed.state, proposed.volunteer.as_deref()), (CaseState::Proposed, Some("BV-1")));
    assert_eq!((proposed.proposed_at, proposed.agreed_on), (Some(at), Some(today)));
    go(&[Move::Accept, Move::BackUp(Some(second))]).await;
    let visit = Visit {
        on: today,
        kind: VisitKind::Outing,
        impressions: BTreeSet::from([Impression::Serein, Impression::BesoinAide]),
        note: "Marché du vendredi".into(),
    };
    let begin = Order { visit: Some(visit.clone()), ..order(id, Move::Begin(today, None)) };
    store.move_cases(&[begin], mover(None, at)).await.expect("written").expect("legal");
    assert_eq!(
        store.visits(id).await.expect("visits").into_iter().map(|(_, of, visit)| (of, visit)).collect::<Vec<_>>(),
        [(Some(first), visit)]
    );
    let referral = store.refer(id, "CCAS", today, author()).await.expect("written").expect("a case");
    assert!(store.close_referral(id, referral, ReferralOutcome::HelpsToo, today, author()).await.expect("written"));
    assert!(!store.close_referral(id, referral, ReferralOutcome::Declined, today, author()).await.expect("written"));
    let kept = store.referrals(id).await.expect("referrals");
    assert_eq!((kept[0].institution.as_str(), kept[0].outcome), ("CCAS", Some((ReferralOutcome::HelpsToo, today))));
    go(&[Move::Pause, Move::Resume, Move::HandOver(second), Move::Accept, Move::Close(Closing::AutonomyRegained)])
        .await;
    let closed = store.case(id).await.expect("read").expect("there");
    assert_eq!((closed.state, closed.closing), (CaseState::Closed, Some(Closing::AutonomyRegained)));
    assert_eq!((closed.volunteer.as_deref(), closed.backup), (Some("BV-2"), None));
    let acts: Vec<CaseAct> = store.case_moves(id).await.expect("moves").into_iter().map(|row| row.act).collect();
    let expected = [
        A::TakeUp,
        A::Inform,
        A::Qualify,
        A::Propose,
        A::Accept,
        A::BackUp,
        A::Begin,
        A::Pause,
        A::Resume,
        A::HandOver,
        A::Accept,
        A::Close,
    ];
    assert_eq!(acts, expected);

    // Somebody who is erased takes all of it along, and the proof looks for it.
    let how = Erasure { reason: ErasureReason::Erasure, remember_until: None, request: None };
    let entry = author().entry(bienveilleurs::domain::audit::Act::Erase, bienveilleurs::domain::audit::Resource::Cases);
    let erased = store.erase(Subject::Case(id), &how, None, entry).await.expect("erased");
    let Erased::Gone(traces) = erased else { panic!("{erased:?}") };
    let traces = store.traces(TracesOf::Erasure(traces)).await.expect("traces");
    // Ten fields of the case, two of each of twelve moves, two of a visit, one of a referral; indexes and the reference.
    assert!(traces[0].needles.count() > 10 + 24 + 2, "{}", traces[0].needles.count());
    store.scrub().await.expect("scrubbed");
    assert_eq!(store.seek(&traces[0].needles).await.expect("sought").found, 0);
    assert!(store.case_moves(id).await.expect("moves").is_empty());
    assert!(store.visits(id).await.expect("visits").is_empty());
}

async fn taken_back(store: &Store) {
    store.upsert_volunteers(&[store_contract::volunteer("BV-1")], author()).await.expect("volunteers");
    let case = Case { state: CaseState::Qualified, ..store_contract::case("C-1") };
    let id = store.insert_case(&case, None, author()).await.expect("a case");
    let volunteer = keyed(store).await;
    let at = now();
    let before = store.case(id).await.expect("read");
    let account = store_account(store).await;
    let nobody = store.undo_move(id, mover(Some(account), at)).await.expect("asked");
    assert_eq!(nobody, Err(NotMoved::NothingToUndo));
    let propose = [order(id, Move::Propose(volunteer))];
    store.move_cases(&propose, mover(Some(account), at)).await.expect("written").expect("legal");
    // Not somebody else, not later than ten minutes.
    let other = store.undo_move(id, mover(None, at)).await.expect("asked");
    assert_eq!(other, Err(NotMoved::NothingToUndo));
    let late = at + TimeDelta::minutes(10) + TimeDelta::seconds(1);
    let late = store.undo_move(id, mover(Some(account), late)).await.expect("asked");
    assert_eq!(late, Err(NotMoved::NothingToUndo));
    let in_time = at + TimeDelta::minutes(9);
    store.undo_move(id, mover(Some(account), in_time)).await.expect("written").expect("taken back");
    assert_eq!(store.case(id).await.expect("read"), before);
    let again = store.undo_move(id, mover(Some(account), in_time)).await.expect("asked");
    assert_eq!(again, Err(NotMoved::NothingToUndo), "what was taken back is not taken back again");
    // A visit goes with the move that told of it.
    let visit = Visit { on: at.date_naive(), kind: VisitKind::Phone, impressions: BTreeSet::new(), note: "Zz".into() };
    let told = [Order { visit: Some(visit), ..order(id, Move::Contact(at.date_naive(), None)) }];
    store.move_cases(&told, mover(Some(account), at)).await.expect("written").expect("legal");
    assert_eq!(store.visits(id).await.expect("visits").len(), 1);
    store.undo_move(id, mover(Some(account), at)).await.expect("written").expect("taken back");
    assert_eq!(store.visits(id).await.expect("visits"), []);
    // Not when somebody has acted since.
    store.move_cases(&propose, mover(Some(account), at)).await.expect("written").expect("legal");
    store.move_cases(&[order(id, Move::Withdraw)], mover(None, at)).await.expect("written").expect("legal");
    let since = store.undo_move(id, mover(Some(account), at)).await.expect("asked");
    assert_eq!(since, Err(NotMoved::NothingToUndo));
}

async fn store_account(store: &Store) -> i64 {
    let roles = BTreeSet::from([Role::Coordination]);
    let new = bienveilleurs::store::NewAccount {
        login: "zz",
        name: "Zz",
        roles: &roles,
        volunteer: None,
        password: "x",
        demonstration: false,
    };
    store.create_account(&new, author()).await.expect("an account")
}

#[tokio::test]
async fn a_case_lives_and_goes_on_sqlite() {
    let (_folder, store) = databases::sqlite().await;
    a_whole_life(&store).await;
    let (_folder, store) = databases::sqlite().await;
    taken_back(&store).await;
}

#[tokio::test]
async fn a_case_lives_and_goes_on_postgresql() {
    let Some(store) = databases::postgres().await else { return };
    a_whole_life(&store).await;
    let Some(store) = databases::postgres().await else { return };
    taken_back(&store).await;
}

/// A demonstration with one qualified case beside the volunteer who is signed in.
async fn with_a_case(state: CaseState, volunteer: Option<&str>) -> (TestApp, i64) {
    let app = TestApp::demonstration().await;
    let volunteers = app.store.volunteers().await.expect("volunteers");
    let own = volunteers.iter().find(|(_, v)| v.reference == VOLUNTEER).expect("a volunteer").1.clone();
    let home = own.position;
    app.store.upsert_volunteers(&[Volunteer { capacity: 50, ..own }], author()).await.expect("places");
    let case = Case {
        state,
        volunteer: volunteer.map(str::to_owned),
        position: home,
        agreed_on: Some(author().today()),
        proposed_at: (state == CaseState::Proposed).then(now),
        languages: vec!["fr".into()],
        needs: BTreeSet::new(),
        ..store_contract::case("")
    };
    let id = app.store.insert_case(&case, None, author()).await.expect("a case").0;
    (app, id)
}

async fn go(app: &TestApp, role: Role, id: i64, body: &Value) -> Answer {
    let version = version_of(app, id).await;
    move_at(app, Some(role), &format!("/api/v1/cases/{id}/moves"), version, body).await
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

async fn life(app: &TestApp, role: Role, id: i64) -> Value {
    app.ask(Some(role), Method::GET, &format!("/api/v1/cases/{id}/life"), &Value::Null).await.json()
}

#[tokio::test]
async fn of_two_coordinators_on_one_case_the_second_is_told_and_nothing_is_written_over() {
    let (app, id) = with_a_case(CaseState::Qualified, None).await;
    let seen = life(&app, Role::Coordination, id).await["version"].as_i64().expect("a version");
    let path = format!("/api/v1/cases/{id}/moves");
    let propose = json!({"act": "propose", "volunteer_id": 1});
    let first = move_at(&app, Some(Role::Coordination), &path, seen, &propose).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.json());
    let second = move_at(&app, Some(Role::Coordination), &path, seen, &json!({"act": "close", "why": "moved"})).await;
    assert_eq!(code(&second), (412, "changed_meanwhile".into()));
    let case = app.store.case(CaseId(id)).await.expect("read").expect("there");
    assert_eq!(case.state, CaseState::Proposed);
    let without = app.post(&path, &json!({"act": "withdraw"})).await;
    assert_eq!(code(&without), (428, "no_version".into()));
}

#[tokio::test]
async fn a_volunteer_answers_for_what_is_offered_and_sees_no_more_than_that_before() {
    let (app, id) = with_a_case(CaseState::Proposed, Some(VOLUNTEER)).await;
    let offered = life(&app, Role::Bienveilleur, id).await;
    assert_eq!(offered["acts"], json!(["accept", "decline", "contact", "raise_danger"]));
    assert_eq!((&offered["moves"], &offered["visits"], &offered["referrals"]), (&json!([]), &json!([]), &json!([])));
    assert!(offered["answer_due_at"].is_string());
    for act in ["withdraw", "close", "propose", "back_up", "clear_danger", "hand_over"] {
        let body = json!({"act": act, "why": "moved", "volunteer_id": 1, "note": "assez de mots ici"});
        assert_eq!(go(&app, Role::Bienveilleur, id, &body).await.status, StatusCode::NOT_FOUND, "{act}");
    }
    let accepted = go(&app, Role::Bienveilleur, id, &json!({"act": "accept"})).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.json());
    let visit = json!({"act": "contact", "note": "Va bien", "visit": {"kind": "visit", "impressions": ["serein"]}});
    assert_eq!(go(&app, Role::Bienveilleur, id, &visit).await.status, StatusCode::OK);
    let case = app.store.case(CaseId(id)).await.expect("read").expect("there");
    assert_eq!(case.state, CaseState::Accompanied, "the first visit begins the accompaniment");
    let own = life(&app, Role::Bienveilleur, id).await;
    assert_eq!(own["visits"][0]["note"], "Va bien");
    assert_eq!(own["moves"], json!([]), "what the coordination writes stays with it");
    let all = life(&app, Role::Coordination, id).await;
    let acts: Vec<&str> = all["moves"].as_array().expect("moves").iter().filter_map(|m| m["act"].as_str()).collect();
    assert_eq!(acts, ["accept", "begin"]);
    // Whoever gives somebody up sees nothing more, and may still take that back.
    assert_eq!(go(&app, Role::Bienveilleur, id, &json!({"act": "release"})).await.status, StatusCode::OK);
    let gone = app.ask(Some(Role::Bienveilleur), Method::GET, &format!("/api/v1/cases/{id}/life"), &Value::Null).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let undo = format!("/api/v1/cases/{id}/undo");
    let back = app.ask(Some(Role::Bienveilleur), Method::POST, &undo, &json!({})).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.json());
    let other = app.ask(Some(Role::Coordination), Method::POST, &undo, &json!({})).await;
    assert_eq!(code(&other), (409, "nothing_to_undo".into()));
}

#[tokio::test]
async fn a_danger_is_only_lifted_with_words_and_until_then_nobody_is_matched_or_proposed() {
    let (app, id) = with_a_case(CaseState::Qualified, None).await;
    let raised = go(&app, Role::Coordination, id, &json!({"act": "raise_danger", "why": "idees_suicidaires"})).await;
    assert_eq!(raised.status, StatusCode::OK, "{}", raised.json());
    let propose = json!({"act": "propose", "volunteer_id": 1});
    assert_eq!(code(&go(&app, Role::Coordination, id, &propose).await), (409, "in_danger".into()));
    let plan = app.post("/api/v1/batches", &json!({"cases": [id]})).await.json();
    assert_eq!(plan["unassigned"][0]["reason"], "danger");
    let silent = go(&app, Role::Coordination, id, &json!({"act": "clear_danger", "note": "fait"})).await;
    assert_eq!((silent.status.as_u16(), silent.json()["field"].as_str()), (422, Some("note")));
    let follow = app.get("/api/v1/follow-up").await.json();
    assert!(follow["dangers"].as_array().expect("keys").contains(&json!(id)));
    let cleared = json!({"act": "clear_danger", "note": "Le 3114 a rappelé, sa fille est auprès de lui"});
    assert_eq!(go(&app, Role::Coordination, id, &cleared).await.status, StatusCode::OK);
    assert_eq!(go(&app, Role::Coordination, id, &propose).await.status, StatusCode::OK);
    let case = app.store.case(CaseId(id)).await.expect("read").expect("there");
    assert!(case.signs.contains(&Sign::IdeesSuicidaires) && !case.in_danger());
}

#[tokio::test]
async fn what_nobody_answers_in_two_working_days_goes_back_to_the_queue() {
    let (app, id) = with_a_case(CaseState::Proposed, Some(VOLUNTEER)).await;
    let by = |hours| Author { actor: Actor::Service, at: now() + TimeDelta::hours(hours) };
    // Monday 9:00 in the town: two working days later is Wednesday at 9:00.
    assert_eq!(expire_proposals(&app.store, by(48)).await.expect("asked"), 0);
    assert_eq!(expire_proposals(&app.store, by(49)).await.expect("returned"), 1);
    let case = app.store.case(CaseId(id)).await.expect("read").expect("there");
    assert_eq!((case.state, case.volunteer), (CaseState::Qualified, None));
    let all = life(&app, Role::Coordination, id).await;
    assert_eq!((&all["moves"][0]["act"], &all["moves"][0]["who"]), (&json!("expire"), &Value::Null));
}

#[tokio::test]
async fn a_refusal_is_no_closing_and_wrong_words_are_named() {
    let (app, id) = with_a_case(CaseState::Qualified, None).await;
    let refused = go(&app, Role::Coordination, id, &json!({"act": "close", "why": "refused"})).await;
    assert_eq!(code(&refused), (409, "refusal_erases".into()));
    for (body, field) in [
        (json!({"act": "fly"}), "act"),
        (json!({"act": "close", "why": "because"}), "why"),
        (json!({"act": "propose"}), "volunteer_id"),
        (json!({"act": "contact", "visit": {"kind": "song"}}), "visit.kind"),
        (json!({"act": "contact", "note": "é".repeat(501)}), "notes"),
    ] {
        let answer = go(&app, Role::Coordination, id, &body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["field"].as_str()), (422, Some(field)), "{body}");
    }
    let early = json!({"act": "contact", "on": "2026-11-02"});
    assert_eq!(code(&go(&app, Role::Coordination, id, &early).await), (409, "wrong_day".into()), "before the report");
    let far = json!({"act": "contact", "next_contact_on": "+262142-12-31"});
    assert_eq!(go(&app, Role::Coordination, id, &far).await.status.as_u16() / 100, 4, "{far}");
    let unknown = json!({"act": "back_up", "volunteer_id": 999});
    assert_eq!(go(&app, Role::Coordination, id, &unknown).await.status, StatusCode::NOT_FOUND);
    let away = json!({"volunteer_id": 1, "from_on": "9999-01-01", "to_on": "9999-01-02"});
    assert_eq!(app.post("/api/v1/absences", &away).await.status.as_u16(), 422);
    let nobody = json!({"act": "propose", "volunteer_id": 999});
    assert_eq!(code(&go(&app, Role::Coordination, id, &nobody).await), (409, "no_place".into()));
}

#[tokio::test]
async fn the_match_says_why_in_this_order_and_what_would_have_to_change() {
    let (app, id) = with_a_case(CaseState::Qualified, None).await;
    let volunteers = app.store.volunteers().await.expect("volunteers");
    let (own, at_home) = volunteers.iter().find(|(_, v)| v.reference == VOLUNTEER).expect("a volunteer");
    let shown = async || app.post(&format!("/api/v1/cases/{id}/match"), &json!({"k": 50})).await.json();
    let reason_of = |view: &Value, of: VolunteerId| {
        let left =
            view["left_out"].as_array().expect("a list").iter().find(|left| left["volunteer_id"] == of.0).cloned();
        left.map_or((String::new(), Value::Null), |left| (left["reason"].as_str().unwrap_or_default().to_owned(), left))
    };
    let view = shown().await;
    let totals: Vec<i64> =
        view["matches"].as_array().expect("a list").iter().filter_map(|m| m["points"]["total"].as_i64()).collect();
    assert!(totals.len() >= 2 && totals.is_sorted(), "{totals:?}");
    for found in view["matches"].as_array().expect("a list") {
        let points = &found["points"];
        let sum: i64 =
            ["walk", "load", "continuity", "language", "rest"].iter().filter_map(|t| points[t].as_i64()).sum();
        assert_eq!(points["total"].as_i64(), Some(sum));
    }
    // Away, then not to meet, then a language, then a need, then the same household, then not cleared.
    let today = author().today();
    let days = Absence { from_on: today, to_on: today };
    let away = app.store.add_absence(*own, days, author()).await.expect("written").expect("days away");
    let (reason, left) = reason_of(&shown().await, *own);
    assert_eq!((reason.as_str(), left["away_until_on"].as_str()), ("absent", Some("2026-11-23")));
    app.store.remove_absence(*own, away, author()).await.expect("written");
    app.store.set_conflict(CaseId(id), *own, true, author()).await.expect("written");
    assert_eq!(reason_of(&shown().await, *own).0, "conflict");
    app.store.set_conflict(CaseId(id), *own, false, author()).await.expect("written");
    let with = async |case: &dyn Fn(Case) -> Case, volunteer: &dyn Fn(Volunteer) -> Volunteer| {
        let was = app.store.case(CaseId(id)).await.expect("read").expect("there");
        app.store.upsert_cases(&[case(was.clone())], author()).await.expect("written");
        app.store.upsert_volunteers(&[volunteer(at_home.clone())], author()).await.expect("written");
        let view = shown().await;
        app.store.upsert_cases(&[was], author()).await.expect("written");
        app.store.upsert_volunteers(std::slice::from_ref(at_home), author()).await.expect("written");
        reason_of(&view, *own)
    };
    let same = |v: Volunteer| v;
    let (reason, left) = with(&|case| Case { languages: vec!["uk".into()], ..case }, &same).await;
    assert_eq!((reason.as_str(), &left["languages"]), ("language", &json!(["uk"])));
    let needy = |case| Case { needs: BTreeSet::from([Need::Courses]), ..case };
    let reader = |v| Volunteer { needs: BTreeSet::from([Need::Lecture]), ..v };
    let (reason, left) = with(&needy, &reader).await;
    assert_eq!((reason.as_str(), &left["needs"]), ("need", &json!(["courses"])));
    let kin = |case| Case { family_name: at_home.family_name.to_uppercase(), address: at_home.address.clone(), ..case };
    assert_eq!(with(&kin, &same).await.0, "same_household");
    let (reason, left) = with(&|case| case, &|v| Volunteer { cleared: false, capacity: 0, ..v }).await;
    assert_eq!((reason.as_str(), &left["also"]), ("not_cleared", &json!(["full"])));
    // Who has declined is not asked again.
    assert_eq!(go(&app, Role::Coordination, id, &json!({"act": "propose", "volunteer_id": own.0})).await.status, 200);
    let declined = go(&app, Role::Bienveilleur, id, &json!({"act": "decline", "why": "no_time"})).await;
    assert_eq!(declined.status, StatusCode::OK, "{}", declined.json());
    assert_eq!(reason_of(&shown().await, *own).0, "declined");
}

/// Adds qualified cases around the demonstration's volunteers.
async fn waiting(app: &TestApp, count: usize) -> Vec<i64> {
    let volunteers = app.store.volunteers().await.expect("volunteers");
    let homes: Vec<LonLat> = volunteers.iter().filter_map(|(_, v)| v.position).collect();
    let mut ids = Vec::new();
    for n in 0..count {
        let case = Case {
            state: CaseState::Qualified,
            position: homes.get(n * 3 % homes.len()).copied(),
            languages: vec!["fr".into()],
            needs: BTreeSet::new(),
            family_name: format!("Zz{n}"),
            ..store_contract::case("")
        };
        ids.push(app.store.insert_case(&case, None, author()).await.expect("a case").0);
    }
    ids
}

fn pairs(plan: &Value) -> Vec<(i64, i64)> {
    let lines = plan["lines"].as_array().expect("lines").iter();
    lines.filter_map(|line| Some((line["case_id"].as_i64()?, line["volunteer_id"].as_i64()?))).collect()
}

#[tokio::test]
async fn a_batch_serves_all_it_can_keeps_pins_and_tells_what_is_different() {
    let app = TestApp::demonstration().await;
    let ids = waiting(&app, 14).await;
    let ask = async |body: Value| app.post("/api/v1/batches", &body).await.json();
    let plan = ask(json!({"cases": ids})).await;
    let again = ask(json!({"cases": ids.iter().rev().collect::<Vec<_>>()})).await;
    assert_eq!(plan, again, "the order of the question changes nothing");
    let lines = pairs(&plan);
    assert_eq!(lines.len() + plan["unassigned"].as_array().expect("a list").len(), 14);
    for load in plan["loads"].as_array().expect("loads") {
        assert!(load["after"].as_u64() <= load["capacity"].as_u64(), "{load}");
    }
    // A pin is kept, an exclusion too, and the answer says what changed.
    let (case, volunteer) = lines[0];
    let other = lines.iter().map(|(_, v)| *v).find(|v| *v != volunteer).expect("another volunteer");
    let before: Vec<Value> = lines.iter().map(|(c, v)| json!({"case_id": c, "volunteer_id": v})).collect();
    let pin = json!({"case_id": case, "volunteer_id": other});
    let pinned = ask(json!({"cases": ids, "pins": [pin], "before": before})).await;
    assert!(pairs(&pinned).contains(&(case, other)));
    let changed = pinned["changed"].as_array().expect("a list");
    let expected = json!({"case_id": case, "before_volunteer_id": volunteer, "volunteer_id": other});
    assert!(changed.contains(&expected), "{changed:?}");
    let kept = ask(json!({"cases": ids, "before": before})).await;
    assert_eq!(kept["changed"], json!([]), "a plan is not reshuffled");
    let without = ask(json!({"cases": ids, "exclusions": [{"case_id": case, "volunteer_id": volunteer}]})).await;
    assert!(!pairs(&without).contains(&(case, volunteer)));
    // Accepted together: all of it, or none.
    let accept = |plan: &Value| {
        let lines = plan["lines"].as_array().expect("lines").iter();
        let lines: Vec<Value> = lines
            .map(|l| json!({"case_id": l["case_id"], "version": l["version"], "volunteer_id": l["volunteer_id"]}))
            .collect();
        json!({ "lines": lines })
    };
    let last = lines.last().expect("a line").0;
    assert_eq!(go(&app, Role::Coordination, last, &json!({"act": "contact"})).await.status, StatusCode::OK);
    let refused = app.post("/api/v1/batches/proposals", &accept(&plan)).await;
    assert_eq!(code(&refused), (409, "changed_meanwhile".into()));
    assert_eq!(refused.json()["field"], format!("case:{last}"));
    let state = async |id| app.store.case(CaseId(id)).await.expect("read").expect("there").state;
    assert_eq!(state(case).await, CaseState::Qualified, "none was written");
    let fresh = ask(json!({"cases": ids})).await;
    let done = app.post("/api/v1/batches/proposals", &accept(&fresh)).await;
    assert_eq!((done.status, done.json()["proposed"].as_u64()), (StatusCode::CREATED, Some(lines.len() as u64)));
    assert_eq!(state(case).await, CaseState::Proposed);
}

#[tokio::test]
async fn a_batch_without_places_says_why_and_what_would_help_most() {
    let app = TestApp::demonstration().await;
    let all = app.store.volunteers().await.expect("volunteers");
    let full: Vec<Volunteer> = all.iter().map(|(_, v)| Volunteer { capacity: 0, ..v.clone() }).collect();
    app.store.upsert_volunteers(&full, author()).await.expect("written");
    let ids = waiting(&app, 3).await;
    let plan = app.post("/api/v1/batches", &json!({"cases": ids})).await.json();
    assert_eq!(pairs(&plan), []);
    let left = plan["unassigned"].as_array().expect("a list");
    assert!(left.iter().all(|one| one["reason"] == "no_place" && one["nearest"][0]["reason"] == "full"), "{left:?}");
    let best = &plan["remedies"][0];
    assert_eq!((&best["kind"], best["amount"].as_u64()), (&json!("places"), best["serves"].as_u64()));
    assert!(best["serves"].as_u64() >= Some(1) && best["quarter"].is_string(), "{best}");
    // One whose walk is too short, with places: so many minutes would serve them.
    let short: Vec<Volunteer> = (all.iter().enumerate())
        .map(|(n, (_, v))| Volunteer { capacity: if n == 0 { 50 } else { 0 }, max_walk_min: 1, ..v.clone() })
        .collect();
    app.store.upsert_volunteers(&short, author()).await.expect("written");
    let plan = app.post("/api/v1/batches", &json!({"cases": ids})).await.json();
    let walk = plan["remedies"].as_array().expect("a list").iter().find(|one| one["kind"] == "walk").cloned();
    let walk = walk.expect("a longer walk helps");
    let minutes = walk["amount"].as_u64().expect("minutes");
    let long = Volunteer { max_walk_min: u32::try_from(minutes).expect("small"), ..short[0].clone() };
    app.store.upsert_volunteers(&[long], author()).await.expect("written");
    let served = pairs(&app.post("/api/v1/batches", &json!({"cases": ids})).await.json()).len() as u64;
    assert_eq!(served, pairs(&plan).len() as u64 + walk["serves"].as_u64().expect("a number"), "what was said is true");
}

#[tokio::test]
async fn an_absence_shows_who_could_take_over_before_anything_is_written() {
    let app = TestApp::demonstration().await;
    let volunteers = app.store.volunteers().await.expect("volunteers");
    let (own, _) = volunteers.iter().find(|(_, v)| v.reference == VOLUNTEER).expect("a volunteer");
    let cases = app.store.cases().await.expect("cases");
    let theirs = cases.iter().filter(|(_, c)| c.state.takes_a_place() && c.volunteer.as_deref() == Some(VOLUNTEER));
    let theirs = theirs.count();
    let days = json!({"volunteer_id": own.0, "from_on": "2026-11-23", "to_on": "2026-11-30"});
    let plan = app.post("/api/v1/absences/plan", &days).await.json();
    let told = pairs(&plan).len() + plan["unassigned"].as_array().expect("a list").len();
    assert_eq!(told, theirs);
    assert!(pairs(&plan).iter().all(|(_, v)| *v != own.0));
    assert!(app.store.absences().await.expect("read").is_empty());
    // The volunteer notes it on the phone; the coordination sees who is not covered.
    let mine = json!({"from_on": "2026-11-23", "to_on": "2026-11-30"});
    let noted = app.ask(Some(Role::Bienveilleur), Method::POST, "/api/v1/absences", &mine).await;
    assert_eq!(noted.status, StatusCode::CREATED, "{}", noted.json());
    let others = json!({"volunteer_id": own.0 + 1, "from_on": "2026-11-23", "to_on": "2026-11-30"});
    let refused = app.ask(Some(Role::Bienveilleur), Method::POST, "/api/v1/absences", &others).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let follow = app.get("/api/v1/follow-up").await.json();
    assert!(!follow["uncovered"].as_array().expect("keys").is_empty());
    let over = json!({"from_on": "2026-11-20", "to_on": "2026-11-22"});
    let over = app.ask(Some(Role::Bienveilleur), Method::POST, "/api/v1/absences", &over).await;
    assert_eq!((over.status.as_u16(), over.json()["field"].as_str()), (422, Some("to_on")));
    // A plan is handed over: the people are asked of somebody else.
    if let Some(line) = plan["lines"].as_array().expect("lines").first() {
        let fresh = version_of(&app, line["case_id"].as_i64().expect("a key")).await;
        let lines =
            json!({"lines": [{"case_id": line["case_id"], "version": fresh, "volunteer_id": line["volunteer_id"]}]});
        let done = app.post("/api/v1/batches/proposals", &lines).await;
        assert_eq!(done.status, StatusCode::CREATED, "{}", done.json());
    }
}
