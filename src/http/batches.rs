//! `/api/v1/batches`: many cases matched at once, and a plan accepted.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::answer::{off_thread, personal};
use super::error::Problem;
use super::params::Body;
use crate::domain::case::CaseId;
use crate::domain::volunteer::VolunteerId;
use crate::service::ServiceError;
use crate::service::batch::{self, Accepted, BatchView, MOST_CASES, Pair, Wanted};
use crate::service::viewer::Viewer;

/// A case with a volunteer.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseAndVolunteer {
    case_id: i64,
    volunteer_id: i64,
}

impl From<CaseAndVolunteer> for Pair {
    fn from(pair: CaseAndVolunteer) -> Self {
        (CaseId(pair.case_id), VolunteerId(pair.volunteer_id))
    }
}

/// Which cases are to be matched together.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchRequest {
    /// These; without it, all who wait and have agreed.
    #[serde(default)]
    cases: Option<Vec<i64>>,
    /// Pairs that are set.
    #[serde(default)]
    pins: Vec<CaseAndVolunteer>,
    /// Pairs that are not wanted.
    #[serde(default)]
    exclusions: Vec<CaseAndVolunteer>,
    /// The plan before, to tell what is different.
    #[serde(default)]
    before: Option<Vec<CaseAndVolunteer>>,
}

/// The best plan for many cases: most served, then fewest points, then the most even loads. Nothing is written
#[utoipa::path(post, path = "/api/v1/batches", tag = "cases", request_body = BatchRequest, responses(
    (status = 200, body = BatchView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case or volunteer"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "No streets yet, or `too_many`"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn plan(
    State(app): State<App>,
    viewer: Viewer,
    Body(request): Body<BatchRequest>,
) -> Result<Response, Problem> {
    let area = app.areas.fresh().await?;
    let wanted = Wanted {
        cases: request.cases.map(|ids| ids.into_iter().map(CaseId).collect()),
        pins: request.pins.into_iter().map(Into::into).collect(),
        exclusions: request.exclusions.into_iter().map(Into::into).collect(),
        before: request.before.map(|lines| lines.into_iter().map(Into::into).collect()),
        instead_of: None,
    };
    let today = viewer.author().today();
    let view = off_thread(&area, move |area| batch::plan(area, &wanted, today).map_err(Problem::from)).await?;
    let why = viewer.why();
    let entries: Vec<_> = batch::entries_of(&view, viewer.author())
        .into_iter()
        .map(|entry| if why.is_empty() { entry } else { entry.because(why.clone()) })
        .collect();
    app.areas.store().record(&entries).await.map_err(ServiceError::from)?;
    Ok(personal(StatusCode::OK, &view))
}

/// One line of a plan that is accepted.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptedLine {
    case_id: i64,
    /// The version of the case that the plan was made for.
    version: i64,
    volunteer_id: i64,
}

/// Lines of a plan that are accepted together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptedPlan {
    lines: Vec<AcceptedLine>,
}

/// What was proposed.
#[derive(Serialize, ToSchema)]
pub(super) struct ProposedLines {
    /// How many cases.
    proposed: usize,
}

/// Proposes each case of a plan to its volunteer: all of them, or none
#[utoipa::path(post, path = "/api/v1/batches/proposals", tag = "cases", request_body = AcceptedPlan, responses(
    (status = 201, body = ProposedLines),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "One of the cases is not there"),
    (status = 409, body = Problem, content_type = "application/problem+json",
        description = "One of the cases stands in the way; `field` is `case:` and its id, and nothing was written"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn propose(
    State(app): State<App>,
    viewer: Viewer,
    Body(plan): Body<AcceptedPlan>,
) -> Result<Response, Problem> {
    if plan.lines.is_empty() || plan.lines.len() > MOST_CASES {
        let detail = format!("A plan has 1 to {MOST_CASES} lines");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", detail));
    }
    let accepted: Vec<Accepted> =
        (plan.lines.iter()).map(|line| (CaseId(line.case_id), line.version, VolunteerId(line.volunteer_id))).collect();
    match batch::propose(&app.areas, &viewer, &accepted).await? {
        Ok(proposed) => Ok(personal(StatusCode::CREATED, &ProposedLines { proposed })),
        Err((case, why)) => Err(Problem::from(batch::stands_in_the_way(why)).at_field(format!("case:{}", case.0))),
    }
}
