//! Cases, volunteers and relays out to CSV, in a form that [`super::import`] takes back without loss.

use std::io::{self, Write};

use crate::domain::audit::{Act, Author, Resource};
use crate::format::people::{write_cases, write_relays, write_volunteers};
use crate::store::{Store, StoreError};

use super::import::People;

/// Why an export did not end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Where it was written to.
    #[error("the export cannot be written: {0}. Check that there is room and that you may write there")]
    Write(#[from] io::Error),
}

/// Writes every row of one table, by ascending key, and answers how many. The trail has it before the first byte is out.
///
/// # Errors
/// [`ExportError`] from the database or the writer.
pub async fn export(store: &Store, people: People, by: Author, out: impl Write) -> Result<usize, ExportError> {
    match people {
        People::Cases => export_cases(store, by, out).await,
        People::Volunteers => export_volunteers(store, by, out).await,
        People::Relays => export_relays(store, by, out).await,
    }
}

/// Writes every case, by ascending key, and answers how many.
///
/// # Errors
/// [`ExportError`] from the database or the writer.
pub async fn export_cases(store: &Store, by: Author, out: impl Write) -> Result<usize, ExportError> {
    let cases = store.cases().await?;
    store.record(&[by.entry(Act::Export, Resource::Cases).over(cases.len())]).await?;
    write_cases(cases.iter().map(|(_, case)| case), out)?;
    Ok(cases.len())
}

/// Writes every volunteer, by ascending key, and answers how many.
///
/// # Errors
/// [`ExportError`] from the database or the writer.
pub async fn export_volunteers(store: &Store, by: Author, out: impl Write) -> Result<usize, ExportError> {
    let volunteers = store.volunteers().await?;
    store.record(&[by.entry(Act::Export, Resource::Volunteers).over(volunteers.len())]).await?;
    write_volunteers(volunteers.iter().map(|(_, volunteer)| volunteer), out)?;
    Ok(volunteers.len())
}

/// Writes every relay, by ascending key, and answers how many.
///
/// # Errors
/// [`ExportError`] from the database or the writer.
pub async fn export_relays(store: &Store, by: Author, out: impl Write) -> Result<usize, ExportError> {
    let relays = store.relays().await?;
    store.record(&[by.entry(Act::Export, Resource::Relays).over(relays.len())]).await?;
    write_relays(relays.iter().map(|(_, relay)| relay), out)?;
    Ok(relays.len())
}
