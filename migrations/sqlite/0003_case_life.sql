-- a case is lived: each move of it is dated and signed, a volunteer has days away and things he or she does, and who waits is
-- not forgotten.

-- grows with every write to the case: whoever changes it says which version was looked at.
alter table cases add column version integer not null default 1;
-- what the volunteer is asked for: codes, comma-separated. it speaks of health: sealed.
alter table cases add column needs blob;
-- the day the person agreed to be accompanied: nobody is offered to a volunteer before.
alter table cases add column agreed_on text
        check (agreed_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]');
alter table cases add column next_contact_on text
        check (next_contact_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]');
alter table cases add column review_on text
        check (review_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]');
-- the day somebody dealt with the danger that the signs tell of: before it the case is in no matching.
alter table cases add column danger_cleared_on text
        check (danger_cleared_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]');
alter table cases add column closing text check (closing in ('autonomy_regained', 'institution_took_over', 'refused', 'moved',
    'died', 'out_of_scope', 'duplicate', 'error'));
-- since when the volunteer has been asked: without an answer the case goes back after two working days.
alter table cases add column proposed_at text;
alter table cases add column backup_id integer references volunteers (id);

create index cases_backup on cases (backup_id);

-- what the volunteer does, sealed; empty: whatever is needed.
alter table volunteers add column needs blob;
-- whether the coordination has met the volunteer and checked what must be checked before a first visit.
alter table volunteers add column cleared integer not null default 1 check (cleared in (0, 1));

-- what was done with a case, by whom, when and why. gone with the case.
create table case_moves (
    id integer primary key,
    case_id integer not null references cases (id) on delete cascade,
    at text not null,
    -- nobody: the service itself, or a command on the machine.
    account_id integer references accounts (id) on delete set null,
    act text not null check (act in ('take_up', 'inform', 'qualify', 'propose', 'accept', 'decline', 'withdraw', 'expire',
        'begin', 'contact', 'review', 'pause', 'resume', 'hand_over', 'release', 'back_up', 'raise_danger', 'clear_danger',
        'close', 'reopen', 'archive', 'undo')),
    from_state text not null,
    to_state text not null,
    -- whom it is about: who was asked, who said yes or no, who visited.
    volunteer_id integer references volunteers (id) on delete set null,
    -- the code of why, where a closed list says it.
    why text,
    -- sealed words; may be empty.
    note blob not null,
    -- sealed: how the case stood before, so that its author can take the move back.
    before blob not null,
    -- the version of the case that it made.
    version integer not null,
    undone integer not null default 0 check (undone in (0, 1))
) strict;

create index case_moves_case on case_moves (case_id, id);
create index case_moves_volunteer on case_moves (volunteer_id);
create index case_moves_account on case_moves (account_id);

-- days on which a volunteer is away; both included.
create table absences (
    id integer primary key,
    volunteer_id integer not null references volunteers (id) on delete cascade,
    from_on text not null
        check (from_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    to_on text not null
        check (to_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    check (from_on <= to_on)
) strict;

create index absences_volunteer on absences (volunteer_id);

-- this volunteer and this person are not to meet. why is nobody's business.
create table conflicts (
    case_id integer not null references cases (id) on delete cascade,
    volunteer_id integer not null references volunteers (id) on delete cascade,
    primary key (case_id, volunteer_id)
) strict;

create index conflicts_volunteer on conflicts (volunteer_id);

-- a visit or a call, in guided words.
create table visits (
    id integer primary key,
    case_id integer not null references cases (id) on delete cascade,
    -- the move that tells of it: taken back together.
    move_id integer not null references case_moves (id) on delete cascade,
    volunteer_id integer references volunteers (id) on delete set null,
    account_id integer references accounts (id) on delete set null,
    at text not null,
    visited_on text not null
        check (visited_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    kind text not null check (kind in ('visit', 'phone', 'outing', 'no_answer')),
    -- sealed: what was noticed, as codes, and words.
    mood blob not null,
    note blob not null
) strict;

create index visits_case on visits (case_id, visited_on);
create index visits_move on visits (move_id);
create index visits_volunteer on visits (volunteer_id);
create index visits_account on visits (account_id);

-- an institution was asked to help.
create table referrals (
    id integer primary key,
    case_id integer not null references cases (id) on delete cascade,
    referred_on text not null
        check (referred_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    institution blob not null,
    outcome text check (outcome in ('taken_over', 'helps_too', 'declined', 'no_answer')),
    outcome_on text
        check (outcome_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    check ((outcome is null) = (outcome_on is null))
) strict;

create index referrals_case on referrals (case_id);
