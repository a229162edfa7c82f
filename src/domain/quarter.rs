//! Quarters: data, never code. A fifth one is added by importing a file.

use chrono::NaiveDate;

use super::closed_list::closed_list;
use super::position::LonLat;

closed_list!(
    /// How far the drawing may be trusted.
    Precision { Indicative = "indicative", Official = "official" }
);

/// A closed ring; first and last positions are equal, at least four of them.
pub type Ring = Vec<LonLat>;

/// A quarter and its border. Outer rings run counter-clockwise, holes clockwise (RFC 7946, 3.1.6).
#[derive(Debug, Clone, PartialEq)]
pub struct Quarter {
    /// ASCII slug, e.g. `saint-leon`.
    pub id: String,
    /// Name in the page, e.g. "Saint-Léon".
    pub name: String,
    /// How far the drawing may be trusted.
    pub precision: Precision,
    /// Who drew it, from what.
    pub source: String,
    /// SPDX id or the licence's name.
    pub licence: String,
    /// When it was drawn.
    pub drawn_on: Option<NaiveDate>,
    /// Polygons, each an outer ring followed by its holes.
    pub polygons: Vec<Vec<Ring>>,
}

/// Where a position lies with regard to the quarters.
#[derive(Debug, Clone, PartialEq)]
pub enum Sector {
    /// Inside this quarter (index in the study area's list, which is ordered by id).
    Inside(usize),
    /// `hors_secteur`: outside all; the nearest quarter and the straight distance to its border, in metres.
    Outside {
        /// Index of the nearest quarter.
        nearest: usize,
        /// Metres to its border.
        distance_m: f64,
    },
}
