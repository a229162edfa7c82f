//! `demo`: lays the fictitious town, writes it as files, and loads them through the same importers as real data.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::error::{CliError, DONE};
use super::import_addresses::{self, ImportAddressesArgs};
use super::import_people::{self, ImportPeopleArgs};
use super::import_streets::{self, ImportStreetsArgs};
use crate::domain::settings::DEFAULT_MARGIN_M;
use crate::domain::units::Meters;
use crate::format::addresses::write_ban;
use crate::format::people::{write_cases, write_relays, write_volunteers};
use crate::service::demonstration::generate;
use crate::service::import::People;
use crate::service::quarters::{extent_with_margin, quarters_or_shipped};
use crate::service::whole_file::WholeFile;
use crate::store::Store;

/// Arguments of the demonstration.
#[derive(Debug, Clone, clap::Args)]
pub struct DemonstrationArgs {
    /// Another seed gives another town
    #[arg(long, default_value_t = 2020)]
    pub seed: u64,
    /// Only write the files, to this folder; load nothing
    #[arg(long, value_name = "FOLDER")]
    pub files_only: Option<PathBuf>,
}

/// Makes and loads the demonstration. A database that holds data of its own is left alone.
///
/// # Errors
/// [`CliError`] when the database holds other data, a file cannot be written, or the database refuses.
pub async fn run(
    args: &DemonstrationArgs,
    store: &Store,
    data_dir: &Path,
    now: DateTime<Utc>,
    out: &mut dyn Write,
) -> Result<u8, CliError> {
    let quarters = quarters_or_shipped(store).await?;
    let folder = args.files_only.clone().unwrap_or_else(|| data_dir.join("demo"));
    if args.files_only.is_none() && store.meta("demonstration").await?.is_none() && holds_data(store).await? {
        return Err(CliError::RealData);
    }
    let demonstration = generate(&quarters, args.seed);
    std::fs::create_dir_all(&folder).map_err(|error| CliError::File { path: folder.clone(), error })?;
    let write = |name: &str, content: &dyn Fn(&mut dyn Write) -> std::io::Result<()>| {
        let path = folder.join(name);
        let written = WholeFile::beside(&path).and_then(|mut file| {
            content(&mut file.writer())?;
            file.put_in_place()
        });
        written.map(|()| path.clone()).map_err(|error| CliError::File { path, error })
    };
    let streets = write("rues.osm", &|out| out.write_all(demonstration.streets_osm_xml.as_bytes()))?;
    let addresses = write("adresses.csv", &|out| write_ban(&demonstration.addresses, out))?;
    let volunteers = write("benevoles.csv", &|out| write_volunteers(&demonstration.volunteers, out))?;
    let relays = write("relais.csv", &|out| write_relays(&demonstration.relays, out))?;
    let cases = write("cas.csv", &|out| write_cases(&demonstration.cases, out))?;
    writeln!(out, "fictitious files written to {}", folder.display())?;
    if args.files_only.is_some() {
        return Ok(DONE);
    }

    store.set_meta("demonstration", "true").await?;
    let extent = extent_with_margin(&quarters, Meters(DEFAULT_MARGIN_M));
    let streets = ImportStreetsArgs { file: streets, margin_m: DEFAULT_MARGIN_M };
    let mut worst = import_streets::run(&streets, store, data_dir, now, out).await?;
    let addresses = ImportAddressesArgs { file: addresses, all_or_nothing: true };
    worst = worst.max(import_addresses::run(&addresses, store, extent, out).await?);
    for (people, file) in [(People::Volunteers, volunteers), (People::Relays, relays), (People::Cases, cases)] {
        let args = ImportPeopleArgs { file, all_or_nothing: true };
        worst = worst.max(import_people::run(people, &args, store, extent, out).await?);
    }
    Ok(worst)
}

async fn holds_data(store: &Store) -> Result<bool, CliError> {
    Ok(!store.cases().await?.is_empty()
        || !store.volunteers().await?.is_empty()
        || !store.relays().await?.is_empty()
        || !store.addresses().await?.is_empty()
        || store.current_network().await?.is_some())
}
