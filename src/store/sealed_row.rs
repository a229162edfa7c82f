//! One row's fields, sealed for their place or opened from it.

use std::str::FromStr;

use zeroize::Zeroizing;

use super::lists;
use super::seal::{Index, Vault};
use super::{Store, StoreError};
use crate::domain::position::LonLat;

/// The place of one row: every field of it is bound to it.
pub(super) struct SealedRow<'a> {
    vault: &'a Vault,
    table: &'static str,
    id: i64,
}

impl Store {
    pub(super) fn sealed_row(&self, table: &'static str, id: i64) -> SealedRow<'_> {
        SealedRow { vault: &self.vault, table, id }
    }

    pub(super) fn index(&self, kind: Index, value: &str) -> Option<Vec<u8>> {
        self.vault.index(kind, value)
    }
}

impl SealedRow<'_> {
    pub(super) fn seal(&self, column: &str, text: &str) -> Result<Vec<u8>, StoreError> {
        self.vault.seal_text(self.table, self.id, column, text)
    }

    pub(super) fn open(&self, column: &str, sealed: &[u8]) -> Result<String, StoreError> {
        self.vault.open_text(self.table, self.id, column, sealed)
    }

    /// Codes of a closed list, comma-separated; nothing without any.
    pub(super) fn seal_codes<'a>(
        &self,
        column: &str,
        codes: impl IntoIterator<Item = &'a str>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let joined = lists::join(codes);
        if joined.is_empty() { Ok(None) } else { self.seal(column, &joined).map(Some) }
    }

    pub(super) fn open_codes<T: FromStr, C: FromIterator<T> + Default>(
        &self,
        column: &str,
        sealed: Option<&[u8]>,
    ) -> Result<C, StoreError> {
        let Some(sealed) = sealed else { return Ok(C::default()) };
        lists::codes(&self.open(column, sealed)?, column)
    }

    pub(super) fn seal_bytes(&self, column: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.vault.seal(self.table, self.id, column, bytes)
    }

    pub(super) fn open_bytes(&self, column: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.vault.open_bytes(self.table, self.id, column, sealed)
    }

    /// Two little-endian doubles: the position comes back bit by bit.
    pub(super) fn seal_position(&self, position: Option<LonLat>) -> Result<Option<Vec<u8>>, StoreError> {
        position
            .map(|p| {
                let mut bytes = [0; 16];
                bytes[..8].copy_from_slice(&p.lon().to_le_bytes());
                bytes[8..].copy_from_slice(&p.lat().to_le_bytes());
                self.vault.seal(self.table, self.id, "position", &bytes)
            })
            .transpose()
    }

    pub(super) fn open_position(&self, sealed: Option<&[u8]>) -> Result<Option<LonLat>, StoreError> {
        let Some(sealed) = sealed else { return Ok(None) };
        let corrupt = || StoreError::corrupt(format!("{}.position", self.table));
        let bytes = self.vault.open_bytes(self.table, self.id, "position", sealed)?;
        let half = |at: usize| bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map(f64::from_le_bytes);
        let (lon, lat) = half(0).zip(half(8)).ok_or_else(corrupt)?;
        LonLat::try_new(lon, lat).map(Some).map_err(|_| corrupt())
    }
}
