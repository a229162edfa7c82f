//! `/api/v1/rights`: the rights desk, who must still be told of a report, and refusals.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::answer::personal;
use super::error::Problem;
use super::params::{Body, Id};
use crate::domain::case::CaseId;
use crate::service::access_export::AccessExport;
use crate::service::informing::{self, ToInformView};
use crate::service::rights::{self, FoundView, HandedOverView, RequestForm, RequestView};
use crate::service::viewer::Viewer;

/// What is known of the person who asks; at least one is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubjectSearch {
    /// Given and family name, in any order.
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    address: String,
}

/// Records that were found.
#[derive(Serialize, ToSchema)]
pub(super) struct Subjects {
    subjects: Vec<FoundView>,
}

/// Records that bear all of the given values exactly; nothing of their content
#[utoipa::path(post, path = "/api/v1/rights/subjects", tag = "rights", request_body = SubjectSearch, responses(
    (status = 200, body = Subjects),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn subjects(
    State(app): State<App>,
    viewer: Viewer,
    Body(sought): Body<SubjectSearch>,
) -> Result<Response, Problem> {
    let SubjectSearch { name, phone, address } = sought;
    let subjects = rights::subjects(app.areas.store(), &name, &phone, &address, viewer.author()).await?;
    Ok(personal(StatusCode::OK, &Subjects { subjects }))
}

/// All requests.
#[derive(Serialize, ToSchema)]
pub(super) struct Requests {
    requests: Vec<RequestView>,
}

/// Every request, the open ones first
#[utoipa::path(get, path = "/api/v1/rights/requests", tag = "rights", responses(
    (status = 200, body = Requests),
))]
pub(super) async fn requests(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let requests = rights::requests(app.areas.store(), viewer.author()).await?;
    Ok(personal(StatusCode::OK, &Requests { requests }))
}

/// Whose record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubjectChosen {
    /// `case`, `volunteer` or `relay`.
    kind: String,
    id: i64,
}

/// A request as it came in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRequest {
    /// `access`, `rectification`, `erasure` or `opposition`.
    kind: String,
    /// `null` when nobody's record was found.
    #[serde(default)]
    subject: Option<SubjectChosen>,
    /// The day it came in; the month begins.
    received_on: NaiveDate,
    /// At most 500 characters.
    #[serde(default)]
    note: String,
}

/// Notes a request down
#[utoipa::path(post, path = "/api/v1/rights/requests", tag = "rights", request_body = NewRequest, responses(
    (status = 201, body = RequestView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such record"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Body(typed): Body<NewRequest>,
) -> Result<Response, Problem> {
    let form = RequestForm {
        kind: typed.kind,
        subject: typed.subject.map(|subject| (subject.kind, subject.id)),
        received_on: typed.received_on,
        note: typed.note,
    };
    let request = rights::create(app.areas.store(), &form, viewer.account, viewer.author()).await?;
    Ok(personal(StatusCode::CREATED, &request))
}

/// All that is held of the person, for the answer to a request for access
#[utoipa::path(get, path = "/api/v1/rights/requests/{id}/export", tag = "rights", params(("id" = i64, Path)), responses(
    (status = 200, body = AccessExport),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`not_access`, `no_subject`, `already_closed`"),
))]
pub(super) async fn export(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    let durations = app.areas.settings().durations;
    let export = rights::export(app.areas.store(), id, &durations, &viewer).await?;
    let mut response = personal(StatusCode::OK, &export);
    let name = format!("attachment; filename=\"demande-{id}.json\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Runs to its end although the asker has gone away: what is erased must also be sought.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, crate::service::ServiceError>> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::spawn(work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side")),
    }
}

/// Erases whom an erasure or opposition is about
#[utoipa::path(post, path = "/api/v1/rights/requests/{id}/carry-out", tag = "rights", params(("id" = i64, Path)), responses(
    (status = 200, body = RequestView),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json",
        description = "`nothing_to_carry_out`, `already_carried_out`, `already_closed`, `still_has_cases`"),
))]
pub(super) async fn carry_out(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    let request = to_the_end(async move {
        let durations = app.areas.settings().durations;
        rights::carry_out(app.areas.store(), id, &durations, viewer.author()).await
    });
    Ok(personal(StatusCode::OK, &request.await?))
}

/// Looks again whether whom a request erased is gone
#[utoipa::path(post, path = "/api/v1/rights/requests/{id}/proof", tag = "rights", params(("id" = i64, Path)), responses(
    (status = 200, body = RequestView),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`not_carried_out`"),
))]
pub(super) async fn prove(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    let request = to_the_end(async move { rights::prove_again(app.areas.store(), id, viewer.author()).await });
    Ok(personal(StatusCode::OK, &request.await?))
}

/// The answer that the person got.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Closing {
    /// `granted` or `refused`.
    outcome: String,
    /// At most 500 characters.
    #[serde(default)]
    note: String,
}

/// Closes a request
#[utoipa::path(post, path = "/api/v1/rights/requests/{id}/close", tag = "rights", params(("id" = i64, Path)), request_body = Closing, responses(
    (status = 200, body = RequestView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`already_closed`, `not_carried_out`"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn close(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Body(closing): Body<Closing>,
) -> Result<Response, Problem> {
    let request = rights::close(app.areas.store(), id, &closing.outcome, &closing.note, viewer.author()).await?;
    Ok(personal(StatusCode::OK, &request))
}

/// Who must still be told.
#[derive(Serialize, ToSchema)]
pub(super) struct ToInform {
    cases: Vec<ToInformView>,
    /// What the officer took out to answer requests for access, in the last three months.
    handed_over: Vec<HandedOverView>,
}

/// Cases whose person must still be told of the report, the most urgent first; and whose record the officer has read
#[utoipa::path(get, path = "/api/v1/rights/to-inform", tag = "rights", responses(
    (status = 200, body = ToInform),
))]
pub(super) async fn to_inform(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let cases = informing::to_inform(app.areas.store(), viewer.author()).await?;
    let handed_over = rights::handed_over(app.areas.store(), viewer.author()).await?;
    Ok(personal(StatusCode::OK, &ToInform { cases, handed_over }))
}

/// The day on which the person was told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Informed {
    on: NaiveDate,
}

/// Notes that the person was told of the report
#[utoipa::path(post, path = "/api/v1/cases/{id}/informed", tag = "rights", params(("id" = i64, Path)), request_body = Informed, responses(
    (status = 204),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn informed(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Body(informed): Body<Informed>,
) -> Result<Response, Problem> {
    informing::inform(app.areas.store(), CaseId(id), informed.on, viewer.author()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The person says no: the case is erased, a count and a keyed hash stay
#[utoipa::path(post, path = "/api/v1/cases/{id}/refusal", tag = "rights", params(("id" = i64, Path)), responses(
    (status = 204),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn refusal(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    to_the_end(async move {
        let durations = app.areas.settings().durations;
        informing::refuse(app.areas.store(), CaseId(id), &durations, viewer.author()).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
