//! Telling a person of the report: due within one month of it (GDPR, article 14.3); and what follows a refusal.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::rights::erase_person;
use crate::domain::audit::{Act, Author, Resource, Subject};
use crate::domain::case::CaseId;
use crate::domain::input::InputError;
use crate::domain::retention::Durations;
use crate::domain::rights::{ErasureReason, days_left, one_month_after};
use crate::store::{Erasure, Person, Store};

/// Shortest reason to pass an opposition over, in characters.
const REASON_MIN_CHARS: usize = 10;
/// Longest reason, in characters.
const REASON_MAX_CHARS: usize = 500;

/// A case whose person must still be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToInformView {
    /// Key of the case.
    pub case_id: i64,
    /// Its reference.
    pub reference: String,
    /// Day of the report.
    pub reported_on: NaiveDate,
    /// Last day to tell the person.
    pub due_on: NaiveDate,
    /// Days until then; negative when it has passed.
    pub days_left: i64,
    /// Whether it has passed.
    pub overdue: bool,
}

/// Who must still be told of a report, the most urgent first. Nobody's name is in it.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn to_inform(store: &Store, by: Author) -> Result<Vec<ToInformView>, ServiceError> {
    let today = by.today();
    let cases = store.cases_to_inform().await?;
    store.record(&[by.entry(Act::List, Resource::Cases).over(cases.len()).because("to be informed")]).await?;
    Ok(cases
        .into_iter()
        .map(|case| {
            let due_on = one_month_after(case.reported_on);
            let left = days_left(due_on, today);
            ToInformView {
                case_id: case.case_id,
                reference: case.reference,
                reported_on: case.reported_on,
                due_on,
                days_left: left,
                overdue: left < 0,
            }
        })
        .collect())
}

/// Notes the day on which the person was told.
///
/// # Errors
/// [`ServiceError::Input`] for a day before the report or to come; [`ServiceError::NotFound`] without such a case.
pub async fn inform(store: &Store, case: CaseId, on: NaiveDate, by: Author) -> Result<(), ServiceError> {
    let known = store.case(case).await?.ok_or(ServiceError::NotFound("case"))?;
    let problem = if on > by.today() {
        Some("this day is still to come")
    } else if on < known.reported_on {
        Some("this day is before the report")
    } else {
        None
    };
    if let Some(problem) = problem {
        let error = InputError::new("invalid_field", problem, "Give the day on which the person was told");
        return Err(error.in_field("on").into());
    }
    if store.set_informed(case, on, by).await? { Ok(()) } else { Err(ServiceError::NotFound("case")) }
}

/// The person says no: the case is erased at once. What stays is a count, and keyed hashes that warn if the same person
/// is reported again, until they expire.
///
/// # Errors
/// [`ServiceError::NotFound`] without such a case.
pub async fn refuse(store: &Store, case: CaseId, durations: &Durations, by: Author) -> Result<(), ServiceError> {
    let how = Erasure {
        reason: ErasureReason::Refusal,
        remember_until: Some(durations.opposition_expires(by.today())),
        request: None,
    };
    erase_person(store, Subject::Case(case), how, by).await
}

/// Whether a report may be taken although the person refused before: it may when nobody did, when a sign of danger holds
/// (rule 1 comes before everything), and with a reason. Answers what was passed over, in the words of the trail.
///
/// # Errors
/// [`ServiceError::Refused`] with the day of the refusal; [`ServiceError::Input`] for a reason that is too short or long.
pub async fn check_opposition(
    store: &Store,
    person: Person<'_>,
    danger: bool,
    override_reason: Option<&str>,
    today: NaiveDate,
) -> Result<Option<String>, ServiceError> {
    let Some(since) = warning_of_opposition(store, person, today).await? else { return Ok(None) };
    let reason = override_reason.map(str::trim).filter(|reason| !reason.is_empty());
    let why = match reason {
        Some(reason) => {
            if !(REASON_MIN_CHARS..=REASON_MAX_CHARS).contains(&reason.chars().count()) {
                let error =
                    InputError::new("invalid_field", "a reason has 10 to 500 characters", "Say why in a sentence");
                return Err(error.in_field("override_reason").into());
            }
            reason
        }
        None if danger => "a sign of danger",
        None => {
            let day = super::wording::day(since);
            let detail = format!("Une personne de ce nom à cette adresse, ou à ce numéro, a refusé le {day}");
            return Err(ServiceError::refused("opposition_recorded", detail, "Confirmez avec un motif"));
        }
    };
    Ok(Some(format!("opposition of {since} passed over: {why}")))
}

/// The day on which somebody with this name at this address, or this phone, refused.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn warning_of_opposition(
    store: &Store,
    person: Person<'_>,
    today: NaiveDate,
) -> Result<Option<NaiveDate>, ServiceError> {
    Ok(store.opposition_since(person, today).await?)
}
