//! `/healthz`, `/readyz` and `/metrics`: for whoever runs the service.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::Problem;

/// The process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The data can be read.
pub(super) async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    app.areas.fresh().await?;
    Ok("ready\n")
}

/// Counters for Prometheus, by route alone.
pub(super) async fn metrics(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render()).into_response()
}
