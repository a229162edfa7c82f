//! Quarters: the ones that are shipped, and the official ones when somebody has them.

use super::ServiceError;
use crate::domain::input::InputError;
use crate::domain::position::Extent;
use crate::domain::quarter::Quarter;
use crate::domain::units::Meters;
use crate::format::quarters::{ReadOptions, read_quarters};
use crate::geo::plane::grown;
use crate::store::Store;

/// The indicative drawing that is used until an official file is imported.
const SHIPPED: &[u8] = include_bytes!("../../data/quartiers.geojson");

/// What an import of quarters did.
#[derive(Debug)]
pub enum QuartersOutcome {
    /// All replaced.
    Imported {
        /// The quarters now.
        quarters: Vec<Quarter>,
        /// What was mended or assumed.
        warnings: Vec<InputError>,
    },
    /// The file is bad; nothing was written.
    Refused(Vec<InputError>),
}

/// Replaces all quarters by those of a file.
///
/// # Errors
/// [`ServiceError`] when the database refuses. A bad file is a result: [`QuartersOutcome::Refused`].
pub async fn import_quarters(
    store: &Store,
    bytes: &[u8],
    file_name: &str,
    options: &ReadOptions,
) -> Result<QuartersOutcome, ServiceError> {
    match read_quarters(bytes, file_name, options) {
        Err(errors) => Ok(QuartersOutcome::Refused(errors)),
        Ok(read) => {
            store.replace_quarters(&read.quarters).await?;
            Ok(QuartersOutcome::Imported { quarters: read.quarters, warnings: read.warnings })
        }
    }
}

/// The quarters of the database; the shipped ones are put there when it has none.
///
/// # Errors
/// [`ServiceError`] when the database refuses.
pub async fn quarters_or_shipped(store: &Store) -> Result<Vec<Quarter>, ServiceError> {
    let known = store.quarters().await?;
    if !known.is_empty() {
        return Ok(known);
    }
    match import_quarters(store, SHIPPED, "quartiers.geojson", &ReadOptions::default()).await? {
        QuartersOutcome::Imported { quarters, .. } => Ok(quarters),
        QuartersOutcome::Refused(mut errors) => Err(errors.remove(0).into()),
    }
}

/// The box around some quarters and a margin; `None` without quarters.
#[must_use]
pub fn extent_with_margin(quarters: &[Quarter], margin: Meters) -> Option<Extent> {
    Extent::around(quarters.iter().flat_map(|q| q.polygons.iter().flatten().flatten().copied()))
        .map(|e| grown(e, margin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_quarters_are_good() {
        let read = read_quarters(SHIPPED, "quartiers.geojson", &ReadOptions::default()).expect("a good file");
        let ids: Vec<&str> = read.quarters.iter().map(|q| q.id.as_str()).collect();
        assert_eq!(ids, ["massillon", "saint-leon", "sainte-marie", "universite"]);
        assert_eq!(read.warnings, []);
    }
}
