-- everything that is personal lies here sealed: xchacha20-poly1305, one nonce per field, bound to its table, row and column.
-- a database of version 1 held it in clear and is refused; this version begins anew.
--
-- habits kept in every table: a bigint key of our own beside the city's reference, because references get corrected and
-- keys never; closed lists as text with a check, so that a typing error in a hand-written statement is refused by the
-- database too; `blob` is sealed or keyed, never readable; `_index` is a keyed hash that finds an equal value again.
-- keys come from `counters`, because a field is sealed with its row's key, which must be known before the row is written;
-- a deleted row's key is never given again.
-- `strict` makes sqlite refuse text in a number column, as postgresql does.

create table counters (
    table_name text primary key,
    last integer not null check (last >= 0)
) strict;

-- each key that has sealed something here seals a known text: a wrong or a missing key shows before anything is read.
create table key_checks (
    key_id integer primary key check (key_id between 1 and 4294967295),
    sealed blob not null
) strict;

-- keys that outlive the rotation of the key file: of the mask, of pseudonyms, of oppositions, of the audit. sealed themselves.
create table secrets (
    name text primary key,
    sealed blob not null
) strict;

create table volunteers (
    id integer primary key,
    -- an import updates the volunteer who bears this reference, so two may not share it.
    reference text not null unique check (length(reference) between 1 and 64),
    family_name blob not null,
    given_name blob not null,
    phone blob not null,
    email blob not null,
    address blob not null,
    position blob,
    active integer not null check (active in (0, 1)),
    -- nobody visits fifty people; a larger number is a typing error.
    capacity integer not null check (capacity between 0 and 50),
    -- a walk that the volunteer agreed to, in minutes; two hours is beyond any walk to a neighbour.
    max_walk_min integer not null check (max_walk_min between 1 and 120),
    profile text not null check (profile in ('foot', 'reduced_mobility')),
    -- iso 639-1 codes, comma-separated, in order of preference.
    languages blob not null,
    name_index blob,
    phone_index blob,
    address_index blob
) strict;

create index volunteers_name on volunteers (name_index);
create index volunteers_phone on volunteers (phone_index);
create index volunteers_address on volunteers (address_index);

create table cases (
    id integer primary key,
    -- an import updates the case that bears this reference, so two may not share it.
    reference text not null unique check (length(reference) between 1 and 64),
    state text not null check (state in ('reported', 'to_qualify', 'informing', 'qualified', 'proposed', 'accepted',
        'accompanied', 'paused', 'closed', 'archived', 'purged')),
    subject text not null check (subject in ('person', 'family')),
    family_name blob not null,
    given_name blob not null,
    phone blob not null,
    address blob not null,
    position blob,
    -- codes, comma-separated. causes and signs speak of health: sealed like a name.
    causes blob not null,
    duration text not null check (duration in ('temporaire', 'chronique', 'inconnue')),
    signs blob not null,
    languages blob not null,
    channel text not null check (channel in ('telephone', 'voisin', 'relais', 'benevole', 'institution', 'autre')),
    reported_on text not null check (reported_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    -- objective and short: the person may read it one day.
    notes blob not null,
    -- a case never points at a volunteer who is not there.
    volunteer_id integer references volunteers (id),
    -- the day the person was told of the report: due within one month (gdpr, article 14).
    informed_on text check (informed_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    -- the day of the last contact: two years after it the case is proposed for purging.
    last_contact_on text check (last_contact_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    name_index blob,
    phone_index blob,
    address_index blob
) strict;

-- loads are counted per volunteer, and the foreign key is checked from this side.
create index cases_volunteer on cases (volunteer_id);
create index cases_name on cases (name_index);
create index cases_phone on cases (phone_index);
create index cases_address on cases (address_index);

create table relays (
    id integer primary key,
    -- an import updates the relay that bears this reference, so two may not share it.
    reference text not null unique check (length(reference) between 1 and 64),
    -- a relay may be a private person: sealed, though a shop's name hangs over its door.
    name blob not null,
    kind text not null check (kind in ('commercant', 'infirmier', 'kinesitherapeute', 'ambulancier', 'habitant', 'voisin',
        'equipe_educative', 'club', 'personnel_bailleur', 'representant_culte', 'aide_domicile', 'prestataire_domicile',
        'jeune', 'coproprietaire')),
    address blob not null,
    position blob,
    premises integer not null check (premises in (0, 1)),
    sticker text not null check (sticker in ('proposed', 'accepted', 'placed', 'verified', 'stale', 'removed')),
    -- unknown for stickers placed before anybody kept a list.
    sticker_on text check (sticker_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    name_index blob,
    address_index blob
) strict;

create index relays_name on relays (name_index);
create index relays_address on relays (address_index);

-- open data, replaced whole by each import.
create table addresses (
    id integer primary key autoincrement,
    -- the file's own identifier: the page sends it back when somebody picks an address, so it must name one place.
    address_id text not null unique check (length(address_id) >= 1),
    -- 99999 means "no number" in french address files and never comes in.
    number integer not null check (number between 0 and 9999),
    suffix text not null,
    street text not null,
    postcode text not null,
    city text not null,
    lon real not null check (lon between -180 and 180),
    lat real not null check (lat between -90 and 90)
) strict;

-- quarters are data: a fifth one comes with a file, not with a migration.
create table quarters (
    id text primary key check (length(id) >= 1),
    name text not null,
    precision text not null check (precision in ('indicative', 'official')),
    source text not null,
    licence text not null,
    drawn_on text check (drawn_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    -- well-known text, `multipolygon`: read back in full precision, and readable by any other tool.
    polygons text not null
) strict;

-- compiled street networks lie beside the database as files; the newest row names the one in use.
create table networks (
    id integer primary key autoincrement,
    file_name text not null,
    -- the file's own checksum: a row that names another file's bytes is found out when it is opened.
    checksum text not null,
    imported_at text not null,
    source text not null
) strict;

-- what is known of the whole study: whether the data is a demonstration, and the like.
create table meta (
    key text primary key check (length(key) >= 1),
    value text not null
) strict;

-- every write adds its rows here in its own transaction. a running server reads past the last `seq` it has seen, so an
-- import beside it is taken up at once. `row_id` 0 means the whole table.
create table changes (
    seq integer primary key autoincrement,
    table_name text not null check (table_name in ('cases', 'volunteers', 'relays', 'addresses', 'quarters', 'networks', 'meta')),
    row_id integer not null
) strict;

-- who may sign in. the login may be somebody's name: sealed, and found by its keyed hash.
create table accounts (
    id integer primary key,
    login blob not null,
    login_index blob not null unique,
    name blob not null,
    -- an argon2id hash, sealed in its turn: without the key file nobody can even begin to guess.
    password blob not null,
    -- sealed second-factor secret; null without one. `totp_step` is the last time step used, so that no code works twice.
    totp blob,
    totp_confirmed integer not null default 0 check (totp_confirmed in (0, 1)),
    totp_step integer not null default 0,
    volunteer_id integer references volunteers (id) on delete set null,
    -- made by the demonstration: such a server listens on this machine only.
    demonstration integer not null check (demonstration in (0, 1)),
    disabled integer not null default 0 check (disabled in (0, 1)),
    created_at text not null,
    seen_at text
) strict;

create table account_roles (
    account_id integer not null references accounts (id) on delete cascade,
    role text not null check (role in ('accueil', 'coordination', 'pilotage', 'diffusion', 'bienveilleur', 'dpo', 'administration')),
    primary key (account_id, role)
) strict;

-- a session is known by the sha-256 of its token: who reads this table can sign in as nobody.
create table sessions (
    id integer primary key,
    account_id integer not null references accounts (id) on delete cascade,
    token_hash blob not null unique,
    kind text not null check (kind in ('password', 'pin')),
    device_id integer,
    created_at text not null,
    seen_at text not null,
    -- a break-glass right, until then.
    glass_until_at text
) strict;

create index sessions_account on sessions (account_id);

-- a volunteer's phone: known for 30 days, opened again by a pin of six digits.
create table devices (
    id integer primary key,
    account_id integer not null references accounts (id) on delete cascade,
    token_hash blob not null unique,
    pin blob not null,
    failures integer not null default 0,
    created_at text not null,
    expires_at text not null
) strict;

-- wrong attempts, by keyed hash of an account's login (whether it exists or not) or of an address.
create table throttles (
    subject blob primary key,
    failures integer not null,
    last_at text not null,
    blocked_until_at text
) strict;

-- what is old is forgotten at each attempt.
create index throttles_last on throttles (last_at);

-- what the data protection officer must be told.
create table notices (
    id integer primary key,
    at text not null,
    kind text not null check (kind in ('break_glass')),
    detail blob not null,
    account_id integer references accounts (id) on delete set null,
    seen_at text
) strict;

-- who did what, when and why. each writer's rows are one chain; `mac` signs the row and the mac before it.
create table audit (
    chain_id text not null check (length(chain_id) between 1 and 64),
    seq integer not null check (seq >= 1),
    -- the month, e.g. 2026-11: retention lets whole segments go.
    segment text not null check (segment glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    at text not null,
    actor text not null,
    act text not null,
    resource text not null,
    -- keyed pseudonym of the person concerned; empty when it is nobody or a list.
    subject text not null,
    records integer not null,
    outcome text not null check (outcome in ('done', 'refused')),
    -- why, and other words; sealed.
    reason blob,
    mac blob not null,
    primary key (chain_id, seq)
) strict;

create index audit_at on audit (at);
create index audit_subject on audit (subject) where subject <> '';

-- where each chain ends: rows cut off its end are missed.
create table audit_heads (
    chain_id text primary key,
    seq integer not null,
    segment text not null,
    mac blob not null,
    signature blob not null
) strict;

-- up to here a chain may be let go, signed: what follows can still be verified.
create table audit_checkpoints (
    chain_id text not null,
    seq integer not null,
    mac blob not null,
    at text not null,
    signature blob not null,
    primary key (chain_id, seq)
) strict;

create trigger audit_is_never_changed before update on audit begin
    select raise(abort, 'the audit is append-only');
end;

create trigger audit_goes_only_below_a_checkpoint before delete on audit
when not exists (select 1 from audit_checkpoints c where c.chain_id = old.chain_id and c.seq >= old.seq) begin
    select raise(abort, 'the audit goes only below a signed checkpoint');
end;

create trigger audit_checkpoints_are_never_changed before update on audit_checkpoints begin
    select raise(abort, 'a checkpoint is never changed');
end;

-- requests of the persons concerned: to be answered within one month (gdpr, article 12.3).
create table rights_requests (
    id integer primary key,
    kind text not null check (kind in ('access', 'rectification', 'erasure', 'opposition')),
    subject_kind text check (subject_kind in ('case', 'volunteer', 'relay')),
    -- no foreign key: the request outlives what was erased. of an erased person the pseudonym stays, and no key.
    subject_id integer,
    subject_pseudonym text,
    received_on text not null check (received_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    carried_out_at text,
    closed_on text check (closed_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    outcome text check (outcome in ('granted', 'refused')),
    note blob not null,
    created_by integer references accounts (id) on delete set null,
    -- what was looked for after the erasure.
    proof text,
    check (subject_id is null or subject_pseudonym is null)
) strict;

-- what is left of an erased person: a keyed hash of the reference, so that an old file does not bring it back unseen.
create table tombstones (
    subject blob primary key,
    reason text not null check (reason in ('erasure', 'opposition', 'refusal', 'retention')),
    erased_on text not null check (erased_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')
) strict;

-- keyed hashes of somebody who refused: a new report of the same person gives a warning, until it expires.
create table oppositions (
    digest blob primary key,
    recorded_on text not null check (recorded_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    expires_on text not null check (expires_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')
) strict;

-- a purge is prepared, signed off by a second person, carried out and proved.
create table retention_runs (
    id integer primary key,
    made_at text not null,
    made_by integer references accounts (id) on delete set null,
    cutoff_on text not null check (cutoff_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    cases integer not null,
    signed_at text,
    signed_by integer references accounts (id) on delete set null,
    purged_at text,
    proof text,
    check (signed_by is null or made_by is null or signed_by <> made_by)
) strict;

-- the list that was signed off; gone with the purge.
create table retention_items (
    run_id integer not null references retention_runs (id) on delete cascade,
    case_id integer not null,
    last_on text not null check (last_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    primary key (run_id, case_id)
) strict;

-- what must still be sought after an erasure: written with it, sealed, and gone with a proof that found nothing.
create table traces (
    id integer primary key,
    -- of a purge, of a request, or of neither: a refusal.
    run_id integer references retention_runs (id) on delete cascade,
    request_id integer references rights_requests (id) on delete cascade,
    -- how many on the list of a purge stayed.
    kept integer not null,
    -- the oldest day on which one of the erased was reported.
    since_on text check (since_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    sought blob not null
) strict;
