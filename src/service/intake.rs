//! Taking a report: a case by house number, or with a place in words when nobody knows better.

use std::collections::BTreeSet;

use super::ServiceError;
use super::informing::check_opposition;
use super::study_area::{StudyArea, StudyAreas};
use crate::domain::audit::Author;
use crate::domain::case::{
    Case, CaseId, CaseState, IsolationDuration, NOTES_MAX_CHARS, ReportChannel, Sign, SubjectKind,
};
use crate::domain::input::InputError;
use crate::domain::position::LonLat;
use crate::store::Person;

/// A report as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Report {
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
    /// What was seen.
    pub notes: String,
    /// Code of the channel.
    pub channel: String,
    /// Whether somebody is in danger: then nothing stands in the way of the report, and the case is in no matching.
    pub danger: bool,
    /// Why the report is taken although the person refused before.
    pub override_reason: Option<String>,
}

/// Longest name, phone or address, in characters.
const LINE_MAX_CHARS: usize = 200;

/// Records a report as a new case in state `reported`. An address that is not found is kept in words: the case is never
/// lost, it only has no position yet.
///
/// # Errors
/// [`ServiceError::Input`] names the field that is missing or wrong; [`ServiceError::Refused`] `opposition_recorded` when
/// this person refused before and no reason is given. Nothing was written then.
pub async fn report_case(areas: &StudyAreas, report: Report, by: Author) -> Result<CaseId, ServiceError> {
    let area = areas.fresh().await?;
    let notes = checked_notes(&report.notes)?;
    if notes.is_empty() {
        return Err(required("notes", "what was seen is missing", "Say in a few words what was seen"));
    }
    let channel: ReportChannel = report.channel.parse().map_err(|e: crate::domain::closed_list::NotInList| {
        InputError::new("not_in_list", e.to_string(), "Choose one of the list").in_field("channel")
    })?;
    for (field, value) in [
        ("address", &report.address),
        ("family_name", &report.family_name),
        ("given_name", &report.given_name),
        ("phone", &report.phone),
    ] {
        checked_line(field, value)?;
    }
    let (address, position) = place(&area, report.address_id.as_deref(), &report.address)?;
    if address.is_empty() {
        return Err(required("address", "the place is missing", "Give an address, or say what it is near to"));
    }
    let person = Person {
        name: &format!("{} {}", report.given_name, report.family_name),
        address: &address,
        phone: &report.phone,
    };
    let reason = report.override_reason.as_deref();
    let passed_over = check_opposition(areas.store(), person, report.danger, reason, by.today()).await?;
    let case = Case {
        // The store draws the next number.
        reference: String::new(),
        state: CaseState::Reported,
        subject: SubjectKind::Person,
        family_name: report.family_name.trim().to_owned(),
        given_name: report.given_name.trim().to_owned(),
        phone: report.phone.trim().to_owned(),
        address,
        position,
        causes: BTreeSet::new(),
        duration: IsolationDuration::Inconnue,
        // Rule 1: nobody is proposed until a person has cleared it.
        signs: report.danger.then_some(Sign::DangerImmediat).into_iter().collect(),
        languages: Vec::new(),
        needs: BTreeSet::new(),
        channel,
        reported_on: by.today(),
        notes: notes.to_owned(),
        volunteer: None,
        backup: None,
        proposed_at: None,
        informed_on: None,
        last_contact_on: None,
        agreed_on: None,
        next_contact_on: None,
        review_on: None,
        danger_cleared_on: None,
        closing: None,
    };
    Ok(areas.store().insert_case(&case, passed_over.as_deref(), by).await?)
}

/// Notes without the white space around them.
pub(super) fn checked_notes(notes: &str) -> Result<&str, ServiceError> {
    let notes = notes.trim();
    if notes.chars().count() > NOTES_MAX_CHARS {
        return Err(required("notes", "the text is longer than 500 characters", "Shorten it"));
    }
    if notes.chars().any(|c| is_invisible(c) && c != '\n' && c != '\r' && c != '\t') {
        return Err(required("notes", "the text holds invisible control characters", "Type it again"));
    }
    Ok(notes)
}

/// One line without the white space around it.
pub(super) fn checked_line<'a>(field: &str, value: &'a str) -> Result<&'a str, ServiceError> {
    if value.chars().count() > LINE_MAX_CHARS {
        return Err(required(field, "the text is longer than 200 characters", "Shorten it"));
    }
    if value.chars().any(is_invisible) {
        return Err(required(field, "the text holds invisible control characters", "Type it again"));
    }
    Ok(value.trim())
}

/// The address that was chosen or found by its words, with its position; else the words without one.
pub(super) fn place(
    area: &StudyArea,
    address_id: Option<&str>,
    address: &str,
) -> Result<(String, Option<LonLat>), ServiceError> {
    let chosen = match address_id.filter(|id| !id.is_empty()) {
        Some(id) => {
            let known = area.addresses().by_id(id);
            Some(known.ok_or_else(|| {
                InputError::new("unknown_address", "this address is no longer in the list", "Choose it again")
                    .in_field("address")
            })?)
        }
        None => area.addresses().exact(address.trim()),
    };
    let label = chosen.map_or_else(|| address.trim().to_owned(), crate::domain::address::Address::label);
    Ok((label, chosen.map(|address| address.position)))
}

/// Control characters, and those that turn the direction of a line around.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

pub(super) fn required(field: &str, problem: &str, remedy: &str) -> ServiceError {
    InputError::new("invalid_field", problem, remedy).in_field(field).into()
}
