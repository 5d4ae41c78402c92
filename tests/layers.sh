#!/usr/bin/env bash
# Proves who may include whom, who may know the clock and the libraries, and that the timing engine calls
# nothing outside itself. RELEASE_PHASES names a libtsc_phases.a built for release.
#
#   phases       -> nothing of ours
#   ntcip        -> phases                 (agent* besides: net-snmp, libevent)
#   io           -> phases
#   controller   -> all of these
#   sim          -> controller/app.h, config.h and wiring.h, io, phases, ntcip without agent*
#   ntcip/center -> the journal and the evidence of controller, phases
#   tests        -> all
set -uo pipefail
export LC_ALL=C
cd "${ROOT:-$(dirname "$0")/..}" || exit 2
failures=0

# verdict NAME BREACHES: no breach, no failure.
verdict() {
    if [[ -z $2 ]]; then
        echo "ok layers: $1"
    else
        echo "FAIL layers: $1"
        printf '    %s\n' "${2//$'\n'/$'\n    '}"
        failures=$((failures + 1))
    fi
}

# Every include of our own as `FILE TARGET`, both from the top of the project.
ours() {
    grep -nE '^#include "' "$@" /dev/null | sed -E 's/^([^:]*):[0-9]+:#include "([^"]*)".*/\1 \2/' |
        while read -r file target; do
            path=$(dirname "$file")/$target
            while [[ $path =~ [^/]+/\.\./ ]]; do path=${path/"${BASH_REMATCH[0]}"/}; done
            echo "$file $path"
        done
}

# Includes of our own in FILES that do not match the pattern: not_among PATTERN FILES...
not_among() {
    local pattern=$1
    shift
    ours "$@" | awk -v pattern="^($pattern)$" '$2 !~ pattern { print $1 " includes " $2 }'
}

# System headers in FILES that match the pattern: system_headers PATTERN FILES...
system_headers() {
    local pattern=$1
    shift
    grep -nE "^#include <($pattern)" "$@" /dev/null
}

every() {
    find "$@" \( -name '*.[ch]' -o -name '*.def' \) | sort
}

mapfile -t phases < <(every phases)
mapfile -t core < <(every ntcip | grep -Ev '^ntcip/(agent|center/)')
mapfile -t center < <(every ntcip/center)
mapfile -t agent < <(every ntcip | grep '^ntcip/agent')
mapfile -t io < <(every io)
mapfile -t controller < <(every controller)
mapfile -t sim < <(every sim)
mapfile -t all < <(every phases ntcip io controller sim)

verdict "phases include nothing else of ours" "$(not_among 'phases/.*' "${phases[@]}")"
verdict "the ntcip core includes phases only" \
    "$(not_among 'phases/.*|ntcip/.*' "${core[@]}"; ours "${core[@]}" | grep ' ntcip/agent')"
verdict "the agent includes ntcip and phases only" "$(not_among 'phases/.*|ntcip/.*' "${agent[@]}")"
verdict "io includes phases only" "$(not_among 'phases/.*|io/.*' "${io[@]}")"
verdict "what strangers include of ours stands alone" \
    "$(grep -n '^#include' io/sigstate.h | grep -vE '<std(bool|def|int)\.h>')"
verdict "controller does not include sim" "$(not_among '(phases|ntcip|io|controller)/.*' "${controller[@]}")"
verdict "sim includes no more of controller than app.h, config.h and wiring.h, and no agent" \
    "$(not_among 'phases/.*|ntcip/.*|io/.*|sim/.*|controller/(app|config|wiring)[.]h' "${sim[@]}"
    ours "${sim[@]}" | grep ' ntcip/agent')"
verdict "the centre's programs include no more of controller than the journal and the evidence" \
    "$(not_among 'phases/.*|ntcip/center/.*|controller/(evidence|journal|utc_text)[.]h' "${center[@]}")"
verdict "the guard shares no table with the engine" \
    "$(not_among 'phases/(types|frame|guard)[.]h' phases/guard.c phases/guard.h phases/frame.h phases/types.h)"

verdict "phases use no more of the C library than types and memory" \
    "$(grep -nE '^#include <' "${phases[@]}" |
        grep -vE '<(assert|limits|stdbool|stddef|stdint|string)\.h>')"
verdict "only the agent knows net-snmp" \
    "$(system_headers 'net-snmp/' "${phases[@]}" "${core[@]}" "${io[@]}" "${controller[@]}" "${sim[@]}")"
verdict "only io and the simulated cabinet know libmodbus" \
    "$(system_headers 'modbus' "${phases[@]}" "${core[@]}" "${agent[@]}" "${controller[@]}")"
verdict "only the journal knows SQLite" \
    "$(system_headers 'sqlite3' "${all[@]}" | grep -v '^controller/journal')"

# One file a room; the rest is handed the time. The receiver's library, which strangers link, brings its own; the
# simulator reads civil time for its cameras, which have a clock of their own.
clocks='\b(clock_gettime|gettimeofday|timespec_get|ftime) ?\(|\btime ?\((NULL|0|&)'
verdict "clocks are read in one file of controller, io, the agent and sim" \
    "$(grep -nE "$clocks" "${all[@]}" /dev/null | grep -vE '^(controller/clock|io/io_thread|io/sigstate_follow|ntcip/agent_clock|sim/live)\.c:')"
verdict "civil time is read in controller/clock.c, and for cameras" \
    "$(grep -nE 'CLOCK_REALTIME|CLOCK_TAI|\bgettimeofday ?\(|\btime ?\((NULL|0|&)' "${all[@]}" /dev/null |
        grep -vE '^(controller/clock|io/sigstate_follow|sim/live)\.c:')"
verdict "no floating point in phases" "$(grep -nwE 'float|double' "${phases[@]}")"
verdict "nothing is left to be done later" \
    "$(grep -rnwE 'TODO|FIXME|XXX|HACK' "${all[@]}" run check .ci configs docs README.md CONTRIBUTING.md)"

library=${RELEASE_PHASES:-build/phases/libtsc_phases.a}
if [[ -r $library ]]; then
    verdict "the engine calls nothing but memory functions and the compiler's own" \
        "$({
            nm --defined-only "$library" | awk 'NF == 3 { print "defined " $3 }'
            nm --undefined-only "$library" | awk 'NF == 2 { print "wanted " $2 }'
        } | sort -u | awk '
            $1 == "defined" { defined[$2] = 1; next }
            !($2 in defined) && $2 !~ /^(mem(cpy|move|set|cmp)|bcmp|__mem(cpy|move|set)_chk|__stack_chk_fail|__assert_fail|_GLOBAL_OFFSET_TABLE_|__(u?div|u?mod|ashl|ashr|lshr|popcount|ctz|clz)[a-z]*[0-9])$/ { print $2 }')"
else
    verdict "the engine calls nothing but memory functions and the compiler's own" "no library at $library"
fi

# Not failures: where a design may have a missing idea.
wc -l "${all[@]}" | awk '$2 != "total" && $1 > 600 { print "long file: " $2 ": " $1 " lines" }'
awk 'FNR == 1 { start = 0 }
     /^{$/ { start = FNR }
     /^}$/ && start { if (FNR - start - 1 > 60) print "long function: " FILENAME ":" start ": " FNR - start - 1 " lines"; start = 0 }' \
    "${all[@]}"
((failures == 0))
