# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read by those who source it
# Common ground of the integration tests: source it, first thing.
#
#   . "$(dirname "$0")/lib.sh"
#   start tscd "$BIN/tscd" -c "$config" --snmp udp:127.0.0.1:0
#   ready tscd || finish
#   check "uptime is read" "0" "$(snmpget ... | wc -l)"
#   stop tscd; check "tscd ends well" 0 "$status"
#   finish
#
# BIN is the directory of the built programs, ROOT the top of the sources; both have defaults, so a
# script also runs by hand. $work is a directory of this run's own, removed at the end. Every program
# started here is ended by its own process id, however the script ends.

set -u
ROOT=${ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
BIN=${BIN:-$ROOT/build/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/tsc-test.XXXXXX")
script=$(basename "$0" .sh)
failed=0
status=0
declare -A pid

# The tools of net-snmp read no configuration and no MIB of this machine and leave nothing behind.
export SNMPCONFPATH=$work/snmp SNMP_PERSISTENT_DIR=$work/snmp MIBS=""
mkdir -p "$work/snmp/cert_indexes"

cleanup() {
    local name
    for name in "${!pid[@]}"; do
        kill -KILL "${pid[$name]}" 2>/dev/null
        wait "${pid[$name]}" 2>/dev/null
    done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# start NAME PROGRAM ARGUMENT...: runs it beside the script, its output in $work/NAME.out and .err.
start() {
    local name=$1
    shift
    : >"$work/$name.out" # here, not in the child: what an earlier one said must be gone on return
    : >"$work/$name.err"
    (
        trap - EXIT INT TERM HUP # a child stopped before it is the program must not clean up for us
        exec "$@"
    ) >"$work/$name.out" 2>"$work/$name.err" </dev/null &
    pid[$name]=$!
}

# running NAME: whether it still runs.
running() {
    kill -0 "${pid[$1]}" 2>/dev/null
}

# stop NAME [SIGNAL]: asks it to end (TERM unless told otherwise) and leaves its exit status in $status;
# 124 if it had to be killed after 10 seconds.
stop() {
    local name=$1 late=0
    kill -"${2:-TERM}" "${pid[$name]}" 2>/dev/null
    if ! wait_for 10 gone "$name"; then
        late=1
        kill -KILL "${pid[$name]}" 2>/dev/null
    fi
    wait "${pid[$name]}" 2>/dev/null
    status=$?
    if [ $late = 1 ]; then status=124; fi
    unset "pid[$name]"
}

# gone NAME: whether it has ended (a process not yet waited for counts as ended).
gone() {
    local state
    state=$(sed 's/.*) //' "/proc/${pid[$1]}/stat" 2>/dev/null) || return 0
    [ -z "$state" ] || [ "${state%% *}" = Z ]
}

# wait_for SECONDS COMMAND...: tries the command until it succeeds; fails after that many seconds.
wait_for() {
    local deadline=$((SECONDS + $1 + 1))
    shift
    until "$@"; do
        if [ $SECONDS -ge $deadline ]; then return 1; fi
        sleep 0.05
    done
}

has_ready_line() {
    grep -q '^[a-z_]* ready' "$work/$1.out" || gone "$1"
}

# ready NAME: waits for its line `PROGRAM ready ...`; says what went wrong if there is none.
ready() {
    if wait_for 20 has_ready_line "$1" && grep -q '^[a-z_]* ready' "$work/$1.out"; then return 0; fi
    failed=1
    echo "FAIL $script: $1 starts: expected a ready line, came:"
    sed 's/^/    /' "$work/$1.out" "$work/$1.err"
    return 1
}

# address NAME KEY [KIND]: the first address of that key in the ready line (KEY=ADDRESS,ADDRESS...), of the
# kind (udp, tcp, udp6...) if one is named: "udp:127.0.0.1:40123".
address() {
    grep '^[a-z_]* ready' "$work/$1.out" | tr ' ' '\n' | sed -n "s/^$2=//p" | tr ',' '\n' |
        grep "^${3:+$3:}" | head -n 1
}

broker_settled() { grep -q ' running$' "$work/$1.err" || gone "$1"; }

# begin_broker NAME PORT LINE...: an MQTT broker of our own with these lines of configuration on that port, left in
# $port. PORT 0: a free one; a broker takes no "any", so some are tried until it holds one.
begin_broker() {
    local name=$1 wanted=$2 try
    shift 2
    for try in 1 2 3 4 5; do
        port=$((wanted ? wanted : 20000 + (RANDOM + try) % 20000))
        printf '%s\n' "listener $port 127.0.0.1" "user $(id -un)" "persistence false" "set_tcp_nodelay true" "$@" \
            >"$work/$name.conf"
        start "$name" /usr/sbin/mosquitto -v -c "$work/$name.conf"
        if wait_for 5 broker_settled "$name" && running "$name"; then return 0; fi
        stop "$name" KILL
    done
    failed=1
    echo "FAIL $script: a broker starts; the last said:"
    sed 's/^/    /' "$work/$name.err"
    finish
}

# by_name: from here on the tools of net-snmp know the objects by our own MIB modules.
by_name() {
    if ! "$BIN/tscd" --mib "$work/mibs" >/dev/null; then
        failed=1
        echo "FAIL $script: the MIB modules are written"
        return 1
    fi
    export MIBDIRS=$work/mibs MIBS=ALL
}

# check CASE EXPECTED CAME: equal or not.
check() {
    if [ "$2" = "$3" ]; then
        echo "ok $script: $1"
    else
        failed=1
        echo "FAIL $script: $1: expected '$2', came '$3'"
    fi
}

# check_match CASE PATTERN CAME: the pattern as in [[ a == pattern ]].
check_match() {
    # shellcheck disable=SC2053 # the right side is meant as a pattern
    if [[ "$3" == $2 ]]; then
        echo "ok $script: $1"
    else
        failed=1
        echo "FAIL $script: $1: expected '$2', came '$3'"
    fi
}

# skip CASE WHY: for what this machine cannot show; printed, never silent.
skip() {
    echo "skip $script: $1: $2"
}

finish() {
    exit $failed
}
