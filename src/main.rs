//! The program: parses the command line, wires the floors, turns errors into exit codes. Nothing else.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use bienveilleurs::cli::error::{CliError, DONE, NOTHING_DONE};
use bienveilleurs::cli::{self, Cli, Command, Export, Import, ServeArgs, SettingsArgs};
use bienveilleurs::domain::settings::DEFAULT_MARGIN_M;
use bienveilleurs::domain::units::Meters;
use bienveilleurs::http::serve::{listen, serve};
use bienveilleurs::http::{App, router_metrics};
use bienveilleurs::service::import::People;
use bienveilleurs::service::quarters::{extent_with_margin, quarters_or_shipped};
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::store::Store;
use chrono::Utc;
use clap::Parser;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut said = Vec::new();
    let result = run(&cli, &mut said).await;
    // What went well goes to the standard output, everything else to the standard error.
    let written = if matches!(result, Ok(DONE)) {
        std::io::stdout().write_all(&said)
    } else {
        std::io::stderr().write_all(&said)
    };
    match result {
        Ok(_) if written.is_err() => ExitCode::from(NOTHING_DONE),
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(NOTHING_DONE)
        }
    }
}

async fn run(cli: &Cli, out: &mut Vec<u8>) -> Result<u8, Box<dyn std::error::Error>> {
    if let Command::Serve(args) = &cli.command {
        return run_server(cli, args).await;
    }
    let store = Store::open(&cli.database_url()).await?;
    let code = run_command(cli, &store, out).await;
    store.close().await;
    Ok(code?)
}

async fn run_command(cli: &Cli, store: &Store, out: &mut Vec<u8>) -> Result<u8, CliError> {
    let quarters = quarters_or_shipped(store).await?;
    let extent = extent_with_margin(&quarters, Meters(DEFAULT_MARGIN_M));
    if matches!(cli.command, Command::Import(_)) && store.meta("demonstration").await?.is_some() {
        eprintln!(
            "warning: this database holds the fictitious demonstration. Give real data one of its own with BV_DATA_DIR."
        );
    }
    let areas = |settings: &SettingsArgs| areas(cli, store, settings);
    match &cli.command {
        Command::Serve(_) => Ok(DONE),
        Command::Import(Import::Quarters(args)) => cli::import_quarters::run(args, store, out).await,
        Command::Import(Import::Streets(args)) => {
            cli::import_streets::run(args, store, &cli.data_dir, Utc::now(), out).await
        }
        Command::Import(Import::Addresses(args)) => cli::import_addresses::run(args, store, extent, out).await,
        Command::Import(Import::Cases(args)) => cli::import_people::run(People::Cases, args, store, extent, out).await,
        Command::Import(Import::Volunteers(args)) => {
            cli::import_people::run(People::Volunteers, args, store, extent, out).await
        }
        Command::Import(Import::Relays(args)) => {
            cli::import_people::run(People::Relays, args, store, extent, out).await
        }
        Command::Export(Export::Cases(args)) => cli::export_people::run(People::Cases, args, store, out).await,
        Command::Export(Export::Volunteers(args)) => {
            cli::export_people::run(People::Volunteers, args, store, out).await
        }
        Command::Export(Export::Relays(args)) => cli::export_people::run(People::Relays, args, store, out).await,
        Command::Match(args) => cli::match_case::run(args, &areas(&args.settings), out).await,
        Command::Coverage(args) => cli::coverage::run(args, &areas(&args.settings), out).await,
        Command::Demo(args) => cli::demonstration::run(args, store, &cli.data_dir, Utc::now(), out).await,
        Command::Network(command) => cli::network::run(command, &areas(&SettingsArgs::default()), out).await,
    }
}

fn areas(cli: &Cli, store: &Store, settings: &SettingsArgs) -> StudyAreas {
    // A name that no other run has: when it began.
    let instance = format!("{:x}", Utc::now().timestamp_micros());
    StudyAreas::new(store.clone(), cli.data_dir.clone(), settings.clone().into(), instance)
}

async fn run_server(cli: &Cli, args: &ServeArgs) -> Result<u8, Box<dyn std::error::Error>> {
    let filter = EnvFilter::try_from_env("BV_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let listener = listen(&args.listen).await?;
    let store = Store::open(&cli.database_url()).await?;
    quarters_or_shipped(&store).await?;
    let areas = Arc::new(areas(cli, &store, &args.settings));
    // Without streets the page says which command brings them; a database that does not answer ends the program.
    areas.fresh().await?;
    let address = listener.local_addr()?;
    println!("BienVeilleurs: http://{address}");
    println!("There are no accounts yet: the server listens on this machine only, and no sign-in is asked.");
    serve(listener, App { areas, now: Utc::now, metrics: router_metrics()? }).await?;
    store.close().await;
    println!("Stopped.");
    Ok(DONE)
}
