//! `demo`: stub until the generator lands.
use super::error::CliError;
use crate::store::Store;
use chrono::{DateTime, Utc};
use std::io::Write;
use std::path::Path;
/// Arguments of the demonstration.
#[derive(Debug, Clone, clap::Args)]
pub struct DemonstrationArgs {
    /// Another seed gives another town
    #[arg(long, default_value_t = 2020)]
    pub seed: u64,
}
/// x
/// # Errors
/// x
pub async fn run(
    _: &DemonstrationArgs,
    _: &Store,
    _: &Path,
    _: DateTime<Utc>,
    _: &mut dyn Write,
) -> Result<u8, CliError> {
    Ok(0)
}
