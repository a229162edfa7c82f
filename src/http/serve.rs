//! Listening, and stopping without cutting anybody off.

use std::net::{SocketAddr, ToSocketAddrs};

use tokio::net::TcpListener;

use super::{App, router};

/// Why the server does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Not an address.
    #[error("`{0}` is no address to listen on. Write host:port, e.g. 127.0.0.1:8080")]
    BadAddress(String),
    /// Beyond this machine.
    #[error(
        "`{0}` can be reached from other machines. Until accounts exist the server listens on this machine only: use 127.0.0.1"
    )]
    NotLoopback(String),
    /// The operating system said no.
    #[error("cannot listen on {address}: {reason}")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// Why, and what to do.
        reason: String,
    },
}

/// Takes the address. Port 0 takes any free port: ask the listener which.
///
/// # Errors
/// [`ListenError`] for a bad address, one beyond this machine, or a port that is in use.
pub async fn listen(address: &str) -> Result<TcpListener, ListenError> {
    let bad = || ListenError::BadAddress(address.to_owned());
    let addresses: Vec<SocketAddr> = address.to_socket_addrs().map_err(|_| bad())?.collect();
    let &first = addresses.first().ok_or_else(bad)?;
    if !addresses.iter().all(|a| a.ip().is_loopback()) {
        return Err(ListenError::NotLoopback(address.to_owned()));
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

/// Serves until a signal to stop (Ctrl-C or SIGTERM), then finishes what is under way.
///
/// # Errors
/// The operating system's word when the listener fails.
pub async fn serve(listener: TcpListener, app: App) -> std::io::Result<()> {
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop()).await
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
