//! The best suited volunteers for one case, why in this order, and for each other one why not and what would have to change.

use chrono::NaiveDate;

use super::ServiceError;
use super::study_area::{Place, StudyArea};
use super::views::{LeftOutView, LineView, MatchView, MatchedView, line_view, metres, short_name};
use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::{Case, CaseId, CaseState};
use crate::domain::text::fold;
use crate::domain::travel::TravelProfile;
use crate::domain::units::Seconds;
use crate::domain::volunteer::{Volunteer, VolunteerId};
use crate::network::graph::{UNREACHED, seconds, ticks};
use crate::network::route::walk;
use crate::network::search::{Search, Starts, nearest};
use crate::network::snap::Snap;
use crate::solve::suitable::{Candidate, Reason, Traits, WalkCost, check, choose};

/// The language of the town: who speaks it needs no other one from a volunteer.
const FRENCH: &str = "fr";

/// Matches one case. A case in danger, closed, without position or without street near it matches
/// nobody; that is a result.
///
/// # Errors
/// [`ServiceError::NotFound`] for an unknown case, [`ServiceError::Missing`] without streets.
pub fn match_case(area: &StudyArea, id: CaseId, k: usize, today: NaiveDate) -> Result<MatchView, ServiceError> {
    let index = area.index_of_case(id)?;
    let case = &area.cases()[index].1;
    let network = area.network()?;
    let place = area.located_cases[index].place;
    let mut view = MatchView {
        case_id: id.0,
        k,
        located: place_code(&place, TravelProfile::Foot),
        danger: case.in_danger(),
        open: case.state.is_open(),
        agreed: case.state == CaseState::Qualified || case.state.takes_a_place(),
        snap_m: place.snap(TravelProfile::Foot).map(|s| metres(s.distance_m)),
        matches: Vec::new(),
        left_out: Vec::new(),
    };
    if view.danger || view.located != "ok" || !view.open {
        return Ok(view);
    }

    let mut walks = Walks::new(area)?;
    let (costs, searches) = walks.to(&place);
    let candidates = People::new(area, today).candidates(index, &costs);
    let choice = choose(&candidates, k);
    debug_assert!(check(&candidates, k, &choice), "every choice passes its checker");

    for &i in &choice.chosen {
        let (id, v) = &area.volunteers()[i];
        let (WalkCost::Ticks(t), Some(points)) = (costs[i], candidates[i].points()) else { continue };
        let slot = super::study_area::profile_index(v.profile);
        let way = searches[slot].as_ref().and_then(|(search, origin)| {
            let start = area.located_volunteers[i].place.snap(v.profile)?;
            walk(network, search, v.profile, start, *origin, t)
        });
        // Labels of one search hold the way to everybody it found; if they did not, nobody may vanish from the answer.
        let Some(way) = way else {
            view.left_out.push(left_out_view(area, index, i, &[Reason::Unreachable], WalkCost::Unreachable, today));
            continue;
        };
        view.matches.push(MatchedView {
            volunteer_id: id.0,
            name: short_name(&v.given_name, &v.family_name),
            duration_s: seconds(t),
            length_m: way.length_mm as f64 / 1000.0,
            free: candidates[i].free,
            profile: v.profile.code(),
            points: points.into(),
            knows: knows_code(candidates[i].traits),
            load: candidates[i].traits.load,
            path: LineView { kind: "LineString", coordinates: line_view(&way.line) },
        });
    }
    let left_out = choice.left_out.iter();
    view.left_out.extend(left_out.map(|(i, reasons)| left_out_view(area, index, *i, reasons, costs[*i], today)));
    Ok(view)
}

pub(super) fn knows_code(traits: Traits) -> Option<&'static str> {
    match traits {
        Traits { knows_person: true, .. } => Some("person"),
        Traits { knows_building: true, .. } => Some("building"),
        _ => None,
    }
}

/// Labels of a search that ended, and where it began.
type Ended = Option<(Search, Snap)>;

/// Walks from all volunteers, made ready once for any number of cases.
pub(super) struct Walks<'a> {
    area: &'a StudyArea,
    network: &'a crate::network::Network,
    /// By profile: where walks start, and which volunteer that is.
    starts: [(Starts, Vec<usize>); 2],
    /// By volunteer: what is known without a case.
    bare: Vec<WalkCost>,
}

const PROFILES: [TravelProfile; 2] = [TravelProfile::Foot, TravelProfile::ReducedMobility];

impl<'a> Walks<'a> {
    pub(super) fn new(area: &'a StudyArea) -> Result<Self, ServiceError> {
        let network = area.network()?;
        let mut bare = vec![WalkCost::Unlocated; area.volunteers().len()];
        let starts = PROFILES.map(|profile| {
            let (mut starts, mut start_of) = (Vec::new(), Vec::new());
            for (i, (_, volunteer)) in area.volunteers().iter().enumerate().filter(|(_, (_, v))| v.profile == profile) {
                debug_assert_eq!(volunteer.profile, profile);
                bare[i] = match (area.located_volunteers[i].place, area.located_volunteers[i].place.snap(profile)) {
                    (Place::Unlocated, _) => WalkCost::Unlocated,
                    (_, None) => WalkCost::Unsnappable,
                    (_, Some(snap)) => {
                        starts.push((snap, UNREACHED - 1));
                        start_of.push(i);
                        WalkCost::Unreachable
                    }
                };
            }
            (Starts::new(network, profile, &starts), start_of)
        });
        Ok(Self { area, network, starts, bare })
    }

    /// The walk of every volunteer to a place, and by profile the search that found them: one outward search each.
    pub(super) fn to(&mut self, place: &Place) -> (Vec<WalkCost>, [Ended; 2]) {
        let mut costs = self.bare.clone();
        let mut searches = [None, None];
        for (slot, profile) in PROFILES.into_iter().enumerate() {
            let (starts, start_of) = &self.starts[slot];
            if start_of.is_empty() {
                continue;
            }
            let Some(origin) = place.snap(profile) else {
                // Neither end may lie off the streets that this profile can walk.
                for &i in start_of {
                    costs[i] = WalkCost::Unsnappable;
                }
                continue;
            };
            let mut search = Search::new();
            for found in nearest(self.network, &mut search, starts, origin, start_of.len()) {
                costs[start_of[found.start as usize]] = WalkCost::Ticks(found.ticks);
            }
            searches[slot] = Some((search, origin));
        }
        debug_assert_eq!(costs.len(), self.area.volunteers().len());
        (costs, searches)
    }
}

/// What is known of all volunteers on a day, made ready once for any number of cases.
pub(super) struct People<'a> {
    area: &'a StudyArea,
    today: NaiveDate,
    addresses: Vec<String>,
    /// By volunteer: where the people live whom he or she visits.
    buildings: Vec<Vec<String>>,
}

impl<'a> People<'a> {
    pub(super) fn new(area: &'a StudyArea, today: NaiveDate) -> Self {
        let visited = |v: usize| area.cases_of(v).iter().map(|&c| fold(&area.cases()[c].1.address)).collect();
        Self {
            area,
            today,
            addresses: area.volunteers().iter().map(|(_, v)| fold(&v.address)).collect(),
            buildings: (0..area.volunteers().len()).map(visited).collect(),
        }
    }

    /// Every volunteer as a candidate for a case, given the walks to it.
    pub(super) fn candidates(&self, case: usize, walks: &[WalkCost]) -> Vec<Candidate> {
        let area = self.area;
        let (id, case) = &area.cases()[case];
        let building = fold(&case.address);
        let own =
            case.volunteer.as_deref().and_then(|v| area.volunteer_index(v)).filter(|_| case.state.takes_a_place());
        (area.volunteers().iter().enumerate())
            .map(|(i, (volunteer, v))| {
                // The place that this very case takes is free for it.
                let own = own == Some(i);
                let traits = Traits {
                    load: area.loads[i] - u32::from(own),
                    knows_person: area.ties().knows.contains(&(*id, *volunteer)),
                    knows_building: !own && !building.is_empty() && self.buildings[i].contains(&building),
                    other_language: case.languages.first().is_some_and(|first| !speaks(v, first)),
                    days_since: area
                        .ties()
                        .last_case_on
                        .get(volunteer)
                        .map(|day| u32::try_from((self.today - *day).num_days()).unwrap_or(0)),
                };
                Candidate {
                    barred: self.barred(*id, case, &building, i),
                    free: v.capacity.saturating_sub(traits.load),
                    limit: ticks(Seconds::from_minutes(f64::from(v.max_walk_min))),
                    walk: walks[i],
                    traits,
                }
            })
            .collect()
    }

    fn barred(&self, id: CaseId, case: &Case, building: &str, volunteer: usize) -> Vec<Reason> {
        let (key, v) = &self.area.volunteers()[volunteer];
        let ties = self.area.ties();
        // Who lives at the same address under the same name, or answers the same phone.
        let phone = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
        let same_name = !case.family_name.is_empty() && fold(&case.family_name) == fold(&v.family_name);
        let same_phone = phone(&case.phone).len() >= 9 && phone(&case.phone) == phone(&v.phone);
        let same_household = same_phone || (same_name && !building.is_empty() && self.addresses[volunteer] == building);
        // An unknown language is no hindrance; one's own tongue is only needed by who does not speak French.
        let needs_a_tongue = !case.languages.is_empty() && !case.languages.iter().any(|code| code == FRENCH);
        [
            (Reason::Inactive, !v.active),
            (Reason::NotCleared, !v.cleared),
            (Reason::Absent, away_until(self.area, *key, self.today).is_some()),
            (Reason::Conflict, ties.conflicts.contains(&(id, *key))),
            (Reason::SameHousehold, same_household),
            (Reason::Declined, ties.declined.contains(&(id, *key))),
            (Reason::Need, !v.needs.is_empty() && !case.needs.is_subset(&v.needs)),
            (Reason::Language, needs_a_tongue && !case.languages.iter().any(|code| speaks(v, code))),
        ]
        .into_iter()
        .filter_map(|(reason, holds)| holds.then_some(reason))
        .collect()
    }
}

/// The last day of an absence that holds on a day.
fn away_until(area: &StudyArea, volunteer: VolunteerId, day: NaiveDate) -> Option<NaiveDate> {
    let absences = area.ties().absences.get(&volunteer)?;
    absences.iter().filter(|(_, days)| days.holds(day)).map(|(_, days)| days.to_on).max()
}

fn speaks(volunteer: &Volunteer, code: &str) -> bool {
    volunteer.languages.iter().any(|language| language == code)
}

/// What the trail says of a match before it is shown: whose case, each volunteer whose way is shown, and that all others
/// are named with a reason.
#[must_use]
pub fn entries_of(view: &MatchView, by: Author) -> Vec<Entry> {
    let of_case = by.entry(Act::Match, Resource::Cases).about(Subject::Case(CaseId(view.case_id)));
    let shown = |id: i64| by.entry(Act::Match, Resource::Volunteers).about(Subject::Volunteer(VolunteerId(id)));
    let others = by.entry(Act::List, Resource::Volunteers).over(view.left_out.len());
    std::iter::once(of_case)
        .chain(view.matches.iter().map(|found| shown(found.volunteer_id)))
        .chain((!view.left_out.is_empty()).then_some(others))
        .collect()
}

pub(super) fn left_out_view(
    area: &StudyArea,
    case: usize,
    volunteer: usize,
    reasons: &[Reason],
    walk: WalkCost,
    today: NaiveDate,
) -> LeftOutView {
    let (id, v) = &area.volunteers()[volunteer];
    let case = &area.cases()[case].1;
    let has = |reason| reasons.contains(&reason);
    LeftOutView {
        volunteer_id: id.0,
        name: short_name(&v.given_name, &v.family_name),
        reason: reasons.first().copied().unwrap_or(Reason::BeyondK).code(),
        also: reasons.iter().skip(1).map(|reason| reason.code()).collect(),
        duration_s: if let WalkCost::Ticks(t) = walk { Some(seconds(t)) } else { None },
        limit_s: Some(f64::from(v.max_walk_min) * 60.0),
        away_until_on: away_until(area, *id, today),
        languages: if has(Reason::Language) { case.languages.clone() } else { Vec::new() },
        needs: if has(Reason::Need) {
            case.needs.difference(&v.needs).map(|need| need.code()).collect()
        } else {
            Vec::new()
        },
    }
}

pub(super) fn place_code(place: &Place, profile: TravelProfile) -> &'static str {
    match (place, place.snap(profile)) {
        (Place::Unlocated, _) => "unlocated",
        (_, None) => "unsnappable",
        (_, Some(_)) => "ok",
    }
}
