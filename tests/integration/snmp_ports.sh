#!/bin/bash
# Where the agent listens: every kind of address, one that is taken, ones that make no sense, none.
. "$(dirname "$0")/lib.sh"

asc=1.3.6.1.4.1.1206.4.2.1
start agent "$BIN/agent_host" --listen udp:0.0.0.0:0 --listen 'udp6:[::1]:0' --listen 'tcp6:[::1]:0' \
    --community look,127.0.0.0/8,monitor --community look,::1,monitor
ready agent || finish
quick="-v2c -c look -r0 -t2 -OnQ"
# shellcheck disable=SC2086
{
    port=$(address agent snmp udp)
    port=${port##*:}
    check "every address of the machine" ".$asc.1.1.0 = 40" "$(snmpget $quick "127.0.0.1:$port" $asc.1.1.0)"
    # snmpget takes answers from the address it asked only
    check "the answer comes from the address asked" ".$asc.1.1.0 = 40" \
        "$(snmpget $quick "127.0.0.5:$port" $asc.1.1.0)"
    check "UDP over IPv6" ".$asc.1.1.0 = 40" "$(snmpget $quick "$(address agent snmp udp6)" $asc.1.1.0)"
    check "TCP over IPv6" ".$asc.1.1.0 = 40" "$(snmpget $quick "$(address agent snmp tcp6)" $asc.1.1.0)"
}

# refuses CASE STATUS PATTERN ARGUMENT...: it does not start, ends with this status and says why.
refuses() {
    local name=$1 expected=$2 pattern=$3
    shift 3
    start other "$BIN/agent_host" "$@"
    wait_for 10 gone other
    wait "${pid[other]}"
    check "$name: status" "$expected" $?
    unset 'pid[other]'
    check_match "$name: message" "$pattern" "$(cat "$work/other.err")"
}
who=(--community "look,127.0.0.0/8,monitor")
refuses "a port in use" 3 "*udp:127.0.0.1:$port: Address already in use*" --listen "udp:127.0.0.1:$port" "${who[@]}"
taken=$(address agent snmp tcp6)
refuses "a stream's port in use" 3 "*tcp6:*: Address already in use*" --listen udp:127.0.0.1:0 --listen "$taken" "${who[@]}"
refuses "a name instead of an address" 1 "*udp:localhost:161: not an address*" --listen udp:localhost:161 "${who[@]}"
refuses "a port that cannot be" 1 "*not an address*" --listen udp:127.0.0.1:65536 "${who[@]}"
refuses "IPv4 where IPv6 is said" 1 "*not an address*" --listen 'udp6:[127.0.0.1]:0' "${who[@]}"
refuses "a network with stray bits" 1 "*127.0.0.1/8 is not a network*" --listen udp:127.0.0.1:0 \
    --community look,127.0.0.1/8,monitor
refuses "MD5" 1 "*user old: needs*SHA-256*" --listen udp:127.0.0.1:0 --user old,monitor,MD5,AES-128,authentic-1,private-123
refuses "a short passphrase" 1 "*user u: cannot derive*" --listen udp:127.0.0.1:0 --user u,monitor,SHA-256,AES-128,short,private-123
stop agent
check "the agent ends well" 0 "$status"
finish
