//! In which system a file's numbers are: degrees, Lambert-93, or something that is refused by name.
//!
//! RFC 7946 allows degrees only, but the cities' own exports still carry the `crs` member of the 2008 format.

use serde_json::Value;

use crate::domain::input::InputError;
use crate::domain::position::LonLat;
use crate::domain::text::fold;
use crate::geo::lambert93;

/// A system that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crs {
    Degrees,
    Lambert93,
}

/// Metropolitan France with Corsica: west, south, east, north.
const FRANCE: [f64; 4] = [-5.5, 41.2, 9.8, 51.3];

const REMEDY: &str = "Export the file again in WGS 84 (EPSG:4326) or in Lambert-93 (EPSG:2154)";

impl Crs {
    /// A pair of the file's numbers as a position, to nine decimals: a tenth of a millimetre.
    ///
    /// So many digits are read back to the last bit by any reader, which keeps shared borders exact for good.
    pub(super) fn position(self, x: f64, y: f64) -> Option<LonLat> {
        let p = match self {
            Self::Degrees => LonLat::try_new(x, y).ok(),
            Self::Lambert93 => lambert93::to_lon_lat(x, y),
        }?;
        let kept = |degrees: f64| (degrees * 1e9).round() / 1e9;
        LonLat::try_new(kept(p.lon()), kept(p.lat())).ok()
    }
}

/// What the file says of itself; `None` when it says nothing.
pub(super) fn declared(file: &Value) -> Result<Option<Crs>, InputError> {
    let Some(crs) = file.get("crs").filter(|crs| !crs.is_null()) else { return Ok(None) };
    let properties = crs.get("properties");
    let name = match (properties.and_then(|p| p.get("name")), properties.and_then(|p| p.get("code"))) {
        (Some(Value::String(name)), _) => name.clone(),
        (_, Some(Value::Number(code))) => format!("EPSG:{code}"),
        (_, Some(Value::String(code))) => format!("EPSG:{code}"),
        _ => crs.to_string(),
    };
    let folded = fold(&name);
    let code = folded.rsplit(' ').next().unwrap_or_default();
    match code {
        "crs84" | "crs84h" | "4326" | "4979" | "4258" | "4171" | "4965" => Ok(Some(Crs::Degrees)),
        "2154" | "9793" | "9794" => Ok(Some(Crs::Lambert93)),
        _ if folded.contains("lambert 93") || folded.contains("lambert93") => Ok(Some(Crs::Lambert93)),
        _ if folded == "wgs 84" || folded == "wgs84" => Ok(Some(Crs::Degrees)),
        _ => Err(InputError::new(
            "projected_crs",
            format!("the file is in the coordinate system `{name}`, which is not read"),
            REMEDY,
        )
        .in_field("crs")
        .with_value(&name)),
    }
}

/// What the numbers of a file that says nothing look like.
pub(super) fn recognised(pairs: &[(f64, f64)]) -> Result<Crs, InputError> {
    let all = |test: fn(f64, f64) -> bool| pairs.iter().all(|&(x, y)| test(x, y));
    if all(|x, y| x.abs() <= 180.0 && y.abs() <= 180.0) {
        // Degrees, possibly swapped or out of range: said for each quarter.
        return Ok(Crs::Degrees);
    }
    if all(lambert93::in_range) {
        return Ok(Crs::Lambert93);
    }
    let (x, y) = pairs.iter().copied().find(|(x, y)| x.abs() > 180.0 || y.abs() > 180.0).unwrap_or_default();
    let zone = ((y / 1e6).floor() as i64).saturating_add(41);
    let system = if lambert93::in_range(y, x) {
        "Lambert-93 with northing before easting".to_owned()
    } else if (1_000_000.0..2_400_000.0).contains(&x) && (42..=50).contains(&zone) {
        format!("probably the French conic system CC{zone} (EPSG:39{zone})")
    } else if (-700_000.0..1_200_000.0).contains(&x) && (5_000_000.0..6_700_000.0).contains(&y) {
        "probably web Mercator (EPSG:3857)".to_owned()
    } else {
        "a projected system that the file does not name".to_owned()
    };
    Err(InputError::new("projected_crs", format!("the coordinates are no degrees: {system}"), REMEDY)
        .in_field("coordinates")
        .with_value(&format!("{x}, {y}")))
}

/// Whether a pair of degrees would lie in France if its numbers were swapped, and does not as it stands.
pub(super) fn looks_swapped(x: f64, y: f64) -> bool {
    let in_france =
        |lon: f64, lat: f64| (FRANCE[0]..=FRANCE[2]).contains(&lon) && (FRANCE[1]..=FRANCE[3]).contains(&lat);
    (!in_france(x, y) && in_france(y, x)) || (y.abs() > 90.0 && x.abs() <= 90.0)
}
