//! What opens an account and what no longer does: changes that overtake a sign-in, sessions that began with a PIN, roles
//! that rise, borrowed eyes, the demonstration's accounts, and who may connect at all.

use std::io::{Read, Write};

use bienveilleurs::domain::audit::Author;
use bienveilleurs::domain::password;
use bienveilleurs::http::serve::{ListenError, Protection, listen, serve};
use bienveilleurs::http::site::Site;
use bienveilleurs::service::accounts::{create_demonstration_accounts, disable};
use bienveilleurs::service::sign_in::Policy;
use bienveilleurs::store::{Changed, Credentials, NewDevice, NewSession, NotBegun, Proof, SecondFactor, SessionKind};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::databases;
use crate::house::{
    House, OTHER, PASSWORD, cheap, clock, minutes, on_both, said, second_factor, wait, without_request_id,
};
use crate::store_contract::volunteer;

fn by() -> Author {
    Author::command_line(clock())
}

impl House {
    async fn known(&self, login: &str) -> Credentials {
        self.store.credentials_of(login).await.expect("read").expect("an account")
    }

    /// The second half of a sign-in: what was proved stands as it was read in the first half.
    async fn begin(&self, account: i64, proof: Proof<'_>) -> Result<(), NotBegun> {
        let new = NewSession { account, token_hash: &[7; 32], proof, replaces: None };
        self.store.begin_session(&new, minutes(30), minutes(12 * 60), clock()).await.expect("the database")
    }

    /// The account's newest session.
    async fn session_of(&self, account: i64) -> bienveilleurs::store::SessionLine {
        let sessions = self.store.sessions_of(account, clock() - TimeDelta::days(1)).await.expect("read");
        sessions.into_iter().next().expect("a session")
    }
}

on_both! {
    async fn a_sign_in_that_a_change_of_the_account_overtakes_begins_no_session(house: House) {
        let hash = house.policy.passwords.hash(OTHER).await.expect("a hash");
        for change in ["nothing", "another password", "a second factor", "disabled"] {
            let id = house.account(change, &["coordination"]).await;
            let known = house.known(change).await;
            let store = &house.store;
            match change {
                "another password" => drop(store.set_password(id, &hash, None, by()).await.expect("set")),
                "a second factor" => {
                    store.set_second_factor(id, SecondFactor::Begin("A"), None, by()).await.expect("begun");
                    store.set_second_factor(id, SecondFactor::Confirm(1), None, by()).await.expect("confirmed");
                }
                "disabled" => disable(store, id, by()).await.expect("disabled"),
                _ => {}
            }
            let begun = house.begin(id, Proof::Password { known: &known, device: None, step: None }).await;
            let expected = if change == "nothing" { Ok(()) } else { Err(NotBegun::Overtaken) };
            assert_eq!(begun, expected, "{change}");
            let left = store.sessions_of(id, clock() - TimeDelta::days(1)).await.expect("read").len();
            assert_eq!(left, usize::from(change == "nothing"), "{change}");
            store.end_sessions(id, by()).await.expect("ended");
        }
    }

    async fn a_pin_that_the_forgetting_of_its_phone_overtakes_opens_nothing(house: House) {
        let id = house.account("benoit", &["bienveilleur"]).await;
        let mut phone = house.signed_in("benoit").await;
        assert_eq!(said(&phone.post("/api/v1/account/devices", json!({ "pin": "481957" })).await), "201");
        let known = house.known("benoit").await;
        let device = house.store.devices_of(id, clock()).await.expect("read")[0].id;
        assert_eq!(house.begin(id, Proof::Pin { device }).await, Ok(()));
        house.store.end_sessions(id, by()).await.expect("the administration ends the sessions");
        assert_eq!(house.begin(id, Proof::Pin { device }).await, Err(NotBegun::Overtaken));
        let proof = Proof::Password { known: &known, device: Some(device), step: None };
        assert_eq!(house.begin(id, proof).await, Ok(()), "the password has not changed");
        assert_eq!(house.session_of(id).await.device, None, "but the phone is forgotten");
    }

    async fn a_session_that_a_change_of_password_overtakes_leaves_nothing_behind(house: House) {
        let id = house.account("benoit", &["bienveilleur"]).await;
        let hash = house.policy.passwords.hash("dR5=hJ3@kL8*").await.expect("a hash");
        for own in [false, true] {
            let mut browser = house.browser();
            let password = if own { OTHER } else { PASSWORD };
            assert_eq!(said(&browser.sign_in("benoit", password).await), "200");
            let session = house.session_of(id).await.id;
            // What this session asked for before is under way, such as the hashing of a PIN.
            if own {
                let body = json!({ "current": OTHER, "new": PASSWORD });
                assert_eq!(said(&browser.put("/api/v1/account/password", body).await), "204");
            } else {
                let other = house.policy.passwords.hash(OTHER).await.expect("a hash");
                house.store.set_password(id, &other, None, by()).await.expect("a reset");
            }
            let lifetime = TimeDelta::days(30);
            let new = NewDevice { account: id, session, token_hash: &[9; 32], pin: "x", lifetime };
            let registered = house.store.register_device(&new, by()).await.expect("the database");
            assert_eq!(registered.err(), Some(Changed::SessionEnded), "own {own}");
            for to in [SecondFactor::Begin("A"), SecondFactor::Confirm(1), SecondFactor::Remove] {
                let changed = house.store.set_second_factor(id, to, Some(session), by()).await.expect("the database");
                assert_eq!(changed, Changed::SessionEnded, "own {own}");
            }
            let kept = Some((session, [8; 32].as_slice()));
            let changed = house.store.set_password(id, &hash, kept, by()).await.expect("the database");
            assert_eq!(changed, Changed::SessionEnded, "own {own}");
            let now = if own { PASSWORD } else { OTHER };
            assert_eq!(said(&house.browser().sign_in("benoit", now).await), "200", "the password is the changed one");
        }
        assert!(house.store.devices_of(id, clock()).await.expect("read").is_empty());
    }

    async fn six_digits_open_ones_own_people_and_nothing_else_that_the_holder_may_do(house: House) {
        let id = house.account("camille", &["bienveilleur", "coordination"]).await;
        let mut phone = house.signed_in("camille").await;
        assert_eq!(said(&phone.post("/api/v1/account/devices", json!({ "pin": "481957" })).await), "201");
        assert_eq!(said(&phone.get("/api/v1/viewers").await), "200");
        wait(minutes(15));
        assert_eq!(phone.state().await, "401 pin_needed");
        let view = phone.pin("481957").await.json();
        assert_eq!(view["account"]["roles"], json!(["bienveilleur"]));
        assert_eq!(house.session_of(id).await.kind, SessionKind::Pin);
        assert_eq!(said(&phone.get("/api/v1/viewers").await), "403 not_allowed");
        assert_eq!(said(&phone.get("/api/v1/layers/volunteers").await), "403 not_allowed");

        // Nor do they renew themselves, or change another way in.
        let again = phone.post("/api/v1/account/devices", json!({ "pin": "207613" })).await;
        assert_eq!(said(&again), "403 sign_in_with_password");
        let path = "/api/v1/account/second-factor";
        for (method, body) in [("POST", None), ("PUT", Some(json!({ "code": "000000" }))), ("DELETE", None)] {
            let answer = phone.send(method.parse().expect("a method"), path, body).await;
            let expected = if method == "PUT" { "422 wrong_code" } else { "403 sign_in_with_password" };
            assert_eq!(said(&answer), expected, "{method}");
        }
        let body = json!({ "current": PASSWORD, "new": OTHER });
        assert_eq!(said(&phone.put("/api/v1/account/password", body).await), "204");
        assert_eq!(said(&phone.get("/api/v1/viewers").await), "200", "the password has been typed");
    }

    async fn roles_that_ask_for_a_stronger_password_come_with_a_new_one(house: House) {
        let id = house.account("benoit", &["bienveilleur"]).await;
        house.account("adam", &["administration"]).await;
        let mut adam = house.signed_in("adam").await;
        let mut phone = house.signed_in("benoit").await;
        assert_eq!(said(&phone.post("/api/v1/account/devices", json!({ "pin": "481957" })).await), "201");
        let path = format!("/api/v1/accounts/{id}");
        let change = |roles: Value, password: Value| {
            json!({ "name": "Benoît", "roles": roles, "disabled": false, "password": password })
        };
        let both = json!(["bienveilleur", "coordination"]);
        for (password, expected) in [(Value::Null, "422 password_needed"), (json!("kT7!mQ2%"), "422 weak_password")] {
            let answer = adam.put(&path, change(both.clone(), password)).await;
            assert_eq!((said(&answer).as_str(), &answer.json()["field"]), (expected, &json!("password")));
            assert!(answer.json()["remedy"].is_string());
        }
        assert_eq!(phone.state().await, "200", "nothing was changed");
        assert_eq!(said(&adam.put(&path, change(both, json!(OTHER))).await), "200");
        assert_eq!(phone.state().await, "401 sign_in_needed");
        assert_eq!(said(&phone.pin("481957").await), "401 device_unknown", "phones are forgotten, too");
        assert_eq!(said(&phone.sign_in("benoit", PASSWORD).await), "401 wrong_sign_in");
        assert_eq!(said(&phone.sign_in("benoit", OTHER).await), "200");
        let trail = house.trail().await;
        assert!(trail.contains(&"update accounts done roles".to_owned()), "{trail:?}");
        assert!(trail.contains(&"update accounts done password".to_owned()), "{trail:?}");
        for roles in [json!(["accueil"]), json!(["bienveilleur"])] {
            assert_eq!(said(&adam.put(&path, change(roles, Value::Null)).await), "200", "no more is asked for");
        }
    }

    async fn borrowed_eyes_are_those_of_the_person_while_a_second_factor_is_missing(house: House) {
        let house = House { policy: Policy { second_factor_required: true, ..cheap() }, ..house };
        house.account("camille", &["coordination"]).await;
        let zoe = house.account("zoe", &["accueil"]).await;
        let mut coordinator = house.signed_in("camille").await;
        second_factor(&mut coordinator).await;
        coordinator.view_as = Some(zoe);
        let mut own = house.signed_in("zoe").await;
        for set_up in [false, true] {
            if set_up {
                second_factor(&mut own).await;
            }
            for (path, right) in [
                ("/api/v1/layers/cases", true),
                ("/api/v1/layers/relays", false),
                ("/api/v1/layers/volunteers", true),
                ("/api/v1/coverage?by=relay", true),
                ("/api/v1/rights/to-inform", true),
            ] {
                let (hers, seen) = (own.get(path).await, coordinator.get(path).await);
                assert_eq!(without_request_id(&seen), without_request_id(&hers), "{path}");
                if right && !set_up {
                    assert_eq!(said(&hers), "403 not_allowed", "{path}");
                }
            }
        }
        assert_eq!(said(&own.get("/api/v1/layers/cases").await), "200");
        // An emergency right belongs to the session in which it was asked for.
        let house = House { policy: cheap(), ..house };
        let paul = house.account("paul", &["pilotage"]).await;
        let (mut own, mut other) = (house.signed_in("paul").await, house.browser());
        other.cookies = coordinator.cookies.clone();
        other.view_as = Some(paul);
        let reason = json!({ "reason": "Appel du SAMU, adresse à confirmer" });
        assert_eq!(said(&own.post("/api/v1/break-glass", reason).await), "201");
        assert_eq!(said(&own.get("/api/v1/layers/cases").await), "200");
        assert_eq!(said(&other.get("/api/v1/layers/cases").await), "403 not_allowed");
    }

    async fn accounts_of_the_demonstration_come_in_on_this_machine_only(house: House) {
        house.store.upsert_volunteers(&[volunteer("BV-01"), volunteer("BV-02")], by()).await.expect("volunteers");
        house.account("zoe", &["accueil"]).await;
        let made = create_demonstration_accounts(&house.store, &house.policy.passwords, by()).await.expect("made");
        let one = made.iter().find(|account| account.login == "bienveilleur").expect("a volunteer");
        let mut here = house.browser();
        assert_eq!(said(&here.sign_in(one.login, &one.password).await), "200");
        assert_eq!(said(&here.post("/api/v1/account/devices", json!({ "pin": "481957" })).await), "201");
        // The same database behind a public name: another server, or an account that was enabled meanwhile.
        let house = House { policy: Policy { beyond_this_machine: true, ..cheap() }, ..house };
        let mut there = house.browser();
        there.cookies = here.cookies.clone();
        assert_eq!(there.state().await, "401 sign_in_needed");
        assert_eq!(said(&there.pin("481957").await), "401 device_unknown");
        let refused = there.sign_in(one.login, &one.password).await;
        let wrong = there.sign_in("nobody", PASSWORD).await;
        assert_eq!(without_request_id(&refused), without_request_id(&wrong), "nobody is told why");
        assert!(house.trail().await.contains(&"sign_in sessions refused demonstration account".to_owned()));
        assert_eq!(here.state().await, "200");
        assert_eq!(said(&there.sign_in("zoe", PASSWORD).await), "200", "everybody else comes in");
    }
}

#[tokio::test]
async fn a_server_that_is_reached_from_elsewhere_is_protected_and_has_no_demonstration_accounts() {
    let origin = |origin: &str| Site::new(Some(origin)).expect("an origin");
    let here = Site::default();
    let named = origin("https://visites.example.org");
    let certified = Site { certificate: true, ..named.clone() };
    let proxied = Site { proxy: "127.0.0.1".parse().ok(), ..named.clone() };
    let unnamed = Site { proxy: "127.0.0.1".parse().ok(), ..Site::default() };
    let by_tls_here = Site { certificate: true, ..origin("https://localhost:8443") };
    let (yes, open, demo) = ("listens", "not protected", "demonstration");
    for (site, address, plain, with_demonstration) in [
        (&here, "127.0.0.1:0", yes, yes),
        (&here, "0.0.0.0:0", open, demo),
        (&by_tls_here, "127.0.0.1:0", yes, yes),
        (&named, "127.0.0.1:0", yes, demo),
        (&named, "0.0.0.0:0", open, demo),
        (&certified, "0.0.0.0:0", yes, demo),
        (&proxied, "127.0.0.1:0", yes, demo),
        (&proxied, "0.0.0.0:0", yes, demo),
        (&unnamed, "127.0.0.1:0", yes, demo),
        (&unnamed, "0.0.0.0:0", open, demo),
    ] {
        for (demonstration_accounts, expected) in [(false, plain), (true, with_demonstration)] {
            let said = match listen(address, Protection { site, demonstration_accounts }).await {
                Ok(_) => yes,
                Err(ListenError::NotProtected(_)) => open,
                Err(ListenError::DemonstrationAccounts) => demo,
                Err(error) => panic!("{error}"),
            };
            assert_eq!(said, expected, "{site:?} on {address}, demonstration accounts: {demonstration_accounts}");
        }
    }
}

/// The whole 127.0.0.0/8 is this machine on Linux: each address is another peer.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_a_certificate_of_its_own_a_server_behind_a_proxy_answers_nobody_else() {
    let ask = async |site: Site, from: &str| {
        let (folder, store) = databases::sqlite().await;
        let protection = Protection { site: &site, demonstration_accounts: false };
        let listener = listen("127.0.0.1:0", protection).await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        let house = House { store, policy: cheap(), site, folder };
        let server = tokio::spawn(serve(listener, house.app(), None));
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(format!("{from}:0").parse().expect("an address")).expect("bound");
        let mut connection = socket.connect(address).await.expect("connected").into_std().expect("a socket");
        let conversation = tokio::task::spawn_blocking(move || {
            connection.set_nonblocking(false).expect("a socket that waits");
            let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            connection.write_all(request.as_bytes()).expect("sent");
            let mut answer = String::new();
            connection.read_to_string(&mut answer).expect("answered");
            answer
        });
        let answer = conversation.await.expect("no panic");
        server.abort();
        answer
    };
    let proxied = Site { proxy: "127.0.0.2".parse().ok(), ..Site::default() };
    let certified = Site { certificate: true, ..proxied.clone() };
    for (site, from) in [(&proxied, "127.0.0.2"), (&certified, "127.0.0.3"), (&Site::default(), "127.0.0.3")] {
        let answer = ask(site.clone(), from).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{from}: {answer}");
    }
    for from in ["127.0.0.1", "127.0.0.3"] {
        let answer = ask(proxied.clone(), from).await;
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("not_through_the_proxy"), "{from}: {answer}");
    }
}

#[test]
fn the_server_and_the_page_find_every_shared_password_worth_the_same() {
    let cases: Vec<(String, u32)> =
        serde_json::from_str(include_str!("../../static/src/state/password.cases.json")).expect("pairs");
    assert!(cases.len() >= 20);
    for (typed, bits) in &cases {
        assert_eq!(password::bits(typed), *bits, "{typed}");
    }
    for weak in ["a b c d e f g", "aaaa bbbb cccc dddd eeee ffff gggg", "le un de la du au ou"] {
        assert_eq!(password::check(weak, &[], 50).expect_err(weak).code, "weak_password");
    }
}
