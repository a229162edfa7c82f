//! Lambert-93 (EPSG:2154), the projected system of French official files, to WGS 84.
//!
//! Inverse of the Lambert conformal conic projection with two standard parallels, after IGN's note NT/G 71, *Projection
//! cartographique conique conforme de Lambert* (algorithms ALG0002 and ALG0004), with the constants of RGF93 on the
//! GRS 80 ellipsoid. RGF93 and WGS 84 agree to within a metre; the two are taken as the same, as everybody does.

use crate::domain::position::LonLat;

/// First eccentricity of GRS 80.
const E: f64 = 0.081_819_191_042_815_79;
/// Semi-major axis of GRS 80, metres.
const A: f64 = 6_378_137.0;
/// False easting and northing of the origin 3° E, 46.5° N, metres.
const ORIGIN_X: f64 = 700_000.0;
const ORIGIN_Y: f64 = 6_600_000.0;

/// Constants that follow from the two standard parallels 44° and 49° and the origin: exponent, radius at the equator,
/// northing of the pole.
fn cone() -> (f64, f64, f64) {
    let (first, second, origin) = (44f64.to_radians(), 49f64.to_radians(), 46.5f64.to_radians());
    let grand_normal = |lat: f64| A / (1.0 - (E * lat.sin()).powi(2)).sqrt();
    let n = ((grand_normal(second) * second.cos()) / (grand_normal(first) * first.cos())).ln()
        / (isometric(first) - isometric(second));
    let c = grand_normal(first) * first.cos() / n * (n * isometric(first)).exp();
    (n, c, ORIGIN_Y + c * (-n * isometric(origin)).exp())
}

/// Isometric latitude (ALG0001).
fn isometric(lat: f64) -> f64 {
    let e_sin = E * lat.sin();
    ((std::f64::consts::FRAC_PI_4 + lat / 2.0).tan() * ((1.0 - e_sin) / (1.0 + e_sin)).powf(E / 2.0)).ln()
}

/// Latitude from isometric latitude (ALG0002), radians.
fn latitude(isometric: f64) -> f64 {
    let mut lat = 2.0 * isometric.exp().atan() - std::f64::consts::FRAC_PI_2;
    // Each turn gains more than two decimal digits; eight reach the last bit.
    for _ in 0..8 {
        let e_sin = E * lat.sin();
        lat = 2.0 * (((1.0 + e_sin) / (1.0 - e_sin)).powf(E / 2.0) * isometric.exp()).atan()
            - std::f64::consts::FRAC_PI_2;
    }
    lat
}

/// Whether a pair of metres lies in metropolitan France's part of Lambert-93.
#[must_use]
pub fn in_range(x: f64, y: f64) -> bool {
    (0.0..=1_300_000.0).contains(&x) && (6_000_000.0..=7_200_000.0).contains(&y)
}

/// Easting and northing in metres to a position, right to a millimetre. `None` out of [`in_range`].
#[must_use]
pub fn to_lon_lat(x: f64, y: f64) -> Option<LonLat> {
    if !in_range(x, y) {
        return None;
    }
    let (n, c, pole) = cone();
    let (east, south) = (x - ORIGIN_X, pole - y);
    let lon = 3.0 + (east.atan2(south) / n).to_degrees();
    let lat = latitude(-(east.hypot(south) / c).ln() / n).to_degrees();
    LonLat::try_new(lon, lat).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::plane;

    /// Independent forward projection (Snyder 1987, p. 107–108), for the way there and back.
    fn from_lon_lat(p: LonLat) -> (f64, f64) {
        let t = |lat: f64| {
            let s = E * lat.sin();
            (std::f64::consts::FRAC_PI_4 - lat / 2.0).tan() / ((1.0 - s) / (1.0 + s)).powf(E / 2.0)
        };
        let m = |lat: f64| lat.cos() / (1.0 - (E * lat.sin()).powi(2)).sqrt();
        let (p1, p2, p0) = (44f64.to_radians(), 49f64.to_radians(), 46.5f64.to_radians());
        let n = (m(p1).ln() - m(p2).ln()) / (t(p1).ln() - t(p2).ln());
        let f = m(p1) / (n * t(p1).powf(n));
        let (rho, rho0) = (A * f * t(p.lat().to_radians()).powf(n), A * f * t(p0).powf(n));
        let theta = n * (p.lon() - 3.0).to_radians();
        (ORIGIN_X + rho * theta.sin(), ORIGIN_Y + rho0 - rho * theta.cos())
    }

    #[test]
    fn published_pairs_are_met_within_the_rounding_of_their_six_decimals() {
        // Address files of the state and of Strasbourg and Escoulis: x, y, longitude, latitude.
        for (x, y, lon, lat) in [
            (887_643.67, 6_547_960.53, 5.425_179, 46.005_447),
            (539_416.13, 6_225_601.11, 1.028_392, 43.111_637),
            (1_049_409.0, 6_838_286.4, 7.737_072, 48.550_45),
            (1_052_800.8, 6_845_467.7, 7.788_841, 48.613_092),
        ] {
            let found = to_lon_lat(x, y).expect("in range");
            let published = LonLat::try_new(lon, lat).expect("in range");
            let metres = plane::length(found, published);
            assert!(metres < 0.12, "{x} {y}: {metres} m from the published position");
        }
    }

    #[test]
    fn the_constants_are_those_of_the_note() {
        let (n, c, pole) = cone();
        assert!((n - 0.725_607_765_053_267_1).abs() < 1e-12, "{n}");
        assert!((c - 11_754_255.426_096).abs() < 1e-5, "{c}");
        assert!((pole - 12_655_612.049_876).abs() < 1e-5, "{pole}");
    }

    #[test]
    fn the_origin_is_exact() {
        let found = to_lon_lat(ORIGIN_X, ORIGIN_Y).expect("in range");
        assert!((found.lon() - 3.0).abs() < 1e-12 && (found.lat() - 46.5).abs() < 1e-11);
    }

    #[test]
    fn there_and_back_is_right_to_a_millimetre_all_over_france() {
        for lon in -5..=9 {
            for lat in 42..=51 {
                let p = LonLat::try_new(f64::from(lon) + 0.125, f64::from(lat) + 0.49).expect("in range");
                let (x, y) = from_lon_lat(p);
                if in_range(x, y) {
                    let metres = plane::length(to_lon_lat(x, y).expect("in range"), p);
                    assert!(metres < 0.000_5, "{lon} {lat}: {metres}");
                }
            }
        }
    }

    #[test]
    fn metres_of_another_system_are_refused() {
        assert_eq!(to_lon_lat(1_495_000.0, 8_155_000.0), None);
        assert_eq!(to_lon_lat(f64::NAN, 6_900_000.0), None);
        assert_eq!(to_lon_lat(0.13, 49.49), None);
    }
}
