//! A uniform grid that knows which quarters can hold a cell's positions.

use crate::domain::position::{Extent, LonLat};

use super::area::Area;

/// Set on a candidate that holds the whole cell.
const WHOLE: u32 = 1 << 31;
/// Rounding is smaller than this share of a cell.
const PAD: f64 = 1e-3;

/// For each cell, the candidates in the order of ids.
#[derive(Debug)]
pub(super) struct Grid {
    extent: Extent,
    side: usize,
    cells_per_lon: f64,
    cells_per_lat: f64,
    starts: Vec<u32>,
    candidates: Vec<u32>,
}

impl Grid {
    /// About four cells per border edge, 16 to 1,024 on a side.
    pub(super) fn new(areas: &[Area], extent: Extent) -> Self {
        let edges: usize = areas.iter().map(|area| area.edges().count()).sum();
        let side = ((edges as f64).sqrt() * 2.0).ceil().clamp(16.0, 1024.0);
        let per = |length: f64| if length > 0.0 { side / length } else { 0.0 };
        let mut grid = Self {
            extent,
            side: side as usize,
            cells_per_lon: per(extent.east - extent.west),
            cells_per_lat: per(extent.north - extent.south),
            starts: Vec::new(),
            candidates: Vec::new(),
        };
        let mut found: Vec<(u32, u32)> = Vec::new();
        let mut crossed = vec![false; grid.side * grid.side];
        for (quarter, area) in areas.iter().enumerate() {
            grid.add(quarter as u32, area, &mut crossed, &mut found);
        }
        // Stable: within a cell the candidates stay in the order of ids.
        found.sort_by_key(|&(cell, _)| cell);
        grid.starts = (0..=grid.side * grid.side)
            .map(|cell| found.partition_point(|&(other, _)| (other as usize) < cell) as u32)
            .collect();
        grid.candidates = found.into_iter().map(|(_, candidate)| candidate).collect();
        grid
    }

    /// Lists one quarter in the cells that its border crosses and in those that it holds.
    fn add(&self, quarter: u32, area: &Area, crossed: &mut [bool], found: &mut Vec<(u32, u32)>) {
        let (mut columns, mut rows) = ((usize::MAX, 0), (usize::MAX, 0));
        let mut marked = Vec::new();
        for (a, b) in area.edges() {
            for row in self.row(a.lat())..=self.row(b.lat()) {
                let (first, last) = self.columns(a, b, row);
                columns = (columns.0.min(first), columns.1.max(last));
                rows = (rows.0.min(row), rows.1.max(row));
                let cells = row * self.side + first..=row * self.side + last;
                for (cell, seen) in cells.clone().zip(&mut crossed[cells]) {
                    if !std::mem::replace(seen, true) {
                        marked.push(cell);
                        found.push((cell as u32, quarter));
                    }
                }
            }
        }
        for row in rows.0..=rows.1 {
            for column in columns.0..=columns.1 {
                let cell = row * self.side + column;
                if !crossed[cell] && self.centre(column, row).is_some_and(|p| area.contains(p)) {
                    found.push((cell as u32, quarter | WHOLE));
                }
            }
        }
        for cell in marked {
            crossed[cell] = false;
        }
    }

    /// First and last column that the edge (lower end first) can touch in a row, one more on either side for rounding.
    fn columns(&self, a: LonLat, b: LonLat, row: usize) -> (usize, usize) {
        let height = b.lat() - a.lat();
        let lon_at = |rows: f64| {
            if height <= 0.0 || self.cells_per_lat <= 0.0 {
                return None;
            }
            let share = ((self.extent.south + rows / self.cells_per_lat - a.lat()) / height).clamp(0.0, 1.0);
            Some(a.lon() + share * (b.lon() - a.lon()))
        };
        let from = lon_at(row as f64 - PAD).unwrap_or(a.lon());
        let to = lon_at(row as f64 + 1.0 + PAD).unwrap_or(b.lon());
        let (first, last) = (self.column(from.min(to)), self.column(from.max(to)));
        (first.saturating_sub(1), (last + 1).min(self.side - 1))
    }

    fn column(&self, lon: f64) -> usize {
        (((lon - self.extent.west) * self.cells_per_lon) as usize).min(self.side - 1)
    }

    fn row(&self, lat: f64) -> usize {
        (((lat - self.extent.south) * self.cells_per_lat) as usize).min(self.side - 1)
    }

    fn centre(&self, column: usize, row: usize) -> Option<LonLat> {
        let share = |cell: usize| (cell as f64 + 0.5) / self.side as f64;
        LonLat::try_new(
            self.extent.west + share(column) * (self.extent.east - self.extent.west),
            self.extent.south + share(row) * (self.extent.north - self.extent.south),
        )
        .ok()
    }

    /// The first quarter that holds a position of the extent.
    pub(super) fn find(&self, areas: &[Area], p: LonLat) -> Option<usize> {
        let cell = self.row(p.lat()) * self.side + self.column(p.lon());
        self.candidates[self.starts[cell] as usize..self.starts[cell + 1] as usize]
            .iter()
            .find(|&&candidate| candidate & WHOLE != 0 || areas[candidate as usize].contains(p))
            .map(|candidate| (candidate & !WHOLE) as usize)
    }
}
