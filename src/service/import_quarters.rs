//! Replacing the quarters by those of a file: read, checked as a whole, summed up for the person who imports.
//!
//! Quarters are replaced together or not at all: half a tiling would leave addresses without a quarter.

use std::fmt;

use crate::domain::input::InputError;
use crate::domain::quarter::{Precision, Quarter};
use crate::format::quarters::{QuartersRead, ReadOptions, read_quarters};
use crate::geo::plane::Plane;

/// Quarters that are ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct QuartersImport {
    /// In the order of ids.
    pub quarters: Vec<Quarter>,
    /// What was mended or assumed.
    pub warnings: Vec<InputError>,
    /// One line per quarter, in the same order.
    pub summary: Vec<QuarterLine>,
}

/// What one quarter looks like, to be compared with what was expected.
#[derive(Debug, Clone, PartialEq)]
pub struct QuarterLine {
    /// Slug.
    pub id: String,
    /// Name as written.
    pub name: String,
    /// Separate parts.
    pub parts: usize,
    /// Area without holes, km², right to 0.5 % for a quarter of a town.
    pub area_km2: f64,
    /// How far the drawing may be trusted.
    pub precision: Precision,
}

impl fmt::Display for QuarterLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {:.3} km², {}", self.name, self.id, self.area_km2, self.precision)?;
        if self.parts > 1 {
            write!(f, ", {} parts", self.parts)?;
        }
        Ok(())
    }
}

/// Reads and checks a file of quarters without storing anything.
///
/// # Errors
/// Everything that is wrong with the file: see [`read_quarters`].
pub fn read_quarters_file(
    bytes: &[u8],
    file_name: &str,
    options: &ReadOptions,
) -> Result<QuartersImport, Vec<InputError>> {
    let QuartersRead { quarters, warnings } = read_quarters(bytes, file_name, options)?;
    let summary = quarters.iter().map(line).collect();
    Ok(QuartersImport { quarters, warnings, summary })
}

fn line(quarter: &Quarter) -> QuarterLine {
    let rings = quarter.polygons.iter().flatten();
    QuarterLine {
        id: quarter.id.clone(),
        name: quarter.name.clone(),
        parts: quarter.polygons.len(),
        // Holes run clockwise and subtract themselves.
        area_km2: rings.map(|ring| signed_area_m2(ring)).sum::<f64>() / 1e6,
        precision: quarter.precision,
    }
}

fn signed_area_m2(ring: &[crate::domain::position::LonLat]) -> f64 {
    let Some(plane) = ring.first().map(|&first| Plane::at(first)) else { return 0.0 };
    ring.windows(2)
        .map(|side| {
            let (a, b) = (plane.project(side[0]), plane.project(side[1]));
            (a.x * b.y - b.x * a.y) / 2.0
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_quarters_are_summed_up_with_their_areas() {
        let file = include_bytes!("../../data/quartiers.geojson");
        let import = read_quarters_file(file, "quartiers.geojson", &ReadOptions::default()).expect("read");
        let lines: Vec<String> = import.summary.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "Massillon (massillon): 0.240 km², indicative",
                "Saint-Léon (saint-leon): 0.225 km², indicative",
                "Sainte-Marie (sainte-marie): 0.447 km², indicative",
                "Université (universite): 0.140 km², indicative",
            ]
        );
    }
}
