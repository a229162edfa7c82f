//! Correcting what is written of a person (GDPR, article 16): names, phone, address, languages and notes of a case.
//!
//! Who saves says which version was corrected; when somebody else has changed it meanwhile nothing is written, and the page
//! shows both. A request of the rights desk may be carried out with it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::intake::{Spot, checked_line, checked_notes, place, required};
use super::study_area::StudyAreas;
use super::viewer::Viewer;
use crate::domain::access::{Fields, Record, Whose};
use crate::domain::audit::{Act, Resource, Subject};
use crate::domain::case::{Case, CaseDetails, CaseId};
use crate::domain::rights::{RequestKind, one_month_after};
use crate::store::{Rectified, Store};

/// Nobody speaks more languages than this.
const LANGUAGES_MAX: usize = 10;

/// What can be corrected of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DetailsView {
    /// Family name; may be empty.
    pub family_name: String,
    /// Given name; may be empty.
    pub given_name: String,
    /// As written; may be empty.
    pub phone: String,
    /// As written; may be empty.
    pub address: String,
    /// Whether it is known where this is.
    pub located: bool,
    /// ISO 639-1 codes, in order of preference.
    pub languages: Vec<String>,
    /// At most 500 characters.
    pub notes: String,
    /// Requests for a correction that wait, the oldest first.
    pub requests: Vec<RectificationView>,
}

/// A request for a correction that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RectificationView {
    /// Key.
    pub id: i64,
    /// The day it came in.
    pub received_on: NaiveDate,
    /// Last day to answer.
    pub due_on: NaiveDate,
    /// Words of the officer.
    pub note: String,
}

/// The details with the version that a correction must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// The details.
    pub details: DetailsView,
    /// Stands for them.
    pub version: String,
}

/// A correction as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    /// An address that was chosen from the search.
    pub address_id: Option<String>,
    /// Or the address or place in words.
    pub address: String,
    /// Family name; may be empty.
    pub family_name: String,
    /// Given name; may be empty.
    pub given_name: String,
    /// Phone; may be empty.
    pub phone: String,
    /// ISO 639-1 codes, in order of preference.
    pub languages: Vec<String>,
    /// At most 500 characters.
    pub notes: String,
    /// The request that it carries out.
    pub request: Option<i64>,
}

/// What came of a correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Corrected {
    /// Written; as it is now.
    Done(Versioned),
    /// Somebody else has changed it meanwhile.
    Changed,
}

/// Only what the viewer sees exactly is corrected: whoever does not see all of it sees none of it here.
fn may_correct(viewer: &Viewer) -> Result<(), ServiceError> {
    let sees = |fields: &Fields| viewer.sees(Record::Cases, Whose::Anybody, *fields);
    let all = [Fields::Identity, Fields::Contact, Fields::Place, Fields::Notes].iter().all(sees);
    if all { Ok(()) } else { Err(ServiceError::NotFound("case")) }
}

async fn versioned(store: &Store, id: CaseId, case: Case) -> Result<Versioned, ServiceError> {
    let version = store.details_version(&case);
    let mut requests: Vec<RectificationView> = (store.requests().await?.into_iter())
        .filter(|request| request.kind == RequestKind::Rectification && request.subject == Some(Subject::Case(id)))
        .filter(|request| request.closed.is_none() && request.carried_out_at.is_none())
        .map(|request| RectificationView {
            id: request.id,
            received_on: request.received_on,
            due_on: one_month_after(request.received_on),
            note: request.note,
        })
        .collect();
    requests.sort_by_key(|request| (request.received_on, request.id));
    let located = case.position.is_some();
    let CaseDetails { family_name, given_name, phone, address, languages, notes, position: _ } = case.details();
    let details = DetailsView { family_name, given_name, phone, address, located, languages, notes, requests };
    Ok(Versioned { details, version })
}

/// What can be corrected of a case. That it was read stands in the trail.
///
/// # Errors
/// [`ServiceError::NotFound`] without such a case.
pub async fn details(areas: &StudyAreas, viewer: &Viewer, id: CaseId) -> Result<Versioned, ServiceError> {
    may_correct(viewer)?;
    let store = areas.store();
    let case = store.case(id).await?.ok_or(ServiceError::NotFound("case"))?;
    let entry = viewer.author().entry(Act::Read, Resource::Cases).about(Subject::Case(id));
    store.record(&[entry.because(viewer.why())]).await?;
    versioned(store, id, case).await
}

/// Corrects a case. An address that was chosen, or is found by its words, brings its position; other words than before
/// leave the case without one, and the same words leave it where it is.
///
/// # Errors
/// [`ServiceError::Input`] names the field; [`ServiceError::NotFound`] without such a case; [`ServiceError::Refused`]
/// `other_request` when the request does not wait for this correction. Nothing was written then.
pub async fn rectify(
    areas: &StudyAreas,
    viewer: &Viewer,
    id: CaseId,
    correction: Correction,
    version: &str,
) -> Result<Corrected, ServiceError> {
    may_correct(viewer)?;
    let area = areas.fresh().await?;
    let store = areas.store();
    let before = store.case(id).await?.ok_or(ServiceError::NotFound("case"))?;
    let typed = checked_line("address", &correction.address)?;
    let (address, position) = match correction.address_id.as_deref() {
        None | Some("") if typed == before.address => (before.address.clone(), before.position),
        chosen => {
            place(&area, &Spot { address_id: chosen.map(str::to_owned), address: typed.to_owned(), position: None })?
        }
    };
    let details = CaseDetails {
        family_name: checked_line("family_name", &correction.family_name)?.to_owned(),
        given_name: checked_line("given_name", &correction.given_name)?.to_owned(),
        phone: checked_line("phone", &correction.phone)?.to_owned(),
        address,
        position,
        languages: checked_languages(correction.languages)?,
        notes: checked_notes(&correction.notes)?.to_owned(),
    };
    match store.rectify_case(id, &details, version, correction.request, viewer.author()).await? {
        Rectified::Done => {}
        Rectified::NotThere => return Err(ServiceError::NotFound("case")),
        Rectified::Changed => return Ok(Corrected::Changed),
        Rectified::OtherRequest => {
            let detail = "this request does not wait for a correction of this case";
            return Err(ServiceError::refused("other_request", detail, "Save without it, and reload the request"));
        }
    }
    let case = store.case(id).await?.ok_or(ServiceError::NotFound("case"))?;
    Ok(Corrected::Done(versioned(store, id, case).await?))
}

pub(super) fn checked_languages(languages: Vec<String>) -> Result<Vec<String>, ServiceError> {
    let known = |code: &String| (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase());
    if languages.len() > LANGUAGES_MAX || !languages.iter().all(known) {
        let problem = "languages are at most 10 codes of two or three small letters";
        return Err(required("languages", problem, "Write ISO 639-1 codes, e.g. fr"));
    }
    let mut seen = BTreeSet::new();
    Ok(languages.into_iter().filter(|code| seen.insert(code.clone())).collect())
}
