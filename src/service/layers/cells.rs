//! Cases as counts per hexagon, for those who may know where people are many and not who they are.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Feature, Geometry, Layer, feature, quarter_id};
use crate::domain::position::LonLat;
use crate::domain::quarter::Sector;
use crate::geo::disclosure::{CellCount, Disclosed, band, best_resolution, disclose};
use crate::geo::hex::{self, Cell, Resolution};
use crate::service::study_area::StudyArea;
use crate::service::views::point_view;

/// The open cases of one hexagon and quarter. A cell that tells nothing is not in the layer, whatever the reason.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseCellProperties {
    /// The quarter; a hexagon on a border is one cell per quarter.
    quarter: Option<String>,
    /// `5_to_9`, `10_to_19`, `20_to_49` or `50_or_more`.
    band: &'static str,
    /// H3 resolution, the finest that leaves most cells shown.
    resolution: u8,
}

/// Counts of open cases per hexagon, with primary and complementary suppression (`geo::disclosure`).
#[must_use]
pub fn case_cells(area: &StudyArea) -> Layer<String, CaseCellProperties> {
    let quarter_of = |at: LonLat| area.quarters()?.quarter_at(at);
    let addresses: Vec<(LonLat, usize)> =
        area.addresses().addresses().iter().filter_map(|a| Some((a.position, quarter_of(a.position)?))).collect();
    let cases: Vec<(LonLat, usize)> = (area.cases().iter().zip(&area.located_cases))
        .filter(|((_, case), _)| case.state.is_open())
        .filter_map(|((_, case), located)| match located.sector {
            Some(Sector::Inside(quarter)) => Some((case.position?, quarter)),
            _ => None,
        })
        .collect();
    let cells_at = |resolution: Resolution| {
        let mut cells: BTreeMap<(usize, Cell), (u32, u32)> = BTreeMap::new();
        for &(at, quarter) in &addresses {
            cells.entry((quarter, hex::cell(at, resolution))).or_default().1 += 1;
        }
        for &(at, quarter) in &cases {
            cells.entry((quarter, hex::cell(at, resolution))).or_default().0 += 1;
        }
        cells
    };
    let counts = |cells: &BTreeMap<(usize, Cell), (u32, u32)>| -> Vec<CellCount> {
        cells
            .iter()
            .map(|((quarter, _), &(count, households))| CellCount { quarter: *quarter, count, households })
            .collect()
    };
    let resolution = best_resolution(|resolution| counts(&cells_at(resolution)));
    let cells = cells_at(resolution);
    let table = disclose(&counts(&cells));
    let shown =
        |((quarter, cell), disclosed): (&(usize, Cell), &Disclosed)| -> Option<Feature<String, CaseCellProperties>> {
            let Disclosed::Shown(count) = disclosed else { return None };
            let ring = hex::boundary(*cell).into_iter().map(point_view).collect();
            let properties = CaseCellProperties {
                quarter: quarter_id(area, Some(*quarter)),
                band: band(*count)?.code(),
                resolution: u8::from(resolution),
            };
            Some(feature(format!("{cell}-{quarter}"), Some(Geometry::Polygon(vec![ring])), properties))
        };
    Layer::new(cells.keys().zip(&table.cells).filter_map(shown).collect())
}
