//! The command line: one file per subcommand. `main.rs` parses, wires and turns errors into exit codes.

pub mod audit;
pub mod coverage;
pub mod demonstration;
pub mod error;
pub mod export_people;
pub mod import_addresses;
pub mod import_people;
pub mod import_quarters;
pub mod import_streets;
pub mod keys;
pub mod match_case;
pub mod network;
pub mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::domain::retention::Durations;
use crate::domain::settings::{
    DEFAULT_HEX_RESOLUTION, DEFAULT_MATCHES, DEFAULT_RELAY_THRESHOLD_MIN, DEFAULT_SNAP_M,
    DEFAULT_VOLUNTEER_THRESHOLD_MIN, Settings,
};
use crate::store::KeySource;

/// Maps isolated persons, volunteers and sticker shops, and finds the closest volunteer by walking time.
#[derive(Debug, Parser)]
#[command(name = "bienveilleurs", version, about)]
pub struct Cli {
    /// Where files and, unless said otherwise, the database live
    #[arg(long, global = true, env = "BV_DATA_DIR", default_value = "var", value_name = "FOLDER")]
    pub data_dir: PathBuf,
    /// The database, `sqlite:PATH` or `postgres://USER@HOST/NAME` [default: sqlite:FOLDER/bienveilleurs.sqlite]
    #[arg(long, global = true, env = "BV_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The key file, without which the database is noise [default: FOLDER/bienveilleurs.keys]
    #[arg(long, global = true, env = "BV_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Where the key file lies.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        let named = self.key_file.clone().filter(|path| !path.as_os_str().is_empty());
        named.unwrap_or_else(|| self.data_dir.join("bienveilleurs.keys"))
    }

    /// The keys: lines in `BV_KEYS` when there are any, else the key file. Never an argument, which other users could see.
    #[must_use]
    pub fn keys(&self) -> KeySource {
        match std::env::var("BV_KEYS") {
            Ok(lines) if !lines.trim().is_empty() => KeySource::Text(lines.into()),
            _ => KeySource::File(self.key_file()),
        }
    }

    /// The database's address.
    #[must_use]
    pub fn database_url(&self) -> String {
        let beside = || format!("sqlite:{}", self.data_dir.join("bienveilleurs.sqlite").display());
        self.database_url.clone().filter(|url| !url.is_empty()).unwrap_or_else(beside)
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the page and its interface
    Serve(ServeArgs),
    /// Bring data in; a server that runs meanwhile takes it up at once
    #[command(subcommand)]
    Import(Import),
    /// Write data out, in the columns that the import reads
    #[command(subcommand)]
    Export(Export),
    /// List the closest suitable volunteers of a case
    Match(match_case::MatchArgs),
    /// Print covered and uncovered streets
    Coverage(coverage::CoverageArgs),
    /// Make the fictitious demonstration and load it through the importers
    Demo(demonstration::DemonstrationArgs),
    /// Verify the trail of who saw what, or let its old months go
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Make the key file, seal everything with a new key, or renew the mask
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make, list and disable accounts
    #[command(subcommand)]
    User(user::UserCommand),
    /// Look into the compiled street network
    #[command(subcommand)]
    Network(network::NetworkCommand),
}

/// `import …`
#[derive(Debug, Subcommand)]
pub enum Import {
    /// The quarters' borders: `GeoJSON`, in degrees or Lambert-93
    Quarters(import_quarters::ImportQuartersArgs),
    /// The streets: `OpenStreetMap` as .osm.pbf, .osm or .osm.gz
    Streets(import_streets::ImportStreetsArgs),
    /// Addresses: BAN, BAL or BANO
    Addresses(import_addresses::ImportAddressesArgs),
    /// Reported persons and families: CSV
    Cases(import_people::ImportPeopleArgs),
    /// Volunteers: CSV
    Volunteers(import_people::ImportPeopleArgs),
    /// Shops and professionals: CSV
    Relays(import_people::ImportPeopleArgs),
}

/// `export …`
#[derive(Debug, Subcommand)]
pub enum Export {
    /// Reported persons and families
    Cases(export_people::ExportPeopleArgs),
    /// Volunteers
    Volunteers(export_people::ExportPeopleArgs),
    /// Shops and professionals
    Relays(export_people::ExportPeopleArgs),
}

/// `serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address and port; beyond this machine only with --origin and TLS
    #[arg(long, env = "BV_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// The name under which people reach the service, e.g. <https://bienveilleurs.example.org>
    #[arg(long, env = "BV_ORIGIN", value_name = "ORIGIN")]
    pub origin: Option<String>,
    /// Certificate chain, PEM
    #[arg(long, env = "BV_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(long, env = "BV_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Address of the proxy that has the certificate: it says for whom it asks (`X-Forwarded-For`), and without
    /// --tls-cert nobody else is answered
    #[arg(long, env = "BV_PROXY", value_name = "ADDRESS")]
    pub proxy: Option<std::net::IpAddr>,
    /// Whether those who see where people live need a second factor
    #[arg(long, env = "BV_SECOND_FACTOR", default_value = "optional", value_parser = ["optional", "required"])]
    pub second_factor: String,
    /// The installation's choices
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// How long things are kept
    #[command(flatten)]
    pub durations: DurationsArgs,
}

/// What an installation may choose.
#[derive(Debug, Clone, Args)]
pub struct SettingsArgs {
    /// Farthest street that a position is snapped to, in metres
    #[arg(long, env = "BV_SNAP_M", default_value_t = DEFAULT_SNAP_M, value_parser = metres)]
    pub snap_m: f64,
    /// A street is covered within this walk from a volunteer, in minutes
    #[arg(long, env = "BV_VOLUNTEER_THRESHOLD_MIN", default_value_t = DEFAULT_VOLUNTEER_THRESHOLD_MIN, value_parser = minutes)]
    pub volunteer_threshold_min: f64,
    /// A street is covered within this walk from a sticker shop, in minutes
    #[arg(long, env = "BV_RELAY_THRESHOLD_MIN", default_value_t = DEFAULT_RELAY_THRESHOLD_MIN, value_parser = minutes)]
    pub relay_threshold_min: f64,
    /// H3 resolution of the hexagons
    #[arg(long, env = "BV_HEX_RESOLUTION", default_value_t = DEFAULT_HEX_RESOLUTION, value_parser = clap::value_parser!(u8).range(7..=12))]
    pub hex_resolution: u8,
    /// How many volunteers a match lists
    #[arg(long, env = "BV_MATCHES", default_value_t = DEFAULT_MATCHES as u8, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub matches: u8,
}

/// How long things are kept.
#[derive(Debug, Clone, Copy, Args)]
pub struct DurationsArgs {
    /// A case goes this many years after the last contact
    #[arg(long, env = "BV_RETENTION_YEARS", default_value_t = Durations::default().years, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub retention_years: u32,
    /// The trail of who saw what is kept for this many whole months
    #[arg(long, env = "BV_AUDIT_MONTHS", default_value_t = Durations::default().audit_months, value_parser = clap::value_parser!(u32).range(6..=12))]
    pub audit_months: u32,
    /// A new report of somebody who refused gives a warning for this many months
    #[arg(long, env = "BV_OPPOSITION_MONTHS", default_value_t = Durations::default().opposition_months, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub opposition_months: u32,
}

impl From<DurationsArgs> for Durations {
    fn from(args: DurationsArgs) -> Self {
        Self { years: args.retention_years, audit_months: args.audit_months, opposition_months: args.opposition_months }
    }
}

impl Default for SettingsArgs {
    fn default() -> Self {
        let s = Settings::default();
        Self {
            snap_m: s.snap_m,
            volunteer_threshold_min: s.volunteer_threshold_min,
            relay_threshold_min: s.relay_threshold_min,
            hex_resolution: s.hex_resolution,
            matches: s.matches as u8,
        }
    }
}

impl From<SettingsArgs> for Settings {
    fn from(args: SettingsArgs) -> Self {
        Self {
            snap_m: args.snap_m,
            volunteer_threshold_min: args.volunteer_threshold_min,
            relay_threshold_min: args.relay_threshold_min,
            hex_resolution: args.hex_resolution,
            matches: usize::from(args.matches),
            durations: Durations::default(),
        }
    }
}

fn between(text: &str, low: f64, high: f64) -> Result<f64, String> {
    let number = text.replace(',', ".").parse::<f64>().map_err(|_| "this is no number".to_owned())?;
    if (low..=high).contains(&number) { Ok(number) } else { Err(format!("give a number from {low} to {high}")) }
}

pub(crate) fn metres(text: &str) -> Result<f64, String> {
    between(text, 1.0, 2000.0)
}

pub(crate) fn minutes(text: &str) -> Result<f64, String> {
    between(text, 0.5, 60.0)
}
