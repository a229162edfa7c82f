//! Hexagonal cells: a thin wrapper over H3, so that only this file knows its types.
//!
//! Resolution 10 has cells of about 0.015 km² (an edge of some 66 m), the size of a block of houses.

use std::fmt;

use h3o::{CellIndex, LatLng};

use crate::domain::position::LonLat;

/// An H3 resolution that makes sense for a town, 7..=12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resolution(h3o::Resolution);

/// A resolution out of 7..=12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an H3 resolution here is 7 (about 5 km² a cell) to 12 (about 300 m²), not {0}")]
pub struct NotAResolution(pub u8);

impl TryFrom<u8> for Resolution {
    type Error = NotAResolution;

    fn try_from(value: u8) -> Result<Self, Self::Error> {
        if !(7..=12).contains(&value) {
            return Err(NotAResolution(value));
        }
        h3o::Resolution::try_from(value).map(Self).map_err(|_| NotAResolution(value))
    }
}

impl From<Resolution> for u8 {
    fn from(resolution: Resolution) -> Self {
        resolution.0.into()
    }
}

/// An H3 cell. Its order is the order of its number; [`fmt::Display`] writes the usual 15 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(CellIndex);

impl From<Cell> for u64 {
    fn from(cell: Cell) -> Self {
        cell.0.into()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The cell that holds a position.
#[must_use]
pub fn cell(p: LonLat, resolution: Resolution) -> Cell {
    let at = LatLng::new(p.lat(), p.lon()).expect("a position is finite");
    Cell(at.to_cell(resolution.0))
}

/// The cell's border: a closed ring, counter-clockwise, 7 positions or a few more on the icosahedron's edges.
///
/// Cells on the antimeridian are not cut.
#[must_use]
pub fn boundary(cell: Cell) -> Vec<LonLat> {
    let mut ring: Vec<LonLat> =
        cell.0.boundary().iter().filter_map(|at| LonLat::try_new(at.lng(), at.lat()).ok()).collect();
    ring.extend(ring.first().copied());
    ring
}

/// The cell's centre.
#[must_use]
pub fn centre(cell: Cell) -> LonLat {
    let at = LatLng::from(cell.0);
    LonLat::try_new(at.lng(), at.lat()).expect("a cell lies on Earth")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_cell_of_the_reference_library_is_found() {
        // The example of H3's own documentation: 37.3615593, -122.0553238 at resolution 7.
        let p = LonLat::try_new(-122.055_323_8, 37.361_559_3).expect("in range");
        let found = cell(p, Resolution::try_from(7).expect("in range"));
        assert_eq!(found.to_string(), "87283472bffffff");
        assert_eq!(u64::from(found), 0x0872_8347_2bff_ffff);
    }

    #[test]
    fn a_resolution_out_of_range_is_refused() {
        for wrong in [0, 6, 13, 15, 16, 255] {
            assert_eq!(Resolution::try_from(wrong), Err(NotAResolution(wrong)));
        }
        assert_eq!(u8::from(Resolution::try_from(10).expect("in range")), 10);
    }

    proptest! {
        #[test]
        fn a_boundary_is_closed_counter_clockwise_and_holds_the_centre(lon in 0.05..0.2f64, lat in 49.4..49.6f64, res in 7u8..=12) {
            let found = cell(LonLat::try_new(lon, lat).expect("in range"), Resolution::try_from(res).expect("in range"));
            let ring = boundary(found);
            prop_assert_eq!(ring.first(), ring.last());
            prop_assert!(ring.len() >= 7);
            let area: f64 = ring.windows(2).map(|s| s[0].lon() * s[1].lat() - s[1].lon() * s[0].lat()).sum();
            prop_assert!(area > 0.0);
            prop_assert_eq!(cell(centre(found), Resolution::try_from(res).expect("in range")), found);
        }
    }
}
