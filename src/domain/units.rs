//! Units that a signature can carry.

/// A length along a path or a straight distance, in metres.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Meters(pub f64);

/// A duration in seconds.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Seconds(pub f64);

impl Seconds {
    /// A duration given in minutes.
    #[must_use]
    pub fn from_minutes(minutes: f64) -> Self {
        Self(minutes * 60.0)
    }

    /// Whole milliseconds, saturating at what the network can hold (49 days).
    #[must_use]
    pub fn to_millis(self) -> u32 {
        (self.0 * 1000.0).round() as u32
    }
}

impl Meters {
    /// Metres from whole millimetres.
    #[must_use]
    pub fn from_millimeters(mm: u64) -> Self {
        Self(mm as f64 / 1000.0)
    }
}
