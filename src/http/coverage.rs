//! `/api/v1/coverage`: which streets somebody is near, in figures.

use axum::extract::State;
use axum::response::Response;

use super::App;
use super::answer::{JSON, Reading, answer};
use super::error::Problem;
use super::params::{CoverageParams, Params};
use crate::service::coverage::coverage_view;
use crate::service::views::CoverageView;

/// Covered and uncovered lengths per street, per quarter and in all
#[utoipa::path(get, path = "/api/v1/coverage", tag = "coverage", params(CoverageParams), responses(
    (status = 200, body = CoverageView),
    (status = 304, description = "Unchanged"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "No streets yet"),
))]
pub(super) async fn coverage(
    State(app): State<App>,
    reading: Reading,
    Params(p): Params<CoverageParams>,
) -> Result<Response, Problem> {
    answer(&app, reading, JSON, move |area, viewer| {
        coverage_view(area, p.query(&area.settings, viewer)?).map_err(Problem::from)
    })
    .await
}
