#!/bin/bash
# Rules of the feed, the receiver, the camera and the clock are taken out one at a time
# (tests/property/crossing/mutants): the property that needs each must find that. BIN has the programs.
set -u
: "${BIN:?the directory with the programs}"

# caught RULE PROPERTY [SEEDS]: whether the property's test fails without the rule.
caught() {
    local said
    said=$(PROPERTY_SEEDS=${3-1} "$BIN/evidence-$1" "$2")
    if [[ $? = 1 && $said == *"FAIL "* ]]; then
        echo "ok mutants: $1 is missed by \"$2\""
    else
        echo "FAIL mutants: $1: expected \"$2\" to fail, came:"
        printf '%s\n' "$said" | sed 's/^/    /'
        failed=1
    fi
}

failed=0
caught yellow-forgotten "around both edges"
caught short-yellow "around both edges"
caught yellow-end "around both edges" 12
caught edge-margin "around both edges"
caught clock-error "around both edges"
caught overtaken-change "around both edges"
caught first-picture "around both edges"
caught missed-change "whole messages"
caught unverified "a read-back that is wrong"
caught reasons-ignored "manual control"
caught structure-forgotten "structural"
caught stale-cabinet "the cabinet lost for half a second"
caught silence "cut off"
caught take-back "burns out"
caught one-look "burns out"
caught parts-in-order "rolled"
caught clock-step "stepped by 5 s ahead"
caught clock-holdover "stepped by 5 s ahead"
caught replay "earlier boot"
caught new-boot "rebooted"
caught signature "flipped"
exit $failed
