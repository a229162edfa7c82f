//! Errors as RFC 9457 problems: the only place that knows which error is which status.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::REQUEST_ID;
use crate::domain::input::InputError;
use crate::service::ServiceError;
use crate::store::StoreError;

/// A problem, as `application/problem+json`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:bienveilleurs:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened, for a person.
    detail: String,
    /// Stable code in `snake_case`.
    code: &'static str,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    /// The request, to find it in the log.
    request_id: String,
    /// Whether somebody tried what is not to be done: the guard writes it to the trail.
    #[serde(skip)]
    #[schema(ignore)]
    refusal: bool,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:bienveilleurs:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            field: None,
            remedy: None,
            request_id: String::new(),
            refusal: status == StatusCode::FORBIDDEN,
        }
    }

    /// The same, at a field.
    pub(super) fn at_field(self, field: String) -> Self {
        Self { field: Some(field), ..self }
    }

    /// The same as an attempt that stands in the trail.
    pub(super) fn into_refusal(self) -> Self {
        Self { refusal: true, ..self }
    }

    /// The code, when this is an attempt that stands in the trail.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        self.refusal.then_some(self.code)
    }

    pub(super) fn input(status: StatusCode, error: &InputError) -> Self {
        // The value is not repeated: the one who sent it has it, and a log or a proxy need not.
        Self {
            field: error.field.clone(),
            remedy: Some(error.remedy.clone()),
            ..Self::new(status, error.code, error.problem.clone())
        }
    }

    pub(super) fn not_allowed() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_allowed", "Your role does not include this")
    }

    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_from_here", "This service answers only on this computer")
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match &error {
            ServiceError::Input(input) => Self::input(StatusCode::UNPROCESSABLE_ENTITY, input),
            ServiceError::NotFound(_) => Self::new(StatusCode::NOT_FOUND, "not_found", error.to_string()),
            ServiceError::Missing { what } => {
                let code = if *what == "streets" { "no_streets" } else { "no_quarters" };
                Self::new(StatusCode::CONFLICT, code, error.to_string())
            }
            ServiceError::Refused { code, detail, remedy } => {
                let problem = Self::new(StatusCode::CONFLICT, code, detail.clone()).into_refusal();
                Self { remedy: Some((*remedy).to_owned()), ..problem }
            }
            ServiceError::Store(StoreError::Conflict { .. }) => {
                Self::new(StatusCode::CONFLICT, "conflict", error.to_string())
            }
            ServiceError::Store(StoreError::Invalid { .. } | StoreError::UnknownReference { .. }) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", "A field holds what cannot be stored")
            }
            ServiceError::Store(_) | ServiceError::File { .. } => {
                tracing::error!(error = %error, "the database or a data file does not answer");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "The data cannot be read at the moment; nothing was lost",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes a problem's body once the request's id is known, and gives one to every error that has none.
pub(super) async fn render(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    let problem = response
        .extensions_mut()
        .remove::<Problem>()
        .or_else(|| (status.is_client_error() || status.is_server_error()).then(|| generic(status)));
    let Some(mut problem) = problem else { return response };
    problem.request_id = id;
    let kept = [header::ALLOW, header::RETRY_AFTER].map(|name| (response.headers_mut().remove(&name), name));
    let mut answer = (status, Json(problem)).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (value, name) in kept {
        if let Some(value) = value {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

fn generic(status: StatusCode) -> Problem {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(status, "too_large", "The request is larger than 64 KiB"),
        StatusCode::GATEWAY_TIMEOUT => Problem::new(status, "too_slow", "The answer took more than 30 seconds"),
        _ => Problem::new(status, "error", status.canonical_reason().unwrap_or("Error")),
    }
}

pub(super) async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address")
}

pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take this method")
}

/// A panic is a defect of ours: it is logged without its message, which may hold anything.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response<Body> {
    tracing::error!("a handler panicked");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side; nothing was lost")
        .into_response()
}
