//! Who is not to be forgotten, and who is away.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::batch::{BatchView, Wanted, plan};
use super::intake::required;
use super::study_area::{StudyArea, StudyAreas};
use super::viewer::Viewer;
use super::views::short_name;
use crate::domain::access::Role;
use crate::domain::audit::{Act, Author, Entry, Resource};
use crate::domain::calendar::day_of;
use crate::domain::case::CaseState;
use crate::domain::case_life::{WAITING_CONTACT_DAYS, answer_due_at};
use crate::domain::visit::Absence;
use crate::domain::volunteer::VolunteerId;

/// The longest absence, in days.
const ABSENCE_MAX_DAYS: i64 = 366;

/// A case with a day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Due {
    /// The day by which something was or is due.
    due_on: NaiveDate,
    /// The case.
    case_id: i64,
}

/// A proposal that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Awaited {
    /// When it goes back to the queue.
    due_at: DateTime<Utc>,
    /// The case.
    case_id: i64,
    /// Who was asked.
    volunteer_id: i64,
}

/// Who is not to be forgotten: keys and days, nobody's name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FollowUpView {
    /// The day it is made for.
    on: NaiveDate,
    /// Dangers that nobody has dealt with.
    dangers: Vec<i64>,
    /// Visits that are overdue, the longest first.
    overdue: Vec<Due>,
    /// Visits that are due within seven days.
    soon: Vec<Due>,
    /// Cases to be reviewed.
    reviews: Vec<Due>,
    /// People who wait for a volunteer and have not heard from us for two weeks.
    waiting: Vec<Due>,
    /// Proposals without an answer yet, the most urgent first.
    awaited: Vec<Awaited>,
    /// Cases whose volunteer is away today.
    uncovered: Vec<i64>,
}

/// Who is not to be forgotten on a day.
#[must_use]
pub fn follow_up(area: &StudyArea, now: DateTime<Utc>) -> FollowUpView {
    let today = day_of(now);
    let week = today.checked_add_days(Days::new(7)).unwrap_or(today);
    let mut view = FollowUpView {
        on: today,
        dangers: Vec::new(),
        overdue: Vec::new(),
        soon: Vec::new(),
        reviews: Vec::new(),
        waiting: Vec::new(),
        awaited: Vec::new(),
        uncovered: Vec::new(),
    };
    for (id, case) in area.cases().iter().filter(|(_, case)| case.state.is_open()) {
        let case_id = id.0;
        if case.in_danger() {
            view.dangers.push(case_id);
        }
        let volunteer = case.volunteer.as_deref().and_then(|v| area.volunteer_index(v)).map(|v| area.volunteers()[v].0);
        match case.state {
            CaseState::Accepted | CaseState::Accompanied => {
                match case.next_contact_on {
                    Some(due_on) if due_on < today => view.overdue.push(Due { due_on, case_id }),
                    Some(due_on) if due_on <= week => view.soon.push(Due { due_on, case_id }),
                    _ => {}
                }
                let away = volunteer.and_then(|v| area.ties().absences.get(&v));
                if away.is_some_and(|days| days.iter().any(|(_, days)| days.holds(today))) {
                    view.uncovered.push(case_id);
                }
            }
            CaseState::Proposed => {
                if let (Some(at), Some(volunteer)) = (case.proposed_at, volunteer) {
                    view.awaited.push(Awaited { due_at: answer_due_at(at), case_id, volunteer_id: volunteer.0 });
                }
            }
            state if state.waits_for_a_volunteer() => {
                let since = case.last_contact_on.unwrap_or(case.reported_on);
                let due_on = since.checked_add_days(Days::new(WAITING_CONTACT_DAYS)).unwrap_or(since);
                if due_on < today {
                    view.waiting.push(Due { due_on, case_id });
                }
            }
            _ => {}
        }
        let reviewed = matches!(case.state, CaseState::Accompanied | CaseState::Paused);
        if let Some(due_on) = case.review_on.filter(|day| reviewed && *day <= today) {
            view.reviews.push(Due { due_on, case_id });
        }
    }
    for list in [&mut view.overdue, &mut view.soon, &mut view.reviews, &mut view.waiting] {
        list.sort_unstable();
    }
    view.awaited.sort_unstable();
    view
}

/// What the trail says of the list before it is shown.
#[must_use]
pub fn entry_of(view: &FollowUpView, by: Author) -> Entry {
    let lists = [&view.overdue, &view.soon, &view.reviews, &view.waiting];
    let records = lists.iter().map(|list| list.len()).sum::<usize>() + view.dangers.len() + view.awaited.len();
    by.entry(Act::List, Resource::Cases).over(records).because("follow-up")
}

/// Days away.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AbsenceView {
    id: i64,
    volunteer_id: i64,
    name: String,
    from_on: NaiveDate,
    to_on: NaiveDate,
}

/// Whose absences the viewer sees and changes: everybody's, or only the volunteer's own.
fn only_of(viewer: &Viewer) -> Option<VolunteerId> {
    if viewer.roles.contains(&Role::Coordination) { None } else { Some(viewer.volunteer.unwrap_or(VolunteerId(-1))) }
}

/// Days away that are not over, as far as the viewer may know of them.
#[must_use]
pub fn absences(area: &StudyArea, viewer: &Viewer) -> Vec<AbsenceView> {
    let only = only_of(viewer);
    let today = day_of(viewer.now);
    let mut views: Vec<AbsenceView> = (area.ties().absences.iter())
        .filter(|(of, _)| only.is_none_or(|only| only == **of))
        .flat_map(|(of, all)| all.iter().map(move |(id, days)| (*of, *id, *days)))
        .filter(|(_, _, days)| days.to_on >= today)
        .map(|(of, id, Absence { from_on, to_on })| {
            let volunteer = area.index_of_volunteer(of).ok().map(|i| &area.volunteers()[i].1);
            let name = volunteer.map(|v| short_name(&v.given_name, &v.family_name)).unwrap_or_default();
            AbsenceView { id, volunteer_id: of.0, name, from_on, to_on }
        })
        .collect();
    views.sort_by_key(|view| (view.from_on, view.id));
    views
}

/// Whose days, checked: a volunteer notes only his or her own.
fn whose(viewer: &Viewer, volunteer: Option<i64>) -> Result<VolunteerId, ServiceError> {
    let asked = volunteer.map(VolunteerId);
    match only_of(viewer) {
        None => asked.ok_or_else(|| required("volunteer_id", "the volunteer is missing", "Choose a volunteer")),
        Some(own) if asked.is_none_or(|asked| asked == own) => Ok(own),
        Some(_) => Err(ServiceError::NotFound("volunteer")),
    }
}

fn checked(days: Absence, today: NaiveDate) -> Result<Absence, ServiceError> {
    if days.to_on < days.from_on || (days.to_on - days.from_on).num_days() >= ABSENCE_MAX_DAYS {
        return Err(required("to_on", "the last day is before the first, or over a year later", "Correct the days"));
    }
    if days.from_on > today.checked_add_days(Days::new(5 * 366)).unwrap_or(today) {
        return Err(required("from_on", "this day is more than five years away", "Correct the days"));
    }
    if days.to_on < today {
        return Err(required("to_on", "these days are over", "Give days to come"));
    }
    Ok(days)
}

/// Notes days away and answers their key.
///
/// # Errors
/// [`ServiceError::Input`] for wrong days; [`ServiceError::NotFound`] for a volunteer who is not there or not the viewer.
pub async fn add_absence(
    areas: &StudyAreas,
    viewer: &Viewer,
    volunteer: Option<i64>,
    days: Absence,
) -> Result<i64, ServiceError> {
    let by = viewer.author();
    let (of, days) = (whose(viewer, volunteer)?, checked(days, by.today())?);
    areas.store().add_absence(of, days, by).await?.ok_or(ServiceError::NotFound("volunteer"))
}

/// Takes days away back.
///
/// # Errors
/// [`ServiceError::NotFound`] for days that are not there or not the viewer's.
pub async fn remove_absence(areas: &StudyAreas, viewer: &Viewer, id: i64) -> Result<(), ServiceError> {
    let area = areas.fresh().await?;
    let all = &area.ties().absences;
    let of = all.iter().find(|(_, days)| days.iter().any(|(key, _)| *key == id)).map(|(of, _)| *of);
    let of = of.filter(|of| only_of(viewer).is_none_or(|only| only == *of)).ok_or(ServiceError::NotFound("absence"))?;
    let gone = areas.store().remove_absence(of, id, viewer.author()).await?;
    if gone { Ok(()) } else { Err(ServiceError::NotFound("absence")) }
}

/// What an absence would mean: who could take over, and who is left. Nothing is written.
///
/// # Errors
/// [`ServiceError::Input`] for wrong days; [`ServiceError::NotFound`] without such a volunteer; as [`plan`].
pub fn absence_plan(
    area: &StudyArea,
    volunteer: VolunteerId,
    days: Absence,
    today: NaiveDate,
) -> Result<BatchView, ServiceError> {
    checked(days, today)?;
    let index = area.index_of_volunteer(volunteer)?;
    let cases = area.cases_of(index).iter().map(|&i| area.cases()[i].0).collect();
    plan(area, &Wanted { cases: Some(cases), instead_of: Some(volunteer), ..Wanted::default() }, today)
}
