//! Positions as people write them in a table.

use crate::domain::input::InputError;
use crate::domain::position::{Extent, LonLat, NotAPosition};

/// How far around the study a position still counts as "about here" when axes are checked, in degrees.
const ABOUT_DEGREES: f64 = 0.5;

/// A number with a decimal point, or the comma that a French spreadsheet makes of it. `NaN` is a number here.
pub(super) fn degrees(cell: &str) -> Option<f64> {
    match cell.split_once(',') {
        Some((whole, decimals)) if !cell.contains('.') => format!("{whole}.{decimals}").parse().ok(),
        _ => cell.parse().ok(),
    }
}

/// A position that is on Earth, and not on the other side of it because somebody swapped the axes.
///
/// # Errors
/// `not_finite`, `out_of_range`, or `swapped_axes` when only the swapped position is about the study's extent.
pub(super) fn checked_position(lon: f64, lat: f64, extent: Option<Extent>) -> Result<LonLat, InputError> {
    let about = extent.map(|e| Extent {
        west: e.west - ABOUT_DEGREES,
        south: e.south - ABOUT_DEGREES,
        east: e.east + ABOUT_DEGREES,
        north: e.north + ABOUT_DEGREES,
    });
    let inside = |lon: f64, lat: f64| {
        about.is_some_and(|about| LonLat::try_new(lon, lat).is_ok_and(|position| about.contains(position)))
    };
    if inside(lat, lon) && !inside(lon, lat) {
        let problem = "longitude and latitude look swapped";
        return Err(InputError::new("swapped_axes", problem, "Exchange the two columns").in_field("lon"));
    }
    LonLat::try_new(lon, lat).map_err(|error| match error {
        NotAPosition::NotFinite => {
            let field = if lon.is_finite() { "lat" } else { "lon" };
            InputError::new("not_finite", "this is no finite number", "Write degrees, e.g. 0.130347").in_field(field)
        }
        NotAPosition::OutOfRange => {
            let field = if (-180.0..=180.0).contains(&lon) { "lat" } else { "lon" };
            // The metres of Lambert-93 over France.
            let metres = (0.0..1_300_000.0).contains(&lon) && (6_000_000.0..7_200_000.0).contains(&lat);
            let remedy = if metres {
                "These look like metres of Lambert-93: convert them to degrees (WGS 84)"
            } else {
                "Longitude is from -180 to 180 and latitude from -90 to 90, in degrees"
            };
            InputError::new("out_of_range", "this is no longitude and latitude", remedy).in_field(field)
        }
    })
}
