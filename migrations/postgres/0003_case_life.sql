-- a case is lived: each move of it is dated and signed, a volunteer has days away and things he or she does, and who waits is
-- not forgotten.

-- grows with every write to the case: whoever changes it says which version was looked at.
alter table cases add column version bigint not null default 1;
-- what the volunteer is asked for: codes, comma-separated. it speaks of health: sealed.
alter table cases add column needs bytea;
-- the day the person agreed to be accompanied: nobody is offered to a volunteer before.
alter table cases add column agreed_on date;
alter table cases add column next_contact_on date;
alter table cases add column review_on date;
-- the day somebody dealt with the danger that the signs tell of: before it the case is in no matching.
alter table cases add column danger_cleared_on date;
alter table cases add column closing text check (closing in ('autonomy_regained', 'institution_took_over', 'refused', 'moved',
    'died', 'out_of_scope', 'duplicate', 'error'));
-- since when the volunteer has been asked: without an answer the case goes back after two working days.
alter table cases add column proposed_at timestamptz;
alter table cases add column backup_id bigint references volunteers (id);

create index cases_backup on cases (backup_id);

-- what the volunteer does, sealed; empty: whatever is needed.
alter table volunteers add column needs bytea;
-- whether the coordination has met the volunteer and checked what must be checked before a first visit.
alter table volunteers add column cleared boolean not null default true;

-- what was done with a case, by whom, when and why. gone with the case.
create table case_moves (
    id bigint primary key,
    case_id bigint not null references cases (id) on delete cascade,
    at timestamptz not null,
    -- nobody: the service itself, or a command on the machine.
    account_id bigint references accounts (id) on delete set null,
    act text not null check (act in ('take_up', 'inform', 'qualify', 'propose', 'accept', 'decline', 'withdraw', 'expire',
        'begin', 'contact', 'review', 'pause', 'resume', 'hand_over', 'release', 'back_up', 'raise_danger', 'clear_danger',
        'close', 'reopen', 'archive', 'undo')),
    from_state text not null,
    to_state text not null,
    -- whom it is about: who was asked, who said yes or no, who visited.
    volunteer_id bigint references volunteers (id) on delete set null,
    -- the code of why, where a closed list says it.
    why text,
    -- sealed words; may be empty.
    note bytea not null,
    -- sealed: how the case stood before, so that its author can take the move back.
    before bytea not null,
    -- the version of the case that it made.
    version bigint not null,
    undone boolean not null default false
);

create index case_moves_case on case_moves (case_id, id);
create index case_moves_volunteer on case_moves (volunteer_id);
create index case_moves_account on case_moves (account_id);

-- days on which a volunteer is away; both included.
create table absences (
    id bigint primary key,
    volunteer_id bigint not null references volunteers (id) on delete cascade,
    from_on date not null,
    to_on date not null,
    check (from_on <= to_on)
);

create index absences_volunteer on absences (volunteer_id);

-- this volunteer and this person are not to meet. why is nobody's business.
create table conflicts (
    case_id bigint not null references cases (id) on delete cascade,
    volunteer_id bigint not null references volunteers (id) on delete cascade,
    primary key (case_id, volunteer_id)
);

create index conflicts_volunteer on conflicts (volunteer_id);

-- a visit or a call, in guided words.
create table visits (
    id bigint primary key,
    case_id bigint not null references cases (id) on delete cascade,
    -- the move that tells of it: taken back together.
    move_id bigint not null references case_moves (id) on delete cascade,
    volunteer_id bigint references volunteers (id) on delete set null,
    account_id bigint references accounts (id) on delete set null,
    at timestamptz not null,
    visited_on date not null,
    kind text not null check (kind in ('visit', 'phone', 'outing', 'no_answer')),
    -- sealed: what was noticed, as codes, and words.
    mood bytea not null,
    note bytea not null
);

create index visits_case on visits (case_id, visited_on);
create index visits_move on visits (move_id);
create index visits_volunteer on visits (volunteer_id);
create index visits_account on visits (account_id);

-- an institution was asked to help.
create table referrals (
    id bigint primary key,
    case_id bigint not null references cases (id) on delete cascade,
    referred_on date not null,
    institution bytea not null,
    outcome text check (outcome in ('taken_over', 'helps_too', 'declined', 'no_answer')),
    outcome_on date,
    check ((outcome is null) = (outcome_on is null))
);

create index referrals_case on referrals (case_id);

-- the planner keeps no sample of what is sealed, as before.
alter table cases alter column needs set statistics 0;
alter table volunteers alter column needs set statistics 0;
alter table case_moves alter column note set statistics 0, alter column before set statistics 0;
alter table visits alter column mood set statistics 0, alter column note set statistics 0;
alter table referrals alter column institution set statistics 0;
