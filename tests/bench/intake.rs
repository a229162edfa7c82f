//! Search first: the index over 10,000 cases, a search in it beside its slow twin, and whole requests with their line of the
//! trail. Names are the demonstration's, varied; addresses are the demonstration's.

use std::hint::black_box;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use bienveilleurs::cli::demonstration::{self, DemonstrationArgs};
use bienveilleurs::domain::address::Address;
use bienveilleurs::domain::audit::Author;
use bienveilleurs::domain::case::{Case, CaseId, CaseState};
use bienveilleurs::domain::settings::Settings;
use bienveilleurs::domain::text::{begins_within_one_typo, fold, national_phone, within_one_typo};
use bienveilleurs::http::site::Site;
use bienveilleurs::http::{App, router};
use bienveilleurs::service::case_index::{CaseIndex, Searched, Typed};
use bienveilleurs::service::passwords::{Cost, Passwords};
use bienveilleurs::service::sign_in::Policy;
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::store::{KeySource, Store};
use chrono::Utc;
use criterion::Criterion;
use metrics_exporter_prometheus::PrometheusBuilder;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tower::ServiceExt;

use super::trust::signed_in;

const CASES: usize = 10_000;
const ALL: Searched = Searched { identity: true, contact: true, place: true };

/// Family names of two syllables more: some 3,000 of them, as in a town.
fn drawn(known: &[(CaseId, Case)], homes: &[String]) -> Vec<Case> {
    const SYLLABLES: [&str; 8] = ["", "ard", "eau", "ier", "on", "et", "in", "ault"];
    let mut random = Pcg64::seed_from_u64(8);
    (0..CASES)
        .map(|i| {
            let mut pick = || &known[random.random_range(0..known.len())].1;
            let (given_name, family) = (pick().given_name.clone(), pick().family_name.clone());
            let [a, b] = [(); 2].map(|()| SYLLABLES[random.random_range(0..SYLLABLES.len())]);
            Case {
                reference: format!("N-{i:06}"),
                state: CaseState::Qualified,
                volunteer: None,
                given_name,
                family_name: format!("{family}{a}{b}"),
                phone: format!("06 {:02} {:02} {:02} {:02}", i % 97, i / 97 % 89, i * 7 % 83, i * 31 % 79),
                address: homes[i * 7919 % homes.len()].clone(),
                position: None,
                ..known[i % known.len()].1.clone()
            }
        })
        .collect()
}

/// Slow twin of a search by words: every word of every case, folded anew.
fn slow_words(cases: &[(CaseId, Case)], text: &str) -> Vec<usize> {
    let folded = fold(text);
    let typed: Vec<Vec<char>> = folded.split(' ').map(|word| word.chars().collect()).collect();
    let bears = |case: &Case| {
        let own = fold(&format!("{} {} {}", case.given_name, case.family_name, case.address));
        let own: Vec<Vec<char>> = own.split(' ').map(|word| word.chars().collect()).collect();
        typed.iter().all(|typed| {
            own.iter().any(|word| {
                word.starts_with(typed)
                    || (typed.len() >= 4 && (within_one_typo(typed, word) || begins_within_one_typo(typed, word)))
            })
        })
    };
    cases.iter().enumerate().filter(|(_, (_, case))| bears(case)).map(|(i, _)| i).collect()
}

fn slow_phone(cases: &[(CaseId, Case)], text: &str) -> Vec<usize> {
    let digits = national_phone(text);
    let bears = |case: &Case| national_phone(&case.phone).contains(&digits);
    cases.iter().enumerate().filter(|(_, (_, case))| bears(case)).map(|(i, _)| i).collect()
}

pub fn intake(c: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("bench.sqlite").display());
    let by = Author::command_line(Utc::now());
    let policy = Policy { passwords: Passwords::with_cost(Cost { memory_kib: 64, passes: 1 }), ..Policy::default() };
    let policy = Arc::new(policy);
    let store = runtime.block_on(async {
        let keys = KeySource::Text(format!("1 {}", "11".repeat(32)).into());
        let store = Store::open(&url, keys, "bench").await.unwrap();
        let args = DemonstrationArgs { seed: 2020, once: false, files_only: None };
        demonstration::run(&args, &store, folder.path(), &policy.passwords, by.at, &mut Vec::new()).await.unwrap();
        let known = store.cases().await.unwrap();
        let homes: Vec<String> = store.addresses().await.unwrap().iter().map(Address::label).collect();
        store.upsert_cases(&drawn(&known, &homes), by).await.unwrap();
        store
    });
    let areas = StudyAreas::new(store.clone(), folder.path().to_owned(), Settings::default(), "bench".into());
    let area = runtime.block_on(areas.fresh()).unwrap();
    let cases = area.cases();
    c.bench_function("case-index/build 10000", |b| b.iter(|| CaseIndex::build(black_box(cases))));

    let index = CaseIndex::build(cases);
    let one = &cases[cases.len() / 2].1;
    let mut family: Vec<char> = one.family_name.chars().collect();
    let middle = family.len() / 2;
    family.swap(middle - 1, middle);
    let wrong = format!("{} {}", family.into_iter().collect::<String>(), one.given_name);
    let street: String = one.address.split(',').next().unwrap().chars().filter(|c| !c.is_ascii_digit()).collect();
    let street = street.trim().to_owned();
    let phone = format!("+33 {}", one.phone.trim_start_matches('0'));
    for (name, text) in [("name with a typo", &wrong), ("street", &street), ("phone", &phone)] {
        let mut fast: Vec<usize> = index.search(text, ALL, usize::MAX).into_iter().map(|hit| hit.case).collect();
        fast.sort_unstable();
        let slow = if name == "phone" { slow_phone(cases, text) } else { slow_words(cases, text) };
        assert!(fast == slow && !fast.is_empty(), "{name}: {} found, slowly {}", fast.len(), slow.len());
        c.bench_function(&format!("case-index/{name}"), |b| b.iter(|| index.search(black_box(text), ALL, 20)));
    }
    let full = format!("{} {}", one.given_name, one.family_name);
    let typed = Typed { name: &full, phone: &phone, address: &one.address };
    c.bench_function("case-index/duplicates", |b| b.iter(|| index.duplicates(black_box(typed), ALL, 5)));

    let token = runtime.block_on(signed_in(&store, &policy, by));
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let app = App { areas: Arc::new(areas), now: Utc::now, metrics, policy, site: Arc::new(Site::default()) };
    let service = router(app);
    let ask = async |path: &str, body: String| {
        let request =
            Request::post(path).header(header::HOST, "localhost").header(header::CONTENT_TYPE, "application/json");
        let request = request.header(header::COOKIE, format!("bv_session={token}")).body(Body::from(body)).unwrap();
        let answer = service.clone().oneshot(request).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap().len()
    };
    let looks = [&wrong, &street, &phone, &full].map(|text| format!("{{\"q\":\"{text}\"}}"));
    let mut next = looks.iter().cycle();
    c.bench_function("request/search", |b| {
        b.iter(|| runtime.block_on(ask("/api/v1/cases/search", next.next().unwrap().clone())));
    });
    let so_far = format!(
        "{{\"given_name\":\"{}\",\"family_name\":\"{}\",\"phone\":\"{phone}\",\"address\":\"{}\"}}",
        one.given_name, one.family_name, one.address
    );
    c.bench_function("request/duplicates", |b| {
        b.iter(|| runtime.block_on(ask("/api/v1/cases/duplicates", so_far.clone())));
    });
}
