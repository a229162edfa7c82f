//! Canary persons: whatever a role asks, it never gets a byte of somebody it may not see.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::http::{Method, header};
use bienveilleurs::cli::SettingsArgs;
use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::{Act, Resource};
use bienveilleurs::domain::case::{Case, CaseState, ReportChannel};
use bienveilleurs::domain::case_life::Move;
use bienveilleurs::domain::position::LonLat;
use bienveilleurs::domain::relay::{Relay, RelayKind};
use bienveilleurs::domain::report::{Household, Report, Reporter};
use bienveilleurs::domain::settings::Settings;
use bienveilleurs::domain::travel::TravelProfile;
use bienveilleurs::domain::visit::{Visit, VisitKind};
use bienveilleurs::domain::volunteer::Volunteer;
use bienveilleurs::http::{Route, route_table};
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::store::{AuditFilter, Mover, Order, Told};
use serde_json::{Value, json};

use crate::access::{Of, ask, object, request_of};
use crate::app::{self, Answer, TestApp, VOLUNTEER};
use crate::store_contract;

/// Somebody with words that stand nowhere else.
struct Canary {
    who: &'static str,
    words: Vec<String>,
    /// Who may see any of the words.
    seen_by: &'static [Role],
}

const EVERYTHING: &[Role] = &[Role::Coordination];

/// A case whose every field can be recognised.
fn case(reference: &str, mark: &str, at: LonLat) -> Case {
    Case {
        family_name: format!("Zzfamille{mark}"),
        given_name: format!("Zzprenom{mark}"),
        phone: format!("06 99 88 7{} 66", &reference[3..]),
        address: format!("7 impasse Zzrue{mark}"),
        position: Some(at),
        notes: format!("Zznotes{mark}"),
        languages: vec!["fr".into()],
        state: CaseState::Qualified,
        ..store_contract::case(reference)
    }
}

/// What a neighbour told of a canary: somebody else's name, phone and words.
fn told(mark: &str) -> Report {
    Report {
        at: app::now(),
        channel: ReportChannel::Voisin,
        seen: format!("Zzvu{mark}"),
        signs: BTreeSet::new(),
        danger_action: format!("Zzfait{mark}"),
        reporter: Reporter {
            name: format!("Zzrapporteur{mark}"),
            phone: format!("06 98 11 {} 44", mark.len() + 20),
            relation: format!("Zzlien{mark}"),
        },
        account: None,
    }
}

/// A position as it would be recognised: longitude and latitude to five decimals, one after the other.
fn written(at: LonLat) -> Vec<String> {
    vec![format!("{:.7}", at.lon())[..7].to_owned() + "…" + &format!("{:.7}", at.lat())[..8]]
}

/// Whether a text holds a word, or the pair of numbers that `first…second` begins.
fn holds(text: &str, word: &str) -> bool {
    let Some((lon, lat)) = word.split_once('…') else { return text.contains(word) };
    text.match_indices(lon).any(|(at, _)| {
        let rest = text[at + lon.len()..].trim_start_matches(|c: char| c.is_ascii_digit());
        rest.trim_start_matches([',', ' ', ';']).starts_with(lat)
    })
}

fn words(case: &Case) -> Vec<String> {
    let mut words = vec![case.family_name.clone(), case.given_name.clone(), case.phone.clone(), case.notes.clone()];
    words.push(case.address.split(' ').next_back().unwrap_or_default().to_owned());
    words.extend(case.position.map(written).unwrap_or_default());
    words
}

/// Puts the canaries in, each alone where it lives.
async fn let_loose(app: &TestApp) -> Vec<Canary> {
    let at = |lon, lat| LonLat::try_new(lon, lat).expect("a position");
    let open = case("ZZ-1", "Open", at(0.134_561_3, 49.498_172_9));
    let own = Case {
        state: CaseState::Accompanied,
        volunteer: Some(VOLUNTEER.into()),
        ..case("ZZ-2", "OwnCase", at(0.133_972_7, 49.497_431_1))
    };
    let offered = Case {
        state: CaseState::Proposed,
        volunteer: Some(VOLUNTEER.into()),
        ..case("ZZ-3", "Offered", at(0.132_817_9, 49.496_993_3))
    };
    let volunteer = Volunteer {
        family_name: "Zzbenevole".into(),
        given_name: "Zzamina".into(),
        phone: "06 11 99 22 88".into(),
        email: "zzmail@exemple.invalid".into(),
        address: "9 sente Zzsente".into(),
        position: Some(at(0.131_791_7, 49.495_717_3)),
        ..store_contract::volunteer("ZV-1")
    };
    let neighbour = Relay {
        name: "Zzvoisine".into(),
        kind: RelayKind::Voisin,
        address: "11 cour Zzcour".into(),
        position: Some(at(0.130_913_9, 49.494_871_7)),
        ..store_contract::relay("ZR-1")
    };
    app.store.upsert_volunteers(std::slice::from_ref(&volunteer), app::author()).await.expect("a volunteer");
    let cases = [open.clone(), own.clone(), offered.clone()];
    app.store.upsert_cases(&cases, app::author()).await.expect("cases");
    for (id, case) in app.store.cases().await.expect("cases") {
        let Some(mark) = case.family_name.strip_prefix("Zzfamille") else { continue };
        let report = told(mark);
        let told = Told { report: &report, household: Household::UNKNOWN, form: None };
        app.store.add_report(id, told, app::author()).await.expect("a report");
    }
    app.store.upsert_relays(std::slice::from_ref(&neighbour), app::author()).await.expect("a relay");
    let mut home = vec![volunteer.family_name, volunteer.phone, volunteer.email, "Zzsente".into()];
    let mut place = volunteer.position.map(written).unwrap_or_default();
    let mut private = vec![neighbour.name, "Zzcour".into()];
    private.extend(neighbour.position.map(written).unwrap_or_default());
    let mut all = Vec::new();
    for (who, case, seen_by) in [
        ("a case of nobody yet", &open, &[Role::Coordination, Role::Accueil][..]),
        ("the volunteer's own case", &own, &[Role::Coordination, Role::Accueil, Role::Bienveilleur][..]),
        ("a case offered to the volunteer", &offered, &[Role::Coordination, Role::Accueil][..]),
    ] {
        let mut words = words(case);
        let notes: Vec<String> = words.extract_if(.., |word| word.starts_with("Zznotes")).collect();
        let carers: &[Role] =
            if seen_by.contains(&Role::Bienveilleur) { &[Role::Coordination, Role::Bienveilleur] } else { EVERYTHING };
        all.push(Canary { who, words: notes, seen_by: carers });
        all.push(Canary { who, words, seen_by });
        let Report { seen, danger_action, .. } = told(case.family_name.trim_start_matches("Zzfamille"));
        all.push(Canary { who: "what was told of somebody", words: vec![seen, danger_action], seen_by: EVERYTHING });
    }
    for mark in ["Open", "OwnCase", "Offered"] {
        // Whoever takes reports knows who told them, and nobody else does: not the volunteer, not even the officer.
        let Reporter { name, phone, relation } = told(mark).reporter;
        let words = vec![name, phone, relation];
        all.push(Canary { who: "who told of somebody", words, seen_by: &[Role::Coordination, Role::Accueil] });
    }
    let carers = &[Role::Coordination, Role::Bienveilleur];
    all.push(Canary { who: "a visit of the volunteer's own", words: vec!["Zzvisite".into()], seen_by: carers });
    all.push(Canary { who: "an institution that was asked", words: vec!["Zzinstitut".into()], seen_by: carers });
    all.push(Canary { who: "words beside a move", words: vec!["Zzmouvement".into()], seen_by: EVERYTHING });
    live(app).await;
    all.push(Canary { who: "a volunteer", words: std::mem::take(&mut home), seen_by: EVERYTHING });
    let leads = &[Role::Coordination, Role::Pilotage];
    all.push(Canary { who: "a volunteer's home", words: std::mem::take(&mut place), seen_by: leads });
    all.push(Canary { who: "a neighbour who is a relay", words: private, seen_by: leads });
    // Whoever sees as somebody, keeps the accounts or reads the trail knows colleagues by name.
    let colleagues = &[Role::Coordination, Role::Administration, Role::Dpo];
    all.push(Canary { who: "the holder of another account", words: vec!["Zzautrui".into()], seen_by: colleagues });
    all
}

/// A visit, a referral and a move with words, each of the volunteer's own case.
async fn live(app: &TestApp) {
    let cases = app.store.cases().await.expect("cases");
    let (own, _) = cases.iter().find(|(_, case)| case.reference == "ZZ-2").expect("the canary");
    let today = app::author().today();
    let mover = Mover { account: None, only_of: None, by: app::author() };
    let visit = Visit { on: today, kind: VisitKind::Visit, impressions: BTreeSet::new(), note: "Zzvisite".into() };
    let contact = Move::Contact(today, None);
    let orders = [
        Order { case: *own, version: None, step: contact, note: String::new(), visit: Some(visit) },
        Order { case: *own, version: None, step: contact, note: "Zzmouvement".into(), visit: None },
    ];
    app.store.move_cases(&orders, mover).await.expect("written").expect("legal");
    app.store.refer(*own, "Zzinstitut", today, app::author()).await.expect("written").expect("a case");
}

/// Keys of the canaries' cases.
async fn their_cases(app: &TestApp) -> Vec<i64> {
    let cases = app.store.cases().await.expect("cases");
    cases.into_iter().filter(|(_, case)| case.reference.starts_with("ZZ-")).map(|(id, _)| id.0).collect()
}

/// The objects on which a route is asked: the asker's own, somebody else's, and the canaries.
async fn objects(app: &TestApp, role: Option<Role>, route: &Route, cases: &[i64]) -> Vec<Option<i64>> {
    if !route.path.contains("{id}") {
        return vec![None];
    }
    let mut objects: Vec<Option<i64>> = Vec::new();
    for of in [Of::Asker, Of::Somebody] {
        objects.extend(object(app, role, route, of).await.map(Some));
    }
    // Whom a coordinator erases nobody can look for any more.
    if route.path.starts_with("/api/v1/cases/")
        && (role != Some(Role::Coordination) || !route.path.ends_with("/refusal"))
    {
        objects.extend(cases.iter().copied().map(Some));
    }
    if route.path.starts_with("/api/v1/rights/requests/") {
        objects.push(Some(request_of(app, "access", cases[0], app.account_of(Role::Dpo)).await));
    }
    objects
}

/// Every byte of an answer, as text: status line, headers, body.
fn bytes(answer: &Answer) -> String {
    let mut text = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    text.push_str(&String::from_utf8_lossy(&answer.body));
    text
}

fn check(canaries: &[Canary], role: Option<Role>, question: &str, text: &str) {
    for canary in canaries {
        if role.is_some_and(|role| canary.seen_by.contains(&role)) {
            continue;
        }
        for word in &canary.words {
            assert!(!holds(text, word), "{role:?} got `{word}` of {} by {question}", canary.who);
        }
    }
}

/// What the whole process logs while these tests run.
fn log() -> Arc<Mutex<Vec<u8>>> {
    #[derive(Clone)]
    struct Kept(Arc<Mutex<Vec<u8>>>);
    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    static LOG: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();
    Arc::clone(LOG.get_or_init(|| {
        let kept = Kept(Arc::default());
        let log = Arc::clone(&kept.0);
        let _ = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(move || kept.clone())
            .try_init();
        log
    }))
}

#[tokio::test]
async fn no_role_gets_a_byte_of_somebody_it_may_not_see() {
    let log = log();
    let app = TestApp::demonstration().await;
    let canaries = let_loose(&app).await;
    let everything = bytes(&app.get("/api/v1/layers/cases").await);
    let (shown, hidden): (Vec<_>, Vec<_>) =
        canaries[..2].iter().flat_map(|canary| &canary.words).partition(|word| holds(&everything, word));
    assert!(shown.len() >= 5, "the search finds what is there; not {hidden:?}");

    let cases = their_cases(&app).await;
    // The first three are of the person who asks for access; who told of her is not.
    let others = &canaries[3..];
    let (mut asked, mut exports) = (0, 0);
    let correction =
        json!({"address": "x", "family_name": "x", "given_name": "", "phone": "", "languages": ["fr"], "notes": ""});
    let boxes = ["", "bbox=0.1345,49.4981,0.1346,49.4982", "bbox=0.1317,49.4957,0.1318,49.4958"];
    for role in Role::ALL.iter().copied().map(Some).chain([None]) {
        for route in route_table() {
            if route.method == Method::DELETE && route.path == "/api/v1/session" {
                continue;
            }
            for id in objects(&app, role, &route, &cases).await {
                let answer = ask(&app, role, &route, id).await;
                let question = format!("{} {} {id:?}", route.method, route.path);
                // The answer to a request for access is the one place where the officer reads somebody.
                let told = role == Some(Role::Dpo) && route.path == "/api/v1/rights/requests/{id}/export";
                let text = bytes(&answer);
                if told {
                    exports += usize::from(text.contains("ZzfamilleOpen"));
                    check(others, role, &question, &text);
                } else {
                    check(&canaries, role, &question, &text);
                }
                asked += 1;
                // One's own session may have been the object.
                if let (Some(role), Some(_)) = (role, id) {
                    app.sign_in_again(role).await;
                }
            }
        }
        // Tiles, thresholds and zooms of what this role may ask, and errors on the way.
        for layer in ["cases", "volunteers", "relays", "streets", "matches", "coverage", "hexes", "case-hexes"] {
            for around in boxes {
                for more in
                    ["by=volunteer", "by=volunteer&threshold_min=1", "by=relay", "profile=reduced_mobility", "x=1"]
                {
                    let path = format!("/api/v1/layers/{layer}?{around}&{more}");
                    let answer = app.ask(role, Method::GET, &path, &Value::Null).await;
                    check(&canaries, role, &path, &bytes(&answer));
                    asked += 1;
                }
            }
        }
        for id in 1..=70 {
            let path = format!("/api/v1/cases/{id}/match");
            let answer = app.ask(role, Method::POST, &path, &json!({"k": 50})).await;
            check(&canaries, role, &path, &bytes(&answer));
            let path = format!("/api/v1/cases/{id}/details");
            for (method, body) in [(Method::GET, Value::Null), (Method::PUT, correction.clone())] {
                let answer = app.ask(role, method, &path, &body).await;
                check(&canaries, role, &path, &bytes(&answer));
            }
            asked += 3;
        }
    }
    assert_eq!(exports, 1, "the officer reads who asked for access");
    let logged = String::from_utf8_lossy(&log.lock().unwrap_or_else(PoisonError::into_inner)).into_owned();
    assert!(logged.contains("request answered"), "the log is looked at");
    for word in canaries.iter().flat_map(|canary| &canary.words) {
        assert!(!holds(&logged, word), "`{word}` stands in the log");
    }
    println!("{asked} answers and {} bytes of log searched for {} words", logged.len(), canaries.len());
}

#[tokio::test]
async fn seeing_as_somebody_gives_the_bytes_that_he_or_she_would_get_and_stands_in_the_trail() {
    let app = TestApp::demonstration().await;
    let_loose(&app).await;
    let viewers = app.get("/api/v1/viewers").await.json();
    let mut compared = 0;
    for role in [Role::Bienveilleur, Role::Accueil, Role::Pilotage, Role::Diffusion] {
        let name = format!("Essai {role}");
        let people = viewers["viewers"].as_array().expect("viewers");
        let account =
            people.iter().find(|v| v["name"] == *name).unwrap_or_else(|| panic!("{viewers}"))["account_id"].to_string();
        for path in [
            "/api/v1/study-area",
            "/api/v1/layers/cases",
            "/api/v1/layers/matches",
            "/api/v1/layers/volunteers",
            "/api/v1/layers/streets",
            "/api/v1/layers/relays",
            "/api/v1/coverage?by=volunteer",
        ] {
            let own = app.ask(Some(role), Method::GET, path, &Value::Null).await;
            let request = app.request(Some(Role::Coordination), Method::GET, path).header("view-as", &account);
            let seen = app.send(request.body(axum::body::Body::empty()).expect("a request")).await;
            assert_eq!(seen.status, own.status, "{path} as {role}");
            if own.status.is_success() {
                assert_eq!(seen.body, own.body, "{path} as {role}");
                assert_eq!(seen.header(&header::ETAG), own.header(&header::ETAG), "{path} as {role}");
                compared += 1;
            }
        }
        let write = app.request(Some(Role::Coordination), Method::POST, "/api/v1/cases").header("view-as", &account);
        let write = write.header(header::CONTENT_TYPE, "application/json").body(axum::body::Body::from("{}"));
        let refused = app.send(write.expect("a request")).await;
        assert_eq!(refused.json()["code"], "view_as_reads_only");
        // Nobody else may borrow eyes.
        let other = app.request(Some(Role::Pilotage), Method::GET, "/api/v1/layers/relays").header("view-as", &account);
        assert_eq!(app.send(other.body(axum::body::Body::empty()).expect("a request")).await.status.as_u16(), 403);
    }
    assert!(compared >= 15, "{compared}");
    let trail = app.store.audit(&AuditFilter::default()).await.expect("the trail");
    let looks = trail.iter().filter(|row| row.act == "view_as").count();
    assert!(looks >= compared, "{looks} looks for {compared} answers");
    let seen_as = trail.iter().filter(|row| row.resource == "cases" && row.reason.starts_with("seen as account:"));
    assert!(seen_as.count() >= 1, "what was seen with borrowed eyes says so");
}

#[tokio::test]
async fn an_emergency_opens_the_cases_for_a_time_and_is_told() {
    let app = TestApp::demonstration().await;
    let ask = async |path: &str| app.ask(Some(Role::Pilotage), Method::GET, path, &Value::Null).await;
    assert_eq!(ask("/api/v1/layers/cases").await.status.as_u16(), 403);
    let reason = json!({"reason": "Fuite de gaz rue des essais, la coordination est injoignable"});
    let opened = app.ask(Some(Role::Pilotage), Method::POST, "/api/v1/break-glass", &reason).await;
    assert_eq!(opened.status.as_u16(), 201, "{}", bytes(&opened));
    let cases = ask("/api/v1/layers/cases").await;
    assert_eq!(cases.status.as_u16(), 200);
    assert!(cases.json()["features"].as_array().is_some_and(|f| f.len() >= 60));
    let notices = app.ask(Some(Role::Dpo), Method::GET, "/api/v1/notices", &Value::Null).await.json();
    assert!(notices["notices"][0]["detail"].as_str().is_some_and(|d| d.contains("Fuite de gaz")), "{notices}");
}

/// Lines that one account has in the trail about a list of this resource.
async fn lists(app: &TestApp, actor: &str, resource: Resource) -> usize {
    let filter = AuditFilter {
        actor: Some(actor.to_owned()),
        act: Some(Act::List),
        resource: Some(resource),
        ..AuditFilter::default()
    };
    app.store.audit(&filter).await.expect("the trail").len()
}

#[tokio::test]
async fn what_is_made_from_homes_or_names_private_persons_is_in_no_cache_and_in_the_trail() {
    let app = TestApp::demonstration().await;
    let homes = [
        "/api/v1/layers/streets",
        "/api/v1/layers/coverage?by=volunteer",
        "/api/v1/layers/hexes?by=volunteer",
        "/api/v1/coverage?by=volunteer",
    ];
    let shops = ["/api/v1/layers/coverage?by=relay", "/api/v1/layers/hexes?by=relay", "/api/v1/coverage?by=relay"];
    let relays = "/api/v1/layers/relays";
    let questions = homes
        .map(|path| (path, Resource::Volunteers))
        .into_iter()
        .chain(shops.map(|path| (path, Resource::Volunteers)))
        .chain([(relays, Resource::Relays)]);
    for (path, resource) in questions {
        for role in Role::ALL.iter().copied().map(Some).chain([None]) {
            let keeps = matches!(role, Some(Role::Coordination | Role::Pilotage)) && !shops.contains(&path);
            let actor = role.map_or_else(|| "nobody".to_owned(), |role| format!("account:{}", app.account_of(role)));
            let before = lists(&app, &actor, resource).await;
            let answer = app.ask(role, Method::GET, path, &Value::Null).await;
            if !answer.status.is_success() {
                continue;
            }
            let cache = if keeps { "no-store" } else { "no-cache, private" };
            assert_eq!(answer.header(&header::CACHE_CONTROL), cache, "{path} for {role:?}");
            let after = lists(&app, &actor, resource).await;
            assert_eq!(after - before, usize::from(keeps), "{path} for {role:?}");
            // The page holds the answer in memory with its tag: nothing new is shown, and nothing is written.
            let again =
                app.request(role, Method::GET, path).header(header::IF_NONE_MATCH, answer.header(&header::ETAG));
            let again = app.send(again.body(axum::body::Body::empty()).expect("a request")).await;
            assert_eq!(again.status.as_u16(), 304, "{path} for {role:?}");
            assert_eq!(again.header(&header::CACHE_CONTROL), cache, "{path} for {role:?}");
            assert_eq!(lists(&app, &actor, resource).await, after, "{path} for {role:?}");
        }
    }
}

#[tokio::test]
async fn coverage_on_the_command_line_stands_in_the_trail_when_it_is_made_from_homes() {
    use bienveilleurs::cli::coverage::{By, CoverageArgs, run};
    let app = TestApp::demonstration().await;
    let areas = StudyAreas::new(app.store.clone(), app.folder.path().to_owned(), Settings::default(), "beside".into());
    let profile = TravelProfile::Foot;
    for (by, expected) in [(By::Relay, 0), (By::Volunteer, 1)] {
        let args = CoverageArgs { by, threshold_min: None, profile, settings: SettingsArgs::default() };
        run(&args, &areas, app::author(), &mut Vec::new()).await.expect("figures");
        assert_eq!(lists(&app, "command_line", Resource::Volunteers).await, expected);
    }
}

#[tokio::test]
async fn a_place_of_worship_is_published_like_a_club_a_school_and_a_lodge() {
    let app = TestApp::demonstration().await;
    let kinds: Vec<RelayKind> = RelayKind::ALL.iter().copied().filter(|kind| !kind.is_private_person()).collect();
    let relays: Vec<Relay> = kinds
        .iter()
        .map(|kind| Relay {
            name: "Zzporte".into(),
            kind: *kind,
            address: "1 rue Zzdoor".into(),
            position: LonLat::try_new(0.13, 49.495).ok(),
            ..store_contract::relay(&format!("ZK-{kind}"))
        })
        .collect();
    app.store.upsert_relays(&relays, app::author()).await.expect("relays");
    for role in [None, Some(Role::Accueil), Some(Role::Diffusion), Some(Role::Bienveilleur)] {
        let shown = app.ask(role, Method::GET, "/api/v1/layers/relays", &Value::Null).await.json();
        let doors: Vec<&Value> = shown["features"]
            .as_array()
            .expect("features")
            .iter()
            .map(|feature| &feature["properties"])
            .filter(|p| p["name"] == "Zzporte")
            .collect();
        assert_eq!(doors.len(), kinds.len());
        let nameless: Vec<&&Value> = doors.iter().filter(|p| p.get("kind").is_none()).collect();
        assert_eq!(nameless.len(), 6, "six kinds are published without their kind, a place of worship among them");
        assert!(nameless.iter().all(|p| p == &nameless[0]), "and nothing else tells them apart");
        let worship = doors[kinds.iter().position(|kind| *kind == RelayKind::RepresentantCulte).expect("a kind")];
        assert!(worship.get("kind").is_none(), "{worship}");
    }
}
