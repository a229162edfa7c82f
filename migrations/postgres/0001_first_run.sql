-- the first run: people, places and the ground they stand on.
--
-- habits kept in every table: a bigint key of our own beside the city's reference, because references get corrected and
-- keys never; closed lists as text with a check, so that a typing error in a hand-written statement is refused by the
-- database too; positions as a pair that is either whole or absent, because half a position is no position.
-- an identity that is `always` generated never gives a deleted row's key again.

create table volunteers (
    id bigint generated always as identity primary key,
    -- an import updates the volunteer who bears this reference, so two may not share it.
    reference text not null unique check (length(reference) between 1 and 64),
    family_name text not null,
    given_name text not null,
    phone text not null,
    email text not null,
    address text not null,
    lon double precision check (lon between -180 and 180),
    lat double precision check (lat between -90 and 90),
    active boolean not null,
    -- nobody visits fifty people; a larger number is a typing error.
    capacity bigint not null check (capacity between 0 and 50),
    -- a walk that the volunteer agreed to, in minutes; two hours is beyond any walk to a neighbour.
    max_walk_min bigint not null check (max_walk_min between 1 and 120),
    profile text not null check (profile in ('foot', 'reduced_mobility')),
    -- iso 639-1 codes, comma-separated, in order of preference.
    languages text not null,
    check ((lon is null) = (lat is null))
);

create table cases (
    id bigint generated always as identity primary key,
    -- an import updates the case that bears this reference, so two may not share it.
    reference text not null unique check (length(reference) between 1 and 64),
    state text not null check (state in ('reported', 'to_qualify', 'informing', 'qualified', 'proposed', 'accepted',
        'accompanied', 'paused', 'closed', 'archived', 'purged')),
    subject text not null check (subject in ('person', 'family')),
    family_name text not null,
    given_name text not null,
    phone text not null,
    address text not null,
    lon double precision check (lon between -180 and 180),
    lat double precision check (lat between -90 and 90),
    -- codes, comma-separated: several causes may hold at once, and no question is ever asked of one alone in sql.
    causes text not null,
    duration text not null check (duration in ('temporaire', 'chronique', 'inconnue')),
    signs text not null,
    languages text not null,
    channel text not null check (channel in ('telephone', 'voisin', 'relais', 'benevole', 'institution', 'autre')),
    reported_on date not null,
    -- objective and short: the person may read it one day.
    notes text not null check (length(notes) <= 500),
    -- a case never points at a volunteer who is not there.
    volunteer_id bigint references volunteers (id),
    check ((lon is null) = (lat is null))
);

-- loads are counted per volunteer, and the foreign key is checked from this side.
create index cases_volunteer on cases (volunteer_id);

create table relays (
    id bigint generated always as identity primary key,
    -- an import updates the relay that bears this reference, so two may not share it.
    reference text not null unique check (length(reference) between 1 and 64),
    name text not null,
    kind text not null check (kind in ('commercant', 'infirmier', 'kinesitherapeute', 'ambulancier', 'habitant', 'voisin',
        'equipe_educative', 'club', 'personnel_bailleur', 'representant_culte', 'aide_domicile', 'prestataire_domicile',
        'jeune', 'coproprietaire')),
    address text not null,
    lon double precision check (lon between -180 and 180),
    lat double precision check (lat between -90 and 90),
    premises boolean not null,
    sticker text not null check (sticker in ('proposed', 'accepted', 'placed', 'verified', 'stale', 'removed')),
    -- unknown for stickers placed before anybody kept a list.
    sticker_on date,
    check ((lon is null) = (lat is null))
);

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
