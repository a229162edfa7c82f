//! Listening, with TLS when there is a certificate, and stopping without cutting anybody off.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;

use super::site::Site;
use super::{App, router};

/// How long a client may take to say what it wants.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// No browser sends half as many.
const MAX_HEADERS: usize = 64;
/// What is under way may take this long after a signal to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(20);

/// Why the server does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Not an address.
    #[error("`{0}` is no address to listen on. Write host:port, e.g. 127.0.0.1:8080")]
    BadAddress(String),
    /// Beyond this machine without TLS.
    #[error(
        "`{0}` can be reached from other machines. Say under which name with BV_ORIGIN=https://…, and give a certificate \
         with BV_TLS_CERT and BV_TLS_KEY or name the proxy that has one with BV_PROXY; or listen on 127.0.0.1"
    )]
    NotProtected(String),
    /// Reached from beyond this machine with accounts whose passwords lie in a file.
    #[error(
        "the demonstration's accounts are in this database, and their passwords in a file: such a server is for this \
         machine only. Use 127.0.0.1 without BV_ORIGIN and BV_PROXY, or a database of real data"
    )]
    DemonstrationAccounts,
    /// The certificate cannot be used.
    #[error("the certificate or its key cannot be used: {0}. Give PEM files with BV_TLS_CERT and BV_TLS_KEY")]
    Certificate(String),
    /// The operating system said no.
    #[error("cannot listen on {address}: {reason}")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// Why, and what to do.
        reason: String,
    },
}

/// A certificate chain and its key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The chain.
    pub chain: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// What stands between the server and whoever reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection<'a> {
    /// How it is reached.
    pub site: &'a Site,
    /// Whether demonstration accounts exist.
    pub demonstration_accounts: bool,
}

/// Takes the address. Port 0 takes any free port: ask the listener which.
///
/// # Errors
/// [`ListenError`] for a bad address, one beyond this machine that is not protected, demonstration accounts that could be
/// reached from beyond it, or a port that is in use.
pub async fn listen(address: &str, protection: Protection<'_>) -> Result<TcpListener, ListenError> {
    let bad = || ListenError::BadAddress(address.to_owned());
    let addresses: Vec<SocketAddr> = address.to_socket_addrs().map_err(|_| bad())?.collect();
    let &first = addresses.first().ok_or_else(bad)?;
    let beyond = !addresses.iter().all(|a| a.ip().is_loopback());
    if protection.demonstration_accounts && (beyond || protection.site.is_public()) {
        return Err(ListenError::DemonstrationAccounts);
    }
    if beyond && !protection.site.is_protected() {
        return Err(ListenError::NotProtected(address.to_owned()));
    }
    TcpListener::bind(first).await.map_err(|error| ListenError::Refused {
        address: first,
        reason: match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program listens there already. Stop it, or choose another port with BV_LISTEN".to_owned()
            }
            std::io::ErrorKind::PermissionDenied => {
                "this user may not use that port. Choose one above 1023 with BV_LISTEN".to_owned()
            }
            _ => error.to_string(),
        },
    })
}

/// Reads the certificate.
///
/// # Errors
/// [`ListenError::Certificate`] when it cannot be used.
pub async fn tls(certificate: &Certificate) -> Result<RustlsConfig, ListenError> {
    // The second call of a process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    RustlsConfig::from_pem_file(&certificate.chain, &certificate.key)
        .await
        .map_err(|error| ListenError::Certificate(error.to_string()))
}

/// Serves until a signal to stop (Ctrl-C or SIGTERM), then finishes what is under way.
///
/// # Errors
/// The operating system's word when the listener fails.
pub async fn serve(listener: TcpListener, app: App, tls: Option<RustlsConfig>) -> std::io::Result<()> {
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            stop().await;
            handle.graceful_shutdown(Some(LAST_ANSWERS));
        }
    });
    let listener = listener.into_std()?;
    let mut server = axum_server::from_tcp(listener)?.handle(handle).first_request_timeout(HEADERS_WITHIN);
    let mut http1 = server.http_builder().http1();
    http1.timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN).max_headers(MAX_HEADERS);
    match tls {
        Some(config) => server.acceptor(RustlsAcceptor::new(config)).serve(service).await,
        None => server.serve(service).await,
    }
}

async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            tracing::info!("stopping: finishing what is under way");
            return;
        }
    }
    let _ = interrupt.await;
    tracing::info!("stopping: finishing what is under way");
}
