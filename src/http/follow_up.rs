//! `/api/v1/follow-up`: who is not to be forgotten. `/api/v1/absences`: who is away, and what that would mean.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::answer::{off_thread, personal};
use super::error::Problem;
use super::params::{Body, Id};
use crate::domain::audit::{Act, Resource};
use crate::domain::visit::Absence;
use crate::domain::volunteer::VolunteerId;
use crate::service::ServiceError;
use crate::service::batch::{self, BatchView};
use crate::service::follow_up::{self, AbsenceView, FollowUpView};
use crate::service::viewer::Viewer;

/// Who is not to be forgotten today
#[utoipa::path(get, path = "/api/v1/follow-up", tag = "cases", responses(
    (status = 200, body = FollowUpView),
))]
pub(super) async fn follow_up(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let area = app.areas.fresh().await?;
    let now = viewer.now;
    let view = off_thread(&area, move |area| Ok(follow_up::follow_up(area, now))).await?;
    let entry = follow_up::entry_of(&view, viewer.author());
    app.areas.store().record(&[entry]).await.map_err(ServiceError::from)?;
    Ok(personal(StatusCode::OK, &view))
}

/// Days away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DaysAway {
    /// Who is away; a volunteer leaves it out.
    #[serde(default)]
    volunteer_id: Option<i64>,
    /// First day.
    from_on: NaiveDate,
    /// Last day.
    to_on: NaiveDate,
}

/// Absences.
#[derive(Serialize, ToSchema)]
pub(super) struct Absences {
    absences: Vec<AbsenceView>,
}

/// Days away that are not over: everybody's for the coordination, a volunteer's own
#[utoipa::path(get, path = "/api/v1/absences", tag = "cases", responses(
    (status = 200, body = Absences),
))]
pub(super) async fn absences(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let area = app.areas.fresh().await?;
    let absences = follow_up::absences(&area, &viewer);
    let entry = viewer.author().entry(Act::List, Resource::Volunteers).over(absences.len()).because("absences");
    app.areas.store().record(&[entry]).await.map_err(ServiceError::from)?;
    Ok(personal(StatusCode::OK, &Absences { absences }))
}

/// The key of what was noted.
#[derive(Serialize, ToSchema)]
pub(super) struct AbsenceNoted {
    id: i64,
}

/// Notes days away
#[utoipa::path(post, path = "/api/v1/absences", tag = "cases", request_body = DaysAway, responses(
    (status = 201, body = AbsenceNoted),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such volunteer"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is wrong"),
))]
pub(super) async fn add_absence(
    State(app): State<App>,
    viewer: Viewer,
    Body(days): Body<DaysAway>,
) -> Result<Response, Problem> {
    let absence = Absence { from_on: days.from_on, to_on: days.to_on };
    let id = follow_up::add_absence(&app.areas, &viewer, days.volunteer_id, absence).await?;
    Ok(personal(StatusCode::CREATED, &AbsenceNoted { id }))
}

/// Takes days away back
#[utoipa::path(delete, path = "/api/v1/absences/{id}", tag = "cases", params(("id" = i64, Path)), responses(
    (status = 204),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such days, or not the viewer's"),
))]
pub(super) async fn remove_absence(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    follow_up::remove_absence(&app.areas, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What days away would mean: who could take over, and who is left. Nothing is written
#[utoipa::path(post, path = "/api/v1/absences/plan", tag = "cases", request_body = DaysAway, responses(
    (status = 200, body = BatchView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such volunteer"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "No streets yet"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is wrong"),
))]
pub(super) async fn absence_plan(
    State(app): State<App>,
    viewer: Viewer,
    Body(days): Body<DaysAway>,
) -> Result<Response, Problem> {
    let area = app.areas.fresh().await?;
    let today = viewer.author().today();
    let who = VolunteerId(days.volunteer_id.unwrap_or(0));
    let absence = Absence { from_on: days.from_on, to_on: days.to_on };
    let work = move |area: &_| follow_up::absence_plan(area, who, absence, today).map_err(Problem::from);
    let view = off_thread(&area, work).await?;
    app.areas.store().record(&batch::entries_of(&view, viewer.author())).await.map_err(ServiceError::from)?;
    Ok(personal(StatusCode::OK, &view))
}
