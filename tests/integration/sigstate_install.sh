#!/bin/bash
# libsigstate as the maker of a camera meets it: installed, found by pkg-config, linked to the example of the
# documentation, which follows a live feed.
. "$(dirname "$0")/lib.sh"

prefix=$work/prefix
cmake --install "$(dirname "$BIN")" --prefix "$prefix" --component sigstate >"$work/install.out" 2>&1
check "it installs by itself" 0 "$?"
pc=$(find "$prefix" -name sigstate.pc)
export PKG_CONFIG_PATH=${pc%/*}
libs=$(pkg-config --variable=libdir sigstate)
check "pkg-config knows where" "$prefix/include/sigstate.h" "$(realpath -q "$(pkg-config --variable=includedir sigstate)/sigstate.h")"
check "the manual page is there" 0 "$(test -s "$prefix/share/man/man3/sigstate.3"; echo $?)"
check "its names are all its own" "" \
    "$({
        nm -D --defined-only "$libs/libsigstate.so"
        nm -g --defined-only "$libs/libsigstate.a"
    } | awk 'NF == 3 { print $3 }' | grep -v '^sigstate_')"
check "it needs nothing but libcrypto and the C library" "libcrypto libc" \
    "$(readelf -d "$libs/libsigstate.so" | sed -n 's/.*NEEDED.*\[\(lib[a-z]*\)\.so.*/\1/p' | grep -vE '^lib(asan|ubsan|tsan)$' | paste -sd ' ')"

compile() { # OUTPUT ARGUMENT...: with the warnings that a careful stranger has on
    # The library of a build under a sanitizer wants its run-time in the program too.
    local sanitizer=()
    nm -D --undefined-only "$libs/libsigstate.so" | grep -q __asan && sanitizer=("-fsanitize=address,undefined")
    nm -D --undefined-only "$libs/libsigstate.so" | grep -q __tsan && sanitizer=(-fsanitize=thread)
    # shellcheck disable=SC2046 # flags are words
    "${CC:-gcc}" -std=gnu11 -Wall -Wextra -Wpedantic -Wconversion -Werror "${sanitizer[@]}" "${@:2}" -o "$work/$1" \
        $(pkg-config --cflags sigstate)
}
# shellcheck disable=SC2046
compile camera "$ROOT/docs/examples/camera.c" $(pkg-config --libs sigstate) "-Wl,-rpath,$libs"
check "the example compiles, shared" 0 "$?"
# shellcheck disable=SC2046
compile camera-static "$ROOT/docs/examples/camera.c" "$libs/libsigstate.a" $(pkg-config --libs libcrypto)
check "the example compiles, static" 0 "$?"

secret=00112233445566778899aabbccddeeff
sed -e 's/"unitStartUpFlash": 10/"unitStartUpFlash": 2/' -e 's/"unitStartUpAllRed": 5/"unitStartUpAllRed": 1/' \
    -e 's/"phaseMinimumGreen": [0-9]*/"phaseMinimumGreen": 3/' -e 's/"phaseMaximum1": [0-9]*/"phaseMaximum1": 5/' \
    -e 's/"timeBaseScheduleDayPlan": [0-9]/"timeBaseScheduleDayPlan": 0/' \
    -e "s/\"feed\": {/&\"keys\": [{\"id\": \"camera-1\", \"secret\": \"$secret\"}],/" \
    "$ROOT/configs/four-leg.json" >"$work/config.json"
start sim "$BIN/tscsim" live -c "$work/config.json" --demand high --modbus tcp:127.0.0.1:0 --feed tcp:127.0.0.1:9
ready sim || finish
controller() {
    start tscd "$BIN/tscd" -c "$work/config.json" -s "$work/state" --snmp udp:127.0.0.1:0 --feed "$1" --modbus "$(address sim modbus)"
    ready tscd || finish
}
controller tcp:127.0.0.1:0
feed=$(address tscd feed)

# camera NAME GROUP SECRET: begins one, on the controller's own clock; `cross NAME` sends a vehicle past it.
camera() {
    mkfifo "$work/$1.in"
    # shellcheck disable=SC2016 # for the other shell
    start "$1" sh -c 'exec "$1" "$2" "$3" -1 camera-1 "$4" <"$5"' - "$work/$1" "$feed" "$2" "$3" "$work/$1.in"
}
answers() { wc -l <"$work/$1.out"; }
answered() { [ "$(answers "$1")" -gt "$2" ]; }
cross() { # NAME DESCRIPTOR: the verdict
    local before
    before=$(answers "$1")
    echo >&"$2"
    wait_for 10 answered "$1" "$before"
    tail -n 1 "$work/$1.out"
}
camera camera 2 "$secret"
exec 3>"$work/camera.in"
camera camera-static 2 "${secret%f}e"
exec 4>"$work/camera-static.in"

check "who has a wrong key hears nothing" "nothing heard yet" "$(cross camera-static 4)"
# shellcheck disable=SC2053 # the right side is meant as a pattern
sees() { [[ $(cross camera 3) == $1 ]]; }
check "green is seen" 0 "$(wait_for 30 sees "green for *: not red"; echo $?)"
check "an enforceable red is seen" 0 "$(wait_for 60 sees "red for *: enforceable"; echo $?)"
stop tscd
check "a controller that is gone is not believed" "silent for a second" "$(cross camera 3)"
controller "$feed"
check "the camera finds it again, in its start-up" 0 "$(wait_for 20 sees "*-flash for *: not red"; echo $?)"
stop camera
check "the camera had nothing to complain of" "" "$(cat "$work/camera.err")"
finish
