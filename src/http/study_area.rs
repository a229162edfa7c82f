//! `/api/v1/study-area`: what the page begins with.

use axum::extract::State;
use axum::response::Response;

use super::App;
use super::answer::{JSON, Reading, answer};
use super::error::Problem;
use crate::service::overview::{StudyAreaView, overview};

/// What there is: streets, counts, defaults, and the revision that changes with the data
#[utoipa::path(get, path = "/api/v1/study-area", tag = "study area", responses(
    (status = 200, body = StudyAreaView),
    (status = 304, description = "Unchanged"),
))]
pub(super) async fn study_area(State(app): State<App>, reading: Reading) -> Result<Response, Problem> {
    answer(&app, reading, JSON, |area, viewer| Ok::<_, Problem>(overview(area, viewer))).await
}
