//! `/api/v1/audit`: the trail for the data protection officer.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::answer::personal;
use super::error::Problem;
use super::params::Params;
use crate::domain::calendar::day_of;
use crate::service::trail::{self, TrailPage, TrailQuery};
use crate::service::viewer::Viewer;

/// Which lines of the trail.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TrailParams {
    /// From this day on, a day in the town.
    #[param(nullable = false)]
    from: Option<NaiveDate>,
    /// Up to the end of this day in the town.
    #[param(nullable = false)]
    to: Option<NaiveDate>,
    /// `account:3`, `command_line`, `nobody` or `service`.
    #[param(required = false)]
    actor: String,
    /// What was done.
    #[param(required = false)]
    act: String,
    /// To what.
    #[param(required = false)]
    resource: String,
    /// A pseudonym, a reference, or `case:12`.
    #[param(required = false)]
    subject: String,
    /// `next` of the former page.
    #[param(required = false)]
    before: String,
    /// 1..=500; 100 without it.
    #[param(minimum = 1, maximum = 500, nullable = false)]
    limit: Option<u32>,
}

impl From<TrailParams> for TrailQuery {
    fn from(params: TrailParams) -> Self {
        let TrailParams { from, to, actor, act, resource, subject, before, limit } = params;
        Self { from, to, actor, act, resource, subject, before, limit }
    }
}

/// Who did what and when, newest first
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(TrailParams), responses(
    (status = 200, body = TrailPage),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn trail(
    State(app): State<App>,
    viewer: Viewer,
    Params(params): Params<TrailParams>,
) -> Result<Response, Problem> {
    let page = trail::trail(app.areas.store(), &params.into(), viewer.author()).await?;
    Ok(personal(StatusCode::OK, &page))
}

/// The same as CSV, whole
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit", params(TrailParams), responses(
    (status = 200, body = String, content_type = "text/csv"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn export(
    State(app): State<App>,
    viewer: Viewer,
    Params(params): Params<TrailParams>,
) -> Result<Response, Problem> {
    let bytes = trail::export(app.areas.store(), &params.into(), viewer.author()).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"journal-{}.csv\"", day_of(viewer.now))),
    ];
    Ok((headers, bytes).into_response())
}

/// A chain as it was found.
#[derive(Serialize, ToSchema)]
pub(super) struct ChainView {
    chain_id: String,
    rows: u64,
    first_seq: i64,
    last_seq: i64,
    /// Signature of the last row, in hexadecimal: noted elsewhere, it shows later that no older copy was put back.
    end: String,
}

/// Something wrong with the trail.
#[derive(Serialize, ToSchema)]
pub(super) struct FindingView {
    chain_id: String,
    seq: i64,
    /// Stable code.
    problem: &'static str,
}

/// What the verification found.
#[derive(Serialize, ToSchema)]
pub(super) struct VerificationView {
    intact: bool,
    chains: Vec<ChainView>,
    /// At most 500.
    findings: Vec<FindingView>,
}

/// Reads the whole trail and says what is wrong with it
#[utoipa::path(post, path = "/api/v1/audit/verification", tag = "audit", responses(
    (status = 200, body = VerificationView),
))]
pub(super) async fn verification(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let found = trail::verify(app.areas.store(), viewer.author()).await?;
    let chain = |chain: &crate::service::trail::ChainState| ChainView {
        chain_id: chain.chain_id.clone(),
        rows: chain.rows,
        first_seq: chain.first_seq,
        last_seq: chain.last_seq,
        end: data_encoding::HEXLOWER.encode(&chain.end),
    };
    let finding = |finding: &crate::service::trail::Finding| FindingView {
        chain_id: finding.chain_id.clone(),
        seq: finding.seq,
        problem: finding.flaw.code(),
    };
    let view = VerificationView {
        intact: found.intact(),
        chains: found.chains.iter().map(chain).collect(),
        findings: found.findings.iter().map(finding).collect(),
    };
    Ok(personal(StatusCode::OK, &view))
}
