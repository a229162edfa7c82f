//! The name under which the service is reached, and the headers that hold for every answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::error::Problem;

/// Nothing but our own files, no inline script or style, in nobody's frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);
const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];
/// A year: who has come once by TLS never comes without.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// How the service is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// `host` or `host:port` of the public origin; `None` when it is reached on this machine only.
    pub host: Option<String>,
    /// By TLS, our own or a proxy's.
    pub secure: bool,
    /// The proxy that stands before us: it says for whom it asks.
    pub proxy: Option<IpAddr>,
    /// Whether the certificate is ours, and not the proxy's.
    pub certificate: bool,
}

/// An origin that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no origin. Write https://host or https://host:port, without a path, in BV_ORIGIN")]
pub struct BadOrigin(String);

impl Site {
    /// Reads `https://host[:port]`; without one the service is reached on this machine only, without TLS.
    ///
    /// # Errors
    /// [`BadOrigin`] for anything else: a service that is reached from elsewhere is reached by TLS.
    pub fn new(origin: Option<&str>) -> Result<Self, BadOrigin> {
        let Some(origin) = origin.filter(|origin| !origin.is_empty()) else { return Ok(Self::default()) };
        let bad = || BadOrigin(origin.to_owned());
        let host = origin.strip_prefix("https://").ok_or_else(bad)?.trim_end_matches('/');
        if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b)) {
            return Err(bad());
        }
        Ok(Self { host: Some(host.to_ascii_lowercase()), secure: true, ..Self::default() })
    }

    /// Whether others than the users of this machine reach it: by a name, or through a proxy.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.proxy.is_some() || self.host.as_deref().is_some_and(|host| !is_loopback_host(host))
    }

    /// Whether it is reached by TLS, our own or the named proxy's.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.secure && (self.certificate || self.proxy.is_some())
    }

    /// Where people reach it. Without a name of its own it is asked for on this machine, under one of the machine's names.
    pub(super) fn origin(&self, headers: &HeaderMap) -> String {
        let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| self.is_ours(host));
        match (&self.host, asked) {
            (Some(host), _) => format!("https://{host}"),
            (None, asked) => format!("http://{}", asked.unwrap_or("127.0.0.1")),
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        self.host.as_deref().is_some_and(|ours| host.eq_ignore_ascii_case(ours)) || is_loopback_host(host)
    }
}

/// A proxy that has the certificate speaks plain HTTP to us, and nobody else may: what others send could be read on the way.
pub(super) async fn only_our_proxy(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    if !site.certificate && site.proxy.is_some_and(|proxy| peer != Some(proxy.to_canonical())) {
        let detail = "This server answers its proxy only; ask under the public name";
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_through_the_proxy", detail));
    }
    Ok(next.run(request).await)
}

/// Another site's name pointed at this machine (DNS rebinding) shows in `Host`: it gets nothing.
pub(super) async fn only_our_name(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let hosts = request.headers().get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
    // HTTP/2 says in `:authority` what HTTP/1 says in `Host`.
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
    let twice = request.headers().get_all(header::HOST).iter().count() > 1;
    let named: Vec<&str> = hosts.chain(authority).collect();
    if twice || named.is_empty() || !named.iter().all(|host| site.is_ours(host)) {
        return Err(Problem::forbidden());
    }
    Ok(next.run(request).await)
}

/// Gives every answer the headers that it lacks.
pub(super) async fn headers(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if site.secure {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(ONLY_TLS);
    }
    response
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    name == "localhost" || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered_without_an_origin() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "127.0.0.2", "[::1]:8080", "[::1]"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in ["example.org", "localhost.example.org:8080", "10.0.0.1", "127.0.0.1.example.org", "", ":80"] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }

    #[test]
    fn an_origin_is_https_and_a_host() {
        let site = Site::new(Some("https://Visites.example.org")).expect("an origin");
        assert!(site.secure && site.is_ours("visites.example.org") && !site.is_ours("evil.example.org"));
        for bad in ["http://example.org", "example.org", "https://", "https://a/b", "https://a b"] {
            assert!(Site::new(Some(bad)).is_err(), "{bad}");
        }
    }
}
