//! The program: parses the command line, wires the floors, turns errors into exit codes. Nothing else.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use bienveilleurs::cli::error::{CliError, DONE, NOTHING_DONE};
use bienveilleurs::cli::keys::KeysCommand;
use bienveilleurs::cli::{self, Cli, Command, Export, Import, ServeArgs, SettingsArgs};
use bienveilleurs::domain::audit::{Actor, Author};
use bienveilleurs::domain::retention::Durations;
use bienveilleurs::domain::settings::{DEFAULT_MARGIN_M, Settings};
use bienveilleurs::domain::units::Meters;
use bienveilleurs::http::serve::{Certificate, Protection, listen, serve, tls};
use bienveilleurs::http::site::Site;
use bienveilleurs::http::{App, router_metrics};
use bienveilleurs::service::case_life::expire_proposals;
use bienveilleurs::service::import::{ImportOptions, People};
use bienveilleurs::service::passwords::Passwords;
use bienveilleurs::service::quarters::{extent_with_margin, quarters_or_shipped};
use bienveilleurs::service::sign_in::Policy;
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::service::upkeep::upkeep;
use bienveilleurs::store::{KeyRing, Store, StoreError};
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
    match &cli.command {
        Command::Serve(args) => return run_server(cli, args).await,
        Command::Keys(KeysCommand::Create) => return Ok(cli::keys::create(&cli.key_file(), out)?),
        _ => {}
    }
    let open = async || Store::open(&cli.database_url(), cli.keys(), "command line").await;
    let store = match open().await {
        // The demonstration of a former version is made again: nothing in it is anybody's.
        Err(StoreError::Unencrypted { demonstration: true }) if matches!(cli.command, Command::Demo(_)) => {
            eprintln!("the demonstration database is from before encryption: it is made again");
            Store::discard(&cli.database_url())?;
            open().await?
        }
        opened => opened?,
    };
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
    let areas = |settings: &SettingsArgs| areas(cli, store, settings.clone().into());
    let by = Author::command_line(Utc::now());
    let options = ImportOptions { all_or_nothing: false, extent, by };
    match &cli.command {
        Command::Serve(_) | Command::Keys(KeysCommand::Create) => Ok(DONE),
        Command::Keys(KeysCommand::Rotate) => cli::keys::rotate(&cli.keys(), store, by, out).await,
        Command::Keys(KeysCommand::RenewMask) => cli::keys::renew_mask(store, by, out).await,
        Command::Import(Import::Quarters(args)) => cli::import_quarters::run(args, store, out).await,
        Command::Import(Import::Streets(args)) => {
            cli::import_streets::run(args, store, &cli.data_dir, by.at, out).await
        }
        Command::Import(Import::Addresses(args)) => cli::import_addresses::run(args, store, options, out).await,
        Command::Import(Import::Cases(args)) => cli::import_people::run(People::Cases, args, store, options, out).await,
        Command::Import(Import::Volunteers(args)) => {
            cli::import_people::run(People::Volunteers, args, store, options, out).await
        }
        Command::Import(Import::Relays(args)) => {
            cli::import_people::run(People::Relays, args, store, options, out).await
        }
        Command::Export(Export::Cases(args)) => cli::export_people::run(People::Cases, args, store, by, out).await,
        Command::Export(Export::Volunteers(args)) => {
            cli::export_people::run(People::Volunteers, args, store, by, out).await
        }
        Command::Export(Export::Relays(args)) => cli::export_people::run(People::Relays, args, store, by, out).await,
        Command::Match(args) => cli::match_case::run(args, &areas(&args.settings), by, out).await,
        Command::Coverage(args) => cli::coverage::run(args, &areas(&args.settings), by, out).await,
        Command::Demo(args) => {
            cli::demonstration::run(args, store, &cli.data_dir, &Passwords::default(), by.at, out).await
        }
        Command::Audit(command) => cli::audit::run(command, store, by, out).await,
        Command::User(command) => cli::user::run(command, store, &Passwords::default(), by, out).await,
        Command::Network(command) => cli::network::run(command, &areas(&SettingsArgs::default()), out).await,
    }
}

fn areas(cli: &Cli, store: &Store, settings: Settings) -> StudyAreas {
    // A name that no other run has and nobody can guess: tags of answers are made of it.
    let instance = KeyRing::generate().map_or_else(|_| Utc::now().to_rfc3339(), |ring| ring.fingerprint());
    StudyAreas::new(store.clone(), cli.data_dir.clone(), settings, instance)
}

/// Lets go what has had its time, now and once a day.
async fn keep_up(store: Store, durations: Durations) {
    let mut days = tokio::time::interval(Duration::from_hours(24));
    loop {
        days.tick().await;
        if let Err(error) = upkeep(&store, &durations, Author::command_line(Utc::now())).await {
            tracing::error!(error = %error, "what has had its time cannot be let go; tomorrow again");
        }
    }
}

/// Returns to the queue what no volunteer has answered in time, each minute.
async fn expire(store: Store) {
    let mut minutes = tokio::time::interval(Duration::from_mins(1));
    loop {
        minutes.tick().await;
        let by = Author { actor: Actor::Service, at: Utc::now() };
        if let Err(error) = expire_proposals(&store, by).await {
            tracing::error!(error = %error, "proposals without an answer cannot be returned; in a minute again");
        }
    }
}

async fn run_server(cli: &Cli, args: &ServeArgs) -> Result<u8, Box<dyn std::error::Error>> {
    let filter = EnvFilter::try_from_env("BV_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let store = Store::open(&cli.database_url(), cli.keys(), "server").await?;
    quarters_or_shipped(&store).await?;
    let settings = Settings { durations: args.durations.into(), ..args.settings.clone().into() };
    let areas = Arc::new(areas(cli, &store, settings));
    // Without streets the page says which command brings them; a database that does not answer ends the program.
    areas.fresh().await?;
    let certificate = args.tls_cert.clone().zip(args.tls_key.clone()).map(|(chain, key)| Certificate { chain, key });
    let site = Site::new(args.origin.as_deref())?;
    let site = Site { proxy: args.proxy, certificate: certificate.is_some(), ..site };
    let protection = Protection { site: &site, demonstration_accounts: store.has_demonstration_accounts().await? };
    let listener = listen(&args.listen, protection).await?;
    let tls = match &certificate {
        Some(certificate) => Some(tls(certificate).await?),
        None => None,
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    println!("BienVeilleurs: {scheme}://{}", listener.local_addr()?);
    let policy = Policy {
        second_factor_required: args.second_factor == "required",
        beyond_this_machine: site.is_public() || !listener.local_addr()?.ip().is_loopback(),
        ..Policy::default()
    };
    let upkept = tokio::spawn(keep_up(store.clone(), areas.settings().durations));
    let expiring = tokio::spawn(expire(store.clone()));
    let app = App { areas, now: Utc::now, metrics: router_metrics()?, policy: Arc::new(policy), site: Arc::new(site) };
    serve(listener, app, tls).await?;
    upkept.abort();
    expiring.abort();
    store.close().await;
    println!("Stopped.");
    Ok(DONE)
}
