//! `/api/v1/retention`: purges, prepared, signed off by a second person, carried out and proved.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::App;
use super::answer::personal;
use super::error::Problem;
use super::params::Id;
use super::rights::to_the_end;
use crate::service::retention::{self, RunDetailView, RunView, RunsView};
use crate::service::viewer::Viewer;

/// Every run, the newest first
#[utoipa::path(get, path = "/api/v1/retention", tag = "retention", responses(
    (status = 200, body = RunsView),
))]
pub(super) async fn list(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let durations = app.areas.settings().durations;
    let runs = retention::runs(app.areas.store(), &durations, viewer.author()).await?;
    Ok(personal(StatusCode::OK, &runs))
}

/// Lists who would go today; nobody goes yet
#[utoipa::path(post, path = "/api/v1/retention/runs", tag = "retention", responses(
    (status = 201, body = RunView),
))]
pub(super) async fn prepare(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let durations = app.areas.settings().durations;
    let run = retention::prepare(app.areas.store(), &durations, viewer.account, viewer.author()).await?;
    Ok(personal(StatusCode::CREATED, &run))
}

/// A run with its list
#[utoipa::path(get, path = "/api/v1/retention/runs/{id}", tag = "retention", params(("id" = i64, Path)), responses(
    (status = 200, body = RunDetailView),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn run(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    Ok(personal(StatusCode::OK, &retention::run(app.areas.store(), id, viewer.author()).await?))
}

/// Signs a run off; the one who prepared it may not
#[utoipa::path(post, path = "/api/v1/retention/runs/{id}/sign-off", tag = "retention", params(("id" = i64, Path)), responses(
    (status = 200, body = RunView),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`same_person`, `already_signed`"),
))]
pub(super) async fn sign_off(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    let account = viewer.account.ok_or_else(Problem::not_allowed)?;
    Ok(personal(StatusCode::OK, &retention::sign_off(app.areas.store(), id, account, viewer.author()).await?))
}

/// Erases who is on a signed list, and looks whether they are gone
#[utoipa::path(post, path = "/api/v1/retention/runs/{id}/purge", tag = "retention", params(("id" = i64, Path)), responses(
    (status = 200, body = RunView),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`not_signed`, `already_purged`"),
))]
pub(super) async fn purge(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    let run = to_the_end(async move { retention::purge(app.areas.store(), id, viewer.author()).await });
    Ok(personal(StatusCode::OK, &run.await?))
}

/// Looks again whether the purged are gone
#[utoipa::path(post, path = "/api/v1/retention/runs/{id}/proof", tag = "retention", params(("id" = i64, Path)), responses(
    (status = 200, body = RunView),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`not_purged`"),
))]
pub(super) async fn prove(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    let run = to_the_end(async move { retention::prove_again(app.areas.store(), id, viewer.author()).await });
    Ok(personal(StatusCode::OK, &run.await?))
}
