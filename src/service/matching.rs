//! The closest suitable volunteers for one case, by walking time, and why each other one is left out.

use super::ServiceError;
use super::study_area::StudyArea;
use super::views::{LeftOutView, LineView, MatchView, MatchedView, line_view, metres, short_name};
use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::CaseId;
use crate::domain::travel::TravelProfile;
use crate::domain::units::Seconds;
use crate::domain::volunteer::VolunteerId;
use crate::network::graph::{UNREACHED, seconds, ticks};
use crate::network::route::walk;
use crate::network::search::{Search, Starts, nearest};
use crate::network::snap::Snap;
use crate::solve::nearest::{Candidate, Reason, WalkCost, check, choose};

use super::study_area::Place;

/// Matches one case. A case in danger, closed, without position or without street near it matches
/// nobody; that is a result.
///
/// # Errors
/// [`ServiceError::NotFound`] for an unknown case, [`ServiceError::Missing`] without streets.
pub fn match_case(area: &StudyArea, id: CaseId, k: usize) -> Result<MatchView, ServiceError> {
    let index = area.cases().binary_search_by_key(&id, |c| c.0).map_err(|_| ServiceError::NotFound("case"))?;
    let case = &area.cases()[index].1;
    let network = area.network()?;
    let place = area.located_cases[index].place;
    let mut view = MatchView {
        case_id: id.0,
        k,
        located: place_code(&place, TravelProfile::Foot),
        danger: case.in_danger(),
        open: case.state.is_open(),
        snap_m: place.snap(TravelProfile::Foot).map(|s| metres(s.distance_m)),
        matches: Vec::new(),
        left_out: Vec::new(),
    };
    if view.danger || view.located != "ok" || !view.open {
        return Ok(view);
    }

    // One search against the walk per profile finds every volunteer of that profile.
    let mut costs = vec![WalkCost::Unlocated; area.volunteers().len()];
    let mut searches: [Option<(Search, Snap)>; 2] = [None, None];
    for (slot, profile) in [TravelProfile::Foot, TravelProfile::ReducedMobility].into_iter().enumerate() {
        let walkers: Vec<usize> = (0..costs.len()).filter(|&i| area.volunteers()[i].1.profile == profile).collect();
        let mut starts = Vec::new();
        let mut start_of = Vec::new();
        for &i in &walkers {
            costs[i] = match (area.located_volunteers[i].place, area.located_volunteers[i].place.snap(profile)) {
                (Place::Unlocated, _) => WalkCost::Unlocated,
                // Neither end may lie off the streets that this profile can walk.
                (_, None) => WalkCost::Unsnappable,
                _ if place.snap(profile).is_none() => WalkCost::Unsnappable,
                (_, Some(snap)) => {
                    starts.push((snap, UNREACHED - 1));
                    start_of.push(i);
                    WalkCost::Unreachable
                }
            };
        }
        let Some(origin) = place.snap(profile) else { continue };
        if starts.is_empty() {
            continue;
        }
        let mut search = Search::new();
        for found in nearest(network, &mut search, &Starts::new(network, profile, &starts), origin, starts.len()) {
            costs[start_of[found.start as usize]] = WalkCost::Ticks(found.ticks);
        }
        searches[slot] = Some((search, origin));
    }

    let own = case.volunteer.as_deref().and_then(|v| area.volunteer_index(v)).filter(|_| case.state.takes_a_place());
    let candidates: Vec<Candidate> = area
        .volunteers()
        .iter()
        .enumerate()
        .map(|(i, (_, v))| Candidate {
            active: v.active,
            // The place that this very case takes is free for it.
            free: area.free(i) + u32::from(own == Some(i) && v.active),
            limit: ticks(Seconds::from_minutes(f64::from(v.max_walk_min))),
            cost: costs[i],
        })
        .collect();
    let choice = choose(&candidates, k);
    debug_assert!(check(&candidates, k, &choice), "every choice passes its checker");

    let duration = |i: usize| if let WalkCost::Ticks(t) = costs[i] { Some(seconds(t)) } else { None };
    for &i in &choice.chosen {
        let (id, v) = &area.volunteers()[i];
        let WalkCost::Ticks(t) = costs[i] else { continue };
        let slot = super::study_area::profile_index(v.profile);
        let way = searches[slot].as_ref().and_then(|(search, origin)| {
            let start = area.located_volunteers[i].place.snap(v.profile)?;
            walk(network, search, v.profile, start, *origin, t)
        });
        // Labels of one search hold the way to everybody it found; if they did not, nobody may vanish from the answer.
        let Some(way) = way else {
            view.left_out.push(left_out_view(area, i, Reason::Unreachable, None));
            continue;
        };
        view.matches.push(MatchedView {
            volunteer_id: id.0,
            name: short_name(&v.given_name, &v.family_name),
            duration_s: seconds(t),
            length_m: way.length_mm as f64 / 1000.0,
            free: candidates[i].free,
            profile: v.profile.code(),
            path: LineView { kind: "LineString", coordinates: line_view(&way.line) },
        });
    }
    view.left_out.extend(choice.left_out.iter().map(|&(i, reason)| left_out_view(area, i, reason, duration(i))));
    Ok(view)
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

fn left_out_view(area: &StudyArea, volunteer: usize, reason: Reason, duration_s: Option<f64>) -> LeftOutView {
    let (id, v) = &area.volunteers()[volunteer];
    LeftOutView {
        volunteer_id: id.0,
        name: short_name(&v.given_name, &v.family_name),
        reason: reason.code(),
        duration_s,
        limit_s: Some(f64::from(v.max_walk_min) * 60.0),
    }
}

pub(super) fn place_code(place: &Place, profile: TravelProfile) -> &'static str {
    match (place, place.snap(profile)) {
        (Place::Unlocated, _) => "unlocated",
        (_, None) => "unsnappable",
        (_, Some(_)) => "ok",
    }
}
