//! `import streets FILE [--margin-m M]`

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};

use super::error::{CliError, DONE};
use crate::domain::settings::DEFAULT_MARGIN_M;
use crate::domain::units::Meters;
use crate::network::build::Report;
use crate::service::ServiceError;
use crate::service::quarters::{extent_with_margin, quarters_or_shipped};
use crate::service::streets::import_streets;
use crate::store::Store;

/// Arguments of the import of streets.
#[derive(Debug, Clone, clap::Args)]
pub struct ImportStreetsArgs {
    /// `OpenStreetMap` extract: .osm.pbf, .osm or .osm.gz; a whole region's file is clipped
    pub file: PathBuf,
    /// How far around the quarters streets are kept, in metres
    #[arg(long, env = "BV_MARGIN_M", default_value_t = DEFAULT_MARGIN_M, value_parser = margin)]
    pub margin_m: f64,
}

fn margin(text: &str) -> Result<f64, String> {
    super::between(text, 0.0, 100_000.0)
}

/// Compiles the streets, puts them in use, prints what was kept and dropped and why.
///
/// # Errors
/// [`CliError`] when the file is bad, the folder cannot be written or the database refuses; the streets stay as they were.
pub async fn run(
    args: &ImportStreetsArgs,
    store: &Store,
    data_dir: &Path,
    now: DateTime<Utc>,
    out: &mut dyn Write,
) -> Result<u8, CliError> {
    let quarters = quarters_or_shipped(store).await?;
    let clip =
        extent_with_margin(&quarters, Meters(args.margin_m)).ok_or(ServiceError::Missing { what: "quarters" })?;
    let size = std::fs::metadata(&args.file).map_err(|error| CliError::File { path: args.file.clone(), error })?.len();
    let bar = ProgressBar::new(size);
    if let Ok(style) =
        ProgressStyle::with_template("reading streets {bar:30} {percent} %  {bytes}/{total_bytes}  {eta}")
    {
        bar.set_style(style);
    }
    let source = args.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let open = || {
        bar.set_position(0);
        let file = File::open(&args.file).map_err(|e| ServiceError::file("read", &args.file, &e))?;
        Ok(bar.wrap_read(file))
    };
    let imported = import_streets(store, data_dir, (&source, now), open, clip).await;
    bar.finish_and_clear();
    let imported = imported.map_err(|error| CliError::of_service(&args.file, error))?;
    print_report(out, &imported.report)?;
    writeln!(
        out,
        "stored in {} ({} kB, checksum {})",
        imported.path.display(),
        imported.bytes.div_ceil(1000),
        imported.checksum
    )?;
    Ok(DONE)
}

fn print_report(out: &mut dyn Write, report: &Report) -> std::io::Result<()> {
    let km = |mm: u64| mm as f64 / 1e6;
    writeln!(
        out,
        "read     {} nodes and {} ways, of which {} streets and paths near the quarters",
        report.nodes_read, report.ways_read, report.highways_read
    )?;
    writeln!(
        out,
        "kept     {} ways, {:.3} km: {} edges between {} junctions ({} bends joined)",
        report.ways_kept,
        km(report.length_mm),
        report.edges,
        report.junctions,
        report.bends_joined
    )?;
    for (count, what) in [
        (report.dropped_class, "ways not for walking (motorways, works, unknown classes)"),
        (report.dropped_access, "ways where `foot` or `access` forbids walking"),
        (report.pieces_cut, "pieces that leave the quarters' margin or the file"),
        (report.blocked_nodes, "barriers that nobody passes: ways cut there"),
    ] {
        if count > 0 {
            writeln!(out, "dropped  {count} {what}")?;
        }
    }
    if report.islands > 0 {
        writeln!(
            out,
            "dropped  {} islands that no street joins to the rest, {:.3} km",
            report.islands,
            km(report.island_length_mm)
        )?;
    }
    Ok(())
}
