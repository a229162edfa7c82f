#!/bin/sh
# A throwaway PostgreSQL for the tests.
#
#   tests/support/postgres.sh start FOLDER   starts one with its data in FOLDER/postgres, prints its URL
#   tests/support/postgres.sh stop FOLDER    stops it and removes its data; does nothing when there is none
#
# It takes the machine's own PostgreSQL (on PATH, then /usr/lib/postgresql); without one, as root, the distribution's
# package; else the pinned wheel pgserver in a virtual environment under target/. PostgreSQL refuses to run as root: there
# it runs as the user postgres or nobody. It listens on loopback only, on a free port, and syncs nothing: it is thrown away.
set -eu

action=${1:?start or stop}
folder=${2:?a folder of its own}
root=$(cd "$(dirname "$0")/../.." && pwd)
data=$folder/postgres

# The folder that holds pg_ctl and initdb.
find_binaries() {
    if command -v pg_ctl >/dev/null 2>&1 && command -v initdb >/dev/null 2>&1; then
        dirname "$(readlink -f "$(command -v pg_ctl)")"
        return 0
    fi
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -1)
    if [ -n "$found" ] && [ -x "$found/pg_ctl" ]; then
        echo "$found"
        return 0
    fi
    return 1
}

binaries() {
    find_binaries && return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "postgres.sh: installing the distribution's postgresql" >&2
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; } >&2 || true
        find_binaries && return 0
    fi
    venv=${CARGO_TARGET_DIR:-$root/target}/pgserver
    if [ ! -x "$venv/bin/python" ]; then
        echo "postgres.sh: installing pgserver 0.1.4 in $venv" >&2
        python3 -m venv "$venv" >&2
    fi
    "$venv/bin/python" -m pip install --quiet pgserver==0.1.4 >&2
    "$venv/bin/python" -c 'import os, pgserver; print(os.path.join(os.path.dirname(pgserver.__file__), "pginstall", "bin"))'
}

# Runs a command as the user who may run PostgreSQL.
as_user() {
    if [ "$(id -u)" != 0 ]; then
        "$@"
    elif id postgres >/dev/null 2>&1; then
        runuser -u postgres -- "$@"
    else
        runuser -u nobody -- "$@"
    fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

case $action in
start)
    # `status` must run where PostgreSQL's user may be.
    if [ -f "$data/url" ] && (cd / && as_user "$(cat "$data/bin")/pg_ctl" --pgdata "$data/cluster" status) >/dev/null 2>&1; then
        cat "$data/url"
        exit 0
    fi
    bin=$(binaries)
    mkdir -p "$data"
    if [ "$(id -u)" = 0 ]; then
        user=postgres
        id postgres >/dev/null 2>&1 || user=nobody
        chown "$user" "$data"
        # PostgreSQL's user must be able to reach its own folder.
        if ! as_user test -w "$data"; then
            echo "postgres.sh: the user $user cannot enter $data; give a folder that everybody may enter" >&2
            exit 2
        fi
    fi
    printf '%s\n' "$bin" > "$data/bin"
    cd /
    if [ ! -d "$data/cluster" ]; then
        as_user "$bin/initdb" --pgdata "$data/cluster" --username bienveilleurs --auth trust --encoding UTF8 \
            --locale C.UTF-8 --no-sync > "$data/initdb.log" 2>&1 ||
            { cat "$data/initdb.log" >&2; exit 2; }
    fi
    tries=0
    while :; do
        port=$(free_port)
        if as_user "$bin/pg_ctl" --pgdata "$data/cluster" --log "$data/cluster/server.log" --wait --timeout 60 \
            --options "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c fsync=off \
                -c synchronous_commit=off -c full_page_writes=off -c max_connections=200" start > "$data/start.log" 2>&1; then
            break
        fi
        # Somebody may have taken the port in between.
        tries=$((tries + 1))
        if [ "$tries" -ge 3 ]; then
            cat "$data/start.log" "$data/cluster/server.log" >&2 || true
            exit 2
        fi
    done
    printf 'postgres://bienveilleurs@127.0.0.1:%s/postgres\n' "$port" > "$data/url"
    cat "$data/url"
    ;;
stop)
    [ -d "$data" ] || exit 0
    if [ -f "$data/bin" ] && [ -f "$data/cluster/postmaster.pid" ]; then
        bin=$(cat "$data/bin")
        cd /
        as_user "$bin/pg_ctl" --pgdata "$data/cluster" --mode immediate --wait --silent stop || true
    fi
    rm -rf "$data"
    ;;
*)
    echo "usage: postgres.sh start|stop FOLDER" >&2
    exit 2
    ;;
esac
