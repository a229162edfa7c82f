-- everything that is personal lies here sealed: xchacha20-poly1305, one nonce per field, bound to its table, row and column.
-- a database of version 1 held it in clear and is refused; this version begins anew.
--
-- habits kept in every table: a bigint key of our own beside the city's reference, because references get corrected and
-- keys never; closed lists as text with a check, so that a typing error in a hand-written statement is refused by the
-- database too; `bytea` is sealed or keyed, never readable; `_index` is a keyed hash that finds an equal value again.
-- keys come from `counters`, because a field is sealed with its row's key, which must be known before the row is written;
-- a deleted row's key is never given again.

create table counters (
    table_name text primary key,
    last bigint not null check (last >= 0)
);

-- each key that has sealed something here seals a known text: a wrong or a missing key shows before anything is read.
create table key_checks (
    key_id bigint primary key check (key_id between 1 and 4294967295),
    sealed bytea not null
);

-- keys that outlive the rotation of the key file: of the mask, of pseudonyms, of oppositions, of the audit. sealed themselves.
create table secrets (
    name text primary key,
    sealed bytea not null
);

create table volunteers (
    id bigint primary key,
    -- an import updates the volunteer who bears this reference, so two may not share it.
    reference text not null unique check (length(reference) between 1 and 64),
    family_name bytea not null,
    given_name bytea not null,
    phone bytea not null,
    email bytea not null,
    address bytea not null,
    position bytea,
    active boolean not null,
    -- nobody visits fifty people; a larger number is a typing error.
    capacity bigint not null check (capacity between 0 and 50),
    -- a walk that the volunteer agreed to, in minutes; two hours is beyond any walk to a neighbour.
    max_walk_min bigint not null check (max_walk_min between 1 and 120),
    profile text not null check (profile in ('foot', 'reduced_mobility')),
    -- iso 639-1 codes, comma-separated, in order of preference.
    languages bytea not null,
    name_index bytea,
    phone_index bytea,
    address_index bytea
);

create index volunteers_name on volunteers (name_index);
create index volunteers_phone on volunteers (phone_index);
create index volunteers_address on volunteers (address_index);

create table cases (
    id bigint primary key,
    -- an import updates the case that bears this reference, so two may not share it.
    reference text not null unique check (length(reference) between 1 and 64),
    state text not null check (state in ('reported', 'to_qualify', 'informing', 'qualified', 'proposed', 'accepted',
        'accompanied', 'paused', 'closed', 'archived', 'purged')),
    subject text not null check (subject in ('person', 'family')),
    family_name bytea not null,
    given_name bytea not null,
    phone bytea not null,
    address bytea not null,
    position bytea,
    -- codes, comma-separated. causes and signs speak of health: sealed like a name.
    causes bytea not null,
    duration text not null check (duration in ('temporaire', 'chronique', 'inconnue')),
    signs bytea not null,
    languages bytea not null,
    channel text not null check (channel in ('telephone', 'voisin', 'relais', 'benevole', 'institution', 'autre')),
    reported_on date not null,
    -- objective and short: the person may read it one day.
    notes bytea not null,
    -- a case never points at a volunteer who is not there.
    volunteer_id bigint references volunteers (id),
    -- the day the person was told of the report: due within one month (gdpr, article 14).
    informed_on date,
    -- the day of the last contact: two years after it the case is proposed for purging.
    last_contact_on date,
    name_index bytea,
    phone_index bytea,
    address_index bytea
);

-- loads are counted per volunteer, and the foreign key is checked from this side.
create index cases_volunteer on cases (volunteer_id);
create index cases_name on cases (name_index);
create index cases_phone on cases (phone_index);
create index cases_address on cases (address_index);

create table relays (
    id bigint primary key,
    -- an import updates the relay that bears this reference, so two may not share it.
    reference text not null unique check (length(reference) between 1 and 64),
    -- a relay may be a private person: sealed, though a shop's name hangs over its door.
    name bytea not null,
    kind text not null check (kind in ('commercant', 'infirmier', 'kinesitherapeute', 'ambulancier', 'habitant', 'voisin',
        'equipe_educative', 'club', 'personnel_bailleur', 'representant_culte', 'aide_domicile', 'prestataire_domicile',
        'jeune', 'coproprietaire')),
    address bytea not null,
    position bytea,
    premises boolean not null,
    sticker text not null check (sticker in ('proposed', 'accepted', 'placed', 'verified', 'stale', 'removed')),
    -- unknown for stickers placed before anybody kept a list.
    sticker_on date,
    name_index bytea,
    address_index bytea
);

create index relays_name on relays (name_index);
create index relays_address on relays (address_index);

-- open data, replaced whole by each import.
create table addresses (
    id bigint generated always as identity primary key,
    -- the file's own identifier: the page sends it back when somebody picks an address, so it must name one place.
    address_id text not null unique check (length(address_id) >= 1),
    -- 99999 means "no number" in french address files and never comes in.
    number bigint not null check (number between 0 and 9999),
    suffix text not null,
    street text not null,
    postcode text not null,
    city text not null,
    lon double precision not null check (lon between -180 and 180),
    lat double precision not null check (lat between -90 and 90)
);

-- quarters are data: a fifth one comes with a file, not with a migration.
create table quarters (
    id text primary key check (length(id) >= 1),
    name text not null,
    precision text not null check (precision in ('indicative', 'official')),
    source text not null,
    licence text not null,
    drawn_on date,
    -- well-known text, `multipolygon`: read back in full precision, and readable by any other tool.
    polygons text not null
);

-- compiled street networks lie beside the database as files; the newest row names the one in use.
create table networks (
    id bigint generated always as identity primary key,
    file_name text not null,
    -- the file's own checksum: a row that names another file's bytes is found out when it is opened.
    checksum text not null,
    imported_at timestamptz not null,
    source text not null
);

-- what is known of the whole study: whether the data is a demonstration, and the like.
create table meta (
    key text primary key check (length(key) >= 1),
    value text not null
);

-- every write adds its rows here in its own transaction. a running server reads past the last `seq` it has seen, so an
-- import beside it is taken up at once. `row_id` 0 means the whole table.
create table changes (
    seq bigint generated always as identity primary key,
    table_name text not null check (table_name in ('cases', 'volunteers', 'relays', 'addresses', 'quarters', 'networks', 'meta')),
    row_id bigint not null
);

-- who may sign in. the login may be somebody's name: sealed, and found by its keyed hash.
create table accounts (
    id bigint primary key,
    login bytea not null,
    login_index bytea not null unique,
    name bytea not null,
    -- an argon2id hash, sealed in its turn: without the key file nobody can even begin to guess.
    password bytea not null,
    -- sealed second-factor secret; null without one. `totp_step` is the last time step used, so that no code works twice.
    totp bytea,
    totp_confirmed boolean not null default false,
    totp_step bigint not null default 0,
    volunteer_id bigint references volunteers (id) on delete set null,
    -- made by the demonstration: such a server listens on this machine only.
    demonstration boolean not null,
    disabled boolean not null default false,
    created_at timestamptz not null,
    seen_at timestamptz
);

create table account_roles (
    account_id bigint not null references accounts (id) on delete cascade,
    role text not null check (role in ('accueil', 'coordination', 'pilotage', 'diffusion', 'bienveilleur', 'dpo', 'administration')),
    primary key (account_id, role)
);

-- a session is known by the sha-256 of its token: who reads this table can sign in as nobody.
create table sessions (
    id bigint primary key,
    account_id bigint not null references accounts (id) on delete cascade,
    token_hash bytea not null unique,
    kind text not null check (kind in ('password', 'pin')),
    device_id bigint,
    created_at timestamptz not null,
    seen_at timestamptz not null,
    -- a break-glass right, until then.
    glass_until_at timestamptz
);

create index sessions_account on sessions (account_id);

-- a volunteer's phone: known for 30 days, opened again by a pin of six digits.
create table devices (
    id bigint primary key,
    account_id bigint not null references accounts (id) on delete cascade,
    token_hash bytea not null unique,
    pin bytea not null,
    failures bigint not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

-- wrong attempts, by keyed hash of an account's login (whether it exists or not) or of an address.
create table throttles (
    subject bytea primary key,
    failures bigint not null,
    last_at timestamptz not null,
    blocked_until_at timestamptz
);

-- what is old is forgotten at each attempt.
create index throttles_last on throttles (last_at);

-- what the data protection officer must be told.
create table notices (
    id bigint primary key,
    at timestamptz not null,
    kind text not null check (kind in ('break_glass')),
    detail bytea not null,
    account_id bigint references accounts (id) on delete set null,
    seen_at timestamptz
);

-- who did what, when and why. each writer's rows are one chain; `mac` signs the row and the mac before it.
create table audit (
    chain_id text not null check (length(chain_id) between 1 and 64),
    seq bigint not null check (seq >= 1),
    -- the month, e.g. 2026-11: retention lets whole segments go.
    segment text not null check (segment ~ '^[0-9]{4}-[0-9]{2}$'),
    at timestamptz not null,
    actor text not null,
    act text not null,
    resource text not null,
    -- keyed pseudonym of the person concerned; empty when it is nobody or a list.
    subject text not null,
    records bigint not null,
    outcome text not null check (outcome in ('done', 'refused')),
    -- why, and other words; sealed.
    reason bytea,
    mac bytea not null,
    primary key (chain_id, seq)
);

create index audit_at on audit (at);
create index audit_subject on audit (subject) where subject <> '';

-- where each chain ends: rows cut off its end are missed.
create table audit_heads (
    chain_id text primary key,
    seq bigint not null,
    segment text not null,
    mac bytea not null,
    signature bytea not null
);

-- up to here a chain may be let go, signed: what follows can still be verified.
create table audit_checkpoints (
    chain_id text not null,
    seq bigint not null,
    mac bytea not null,
    at timestamptz not null,
    signature bytea not null,
    primary key (chain_id, seq)
);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is append-only';
end $$;

create function refuse_audit_deletion() returns trigger language plpgsql as $$
begin
    if exists (select 1 from audit_checkpoints c where c.chain_id = old.chain_id and c.seq >= old.seq) then
        return old;
    end if;
    raise exception 'the audit goes only below a signed checkpoint';
end $$;

create trigger audit_is_never_changed before update on audit for each row execute function refuse_audit_change();
create trigger audit_is_never_emptied before truncate on audit for each statement execute function refuse_audit_change();
create trigger audit_goes_only_below_a_checkpoint before delete on audit for each row execute function refuse_audit_deletion();
create trigger audit_checkpoints_are_never_changed before update on audit_checkpoints for each row execute function refuse_audit_change();

-- requests of the persons concerned: to be answered within one month (gdpr, article 12.3).
create table rights_requests (
    id bigint primary key,
    kind text not null check (kind in ('access', 'rectification', 'erasure', 'opposition')),
    subject_kind text check (subject_kind in ('case', 'volunteer', 'relay')),
    -- no foreign key: the request outlives what was erased. of an erased person the pseudonym stays, and no key.
    subject_id bigint,
    subject_pseudonym text,
    received_on date not null,
    carried_out_at timestamptz,
    closed_on date,
    outcome text check (outcome in ('granted', 'refused')),
    note bytea not null,
    created_by bigint references accounts (id) on delete set null,
    -- what was looked for after the erasure.
    proof text,
    check (subject_id is null or subject_pseudonym is null)
);

-- what is left of an erased person: a keyed hash of the reference, so that an old file does not bring it back unseen.
create table tombstones (
    subject bytea primary key,
    reason text not null check (reason in ('erasure', 'opposition', 'refusal', 'retention')),
    erased_on date not null
);

-- keyed hashes of somebody who refused: a new report of the same person gives a warning, until it expires.
create table oppositions (
    digest bytea primary key,
    recorded_on date not null,
    expires_on date not null
);

-- a purge is prepared, signed off by a second person, carried out and proved.
create table retention_runs (
    id bigint primary key,
    made_at timestamptz not null,
    made_by bigint references accounts (id) on delete set null,
    cutoff_on date not null,
    cases bigint not null,
    signed_at timestamptz,
    signed_by bigint references accounts (id) on delete set null,
    purged_at timestamptz,
    proof text,
    check (signed_by is null or made_by is null or signed_by <> made_by)
);

-- the list that was signed off; gone with the purge.
create table retention_items (
    run_id bigint not null references retention_runs (id) on delete cascade,
    case_id bigint not null,
    last_on date not null,
    primary key (run_id, case_id)
);

-- what must still be sought after an erasure: written with it, sealed, and gone with a proof that found nothing.
create table traces (
    id bigint primary key,
    -- of a purge, of a request, or of neither: a refusal.
    run_id bigint references retention_runs (id) on delete cascade,
    request_id bigint references rights_requests (id) on delete cascade,
    -- how many on the list of a purge stayed.
    kept bigint not null,
    -- the oldest day on which one of the erased was reported.
    since_on date,
    sought bytea not null
);

-- the planner keeps samples of what it analyses: of people it keeps none, or an erased one would live on in its statistics;
-- nor of anything sealed, or what a lost key can open would.
alter table cases
    alter column reference set statistics 0,
    alter column family_name set statistics 0,
    alter column given_name set statistics 0,
    alter column phone set statistics 0,
    alter column address set statistics 0,
    alter column position set statistics 0,
    alter column causes set statistics 0,
    alter column signs set statistics 0,
    alter column languages set statistics 0,
    alter column notes set statistics 0,
    alter column name_index set statistics 0,
    alter column phone_index set statistics 0,
    alter column address_index set statistics 0;
alter table volunteers
    alter column reference set statistics 0,
    alter column family_name set statistics 0,
    alter column given_name set statistics 0,
    alter column phone set statistics 0,
    alter column email set statistics 0,
    alter column address set statistics 0,
    alter column position set statistics 0,
    alter column languages set statistics 0,
    alter column name_index set statistics 0,
    alter column phone_index set statistics 0,
    alter column address_index set statistics 0;
alter table relays
    alter column reference set statistics 0,
    alter column name set statistics 0,
    alter column address set statistics 0,
    alter column position set statistics 0,
    alter column name_index set statistics 0,
    alter column address_index set statistics 0;
alter table accounts
    alter column login set statistics 0,
    alter column login_index set statistics 0,
    alter column name set statistics 0,
    alter column password set statistics 0,
    alter column totp set statistics 0;
alter table sessions alter column token_hash set statistics 0;
alter table devices
    alter column token_hash set statistics 0,
    alter column pin set statistics 0;
alter table notices alter column detail set statistics 0;
alter table rights_requests alter column note set statistics 0;
alter table secrets alter column sealed set statistics 0;
alter table key_checks alter column sealed set statistics 0;
alter table traces alter column sought set statistics 0;
