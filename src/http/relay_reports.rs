//! `/api/v1/relay-reports`: reports without an account, what a receipt tells, and where a case came from. Codes and
//! receipts travel in bodies alone: an address stands in logs and histories.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::answer::personal;
use super::error::Problem;
use super::params::{Body, Id};
use super::session::ClientAddress;
use crate::domain::case::CaseId;
use crate::domain::relay::RelayId;
use crate::service::relay_reports::{
    self, NotAnswered, ReceiptView, RelayReportForm, RelayReportView, StickerCodeView,
};
use crate::service::viewer::Viewer;

/// A report as it is typed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRelayReport {
    /// The code on the sticker.
    #[serde(default)]
    code: String,
    /// What was seen; 1 to 500 characters.
    #[serde(default)]
    notes: String,
    /// The address or place in words.
    #[serde(default)]
    address: String,
    /// The person's name, as far as it is known.
    #[serde(default)]
    name: String,
    /// Who reports and how to call back, for the city's agents alone; forgotten after six months.
    #[serde(default)]
    reporter: String,
    /// `danger_immediat`, `idees_suicidaires`.
    #[serde(default)]
    signs: Vec<String>,
}

/// The receipt.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptGiven {
    /// Sixteen digits in groups of four; the last one checks the others.
    receipt: String,
}

/// A receipt as it is typed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceiptAsked {
    receipt: String,
}

fn refusal(error: NotAnswered) -> Response {
    let (status, code) = match &error {
        NotAnswered::UnknownCode => (StatusCode::NOT_FOUND, "unknown_code"),
        NotAnswered::UnknownReceipt => (StatusCode::NOT_FOUND, "unknown_receipt"),
        NotAnswered::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"),
        NotAnswered::Service(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    match error {
        NotAnswered::Service(error) => Problem::from(error).into_response(),
        NotAnswered::TooMany { retry_after_s } => {
            let problem = Problem::new(status, code, error.to_string());
            ([(header::RETRY_AFTER, retry_after_s.to_string())], problem).into_response()
        }
        error => Problem::new(status, code, error.to_string()).into_response(),
    }
}

/// Reports somebody by a sticker's code, without an account
#[utoipa::path(post, path = "/api/v1/relay-reports", tag = "relay reports", request_body = NewRelayReport, responses(
    (status = 201, body = ReceiptGiven),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`unknown_code`: never given, renewed, or of a sticker that came off"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is missing or wrong"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_attempts`, with `Retry-After`"),
))]
pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    ClientAddress(address): ClientAddress,
    Body(typed): Body<NewRelayReport>,
) -> Response {
    let form = RelayReportForm {
        code: typed.code,
        notes: typed.notes,
        address: typed.address,
        name: typed.name,
        reporter: typed.reporter,
        signs: typed.signs,
    };
    match relay_reports::report(&app.areas, &app.policy, &form, address, viewer.author()).await {
        Ok(receipt) => personal(StatusCode::CREATED, &ReceiptGiven { receipt: receipt.to_string() }),
        Err(error) => refusal(error),
    }
}

/// How far a report has come
#[utoipa::path(post, path = "/api/v1/relay-reports/status", tag = "relay reports", request_body = ReceiptAsked, responses(
    (status = 200, body = ReceiptView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`unknown_receipt`: never given, or followed no more"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`receipt_typo`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_attempts`, with `Retry-After`"),
))]
pub(super) async fn status(
    State(app): State<App>,
    viewer: Viewer,
    ClientAddress(address): ClientAddress,
    Body(asked): Body<ReceiptAsked>,
) -> Response {
    let store = app.areas.store();
    match relay_reports::progress(store, &app.policy, &asked.receipt, address, viewer.author()).await {
        Ok(view) => personal(StatusCode::OK, &view),
        Err(error) => refusal(error),
    }
}

/// Which relay reported a case, and how to call back
#[utoipa::path(get, path = "/api/v1/cases/{id}/relay-report", tag = "relay reports", params(("id" = i64, Path)), responses(
    (status = 200, body = RelayReportView),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case"),
))]
pub(super) async fn origin(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    Ok(personal(StatusCode::OK, &relay_reports::origin(&app.areas, CaseId(id), &viewer).await?))
}

/// The code on a relay's sticker
#[utoipa::path(get, path = "/api/v1/relays/{id}/sticker-code", tag = "relay reports", params(("id" = i64, Path)), responses(
    (status = 200, body = StickerCodeView),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such relay"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`no_sticker`"),
))]
pub(super) async fn sticker_code(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let origin = app.site.origin(&headers);
    let view = relay_reports::sticker_code(&app.areas, RelayId(id), &origin, viewer.author()).await?;
    Ok(personal(StatusCode::OK, &view))
}

/// Makes a code for a relay's sticker; a former one is unknown from then on
#[utoipa::path(post, path = "/api/v1/relays/{id}/sticker-code", tag = "relay reports", params(("id" = i64, Path)), responses(
    (status = 201, body = StickerCodeView),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such relay"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`no_sticker`"),
))]
pub(super) async fn renew_sticker_code(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let origin = app.site.origin(&headers);
    let view = relay_reports::renew_sticker_code(&app.areas, RelayId(id), &origin, viewer.author()).await?;
    Ok(personal(StatusCode::CREATED, &view))
}
