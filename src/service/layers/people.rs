//! Layers about people, each built for the one who looks: a field that the viewer may not see is not in the answer at all.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Feature, Geometry, Layer, feature, point_touches, quarter_id, touches};
use crate::domain::access::{Fields, Precision, Record, Whose};
use crate::domain::audit::Subject;
use crate::domain::case::{Case, CaseId, CaseState};
use crate::domain::case_life::{Closing, answer_due_at};
use crate::domain::position::{Extent, LonLat};
use crate::domain::quarter::Sector;
use crate::domain::relay::{Relay, RelayKind};
use crate::domain::travel::TravelProfile;
use crate::domain::units::{Meters, Seconds};
use crate::geo::disclosure::walking_bucket;
use crate::network::graph::{UNREACHED, seconds};
use crate::network::route::walk;
use crate::network::search::{Search, Starts, nearest};
use crate::service::ServiceError;
use crate::service::matching::place_code;
use crate::service::study_area::{Located, StudyArea};
use crate::service::viewer::Viewer;
use crate::service::views::{line_view, metres, point_view};

/// What somebody is shown, and whose data it is: that goes to the trail before the answer goes out.
#[derive(Debug, Clone)]
pub struct Seen<T> {
    /// The answer.
    pub value: T,
    /// How many records.
    pub records: usize,
    /// The persons one by one, when they are few and the viewer's own; empty for a list.
    pub subjects: Vec<Subject>,
}

impl<T> Seen<T> {
    /// So many records in one list, none of them named.
    pub const fn list(records: usize, value: T) -> Self {
        Self { value, records, subjects: Vec::new() }
    }
}

/// Where something lies with regard to the quarters.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SectorView {
    /// The quarter that holds it.
    quarter: Option<String>,
    /// `inside`, `outside` (*hors secteur*) or `unlocated`.
    sector: &'static str,
    /// Outside: the nearest quarter.
    nearest_quarter: Option<String>,
    /// Outside: straight metres to its border.
    nearest_quarter_m: Option<f64>,
}

pub(in crate::service) fn sector_view(area: &StudyArea, located: &Located) -> SectorView {
    let nothing = SectorView { quarter: None, sector: "unlocated", nearest_quarter: None, nearest_quarter_m: None };
    match located.sector {
        None => nothing,
        Some(Sector::Inside(i)) => SectorView { quarter: quarter_id(area, Some(i)), sector: "inside", ..nothing },
        Some(Sector::Outside { nearest, distance_m }) => SectorView {
            sector: "outside",
            nearest_quarter: quarter_id(area, Some(nearest)),
            nearest_quarter_m: Some(distance_m.round()),
            ..nothing
        },
    }
}

fn point(position: Option<LonLat>) -> Option<Geometry> {
    position.map(|p| Geometry::Point(point_view(p)))
}

/// A relay on the map. What stands behind `Option` is shown to those who keep the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RelayProperties {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    name: String,
    /// One of the fourteen kinds; to everybody only `commercant`, `infirmier`, `kinesitherapeute` and `ambulancier`, which
    /// are looked for as such.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    premises: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sticker: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sticker_on: Option<chrono::NaiveDate>,
    bears_a_sticker: bool,
    #[serde(flatten)]
    sector: SectorView,
}

fn whose_relay(relay: &Relay) -> Whose {
    if relay.is_public() { Whose::Public } else { Whose::Anybody }
}

/// The relays that the viewer may see: everybody the public ones, those who keep the list all.
#[must_use]
pub fn relays(area: &StudyArea, viewer: &Viewer, bbox: Option<&Extent>) -> Seen<Layer<i64, RelayProperties>> {
    let keeps = viewer.sees(Record::Relays, Whose::Anybody, Fields::Identity);
    let all = area.relays().iter().zip(&area.located_relays);
    let features: Vec<_> = all
        .filter(|((_, r), _)| viewer.sees(Record::Relays, whose_relay(r), Fields::Place))
        .filter(|((_, r), _)| point_touches(bbox, r.position))
        .map(|((id, r), located)| {
            let properties = RelayProperties {
                reference: keeps.then(|| r.reference.clone()),
                name: r.name.clone(),
                kind: if keeps { Some(r.kind) } else { r.kind.public() }.map(RelayKind::code),
                address: r.address.clone(),
                premises: keeps.then_some(r.premises),
                sticker: keeps.then(|| r.sticker.code()),
                sticker_on: r.sticker_on.filter(|_| keeps),
                bears_a_sticker: r.bears_a_sticker(),
                sector: sector_view(area, located),
            };
            feature(id.0, point(r.position), properties)
        })
        .collect();
    Seen::list(features.len(), Layer::new(features))
}

/// A volunteer on the map.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VolunteerProperties {
    reference: String,
    name: String,
    active: bool,
    capacity: u32,
    load: u32,
    free: u32,
    max_walk_min: u32,
    profile: &'static str,
    languages: Vec<String>,
    /// `ok`, `unsnappable` or `unlocated`.
    snap: &'static str,
    #[serde(flatten)]
    sector: SectorView,
}

/// The volunteers whose homes the viewer may see.
#[must_use]
pub fn volunteers(area: &StudyArea, viewer: &Viewer, bbox: Option<&Extent>) -> Seen<Layer<i64, VolunteerProperties>> {
    let sees = [Fields::Identity, Fields::Place, Fields::Situation]
        .into_iter()
        .all(|fields| viewer.sees(Record::Volunteers, Whose::Anybody, fields));
    let all = area.volunteers().iter().zip(&area.located_volunteers).enumerate();
    let features: Vec<_> = all
        .filter(|(_, ((_, v), _))| sees && point_touches(bbox, v.position))
        .map(|(i, ((id, v), located))| {
            let properties = VolunteerProperties {
                reference: v.reference.clone(),
                name: crate::service::views::short_name(&v.given_name, &v.family_name),
                active: v.active,
                capacity: v.capacity,
                load: area.loads[i],
                free: area.free(i),
                max_walk_min: v.max_walk_min,
                profile: v.profile.code(),
                languages: v.languages.clone(),
                snap: place_code(&located.place, v.profile),
                sector: sector_view(area, located),
            };
            feature(id.0, point(v.position), properties)
        })
        .collect();
    Seen::list(features.len(), Layer::new(features))
}

/// A case in the list and on the map. What the viewer may not see is absent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseProperties {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causes: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signs: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    danger: Option<bool>,
    languages: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported_on: Option<chrono::NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    informed_on: Option<chrono::NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_contact_on: Option<chrono::NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agreed_on: Option<chrono::NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_contact_on: Option<chrono::NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_on: Option<chrono::NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    danger_cleared_on: Option<chrono::NaiveDate>,
    /// Why it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    /// What the volunteer is asked for.
    needs: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volunteer_id: Option<i64>,
    /// Who stands by.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_id: Option<i64>,
    /// When the proposal goes back to the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_due_at: Option<chrono::DateTime<chrono::Utc>>,
    /// `ok`, `unsnappable` or `unlocated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    snap: Option<&'static str>,
    /// Before a volunteer accepts: how far the walk is, as `under_5`, `5_to_10`, `10_to_15`, `15_to_20` or `over_20`
    /// minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    walking: Option<&'static str>,
    #[serde(flatten)]
    sector: SectorView,
}

pub(in crate::service) fn whose_case(area: &StudyArea, viewer: &Viewer, case: &Case) -> Whose {
    let own = viewer.volunteer.is_some()
        && case.volunteer.as_deref().and_then(|v| area.volunteer_index(v)).map(|i| area.volunteers()[i].0)
            == viewer.volunteer;
    match case.state {
        CaseState::Proposed if own => Whose::Proposed,
        CaseState::Accepted | CaseState::Accompanied | CaseState::Paused if own => Whose::Own,
        _ => Whose::Anybody,
    }
}

/// One case as this viewer may see it; `None` when not at all.
#[must_use]
pub fn case_feature(area: &StudyArea, viewer: &Viewer, index: usize) -> Option<Feature<i64, CaseProperties>> {
    let (CaseId(id), case): &(CaseId, Case) = &area.cases()[index];
    let located = &area.located_cases[index];
    let whose = whose_case(area, viewer, case);
    let sees = |fields| viewer.sees(Record::Cases, whose, fields);
    let place = viewer.precision(Record::Cases, whose, Fields::Place);
    // Cells and masked points are layers of their own: a list of cases begins with the quarter of one's own.
    if !sees(Fields::Identity) && place != Precision::Quarter {
        return None;
    }
    let exact = place == Precision::Exact;
    let list = viewer.sees(Record::Cases, Whose::Anybody, Fields::Situation);
    let key = |reference: &Option<String>| {
        let reference = reference.as_deref().filter(|_| sees(Fields::Situation));
        reference.and_then(|v| area.volunteer_index(v)).map(|i| area.volunteers()[i].0.0)
    };
    let sector = sector_view(area, located);
    let properties = CaseProperties {
        reference: sees(Fields::Identity).then(|| case.reference.clone()),
        name: sees(Fields::Identity)
            .then(|| [case.given_name.as_str(), case.family_name.as_str()].join(" ").trim().to_owned()),
        state: case.state.code(),
        subject: sees(Fields::Identity).then(|| case.subject.code()),
        address: exact.then(|| case.address.clone()),
        phone: sees(Fields::Contact).then(|| case.phone.clone()),
        causes: sees(Fields::Situation).then(|| case.causes.iter().map(|c| c.code()).collect()),
        duration: sees(Fields::Situation).then(|| case.duration.code()),
        signs: sees(Fields::Situation).then(|| case.signs.iter().map(|s| s.code()).collect()),
        danger: sees(Fields::Situation).then(|| case.in_danger()),
        languages: case.languages.clone(),
        channel: sees(Fields::Reporter).then(|| case.channel.code()),
        reported_on: sees(Fields::Identity).then_some(case.reported_on),
        informed_on: case.informed_on.filter(|_| sees(Fields::Situation)),
        last_contact_on: case.last_contact_on.filter(|_| sees(Fields::Situation)),
        agreed_on: case.agreed_on.filter(|_| sees(Fields::Situation)),
        next_contact_on: case.next_contact_on.filter(|_| sees(Fields::Situation)),
        review_on: case.review_on.filter(|_| sees(Fields::Situation)),
        danger_cleared_on: case.danger_cleared_on.filter(|_| sees(Fields::Situation)),
        closing: case.closing.filter(|_| sees(Fields::Situation)).map(Closing::code),
        notes: sees(Fields::Notes).then(|| case.notes.clone()),
        // Rule 3: what is asked for is told before a volunteer accepts.
        needs: if sees(Fields::Situation) || whose == Whose::Proposed {
            case.needs.iter().map(|need| need.code()).collect()
        } else {
            Vec::new()
        },
        volunteer_id: key(&case.volunteer),
        backup_id: key(&case.backup).filter(|_| list),
        answer_due_at: case.proposed_at.filter(|_| list || whose == Whose::Proposed).map(answer_due_at),
        snap: exact.then(|| place_code(&located.place, TravelProfile::Foot)),
        walking: (whose == Whose::Proposed).then(|| walking(area, viewer, CaseId(*id), case)).flatten(),
        sector: if exact { sector } else { SectorView { nearest_quarter: None, nearest_quarter_m: None, ..sector } },
    };
    Some(feature(*id, point(case.position.filter(|_| exact)), properties))
}

/// The bucket of the walk from the viewer's home to the case's mask: whoever moves and asks again finds the mask, which
/// tells nothing new.
fn walking(area: &StudyArea, viewer: &Viewer, id: CaseId, case: &Case) -> Option<&'static str> {
    let network = area.network().ok()?;
    let index = area.volunteers().binary_search_by_key(&viewer.volunteer?, |v| v.0).ok()?;
    let profile = area.volunteers()[index].1.profile;
    let start = area.located_volunteers[index].place.snap(profile)?;
    let mask = area.masked(Subject::Case(id), case.position?)?;
    let origin = network.snap(mask, profile, Meters(area.settings.snap_m))?;
    let starts = Starts::new(network, profile, &[(start, UNREACHED - 1)]);
    let found = nearest(network, &mut Search::new(), &starts, origin, 1).first().copied()?;
    Some(walking_bucket(Seconds(seconds(found.ticks))).code())
}

/// The cases that the viewer may see, by id.
#[must_use]
pub fn cases(area: &StudyArea, viewer: &Viewer, bbox: Option<&Extent>) -> Seen<Layer<i64, CaseProperties>> {
    let list = viewer.sees(Record::Cases, Whose::Anybody, Fields::Identity);
    // A box must not tell where a case lies whose place is not shown: without a geometry it is in every box.
    let shown = |f: &Feature<i64, CaseProperties>, i: usize| {
        f.geometry.is_none() || point_touches(bbox, area.cases()[i].1.position)
    };
    let features: Vec<_> =
        (0..area.cases().len()).filter_map(|i| case_feature(area, viewer, i).filter(|f| shown(f, i))).collect();
    let subjects = if list { Vec::new() } else { features.iter().map(|f| Subject::Case(CaseId(f.id))).collect() };
    Seen { records: features.len(), subjects, value: Layer::new(features) }
}

/// The way between a volunteer and one of his or her people.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MatchLineProperties {
    case_id: i64,
    volunteer_id: i64,
    duration_s: f64,
    length_m: f64,
    state: &'static str,
}

/// The ways from volunteers to the cases they have, as far as the viewer sees both; the id is the case's. Cases that no
/// street leads to have none.
///
/// # Errors
/// [`ServiceError::Missing`] without streets.
pub fn match_lines(
    area: &StudyArea,
    viewer: &Viewer,
    bbox: Option<&Extent>,
) -> Result<Seen<Layer<i64, MatchLineProperties>>, ServiceError> {
    let network = area.network()?;
    let mut search = Search::new();
    let mut features = Vec::new();
    let mut by_volunteer = vec![Vec::new(); area.volunteers().len()];
    for (i, (_, case)) in area.cases().iter().enumerate().filter(|(_, (_, c))| c.state.takes_a_place()) {
        if !viewer.sees(Record::Cases, whose_case(area, viewer, case), Fields::Place) {
            continue;
        }
        if let Some(v) = case.volunteer.as_deref().and_then(|v| area.volunteer_index(v)) {
            by_volunteer[v].push(i);
        }
    }
    for (v, cases) in by_volunteer.into_iter().enumerate().filter(|(_, cases)| !cases.is_empty()) {
        let (volunteer_id, volunteer) = &area.volunteers()[v];
        let whose = if viewer.volunteer == Some(*volunteer_id) { Whose::Own } else { Whose::Anybody };
        if !viewer.sees(Record::Volunteers, whose, Fields::Place) {
            continue;
        }
        let profile = volunteer.profile;
        let Some(start) = area.located_volunteers[v].place.snap(profile) else { continue };
        let starts = Starts::new(network, profile, &[(start, UNREACHED - 1)]);
        for i in cases {
            let (case_id, case) = &area.cases()[i];
            let Some(origin) = area.located_cases[i].place.snap(profile) else { continue };
            let Some(found) = nearest(network, &mut search, &starts, origin, 1).first().copied() else { continue };
            let Some(way) = walk(network, &search, profile, start, origin, found.ticks) else { continue };
            if touches(bbox, way.line.iter().copied()) {
                let properties = MatchLineProperties {
                    case_id: case_id.0,
                    volunteer_id: volunteer_id.0,
                    duration_s: seconds(found.ticks),
                    length_m: metres(way.length_mm as f64 / 1000.0),
                    state: case.state.code(),
                };
                features.push(feature(case_id.0, Some(Geometry::LineString(line_view(&way.line))), properties));
            }
        }
    }
    features.sort_by_key(|f| f.id);
    let list = viewer.sees(Record::Cases, Whose::Anybody, Fields::Identity);
    let subjects = if list { Vec::new() } else { features.iter().map(|f| Subject::Case(CaseId(f.id))).collect() };
    Ok(Seen { records: features.len(), subjects, value: Layer::new(features) })
}
