//! `demo`: lays the fictitious town, writes it as files, and loads them through the same importers as real data.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::error::{CliError, DONE};
use super::import_addresses::{self, ImportAddressesArgs};
use super::import_people::{self, ImportPeopleArgs};
use super::import_streets::{self, ImportStreetsArgs};
use crate::domain::audit::Author;
use crate::domain::case::CaseId;
use crate::domain::settings::DEFAULT_MARGIN_M;
use crate::domain::units::Meters;
use crate::format::addresses::write_ban;
use crate::format::people::{write_cases, write_relays, write_volunteers};
use crate::service::accounts::{create_demonstration_accounts, has_all_demonstration_accounts};
use crate::service::demonstration::{ToldOf, generate};
use crate::service::import::{ImportOptions, People};
use crate::service::passwords::Passwords;
use crate::service::quarters::{extent_with_margin, quarters_or_shipped};
use crate::service::relay_reports::{codes_of_all, demonstrate};
use crate::service::whole_file::WholeFile;
use crate::store::{Store, Told};

/// Arguments of the demonstration.
#[derive(Debug, Clone, clap::Args)]
pub struct DemonstrationArgs {
    /// Another seed gives another town
    #[arg(long, default_value_t = 2020)]
    pub seed: u64,
    /// Only when the database holds nothing, or a demonstration that was not finished
    #[arg(long)]
    pub once: bool,
    /// Only write the files, to this folder; load nothing
    #[arg(long, value_name = "FOLDER")]
    pub files_only: Option<PathBuf>,
}

/// What `meta` says of a demonstration that is whole, and of one that is not yet.
const MADE: &str = "true";
const BEING_MADE: &str = "being made";

/// Makes and loads the demonstration. A database that holds data of its own is left alone.
///
/// # Errors
/// [`CliError`] when the database holds other data, a file cannot be written, or the database refuses.
pub async fn run(
    args: &DemonstrationArgs,
    store: &Store,
    data_dir: &Path,
    passwords: &Passwords,
    now: DateTime<Utc>,
    out: &mut dyn Write,
) -> Result<u8, CliError> {
    let quarters = quarters_or_shipped(store).await?;
    let folder = args.files_only.clone().unwrap_or_else(|| data_dir.join("demo"));
    if args.files_only.is_none() {
        let made = store.meta("demonstration").await?;
        let kept = made.as_deref() == Some(MADE) || (made.is_none() && holds_data(store).await?);
        if args.once && kept {
            writeln!(out, "the database is kept as it is")?;
            return Ok(DONE);
        }
        if made.is_none() && kept {
            return Err(CliError::RealData);
        }
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

    store.set_meta("demonstration", BEING_MADE).await?;
    let extent = extent_with_margin(&quarters, Meters(DEFAULT_MARGIN_M));
    let streets = ImportStreetsArgs { file: streets, margin_m: DEFAULT_MARGIN_M };
    let mut worst = import_streets::run(&streets, store, data_dir, now, out).await?;
    let options = ImportOptions { all_or_nothing: true, extent, by: Author::command_line(now) };
    let addresses = ImportAddressesArgs { file: addresses, all_or_nothing: true };
    worst = worst.max(import_addresses::run(&addresses, store, options, out).await?);
    for (people, file) in [(People::Volunteers, volunteers), (People::Relays, relays), (People::Cases, cases)] {
        let args = ImportPeopleArgs { file, all_or_nothing: true };
        worst = worst.max(import_people::run(people, &args, store, options, out).await?);
    }
    write_reports(&demonstration.reports, store, options.by).await?;
    write_accounts(store, data_dir, passwords, options.by, out).await?;
    write_stickers(store, data_dir, options.by, out).await?;
    store.set_meta("demonstration", MADE).await?;
    Ok(worst)
}

/// Adds what was told of some of the cases, once.
async fn write_reports(reports: &[ToldOf], store: &Store, by: Author) -> Result<(), CliError> {
    let cases: BTreeMap<String, CaseId> =
        store.cases().await?.into_iter().map(|(id, case)| (case.reference, id)).collect();
    let mut known: BTreeMap<CaseId, bool> = BTreeMap::new();
    for ToldOf { reference, report, household } in reports {
        let Some(id) = cases.get(reference).copied() else { continue };
        let there = match known.get(&id) {
            Some(there) => *there,
            None => !store.reports_of(id).await?.is_empty(),
        };
        known.insert(id, there);
        if !there {
            store.add_report(id, Told { report, household: *household, form: None }, by).await?;
        }
    }
    Ok(())
}

/// Makes one account a role and writes their passwords to `demo-accounts.txt`, for their owner alone. Accounts that are
/// there keep their passwords, unless the file is gone: nobody could know them any more.
async fn write_accounts(
    store: &Store,
    data_dir: &Path,
    passwords: &Passwords,
    by: Author,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let path = data_dir.join("demo-accounts.txt");
    if path.exists() && has_all_demonstration_accounts(store).await? {
        writeln!(out, "demonstration accounts: see {}", path.display())?;
        return Ok(());
    }
    let accounts = create_demonstration_accounts(store, passwords, by).await?;
    let mut text = Zeroizing::new(String::from(
        "# Comptes de démonstration, données fictives : rôle, identifiant, mot de passe.\n\
         # Tant qu'ils existent, le serveur n'écoute que sur cette machine. Fichier effacé : `bienveilleurs demo` en fait d'autres.\n",
    ));
    for account in &accounts {
        for part in [account.role.code(), " ", account.login, " ", &account.password, "\n"] {
            text.push_str(part);
        }
    }
    let written = WholeFile::beside(&path).and_then(|mut file| {
        file.writer().write_all(text.as_bytes())?;
        file.put_in_place()
    });
    written.map_err(|error| CliError::File { path: path.clone(), error })?;
    writeln!(out, "{} demonstration accounts written to {}", accounts.len(), path.display())?;
    Ok(())
}

/// Makes the codes of the relays' stickers and writes them to `demo-stickers.txt`, for their owner alone, with the receipts
/// of reports that came by them.
async fn write_stickers(store: &Store, data_dir: &Path, by: Author, out: &mut dyn Write) -> Result<(), CliError> {
    let path = data_dir.join("demo-stickers.txt");
    let codes = codes_of_all(store, by).await?;
    let mut lines =
        vec!["# Autocollants de démonstration : code, relais. Puis les reçus de signalements fictifs.".to_owned()];
    lines.extend(codes.iter().map(|(code, name)| format!("{code} {name}")));
    lines.extend(demonstrate(store, by).await?.iter().map(|receipt| format!("# reçu {receipt}")));
    let text = lines.join("\n") + "\n";
    let written = WholeFile::beside(&path).and_then(|mut file| {
        file.writer().write_all(text.as_bytes())?;
        file.put_in_place()
    });
    written.map_err(|error| CliError::File { path: path.clone(), error })?;
    writeln!(out, "{} sticker codes written to {}", codes.len(), path.display())?;
    Ok(())
}

async fn holds_data(store: &Store) -> Result<bool, CliError> {
    Ok(!store.cases().await?.is_empty()
        || !store.volunteers().await?.is_empty()
        || !store.relays().await?.is_empty()
        || !store.addresses().await?.is_empty()
        || store.current_network().await?.is_some())
}
