//! `/api/v1/cases/{id}/life`, `moves`, `undo`, `referrals` and `conflicts`: what is done with a case.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::answer::personal;
use super::error::Problem;
use super::params::{Body, Id, Ids};
use crate::domain::case::CaseId;
use crate::domain::volunteer::VolunteerId;
use crate::service::case_life::{self, LifeView, MoveForm, Moved};
use crate::service::viewer::Viewer;

/// What was done with a case, and what can be done now
#[utoipa::path(get, path = "/api/v1/cases/{id}/life", tag = "cases", params(("id" = i64, Path)), responses(
    (status = 200, body = LifeView),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case, or not the viewer's"),
))]
pub(super) async fn life(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    Ok(personal(StatusCode::OK, &case_life::life(&app.areas, &viewer, CaseId(id)).await?))
}

/// A visit or a call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VisitTold {
    /// `visit`, `phone`, `outing` or `no_answer`.
    kind: String,
    /// What was noticed, by code: `serein`, `rien_de_nouveau`, `fatigue`, `triste`, `inquiet`, `besoin_aide`,
    /// `sante_negligee`.
    #[serde(default)]
    impressions: Vec<String>,
}

/// A move.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMove {
    /// `take_up`, `inform`, `qualify`, `propose`, `accept`, `decline`, `withdraw`, `begin`, `contact`, `review`, `pause`,
    /// `resume`, `hand_over`, `release`, `back_up`, `raise_danger`, `clear_danger`, `close`, `reopen` or `archive`.
    act: String,
    /// Who is asked (`propose`, `hand_over`) or stands by (`back_up`; nobody without it).
    #[serde(default)]
    volunteer_id: Option<i64>,
    /// Code of why: of a closing, of a refusal to take the case, of a danger.
    #[serde(default)]
    why: Option<String>,
    /// At most 500 characters.
    #[serde(default)]
    note: String,
    /// The day of a contact; today without it.
    #[serde(default)]
    on: Option<NaiveDate>,
    /// The day by which the next contact is due.
    #[serde(default)]
    next_contact_on: Option<NaiveDate>,
    /// The visit that a `begin` or `contact` tells of.
    #[serde(default)]
    visit: Option<VisitTold>,
}

/// The version that a case has now.
#[derive(Serialize, ToSchema)]
pub(super) struct NowAt {
    version: i64,
}

/// Makes a move, if the case is still as it was seen
#[utoipa::path(post, path = "/api/v1/cases/{id}/moves", tag = "cases", request_body = NewMove,
    params(("id" = i64, Path), ("If-Match" = String, Header, description = "The version of the case that was looked at")),
    responses(
    (status = 200, body = NowAt),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case, or not the viewer's"),
    (status = 409, body = Problem, content_type = "application/problem+json",
        description = "`not_from_here`, `in_danger`, `too_late`, `same_volunteer`, `wrong_day`, `refusal_erases`, `no_place`"),
    (status = 412, body = Problem, content_type = "application/problem+json",
        description = "`changed_meanwhile`: somebody else has changed the case; nothing was written"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is wrong"),
    (status = 428, body = Problem, content_type = "application/problem+json", description = "`If-Match` is missing"),
))]
pub(super) async fn make_move(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    headers: HeaderMap,
    Body(new): Body<NewMove>,
) -> Result<Response, Problem> {
    let version = headers.get(header::IF_MATCH).and_then(|version| version.to_str().ok());
    let Some(version) = version.and_then(|version| version.trim().trim_matches('"').parse().ok()) else {
        let detail = "Say in If-Match which version of the case was looked at";
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "no_version", detail));
    };
    let form = MoveForm {
        act: new.act,
        volunteer: new.volunteer_id,
        why: new.why,
        note: new.note,
        on: new.on,
        next_contact_on: new.next_contact_on,
        visit: new.visit.map(|visit| (visit.kind, visit.impressions)),
    };
    match case_life::make_move(&app.areas, &viewer, CaseId(id), &form, version).await? {
        Moved::Done(version) => Ok(personal(StatusCode::OK, &NowAt { version })),
        Moved::Changed => {
            let detail = "Somebody else has changed this case meanwhile; nothing was written";
            Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", detail))
        }
    }
}

/// Takes one's own last move back, within ten minutes
#[utoipa::path(post, path = "/api/v1/cases/{id}/undo", tag = "cases", params(("id" = i64, Path)), responses(
    (status = 200, body = NowAt),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`nothing_to_undo`"),
))]
pub(super) async fn undo(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, Problem> {
    let version = case_life::undo(&app.areas, &viewer, CaseId(id)).await?;
    Ok(personal(StatusCode::OK, &NowAt { version }))
}

/// An institution that was asked to help.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReferral {
    /// 1 to 200 characters.
    institution: String,
    /// The day on which it was asked.
    on: NaiveDate,
}

/// The key of what was noted.
#[derive(Serialize, ToSchema)]
pub(super) struct Noted {
    id: i64,
}

/// Notes that an institution was asked to help
#[utoipa::path(post, path = "/api/v1/cases/{id}/referrals", tag = "cases", params(("id" = i64, Path)),
    request_body = NewReferral, responses(
    (status = 201, body = Noted),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is wrong"),
))]
pub(super) async fn refer(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Body(new): Body<NewReferral>,
) -> Result<Response, Problem> {
    let id = case_life::refer(&app.areas, &viewer, CaseId(id), &new.institution, new.on).await?;
    Ok(personal(StatusCode::CREATED, &Noted { id }))
}

/// What an institution said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferralAnswer {
    /// `taken_over`, `helps_too`, `declined` or `no_answer`.
    outcome: String,
    /// The day of the answer.
    on: NaiveDate,
}

/// Notes what an institution said
#[utoipa::path(put, path = "/api/v1/cases/{id}/referrals/{referral}/outcome", tag = "cases",
    params(("id" = i64, Path), ("referral" = i64, Path)), request_body = ReferralAnswer, responses(
    (status = 204),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "Nobody waits for this answer"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "A field is wrong"),
))]
pub(super) async fn close_referral(
    State(app): State<App>,
    viewer: Viewer,
    Ids(id, referral): Ids,
    Body(answer): Body<ReferralAnswer>,
) -> Result<Response, Problem> {
    let which = (CaseId(id), referral);
    case_life::close_referral(&app.areas, &viewer, which, &answer.outcome, answer.on).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Declares that a volunteer and a person are not to meet
#[utoipa::path(put, path = "/api/v1/cases/{id}/conflicts/{volunteer}", tag = "cases",
    params(("id" = i64, Path), ("volunteer" = i64, Path)), responses(
    (status = 204),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case or volunteer"),
))]
pub(super) async fn declare_conflict(
    State(app): State<App>,
    viewer: Viewer,
    Ids(id, volunteer): Ids,
) -> Result<Response, Problem> {
    case_life::set_conflict(&app.areas, &viewer, CaseId(id), VolunteerId(volunteer), true).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes that back
#[utoipa::path(delete, path = "/api/v1/cases/{id}/conflicts/{volunteer}", tag = "cases",
    params(("id" = i64, Path), ("volunteer" = i64, Path)), responses(
    (status = 204),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No such case or volunteer"),
))]
pub(super) async fn withdraw_conflict(
    State(app): State<App>,
    viewer: Viewer,
    Ids(id, volunteer): Ids,
) -> Result<Response, Problem> {
    case_life::set_conflict(&app.areas, &viewer, CaseId(id), VolunteerId(volunteer), false).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
