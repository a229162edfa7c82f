//! `/healthz`, `/readyz` and `/metrics`: for whoever runs the service.

use std::net::SocketAddr;

use axum::Extension;
use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::App;
use super::error::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).route("/metrics", get(metrics))
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The data can be read.
async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    app.areas.fresh().await?;
    Ok("ready\n")
}

/// Counters for Prometheus, told to this machine only.
async fn metrics(State(app): State<App>, peer: Option<Extension<ConnectInfo<SocketAddr>>>) -> Response {
    if peer.is_some_and(|Extension(ConnectInfo(peer))| !peer.ip().is_loopback()) {
        return Problem::new(StatusCode::FORBIDDEN, "not_from_here", "Metrics are read on this machine only")
            .into_response();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render()).into_response()
}
