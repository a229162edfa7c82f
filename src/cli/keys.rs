//! `keys create`, `keys rotate`, `keys renew-mask`: the key file, and the secret of masked points.

use std::io::Write;
use std::path::Path;

use super::error::{CliError, DONE};
use crate::domain::audit::{Act, Author, Resource};
use crate::store::{KeyError, KeyRing, KeySource, Store, StoreError};

/// `keys …`
#[derive(Debug, Clone, clap::Subcommand)]
pub enum KeysCommand {
    /// Make a key file with one new key; never over one that exists
    Create,
    /// Add a new key, seal everything with it, and take the old ones away; interrupted, it goes on where it stopped
    Rotate,
    /// Draw another secret for masked points; only when somebody may know the present one
    RenewMask,
}

/// Makes the key file.
///
/// # Errors
/// [`CliError`] when there is one already, or it cannot be written.
pub fn create(path: &Path, out: &mut dyn Write) -> Result<u8, CliError> {
    KeyRing::generate().and_then(|ring| ring.write_new(path)).map_err(StoreError::from)?;
    writeln!(out, "key file written to {}", path.display())?;
    writeln!(out, "Keep a copy in a safe place, away from the database's backups: without it nobody can read them.")?;
    Ok(DONE)
}

/// Seals everything anew, and rewrites the database so that nothing is left in it that an old key has sealed. Nothing is
/// lost at any moment: the old keys leave the file when nothing needs them any more.
///
/// # Errors
/// [`CliError`] when the key file cannot be written, the database does not answer, or there is no room for a second copy
/// of it.
pub async fn rotate(keys: &KeySource, store: &Store, by: Author, out: &mut dyn Write) -> Result<u8, CliError> {
    let KeySource::File(path) = keys else { return Err(StoreError::from(KeyError::NotAFile).into()) };
    let mut ring = keys.read().map_err(StoreError::from)?;
    // A rotation that was interrupted has its new key already: everything else is still sealed with the old one.
    if !store.rotation_is_under_way().await? {
        ring.add().and_then(|_| ring.write(path).map(drop)).map_err(StoreError::from)?;
        store.reload_keys().await?;
        store.begin_rotation(by.entry(Act::Rotate, Resource::Keys)).await?;
    }
    let count = store.reseal().await?;
    let old: Vec<u32> = ring.numbers().filter(|number| *number != ring.current()).collect();
    for number in &old {
        ring.remove(*number);
    }
    ring.write(path).map_err(StoreError::from)?;
    store.reload_keys().await?;
    store.scrub().await?;
    writeln!(
        out,
        "{count} rows sealed with key {}; {} old keys taken away, and what they sealed with them",
        ring.current(),
        old.len()
    )?;
    writeln!(out, "Backups made before still need the old key file: keep it with them, or destroy both.")?;
    Ok(DONE)
}

/// Draws another secret for masked points. Running servers follow.
///
/// # Errors
/// [`CliError`] when the database does not answer.
pub async fn renew_mask(store: &Store, by: Author, out: &mut dyn Write) -> Result<u8, CliError> {
    let epoch = store.renew_mask(by).await?;
    writeln!(out, "masked points are drawn with a new secret, epoch {epoch}")?;
    writeln!(
        out,
        "Whoever knows the former one finds the homes behind the points that were shown before; nothing undoes that."
    )?;
    Ok(DONE)
}
