//! Many cases matched at once: the best plan, what is left over and why, and what would help most.
//!
//! Nothing is kept on the server: the coordinator's pins and exclusions come with each question, and a plan becomes
//! proposals only when it is accepted, case by case or together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::matching::{People, Walks, left_out_view, place_code};
use super::study_area::{StudyArea, StudyAreas};
use super::viewer::Viewer;
use super::views::{LeftOutView, PointsView, short_name};
use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::{CaseId, CaseState};
use crate::domain::case_life::Move;
use crate::domain::quarter::Sector;
use crate::domain::travel::TravelProfile;
use crate::domain::volunteer::VolunteerId;
use crate::network::graph::seconds;
use crate::solve::assign::{Arc, Batch, Plan, assign, check};
use crate::solve::suitable::{Candidate, Points, Reason, WalkCost};
use crate::store::{Mover, NotMoved, Order};

/// The most cases in one batch.
pub const MOST_CASES: usize = 2_000;
/// How many volunteers are named for a case that is left over.
const NEAREST_FAILURES: usize = 3;

/// A case with a volunteer.
pub type Pair = (CaseId, VolunteerId);

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// These cases; `None` for all who wait and have agreed.
    pub cases: Option<Vec<CaseId>>,
    /// Pairs that the coordinator has set.
    pub pins: Vec<Pair>,
    /// Pairs that the coordinator does not want.
    pub exclusions: BTreeSet<Pair>,
    /// The plan before, to tell what is different.
    pub before: Option<Vec<Pair>>,
    /// The people of this volunteer may be given to others: what if he or she is away?
    pub instead_of: Option<VolunteerId>,
}

/// A plan for many cases.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchView {
    /// Who would be proposed to whom, by case.
    pub lines: Vec<LineOfPlan>,
    /// Who is left over, by case.
    pub unassigned: Vec<Unassigned>,
    /// Pins that cannot hold, and why.
    pub refused_pins: Vec<RefusedPin>,
    /// What would serve more, the most first.
    pub remedies: Vec<Remedy>,
    /// Sum of the points of the plan.
    pub points: i64,
    /// What each volunteer would have then, of those whose load changes.
    pub loads: Vec<LoadView>,
    /// Cases whose volunteer is another one than in the plan before.
    pub changed: Vec<ChangedLine>,
}

/// One proposal of a plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineOfPlan {
    case_id: i64,
    /// The version of the case that was looked at: it is sent back with the proposal.
    version: i64,
    volunteer_id: i64,
    name: String,
    /// Walking time; `null` for a pin that no walk leads to.
    duration_s: Option<f64>,
    points: Option<PointsView>,
    /// Whether the coordinator set it.
    pinned: bool,
    /// Constraints that a pin passes over.
    passed_over: Vec<&'static str>,
}

/// A case that the plan leaves over.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Unassigned {
    case_id: i64,
    /// `danger`, `not_agreed`, `unlocated`, `unsnappable`, `no_place` (all who suit are full) or `nobody_suits`.
    reason: &'static str,
    /// The volunteers who come nearest to suiting, with what stands in the way.
    nearest: Vec<LeftOutView>,
}

/// A pin that cannot hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefusedPin {
    case_id: i64,
    volunteer_id: i64,
    reasons: Vec<&'static str>,
}

/// What would serve more people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Remedy {
    /// `places` (more places of the volunteers of a quarter) or `walk` (a longer walk of one volunteer).
    kind: &'static str,
    /// The quarter of the volunteers, for `places`; `null` outside all.
    quarter: Option<String>,
    /// Who would walk longer, for `walk`.
    volunteer_id: Option<i64>,
    /// Name of that volunteer.
    name: Option<String>,
    /// So many places, or minutes of walk in all.
    amount: u32,
    /// So many people more would be served.
    serves: usize,
}

/// What a volunteer would have.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LoadView {
    volunteer_id: i64,
    name: String,
    before: u32,
    after: u32,
    capacity: u32,
}

/// A case whose volunteer is another one than before.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the interface")]
pub struct ChangedLine {
    case_id: i64,
    before_volunteer_id: Option<i64>,
    volunteer_id: Option<i64>,
}

/// What no pin passes over: the volunteer cannot take the case at all.
const FIRM: [Reason; 6] =
    [Reason::Inactive, Reason::NotCleared, Reason::Conflict, Reason::SameHousehold, Reason::Full, Reason::Absent];

/// One case of a batch as the solver needs it.
struct Row {
    index: usize,
    candidates: Vec<Candidate>,
}

/// The best plan. Same question, same plan.
///
/// # Errors
/// [`ServiceError::NotFound`] for an unknown case or volunteer; [`ServiceError::Missing`] without streets;
/// [`ServiceError::Refused`] `too_many` above [`MOST_CASES`].
pub fn plan(area: &StudyArea, wanted: &Wanted, today: NaiveDate) -> Result<BatchView, ServiceError> {
    let instead_of = wanted.instead_of.map(|id| area.index_of_volunteer(id)).transpose()?;
    let waiting = |index: usize| {
        area.cases()[index].1.state == CaseState::Qualified
            || instead_of.is_some_and(|v| area.cases_of(v).contains(&index))
    };
    let mut cases: Vec<usize> = match &wanted.cases {
        None => (0..area.cases().len()).filter(|&i| waiting(i)).collect(),
        Some(ids) => ids.iter().map(|&id| area.index_of_case(id)).collect::<Result<_, _>>()?,
    };
    cases.sort_unstable();
    cases.dedup();
    if cases.len() > MOST_CASES {
        let detail = format!("Au plus {MOST_CASES} situations à la fois");
        return Err(ServiceError::refused("too_many", detail, "Choisissez moins de situations"));
    }

    let people = People::new(area, today);
    let mut walks = Walks::new(area)?;
    let mut left: Vec<Unassigned> = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    for index in cases {
        let (id, case) = &area.cases()[index];
        let place = area.located_cases[index].place;
        let reason = match place_code(&place, TravelProfile::Foot) {
            _ if case.in_danger() => Some("danger"),
            _ if !waiting(index) => Some("not_agreed"),
            "ok" => None,
            code => Some(code),
        };
        if let Some(reason) = reason {
            left.push(Unassigned { case_id: id.0, reason, nearest: Vec::new() });
            continue;
        }
        let (costs, _) = walks.to(&place);
        let mut candidates = people.candidates(index, &costs);
        for (v, candidate) in candidates.iter_mut().enumerate() {
            if instead_of == Some(v) || wanted.exclusions.contains(&(*id, area.volunteers()[v].0)) {
                candidate.barred.push(Reason::Excluded);
            }
        }
        rows.push(Row { index, candidates });
    }

    let mut free: Vec<u32> = (0..area.volunteers().len()).map(|v| area.free(v)).collect();
    let (pins, refused_pins) = pinned(area, wanted, &rows, &mut free)?;
    let open: Vec<&Row> = rows.iter().filter(|row| !pins.contains_key(&row.index)).collect();
    let mut loads = area.loads.clone();
    for &v in pins.values() {
        loads[v] += 1;
    }
    let batch = batch_of(&open, free, loads);
    let solved = assign(&batch);
    debug_assert!(check(&batch, &solved), "every plan passes its checker");

    let mut lines: Vec<LineOfPlan> = Vec::new();
    let mut solved_of: BTreeMap<usize, Option<usize>> = pins.iter().map(|(&case, &v)| (case, Some(v))).collect();
    solved_of.extend(open.iter().zip(&solved.volunteers).map(|(row, v)| (row.index, v.map(|v| v as usize))));
    let mut points = 0;
    for row in &rows {
        match solved_of[&row.index] {
            Some(v) => {
                let line = line(area, row, v, pins.contains_key(&row.index));
                points += line.points.map_or(0, |points| i64::from(points.total));
                lines.push(line);
            }
            None => left.push(left_over(area, row, today)),
        }
    }
    left.sort_by_key(|unassigned| unassigned.case_id);
    let remedies = if open.len() > solved.served { remedies(area, &open, &batch, &solved) } else { Vec::new() };
    Ok(BatchView {
        loads: loads_of(area, &lines),
        changed: wanted.before.as_ref().map_or_else(Vec::new, |before| changes(before, &lines, &left)),
        lines,
        unassigned: left,
        refused_pins,
        remedies,
        points,
    })
}

/// The pins that hold, by case, and those that do not; each takes a place.
fn pinned(
    area: &StudyArea,
    wanted: &Wanted,
    rows: &[Row],
    free: &mut [u32],
) -> Result<(BTreeMap<usize, usize>, Vec<RefusedPin>), ServiceError> {
    let (mut pins, mut refused) = (BTreeMap::new(), Vec::new());
    for &(case, volunteer) in &wanted.pins {
        let (index, v) = (area.index_of_case(case)?, area.index_of_volunteer(volunteer)?);
        let Ok(at) = rows.binary_search_by_key(&index, |row| row.index) else { continue };
        let mut reasons: Vec<Reason> = rows[at].candidates[v].failures();
        reasons.retain(|reason| FIRM.contains(reason) && *reason != Reason::Full);
        if free[v] == 0 {
            reasons.push(Reason::Full);
        }
        if reasons.is_empty() && !pins.contains_key(&index) {
            free[v] -= 1;
            pins.insert(index, v);
        } else if !pins.contains_key(&index) {
            let reasons = reasons.into_iter().map(Reason::code).collect();
            refused.push(RefusedPin { case_id: case.0, volunteer_id: volunteer.0, reasons });
        }
    }
    Ok((pins, refused))
}

/// Who may take whom; a full volunteer keeps the arcs, so that a remedy can be tried with more places.
fn batch_of(rows: &[&Row], free: Vec<u32>, loads: Vec<u32>) -> Batch {
    let mut batch = Batch { free, loads, starts: vec![0], arcs: Vec::new() };
    for row in rows {
        for (v, candidate) in row.candidates.iter().enumerate() {
            let suits = candidate.failures().iter().all(|reason| *reason == Reason::Full);
            if let Some(points) = candidate.points().filter(|_| suits) {
                batch.arcs.push(Arc { volunteer: v as u32, cost: points.cost() });
            }
        }
        batch.starts.push(batch.arcs.len() as u32);
    }
    batch
}

fn line(area: &StudyArea, row: &Row, volunteer: usize, pinned: bool) -> LineOfPlan {
    let (case, _) = &area.cases()[row.index];
    let (id, v) = &area.volunteers()[volunteer];
    let candidate = &row.candidates[volunteer];
    LineOfPlan {
        case_id: case.0,
        version: area.version(*case),
        volunteer_id: id.0,
        name: short_name(&v.given_name, &v.family_name),
        duration_s: if let WalkCost::Ticks(t) = candidate.walk { Some(seconds(t)) } else { None },
        points: candidate.points().map(Into::into),
        pinned,
        passed_over: candidate.failures().into_iter().map(Reason::code).collect(),
    }
}

/// Why nobody is left for a case: the volunteers for whom the least stands in the way come first.
fn left_over(area: &StudyArea, row: &Row, today: NaiveDate) -> Unassigned {
    let mut others: Vec<(usize, i32, usize, Vec<Reason>)> = (row.candidates.iter().enumerate())
        .map(|(v, candidate)| {
            let mut failures = candidate.failures();
            if failures.is_empty() {
                // All places of this volunteer go to others.
                failures.push(Reason::Full);
            }
            let total = candidate.points().map_or(i32::MAX, Points::total);
            (failures.len(), total, v, failures)
        })
        .collect();
    others.sort_unstable();
    let only_full = others.iter().any(|(.., reasons)| reasons[..] == [Reason::Full]);
    let nearest = others.iter().take(NEAREST_FAILURES);
    Unassigned {
        case_id: area.cases()[row.index].0.0,
        reason: if only_full { "no_place" } else { "nobody_suits" },
        nearest: nearest
            .map(|(_, _, v, reasons)| left_out_view(area, row.index, *v, reasons, row.candidates[*v].walk, today))
            .collect(),
    }
}

/// Each single remedy is tried and solved again: more places of a quarter's volunteers, or a longer walk of one.
fn remedies(area: &StudyArea, rows: &[&Row], batch: &Batch, solved: &Plan) -> Vec<Remedy> {
    let missing = rows.len() - solved.served;
    let mut found = Vec::new();
    let home = |v: usize| match area.located_volunteers[v].sector {
        Some(Sector::Inside(quarter)) => Some(quarter),
        _ => None,
    };
    let quarters: BTreeSet<Option<usize>> = (0..batch.free.len()).map(home).collect();
    for quarter in quarters {
        let mut more = batch.clone();
        let of_quarter =
            |v: usize| home(v) == quarter && area.volunteers()[v].1.active && area.volunteers()[v].1.cleared;
        for v in (0..more.free.len()).filter(|&v| of_quarter(v)) {
            more.free[v] += missing as u32;
        }
        let serves = assign(&more).served - solved.served;
        let name = quarter.and_then(|quarter| Some(area.quarters()?.quarters()[quarter].id.clone()));
        if serves > 0 {
            let amount = serves as u32;
            found.push(Remedy { kind: "places", quarter: name, volunteer_id: None, name: None, amount, serves });
        }
    }
    let left: Vec<&Row> =
        rows.iter().zip(&solved.volunteers).filter(|(_, v)| v.is_none()).map(|(row, _)| *row).collect();
    for v in (0..batch.free.len()).filter(|&v| batch.free[v] > 0) {
        // Only the walk stands in the way, and a place is left: so many minutes would serve one, more serve the next.
        let walks = left.iter().map(|row| &row.candidates[v]).filter(|c| c.failures()[..] == [Reason::TooFar]);
        let mut minutes: Vec<u32> = walks
            .filter_map(
                |c| if let WalkCost::Ticks(t) = c.walk { Some((seconds(t) / 60.0).ceil() as u32) } else { None },
            )
            .collect();
        minutes.sort_unstable();
        let taken = solved.volunteers.iter().filter(|found| **found == Some(v as u32)).count();
        minutes.truncate((batch.free[v] as usize).saturating_sub(taken));
        let (id, volunteer) = &area.volunteers()[v];
        if let Some(&amount) = minutes.last() {
            let name = Some(short_name(&volunteer.given_name, &volunteer.family_name));
            let serves = minutes.len();
            found.push(Remedy { kind: "walk", quarter: None, volunteer_id: Some(id.0), name, amount, serves });
        }
    }
    // Stable: equals stay in the order of quarters and ids.
    found.sort_by_key(|remedy| (std::cmp::Reverse(remedy.serves), remedy.amount));
    found
}

fn loads_of(area: &StudyArea, lines: &[LineOfPlan]) -> Vec<LoadView> {
    let mut more: BTreeMap<i64, u32> = BTreeMap::new();
    for line in lines {
        *more.entry(line.volunteer_id).or_default() += 1;
    }
    (area.volunteers().iter().enumerate())
        .filter_map(|(v, (id, volunteer))| {
            let more = more.get(&id.0)?;
            Some(LoadView {
                volunteer_id: id.0,
                name: short_name(&volunteer.given_name, &volunteer.family_name),
                before: area.loads[v],
                after: area.loads[v] + more,
                capacity: volunteer.capacity,
            })
        })
        .collect()
}

fn changes(before: &[Pair], lines: &[LineOfPlan], left: &[Unassigned]) -> Vec<ChangedLine> {
    let mut now: BTreeMap<i64, Option<i64>> = left.iter().map(|left| (left.case_id, None)).collect();
    now.extend(lines.iter().map(|line| (line.case_id, Some(line.volunteer_id))));
    let then: BTreeMap<i64, i64> = before.iter().map(|(case, volunteer)| (case.0, volunteer.0)).collect();
    (now.into_iter())
        .map(|(case_id, volunteer_id)| ChangedLine {
            case_id,
            before_volunteer_id: then.get(&case_id).copied(),
            volunteer_id,
        })
        .filter(|line| line.before_volunteer_id != line.volunteer_id)
        .collect()
}

/// What the trail says of a plan before it is shown.
#[must_use]
pub fn entries_of(view: &BatchView, by: Author) -> Vec<Entry> {
    let about = |id: i64| by.entry(Act::Match, Resource::Cases).about(Subject::Case(CaseId(id))).because("batch");
    let volunteers = by.entry(Act::List, Resource::Volunteers).because("batch");
    let cases = view.lines.iter().map(|line| line.case_id).chain(view.unassigned.iter().map(|left| left.case_id));
    cases.map(about).chain(std::iter::once(volunteers)).collect()
}

/// Why a proposal could not be made, in French.
#[must_use]
pub fn stands_in_the_way(why: NotMoved) -> ServiceError {
    super::case_life::not_moved(why)
}

/// A proposal of a plan that is accepted: whose case, the version that was looked at, and to whom.
pub type Accepted = (CaseId, i64, VolunteerId);

/// Makes proposals, all or none; `Err` says which case stood in the way, and why.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn propose(
    areas: &StudyAreas,
    viewer: &Viewer,
    accepted: &[Accepted],
) -> Result<Result<usize, (CaseId, NotMoved)>, ServiceError> {
    let area = areas.fresh().await?;
    // Who has a volunteer already is handed over.
    let has_one = |case| area.index_of_case(case).is_ok_and(|i| area.cases()[i].1.state.takes_a_place());
    let orders: Vec<Order> = accepted
        .iter()
        .map(|&(case, version, volunteer)| {
            let step = if has_one(case) { Move::HandOver(volunteer) } else { Move::Propose(volunteer) };
            Order { case, version: Some(version), step, note: String::new(), visit: None }
        })
        .collect();
    let mover = Mover { account: viewer.account, only_of: None, by: viewer.author() };
    let moved = areas.store().move_cases(&orders, mover).await?;
    Ok(moved.map(|versions| versions.len()).map_err(|(nth, why)| (orders[nth].case, why)))
}
