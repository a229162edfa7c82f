//! Towns drawn in ASCII for tests: letters are junctions, `-` and `|` are streets, one character is 50 m.
//!
//! ```text
//! a--b--c     a is 150 m west of b; the row of d is 100 m south
//! |     |
//! d-----e
//! ```

use super::build::Collector;
use super::graph::{FixedPoint, Network, NodeId};
use super::osm::{Element, Tags};
use crate::domain::position::LonLat;
use crate::geo::plane::{Plane, PlanePoint};

const CELL_M: f64 = 50.0;

pub(crate) struct Town {
    pub network: Network,
    plane: Plane,
    places: Vec<(char, FixedPoint)>,
}

impl Town {
    /// The position `x` metres east and `y` metres north of the drawing's upper left corner.
    pub(crate) fn at(&self, x: f64, y: f64) -> LonLat {
        self.plane.unproject(PlanePoint { x, y }).expect("a town is on Earth")
    }

    /// The junction drawn as a letter.
    pub(crate) fn node(&self, letter: char) -> NodeId {
        let place = self.places.iter().find(|p| p.0 == letter).expect("a drawn letter").1;
        self.network.parts().nodes.iter().position(|n| *n == place).expect("a letter where streets meet or end")
            as NodeId
    }
}

/// Reads a drawing; every row and column of streets is one nameless `residential` way.
pub(crate) fn town(drawing: &str) -> Town {
    town_with(drawing, &[("highway", "residential")])
}

/// The same with other tags on all ways.
pub(crate) fn town_with(drawing: &str, tags: &[(&str, &str)]) -> Town {
    let plane = Plane::at(LonLat::try_new(0.13, 49.49).expect("in range"));
    let rows: Vec<Vec<char>> = drawing.lines().map(|line| line.chars().collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: usize, column: usize| rows[row].get(column).copied().unwrap_or(' ');
    let mut collector = Collector::new(None);
    let mut places = Vec::new();
    let mut letters: Vec<(char, usize, usize)> = (0..rows.len())
        .flat_map(|r| (0..columns).map(move |c| (r, c)))
        .filter_map(|(r, c)| Some((cell(r, c), r, c)).filter(|l| l.0.is_alphabetic()))
        .collect();
    letters.sort_unstable();
    for &(letter, r, c) in &letters {
        let position = plane.unproject(PlanePoint { x: c as f64 * CELL_M, y: -(r as f64) * CELL_M }).expect("on Earth");
        places.push((letter, [(position.lon() * 1e7).round() as i32, (position.lat() * 1e7).round() as i32]));
        collector.take(Element::Node { id: letter as i64, position, tags: Tags::default() });
    }
    let mut way = 0;
    for &(letter, r, c) in &letters {
        for (dr, dc, dash) in [(0, 1, '-'), (1, 0, '|')] {
            let (mut row, mut column) = (r + dr, c + dc);
            while row < rows.len() && column < columns && cell(row, column) == dash {
                (row, column) = (row + dr, column + dc);
            }
            let reached = row < rows.len() && column < columns && cell(row, column).is_alphabetic();
            if reached && (row, column) != (r + dr, c + dc) {
                way += 1;
                let refs = [letter as i64, cell(row, column) as i64];
                collector.take(Element::Way { id: way, refs: &refs, tags: Tags(tags.to_vec()) });
            }
        }
    }
    Town { network: collector.finish().expect("a drawn town has streets").0, plane, places }
}
