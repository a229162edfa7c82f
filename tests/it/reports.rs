//! Reports, households and forms that are sent twice, on both databases.

use std::collections::BTreeSet;

use bienveilleurs::domain::audit::{Act, Actor, Author, Resource, Subject};
use bienveilleurs::domain::case::{CaseDetails, CaseId, CaseState, ReportChannel, Sign};
use bienveilleurs::domain::report::{Household, Mobility, Report, Reporter};
use bienveilleurs::domain::rights::ErasureReason;
use bienveilleurs::store::{AuditFilter, Erased, Erasure, Form, Store, StoreError, Taken, Told, TracesOf};
use chrono::TimeDelta;

use crate::store_contract::{case, contract};
use crate::{app, databases};

const TWO: Household = Household { mobility: Mobility::AvecAide, people: Some(2) };

fn report(seen: &str, signs: &[Sign]) -> Report {
    Report {
        at: app::now(),
        channel: ReportChannel::Voisin,
        seen: seen.into(),
        signs: signs.iter().copied().collect(),
        danger_action: if signs.iter().any(|sign| sign.is_danger()) {
            "le 15 a été appelé".into()
        } else {
            String::new()
        },
        reporter: Reporter { name: "Lise Martin".into(), phone: "06 11 22 33 44".into(), relation: "voisine".into() },
        account: None,
    }
}

fn told<'a>(report: &'a Report, household: Household, form: Option<Form<'a>>) -> Told<'a> {
    Told { report, household, form }
}

const fn form<'a>(key: &'a str, content: &'a str) -> Form<'a> {
    Form { key, content }
}

fn later(hours: i64) -> Author {
    Author { at: app::now() + TimeDelta::hours(hours), ..app::author() }
}

async fn creations(store: &Store, resource: Resource) -> Vec<String> {
    let filter = AuditFilter { act: Some(Act::Create), resource: Some(resource), ..AuditFilter::default() };
    store.audit(&filter).await.expect("the trail").into_iter().map(|row| row.subject).collect()
}

contract! {
    async fn a_case_comes_with_its_first_report_and_further_ones_are_added(store: Store) {
        let first = report("volets fermés", &[]);
        let taken = store.take_case(&case(""), told(&first, TWO, None), None, app::author()).await.expect("taken");
        let Taken::Now(id) = taken else { panic!("{taken:?}") };
        assert_eq!(store.household_of(id).await.expect("household"), TWO);
        let second = Report { at: later(2).at, ..report("ne répond plus", &[Sign::DangerImmediat]) };
        let knows_less = Household { mobility: Mobility::Inconnue, people: Some(5) };
        let changes = store.last_change().await.expect("changes");
        let added = store.add_report(id, told(&second, knows_less, None), later(2)).await.expect("added");
        assert_eq!(added, Taken::Now(id));
        let reports: Vec<Report> = store.reports_of(id).await.expect("reports").into_iter().map(|(_, r)| r).collect();
        assert_eq!(reports, [first, second]);
        assert_eq!(store.household_of(id).await.expect("household"), TWO, "what is known stays");
        // A danger becomes one of the case, and running servers see it.
        assert!(store.case(id).await.expect("read").expect("the case").in_danger());
        assert!(store.last_change().await.expect("changes") > changes);
        let about = store.pseudonym(Subject::Case(id));
        for resource in [Resource::Reports, Resource::Cases] {
            assert_eq!(creations(&store, resource).await, std::slice::from_ref(&about));
        }
        let nobody = store.add_report(CaseId(404), told(&reports[0], TWO, None), app::author()).await.expect("asked");
        assert_eq!(nobody, Taken::NoCase);
    }

    async fn the_same_form_is_recorded_once_within_a_day_and_only_for_the_account_that_sent_it(store: Store) {
        let seen = report("volets fermés", &[]);
        let take = async |form, by| {
            let taken = store.take_case(&case(""), told(&seen, Household::UNKNOWN, form), None, by).await;
            taken.expect("taken")
        };
        let Taken::Now(first) = take(Some(form("k1", "a")), app::author()).await else { panic!("written") };
        assert_eq!(take(Some(form("k1", "a")), later(23)).await, Taken::Before(first));
        assert_eq!(take(Some(form("k1", "b")), app::author()).await, Taken::OtherForm);
        let further = store.add_report(first, told(&seen, Household::UNKNOWN, Some(form("k1", "c"))), app::author()).await;
        assert_eq!(further.expect("asked"), Taken::OtherForm);
        assert_eq!((store.cases().await.expect("cases").len(), store.reports_of(first).await.expect("reports").len()), (1, 1));
        let somebody = Author { actor: Actor::Account(7), ..app::author() };
        assert!(matches!(take(Some(form("k1", "a")), somebody).await, Taken::Now(other) if other != first));
        assert!(matches!(take(Some(form("k2", "a")), app::author()).await, Taken::Now(_)));
        assert!(matches!(take(None, app::author()).await, Taken::Now(_)));
        assert!(matches!(take(Some(form("k1", "a")), later(25)).await, Taken::Now(other) if other != first));
        let added = store.add_report(first, told(&seen, Household::UNKNOWN, Some(form("k3", "a"))), app::author()).await;
        assert_eq!(added.expect("added"), Taken::Now(first));
        let again = store.add_report(first, told(&seen, Household::UNKNOWN, Some(form("k3", "a"))), app::author()).await;
        assert_eq!(again.expect("asked"), Taken::Before(first));
        assert_eq!(store.reports_of(first).await.expect("reports").len(), 2);
        assert!(store.forget_forms(later(60).at).await.expect("forgotten") > 0);
        assert_eq!(store.forget_forms(later(60).at).await.expect("forgotten"), 0);
    }

    async fn forms_that_arrive_together_make_one_case(store: Store) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let store = store.clone();
            tasks.spawn(async move {
                let seen = report("volets fermés", &[]);
                let told = told(&seen, Household::UNKNOWN, Some(form("k1", "a")));
                store.take_case(&case(""), told, None, app::author()).await.expect("taken")
            });
        }
        let taken = tasks.join_all().await;
        assert_eq!(taken.iter().filter(|taken| matches!(taken, Taken::Now(_))).count(), 1, "{taken:?}");
        assert_eq!(store.cases().await.expect("cases").len(), 1);
    }

    async fn a_text_that_is_too_long_writes_nothing_at_all(store: Store) {
        let long = report(&"n".repeat(501), &[]);
        let refused = store.take_case(&case(""), told(&long, TWO, Some(form("k", "a"))), None, app::author()).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
        assert!(store.cases().await.expect("cases").is_empty());
        let seen = report("vu", &[]);
        let taken = store.take_case(&case(""), told(&seen, TWO, Some(form("k", "a"))), None, app::author()).await;
        assert!(matches!(taken, Ok(Taken::Now(_))), "the key was not spent");
    }

    async fn what_was_told_goes_with_the_person_and_is_found_nowhere_afterwards(store: Store) {
        let mut ids = Vec::new();
        for key in ["k1", "k2"] {
            let seen = report("volets fermés", &[Sign::PerteConfiance]);
            let told = told(&seen, TWO, Some(form(key, "a")));
            let taken = store.take_case(&case(""), told, None, app::author()).await.expect("taken");
            let Taken::Now(id) = taken else { panic!("{taken:?}") };
            ids.push(id);
        }
        let how = Erasure { reason: ErasureReason::Erasure, remember_until: None, request: None };
        let entry = app::author().entry(Act::Erase, Resource::Cases).about(Subject::Case(ids[0]));
        let Erased::Gone(traces) = store.erase(Subject::Case(ids[0]), &how, None, entry).await.expect("erased") else {
            panic!("gone")
        };
        assert!(store.reports_of(ids[0]).await.expect("reports").is_empty());
        assert_eq!(store.household_of(ids[0]).await.expect("household"), Household::UNKNOWN);
        assert_eq!(store.reports_of(ids[1]).await.expect("reports").len(), 1);
        let sought = store.traces(TracesOf::Erasure(traces)).await.expect("traces").remove(0);
        // Ten fields of the case (its indexes are borne by the other one too), six of the report, two of the household; and
        // the keys of all three.
        assert_eq!((sought.needles.people, sought.needles.count()), (1, 10 + 6 + 2 + 3));
        store.scrub().await.expect("scrubbed");
        let search = store.seek(&sought.needles).await.expect("sought");
        assert_eq!(search.found, 0, "{:?}", search.places);
        for place in ["reports", "households", "idempotency_keys"] {
            assert!(search.places.iter().any(|searched| searched.place.starts_with(place)), "{place} was looked at");
        }
    }

    async fn a_correction_of_the_notes_leaves_no_copy_in_the_report(store: Store) {
        let seen = report("Ne sort plus", &[]);
        let noted = bienveilleurs::domain::case::Case { notes: "Ne sort plus".into(), ..case("C-1") };
        let taken = store.take_case(&noted, told(&seen, TWO, None), None, app::author()).await.expect("taken");
        let Taken::Now(id) = taken else { panic!("{taken:?}") };
        let other = report("Volets fermés", &[]);
        store.add_report(id, told(&other, TWO, None), app::author()).await.expect("added");
        let case = store.case(id).await.expect("read").expect("the case");
        let details = CaseDetails { notes: "Sort le jeudi".into(), ..case.details() };
        let version = store.details_version(&case);
        store.rectify_case(id, &details, &version, None, app::author()).await.expect("corrected");
        let seen: Vec<String> = store.reports_of(id).await.expect("reports").into_iter().map(|(_, r)| r.seen).collect();
        assert_eq!(seen, ["Sort le jeudi", "Volets fermés"]);
        assert_eq!(store.case(id).await.expect("read").expect("the case").state, CaseState::Reported);
        assert_eq!(BTreeSet::from_iter(seen).len(), 2);
    }
}
