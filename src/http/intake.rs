//! Taking reports: `/api/v1/cases/search` and `/duplicates` look first, `/api/v1/cases` makes a case, and
//! `/api/v1/cases/{id}/reports` holds what was told of one. What is looked for is in the body, never in a URL or a log.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::answer::{off_thread, personal};
use super::error::Problem;
use super::params::{Body, Id};
use crate::domain::case::CaseId;
use crate::domain::report::Reporter;
use crate::service::ServiceError;
use crate::service::case_search::{self, Duplicates, FoundCases, SoFar};
use crate::service::intake::{self, NewCase, Recorded, Sender, Spot, Telling};
use crate::service::layers::{CaseProperties, Feature, case_feature};
use crate::service::reports::{ReportsView, reports_of};
use crate::service::viewer::Viewer;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// A UUID is 36 characters long.
const KEY_MAX: usize = 128;

/// What somebody is looked for by.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseQuery {
    /// A name or its beginning, a phone in any writing, a street, or a reference; 2 to 200 characters.
    q: String,
    /// At most this many; 1..=20, 8 by default.
    #[schema(minimum = 1, maximum = 20)]
    limit: Option<usize>,
}

/// Looks for somebody who was reported before
#[utoipa::path(post, path = "/api/v1/cases/search", tag = "cases", request_body = CaseQuery, responses(
    (status = 200, body = FoundCases, description = "The likeliest first, each with why it was found"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn search(
    State(app): State<App>,
    viewer: Viewer,
    Body(query): Body<CaseQuery>,
) -> Result<Response, Problem> {
    let area = app.areas.fresh().await?;
    let eyes = viewer.clone();
    let limit = query.limit.unwrap_or(8);
    let found = off_thread(&area, move |area| Ok(case_search::search(area, &eyes, &query.q, limit))).await?;
    let entry = found.entry(viewer.author()).because(viewer.why());
    app.areas.store().record(&[entry]).await.map_err(ServiceError::from)?;
    Ok(personal(StatusCode::OK, &found))
}

/// A report as far as it is typed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportSoFar {
    /// The id of an address found by the search.
    #[serde(default)]
    address_id: Option<String>,
    /// The address or place in words.
    #[serde(default)]
    address: String,
    /// A point that was put on the map: `[lon, lat]`.
    #[serde(default)]
    position: Option<[f64; 2]>,
    #[serde(default)]
    family_name: String,
    #[serde(default)]
    given_name: String,
    #[serde(default)]
    phone: String,
}

/// Who the person of a report may be, and in which quarter it is
#[utoipa::path(post, path = "/api/v1/cases/duplicates", tag = "cases", request_body = ReportSoFar, responses(
    (status = 200, body = Duplicates, description = "The likeliest first: the same phone, the same name but for one typing \
        error, or the same address. A warning, never a refusal"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn duplicates(
    State(app): State<App>,
    viewer: Viewer,
    Body(typed): Body<ReportSoFar>,
) -> Result<Response, Problem> {
    let area = app.areas.fresh().await?;
    let eyes = viewer.clone();
    let spot = Spot { address_id: typed.address_id, address: typed.address, position: typed.position };
    let so_far = SoFar { family_name: typed.family_name, given_name: typed.given_name, phone: typed.phone, spot };
    let found =
        off_thread(&area, move |area| case_search::duplicates(area, &eyes, &so_far).map_err(Problem::from)).await?;
    let entry = found.entry(viewer.author());
    app.areas.store().record(&[entry]).await.map_err(ServiceError::from)?;
    Ok(personal(StatusCode::OK, &found))
}

/// A report of somebody new, as it is typed in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReport {
    /// The id of an address found by the search.
    #[serde(default)]
    address_id: Option<String>,
    /// The address or place in words.
    #[serde(default)]
    address: String,
    /// A point that was put on the map, which then holds: `[lon, lat]`.
    #[serde(default)]
    position: Option<[f64; 2]>,
    #[serde(default)]
    family_name: String,
    #[serde(default)]
    given_name: String,
    #[serde(default)]
    phone: String,
    /// `person` or `family`; a person without it.
    #[serde(default)]
    subject: String,
    /// `perte_partenaire`, `difficultes_financieres`, `handicap_sante`, `barriere_langue`, `manque_prise_en_charge`, `autre`
    /// or `inconnue`.
    #[serde(default)]
    causes: Vec<String>,
    /// `temporaire`, `chronique` or `inconnue`.
    #[serde(default)]
    duration: String,
    /// ISO 639-1 codes, in order of preference.
    #[serde(default)]
    languages: Vec<String>,
    /// What was seen; 1 to 500 characters.
    #[serde(default)]
    notes: String,
    /// `telephone`, `voisin`, `relais`, `benevole`, `institution` or `autre`.
    #[serde(default)]
    channel: String,
    /// `perte_confiance`, `negligence_sante`, `danger_immediat` or `idees_suicidaires`. With one of the last two nothing
    /// stands in the way of the report, and nobody is proposed for the case.
    #[serde(default)]
    signs: Vec<String>,
    /// What was done at once about a danger; needed with one, at most 500 characters.
    #[serde(default)]
    danger_action: String,
    /// Who told it, if they said so.
    #[serde(default)]
    reporter_name: String,
    /// How they can be called back.
    #[serde(default)]
    reporter_phone: String,
    /// What they are to the person.
    #[serde(default)]
    reporter_relation: String,
    /// `autonome`, `avec_aide`, `ne_sort_pas` or `inconnue`.
    #[serde(default)]
    mobility: String,
    /// People in the household.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 30)]
    people: Option<u32>,
    /// Why the report is taken although the person refused before; 10 to 500 characters.
    #[serde(default)]
    override_reason: Option<String>,
}

/// One more report of somebody who is known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FurtherReport {
    /// What was seen; 1 to 500 characters.
    #[serde(default)]
    notes: String,
    /// `telephone`, `voisin`, `relais`, `benevole`, `institution` or `autre`.
    #[serde(default)]
    channel: String,
    /// `perte_confiance`, `negligence_sante`, `danger_immediat` or `idees_suicidaires`. With one of the last two nothing
    /// stands in the way of the report, and nobody is proposed for the case.
    #[serde(default)]
    signs: Vec<String>,
    /// What was done at once about a danger; needed with one, at most 500 characters.
    #[serde(default)]
    danger_action: String,
    /// Who told it, if they said so.
    #[serde(default)]
    reporter_name: String,
    /// How they can be called back.
    #[serde(default)]
    reporter_phone: String,
    /// What they are to the person.
    #[serde(default)]
    reporter_relation: String,
    /// `autonome`, `avec_aide`, `ne_sort_pas` or `inconnue`.
    #[serde(default)]
    mobility: String,
    /// People in the household.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 30)]
    people: Option<u32>,
}

/// The key that a page draws for a form, so that one that is sent twice is recorded once.
fn form_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=KEY_MAX).contains(&key.len()));
    key.map(Some).ok_or_else(|| {
        let detail = "An Idempotency-Key is 1 to 128 visible ASCII characters";
        Problem::new(StatusCode::BAD_REQUEST, "bad_idempotency_key", detail)
    })
}

async fn answer_case(app: &App, viewer: &Viewer, recorded: Recorded) -> Result<Response, Problem> {
    let area = app.areas.fresh().await?;
    let index = area.cases().binary_search_by_key(&recorded.case, |case| case.0);
    let index =
        index.map_err(|_| Problem::new(StatusCode::NOT_FOUND, "not_found", "The case was removed meanwhile"))?;
    let seen = case_feature(&area, viewer, index).ok_or_else(Problem::not_allowed)?;
    Ok(personal(if recorded.before { StatusCode::OK } else { StatusCode::CREATED }, &seen))
}

/// Records a report as a new case
#[utoipa::path(post, path = "/api/v1/cases", tag = "cases", request_body = NewReport,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "Drawn for each form: the same one by the same account is recorded once within 24 hours")),
    responses(
    (status = 200, body = Feature<i64, CaseProperties>, description = "This form was recorded before; nothing was written"),
    (status = 201, body = Feature<i64, CaseProperties>),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json",
        description = "`opposition_recorded`, or `other_form`: the key belongs to a form with another content"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is missing or wrong"),
))]
pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    Body(new): Body<NewReport>,
) -> Result<Response, Problem> {
    let sender = Sender::new(&viewer, form_key(&headers)?);
    let new = NewCase {
        spot: Spot { address_id: new.address_id, address: new.address, position: new.position },
        telling: Telling {
            notes: new.notes,
            channel: new.channel,
            signs: new.signs,
            danger_action: new.danger_action,
            reporter: Reporter { name: new.reporter_name, phone: new.reporter_phone, relation: new.reporter_relation },
            mobility: new.mobility,
            people: new.people,
        },
        family_name: new.family_name,
        given_name: new.given_name,
        phone: new.phone,
        subject: new.subject,
        causes: new.causes,
        duration: new.duration,
        languages: new.languages,
        override_reason: new.override_reason,
    };
    let recorded = intake::report_case(&app.areas, &new, sender).await?;
    answer_case(&app, &viewer, recorded).await
}

/// Adds a report to a case that is there
#[utoipa::path(post, path = "/api/v1/cases/{id}/reports", tag = "cases", request_body = FurtherReport,
    params(("id" = i64, Path), ("Idempotency-Key" = Option<String>, Header,
        description = "Drawn for each form: the same one by the same account is recorded once within 24 hours")),
    responses(
    (status = 200, body = Feature<i64, CaseProperties>, description = "This form was recorded before; nothing was written"),
    (status = 201, body = Feature<i64, CaseProperties>),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case"),
    (status = 409, body = Problem, content_type = "application/problem+json",
        description = "`other_form`: the key belongs to a form with another content"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is missing or wrong"),
))]
pub(super) async fn add_report(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    headers: HeaderMap,
    Body(new): Body<FurtherReport>,
) -> Result<Response, Problem> {
    let sender = Sender::new(&viewer, form_key(&headers)?);
    let telling = Telling {
        notes: new.notes,
        channel: new.channel,
        signs: new.signs,
        danger_action: new.danger_action,
        reporter: Reporter { name: new.reporter_name, phone: new.reporter_phone, relation: new.reporter_relation },
        mobility: new.mobility,
        people: new.people,
    };
    let recorded = intake::add_report(&app.areas, CaseId(id), &telling, sender).await?;
    answer_case(&app, &viewer, recorded).await
}

/// What was reported of a case, each time
#[utoipa::path(get, path = "/api/v1/cases/{id}/reports", tag = "cases", params(("id" = i64, Path)), responses(
    (status = 200, body = ReportsView, description = "Each with who told it and what was seen, as far as one may know it"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case"),
))]
pub(super) async fn reports(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    Ok(personal(StatusCode::OK, &reports_of(&app.areas, &viewer, CaseId(id)).await?))
}
