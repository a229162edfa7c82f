-- taking reports: what was seen stands apart from the person, whoever told it apart from both.
--
-- a case is a person or a family; a report is what somebody said of them on one day. the first is written together with
-- its case, and each further one is added to the case that is there, so that nobody is entered twice.
create table reports (
    id integer primary key,
    -- what was said of somebody goes with the case.
    case_id integer not null references cases (id) on delete cascade,
    at text not null,
    channel text not null check (channel in ('telephone', 'voisin', 'relais', 'benevole', 'institution', 'autre')),
    seen blob not null,
    -- codes, comma-separated; they speak of health: sealed like those of the case.
    signs blob not null,
    -- what was done at once about a danger; empty without one.
    danger_action blob not null,
    -- who told it, if they said so: to call them back, and for nobody else's eyes.
    reporter_name blob not null,
    reporter_phone blob not null,
    reporter_relation blob not null,
    -- who typed it; the report outlives the account.
    account_id integer references accounts (id) on delete set null
) strict;

create index reports_case on reports (case_id);
create index reports_account on reports (account_id);

-- how the person moves and with how many they live: about health and family, sealed. one row for a case, under its key.
create table households (
    id integer primary key references cases (id) on delete cascade,
    mobility blob not null,
    people blob not null
) strict;

-- a form that is sent twice is recorded once: keyed hashes of the account with the key that the page drew, and of what
-- was sent with it. forgotten after a day.
create table idempotency_keys (
    digest blob primary key,
    content blob not null,
    case_id integer not null references cases (id) on delete cascade,
    at text not null
) strict;

create index idempotency_keys_case on idempotency_keys (case_id);
create index idempotency_keys_at on idempotency_keys (at);
