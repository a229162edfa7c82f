//! Postal addresses, as the Base Adresse Nationale gives them.

use super::position::LonLat;

/// One numbered address with its position. Not personal data: it comes from open address files.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// The file's own stable identifier.
    pub id: String,
    /// House number; 0..=9999.
    pub number: u32,
    /// `bis`, `ter`, `a`…; empty when there is none.
    pub suffix: String,
    /// Street name as written.
    pub street: String,
    /// Five digits; empty when the file has none.
    pub postcode: String,
    /// Commune name.
    pub city: String,
    /// Entrance position.
    pub position: LonLat,
}

impl Address {
    /// "12 bis Rue des Mouettes, 76600 Le Havre".
    #[must_use]
    pub fn label(&self) -> String {
        let mut label = self.number.to_string();
        for part in [&self.suffix, &self.street] {
            if !part.is_empty() {
                label.push(' ');
                label.push_str(part);
            }
        }
        let place = [self.postcode.as_str(), self.city.as_str()].join(" ");
        if !place.trim().is_empty() {
            label.push_str(", ");
            label.push_str(place.trim());
        }
        label
    }
}
