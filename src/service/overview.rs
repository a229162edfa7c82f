//! The study area at a glance: what the page begins with.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::layers::relays;
use super::study_area::StudyArea;
use super::viewer::Viewer;
use super::views::metres;
use crate::domain::access::{Fields, Record, Right, Whose};
use crate::domain::quarter::Precision;
use crate::domain::settings::{DEFAULT_CAPACITY, DEFAULT_MAX_WALK_MIN};
use crate::domain::travel::TravelProfile;

/// The study area.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StudyAreaView {
    /// Whether everything here is invented.
    demonstration: bool,
    /// `indicative` as long as one quarter's drawing is; `null` without quarters.
    quarters_precision: Option<&'static str>,
    /// Changes whenever an answer to the one who asks may change.
    revision: String,
    /// The streets; `null` before any was imported.
    network: Option<NetworkView>,
    /// Box around the quarters: west, south, east, north.
    extent: Option<[f64; 4]>,
    defaults: DefaultsView,
    profiles: Vec<ProfileView>,
    counts: CountsView,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct NetworkView {
    id: String,
    imported_at: DateTime<Utc>,
    source: String,
    edges: usize,
    nodes: usize,
    length_m: f64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct DefaultsView {
    volunteer_threshold_min: f64,
    relay_threshold_min: f64,
    hex_resolution: u8,
    matches: usize,
    snap_m: f64,
    capacity: u32,
    max_walk_min: u32,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct ProfileView {
    code: &'static str,
    speed_kmh: f64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct CountsView {
    /// For those who see the cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<usize>,
    /// Open, with nobody yet; for those who see the cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    cases_waiting: Option<usize>,
    /// For those who see the volunteers.
    #[serde(skip_serializing_if = "Option::is_none")]
    volunteers: Option<usize>,
    /// Those that the one who asks may see.
    relays: usize,
    addresses: usize,
}

/// The study area at a glance.
#[must_use]
pub fn overview(area: &StudyArea, viewer: &Viewer) -> StudyAreaView {
    let network = area.network_record().zip(area.network().ok()).map(|(record, network)| NetworkView {
        id: record.checksum.clone(),
        imported_at: record.imported_at,
        source: record.source.clone(),
        edges: network.edges().len(),
        nodes: network.parts().nodes.len(),
        length_m: metres(network.length_mm() as f64 / 1000.0),
    });
    let quarters = area.quarters();
    let sees_cases = viewer.sees(Record::Cases, Whose::Anybody, Fields::Identity);
    let indicative = |q: &crate::domain::quarter::Quarter| q.precision == Precision::Indicative;
    StudyAreaView {
        demonstration: area.is_demonstration(),
        quarters_precision: quarters.map(|q| {
            if q.quarters().iter().any(indicative) { Precision::Indicative.code() } else { Precision::Official.code() }
        }),
        revision: area.revision_for(viewer),
        network,
        extent: quarters.map(|q| {
            let e = q.extent();
            [e.west, e.south, e.east, e.north]
        }),
        defaults: DefaultsView {
            volunteer_threshold_min: area.settings.volunteer_threshold_min,
            relay_threshold_min: area.settings.relay_threshold_min,
            hex_resolution: area.settings.hex_resolution,
            matches: area.settings.matches,
            snap_m: area.settings.snap_m,
            capacity: DEFAULT_CAPACITY,
            max_walk_min: DEFAULT_MAX_WALK_MIN,
        },
        profiles: TravelProfile::ALL.iter().map(|p| ProfileView { code: p.code(), speed_kmh: p.speed_kmh() }).collect(),
        counts: CountsView {
            cases: sees_cases.then(|| area.cases().len()),
            cases_waiting: sees_cases
                .then(|| area.cases().iter().filter(|(_, c)| c.state.waits_for_a_volunteer()).count()),
            volunteers: viewer.may(Right::SeeVolunteers).then(|| area.volunteers().len()),
            relays: relays(area, viewer, None).records,
            addresses: area.addresses().addresses().len(),
        },
    }
}
