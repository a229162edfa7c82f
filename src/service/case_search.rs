//! Search first: whoever takes a report finds out whether the person is known, and sees who it may be before a second case
//! is made. A likeness is a warning with its reasons, never a refusal: households share phones (product rule 5).
//!
//! Only what the viewer sees exactly is looked at, so that nothing can be learnt from being found.

use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::case_index::{Hit, Searched, Typed};
use super::intake::{Spot, place};
use super::layers::{SectorView, sector_view, whose_case};
use super::study_area::{Located, Place, StudyArea};
use super::viewer::Viewer;
use crate::domain::access::{Fields, Record, Whose};
use crate::domain::audit::{Act, Author, Entry, Resource};

/// Most people that a search shows.
pub const SEARCH_MAX: usize = 20;
/// Most people who are shown beside a report.
const CANDIDATES_MAX: usize = 5;

/// Somebody who was found. What the viewer may not see is absent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FoundCase {
    /// Key of the case.
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported_on: Option<chrono::NaiveDate>,
    /// Why: `reference`, `same_phone`, `phone`, `same_name`, `name`, `near_name`, `same_address`, `address`, `near_address`.
    why: Vec<&'static str>,
}

/// People who were found, the likeliest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FoundCases {
    cases: Vec<FoundCase>,
}

/// Who the person of a report may be, and where it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Duplicates {
    /// The likeliest first; possibly nobody.
    candidates: Vec<FoundCase>,
    /// In which quarter the place is that was typed, or how far from the nearest one.
    place: SectorView,
}

/// What is typed so far of a report.
#[derive(Debug, Clone, Default)]
pub struct SoFar {
    /// Family name; may be empty.
    pub family_name: String,
    /// Given name; may be empty.
    pub given_name: String,
    /// Phone; may be empty.
    pub phone: String,
    /// Where it is.
    pub spot: Spot,
}

fn searched(viewer: &Viewer) -> Searched {
    let sees = |fields| viewer.sees(Record::Cases, Whose::Anybody, fields);
    Searched { identity: sees(Fields::Identity), contact: sees(Fields::Contact), place: sees(Fields::Place) }
}

fn found(area: &StudyArea, viewer: &Viewer, hits: Vec<Hit>) -> Vec<FoundCase> {
    let one = |hit: Hit| {
        let (id, case) = &area.cases()[hit.case];
        let whose = whose_case(area, viewer, case);
        let sees = |fields| viewer.sees(Record::Cases, whose, fields);
        FoundCase {
            id: id.0,
            reference: sees(Fields::Identity).then(|| case.reference.clone()),
            name: sees(Fields::Identity)
                .then(|| [case.given_name.as_str(), case.family_name.as_str()].join(" ").trim().to_owned()),
            address: sees(Fields::Place).then(|| case.address.clone()),
            phone: sees(Fields::Contact).then(|| case.phone.clone()),
            state: case.state.code(),
            reported_on: sees(Fields::Identity).then_some(case.reported_on),
            why: hit.why.iter().map(|why| why.code()).collect(),
        }
    };
    hits.into_iter().map(one).collect()
}

/// People who were reported before and look like what was typed: a name, a phone, a street or a reference.
#[must_use]
pub fn search(area: &StudyArea, viewer: &Viewer, text: &str, limit: usize) -> FoundCases {
    let hits = area.case_index().search(text, searched(viewer), limit.clamp(1, SEARCH_MAX));
    FoundCases { cases: found(area, viewer, hits) }
}

/// Who the person of a report may be that is being typed.
///
/// # Errors
/// [`ServiceError::Input`] for an address that is no longer in the list.
pub fn duplicates(area: &StudyArea, viewer: &Viewer, typed: &SoFar) -> Result<Duplicates, ServiceError> {
    let (address, position) = place(area, &typed.spot)?;
    let name = format!("{} {}", typed.given_name, typed.family_name);
    let typed = Typed { name: &name, phone: &typed.phone, address: &address };
    let hits = area.case_index().duplicates(typed, searched(viewer), CANDIDATES_MAX);
    let sector = position.and_then(|position| Some(area.quarters()?.sector(position)));
    let here = Located { sector, place: Place::Unlocated };
    Ok(Duplicates { candidates: found(area, viewer, hits), place: sector_view(area, &here) })
}

impl FoundCases {
    /// The line of the trail.
    #[must_use]
    pub fn entry(&self, by: Author) -> Entry {
        by.entry(Act::Search, Resource::Cases).over(self.cases.len())
    }
}

impl Duplicates {
    /// The line of the trail.
    #[must_use]
    pub fn entry(&self, by: Author) -> Entry {
        by.entry(Act::Search, Resource::Cases).over(self.candidates.len()).because("beside a report")
    }
}
