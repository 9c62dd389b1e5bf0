#!/bin/sh
# A chassis hook that makes a QEMU guest the machine of a simulated BMC:
#
#   bmc-sim --lan 127.0.0.1:9623 --chassis-hook simulator/examples/chassis-hook-qemu.sh
#   ipmitool -I lanplus -H 127.0.0.1 -p 9623 -U admin -P admin chassis power on
#
# GUEST holds QEMU's own arguments, e.g. "-m 512 -drive file=disk.qcow2". With several BMCs (--count) each has a guest
# of its own: BMC_SIM_INDEX tells them apart. reset, diag and soft need socat to reach the guest.
set -eu

guest=${GUEST:--m 128}
qemu=${QEMU:-qemu-system-x86_64}
directory=${RUN_DIRECTORY:-${XDG_RUNTIME_DIR:-/tmp}}/bmc-sim-guest-${BMC_SIM_INDEX:-0}
pid_file=$directory/pid
monitor=$directory/monitor

is_on() {
    [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null
}

# Tells QEMU something over its monitor socket.
tell() {
    printf '%s\n' "$1" | socat - "UNIX-CONNECT:$monitor" >/dev/null
}

case ${1:-} in
on)
    is_on && exit 0
    mkdir -p -m 700 "$directory"
    # The guest's arguments are words on purpose.
    # shellcheck disable=SC2086
    exec "$qemu" $guest -display none -serial null -daemonize -pidfile "$pid_file" \
        -monitor "unix:$monitor,server=on,wait=off"
    ;;
off)
    is_on || exit 0
    kill "$(cat "$pid_file")"
    ;;
reset) tell system_reset ;;
diag) tell nmi ;;
soft) tell system_powerdown ;;
status) is_on ;;
*)
    echo "usage: $0 on|off|reset|diag|soft|status" >&2
    exit 2
    ;;
esac
