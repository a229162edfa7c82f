//! `user …`: accounts from the command line; the first administrator is made here. A password is never an argument: other
//! users of the machine could read it there.

use std::io::{BufRead, Write};

use zeroize::Zeroizing;

use super::error::{CliError, DONE};
use crate::domain::audit::Author;
use crate::service::ServiceError;
use crate::service::accounts::{self, AccountError, AccountForm};
use crate::service::passwords::Passwords;
use crate::store::Store;

/// `user …`
#[derive(Debug, Clone, clap::Subcommand)]
pub enum UserCommand {
    /// Make an account; its password is asked for
    Create(CreateArgs),
    /// List the accounts
    List,
    /// Set a password; it is asked for
    Password(PasswordArgs),
    /// Disable an account; its sessions end
    Disable {
        /// What its holder types to sign in
        #[arg(long)]
        login: String,
    },
}

/// Arguments of `user create`.
#[derive(Debug, Clone, clap::Args)]
pub struct CreateArgs {
    /// What its holder will type to sign in
    #[arg(long)]
    pub login: String,
    /// The holder's name
    #[arg(long)]
    pub name: String,
    /// accueil, coordination, pilotage, diffusion, bienveilleur, dpo or administration; may be given several times
    #[arg(long = "role", required = true, value_name = "ROLE")]
    pub roles: Vec<String>,
    /// Reference of the volunteer that the holder is, e.g. BV-03
    #[arg(long, value_name = "REFERENCE")]
    pub volunteer: Option<String>,
    /// Read the password from the first line of the standard input
    #[arg(long)]
    pub password_stdin: bool,
}

/// Arguments of `user password`.
#[derive(Debug, Clone, clap::Args)]
pub struct PasswordArgs {
    /// What its holder types to sign in
    #[arg(long)]
    pub login: String,
    /// Read the password from the first line of the standard input
    #[arg(long)]
    pub password_stdin: bool,
}

/// Carries out `user …`.
///
/// # Errors
/// [`CliError`] when something is missing or wrong, or the database does not answer.
pub async fn run(
    command: &UserCommand,
    store: &Store,
    passwords: &Passwords,
    by: Author,
    out: &mut dyn Write,
) -> Result<u8, CliError> {
    match command {
        UserCommand::Create(args) => {
            let form = AccountForm {
                login: args.login.clone(),
                name: args.name.clone(),
                roles: args.roles.clone(),
                volunteer_reference: args.volunteer.clone(),
                disabled: false,
            };
            let password = new_password(args.password_stdin)?;
            let account = accounts::create(store, passwords, &form, &password, by).await?;
            writeln!(out, "account {} made: {}", account.id, account.roles.join(", "))?;
        }
        UserCommand::List => {
            for account in accounts::accounts(store, by).await? {
                let disabled = if account.disabled { " (disabled)" } else { "" };
                let roles = account.roles.join(", ");
                writeln!(out, "{}\t{}\t{}\t{roles}{disabled}", account.id, account.login, account.name)?;
            }
        }
        UserCommand::Password(args) => {
            let account = accounts::account_with_login(store, &args.login).await?;
            let password = new_password(args.password_stdin)?;
            accounts::set_password(store, passwords, account.id, &password, by).await?;
            writeln!(out, "password of account {} set; its sessions have ended", account.id)?;
        }
        UserCommand::Disable { login } => {
            let account = accounts::account_with_login(store, login).await?;
            accounts::disable(store, account.id, by).await?;
            writeln!(out, "account {} disabled; its sessions have ended", account.id)?;
        }
    }
    Ok(DONE)
}

/// Asks for a password twice at the terminal, or reads a line of the standard input.
fn new_password(from_stdin: bool) -> Result<Zeroizing<String>, CliError> {
    if from_stdin {
        let mut line = Zeroizing::new(String::new());
        std::io::stdin().lock().read_line(&mut line)?;
        return Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()));
    }
    let ask = |prompt: &str| rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(CliError::NoTerminal);
    let first = ask("New password: ")?;
    let second = ask("Again: ")?;
    if *first == *second { Ok(first) } else { Err(CliError::PasswordsDiffer) }
}

impl From<AccountError> for CliError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Service(ServiceError::Store(error)) => Self::Store(error),
            AccountError::Service(error) => Self::Service(error),
            error => Self::Account(error),
        }
    }
}
