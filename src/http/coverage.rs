//! `/api/v1/coverage`: which streets somebody is near, in figures.

use axum::extract::State;
use axum::response::Response;

use super::App;
use super::answer::{JSON, Reading, answer_seen};
use super::error::Problem;
use super::layers::covering;
use super::params::{CoverageParams, Params};
use crate::service::coverage::coverage_view;
use crate::service::layers::Seen;
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
    let people = covering(&reading.viewer, p.by);
    answer_seen(&app, reading, (JSON, people), move |area, viewer| {
        let view = coverage_view(area, p.query(&area.settings, viewer)?)?;
        Ok::<_, Problem>(Seen::list(area.covering(), view))
    })
    .await
}
