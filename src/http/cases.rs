//! `/api/v1/cases`: reported persons, their details and their match. How they get in: `intake.rs`.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::answer::{off_thread, personal};
use super::error::Problem;
use super::params::{Body, Id};
use crate::domain::case::CaseId;
use crate::domain::input::InputError;
use crate::service::ServiceError;
use crate::service::matching::{entries_of, match_case as match_one};
use crate::service::rectification::{self, Corrected, Correction, DetailsView, Versioned};
use crate::service::viewer::Viewer;
use crate::service::views::MatchView;

/// How many volunteers are wanted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MatchRequest {
    /// 1..=50; the installation's default without it.
    #[schema(minimum = 1, maximum = 50)]
    k: Option<usize>,
}

/// The closest suitable volunteers by walking time
#[utoipa::path(post, path = "/api/v1/cases/{id}/match", tag = "cases", params(("id" = i64, Path)), request_body = MatchRequest, responses(
    (status = 200, body = MatchView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "No streets yet"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn match_case(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Body(request): Body<MatchRequest>,
) -> Result<Response, Problem> {
    let area = app.areas.fresh().await?;
    let k = request.k.unwrap_or(area.settings.matches);
    if !(1..=50).contains(&k) {
        let error = InputError::new("out_of_range", "k is from 1 to 50", "Ask for fewer volunteers").in_field("k");
        return Err(Problem::input(StatusCode::UNPROCESSABLE_ENTITY, &error));
    }
    let today = viewer.author().today();
    let view = off_thread(&area, move |area| match_one(area, CaseId(id), k, today).map_err(Problem::from)).await?;
    let why = viewer.why();
    let entries: Vec<_> = entries_of(&view, viewer.author()).into_iter().map(|e| e.because(why.clone())).collect();
    app.areas.store().record(&entries).await.map_err(ServiceError::from)?;
    Ok(personal(StatusCode::OK, &view))
}

/// What can be corrected of a case, with its version as the `ETag`
#[utoipa::path(get, path = "/api/v1/cases/{id}/details", tag = "cases", params(("id" = i64, Path)), responses(
    (status = 200, body = DetailsView, headers(("ETag" = String, description = "The version that a correction must name"))),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case"),
))]
pub(super) async fn details(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    Ok(versioned(&rectification::details(&app.areas, &viewer, CaseId(id)).await?))
}

/// A correction, whole: what is not to change is sent as it was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseCorrection {
    /// The id of an address found by the search.
    #[serde(default)]
    address_id: Option<String>,
    /// The address or place in words.
    address: String,
    family_name: String,
    given_name: String,
    phone: String,
    /// ISO 639-1 codes, in order of preference.
    languages: Vec<String>,
    /// At most 500 characters.
    notes: String,
    /// The request for a correction that it carries out.
    #[serde(default)]
    request_id: Option<i64>,
}

/// Corrects names, phone, address, languages and notes of a case
#[utoipa::path(put, path = "/api/v1/cases/{id}/details", tag = "cases", request_body = CaseCorrection,
    params(("id" = i64, Path), ("If-Match" = String, Header, description = "The `ETag` of the details that are corrected")),
    responses(
    (status = 200, body = DetailsView, headers(("ETag" = String, description = "The new version"))),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`other_request`"),
    (status = 412, body = Problem, content_type = "application/problem+json",
        description = "`changed_meanwhile`: somebody else has changed the case; nothing was written"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is wrong"),
    (status = 428, body = Problem, content_type = "application/problem+json", description = "`If-Match` is missing"),
))]
pub(super) async fn rectify(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    headers: HeaderMap,
    Body(typed): Body<CaseCorrection>,
) -> Result<Response, Problem> {
    let Some(version) = headers.get(header::IF_MATCH).and_then(|version| version.to_str().ok()) else {
        let detail = "Say in If-Match which version is corrected: the ETag of the details";
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "no_version", detail));
    };
    let correction = Correction {
        address_id: typed.address_id,
        address: typed.address,
        family_name: typed.family_name,
        given_name: typed.given_name,
        phone: typed.phone,
        languages: typed.languages,
        notes: typed.notes,
        request: typed.request_id,
    };
    let version = version.trim().trim_matches('"');
    match rectification::rectify(&app.areas, &viewer, CaseId(id), correction, version).await? {
        Corrected::Done(now) => Ok(versioned(&now)),
        Corrected::Changed => {
            let detail = "Somebody else has changed this case meanwhile; nothing was written";
            Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", detail))
        }
    }
}

fn versioned(now: &Versioned) -> Response {
    let mut response = personal(StatusCode::OK, &now.details);
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", now.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
