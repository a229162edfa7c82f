//! Which moves are legal, and that no sequence of them leads to a contradiction.

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn now() -> DateTime<Utc> {
    at("2026-11-24T09:00:00Z")
}

fn standing(state: CaseState) -> Standing {
    Standing {
        state,
        volunteer: state.takes_a_place().then_some(VolunteerId(1)),
        backup: None,
        proposed_at: (state == CaseState::Proposed).then(now),
        informed_on: None,
        agreed_on: None,
        last_contact_on: None,
        next_contact_on: None,
        review_on: None,
        signs: BTreeSet::new(),
        danger_cleared_on: None,
        closing: None,
    }
}

/// One move of each kind.
fn every_move() -> Vec<Move> {
    let today = day_of(now());
    vec![
        Move::TakeUp,
        Move::Inform,
        Move::Qualify,
        Move::Propose(VolunteerId(2)),
        Move::Accept,
        Move::Decline(Declining::NoTime),
        Move::Withdraw,
        Move::Expire,
        Move::Begin(today, None),
        Move::Contact(today, None),
        Move::Review,
        Move::Pause,
        Move::Resume,
        Move::HandOver(VolunteerId(2)),
        Move::Release,
        Move::BackUp(Some(VolunteerId(3))),
        Move::RaiseDanger(Sign::DangerImmediat),
        Move::ClearDanger,
        Move::Close(Closing::Moved),
        Move::Reopen,
        Move::Archive,
    ]
}

#[test]
fn from_each_state_these_moves_and_no_others_lead_on() {
    let table: Vec<String> = CaseState::ALL
        .iter()
        .map(|state| {
            let acts: Vec<String> = every_move()
                .into_iter()
                .filter_map(|step| after(&standing(*state), step, now()).ok().map(|next| (step, next)))
                .map(|(step, next)| {
                    if next.state == *state {
                        step.act().to_string()
                    } else {
                        format!("{} → {}", step.act(), next.state)
                    }
                })
                .collect();
            format!("{state}: {}", acts.join(", "))
        })
        .collect();
    let expected = [
        "reported: take_up → to_qualify, inform → informing, contact, raise_danger, close → closed",
        "to_qualify: inform → informing, qualify → qualified, contact, raise_danger, close → closed",
        "informing: qualify → qualified, contact, raise_danger, close → closed",
        "qualified: propose → proposed, contact, back_up, raise_danger, close → closed",
        "proposed: accept → accepted, decline → qualified, withdraw → qualified, contact, back_up, raise_danger, \
         close → closed",
        "accepted: begin → accompanied, contact, hand_over → proposed, release → qualified, back_up, raise_danger, \
         close → closed",
        "accompanied: contact, review, pause → paused, hand_over → proposed, release → qualified, back_up, raise_danger, \
         close → closed",
        "paused: contact, review, resume → accompanied, hand_over → proposed, release → qualified, back_up, raise_danger, \
         close → closed",
        "closed: reopen → to_qualify, archive → archived",
        "archived: ",
        "purged: ",
    ];
    assert_eq!(table, expected);
}

#[test]
fn in_danger_nobody_is_offered_a_case_until_a_person_has_dealt_with_it() {
    let danger =
        after(&standing(CaseState::Qualified), Move::RaiseDanger(Sign::IdeesSuicidaires), now()).expect("legal");
    assert_eq!(after(&danger, Move::Propose(VolunteerId(1)), now()), Err(Illegal::InDanger));
    let cleared = after(&danger, Move::ClearDanger, now()).expect("legal");
    assert!(cleared.signs.contains(&Sign::IdeesSuicidaires), "what was seen stays in the file");
    let proposed = after(&cleared, Move::Propose(VolunteerId(1)), now()).expect("legal");
    let again = after(&proposed, Move::RaiseDanger(Sign::DangerImmediat), now()).expect("legal");
    assert_eq!(after(&again, Move::Accept, now()), Err(Illegal::InDanger));
    let accepted = after(&proposed, Move::Accept, now()).expect("legal");
    let again = after(&accepted, Move::RaiseDanger(Sign::DangerImmediat), now()).expect("legal");
    assert_eq!(after(&again, Move::HandOver(VolunteerId(2)), now()), Err(Illegal::InDanger));
}

#[test]
fn a_proposal_without_an_answer_goes_back_after_two_working_days() {
    let friday = at("2026-11-20T14:00:00Z");
    let proposed = after(&standing(CaseState::Qualified), Move::Propose(VolunteerId(1)), friday).expect("legal");
    // Friday 15:00 in the town; Tuesday 15:00 is two working days later.
    let due = at("2026-11-24T14:00:00Z");
    assert_eq!(answer_due_at(friday), due);
    assert_eq!(after(&proposed, Move::Expire, due), Err(Illegal::TooEarly));
    assert!(after(&proposed, Move::Accept, due).is_ok());
    let late = due + TimeDelta::seconds(1);
    assert_eq!(after(&proposed, Move::Accept, late), Err(Illegal::TooLate));
    let back = after(&proposed, Move::Expire, late).expect("legal");
    assert_eq!((back.state, back.volunteer, back.proposed_at), (CaseState::Qualified, None, None));
}

#[test]
fn a_review_comes_after_six_weeks_and_then_every_six_months() {
    let today = day_of(now());
    let begun = after(&standing(CaseState::Accepted), Move::Begin(today, None), now()).expect("legal");
    assert_eq!(begun.review_on, today.checked_add_days(Days::new(42)));
    let reviewed = after(&begun, Move::Review, now()).expect("legal");
    assert_eq!(reviewed.review_on, today.checked_add_months(Months::new(6)));
    let far = NaiveDate::from_ymd_opt(9999, 1, 1);
    assert_eq!(after(&begun, Move::Contact(today, far), now()), Err(Illegal::WrongDay));
    let tomorrow = today.checked_add_days(Days::new(1)).expect("a day");
    assert_eq!(after(&standing(CaseState::Accepted), Move::Begin(tomorrow, None), now()), Err(Illegal::WrongDay));
}

#[test]
fn a_refusal_is_no_closing_because_it_erases() {
    let open = standing(CaseState::Informing);
    assert_eq!(after(&open, Move::Close(Closing::Refused), now()), Err(Illegal::RefusalErases));
}

proptest! {
    /// Whatever is done in whatever order: who takes a place has a volunteer, who waits has none, a backup is somebody else,
    /// only a proposal has a clock, and only what is closed says why.
    #[test]
    fn no_sequence_of_moves_leads_to_a_contradiction(steps in prop::collection::vec((0..21_usize, 0..40_i64), 1..60)) {
        let mut case = standing(CaseState::Reported);
        let mut clock = now();
        for (which, hours) in steps {
            clock += TimeDelta::hours(hours);
            if let Ok(next) = after(&case, every_move()[which], clock) {
                case = next;
            }
            prop_assert_eq!(case.state.takes_a_place() || !case.state.is_open(), case.volunteer.is_some() || !case.state.is_open());
            prop_assert_eq!(case.proposed_at.is_some(), case.state == CaseState::Proposed);
            prop_assert_eq!(case.closing.is_some(), !case.state.is_open());
            prop_assert!(case.backup.is_none() || case.backup != case.volunteer);
            if case.state.takes_a_place() {
                prop_assert!(case.agreed_on.is_some(), "nobody is offered who has not agreed");
            }
        }
    }
}
