-- relays report without an account: a code on the sticker says who reports, a receipt asks what became of it.

-- the code on a relay's sticker. `id` is the relay's: one code at a time, and a new one ends the former.
create table sticker_codes (
    id integer primary key references relays (id) on delete cascade,
    -- keyed hash: who reads this table can report in nobody's name.
    digest blob not null unique,
    -- sealed, to print the sticker again.
    code blob not null,
    made_on text not null check (made_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')
) strict;

-- what is known of a report besides its case. `id` is the case's, and goes with it.
create table relay_reports (
    id integer primary key references cases (id) on delete cascade,
    -- null once the relay is erased.
    relay_id integer references relays (id) on delete set null,
    -- keyed hash of the receipt, and who reported and how to call back, sealed; both go after six months.
    receipt blob unique,
    reporter blob
) strict;

-- the foreign key is checked from this side.
create index relay_reports_relay on relay_reports (relay_id);
