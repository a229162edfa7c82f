//! Quarters to `GeoJSON`: the same form as `data/quartiers.geojson`.

use std::fmt::Write as _;

use serde_json::Value;

use crate::domain::quarter::Quarter;

/// The quarters as a `FeatureCollection` (RFC 7946), one position list per ring, that the reader gives back unchanged.
///
/// Numbers have as many decimals as they need: the nine that the reader keeps come back unchanged.
#[must_use]
pub fn write_quarters(quarters: &[Quarter]) -> String {
    let features: Vec<String> = quarters.iter().map(feature).collect();
    format!("{{\n\"type\": \"FeatureCollection\",\n\"features\": [\n{}\n]\n}}\n", features.join(",\n"))
}

fn feature(quarter: &Quarter) -> String {
    let text = |text: &str| Value::from(text).to_string();
    let drawn_on = quarter.drawn_on.map_or_else(|| "null".to_owned(), |day| text(&day.to_string()));
    let mut out = format!(
        "{{\"type\": \"Feature\", \"id\": {id},\n \"properties\": {{\"id\": {id}, \"nom\": {}, \"precision\": {},\n  \
         \"source\": {},\n  \"licence\": {}, \"drawn_on\": {drawn_on}}},\n \"geometry\": {{",
        text(&quarter.name),
        text(quarter.precision.code()),
        text(&quarter.source),
        text(&quarter.licence),
        id = text(&quarter.id),
    );
    let polygons: Vec<String> = quarter
        .polygons
        .iter()
        .map(|rings| {
            let rings: Vec<String> = rings
                .iter()
                .map(|ring| {
                    let mut line = String::from("[\n  ");
                    for (nth, p) in ring.iter().enumerate() {
                        let between = if nth == 0 { "" } else { ", " };
                        let _ = write!(line, "{between}[{}, {}]", p.lon(), p.lat());
                    }
                    line + "]"
                })
                .collect();
            format!("[{}]", rings.join(", "))
        })
        .collect();
    let (kind, coordinates) = match polygons.as_slice() {
        [one] => ("Polygon", one.clone()),
        many => ("MultiPolygon", format!("[{}]", many.join(", "))),
    };
    let _ = write!(out, "\"type\": \"{kind}\", \"coordinates\": {coordinates}}}}}");
    out
}
