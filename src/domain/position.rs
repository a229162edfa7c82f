//! A position on Earth.

/// Longitude and latitude in degrees, WGS 84, always finite and in range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

/// A pair of numbers that is no position.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NotAPosition {
    /// NaN or infinite.
    #[error("longitude and latitude must be finite numbers")]
    NotFinite,
    /// Outside −180..180 / −90..90.
    #[error("longitude must be in -180..180 and latitude in -90..90")]
    OutOfRange,
}

impl LonLat {
    /// # Errors
    /// [`NotAPosition`] when a number is not finite or not in −180..=180 / −90..=90.
    pub fn try_new(lon: f64, lat: f64) -> Result<Self, NotAPosition> {
        if !lon.is_finite() || !lat.is_finite() {
            return Err(NotAPosition::NotFinite);
        }
        if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) {
            return Err(NotAPosition::OutOfRange);
        }
        Ok(Self { lon, lat })
    }

    /// Degrees east, −180..=180.
    #[must_use]
    pub const fn lon(self) -> f64 {
        self.lon
    }

    /// Degrees north, −90..=90.
    #[must_use]
    pub const fn lat(self) -> f64 {
        self.lat
    }
}

/// A west, south, east, north box in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Degrees east of the western side.
    pub west: f64,
    /// Degrees north of the southern side.
    pub south: f64,
    /// Degrees east of the eastern side.
    pub east: f64,
    /// Degrees north of the northern side.
    pub north: f64,
}

impl Extent {
    /// The smallest box around some positions; `None` without any.
    #[must_use]
    pub fn around(positions: impl IntoIterator<Item = LonLat>) -> Option<Self> {
        positions.into_iter().fold(None, |extent: Option<Self>, p| {
            let mut e = extent.unwrap_or(Self { west: p.lon, south: p.lat, east: p.lon, north: p.lat });
            e.west = e.west.min(p.lon);
            e.south = e.south.min(p.lat);
            e.east = e.east.max(p.lon);
            e.north = e.north.max(p.lat);
            Some(e)
        })
    }

    /// Whether a position is inside or on the border.
    #[must_use]
    pub fn contains(&self, p: LonLat) -> bool {
        (self.west..=self.east).contains(&p.lon) && (self.south..=self.north).contains(&p.lat)
    }

    /// Whether two boxes share at least a point.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.west <= other.east && other.west <= self.east && self.south <= other.north && other.south <= self.north
    }
}
