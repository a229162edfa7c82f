//! What protection costs: signing in, the check before each request, the line of the trail, and the index that is rebuilt
//! from sealed rows. The town is the demonstration's; the cases are drawn over its addresses.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use bienveilleurs::cli::demonstration::{self, DemonstrationArgs};
use bienveilleurs::cli::import_quarters::{self, ImportQuartersArgs};
use bienveilleurs::cli::import_streets::{self, ImportStreetsArgs};
use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::{Act, Author, Resource};
use bienveilleurs::domain::case::{Case, CaseState};
use bienveilleurs::domain::position::LonLat;
use bienveilleurs::domain::settings::Settings;
use bienveilleurs::domain::travel::TravelProfile;
use bienveilleurs::domain::volunteer::Volunteer;
use bienveilleurs::http::site::Site;
use bienveilleurs::http::{App, router, router_metrics};
use bienveilleurs::service::demonstration::generate;
use bienveilleurs::service::passwords::{Cost, Passwords};
use bienveilleurs::service::quarters::quarters_or_shipped;
use bienveilleurs::service::sign_in::{Attempt, Policy, Tokens, sign_in};
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::store::{KeySource, NewAccount, Store};
use chrono::Utc;
use criterion::Criterion;
use tower::ServiceExt;

const CASES: usize = 100_000;

/// A coordinator's session.
pub async fn signed_in(store: &Store, policy: &Policy, by: Author) -> String {
    let password = "Un mot de passe 12 !";
    let hash = policy.passwords.hash(password).await.unwrap();
    let roles = BTreeSet::from([Role::Coordination]);
    let new = NewAccount {
        login: "bench",
        name: "Bench",
        roles: &roles,
        volunteer: None,
        password: &hash,
        demonstration: false,
    };
    store.create_account(&new, by).await.unwrap();
    let attempt =
        Attempt { login: "bench", password, code: None, address: None, tokens: Tokens::default(), now: by.at };
    sign_in(store, policy, attempt).await.unwrap().token.to_string()
}

/// The 2.4 km square of Heidelberg's centre as one quarter, with ten volunteers and sixty cases spread over it.
async fn square(store: &Store, folder: &Path, file: &Path, by: Author) {
    let (west, south, east, north) = (8.678_134, 49.398_608, 8.711_266, 49.420_192);
    let quarter = folder.join("square.geojson");
    let ring = format!("[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]");
    let feature = format!(
        "{{\"type\":\"Feature\",\"properties\":{{\"name\":\"Centre\"}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}}}"
    );
    std::fs::write(&quarter, format!("{{\"type\":\"FeatureCollection\",\"features\":[{feature}]}}")).unwrap();
    let quarters = ImportQuartersArgs { file: quarter, name_field: None, only: Vec::new() };
    import_quarters::run(&quarters, store, &mut Vec::new()).await.unwrap();
    let streets = ImportStreetsArgs { file: file.to_owned(), margin_m: 0.0 };
    import_streets::run(&streets, store, folder, by.at, &mut Vec::new()).await.unwrap();
    let at = |i: usize, of: usize| {
        let part = (i as f64 + 0.5) / of as f64;
        LonLat::try_new(west + (east - west) * part, south + (north - south) * (part * 7.0).fract()).ok()
    };
    let volunteers: Vec<Volunteer> = (0..10)
        .map(|i| Volunteer {
            reference: format!("BV-{i:02}"),
            family_name: "Bénévole".into(),
            given_name: "Fictive".into(),
            phone: String::new(),
            email: String::new(),
            address: String::new(),
            position: at(i, 10),
            active: true,
            capacity: 6,
            max_walk_min: 20,
            profile: TravelProfile::Foot,
            languages: vec!["fr".into()],
            needs: std::collections::BTreeSet::new(),
            cleared: true,
        })
        .collect();
    store.upsert_volunteers(&volunteers, by).await.unwrap();
    let town = generate(&quarters_or_shipped(store).await.unwrap(), 2020);
    let cases: Vec<Case> = (town.cases.into_iter().enumerate())
        .map(|(i, case)| Case { position: at(i, 60), volunteer: None, state: CaseState::Qualified, ..case })
        .collect();
    store.upsert_cases(&cases, by).await.unwrap();
}

pub fn trust(c: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("bench.sqlite").display());
    let keys = || KeySource::Text(format!("1 {}", "11".repeat(32)).into());
    let by = Author::command_line(Utc::now());
    let policy = Policy { passwords: Passwords::with_cost(Cost { memory_kib: 64, passes: 1 }), ..Policy::default() };
    let policy = Arc::new(policy);

    let store = runtime.block_on(async {
        let store = Store::open(&url, keys(), "bench").await.unwrap();
        let args = DemonstrationArgs { seed: 2020, once: false, files_only: None };
        demonstration::run(&args, &store, folder.path(), &policy.passwords, by.at, &mut Vec::new()).await.unwrap();
        store
    });
    let area =
        || Arc::new(StudyAreas::new(store.clone(), folder.path().to_owned(), Settings::default(), "bench".into()));

    // Whole requests through the router, on streets of the size that the four quarters of Le Havre have (S of
    // `docs/BENCHMARKS.md`) where real streets can be had. What the guard costs is what a session adds to a request whose
    // handler does nothing: without one, the guard asks the database nothing.
    let real = std::env::var_os("BV_TEST_DATA").map(|data| Path::new(&data).join("osm/heidelberg-ors.osm.pbf"));
    let town = tempfile::tempdir().unwrap();
    let areas = match real.filter(|file| file.is_file()) {
        None => {
            println!("SKIPPED requests at real size: set BV_TEST_DATA; the demonstration's streets are a third of it");
            area()
        }
        Some(file) => runtime.block_on(async {
            let url = format!("sqlite:{}", town.path().join("bench.sqlite").display());
            let real = Store::open(&url, keys(), "bench").await.unwrap();
            square(&real, town.path(), &file, by).await;
            Arc::new(StudyAreas::new(real, town.path().to_owned(), Settings::default(), "bench".into()))
        }),
    };
    let store_of_people = store.clone();
    let store = areas.store().clone();
    let token = runtime.block_on(signed_in(&store, &policy, by));
    let app = App {
        areas,
        now: Utc::now,
        metrics: router_metrics().unwrap(),
        policy: Arc::clone(&policy),
        site: Arc::new(Site::default()),
    };
    let service = router(app);
    let nobody = String::new();
    let somebody = format!("bv_session={token}");
    let ask = async |path: &str, cookie: &str| {
        let request = Request::get(path).header(header::HOST, "localhost");
        let request = request.header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let answer = service.clone().oneshot(request).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap().len()
    };
    for layer in ["streets", "coverage?by=volunteer", "cases"] {
        let path = format!("/api/v1/layers/{layer}");
        let name = layer.split('?').next().unwrap();
        c.bench_function(&format!("request/{name}"), |b| b.iter(|| runtime.block_on(ask(&path, &somebody))));
    }
    for (who, cookie) in [("nobody", &nobody), ("somebody", &somebody)] {
        c.bench_function(&format!("request/nothing for {who}"), |b| {
            b.iter(|| runtime.block_on(ask("/healthz", cookie)));
        });
    }
    let entry = by.entry(Act::List, Resource::Cases).over(60);
    c.bench_function("trail/one line, committed", |b| {
        b.iter(|| runtime.block_on(store.record(std::slice::from_ref(&entry))).unwrap());
    });

    let real = Passwords::default();
    let hash = runtime.block_on(real.hash("Un mot de passe 12 !")).unwrap();
    let mut group = c.benchmark_group("sign-in");
    group.sample_size(10);
    group.bench_function("password", |b| {
        b.iter(|| assert!(runtime.block_on(real.matches(Some(hash.as_str()), "Un mot de passe 12 !"))));
    });
    group.bench_function("unknown account", |b| {
        b.iter(|| assert!(!runtime.block_on(real.matches(None, "Un mot de passe 12 !"))));
    });
    group.finish();

    let store = store_of_people;
    // The index from sealed rows, and its slow twin: every field opened again, one case after another.
    let cases: Vec<Case> = runtime.block_on(async {
        let known = store.cases().await.unwrap();
        let homes = store.addresses().await.unwrap();
        let draw = |i: usize| Case {
            reference: format!("N-{i:06}"),
            state: CaseState::Qualified,
            volunteer: None,
            position: Some(homes[i * 7919 % homes.len()].position),
            ..known[i % known.len()].1.clone()
        };
        let cases: Vec<Case> = (0..CASES).map(draw).collect();
        store.upsert_cases(&cases, by).await.unwrap();
        cases
    });
    runtime.block_on(async {
        let fresh = area().fresh().await.unwrap();
        let read: Vec<Case> =
            fresh.cases().iter().map(|(_, case)| case.clone()).skip(fresh.cases().len() - CASES).collect();
        assert!(read == cases, "what was sealed comes back");
    });
    let mut group = c.benchmark_group("index");
    group.sample_size(10);
    group.bench_function("100000 cases", |b| b.iter(|| runtime.block_on(area().fresh()).unwrap().cases().len()));
    group.finish();
}
