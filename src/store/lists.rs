//! Several codes in one text column, comma-separated: both databases read it, and no query ever asks for one alone.

use std::str::FromStr;

use crate::domain::position::LonLat;

use super::StoreError;

/// `a,b`; empty without any.
pub(super) fn join<'a>(codes: impl IntoIterator<Item = &'a str>) -> String {
    codes.into_iter().collect::<Vec<_>>().join(",")
}

/// The texts that [`join`] joined.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|code| !code.is_empty())
}

/// One code of a closed list; `column` names the place in an error.
pub(super) fn code<T: FromStr>(text: &str, column: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::corrupt(format!("unknown code in {column}")))
}

/// Several codes of a closed list.
pub(super) fn codes<T: FromStr, C: FromIterator<T>>(text: &str, column: &str) -> Result<C, StoreError> {
    split(text).map(|one| code(one, column)).collect()
}

/// A position, whole or absent.
pub(super) fn position(lon: Option<f64>, lat: Option<f64>, table: &str) -> Result<Option<LonLat>, StoreError> {
    match (lon, lat) {
        (Some(lon), Some(lat)) => {
            LonLat::try_new(lon, lat).map(Some).map_err(|error| StoreError::corrupt(format!("{table}: {error}")))
        }
        _ => Ok(None),
    }
}

/// A small number that a check keeps in range.
pub(super) fn number(value: i64, column: &str) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::corrupt(format!("number out of range in {column}")))
}
