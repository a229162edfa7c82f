//! Signing in, one's own account, the administration and the emergency right, over HTTP and with a clock of our own, on
//! both databases.

use std::collections::BTreeMap;

use axum::http::{Method, header};
use bienveilleurs::cli::demonstration::{self, DemonstrationArgs};
use bienveilleurs::domain::audit::Author;
use bienveilleurs::http::site::Site;
use bienveilleurs::service::accounts;
use bienveilleurs::service::sign_in::Policy;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::databases;
use crate::house::{
    House, OTHER, PASSWORD, cheap, clock, code_of, cookie, minutes, on_both, said, second_factor, wait,
    without_request_id,
};
use crate::store_contract::volunteer;

on_both! {
    async fn a_wrong_password_an_unknown_login_and_a_disabled_account_get_the_same_bytes(house: House) {
        house.account("zoe", &["accueil"]).await;
        let gone = house.account("yves", &["accueil"]).await;
        accounts::disable(&house.store, gone, Author::command_line(clock())).await.expect("disabled");
        let mut browser = house.browser();
        let wrong = browser.sign_in("zoe", OTHER).await;
        assert_eq!(said(&wrong), "401 wrong_sign_in");
        for (login, password) in [("nobody", PASSWORD), ("yves", PASSWORD), ("--", PASSWORD), ("zoe", "")] {
            let other = browser.sign_in(login, password).await;
            assert_eq!(without_request_id(&other), without_request_id(&wrong), "{login}");
            assert_eq!(other.headers.len(), wrong.headers.len());
        }
        let trail = house.trail().await.join("\n");
        for why in ["wrong password", "unknown login", "disabled"] {
            assert!(trail.contains(&format!("sign_in sessions refused {why}")), "{trail}");
        }
    }

    async fn somebody_signs_in_and_out(house: House) {
        house.account("Zoé.Lefèvre", &["accueil", "pilotage"]).await;
        let mut browser = house.browser();
        assert_eq!(browser.state().await, "401 sign_in_needed");
        assert_eq!(browser.get("/api/v1/session").await.json()["signed_in"], false);
        let answer = browser.sign_in("  zoe lefevre ", PASSWORD).await;
        let view = answer.json();
        assert_eq!(said(&answer), "200");
        assert_eq!(view["account"]["roles"], json!(["accueil", "pilotage"]));
        assert_eq!((&view["account"]["login"], &view["account"]["second_factor"]), (&json!("Zoé.Lefèvre"), &json!("off")));
        assert_eq!(view["idle_until_at"], json!(clock() + minutes(30)));
        assert_eq!(view["ends_at"], json!(clock() + minutes(12 * 60)));
        assert_eq!(answer.header(&header::CACHE_CONTROL), "no-store");
        let marks = cookie(&answer);
        assert!(marks.starts_with("bv_session=") && !marks.contains("Secure") && !marks.contains("Max-Age"), "{marks}");
        assert!(marks.contains("HttpOnly; SameSite=Strict") && marks.contains("Path=/"), "{marks}");
        assert_eq!(browser.state().await, "200");
        let stolen = browser.clone();
        assert_eq!(said(&browser.delete("/api/v1/session").await), "204");
        assert!(browser.cookies.is_empty());
        assert_eq!(stolen.clone().state().await, "401 sign_in_needed", "the token is worth nothing any more");
        assert_eq!(said(&browser.delete("/api/v1/session").await), "204", "signing out twice is no error");
        let trail = house.trail().await;
        assert_eq!(trail[trail.len() - 2..], ["sign_in sessions done password", "sign_out sessions done"]);
    }

    async fn behind_tls_the_cookies_are_bound_to_the_host(house: House) {
        let site = Site { host: Some("127.0.0.1:8080".into()), secure: true, ..Site::default() };
        let house = House { site, ..house };
        house.account("zoe", &["bienveilleur"]).await;
        let mut browser = house.browser();
        let marks = cookie(&browser.sign_in("zoe", PASSWORD).await);
        assert!(marks.starts_with("__Host-bv_session=") && marks.contains("Secure") && !marks.contains("Domain"), "{marks}");
        let marks = cookie(&browser.post("/api/v1/account/devices", json!({ "pin": "481957" })).await);
        assert!(marks.starts_with("__Host-bv_device=") && marks.contains("Secure"), "{marks}");
        assert!(marks.contains("Max-Age=2592000"), "{marks}");
        assert_eq!(browser.state().await, "200");
        browser.cookies = BTreeMap::from([("bv_session".to_owned(), browser.cookies["__Host-bv_session"].clone())]);
        assert_eq!(browser.state().await, "401 sign_in_needed", "a cookie that any neighbour host may set counts nothing");
    }

    async fn each_sign_in_has_a_new_token_and_a_planted_one_is_never_taken_up(house: House) {
        house.account("zoe", &["accueil"]).await;
        let mut browser = house.browser();
        browser.cookies.insert("bv_session".into(), "A".repeat(43));
        browser.sign_in("zoe", PASSWORD).await;
        let first = browser.session();
        assert_ne!(first, "A".repeat(43));
        let mut before = browser.clone();
        browser.sign_in("zoe", PASSWORD).await;
        assert_ne!(browser.session(), first);
        assert_eq!(browser.state().await, "200");
        assert_eq!(before.state().await, "401 sign_in_needed", "the session before ended with the new one");
        for odd in ["", "x", &"é".repeat(43), &"A".repeat(10_000)] {
            browser.cookies.insert("bv_session".into(), odd.into());
            assert_eq!(browser.state().await, "401 sign_in_needed");
        }
    }

    async fn wrong_attempts_on_an_account_are_slowed_down_more_and_more(house: House) {
        house.account("zoe", &["accueil"]).await;
        house.account("yves", &["accueil"]).await;
        let mut browser = house.browser();
        for login in ["zoe", "nobody"] {
            for _ in 0..5 {
                assert_eq!(said(&browser.sign_in(login, OTHER).await), "401 wrong_sign_in");
            }
            let blocked = browser.sign_in(login, PASSWORD).await;
            assert_eq!(said(&blocked), "429 too_many_attempts", "the right password is not looked at either");
            assert_eq!(blocked.header(&header::RETRY_AFTER), "60");
        }
        let unlike = browser.sign_in("ZOÉ", PASSWORD).await;
        assert_eq!(said(&unlike), "429 too_many_attempts", "another writing of the same login");
        assert_eq!(said(&browser.sign_in("yves", PASSWORD).await), "200", "others are not concerned");
        for pause_s in [60, 120, 240, 480, 960, 1920, 3840, 7200, 7200] {
            wait(TimeDelta::seconds(pause_s - 1));
            let blocked = browser.sign_in("zoe", OTHER).await;
            assert_eq!((said(&blocked).as_str(), blocked.header(&header::RETRY_AFTER)), ("429 too_many_attempts", "1"));
            wait(TimeDelta::seconds(1));
            assert_eq!(said(&browser.sign_in("zoe", OTHER).await), "401 wrong_sign_in");
        }
        wait(minutes(120));
        assert_eq!(said(&browser.sign_in("zoe", PASSWORD).await), "200");
        for _ in 0..5 {
            assert_eq!(said(&browser.sign_in("zoe", OTHER).await), "401 wrong_sign_in", "who signs in begins anew");
        }
        assert_eq!(said(&browser.sign_in("zoe", OTHER).await), "429 too_many_attempts");
        wait(TimeDelta::hours(25));
        assert_eq!(said(&browser.sign_in("zoe", OTHER).await), "401 wrong_sign_in", "after a day it is forgotten");
        assert_eq!(said(&browser.sign_in("zoe", OTHER).await), "401 wrong_sign_in");
    }

    async fn many_attempts_at_the_same_time_are_not_more_than_a_few(house: House) {
        house.account("zoe", &["accueil"]).await;
        let browser = house.browser();
        let mut attempts = tokio::task::JoinSet::new();
        let local = tokio::task::LocalSet::new();
        local.run_until(async {
            for _ in 0..20 {
                let mut browser = browser.clone();
                attempts.spawn_local(async move { said(&browser.sign_in("zoe", OTHER).await) });
            }
            let all = attempts.join_all().await;
            assert_eq!(all.iter().filter(|said| *said == "401 wrong_sign_in").count(), 5, "{all:?}");
        }).await;
    }

    async fn wrong_attempts_from_an_address_are_slowed_down_whatever_the_login(house: House) {
        house.account("zoe", &["accueil"]).await;
        for (address, neighbour, stranger) in [
            ("192.0.2.7:4000", "192.0.2.7:4001", "192.0.2.8:4000"),
            ("[2001:db8:1:2::7]:4000", "[2001:db8:1:2:ffff::1]:4000", "[2001:db8:1:3::7]:4000"),
        ] {
            let mut browser = house.browser();
            browser.address = Some(address);
            for n in 0..20 {
                assert_eq!(said(&browser.sign_in(&format!("login{n}-{address}"), OTHER).await), "401 wrong_sign_in");
            }
            assert_eq!(said(&browser.sign_in("zoe", PASSWORD).await), "429 too_many_attempts");
            browser.address = Some(neighbour);
            assert_eq!(said(&browser.sign_in("zoe", PASSWORD).await), "429 too_many_attempts");
            browser.address = Some(stranger);
            assert_eq!(said(&browser.sign_in("zoe", PASSWORD).await), "200");
        }
        let mut office = house.browser();
        office.address = Some("192.0.2.99:1");
        for _ in 0..40 {
            assert_eq!(said(&office.sign_in("zoe", PASSWORD).await), "200", "who signs in is never counted");
        }
        let mut proxied = house.browser();
        proxied.address = Some("127.0.0.1:9");
        for n in 0..25 {
            assert_eq!(said(&proxied.sign_in(&format!("p{n}"), OTHER).await), "401 wrong_sign_in");
        }
    }

    async fn a_session_ends_after_half_an_hour_unused_and_after_twelve_hours_at_most(house: House) {
        house.account("zoe", &["accueil"]).await;
        let mut browser = house.signed_in("zoe").await;
        wait(minutes(30));
        assert_eq!(browser.state().await, "401 sign_in_needed");
        let mut browser = house.signed_in("zoe").await;
        for _ in 0..24 {
            wait(minutes(29));
            assert_eq!(browser.state().await, "200");
        }
        wait(minutes(23));
        assert_eq!(browser.state().await, "200", "11 h 59 min");
        wait(minutes(1));
        assert_eq!(browser.state().await, "401 sign_in_needed", "12 h");
        assert_eq!(browser.get("/api/v1/session").await.json()["signed_in"], false);
    }

    async fn somebody_sees_and_ends_own_sessions_and_nobody_elses(house: House) {
        house.account("zoe", &["accueil"]).await;
        house.account("yves", &["accueil"]).await;
        let mut here = house.signed_in("zoe").await;
        let mut elsewhere = house.signed_in("zoe").await;
        let mut other = house.signed_in("yves").await;
        let sessions = here.get("/api/v1/account/sessions").await.json()["sessions"].clone();
        assert_eq!(sessions.as_array().map(Vec::len), Some(2));
        assert_eq!((&sessions[0]["current"], &sessions[1]["current"]), (&json!(false), &json!(true)), "newest first");
        let path = format!("/api/v1/account/sessions/{}", sessions[0]["id"]);
        assert_eq!(said(&other.delete(&path).await), "404 not_found");
        assert_eq!(elsewhere.state().await, "200");
        assert_eq!(said(&here.delete(&path).await), "204");
        assert_eq!(elsewhere.state().await, "401 sign_in_needed");
        assert_eq!(here.state().await, "200");
    }

    async fn a_changed_password_ends_every_other_session_and_renews_this_ones_token(house: House) {
        house.account("zoe", &["bienveilleur"]).await;
        let mut here = house.signed_in("zoe").await;
        let mut elsewhere = house.signed_in("zoe").await;
        assert_eq!(said(&elsewhere.post("/api/v1/account/devices", json!({ "pin": "481957" })).await), "201");
        let path = "/api/v1/account/password";
        let wrong = here.put(path, json!({ "current": OTHER, "new": OTHER })).await;
        assert_eq!((said(&wrong).as_str(), &wrong.json()["field"]), ("422 wrong_password", &json!("current")));
        let weak = here.put(path, json!({ "current": PASSWORD, "new": "azertyuiop12" })).await;
        assert_eq!((said(&weak).as_str(), &weak.json()["field"]), ("422 weak_password", &json!("new")));
        assert!(weak.json()["remedy"].is_string());
        assert_eq!(elsewhere.state().await, "200");
        let old = here.clone();
        assert_eq!(said(&here.put(path, json!({ "current": PASSWORD, "new": OTHER })).await), "204");
        assert_ne!(old.session(), here.session());
        assert_eq!(here.state().await, "200");
        assert_eq!(old.clone().state().await, "401 sign_in_needed", "the token before is dead");
        assert_eq!(elsewhere.state().await, "401 sign_in_needed");
        assert_eq!(said(&elsewhere.pin("481957").await), "401 device_unknown", "phones are forgotten, too");
        assert_eq!(said(&house.browser().sign_in("zoe", PASSWORD).await), "401 wrong_sign_in");
        assert_eq!(said(&house.browser().sign_in("zoe", OTHER).await), "200");
        for _ in 0..5 {
            here.put(path, json!({ "current": PASSWORD, "new": OTHER })).await;
        }
        let blocked = here.put(path, json!({ "current": OTHER, "new": PASSWORD })).await;
        assert_eq!(said(&blocked), "429 too_many_attempts", "an open session is no place to guess");
    }

    async fn a_second_factor_is_asked_for_and_no_code_works_twice(house: House) {
        house.account("zoe", &["accueil"]).await;
        let mut browser = house.signed_in("zoe").await;
        let mut elsewhere = house.signed_in("zoe").await;
        let path = "/api/v1/account/second-factor";
        let begun = browser.send(Method::POST, path, None).await.json();
        assert!(begun["uri"].as_str().is_some_and(|uri| uri.starts_with("otpauth://totp/BienVeilleurs:zoe?secret=")));
        assert!(begun["qr_svg"].as_str().is_some_and(|svg| svg.contains("<svg") && !svg.contains("style")));
        assert_eq!(said(&browser.put(path, json!({ "code": "000000" })).await), "422 wrong_code");
        assert_eq!(said(&house.browser().sign_in("zoe", PASSWORD).await), "200", "not asked for before it is confirmed");
        let secret = second_factor(&mut browser).await;
        assert_eq!(elsewhere.state().await, "401 sign_in_needed", "sessions without it end");
        assert_eq!(said(&browser.send(Method::POST, path, None).await), "409 conflict", "it is not replaced unseen");

        let mut phone = house.browser();
        assert_eq!(said(&phone.sign_in("zoe", PASSWORD).await), "401 second_factor_needed");
        assert_eq!(said(&phone.sign_in("zoe", OTHER).await), "401 wrong_sign_in", "the password comes first");
        let code = code_of(&secret);
        assert_eq!(said(&phone.sign_in_with("zoe", &code).await), "200");
        assert_eq!(phone.get("/api/v1/session").await.json()["account"]["second_factor"], "on");
        assert_eq!(said(&house.browser().sign_in_with("zoe", &code).await), "401 wrong_code", "used already");
        wait(TimeDelta::seconds(30));
        assert_eq!(said(&house.browser().sign_in_with("zoe", &code).await), "401 wrong_code");
        assert_eq!(said(&house.browser().sign_in_with("zoe", &code_of(&secret)).await), "200");
        wait(TimeDelta::seconds(60));
        assert_eq!(said(&phone.delete(path).await), "204");
        assert_eq!(said(&house.browser().sign_in("zoe", PASSWORD).await), "200");
    }

    async fn codes_are_not_guessed_between_two_right_passwords(house: House) {
        house.account("zoe", &["accueil"]).await;
        let mut browser = house.signed_in("zoe").await;
        second_factor(&mut browser).await;
        let mut thief = house.browser();
        for _ in 0..5 {
            assert_eq!(said(&thief.sign_in("zoe", PASSWORD).await), "401 second_factor_needed");
            assert_eq!(said(&thief.sign_in_with("zoe", "000000").await), "401 wrong_code");
        }
        assert_eq!(said(&thief.sign_in("zoe", PASSWORD).await), "429 too_many_attempts");
    }

    async fn a_required_second_factor_comes_before_everything_else(house: House) {
        let house = House { policy: Policy { second_factor_required: true, ..cheap() }, ..house };
        house.account("zoe", &["accueil"]).await;
        house.account("adam", &["administration"]).await;
        house.account("delphine", &["dpo"]).await;
        let mut browser = house.signed_in("zoe").await;
        let account = browser.get("/api/v1/session").await.json()["account"].clone();
        assert_eq!((&account["second_factor"], &account["roles"]), (&json!("required"), &json!([])));
        assert_eq!(said(&browser.get("/api/v1/layers/cases").await), "403 not_allowed");
        assert_eq!(said(&browser.post("/api/v1/break-glass", json!({ "reason": "une bonne raison" })).await), "403 not_allowed");
        assert_eq!(browser.state().await, "200");
        second_factor(&mut browser).await;
        let account = browser.get("/api/v1/session").await.json()["account"].clone();
        assert_eq!((&account["second_factor"], &account["roles"]), (&json!("on"), &json!(["accueil"])));
        let refused = browser.delete("/api/v1/account/second-factor").await;
        assert_eq!(said(&refused), "403 second_factor_required");
        let line = "refuse routes refused DELETE own_account: second_factor_required";
        assert_eq!(house.trail().await.last().map(String::as_str), Some(line));
        for (login, asked) in [("adam", "required"), ("delphine", "off")] {
            let account = house.signed_in(login).await.get("/api/v1/session").await.json()["account"].clone();
            assert_eq!(account["second_factor"], asked, "of whoever sees a place, or could make somebody who does: {login}");
        }
    }

    async fn a_volunteers_phone_is_opened_again_by_its_pin(house: House) {
        house.account("benoit", &["bienveilleur"]).await;
        house.account("zoe", &["accueil"]).await;
        let mut other = house.signed_in("zoe").await;
        assert_eq!(said(&other.post("/api/v1/account/devices", json!({ "pin": "481957" })).await), "403 not_allowed");
        let mut phone = house.signed_in("benoit").await;
        let weak = phone.post("/api/v1/account/devices", json!({ "pin": "123456" })).await;
        assert_eq!((said(&weak).as_str(), &weak.json()["field"]), ("422 weak_pin", &json!("pin")));
        assert_eq!(said(&phone.post("/api/v1/account/devices", json!({ "pin": "481957" })).await), "201");
        wait(minutes(14));
        assert_eq!(phone.state().await, "200");
        wait(minutes(15));
        assert_eq!(phone.state().await, "401 pin_needed", "a quarter of an hour on a phone");
        let view = phone.get("/api/v1/session").await.json();
        assert_eq!((&view["signed_in"], &view["known_device"]), (&json!(false), &json!(true)));
        assert_eq!(said(&phone.pin("481957").await), "200");
        assert_eq!(phone.state().await, "200");
        let sessions = phone.get("/api/v1/account/sessions").await.json();
        assert_eq!(sessions["sessions"][0]["kind"], "pin");
        let devices = phone.get("/api/v1/account/devices").await.json();
        assert_eq!(devices["devices"][0]["current"], true);
        assert_eq!(said(&house.browser().pin("481957").await), "401 device_unknown", "a PIN without its phone");
        wait(TimeDelta::days(30));
        assert_eq!(phone.state().await, "401 sign_in_needed", "after thirty days the password is asked for");
        assert_eq!(said(&phone.pin("481957").await), "401 device_unknown");
    }

    async fn after_three_wrong_pins_the_phone_is_forgotten(house: House) {
        house.account("benoit", &["bienveilleur"]).await;
        let mut phone = house.signed_in("benoit").await;
        phone.post("/api/v1/account/devices", json!({ "pin": "481957" })).await;
        wait(minutes(20));
        assert_eq!(said(&phone.pin("481950").await), "401 wrong_pin");
        assert_eq!(said(&phone.pin("481957").await), "200", "a right one gives the tries back");
        let mut open = phone.clone();
        for left in [2, 1] {
            let wrong = phone.pin("481950").await;
            assert!(wrong.json()["detail"].as_str().is_some_and(|detail| detail.ends_with(&format!(": {left}"))));
        }
        assert_eq!(said(&phone.pin("48195").await), "401 device_unknown");
        assert_eq!(said(&phone.pin("481957").await), "401 device_unknown");
        assert_eq!(open.state().await, "401 sign_in_needed", "its sessions end");
        assert!(house.trail().await.contains(&"erase devices done wrong PINs".to_owned()));
    }

    async fn many_pins_at_the_same_time_are_three(house: House) {
        house.account("benoit", &["bienveilleur"]).await;
        let mut phone = house.signed_in("benoit").await;
        phone.post("/api/v1/account/devices", json!({ "pin": "481957" })).await;
        let local = tokio::task::LocalSet::new();
        local.run_until(async {
            let mut guesses = tokio::task::JoinSet::new();
            for n in 0..12 {
                let mut phone = phone.clone();
                guesses.spawn_local(async move { said(&phone.pin(&format!("7391{n:02}")).await) });
            }
            let all = guesses.join_all().await;
            assert_eq!(all.iter().filter(|said| *said == "401 wrong_pin").count(), 2, "{all:?}");
        }).await;
        assert_eq!(house.trail().await.iter().filter(|line| line.ends_with("refused wrong PIN")).count(), 3);
    }

    async fn a_phone_is_forgotten_when_its_owner_wants(house: House) {
        house.account("benoit", &["bienveilleur"]).await;
        let mut phone = house.signed_in("benoit").await;
        for _ in 0..7 {
            phone.post("/api/v1/account/devices", json!({ "pin": "481957" })).await;
        }
        let mut desk = house.signed_in("benoit").await;
        let devices = desk.get("/api/v1/account/devices").await.json()["devices"].clone();
        assert_eq!(devices.as_array().map(Vec::len), Some(5), "no more than five");
        assert_eq!(devices[0]["current"], false);
        let path = format!("/api/v1/account/devices/{}", devices[0]["id"]);
        assert_eq!(said(&desk.delete(&path).await), "204");
        assert_eq!(said(&desk.delete(&path).await), "404 not_found");
        assert_eq!(phone.state().await, "401 sign_in_needed");
        assert_eq!(said(&phone.pin("481957").await), "401 device_unknown");
    }

    async fn ending_the_sessions_of_a_lost_phone_forgets_the_phone(house: House) {
        let benoit = house.account("benoit", &["bienveilleur"]).await;
        house.account("adam", &["administration"]).await;
        let mut phone = house.signed_in("benoit").await;
        phone.post("/api/v1/account/devices", json!({ "pin": "481957" })).await;
        let path = format!("/api/v1/accounts/{benoit}/sessions");
        assert_eq!(said(&house.signed_in("adam").await.delete(&path).await), "204");
        assert_eq!(phone.state().await, "401 sign_in_needed");
        assert_eq!(said(&phone.pin("481957").await), "401 device_unknown");
    }

    async fn the_administration_makes_and_changes_accounts(house: House) {
        let by = Author::command_line(clock());
        house.store.upsert_volunteers(&[volunteer("BV-03")], by).await.expect("a volunteer");
        house.account("adam", &["administration"]).await;
        let mut adam = house.signed_in("adam").await;
        let new = json!({
            "login": "benoit", "name": "Benoît Duval", "roles": ["bienveilleur"], "volunteer_reference": "BV-03",
            "password": "kT7!mQ2%",
        });
        let made = adam.post("/api/v1/accounts", new.clone()).await;
        assert_eq!(said(&made), "201", "{}", String::from_utf8_lossy(&made.body));
        let account = made.json();
        assert_eq!((&account["volunteer_reference"], &account["seen_at"]), (&json!("BV-03"), &Value::Null));
        let path = format!("/api/v1/accounts/{}", account["id"]);

        for (field, value, expected) in [
            ("login", json!("BENOÎT"), "409 conflict"),
            ("login", json!("-"), "422 invalid_field"),
            ("login", json!("a\u{202e}bc"), "422 invalid_field"),
            ("name", json!(" "), "422 invalid_field"),
            ("roles", json!([]), "422 invalid_field"),
            ("roles", json!(["root"]), "422 not_in_list"),
            ("volunteer_reference", json!("BV-99"), "422 unknown_volunteer"),
            ("password", json!("kT7!mQ2"), "422 weak_password"),
            ("password", json!("benoit-kT7!mQ2%vR9&"), "422 weak_password"),
        ] {
            let mut bad = new.clone();
            bad["login"] = json!("autre");
            bad[field] = value;
            let answer = adam.post("/api/v1/accounts", bad).await;
            assert_eq!((said(&answer).as_str(), &answer.json()["field"]), (expected, &json!(field)));
        }
        let mut wider = new.clone();
        (wider["login"], wider["roles"]) = (json!("autre"), json!(["bienveilleur", "coordination"]));
        assert_eq!(said(&adam.post("/api/v1/accounts", wider).await), "422 weak_password", "80 bits for who sees more");

        let mut benoit = house.browser();
        assert_eq!(said(&benoit.sign_in("benoit", "kT7!mQ2%").await), "200");
        assert_eq!(said(&benoit.get("/api/v1/accounts").await), "403 not_allowed");
        let renamed = json!({ "name": "Benoît D.", "roles": ["bienveilleur"], "volunteer_reference": null, "disabled": false });
        let changed = adam.put(&path, renamed).await.json();
        assert_eq!((&changed["name"], &changed["volunteer_id"]), (&json!("Benoît D."), &Value::Null));
        assert_eq!(benoit.state().await, "200", "a new name ends no session");
        let promoted = json!({ "name": "Benoît D.", "roles": ["accueil"], "disabled": false, "password": OTHER });
        assert_eq!(said(&adam.put(&path, promoted).await), "200");
        assert_eq!(benoit.state().await, "401 sign_in_needed", "new roles do");

        assert_eq!(said(&benoit.sign_in("benoit", OTHER).await), "200");
        assert_eq!(said(&adam.put(&format!("{path}/password"), json!({ "new": "kT7!mQ2%" })).await), "422 weak_password");
        assert_eq!(said(&adam.put(&format!("{path}/password"), json!({ "new": OTHER })).await), "204");
        assert_eq!(benoit.state().await, "401 sign_in_needed");
        assert_eq!(said(&benoit.sign_in("benoit", OTHER).await), "200");
        assert_eq!(said(&adam.delete(&format!("{path}/sessions")).await), "204");
        assert_eq!(benoit.state().await, "401 sign_in_needed");

        assert_eq!(said(&benoit.sign_in("benoit", OTHER).await), "200");
        second_factor(&mut benoit).await;
        assert_eq!(said(&adam.delete(&format!("{path}/second-factor")).await), "204");
        assert_eq!(benoit.state().await, "401 sign_in_needed");
        assert_eq!(said(&benoit.sign_in("benoit", OTHER).await), "200", "no code is asked for any more");
        let disabled = json!({ "name": "Benoît D.", "roles": ["accueil"], "disabled": true });
        assert_eq!(adam.put(&path, disabled).await.json()["disabled"], true);
        assert_eq!(benoit.state().await, "401 sign_in_needed");
        assert_eq!(said(&benoit.sign_in("benoit", OTHER).await), "401 wrong_sign_in");
        let all = adam.get("/api/v1/accounts").await.json();
        assert_eq!(all["accounts"].as_array().map(Vec::len), Some(2));
        for missing in ["/api/v1/accounts/99/sessions", "/api/v1/accounts/99/second-factor"] {
            assert_eq!(said(&adam.delete(missing).await), "404 not_found");
        }
    }

    async fn the_last_administrator_stays_one(house: House) {
        let adam = house.account("adam", &["administration", "dpo"]).await;
        let mut browser = house.signed_in("adam").await;
        let path = format!("/api/v1/accounts/{adam}");
        let without = json!({ "name": "Adam", "roles": ["dpo"], "disabled": false });
        let disabled = json!({ "name": "Adam", "roles": ["administration"], "disabled": true });
        assert_eq!(said(&browser.put(&path, without.clone()).await), "409 last_administrator");
        assert_eq!(said(&browser.put(&path, disabled.clone()).await), "409 last_administrator");
        let by = Author::command_line(clock());
        assert!(accounts::disable(&house.store, adam, by).await.is_err());
        let eve = house.account("eve", &["administration"]).await;
        accounts::disable(&house.store, eve, by).await.expect("disabled");
        assert_eq!(said(&browser.put(&path, without.clone()).await), "409 last_administrator", "a disabled one is none");
        house.account("ines", &["administration"]).await;
        assert_eq!(said(&browser.put(&path, without).await), "200");
    }

    async fn the_glass_is_broken_with_a_reason_for_half_an_hour_and_the_officer_is_told(house: House) {
        house.account("zoe", &["accueil"]).await;
        house.account("delphine", &["dpo"]).await;
        let mut zoe = house.signed_in("zoe").await;
        let mut delphine = house.signed_in("delphine").await;
        let path = "/api/v1/break-glass";
        assert_eq!(said(&zoe.post(path, json!({ "reason": "urgent   " })).await), "422 invalid_field");
        assert_eq!(said(&zoe.post(path, json!({ "reason": "x".repeat(501) })).await), "422 invalid_field");
        let reason = "Appel du SAMU, adresse à confirmer";
        let broken = zoe.post(path, json!({ "reason": reason })).await;
        assert_eq!((said(&broken).as_str(), &broken.json()["until_at"]), ("201", &json!(clock() + minutes(30))));
        assert!(zoe.get("/api/v1/session").await.json()["break_glass_until_at"].is_string());
        assert_eq!(said(&delphine.post(path, json!({ "reason": reason })).await), "403 not_allowed");
        let notices = delphine.get("/api/v1/notices").await.json()["notices"].clone();
        assert_eq!((&notices[0]["detail"], &notices[0]["account_name"]), (&json!(reason), &json!("Zoé de zoe")));
        assert_eq!(notices[0]["seen_at"], Value::Null);
        let seen = format!("/api/v1/notices/{}/seen", notices[0]["id"]);
        assert_eq!(said(&delphine.send(Method::POST, &seen, None).await), "204");
        assert_eq!(said(&delphine.send(Method::POST, "/api/v1/notices/99/seen", None).await), "404 not_found");
        assert!(delphine.get("/api/v1/notices").await.json()["notices"][0]["seen_at"].is_string());
        assert_eq!(said(&zoe.get("/api/v1/notices").await), "403 not_allowed");
        wait(minutes(20));
        assert_eq!(zoe.state().await, "200");
        wait(minutes(10));
        assert_eq!(zoe.get("/api/v1/session").await.json()["break_glass_until_at"], Value::Null);
        assert!(house.trail().await.contains(&format!("break_glass cases done {reason}")));
    }

    async fn the_coordination_sees_as_those_who_see_no_more_than_it_does(house: House) {
        for role in ["accueil", "coordination", "bienveilleur", "dpo", "administration"] {
            house.account(role, &[role]).await;
        }
        house.account("double", &["accueil", "dpo"]).await;
        let mut browser = house.signed_in("coordination").await;
        let viewers = browser.get("/api/v1/viewers").await.json()["viewers"].clone();
        let roles: Vec<&Value> = viewers.as_array().expect("a list").iter().map(|viewer| &viewer["roles"]).collect();
        assert_eq!(roles, [&json!(["accueil"]), &json!(["coordination"]), &json!(["bienveilleur"])]);
        assert_eq!(said(&house.signed_in("accueil").await.get("/api/v1/viewers").await), "403 not_allowed");
        for (login, right, expected) in [
            ("accueil", "/api/v1/viewers", "403 not_allowed"),
            ("dpo", "/api/v1/notices", "404 not_found"),
            ("double", "/api/v1/notices", "404 not_found"),
            ("administration", "/api/v1/accounts", "404 not_found"),
        ] {
            let id = house.store.credentials_of(login).await.expect("read").expect("an account").id;
            browser.view_as = Some(id);
            assert_eq!(said(&browser.get(right).await), expected, "{login}");
        }
    }
}

#[tokio::test]
async fn the_demonstration_has_an_account_a_role_and_its_passwords_lie_in_a_private_file() {
    let (folder, store) = databases::sqlite().await;
    let house = House { store, policy: cheap(), site: Site::default(), folder };
    let path = house.folder.path().join("demo-accounts.txt");
    let run = async || {
        let args = DemonstrationArgs { seed: 2020, once: false, files_only: None };
        let folder = house.folder.path();
        let passwords = &house.policy.passwords;
        demonstration::run(&args, &house.store, folder, passwords, clock(), &mut Vec::new()).await.expect("demo");
        std::fs::read_to_string(&path).expect("the file")
    };
    assert!(!house.store.has_demonstration_accounts().await.expect("read"));
    let text = run().await;
    assert!(house.store.has_demonstration_accounts().await.expect("read"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
    }
    let lines: Vec<Vec<&str>> =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(' ').collect()).collect();
    assert_eq!(lines.len(), 8);
    for line in &lines {
        let answer = house.browser().sign_in(line[1], line[2]).await;
        let account = answer.json()["account"].clone();
        assert_eq!(account["roles"], json!([line[0]]), "{}", line[1]);
        assert_eq!(account["volunteer_id"].is_i64(), line[0] == "bienveilleur");
    }
    assert_eq!(run().await, text, "again: the accounts stay");
    std::fs::remove_file(&path).expect("removed");
    assert_ne!(run().await, text, "nobody could know the passwords any more");
    assert_eq!(said(&house.browser().sign_in(lines[0][1], lines[0][2]).await), "401 wrong_sign_in");
}

#[test]
fn the_first_administrator_is_made_from_the_command_line_with_the_password_on_the_standard_input() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments: &[&str], input: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bienveilleurs"))
            .args(arguments)
            .env("BV_DATA_DIR", folder.path())
            .env("BV_KEYS", format!("1 {}", "11".repeat(32)))
            .env_remove("BV_DATABASE_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        // A command that asks for nothing may have ended before it reads.
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("its end");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    };
    let create =
        ["user", "create", "--login", "adam", "--name", "Adam Roux", "--role", "administration", "--password-stdin"];
    let (code, said) = run(&create, "azertyuiop12\n");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("too easily guessed"), "{said}");
    let (code, said) = run(&create, &format!("{PASSWORD}\n"));
    assert_eq!((code, said.trim()), (Some(0), "account 1 made: administration"));
    let (code, said) = run(&create, &format!("{PASSWORD}\n"));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("login already"), "{said}");
    let (_, said) = run(&["user", "list"], "");
    assert_eq!(said.trim(), "1\tadam\tAdam Roux\tadministration");
    let (code, said) = run(&["user", "password", "--login", "Adam", "--password-stdin"], &format!("{OTHER}\n"));
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&["user", "disable", "--login", "adam"], "");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("last account that can administer"), "{said}");
    let (code, said) = run(&["user", "password", "--login", "nobody", "--password-stdin"], "x\n");
    assert_eq!(code, Some(2), "{said}");
}
