//! A `BienVeilleur`: a volunteer who visits.

use std::collections::BTreeSet;

use super::case::Need;
use super::position::LonLat;
use super::travel::TravelProfile;

/// Key of a volunteer in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VolunteerId(pub i64);

/// A volunteer. Personal data: not `Serialize`.
#[derive(Debug, Clone, PartialEq)]
pub struct Volunteer {
    /// The city's own reference, unique, e.g. `BV-03`; an import updates the volunteer who bears it.
    pub reference: String,
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// As written; may be empty.
    pub phone: String,
    /// As written; may be empty.
    pub email: String,
    /// As written; may be empty.
    pub address: String,
    /// Where the walk starts; `None` when nobody knows yet.
    pub position: Option<LonLat>,
    /// Takes new cases at all.
    pub active: bool,
    /// How many cases at once; 0..=50.
    pub capacity: u32,
    /// Longest walk to a case that the volunteer agreed to, in minutes; 1..=120.
    pub max_walk_min: u32,
    /// How the volunteer walks.
    pub profile: TravelProfile,
    /// ISO 639-1 codes of languages spoken.
    pub languages: Vec<String>,
    /// What the volunteer does; empty: whatever is needed.
    pub needs: BTreeSet<Need>,
    /// Whether the coordination has met the volunteer and checked what must be checked before a first visit.
    pub cleared: bool,
}
