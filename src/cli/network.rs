//! `network …`: looks into the compiled streets, for comparison with an independent reading of the same file.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use super::error::{CliError, DONE};
use crate::domain::input::InputError;
use crate::domain::position::LonLat;
use crate::domain::travel::TravelProfile;
use crate::domain::units::Meters;
use crate::network::Network;
use crate::network::graph::{UNREACHED, seconds};
use crate::network::route::walk;
use crate::network::search::{Search, Starts, nearest};
use crate::service::study_area::StudyAreas;

/// The subcommands.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum NetworkCommand {
    /// Walk between pairs of positions; reads lines `lon lat lon lat`, prints `seconds metres reachable`
    Compare {
        /// The file of pairs
        #[arg(long)]
        pairs: PathBuf,
        /// Farthest street that a position is taken to be on, in metres
        #[arg(long, default_value_t = 1.0, value_parser = super::metres)]
        snap_m: f64,
    },
    /// Write the junction graph *À pied* as little-endian u32: n, m, `indptr[n+1]`, `heads[m]`, `milliseconds[m]`
    ExportCsr {
        /// Where to write
        file: PathBuf,
    },
}

/// Carries a subcommand out.
///
/// # Errors
/// [`CliError`] without streets, for a bad line, or when a file cannot be read or written.
pub async fn run(command: &NetworkCommand, areas: &StudyAreas, out: &mut dyn Write) -> Result<u8, CliError> {
    let area = areas.fresh().await?;
    let network = area.network()?;
    match command {
        NetworkCommand::Compare { pairs, snap_m } => {
            let text = std::fs::read_to_string(pairs).map_err(|error| CliError::File { path: pairs.clone(), error })?;
            writeln!(
                out,
                "# {} edges {} junctions {:.3} m",
                network.edges().len(),
                network.parts().nodes.len(),
                network.length_mm() as f64 / 1000.0
            )?;
            for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
                let (a, b) = pair(line)
                    .map_err(|error| CliError::Input { path: pairs.clone(), error: error.at_line(i as u64 + 1) })?;
                match one_walk(network, a, b, *snap_m) {
                    Some((seconds, metres)) => writeln!(out, "{seconds:.4} {metres:.3} true")?,
                    None => writeln!(out, "0 0 false")?,
                }
            }
        }
        NetworkCommand::ExportCsr { file } => {
            let of_file = |error| CliError::File { path: file.clone(), error };
            let mut bytes = BufWriter::new(std::fs::File::create(file).map_err(of_file)?);
            write_csr(network, &mut bytes).and_then(|()| bytes.flush()).map_err(of_file)?;
            writeln!(out, "{} junctions written to {}", network.parts().nodes.len(), file.display())?;
        }
    }
    Ok(DONE)
}

fn pair(line: &str) -> Result<(LonLat, LonLat), InputError> {
    let bad = || {
        InputError::new("bad_pair", "a line holds four numbers: lon lat lon lat", "Correct the line").with_value(line)
    };
    let numbers: Vec<f64> = line.split_whitespace().map(|n| n.parse().map_err(|_| bad())).collect::<Result<_, _>>()?;
    let &[a, b, c, d] = numbers.as_slice() else { return Err(bad()) };
    Ok((LonLat::try_new(a, b).map_err(|_| bad())?, LonLat::try_new(c, d).map_err(|_| bad())?))
}

/// Seconds and metres of the walk from `a` to `b`; `None` when one lies far from every street or no street joins them.
fn one_walk(network: &Network, a: LonLat, b: LonLat, snap_m: f64) -> Option<(f64, f64)> {
    let profile = TravelProfile::Foot;
    let (start, origin) = (network.snap(a, profile, Meters(snap_m))?, network.snap(b, profile, Meters(snap_m))?);
    let mut search = Search::new();
    let found =
        *nearest(network, &mut search, &Starts::new(network, profile, &[(start, UNREACHED - 1)]), origin, 1).first()?;
    let way = walk(network, &search, profile, start, origin, found.ticks)?;
    Some((seconds(found.ticks), way.length_mm as f64 / 1000.0))
}

fn write_csr(network: &Network, out: &mut impl Write) -> std::io::Result<()> {
    let (first, arcs) = network.graph(TravelProfile::Foot, false).rows();
    let arcs: Vec<_> = arcs.collect();
    let word = |out: &mut dyn Write, w: u32| out.write_all(&w.to_le_bytes());
    word(out, first.len() as u32 - 1)?;
    word(out, arcs.len() as u32)?;
    for &offset in first {
        word(out, offset)?;
    }
    for arc in &arcs {
        word(out, arc.head)?;
    }
    for arc in &arcs {
        word(out, arc.ticks.div_ceil(10))?;
    }
    Ok(())
}
