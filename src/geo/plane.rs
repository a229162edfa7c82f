//! The only bridge between degrees and metres.
//!
//! A local plane touches the WGS 84 ellipsoid at one latitude and uses its two radii of curvature there
//! (Snyder, *Map Projections: A Working Manual*, USGS 1395, 1987, p. 24–25). Within 10 km of the origin a distance
//! is right to 0.3 %; [`length`] moves the plane to each segment and is right to 10⁻⁶ below a kilometre.

use crate::domain::position::{Extent, LonLat};
use crate::domain::units::Meters;

/// Semi-major axis of WGS 84, metres.
const A: f64 = 6_378_137.0;
/// First eccentricity squared of WGS 84.
const E2: f64 = 0.006_694_379_990_141_317;

/// A point in metres east (`x`) and north (`y`) of a plane's origin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PlanePoint {
    /// Metres east.
    pub x: f64,
    /// Metres north.
    pub y: f64,
}

/// A local plane around an origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    origin: LonLat,
    metres_per_lon: f64,
    metres_per_lat: f64,
}

/// Metres per degree of longitude and of latitude at a latitude in degrees.
fn metres_per_degree(lat: f64) -> (f64, f64) {
    let (sin, cos) = lat.to_radians().sin_cos();
    let w2 = 1.0 - E2 * sin * sin;
    let prime_vertical = A / w2.sqrt();
    let meridional = A * (1.0 - E2) / (w2 * w2.sqrt());
    ((prime_vertical * cos).to_radians(), meridional.to_radians())
}

impl Plane {
    /// The plane that touches the ellipsoid at `origin`.
    #[must_use]
    pub fn at(origin: LonLat) -> Self {
        let (metres_per_lon, metres_per_lat) = metres_per_degree(origin.lat());
        Self { origin, metres_per_lon, metres_per_lat }
    }

    /// The position the plane touches.
    #[must_use]
    pub fn origin(&self) -> LonLat {
        self.origin
    }

    /// Degrees to metres.
    #[must_use]
    pub fn project(&self, p: LonLat) -> PlanePoint {
        PlanePoint {
            x: (p.lon() - self.origin.lon()) * self.metres_per_lon,
            y: (p.lat() - self.origin.lat()) * self.metres_per_lat,
        }
    }

    /// Metres to degrees; `None` outside the Earth's range.
    #[must_use]
    pub fn unproject(&self, p: PlanePoint) -> Option<LonLat> {
        LonLat::try_new(self.origin.lon() + p.x / self.metres_per_lon, self.origin.lat() + p.y / self.metres_per_lat)
            .ok()
    }
}

/// Length in metres of the straight segment between two positions less than a few kilometres apart.
#[must_use]
pub fn length(a: LonLat, b: LonLat) -> f64 {
    let (per_lon, per_lat) = metres_per_degree(f64::midpoint(a.lat(), b.lat()));
    ((b.lon() - a.lon()) * per_lon).hypot((b.lat() - a.lat()) * per_lat)
}

/// The box that leaves at least `margin` around another on every side.
#[must_use]
pub fn grown(extent: Extent, margin: Meters) -> Extent {
    // The metres of a degree of longitude shrink towards the pole: the side nearer to it decides.
    let highest = extent.south.abs().max(extent.north.abs()).min(89.0);
    let (per_lon, _) = metres_per_degree(highest);
    let (_, per_lat) = metres_per_degree(extent.south.abs().min(extent.north.abs()));
    Extent {
        west: (extent.west - margin.0 / per_lon).max(-180.0),
        south: (extent.south - margin.0 / per_lat).max(-90.0),
        east: (extent.east + margin.0 / per_lon).min(180.0),
        north: (extent.north + margin.0 / per_lat).min(90.0),
    }
}

/// Where on the segment `a`–`b` the point nearest to `p` lies: its fraction in 0..=1 and the squared distance in m².
#[must_use]
pub fn nearest_on_segment(p: PlanePoint, a: PlanePoint, b: PlanePoint) -> (f64, f64) {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let squared = dx * dx + dy * dy;
    let t = if squared > 0.0 { (((p.x - a.x) * dx + (p.y - a.y) * dy) / squared).clamp(0.0, 1.0) } else { 0.0 };
    let (ex, ey) = (a.x + t * dx - p.x, a.y + t * dy - p.y);
    (t, ex * ex + ey * ey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Distance, Geodesic, Point};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_length_equals_the_geodesic(lon in -179.0..179.0f64, lat in -80.0..80.0f64, dx in -0.005..0.005f64, dy in -0.005..0.005f64) {
            let a = LonLat::try_new(lon, lat).expect("in range");
            let b = LonLat::try_new(lon + dx, lat + dy).expect("in range");
            let geodesic = Geodesic.distance(Point::new(a.lon(), a.lat()), Point::new(b.lon(), b.lat()));
            prop_assert!((length(a, b) - geodesic).abs() <= 1e-6 * geodesic + 1e-6);
        }

        #[test]
        fn projecting_there_and_back_is_the_identity(dx in -0.1..0.1f64, dy in -0.1..0.1f64) {
            let plane = Plane::at(LonLat::try_new(0.13, 49.49).expect("in range"));
            let p = LonLat::try_new(0.13 + dx, 49.49 + dy).expect("in range");
            let back = plane.unproject(plane.project(p)).expect("in range");
            prop_assert!((back.lon() - p.lon()).abs() < 1e-12 && (back.lat() - p.lat()).abs() < 1e-12);
        }
    }
}
