//! Who may do what: every route of the router × every role, and the printed table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::http::{Method, StatusCode};
use bienveilleurs::domain::access::{Fields, Record, Right, Role, Whose, precision};
use bienveilleurs::http::{Route, route_table};
use serde_json::json;

use crate::app::{Answer, TestApp};

/// Who may use a route, written by hand: a new route fails until somebody has thought about it here.
const ROLES: &[(&str, &str)] = &[
    ("DELETE /api/v1/account/devices/{id}", "signed in"),
    ("DELETE /api/v1/account/second-factor", "signed in"),
    ("DELETE /api/v1/account/sessions/{id}", "signed in"),
    ("DELETE /api/v1/accounts/{id}/second-factor", "administration"),
    ("DELETE /api/v1/accounts/{id}/sessions", "administration"),
    ("DELETE /api/v1/session", "everybody"),
    ("GET /", "everybody"),
    ("GET /api/docs", "signed in"),
    ("GET /api/docs/{*rest}", "signed in"),
    ("GET /api/openapi.json", "everybody"),
    ("GET /api/v1/account/devices", "signed in"),
    ("GET /api/v1/account/sessions", "signed in"),
    ("GET /api/v1/accounts", "administration"),
    ("GET /api/v1/audit", "dpo"),
    ("GET /api/v1/audit/export", "dpo"),
    ("GET /api/v1/cases/{id}/details", "coordination"),
    ("GET /api/v1/coverage", "coordination pilotage diffusion"),
    ("GET /api/v1/dpia", "dpo"),
    ("GET /api/v1/layers/case-hexes", "coordination pilotage"),
    ("GET /api/v1/layers/cases", "accueil coordination bienveilleur"),
    ("GET /api/v1/layers/coverage", "coordination pilotage diffusion"),
    ("GET /api/v1/layers/ground", "everybody"),
    ("GET /api/v1/layers/hexes", "coordination pilotage diffusion"),
    ("GET /api/v1/layers/matches", "coordination bienveilleur"),
    ("GET /api/v1/layers/quarters", "everybody"),
    ("GET /api/v1/layers/relays", "everybody"),
    ("GET /api/v1/layers/streets", "everybody"),
    ("GET /api/v1/layers/volunteers", "coordination pilotage"),
    ("GET /api/v1/notices", "dpo"),
    ("GET /api/v1/register", "dpo"),
    ("GET /api/v1/retention", "coordination dpo"),
    ("GET /api/v1/retention/runs/{id}", "coordination dpo"),
    ("GET /api/v1/rights/requests", "dpo"),
    ("GET /api/v1/rights/requests/{id}/export", "dpo"),
    ("GET /api/v1/rights/to-inform", "coordination dpo"),
    ("GET /api/v1/session", "everybody"),
    ("GET /api/v1/study-area", "signed in"),
    ("GET /api/v1/viewers", "coordination"),
    ("GET /assets/{*path}", "everybody"),
    ("GET /favicon.svg", "everybody"),
    ("GET /healthz", "everybody"),
    ("GET /metrics", "administration"),
    ("GET /readyz", "everybody"),
    ("POST /api/v1/account/devices", "bienveilleur"),
    ("POST /api/v1/account/second-factor", "signed in"),
    ("POST /api/v1/accounts", "administration"),
    ("POST /api/v1/addresses/search", "accueil coordination"),
    ("POST /api/v1/audit/verification", "dpo"),
    ("POST /api/v1/break-glass", "accueil pilotage"),
    ("POST /api/v1/cases", "accueil coordination"),
    ("POST /api/v1/cases/{id}/informed", "coordination"),
    ("POST /api/v1/cases/{id}/match", "coordination"),
    ("POST /api/v1/cases/{id}/refusal", "coordination"),
    ("POST /api/v1/notices/{id}/seen", "dpo"),
    ("POST /api/v1/retention/runs", "dpo"),
    ("POST /api/v1/retention/runs/{id}/proof", "dpo"),
    ("POST /api/v1/retention/runs/{id}/purge", "dpo"),
    ("POST /api/v1/retention/runs/{id}/sign-off", "coordination"),
    ("POST /api/v1/rights/requests", "dpo"),
    ("POST /api/v1/rights/requests/{id}/carry-out", "dpo"),
    ("POST /api/v1/rights/requests/{id}/close", "dpo"),
    ("POST /api/v1/rights/requests/{id}/proof", "dpo"),
    ("POST /api/v1/rights/subjects", "dpo"),
    ("POST /api/v1/session", "everybody"),
    ("POST /api/v1/session/pin", "everybody"),
    ("PUT /api/v1/account/password", "signed in"),
    ("PUT /api/v1/account/second-factor", "signed in"),
    ("PUT /api/v1/accounts/{id}", "administration"),
    ("PUT /api/v1/accounts/{id}/password", "administration"),
    ("PUT /api/v1/cases/{id}/details", "coordination"),
];

fn allowed(route: &str) -> Vec<Role> {
    let who = ROLES
        .iter()
        .find(|(known, _)| *known == route)
        .unwrap_or_else(|| panic!("{route} is new: say in tests/it/access.rs who may use it"));
    match who.1 {
        "everybody" | "signed in" => Role::ALL.to_vec(),
        roles => roles.split(' ').map(|role| role.parse().expect("a role")).collect(),
    }
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// A request that a route takes, on something that exists.
pub async fn ask(app: &TestApp, role: Option<Role>, route: &Route) -> Answer {
    let path = match route.path.as_str() {
        "/assets/{*path}" => "/assets/none.js".to_owned(),
        "/api/docs/{*rest}" => "/api/docs/index.css".to_owned(),
        "/api/v1/coverage" | "/api/v1/layers/coverage" | "/api/v1/layers/hexes" => {
            format!("{}?by=volunteer", route.path)
        }
        path @ ("/api/v1/cases/{id}/match" | "/api/v1/cases/{id}/details") => path.replace("{id}", "1"),
        // Nobody's session or account may go while the others are still to be asked.
        path => path.replace("{id}", "999999"),
    };
    let body = match name(route).as_str() {
        "POST /api/v1/session" => json!({"login": "nobody", "password": "nothing"}),
        "POST /api/v1/session/pin" => json!({"pin": "000000"}),
        "POST /api/v1/account/devices" => json!({"pin": "111111"}),
        "POST /api/v1/break-glass" => json!({"reason": "court"}),
        "PUT /api/v1/account/password" => json!({"current": "wrong", "new": "wrong"}),
        "PUT /api/v1/account/second-factor" => json!({"code": "000000"}),
        "POST /api/v1/cases/{id}/informed" => json!({"on": "2026-11-20"}),
        "POST /api/v1/rights/subjects" => json!({"name": "Zzprenom Zzfamille", "phone": "", "address": ""}),
        "POST /api/v1/rights/requests" => {
            json!({"kind": "access", "subject": null, "received_on": "2026-11-20", "note": "par lettre"})
        }
        "POST /api/v1/rights/requests/{id}/close" => json!({"outcome": "refused", "note": "sans objet"}),
        "POST /api/v1/accounts" => json!({"login": "x", "name": "x", "roles": [], "password": "x"}),
        "PUT /api/v1/accounts/{id}" => json!({"name": "x", "roles": ["dpo"], "disabled": false}),
        "PUT /api/v1/cases/{id}/details" => json!({
            "address": "près du square", "family_name": "", "given_name": "", "phone": "", "languages": [], "notes": "",
        }),
        "PUT /api/v1/accounts/{id}/password" => json!({"new": "x"}),
        "POST /api/v1/cases" => json!({"address": "près du square", "notes": "Volets fermés", "channel": "voisin"}),
        "POST /api/v1/addresses/search" => json!({"q": "12 rue"}),
        _ => json!({}),
    };
    app.ask(role, route.method.clone(), &path, &body).await
}

#[tokio::test]
async fn every_route_answers_the_roles_it_is_for_and_nobody_else() {
    let app = TestApp::demonstration().await;
    let mut seen = 0;
    // Who has signed out is asked no more.
    let mut routes = route_table();
    routes.sort_by_key(|route| route.method == Method::DELETE && route.path == "/api/v1/session");
    for route in routes {
        let allowed = allowed(&name(&route));
        for role in Role::ALL.iter().copied().map(Some).chain([None]) {
            let answer = ask(&app, role, &route).await;
            let open = ROLES.contains(&(name(&route).as_str(), "everybody"));
            let may = role.map_or(open, |role| open || allowed.contains(&role));
            // A wrong password is an answer too.
            let tried = route.path.starts_with("/api/v1/session");
            let refused = !tried && matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            assert_eq!(!refused, may, "{} for {role:?}: {}", name(&route), answer.status);
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{} for {role:?}", name(&route));
            if !may {
                let expected = if role.is_none() { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
                assert_eq!(answer.status, expected, "{} for {role:?}", name(&route));
            }
            seen += 1;
        }
    }
    println!("{seen} answers, {} routes × {} roles and nobody", route_table().len(), Role::ALL.len());
}

#[test]
fn the_table_in_the_tests_names_no_route_that_is_gone() {
    let routes: Vec<String> = route_table().iter().map(name).collect();
    for (route, _) in ROLES {
        assert!(routes.contains(&(*route).to_owned()), "{route} is gone");
    }
}

/// `docs/ACCESS.md` as it should be now.
fn access_document() -> String {
    let mut text = String::from(
        "# Who may see what\n\nPrinted from `src/domain/access.rs` and the router by `tests/it/access.rs`; after a change, run \
         `BV_WRITE_DOCS=1 cargo test --test it access::`.\n\n## How exactly each role sees a record\n\n`nothing` < `quarter` < \
         `cell` < `masked` < `street` < `exact`. A person with several roles has the best of them. *anybody*: any record of \
         the kind; *proposed*: a case offered to the volunteer who looks; *own*: one that he or she has accepted, or the \
         volunteer's own record; *public*: a relay with premises and a sticker, of no private person, which everybody sees, \
         signed in or not. Break-glass shows cases exactly for its time. A proposed case shows a volunteer the quarter, a \
         walking-time bucket and the languages.\n\n| Record | Whose | Fields |",
    );
    for role in Role::ALL {
        let _ = write!(text, " {role} |");
    }
    text.push_str("\n|---|---|---|");
    text.push_str(&"---|".repeat(Role::ALL.len()));
    text.push('\n');
    for record in Record::ALL {
        let kinds: &[Whose] = match record {
            Record::Cases => &[Whose::Anybody, Whose::Proposed, Whose::Own],
            Record::Volunteers => &[Whose::Anybody, Whose::Own],
            Record::Relays => &[Whose::Anybody, Whose::Public],
        };
        for whose in kinds {
            for fields in Fields::ALL {
                let row: Vec<String> =
                    Role::ALL.iter().map(|role| precision(*role, *record, *whose, *fields).to_string()).collect();
                if row.iter().any(|cell| cell != "nothing") {
                    let row: Vec<String> =
                        row.into_iter().map(|cell| if cell == "nothing" { "–".to_owned() } else { cell }).collect();
                    let _ = writeln!(text, "| {record} | {whose} | {fields} | {} |", row.join(" | "));
                }
            }
        }
    }
    text.push_str("\nWhat is not listed is seen by nobody.\n\n## Who may use which part\n\n| Right | Roles | Routes |\n|---|---|---|\n");
    let mut routes: BTreeMap<Right, Vec<String>> = BTreeMap::new();
    for route in route_table() {
        routes.entry(route.right).or_default().push(format!("`{} {}`", route.method, route.path));
    }
    for right in Right::ALL {
        let roles: Vec<String> = right.roles().iter().map(ToString::to_string).collect();
        let roles = match (*right, right.roles().len() == Role::ALL.len()) {
            (Right::Open, _) => "everybody".to_owned(),
            (_, true) => "everybody signed in".to_owned(),
            _ => roles.join(", "),
        };
        let _ =
            writeln!(text, "| {right} | {roles} | {} |", routes.get(right).map(|r| r.join(" ")).unwrap_or_default());
    }
    text
}

#[test]
fn the_printed_table_is_the_one_in_force() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ACCESS.md");
    if std::env::var_os("BV_WRITE_DOCS").is_some() {
        std::fs::write(path, access_document()).expect("write");
    }
    let printed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(printed == access_document(), "docs/ACCESS.md is stale: BV_WRITE_DOCS=1 cargo test --test it access::");
}
