#!/usr/bin/env bash
# The explorations of one level, two at a time: explore.sh quick|default|full. BIN has the programs.
set -uo pipefail
export LC_ALL=C
: "${BIN:?the directory with the programs}"
level=${1:-default}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
export scratch BIN

# Each line of input is a program and its arguments. Prints what they say, one after the other.
# shellcheck disable=SC2016 # the inner shell expands them
explore_all() {
    nl -n rz -w 4 | xargs -P 2 -L 1 sh -c 'place=$1; shift; program=$1; shift
        "$BIN/$program" "$@" >"$scratch/$place" 2>&1 || echo "$program $*" >>"$scratch/failed"' sh
    cat -- "$scratch"/[0-9]*
}

features() {
    "$BIN/explore" --features
}

runs() {
    case $level in
    quick)
        echo "explore --states 200000 eight+pairs"
        features | sed 's/^/explore --states 20000 five+/'
        ;;
    default)
        echo "explore eight+pairs"
        features | sed 's/^/explore --states 1000000 five+/'
        mutants
        ;;
    full)
        features | sed 's/^/explore eight+/'
        features | while read -r a; do
            features | while read -r b; do
                [[ $a < $b ]] && echo "explore --states 2000000 five+$a+$b"
            done
        done
        ;;
    *)
        echo "explore.sh: quick, default or full" >&2
        exit 2
        ;;
    esac
}

# Every mutant, in a junction in which it cannot hide.
mutants() {
    for mutant in barrier-test skipped-yellow short-green short-red lost-call ped-clear-cut red-revert; do
        echo "explore-$mutant --mutant tee+commands"
    done
    echo "explore-overlap-no-delay --mutant five+overlaps"
}

runs | explore_all
[[ ! -e $scratch/failed ]]
